package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
)

// State is how a point of the checklist stands. Its zero value claims nothing.
type State int

// The states.
const (
	Unknown State = iota
	OK
	Problem
	NotApplicable
)

// String gives the state's name in JSON.
func (s State) String() string {
	return [...]string{"unknown", "ok", "problem", "not-applicable"}[s]
}

// Verdict says how one point of the checklist stands, and why.
type Verdict struct {
	Item    string // "401.current"
	State   State
	Because string // what the state rests on, a clause without a full stop
	Finding string // id of the finding that decided it, "" for none
	Verify  string // a command that settles it better than the page's; "" for the page's
}

// A point decides one item of a checklist.
type point struct {
	item   string
	decide func(*check.Input) Verdict // if no finding does
	part   check.Part                 // an error here is a problem, whatever the finding
	seen   bool                       // a warning is a problem, too: it's about what the response shows
}

// checklist lists the points of a class in the order of the documentation.
func checklist(class check.Class) []point {
	switch class {
	case check.MalformedRequest:
		return requestPoints()
	case check.Unauthorized:
		return credentialPoints()
	case check.ResourceOrPermission:
		return []point{{item: "403.resource-id", decide: resourcePoint}, {item: "403.membership", decide: membershipPoint}, {item: "403.roles", decide: rolePoint}}
	case check.BusinessRule:
		return []point{{item: "403.error-code", decide: codePoint, seen: true}}
	case check.NotFound:
		return routePoints()
	case check.RateLimited:
		return []point{{item: "429.retry-after", decide: retryAfterPoint, seen: true}, {item: "429.limits", decide: limitPoint}}
	case check.ServerError:
		return []point{{item: "5xx.retry", decide: retryPoint, seen: true}, {item: "5xx.report", decide: reportPoint}}
	case check.UnexpectedStatus:
		return []point{{item: "rfc9110", decide: unexpectedPoint, seen: true}}
	case check.Delivered:
		return []point{{item: "delivery.signature", decide: signaturePoint}, {item: "delivery.answer", decide: answerPoint}, {item: "delivery.time", decide: timePoint}}
	case check.NotSent:
		return slices.Concat(requestPoints(), credentialPoints(), routePoints())
	}
	return nil
}

func requestPoints() []point {
	return []point{
		{item: "400.body", decide: bodyPoint, part: check.RequestBody},
		{item: "400.query", decide: queryPoint, part: check.RequestQuery},
		{item: "400.path", decide: pathPoint, part: check.RequestPath},
	}
}

func credentialPoints() []point {
	return []point{{item: "401.present", decide: presentPoint}, {item: "401.valid", decide: validPoint}, {item: "401.current", decide: currentPoint}}
}

func routePoints() []point {
	return []point{{item: "404.url", decide: urlPoint}, {item: "404.method", decide: methodPoint}}
}

func verdicts(in *check.Input, findings []check.Finding) []Verdict {
	var list []Verdict
	notOfAPI := slices.ContainsFunc(findings, func(f check.Finding) bool { return f.ID == finding.GatewayError && f.Severity == check.Error })
	for _, p := range checklist(in.Class) {
		v, settled := p.settle(findings)
		if !settled {
			v = p.decide(in)
		}
		v.Item = p.item
		if in.Class == check.UnexpectedStatus {
			v.Item = fmt.Sprintf("%d.%s", in.Status(), p.item)
		}
		if v.State == Unknown && notOfAPI && in.Class != check.ServerError && in.Class != check.UnexpectedStatus {
			v.Because = "the response isn't the API's, so it says nothing about this"
		}
		list = append(list, v)
	}
	return list
}

// settle returns the verdict that the findings give: an error that decides the item, by
// its page or by its place, is a problem, and a warning a suspicion. It reports false if
// there is neither.
func (p point) settle(findings []check.Finding) (Verdict, bool) {
	ids := finding.Answering(p.item)
	for _, f := range findings {
		if slices.Contains(ids, f.ID) && (f.Severity == check.Error || p.seen) {
			return Verdict{State: Problem, Because: f.Title, Finding: f.ID}, true
		}
	}
	for _, f := range findings {
		if f.Severity == check.Error && f.Location.Part == p.part && p.part != "" {
			return Verdict{State: Problem, Because: f.Title, Finding: f.ID}, true
		}
	}
	for _, f := range findings {
		if slices.Contains(ids, f.ID) && f.Severity == check.Warning {
			return Verdict{State: Unknown, Because: f.Title, Finding: f.ID}, true
		}
	}
	return Verdict{}, false
}

func unknown(format string, args ...any) Verdict {
	return Verdict{Because: fmt.Sprintf(format, args...)}
}

func fine(format string, args ...any) Verdict {
	return Verdict{State: OK, Because: fmt.Sprintf(format, args...)}
}

func pointless(because string) Verdict { return Verdict{State: NotApplicable, Because: because} }

const (
	showRequest = "run the call with curl -v 2>&1, or add --request FILE with the curl command"
	showBody    = "put immersve-doctor in front of the same curl command, or add --request FILE"
)

func bodyPoint(in *check.Input) Verdict {
	body := in.Request().Body
	switch {
	case in.Operation == nil && in.Exchange.Request == nil:
		return Verdict{Because: "the input has no request", Verify: showRequest}
	case in.Operation == nil:
		return unknown("the docs have no such endpoint to compare it with")
	case in.Operation.RequestBody == nil:
		return pointless("this endpoint doesn't accept a body")
	case body.State() == exchange.BodyNotCaptured:
		return Verdict{Because: "the request body isn't in the input", Verify: showBody}
	case body.State() == exchange.BodyAbsent:
		return fine("no body was sent, and %s doesn't require one", in.Operation.ID)
	case body.Truncated:
		return Verdict{Because: "the input has only the beginning of the body", Verify: showBody}
	case in.Request().FromShell(string(body.Bytes())) && !exchange.ValidJSON(body.Bytes()):
		return Verdict{Because: "part of the body is filled in when it's sent, and the input doesn't have that part", Verify: showBody}
	}
	if why := check.Unjudged(in); why != "" {
		return unknown("%s", why)
	}
	return fine("it matches the docs of %s", in.Operation.ID)
}

func queryPoint(in *check.Input) Verdict {
	switch {
	case in.Request().URL.IsZero():
		return Verdict{Because: "the input has no request", Verify: showRequest}
	case in.Operation == nil:
		return unknown("the docs have no such endpoint to compare it with")
	case !takesQuery(in.Operation) && in.Request().URL.RawQuery == "":
		return pointless("this endpoint has no query parameters, and none was sent")
	case in.Request().URL.RawQuery == "":
		return fine("none was sent, and %s doesn't require any", in.Operation.ID)
	}
	if why := check.QueryUnjudged(in); why != "" {
		return unknown("%s", why)
	}
	return fine("%s accepts all of them", in.Operation.ID)
}

func takesQuery(op *api.Operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p api.Parameter) bool { return p.In == "query" })
}

func pathPoint(in *check.Input) Verdict {
	switch {
	case in.Request().URL.IsZero():
		return Verdict{Because: "the input has no request", Verify: showRequest}
	case in.Operation == nil:
		return unknown("the docs have no such endpoint to compare it with")
	case len(in.Route.Names) == 0:
		return pointless("the path of this endpoint has no parameters")
	}
	return fine("%s: filled in, not a placeholder", strings.Join(in.Route.Names, ", "))
}

func urlPoint(in *check.Input) Verdict {
	switch {
	case in.Request().URL.IsZero():
		return Verdict{Because: "the input has no request", Verify: showRequest}
	case in.Route.Found():
		return fine("%s is the path of %s", in.Operation.Path, in.Operation.ID)
	case len(in.Route.Others) > 0:
		return fine("the docs have the path for %s", strings.Join(in.Route.Methods, " and "))
	}
	return unknown("the path isn't in the docs")
}

func methodPoint(in *check.Input) Verdict {
	switch {
	case in.Request().Method == "":
		return Verdict{Because: "the input has no request line", Verify: showRequest}
	case in.Route.Found():
		return fine("%s is the method in the docs", in.Request().Method)
	}
	return unknown("it depends on the path, which isn't in the docs")
}

func presentPoint(in *check.Input) Verdict {
	switch {
	case in.Operation != nil && in.Operation.Security == api.SecurityNone:
		return pointless("this endpoint doesn't need credentials")
	case in.Exchange.Request == nil || authOf(in.Exchange) == AuthUnknown:
		return unseenHeader(in)
	case authOf(in.Exchange) == AuthNone:
		return unknown("none were sent, and the docs don't say whether this endpoint needs them")
	}
	return fine("%s", shownCredentials(in.Request().Header))
}

// unseenHeader says why nothing is said of credentials.
func unseenHeader(in *check.Input) Verdict {
	if in.Exchange.Source.Kind == exchange.KindHAR && in.Exchange.Request != nil {
		return Verdict{Because: "the HAR was probably exported without credentials", Verify: "export the HAR again with sensitive data, or run the call with curl -v 2>&1"}
	}
	return Verdict{Because: "the request headers aren't in the input", Verify: showRequest}
}

func shownCredentials(h exchange.Header) string {
	var shown []string
	for _, name := range []string{"authorization", "x-api-key", "x-api-secret"} {
		if v, ok := h.Get(name); ok {
			text := v.String()
			if prefix := strings.LastIndexByte(text, '-') + 1; name == "x-api-key" && len(text) > prefix+12 {
				text = text[:prefix] + "…" + text[len(text)-4:] // no secret, but too long to read
			}
			shown = append(shown, name+": "+text)
		}
	}
	return strings.Join(shown, ", ")
}

func validPoint(in *check.Input) Verdict {
	switch auth := authOf(in.Exchange); {
	case in.Operation != nil && in.Operation.Security == api.SecurityNone:
		return pointless("this endpoint doesn't need credentials")
	case auth == AuthUnknown:
		return unseenHeader(in)
	case auth == AuthNone:
		return pointless("there are no credentials to check")
	case check.CredentialMasked(in, ""):
		return unknown("they're masked in the input")
	case check.Unseen(in) != "":
		return Verdict{Because: check.Unseen(in), Verify: showRequest}
	case auth == AuthKey:
		return unknown("the key and secret are well formed, but only the API can tell whether they're valid")
	}
	return unknown("the token is well formed, but its signature wasn't verified")
}

func currentPoint(in *check.Input) Verdict {
	switch auth := authOf(in.Exchange); {
	case in.Operation != nil && in.Operation.Security == api.SecurityNone:
		return pointless("this endpoint doesn't need credentials")
	case auth == AuthUnknown:
		return unseenHeader(in)
	case auth == AuthNone:
		return pointless("there are no credentials to check")
	case auth != AuthKey && check.CredentialMasked(in, "authorization"):
		return unknown("the token is masked in the input, and so is its exp claim")
	case auth == AuthKey:
		return pointless("an API key doesn't contain an expiry date")
	}
	return tokenCurrent(in)
}

func tokenCurrent(in *check.Input) Verdict {
	value, _ := in.Request().Header.Get("authorization")
	until, ok := check.TokenExpiry(value)
	if !ok {
		return unknown("can't read the token's exp claim")
	}
	return fine("exp is %s, later than the call, but a logout ends a session earlier", until.UTC().Format("2006-01-02 15:04:05 UTC"))
}

func resourcePoint(in *check.Input) Verdict {
	if in.Exchange.Request == nil {
		return Verdict{Because: "the input has no request", Verify: showRequest}
	}
	return unknown("the IDs weren't looked up")
}

// shorten leaves of an id what tells it from others, as the request line does.
func shorten(id string) string {
	runes := []rune(id)
	if masked := exchange.MaskText(id); len(runes) <= 12 || masked != id {
		return masked
	}
	return string(runes[:4]) + "…" + string(runes[len(runes)-4:])
}

func membershipPoint(in *check.Input) Verdict {
	if v, ok := in.Request().Header.Get("x-account-id"); ok {
		return unknown("the membership of %s wasn't looked up", shorten(v.Reveal()))
	}
	if !in.Request().ShowsFields() {
		return Verdict{Because: "the input doesn't show whether x-account-id was sent", Verify: showRequest}
	}
	return unknown("no x-account-id was sent, so the caller's own account was used")
}

func rolePoint(in *check.Input) Verdict {
	switch {
	case in.Operation == nil:
		return unknown("responses don't name a role")
	case in.Operation.AccountKind == api.AccountCardholder:
		return unknown("responses don't name a role; %s usually needs the card-issuer key or the cardholder's session", in.Operation.ID)
	case in.Operation.AccountKind == api.AccountPartner:
		return unknown("responses don't name a role; %s usually needs the account-admin key", in.Operation.ID)
	}
	return unknown("responses don't name a role")
}

func codePoint(in *check.Input) Verdict {
	return unknown("%s isn't in the docs that this version knows", fmt.Sprintf("%.60q", exchange.MaskText(in.Error.Code)))
}

func retryAfterPoint(in *check.Input) Verdict {
	if seconds, ok := check.RetryAfter(in); ok {
		return fine("Retry-After says to wait %d s", seconds)
	}
	return Verdict{Because: "the response headers aren't in the input", Verify: "run the call with curl -i"}
}

func limitPoint(in *check.Input) Verdict {
	limit := api.RateLimit
	if in.Operation != nil && in.Operation.ID == "get-spending-prerequisites" {
		limit = api.RateLimitPrerequisites
	}
	return unknown("one response doesn't show the rate; the limit is %d requests per minute for each consumer", limit)
}

func retryPoint(in *check.Input) Verdict {
	switch {
	case in.Request().Method == "":
		return Verdict{Because: "the input has no request line", Verify: showRequest}
	case in.Operation == nil && api.ReadOnly(string(in.Request().Method)):
		return fine("%s is a safe method", in.Request().Method)
	case in.Operation == nil:
		return unknown("what a retry does depends on the endpoint, and the path isn't in the docs")
	case in.Operation.Repeat.Safe():
		return fine("retrying %s is safe", in.Operation.ID)
	}
	return unknown("the docs don't say what a second %s request does", in.Operation.ID)
}

func reportPoint(*check.Input) Verdict {
	return unknown("a retry shows whether it persists")
}

func unexpectedPoint(in *check.Input) Verdict {
	return unknown("status %d isn't in the API docs", in.Status())
}

func signaturePoint(in *check.Input) Verdict {
	if why := check.Unverifiable(in); why != "" {
		return unknown("%s", why)
	}
	switch e, doubt := check.ExplainDelivery(in); {
	case e.Outcome == webhook.Verified:
		return fine("the key %s verifies it", e.Key)
	default:
		return unknown("%s", doubt)
	}
}

func answerPoint(in *check.Input) Verdict {
	switch {
	case in.Status() == 0:
		return unknown("the input doesn't have the endpoint's response")
	case check.TopicOf(in.Exchange) == nil:
		return fine("the endpoint returned %d", in.Status())
	}
	topic := check.TopicOf(in.Exchange)
	if topic.Response != nil && in.Response().Body.State() == exchange.BodyNotCaptured {
		return unknown("the input doesn't have the body, which %s needs", topic.Name)
	}
	return fine("%d is what %s needs", in.Status(), topic.Name)
}

func timePoint(in *check.Input) Verdict {
	topic := check.TopicOf(in.Exchange)
	switch elapsed := in.Response().Elapsed; {
	case topic == nil || topic.Limit == 0:
		return pointless("the docs give no limit for it")
	case elapsed == 0:
		return unknown("the input doesn't say how long the endpoint took")
	default:
		return fine("%d ms of %d ms", elapsed.Milliseconds(), topic.Limit.Milliseconds())
	}
}
