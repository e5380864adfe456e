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
	"immersve-doctor/troubleshoot/page"
)

// Plan is a Diagnosis with what to do about it, in words.
type Plan struct {
	diagnose.Diagnosis
	Summary   string // one sentence: what went wrong and the first thing to do
	Advice    []Advice
	Checklist []Point
	Retry     RetryAdvice
	Corrected string   // the repaired request as a curl command, "" when the evidence does not determine it
	Next      []string // commands to go on with, most useful first
}

// Advice is a finding with its words filled in from its page.
type Advice struct {
	check.Finding
	Fix    string
	Others []string // further ways to mend it, by circumstances
	Docs   string
}

// NotLookedUp is why a step is unknown that only another call settles.
const NotLookedUp = "it was not looked up"

// Point is an item of the checklist, worked through.
type Point struct {
	ID      string
	Text    string
	State   diagnose.State
	Because string
	Finding string
	Verify  string
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
	p.Summary = summary(&d, p.Advice, status, code)
	p.Retry = retryAdvice(&d, status, code)
	if d.Corrected != nil {
		p.Corrected = d.Corrected.CurlCommand(d.Operation != nil && d.Operation.RequestBody != nil, takesCredentials(d.Corrected))
	}
	p.Next = next(&d, code)
	p.conceal(d.Exchange.Known())
	return p, nil
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
	hide(&p.Summary, &p.Retry.Why, &p.Error.Code, &p.Error.Reason)
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
		if f.ID == "error-code" && code != nil {
			a.Title = strings.TrimSuffix(code.Title, ".")
			a.Docs = code.Docs
			a.Fix, a.Others = code.Fix[0], code.Fix[1:]
		}
		if f.ID == "error-code-elsewhere" {
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
	return fmt.Sprintf("Elsewhere it means: %s. If that fits here, %s", lowerFirst(strings.TrimSuffix(page.Title, ".")), lowerFirst(page.Fix[0]))
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
		})
	}
	if code != nil && d.Error.Code != "INVALID_REQUEST_INPUT" {
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
	if v.Finding != "error-code" || code == nil {
		return v.Because
	}
	if here := code.Operations[d.OperationID()]; here != "" {
		return fmt.Sprintf("%s on %s: %s", code.Code, d.OperationID(), here)
	}
	return code.Code + ": " + lowerFirst(strings.TrimSuffix(code.Title, "."))
}

// verify gives a command only where something is left to settle, and not again
// the probes that have not settled it.
func verify(d *diagnose.Diagnosis, state diagnose.State, command string) string {
	switch {
	case state != diagnose.Unknown, d.OperationID() == "" && strings.Contains(command, "{operation}"):
		return ""
	case len(d.Probes) > 0 && strings.HasSuffix(command, " --probe"):
		return ""
	}
	return Fill(command, d)
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
		p.Verify = verify(d, p.State, s.Verify)
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

// summary is the first line: status, operation, what is wrong, what to do.
func summary(d *diagnose.Diagnosis, advice []Advice, status StatusPage, code *CodePage) string {
	subject := subjectOf(d)
	if cause := d.Cause(); cause != nil {
		a := advice[slices.IndexFunc(advice, func(a Advice) bool { return a.ID == cause.ID })]
		if a.ID == "error-code" && code != nil {
			subject = strings.Replace(subject, strconv.Itoa(d.Status()), fmt.Sprintf("%d %s", d.Status(), code.Code), 1)
		}
		return fmt.Sprintf("%s: %s. %s", subject, lowerFirst(a.Title), a.Fix)
	}
	if d.Class == check.Success {
		return subject + ": the call succeeded" + spoiled(d, advice)
	}
	if d.Class == check.NotSent {
		return subject + ": nothing in the request speaks against sending it."
	}
	if f := d.Findings; len(f) > 0 && f[0].ID == "error-code-undocumented" && decidedByCode(d.Class) {
		return fmt.Sprintf("%s: %s. %s", subject, lowerFirst(f[0].Title), advice[0].Fix)
	}
	clause := status.Classes[string(d.Class)]
	if clause == "" {
		clause = lowerFirst(status.Title)
	}
	if f := d.Suspect(); f != nil && d.Remark == "" {
		return suspected(d, subject, clause, f, advice[0].Fix)
	}
	if d.Remark != "" {
		clause = d.Remark
	}
	if d.Class == check.ResourceOrPermission && !codeIsKnown(d) {
		return fmt.Sprintf("%s, and its body, which may name an errorCode, was not captured: look at it first, with curl -i. Without an errorCode: %s.", subject, clause)
	}
	if d.Class == check.ResourceOrPermission {
		return fmt.Sprintf("%s, without an errorCode of its own: %s.", subject, clause)
	}
	if f := d.Exchange.Failure; d.Class == check.NoResponse && f != nil {
		return fmt.Sprintf("%s: %s (%s).", subject, clause, exchange.MaskText(f.Text))
	}
	return fmt.Sprintf("%s: %s.", subject, clause)
}

// suspected is the summary where the evidence is a suspicion: what the status leaves
// open, what to look at first, and what to do about that.
func suspected(d *diagnose.Diagnosis, subject, clause string, f *check.Finding, fix string) string {
	switch {
	case d.Class == check.ResourceOrPermission && !codeIsKnown(d):
		clause = ", and its body, which may name an errorCode, was not captured"
	case d.Class == check.ResourceOrPermission:
		clause = ", without an errorCode of its own" // which three causes it leaves, the checklist says
	default:
		clause = ": " + clause
	}
	return fmt.Sprintf("%s%s. Look first at this: %s. %s", subject, clause, lowerFirst(f.Title), fix)
}

// codeIsKnown reports whether the capture shows if the answer had an errorCode: a
// body that was there, or that the header says was never sent.
func codeIsKnown(d *diagnose.Diagnosis) bool {
	r := d.Exchange.Response
	return r.Body.Present() || r.Header.Text("content-length") == "0"
}

// decidedByCode reports whether the errorCode of a class's answers says what is
// wrong: the documentation gives the others none, and their status says it.
func decidedByCode(class check.Class) bool {
	return class == check.BusinessRule || class == check.MalformedRequest
}

// spoiled is what an answer of status 2xx is no success for: a page of a portal or
// a proxy, or half a body.
func spoiled(d *diagnose.Diagnosis, advice []Advice) string {
	for i, f := range d.Findings {
		if f.ID == "response-not-json" || f.ID == "response-truncated" {
			return fmt.Sprintf(" by its status, but %s. %s", lowerFirst(f.Title), advice[i].Fix)
		}
	}
	return "."
}

// subjectOf names the answer and the operation: "401 on list-cards".
func subjectOf(d *diagnose.Diagnosis) string {
	what := strconv.Itoa(d.Status())
	switch {
	case d.Class == check.NoResponse:
		what = "No response"
	case d.Class == check.NotSent:
		what = "Not sent"
	case d.Status() == 0:
		what = "No status"
	}
	if id := d.OperationID(); id != "" {
		return what + " on " + id
	}
	return what
}

// lowerFirst lowers the first letter of a word that is no name.
func lowerFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if len(word) < 2 || strings.ToUpper(word[1:]) == word[1:] || strings.ContainsAny(word, "_-./{0123456789") || word == "Basic" || word == "Retry-After" {
		return s
	}
	switch word {
	case "Immersve", "Origin", "Apple", "Bearer", "JSON", "KYC", "PIN", "TLS", "DNS":
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// retryAdvice weighs the class's page, the code's page, and the facts of the
// operation.
func retryAdvice(d *diagnose.Diagnosis, status StatusPage, code *CodePage) RetryAdvice {
	r := RetryAdvice{Advice: status.Retry.Advice, Why: status.Retry.Why, Safe: safeToRepeat(d)}
	if code != nil && code.Code != "INVALID_REQUEST_INPUT" {
		r.Advice, r.Why = code.Retry.Advice, code.Retry.Why
	}
	if f := d.Exchange.Failure; d.Class == check.NoResponse {
		r.Advice, r.Why = transportRetry(f)
		r.Safe = r.Safe || f != nil && neverSent(f.Phase)
	}
	if d.Class == check.NotSent {
		r.Advice, r.Why = "none", "nothing was sent yet"
		if d.Cause() != nil {
			r.Advice, r.Why = "after-fix", "the API would refuse it as it stands"
		}
	}
	if seconds, ok := check.RetryAfter(&check.Input{Exchange: d.Exchange}); ok && d.Exchange.Response != nil && (d.Class == check.RateLimited || d.Class == check.ServerError) {
		r.AfterSeconds = seconds
	}
	return r
}

// neverSent reports whether a connection failed before a request could go out.
func neverSent(p exchange.Phase) bool {
	return p == exchange.PhaseDNS || p == exchange.PhaseConnect || p == exchange.PhaseTLS
}

func transportRetry(f *exchange.Failure) (advice, why string) {
	if f == nil {
		return "after-fix", "nothing is known of the failure"
	}
	switch f.Kind {
	case exchange.FailureTimeout, exchange.FailureReset:
		return "backoff", "the request may have been carried out, so look first whether it was"
	case exchange.FailureRefused:
		return "backoff", "nothing was sent; a service that restarts takes connections again"
	}
	return "after-fix", "the same name, address or certificate gives the same failure"
}

func safeToRepeat(d *diagnose.Diagnosis) bool {
	if d.Operation != nil {
		return d.Operation.Repeat.Safe()
	}
	return d.Exchange.Request != nil && (d.Exchange.Request.Method == http.MethodGet || d.Exchange.Request.Method == http.MethodHead)
}

// next lists the commands to go on with.
func next(d *diagnose.Diagnosis, code *CodePage) []string {
	var list []string
	switch {
	case code != nil && code.Code != "INVALID_REQUEST_INPUT":
		list = append(list, fmt.Sprintf("immersve-doctor explain %s", code.Code))
	case d.Cause() != nil:
		list = append(list, "immersve-doctor explain "+d.Cause().ID)
	case d.Class == check.NotSent || d.Class == check.Success || d.Class == check.NoResponse:
	case d.Status() != 0:
		list = append(list, "immersve-doctor explain "+StatusPageID(d.Status()))
	}
	if id := d.OperationID(); id != "" && d.Class != check.Success {
		list = append(list, "immersve-doctor explain "+id)
	}
	return list
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

// Fill replaces the {placeholders} of a command by what the exchange shows: path
// parameters, members of the body, the account of x-account-id. What is not
// known stays as an ellipsis. A call goes where the exchange went.
func Fill(command string, d *diagnose.Diagnosis) string {
	command = markFile(command, d.Exchange.Source)
	if strings.HasPrefix(command, "immersve-doctor call ") || command == "immersve-doctor check" {
		command += environmentFlags(d)
	}
	return Replace(command, func(name string) string { return known(name, d) })
}

// environmentFlags send a call, or a check, where the exchange went. A simulator that runs by
// itself has an address: --env local would start another one.
func environmentFlags(d *diagnose.Diagnosis) string {
	source, request := d.Exchange.Source, d.Exchange.Request
	switch {
	case d.Environment == api.EnvironmentLive:
		return " --env live"
	case d.Environment != api.EnvironmentLocal:
		return ""
	case source.Local != "":
		return " " + source.Local
	case request != nil && plainWord(request.URL.Host) != "":
		return " --env " + plainWord(scheme(d)) + "://" + plainWord(request.URL.Authority())
	}
	return " --env local"
}

// scheme is the request's. A capture that does not show it went where the API
// speaks https only, or to a simulator on this machine.
func scheme(d *diagnose.Diagnosis) string {
	if d.Environment == api.EnvironmentLocal {
		return firstOf(d.Exchange.Request.URL.Scheme, "http")
	}
	return firstOf(d.Exchange.Request.URL.Scheme, "https")
}

// Replace puts values in the place of a command's {placeholders}, and an
// ellipsis where there is none.
func Replace(command string, value func(name string) string) string {
	var b strings.Builder
	for command != "" {
		before, after, ok := strings.Cut(command, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			b.WriteString("{" + after)
			break
		}
		b.WriteString(firstOf(value(name), "…"))
		command = rest
	}
	return b.String()
}

// markFile makes a placeholder of the FILE of a command that stands for the capture;
// its name is put in with everything else, since it may read like a placeholder. A
// live call is in no file: there the same call takes the flag. What --request asks
// for is another file than the capture.
func markFile(command string, source exchange.Source) string {
	if source.Kind == exchange.KindLive {
		return strings.ReplaceAll(command, "immersve-doctor replay FILE", "the same call with")
	}
	if source.Name == "" || source.Name == "-" {
		return command
	}
	const beside = "--request FILE"
	parts := strings.Split(command, beside)
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(part, " FILE", " {file}")
	}
	return strings.Join(parts, beside)
}

func known(name string, d *diagnose.Diagnosis) string {
	switch name {
	case "file":
		return exchange.QuoteFile(d.Exchange.Source.Name)
	case "errorCode":
		return plainWord(d.Error.Code)
	case "operation":
		return d.OperationID()
	case "status":
		return strconv.Itoa(d.Status())
	}
	request := d.Exchange.Request
	if request == nil {
		return ""
	}
	switch name {
	case "method":
		return plainWord(string(request.Method))
	case "path":
		return plainWord(exchange.MaskText(request.URL.Path))
	case "host":
		return plainWord(request.URL.Host)
	case "origin": // RFC 6454
		if plainWord(request.URL.Host) == "" {
			return ""
		}
		return plainWord(scheme(d) + "://" + request.URL.Authority())
	}
	if v := plainWord(d.Route.Parameter(name)); v != "" {
		return v
	}
	if request.Body.Present() && exchange.ValidJSON(request.Body.Bytes()) {
		if v := gjson.GetBytes(request.Body.Bytes(), name); v.Type == gjson.String && plainWord(exchange.MaskText(v.String())) != "" {
			return plainWord(exchange.MaskText(v.String()))
		}
	}
	return accountFor(name, d)
}

// accountFor takes any of the names that the API has for an account's id.
func accountFor(name string, d *diagnose.Diagnosis) string {
	switch name {
	case "accountId", "cardholderAccountId", "cardholderId":
	default:
		return ""
	}
	for _, other := range []string{"accountId", "cardholderAccountId", "cardholderId"} {
		if v := plainWord(d.Route.Parameter(other)); v != "" {
			return v
		}
	}
	v, _ := d.Exchange.Request.Header.Get("x-account-id")
	return plainWord(v.String())
}

// plainWord lets through only what a shell takes as it stands, so that text from
// a capture never becomes more than an argument.
func plainWord(s string) string {
	if len(s) <= 128 {
		s = exchange.MaskText(s)
	}
	if len(s) > 128 || exchange.Quote(s) != s || strings.HasPrefix(s, "-") {
		return ""
	}
	return s
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
