package exchange

import "strings"

// This file knows the notations in which a name stands beside its value: JSON and
// what is nearly JSON, fields, forms, pairs, parts, elements, options, URLs.

// namedSecret looks at the name before a ":" or "=" and, when it names a
// secret, at the value behind it.
func namedSecret(text string, at int, m mode) (start, end int, secret Secret) {
	name, wide := nameBefore(text, at)
	switch name {
	case "":
		return 0, 0, SecretNone
	case "name":
		return partSecret(text, at, m)
	case "value", "currentvalue", "initialvalue", "defaultvalue":
		return pairSecret(text, at, m)
	}
	secret, toLineEnd := m.secretOf(name)
	if secret == SecretNone || weakContainer(text, at, name) {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text, at+1, toLineEnd && !wide && text[at] == ':')
	value := text[start:end]
	if value == "" || secret != SecretPassword && isPlaceholder(value) || tooWeak(name, value) {
		return 0, 0, SecretNone
	}
	if secret == SecretKey {
		end = wordsEnd(text, end)
	}
	end = max(end, pemEnd(text, start))
	if toLineEnd {
		if scheme, rest, ok := strings.Cut(value, " "); ok && isWord(scheme) && len(scheme) <= 12 && secret == SecretToken {
			if isPlaceholder(rest) {
				return 0, 0, SecretNone
			}
			start += len(scheme) + 1
			if strings.EqualFold(scheme, "basic") {
				secret = SecretPassword // its edges decode to those of the password
			}
		}
	}
	return start, brokenEnd(text, start, end), secret
}

// quotedPersonal is the value of a member about a person as sentences quote it: in
// quotes, or directly behind "=".
func quotedPersonal(text string, at int) (start, end int, secret Secret) {
	name, _ := nameBefore(text, at)
	if begin := valueStart(text, at+1); !isPersonal(name) || text[begin-1] != '=' && (begin == len(text) || text[begin] == '{' || text[begin] == '[') {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text, at+1, false)
	if text[start-1] != '"' && text[start-1] != '=' {
		return 0, 0, SecretNone
	}
	return start, end, SecretPersonal
}

// wordsEnd goes on over the words of a phrase without quotes.
func wordsEnd(text string, end int) int {
	for end+1 < len(text) && (text[end] == ' ' || text[end] == '+') {
		next := runEnd(text, end+1, isLetter)
		if next == end+1 {
			break
		}
		end = next
	}
	return end
}

// pairSecret is the value of a pair whose other member names it: {"key": "pin",
// "value": "0000"}, as collections, HAR and HTML's input elements have it.
func pairSecret(text string, at int, m mode) (start, end int, secret Secret) {
	const reach = 256
	from, to := max(0, at-reach), min(len(text), at+reach)
	open := strings.LastIndexAny(text[from:at], "{<")
	if open < 0 {
		return 0, 0, SecretNone
	}
	from += open + 1
	secret, name := siblingSecret(text[from:at], m)
	if secret == SecretNone {
		secret, name = siblingSecret(text[at+1:to], m)
	}
	if secret == SecretNone { // "token": {"value": "…"}
		if outer := strings.TrimRight(text[:from-1], " \t\r\n"); strings.HasSuffix(outer, ":") {
			name, _ = nameBefore(outer, len(outer)-1)
			secret, _ = m.secretOf(name)
		}
	}
	if secret == SecretNone || weakContainer(text, at, name) {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text, at+1, false)
	if value := text[start:end]; value == "" || isPlaceholder(value) || tooWeak(name, value) {
		return 0, 0, SecretNone
	}
	return start, end, secret
}

// siblingSecret finds the member that names what the pair's value is.
func siblingSecret(members string, m mode) (Secret, string) {
	for i := 0; i < len(members); i++ {
		switch c := members[i]; {
		case c == '{' || c == '<':
			return SecretNone, "" // the next pair
		case c != ':' && c != '=':
			continue
		}
		label, _ := nameBefore(members, i)
		if label != "key" && label != "name" && label != "type" && label != "id" {
			continue
		}
		start, end := valueAfter(members, i+1, false)
		name := plainName(members[start:end])
		if secret, _ := m.secretOf(name); secret != SecretNone {
			return secret, name
		}
	}
	return SecretNone, ""
}

// partSecret is the content of a part of multipart/form-data (RFC 7578) whose
// name is a secret's.
func partSecret(text string, at int, m mode) (start, end int, secret Secret) {
	if line := text[max(0, at-128):at]; !strings.Contains(line, "form-data") && !strings.Contains(line, "Form-Data") {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text[:min(len(text), at+128)], at+1, false)
	secret, _ = m.secretOf(plainName(text[start:end]))
	if secret == SecretNone {
		return 0, 0, SecretNone
	}
	lineBreak := "\n"
	if strings.HasPrefix(text[end:], `".`) || strings.HasPrefix(text[end:], `\".`) {
		lineBreak = "." // curl --trace-ascii writes dots
	}
	if start, end = partContent(text, end, lineBreak); end == 0 {
		return 0, 0, SecretNone
	}
	return start, end, secret
}

// partContent returns the bounds of what stands behind the fields of a part; at is
// the end of its name. The empty line between may be lost. end is 0 where no part
// goes on there.
func partContent(text string, at int, lineBreak string) (start, end int) {
	const reach = 512
	i := strings.Index(text[at:min(len(text), at+reach)], lineBreak)
	if i < 0 {
		return 0, 0
	}
	start = at + i + len(lineBreak)
	for isPartField(text[start:]) {
		i := strings.Index(text[start:min(len(text), start+reach)], lineBreak)
		if i < 0 {
			return 0, 0
		}
		start += i + len(lineBreak)
	}
	start += len(text[start:]) - len(strings.TrimPrefix(strings.TrimPrefix(text[start:], "\r"), lineBreak))
	end = min(len(text), start+maxPart)
	if j := strings.Index(text[start:end], lineBreak+"--"); j >= 0 {
		end = start + j
	}
	return start, start + len(strings.TrimRight(text[start:end], "\r\n"))
}

// isPartField reports whether a text begins with a field of a part: RFC 7578
// section 4.8 knows no others than these.
func isPartField(text string) bool {
	const prefix = "content-"
	return len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// maxPart is how long a secret's part may be.
const maxPart = 16 << 10

// elementSecret is the content of an XML element whose name is a secret's; at is
// the ">" of its start tag.
func elementSecret(text string, at int, m mode) (start, end int, secret Secret) {
	const reach = 128
	from := max(0, at-reach)
	i := strings.LastIndexByte(text[from:at], '<')
	if i < 0 {
		return 0, 0, SecretNone
	}
	name, _, _ := strings.Cut(text[from+i+1:at], " ")
	secret, _ = m.secretOf(plainName(name))
	if secret == SecretNone || strings.HasPrefix(name, "/") {
		return 0, 0, SecretNone
	}
	const data = "<![CDATA["
	start, end = at+1, len(text)
	stop := "<"
	if strings.HasPrefix(text[start:], data) {
		start, stop = start+len(data), "]]>"
	}
	if j := strings.Index(text[start:], stop); j >= 0 {
		end = start + j
	}
	if value := strings.TrimSpace(text[start:end]); value == "" || isPlaceholder(value) {
		return 0, 0, SecretNone
	}
	return start, end, secret
}

// listedSecret is the value behind a name in a list of both, as Node's rawHeaders
// and lists of pairs have them: ["authorization", "Bearer …"]; at is the comma
// between. A list of names holds no secret: what is one has eight characters and a
// digit among them.
func listedSecret(text string, at int, m mode) (start, end int, secret Secret) {
	if at == 0 || text[at-1] != '"' {
		return 0, 0, SecretNone
	}
	name, _ := nameBefore(text, at)
	if secret, _ = m.secretOf(name); secret == SecretNone || secret == SecretPersonal {
		return 0, 0, SecretNone
	}
	begin := runEnd(text, at+1, func(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 })
	if !strings.HasPrefix(text[begin:], `"`) && !strings.HasPrefix(text[begin:], `\"`) {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text, begin, false)
	value := text[start:end]
	behind := strings.TrimLeft(text[end:min(len(text), end+8)], "\\\" \t")
	if len(value) < 8 || !strings.ContainsAny(value, "0123456789") || strings.HasPrefix(behind, ":") || isPlaceholder(value) || tooWeak(name, value) {
		return 0, 0, SecretNone
	}
	if scheme, _, ok := strings.Cut(value, " "); ok && secret == SecretToken && isWord(scheme) {
		start += len(scheme) + 1
		if strings.EqualFold(scheme, "basic") {
			secret = SecretPassword // its edges decode to those of the password
		}
	}
	return start, end, secret
}

// optionSecret is the value of a client's option that holds a credential:
// -u user:password, -suuser:password, --proxy user:password@host.
func optionSecret(text string, at int) (start, end int, secret Secret) {
	if at > 0 && strings.IndexByte(" \t\n'\"`[,", text[at-1]) < 0 {
		return 0, 0, SecretNone
	}
	end = runEnd(text, at+1, isNameByte)
	holds := optionHolds(text[at:end])
	if holds == holdsNothing {
		if holds, end = shortOption(text, at); holds == holdsNothing {
			return 0, 0, SecretNone
		}
	}
	for end < len(text) && strings.IndexByte("\"',", text[end]) >= 0 {
		end++
	}
	start, end = optionValue(text, end)
	value := text[start:end]
	switch holds {
	case holdsUser:
		i := strings.IndexByte(value, ':')
		if i < 0 || isPlaceholder(value[i+1:]) {
			return 0, 0, SecretNone
		}
		return start + i + 1, end, SecretPassword
	case holdsProxy:
		at, i := strings.LastIndexByte(value, '@'), strings.IndexByte(value, ':')
		if i < 0 || at < i || strings.Contains(value, "://") || isPlaceholder(value[i+1:at]) {
			return 0, 0, SecretNone // userInfo knows those of URLs
		}
		return start + i + 1, start + at, SecretPassword
	case holdsCookie:
		if !strings.Contains(value, "=") {
			return 0, 0, SecretNone
		}
		return start, end, SecretCookie
	}
	if isPlaceholder(value) {
		return 0, 0, SecretNone
	}
	return start, end, SecretPassword
}

// What the value of a client's option holds.
type held int

const (
	holdsNothing held = iota
	holdsUser         // user:password
	holdsProxy        // [user:password@]host
	holdsCookie       // name=value, or a file
	holdsSecret
)

func optionHolds(option string) held {
	switch option {
	case "-u", "--user", "-U", "--proxy-user":
		return holdsUser
	case "-x", "--proxy", "--preproxy", "--socks4", "--socks4a", "--socks5", "--socks5-hostname":
		return holdsProxy
	case "-b", "--cookie":
		return holdsCookie
	case "--oauth2-bearer", "--pass", "--proxy-pass", "--tlspassword", "--proxy-tlspassword", "--password", "--http-password", "--proxy-password":
		return holdsSecret
	}
	return holdsNothing
}

// shortOption reads a word as curl reads one with several short options, or with a
// value attached: -siu user:password, -uuser:password. end is where the value may
// begin. Such words mean something else where no curl stands before them.
func shortOption(text string, at int) (holds held, end int) {
	const reach = 2 << 10
	end = at + 1
	for end < len(text) && strings.IndexByte("#0123456afgiIjJklLMnNOpqRsSvZ", text[end]) >= 0 {
		end++
	}
	if end == len(text) {
		return holdsNothing, 0
	}
	holds = optionHolds("-" + text[end:end+1])
	if holds == holdsNothing || !strings.Contains(text[max(0, at-reach):at], "curl") {
		return holdsNothing, 0
	}
	return holds, end + 1
}

// optionValue returns the bounds of an option's value: of one in quotes, or up to
// the next space.
func optionValue(text string, at int) (start, end int) {
	for at < len(text) && (text[at] == ' ' || text[at] == '=') {
		at++
	}
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		return at + 1, quotedEnd(text, at+1, text[at:at+1])
	}
	return at, runEnd(text, at, func(c byte) bool { return strings.IndexByte(" \t\r\n\"'", c) < 0 })
}

// userInfo is what stands before the "@" of a URL's authority (RFC 3986 section
// 3.2.1); at is the ":" of "://".
func userInfo(text string, at int) (start, end int, secret Secret) {
	if !strings.HasPrefix(text[at:], "://") {
		return 0, 0, SecretNone
	}
	start = at + len("://")
	end = start + userInfoEnd(text[start:])
	return start, end, SecretPassword
}

// userInfoEnd returns where the user info of an authority ends, 0 when there is
// none. A password may hold what belongs behind the host; then what looks like
// the port is none.
func userInfoEnd(text string) int {
	const reach = 256
	rest := runEnd(text[:min(len(text), 1024)], 0, func(c byte) bool { return strings.IndexByte("/?# \t\r\n\"'<>`", c) < 0 })
	authority := text[:rest]
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return i
	}
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.HasSuffix(authority, "]") || strings.Trim(authority[i+1:], "0123456789") == "" {
		return 0
	}
	end := runEnd(text[:min(len(text), rest+reach)], rest, func(c byte) bool { return strings.IndexByte(" \t\r\n\"'<>`", c) < 0 })
	return max(0, strings.LastIndexByte(text[:end], '@'))
}

// valueAfter returns the bounds of the value behind a delimiter: of a text
// without its quotes, of a container with its brackets.
func valueAfter(text string, at int, toLineEnd bool) (start, end int) {
	start = valueStart(text, at)
	for _, quote := range [...]string{`\"`, `"""`, `'''`, `""`, `''`, `"`, `'`} {
		if strings.HasPrefix(text[start:], quote) && (!isDoubled(quote) || begins(text, start+len(quote))) {
			return start + len(quote), quotedEnd(text, start+len(quote), quote)
		}
	}
	if start < len(text) && (text[start] == '[' || text[start] == '{' && !strings.HasPrefix(text[start:], "{{")) && !toLineEnd {
		return start, start + Brackets(text[start:]).End
	}
	if end = placeholderEnd(text, start); end > 0 {
		return start, end
	}
	end = start
	for end < len(text) {
		c := text[end]
		if toLineEnd && c == '=' && end+1 < len(text) && text[end+1] == '"' {
			end = min(quotedEnd(text, end+2, `"`)+1, len(text)) // a quoted value of a cookie or a parameter
			continue
		}
		if c == '\n' || c == '\r' || c == '"' || c == '\'' || !toLineEnd && strings.IndexByte(" \t&,;}])<>\\", c) >= 0 {
			break
		}
		end++
	}
	return start, end
}

// valueStart returns where the value behind a delimiter begins, with its quotes.
func valueStart(text string, at int) int {
	if at < len(text) && text[at] == '>' {
		at++ // pin => 0000
	}
	at = runEnd(text, at, func(c byte) bool { return c == ' ' || c == '\t' })
	if far := quoteBehind(text, at); far > at {
		return far
	}
	return at
}

// quoteBehind returns where the quote stands that begins a value behind line breaks,
// comments or the letters of Python's strings, 0 when none does.
func quoteBehind(text string, at int) int {
	const reach = 256
	text = text[:min(len(text), at+reach)]
	start := at
	for at < len(text) {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
			continue
		case strings.HasPrefix(text[at:], "/*"):
			i := strings.Index(text[at+2:], "*/")
			if i < 0 {
				return 0
			}
			at += 2 + i + 2
			continue
		case c == '"' || c == '\'':
			return at
		case strings.IndexByte("ubrUBR", c) >= 0 && at+1 < len(text) && (text[at+1] == '"' || text[at+1] == '\'') && at < start+2:
			return at + 1
		}
		return 0
	}
	return 0
}

// weakContainer reports whether behind the delimiter a container begins that is
// judged by what stands in it. Its end is not looked for: others may begin in it,
// and for each of them the whole text would be read.
func weakContainer(text string, at int, name string) bool {
	start := valueStart(text, at+1)
	return start < len(text) && (text[start] == '{' || text[start] == '[') && tooWeak(name, text[start:start+1])
}

// isDoubled knows the quotes within quotes of CSV (RFC 4180) and YAML.
func isDoubled(quote string) bool { return quote == `""` || quote == `''` }

// begins reports whether a value begins here, and no empty one has ended.
func begins(text string, at int) bool {
	return at < len(text) && strings.IndexByte(" \t\r\n,;:&)]}<>\"'", text[at]) < 0
}

// placeholderEnd returns the end of a placeholder in brackets that begins here
// without quotes: "{{cardToken}}", "${TOKEN}". 0 if none does.
func placeholderEnd(text string, at int) int {
	const reach = 100
	for _, p := range [...][2]string{{"{{", "}}"}, {"${", "}"}} {
		if !strings.HasPrefix(text[at:], p[0]) {
			continue
		}
		i := strings.Index(text[at:min(len(text), at+reach)], p[1])
		if end := at + i + len(p[1]); i > 0 && isPlaceholder(text[at:end]) && (end == len(text) || !isLetterOrDigit(text[end])) {
			return end
		}
	}
	return 0
}

func quotedEnd(text string, at int, quote string) int {
	for at < len(text) && text[at] != '\n' && !strings.HasPrefix(text[at:], quote) {
		if text[at] == '\\' && quote != `\"` {
			at++
		}
		at++
	}
	return min(at, len(text))
}
