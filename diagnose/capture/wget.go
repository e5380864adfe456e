package capture

import (
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// wget reads what wget -S writes when standard error and output are mixed: the
// server's answer indented by two blanks, progress, the body wherever it comes;
// and wget -d, which shows the request too.
func wget() format {
	return format{kind: exchange.KindWget, sure: sureOfWget, read: func(in *input, yield func(*exchange.Exchange) bool) {
		w := &wgetReader{in: in, yield: yield, c: newCursor(in.text)}
		w.read()
	}}
}

func sureOfWget(head string) int {
	switch {
	case anyLine(head, func(l string) bool { return l == "---request begin---" }), anyLine(head, isWgetStart):
		return 97
	case anyLine(head, func(l string) bool { return strings.HasPrefix(l, wgetSent) }):
		return 91
	case anyLine(head, isWgetStatus):
		return 88
	case anyLine(head, isWgetError):
		return 72
	}
	return 0
}

// isWgetError knows the errors of GNU's wget and of BusyBox's that tell of a
// transfer.
func isWgetError(line string) bool {
	text, ok := strings.CutPrefix(line, "wget: ")
	if !ok {
		return false
	}
	for _, start := range []string{"unable to resolve host address", "bad address", "can't connect to remote host", "server returned error: HTTP/", "error getting response", "download timed out"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}

const wgetSent = "HTTP request sent, awaiting response..."

// isWgetStart knows "--2026-11-27 20:04:02--  http://…", also with "(try: 2)".
func isWgetStart(line string) bool {
	_, _, ok := wgetStart(line)
	return ok
}

func wgetStart(line string) (target string, again, ok bool) {
	rest, ok := strings.CutPrefix(line, "--")
	if !ok || !isDateTime(rest) || !strings.HasPrefix(rest[dateTimeLength:], "--") {
		return "", false, false
	}
	target = strings.TrimSpace(rest[dateTimeLength+2:])
	if strings.HasPrefix(target, "(") {
		_, after, _ := strings.Cut(target, ")")
		target, again = strings.TrimSpace(after), true
	}
	return target, again, target != ""
}

const dateTimeLength = len("2026-11-27 20:04:02")

func isDateTime(s string) bool {
	if len(s) < dateTimeLength {
		return false
	}
	for i, sign := range []byte("0000-00-00 00:00:00") {
		if sign == '0' && !isDigitByte(s[i]) || sign != '0' && s[i] != sign {
			return false
		}
	}
	return true
}

func isWgetStatus(line string) bool {
	rest, ok := strings.CutPrefix(line, "  ")
	return ok && isStatusLine(rest)
}

// wgetReader is the state of reading: the exchange under way.
type wgetReader struct {
	in      *input
	yield   func(*exchange.Exchange) bool
	c       *cursor
	ex      *exchange.Exchange
	asked   *exchange.Request // of the command above
	body    strings.Builder
	whole   bool // the body was shown in full by -d
	follows bool // wget said that it goes on to another URL
	stopped bool
}

func (w *wgetReader) read() {
	for !w.stopped {
		line, ok := w.c.peek()
		if !ok {
			break
		}
		raw := line
		line = afterCR(raw)
		switch {
		case w.starts(line):
		case line == "---request begin---":
			w.c.next()
			w.request()
		case line == "---response begin---":
			w.c.next()
			w.response("")
		case isWgetStatus(line):
			w.response("  ")
		default:
			w.c.next()
			for part := range strings.SplitSeq(strings.TrimRight(raw, "\r"), "\r") { // a terminal's bar of progress
				w.line(part)
			}
		}
	}
	w.flush()
}

// afterCR returns what a terminal shows of a line that was written over.
func afterCR(line string) string {
	line = strings.TrimRight(line, "\r")
	return line[strings.LastIndexByte(line, '\r')+1:]
}

// starts takes the lines that begin an exchange: the command, and wget's own.
func (w *wgetReader) starts(line string) bool {
	if asked := wgetCall(line); asked != nil {
		w.c.next()
		w.flush()
		w.asked = asked
		return true
	}
	target, again, ok := wgetStart(line)
	if !ok {
		return false
	}
	number := w.c.line
	w.c.next()
	switch {
	case w.ex != nil && w.ex.Response != nil && w.follows:
		w.takeBody()
		addStep(w.ex, "redirect", *w.ex.Response)
		w.ex.Response = nil
	case again && w.ex != nil && w.ex.Response == nil:
		w.ex.Failure = nil
	default:
		asked := w.asked
		w.flush()
		w.asked = asked
		w.begin(number)
	}
	w.follows = false
	w.address(target)
	return true
}

// address notes the URL that wget goes to.
func (w *wgetReader) address(target string) {
	if w.ex.Request == nil {
		w.ex.Request = &exchange.Request{}
	}
	w.ex.Request.URL = exchange.ParseURL(target)
	if len(w.ex.Earlier) > 0 && w.ex.Request.Method == "POST" {
		w.ex.Request.Method = "" // the redirect decides, and wget does not say how
	}
}

func (w *wgetReader) begin(line int) {
	if w.ex == nil {
		w.ex = &exchange.Exchange{Source: exchange.Source{Line: line}, Request: w.asked}
		w.asked = nil
	}
}

// flush hands over the exchange under way.
func (w *wgetReader) flush() {
	w.asked = nil
	if w.ex == nil || w.stopped {
		return
	}
	w.takeBody()
	ex := w.ex
	w.ex, w.follows, w.whole = nil, false, false
	if ex.Failure == nil {
		lastStepAnswers(ex)
	}
	if ex.Response == nil && ex.Failure == nil && ex.Request == nil {
		return
	}
	if ex.Response != nil && ex.Request != nil && ex.Request.Method == "" {
		ex.Notes = append(ex.Notes, "wget -S doesn't show the request's method and headers (use wget -d)")
	}
	w.stopped = !w.yield(ex)
}

// takeBody gives the collected text to the response. Without any, wget kept the
// body to itself.
func (w *wgetReader) takeBody() {
	text := strings.Trim(w.body.String(), "\n")
	w.body.Reset()
	if w.ex.Response == nil || w.whole {
		return
	}
	switch {
	case text != "":
		w.ex.Response.Body = exchange.NewBody([]byte(text))
	case !mayHaveBody(w.ex.Response.Status), w.ex.Response.Header.Text("content-length") == "0":
		w.ex.Response.Body = exchange.NewBody(nil)
	}
}

// line takes a line that is no part of a header: wget's own words, or the body.
func (w *wgetReader) line(line string) {
	if rest, ok := strings.CutPrefix(line, wgetSent); ok {
		w.summary(strings.TrimSpace(rest))
		return
	}
	if w.words(line) {
		return
	}
	content := withoutProgress(line)
	if content == "" {
		return
	}
	if w.ex == nil || w.ex.Response == nil {
		if !isChatter(line) {
			w.in.leave(w.c.line-1, 1, line)
		}
		return
	}
	w.body.WriteString(content + "\n")
}

// summary reads "401 Unauthorized", which wget writes without -S.
func (w *wgetReader) summary(text string) {
	w.begin(w.c.line - 1)
	if r, ok := parseStatusLine("HTTP/1.1 " + text); ok && w.ex.Response == nil {
		r.Proto, r.HeaderCaptured = "", false
		w.ex.Response = &r
	}
	if strings.HasPrefix(text, "Read error") || strings.HasPrefix(text, "No data received") {
		w.fail(text)
	}
}

// words reads wget's own lines; false for others.
func (w *wgetReader) words(line string) bool {
	switch {
	case strings.HasPrefix(line, "Location: ") && strings.HasSuffix(line, "[following]"):
		w.follows = true
	case strings.HasPrefix(line, "Resolving "), strings.HasPrefix(line, "Connecting to "):
		if _, cause, ok := strings.Cut(line, " failed: "); ok {
			w.begin(w.c.line - 1)
			w.fail(strings.SplitN(line, " ", 2)[0] + " failed: " + cause)
		}
	case strings.HasPrefix(line, "wget: server returned error: "):
		w.begin(w.c.line - 1)
		if r, ok := parseStatusLine(strings.TrimPrefix(line, "wget: server returned error: ")); ok && w.ex.Response == nil {
			r.HeaderCaptured = false
			w.ex.Response = &r
		}
	case isWgetError(line), strings.HasPrefix(line, "Read error "), strings.HasPrefix(line, "No data received"),
		strings.HasPrefix(line, "Unable to establish SSL connection"), strings.HasPrefix(line, "ERROR: cannot verify "),
		strings.HasPrefix(line, "ERROR: certificate "), strings.HasPrefix(line, "ERROR: The certificate "), strings.HasPrefix(line, "ERROR: no certificate"), strings.HasPrefix(line, "GnuTLS: "), strings.HasPrefix(line, "OpenSSL: "):
		w.begin(w.c.line - 1)
		w.fail(line)
	case strings.HasPrefix(line, "[POST data: "), strings.HasPrefix(line, "[BODY data: "):
		w.sentBody(line)
	case strings.HasPrefix(line, "[writing "):
		w.begin(w.c.line - 1)
		w.ex.Notes = append(w.ex.Notes, "the body is from a file, which wget doesn't show")
	case strings.HasPrefix(line, "Skipping ") && strings.Contains(line, " bytes of body: ["):
		w.skippedBody(line)
	case isDateTime(line):
		w.ended(line[dateTimeLength:])
	default:
		return isWgetChatter(line)
	}
	return true
}

// fail notes a failure; the first words are the nearest to its cause.
func (w *wgetReader) fail(text string) {
	if w.ex.Response != nil && w.ex.Failure == nil && !strings.HasPrefix(text, "Read error") {
		return
	}
	f := &exchange.Failure{Text: shorten(strings.TrimSpace(text), 300)}
	f.Kind, f.Phase = failureOf(0, text)
	if strings.HasPrefix(text, "Connecting failed") && f.Kind == exchange.FailureTimeout {
		f.Phase = exchange.PhaseConnect
	}
	if w.ex.Failure == nil || w.ex.Failure.Kind == exchange.FailureUnknown {
		w.ex.Failure = f
	}
	for _, start := range []string{"wget: unable to resolve host address ", "wget: bad address "} {
		if host, ok := strings.CutPrefix(text, start); ok && w.ex.Request == nil {
			w.ex.Request = &exchange.Request{}
			w.ex.Request.URL.SetHost(strings.Trim(host, "‘’'`\"“” "))
		}
	}
}

// ended reads " ERROR 403: Forbidden." and " (10 MB/s) - written to stdout".
func (w *wgetReader) ended(text string) {
	rest, ok := strings.CutPrefix(text, " ERROR ")
	if !ok {
		return
	}
	w.begin(w.c.line - 1)
	if r, ok := parseStatusLine("HTTP/1.1 " + strings.Replace(strings.TrimSuffix(rest, "."), ":", "", 1)); ok && w.ex.Response == nil {
		r.Proto, r.HeaderCaptured = "", false
		w.ex.Response = &r
	}
}

// request reads the message between the marks of wget -d.
func (w *wgetReader) request() {
	w.begin(w.c.line - 1)
	line, _ := w.c.next()
	method, target, proto, ok := parseRequestLine(line)
	if !ok {
		return
	}
	scheme := ""
	if w.ex.Request != nil {
		scheme = w.ex.Request.URL.Scheme
	}
	r := &exchange.Request{Method: exchange.Method(method), Proto: proto, HeaderCaptured: true}
	r.Header = fields(w.upTo("---request end---", ""), &w.ex.Notes)
	setTarget(r, target, scheme)
	if !hasContent(r.Header) {
		r.Body = exchange.NewBody(nil)
	}
	w.ex.Request = r
}

// upTo returns a taker of the lines before a mark, or of those with a prefix.
func (w *wgetReader) upTo(mark, prefix string) func() (string, bool) {
	return func() (string, bool) {
		line, ok := w.c.peek()
		if !ok || !strings.HasPrefix(line, prefix) {
			return "", false
		}
		text := strings.TrimRight(strings.TrimPrefix(line, prefix), "\r")
		if prefix != "" && (isStatusLine(text) || strings.TrimSpace(text) == "" || !strings.Contains(text, ":") || strings.HasPrefix(text, " ")) {
			return "", false
		}
		w.c.next()
		return text, line != mark && text != ""
	}
}

// sentBody reads "[BODY data: …]".
func (w *wgetReader) sentBody(line string) {
	_, text, _ := strings.Cut(line, "data: ")
	text = w.bracketed(text, "]")
	if w.ex != nil && w.ex.Request != nil {
		w.ex.Request.Body = exchange.NewBody([]byte(text))
	}
}

// bracketed takes what goes on up to a closing bracket at a line's end, over
// lines, and no further than to wget's next words.
func (w *wgetReader) bracketed(text, end string) string {
	if inner, ok := strings.CutSuffix(text, end); ok {
		return inner
	}
	var b strings.Builder
	b.WriteString(text)
	for {
		line, ok := w.c.peek()
		if !ok || strings.HasPrefix(line, wgetSent) || strings.HasPrefix(line, "---re") || isWgetStart(line) {
			return b.String()
		}
		w.c.next()
		inner, closed := strings.CutSuffix(line, end)
		b.WriteString("\n" + inner)
		if closed {
			return b.String()
		}
	}
}

// skippedBody reads the body that wget -d shows of an answer that it does not
// keep.
func (w *wgetReader) skippedBody(line string) {
	_, text, _ := strings.Cut(line, "body: [")
	text = w.bracketed(text, "] done.")
	if w.ex != nil && w.ex.Response != nil {
		w.ex.Response.Body, w.whole = exchange.NewBody([]byte(text)), true
	}
}

// response reads a header section, as -S indents it or as -d shows it. Both show
// the same one.
func (w *wgetReader) response(prefix string) {
	line, _ := w.c.peek()
	r, ok := parseStatusLine(strings.TrimPrefix(afterCR(line), prefix))
	if !ok {
		return // only behind a mark, which was taken before
	}
	number := w.c.line
	w.c.next()
	w.begin(number)
	r.Header = fields(w.upTo("---response end---", prefix), &w.ex.Notes)
	switch old := w.ex.Response; {
	case old != nil && old.Status == r.Status && old.HeaderCaptured && prefix != "" && len(old.Header) == len(r.Header):
	case r.Status < 200:
		addStep(w.ex, "informational", r)
	case old != nil && old.HeaderCaptured:
		w.another(&r, number)
	default:
		w.ex.Response, w.ex.Failure = &r, nil
	}
}

// another is a response behind one: wget -q goes on without a word after a
// redirect or a challenge; anything else is another exchange.
func (w *wgetReader) another(r *exchange.Response, number int) {
	old := w.ex.Response
	reason := ""
	switch {
	case old.Status >= 300 && old.Status < 400:
		reason = "redirect"
	case old.Status == 401 || old.Status == 407:
		reason = "authentication"
	}
	if reason == "" {
		w.flush()
		w.begin(number)
	} else {
		w.takeBody()
		addStep(w.ex, reason, *old)
	}
	w.ex.Response = r
}

// isWgetChatter knows the lines that tell nothing.
func isWgetChatter(line string) bool {
	for _, start := range []string{
		"Length: ", "Saving to: ", "Reusing existing connection", "Username/Password Authentication Failed", "Authentication selected: ", "Giving up.", "Retrying.",
		"DEBUG output created by", "Setting --", "URI encoding = ", "Reading HSTS entries", "Saving HSTS entries", "Created socket", "Releasing 0x", "Deleting unused", "Registered socket", "Disabling further reuse",
		"Closed fd", "Closed ", "Caching ", "Converted file name", "Initiating SSL handshake", "Handshake successful", "certificate:", "X509 certificate", "Found no cookies", "---request end---", "---response end---", "To connect to ",
		"  Self-signed certificate", "  Unable to locally verify", "  Issued certificate", "The certificate's owner", "Parsed Strict-Transport-Security", "Updated HSTS host", "Remote file ", "Auth-without-challenge", "Host ", "pathconf:", "seconds ",
	} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return len(line) > 3 && isDigitByte(line[0]) && isStatusLine("HTTP/1.1 "+line)
}

// withoutProgress drops wget's two kinds of progress: rows of dots, and the bar.
func withoutProgress(line string) string {
	trimmed := strings.TrimSpace(line)
	size, rest, _ := strings.Cut(trimmed, " ")
	if size, ok := strings.CutSuffix(size, "K"); ok && size == leadingNumber(size) && strings.HasPrefix(line, "  ") && strings.Trim(rest, " .,0123456789%KMGs=hm-") == "" {
		return ""
	}
	if rest, ok := behindBar(line); ok {
		return rest
	}
	for from := 0; ; { // the last line of a body has no line break
		i := strings.IndexAny(line[from:], "}]>")
		if i < 0 {
			return line
		}
		from += i + 1
		rest := line[from:]
		if isDateTime(rest) && strings.Contains(rest, " - written to stdout [") || strings.HasPrefix(rest, "     0K") {
			return line[:from]
		}
	}
}

// behindBar returns what a terminal shows behind the bar of progress on the same
// line: the beginning of a body. ok is false where there is no bar.
func behindBar(line string) (rest string, ok bool) {
	i := strings.Index(line, "%[")
	if i < 0 {
		i = strings.Index(line, " [ ")
	}
	if i < 0 || strings.Trim(line[:i], "- 0123456789") != "" {
		return "", false
	}
	_, rest, ok = strings.Cut(line[i+2:], "]")
	if j := strings.IndexAny(rest, "{[<\""); j >= 0 {
		return rest[j:], ok
	}
	return "", ok
}

// wgetCall reads the command that a line shows, behind a prompt: method, URL,
// --header and --post-data; nil when it shows none. What only the shell knows is
// left out.
func wgetCall(line string) *exchange.Request {
	i := strings.Index(line, "wget ")
	if i < 0 || len(line) > maxShellLine {
		return nil
	}
	start, prompted := promptEnd(line[:i])
	if start != i || !prompted && strings.TrimSpace(line[:i]) != "" {
		return nil
	}
	return wgetRequest(plainWords(line[i+len("wget "):]))
}

func wgetRequest(words []string) *exchange.Request {
	r := &exchange.Request{Method: "GET", Body: exchange.NewBody(nil)}
	target := ""
	for i := 0; i < len(words); i++ {
		name, value, glued := strings.Cut(words[i], "=")
		takes := name == "--header" || name == "--post-data" || name == "--post-file" || name == "--body-data" || name == "--body-file" || name == "--method"
		if takes && !glued && i+1 < len(words) {
			i++
			value = words[i]
		}
		switch {
		case name == "--header":
			field, text, _ := strings.Cut(value, ":")
			if isFieldName(field) && !strings.Contains(text, "$") {
				r.Header.Add(field, strings.TrimSpace(text))
			}
		case name == "--post-data", name == "--body-data", name == "--post-file", name == "--body-file":
			if strings.HasPrefix(name, "--post") {
				r.Method = "POST"
			}
			r.Body = exchange.Body{}
			if strings.HasSuffix(name, "data") && !strings.Contains(value, "$") {
				r.Body = exchange.NewBody([]byte(value))
			}
		case name == "--method":
			r.Method = exchange.Method(strings.ToUpper(value))
		case name == "--spider":
			r.Method = "HEAD"
		case !strings.HasPrefix(words[i], "-") && looksLikeURL(words[i]):
			target = words[i]
		}
	}
	if target == "" {
		return nil
	}
	r.URL = parseCurlURL(target, "", false)
	return r
}
