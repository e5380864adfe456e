package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// The types of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that
// are written. Sizes and times that are not known are -1, as the format wants.
type (
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
		Capture  harCapture  `json:"_capture"`
	}
	// harCapture is our own member: what the format has no place for, so that a
	// HAR read back gives the diagnosis that the exchange gave.
	harCapture struct {
		Request      string    `json:"request"`      // whole, part (of the header section), none
		RequestBody  string    `json:"requestBody"`  // whole, cut, absent, unknown
		Response     string    `json:"response"`     // whole, part, none
		ResponseBody string    `json:"responseBody"` // whole, cut, absent, unknown
		Failure      string    `json:"failure,omitempty"`
		Phase        string    `json:"phase,omitempty"`
		CurlCode     int       `json:"curlCode,omitempty"`
		Steps        []harStep `json:"steps,omitempty"`
		Host         string    `json:"host,omitempty"` // where the URL has no scheme, and so no place for it
		Masked       bool      `json:"masked,omitempty"`
		Unexpanded   []string  `json:"unexpanded,omitempty"` // what only the user's shell fills in
		Notes        []string  `json:"notes,omitempty"`
	}
	harStep struct {
		Reason string `json:"reason"`
		harResponse
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []harNamed   `json:"cookies"`
		Headers     []harNamed   `json:"headers"`
		QueryString []harNamed   `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int          `json:"headersSize"`
		BodySize    int          `json:"bodySize"`
	}
	harPostData struct {
		MimeType string     `json:"mimeType"`
		Params   []harNamed `json:"params"`
		Text     string     `json:"text"`
		Comment  string     `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harNamed `json:"cookies"`
		Headers     []harNamed `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
		Error       string     `json:"_error,omitempty"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harNamed struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// HARWriter writes exchanges as one HAR 1.2 document, each as soon as it comes.
type HARWriter struct {
	w      io.Writer
	reveal bool
	begun  bool
}

// NewHARWriter returns a writer. Secrets and what is about people are masked
// unless reveal is set: a file is made to be passed on.
func NewHARWriter(w io.Writer, reveal bool) *HARWriter { return &HARWriter{w: w, reveal: reveal} }

// Add writes one exchange.
func (h *HARWriter) Add(ex *exchange.Exchange) error {
	before := ","
	if !h.begun {
		before = h.head()
	}
	h.begun = true
	return WriteJSON(entryWriter{h.w, before}, harOf(ex, h.reveal))
}

// entryWriter writes what WriteJSON gives it, an entry as a whole, behind what parts
// it from the one before, without its line break.
type entryWriter struct {
	w      io.Writer
	before string
}

func (e entryWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.w, e.before); err != nil {
		return 0, err
	}
	if _, err := e.w.Write(bytes.TrimSuffix(p, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// head is the document up to its first entry.
func (h *HARWriter) head() string {
	comment := ""
	if !h.reveal {
		comment = `,"comment":"secrets and personal data are masked"`
	}
	return `{"log":{"version":"1.2","creator":{"name":"immersve-doctor","version":"1"` + comment + `},"entries":[`
}

// Close ends the document.
func (h *HARWriter) Close() error {
	before := ""
	if !h.begun {
		before = h.head()
	}
	_, err := io.WriteString(h.w, before+"]}}\n")
	return err
}

// HAR writes exchanges as one HAR 1.2 document, as NewHARWriter says.
func HAR(w io.Writer, exchanges []*exchange.Exchange, reveal bool) error {
	h := NewHARWriter(w, reveal)
	for _, ex := range exchanges {
		if err := h.Add(ex); err != nil {
			return err
		}
	}
	return h.Close()
}

func harOf(ex *exchange.Exchange, reveal bool) harEntry {
	whole := ex
	if !reveal {
		ex = ex.Shared()
	}
	started := ex.Started
	if started.IsZero() {
		started = time.Unix(0, 0)
	}
	e := harEntry{Started: started.UTC().Format("2006-01-02T15:04:05.000Z"), Time: -1, Timings: harTimings{-1, -1, -1}}
	if ex.Source.Name != "" {
		e.Comment = fmt.Sprintf("%s of %s", ex.Source.Kind, ex.Source.Name)
	}
	e.Capture = harCaptureOf(ex, reveal)
	e.Request = harRequestOf(ex.Request, reveal)
	e.Response = harResponseOf(ex.Response, reveal)
	if whole.Request != nil && whole.Request.Body.Present() { // the sizes that were, not those of what is masked
		e.Request.BodySize = len(whole.Request.Body.Bytes())
	}
	if whole.Response != nil && whole.Response.Body.Present() {
		e.Response.Content.Size = len(whole.Response.Body.Bytes())
	}
	if ex.Response != nil && ex.Response.Elapsed > 0 {
		e.Time = float64(ex.Response.Elapsed) / 1e6
		e.Timings = harTimings{0, e.Time, 0}
	}
	if ex.Failure != nil {
		e.Response.Error = exchange.MaskText(ex.Failure.Text)
		if ex.Failure.Elapsed > 0 && ex.Response == nil {
			e.Time = float64(ex.Failure.Elapsed) / 1e6
		}
	}
	return e
}

func harCaptureOf(ex *exchange.Exchange, reveal bool) harCapture {
	c := harCapture{Request: "none", RequestBody: "unknown", Response: "none", ResponseBody: "unknown"}
	if r := ex.Request; r != nil {
		c.Request, c.RequestBody = headerState(r.HeaderCaptured), bodyState(r.Body)
		switch {
		case r.Sanitised:
			c.Request = "sanitised"
		case r.Printed:
			c.Request = "printed"
		}
		if r.URL.Scheme == "" {
			c.Host = r.URL.Authority()
		}
		for _, u := range r.Unexpanded {
			c.Unexpanded = append(c.Unexpanded, shown(u, reveal))
		}
	}
	if r := ex.Response; r != nil {
		c.Response, c.ResponseBody = headerState(r.HeaderCaptured), bodyState(r.Body)
	}
	if f := ex.Failure; f != nil {
		c.Failure, c.Phase, c.CurlCode = string(f.Kind), string(f.Phase), f.CurlCode
	}
	c.Masked = !reveal
	for _, note := range ex.Notes {
		c.Notes = append(c.Notes, exchange.MaskText(note))
	}
	for i := range ex.Earlier {
		c.Steps = append(c.Steps, harStep{ex.Earlier[i].Reason, harResponseOf(&ex.Earlier[i].Response, reveal)})
	}
	return c
}

func headerState(captured bool) string {
	if captured {
		return "whole"
	}
	return "part"
}

func bodyState(b exchange.Body) string {
	switch {
	case b.State() == exchange.BodyAbsent:
		return "absent"
	case b.State() == exchange.BodyNotCaptured:
		return "unknown"
	case b.Truncated:
		return "cut"
	}
	return "whole"
}

// maxQueryString bounds the parameters that are also written one by one; the URL
// has them all.
const maxQueryString = 1000

func harRequestOf(r *exchange.Request, reveal bool) harRequest {
	if r == nil {
		r = &exchange.Request{}
	}
	h := harRequest{
		Method: shown(string(r.Method), reveal), URL: r.URL.String(), HTTPVersion: version(r.Proto), Cookies: []harNamed{},
		Headers: harHeaders(r.Header, reveal), QueryString: []harNamed{}, HeadersSize: -1, BodySize: -1,
	}
	if reveal {
		h.URL = r.URL.Reveal()
	}
	parameters, _ := exchange.First(exchange.ParseURL(h.URL).Query(), maxQueryString)
	for _, p := range parameters {
		h.QueryString = append(h.QueryString, harNamed{p.Name, p.Value})
	}
	if r.Body.Present() {
		h.PostData = &harPostData{MimeType: shown(r.Header.Text("content-type"), reveal), Params: []harNamed{}}
		h.PostData.Text, h.PostData.Comment = bodyText(r.Body, reveal)
		h.BodySize = len(r.Body.Bytes())
	} else if r.Body.State() == exchange.BodyAbsent {
		h.BodySize = 0
	}
	return h
}

func harResponseOf(r *exchange.Response, reveal bool) harResponse {
	if r == nil {
		r = &exchange.Response{}
	}
	h := harResponse{
		Status: r.Status, StatusText: shown(r.Phrase, reveal), HTTPVersion: version(r.Proto), Cookies: []harNamed{},
		Headers: harHeaders(r.Header, reveal), HeadersSize: -1, BodySize: -1,
		Content: harContent{MimeType: shown(r.Header.Text("content-type"), reveal)},
	}
	if v, ok := r.Header.Get("location"); ok {
		h.RedirectURL = v.String()
	}
	if !r.Body.Present() {
		return h
	}
	h.Content.Size = len(r.Body.Bytes())
	h.Content.Text, h.Content.Comment = bodyText(r.Body, reveal)
	if !utf8.ValidString(h.Content.Text) {
		h.Content.Text, h.Content.Encoding = base64.StdEncoding.EncodeToString([]byte(h.Content.Text)), "base64"
	}
	return h
}

func version(proto string) string {
	if proto == "" {
		return "unknown"
	}
	return strings.TrimSpace(proto)
}

func harHeaders(h exchange.Header, reveal bool) []harNamed {
	list := []harNamed{}
	for _, f := range h {
		v := f.Value.String()
		if reveal {
			v = f.Value.Reveal()
		}
		list = append(list, harNamed{shown(f.Name, reveal), v})
	}
	return list
}

// shown masks a text unless reveal is set.
func shown(text string, reveal bool) string {
	if reveal {
		return text
	}
	return exchange.MaskText(text)
}

// bodyText returns a body, or why it is left out: secrets in what is packed cannot be
// masked.
func bodyText(b exchange.Body, reveal bool) (text, comment string) {
	switch {
	case reveal:
		return string(b.Bytes()), ""
	case b.Binary():
		return "", "The body is binary. It was omitted because secrets in it can't be masked."
	}
	return b.String(), ""
}

// HARSession writes exchanges into a HAR file that is complete after each of them, so
// that it can be read while it grows, and if the process is killed.
type HARSession struct {
	w      io.WriterAt
	reveal bool
	end    int64 // where the next entry goes, over what ends the document
}

// NewHARSession writes a document without entries. Secrets and personal data are masked
// unless reveal is set.
func NewHARSession(w io.WriterAt, reveal bool) (*HARSession, error) {
	s := &HARSession{w: w, reveal: reveal}
	return s, s.put(NewHARWriter(nil, reveal).head())
}

// Add writes one exchange.
func (s *HARSession) Add(ex *exchange.Exchange) error {
	var b bytes.Buffer
	if s.begun() {
		b.WriteString(",\n")
	}
	if err := WriteJSON(&b, harOf(ex, s.reveal)); err != nil {
		return err
	}
	return s.put(strings.TrimSuffix(b.String(), "\n"))
}

// begun reports whether the document has an entry.
func (s *HARSession) begun() bool { return s.end > int64(len(NewHARWriter(nil, s.reveal).head())) }

// put writes text and the end of the document in one write.
func (s *HARSession) put(text string) error {
	if _, err := s.w.WriteAt([]byte(text+"]}}\n"), s.end); err != nil {
		return err
	}
	s.end += int64(len(text))
	return nil
}
