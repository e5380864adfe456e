// Package probe plans read-only calls that settle what a refused exchange leaves
// open, and judges their answers. It sends nothing. A walk goes through the
// questions in order and looks up the answers that are there; the first question
// without an answer is the next call, and when there is none left, or no more
// may be made, what was learnt is the proof. So planning and judging cannot
// disagree.
package probe

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// The bounds of probing: how many calls in all, and how long one and all may take.
const (
	Limit     = 8
	CallTime  = 5 * time.Second
	TotalTime = 20 * time.Second
)

// Request is one call to make: a GET.
type Request struct {
	Operation string // operationId
	Path      string // "/api/accounts/…", percent-encoded
	Query     string // "limit=1", "" for none
	Account   string // x-account-id, "" for none
	Anonymous bool   // without credentials
}

// Target returns path and query as they stand in the request line.
func (r Request) Target() string {
	if r.Query == "" {
		return r.Path
	}
	return r.Path + "?" + r.Query
}

// Answer is what came of a request.
type Answer struct {
	Request
	Status  int
	Body    []byte // JSON; nil where Unclear says why there is none to read
	Unclear string // why nothing can be concluded, a clause: "the answer is not JSON"; "" when it can
	Broken  bool   // no connection: the next call would fare no better
}

// Case is an exchange that is to be probed.
type Case struct {
	Diagnosis *diagnose.Diagnosis
	Base      string    // scheme://host[:port] that the calls go to
	Account   string    // x-account-id of the failing call, "" for none
	Candidate string    // the account that the user names elsewhere, "" for none
	Limit     int       // calls that may be made; 0 for the package's Limit
	Stopped   string    // why no more calls are made, a clause; "" while they may be
	Now       time.Time // to judge dates by
}

// ErrorOf says why an exchange is not worth probing, nil when it is.
func ErrorOf(d *diagnose.Diagnosis) error {
	switch {
	case d.Class == check.Success, d.Class == check.NotSent, d.Class == check.NoResponse:
		return fmt.Errorf("there is no refusal to look behind")
	case d.Operation == nil:
		return fmt.Errorf("no documented operation of the API is to be seen in the request")
	case d.Class == check.ResourceOrPermission:
		return ladderError(d)
	case len(rulesOf(d.Error.Code)) > 0:
		return nil
	}
	return fmt.Errorf("no read-only call settles this answer")
}

func ladderError(d *diagnose.Diagnosis) error {
	if d.Operation.Security == api.SecurityNone {
		return fmt.Errorf("%s takes no credentials that a read-only call could test", d.Operation.ID)
	}
	if cause := d.Cause(); cause != nil {
		return fmt.Errorf("the cause is known without them (%s)", cause.ID)
	}
	return nil
}

// AnswerOf reads the answer to a request. What is not the API's JSON proves
// nothing.
func AnswerOf(r Request, ex *exchange.Exchange) Answer {
	a := Answer{Request: r}
	response := ex.Response
	if response == nil {
		a.Unclear, a.Broken = failureWords(ex.Failure)
		return a
	}
	a.Status = response.Status
	switch {
	case response.Status == http.StatusTooManyRequests:
		a.Unclear = "the rate limit was reached (429)"
	case response.Status >= 500:
		a.Unclear = fmt.Sprintf("the server failed (%d)", response.Status)
	case response.Status == http.StatusUnauthorized: // its body is not documented
	case ex.Failure != nil || response.Body.Truncated:
		a.Unclear = "the answer was cut short"
	case !exchange.ValidJSON(response.Body.Bytes()):
		a.Unclear = "the answer is not JSON"
	default:
		a.Body = response.Body.Bytes()
	}
	return a
}

func failureWords(f *exchange.Failure) (why string, broken bool) {
	if f == nil {
		return "no answer came", true
	}
	if f.Kind == exchange.FailureTimeout {
		return "no answer came in time", false
	}
	return "no answer came: " + clip(f.Text), true
}

// Next returns the call to make next, false when enough is known or no more may
// be made.
func Next(c Case, answers []Answer) (Request, bool) {
	w := newWalk(c, answers)
	w.run()
	if w.next == nil {
		return Request{}, false
	}
	return *w.next, true
}

// Judge returns what the answers prove.
func Judge(c Case, answers []Answer) diagnose.Proof {
	w := newWalk(c, answers)
	w.run()
	return w.proof()
}

// Stopped says why no more calls may be made after these answers, "" when they
// may be.
func (c Case) stopped(answers []Answer) string {
	limit := c.Limit
	if limit == 0 {
		limit = Limit
	}
	for _, a := range answers {
		switch {
		case a.Status == http.StatusTooManyRequests:
			return "the rate limit stopped the probes (429)"
		case a.Broken:
			return "the probes do not reach the API"
		}
	}
	switch {
	case c.Stopped != "":
		return c.Stopped
	case len(answers) >= limit:
		return fmt.Sprintf("all %d probes were used up", limit)
	}
	return ""
}

// clip keeps a foreign text short and free of secrets.
func clip(s string) string {
	s = exchange.MaskText(s)
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:57]) + "…"
	}
	return s
}

// shorten makes an id short enough to read and long enough to recognise.
func shorten(id string) string {
	if len(id) <= 12 {
		return clip(id)
	}
	return clip(id[:4] + "…" + id[len(id)-4:])
}

// brief shortens the ids of a path; a word without a digit is none.
func brief(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) >= 20 && strings.ContainsAny(part, "0123456789") {
			parts[i] = shorten(part)
		}
	}
	return strings.Join(parts, "/")
}
