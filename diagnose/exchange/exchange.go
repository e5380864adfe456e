// Package exchange holds one HTTP request with its response, as far as a
// capture shows them. It is the leaf of the module: everything else speaks of
// exchanges, and an exchange speaks of nothing else.
//
// Two rules shape its types. What a capture does not show is not missing: each
// part says whether it was captured. And whatever may hold a secret is of a
// type that masks itself whenever it is formatted; only Reveal and Bytes give
// the text behind the mask.
//
// # Secrets
//
// MaskText (mask.go) is the one place that masks; every type and every command
// comes here. It works in three steps:
//
//   - secret_find.go walks over a text, again without its escapes (escape.go), and
//     into base64, and notes where secrets stand;
//   - secret_form.go knows those that show by their form, secret_name.go those that
//     only a name tells, secret_place.go the notations in which names have values;
//   - mask.go shortens what was found to what recognises it; masked.go knows such a
//     text again. personal.go does the same for what is about people, which only
//     what leaves the terminal hides.
//
// A new name of a secret is a word in secretOfName or secretOfEnding, one about a
// person a word in isPersonal. A secret with a form of its own is a function in
// secret_form.go and a case in scanner.word. A new kind is besides a constant in
// value.go and, where something of it may show, a case in maskSecret. Each wants a
// plant in cmd/plants_test.go, which puts it everywhere and looks for it in every
// output.
package exchange

import (
	"bytes"
	"strings"
	"time"
)

// Kind names the form of the capture that an exchange was read from.
type Kind string

// The kinds of capture.
const (
	KindCurlInclude  Kind = "curl-include"
	KindCurlVerbose  Kind = "curl-verbose"
	KindCurlTrace    Kind = "curl-trace"
	KindCurlWriteOut Kind = "curl-write-out"
	KindCurlError    Kind = "curl-error"
	KindCurlCommand  Kind = "curl-command"
	KindBody         Kind = "body"
	KindRawHTTP      Kind = "raw-http"
	KindHTTPie       Kind = "httpie"
	KindWget         Kind = "wget"
	KindHAR          Kind = "har"
	KindHTTPFile     Kind = "http-file"
	KindPostman      Kind = "postman"
	KindClientError  Kind = "client-error"
	KindFetch        Kind = "fetch"
	KindOkHTTP       Kind = "okhttp"
	KindHTTPClient   Kind = "http-client"
	KindPowerShell   Kind = "powershell"
	KindClientLog    Kind = "client-log"
	KindInsomnia     Kind = "insomnia"
	KindBruno        Kind = "bruno"
	KindHoppscotch   Kind = "hoppscotch"
	KindThunder      Kind = "thunder-client"
	KindVCR          Kind = "vcr"
	KindOTLP         Kind = "otlp"
	KindConsole      Kind = "postman-console"
	KindWebhook      Kind = "webhook" // a delivery's body alone
	KindLog          Kind = "log"
	KindLive         Kind = "live"
)

// Source says where an exchange was read.
type Source struct {
	Kind  Kind
	Name  string // file name, "-" for standard input, "" for a live call
	Index int    // position among the exchanges of this input, from 0
	Line  int    // line of the input at which it begins, from 1; 0 when not known

	Tool string // the file that describes what was read, such as "okhttp.tool"; "" if none does

	// Local are the flags that start the simulator again with which a live exchange
	// was, "" for one with anything else.
	Local string
	// Flags are those with which the tool reads the input the same way again, each
	// with a space before it.
	Flags string
}

// Exchange is one HTTP request with its response. Either half may be absent.
type Exchange struct {
	Source   Source
	Request  *Request  // nil when the capture shows nothing of the request
	Response *Response // nil when none came or none was captured
	Failure  *Failure  // set when the transport failed before a response was complete
	Earlier  []Step    // responses on the way to Response: 1xx, CONNECT, followed redirects
	Started  time.Time // when the request was sent; zero when not known
	Masked   bool      // the capture's writer masked the secrets: where a mask stands, something else was sent
	Notes    []string  // what the capture held that was not used, for the user to know

	known *Known   // what it declares to be secret, once it was concealed
	held  []Secret // and the kinds of that
}

// Step is an earlier response of the same exchange (RFC 9110 section 15.2 for
// 1xx, section 9.3.6 for CONNECT, section 15.4 for redirects).
type Step struct {
	Reason   string // "informational", "connect", "redirect", "authentication"
	Response Response
}

// Request is the request half.
type Request struct {
	Method         Method // "" when not captured
	URL            URL    // zero when not captured
	Proto          string // "HTTP/1.1", "HTTP/2"; "" when not captured
	Header         Header
	HeaderCaptured bool // the capture shows the whole header section
	Printed        bool // by a tool that prints every header which the program set, though not those that were added later
	Sanitised      bool // the capture shows it but for authorization and cookies, which browsers leave out of a HAR
	Body           Body
	Unexpanded     []string // variables and commands of a shell that stand in the request as written: "$CARD_ID"; it fills them in, the capture does not
	known          *Known   // values of variables that are secrets wherever they stand
}

// ShowsFields reports whether a field other than authorization and cookie would show,
// had it been sent.
func (r *Request) ShowsFields() bool { return r.HeaderCaptured || r.Sanitised }

// FromShell reports whether text contains a variable that only the user's shell knows.
// A URL's host is in lower case, and so are the variables in it.
func (r *Request) FromShell(text string) bool {
	for _, u := range r.Unexpanded {
		if u != "" && (strings.Contains(text, u) || strings.Contains(text, strings.ToLower(u))) {
			return true
		}
	}
	return false
}

// Response is the response half.
type Response struct {
	Status         int    // status code, 100–599 (other values are kept as seen)
	Phrase         string // reason phrase; HTTP/2 and 3 have none
	Proto          string
	Header         Header
	HeaderCaptured bool // the capture shows the whole header section
	Trailer        Header
	Body           Body
	Elapsed        time.Duration // from sending to the last byte; 0 when not known
}

// Phase is the part of a connection's life in which it failed.
type Phase string

// The phases, in order.
const (
	PhaseUnknown  Phase = ""
	PhaseDNS      Phase = "dns"
	PhaseConnect  Phase = "connect"
	PhaseTLS      Phase = "tls"
	PhaseSend     Phase = "send"
	PhaseWait     Phase = "wait"     // request sent, no response yet
	PhaseTransfer Phase = "transfer" // part of the response has come
)

// FailureKind is what went wrong in the transport.
type FailureKind string

// The kinds of failure; each is the finding id that it leads to.
const (
	FailureUnknown FailureKind = ""
	FailureDNS     FailureKind = "dns-failure"
	FailureRefused FailureKind = "connection-refused"
	FailureReset   FailureKind = "connection-reset"
	FailureTLS     FailureKind = "tls-failure"
	FailureTimeout FailureKind = "timeout"
)

// Failure is a transport that gave no complete response.
type Failure struct {
	Kind     FailureKind
	Phase    Phase
	Text     string // the client's own words, one line; untrusted
	CurlCode int    // curl's exit status (man curl, EXIT CODES); 0 when not from curl
	Elapsed  time.Duration
}

// Field is one header field line (RFC 9110 section 5).
type Field struct {
	Name  string // as written
	Value Value
}

// Header is a header section in the order of the capture.
type Header []Field

// Add appends a field; the value is classified by the field's name.
func (h *Header) Add(name, value string) {
	*h = append(*h, Field{Name: name, Value: NewValue(name, value)})
}

// Get returns the first value of the named field, names compared without case
// (RFC 9110 section 5.1).
func (h Header) Get(name string) (Value, bool) {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Text returns the first value of the named field unmasked, "" when absent.
// It is for fields that never hold a secret: content-type, date, retry-after.
func (h Header) Text(name string) string {
	v, _ := h.Get(name)
	return v.Reveal()
}

// Values returns all values of the named field in order.
func (h Header) Values(name string) []Value {
	var values []Value
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Set replaces the named field, or adds it.
func (h *Header) Set(name, value string) {
	kept := (*h)[:0:0]
	replaced := false
	for _, f := range *h {
		switch {
		case !strings.EqualFold(f.Name, name):
			kept = append(kept, f)
		case !replaced:
			kept = append(kept, Field{Name: f.Name, Value: NewValue(name, value)})
			replaced = true
		}
	}
	if !replaced {
		kept = append(kept, Field{Name: name, Value: NewValue(name, value)})
	}
	*h = kept
}

// Del removes the named field.
func (h *Header) Del(name string) {
	kept := (*h)[:0:0]
	for _, f := range *h {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Size returns how many bytes the bodies of an exchange have.
func (ex *Exchange) Size() int {
	size := 0
	if ex.Request != nil {
		size += len(ex.Request.Body.raw)
	}
	if ex.Response != nil {
		size += len(ex.Response.Body.raw)
	}
	return size
}

// Same reports whether two requests have the same method, URL and body.
func (r *Request) Same(other *Request) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.Method == other.Method && r.URL.Reveal() == other.URL.Reveal() && bytes.Equal(r.Body.raw, other.Body.raw)
}
