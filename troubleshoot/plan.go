package troubleshoot

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/troubleshoot/page"
)

// Plan is a Diagnosis with what to do about it, in words.
type Plan struct {
	diagnose.Diagnosis
	Headline  string // what failed and why, on one line
	Step      string // the first thing to do, on one line; "" if nothing failed
	Summary   string // both
	Advice    []Advice
	Checklist []Point
	Retry     RetryAdvice
	Corrected string   // the fixed request as a curl command, or "" if the evidence doesn't determine it
	Again     []int    // the lines at which the same failure is in the input again
	Next      []string // at most two commands to continue with, without that of Step
}

// Advice is a finding with its words filled in from its page.
type Advice struct {
	check.Finding
	Fix    string
	Others []string // further ways to mend it, by circumstances
	Docs   string
}

// NotLookedUp is why a step is unknown that only another call settles.
const NotLookedUp = "not looked up"

// Point is an item of the checklist, worked through.
type Point struct {
	ID      string
	Text    string
	State   diagnose.State
	Because string
	Finding string
	Verify  string // the command that answers it, or how to get one; "" if there is none
	probed  bool   // --probe answers it, too
}

// RetryAdvice says whether and when to send again.
type RetryAdvice struct {
	Advice       string // none, after-fix, after-delay, backoff
	AfterSeconds int
	Safe         bool // repeating the request does no harm
	Why          string
}

// NewPlan makes the plan of a diagnosis. An error means that a page is broken,
// which tests exclude.
func NewPlan(d diagnose.Diagnosis) (Plan, error) {
	p := Plan{Diagnosis: d}
	status, err := statusPage(&d)
	if err != nil {
		return p, err
	}
	code, err := codePage(&d)
	if err != nil {
		return p, err
	}
	if p.Advice, err = adviceFor(d.Findings, d.Error.Code, code); err != nil {
		return p, err
	}
	if p.Checklist, err = checklistOf(&d, code); err != nil {
		return p, err
	}
	p.Retry = retryAdvice(&d, status, code)
	if d.Corrected != nil {
		p.Corrected = correctedCurl(&d)
	}
	p.Next = next(&d, p.Checklist, code)
	if err := p.summarize(status, code); err != nil {
		return p, err
	}
	p.Summary = strings.TrimSpace(p.Headline + " " + p.Step)
	p.conceal(d.Exchange.Known())
	return p, nil
}

// Same reports whether two plans are of the same failure: the same request got the
// same response for the same reason. Times and request ids may differ.
func (p *Plan) Same(q *Plan) bool {
	if !p.Failed() || p.Class != q.Class || p.Status() != q.Status() || p.Error.Code != q.Error.Code || p.Error.Reason != q.Error.Reason ||
		p.Auth != q.Auth || p.Exchange.Source.Name != q.Exchange.Source.Name || len(p.Advice) != len(q.Advice) || len(p.Probes)+len(q.Probes) > 0 {
		return false
	}
	for i := range p.Advice {
		if p.Advice[i].ID != q.Advice[i].ID || p.Advice[i].Location != q.Advice[i].Location {
			return false
		}
	}
	return p.Exchange.Request.Same(q.Exchange.Request)
}

// conceal hides what the request's variables brought in every sentence.
func (p *Plan) conceal(known *exchange.Known) {
	if known == nil {
		return
	}
	hide := func(texts ...*string) {
		for _, t := range texts {
			*t = known.Hide(*t)
		}
	}
	hide(&p.Headline, &p.Step, &p.Summary, &p.Retry.Why, &p.Error.Code, &p.Error.Reason)
	for i := range p.Advice {
		a := &p.Advice[i]
		hide(&a.Title, &a.Evidence, &a.Fix, &a.Hint)
		a.Others = slices.Clone(a.Others)
		for n := range a.Others {
			hide(&a.Others[n])
		}
	}
	for i := range p.Checklist {
		hide(&p.Checklist[i].Because, &p.Checklist[i].Verify)
	}
	for i := range p.Next {
		hide(&p.Next[i])
	}
}

// correctedCurl returns the corrected request as a curl command. A simulator that ended
// with the process is started again for it, and has credentials of its own.
func correctedCurl(d *diagnose.Diagnosis) string {
	request, content := d.Corrected, d.Operation != nil && d.Operation.RequestBody != nil
	local := d.Exchange.Source.Local
	if local == "" {
		return request.CurlCommand(content, takesCredentials(request))
	}
	bare := *request
	bare.Header = slices.Clone(request.Header)
	for _, name := range []string{"authorization", "x-api-key", "x-api-secret"} {
		bare.Header.Del(name)
	}
	return "immersve-doctor " + local + " " + bare.CurlCommand(content, false)
}

// takesCredentials reports whether the credentials of the user's environment belong
// to the host of a request.
func takesCredentials(r *exchange.Request) bool {
	switch api.FindHost(r.URL.Host).Role {
	case api.HostAPI, api.HostSecure, api.HostLoopback:
		return true
	}
	return false
}

// PageOf returns the id of the status page that a diagnosis belongs to.
func PageOf(d *diagnose.Diagnosis) string {
	switch d.Class {
	case check.NoResponse:
		return "no-response"
	case check.NotSent:
		return "not-sent"
	case check.Delivered:
		return "delivery"
	}
	return StatusPageID(d.Status())
}

// StatusPageID returns the page of a status code: its own, its range's, or
// "other".
func StatusPageID(status int) string {
	id := strconv.Itoa(status)
	if slices.Contains(List("statuses"), id) {
		return id
	}
	if status >= 500 && status <= 599 {
		return "5xx"
	}
	if status >= 200 && status <= 299 {
		return "200"
	}
	return "other"
}

func statusPage(d *diagnose.Diagnosis) (StatusPage, error) { return Status(PageOf(d)) }

// codePage returns the page of the response's errorCode, nil when there is none
// or the code is not known.
func codePage(d *diagnose.Diagnosis) (*CodePage, error) {
	if d.Error.Code == "" || d.Class != check.BusinessRule && d.Class != check.MalformedRequest && d.Class != check.ServerError {
		return nil, nil
	}
	page, err := Code(d.Error.Code)
	if errors.Is(err, ErrNoPage) {
		return nil, nil // an undocumented code: the finding says so
	}
	if err != nil {
		return nil, err
	}
	return &page, nil
}

func adviceFor(findings []check.Finding, answered string, code *CodePage) ([]Advice, error) {
	list := make([]Advice, 0, len(findings))
	for _, f := range findings {
		page, err := Finding(f.ID)
		if err != nil {
			return nil, err
		}
		a := Advice{Finding: f, Fix: f.Fix, Docs: f.Docs}
		if f.ID == finding.ErrorCode && code != nil {
			a.Title = strings.TrimSuffix(code.Title, ".")
			a.Docs = code.Docs
			a.Fix, a.Others = code.Fix[0], code.Fix[1:]
		}
		if f.ID == finding.ErrorCodeElsewhere {
			a.Fix = elsewhere(answered)
		}
		a.Fix = firstOf(a.Fix, page.Fix)
		a.Docs = firstOf(a.Docs, page.Docs)
		list = append(list, a)
	}
	return list, nil
}

// elsewhere says what a code means where it is documented, "" when it has no page.
func elsewhere(code string) string {
	page, err := Code(code)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("Elsewhere it means: %s. If that fits here, %s", LowerFirst(strings.TrimSuffix(page.Title, ".")), LowerFirst(page.Fix[0]))
}

func firstOf(own string, others ...string) string {
	for _, o := range others {
		if own == "" {
			own = o
		}
	}
	return own
}

// checklistOf joins the verdicts with the words of their items, and adds the
// steps of the errorCode or of the transport failure.
func checklistOf(d *diagnose.Diagnosis, code *CodePage) ([]Point, error) {
	var list []Point
	for _, v := range d.Verdicts {
		item, err := itemOf(v.Item, d.Class)
		if err != nil {
			return nil, err
		}
		list = append(list, Point{
			ID: v.Item, Text: item.Text, State: v.State, Because: meaning(d, v, code), Finding: v.Finding,
			Verify: verify(d, v.State, firstOf(v.Verify, item.Verify)),
			probed: d.Class == check.ResourceOrPermission,
		})
	}
	if code != nil && d.Error.Code != generalCode {
		list = append(list, stepPoints(d, fmt.Sprintf("%d.%s", d.Status(), code.Code), code.Steps)...)
	}
	if d.Class == check.NoResponse {
		points, err := failurePoints(d)
		if err != nil {
			return nil, err
		}
		list = append(list, points...)
	}
	return list, nil
}

// failurePoints are the steps of a transport failure: its own, or those of the
// page about all of them where its kind is not known.
func failurePoints(d *diagnose.Diagnosis) ([]Point, error) {
	if f := d.Exchange.Failure; f != nil && f.Kind != exchange.FailureUnknown {
		page, err := Finding(string(f.Kind))
		if err != nil {
			return nil, err
		}
		return stepPoints(d, page.ID, withoutLookups(d, page.Steps)), nil
	}
	page, err := Status("no-response")
	if err != nil {
		return nil, err
	}
	var list []Point
	for _, item := range page.Checklists[string(check.NoResponse)] {
		list = append(list, Point{ID: item.ID, Text: item.Text, Because: NotLookedUp, Verify: verify(d, diagnose.Unknown, item.Verify)})
	}
	return list, nil
}

// meaning is why a verdict stands; of an errorCode, what it means here.
func meaning(d *diagnose.Diagnosis, v diagnose.Verdict, code *CodePage) string {
	if v.Finding != finding.ErrorCode || code == nil {
		return v.Because
	}
	if here := code.Operations[d.OperationID()]; here != "" {
		return fmt.Sprintf("%s on %s: %s", code.Code, d.OperationID(), here)
	}
	return code.Code + ": " + LowerFirst(strings.TrimSuffix(code.Title, "."))
}

// itemOf finds a checklist item's words on the page that its id begins with.
func itemOf(id string, class check.Class) (Item, error) {
	pageID, _, _ := strings.Cut(id, ".")
	if status, err := strconv.Atoi(pageID); err == nil {
		pageID = StatusPageID(status)
	}
	page, err := Status(pageID)
	if err != nil {
		return Item{}, err
	}
	for _, items := range page.Checklists {
		for _, item := range items {
			if item.ID == id || class == check.UnexpectedStatus && strings.HasSuffix(item.ID, ".rfc9110") {
				return item, nil
			}
		}
	}
	return Item{}, fmt.Errorf("page statuses/%s has no checklist item %q", pageID, id)
}

func stepPoints(d *diagnose.Diagnosis, prefix string, steps []Step) []Point {
	var list []Point
	for i, s := range steps {
		p := Point{ID: fmt.Sprintf("%s.%d", prefix, i+1), Text: s.Text, Because: NotLookedUp}
		p.State, p.Because = stepState(d, s, p.Because)
		if v, ok := d.Step(p.ID); ok {
			p.State, p.Because = v.State, v.Because
		}
		p.Verify, p.probed = verify(d, p.State, s.Verify), s.Get != ""
		list = append(list, p)
	}
	return list
}

// stepState settles a step by a member of the request's body, where it names one.
func stepState(d *diagnose.Diagnosis, s Step, because string) (diagnose.State, string) {
	request := d.Exchange.Request
	if s.Pointer == "" || request == nil || !request.Body.Present() || request.Body.Truncated || !exchange.ValidJSON(request.Body.Bytes()) {
		return diagnose.Unknown, because
	}
	path := strings.ReplaceAll(strings.TrimPrefix(s.Pointer, "/"), "/", ".")
	if value := gjson.GetBytes(request.Body.Bytes(), path); !value.Exists() || value.Type == gjson.Null || value.Raw == `""` {
		return diagnose.Problem, fmt.Sprintf("the body has no %s", s.Pointer)
	}
	return diagnose.OK, fmt.Sprintf("the body has %s", s.Pointer)
}

// retryAdvice weighs the class's page, the code's page, and the facts of the
// operation.
func retryAdvice(d *diagnose.Diagnosis, status StatusPage, code *CodePage) RetryAdvice {
	r := RetryAdvice{Advice: status.Retry.Advice, Why: status.Retry.Why, Safe: safeToRepeat(d)}
	if code != nil && code.Code != generalCode {
		r.Advice, r.Why = code.Retry.Advice, code.Retry.Why
	}
	r.wait(d, code)
	if f := d.Exchange.Failure; d.Class == check.NoResponse {
		r.Advice, r.Why = transportRetry(f)
		r.Safe = r.Safe || f != nil && neverSent(f.Phase)
	}
	if d.Class == check.NotSent {
		r.Advice, r.Why = "none", "nothing was sent yet"
		if d.Cause() != nil {
			r.Advice, r.Why = "after-fix", "the API would reject it"
		}
	}
	if seconds, ok := check.RetryAfter(&check.Input{Exchange: d.Exchange}); ok && d.Exchange.Response != nil && (d.Class == check.RateLimited || d.Class == check.ServerError) {
		r.AfterSeconds = seconds
	}
	return r
}

// wait follows what probes saw of the state that the request waits for.
func (r *RetryAdvice) wait(d *diagnose.Diagnosis, code *CodePage) {
	if code == nil && d.Class == check.ResourceOrPermission {
		if page, err := Code("FORBIDDEN"); err == nil && page.Operations[d.OperationID()] != "" {
			code = &page
		}
	}
	if code == nil || code.Retry.Wait.Field == "" {
		return
	}
	wait := code.Retry.Wait
	for _, p := range d.Probes {
		value := gjson.GetBytes(p.Body, wait.Field)
		switch {
		case p.Operation != wait.Operation || !value.Exists():
		case slices.Contains(wait.Values, value.String()):
			r.Advice, r.Why = "after-delay", wait.Why
		case r.Advice == "after-delay":
			r.Advice = "after-fix"
		}
	}
}

// neverSent reports whether a connection failed before a request could go out.
func neverSent(p exchange.Phase) bool {
	return p == exchange.PhaseDNS || p == exchange.PhaseConnect || p == exchange.PhaseTLS
}

func transportRetry(f *exchange.Failure) (advice, why string) {
	if f == nil {
		return "after-fix", "the cause of the failure isn't known"
	}
	switch f.Kind {
	case exchange.FailureTimeout, exchange.FailureReset:
		if neverSent(f.Phase) {
			return "backoff", "nothing was sent"
		}
		return "backoff", "the request may have taken effect"
	case exchange.FailureRefused:
		return "backoff", "nothing was sent"
	}
	return "after-fix", "the same name, address or certificate fails again"
}

func safeToRepeat(d *diagnose.Diagnosis) bool {
	if d.Operation != nil {
		return d.Operation.Repeat.Safe()
	}
	return d.Exchange.Request != nil && (d.Exchange.Request.Method == http.MethodGet || d.Exchange.Request.Method == http.MethodHead)
}

// withoutLookups returns the steps without DNS lookups if the host is an IP address.
func withoutLookups(d *diagnose.Diagnosis, steps []page.Step) []page.Step {
	if d.Exchange.Request == nil {
		return steps
	}
	if _, err := netip.ParseAddr(strings.Trim(d.Exchange.Request.URL.Host, "[]")); err != nil {
		return steps
	}
	return slices.DeleteFunc(slices.Clone(steps), func(s page.Step) bool {
		return strings.HasPrefix(s.Verify, "getent ") || strings.HasPrefix(s.Verify, "nslookup ")
	})
}

// OperationsByTag returns the documented operations in groups, both sorted.
func OperationsByTag() (tags []string, operations map[string][]api.Route) {
	operations = map[string][]api.Route{}
	for _, r := range api.Routes() {
		if operations[r.Tag] == nil {
			tags = append(tags, r.Tag)
		}
		operations[r.Tag] = append(operations[r.Tag], r)
	}
	slices.Sort(tags)
	return tags, operations
}
