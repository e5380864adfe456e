package capture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// This file makes exchanges of HAR entries.

// recordsAll reports whether the program that wrote a HAR wrote every field which
// was sent. Browsers do not: Chrome leaves cookies and authorization out unless
// asked, and the HAR does not say so. One without a name may have been edited.
func recordsAll(creator string) bool {
	creator = strings.ToLower(strings.TrimSpace(creator))
	for _, browser := range []string{"webinspector", "web inspector", "firefox", "chrom", "safari", "edge", "opera", "brave", "vivaldi", "devtools"} {
		if strings.Contains(creator, browser) {
			return false
		}
	}
	return creator != ""
}

// exchange makes the exchange of an entry.
func (e *harEntry) exchange(creator string) *exchange.Exchange {
	ex := &exchange.Exchange{Started: startedAt(e.started)}
	ex.Request = e.request.exchange(recordsAll(creator), &ex.Notes)
	ex.Response = e.response.exchange(ex.Request, &ex.Notes)
	if ex.Response != nil && e.elapsed > 0 && e.elapsed < 1e10 {
		ex.Response.Elapsed = time.Duration(e.elapsed * 1e6)
	}
	if e.own != nil {
		e.own.restore(ex)
		if ex.Failure != nil && ex.Response == nil && e.elapsed > 0 && e.elapsed < 1e10 {
			ex.Failure.Elapsed = time.Duration(e.elapsed * 1e6)
		}
	}
	ex.Failure = e.failed(ex.Failure)
	if e.own == nil && refusedWithoutCredentials(ex) {
		ex.Notes = append(ex.Notes, sanitisedNote)
	}
	return ex
}

// sanitisedNote says why nothing is said of a field that does not show.
const sanitisedNote = "the HAR doesn't include authorization, but browsers omit it unless you ask for it (Chrome: Export HAR with sensitive data), so it may have been sent"

// refusedWithoutCredentials reports whether the answer and what the HAR shows of
// the request would suggest that credentials were missing.
func refusedWithoutCredentials(ex *exchange.Exchange) bool {
	if ex.Request == nil || ex.Request.HeaderCaptured || ex.Response == nil {
		return false
	}
	_, key := ex.Request.Header.Get("x-api-key")
	return !key && ex.Response.Status == 401
}

// startedAt reads a time as HAR has it, or as some writers do: without a colon in
// the zone, or without a zone. The zero of computers stands for not known.
func startedAt(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1990 {
			return t
		}
	}
	return time.Time{}
}

// failed reads what the browser says of a call that got no response. Status 0
// alone says that there was none, not why.
func (e *harEntry) failed(known *exchange.Failure) *exchange.Failure {
	text := e.failure
	if e.response != nil && e.response.failure != "" {
		text = e.response.failure
	}
	switch {
	case known != nil:
		known.Text = shorten(text, 300)
		return known
	case e.own != nil || e.response == nil || e.response.status > 0:
		return nil
	case text == "":
		return &exchange.Failure{Text: "status 0: the HAR has no response and no reason"}
	}
	kind, phase := failureOf(0, text)
	return &exchange.Failure{Kind: kind, Phase: phase, Text: shorten(text, 300)}
}

func (r *harRequest) exchange(recorded bool, notes *[]string) *exchange.Request {
	if r == nil || r.method == "" && r.url == "" && len(r.header.fields) == 0 {
		return nil
	}
	q := &exchange.Request{Method: exchange.Method(strings.TrimSpace(r.method)), URL: exchange.ParseURL(strings.TrimSpace(r.url)), Proto: protoOf(r.proto), Header: r.header.fields}
	if q.URL.Host == "" && q.URL.Scheme == "" {
		q.URL.SetHost(r.header.authority)
		if q.URL.Host == "" {
			q.URL.SetHost(q.Header.Text("host"))
		}
		if q.URL.Host != "" {
			q.URL.Scheme = schemeOf(q.URL.Host)
		}
	}
	q.HeaderCaptured = r.header.whole && (recorded || showsCredentials(q.Header))
	q.Sanitised = r.header.whole && !q.HeaderCaptured && len(q.Header) > 0
	q.Body = r.content(q, notes)
	return q
}

// showsCredentials reports whether a header section holds what sanitised exports
// leave out. x-api-key proves nothing: they keep it.
func showsCredentials(h exchange.Header) bool {
	_, authorization := h.Get("authorization")
	_, cookie := h.Get("cookie")
	return authorization || cookie
}

// protoOf writes protocol versions one way: browsers have h2, http/2.0, HTTP/2.
func protoOf(version string) string {
	switch version {
	case "HTTP/1.1", "HTTP/2", "HTTP/3":
		return version
	case "h2", "http/2.0":
		return "HTTP/2"
	case "h3":
		return "HTTP/3"
	}
	upper := strings.ToUpper(strings.TrimSpace(version))
	switch {
	case upper == "H2", upper == "HTTP/2.0", upper == "HTTP/2+QUIC/46":
		return "HTTP/2"
	case upper == "H3", upper == "HTTP/3.0", strings.HasPrefix(upper, "H3-"):
		return "HTTP/3"
	case strings.HasPrefix(upper, "HTTP/") && isVersion(upper[len("HTTP/"):]):
		return upper
	}
	return ""
}

// content is the request's body. Without postData there was none only where
// nothing speaks of one.
func (r *harRequest) content(q *exchange.Request, notes *[]string) exchange.Body {
	c := &r.body
	switch {
	case c.hasText && len(c.text) > 0:
		return c.body(notes)
	case len(c.params) > 0:
		return c.form(q.Header.Text("content-type"), notes)
	case r.bodySize > 0 || hasContent(q.Header):
		return exchange.Body{}
	case r.bodySize == 0, c.hasText, q.Method == "GET", q.Method == "HEAD", q.Method == "OPTIONS":
		return exchange.NewBody(nil)
	}
	return exchange.Body{}
}

// body decodes the text.
func (c *harContent) body(notes *[]string) exchange.Body {
	content := c.text
	if strings.EqualFold(c.encoding, "base64") {
		content = c.decodeBase64(notes)
	} else if c.encoding != "" && !strings.EqualFold(c.encoding, "utf-8") && !strings.EqualFold(c.encoding, "utf8") {
		*notes = append(*notes, fmt.Sprintf("a body has the unknown encoding %q, so it wasn't decoded", shorten(exchange.MaskText(c.encoding), 40)))
	}
	b := exchange.NewBody(content)
	b.Truncated = c.cut
	return b
}

// decodeBase64 decodes as far as it goes, line breaks and missing padding allowed.
func (c *harContent) decodeBase64(notes *[]string) []byte {
	text := bytes.TrimRight(bytes.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', ' ', '\t':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, c.text), "=")
	if len(text)%4 == 1 { // cut inside a group
		text = text[:len(text)-1]
	}
	decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(decoded, text)
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("a body is marked as base64, but isn't from byte %d on", n))
		c.cut = true
	}
	return decompress(decoded[:n], "", notes)
}

// form writes the parameters of a form as they were sent: URL-encoded, or as the
// parts of a multipart body. A file's content stands in no HAR.
func (c *harContent) form(contentType string, notes *[]string) exchange.Body {
	if contentType == "" {
		contentType = c.mimeType
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	if err == nil && strings.HasPrefix(media, "multipart/") {
		return c.multipart(parameters["boundary"], notes)
	}
	var pairs []string
	for _, p := range c.params {
		pairs = append(pairs, escapeParam(p.name)+"="+escapeParam(p.value))
	}
	return exchange.NewBody([]byte(strings.Join(pairs, "&")))
}

// escapeParam leaves alone what is escaped already: writers differ.
func escapeParam(s string) string {
	if _, err := url.QueryUnescape(s); err == nil && strings.ContainsAny(s, "%+") {
		return s
	}
	return url.QueryEscape(s)
}

func (c *harContent) multipart(boundary string, notes *[]string) exchange.Body {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary(boundary) // one of its own does as well
	missing := 0
	for _, p := range c.params {
		h := textproto.MIMEHeader{}
		disposition := fmt.Sprintf("form-data; name=%q", p.name)
		if p.file != "" {
			disposition += fmt.Sprintf("; filename=%q", p.file)
			if p.value == "" {
				missing++
			}
		}
		h.Set("Content-Disposition", disposition)
		if p.mimeType != "" {
			h.Set("Content-Type", p.mimeType)
		}
		if part, err := w.CreatePart(h); err == nil {
			_, _ = part.Write([]byte(p.value)) // a buffer takes everything
		}
	}
	_ = w.Close()
	body := exchange.NewBody(b.Bytes())
	if missing > 0 {
		body.Truncated = true
		*notes = append(*notes, fmt.Sprintf("the HAR doesn't include the content of %d uploaded files", missing))
	}
	return body
}

func (r *harResponse) exchange(q *exchange.Request, notes *[]string) *exchange.Response {
	if r == nil || r.status == 0 {
		return nil
	}
	p := &exchange.Response{
		Status: r.status, Phrase: phraseOf(r.phrase), Proto: protoOf(r.proto),
		Header: r.header.fields, HeaderCaptured: r.header.whole && len(r.header.fields) > 0,
	}
	if _, has := p.Header.Get("location"); !has && r.redirect != "" {
		p.Header.Add("Location", r.redirect)
	}
	p.Body = r.content(q, p.Header, notes)
	return p
}

// content is the response's body. Without text there was none only where nothing
// speaks of one: browsers drop bodies from memory and write a HAR all the same.
func (r *harResponse) content(q *exchange.Request, h exchange.Header, notes *[]string) exchange.Body {
	length := h.Text("content-length")
	switch {
	case r.body.hasText && len(r.body.text) > 0:
		return r.body.body(notes)
	case !mayHaveBody(r.status), q != nil && q.Method == "HEAD", length == "0":
		return exchange.NewBody(nil)
	case length != "" || r.body.size > 0 || r.size > 0:
		*notes = append(*notes, "the HAR doesn't include the response body (keep the developer tools open during the call, and export it again)")
		return exchange.Body{}
	case r.body.size == 0 && r.size <= 0 && (r.body.hasText || r.size == 0):
		return exchange.NewBody(nil)
	}
	return exchange.Body{}
}

// restore takes what this program's own HAR says beyond the format.
func (o *harOwn) restore(ex *exchange.Exchange) {
	ex.Notes = o.notes // the others speak of other programs' HARs
	ex.Masked = o.masked
	switch {
	case o.request == "none":
		ex.Request = nil
	case ex.Request == nil: // next to nothing was known of it
		ex.Request = &exchange.Request{}
		fallthrough
	default:
		ex.Request.HeaderCaptured = o.request == "whole"
		ex.Request.Sanitised = o.request == "sanitised"
		ex.Request.Printed = o.request == "printed"
		ex.Request.Body = restoreBody(ex.Request.Body, o.requestBody)
		ex.Request.Unexpanded = o.unexpanded
	}
	if ex.Request != nil && ex.Request.URL.Host == "" {
		ex.Request.URL.SetHost(o.host)
	}
	if ex.Response != nil {
		ex.Response.HeaderCaptured = o.response == "whole"
		ex.Response.Body = restoreBody(ex.Response.Body, o.responseBody)
	}
	for _, s := range o.steps {
		if p := s.response.exchange(nil, &ex.Notes); p != nil {
			p.HeaderCaptured = true
			addStep(ex, s.reason, *p)
		}
	}
	if o.kind != "" || o.phase != "" || o.curlCode > 0 {
		ex.Failure = &exchange.Failure{Kind: exchange.FailureKind(o.kind), Phase: exchange.Phase(o.phase), CurlCode: max(o.curlCode, 0)}
	}
}

func restoreBody(b exchange.Body, state string) exchange.Body {
	switch state {
	case "unknown":
		return exchange.Body{}
	case "absent":
		return exchange.NewBody(nil)
	}
	b.Truncated = b.Truncated || state == "cut"
	return b
}
