// Package check holds the checks: each a value with the family of findings that it
// produces, and a pure function from what is known of an exchange to findings.
// There is one file per family: route, path, query, body, credentials,
// permission, rate, server, transport, response, capture.
package check

import (
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
)

// Severity says how strong a finding is. Its zero value claims least.
type Severity int

// The severities.
const (
	Info    Severity = iota // worth knowing
	Warning                 // suspicious
	Error                   // a cause, on evidence
)

// String gives the severity's name in JSON.
func (s Severity) String() string { return [...]string{"info", "warning", "error"}[s] }

// Part is the part of an exchange that a location points into.
type Part string

// The parts.
const (
	RequestLine    Part = "request.line"
	RequestHeader  Part = "request.header"
	RequestQuery   Part = "request.query"
	RequestPath    Part = "request.path"
	RequestBody    Part = "request.body"
	ResponseLine   Part = "response.line"
	ResponseHeader Part = "response.header"
	ResponseBody   Part = "response.body"
	Transport      Part = "transport"
)

// Location is a place in an exchange. Line and Column count from 1 within the
// part; 0 means not known. Pointer is an RFC 6901 JSON Pointer into a body.
type Location struct {
	Part    Part
	Name    string // field, parameter or member name
	Pointer string
	Line    int
	Column  int
}

// Finding is one thing that was found. Title states the fact as a sentence
// without a full stop; Evidence what was seen, what was expected, and where from;
// neither holds a secret (format exchange.Value and exchange.Body, which mask
// themselves). Fix and Docs are set only where the evidence says more than the
// finding's page does.
type Finding struct {
	ID       string
	Severity Severity
	Title    string
	Evidence string
	Location Location
	Fix      string   // one imperative sentence; "" for the page's
	Docs     string   // "" for the page's
	Hint     string   // what to write under the caret at Location's line, "" for none
	Repairs  []Repair // what would mend the request, where the evidence determines it
}

// RepairKind is what a repair changes.
type RepairKind int

// The kinds of repair.
const (
	RepairMethod RepairKind = iota // Value is the method
	RepairPath                     // Value is the raw path
	RepairHost                     // Value is scheme://host[:port]
	RepairHeader                   // Name, Value; an empty Value removes the field
	RepairQuery                    // Name, Value; an empty Value removes the parameter, without a Name it is the whole query
	RepairBody                     // Value is the whole new body
)

// Repair is one edit of the request that the evidence determines.
type Repair struct {
	Kind  RepairKind
	Name  string
	Value string
}

// Input is what a check may look at. All of it is given; nothing is fetched.
type Input struct {
	Exchange  *exchange.Exchange
	Class     Class
	Route     api.Match      // zero when no request line was captured
	Meant     api.Suggestion // what a request without a route was probably meant for
	Operation *api.Operation // of Route, or the one that was clearly meant; nil if there is none
	Error     ErrorBody      // the response's error body, parsed tolerantly
	Now       time.Time      // the clock; the response's Date is preferred where it is known
	Keys      webhook.KeySet // what webhooks are verified with; nil if none was given
	Repeated  bool           // the message of this webhook was delivered before
}

// Request returns the request, or an empty one that claims nothing.
func (in *Input) Request() *exchange.Request {
	if in.Exchange.Request != nil {
		return in.Exchange.Request
	}
	return &exchange.Request{}
}

// Response returns the response, or an empty one.
func (in *Input) Response() *exchange.Response {
	if in.Exchange.Response != nil {
		return in.Exchange.Response
	}
	return &exchange.Response{}
}

// Status returns the response's status code, 0 when there is none.
func (in *Input) Status() int { return in.Response().Status }

// Host says what is known of the request's host.
func (in *Input) Host() api.Host { return api.FindHost(in.Request().URL.Host) }

// Check is one check. It produces the findings of its family: see package finding.
type Check struct {
	Family string
	Also   []string                  // the findings of other families that it produces, too
	Skip   func(Class) bool          // classes that it is not asked of; nil for none
	Run    func(in *Input) []Finding // pure
}

// Produces returns the IDs of the findings that the check can produce.
func (c Check) Produces() []string { return append(finding.Family(c.Family), c.Also...) }

// Concerns reports whether the check is asked of exchanges of a class. What the API's
// endpoints want says nothing of a webhook.
func (c Check) Concerns(class Class) bool {
	if class == Delivered {
		return c.Family == "delivery" || c.Family == "capture"
	}
	return c.Run != nil && (c.Skip == nil || !c.Skip(class))
}

// All returns the checks, family by family.
func All() []Check {
	return []Check{
		routeCheck(), pathCheck(), queryCheck(), bodyCheck(), credentialsCheck(), permissionCheck(),
		rateCheck(), serverCheck(), transportCheck(), responseCheck(), captureCheck(), deliveryCheck(),
	}
}
