package capture

import (
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// clientIsSure is how sure a line of http.client's own makes.
const clientIsSure = 95

// httpClient reads what Python's http.client prints at debuglevel 1, among what
// urllib3, which requests is built on, logs of each exchange.
func httpClient() format {
	return format{
		kind: exchange.KindHTTPClient,
		sure: func(head string) int {
			if anyLine(head, func(l string) bool { return clientMark(l) >= 0 }) {
				return clientIsSure
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			r := &clientReader{in: in, c: newCursor(in.text), yield: yield}
			r.read()
		},
	}
}

// clientMark returns where in a line http.client's own text begins, -1 when it is
// none: "send: b'POST … HTTP/1.1\r\n" or "reply: 'HTTP/1.1 403 Forbidden\r\n'".
func clientMark(line string) int {
	part := line[:min(len(line), maxPrefix+32)]
	for _, mark := range []string{"send: b'", `send: b"`, "send: '", "reply: 'HTTP/", `reply: "HTTP/`} {
		i := strings.Index(part, mark)
		if i < 0 || i > maxPrefix || strings.ContainsAny(line[:i], `"'{}<>`) {
			continue
		}
		if mark[0] == 'r' {
			return i
		}
		rest, _, _ := strings.Cut(line[i+len(mark):], `\r\n`)
		if isRequestLine(rest) {
			return i
		}
	}
	return -1
}

// clientReader is the state of reading: the exchange under way, and what was sent
// of its request so far.
type clientReader struct {
	in      *input
	c       *cursor
	yield   func(*exchange.Exchange) bool
	prefix  string // the shape of what stands before each line
	ex      *exchange.Exchange
	sent    strings.Builder
	partly  bool // something was sent that does not show
	logged  bool // urllib3 told of the exchange as well
	secure  bool // of the connection that urllib3 opened last
	opened  bool
	earlier *exchange.Step // the answer to CONNECT
	misses  int            // objects that were no bodies after all
	stopped bool
}

func (r *clientReader) read() {
	for !r.stopped {
		line, ok := r.c.peek()
		if !ok {
			break
		}
		if at := clientMark(line); at > 0 {
			r.prefix = shapeOf(line[:at])
		}
		content := line[shapeLength(line, r.prefix):]
		if r.content(content) {
			continue
		}
		if !r.line(content) && !r.pool(line) && !r.failure(line) && strings.TrimSpace(line) != "" {
			r.in.leave(r.c.line, 1, line)
		}
		r.c.next()
	}
	r.flush()
}

// line takes a line of http.client; false for any other.
func (r *clientReader) line(line string) bool {
	if data, ok := strings.CutPrefix(line, "send: "); ok {
		return r.send(data)
	}
	if data, ok := strings.CutPrefix(line, "reply: "); ok && r.ex != nil {
		text, _ := pythonBytes(data)
		return r.reply(strings.TrimRight(text, "\r\n"))
	}
	if field, ok := strings.CutPrefix(line, "header: "); ok && r.ex != nil && r.ex.Response != nil {
		r.field(field)
		return true
	}
	if strings.HasPrefix(line, "headers: b'") || strings.HasPrefix(line, "encoding file using ") {
		return true
	}
	if line == "sending a readable" || line == "sending a read()able" || line == "sendIng a read()able" {
		r.partly = true
		return true
	}
	return false
}

// send takes what goes out: the beginning of a request, or more of it.
func (r *clientReader) send(data string) bool {
	text, whole := pythonBytes(data)
	first, _, _ := strings.Cut(text, "\r\n")
	if isRequestLine(first) {
		r.flush()
		r.ex = &exchange.Exchange{Source: exchange.Source{Line: r.c.line}}
	}
	if r.ex == nil || r.ex.Response != nil {
		return false // the beginning of its request is not here
	}
	r.partly = r.partly || !whole
	r.sent.WriteString(text)
	return true
}

// reply takes a status line.
func (r *clientReader) reply(line string) bool {
	response, ok := parseStatusLine(line)
	if !ok {
		return false
	}
	r.request()
	if r.ex.Response != nil {
		if r.ex.Response.Status >= 200 {
			return false
		}
		r.ex.Earlier = append(r.ex.Earlier, exchange.Step{Reason: "informational", Response: *r.ex.Response})
	}
	response.HeaderCaptured = false // until a field shows
	if !mayHaveBody(response.Status) || r.ex.Request != nil && r.ex.Request.Method == "HEAD" {
		response.Body = exchange.NewBody(nil)
	}
	r.ex.Response = &response
	return true
}

// field takes a field of the answer. Up to Python 3.7 the names alone were printed.
func (r *clientReader) field(text string) {
	name, content, ok := strings.Cut(text, ":")
	h := &r.ex.Response.Header
	if !ok || !isFieldName(name) || strings.HasPrefix(content, " header: ") || len(*h) >= maxFields {
		return
	}
	h.Add(name, strings.Trim(content, " \t\r"))
	r.ex.Response.HeaderCaptured = true
}

// request makes a request of what was sent.
func (r *clientReader) request() {
	if r.ex == nil || r.ex.Request != nil || r.sent.Len() == 0 {
		return
	}
	text := r.sent.String()
	head, body, ended := strings.Cut(text, "\r\n\r\n")
	first, head, _ := strings.Cut(head, "\r\n")
	method, target, proto, _ := parseRequestLine(first)
	q := &exchange.Request{Method: exchange.Method(method), Proto: proto, HeaderCaptured: ended}
	lines := strings.Split(head, "\r\n")
	q.Header = fields(func() (string, bool) {
		if len(lines) == 0 || lines[0] == "" {
			return "", false
		}
		line := lines[0]
		lines = lines[1:]
		return line, true
	}, &r.ex.Notes)
	setTarget(q, target, "")
	if r.opened && q.URL.Host != "" && method != "CONNECT" {
		q.URL.Scheme = schemeWord(r.secure)
	}
	q.Body = r.sentBody(q.Header, body, ended)
	r.ex.Request = q
	r.sent.Reset()
	r.partly = false
}

func schemeWord(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}

// sentBody is the content of a request: what was printed of it, which may be less
// than was sent.
func (r *clientReader) sentBody(h exchange.Header, body string, ended bool) exchange.Body {
	cut := r.partly || !ended
	if strings.EqualFold(h.Text("transfer-encoding"), "chunked") {
		decoded, complete, _ := dechunk([]byte(body))
		body, cut = string(decoded), cut || !complete
	} else if length, err := strconv.Atoi(h.Text("content-length")); err == nil && length > len(body) {
		cut = true
	}
	if cut && body == "" {
		return exchange.Body{}
	}
	b := exchange.NewBody([]byte(body))
	b.Truncated = cut
	return b
}

// content takes the body that a program printed behind an answer: an error body of
// the API, as text or as bytes.
func (r *clientReader) content(line string) bool {
	if r.ex == nil || r.ex.Response == nil || r.ex.Response.Body.State() != exchange.BodyNotCaptured {
		return false
	}
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "b'{") || strings.HasPrefix(trimmed, `b"{`) {
		text, whole := pythonBytes(trimmed)
		if !whole || !looksLikeError(text) {
			return false
		}
		r.ex.Response.Body = exchange.NewBody([]byte(text))
		r.c.next()
		return true
	}
	if !strings.HasPrefix(trimmed, "{") || r.misses > maxMisses {
		return false
	}
	start := r.c.pos + strings.IndexByte(r.c.text[r.c.pos:], '{')
	rest := r.c.text[start:min(len(r.c.text), start+headSize)]
	if !looksLikeError(rest[:min(len(rest), 4<<10)]) {
		return false
	}
	end := objectEnd(rest)
	if object := rest[:end]; looksLikeError(object) && exchange.ValidJSON([]byte(object)) {
		r.ex.Response.Body = exchange.NewBody([]byte(object))
		r.c.to(start + end)
		return true
	}
	r.misses++
	return false
}

// failure notes why no answer came to what was sent.
func (r *clientReader) failure(line string) bool {
	if r.ex == nil || r.ex.Response != nil || r.ex.Failure != nil {
		return false
	}
	one, ok := toolLine(line)
	if !ok || one.Failure == nil {
		return false
	}
	r.ex.Failure = one.Failure
	return true
}

// pool takes a line of urllib3: the exchange under way, told once more with its
// scheme, or one that is told by it alone.
func (r *clientReader) pool(line string) bool {
	if strings.Contains(line, "Starting new HTTP") {
		r.secure, r.opened = strings.Contains(line, "Starting new HTTPS "), true
		return true
	}
	one, ok := toolLine(line)
	if !ok || one.Source.Kind != exchange.KindHTTPClient || one.Response == nil || one.Request == nil {
		return false
	}
	if r.ex != nil && !r.logged && r.ex.Response != nil && r.ex.Request != nil && tellsOf(one, r.ex) {
		r.ex.Request.URL.Scheme = one.Request.URL.Scheme
		r.logged = true
		return true
	}
	r.flush()
	one.Source.Line = r.c.line
	r.ex, r.logged = one, true
	return true
}

// flush hands the exchange under way over. The answer to CONNECT is a step of the
// exchange behind it.
func (r *clientReader) flush() {
	r.request()
	ex := r.ex
	r.ex, r.logged, r.partly = nil, false, false
	r.sent.Reset()
	if ex == nil || r.stopped {
		return
	}
	if ex.Request != nil && ex.Request.Method == "CONNECT" && ex.Response != nil && ex.Response.Status/100 == 2 {
		r.earlier = &exchange.Step{Reason: "connect", Response: *ex.Response}
		r.secure, r.opened = true, true
		return
	}
	if r.earlier != nil {
		ex.Earlier = append([]exchange.Step{*r.earlier}, ex.Earlier...)
		r.earlier = nil
	}
	if ex.Request != nil || ex.Response != nil || ex.Failure != nil {
		r.stopped = !r.yield(ex)
	}
}

// tellsOf reports whether a line tells of an exchange that was seen.
func tellsOf(line, ex *exchange.Exchange) bool {
	p, q := line.Request, ex.Request
	return line.Response.Status == ex.Response.Status && p.Method == q.Method && p.URL.Path == q.URL.Path && p.URL.RawQuery == q.URL.RawQuery
}

// pythonBytes reads a literal of Python, b'…' or '…', at the beginning of a text;
// whole is false where it does not end.
func pythonBytes(text string) (content string, whole bool) {
	text = strings.TrimPrefix(text, "b")
	if text == "" || text[0] != '\'' && text[0] != '"' {
		return "", false
	}
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			return b.String(), true
		case c == '\\':
			i += pythonEscape(&b, text[i+1:])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), false
}

// pythonEscape writes what stands for an escape, and returns the length behind its
// backslash.
func pythonEscape(b *strings.Builder, text string) int {
	if text == "" {
		return 0
	}
	const letters, values = "nrtabfv0", "\n\r\t\a\b\f\v\x00"
	if i := strings.IndexByte(letters, text[0]); i >= 0 {
		b.WriteByte(values[i])
		return 1
	}
	if text[0] == 'x' && len(text) > 2 {
		if n, err := strconv.ParseUint(text[1:3], 16, 8); err == nil {
			b.WriteByte(byte(n))
			return 3
		}
	}
	b.WriteByte(text[0])
	return 1
}
