// Package schema judges JSON bodies against the documented schemas of the API's
// operations, and says of each breach where it is and what would be right.
//
// The keywords are walked here rather than by a library: a body with nested
// alternatives of 2 KB has to be judged well under 100 µs, with byte offsets,
// duplicate members and numbers of any size kept. The tests hold this walker to
// the verdicts of github.com/kaptinlin/jsonschema.
package schema

import (
	"fmt"
	"strconv"
	"sync"

	"immersve-doctor/diagnose/api"
)

// key names a compiled schema: the request's of an operation has status 0.
type key struct {
	operation string
	status    int
}

var compiled sync.Map // key -> *Schema; nil where nothing is documented

// ForRequest returns the schema of an operation's request body, nil when none
// is documented. The error is for a schema that does not compile, which tests
// exclude.
func ForRequest(op *api.Operation) (*Schema, error) {
	if op == nil || op.RequestBody == nil {
		return nil, nil
	}
	return lookup(key{op.ID, 0}, op.RequestBody.Schema)
}

// ForResponse returns the schema of an operation's response to a status code,
// nil when none is documented.
func ForResponse(op *api.Operation, status int) (*Schema, error) {
	if op == nil {
		return nil, nil
	}
	r, ok := op.Responses[strconv.Itoa(status)]
	if !ok {
		return nil, nil
	}
	if len(r.Schema) == 0 {
		return lookup(key{r.Shape, status}, []byte(shapeOf(r.Shape)))
	}
	return lookup(key{op.ID, status}, r.Schema)
}

// shapeOf returns the schema of a common error body
// (https://docs.immersve.com/guides/http-status-codes).
func shapeOf(name string) string {
	const common = `"statusCode":{"type":"integer"},"statusName":{"type":"string"},"errorCode":{"type":"string"}`
	switch name {
	case "error-400":
		return `{"type":"object","required":["statusCode","statusName","errorCode"],"properties":{` + common +
			`,"errors":{"type":"array","items":{"type":"object","properties":{"message":{"type":"string"},"path":{"type":"string"}}}}}}`
	case "error-403":
		return `{"type":"object","required":["statusCode","statusName","errorCode"],"properties":{` + common + `,"reason":{"type":"string"}}}`
	}
	return ""
}

func lookup(k key, text []byte) (*Schema, error) {
	if s, ok := compiled.Load(k); ok {
		return s.(*Schema), nil
	}
	if len(text) == 0 {
		return nil, nil
	}
	s, err := Compile(text)
	if err != nil {
		return nil, fmt.Errorf("operation %q: %w", k.operation, err)
	}
	actual, _ := compiled.LoadOrStore(k, s)
	return actual.(*Schema), nil
}

// Request returns how a request body, which must be valid JSON, breaks the
// operation's documented schema: all violations at once, in the order of the
// document, at most 100. The error is for a broken schema only.
func Request(op *api.Operation, body []byte) ([]Violation, error) {
	s, err := ForRequest(op)
	if s == nil || err != nil {
		return nil, err
	}
	return s.Validate(Parse(body)), nil
}

// Response returns how a response body, which must be valid JSON, differs from
// what the operation documents for the status code. Where nothing is documented
// there is nothing to differ from.
func Response(op *api.Operation, status int, body []byte) ([]Violation, error) {
	s, err := ForResponse(op, status)
	if s == nil || err != nil {
		return nil, err
	}
	return s.Validate(Parse(body)), nil
}
