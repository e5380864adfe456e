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

// The rule by which one difference explains the failure better than another, in
// this one place:
//
//  1. What stands where FAILED's diagnosis has an error: there the fault is
//     proven.
//  2. What stands where the answer's errors[] points: there the server says it is.
//  3. What this class of answer is about, by the list in about(): a 401 is about
//     credentials, a 404 about URL and method.
//  4. The same, of members and parameters that the documentation does not ask
//     for: only when there is nothing better.
//  5. Everything else in the requests.
//  6. What differs between the answers: the effect, never the cause.
//
// Only the differences of the best weight that occurs explain, and none below
// the fourth. None explains when FAILED did not fail, when both failed with the
// same answer, when FAILED's error is proven at a place that WORKED's capture
// does not show, or, below the second, when the two are different operations.

// Weight is how much speaks for a difference. Its zero value claims least.
type Weight int

// The weights, by the numbers of the rule above.
const (
	Effect    Weight = iota // 6
	Unrelated               // 5
	Optional                // 4
	ByClass                 // 3
	Named                   // 2
	Proven                  // 1
)

// topic is what a difference is about.
type topic int

const (
	topicOther topic = iota
	topicMethod
	topicHost
	topicPath
	topicID // ids in path, query and body
	topicQuery
	topicBody
	topicContentType
	topicAccount // x-account-id
	topicCredentials
	topicOrigin
	topicAccept
	topicAnswer
)

// about lists what a class of answer is about, most telling first
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
	return nil // 429, 5xx: nothing in a request explains them; a success or a request alone: there is nothing to explain
}

// aboutStatus is what RFC 9110 section 15 says of statuses that the API does not
// document.
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

// fromGateway reports whether something before the API wrote FAILED's answer.
func fromGateway(c *Comparison) bool {
	return accused(&c.Failed, func(f *check.Finding) bool { return f.ID == finding.GatewayError }) >= 0
}

// rank weighs every difference, orders them, and says which explain.
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

// weigh applies the rule to one difference.
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

// before orders two differences: by weight, of one weight by FAILED's findings,
// then by what the class is about.
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

// best is the weight that a difference needs to explain the failure.
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

// provenUnseen reports whether FAILED's own diagnosis has a cause in the request
// at a place that WORKED's capture does not show.
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

// findingAt returns the index of FAILED's finding at the place of a difference,
// errors before warnings, -1 when there is none.
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

// isAbout reports whether a finding speaks of the place of a difference. Some
// speak of two things that do not fit together; then either may be the one that
// differs.
func (c *Comparison) isAbout(f *check.Finding, d *Difference) bool {
	switch f.ID {
	case finding.ServerNamedField, finding.RetryUnsafe, finding.ClockSkew, finding.SecretInCapture, finding.GatewayError:
		return false // what the server names is weighed by itself, the others accuse no place
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

// isTime reports whether a difference is that of a time claim, or of the tokens
// as such where the claim of one of them cannot be read.
func (c *Comparison) isTime(d *Difference, pointer string) bool {
	if d.Name != authorizationField || d.Pointer != "" {
		return d.Name == authorizationField && d.Pointer == pointer || d.isKind()
	}
	return !slices.ContainsFunc(c.Differences, func(o Difference) bool { return o.Name == authorizationField && o.Pointer == pointer })
}

// isKind reports whether the difference is one of the kind of credentials.
func (d *Difference) isKind() bool { return len(d.fields) > 0 }

// atPlace compares a location with the place of a difference: the same field or
// parameter; in a body the same pointer, or one within what differs.
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

// within reports whether the inner pointer is the outer one or leads on from it.
func within(inner, outer string) bool {
	return inner == outer || outer != "" && strings.HasPrefix(inner, outer+"/")
}

// sharedFinding reports whether WORKED has the same error at the same place, so
// that it does not tell the two apart.
func (c *Comparison) sharedFinding(d *Difference) bool {
	own := &c.Failed.Findings[d.finding]
	return accused(&c.Worked, func(f *check.Finding) bool {
		return f.ID == own.ID && f.Location.Part == own.Location.Part && f.Location.Name == own.Location.Name && f.Location.Pointer == own.Location.Pointer
	}) >= 0
}

// entryAt returns the entry of the answer's errors[] that names the place.
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

// trimPlace drops the word by which some servers say which part they mean.
func trimPlace(path string) string {
	for _, prefix := range [...]string{"params.", "path.", "query.", "body.", "querystring.", "headers.", "header."} {
		path = strings.TrimPrefix(path, prefix)
	}
	return path
}

// why says what speaks for a difference, or against it.
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
		return "the effect, not the cause"
	case Proven:
		return c.Failed.Findings[d.finding].Title
	case Named:
		e := c.entryAt(d)
		if e.Message == "" {
			return "the answer's errors[] names it"
		}
		return fmt.Sprintf("the answer's errors[] names it: %q", clip(exchange.MaskText(e.Message)))
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
		return "the documentation does not know it"
	case d.Weight == Optional:
		return "the documentation marks it optional"
	}
	return c.unrelated()
}

// warning is the title of FAILED's warning at the place.
func (c *Comparison) warning(d *Difference) string {
	if d.finding < 0 {
		return ""
	}
	return c.Failed.Findings[d.finding].Title
}

// topicOfClass says what an answer such as FAILED's is about.
func (c *Comparison) topicOfClass() string {
	switch {
	case fromGateway(c):
		return "the answer came from a proxy or CDN, which looks at host and path"
	case c.Failed.Class == check.MalformedRequest:
		return "a 400 is about body, query and path"
	case c.Failed.Class == check.Unauthorized:
		return "a 401 is about credentials"
	case c.Failed.Class == check.ResourceOrPermission:
		return "a 403 is about ids, accounts and what the caller may"
	case c.Failed.Class == check.BusinessRule:
		return fmt.Sprintf("%s is about what the request names", clip(exchange.MaskText(c.Failed.Error.Code)))
	case c.Failed.Class == check.NotFound:
		return "a 404 is about URL and method"
	case c.Failed.Class == check.NoResponse:
		return "the transport failed, which depends on the host"
	}
	return fmt.Sprintf("status %d can be about it", c.Failed.Status())
}

// unrelated says why a difference is not thought to matter.
func (c *Comparison) unrelated() string {
	switch c.Failed.Class {
	case check.RateLimited:
		return "nothing in a request explains a 429"
	case check.ServerError:
		return "a fault of the server's has no documented cause in the request"
	case check.NotSent:
		return ""
	}
	return "not what this answer is about"
}
