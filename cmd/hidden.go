package cmd

import (
	"bytes"
	"io"
	"sync"

	"immersve-doctor/diagnose/exchange"
)

// hidden are the secrets that the input and the credentials of this run declare. Nil
// hides nothing.
type hidden struct {
	mu       sync.Mutex
	any      bool
	revealed bool // stdout and --save show secrets
	declared exchange.Declared
}

// add takes along what an exchange declares.
func (h *hidden) add(ex *exchange.Exchange) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.any = true
	h.declared.Add(ex)
}

// learn takes along the credentials of a call.
func (h *hidden) learn(secrets ...string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range secrets {
		h.any = h.any || s != ""
		h.declared.Learn(s)
	}
}

// reveal lets stdout and --save show secrets.
func (h *hidden) reveal(reveal bool) {
	if h != nil {
		h.revealed = reveal
	}
}

// hide returns a part of the input without what's declared.
func (h *hidden) hide(text string) string {
	if h == nil {
		return text
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.declared.Hide(text)
}

// hideWhole returns a part of the output without what's declared.
func (h *hidden) hideWhole(text string) string {
	if h == nil {
		return text
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.declared.HideWhole(text)
}

// holds reports whether anything is to be hidden from stdout and files.
func (h *hidden) holds() bool {
	if h == nil || h.revealed {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.any
}

// hidingWriter writes whole lines, without what's hidden. Of a very long line it keeps
// the end back, since a secret may go on.
type hidingWriter struct {
	w      io.Writer
	hidden *hidden
	rest   []byte
	err    error
}

func (h *hidingWriter) Write(p []byte) (int, error) {
	if len(h.rest) == 0 && !h.hidden.holds() {
		return h.w.Write(p)
	}
	const longLine, longSecret = 256 << 10, 16 << 10
	h.rest = append(h.rest, p...)
	end := len(h.rest) - len(p) + bytes.LastIndexByte(p, '\n') + 1
	if bytes.LastIndexByte(p, '\n') < 0 {
		if end = 0; len(h.rest) > longLine {
			end = len(h.rest) - longSecret
		}
	}
	if h.write(end); h.err != nil {
		return 0, h.err
	}
	return len(p), nil
}

// write writes what was kept up to a place.
func (h *hidingWriter) write(end int) {
	if end == 0 {
		return
	}
	if _, err := io.WriteString(h.w, h.hidden.hideWhole(string(h.rest[:end]))); err != nil {
		h.err = err
	}
	h.rest = append(h.rest[:0], h.rest[end:]...)
}

// flush writes what was kept.
func (h *hidingWriter) flush() { h.write(len(h.rest)) }
