package simulator

import (
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/rule"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
)

// maxBody is how much of a request body is read, in bytes. It leaves room for a
// file above the documented 10 MB, so that FILE_TOO_LARGE can be answered.
const maxBody = 12 << 20

// maxText is the longest string that a JSON body may hold, and maxJSON the
// longest such body, in bytes: what is kept of a request stays small.
const (
	maxText = 4 << 10
	maxJSON = 64 << 10
)

// read takes in the body and judges the request's form. It needs no state, so
// that a slow or broken request keeps nobody waiting.
func (rq *request) read(w http.ResponseWriter) {
	list := rq.checkQuery()
	if rq.op.RequestBody != nil {
		if rq.http.Body != nil {
			rq.http.Body = http.MaxBytesReader(w, rq.http.Body, maxBody)
		}
		if rq.op.RequestBody.ContentType == "multipart/form-data" {
			list = append(list, rq.readUpload()...)
		} else {
			list = append(list, rq.readJSON()...)
		}
	}
	if len(list) > 0 {
		rq.malformed = invalidFields(list)
	}
}

func bodyFault(message string) []fieldFailure { return []fieldFailure{{Message: message}} }

func (rq *request) readJSON() []fieldFailure {
	var text []byte
	if rq.http.Body != nil {
		var err error
		if text, err = io.ReadAll(io.LimitReader(rq.http.Body, maxJSON+1)); err == nil {
			_, err = io.Copy(io.Discard, rq.http.Body) // the client is still writing, and would miss the answer
		}
		if err != nil {
			return bodyFault("The body could not be read: it is longer than 12 MB or was cut off")
		}
	}
	if strings.TrimSpace(string(text)) == "" {
		if rq.op.RequestBody.Required {
			return bodyFault("Required")
		}
		return nil
	}
	if !isJSONType(rq.http.Header.Get("Content-Type")) {
		return bodyFault("Content-Type must be application/json")
	}
	switch {
	case len(text) > maxJSON:
		return bodyFault("The body is larger than 64 KB, the simulator's limit")
	case !exchange.ValidJSON(text):
		return bodyFault("The body isn't JSON")
	case longestString(text) > maxText:
		return bodyFault("A string is longer than 4 KB, the simulator's limit")
	}
	rq.body = text
	return rq.checkSchema()
}

func isJSONType(field string) bool {
	kind, _, err := mime.ParseMediaType(field)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

func (rq *request) checkSchema() []fieldFailure {
	s, err := schema.ForRequest(rq.op)
	if s == nil || err != nil {
		return nil // a broken schema, which the tests of package schema exclude
	}
	root := schema.Parse(rq.body)
	var list []fieldFailure
	for _, v := range s.Validate(root) {
		if rule.Tolerated(rq.op, root, v) == nil {
			list = append(list, fieldFailures(v)...)
		}
	}
	return append(list, rq.checkRules(root)...)
}

// checkRules applies the rules that the docs give outside the schema. Those with an
// errorCode of their own are for the operation to look at, with breaks.
func (rq *request) checkRules(root *schema.Node) []fieldFailure {
	var list []fieldFailure
	for _, b := range rule.Breaches(rq.op, root) {
		switch {
		case b.Rule.ErrorCode != "INVALID_REQUEST_INPUT":
			rq.broken = append(rq.broken, b.Rule.ErrorCode)
		case b.Field != "":
			list = append(list, fieldFailure{"Required: " + b.Rule.Because, dotted(b.Pointer + "/" + schema.Token(b.Field))})
		case b.Rule.Kind == api.RuleType:
			list = append(list, fieldFailure{"Expected " + b.Rule.Says, dotted(b.Pointer)})
		default:
			list = append(list, fieldFailure{"The value " + b.Rule.Says, dotted(b.Pointer)})
		}
	}
	return list
}

// breaks reports whether the body breaks a rule that the API gives an errorCode for.
func (rq *request) breaks(code string) bool { return slices.Contains(rq.broken, code) }

// fieldFailures words a violation as an entry of errors[]. Of alternatives the
// nearest one counts.
func fieldFailures(v schema.Violation) []fieldFailure {
	switch v.Keyword {
	case "anyOf":
		var list []fieldFailure
		if len(v.Variants) > 0 {
			for _, inner := range v.Variants[0].Violations {
				list = append(list, fieldFailures(inner)...)
			}
		}
		if len(list) == 0 {
			list = append(list, fieldFailure{"Fits none of the documented alternatives", dotted(v.Pointer)})
		}
		return list
	case "required":
		return []fieldFailure{{"Required", dotted(v.Pointer + "/" + schema.Token(v.Member))}}
	case "additionalProperties":
		return []fieldFailure{{"Not allowed", dotted(v.Pointer + "/" + schema.Token(v.Member))}}
	case "type":
		return []fieldFailure{{"Expected " + strings.Join(v.Types, " or ") + ", received " + v.Got, dotted(v.Pointer)}}
	case "enum":
		return []fieldFailure{{"Must be one of " + strings.Join(v.Allowed, ", "), dotted(v.Pointer)}}
	}
	return []fieldFailure{{"Does not keep " + v.Keyword + " " + v.Limit, dotted(v.Pointer)}}
}

// dotted writes a JSON Pointer (RFC 6901) as errors[].path does:
// "/items/1/attributes/x" becomes "items[1].attributes.x".
func dotted(pointer string) string {
	var b strings.Builder
	for i, token := range strings.Split(pointer, "/") {
		switch {
		case i == 0:
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
		}
	}
	return b.String()
}

// longestString returns the length of the longest string of a JSON text, in
// bytes as written.
func longestString(text []byte) int {
	longest, begin, inside := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case inside && text[i] == '\\':
			i++
		case text[i] == '"' && inside:
			longest, inside = max(longest, i-begin-1), false
		case text[i] == '"':
			begin, inside = i, true
		}
	}
	return longest
}
