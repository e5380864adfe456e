package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// input is a text made readable, with what was not recognised of it.
type input struct {
	text      string            // LF line ends, no byte-order mark, no colours, no common indentation
	dropped   int               // bytes that went with line ends, colours and indentation
	truncated bool              // the limit cut it
	spaced    bool              // a blank line stood behind every line
	width     int               // of the longest line; 0 until it is asked for
	variables map[string]string // of Options
	hidden    map[string]bool   // of Options
	left      []Leftover
	leftLines int
	saw       string // what a format saw that found nothing to read; "" for the general description
	cause     error  // why it could not be read

	limit       int64  // bytes that may be kept of one entry, where an input is read entry by entry
	leftEntries int    // entries that were not read
	broken      string // where such an input stops to be readable; "" when it does not
}

// lineOf returns the number that a line has in the input.
func (in *input) lineOf(line int) int {
	if in.spaced && line > 0 {
		return 2*line - 1
	}
	return line
}

// widest returns the length of the longest line, which is that of the screen where
// lines were broken to fit.
func (in *input) widest() int {
	if in.width == 0 {
		in.width = 1
		for line := range strings.SplitSeq(in.text, "\n") {
			in.width = max(in.width, len(line))
		}
	}
	return in.width
}

// entryLimit is how much may be kept of one entry.
func (in *input) entryLimit() int64 {
	if in.limit <= 0 {
		return DefaultMaxBytes
	}
	return in.limit
}

// leaveEntry notes an entry that was not read.
func (in *input) leaveEntry(l Leftover) {
	in.leftEntries++
	if len(in.left) < maxLeft {
		in.left = append(in.left, l)
	}
}

// maxLeft bounds how many left-over places are named.
const maxLeft = 10

// leave notes lines that were not recognised.
func (in *input) leave(line, lines int, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	in.leftLines += lines
	if n := len(in.left); n > 0 && in.left[n-1].Line+in.left[n-1].Lines == line && !in.spaced {
		in.left[n-1].Lines += lines
		return
	}
	if len(in.left) < maxLeft {
		in.left = append(in.left, Leftover{Line: in.lineOf(line), Lines: lines, Sample: shorten(in.masked(line, strings.TrimSpace(text[:min(len(text), maxSample)])), 80)})
	}
}

// What is masked to show the beginning of a part, and what before it may name it.
const (
	maxSample  = 4 << 10
	maxContext = 16 << 10
)

// masked masks a part that begins in a line as it shows there: the name of a value
// may stand on an earlier line, in multipart/form-data and in PEM. Samples go into
// totals and reports that are passed on, so that what is about people goes, too:
// later nobody can tell, for they are cut.
func (in *input) masked(line int, part string) string {
	start := lineOffset(in.text, line)
	if start < 0 {
		return exchange.MaskShared(part)
	}
	at := strings.Index(in.text[start:min(len(in.text), start+maxSample)], part)
	if at < 0 {
		return exchange.MaskShared(part) // put together of several places
	}
	from := max(0, start-maxContext)
	start += at - from
	around := in.text[from:min(len(in.text), from+start+len(part)+maxSample)]
	return exchange.MaskSharedPart(around, start, start+len(part))
}

// lineOffset returns where a line begins, -1 when there is none of that number.
func lineOffset(text string, number int) int {
	offset := 0
	for range number - 1 {
		i := strings.IndexByte(text[offset:], '\n')
		if i < 0 {
			return -1
		}
		offset += i + 1
	}
	return offset
}

// prepare takes away what comes of terminals, editors and mail. Nothing changes
// the number of lines but the blank ones of a text that is spaced.
func prepare(raw []byte) *input {
	raw = decodeUTF16(raw)
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = inflate(raw)
	size := len(raw)
	if bytes.IndexByte(raw, 0x1b) >= 0 {
		raw = stripEscapes(raw)
	}
	if bytes.Contains(raw, []byte("\r\n")) {
		raw = dropCRs(raw)
	}
	text, spaced := uncopied(string(raw))
	text = unindent(unquote(text))
	return &input{text: text, dropped: max(0, size-len(text)), spaced: spaced}
}

// maxStreams bounds how many compressed bodies of one input are undone.
const maxStreams = 16

// inflate undoes gzip bodies (RFC 1952) before anything is taken away from the
// text: what looks like a line end or a colour in them is content.
func inflate(raw []byte) []byte {
	magic := []byte{'\n', 0x1f, 0x8b, 8}
	room := maxInflated // for all of them together
	for range maxStreams {
		at := bytes.Index(raw, magic)
		if at < 0 {
			return raw
		}
		stream := bytes.NewReader(raw[at+1:])
		z, err := gzip.NewReader(stream)
		if err != nil {
			return raw
		}
		z.Multistream(false)
		plain, err := io.ReadAll(io.LimitReader(z, int64(room)))
		if err != nil || len(plain) == room || bytes.Contains(plain, magic) {
			return raw // cut off, too much, or not what it seemed; the body's own reader says so
		}
		room -= len(plain)
		rest := raw[len(raw)-stream.Len():]
		raw = slices.Concat(raw[:at+1], plain, rest)
	}
	return raw
}

// decodeUTF16 turns what PowerShell's redirection writes into UTF-8.
func decodeUTF16(raw []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return raw
	}
	out := make([]byte, 0, len(raw)/2)
	for i := 2; i+1 < len(raw); i += 2 {
		r := rune(order.Uint16(raw[i:]))
		if utf16.IsSurrogate(r) {
			first := r
			if r = utf8.RuneError; i+3 < len(raw) {
				r = utf16.DecodeRune(first, rune(order.Uint16(raw[i+2:])))
			}
			if r != utf8.RuneError {
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// stripEscapes drops ANSI escape sequences (ECMA-48): CSI, OSC and two-character
// ones. It works in place.
func stripEscapes(raw []byte) []byte {
	out := raw[:0]
	for i := 0; i < len(raw); {
		if raw[i] != 0x1b {
			out = append(out, raw[i])
			i++
			continue
		}
		i = escapeEnd(raw, i)
	}
	return out
}

// maxEscape bounds a sequence, so that a lone escape character eats no document.
const maxEscape = 256

func escapeEnd(raw []byte, at int) int {
	if at+1 >= len(raw) {
		return at + 1
	}
	end := min(len(raw), at+maxEscape)
	switch raw[at+1] {
	case '[':
		for i := at + 2; i < end; i++ {
			if raw[i] >= 0x40 && raw[i] <= 0x7e {
				return i + 1
			}
			if raw[i] == '\n' {
				return i
			}
		}
		return at + 2
	case ']':
		for i := at + 2; i < end; i++ {
			if raw[i] == 0x07 {
				return i + 1
			}
			if raw[i] == 0x1b && i+1 < len(raw) && raw[i+1] == '\\' {
				return i + 2
			}
			if raw[i] == '\n' {
				return i
			}
		}
	}
	return at + 2
}

// dropCRs turns CRLF into LF, in place. A lone CR stays: curl's progress meter
// lives by it.
func dropCRs(raw []byte) []byte {
	out := raw[:0]
	for i, c := range raw {
		if c == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
			continue
		}
		out = append(out, c)
	}
	return out
}

// maxQuotes bounds how often a mail was answered.
const maxQuotes = 8

// unquote takes the "> " of mail away, where a message shows behind it: curl -v
// has its request lines behind "> ", and never a status line.
func unquote(text string) string {
	for range maxQuotes {
		if !strings.Contains(text, ">") || !anyLine(text, isQuoted) {
			return text
		}
		var b strings.Builder
		for line := range strings.SplitSeq(text, "\n") {
			if rest, ok := strings.CutPrefix(line, ">"); ok {
				line = strings.TrimPrefix(rest, " ")
			}
			b.WriteString(line + "\n")
		}
		text = strings.TrimSuffix(b.String(), "\n")
	}
	return text
}

// isQuoted reports whether a line is mail's "> " before a status line, a line of
// curl -v, or a line that was quoted before.
func isQuoted(line string) bool {
	rest, ok := strings.CutPrefix(line, ">")
	rest = strings.TrimPrefix(rest, " ")
	return ok && (isStatusLine(rest) || isSent(rest) || isReceived(rest) || isQuotedOnce(rest))
}

func isQuotedOnce(line string) bool {
	rest, ok := strings.CutPrefix(line, ">")
	return ok && isStatusLine(strings.TrimPrefix(rest, " "))
}

// unindent takes the indentation away that all lines share.
func unindent(text string) string {
	common := -1
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if common < 0 || indent < common {
			common = indent
		}
		if common == 0 {
			return text
		}
	}
	if common <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(line[min(common, len(line)):] + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// cursor walks over the lines of a text without copying it.
type cursor struct {
	text string
	pos  int
	line int // number of the line at pos, from 1

	request int // what requestBehind found last
}

func newCursor(text string) *cursor { return &cursor{text: text, line: 1} }

// peek returns the line at the cursor, ok false at the end.
func (c *cursor) peek() (line string, ok bool) {
	if c.pos >= len(c.text) {
		return "", false
	}
	if i := strings.IndexByte(c.text[c.pos:], '\n'); i >= 0 {
		return c.text[c.pos : c.pos+i], true
	}
	return c.text[c.pos:], true
}

// next returns the line at the cursor and goes behind it.
func (c *cursor) next() (line string, ok bool) {
	line, ok = c.peek()
	if ok {
		c.pos = min(c.pos+len(line)+1, len(c.text))
		c.line++
	}
	return line, ok
}

// to moves the cursor forward to an offset.
func (c *cursor) to(offset int) {
	c.line += strings.Count(c.text[c.pos:offset], "\n")
	c.pos = offset
}
