package scan

import "immersve-doctor/diagnose/capture/pattern"

// field is a part of an exchange that a log line can carry.
type field uint8

// The fields.
const (
	fieldNone field = iota
	fieldStatus
	fieldMethod
	fieldURL         // absolute, or the path with its query
	fieldPath        // the path alone
	fieldQuery       // the query alone
	fieldHost        // with or without port
	fieldBase        // what a relative URL is relative to
	fieldScheme      // http or https
	fieldRequestLine // "GET /api/cards HTTP/1.1"
	fieldTime
	fieldMilliseconds // duration
	fieldSeconds      // duration
	fieldNanoseconds  // duration
	fieldCode         // errorCode
	fieldReason
	fieldFailure // a transport's error, "ECONNRESET"
	fieldKey     // x-api-key
	fieldAuthorization
	fieldAccount // x-account-id
	fieldAddress // IP address of the caller
	fieldRequestHeaders
	fieldResponseHeaders
	fieldRequestBody
	fieldResponseBody
	fieldMessage // text that can quote the answer's body
	fieldNested  // a string that may hold the record: Docker's "log", a "message"
	fieldSchema  // of our own documents
	fieldCount
)

// fieldNames are the names of --map and --explain-format.
func fieldNames() [fieldCount]string {
	return [fieldCount]string{
		fieldStatus: "status", fieldMethod: "method", fieldURL: "url", fieldPath: "path", fieldQuery: "query", fieldHost: "host",
		fieldBase: "base", fieldScheme: "scheme", fieldRequestLine: "requestLine", fieldTime: "time", fieldMilliseconds: "ms", fieldSeconds: "seconds",
		fieldNanoseconds: "ns", fieldCode: "code", fieldReason: "reason", fieldFailure: "failure", fieldKey: "apiKey", fieldAuthorization: "authorization",
		fieldAccount: "account", fieldAddress: "ip", fieldRequestHeaders: "requestHeaders", fieldResponseHeaders: "responseHeaders",
		fieldRequestBody: "requestBody", fieldResponseBody: "responseBody", fieldMessage: "message", fieldNested: "nested", fieldSchema: "schema",
	}
}

// record is a JSON line with the places of what matters in it.
type record struct {
	line  []byte
	pairs *node // of a header section that is a list of objects
	at    [fieldCount]span
	rank  [fieldCount]uint8
	// status is read while the line is walked over: only a value that can be one
	// is taken for it.
	status int
	form   string // what the line is, where it was no JSON
	weak   bool   // the status has a name that other things have too
}

// weakRank divides members whose name alone tells what they are from those that
// need another member beside them, such as "status".
const weakRank = 128

// note keeps the value of a field, where no better member has given one and the
// value can be what the name says.
func (r *record) note(f field, rank uint8, at span) {
	if r.at[f].ok() && r.rank[f] <= rank {
		return
	}
	text := at.of(r.line)
	switch f {
	case fieldStatus:
		status, ok := statusOf(text)
		if !ok {
			return
		}
		r.status, r.weak = status, rank >= weakRank
	case fieldMethod:
		if !isMethod(unquoted(text)) {
			return
		}
	case fieldURL, fieldPath:
		if !isTarget(unquoted(text)) {
			return
		}
	case fieldCode:
		if !isCode(unquoted(text)) {
			return
		}
	case fieldFailure:
		if failureOf(string(unquoted(text))) == "" {
			return
		}
	case fieldRequestLine:
		if _, _, ok := requestLine(unquoted(text)); !ok {
			return
		}
	default:
		if text[0] == 'n' || len(text) <= 2 && text[0] != '{' && text[0] != '[' && (text[0] < '0' || text[0] > '9') {
			return // null and ""
		}
	}
	r.at[f], r.rank[f] = at, rank
}

// read walks over a JSON object and reports whether the line is nothing else.
func (r *record) read(line []byte, shapes *node) bool {
	*r = record{line: line, pairs: r.pairs}
	end := r.object(0, shapes, 0)
	return end > 0 && skipSpace(line, end) == len(line)
}

// isExchange reports whether the line is a record of an exchange: a status whose
// name is unmistakable, or one beside a method, a target or an errorCode; or a
// failed transport with a target.
func (r *record) isExchange() bool {
	if r.isDiagnosis() {
		return true
	}
	target := r.at[fieldURL].ok() || r.at[fieldPath].ok() || r.at[fieldRequestLine].ok()
	beside := target || r.at[fieldMethod].ok() || r.at[fieldCode].ok()
	if r.status != 0 {
		return beside || !r.weak
	}
	return r.at[fieldFailure].ok() && target
}

// isDiagnosis reports whether the line is a document of our own.
func (r *record) isDiagnosis() bool {
	return r.at[fieldSchema].ok() && hasPrefix(unquoted(r.raw(fieldSchema)), "immersve-doctor/diagnosis/")
}

// text returns a string member's content with its escapes undone, or another
// value as it stands.
func (r *record) text(f field) []byte {
	raw := r.at[f].of(r.line)
	if len(raw) < 2 || raw[0] != '"' {
		return raw
	}
	return unescaped(raw)
}

func (r *record) raw(f field) []byte { return r.at[f].of(r.line) }

func unquoted(text []byte) []byte {
	if len(text) >= 2 && text[0] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}

// statusOf reads a status code: a number or a string of three digits.
func statusOf(text []byte) (int, bool) {
	text = unquoted(text)
	if len(text) > 3 && string(text[3:]) == ".0" {
		text = text[:3]
	}
	if len(text) != 3 || text[0] < '1' || text[0] > '5' || !isDigit(text[1]) || !isDigit(text[2]) {
		return 0, false
	}
	return int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0'), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isMethod knows the methods of RFC 9110 and PATCH, in any case: clients log
// "post".
func isMethod(text []byte) bool {
	if len(text) < 3 || len(text) > 7 {
		return false
	}
	var upper [7]byte
	for i, c := range text {
		upper[i] = c &^ 0x20
	}
	switch string(upper[:len(text)]) {
	case "GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

func isTarget(text []byte) bool {
	return len(text) > 0 && (text[0] == '/' || text[0] == '\\' && len(text) > 1 && text[1] == '/' || hasPrefix(text, "http://") || hasPrefix(text, "https://") || hasPrefix(text, "api/") || hasPrefix(text, `http:\/\/`) || hasPrefix(text, `https:\/\/`))
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// isCode knows the form of an errorCode: capitals, digits and underscores. Codes
// of clients and runtimes are none of the API's.
func isCode(text []byte) bool {
	if len(text) < 4 || len(text) > 80 || hasPrefix(text, "ERR_") || failureOf(string(text)) != "" {
		return false
	}
	for i, c := range text {
		if (c < 'A' || c > 'Z') && c != '_' && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return true
}

// time returns when the exchange took place, 0 when the record does not tell.
func (r *record) time() int64 {
	raw := r.raw(fieldTime)
	if len(raw) == 0 {
		return 0
	}
	return pattern.Moment(unquoted(raw))
}
