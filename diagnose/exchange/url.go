package exchange

import (
	"iter"
	"strings"
)

// URL is a request target, split but not judged: captures hold targets that no
// URL parser accepts ("https:///api/cards/", "$HOST/api/cards/{cardId}"), and
// just these are worth a finding. It masks user info and secret parameters when
// formatted.
type URL struct {
	Scheme   string // lower case, "" when absent
	UserInfo Value  // "user:password"; zero when absent
	Host     string // lower case host, without port; IPv6 keeps its brackets; a variable as written ("{{base}}", "$BASE"), without a scheme, if that is all that is known
	Port     string // "" when absent
	Path     string // raw, percent-encoding kept, "" when absent
	RawQuery string // raw, without "?"
	HasQuery bool   // a "?" was there
	Fragment string

	known *Known // what the request's variables brought
}

// ParseURL splits a target by RFC 3986 appendix B. It accepts anything.
func ParseURL(target string) URL {
	var u URL
	rest := target
	if scheme, after, ok := strings.Cut(rest, "://"); ok && isScheme(scheme) {
		if end := userInfoEnd(after); end > 0 {
			u.UserInfo = Value{raw: after[:end], secret: SecretPassword}
			rest = scheme + "://" + after[end+1:]
		}
	}
	if before, after, ok := strings.Cut(rest, "#"); ok {
		rest, u.Fragment = before, after
	}
	if before, after, ok := strings.Cut(rest, "?"); ok {
		rest, u.RawQuery, u.HasQuery = before, after, true
	}
	if scheme, after, ok := strings.Cut(rest, "://"); ok && isScheme(scheme) {
		u.Scheme = strings.ToLower(scheme)
		authority := after
		if i := strings.IndexByte(after, '/'); i >= 0 {
			authority, rest = after[:i], after[i:]
		} else {
			rest = ""
		}
		u.setAuthority(authority)
	}
	u.Path = rest
	return u
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

func (u *URL) setAuthority(authority string) {
	u.Host, u.Port = splitPort(authority)
}

// SetHost sets host and port from a Host field or an authority ("host:port").
func (u *URL) SetHost(authority string) { u.Host, u.Port = splitPort(authority) }

func splitPort(authority string) (host, port string) {
	authority = strings.ToLower(authority)
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.IndexByte(authority[i:], ']') >= 0 {
		return authority, ""
	}
	for _, c := range authority[i+1:] {
		if c < '0' || c > '9' {
			return authority, ""
		}
	}
	if i == len(authority)-1 && strings.IndexByte(authority[:i], ':') >= 0 && authority[0] != '[' {
		return authority, "" // no host has a colon: what was cut off would be read as user info
	}
	return authority[:i], authority[i+1:]
}

// IsZero reports whether nothing of the target is known.
func (u URL) IsZero() bool { return u == URL{} }

// Authority returns host and port as they stand in a URL.
func (u URL) Authority() string {
	if u.Port == "" {
		return u.Host
	}
	return u.Host + ":" + u.Port
}

// OpenBase reports whether a variable without a value is all that is known of the
// scheme and the host. It may contain the beginning of the path as well.
func (u URL) OpenBase() bool {
	return u.Scheme == "" && u.Host != "" && (strings.IndexByte("$<%", u.Host[0]) >= 0 || strings.HasPrefix(u.Host, "{{"))
}

// String returns the target with its secrets masked.
func (u URL) String() string { return u.text(false) }

// Reveal returns the target as captured.
func (u URL) Reveal() string { return u.text(true) }

func (u URL) text(reveal bool) string {
	var b strings.Builder
	rest := "" // masked together: which host it is says whether a path is a secret
	if u.Scheme != "" {
		b.WriteString(u.Scheme + "://")
		if !u.UserInfo.IsZero() {
			b.WriteString(u.UserInfo.text(reveal) + "@")
		}
		rest = u.Authority()
	} else if u.OpenBase() {
		b.WriteString(u.Host)
	}
	rest += u.Path
	if u.HasQuery {
		rest += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		rest += "#" + u.Fragment
	}
	if !reveal {
		rest = u.known.mask(rest)
	}
	b.WriteString(rest)
	return b.String()
}

// Parameter is one name=value pair of a query, decoded.
type Parameter struct {
	Name, Value string
	HasValue    bool // "=" was there
}

// Query walks over the query's parameters in order, percent-decoded where that is
// possible and as written where it is not (application/x-www-form-urlencoded). It
// keeps none: a hostile query has millions of them.
func (u URL) Query() iter.Seq[Parameter] { return ParseQuery(u.RawQuery) }

// ParseQuery splits name=value pairs joined by "&".
func ParseQuery(raw string) iter.Seq[Parameter] {
	return func(yield func(Parameter) bool) {
		for pair := range strings.SplitSeq(raw, "&") {
			if pair == "" {
				continue
			}
			name, value, has := strings.Cut(pair, "=")
			if !yield(Parameter{Name: decode(name), Value: decode(value), HasValue: has}) {
				return
			}
		}
	}
}

// First returns at most n parameters of a query, and whether there are more.
func First(query iter.Seq[Parameter], n int) (list []Parameter, more bool) {
	for p := range query {
		if len(list) == n {
			return list, true
		}
		list = append(list, p)
	}
	return list, false
}

// PathSegments returns the path's segments, percent-decoded where possible:
// "/api/cards/" gives "api", "cards", "". The last of maxSegments is all the rest,
// slashes included.
func (u URL) PathSegments() []string {
	path := strings.TrimPrefix(u.Path, "/")
	segments := strings.SplitN(path, "/", maxSegments)
	for i, s := range segments {
		segments[i] = decodePath(s)
	}
	return segments
}

// maxSegments is more than any documented path has, many times over.
const maxSegments = 64

func decode(s string) string { return decodePath(strings.ReplaceAll(s, "+", " ")) }

func decodePath(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
