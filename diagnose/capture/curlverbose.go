package capture

import (
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// curlVerbose reads what curl -v writes when standard error and output are
// mixed: ">" lines of the request, "<" lines of the response, "*" lines of
// curl's own, and everything else the response's body.
func curlVerbose() format {
	return format{
		kind: exchange.KindCurlVerbose,
		sure: func(head string) int {
			switch {
			case anyLine(head, func(l string) bool { l = contentOf(l); return isSent(l) || isReceived(l) }):
				return 95
			case anyLine(head, func(l string) bool { return isConnecting(contentOf(l)) }):
				return 80
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			v := &verbose{yield: yield, c: newCursor(in.text), in: in}
			v.read()
		},
	}
}

func isSent(line string) bool {
	rest, ok := strings.CutPrefix(line, "> ")
	return ok && isRequestLine(rest)
}

func isReceived(line string) bool {
	rest, ok := strings.CutPrefix(line, "< ")
	return ok && isStatusLine(rest)
}

func isConnecting(line string) bool {
	for _, start := range []string{"* Could not resolve host", "*   Trying ", "* Host ", "* Trying ", "* Rebuilt URL", "* Connected to "} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

// verbose is the state of reading: the exchange under way, and where the body
// that follows belongs.
type verbose struct {
	yield   func(*exchange.Exchange) bool
	c       *cursor
	in      *input
	ex      *exchange.Exchange
	body    strings.Builder
	secure  bool   // a TLS handshake was seen
	port    string // from "* Connected to"
	follows bool   // curl said that it goes on to another URL
	tunnel  bool   // the request under way is a CONNECT
	stopped bool
	from    int // offset behind the exchange before
	start   int // offset at which the exchange under way begins
	// held is the exchange before, of curl --parallel, whose body comes after the
	// next request.
	held  *exchange.Exchange
	exact bool // what is collected is the content, with nothing behind it
}

func (v *verbose) read() {
	for !v.stopped {
		line, ok := v.c.peek()
		if !ok {
			break
		}
		content := contentOf(line)
		switch {
		case content == "" && strings.TrimSpace(line) != "", isTransferNote(content):
			v.c.next()
		case strings.HasPrefix(content, "* ") || content == "*":
			v.c.next()
			v.info(strings.TrimSpace(content[1:]))
			v.restOfInfo(line)
		case isSent(content):
			v.request()
		case isReceived(content):
			v.response()
		case gluedAnswer(line) > 0:
			at := gluedAnswer(line)
			v.text(contentOf(line[:at]))
			v.c.to(v.c.pos + at)
		case isCurlError(content):
			v.c.next()
			v.begin()
			v.ex.Failure = parseCurlError(content)
			v.reached(v.ex.Failure.Text)
		case v.command():
		default:
			v.c.next()
			v.text(content)
		}
	}
	v.finish()
}

// finish hands over what is under way at the end.
func (v *verbose) finish() {
	v.flush()
	v.release()
}

// gluedAnswer finds the next response behind the end of a body, which has no line
// break there.
func gluedAnswer(line string) int {
	return indexBoundary(line, "< HTTP/", isReceived)
}

// isTransferNote knows "{ [123 bytes data]" and "} [5 bytes data]", and what curl
// says of a needless -X without a star before it.
func isTransferNote(line string) bool {
	return strings.HasPrefix(line, "Note: Unnecessary use of -X ") || (strings.HasPrefix(line, "{ [") || strings.HasPrefix(line, "} [")) && strings.HasSuffix(strings.TrimSpace(line), "bytes data]")
}

func (v *verbose) begin() {
	if v.ex == nil {
		v.ex = &exchange.Exchange{Source: exchange.Source{Line: v.c.line}}
		v.start = v.c.pos
	}
}

// flush hands over the exchange under way.
func (v *verbose) flush() {
	if v.ex == nil || v.stopped {
		return
	}
	v.takeBody()
	ex := v.ex
	v.ex, v.follows = nil, false
	if ex.Request == nil && ex.Response == nil && ex.Failure == nil {
		return
	}
	if ex.Response == nil && len(ex.Earlier) > 0 { // only steps came: the last is all there is
		last := ex.Earlier[len(ex.Earlier)-1].Response
		ex.Response, ex.Earlier = &last, ex.Earlier[:len(ex.Earlier)-1]
	}
	askedBy(ex, v.c.text, v.from, v.start)
	v.from = v.c.pos
	v.release()
	if awaitsBody(ex) {
		v.held = ex
		return
	}
	v.stopped = v.stopped || !v.yield(ex)
}

// awaitsBody reports whether content was promised and none has come.
func awaitsBody(ex *exchange.Exchange) bool {
	r := ex.Response
	return r != nil && ex.Request != nil && ex.Request.Method != "HEAD" && mayHaveBody(r.Status) && !r.Body.Present() && hasContent(r.Header)
}

// release hands over the exchange that waited for its body.
func (v *verbose) release() {
	if ex := v.held; ex != nil && !v.stopped {
		v.held = nil
		v.stopped = !v.yield(ex)
	}
}

// command goes behind the curl command that begins at the cursor, if one does. A
// prompt before it ends the exchange under way; without one it may be content.
func (v *verbose) command() bool {
	line, _ := v.c.peek()
	call, ok := findCall(line)
	if !ok || !call.prompted && v.ex != nil {
		return false
	}
	if v.ex != nil {
		v.flush()
		v.from = v.c.pos
	}
	for range commandLines(v.c.text[v.c.pos:]) {
		v.c.next()
	}
	return true
}

// takeBody gives the collected text to the response. curl -v -i writes the
// header there once more; then only what follows it is the body.
func (v *verbose) takeBody() {
	text := strings.TrimSuffix(v.body.String(), "\n")
	v.body.Reset()
	if v.ex == nil || v.ex.Response == nil {
		return
	}
	if v.repeatsHeader(text) {
		inner := newCursor(text)
		for {
			line, ok := inner.peek()
			if !ok || !isStatusLine(line) {
				break
			}
			r, _ := readResponse(inner)
			v.ex.Response.Body = r.Body
		}
		return
	}
	switch r := v.ex.Response; {
	case !mayHaveBody(r.Status):
		r.Body = exchange.NewBody(nil)
	case v.exact:
		r.Body = exchange.NewBody([]byte(text))
	default:
		text = asDeclared(text, r.Header)
		if end := strayEnd(text, r); end > 0 {
			leaveLines(v.in, v.c.line-strings.Count(text[end:], "\n")-1, text[end:])
			text = text[:end]
		}
		r.Body = exchange.NewBody([]byte(withoutTail(text, r)))
	}
}

// repeatsHeader reports whether the text behind a response is its header once
// more, as -i writes it, and not a body that looks like one.
func (v *verbose) repeatsHeader(text string) bool {
	first, ok := parseStatusLine(text[:lineLength(text)])
	if !ok {
		return false
	}
	known := first.Status == v.ex.Response.Status
	for _, step := range v.ex.Earlier {
		known = known || first.Status == step.Response.Status
	}
	return known
}

// asDeclared cuts a text where Content-Length says, if a line ends there.
func asDeclared(text string, h exchange.Header) string {
	n, err := strconv.Atoi(h.Text("content-length"))
	if err != nil || isDecoded(h, []byte(text[:min(len(text), 64)])) || n <= 0 || n >= len(text) || text[n] != '\n' && text[n-1] != '\n' {
		return text
	}
	return text[:n]
}

// text is a line of neither side: of the body, once there is a response.
func (v *verbose) text(line string) {
	if v.ex == nil || v.ex.Response == nil {
		if v.held != nil && bodyLength(line) == len(line) {
			v.held.Response.Body = exchange.NewBody([]byte(line))
			v.release()
			return
		}
		if !isChatter(line) && !isStatusLine(line) && !isCurlOwn(line) {
			v.in.leave(v.c.line-1, 1, line)
		}
		return
	}
	if i := gluedInfo(line); i >= 0 { // the body has no line break at its end
		v.body.WriteString(line[:i])
		v.info(strings.TrimSpace(line[i+1:]))
		return
	}
	if i := indexBoundary(line, "curl: (", isCurlError); i > 0 {
		v.body.WriteString(line[:i])
		v.ex.Failure = parseCurlError(line[i:])
		return
	}
	v.body.WriteString(line + "\n")
}

// gluedInfo finds curl's own words behind the end of a body: behind a closing
// bracket, or words that no body holds.
func gluedInfo(line string) int {
	if i := indexBoundary(line, "* ", func(at string) bool { return len(at) > 2 && 'A' <= at[2] && at[2] <= 'Z' }); i > 0 {
		return i
	}
	for _, word := range []string{"* Connection #", "* Closing connection", "* transfer closed", "* TLSv", "* Curl_http_done", "* Ignoring the response-body", "* HTTP error"} {
		if i := strings.LastIndex(line, word); i > 0 {
			return i
		}
	}
	return -1
}

// info reads curl's own lines.
func (v *verbose) info(text string) {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(text, "SSL connection using"), strings.Contains(text, "TLS handshake, Client hello"):
		v.secure = true
	case strings.HasPrefix(text, "Issue another request to this URL"), strings.HasPrefix(lower, "connection died, retrying"):
		v.follows = true
	case strings.HasPrefix(text, "Connected to "):
		_, after, _ := strings.Cut(text, " port ")
		v.port, _, _ = strings.Cut(strings.TrimSpace(after), " ")
	case strings.HasPrefix(text, "Could not resolve host"), strings.Contains(text, "Empty reply from server"), strings.Contains(lower, "connection reset by peer"),
		strings.Contains(lower, "connection refused") && strings.HasPrefix(text, "Failed to connect"), strings.Contains(lower, "operation timed out"),
		strings.Contains(lower, "connection timed out after"), strings.Contains(lower, "connection timeout"),
		strings.HasPrefix(text, "SSL certificate problem"), strings.HasPrefix(text, "SSL: no alternative certificate"):
		kind, phase := failureOf(0, text)
		v.fail(kind, phase, text)
	}
}

// restOfInfo goes behind what a screen's width broke off a line of curl's own.
func (v *verbose) restOfInfo(line string) {
	for len(line) == v.in.widest() {
		next, ok := v.c.peek()
		if !ok || next == "" || strings.ContainsAny(next, "{[<>*") {
			return
		}
		line, _ = v.c.next()
	}
}

// fail notes a failure; the "curl: (n)" line that usually follows says it better.
func (v *verbose) fail(kind exchange.FailureKind, phase exchange.Phase, text string) {
	v.begin()
	if v.ex.Failure == nil {
		v.ex.Failure = &exchange.Failure{Kind: kind, Phase: phase, Text: shorten(text, 300)}
	}
	v.reached(text)
}

// reached notes the host that curl's words name, where no request shows it.
func (v *verbose) reached(text string) {
	if host := hostInError(text); host != "" && v.ex.Request == nil && v.ex.Response == nil {
		v.ex.Request = &exchange.Request{}
		v.ex.Request.URL.SetHost(host)
	}
}

// prefixed returns a taker of the lines with a prefix, up to the empty one.
func (v *verbose) prefixed(prefix string) func() (string, bool) {
	return func() (string, bool) {
		for {
			line, ok := v.c.peek()
			if !ok {
				return "", false
			}
			if isTransferNote(line) || isMeter(line) {
				v.c.next()
				continue
			}
			if !strings.HasPrefix(line, prefix) {
				if v.stray(prefix) {
					continue
				}
				return "", false
			}
			v.c.next()
			text := strings.TrimPrefix(strings.TrimPrefix(line, prefix), " ")
			text = strings.TrimRight(text+v.broken(line), "\r")
			return text, text != ""
		}
	}
}

// broken takes the rest of a line that a screen's width broke: what follows a line
// as long as any, has no sign of its own, and no blank in it, which would make it
// somebody else's words.
func (v *verbose) broken(line string) string {
	width, rest := v.in.widest(), ""
	for len(line) == width {
		next, ok := v.c.peek()
		if !ok || next == "" || strings.ContainsAny(next, " \t{") || isSign(next) {
			break
		}
		v.c.next()
		rest += next
		line = next
	}
	return rest
}

// isSign knows the lines that curl begins with a sign.
func isSign(line string) bool { return line == ">" || line == "<" || line == "*" }

// maxStray bounds how many lines in a row may stand in a header section that are
// none of it.
const maxStray = 8

// stray goes behind lines of something else in the midst of a header section: a
// message's own words decide where it ends, and a section that breaks off early
// would make what follows look as if it had not been sent.
func (v *verbose) stray(prefix string) bool {
	probe := *v.c
	for range maxStray {
		line, ok := probe.next()
		if !ok || strings.HasPrefix(line, "{") || isSign(line) || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "> ") || strings.HasPrefix(line, "< ") {
			return false
		}
		if next, ok := probe.peek(); ok && strings.HasPrefix(next, prefix) && !showsMessage(next) {
			leaveLines(v.in, v.c.line, v.c.text[v.c.pos:probe.pos])
			v.c.to(probe.pos)
			return true
		}
	}
	return false
}

// request begins an exchange, or goes on with one whose earlier request was a
// tunnel, a redirect or a challenge.
func (v *verbose) request() {
	v.nextRequest()
	line, _ := v.c.next()
	v.sent(strings.TrimPrefix(contentOf(line), "> "), v.prefixed(">"))
}

// nextRequest ends what the request at the cursor does not go on with.
func (v *verbose) nextRequest() {
	if v.ex != nil && v.ex.Response != nil {
		if reason := v.continues(); reason == "" {
			v.flush()
		} else {
			v.takeBody()
			addStep(v.ex, reason, *v.ex.Response)
			v.ex.Response = nil
		}
	}
	if v.ex != nil && v.ex.Request != nil && v.ex.Response == nil && !v.afterStep() {
		v.flush() // the request before this one got no answer
	}
	v.begin()
}

// sent reads a request's header section; take gives the lines behind the first.
func (v *verbose) sent(line string, take func() (string, bool)) {
	method, target, proto, _ := parseRequestLine(line)
	r := &exchange.Request{Method: exchange.Method(method), Proto: proto, HeaderCaptured: true}
	r.Header = fields(take, &v.ex.Notes)
	v.tunnel = method == "CONNECT"
	scheme := "http"
	if v.secure || len(v.ex.Earlier) > 0 && v.ex.Earlier[len(v.ex.Earlier)-1].Reason == "connect" {
		scheme = "https"
	}
	if host := r.Header.Text("host"); !v.secure && strings.HasSuffix(host, "immersve.com") {
		scheme = v.schemeWithoutHandshake()
	}
	setTarget(r, target, scheme)
	if !hasContent(r.Header) {
		r.Body = exchange.NewBody(nil) // RFC 9112 section 6.3: no length, no content
	}
	v.ex.Request = r
	v.follows = false
}

// afterStep reports whether the exchange under way waits for the request that
// its CONNECT, redirect or challenge led to.
func (v *verbose) afterStep() bool {
	n := len(v.ex.Earlier)
	return n > 0 && v.ex.Earlier[n-1].Reason != "informational"
}

// schemeWithoutHandshake judges a capture whose TLS lines were left out, as people
// do when they paste: port 80 must show to prove plain HTTP.
func (v *verbose) schemeWithoutHandshake() string {
	if v.port == "80" {
		return "http"
	}
	return "https"
}

// continues says why the next request belongs to the exchange under way.
func (v *verbose) continues() string {
	status := v.ex.Response.Status
	_, challenge := v.ex.Response.Header.Get("www-authenticate")
	switch {
	case v.tunnel:
		return "connect"
	case v.follows && status >= 300 && status < 400:
		return "redirect"
	case v.follows && (status == 401 && challenge || status == 407):
		return "authentication"
	}
	return ""
}

// response reads a response; an interim one becomes a step.
func (v *verbose) response() {
	v.begin()
	v.body.Reset()
	line, _ := v.c.next()
	v.received(strings.TrimPrefix(contentOf(line), "< "), v.prefixed("<"))
}

// received reads a response's header section; take gives the lines behind the first.
func (v *verbose) received(line string, take func() (string, bool)) {
	r, _ := parseStatusLine(line)
	r.Header = fields(take, &v.ex.Notes)
	switch {
	case r.Status < 200:
		addStep(v.ex, "informational", r)
	case v.tunnel && r.Status < 300:
		addStep(v.ex, "connect", r)
		v.ex.Response = nil
		v.tunnel = false
	default:
		v.ex.Response = &r
	}
}
