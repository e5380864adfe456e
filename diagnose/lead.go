package diagnose

import (
	"slices"
	"time"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// Lead is what totals over many exchanges need of a Diagnosis.
type Lead struct {
	Class     check.Class
	Operation string         // operationId, "" when no route matches
	Code      string         // the response's errorCode
	Finding   string         // id of the cause, or of the suspicion where there is no cause; "" for neither
	Severity  check.Severity // of Finding
	Failed    bool           // as Diagnosis.Failed
}

// LeadOf is Diagnose without all that cannot change the answer: only findings
// that can explain the class lead, so only the checks that produce them run.
func LeadOf(ex *exchange.Exchange, now time.Time) Lead {
	in := newInput(ex, now)
	d := Diagnosis{Exchange: ex, Class: in.Class, Route: in.Route, Error: in.Error}
	if in.Class != check.Success {
		d.Findings = rank(in, foundAmong(in, finding.Causes(string(in.Class))))
	}
	lead := Lead{Class: d.Class, Operation: d.OperationID(), Code: d.Error.Code, Failed: d.Failed()}
	f := d.Cause()
	if f == nil {
		f = d.Suspect()
	}
	if f != nil {
		lead.Finding, lead.Severity = f.ID, f.Severity
	}
	return lead
}

// foundAmong runs the checks that can produce one of the findings.
func foundAmong(in *check.Input, ids []string) []check.Finding {
	var findings []check.Finding
	for _, c := range check.All() {
		if !c.Concerns(in.Class) || !slices.ContainsFunc(c.Produces(), func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		findings = append(findings, c.Run(in)...)
	}
	return findings
}
