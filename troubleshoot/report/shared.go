package report

import (
	"slices"

	"immersve-doctor/diagnose/compare"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// Shared returns a plan for outputs that are passed on: what its exchange holds
// about people is left out of every sentence. The terminal's text shows it.
func Shared(p *troubleshoot.Plan) *troubleshoot.Plan {
	q := *p
	veil := exchange.NewVeil(p.Exchange)
	q.Exchange = p.Exchange.Shared()
	hide(veil, &q.Headline, &q.Step, &q.Summary, &q.Corrected, &q.Retry.Why, &q.Error.Code, &q.Error.Reason)
	q.Advice = slices.Clone(p.Advice)
	for i := range q.Advice {
		a := &q.Advice[i]
		hide(veil, &a.Title, &a.Evidence, &a.Fix, &a.Finding.Fix, &a.Hint, &a.Location.Name, &a.Location.Pointer)
		a.Others = slices.Clone(a.Others)
		for n := range a.Others {
			hide(veil, &a.Others[n])
		}
	}
	q.Checklist = slices.Clone(p.Checklist)
	for i := range q.Checklist {
		hide(veil, &q.Checklist[i].Because, &q.Checklist[i].Verify)
	}
	q.Next = slices.Clone(p.Next)
	for i := range q.Next {
		hide(veil, &q.Next[i])
	}
	return &q
}

func hide(veil exchange.Veil, texts ...*string) {
	for _, t := range texts {
		*t = veil.Hide(*t)
	}
}

// sharedComparison is a comparison for outputs that are passed on.
func sharedComparison(c *compare.Comparison) *compare.Comparison {
	q := *c
	veil := exchange.NewVeil(c.Failed.Exchange, c.Worked.Exchange)
	q.Failed.Exchange, q.Worked.Exchange = c.Failed.Exchange.Shared(), c.Worked.Exchange.Shared()
	q.Differences = slices.Clone(c.Differences)
	for i := range q.Differences {
		d := &q.Differences[i]
		d.Failed.Text, d.Worked.Text = veil.HideNamed(d.Name, d.Failed.Text), veil.HideNamed(d.Name, d.Worked.Text)
		hide(veil, &d.Name, &d.Pointer, &d.Why)
	}
	return &q
}
