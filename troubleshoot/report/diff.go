package report

import (
	"unicode/utf8"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// change returns what a repair takes away and what it puts there, secrets masked.
func change(p *troubleshoot.Plan, r check.Repair) (before, after string) {
	old, fixed := p.Exchange.Request, p.Diagnosis.Corrected
	known := p.Exchange.Known()
	switch r.Kind {
	case check.RepairHeader:
		if v, ok := old.Header.Get(r.Name); ok {
			before = r.Name + ": " + v.String()
		}
		if r.Value != "" {
			after = r.Name + ": " + known.Hide(exchange.NewValue(r.Name, r.Value).String())
		}
		return before, after
	case check.RepairBody:
		return around(old.Body.String(), known.Hide(exchange.NewBody([]byte(r.Value)).String()))
	}
	return around(old.Method.String()+" "+old.URL.String(), fixed.Method.String()+" "+fixed.URL.String())
}

// context is how much of two texts is shown on either side of what differs.
const context = 24

// around returns the parts of two texts that differ, with a little of what surrounds
// them.
func around(was, is string) (before, after string) {
	same := 0
	for same < len(was) && same < len(is) && was[same] == is[same] {
		same++
	}
	end := 0
	for end < len(was)-same && end < len(is)-same && was[len(was)-1-end] == is[len(is)-1-end] {
		end++
	}
	part := func(s string) string {
		from, to := max(0, same-context), min(len(s), len(s)-end+context)
		for from > 0 && !utf8.RuneStart(s[from]) {
			from--
		}
		for to < len(s) && !utf8.RuneStart(s[to]) {
			to++
		}
		cut := s[from:to]
		if from > 0 {
			cut = "…" + cut
		}
		if to < len(s) {
			cut += "…"
		}
		return cut
	}
	return part(was), part(is)
}
