package capture

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// This file reads objects as programs print them: JavaScript's inspection,
// {errorCode: 'X'}, and Python's, {'errorCode': 'X', 'a': None}.

// Bounds of looking for printed objects.
const (
	maxLiterals   = 1000
	maxLiteral    = 64 << 10
	maxBackwards  = 4 << 10
	maxNoLiterals = 20 // that are none after all
)

// printedBodies writes the error bodies of a text as JSON where a program printed
// them as objects of its language. Line breaks stay.
func printedBodies(text string) string {
	if looksLikeError(head(text)) || !strings.Contains(text, "errorCode") {
		return text
	}
	var b strings.Builder
	at, misses, found := 0, 0, false
	for range maxLiterals {
		i := strings.Index(text[at:], "errorCode")
		if i < 0 || misses > maxNoLiterals {
			break
		}
		i += at
		start := openBefore(text[:i], max(at, i-maxBackwards))
		if start < 0 {
			break
		}
		object, size := literalJSON(text[start:min(len(text), start+maxLiteral)])
		if size == 0 || !looksLikeError(object) {
			misses++
			b.WriteString(text[at : i+len("errorCode")])
			at = i + len("errorCode")
			continue
		}
		b.WriteString(text[at:start] + object)
		at, found = start+size, true
	}
	if !found {
		return text
	}
	b.WriteString(text[at:])
	return b.String()
}

// openBefore returns the last bracket of a text that is still open, -1 when there
// is none from an offset on.
func openBefore(text string, from int) int {
	closed := 0
	for i := len(text) - 1; i >= from; i-- {
		switch text[i] {
		case '}':
			closed++
		case '{':
			if closed == 0 {
				return i
			}
			closed--
		}
	}
	return -1
}

// literalJSON writes the object at the beginning of a text as JSON, and returns how
// long it was; 0 when it is none.
func literalJSON(text string) (object string, size int) {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '[' && depth > 0 && elided(text[i:]) != "":
			b.WriteString(`"` + elided(text[i:]) + `"`)
			i += len(elided(text[i:]))
		case c == '{' || c == '[':
			depth++
			b.WriteByte(c)
			i++
		case c == '}' || c == ']':
			depth--
			b.WriteByte(c)
			i++
			if depth == 0 {
				object = b.String()
				if !exchange.ValidJSON([]byte(object)) {
					return "", 0
				}
				return object, i
			}
		case c == '\'' || c == '"' || c == '`':
			n := literalString(&b, text[i:])
			if n == 0 {
				return "", 0
			}
			i += n
		case strings.IndexByte(" \t\n\r,:", c) >= 0:
			b.WriteByte(c)
			i++
		default:
			n := literalWord(&b, text[i:])
			if n == 0 {
				return "", 0
			}
			i += n
		}
	}
	return "", 0
}

// elided returns the name of a type that Node's inspect writes in the place of a value
// that is too deep, or "".
func elided(text string) string {
	for _, name := range [...]string{"[Array]", "[Object]"} {
		if strings.HasPrefix(text, name) {
			return name
		}
	}
	return ""
}

// hasElided reports whether an object has a value that elided replaced.
func hasElided(object string) bool {
	return strings.Contains(object, `"[Array]"`) || strings.Contains(object, `"[Object]"`)
}

// literalString writes the string at the beginning of a text, and returns its
// length, 0 when it does not end.
func literalString(b *strings.Builder, text string) int {
	quote := text[0]
	b.WriteByte('"')
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			b.WriteByte('"')
			return i + 1
		case c == '\\' && i+1 < len(text):
			i++
			if strings.IndexByte(`"\/bfnrtu`, text[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		case c == '"':
			b.WriteString(`\"`)
		case c < ' ':
			return 0
		default:
			b.WriteByte(c)
		}
	}
	return 0
}

// literalWord writes a name, a number or a constant.
func literalWord(b *strings.Builder, text string) int {
	n := 0
	for n < len(text) && (isAlnum(text[n]) || strings.IndexByte("_$.+-", text[n]) >= 0) {
		n++
	}
	word := text[:n]
	if n > 0 && strings.HasPrefix(strings.TrimLeft(text[n:], " "), ":") {
		b.WriteString(`"` + word + `"`)
		return n
	}
	switch word {
	case "true", "false", "null":
	case "True", "False":
		word = strings.ToLower(word)
	case "None", "undefined", "nil":
		word = "null"
	default:
		if _, err := strconv.ParseFloat(word, 64); err != nil {
			return 0
		}
	}
	b.WriteString(word)
	return n
}

// unquotedLiteral is the content of a printed string, and anything else as it is.
func unquotedLiteral(value string) string {
	if len(value) < 2 || strings.IndexByte("'\"`", value[0]) < 0 || value[len(value)-1] != value[0] {
		return value
	}
	var b strings.Builder
	for rest := value[1 : len(value)-1]; rest != ""; {
		n := strings.IndexByte(rest, '\\')
		if n < 0 || n+1 == len(rest) {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:n])
		text, size := unescaped(rest[n+1:])
		b.WriteString(text)
		rest = rest[n+1+size:]
	}
	return b.String()
}

// unescaped is what the escape stands for whose backslash stands before a text, and
// how long it is without that; a character that has no meaning of its own stands for
// itself.
func unescaped(text string) (meant string, size int) {
	if at := strings.IndexByte("nrtbfv0", text[0]); at >= 0 {
		return "\n\r\t\b\f\v\x00"[at : at+1], 1
	}
	r, size := escapedRune(text)
	switch {
	case size == 0:
		return text[:1], 1
	case utf16.IsSurrogate(r) && len(text) > size+1 && text[size] == '\\':
		low, more := escapedRune(text[size+1:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return string(pair), size + 1 + more
		}
	}
	return string(r), size
}

// escapedRune reads xHH, uHHHH and u{H…} at the beginning of a text; size 0 for
// anything else.
func escapedRune(text string) (r rune, size int) {
	digits, size := "", 0
	switch {
	case strings.HasPrefix(text, "u{"):
		digits, _, _ = strings.Cut(text[2:min(len(text), 10)], "}")
		size = len(digits) + 3
	case text[0] == 'u' && len(text) >= 5:
		digits, size = text[1:5], 5
	case text[0] == 'x' && len(text) >= 3:
		digits, size = text[1:3], 3
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || size > len(text) || n > utf8.MaxRune {
		return 0, 0
	}
	return rune(n), size
}
