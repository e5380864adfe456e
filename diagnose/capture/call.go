package capture

import (
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/transport"
)

// fill takes what a tool's line says about a call, as far as it isn't known yet.
func (c *Call) fill(a *Assembler, l *tools.Line, m *pattern.Match, prefix string) {
	text := a.text
	c.last = a.line
	if len(c.lines) < 8 {
		c.lines = append(c.lines, l)
	}
	first := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	first(&c.Method, strings.ToUpper(m.Text(text, pattern.Method)+m.Text(text, pattern.Verb)))
	c.target(m.Text(text, pattern.URL) + m.Text(text, pattern.Target) + m.Text(text, pattern.Template) + m.Text(text, pattern.Path))
	first(&c.Host, m.Text(text, pattern.Host))
	if port := m.Text(text, pattern.Port); port != "" && c.Host != "" && !strings.Contains(c.Host, ":") {
		c.Host += ":" + port
	}
	first(&c.Scheme, m.Text(text, pattern.Scheme))
	first(&c.Address, m.Text(text, pattern.Address))
	first(&c.query, m.Text(text, pattern.Query))
	first(&c.id, m.Text(text, pattern.ID))
	if m.Has(pattern.Status) && c.Status == 0 {
		c.Status, _ = strconv.Atoi(m.Text(text, pattern.Status))
		c.Failure = nil
	}
	if c.Status != 0 {
		first(&c.Phrase, m.Text(text, pattern.Phrase))
	}
	if m.Has(pattern.Proto) {
		if l.Role == tools.Request || l.Role == tools.Exchange && m.At(pattern.Proto).From < m.At(pattern.Status).From && m.Has(pattern.Method) {
			c.reqProto = m.Text(text, pattern.Proto)
		} else {
			c.proto = m.Text(text, pattern.Proto)
		}
	}
	if c.When == 0 {
		if m.Has(pattern.Time) {
			c.When = pattern.ParseTime(m.Text(text, pattern.Time))
		} else if prefix != "" {
			c.When = pattern.TimeIn(prefix)
		}
	}
	if took := m.Text(text, pattern.Duration) + m.Text(text, pattern.Millis); took != "" && c.Took == 0 {
		c.Took = pattern.ParseDuration(took)
	}
	if body := m.Text(text, pattern.Body); body != "" && l.Role != tools.Body {
		if strings.HasPrefix(l.Arg, "request") {
			first(&c.request.body, body)
			c.request.began = true
		} else {
			first(&c.response.body, body)
			c.response.began = true
		}
	}
	if strings.Contains(l.Arg, "whole") {
		c.response.ended = true
	}
	if m.Has(pattern.Size) && strings.Contains(l.Arg, "whole") {
		if n, err := strconv.Atoi(m.Text(text, pattern.Size)); err == nil {
			c.response.size = n
		}
	}
	if l.Role == tools.More && m.Has(pattern.Failure) && c.Status == 0 && c.Failure == nil {
		c.Failure = a.failure(l, m, m.Start)
	}
	if c.Failure != nil && m.Has(pattern.Curl) {
		c.Failure.CurlCode, _ = strconv.Atoi(m.Text(text, pattern.Curl))
	}
}

// target notes what was asked for: a URL says more than a path.
func (c *Call) target(target string) {
	if target != "" && (c.Target == "" || strings.HasPrefix(c.Target, "/") && !strings.HasPrefix(target, "/")) {
		c.Target = target
	}
}

// member takes a value of a dump.
func (c *Call) member(a *Assembler, t *tools.Tool, path []string, value string, quoted bool) {
	for i := range t.Members {
		mb := &t.Members[i]
		if !mb.Fits(path) {
			continue
		}
		if c.value(t, mb, path[len(path)-1], value, quoted) {
			return
		}
	}
}

// value takes the value of a member, and reports whether it is what the member says.
func (c *Call) value(t *tools.Tool, mb *tools.Member, name, value string, quoted bool) bool {
	side := &c.response
	if mb.Request {
		side = &c.request
	}
	switch {
	case mb.IsHeader():
		if isFieldName(name) && len(side.fields) < maxFields && (quoted || value == "" || strings.IndexByte("{[", value[0]) < 0 || strings.HasPrefix(value, "[ '")) {
			side.fields.Add(name, value)
			side.began = true
		}
		return true
	case mb.IsBody():
		switch {
		case side.body != "":
		case quoted && value != "", value != "" && strings.IndexByte("{[", value[0]) >= 0 && !strings.HasPrefix(value, "{}") && value != "[Object]":
			side.body, side.began, side.exact = value, true, quoted
		case mb.Request && value == "undefined":
			side.size = 0 // the program had nothing to send
		}
		return true
	}
	if mb.Pattern.Source == "{time}" {
		c.When = pattern.ParseTime(value) // a number of seconds or less since 1970, too
		return c.When != 0
	}
	if quoted && (mb.Pattern.Source == "{url}" || mb.Pattern.Source == "{target}") {
		value = strings.NewReplacer("<", "%3C", ">", "%3E").Replace(value) // a placeholder, and not the URL's end
	}
	var m pattern.Match
	if !mb.Pattern.MatchAt(value, 0, &m) {
		return false
	}
	part := Assembler{set: tools.Load(), text: value, line: c.last}
	l := &tools.Line{Tool: t, Role: tools.More, Pattern: mb.Pattern}
	c.fill(&part, l, &m, "")
	return true
}

// failure returns why there was no response according to a line; nil if it doesn't tell.
func (a *Assembler) failure(l *tools.Line, m *pattern.Match, begin int) *exchange.Failure {
	end := pattern.LineEnd(a.text, begin)
	text := strings.TrimSpace(a.text[begin:end])
	why := text
	if m.Has(pattern.Failure) {
		why = strings.TrimSpace(m.Text(a.text, pattern.Failure))
	}
	if !l.Tool.Anywhere() {
		text = why
	}
	f := &exchange.Failure{Text: shorten(text[:min(len(text), maxSample)], 300)}
	if code := m.Text(a.text, pattern.Curl); code != "" {
		n, _ := strconv.Atoi(code) // three digits at most
		f.Kind, f.Phase = failureOf(n, strings.ToLower(text[:min(len(text), maxSample)]))
		f.CurlCode = n
		return f
	}
	line := a.text[m.Start:end] // its words may need those before them, such as the quotes of a URL
	line = line[:min(len(line), maxSample)]
	if l.Arg != "" {
		f.Kind, f.Phase = failureNamed(l)
		if cause := transport.Classify(line, 0); cause.Kind == f.Kind && cause.Phase != "" || cause.Kind == "" && cause.Reason != "" {
			f.Kind, f.Phase = cause.Kind, cause.Phase // the line says more than the words that gave it away
		}
		return f
	}
	known := false
	for _, text := range []string{why[:min(len(why), maxSample)], line} {
		if f.Kind, f.Phase, known = a.failureIn(text); known {
			break
		}
	}
	if !known && !l.Pattern.IsUnmistakable() {
		return nil
	}
	return f
}

// failureNamed returns the kind and the phase of a failure that its tool's line names.
func failureNamed(l *tools.Line) (exchange.FailureKind, exchange.Phase) {
	kind, phase, _ := strings.Cut(l.Arg, "/")
	return exchange.FailureKind(kind), exchange.Phase(phase)
}

// failureIn looks a failure up in the phrases of clients, then in the lines that the
// tools name. A known failure without a kind isn't the transport's fault.
func (a *Assembler) failureIn(text string) (kind exchange.FailureKind, phase exchange.Phase, known bool) {
	text, _, _ = strings.Cut(text, "\n")
	cause := transport.Classify(text, 0)
	if cause.Kind == "" && cause.Reason != "" {
		return "", cause.Phase, true
	}
	var m pattern.Match
	for from := 0; from < len(text); {
		l := a.set.Find(text, 0, from, &m)
		if l == nil {
			break
		}
		if l.Role == tools.Failure && l.Arg != "" {
			kind, phase = failureNamed(l)
			if cause.Kind == kind && cause.Phase != "" {
				phase = cause.Phase
			}
			return kind, phase, true
		}
		from = max(m.Start+1, from+1)
	}
	return cause.Kind, cause.Phase, cause.Kind != ""
}

// IsBare reports whether a call is a response that shows neither headers nor bodies.
func (c *Call) IsBare() bool {
	return c.Status != 0 && c.Failure == nil && len(c.request.fields)+len(c.response.fields) == 0 && c.request.body+c.response.body == "" &&
		len(c.request.lines)+len(c.response.lines) == 0 && c.query == "" && len(c.notes) == 0
}

// Answered reports whether a call shows a response, or that there was none.
func (c *Call) Answered() bool { return c.Status != 0 || c.Failure != nil }

// redacted is what loggers write in the place of a value that they were told to keep.
const redacted = "██"

// Exchange returns the exchange that a call is.
func (c *Call) Exchange() *exchange.Exchange {
	ex := &exchange.Exchange{Source: exchange.Source{Kind: c.Tool.Kind, Line: c.Line, Tool: c.Tool.File}, Failure: c.Failure, Notes: c.notes}
	if c.When != 0 {
		ex.Started = time.Unix(0, c.When).UTC()
	}
	ex.Masked = strings.Contains(c.Target, redacted)
	for _, h := range [...]exchange.Header{c.request.fields, c.response.fields} {
		for _, f := range h {
			ex.Masked = ex.Masked || strings.Contains(f.Value.Reveal(), redacted)
		}
	}
	if c.Method != "" || c.Target != "" || c.Host != "" || c.request.body != "" || len(c.request.fields) > 0 {
		ex.Request = c.requestOf(ex)
		ex.Request.Printed = c.Tool.Printed && len(c.request.fields) > 0
	}
	if c.Status != 0 {
		ex.Response = c.responseOf(ex)
	}
	if c.Failure != nil {
		c.Failure.Elapsed = c.Took
	}
	return ex
}

func (c *Call) requestOf(ex *exchange.Exchange) *exchange.Request {
	s := &c.request
	q := &exchange.Request{Method: exchange.Method(c.Method), Proto: protoName(c.reqProto), Header: s.fields}
	target := c.Target
	if c.query != "" && !strings.Contains(target, "?") {
		target += "?" + strings.TrimPrefix(c.query, "?")
	}
	switch {
	case target == "" || !strings.HasPrefix(target, "/"):
		q.URL = exchange.ParseURL(target)
		if q.URL.Host == "" && c.Host != "" {
			q.URL.SetHost(c.Host)
			if q.URL.Scheme = c.Scheme; c.Scheme == "" && q.URL.Port == "443" {
				q.URL.Scheme = "https"
			}
		}
		dropDefaultPort(&q.URL)
	case c.Host != "":
		q.URL = exchange.ParseURL(target)
		q.URL.SetHost(c.Host)
		if q.URL.Scheme = strings.ToLower(c.Scheme); q.URL.Scheme == "" {
			q.URL.Scheme = schemeOf(q.URL.Host)
		}
		dropDefaultPort(&q.URL)
	default:
		setTarget(q, target, c.Scheme)
	}
	q.Body = c.bodyOf(s, false, ex)
	// Between a logger and the network others add fields, credentials for one: all are
	// there only if the log was written that late.
	q.HeaderCaptured = s.ended && len(s.fields) > 0 && (q.Proto != "" && hasField(s.fields, "host") || showsCredentials(s.fields) || hasField(s.fields, "x-api-key") && hasField(s.fields, "x-api-secret"))
	return q
}

// dropDefaultPort removes the port that a scheme has without saying so.
func dropDefaultPort(u *exchange.URL) {
	if u.Scheme == "https" && u.Port == "443" || u.Scheme == "http" && u.Port == "80" {
		u.Port = ""
	}
}

func (c *Call) responseOf(ex *exchange.Exchange) *exchange.Response {
	s := &c.response
	r := &exchange.Response{Status: c.Status, Phrase: phraseOf(c.Phrase), Proto: protoName(c.proto), Header: s.fields, Elapsed: c.Took}
	if r.Proto == "" && ex.Request != nil && c.Tool.Pairs() {
		r.Proto = ex.Request.Proto
	}
	r.HeaderCaptured = len(s.fields) > 0 && (s.ended || s.inBody) && !c.Tool.Anywhere()
	r.Body = c.bodyOf(s, true, ex)
	return r
}

// protoName writes the names of protocols as others have them.
func protoName(name string) string {
	switch name = strings.TrimPrefix(strings.ToLower(name), "http/"); name {
	case "":
		return ""
	case "h2", "h2_prior_knowledge", "2.0", "2", "http_2":
		return "HTTP/2"
	case "h3", "3", "3.0":
		return "HTTP/3"
	case "http_1_1":
		return "HTTP/1.1"
	}
	return "HTTP/" + name
}

// bodyOf is the body of a message.
func (c *Call) bodyOf(s *content, response bool, ex *exchange.Exchange) exchange.Body {
	switch {
	case response && (!mayHaveBody(c.Status) || c.Method == "HEAD" || s.size == 0), !response && s.size == 0 && !s.inBody && s.body == "":
		return exchange.NewBody(nil)
	case s.omitted:
		ex.Notes = append(ex.Notes, "the log omits a body")
		return exchange.Body{}
	case s.exact && !response && (s.body[0] == '{' || s.body[0] == '['):
		return exactBody(s.body)
	case s.body != "":
		return printedBody(s.body, response)
	case !s.inBody && s.ended && s.size < 0:
		length := s.fields.Text("content-length")
		if length == "0" || !response && length == "" && !hasField(s.fields, "content-type") && !hasField(s.fields, "transfer-encoding") {
			return exchange.NewBody(nil)
		}
		return exchange.Body{}
	case !s.inBody:
		return exchange.Body{}
	}
	b := joinedBody(s.lines, s.size)
	b.Truncated = b.Truncated || !s.ended && b.Present() && !exchange.ValidJSON(b.Bytes())
	return b
}

// exactBody is a request's body that was printed as a string, which is all of it: what is
// wrong with it was sent. A string in a string has its escapes twice.
func exactBody(text string) exchange.Body {
	const longest = 10_000 // what Node's inspect prints of a string
	if twice := unquotedLiteral(`"` + text + `"`); strings.Contains(text, `\"`) && exchange.ValidJSON([]byte(twice)) && !exchange.ValidJSON([]byte(text)) {
		text = twice
	}
	b := exchange.NewBody([]byte(text))
	b.Truncated = len(text) >= longest && !exchange.ValidJSON([]byte(text))
	return b
}

// printedBody is a body in one piece, as it is or with the escapes of the string that it
// was printed in. One that an error's printer cut is truncated. A request's with the
// names of types in the place of values isn't known: of a response, the rest is enough.
func printedBody(text string, response bool) exchange.Body {
	if !exchange.ValidJSON([]byte(text)) {
		switch object, size := literalJSON(text); {
		case size > 0 && !response && hasElided(object):
			return exchange.Body{}
		case strings.Contains(text, `\"`) && exchange.ValidJSON([]byte(unquotedLiteral(`"`+text+`"`))):
			text = unquotedLiteral(`"` + text + `"`)
		case size > 0 && exchange.ValidJSON([]byte(object)):
			text = object
		}
	}
	b := exchange.NewBody([]byte(text))
	b.Truncated = text != "" && (text[0] == '{' || text[0] == '[') && !exchange.ValidJSON([]byte(text))
	return b
}

// joinedBody joins the lines of a body. Android breaks lines that are too long for its
// log: if as much is there as was sent only without the breaks, they go.
func joinedBody(lines []string, declared int) exchange.Body {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" && declared < 0 {
		lines = lines[:len(lines)-1]
	}
	text := strings.Join(lines, "\n")
	if declared >= 0 && len(text) != declared {
		if trimmed := strings.TrimRight(text, "\n"); len(trimmed) == declared {
			text = trimmed
		} else if joined := strings.Join(lines, ""); len(joined) == declared {
			text = joined
		}
	}
	b := exchange.NewBody([]byte(text))
	b.Truncated = b.Present() && declared > len(text)
	return b
}
