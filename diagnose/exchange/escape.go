package exchange

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file reads what is written with escapes: percent-encoding (RFC 3986
// section 2.1), the backslashes of JSON (RFC 8259 section 7) and of programming
// languages, HTML's character references, and JSON Pointers (RFC 6901 section 3).

// unescape takes one level of escapes away and reports whether there was any.
func unescape(text string) (plain string, changed bool) {
	i := strings.IndexAny(text, `%\&~`)
	if i < 0 {
		return text, false
	}
	i = max(0, i-1) // '\'' begins before its backslash
	var b strings.Builder
	last := 0
	for i < len(text) {
		r, size := escapeAt(text, i)
		if size == 0 {
			i++
			continue
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

// writeEscaped writes what an escape stands for: a negative value is one byte.
func writeEscaped(b *strings.Builder, r rune) {
	if r < 0 {
		b.WriteByte(byte(-r))
		return
	}
	b.WriteRune(r)
}

func escapedLength(r rune) int {
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
	case '~':
		if at+1 < len(text) && text[at+1] == '0' {
			return '~', 2
		}
		if at+1 < len(text) && text[at+1] == '1' {
			return '/', 2
		}
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

// reference reads the character references that JSON and URLs need in HTML.
func reference(text string, at int) (rune, int) {
	end := strings.IndexByte(text[at:min(len(text), at+10)], ';')
	if end < 2 {
		return 0, 0
	}
	name := text[at+1 : at+end]
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex := strings.TrimLeft(digits, "xX"); hex != digits {
			digits, base = hex, 16
		}
		n, err := strconv.ParseInt(digits, base, 32)
		if err != nil || n <= 0 || n > utf8.MaxRune {
			return 0, 0
		}
		return rune(n), end + 1
	}
	switch name {
	case "quot":
		return '"', end + 1
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "apos":
		return '\'', end + 1
	}
	return 0, 0
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

// minBase64 is the shortest text that is tried as base64: it holds nine bytes, a
// password with its name.
const minBase64 = 12

// fromBase64 returns the texts that a run of base64 letters may stand for. What is
// a letter of one alphabet separates words elsewhere.
func fromBase64(run string) []string {
	var texts []string
	try := func(part string) {
		if plain, ok := decodeText(part); ok {
			texts = append(texts, plain)
		}
	}
	try(run)
	for _, separators := range [...]string{"/", "-_", "/-_"} {
		if !strings.ContainsAny(run, separators) || separators == "/-_" && (!strings.Contains(run, "/") || !strings.ContainsAny(run, "-_")) {
			continue // no such letter, or the same parts again
		}
		eachPart(run, separators, try)
	}
	return texts
}

// eachPart hands over what stands between separators, where that is not all of the
// run, and may be base64.
func eachPart(run, separators string, try func(string)) {
	whole := len(strings.Trim(run, separators))
	for start := 0; start < len(run); {
		end := runEnd(run, start, func(c byte) bool { return strings.IndexByte(separators, c) < 0 })
		if end-start >= minBase64 && end-start < whole {
			try(run[start:end])
		}
		start = end + 1
	}
}

// decodeText decodes base64 of either alphabet, if text comes out.
func decodeText(run string) (string, bool) {
	if len(run) < minBase64 {
		return "", false
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(run, "-_") {
		encoding = base64.RawURLEncoding
	}
	if len(run)%4 == 1 {
		run = run[:len(run)-1] // no encoding ends so: the letter belongs to what follows
	}
	var head [12]byte
	if n, err := encoding.Decode(head[:], []byte(run[:min(len(run), 16)/4*4])); err != nil || !isText(head[:n]) {
		return "", false
	}
	plain, err := encoding.DecodeString(run)
	return string(plain), err == nil
}

// isText reports whether bytes look like the beginning of a text.
func isText(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return len(head) > 0
}
