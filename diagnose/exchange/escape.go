package exchange

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file reads what is written with escapes: percent-encoding (RFC 3986
// section 2.1), the backslashes of JSON (RFC 8259 section 7) and of programming
// languages, HTML's character references, and JSON Pointers (RFC 6901 section 3).
// Signs that stand for others are escapes as well: digits of other scripts, wide
// letters, typographic quotes, blanks and hyphens, and what is not seen.

// unescape takes one level of escapes away and reports whether there was any.
func unescape(text string) (plain string, changed bool) {
	var b strings.Builder
	last := 0
	for i := 0; i < len(text); {
		if !mayEscape(text[i]) {
			i++
			continue
		}
		r, size := escapeAt(text, i)
		if size == 0 {
			i++
			continue
		}
		if !changed {
			b.Grow(len(text))
		}
		b.WriteString(text[last:i])
		writeEscaped(&b, r)
		i += size
		last, changed = i, true
	}
	if !changed {
		return text, false
	}
	b.WriteString(text[last:])
	return b.String(), true
}

// mayEscape reports whether an escape may begin with a byte.
func mayEscape(c byte) bool {
	return c >= utf8.RuneSelf || c == '%' || c == '\\' || c == '&' || c == '\'' || c == '~' || c == 0
}

// unescapeAll takes all levels of escapes away.
func unescapeAll(text string) string {
	for range maxLevels {
		plain, changed := unescape(text)
		if !changed {
			break
		}
		text = plain
	}
	return text
}

// nothing is what stands for no sign at all.
const nothing = -1 << 8

// writeEscaped writes what an escape stands for: a negative value is one byte.
func writeEscaped(b *strings.Builder, r rune) {
	if r == nothing {
		return
	}
	if r < 0 {
		b.WriteByte(byte(-r))
		return
	}
	b.WriteRune(r)
}

func escapedLength(r rune) int {
	if r == nothing {
		return 0
	}
	if r < 0 {
		return 1
	}
	if n := utf8.RuneLen(r); n > 0 {
		return n
	}
	return utf8.RuneLen(utf8.RuneError)
}

// escapedPlaces turns places in the text without escapes into those in the text
// with them. The spans are in order.
func escapedPlaces(text string, spans []span) {
	plain, i := 0, 0
	walk := func(place int32) int32 {
		to := int(place)
		for plain < to && i < len(text) {
			if !mayEscape(text[i]) {
				plain++
				i++
				continue
			}
			r, size := escapeAt(text, i)
			if size == 0 {
				plain++
				i++
				continue
			}
			if plain += escapedLength(r); plain > to {
				break
			}
			i += size
		}
		return int32(i)
	}
	for n := range spans {
		spans[n].start = walk(spans[n].start)
		spans[n].end = walk(spans[n].end)
	}
}

// escapeAt returns the character that an escape stands for, and the escape's
// size, 0 where there is none. A byte that is not ASCII is returned negative.
func escapeAt(text string, at int) (r rune, size int) {
	switch text[at] {
	case '%':
		if n, ok := hexAt(text, at+1, 2); ok {
			return asByte(n), 3
		}
	case '\\':
		return backslash(text, at)
	case '\'':
		if strings.HasPrefix(text[at:], `'\''`) { // a quote within quotes of a shell
			return '\'', 4
		}
	case '&':
		return reference(text, at)
	case 0:
		return nothing, 1
	case '~':
		if at+1 < len(text) && text[at+1] == '0' {
			return '~', 2
		}
		if at+1 < len(text) && text[at+1] == '1' {
			return '/', 2
		}
	default:
		return lookAlike(text, at)
	}
	return 0, 0
}

// lookAlike returns the sign of ASCII that a character stands for.
func lookAlike(text string, at int) (rune, int) {
	r, size := utf8.DecodeRuneInString(text[at:])
	switch {
	case r < 0xa0 || r == '…' || r == utf8.RuneError:
	case r == 0x200b || Hidden(r) || unicode.In(r, unicode.Me):
		return nothing, size
	case 0xff01 <= r && r <= 0xff5e: // wide
		return r - 0xff01 + '!', size
	case unicode.IsDigit(r):
		n := rune(0)
		for n < 50 && unicode.IsDigit(r-n-1) {
			n++
		}
		return '0' + n%10, size
	case unicode.In(r, unicode.Zs):
		return ' ', size
	case unicode.In(r, unicode.Pd), r == '−':
		return '-', size
	case 0x2018 <= r && r <= 0x201b:
		return '\'', size
	case 0x201c <= r && r <= 0x201f, r == '«', r == '»':
		return '"', size
	case r == '⁰', 0x2074 <= r && r <= 0x2079:
		return r - 0x2070 + '0', size
	case r == '¹', r == '²', r == '³':
		return map[rune]rune{'¹': '1', '²': '2', '³': '3'}[r], size
	case 0x2080 <= r && r <= 0x2089:
		return r - 0x2080 + '0', size
	case 0x2460 <= r && r <= 0x2468: // in circles
		return r - 0x2460 + '1', size
	case r == '⓪':
		return '0', size
	}
	return 0, 0
}

func asByte(n rune) rune {
	if n >= utf8.RuneSelf {
		return -n
	}
	return n
}

func backslash(text string, at int) (rune, int) {
	if at+1 >= len(text) {
		return 0, 0
	}
	switch c := text[at+1]; c {
	case 'u':
		if n, ok := hexAt(text, at+2, 4); ok {
			return n, 6
		}
	case 'x':
		if n, ok := hexAt(text, at+2, 2); ok {
			return asByte(n), 4
		}
	case '0', '1', '2', '3':
		if n, ok := octalAt(text, at+1); ok {
			return asByte(n), 4
		}
	case 'n', 'r', 't':
		return map[byte]rune{'n': '\n', 'r': '\r', 't': '\t'}[c], 2
	case '"', '\'', '\\', '/':
		return rune(c), 2
	}
	return 0, 0
}

// reference reads a character reference of HTML.
func reference(text string, at int) (rune, int) {
	const reach = 24
	end := strings.IndexByte(text[at:min(len(text), at+reach)], ';') + 1
	if end < len("&lt;") || strings.IndexByte(text[at:at+end], ' ') >= 0 {
		return 0, 0
	}
	plain := html.UnescapeString(text[at : at+end])
	r, size := utf8.DecodeRuneInString(plain)
	if size == 0 || size < len(plain) && plain[len(plain)-1] == ';' {
		return 0, 0 // none, or one without its semicolon before other letters
	}
	return r, end
}

// octalAt reads the three digits of printf's octal escapes, which our own quoting
// writes as well.
func octalAt(text string, at int) (rune, bool) {
	if at+3 > len(text) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text[at : at+3]) {
		if c < '0' || c > '7' {
			return 0, false
		}
		n = n<<3 | int(c-'0')
	}
	return rune(n), n > 0 && n < 256
}

func hexAt(text string, at, digits int) (rune, bool) {
	if at+digits > len(text) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text[at : at+digits]) {
		h := unhex(c)
		if h < 0 {
			return 0, false
		}
		n = n<<4 | h
	}
	return rune(n), true
}
