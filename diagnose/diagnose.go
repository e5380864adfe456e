// Package diagnose is the engine: an exchange and the API's facts go in, a
// Diagnosis comes out. It is pure: the same exchange, clock and facts give the
// same Diagnosis.
package diagnose

import (
	"slices"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
)

// Diagnosis is what was found about one exchange. What to do about it is a Plan
// of package troubleshoot.
type Diagnosis struct {
	Exchange    *exchange.Exchange
	Class       check.Class
	Environment api.Environment
	Auth        Auth
	Route       api.Match
	Meant       api.Suggestion  // what a request without a documented route was probably meant for
	Operation   *api.Operation  // nil when no documented route matches or is near
	Error       check.ErrorBody // the response's error body
	Findings    []check.Finding // most likely cause first
	Verdicts    []Verdict       // in the order of the class's checklist
	Corrected   *exchange.Request
	Repairs     []check.Repair // the edits that led to Corrected
	Probes      []Probe        // read-only calls that were made to settle more, in their order
	Steps       []Verdict      // what they settled of the errorCode's steps ("403.KYC_REQUIRED.1")
	Remark      string         // what they leave as the cause, a clause; "" for nothing
}

// Diagnose finds what is the matter with an exchange. now is the clock of the
// diagnosis; a check prefers the response's Date where there is one.
func Diagnose(ex *exchange.Exchange, now time.Time) Diagnosis {
	return With(ex, Options{Now: now})
}

// Options are what a diagnosis takes besides the exchange.
type Options struct {
	Now      time.Time      // the clock of the diagnosis
	Keys     webhook.KeySet // what webhooks are verified with, or nil
	Repeated bool           // the message of this webhook was delivered before
}

// With is Diagnose with further options.
func With(ex *exchange.Exchange, o Options) Diagnosis {
	ex.Conceal()
	in := newInput(ex, o.Now)
	in.Keys, in.Repeated = o.Keys, o.Repeated
	findings := rank(in, found(in))
	d := Diagnosis{
		Exchange:    ex,
		Class:       in.Class,
		Environment: in.Host().Environment,
		Auth:        authSent(in),
		Route:       in.Route,
		Meant:       in.Meant,
		Operation:   in.Operation,
		Error:       in.Error,
		Findings:    findings,
		Verdicts:    verdicts(in, findings),
	}
	d.Corrected, d.Repairs = correct(in, findings)
	return d
}

func newInput(ex *exchange.Exchange, now time.Time) *check.Input {
	in := &check.Input{Exchange: ex, Error: check.ReadErrorBody(ex.Response), Now: now}
	if in.Class = check.Classify(ex, in.Error); in.Class == check.Delivered {
		return in // its URL is the partner's, not the API's
	}
	if url := in.Request().URL; url.Path != "" {
		in.Route = api.MatchRoute(string(in.Request().Method), url.PathSegments())
		if url.OpenBase() && in.Route.Path() == "" { // the variable may contain /api
			in.Route = api.MatchRoute(string(in.Request().Method), append([]string{"api"}, url.PathSegments()...))
		}
		if in.Class != check.Success && check.NoID(in.Route) {
			in.Route = api.Match{}
		}
	}
	id := in.Route.Route.ID
	if request := in.Request(); id == "" && request.URL.Path != "" {
		in.Meant = check.Suggest(request)
		if in.Meant.Clear && request.Method != "" && (in.Class == check.NotFound || in.Class == check.NotSent) {
			id = in.Meant.Near[0].Route.ID // so that its other mistakes are found at once
		}
	}
	if others := in.Route.Others; id == "" && in.Request().Method == "" && len(others) == 1 {
		id = others[0].ID // the input doesn't show the method, and the path has one
	}
	if id != "" {
		in.Operation, _ = api.Lookup(id) // every route has its file: the generator made the one from the other
	}
	return in
}

func found(in *check.Input) []check.Finding {
	var findings []check.Finding
	for _, c := range check.All() {
		if !c.Concerns(in.Class) {
			continue
		}
		findings = append(findings, c.Run(in)...)
	}
	findings = check.WithoutMasks(in, findings)
	for i := range findings {
		mask(&findings[i], in.Exchange.Known())
	}
	return findings
}

// mask hides what a check quoted of an exchange without masking it. Fixes, that
// pages give, hold nothing of an exchange.
func mask(f *check.Finding, known *exchange.Known) {
	for _, text := range []*string{&f.Title, &f.Evidence, &f.Fix, &f.Hint, &f.Location.Name, &f.Location.Pointer} {
		*text = known.Hide(exchange.MaskForms(*text))
	}
}

// Cause returns the finding that explains the answer, nil when none does.
func (d *Diagnosis) Cause() *check.Finding {
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Severity == check.Error {
			return f
		}
		if !ofTheAnswer(f.ID) {
			return nil
		}
	}
	return nil
}

// Suspect returns the suspicion that would explain the answer, where there is no
// cause on evidence; nil when there is none.
func (d *Diagnosis) Suspect() *check.Finding {
	if d.Cause() != nil || len(d.Findings) == 0 || d.Class == check.Success || d.Class == check.NotSent {
		return nil
	}
	if f := &d.Findings[0]; f.Severity == check.Warning && slices.Contains(finding.Causes(string(d.Class)), f.ID) {
		return f
	}
	return nil
}

// OperationID returns the operation's id, "" when no route matches.
func (d *Diagnosis) OperationID() string { return d.Route.Route.ID }

// Status returns the response's status code, 0 when there is none.
func (d *Diagnosis) Status() int {
	if d.Exchange.Response == nil {
		return 0
	}
	return d.Exchange.Response.Status
}

// Failed reports whether the exchange counts as failed for the exit status: any
// answer but a success, and a request alone that has a finding of severity error.
func (d *Diagnosis) Failed() bool {
	switch d.Class {
	case check.Success:
		return false
	case check.NotSent, check.Delivered:
		return d.Cause() != nil
	}
	return true
}

// Auth says which credentials a request carries.
type Auth string

// The kinds of credentials.
const (
	AuthUnknown Auth = "unknown" // the capture shows no request header section
	AuthNone    Auth = "none"
	AuthBearer  Auth = "bearer"
	AuthKey     Auth = "api-key"
	AuthBoth    Auth = "both"
)

// authSent returns the kind of credentials that were sent.
func authSent(in *check.Input) Auth {
	auth := authOf(in.Exchange)
	if in.Class == check.Delivered {
		return AuthUnknown // a webhook is signed
	}
	if auth == AuthUnknown && in.Request().Sanitised && in.Operation != nil && in.Operation.Security == api.SecurityNone {
		return AuthNone // nothing was asked for, and the fields that show have none
	}
	return auth
}

func authOf(ex *exchange.Exchange) Auth {
	if ex.Request == nil {
		return AuthUnknown
	}
	h := ex.Request.Header
	_, bearer := h.Get("authorization")
	_, key := h.Get("x-api-key")
	_, secret := h.Get("x-api-secret")
	switch {
	case bearer && (key || secret):
		return AuthBoth
	case bearer:
		return AuthBearer
	case key || secret:
		return AuthKey
	case ex.Request.HeaderCaptured:
		return AuthNone
	}
	return AuthUnknown
}
