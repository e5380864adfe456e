package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/troubleshoot"
)

// Replay is an exchange and what became of it when its request was sent again.
type Replay struct {
	Before  *diagnose.Diagnosis
	After   *diagnose.Diagnosis
	Outcome diagnose.Outcome
}

// ReplayText writes the outcome and what differs, for people. The plan of the new
// exchange follows it.
func ReplayText(w io.Writer, r *Replay, s Style) error {
	t := newText(s)
	t.replayOutcome(r)
	t.replayDifferences(r)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// replayOutcome is the first line.
func (t *text) replayOutcome(r *Replay) {
	state := diagnose.Problem
	switch {
	case r.Outcome == diagnose.Fixed, !r.After.Failed():
		state = diagnose.OK
	case r.Outcome == diagnose.New:
		state = diagnose.Unknown
	}
	head := t.mark(state) + " " + t.bold.Sprint(string(r.Outcome)) + strings.Repeat(" ", len("CHANGED")-len(r.Outcome)+2)
	indent := columns(head)
	for i, l := range Wrap(t.ascii(Plain(replayWords(r))), t.style.Width-indent) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		t.line(head + t.bold.Sprint(l))
	}
}

func replayWords(r *Replay) string {
	before, now := replayAnswer(r.Before), replayAnswer(r.After)
	switch r.Outcome {
	case diagnose.New:
		return now + " (the input has no response to compare with)"
	case diagnose.Same:
		if before == now {
			return now + ", as before"
		}
	}
	return fmt.Sprintf("%s before, %s now", before, now)
}

// replayAnswer returns the response in a word or two: "403 KYC_REQUIRED", "no response
// (timeout)".
func replayAnswer(d *diagnose.Diagnosis) string {
	if d.Status() == 0 {
		if f := d.Exchange.Failure; f != nil && f.Kind != exchange.FailureUnknown {
			return fmt.Sprintf("no response (%s)", f.Kind)
		}
		return "no response"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %.60s", d.Status(), exchange.MaskText(d.Error.Code)))
}

// replayDifference is one line of what differs; "" stands for nothing there.
type replayDifference struct{ name, before, now string }

// replayDifferences compares what two answers consist of, and keeps what differs.
func replayDifferences(r *Replay) []replayDifference {
	if r.Outcome == diagnose.New {
		return nil
	}
	all := []replayDifference{
		{"status", replayStatus(r.Before), replayStatus(r.After)},
		{"code", r.Before.Error.Code, r.After.Error.Code},
		{"reason", r.Before.Error.Reason, r.After.Error.Reason},
		{"finding", replayFinding(r.Before), replayFinding(r.After)},
		{"elapsed", replayElapsed(r.Before), replayElapsed(r.After)},
	}
	var kept []replayDifference
	for _, d := range all {
		if d.before != d.now && (d.name != "elapsed" || d.before != "" && d.now != "") {
			kept = append(kept, replayDifference{d.name, exchange.MaskText(d.before), exchange.MaskText(d.now)})
		}
	}
	return kept
}

func replayStatus(d *diagnose.Diagnosis) string {
	if d.Status() == 0 {
		return replayAnswer(d)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", d.Status(), d.Exchange.Response.Phrase))
}

// replayFinding is the finding that explains the answer best. What is remarkable of the
// capture, and not of the exchange, explains nothing.
func replayFinding(d *diagnose.Diagnosis) string {
	for _, f := range d.Findings {
		if f.Severity != check.Info && f.ID != finding.SecretInCapture {
			return f.ID
		}
	}
	return ""
}

func replayElapsed(d *diagnose.Diagnosis) string {
	var took time.Duration
	switch {
	case d.Exchange.Response != nil:
		took = d.Exchange.Response.Elapsed
	case d.Exchange.Failure != nil:
		took = d.Exchange.Failure.Elapsed
	}
	if took <= 0 {
		return ""
	}
	return took.Round(time.Millisecond).String()
}

// replayDifferences writes a table of two columns.
func (t *text) replayDifferences(r *Replay) {
	list := replayDifferences(r)
	if len(list) == 0 {
		return
	}
	t.line("")
	const labels = 2 + len("finding") + 2
	column := (t.style.Width - labels) / 2
	row := func(before, now string) string {
		before, now = t.cell(before, column-2), t.cell(now, column)
		return before + strings.Repeat(" ", column-columns(before)) + now
	}
	t.line(strings.Repeat(" ", labels) + t.faint.Sprint(row("before", "now")))
	for _, d := range list {
		t.line("  " + t.cyan.Sprint(d.name) + strings.Repeat(" ", labels-2-len(d.name)) + row(d.before, d.now))
	}
}

func (t *text) cell(s string, width int) string {
	if s == "" {
		s = "–"
	}
	return truncate(t.ascii(Plain(s)), width, t.ascii("…"))
}

// ReplayMarkdown writes the outcome and what differs, fit for a ticket.
func ReplayMarkdown(w io.Writer, r *Replay) error {
	var b strings.Builder
	veil := exchange.NewVeil(r.Before.Exchange, r.After.Exchange)
	fmt.Fprintf(&b, "**%s**: %s\n\n", r.Outcome, Escape(veil.Hide(replayWords(r))))
	if list := replayDifferences(r); len(list) > 0 {
		b.WriteString("| | before | now |\n|---|---|---|\n")
		for _, d := range list {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", d.name, tableCell(veil.HideNamed(d.name, d.before)), tableCell(veil.HideNamed(d.name, d.now)))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tableCell(s string) string {
	if s == "" {
		return "–"
	}
	return Escape(truncate(Plain(s), 120, "…"))
}

// replayDocument is the diagnosis of the new exchange with one member more.
type replayDocument struct {
	document
	Replay replayJSON `json:"replay"`
}

type replayJSON struct {
	Before  *replayedJSON `json:"before"` // null when the capture holds no answer
	Outcome string        `json:"outcome"`
}

type replayedJSON struct {
	Status    int    `json:"status"` // 0 when no response came
	ErrorCode string `json:"errorCode"`
	Failure   string `json:"failure,omitempty"` // what kept a response from coming
}

// ReplayJSON writes the plan of the new exchange as JSON does, with the outcome.
func ReplayJSON(w io.Writer, p *troubleshoot.Plan, r *Replay) error {
	doc := replayDocument{document: documentOf(p), Replay: replayJSON{Outcome: string(r.Outcome)}}
	if r.Outcome != diagnose.New {
		doc.Replay.Before = &replayedJSON{Status: r.Before.Status(), ErrorCode: exchange.MaskText(r.Before.Error.Code)}
		if f := r.Before.Exchange.Failure; f != nil && r.Before.Status() == 0 {
			doc.Replay.Before.Failure = string(f.Kind)
		}
	}
	return WriteJSON(w, doc)
}
