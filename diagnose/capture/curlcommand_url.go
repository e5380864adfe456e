package capture

import (
	"fmt"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// looksLikeURL tells a URL from another word, as far as a command line shows.
func looksLikeURL(word string) bool {
	word = strings.Trim(word, `'"`)
	host, _, _ := strings.Cut(word, "/")
	switch {
	case strings.Contains(word, "://"), strings.HasPrefix(word, "localhost"), strings.HasPrefix(word, "{{"), strings.HasPrefix(word, "["):
		return true
	case strings.HasPrefix(word, "$"), strings.HasPrefix(word, "%"):
		return strings.Contains(word, "/") || len(word) > 1
	}
	name, port, _ := strings.Cut(host, ":")
	return strings.Contains(strings.Trim(name, "."), ".") && !strings.ContainsAny(host, " ,;()<>\"'") && strings.Trim(port, "0123456789") == "" &&
		(strings.Contains(word, "/") || !strings.HasSuffix(word, "."))
}

// parseCurlURL splits a URL as curl understands it: without a scheme it is http,
// without a path it is "/", dot segments are resolved (RFC 3986 section 5.2.4).
func parseCurlURL(written, scheme string, asIs bool) exchange.URL {
	target := strings.TrimSpace(written)
	if isOpenURL(target) {
		return openURL(target)
	}
	if before, after, ok := strings.Cut(target, ":"); ok && strings.HasPrefix(after, "/") && !strings.HasPrefix(after, "//") && isLetters(before) {
		target = before + ":/" + after // curl takes "https:/host" and "https:///host" too
	}
	if !strings.Contains(target, "://") {
		if scheme == "" {
			scheme = guessedScheme(target)
		}
		target = scheme + "://" + target
	}
	target = authorityEnd(target)
	u := exchange.ParseURL(target)
	u.Fragment = ""
	u.Path = escapeURL(u.Path)
	if u.Path == "" {
		u.Path = "/"
	}
	if !asIs {
		u.Path = withoutDots(u.Path)
	}
	return u
}

// isOpenURL reports whether a variable stands where a URL begins, so that not even
// its scheme is known.
func isOpenURL(target string) bool {
	return strings.HasPrefix(target, "$") || strings.HasPrefix(target, "{{") || strings.HasPrefix(target, "<") || strings.HasPrefix(target, "%") && strings.Count(target, "%") > 1
}

func isLetters(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") == ""
}

// guessedScheme is http, except for a host whose name begins with another
// protocol's.
func guessedScheme(target string) string {
	for _, name := range []string{"ftp", "dict", "ldap", "imap", "smtp", "pop3"} {
		if len(target) > len(name) && strings.EqualFold(target[:len(name)], name) && target[len(name)] == '.' {
			return name
		}
	}
	return "http"
}

// authorityEnd puts a slash between an authority and a query that follows it at
// once.
func authorityEnd(target string) string {
	i := strings.Index(target, "://") + len("://")
	end := strings.IndexAny(target[i:], "/?#")
	if end < 0 || target[i+end] == '/' {
		return target
	}
	return target[:i+end] + "/" + target[i+end:]
}

// escapeURL percent-encodes what is not ASCII in a path, as curl does.
func escapeURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// withoutDots resolves the segments "." and "..".
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	segments := strings.Split(path, "/")[1:]
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, s)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}

// expandURL does curl's globbing: {one,two}, [1-9], [01-20:3], [a-z].
func (t *curlTransfer) expandURL(written string) ([]string, error) {
	if t.globOff || !strings.ContainsAny(written, "{[") {
		return []string{written}, nil
	}
	list := []string{""}
	for rest := written; rest != ""; {
		var choices []string
		var err error
		choices, rest, err = t.globPart(rest, written)
		if err != nil {
			return nil, err
		}
		var grown []string
		for _, before := range list {
			for _, choice := range choices {
				if len(grown) >= maxCurlRequests {
					break
				}
				grown = append(grown, before+choice)
			}
		}
		list = grown
	}
	return list, nil
}

// globPart takes the literal text, the set or the range at the beginning.
func (t *curlTransfer) globPart(rest, whole string) (choices []string, after string, err error) {
	switch rest[0] {
	case '{':
		return t.globSet(rest, whole)
	case '[':
		if end := strings.IndexByte(rest, ']'); end > 0 && strings.Contains(rest[:end], ":") && strings.Trim(rest[1:end], "0123456789abcdefABCDEF:.%") == "" && strings.Count(rest[:end], ":") > 1 {
			return []string{rest[:end+1]}, rest[end+1:], nil // an IPv6 address
		}
		return globRange(rest)
	}
	var b strings.Builder
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && i+1 < len(rest) && strings.IndexByte("{}[]", rest[i+1]) >= 0:
			i++
			b.WriteByte(rest[i])
		case rest[i] == '{' || rest[i] == '[':
			return []string{b.String()}, rest[i:], nil
		default:
			b.WriteByte(rest[i])
		}
	}
	return []string{b.String()}, "", nil
}

// globSet takes "{one,two}". A set of one is what people leave who copied a
// route with its parameter: curl would send the bare name, and the finding needs
// the braces, so they stay.
func (t *curlTransfer) globSet(rest, whole string) (choices []string, after string, err error) {
	if strings.HasPrefix(rest, "{{") {
		if i := strings.Index(rest, "}}"); i > 0 {
			return []string{rest[:i+2]}, rest[i+2:], nil
		}
	}
	end := strings.IndexByte(rest, '}')
	if end < 0 {
		return nil, "", fmt.Errorf("%w: unclosed brace in the URL %q", ErrCurlUsage, masked(whole))
	}
	if end > 0 && rest[1:end] != "" && !strings.Contains(rest[1:end], ",") || strings.HasSuffix(whole[:len(whole)-len(rest)], "$") {
		if !strings.HasSuffix(whole[:len(whole)-len(rest)], "$") {
			t.note("curl treats %s in a URL as a set and sends it without its braces", shorten(exchange.MaskText(rest[:end+1]), 40))
		}
		return []string{rest[:end+1]}, rest[end+1:], nil
	}
	return strings.Split(rest[1:end], ","), rest[end+1:], nil
}

func masked(s string) string { return shorten(exchange.MaskText(s), 100) }

// globRange takes "[1-9]", "[a-z]", each with ":step" if need be.
func globRange(rest string) (choices []string, after string, err error) {
	end := strings.IndexByte(rest, ']')
	if end < 0 {
		return nil, "", fmt.Errorf("%w: unclosed bracket in the URL: %q", ErrCurlUsage, masked(rest))
	}
	span, stepText, stepped := strings.Cut(rest[1:end], ":")
	from, to, ok := strings.Cut(span, "-")
	step := 1
	if stepped {
		step, err = strconv.Atoi(stepText)
	}
	if !ok || err != nil || step < 1 || from == "" || to == "" {
		return nil, "", badRange(rest[:end+1])
	}
	if len(from) == 1 && len(to) == 1 && isLetters(from) && isLetters(to) {
		for c := int(from[0]); c <= int(to[0]); c += step {
			choices = append(choices, string(rune(c)))
		}
	} else {
		choices = numbers(from, to, step)
	}
	if len(choices) == 0 {
		return nil, "", badRange(rest[:end+1])
	}
	return choices, rest[end+1:], nil
}

func badRange(text string) error {
	return fmt.Errorf("%w: %q in the URL isn't a range (use -g, or put a backslash before the bracket)", ErrCurlUsage, masked(text))
}

// numbers counts with the width that a leading zero asks for.
func numbers(from, to string, step int) []string {
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || first > last {
		return nil
	}
	width := 0
	if strings.HasPrefix(from, "0") {
		width = min(len(from), 20)
	}
	var list []string
	for n := first; n <= last && len(list) < maxCurlRequests; n += step {
		list = append(list, fmt.Sprintf("%0*d", width, n))
	}
	return list
}
