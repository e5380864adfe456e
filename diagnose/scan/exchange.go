package scan

import (
	"bytes"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// exchange makes of an entry what the engine diagnoses. What the log does not
// show is not captured, never missing.
func (e *entry) exchange() *exchange.Exchange {
	ex := &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLog}, Request: e.request()}
	for _, field := range ex.Request.Header {
		ex.Masked = ex.Masked || field.Value.Reveal() == removed
	}
	if e.when != 0 {
		ex.Started = time.Unix(0, e.when).UTC()
	}
	if e.status != 0 {
		ex.Response = e.response()
	}
	if e.status == 0 && e.failure != "" {
		ex.Failure = &exchange.Failure{Kind: e.failure, Text: string(unquoted(e.record.raw(fieldFailure)))}
	}
	return ex
}

func (e *entry) request() *exchange.Request {
	r := &exchange.Request{Method: exchange.Method(strings.ToUpper(string(e.method))), URL: exchange.ParseURL(string(e.target))}
	if r.URL.Host == "" && len(e.host) > 0 {
		r.URL.SetHost(string(e.host))
	}
	if r.URL.Scheme == "" {
		r.URL.Scheme = strings.ToLower(string(e.scheme))
	}
	if e.record == nil {
		return r
	}
	if headers := e.record.raw(fieldRequestHeaders); len(headers) > 0 {
		eachHeader(headers, func(name, value string) {
			if !strings.HasPrefix(name, ":") {
				r.Header.Add(name, logged(value))
			}
		})
	} else {
		e.addCredentials(r)
	}
	r.Body = bodyOf(e.record.raw(fieldRequestBody))
	return r
}

// removed stands for a value that a logger took out: it was sent, and it isn't known.
const removed = "…"

// logged returns a header's value, or removed for what a logger put in its place. A
// value of x's alone is one that people write, too.
func logged(value string) string {
	if redacted(value) && strings.Trim(value, "xX") != "" {
		return removed
	}
	return value
}

func (e *entry) addCredentials(r *exchange.Request) {
	for name, value := range map[string][]byte{"x-api-key": e.key, "authorization": e.authorization, "x-account-id": e.account} {
		if len(value) > 0 {
			r.Header.Add(name, logged(string(value)))
		}
	}
}

func (e *entry) response() *exchange.Response {
	r := &exchange.Response{Status: e.status}
	if e.record != nil {
		if headers := e.record.raw(fieldResponseHeaders); len(headers) > 0 {
			eachHeader(headers, func(name, value string) {
				if !redacted(value) {
					r.Header.Add(name, value)
				}
			})
		}
		r.Body = e.responseBody()
	}
	if len(e.code) > 0 && !r.Body.Present() {
		r.Body = exchange.NewBody([]byte(`{"errorCode":"` + string(e.code) + `"}`))
	}
	return r
}

// responseBody takes a member called "body" alone only where it is an error's:
// its name says too little.
func (e *entry) responseBody() exchange.Body {
	raw := e.record.raw(fieldResponseBody)
	if e.record.rank[fieldResponseBody] >= weakRank && !bytes.Contains(raw, []byte("errorCode")) {
		return exchange.Body{}
	}
	return bodyOf(raw)
}

// bodyOf reads a body that stands in a log as an object or as a string. One that
// the logger changed, by redaction or by cutting it, is not what was sent.
func bodyOf(raw []byte) exchange.Body {
	if len(raw) == 0 {
		return exchange.Body{}
	}
	text := raw
	if raw[0] == '"' {
		text = unescaped(raw)
	}
	if len(bytes.TrimSpace(text)) == 0 || bytes.Contains(text, []byte("[object Object]")) && text[0] == '[' {
		return exchange.Body{}
	}
	if looksRedacted(text) {
		return exchange.Body{}
	}
	body := exchange.NewBody(bytes.Clone(text))
	trimmed := bytes.TrimSpace(text)
	body.Truncated = trimmed[0] == '{' && trimmed[len(trimmed)-1] != '}' || trimmed[0] == '[' && trimmed[len(trimmed)-1] != ']'
	return body
}

func looksRedacted(text []byte) bool {
	for _, mark := range []string{"***", "…", "edacted", "EDACTED", "asked]", "ASKED]", "iltered]", "ILTERED]"} {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}
