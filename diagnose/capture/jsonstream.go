package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// This file walks over JSON (RFC 8259) of any size in constant memory. It knows
// brackets and strings and judges nothing else: what it cuts out is given to a
// real parser, so that a mistake inside one value does not cost the others.
// jsontext alone would not do here: it holds a whole string, however long, and
// stops at the first mistake.

// jsonStream reads JSON from a reader.
type jsonStream struct {
	r        io.Reader
	buf      []byte
	pos, end int
	base     int64 // offset of buf[0] in the input
	line     int   // number of the line at pos, from 1
	err      error // why there is nothing after end
}

const streamBuffer = 256 << 10

func newJSONStream(r io.Reader) *jsonStream {
	return &jsonStream{r: r, buf: make([]byte, streamBuffer), line: 1}
}

// offset is where the stream stands in the input.
func (s *jsonStream) offset() int64 { return s.base + int64(s.pos) }

// failure is what the reader failed with, nil at a plain end.
func (s *jsonStream) failure() error {
	if s.err == nil || errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// fill makes sure that there is a byte at pos, false at the end.
func (s *jsonStream) fill() bool {
	for s.pos == s.end {
		if s.err != nil {
			return false
		}
		s.base += int64(s.end)
		s.pos, s.end = 0, 0
		n, err := s.r.Read(s.buf)
		s.end, s.err = n, err
	}
	return true
}

// peek skips white space and returns the byte after it, 0 at the end.
func (s *jsonStream) peek() byte {
	for s.fill() {
		switch c := s.buf[s.pos]; c {
		case '\n':
			s.line++
			s.pos++
		case ' ', '\t', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// take goes behind the next byte if it is the one expected.
func (s *jsonStream) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// kept is what is kept of a value that the stream goes over.
type kept struct {
	text  []byte
	limit int   // bytes; a string that would take more than half of what is left is cut
	cuts  []int // offsets in text behind the strings that were cut
	over  bool  // the value did not fit for all that
	open  bool  // the input ended inside the value
}

func (k *kept) reset() { k.text, k.cuts, k.over, k.open = k.text[:0], k.cuts[:0], false, false }

func (k *kept) add(part []byte) {
	if k.over = k.over || len(k.text)+len(part) > k.limit; !k.over {
		k.text = append(k.text, part...)
	}
}

// value goes over one value and adds it to k; nil keeps nothing. Where the input
// ends inside a string, the string is closed and counts as cut.
func (s *jsonStream) value(k *kept) {
	if k == nil {
		k = &kept{}
	}
	depth := 0
	for {
		if !s.fill() {
			k.open = true
			return
		}
		start, done := s.pos, false
		for s.pos < s.end && !done {
			switch c := s.buf[s.pos]; c {
			case '"':
				if n := shortText(s.buf[s.pos+1 : s.end]); n >= 0 && k.limit > minCut {
					s.pos += n + 2
					done = depth == 0
					continue
				}
				k.add(s.buf[start:s.pos])
				s.text(k)
				start, done = s.pos, depth == 0
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth < 0 { // of what is around: a number or a word ends here
					k.add(s.buf[start:s.pos])
					return
				}
				done = depth == 0
			case '\n':
				s.line++
				done = depth == 0
			case ',', ' ', '\t', '\r':
				if depth == 0 {
					k.add(s.buf[start:s.pos])
					return
				}
			}
			s.pos++
		}
		k.add(s.buf[start:s.pos])
		if done {
			return
		}
	}
}

// minCut is the length that no string is cut below.
const minCut = 64 << 10

// shortText returns the length of the string that begins a text behind its quote,
// -1 when it is not short or does not end there.
func shortText(text []byte) int {
	text = text[:min(len(text), minCut)]
	for from := 0; ; {
		quote := bytes.IndexByte(text[from:], '"')
		if quote < 0 {
			return -1
		}
		at := from + quote
		if at == 0 || text[at-1] != '\\' || !endsEscaped(text[:at], false) {
			return at
		}
		from = at + 1
	}
}

// text goes over the string at the cursor, and keeps only its beginning when it
// is long.
func (s *jsonStream) text(k *kept) {
	k.add(s.buf[s.pos : s.pos+1])
	s.pos++
	room := max(minCut, (k.limit-len(k.text))/2)
	escaped, cut := false, false
	for s.fill() {
		part := s.buf[s.pos:s.end]
		quote := bytes.IndexByte(part, '"')
		if quote >= 0 {
			part = part[:quote+1]
		}
		done := quote >= 0 && !endsEscaped(part[:quote], escaped)
		escaped = quote < 0 && endsEscaped(part, escaped)
		s.line += bytes.Count(part, []byte("\n"))
		s.pos += len(part)
		if done {
			part = part[:quote]
		}
		if !cut {
			fits := min(room, len(part))
			k.add(part[:fits])
			room -= fits
			cut = fits < len(part)
		}
		if done {
			k.endText(cut)
			return
		}
	}
	k.endText(true)
}

// endText closes a string.
func (k *kept) endText(cut bool) {
	if k.over {
		return
	}
	if cut {
		k.text = bytes.TrimRight(dropHalfEscape(k.text), "\r\n") // an editor's, behind where the text breaks off
	}
	k.add([]byte{'"'})
	if cut {
		k.cuts = append(k.cuts, len(k.text))
	}
}

// endsEscaped reports whether the byte after a part of a string is escaped.
func endsEscaped(part []byte, escaped bool) bool {
	n := 0
	for n < len(part) && part[len(part)-1-n] == '\\' {
		n++
	}
	if n == len(part) {
		return (n%2 == 1) != escaped
	}
	return n%2 == 1
}

// dropHalfEscape takes away an escape that the end of a cut string broke.
func dropHalfEscape(text []byte) []byte {
	from := max(0, len(text)-6)
	i := bytes.LastIndexByte(text[from:], '\\')
	if i < 0 {
		return text
	}
	at := from + i
	for at > 0 && text[at-1] == '\\' { // the first backslash of the run begins the escapes
		at--
	}
	for at < len(text) {
		if text[at] != '\\' {
			at++
			continue
		}
		length := 2
		if at+1 < len(text) && text[at+1] == 'u' {
			length = 6
		}
		if at+length > len(text) {
			return text[:at]
		}
		at += length
	}
	return text
}

// key reads a member's name and the colon behind it; what is no name is an error.
func (s *jsonStream) key(k *kept) (string, error) {
	if c := s.peek(); c != '"' {
		return "", s.unexpected("a field name")
	}
	k.reset()
	s.text(k)
	if !s.take(':') {
		return "", s.unexpected("a colon")
	}
	return string(bytes.Trim(k.text, `"`)), nil
}

// syntaxError is a place where JSON ends to be JSON.
type syntaxError struct {
	offset int64
	text   string
	ended  bool // the input ends here
}

func (e *syntaxError) Error() string { return e.text }

// unexpected says what stands where something else belongs.
func (s *jsonStream) unexpected(wanted string) error {
	c := s.peek()
	if c == 0 && !s.fill() {
		return &syntaxError{s.offset(), fmt.Sprintf("it ends at byte %d", s.offset()), true}
	}
	return &syntaxError{s.offset(), fmt.Sprintf("found %[2]q at byte %[1]d, expected %[3]s", s.offset(), rune(c), wanted), false}
}

// eachMember goes over the members of the object at the cursor. member must go
// over the value.
func (s *jsonStream) eachMember(member func(name string) error) error {
	s.take('{')
	name := &kept{limit: 1 << 10}
	for {
		for s.take(',') {
		}
		if s.take('}') {
			return nil
		}
		n, err := s.key(name)
		if err != nil {
			return err
		}
		if s.peek() == 0 {
			return s.unexpected("a value")
		}
		if err := member(n); err != nil {
			return err
		}
	}
}

// eachElement goes over the elements of the array at the cursor.
func (s *jsonStream) eachElement(element func() error) error {
	s.take('[')
	for {
		for s.take(',') {
		}
		switch s.peek() {
		case ']':
			s.pos++
			return nil
		case 0, '}', ':':
			return s.unexpected("an element or the end of the array")
		}
		if err := element(); err != nil {
			return err
		}
	}
}
