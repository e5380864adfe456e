package exchange

import (
	"bytes"
	"unicode/utf8"
)

// BodyState says how much of a body is known. Its zero value claims nothing.
type BodyState int

// The states of a body.
const (
	BodyNotCaptured BodyState = iota // the capture does not show whether there was one
	BodyAbsent                       // the message had no content
	BodyPresent                      // the content is here, whole or cut
)

// Body is the content of a message (RFC 9110 section 6.4). It masks itself when
// formatted.
type Body struct {
	raw       []byte
	state     BodyState
	known     *Known // what the request's variables brought
	Truncated bool   // the capture shows only the beginning
	Size      int64  // size in bytes before the limit of the reader cut it; 0 when not known
}

// NewBody returns a captured body; an empty one is absent.
func NewBody(content []byte) Body {
	if len(content) == 0 {
		return Body{state: BodyAbsent}
	}
	return Body{raw: content, state: BodyPresent}
}

// State says how much is known.
func (b Body) State() BodyState { return b.state }

// Present reports whether there is content to look at.
func (b Body) Present() bool { return b.state == BodyPresent }

// Bytes returns the content as captured, secrets included. It never reaches an
// output: use String or Excerpt there.
func (b Body) Bytes() []byte { return b.raw }

// Binary reports whether the content is no text in any encoding of characters.
func (b Body) Binary() bool {
	const seen = 1 << 10
	head, controls := b.raw[:min(len(b.raw), seen)], 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0x1b || c == 0x7f {
			controls++
		}
	}
	return !utf8.Valid(b.raw) && controls > len(head)/32
}

// String returns the content with its secrets masked.
func (b Body) String() string { return b.known.mask(string(b.raw)) }

// GoString keeps secrets out of %#v.
func (b Body) GoString() string { return b.String() }

// Position returns the line and column of a byte offset, both from 1; columns
// count characters.
func (b Body) Position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(b.raw))
	before := b.raw[:offset]
	line = bytes.Count(before, []byte("\n")) + 1
	start := bytes.LastIndexByte(before, '\n') + 1
	return line, utf8.RuneCount(before[start:]) + 1
}

// Line returns the numbered line (from 1) with secrets masked character by
// character, so that columns still hold. Its "\r" is dropped.
func (b Body) Line(number int) (string, bool) {
	text := b.raw
	start := 0
	for n := 1; n < number; n++ {
		i := bytes.IndexByte(text[start:], '\n')
		if i < 0 {
			return "", false
		}
		start += i + 1
	}
	end := len(text)
	if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
		end = start + i
	}
	if number < 1 || start > len(text) {
		return "", false
	}
	masked := maskInPlace(text, b.known)
	return string(bytes.TrimSuffix(masked[start:end], []byte("\r"))), true
}

// Characters returns those of a text from a place up to another, as they are
// written: of a line of megabytes a screen's width is shown.
func Characters(text string, from, to int) string {
	start, n := len(text), 0
	for i := range text {
		if n == from {
			start = i
		}
		if n == to {
			return text[start:i]
		}
		n++
	}
	return text[start:]
}
