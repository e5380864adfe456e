package pattern

import "strings"

// Token is a typed part of a pattern: what it matches shows in its name, so that a
// status is never a port or a line number.
type Token uint8

// The tokens, as files of tools write them in braces.
const (
	None     Token = iota
	Method         // GET, POST, … in capitals
	Verb           // a method in any case
	URL            // an absolute http or https URL
	Target         // a URL, or a path that begins with a slash
	Template       // a URL that may have holes in it: {{host}}/cards
	Path           // a path that begins with a slash
	Host           // a name or an address, with or without a port
	Port           // the port of a host
	Scheme         // http or https
	Query          // a query string without its question mark
	Status         // three digits from 100 to 599 that stand alone
	Phrase         // a reason phrase, which begins with a capital
	Proto          // 1.1, HTTP/2, h2
	Time           // a date with a time
	Clock          // a time without a date
	Duration       // a number with a unit
	Millis         // a number of milliseconds
	Number         // a number with or without a sign and a fraction
	Size           // a number of bytes, or a dash
	Level          // the level of a log line
	Address        // an IP address, with or without a port
	ID             // what pairs a response with its request
	Word           // anything without a blank
	String         // a quoted string
	Any            // anything up to what follows, as short as possible
	Rest           // the rest of the line
	Name           // the name of a header
	Value          // the rest of the line, or anything up to what follows
	Body           // JSON up to its end, or anything up to what follows
	Failure        // why there is no response, in a client's own words
	Curl           // curl's exit code
	End            // nothing but blanks up to the end of the line
	Newline        // the end of the line, and the indentation of the next
	numTokens
)

func tokenNames() [numTokens]string {
	return [...]string{
		"", "method", "verb", "url", "target", "template", "path", "host", "port", "scheme", "query", "status", "phrase", "proto", "time", "clock", "duration",
		"millis", "number", "size", "level", "address", "id", "word", "string", "any", "rest", "name", "value", "body", "failure", "curl", "end", "newline",
	}
}

func tokenOf(name string) Token {
	for t, n := range tokenNames() {
		if n == name {
			return Token(t)
		}
	}
	return None
}

// isOpen reports whether a token may end before its characters do, where what
// follows it in the pattern begins.
func (t Token) isOpen() bool {
	switch t {
	case URL, Target, Template, Path, Host, Query, Phrase, ID, Word, Any, Value, Body, Failure, Name:
		return true
	}
	return false
}

// mayBeEmpty reports whether a token matches nothing at all.
func (t Token) mayBeEmpty() bool {
	return t == Any || t == Value || t == Rest || t == End || t == Query
}

// extent returns where the longest text ends that a token matches at an offset, at
// if it matches none. end is the end of the line.
func extent(t Token, text string, at, end int) int {
	switch t {
	case Method, Verb:
		return methodEnd(text, at, end, t == Verb)
	case URL:
		if n := schemeLength(text[at:end]); n > 0 {
			return urlEnd(text, at+n, end, at)
		}
		return at
	case Target:
		if n := schemeLength(text[at:end]); n > 0 {
			return urlEnd(text, at+n, end, at)
		}
		return pathEnd(text, at, end)
	case Template:
		return while(text, at, end, isURLByte)
	case Path:
		return pathEnd(text, at, end)
	case Host:
		return hostEnd(text, at, end)
	case Scheme:
		n := while(text, at, min(end, at+6), isLetter)
		if word := text[at:n]; strings.EqualFold(word, "https") || strings.EqualFold(word, "http") {
			return n
		}
	case Status:
		return statusEnd(text, at, end)
	case Phrase:
		return phraseEnd(text, at, end)
	case Proto:
		return protoEnd(text, at, end)
	case Time:
		return at + len(timeAt(text[at:end]))
	case Clock:
		return at + clockLength(text[at:end])
	case Duration:
		return durationEnd(text, at, end)
	case Millis, Number:
		return numberEnd(text, at, end)
	case Size:
		return sizeEnd(text, at, end)
	case Level:
		return while(text, at, min(end, at+12), func(c byte) bool { return isLetter(c) })
	case Address:
		return addressEnd(text, at, end)
	case ID:
		return while(text, at, min(end, at+64), func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("_.:-", c) >= 0 })
	case Query, Word:
		return while(text, at, end, func(c byte) bool { return c > ' ' })
	case String:
		return stringEnd(text, at, end)
	case Name:
		return while(text, at, min(end, at+128), isNameByte)
	case Any, Rest, Value, Failure, Body:
		return end
	case Port:
		if n := while(text, at, end, isDigit); n-at <= 5 {
			return n
		}
	case Curl:
		if n := while(text, at, end, isDigit); n-at <= 3 {
			return n
		}
	}
	return at
}

func while(text string, at, end int, is func(byte) bool) int {
	for at < end && is(text[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }

func isNameByte(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("-_.!#$%&*+^|~", c) >= 0
}

func isMethod(word string) bool {
	switch word {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

func methodEnd(text string, at, end int, anyCase bool) int {
	n := while(text, at, min(end, at+8), isLetter)
	if n < end && isWord(text[n]) || n-at < 3 {
		return at
	}
	word := text[at:n]
	if anyCase {
		word = strings.ToUpper(word)
	}
	if !isMethod(word) {
		return at
	}
	return n
}

func schemeLength(text string) int {
	for _, scheme := range [...]string{"https://", "http://"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// urlEnd returns the end of a URL whose authority begins at an offset, or none.
func urlEnd(text string, at, end, none int) int {
	n := while(text, at, end, isURLByte)
	if n == at || text[at] == '/' {
		return none
	}
	return n
}

func isURLByte(c byte) bool {
	return c > ' ' && c != '"' && c != '<' && c != '>' && c != '`' && c != '\\' && c != 0x7f
}

func pathEnd(text string, at, end int) int {
	if at >= end || text[at] != '/' {
		return at
	}
	return while(text, at, end, isURLByte)
}

func hostEnd(text string, at, end int) int {
	n := at
	if at < end && text[at] == '[' {
		close := strings.IndexByte(text[at:min(end, at+48)], ']')
		if close < 0 {
			return at
		}
		n = at + close + 1
	} else {
		n = while(text, at, min(end, at+255), func(c byte) bool { return isWord(c) || c == '.' || c == '-' })
	}
	if n > at && n+1 < end && text[n] == ':' && isDigit(text[n+1]) {
		n = while(text, n+1, end, isDigit)
	}
	return n
}

func statusEnd(text string, at, end int) int {
	if end-at < 3 || text[at] < '1' || text[at] > '5' || !isDigit(text[at+1]) || !isDigit(text[at+2]) {
		return at
	}
	if end-at > 3 {
		switch c := text[at+3]; {
		case isWord(c):
			return at
		case (c == '.' || c == ':' || c == ',' || c == '-' || c == '/') && end-at > 4 && isWord(text[at+4]):
			return at
		}
	}
	return at + 3
}

// maxPhrase bounds a reason phrase.
const maxPhrase = 60

func phraseEnd(text string, at, end int) int {
	if at >= end || text[at] < 'A' || text[at] > 'Z' {
		return at
	}
	n := while(text, at, min(end, at+maxPhrase), func(c byte) bool { return isLetter(c) || c == ' ' || c == '-' || c == '\'' || c == '_' })
	for n > at && text[n-1] == ' ' {
		n--
	}
	return n
}

func protoEnd(text string, at, end int) int {
	n := while(text, at, min(end, at+24), func(c byte) bool { return isWord(c) || c == '.' || c == '/' })
	switch strings.TrimPrefix(strings.ToLower(text[at:n]), "http/") {
	case "0.9", "1.0", "1.1", "2", "2.0", "3", "3.0", "h2", "h3", "h2_prior_knowledge", "http_1_1", "http_2":
		return n
	}
	return at
}

func numberEnd(text string, at, end int) int {
	n := at
	if n < end && (text[n] == '-' || text[n] == '+') {
		n++
	}
	digits := while(text, n, end, isDigit)
	if digits == n {
		return at
	}
	if digits+1 < end && (text[digits] == '.' || text[digits] == ',') && isDigit(text[digits+1]) {
		digits = while(text, digits+1, end, isDigit)
	}
	return digits
}

func durationEnd(text string, at, end int) int {
	n := at
	for range 4 {
		digits := numberEnd(text, n, end)
		if digits == n {
			break
		}
		unit := digits
		if unit < end && text[unit] == ' ' {
			unit++
		}
		letters := while(text, unit, min(end, unit+12), func(c byte) bool { return isLetter(c) || c >= 0x80 })
		if _, ok := unitOf(text[unit:letters]); !ok {
			break
		}
		n = letters
	}
	return n
}

func sizeEnd(text string, at, end int) int {
	if at < end && text[at] == '-' {
		return at + 1
	}
	n := while(text, at, end, isDigit)
	if n == at {
		return at
	}
	if n+1 < end && text[n] == '.' && isDigit(text[n+1]) {
		n = while(text, n+1, end, isDigit)
	}
	unit := while(text, n, min(end, n+3), isLetter)
	switch strings.ToLower(text[n:unit]) {
	case "b", "kb", "mb", "k", "m", "kib", "mib":
		return unit
	}
	return n
}

func addressEnd(text string, at, end int) int {
	if at < end && text[at] == '[' {
		return hostEnd(text, at, end)
	}
	marks, v4 := 0, true
	n := while(text, at, min(end, at+64), func(c byte) bool {
		switch {
		case c == '.', c == ':':
			marks++
			v4 = v4 && (c == '.' || marks > 3)
		case isDigit(c):
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			v4 = false
		default:
			return false
		}
		return true
	})
	for n > at && (text[n-1] == ':' || text[n-1] == '.') && marks > 3 && v4 {
		n--
	}
	if marks < 2 || v4 && marks < 3 || n < end && isWord(text[n]) {
		return at
	}
	return n
}

func stringEnd(text string, at, end int) int {
	if at >= end || strings.IndexByte("'\"`", text[at]) < 0 {
		return at
	}
	for i := at + 1; i < end; i++ {
		switch text[i] {
		case '\\':
			i++
		case text[at]:
			return i + 1
		}
	}
	return at
}
