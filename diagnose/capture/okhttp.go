package capture

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// okHTTP reads what OkHttp's HttpLoggingInterceptor logs at its levels BASIC,
// HEADERS and BODY, also behind what logcat and other loggers put before a line.
func okHTTP() format {
	return format{
		kind: exchange.KindOkHTTP,
		sure: func(head string) int {
			asks := anyLine(head, func(l string) bool { _, ok := okRequestIn(l); return ok })
			answers := anyLine(head, func(l string) bool { _, ok := okAnswerIn(l); return ok })
			switch {
			case asks && answers:
				return 93
			case answers && anyLine(head, func(l string) bool { return strings.Contains(l, "<-- END HTTP") }):
				return 92
			case asks:
				return 79
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			r := &okReader{in: in, c: newCursor(in.text), yield: yield, open: map[string]*okMessage{}}
			r.read()
		},
	}
}

// okMark is a line that begins or ends a message: where its sign stands, and what
// follows it.
type okMark struct {
	at   int
	rest string
}

// okSign finds a sign behind what a logger puts before it.
func okSign(line, sign string) (okMark, bool) {
	at := strings.Index(line[:min(len(line), maxPrefix+len(sign))], sign)
	if at < 0 || strings.ContainsAny(line[:at], `"'{}<>*`) {
		return okMark{}, false
	}
	return okMark{at, line[at+len(sign):]}, true
}

// okRequestIn reads "--> POST https://… h2 (25-byte body)".
func okRequestIn(line string) (okMark, bool) {
	m, ok := okSign(line, "--> ")
	if !ok {
		return m, false
	}
	method, target, ok := strings.Cut(m.rest, " ")
	target, _, _ = strings.Cut(target, " ")
	return m, ok && method != "END" && isToken(method) && method == strings.ToUpper(method) && isPlainURL(target)
}

// okAnswerIn reads "<-- 403 Forbidden https://… (123ms)" and "<-- HTTP FAILED: …".
func okAnswerIn(line string) (okMark, bool) {
	m, ok := okSign(line, "<-- ")
	if !ok {
		return m, false
	}
	if strings.HasPrefix(m.rest, "HTTP FAILED: ") {
		return m, true
	}
	_, ok = okAnswer(m.rest)
	return m, ok
}

// okLine is what the first line of an answer says.
type okLine struct {
	status  int
	phrase  string
	proto   string
	url     string
	elapsed time.Duration
	basic   bool // it tells of the body: nothing more follows
}

// okAnswer reads a line behind its sign. The time in parentheses tells it from any
// other arrow.
func okAnswer(rest string) (l okLine, ok bool) {
	rest = strings.TrimRight(rest, " \r")
	open := strings.LastIndexByte(rest, '(')
	if open < 0 || !strings.HasSuffix(rest, ")") {
		return l, false
	}
	took, size, basic := strings.Cut(rest[open+1:len(rest)-1], ", ")
	ms, err := strconv.Atoi(strings.TrimSuffix(took, "ms"))
	if err != nil || !strings.HasSuffix(took, "ms") || basic && !strings.HasSuffix(size, "body") {
		return l, false
	}
	l.elapsed, l.basic = time.Duration(min(max(ms, 0), 1<<31))*time.Millisecond, basic
	words := rest[:open]
	if proto, behind, found := strings.Cut(words, " "); found && strings.HasPrefix(strings.ToUpper(proto), "HTTP/") {
		l.proto, words = okProto(proto), behind
	}
	if len(words) < 3 {
		return l, false
	}
	status, isStatus := statusWord(words[:3])
	if !isStatus || status < 100 || len(words) > 3 && words[3] != ' ' {
		return l, false
	}
	l.status = status
	words = strings.TrimSpace(words[3:])
	last := words[strings.LastIndexByte(words, ' ')+1:]
	if isPlainURL(last) {
		l.url, words = last, strings.TrimSuffix(words, last)
	}
	l.phrase = phraseOf(words)
	return l, true
}

// okProto writes OkHttp's names of protocols as others have them.
func okProto(name string) string {
	switch strings.ToLower(name) {
	case "h2", "h2_prior_knowledge", "http/2", "http/2.0":
		return "HTTP/2"
	case "http/1.1", "http/1.0":
		return strings.ToUpper(name)
	case "h3":
		return "HTTP/3"
	}
	return ""
}

// okMessage is a message under way: the lines that followed its first.
type okMessage struct {
	ex     *exchange.Exchange
	answer bool
	lines  []string
	shown  bool // lines followed, so that the level is not BASIC
	inBody bool
	body   []string
}

// okReader is the state of reading. Lines of several threads stand among each other
// in a log; what a logger puts before them tells the threads apart.
type okReader struct {
	in      *input
	c       *cursor
	yield   func(*exchange.Exchange) bool
	shapes  []okShape             // of what stands before lines
	open    map[string]*okMessage // by thread
	last    string                // the thread of the line before
	waiting []okWaiting           // requests without an answer
	stopped bool
}

// okShape is the shape of what stands before a line, and how many blanks end it.
type okShape struct {
	shape  string
	blanks int
}

type okWaiting struct {
	thread string
	ex     *exchange.Exchange
}

// Bounds of what a log is remembered of.
const (
	maxShapes  = 8
	maxWaiting = 64
)

func (r *okReader) read() {
	for !r.stopped {
		line, ok := r.c.peek()
		if !ok {
			break
		}
		r.line(line)
		r.c.next()
	}
	var rest []*exchange.Exchange
	for _, m := range r.open {
		m.end("", false)
		if m.answer {
			rest = append(rest, m.ex)
		}
	}
	for _, w := range r.waiting {
		rest = append(rest, w.ex)
	}
	slices.SortFunc(rest, func(a, b *exchange.Exchange) int { return a.Source.Line - b.Source.Line })
	for _, ex := range rest {
		r.hand(ex)
	}
}

func (r *okReader) hand(ex *exchange.Exchange) {
	if !r.stopped {
		r.stopped = !r.yield(ex)
	}
}

// close ends the message of a thread. Where an answer ends, its exchange does.
func (r *okReader) close(thread, last string, ended bool) {
	m := r.open[thread]
	if m == nil {
		return
	}
	m.end(last, ended)
	delete(r.open, thread)
	if m.answer {
		r.hand(m.ex)
	}
}

// line takes one line.
func (r *okReader) line(line string) {
	if m, ok := okRequestIn(line); ok {
		r.request(m, r.threadOf(line[:m.at]))
		return
	}
	if m, ok := okAnswerIn(line); ok {
		r.answer(m, r.threadOf(line[:m.at]))
		return
	}
	for _, sign := range []string{"--> END ", "<-- END HTTP"} {
		if m, ok := okSign(line, sign); ok {
			thread := r.threadOf(line[:m.at])
			if open := r.open[thread]; open != nil && open.answer == (sign[0] == '<') {
				r.close(thread, m.rest, true)
				return
			}
		}
	}
	r.more(line)
}

// threadOf learns the shape of what stands before a line, and returns what in it
// tells the threads apart: all but dates and times.
func (r *okReader) threadOf(prefix string) string {
	s := okShape{shapeOf(prefix), len(prefix) - len(strings.TrimRight(prefix, " "))}
	if s.shape != "" && len(r.shapes) < maxShapes && !slices.Contains(r.shapes, s) {
		r.shapes = append(r.shapes, s)
	}
	r.last = okThread(prefix)
	return r.last
}

// behind returns how much of a line stands before what was logged, 0 for nothing.
// Of the blanks that end it, an empty message may have lost some.
func (s okShape) behind(line string) int {
	n := shapeLength(line, s.shape)
	for i := 1; n > 0 && i < s.blanks && n < len(line) && line[n] == ' '; i++ {
		n++
	}
	return n
}

// foreign reports whether another part of a program logged a line: it begins as the
// others do and goes on differently.
func (r *okReader) foreign(line string) bool {
	begin := shapeOf(line[:min(len(line), 40)])
	return slices.ContainsFunc(r.shapes, func(s okShape) bool {
		switch {
		case s.shape[0] == '0':
			n := min(len(s.shape), 5)
			return len(begin) > n && begin[:n] == s.shape[:n] && strings.ContainsAny(s.shape[:n], "-:/")
		case len(s.shape) > 2 && s.shape[1] == '/':
			return len(line) > 2 && line[1] == '/' && 'A' <= line[0] && line[0] <= 'Z'
		}
		return false
	})
}

// okThread drops dates and times from what stands before a line.
func okThread(prefix string) string {
	words := strings.Fields(prefix)
	kept := words[:0]
	for _, w := range words {
		digits := strings.Trim(w, "[]()")
		isTime := digits != "" && isDigitByte(digits[0]) && strings.ContainsAny(digits, ":./") && strings.Trim(digits, "0123456789-:.,TZ+/") == ""
		isDate := (len(digits) == len("11-28") && digits[2] == '-' || len(digits) == len("2026-11-28") && digits[4] == '-' && digits[7] == '-') && strings.Trim(digits, "0123456789-") == ""
		if !isTime && !isDate {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// request begins a request.
func (r *okReader) request(m okMark, thread string) {
	r.close(thread, "", false)
	words := strings.Fields(m.rest)
	ex := &exchange.Exchange{
		Source:  exchange.Source{Line: r.c.line},
		Request: &exchange.Request{Method: exchange.Method(words[0]), URL: exchange.ParseURL(words[1])},
	}
	q := ex.Request
	if len(words) > 2 {
		q.Proto = okProto(words[2])
	}
	ex.Masked = strings.Contains(words[1], redacted)
	if len(r.waiting) == maxWaiting {
		oldest := r.waiting[0]
		if m := r.open[oldest.thread]; m != nil && m.ex == oldest.ex {
			r.close(oldest.thread, "", false)
		}
		r.hand(r.takeWaiting(0))
	}
	r.waiting = append(r.waiting, okWaiting{thread, ex})
	r.open[thread] = &okMessage{ex: ex}
}

// answer begins an answer, or tells that none came.
func (r *okReader) answer(m okMark, thread string) {
	r.close(thread, "", false)
	failure, failed := strings.CutPrefix(m.rest, "HTTP FAILED: ")
	l, _ := okAnswer(m.rest)
	ex := r.asked(thread, l.url, failed)
	if failed {
		ex.Failure = okFailure(failure)
		r.hand(ex)
		return
	}
	ex.Response = &exchange.Response{Status: l.status, Phrase: l.phrase, Proto: l.proto, Elapsed: l.elapsed}
	if ex.Request != nil && ex.Request.Proto != "" && l.proto == "" {
		ex.Response.Proto = ex.Request.Proto
	}
	if l.basic {
		if !mayHaveBody(l.status) || strings.Contains(m.rest, ", 0-byte body)") {
			ex.Response.Body = exchange.NewBody(nil)
		}
		r.hand(ex)
		return
	}
	r.open[thread] = &okMessage{ex: ex, answer: true}
}

// okFailure is why no answer came, in the words of Java.
func okFailure(text string) *exchange.Failure {
	text = strings.TrimSpace(text)
	if f := brokenIn(text); f != nil {
		return f
	}
	f := &exchange.Failure{Text: shorten(exchange.MaskText(text[:min(len(text), maxSample)]), 300)}
	f.Kind, f.Phase = networkFailure(strings.ToLower(text[:min(len(text), maxSample)]))
	return f
}

// asked takes the request that an answer belongs to from those that wait: the one
// of its thread and URL, or the only one that it can be. Without one, the URL is
// all that is known of the request.
func (r *okReader) asked(thread, url string, failed bool) *exchange.Exchange {
	var mine, same []int
	for i, w := range r.waiting {
		if w.thread != thread {
			continue
		}
		mine = append(mine, i)
		if url != "" && w.ex.Request.URL.Reveal() == exchange.ParseURL(url).Reveal() {
			same = append(same, i)
		}
	}
	switch {
	case len(same) == 1:
		return r.takeWaiting(same[0])
	case len(same) == 0 && len(mine) == 1 && (failed || url == "" || r.waiting[mine[0]].ex.Request.URL.Host == exchange.ParseURL(url).Host):
		return r.takeWaiting(mine[0])
	}
	ex := &exchange.Exchange{Source: exchange.Source{Line: r.c.line}}
	if url != "" {
		ex.Request = &exchange.Request{URL: exchange.ParseURL(url)}
	}
	if len(mine) > 1 {
		ex.Notes = append(ex.Notes, "several calls were under way at once, and the log does not tell which of them this answers")
	}
	return ex
}

func (r *okReader) takeWaiting(i int) *exchange.Exchange {
	ex := r.waiting[i].ex
	r.waiting = append(r.waiting[:i], r.waiting[i+1:]...)
	return ex
}

// more takes a line that neither begins nor ends a message: one of the message of
// its thread, or, without anything before it, of the line before.
func (r *okReader) more(line string) {
	thread, content := r.last, line
	shaped := false
	for _, s := range r.shapes {
		if n := s.behind(line); n > 0 {
			thread, content, shaped = okThread(line[:n]), line[n:], true
			break
		}
	}
	if isLoggerLine(line) {
		return
	}
	m := r.open[thread]
	if m == nil || !shaped && r.foreign(line) {
		r.in.leave(r.c.line, 1, line)
		return
	}
	r.last = thread
	m.take(content)
}

// isLoggerLine knows the line that java.util.logging writes above each message.
func isLoggerLine(line string) bool {
	return strings.Contains(line, " okhttp3.") && (strings.HasSuffix(line, " log") || strings.HasSuffix(line, " androidLog") || strings.HasSuffix(line, "$1 log"))
}

// take takes a line of a message: a field, the blank line, or content.
func (m *okMessage) take(line string) {
	m.shown = true
	switch {
	case m.inBody:
		m.body = append(m.body, line)
	case strings.TrimSpace(line) == "":
		m.inBody = true
	default:
		m.lines = append(m.lines, line)
	}
}

// redacted is what OkHttp writes in the place of a value that it was told to keep.
const redacted = "██"

// end closes a message. ended tells that its last line was seen, which says how
// much content there was: " POST (25-byte body)", " (binary 5-byte body omitted)".
func (m *okMessage) end(last string, ended bool) {
	var h exchange.Header
	lines := m.lines
	h = fields(func() (string, bool) {
		if len(lines) == 0 {
			return "", false
		}
		line := lines[0]
		lines = lines[1:]
		return strings.TrimRight(line, "\r"), true
	}, &m.ex.Notes)
	for _, f := range h {
		m.ex.Masked = m.ex.Masked || strings.Contains(f.Value.Reveal(), redacted)
	}
	body := m.content(h, last, ended)
	if m.answer {
		m.ex.Response.Header, m.ex.Response.HeaderCaptured = h, len(h) > 0 && (ended || m.inBody)
		m.ex.Response.Body = body
		return
	}
	q := m.ex.Request
	q.Header, q.Body = h, body
	// Between this interceptor and the network others add fields, credentials for
	// one: all are there only where the connection was known, which has a protocol,
	// and what OkHttp adds itself shows.
	q.HeaderCaptured = ended && (q.Proto != "" && hasField(h, "host") || showsCredentials(h) || hasField(h, "x-api-key") && hasField(h, "x-api-secret"))
	if ended && strings.HasPrefix(q.URL.Path, "/") && q.URL.Host == "" {
		setTarget(q, q.URL.Reveal(), "")
	}
}

// content is the body of a message.
func (m *okMessage) content(h exchange.Header, last string, ended bool) exchange.Body {
	_, size, sized := strings.Cut(last, "(")
	status := 0
	if m.answer {
		status = m.ex.Response.Status
	}
	switch {
	case m.answer && !mayHaveBody(status), m.answer && m.ex.Request != nil && m.ex.Request.Method == "HEAD":
		return exchange.NewBody(nil)
	case !m.shown && !ended:
		return exchange.Body{}
	case sized && strings.Contains(size, "omitted"):
		m.ex.Notes = append(m.ex.Notes, "the log leaves a body out")
		return exchange.Body{}
	case !m.inBody && ended && !sized:
		return m.unshown(h)
	case !m.inBody && !ended:
		return exchange.Body{}
	}
	declared := -1
	if before, _, ok := strings.Cut(size, "-byte"); sized && ok {
		_, before, _ = strings.Cut(" "+before, " ")
		if n, err := strconv.Atoi(before[strings.LastIndexByte(before, ' ')+1:]); err == nil {
			declared = n
		}
	}
	b := okBody(m.body, declared)
	b.Truncated = b.Truncated || !ended
	return b
}

// unshown is the body of a message whose log ends behind its header: there was none
// where a request says nothing of it; else the level leaves it out.
func (m *okMessage) unshown(h exchange.Header) exchange.Body {
	length := h.Text("content-length")
	if length == "0" || !m.answer && length == "" && !hasField(h, "content-type") && !hasField(h, "transfer-encoding") {
		return exchange.NewBody(nil)
	}
	return exchange.Body{}
}

// okBody joins the lines of a content. Android breaks lines that are too long for
// its log: where only without the breaks as much is there as was sent, they go.
func okBody(lines []string, declared int) exchange.Body {
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
