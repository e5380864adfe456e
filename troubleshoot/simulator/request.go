package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
)

// request is one request on its way to the operation that it names.
type request struct {
	op        *api.Operation
	match     api.Match
	http      *http.Request
	query     url.Values
	now       time.Time
	base      string   // the simulator's URL as the client knows it
	body      []byte   // valid JSON, nil where none was sent
	upload    upload   // of upload-file
	malformed *reply   // what is wrong with the request's form, nil for nothing
	broken    []string // the errorCodes of the rules that the body breaks
	actor     actor
}

// route finds the operation of a request; it is nil when there is none.
func route(r *http.Request) (api.Match, *api.Operation) {
	var segments []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			decoded = segment
		}
		segments = append(segments, decoded)
	}
	match := api.MatchRoute(r.Method, segments)
	for _, value := range match.Parameters {
		if value == "" {
			return match, nil
		}
	}
	if !match.Found() {
		return match, nil
	}
	op, err := api.Lookup(match.Route.ID)
	if err != nil {
		return match, nil // excluded by the tests of package api
	}
	return match, op
}

// path returns a path parameter.
func (rq *request) path(name string) string { return rq.match.Parameter(name) }

// member returns a member of the body by its gjson path.
func (rq *request) member(path string) gjson.Result { return gjson.GetBytes(rq.body, path) }

// text returns a string member of the body, "" when it is absent or no string.
func (rq *request) text(path string) string {
	if m := rq.member(path); m.Type == gjson.String {
		return m.String()
	}
	return ""
}

// digits returns a member that is a string of digits, or a whole number, as text.
func (rq *request) digits(path string) (string, bool) {
	m := rq.member(path)
	text := m.String()
	if m.Type == gjson.Number {
		text = m.Raw
	}
	if text == "" || len(text) > 40 || strings.Trim(text, "0123456789") != "" {
		return "", false
	}
	return text, true
}

// account returns the id of the account that the request's path or body names.
func (rq *request) account() string {
	switch place := rq.op.Account; {
	case place == nil:
		return ""
	case place.In == "path":
		return rq.path(place.Name)
	case rq.op.ID == "upload-file":
		return rq.upload.accountID
	default:
		return rq.text(place.Name)
	}
}
