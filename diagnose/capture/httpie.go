package capture

import (
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// httpie reads what HTTPie (http, https) and xh print: messages as they are on
// the wire, bodies made readable, with the command above where the terminal shows
// it, or an error line instead of a response.
func httpie() format {
	return format{kind: exchange.KindHTTPie, sure: sureOfHTTPie, read: readHTTPie}
}

func sureOfHTTPie(head string) int {
	messages := anyLine(head, isStartLine)
	switch {
	case anyLine(head, func(l string) bool { return isSent(l) || isReceived(l) }):
		return 0
	case messages && anyLine(head, isHTTPieAgent):
		return 96
	case messages && (anyLine(head, isBinaryNotice) || anyLine(head, isHTTPieError) || anyLine(head, isDownload)):
		return 94
	case messages && anyLine(head, func(l string) bool { _, ok := httpieCall(l); return ok }):
		return 94
	case anyLine(head, isHTTPieError):
		return 75
	}
	return 0
}

// isHTTPieAgent knows the field by which both name themselves.
func isHTTPieAgent(line string) bool {
	name, value, _ := strings.Cut(line, ": ")
	return strings.EqualFold(name, "user-agent") && (strings.HasPrefix(value, "HTTPie/") || strings.HasPrefix(value, "xh/"))
}

func isBinaryNotice(line string) bool {
	return strings.HasPrefix(line, "| NOTE: binary data not shown")
}

// isDownload knows the line that stands in the place of a body that goes to a
// file.
func isDownload(line string) bool { return strings.HasPrefix(line, "Downloading to ") }

// isHTTPieError knows "http: error: …", "xh: error: …" and what HTTPie 3.2 writes
// under newer Pythons, "http: LogLevel.ERROR: …".
func isHTTPieError(line string) bool {
	_, ok := httpieError(line)
	return ok
}

func httpieError(line string) (text string, ok bool) {
	program, rest, ok := strings.Cut(line, ": ")
	if !ok || !isHTTPieProgram(program) {
		return "", false
	}
	for _, label := range []string{"error: ", "LogLevel.ERROR: "} {
		if text, ok = strings.CutPrefix(rest, label); ok {
			return text, true
		}
	}
	return "", false
}

func isHTTPieProgram(word string) bool {
	return word == "http" || word == "https" || word == "xh" || word == "xhs"
}

// httpieCall reads the command that a line shows, behind a prompt: method and
// URL only, because what the shell put into the rest is not known.
func httpieCall(line string) (*exchange.Request, bool) {
	for _, program := range []string{"https ", "http ", "xhs ", "xh "} {
		i := strings.Index(line, program)
		if i < 0 || len(line) > maxShellLine {
			continue
		}
		start, prompted := promptEnd(line[:i])
		if start != i || !prompted && strings.TrimSpace(line[:i]) != "" {
			continue
		}
		if r := httpieRequest(strings.TrimSpace(program), plainWords(line[i+len(program):])); r != nil {
			return r, true
		}
	}
	return nil, false
}

// httpieRequest understands "[options] [METHOD] URL [item…]". An item with data
// makes it a POST.
func httpieRequest(program string, words []string) *exchange.Request {
	r := &exchange.Request{}
	var plain []string
	for _, w := range words {
		if !strings.HasPrefix(w, "-") {
			plain = append(plain, w)
		}
	}
	if len(plain) > 1 && isLetters(plain[0]) && plain[0] == strings.ToUpper(plain[0]) {
		r.Method, plain = exchange.Method(plain[0]), plain[1:]
	}
	if len(plain) == 0 || !looksLikeURL(plain[0]) && !strings.HasPrefix(plain[0], ":") {
		return nil
	}
	target := plain[0]
	if port, ok := strings.CutPrefix(target, ":"); ok {
		target = "localhost:" + port
		if strings.HasPrefix(port, "/") {
			target = "localhost" + port
		}
	}
	scheme := "http"
	if strings.HasSuffix(program, "s") {
		scheme = "https"
	}
	if strings.Contains(target, "$") {
		return nil
	}
	r.URL = parseCurlURL(target, scheme, false)
	if r.Method == "" {
		r.Method = "GET"
		for _, item := range plain[1:] {
			if i := strings.IndexAny(item, "=:@"); i > 0 && (item[i] == '@' || item[i] == '=' && !strings.HasPrefix(item[i:], "==") || strings.HasPrefix(item[i:], ":=")) {
				r.Method = "POST"
			}
		}
	}
	return r
}

// httpieReader is the state of reading.
type httpieReader struct {
	in    *input
	yield func(*exchange.Exchange) bool
	asked *exchange.Request  // of the command above
	last  *exchange.Exchange // read and not handed over
	stop  bool
}

func readHTTPie(in *input, yield func(*exchange.Exchange) bool) {
	r := &httpieReader{in: in, yield: yield}
	c := newCursor(in.text)
	from, line := 0, 1
	for !r.stop {
		l, ok := c.peek()
		if !ok {
			break
		}
		call, isCall := httpieCall(l)
		if !isCall && !isHTTPieError(l) {
			c.next()
			continue
		}
		r.messages(in.text[from:c.pos], line)
		if isCall {
			r.flush()
			r.asked = call
			c.next()
		} else {
			r.failure(c)
		}
		from, line = c.pos, c.line
	}
	r.messages(in.text[min(from, len(in.text)):], line)
	r.flush()
}

func (r *httpieReader) flush() {
	if r.last != nil && !r.stop {
		r.stop = !r.yield(r.last)
	}
	r.last, r.asked = nil, nil
}

// messages reads a part of the text that holds no command and no error.
func (r *httpieReader) messages(text string, line int) {
	c := &cursor{text: text, line: line}
	for !r.stop && skipTo(c, r.in, isStartLine) {
		asked, before := r.asked, r.last
		ex := readRaw(c)
		lastStepAnswers(ex)
		ex.Notes = append(ex.Notes, dropNotices(ex)...)
		if leadsTo(before, ex) {
			ex.Source.Line, asked = before.Source.Line, nil
			own := ex.Earlier
			ex.Earlier = before.Earlier
			addStep(ex, "redirect", *before.Response)
			for _, s := range own {
				addStep(ex, s.Reason, s.Response)
			}
			r.last = nil
		}
		r.flush()
		if asked != nil {
			ex.Request = askedFor(ex.Request, asked)
		}
		r.last = ex
	}
}

// leadsTo reports whether a response redirects to the request that follows, as
// --follow --all shows both.
func leadsTo(before, ex *exchange.Exchange) bool {
	if before == nil || before.Response == nil || before.Failure != nil || before.Response.Status < 300 || before.Response.Status > 399 || ex.Request == nil {
		return false
	}
	location := exchange.ParseURL(before.Response.Header.Text("location"))
	return !location.IsZero() && location.Path == ex.Request.URL.Path && (location.Host == "" || location.Host == ex.Request.URL.Host)
}

// askedFor puts the command's request where the messages show none, and its
// scheme where they do.
func askedFor(shown, asked *exchange.Request) *exchange.Request {
	if shown == nil {
		return asked
	}
	if shown.URL.Host == asked.URL.Host {
		shown.URL.Scheme = asked.URL.Scheme
	}
	return shown
}

// dropNotices takes away what stands in the place of a body, or behind it.
func dropNotices(ex *exchange.Exchange) []string {
	var notes []string
	if ex.Request != nil && isNotice(ex.Request.Body) {
		ex.Request.Body = exchange.Body{}
		notes = append(notes, "the request body is binary and wasn't shown")
	}
	if ex.Response == nil {
		return notes
	}
	if isNotice(ex.Response.Body) {
		ex.Response.Body = exchange.Body{}
		notes = append(notes, "the response body is binary and wasn't shown")
	}
	text := string(ex.Response.Body.Bytes())
	if isDownload(text) {
		ex.Response.Body = exchange.Body{}
		notes = append(notes, "the response body was saved to a file")
	}
	if i := strings.LastIndex(text, "Elapsed time: "); i >= 0 && (i == 0 || text[i-1] == '\n') {
		elapsed, _, _ := strings.Cut(text[i+len("Elapsed time: "):], "\n")
		if d, err := time.ParseDuration(strings.TrimSpace(elapsed)); err == nil {
			ex.Response.Elapsed = d
			ex.Response.Body = exchange.NewBody([]byte(strings.TrimRight(text[:i], "\n")))
		}
	}
	return notes
}

func isNotice(b exchange.Body) bool {
	text := string(b.Bytes()[:min(len(b.Bytes()), maxReference)])
	return strings.HasPrefix(text, "+--") && strings.Contains(text, "| NOTE: binary data not shown")
}

// failure reads an error with the lines that belong to it, and gives it to the
// request above.
func (r *httpieReader) failure(c *cursor) {
	line := c.line
	first, _ := c.next()
	text, _ := httpieError(first)
	for range maxErrorLines {
		l, ok := c.peek()
		if _, isCall := httpieCall(l); !ok || isCall || isStartLine(l) || isHTTPieError(l) || strings.TrimSpace(l) == "" && !causeFollows(c) {
			break
		}
		text += " " + strings.TrimSpace(l)
		c.next()
	}
	if r.last == nil || r.last.Failure != nil {
		asked := r.asked
		r.flush()
		r.last = &exchange.Exchange{Source: exchange.Source{Line: line}, Request: asked}
	}
	text = strings.Join(strings.Fields(text), " ")
	f := &exchange.Failure{Text: shorten(text, 300)}
	f.Kind, f.Phase = failureOf(0, text)
	r.last.Failure = f
	if r.last.Request == nil {
		r.last.Request = requestInError(text)
	}
}

const maxErrorLines = 12

// causeFollows reports whether xh's list of causes stands behind an empty line.
func causeFollows(c *cursor) bool {
	rest := strings.TrimLeft(c.text[c.pos:min(len(c.text), c.pos+maxReference)], " \n")
	return strings.HasPrefix(rest, "Caused by:")
}

// requestInError finds what an error says of the request: "while doing a POST
// request to URL: …", "for url (…)", "(host='…', port=9)".
func requestInError(text string) *exchange.Request {
	if _, after, ok := strings.Cut(text, "while doing a "); ok {
		method, target, ok := strings.Cut(after, " request to URL: ")
		if ok && isToken(method) {
			target, _, _ = strings.Cut(target, " ")
			return &exchange.Request{Method: exchange.Method(method), URL: exchange.ParseURL(target)}
		}
	}
	if _, after, ok := strings.Cut(text, "for url ("); ok {
		target, _, _ := strings.Cut(after, ")")
		return &exchange.Request{URL: exchange.ParseURL(target)}
	}
	if _, after, ok := strings.Cut(text, "host='"); ok {
		host, rest, _ := strings.Cut(after, "'")
		r := &exchange.Request{}
		_, port, _ := strings.Cut(rest, "port=")
		if port = leadingNumber(port); port != "" {
			host += ":" + port
		}
		r.URL.SetHost(host)
		return r
	}
	return nil
}
