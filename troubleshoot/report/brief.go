package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/troubleshoot"
)

// IsBrief reports whether a line says all about an exchange among others: it
// succeeded, and nothing about it is worth a look.
func IsBrief(p *troubleshoot.Plan, s Style) bool {
	notable := slices.ContainsFunc(p.Findings, func(f check.Finding) bool {
		return f.Severity > check.Info && f.ID != finding.SecretInCapture // that is of the capture
	})
	return (p.Class == check.Success || p.Class == check.Delivered && !p.Failed()) && !notable && !s.Verbose && len(p.Probes) == 0
}

// Brief writes an exchange that succeeded among others in one line: status and
// endpoint, request, place in the input.
func Brief(w io.Writer, p *troubleshoot.Plan, s Style) error {
	return brief(w, p, s, briefPlace(p.Exchange.Source, s))
}

// Again writes a failure in one line that was reported before.
func Again(w io.Writer, p *troubleshoot.Plan, s Style) error { return brief(w, p, s, "again") }

func brief(w io.Writer, p *troubleshoot.Plan, s Style, place string) error {
	t := newText(s)
	state, said := diagnose.OK, strconv.Itoa(p.Status())
	if p.Failed() {
		state, said = diagnose.Problem, strings.TrimSpace(said+" "+maskedCode(p))
	}
	mark := t.mark(state)
	if !s.Unicode && state == diagnose.OK {
		mark = t.green.Sprint("OK")
	}
	if p.Status() == 0 && p.Exchange.Failure != nil {
		said = string(p.Exchange.Failure.Kind)
	}
	if id := p.OperationID(); id != "" {
		said += " on " + id
	}
	if p.Class == check.Delivered {
		said = troubleshoot.Subject(&p.Diagnosis)
	}
	said = t.ascii(Plain(said)) + "  "
	place = t.ascii(Plain(place))
	room := t.style.Width - columns(mark) - 1 - columns(said) - columns(place) - 2
	what := truncate(t.ascii(Plain(briefTarget(p, room))), max(room, 0), t.ascii("…"))
	gap := max(room-columns(what), 0) + 2
	t.line(fmt.Sprintf("%s %s%s%*s%s", mark, said, what, gap, "", t.faint.Sprint(place)))
	_, err := io.WriteString(w, t.b.String())
	return err
}

// briefPlace is the line of the only input, or input and line.
func briefPlace(s exchange.Source, style Style) string {
	if !style.Sources && s.Line > 0 {
		return fmt.Sprintf("line %d", s.Line)
	}
	return sourceName(s)
}

// briefTarget leaves scheme and host out where they do not fit: the operation
// tells more.
func briefTarget(p *troubleshoot.Plan, room int) string {
	whole := shortIDs(target(p))
	if columns(whole) <= room || p.Exchange.Request == nil {
		return whole
	}
	return strings.Replace(whole, p.Exchange.Request.URL.Scheme+"://"+p.Exchange.Request.URL.Authority(), "", 1)
}
