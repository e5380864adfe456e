package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"immersve-doctor/diagnose/api"
)

// reply is one answer. A nil body sends none; a string is sent as text/plain,
// anything else as JSON. Functions that may refuse return nil for "go on".
type reply struct {
	status int
	body   any
	header map[string]string
	sent   []byte // body, encoded
}

func ok(body any) *reply { return &reply{status: http.StatusOK, body: body} }

// failure is the documented body of 403, and of 400 where errors are listed. The
// bodies of 401, 404, 429 and 5xx are not documented; the simulator gives them
// this shape too.
type failure struct {
	StatusCode int            `json:"statusCode"`
	StatusName string         `json:"statusName"`
	ErrorCode  string         `json:"errorCode"`
	Reason     string         `json:"reason,omitempty"`
	Errors     []fieldFailure `json:"errors,omitempty"`
}

type fieldFailure struct {
	Message string `json:"message"`
	Path    string `json:"path"` // "items[1].attributes.invalidField"
}

func fail(status int, code, reason string) *reply {
	return &reply{status: status, body: failure{
		StatusCode: status, StatusName: http.StatusText(status), ErrorCode: code, Reason: reason,
	}}
}

// forbidden is the answer that does not tell a missing resource from a missing
// permission; its reason is the documented sample's.
func forbidden() *reply { return because("Unauthorized") }

// because is FORBIDDEN for a reason that has to do with neither. Which errorCode
// the API gives there is not documented.
func because(reason string) *reply { return fail(http.StatusForbidden, "FORBIDDEN", reason) }

// refused is a business rule's answer.
func refused(code, reason string) *reply { return fail(http.StatusForbidden, code, reason) }

// incomplete is a business rule's answer with status 400.
func incomplete(code, reason string) *reply { return fail(http.StatusBadRequest, code, reason) }

// invalid is the answer to a request that does not fit its schema.
func invalid(path, message string) *reply {
	return invalidFields([]fieldFailure{{Message: message, Path: path}})
}

func invalidFields(list []fieldFailure) *reply {
	return &reply{status: http.StatusBadRequest, body: failure{
		StatusCode: http.StatusBadRequest, StatusName: "Bad Request", ErrorCode: "INVALID_REQUEST_INPUT", Errors: list,
	}}
}

// full is the answer when a table holds as much as it may. No documentation
// stands behind it: the API has no such limit.
func full(what string) *reply {
	return fail(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE",
		"the simulator has reached its limit of "+what+", so start it again")
}

func notFound(m api.Match) *reply {
	reason := "no such path"
	if len(m.Methods) > 0 {
		reason = "this path accepts " + strings.Join(m.Methods, ", ")
	}
	return fail(http.StatusNotFound, "NOT_FOUND", reason)
}

// encode turns the body into bytes; it must run while the state is locked.
func (r *reply) encode() *reply {
	switch body := r.body.(type) {
	case nil:
	case string:
		r.sent = []byte(body)
	default:
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil {
			return fail(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", fmt.Sprintf("encode response: %v", err)).encode()
		}
		r.sent = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	}
	return r
}

// write sends the reply and returns its status code.
func (r *reply) write(w http.ResponseWriter) int {
	if r.sent == nil {
		r.encode()
	}
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	switch r.body.(type) {
	case nil:
	case string:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	default:
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.status)
	if len(r.sent) > 0 {
		_, _ = w.Write(r.sent) // a client that has gone away needs no answer
	}
	return r.status
}
