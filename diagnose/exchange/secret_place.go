package exchange

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// This file knows the notations in which a name stands beside its value: JSON and
// what is nearly JSON, fields, forms, parts, options, URLs.

// named looks at the name before a ":" or "=" and, when it names a secret, at the value
// behind it.
func (s *scanner) named() bool {
	text, at := s.text, s.at
	name, wide := nameBefore(text, at)
	if name == "" || text[at] == 0 && len(name) < len("token") {
		return false // in what is binary, three letters are found everywhere
	}
	of := s.mode.meaningOf(name)
	if of.secret == SecretNone {
		switch kind := normalName(name); {
		case isLabel(kind):
			if start, end, secret := partSecret(text, at, s.mode); kind == "name" && s.add(start, end, secret) {
				return true
			}
			const reach = 256
			start, end := valueAfter(text[:min(len(text), at+reach)], at+1, false)
			s.label(kind, text[start:end])
		case isPaired(kind):
			return s.paired()
		}
		return false
	}
	if weakContainer(text, at, of) {
		s.objects.inner = of
		return false
	}
	toLineEnd := of.line && !wide && text[at] == ':'
	start, end := valueAfter(text, at+1, toLineEnd)
	if !wide && (start == end || strings.IndexByte("|>", text[start]) >= 0 && end-start <= 2) {
		start, end = blockAfter(text, at)
	}
	value := text[start:end]
	if value == "" || of.secret != SecretPassword && isPlaceholder(value) || of.passes(value) {
		return false
	}
	if of.secret == SecretKey {
		end = wordsEnd(text, end)
	}
	end = max(end, pemEnd(text, start))
	if of.line {
		return s.add(credentials(text, start, end, of.secret))
	}
	return s.add(start, brokenEnd(text, start, end), of.secret)
}

// credentials leaves the scheme before a token alone (RFC 9110 section 11.4).
func credentials(text string, start, end int, secret Secret) (int, int, Secret) {
	if scheme, rest, ok := strings.Cut(text[start:end], " "); ok && isWord(scheme) && len(scheme) <= 12 && secret == SecretToken {
		if isPlaceholder(rest) {
			return 0, 0, SecretNone
		}
		start += len(scheme) + 1
		if strings.EqualFold(scheme, "basic") {
			secret = SecretPassword // its edges decode to those of the password
		}
	}
	return start, brokenEnd(text, start, end), secret
}

// blockAfter returns the bounds of a value that stands below its name, as YAML has
// them: indented, behind "|" or ">", or as the items of a list.
func blockAfter(text string, at int) (start, end int) {
	first := lineEnd(text, at)
	if strings.Trim(text[at+1:first], "|>-+0123456789 \t\r") != "" || first == len(text) {
		return 0, 0
	}
	const reach = 128
	head := text[max(0, at-reach):at]
	head = head[strings.LastIndexByte(head, '\n')+1:]
	depth := len(head) - len(strings.TrimLeft(head, " \t"))
	for line := first + 1; line < len(text); line = end + 1 {
		end = lineEnd(text, line)
		begin := runEnd(text[:end], line, func(c byte) bool { return c == ' ' || c == '\t' })
		item := strings.HasPrefix(text[begin:end], "- ")
		if begin-line < depth || begin-line == depth && !item || begin == end {
			end = line - 1
			break
		}
		if item {
			begin += len("- ")
		}
		if start == 0 {
			if start = begin; strings.Contains(text[start:end]+" ", ": ") || strings.HasSuffix(text[start:end], ":") {
				return 0, 0 // fields with names of their own
			}
		}
	}
	if start == 0 {
		return 0, 0
	}
	return start, end
}

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// quotedPersonal is the value of a member about a person as sentences quote it: in
// quotes, or directly behind "=".
func quotedPersonal(text string, at int) (start, end int, secret Secret) {
	name, _ := nameBefore(text, at)
	if begin := valueStart(text, at+1); !isPersonal(normalName(name)) || text[begin-1] != '=' && (begin == len(text) || text[begin] == '{' || text[begin] == '[') {
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
	for {
		next := separated(text, end, maxSeparators)
		last := runEnd(text, next, func(c byte) bool { return isLetter(c) || c >= utf8.RuneSelf })
		if next == end || last-next < 3 || strings.IndexByte(text[end:next], '\n') >= 0 || strings.ContainsAny(text[end:next], "\"'{}[]:=") {
			return end
		}
		end = last
	}
}

// partSecret is the content of a part of multipart/form-data (RFC 7578) whose
// name is a secret's.
func partSecret(text string, at int, m mode) (start, end int, secret Secret) {
	if line := text[max(0, at-128):at]; !strings.Contains(line, "form-data") && !strings.Contains(line, "Form-Data") {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text[:min(len(text), at+128)], at+1, false)
	if secret = m.meaningOf(lastName(unescapeAll(text[start:end]))).secret; secret == SecretNone {
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

// optionSecret is the value of a client's option that holds a credential:
// -u user:password, -suuser:password, --proxy user:password@host.
func optionSecret(text string, at int) (start, end int, secret Secret) {
	if at > 0 && strings.IndexByte(" \t\n'\"`[,", text[at-1]) < 0 {
		return 0, 0, SecretNone
	}
	end = runEnd(text, at+1, isNameByte)
	holds, of := optionHolds(text, at, end)
	joined := end < len(text) && text[end] == '='
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
		if i < 0 && text[at:at+2] == "-a" && !isPlaceholder(value) {
			return start, end, SecretPassword // of a bearer token
		}
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
	prose := !joined && of.secret != SecretNone && len(value) <= 5 && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz,.;") == ""
	if isPlaceholder(value) || strings.HasPrefix(value, "-") || prose || of.passes(value) {
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

// optionHolds says what the option text[at:end] holds, and what its name says.
func optionHolds(text string, at, end int) (held, meaning) {
	switch option := text[at:end]; option {
	case "-u", "--user", "-U", "--proxy-user":
		return holdsUser, meaning{}
	case "-x", "--proxy", "--preproxy", "--socks4", "--socks4a", "--socks5", "--socks5-hostname":
		return holdsProxy, meaning{}
	case "-b", "--cookie":
		return holdsCookie, meaning{}
	case "--oauth2-bearer", "--pass":
		return holdsSecret, meaning{}
	case "-a", "--auth":
		if program(text, at, "http", "https", "xh", "xhs") {
			return holdsUser, meaning{}
		}
	case "-p":
		if program(text, at, "sshpass", "mysql", "mongo", "mongosh") {
			return holdsSecret, meaning{}
		}
	default:
		if of := meaningOf(option); strings.HasPrefix(option, "--") && of.secret != SecretNone {
			return holdsSecret, of
		}
	}
	return holdsNothing, meaning{}
}

// program reports whether the line before an option begins with one of these programs.
func program(text string, at int, names ...string) bool {
	const reach = 128
	line := text[max(0, at-reach):at]
	words := strings.Fields(line[strings.LastIndexByte(line, '\n')+1:])
	return slices.ContainsFunc(words[:min(len(words), 4)], func(w string) bool { return slices.Contains(names, w) })
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
	holds, _ = optionHolds("-"+text[end:end+1], 0, 2)
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
		if c == 0 || c == '\n' || c == '\r' || c == '"' || c == '\'' || !toLineEnd && strings.IndexByte(" \t&,;}])<>\\", c) >= 0 {
			break
		}
		end++
	}
	return start, end
}

// valueStart returns where the value behind a delimiter begins, with its quotes.
func valueStart(text string, at int) int {
	if at < len(text) && text[at] == '>' { // pin => 0000
		if end := runEnd(text, at+1, func(c byte) bool { return c <= ' ' }); wrappedQuote(text, end) > 0 {
			at = end - 1
		}
		at++
	}
	at = runEnd(text, at, func(c byte) bool { return c == ' ' || c == '\t' })
	return max(at, quoteBehind(text, at), wrappedQuote(text, at))
}

// wrappedQuote returns where the quote stands that begins a value within a call, a
// conversion or a literal of a type: Some("…"), []string{"…"}, string(4) "…". 0 if
// none does.
func wrappedQuote(text string, at int) int {
	const reach = 48
	if at == len(text) || !isLetter(text[at]) && strings.IndexByte("&*@$", text[at]) < 0 && !strings.HasPrefix(text[at:], "[]") {
		return 0
	}
	opened := false
	for i := at; i < min(len(text), at+reach); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\'':
			if opened || i == at+1 && !isLetter(text[at]) {
				return i
			}
			return 0
		case c == '(' || c == '{' || c == '[' || c == '<':
			opened = true
		case !isNameByte(c) && strings.IndexByte(".&*@$", c) < 0 && (!opened || strings.IndexByte(" )]>", c) < 0):
			return 0
		}
	}
	return 0
}

// quoteBehind returns where the quote stands that begins a value behind line breaks,
// comments or the letters of Python's strings, 0 when none does.
func quoteBehind(text string, at int) int {
	const reach = 256
	text = text[:min(len(text), at+reach)]
	start := at
	for at < len(text) {
		switch c := text[at]; {
		case c == '\n':
			at = linePrefix(text, at+1)
			continue
		case c == ' ' || c == '\t' || c == '\r':
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
func weakContainer(text string, at int, of meaning) bool {
	const reach = 64
	start := valueStart(text, at+1)
	return start < len(text) && (text[start] == '{' || text[start] == '[') && of.passes(text[start:min(len(text), start+reach)])
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
