// Package probe plans the read-only requests that narrow down a 403, and interprets
// their responses. It takes a diagnosis and the answers so far, returns the next
// request to send or the proof, and sends nothing itself. A walk goes through the
// probes in order: the first one without an answer is the next request, so planning
// and interpreting can't disagree. Start at Next and Judge, then read walk.run.
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

// The limits of probing: how many requests, and how long one and all of them may take.
const (
	Limit     = 8
	CallTime  = 5 * time.Second
	TotalTime = 20 * time.Second
)

// Request is a GET request to send.
type Request struct {
	Operation string // operationId
	Path      string // "/api/accounts/…", percent-encoded
	Query     string // "limit=1", or ""
	Account   string // x-account-id, or ""
	Anonymous bool   // without credentials
}

// Target returns the path and query for the request line.
func (r Request) Target() string {
	if r.Query == "" {
		return r.Path
	}
	return r.Path + "?" + r.Query
}

// Answer is the result of a request.
type Answer struct {
	Request
	Status  int
	Body    []byte // JSON, or nil if Unclear is set
	Unclear string // why the response proves nothing, a clause ("the response isn't JSON"), or ""
	Broken  bool   // no connection, so the next request would fail too
}

// Case is an exchange to probe.
type Case struct {
	Diagnosis *diagnose.Diagnosis
	Base      string    // scheme://host[:port] to send the requests to
	Account   string    // x-account-id of the failed call, or ""
	Candidate string    // the account from the user's configuration, or ""
	Limit     int       // the most requests to send, or 0 for the package's Limit
	Stopped   string    // why to send no more requests, a clause, or ""
	Now       time.Time // to compare dates with
}

// ErrorOf returns an error that says why probing an exchange is pointless, or nil.
func ErrorOf(d *diagnose.Diagnosis) error {
	switch {
	case d.Class == check.Success, d.Class == check.NotSent, d.Class == check.NoResponse:
		return fmt.Errorf("the call didn't fail with a 403 or a known error code")
	case d.Operation == nil:
		return fmt.Errorf("the request doesn't match any endpoint of the API")
	case d.Class == check.ResourceOrPermission:
		return ladderError(d)
	case len(rulesOf(d.Error.Code)) > 0:
		return nil
	}
	return fmt.Errorf("no read-only request can narrow down this response")
}

func ladderError(d *diagnose.Diagnosis) error {
	if d.Operation.Security == api.SecurityNone {
		return fmt.Errorf("%s doesn't use credentials that a read-only request could test", d.Operation.ID)
	}
	if cause := d.Cause(); cause != nil {
		return fmt.Errorf("the cause is already known (%s)", cause.ID)
	}
	return nil
}

// AnswerOf converts an exchange to the answer to a request. A response that isn't
// the API's JSON is unclear.
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
		a.Unclear = "the response was cut off"
	case !exchange.ValidJSON(response.Body.Bytes()):
		a.Unclear = "the response isn't JSON"
	default:
		a.Body = response.Body.Bytes()
	}
	return a
}

func failureWords(f *exchange.Failure) (why string, broken bool) {
	if f == nil {
		return "there was no response", true
	}
	if f.Kind == exchange.FailureTimeout {
		return "there was no response in time", false
	}
	return "there was no response: " + clip(f.Text), true
}

// Next returns the request to send next, or false if enough is known or the limit is
// reached.
func Next(c Case, answers []Answer) (Request, bool) {
	w := newWalk(c, answers)
	w.run()
	if w.next == nil {
		return Request{}, false
	}
	return *w.next, true
}

// Judge returns the proof that the answers give.
func Judge(c Case, answers []Answer) diagnose.Proof {
	w := newWalk(c, answers)
	w.run()
	return w.proof()
}

// stopped returns why to send no more requests after these answers, or "".
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
			return "the probes can't reach the API"
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

// clip masks and shortens a string from outside.
func clip(s string) string {
	s = exchange.MaskText(s)
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:57]) + "…"
	}
	return s
}

// shorten returns the start and end of an ID.
func shorten(id string) string {
	if len(id) <= 12 {
		return clip(id)
	}
	return clip(id[:4] + "…" + id[len(id)-4:])
}

// brief shortens the IDs in a path. A segment without digits isn't an ID.
func brief(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) >= 20 && strings.ContainsAny(part, "0123456789") {
			parts[i] = shorten(part)
		}
	}
	return strings.Join(parts, "/")
}
