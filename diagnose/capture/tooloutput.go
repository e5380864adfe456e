package capture

import (
	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
)

// toolOutput reads what the files of package tools describe: errors of HTTP clients,
// and what clients and servers log, of one kind or of any ("").
func toolOutput(kind exchange.Kind) format {
	return format{
		kind: kind,
		sure: func(head string) int { return toolSureness(head, kind) },
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			a := NewAssembler(tools.Load(), in.leave)
			for c := range a.Calls(in.text) {
				if !yield(c.Exchange()) {
					return
				}
			}
		},
	}
}

// toolSureness returns how sure it is that tools of a kind print a text: an error with a
// status more than a failure, a response that answers a request most.
func toolSureness(head string, kind exchange.Kind) int {
	set, sure := tools.Load(), 0
	a := &Assembler{set: set, text: head}
	var m pattern.Match
	for at := 0; at < len(head) && sure < 93; {
		end := at + lineLength(head[at:])
		for from := at; from < end; {
			l := set.Find(head, at, from, &m)
			if l == nil {
				break
			}
			if l.Tool.Kind == kind {
				sure = max(sure, a.sureOf(l, &m, at))
			}
			from = max(m.End, from+1)
		}
		at = end + 1
	}
	return sure
}

func (a *Assembler) sureOf(l *tools.Line, m *pattern.Match, begin int) int {
	switch {
	case l.Tool.Kind == exchange.KindConsole && l.Role != tools.Skip:
		return 98 // its first lines look like a .http file's
	case l.Tool.Pairs() && (l.Role == tools.Response || l.Role == tools.Failure):
		return 93
	case l.Tool.Pairs() && l.Role == tools.Request && l.Pattern.HasWords():
		return 79
	case !l.Tool.Anywhere() && l.Role == tools.Exchange:
		return 78
	case l.Role == tools.Exchange && m.Has(pattern.Status):
		return 75
	case l.Role == tools.Failure && a.failure(l, m, begin) != nil:
		return 68
	}
	return 0
}

// toolLine reads one line of a tool by itself.
func toolLine(line string) (ex *exchange.Exchange, ok bool) {
	a := NewAssembler(tools.Load(), func(int, int, string) {})
	for c := range a.Calls(line) {
		return c.Exchange(), true
	}
	return nil, false
}

// isToolLine reports whether a tool tells in a line of a response, or that there is none.
func isToolLine(line string) bool {
	a := &Assembler{set: tools.Load(), text: line}
	var m pattern.Match
	l := a.set.Find(line, 0, 0, &m)
	return l != nil && a.sureOf(l, &m, 0) > 0
}
