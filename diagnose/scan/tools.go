package scan

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/capture/tools"
)

// This file counts what package capture reads of lines that are no records: what HTTP
// clients and servers log as text.

// window is how much of a text log is read at once.
const window = 256 << 10

// text counts a text log in one lane: what its lines say goes together, whoever reads
// the others.
func (l *lane) text(r io.Reader) error {
	a := capture.NewAssembler(tools.Load(), l.unknown)
	buffer, line, ended := make([]byte, 0, window+capture.Lookahead), 1, error(nil)
	for {
		n := 0
		for len(buffer) < cap(buffer) && ended == nil {
			n, ended = r.Read(buffer[len(buffer):cap(buffer)])
			buffer = buffer[:len(buffer)+n]
		}
		limit := len(buffer)
		if ended == nil {
			limit -= capture.Lookahead
		}
		l.mu.Lock()
		l.inLines = true
		for c := range a.Part(string(buffer), line, limit) {
			l.call(c)
		}
		var next int
		if next, line = a.Next(); ended != nil {
			for _, c := range a.Finish() {
				l.call(c)
			}
		}
		l.report()
		l.mu.Unlock()
		if ended != nil {
			break
		}
		buffer = buffer[:copy(buffer, buffer[next:])]
	}
	if errors.Is(ended, io.EOF) {
		return nil
	}
	return ended
}

// unknown takes a line of a text log that no tool prints: it may be a record.
func (l *lane) unknown(line, _ int, text string) {
	raw := bytes.TrimSpace([]byte(text))
	switch {
	case l.visit != nil:
		l.visit(int64(line), raw)
	case l.parse(raw):
		l.count(int64(line))
	default:
		l.leave(int64(line), raw)
	}
}

// single counts a line that is no record but tells of an exchange by itself, and
// reports whether it does.
func (l *lane) single(number int64, text []byte) bool {
	if l.scratchTools == nil {
		l.scratchTools = capture.NewAssembler(tools.Load(), func(int, int, string) {})
	}
	found := false
	part := string(text)
	take := func(c *capture.Call) {
		if c.Answered() {
			c.Line, found = int(number), true
			l.call(c)
		}
	}
	for c := range l.scratchTools.Part(part, 1, len(part)) {
		take(c)
	}
	for _, c := range l.scratchTools.Finish() {
		take(c)
	}
	return found
}

// call counts a call.
func (l *lane) call(c *capture.Call) {
	if l.visitEx != nil || !c.IsBare() {
		l.captured(c.Exchange(), int64(c.Line))
		return
	}
	l.entry = entry{status: c.Status, method: []byte(c.Method), target: []byte(c.Target), host: []byte(c.Host), scheme: []byte(c.Scheme), when: c.When, address: []byte(c.Address)}
	if c.Host != "" && c.Scheme == "" && strings.HasPrefix(c.Target, "/") {
		l.entry.scheme = []byte("https")
	}
	l.count(int64(c.Line))
}
