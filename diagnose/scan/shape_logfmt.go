package scan

import "bytes"

// This file reads logfmt, the key=value lines of Go's slog and logrus, of Heroku's
// router and many others: each line as the JSON object of the same members, so
// that every shape's names count there too.

// minPairs is how many pairs make a line logfmt; "a=b" stands in prose, too.
const minPairs = 2

// maxLogfmt bounds the length of such a line.
const maxLogfmt = 64 << 10

// parseLogfmt reads a line of key=value.
func (l *lane) parseLogfmt(text []byte, r *record) bool {
	first := bytes.IndexByte(text, '=')
	if first < 1 || len(text) > maxLogfmt || bytes.Count(text, []byte("=")) < minPairs {
		return false
	}
	var pairs int
	l.scratch, pairs = appendLogfmt(l.scratch[:0], text)
	if pairs < minPairs || !r.read(l.scratch, l.scanner.shapes) || !r.entry(&l.entry) {
		return false
	}
	r.form = "logfmt"
	l.entry.before(text[:first])
	return true
}

// appendLogfmt appends the pairs of a line as a JSON object. Words that are no
// pair are left out.
func appendLogfmt(out, text []byte) ([]byte, int) {
	out = append(out, '{')
	pairs := 0
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && isKeyByte(text[i]) {
			i++
		}
		if i == start || i >= len(text) || text[i] != '=' {
			i = wordEnd(text, i) + 1
			continue
		}
		end := valueEndOfPair(text, i+1)
		if pairs++; pairs > 1 {
			out = append(out, ',')
		}
		out = append(appendText(out, text[start:i]), ':')
		if value := text[i+1 : end]; len(value) > 1 && value[0] == '"' {
			out = append(out, value...)
		} else {
			out = appendText(out, bytes.TrimRight(value, ",;"))
		}
		i = end + 1
	}
	return append(out, '}'), pairs
}

func isKeyByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '.' || c == '-' || c == '@' || c == '/'
}

func wordEnd(text []byte, i int) int {
	if n := bytes.IndexByte(text[min(i, len(text)):], ' '); n >= 0 {
		return i + n
	}
	return len(text)
}

// valueEndOfPair returns where a value ends: a quoted one behind its quote.
func valueEndOfPair(text []byte, i int) int {
	if i < len(text) && text[i] == '"' {
		if end := stringEnd(text, i); end > 0 {
			return end
		}
	}
	return wordEnd(text, i)
}

// appendText appends a JSON string.
func appendText(out, text []byte) []byte {
	out = append(out, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c < ' ':
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
