package diagnose_test

import (
	"path/filepath"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
)

// The lead is what the whole diagnosis says, for every labelled exchange.
func TestLeadOfIsTheDiagnosisInShort(t *testing.T) {
	for _, folder := range []string{"valid", "forbidden", "not-sent", "faulty"} {
		for _, name := range corpus(t, folder) {
			for _, d := range diagnoseFile(t, name) {
				if got, want := diagnose.LeadOf(d.Exchange, clock), leadOf(&d); got != want {
					t.Errorf("%s: LeadOf = %+v, the diagnosis says %+v", filepath.Base(name), got, want)
				}
			}
		}
	}
}

func leadOf(d *diagnose.Diagnosis) diagnose.Lead {
	lead := diagnose.Lead{Class: d.Class, Operation: d.OperationID(), Code: d.Error.Code, Failed: d.Failed()}
	for _, f := range []*check.Finding{d.Suspect(), d.Cause()} {
		if f != nil {
			lead.Finding, lead.Severity = f.ID, f.Severity
		}
	}
	return lead
}

// Totals need the lead of every failed exchange of a day.
func BenchmarkLeadOf(b *testing.B) {
	ex := twoKilobytes()
	for b.Loop() {
		diagnose.LeadOf(ex, clock)
	}
}
