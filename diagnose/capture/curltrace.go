package capture

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// traceIsSure is how sure a heading of bytes that were sent or received makes.
const traceIsSure = 98

// curlTrace reads what curl --trace and --trace-ascii write, also with
// --trace-time and --trace-ids: events, each with the bytes that went over the
// wire. Unlike -v it holds the bodies of requests.
func curlTrace() format {
	return format{
		kind: exchange.KindCurlTrace,
		sure: func(head string) int {
			sure := 0
			anyLine(head, func(l string) bool {
				switch e, ok := parseTraceHeading(l); {
				case ok && e.kind != traceInfo:
					sure = traceIsSure
				case ok:
					sure = max(sure, 85)
				}
				return sure == traceIsSure
			})
			return sure
		},
		read: readTrace,
	}
}

// traceKind is what an event of a trace is.
type traceKind int

const (
	traceInfo traceKind = iota
	traceSendHeader
	traceSendData
	traceRecvHeader
	traceRecvData
	traceTLS   // bytes of the handshake
	traceError // curl: (n)
)

// traceEvent is one event. Its text is what went over the wire.
type traceEvent struct {
	kind   traceKind
	id     string // of the transfer, with --trace-ids
	text   []byte
	size   int // bytes that there were
	ascii  bool
	offset int // in the input
}

// parseTraceHeading knows "== Info: …" and "=> Send header, 84 bytes (0x54)",
// behind the time and the ids that curl may put before it.
func parseTraceHeading(line string) (traceEvent, bool) {
	rest := strings.TrimRight(line, "\r")
	if len(rest) > 16 && rest[2] == ':' && rest[5] == ':' && rest[8] == '.' && rest[15] == ' ' {
		rest = rest[16:]
	}
	var e traceEvent
	if strings.HasPrefix(rest, "[") {
		if id, after, ok := strings.Cut(rest[1:], "] "); ok && len(id) < 40 {
			e.id, _, _ = strings.Cut(id, "-")
			rest = after
		}
	}
	if text, ok := strings.CutPrefix(rest, "== Info: "); ok {
		e.text = []byte(text)
		return e, true
	}
	for _, known := range []struct {
		start string
		kind  traceKind
	}{
		{"=> Send header, ", traceSendHeader},
		{"=> Send data, ", traceSendData},
		{"<= Recv header, ", traceRecvHeader},
		{"<= Recv data, ", traceRecvData},
		{"=> Send SSL data, ", traceTLS},
		{"<= Recv SSL data, ", traceTLS},
	} {
		if after, ok := strings.CutPrefix(rest, known.start); ok {
			number, _, isSize := strings.Cut(after, " bytes (0x")
			size, err := strconv.Atoi(number)
			e.kind, e.size = known.kind, size
			return e, isSize && err == nil && size >= 0
		}
	}
	return e, false
}

// gluedHeading finds an event behind what curl wrote to the same place without a
// line break: a body, with --trace -.
func gluedHeading(line string) int {
	for _, start := range []string{"== Info: ", "=> Send ", "<= Recv "} {
		i := strings.LastIndex(line, start)
		if i <= 0 {
			continue
		}
		for _, before := range []int{16, 0} { // a time may stand before it
			if i-before > 0 {
				if _, ok := parseTraceHeading(line[i-before:]); ok {
					return i - before
				}
			}
		}
	}
	return -1
}

// readTrace reads the events, sorts them by transfer, and reads each transfer's
// exchanges.
func readTrace(in *input, yield func(*exchange.Exchange) bool) {
	var order []string
	transfers := map[string][]int32{} // which events are theirs
	events := traceEvents(in)
	for i, e := range events {
		if _, known := transfers[e.id]; !known {
			order = append(order, e.id)
		}
		transfers[e.id] = append(transfers[e.id], int32(i))
	}
	for _, id := range order {
		t := &trace{v: &verbose{c: newCursor(in.text), in: in, exact: true}}
		t.v.yield = func(ex *exchange.Exchange) bool { t.complete(ex); return yield(ex) }
		for _, i := range transfers[id] {
			t.event(events[i])
			if t.v.stopped {
				return
			}
		}
		t.endIncoming()
		t.settle()
		t.v.finish()
		if t.v.stopped {
			return
		}
	}
}

// traceEvents reads a trace's events and leaves what is none.
func traceEvents(in *input) []traceEvent {
	var events []traceEvent
	c := newCursor(in.text)
	for {
		offset := c.pos
		line, ok := c.next()
		if !ok {
			return events
		}
		e, isEvent := parseTraceHeading(line)
		if i := gluedHeading(line); !isEvent && i > 0 {
			leaveOutput(in, events, c.line-1, line[:i])
			line, offset = line[i:], offset+i
			e, isEvent = parseTraceHeading(line)
		}
		switch {
		case isEvent:
			e.offset = offset
			if e.kind != traceInfo {
				e.dump(c)
			}
			events = append(events, e)
		case isCurlError(contentOf(line)):
			e := traceEvent{kind: traceError, text: []byte(contentOf(line)), offset: offset}
			if len(events) > 0 {
				e.id = events[len(events)-1].id
			}
			events = append(events, e)
		default:
			leaveOutput(in, events, c.line-1, line)
		}
	}
}

// maxOutput bounds the text in which a line of curl's own output is looked for.
const maxOutput = 16 << 10

// leaveOutput leaves a line, except the body that curl wrote beside the trace.
func leaveOutput(in *input, events []traceEvent, number int, line string) {
	if isChatter(line) || callsCurl(line) {
		return
	}
	for i := len(events) - 1; i >= max(0, len(events)-4); i-- {
		if e := events[i]; e.kind == traceRecvData {
			if asShown(e, line) {
				return
			}
			break
		}
	}
	in.leave(number, 1, line)
}

// asShown reports whether a line is part of a received body. --trace-ascii shows
// no other than printable characters.
func asShown(e traceEvent, line string) bool {
	text := e.text[:min(len(e.text), maxOutput)]
	if !e.ascii {
		return bytes.Contains(text, []byte(line))
	}
	shown := []byte(line)
	for i, b := range shown {
		if b < ' ' || b > '~' {
			shown[i] = '.'
		}
	}
	return bytes.Contains(text, shown)
}

// dump reads the lines of an event: an offset, and the bytes behind it.
func (e *traceEvent) dump(c *cursor) {
	for {
		line, ok := c.peek()
		if !ok || len(e.text) >= e.size {
			return
		}
		offset, content, isDump := dumpLine(line)
		if !isDump || offset < len(e.text) || offset > e.size {
			break
		}
		c.next()
		if bytes, ok := hexBytes(content, min(16, e.size-offset)); ok && !e.ascii {
			if offset != len(e.text) {
				break // lines are missing: what follows has no place
			}
			e.text = append(e.text, bytes...)
			continue
		}
		e.ascii = true
		e.lineBreak(offset)
		if offset != len(e.text) {
			break
		}
		e.text = append(e.text, content[:min(len(content), e.size-offset)]...)
	}
	if e.ascii {
		e.lineBreak(e.size)
	}
}

// lineBreak adds the CRLF that --trace-ascii shows by a new line only.
func (e *traceEvent) lineBreak(offset int) {
	if offset-len(e.text) == 2 {
		e.text = append(e.text, "\r\n"...)
	}
}

// dumpLine splits "0040: text".
func dumpLine(line string) (offset int, content string, ok bool) {
	number, content, ok := strings.Cut(line, ":")
	if !ok || len(number) < 4 || len(number) > 8 {
		return 0, "", false
	}
	n, err := strconv.ParseUint(number, 16, 31)
	return int(n), strings.TrimPrefix(content, " "), err == nil
}

// hexBytes reads n bytes as --trace writes them: "47 45 54 ", padded to sixteen.
func hexBytes(content string, n int) ([]byte, bool) {
	if n == 0 || len(content) < 3*n {
		return nil, false
	}
	out := make([]byte, 0, n)
	for i := range n {
		b, err := strconv.ParseUint(content[3*i:3*i+2], 16, 8)
		if err != nil || content[3*i+2] != ' ' {
			return nil, false
		}
		out = append(out, byte(b))
	}
	return out, true
}

// trace is the state of reading one transfer. The exchanges themselves grow as
// those of -v do.
type trace struct {
	v        *verbose
	sending  []byte // of a request's header section
	incoming []byte // of a response's header section
	content  []byte // of the request
	asked    *exchange.Request
	ascii    bool
	opened   bool // the trace shows the connection from its beginning
}

func (t *trace) event(e traceEvent) {
	if e.offset >= t.v.c.pos {
		t.v.c.to(e.offset)
	}
	t.ascii = t.ascii || e.ascii
	if e.kind != traceRecvHeader && e.kind != traceInfo && e.kind != traceTLS || isStatusLine(firstLine(e.text)) {
		t.endIncoming()
	}
	switch e.kind {
	case traceInfo:
		text := strings.TrimSpace(string(e.text))
		t.opened = t.opened || strings.HasPrefix(text, "Connected to ")
		t.v.info(text)
	case traceTLS:
		t.v.secure = true
	case traceError:
		t.v.begin()
		t.v.ex.Failure = parseCurlError(string(e.text))
	case traceSendHeader:
		t.sending = append(t.sending, e.text...)
		if section, ok := wholeSection(t.sending); ok {
			t.sending = nil
			t.request(section)
		}
	case traceSendData:
		t.content = append(t.content, e.text...)
	case traceRecvHeader:
		t.incoming = append(t.incoming, e.text...)
		if section, ok := wholeSection(t.incoming); ok {
			t.incoming = nil
			t.response(section)
		}
	case traceRecvData:
		t.v.body.Write(e.text)
	}
}

// wholeSection returns the lines of a header section whose end has come.
func wholeSection(text []byte) ([]string, bool) {
	if !bytes.HasSuffix(text, []byte("\r\n\r\n")) && !bytes.HasSuffix(text, []byte("\n\n")) && string(text) != "\r\n" {
		return nil, false
	}
	return strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), true
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimRight(string(line), "\r")
}

// endIncoming reads a header section whose empty line does not show, as that of
// 100 Continue.
func (t *trace) endIncoming() {
	if len(t.incoming) == 0 {
		return
	}
	section, _ := wholeSection(append(t.incoming, "\r\n\r\n"...))
	t.incoming = nil
	t.response(section)
}

// following gives the lines behind the first, up to the empty one.
func following(lines []string) func() (string, bool) {
	next := 0
	return func() (string, bool) {
		if next++; next >= len(lines) || lines[next] == "" {
			return "", false
		}
		return lines[next], true
	}
}

func (t *trace) request(lines []string) {
	if !isRequestLine(lines[0]) {
		return
	}
	t.settle()
	t.v.nextRequest()
	t.v.sent(lines[0], following(lines))
	t.asked = t.v.ex.Request
	if t.opened && !t.v.secure && t.asked.URL.Scheme == "https" && !t.tunnelled() {
		t.asked.URL.Scheme = "http" // a handshake would show
	}
}

// tunnelled reports whether the request under way goes through a CONNECT, whose
// handshake some versions of curl do not trace.
func (t *trace) tunnelled() bool {
	return t.v.tunnel || slices.ContainsFunc(t.v.ex.Earlier, func(s exchange.Step) bool { return s.Reason == "connect" })
}

func (t *trace) response(lines []string) {
	if !isStatusLine(lines[0]) {
		return // a trailer section
	}
	t.v.begin()
	t.v.body.Reset()
	t.v.received(lines[0], following(lines))
}

// settle gives the content that was sent to its request. Where none was, what the
// header says of it stands.
func (t *trace) settle() {
	r, content := t.asked, t.content
	t.asked, t.content = nil, nil
	if r == nil || len(content) == 0 {
		return
	}
	cut := false
	if strings.EqualFold(r.Header.Text("transfer-encoding"), "chunked") {
		if decoded, complete, ok := dechunk(content); ok {
			content, cut = decoded, !complete
		}
	}
	if t.ascii {
		content = undot(content)
	}
	r.Body = exchange.NewBody(content)
	if n, err := strconv.Atoi(r.Header.Text("content-length")); err == nil && n > len(content) {
		cut = true
	}
	r.Body.Truncated = cut
}

// complete gives a response's body the bytes that --trace-ascii hides.
func (t *trace) complete(ex *exchange.Exchange) {
	if !t.ascii {
		return
	}
	if r := ex.Response; r != nil && r.Body.Present() {
		cut := r.Body.Truncated
		r.Body = exchange.NewBody(undot(r.Body.Bytes()))
		r.Body.Truncated = cut
	}
	for _, b := range []exchange.Body{bodyOf(ex.Request), contentOfResponse(ex.Response)} {
		if bytes.Contains(b.Bytes(), []byte("..")) {
			ex.Notes = append(ex.Notes, "curl --trace-ascii prints a dot for every byte that isn't printable ASCII (curl --trace shows the bytes)")
			return
		}
	}
}

func bodyOf(r *exchange.Request) exchange.Body {
	if r == nil {
		return exchange.Body{}
	}
	return r.Body
}

func contentOfResponse(r *exchange.Response) exchange.Body {
	if r == nil {
		return exchange.Body{}
	}
	return r.Body
}

// undot gives JSON its line breaks and tabs back, for which --trace-ascii writes
// dots: outside of strings, a dot that has no letter or digit on both sides was white
// space.
func undot(content []byte) []byte {
	if !looksLikeText(content) || content[0] != '{' && content[0] != '[' {
		return content
	}
	out := bytes.Clone(content)
	quoted := false
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '.' && !(isAlnumAt(out, i-1) && isAlnumAt(out, i+1)):
			out[i] = '\n'
		}
	}
	return out
}

func isAlnumAt(text []byte, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z')
}
