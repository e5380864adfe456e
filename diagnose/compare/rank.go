package compare

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// This rule decides which difference explains the failure best:
//
//  1. Differences where FAILED's diagnosis has an error, because the cause is proven
//     there.
//  2. Differences that the response's errors[] points at.
//  3. Differences that the class of response is about, as listed in about: a 401 is
//     about credentials, a 404 about the URL and method.
//  4. The same for fields and parameters that the documentation doesn't require.
//  5. Everything else in the requests.
//  6. Differences between the responses, which are the effect and never the cause.
//
// Only the differences with the best weight that occurs explain the failure, and never
// those below 4. None does if FAILED didn't fail, if both failed with the same
// response, if FAILED's error is proven at a place that WORKED's input doesn't show,
// or, below 2, if the two are different operations.

// Weight is how well a difference explains the failure. Its zero value claims least.
type Weight int

// The weights, numbered as in the rule above.
const (
	Effect    Weight = iota // 6
	Unrelated               // 5
	Optional                // 4
	ByClass                 // 3
	Named                   // 2
	Proven                  // 1
)

// topic is the part of the call that differs.
type topic int

const (
	topicOther topic = iota
	topicMethod
	topicHost
	topicPath
	topicID // IDs in the path, query and body
	topicQuery
	topicBody
	topicContentType
	topicAccount // x-account-id
	topicCredentials
	topicOrigin
	topicAccept
	topicAnswer
)

// about returns the topics that can explain a class of response, best first
// (https://docs.immersve.com/guides/http-status-codes).
func about(c *Comparison) []topic {
	switch class := c.Failed.Class; {
	case fromGateway(c):
		return []topic{topicHost, topicPath, topicMethod}
	case class == check.MalformedRequest:
		return []topic{topicBody, topicContentType, topicQuery, topicID, topicOrigin}
	case class == check.Unauthorized:
		return []topic{topicCredentials, topicOrigin, topicHost}
	case class == check.ResourceOrPermission:
		return []topic{topicAccount, topicID, topicCredentials, topicHost, topicOrigin}
	case class == check.BusinessRule:
		return []topic{topicID, topicAccount, topicBody, topicQuery, topicCredentials, topicHost, topicOrigin}
	case class == check.NotFound:
		return []topic{topicMethod, topicPath, topicHost}
	case class == check.NoResponse:
		return []topic{topicHost}
	case class == check.UnexpectedStatus:
		return aboutStatus(c.Failed.Status())
	}
	return nil // no request explains a 429 or 5xx, and a success needs no explanation
}

// aboutStatus returns the topics of a status that the API doesn't document, as defined
// in RFC 9110 section 15.
func aboutStatus(status int) []topic {
	switch {
	case status >= 300 && status < 400:
		return []topic{topicHost, topicPath}
	case status == 405:
		return []topic{topicMethod, topicPath}
	case status == 406:
		return []topic{topicAccept}
	case status == 411, status == 413, status == 422:
		return []topic{topicBody, topicContentType}
	case status == 415:
		return []topic{topicContentType, topicBody}
	}
	return nil
}

// fromGateway reports whether a proxy or CDN sent FAILED's response.
func fromGateway(c *Comparison) bool {
	return accused(&c.Failed, func(f *check.Finding) bool { return f.ID == finding.GatewayError }) >= 0
}

// rank weighs and sorts the differences, and marks the ones that explain the failure.
func (c *Comparison) rank() {
	list := about(c)
	for i := range c.Differences {
		c.weigh(&c.Differences[i], list)
	}
	sort.SliceStable(c.Differences, func(i, j int) bool { return before(&c.Differences[i], &c.Differences[j]) })
	best := c.best()
	for i := range c.Differences {
		d := &c.Differences[i]
		d.Explains = d.Weight >= Optional && d.Weight == best
		d.Why = c.why(d)
	}
}

// weigh returns the weight of one difference by the rule above.
func (c *Comparison) weigh(d *Difference, list []topic) {
	d.place = slices.Index(list, d.topic)
	d.finding = c.findingAt(d)
	if d.finding >= 0 {
		d.Finding = c.Failed.Findings[d.finding].ID
	}
	switch {
	case d.topic == topicAnswer:
		d.Weight = Effect
	case d.finding >= 0 && c.Failed.Findings[d.finding].Severity == check.Error && !c.sharedFinding(d):
		d.Weight = Proven
	case c.entryAt(d) != nil:
		d.Weight = Named
	case d.place < 0:
		d.Weight = Unrelated
	case d.topic != topicID && (d.optional || d.unknown && c.Failed.Class != check.MalformedRequest):
		d.Weight = Optional
	default:
		d.Weight = ByClass
	}
}

// before sorts two differences by weight, then by FAILED's findings, then by the
// class's topics.
func before(a, b *Difference) bool {
	if a.Weight != b.Weight {
		return a.Weight > b.Weight
	}
	if a.Weight == Effect {
		return false
	}
	if af, bf := a.finding >= 0, b.finding >= 0; af != bf {
		return af
	}
	if a.finding != b.finding {
		return a.finding < b.finding
	}
	return a.place < b.place
}

// best returns the weight that a difference needs to explain the failure.
func (c *Comparison) best() Weight {
	const none = Proven + 1
	if len(c.Differences) == 0 || !c.Failed.Failed() || c.FailedAlike() {
		return none
	}
	best := c.Differences[0].Weight
	if best < Named && (c.OtherOperation() || c.provenUnseen()) {
		return none
	}
	return best
}

// provenUnseen reports whether FAILED's own diagnosis has a cause at a place in the
// request that WORKED's input doesn't show.
func (c *Comparison) provenUnseen() bool {
	cause := c.Failed.Cause()
	if cause == nil || !strings.HasPrefix(string(cause.Location.Part), "request.") {
		return false
	}
	part := string(cause.Location.Part)
	line := cause.Location.Part == check.RequestPath || cause.Location.Part == check.RequestQuery
	return c.Hides(SideWorked, "request") || c.Hides(SideWorked, part) || line && c.Hides(SideWorked, string(check.RequestLine)) ||
		slices.ContainsFunc(c.Unseen, func(u Unseen) bool {
			return u.Side == SideWorked && u.Part == part && (u.Name == cause.Location.Name || u.Name == cause.Location.Pointer)
		})
}

// findingAt returns the index of FAILED's finding at a difference's place, errors
// before warnings, or -1 if there is none.
func (c *Comparison) findingAt(d *Difference) int {
	best := -1
	for i := range c.Failed.Findings {
		f := &c.Failed.Findings[i]
		if f.Severity == check.Info || !c.isAbout(f, d) {
			continue
		}
		if best < 0 || f.Severity > c.Failed.Findings[best].Severity {
			best = i
		}
	}
	return best
}

// isAbout reports whether a finding is about a difference's place. Some findings are
// about two values that don't match, and then either one may differ.
func (c *Comparison) isAbout(f *check.Finding, d *Difference) bool {
	switch f.ID {
	case finding.ServerNamedField, finding.RetryUnsafe, finding.ClockSkew, finding.SecretInCapture, finding.GatewayError:
		return false // the server's own hints have their own weight, and the others don't point at a place
	case finding.TokenExpired:
		return c.isTime(d, "/exp")
	case finding.TokenNotYetValid:
		return c.isTime(d, "/nbf")
	case finding.APIKeySwapped:
		return d.isKind() || d.Name == keyField || d.Name == secretField
	case finding.BodyNoVariant:
		return d.Part == check.RequestBody && (f.Location.Pointer == "" || within(d.Pointer, f.Location.Pointer) || within(f.Location.Pointer, d.Pointer))
	case finding.EnvironmentMismatch:
		if d.topic == topicHost && d.Name == "host" {
			return true
		}
	case finding.WrongHost, finding.UnknownHost, finding.SimulatorNotLive:
		return d.topic == topicHost && d.Name == "host"
	case finding.InsecureScheme:
		return d.topic == topicHost && d.Name == "scheme"
	case finding.UnknownRoute, finding.PathPlaceholder, finding.PathInvalidValue:
		if d.topic == topicPath {
			return true
		}
	case finding.ResourceMissing:
		return d.Part == f.Location.Part && d.Name == f.Location.Name
	}
	return atPlace(&f.Location, d)
}

// isTime reports whether a difference is in a time claim, or in the whole tokens if
// the claim of one of them can't be read.
func (c *Comparison) isTime(d *Difference, pointer string) bool {
	if d.Name != authorizationField || d.Pointer != "" {
		return d.Name == authorizationField && d.Pointer == pointer || d.isKind()
	}
	return !slices.ContainsFunc(c.Differences, func(o Difference) bool { return o.Name == authorizationField && o.Pointer == pointer })
}

// isKind reports whether the kinds of credentials differ.
func (d *Difference) isKind() bool { return len(d.fields) > 0 }

// atPlace reports whether a location is a difference's place: the same header or
// parameter or, in a body, the same pointer or one below it.
func atPlace(l *check.Location, d *Difference) bool {
	if l.Part != d.Part {
		return false
	}
	switch {
	case l.Part == check.RequestBody && l.Pointer == "" && l.Name != "":
		return d.Name == l.Name
	case l.Part == check.RequestBody && l.Pointer == "":
		return d.Pointer == "" && d.Name == ""
	case l.Part == check.RequestBody:
		return within(l.Pointer, d.Pointer)
	case d.isKind():
		return slices.Contains(d.fields, l.Name)
	case l.Name == authorizationField:
		return d.Name == l.Name && d.Pointer == ""
	}
	return l.Name != "" && l.Name == d.Name
}

// within reports whether the inner pointer is the outer one or below it.
func within(inner, outer string) bool {
	return inner == outer || outer != "" && strings.HasPrefix(inner, outer+"/")
}

// sharedFinding reports whether WORKED has the same error at the same place, so that
// it can't explain the difference.
func (c *Comparison) sharedFinding(d *Difference) bool {
	own := &c.Failed.Findings[d.finding]
	return accused(&c.Worked, func(f *check.Finding) bool {
		return f.ID == own.ID && f.Location.Part == own.Location.Part && f.Location.Name == own.Location.Name && f.Location.Pointer == own.Location.Pointer
	}) >= 0
}

// entryAt returns the entry of the response's errors[] for a difference's place.
func (c *Comparison) entryAt(d *Difference) *check.FieldError {
	for i := range c.Failed.Error.Errors {
		e := &c.Failed.Error.Errors[i]
		path := trimPlace(e.Path)
		switch {
		case path == "":
			continue
		case d.Part == check.RequestBody && d.Pointer != "":
			pointer := check.FieldError{Path: path}.Pointer()
			if within(pointer, d.Pointer) || within(d.Pointer, pointer) {
				return e
			}
		case d.Part == check.RequestBody || d.Part == check.RequestPath || d.Part == check.RequestQuery:
			if d.Name != "" && d.Name == path {
				return e
			}
		case d.Part == check.RequestHeader && strings.EqualFold(d.Name, path):
			return e
		}
	}
	return nil
}

// trimPlace removes the prefix that some servers use for the part of the request.
func trimPlace(path string) string {
	for _, prefix := range [...]string{"params.", "path.", "query.", "body.", "querystring.", "headers.", "header."} {
		path = strings.TrimPrefix(path, prefix)
	}
	return path
}

// why returns the reason for or against a difference.
func (c *Comparison) why(d *Difference) string {
	reason := c.reason(d)
	switch {
	case d.note == "" || d.Weight == Proven && d.Finding == finding.EnvironmentMismatch: // its title says the same
		return reason
	case reason == "":
		return d.note
	}
	return d.note + "; " + reason
}

func (c *Comparison) reason(d *Difference) string {
	switch d.Weight {
	case Effect:
		return "an effect, not the cause"
	case Proven:
		return c.Failed.Findings[d.finding].Title
	case Named:
		e := c.entryAt(d)
		if e.Message == "" {
			return "the response's errors[] names it"
		}
		return fmt.Sprintf("the response's errors[] names it: %q", clip(exchange.MaskText(e.Message)))
	}
	if warning := c.warning(d); warning != "" {
		return warning
	}
	switch {
	case !c.Failed.Failed() || c.FailedAlike():
		return ""
	case d.Weight == ByClass:
		return c.topicOfClass()
	case d.Weight == Optional && d.unknown:
		return "it isn't in the docs"
	case d.Weight == Optional:
		return "the docs say it's optional"
	}
	return c.unrelated()
}

// warning returns the title of FAILED's warning at a difference's place, or "".
func (c *Comparison) warning(d *Difference) string {
	if d.finding < 0 {
		return ""
	}
	return c.Failed.Findings[d.finding].Title
}

// topicOfClass returns what a response like FAILED's usually depends on.
func (c *Comparison) topicOfClass() string {
	switch {
	case fromGateway(c):
		return "a proxy or CDN sent the response, and those look at the host and path"
	case c.Failed.Class == check.MalformedRequest:
		return "a 400 depends on the body, query and path"
	case c.Failed.Class == check.Unauthorized:
		return "a 401 depends on the credentials"
	case c.Failed.Class == check.ResourceOrPermission:
		return "a 403 depends on IDs, accounts and permissions"
	case c.Failed.Class == check.BusinessRule:
		return fmt.Sprintf("%s depends on the request's IDs and values", clip(exchange.MaskText(c.Failed.Error.Code)))
	case c.Failed.Class == check.NotFound:
		return "a 404 depends on the URL and method"
	case c.Failed.Class == check.NoResponse:
		return "connection errors depend on the host"
	}
	return fmt.Sprintf("status %d can depend on it", c.Failed.Status())
}

// unrelated returns why a difference probably doesn't matter.
func (c *Comparison) unrelated() string {
	switch c.Failed.Class {
	case check.RateLimited:
		return "a single request can't explain a 429"
	case check.ServerError:
		return "the docs name no cause in the request for a 5xx"
	case check.NotSent:
		return ""
	}
	return "this response doesn't depend on it"
}
