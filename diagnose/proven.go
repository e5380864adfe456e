package diagnose

import (
	"slices"

	"immersve-doctor/diagnose/check"
)

// Probe is a read-only call that was made to settle what an exchange leaves
// open, and what its answer proves.
type Probe struct {
	Method    string
	URL       string // without credentials, as it was sent
	With      string // how its header differs from the plain call's: "no credentials", "x-account-id 0b5d…5f6"; "" for nothing
	Status    int    // 0 when no response came
	Operation string // operationId
	Body      []byte // what it returned; never shown
	State     State  // OK, Problem, or Unknown where it proves nothing
	Proves    string // a clause without a full stop
}

// Proof is what probes have settled about an exchange.
type Proof struct {
	Probes    []Probe
	Verdicts  []Verdict       // of the class's checklist, and of an errorCode's steps ("403.KYC_REQUIRED.1")
	Findings  []check.Finding // each replaces the finding of the same id, which was a suspicion
	Disproved []string        // ids of suspicions that the probes have cleared
	Remark    string          // what is left as the cause when every point is in order, a clause; "" for nothing
}

// With returns the diagnosis as the proof leaves it. A verdict that rests on the
// exchange itself stays.
func (d Diagnosis) With(p Proof) Diagnosis {
	d.Probes, d.Remark = p.Probes, p.Remark
	d.Verdicts = slices.Clone(d.Verdicts)
	for _, v := range p.Verdicts {
		i := slices.IndexFunc(d.Verdicts, func(old Verdict) bool { return old.Item == v.Item })
		switch {
		case i < 0:
			d.Steps = append(d.Steps, v)
		case d.Verdicts[i].State == Unknown:
			d.Verdicts[i] = v
		}
	}
	findings := slices.DeleteFunc(slices.Clone(d.Findings), func(f check.Finding) bool {
		suspicion := f.Severity != check.Error
		return suspicion && (slices.Contains(p.Disproved, f.ID) ||
			slices.ContainsFunc(p.Findings, func(proven check.Finding) bool { return proven.ID == f.ID }))
	})
	in := &check.Input{Exchange: d.Exchange, Class: d.Class, Route: d.Route, Meant: d.Meant, Operation: d.Operation, Error: d.Error}
	d.Findings = rank(in, append(findings, p.Findings...))
	d.Corrected, d.Repairs = correct(in, d.Findings)
	return d
}

// Step returns what probes have settled about a step of an errorCode's page.
func (d *Diagnosis) Step(item string) (Verdict, bool) {
	for _, v := range d.Steps {
		if v.Item == item {
			return v, true
		}
	}
	return Verdict{}, false
}
