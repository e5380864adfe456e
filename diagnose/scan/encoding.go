package scan

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// errBinary says why an input was not read.
var errBinary = errors.New("it's binary data, which wasn't read")

// isBinary reports whether a beginning has more NUL bytes than damaged text has.
func isBinary(head []byte) bool {
	head = head[:min(len(head), 8192)]
	n := bytes.Count(head, []byte{0})
	return n > 2 && n*100 > len(head)
}

// isUTF16 knows the byte-order marks of what PowerShell's redirection writes.
func isUTF16(head []byte) bool {
	return hasPrefix(head, "\xff\xfe") || hasPrefix(head, "\xfe\xff")
}

// utf16Reader turns UTF-16 into UTF-8.
type utf16Reader struct {
	r     *bufio.Reader
	high  int // which of two bytes is the high one
	ready []byte
}

// newUTF16 takes the byte-order mark away.
func newUTF16(r *bufio.Reader) io.Reader {
	u := &utf16Reader{r: r}
	if first, err := r.ReadByte(); err == nil && first == 0xff {
		u.high = 1
	}
	_, _ = r.ReadByte() // an error comes again
	return u
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.ready) == 0 {
		units, err := u.units()
		if len(units) == 0 {
			return 0, err
		}
		for _, r := range utf16.Decode(units) {
			u.ready = utf8.AppendRune(u.ready, r)
		}
	}
	n := copy(p, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

// units reads some code units, no half of a pair without the other.
func (u *utf16Reader) units() ([]uint16, error) {
	var list []uint16
	for len(list) < 4096 || utf16.IsSurrogate(rune(list[len(list)-1])) && len(list) < 8192 {
		var pair [2]byte
		if _, err := io.ReadFull(u.r, pair[:]); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return list, err
		}
		list = append(list, uint16(pair[u.high])<<8|uint16(pair[1-u.high]))
	}
	return list, nil
}
