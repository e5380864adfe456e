// Package api holds the documented Immersve API as facts: operations, hosts,
// credentials, limits. It holds no advice and no prose; those are pages of
// package troubleshoot. Source: https://docs.immersve.com (guides and API
// reference). One file per operation lies in operations/ and is parsed only
// when that operation is asked for.
package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

//go:generate go run ./generate

//go:embed operations/*.json
var operationFiles embed.FS

// Security says which credentials an operation takes.
type Security string

// The kinds of security that the documentation uses.
const (
	SecurityNone     Security = "none"                    // no credentials at all
	SecurityToken    Security = "access-token"            // a user session only
	SecurityTokenKey Security = "access-token-or-api-key" // either scheme, x-account-id optional
)

// Repeat says what sending the same request twice does.
type Repeat string

// The effects of repeating a request.
const (
	RepeatHarmless  Repeat = "harmless"   // reads, or safe by documented design
	RepeatSameState Repeat = "same-state" // the second call leaves what the first left
	RepeatRefused   Repeat = "refused"    // the second call is refused, which means done
	RepeatActsTwice Repeat = "acts-twice" // a second card, deposit, notification
	RepeatSpends    Repeat = "spends"     // the first call may have used up a one-time value
	RepeatRenews    Repeat = "renews"     // each call mints a new short-lived value
	RepeatUnknown   Repeat = "unknown"    // not documented
)

// Safe reports whether a repeat does no harm.
func (r Repeat) Safe() bool {
	switch r {
	case RepeatHarmless, RepeatSameState, RepeatRefused, RepeatRenews:
		return true
	}
	return false
}

// Consumes reports whether a call may use up a value that works only once.
func (op *Operation) Consumes() bool { return op.Repeat == RepeatSpends }

// AccountKind is the type of account whose resources an operation works on.
type AccountKind string

// The kinds of account that operations want.
const (
	AccountAny        AccountKind = "any"
	AccountCardholder AccountKind = "cardholder"
	AccountPartner    AccountKind = "partner"
)

// Operation is one documented operation.
type Operation struct {
	ID                string              `json:"id"`     // operationId, "create-card"
	Method            string              `json:"method"` // upper case
	Path              string              `json:"path"`   // template, "/api/cards/{cardId}"
	Tag               string              `json:"tag"`
	Hosts             []string            `json:"hosts"` // hosts that serve it
	Security          Security            `json:"security"`
	UndocumentedRoute bool                `json:"undocumentedRoute"` // named by guides, absent from the API reference
	Deprecated        bool                `json:"deprecated"`
	Repeat            Repeat              `json:"repeat"`
	FindOut           string              `json:"findOut"` // read-only operation that shows whether an earlier attempt worked
	AccountKind       AccountKind         `json:"accountKind"`
	Account           *AccountPlace       `json:"account"`           // where the request names the account; nil when it does not
	SampleCredentials []string            `json:"sampleCredentials"` // what the documentation's samples send
	Parameters        []Parameter         `json:"parameters"`
	RequestBody       *RequestBody        `json:"requestBody"` // nil: no body is documented
	Rules             []*Rule             `json:"rules"`       // what the docs say of the body outside its schema
	Responses         map[string]Response `json:"responses"`   // by status code
	Docs              string              `json:"docs"`
}

// AccountPlace is the member or parameter that names the account.
type AccountPlace struct {
	In   string `json:"in"` // "path" or "body"
	Name string `json:"name"`
}

// Parameter is a path, query or header parameter (OpenAPI Parameter Object).
type Parameter struct {
	Name              string   `json:"name"`
	In                string   `json:"in"` // "path", "query", "header"
	Required          bool     `json:"required"`
	Type              string   `json:"type"` // JSON Schema type
	Format            string   `json:"format"`
	Enum              []string `json:"enum"`
	Items             *Items   `json:"items"`   // of an array
	Explode           bool     `json:"explode"` // an array repeats the parameter
	DocumentedMaximum float64  `json:"documentedMaximum"`
	DocumentedDefault float64  `json:"documentedDefault"`
	Example           any      `json:"example"`
}

// Items describes an array parameter's entries.
type Items struct {
	Type string   `json:"type"`
	Enum []string `json:"enum"`
}

// RequestBody is the documented content of a request.
type RequestBody struct {
	Required    bool            `json:"required"`
	ContentType string          `json:"contentType"`
	Schema      json.RawMessage `json:"schema"` // JSON Schema 2020-12; alternatives are anyOf
}

// Response is one documented response.
type Response struct {
	ErrorCodes  []string        `json:"errorCodes"`
	ContentType string          `json:"contentType"`
	Schema      json.RawMessage `json:"schema"` // of a success; nil when none is given
	Shape       string          `json:"shape"`  // "error-400", "error-403": the common error bodies
}

var parsed sync.Map // operation id -> *Operation

// Lookup returns the operation of an id. The error names the id.
func Lookup(id string) (*Operation, error) {
	if op, ok := parsed.Load(id); ok {
		return op.(*Operation), nil
	}
	data, err := operationFiles.ReadFile("operations/" + id + ".json")
	if err != nil {
		return nil, fmt.Errorf("unknown operation %q", id)
	}
	actual, _ := parsed.LoadOrStore(id, decode(data))
	return actual.(*Operation), nil
}

// ErrorCodes returns the codes that the operation documents for a status code.
func (o *Operation) ErrorCodes(status int) []string {
	return o.Responses[strconv.Itoa(status)].ErrorCodes
}

// Documents reports whether the operation documents an errorCode for any status.
func (o *Operation) Documents(code string) bool {
	for _, r := range o.Responses {
		if slices.Contains(r.ErrorCodes, code) {
			return true
		}
	}
	return false
}

// SuccessStatus returns the status code of the documented success.
func (o *Operation) SuccessStatus() int {
	for _, s := range []int{200, 202, 204} {
		if _, ok := o.Responses[strconv.Itoa(s)]; ok {
			return s
		}
	}
	return 200
}

// Parameter returns the named parameter; header names ignore case.
func (o *Operation) Parameter(in, name string) *Parameter {
	for i := range o.Parameters {
		if p := &o.Parameters[i]; p.In == in && p.Name == name {
			return p
		}
	}
	return nil
}
