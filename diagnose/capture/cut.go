package capture

import (
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// This file reads a text whose end was not read: the limit was reached, or a
// compressed file breaks off. What was cut says nothing, and what would have
// followed is not missing.

// readCut reads such a text. Its last exchange is held back until it is known to
// be the last.
func readCut(in *input, f format, yield func(*exchange.Exchange) bool) {
	inHeader := dropCutField(in)
	var held *exchange.Exchange
	more := true
	f.read(in, func(ex *exchange.Exchange) bool {
		if held != nil {
			more = yield(held)
		}
		held = ex
		return more
	})
	if held == nil || !more {
		return
	}
	if f.kind == exchange.KindCurlCommand && !strings.HasSuffix(in.text, "\n") {
		in.saw = "a curl command that's cut off"
		in.leave(held.Source.Line, 1, in.saw)
		return
	}
	if inHeader {
		openHeader(held)
	}
	openBody(held)
	yield(held)
}

// dropCutField drops the last line where it is the beginning of a header field or
// follows one: it reports whether the text ends inside a header section.
func dropCutField(in *input) bool {
	last := strings.LastIndexByte(in.text, '\n') + 1
	line := in.text[last:]
	if line == "" { // cut at a line's end
		before := strings.TrimSuffix(in.text, "\n")
		return isFieldLine(before[strings.LastIndexByte(before, '\n')+1:])
	}
	if !isFieldLine(line) && !followsField(in.text[:last], line) {
		return false
	}
	in.text = in.text[:last]
	return true
}

// isFieldLine knows a header field, also as curl -v shows it, and a start line.
func isFieldLine(line string) bool {
	if isSent(line) || isReceived(line) || isStartLine(line) || isEditorRequest(line) {
		return true
	}
	for _, sign := range []string{"> ", "< "} {
		line = strings.TrimPrefix(line, sign)
	}
	name, _, ok := strings.Cut(line, ":")
	return ok && isFieldName(name)
}

// followsField reports whether a line may be the beginning of a field's name: it
// stands behind a field.
func followsField(before, line string) bool {
	before = strings.TrimSuffix(before, "\n")
	previous := before[strings.LastIndexByte(before, '\n')+1:]
	line = strings.TrimSpace(strings.TrimLeft(line, "<>"))
	return previous != "" && isFieldLine(previous) && (line == "" || isFieldName(line))
}

// openHeader says of the last message that there may have been more fields.
func openHeader(ex *exchange.Exchange) {
	switch {
	case ex.Response != nil:
		ex.Response.HeaderCaptured = false
		ex.Response.Body = exchange.Body{}
	case ex.Request != nil:
		ex.Request.HeaderCaptured = false
		ex.Request.Body = exchange.Body{}
	}
}

// openBody says of the last message that there may have been content, or more of
// it.
func openBody(ex *exchange.Exchange) {
	if ex.Response != nil {
		ex.Response.Body = opened(ex.Response.Body)
	} else if ex.Request != nil {
		ex.Request.Body = opened(ex.Request.Body)
	}
}

func opened(b exchange.Body) exchange.Body {
	if !b.Present() {
		return exchange.Body{}
	}
	if !exchange.ValidJSON(b.Bytes()) {
		b.Truncated = true
	}
	return b
}
