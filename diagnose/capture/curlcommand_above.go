package capture

import (
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// This file takes the curl command that stands above its own output, as a
// terminal shows both.

// aboveWindow bounds how much text above an output is searched for its command.
const aboveWindow = 64 << 10

// commandAbove returns the request of the curl command that stands right above an
// offset of a text, with what is worth knowing of it; nil when none stands there.
// What the shell put in isn't known: the request's Unexpanded names it.
func commandAbove(text string, before int) (*exchange.Request, []string) {
	before = min(max(before, 0), len(text))
	start := max(0, before-aboveWindow)
	window := text[start:before]
	if !strings.Contains(window, "curl") {
		return nil, nil
	}
	p := newPaste(window)
	answered := false
	p.leave = func(_, _ int, line string) {
		answered = answered || !strings.HasPrefix(line, "* ") && !isTransferNote(line) && !isCurlError(line)
	}
	p.each = func() { answered = false }
	list := p.read()
	if len(list) == 0 || answered {
		return nil, nil
	}
	last := list[len(list)-1]
	command, err := last.parse()
	if err != nil || len(command.Requests) != 1 || last.isWebRequest() || !last.isCommand() {
		return nil, nil
	}
	r := command.Requests[0]
	r.Unexpanded = last.opaque
	var notes []string
	for _, n := range append(last.notes, command.Notes...) {
		notes = append(notes, strings.Replace(n, nothingPutIn, "its value isn't in the input", 1))
	}
	return r, notes
}

// askedBy gives an exchange the request of the command above it, where the
// capture shows none, and the command's body, where the capture does not show it.
func askedBy(ex *exchange.Exchange, text string, from, before int) {
	complete := ex.Request != nil && ex.Request.Body.State() != exchange.BodyNotCaptured
	if complete || from >= before {
		return
	}
	r, notes := commandAbove(text[from:before], before-from)
	if r == nil {
		return
	}
	ex.Notes = append(ex.Notes, notes...)
	switch {
	case ex.Request == nil:
		ex.Request = r
	case ex.Request.Method == r.Method && ex.Request.URL.Path == r.URL.Path:
		ex.Request.Body = r.Body
		ex.Request.Conceal(r.Known())
	case ex.Request.Method == "" && ex.Request.URL.Path == "": // curl's error names the host alone
		ex.Request = r
	}
}

// commandLines counts the lines of the curl command that begins a text, 0 when
// none begins there.
func commandLines(text string) int {
	call, ok := findCall(text[:lineLength(text)])
	if !ok {
		return 0
	}
	if call.dialect != posixShell {
		return 1
	}
	scan := &shellScan{text: text[call.start:min(len(text), call.start+aboveWindow)]}
	end := scan.end(0)
	command := scan.text[:end]
	if scan.quote != "" || scan.weight >= maxShellWeight || anyLine(command, isStartLine) {
		return 1
	}
	return 1 + strings.Count(strings.TrimSuffix(command, "\n"), "\n")
}

// behindCommand returns the offset behind the curl commands that begin a text.
func behindCommand(text string) int {
	at := 0
	for at < len(text) {
		lines := commandLines(text[at:])
		if lines == 0 {
			return at
		}
		for range lines {
			at = min(at+lineLength(text[at:])+1, len(text))
		}
	}
	return at
}

// promptedCall returns the offset of the line with a prompt at which curl is
// called next, -1 when there is none.
func promptedCall(text string) int {
	for at := 0; at < len(text); {
		i := strings.Index(text[at:], "curl")
		if i < 0 {
			return -1
		}
		start := strings.LastIndexByte(text[:at+i], '\n') + 1
		end := at + i + lineLength(text[at+i:])
		if call, ok := findCall(text[start:end]); ok && call.prompted {
			return start
		}
		at = end + 1
	}
	return -1
}

// objectStart returns the offset of the first brace behind an offset of a text
// that stands in no curl command, -1 when there is none.
func objectStart(text string, at int) int {
	for {
		i := strings.IndexByte(text[at:], '{')
		if i < 0 {
			return -1
		}
		i += at
		next := behindCommandBefore(text, at, i)
		if next <= i {
			return i
		}
		at = next
	}
}

// behindCommandBefore returns an offset behind i when a curl command that begins
// between at and i holds what stands at i, else i. What goes on behind an object
// on the same line is looked at up to the next one only, so that many objects on
// one line cost no more than their own length.
func behindCommandBefore(text string, at, i int) int {
	if at > 0 && text[at-1] != '\n' {
		end := at + lineLength(text[at:i])
		if !callsCurl(text[at:end]) {
			if end == i {
				return i
			}
			at = end + 1
		}
	}
	for at <= i {
		lines := commandLines(text[at:])
		for range max(lines, 1) {
			at = min(at+lineLength(text[at:])+1, len(text))
		}
		if lines > 0 && at > i {
			return at
		}
	}
	return i
}
