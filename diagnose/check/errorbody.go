package check

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// ErrorBody is the error in a response's body, read tolerantly: the documented
// shapes of 400 and 403, the legacy custodial shape, and whatever 401, 404, 429
// and 5xx may carry, which is not documented.
type ErrorBody struct {
	JSON       bool // the body is a JSON object
	Legacy     bool // the legacy custodial shape (success, errorMessage, errorMap)
	StatusCode int  // the body's own statusCode, 0 when absent
	Code       string
	Reason     string // reason, errorMessage or message; untrusted text
	Errors     []FieldError
	Elided     bool // Node printed errors[] as [Array], which is never empty
}

// FieldError is an entry of errors[], or of the legacy errorMap.
type FieldError struct {
	Path    string // as sent: "items[1].attributes.invalidField"
	Message string // untrusted text
}

// maxFieldErrors bounds what is kept of errors[]; more help nobody.
const maxFieldErrors = 100

// ReadErrorBody parses the body of a response that failed; of a success it
// reads nothing.
func ReadErrorBody(r *exchange.Response) ErrorBody {
	if r == nil || r.Status >= 200 && r.Status < 300 || !r.Body.Present() {
		return ErrorBody{}
	}
	text := strings.TrimSpace(string(r.Body.Bytes()))
	if !strings.HasPrefix(text, "{") || !exchange.ValidJSON([]byte(text)) {
		return readCutErrorBody(text, r.Body.Truncated)
	}
	doc := gjson.Parse(text)
	body := ErrorBody{
		JSON:       true,
		StatusCode: int(doc.Get("statusCode").Int()),
		Code:       stringOf(doc.Get("errorCode")),
		Reason:     firstString(doc, "reason", "errorMessage", "message"),
	}
	body.Legacy = doc.Get("success").Exists() || doc.Get("errorMap").Exists() || doc.Get("errorMessage").Exists()
	body.Elided = stringOf(doc.Get("errors")) == "[Array]"
	body.Errors = append(readErrors(doc.Get("errors")), readErrorMap(doc.Get("errorMap"))...)
	return body
}

// readCutErrorBody takes from a body whose end the capture lacks what stands in it
// whole: a code decides too much to be overlooked.
func readCutErrorBody(text string, cut bool) ErrorBody {
	if !cut || !strings.HasPrefix(text, "{") || exchange.Depth([]byte(text)) > exchange.MaxDepth {
		return ErrorBody{}
	}
	var body ErrorBody
	if code := gjson.Get(text, "errorCode"); code.Index > 0 && code.Index+len(code.Raw) < len(text) {
		body.Code = stringOf(code)
	}
	if status := gjson.Get(text, "statusCode"); status.Index > 0 && status.Index+len(status.Raw) < len(text) {
		body.StatusCode = int(status.Int())
	}
	return body
}

func stringOf(r gjson.Result) string {
	if r.Type != gjson.String {
		return ""
	}
	return r.String()
}

func firstString(doc gjson.Result, names ...string) string {
	for _, n := range names {
		if s := stringOf(doc.Get(n)); s != "" {
			return s
		}
	}
	return ""
}

func readErrors(list gjson.Result) []FieldError {
	var errors []FieldError
	if !list.IsArray() {
		return nil
	}
	list.ForEach(func(_, entry gjson.Result) bool {
		if entry.IsObject() {
			errors = append(errors, FieldError{Path: pathOf(entry.Get("path")), Message: stringOf(entry.Get("message"))})
		}
		return len(errors) < maxFieldErrors
	})
	return errors
}

// pathOf returns a path as the API writes it. Validators in use elsewhere give it
// as an array of names and positions: ["items", 1, "x"].
func pathOf(path gjson.Result) string {
	if !path.IsArray() {
		return stringOf(path)
	}
	var b strings.Builder
	path.ForEach(func(_, token gjson.Result) bool {
		switch {
		case token.Type == gjson.Number:
			fmt.Fprintf(&b, "[%d]", token.Int())
		case b.Len() > 0:
			b.WriteString("." + token.String())
		default:
			b.WriteString(token.String())
		}
		return b.Len() < 1000
	})
	return b.String()
}

// readErrorMap accepts both of its documented shapes: an object of messages by
// member name, and an array of such objects.
func readErrorMap(m gjson.Result) []FieldError {
	var errors []FieldError
	member := func(key, value gjson.Result) bool {
		if value.Type == gjson.String {
			errors = append(errors, FieldError{Path: key.String(), Message: value.String()})
		}
		return len(errors) < maxFieldErrors
	}
	if m.IsObject() {
		m.ForEach(member)
	}
	if m.IsArray() {
		m.ForEach(func(_, entry gjson.Result) bool {
			if entry.IsObject() {
				entry.ForEach(member)
			}
			return len(errors) < maxFieldErrors
		})
	}
	return errors
}

// maxPath bounds the paths that are followed into a body, in bytes.
const maxPath = 1000

// Pointer translates an errors[].path ("items[1].attributes.x") into an RFC 6901
// JSON Pointer ("/items/1/attributes/x"). What is longer than any path is none.
func (e FieldError) Pointer() string {
	if e.Path == "" || len(e.Path) > maxPath {
		return ""
	}
	if strings.HasPrefix(e.Path, "/") {
		return e.Path // a pointer already
	}
	path := strings.NewReplacer("[", ".", "]", "").Replace(strings.TrimPrefix(e.Path, "body."))
	path = strings.TrimPrefix(path, ".")
	var b strings.Builder
	for token := range strings.SplitSeq(path, ".") {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}
