package troubleshoot

import (
	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// NewGroupPlan makes the plan of many exchanges that have status, operation,
// errorCode and leading finding in common. It says what their pages say; what
// was seen of one exchange alone is not in it.
func NewGroupPlan(lead diagnose.Lead, status int) (Plan, error) {
	d := diagnose.Diagnosis{Exchange: &exchange.Exchange{}, Class: lead.Class, Error: check.ErrorBody{Code: lead.Code}}
	if status != 0 {
		d.Exchange.Response = &exchange.Response{Status: status}
	}
	if lead.Class == check.NoResponse {
		d.Exchange.Failure = &exchange.Failure{Kind: exchange.FailureKind(lead.Finding)}
	}
	if operation, err := api.Lookup(lead.Operation); err == nil {
		d.Operation = operation
		d.Route.Route = api.Route{ID: operation.ID, Method: operation.Method, Path: operation.Path}
	}
	if lead.Finding != "" {
		page, err := Finding(lead.Finding)
		if err == nil { // totals of a newer version may name findings that this one does not know
			d.Findings = []check.Finding{{ID: lead.Finding, Severity: lead.Severity, Title: page.Title}}
		}
	}
	return NewPlan(d)
}
