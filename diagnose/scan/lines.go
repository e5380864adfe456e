package scan

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// maxLine is the longest line, and the longest element of a document, that is
// read; what is longer is counted as unrecognised.
const maxLine = 4 << 20

// lineReader divides an input into blocks that end with a line.
type lineReader struct {
	r     io.Reader
	eager bool // a short read makes a block of the lines that are there
	rest  []byte
	line  int64 // lines before rest
	ended error
}

func (l *lineReader) next(buffer []byte) (block, error) {
	buffer = append(buffer, l.rest...)
	l.rest = l.rest[:0]
	for {
		if l.ended != nil {
			return l.last(buffer)
		}
		full := len(buffer) == cap(buffer)
		cut := -1
		if full || l.eager {
			cut = bytes.LastIndexByte(buffer, '\n')
		}
		if cut >= 0 {
			return l.cut(buffer, cut+1), nil
		}
		if full {
			if len(buffer) >= maxLine {
				return l.skip(buffer)
			}
			buffer = append(make([]byte, 0, min(4*cap(buffer), maxLine)), buffer...)
		}
		var n int
		n, l.ended = l.r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
	}
}

// cut makes a block of the lines that end before an offset and keeps the rest.
func (l *lineReader) cut(buffer []byte, end int) block {
	b := block{data: buffer[:end], first: l.line + 1}
	l.line += int64(bytes.Count(b.data, []byte("\n")))
	l.rest = append(l.rest, buffer[end:]...)
	return b
}

// last makes a block of what the input ends with. A line that an interrupt kept
// from being read to its end is not cut, and not counted.
func (l *lineReader) last(buffer []byte) (block, error) {
	err := l.ended
	if errors.Is(err, context.Canceled) {
		buffer = buffer[:bytes.LastIndexByte(buffer, '\n')+1]
	}
	return block{data: buffer, first: l.line + 1}, err
}

// skip passes over the rest of a line that is too long.
func (l *lineReader) skip(buffer []byte) (block, error) {
	l.line++
	b := block{data: append(make([]byte, 0, 4096), buffer[:4096]...), first: l.line, oversize: true}
	for l.ended == nil {
		var n int
		n, l.ended = l.r.Read(buffer[:cap(buffer)])
		if i := bytes.IndexByte(buffer[:n], '\n'); i >= 0 {
			l.rest = append(l.rest, buffer[i+1:n]...)
			return b, nil
		}
	}
	return b, nil
}

// lines counts the lines of a block.
func (l *lane) lines(b block) {
	if b.oversize {
		l.leave(b.first, b.data)
		return
	}
	l.inLines = true
	number := b.first
	for data := b.data; len(data) > 0; number++ {
		line := data
		begun := len(b.data) - len(data)
		l.before = b.data[max(0, begun-maxBefore):begun]
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		l.one(number, line)
	}
	l.before = nil
	l.report()
}

// maxBefore is how much in front of a line is looked at for a secret that goes on
// in it.
const maxBefore = 4 << 10
