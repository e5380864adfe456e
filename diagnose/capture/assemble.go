package capture

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
)

// This file puts together what the lines of tools say: a response goes to its
// request, fields and bodies to their message, and what is said twice is one exchange.

// Call is an exchange as far as the lines of a text show it. Its strings are parts of
// the text.
type Call struct {
	Tool           *tools.Tool // whose line began it
	Line           int
	Method, Target string
	Host, Scheme   string
	Address        string // of the caller
	Status         int
	Phrase         string
	When           int64 // nanoseconds since 1970; 0 if not known
	Took           time.Duration
	Failure        *exchange.Failure

	query, id         string
	reqProto, proto   string
	thread            uint64
	last              int // the latest line about it
	offset            int
	lines             []*tools.Line // that told of it
	request, response content
	notes             []string
	done              bool
}

// content is what follows the first line of a message.
type content struct {
	fields  exchange.Header
	lines   []string
	body    string // in one piece
	exact   bool   // as a string that a program printed whole
	began   bool   // the message was printed
	shown   bool   // lines followed its first
	inBody  bool
	ended   bool
	omitted bool
	size    int // of the body as its end declares it; -1 if it doesn't
}

// open is a message whose lines may follow.
type open struct {
	c        *Call
	side     *content
	tool     *tools.Tool
	thread   uint64
	response bool
	line     int // of its latest line
}

// Bounds of what is remembered of a log.
const (
	maxShapes  = 8
	maxWaiting = 64
	maxOpen    = 16
	maxAbout   = 60   // lines after an error that may say more about it
	maxContent = 5000 // lines of one message
)

// Assembler makes calls of the lines of a text.
type Assembler struct {
	set     *tools.Set
	text    string
	line    int // number of the line at hand
	next    int // where the line after the last one that was read begins
	shapes  []shape
	open    []*open
	thread  uint64 // of the line before
	waiting []*Call
	held    *Call // finished, but an error after it may say more
	done    []*Call
	leave   func(line, lines int, text string)
	unknown []leftLine
}

// leftLine is a line that no tool knows, until it shows whether it is a part of an error.
type leftLine struct {
	line int
	text string
}

// shape is the shape of what stands before lines, and how many blanks end it.
type shape struct {
	shape  string
	blanks int
}

// NewAssembler returns an assembler that hands lines that no tool knows to leave.
func NewAssembler(set *tools.Set, leave func(line, lines int, text string)) *Assembler {
	return &Assembler{set: set, leave: leave}
}

// Calls returns the calls of a whole text.
func (a *Assembler) Calls(text string) iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for c := range a.Part(text, 1, len(text)) {
			if !yield(c) {
				return
			}
		}
		for _, c := range a.Finish() {
			if !yield(c) {
				return
			}
		}
	}
}

// Part returns the calls that end in a part of a text, which begins at a line with that
// number: those of the lines that begin before an offset. What is still waiting goes on
// in the next part, which begins where Next says.
func (a *Assembler) Part(text string, line, limit int) iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		a.text, a.line = text, line
		for at := 0; at < limit; {
			next := a.take(at)
			a.line += strings.Count(text[at:next], "\n")
			at, a.next = next, next
			for _, c := range a.done {
				if !yield(c) {
					return
				}
			}
			a.done = a.done[:0]
		}
	}
}

// Next returns the offset in the last part, and the number of the line, at which the
// next part begins.
func (a *Assembler) Next() (offset, line int) { return a.next, a.line }

// Lookahead is how many bytes after a line may belong to it.
const Lookahead = maxDump + 4<<10

// Finish returns what is still waiting.
func (a *Assembler) Finish() []*Call {
	for len(a.open) > 0 {
		a.close(a.open[0])
	}
	for _, c := range a.waiting {
		a.unanswered(c)
	}
	a.waiting = nil
	a.release(nil)
	a.leaveUnknown()
	list := a.done
	a.done = nil
	slices.SortStableFunc(list, func(a, b *Call) int { return a.Line - b.Line })
	return list
}

// take reads the line at an offset and what belongs to it, and returns where the next
// one begins.
func (a *Assembler) take(at int) int {
	var m pattern.Match
	end := at + lineLength(a.text[at:])
	next := min(end+1, len(a.text))
	if a.held != nil && a.line-a.held.last > maxAbout {
		a.release(nil)
	}
	from, known := at, false
	for from < end {
		l := a.set.Find(a.text, at, from, &m)
		if l == nil || !known && a.isContent(l, at, m.Start) {
			break
		}
		known = true
		reached := a.part(l, &m, at)
		from = max(reached, from+1)
		if from > end {
			return a.nextLine(from)
		}
		if !l.Tool.Anywhere() {
			return next
		}
	}
	if known {
		if reached := a.rest(from, end); reached > end {
			return a.nextLine(reached)
		}
		return next
	}
	if reached := a.content(at, end); reached > at {
		return a.nextLine(reached)
	}
	if c := a.latest(); c != nil {
		if reached := a.errorBody(c, at, end); reached > at {
			return a.nextLine(reached)
		}
	}
	a.leaveLine(at, end)
	return next
}

// nextLine returns where the line after an offset begins, or the offset if one begins there.
func (a *Assembler) nextLine(at int) int {
	if at >= len(a.text) || at > 0 && a.text[at-1] == '\n' {
		return min(at, len(a.text))
	}
	return min(at+lineLength(a.text[at:])+1, len(a.text))
}

// maxUnknown bounds the lines that wait for it to show whether an error has them.
const maxUnknown = 100

func (a *Assembler) leaveLine(at, end int) {
	line := a.text[at:end]
	if strings.TrimSpace(line) == "" || a.held != nil && a.held.Tool.Anywhere() || a.openError() != nil {
		return
	}
	if len(a.unknown) >= maxUnknown {
		a.leaveUnknown()
	}
	a.unknown = append(a.unknown, leftLine{a.line, line})
}

func (a *Assembler) leaveUnknown() {
	for _, l := range a.unknown {
		a.leave(l.line, 1, l.text)
	}
	a.unknown = a.unknown[:0]
}

// forgiven drops lines before an error that are a part of it: a stack trace, a dump.
func (a *Assembler) forgiven() {
	for len(a.unknown) > 0 {
		line := a.unknown[len(a.unknown)-1].text
		if !isFrame(line) && !strings.HasPrefix(line, "Traceback ") && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") && !strings.HasSuffix(line, "{") && !strings.HasPrefix(line, "node:") && !strings.Contains(line, "rror") && !strings.Contains(line, "xception") {
			break
		}
		a.unknown = a.unknown[:len(a.unknown)-1]
	}
	a.leaveUnknown()
}

// openError returns the message of an error about which lines may say more, or nil.
func (a *Assembler) openError() *open {
	if n := len(a.open); n > 0 && a.open[n-1].tool.Anywhere() {
		return a.open[n-1]
	}
	return nil
}

// latest returns the call that was told of last, or nil.
func (a *Assembler) latest() *Call {
	if o := a.openError(); o != nil {
		return o.c
	}
	return a.held
}

// isContent reports whether a line that a tool knows is within the body of another's message.
func (a *Assembler) isContent(l *tools.Line, begin, start int) bool {
	if len(a.open) == 0 {
		return false
	}
	o, _ := a.owner(begin, begin+lineLength(a.text[begin:]))
	return o != nil && o.side.inBody && o.tool != l.Tool && !o.tool.Anywhere()
}

// part takes what a tool's line says, and returns where it ends.
func (a *Assembler) part(l *tools.Line, m *pattern.Match, begin int) int {
	end := m.End
	prefix := a.text[begin:m.Start]
	var failure *exchange.Failure
	if l.Role == tools.Failure {
		failure = a.failure(l, m, begin)
		if failure == nil {
			return end
		}
	}
	thread := uint64(0)
	if l.Tool.Pairs() {
		thread = a.threadOf(prefix)
	}
	if l.Tool.Anywhere() {
		a.forgiven()
	} else {
		a.leaveUnknown()
	}
	switch l.Role {
	case tools.Skip:
		return end
	case tools.End:
		a.end(l, m, thread)
		return end
	case tools.Request:
		a.closeThread(l.Tool, thread)
		c := a.newCall(l, m)
		c.thread = thread
		c.fill(a, l, m, prefix)
		if len(a.waiting) == maxWaiting {
			a.expire(a.waiting[0])
		}
		a.waiting = append(a.waiting, c)
		a.openMessage(c, l, thread, false)
		return a.more(m, end, l)
	}
	if l.Tool.Pairs() {
		a.closeThread(l.Tool, thread)
		l2 := a.respond(l, m, thread, failure, prefix)
		return a.more(m, end, l2)
	}
	c := a.again(l, m, failure, begin)
	if c == nil {
		a.release(nil)
		a.closeErrors()
		c = a.newCall(l, m)
	}
	c.fill(a, l, m, prefix)
	if c.Failure == nil && c.Status == 0 {
		c.Failure = failure
	}
	c.response.began = true
	if !l.Tool.HasContent() && !l.Tool.Anywhere() {
		a.finish(c)
		return end
	}
	a.openMessage(c, l, 0, true)
	return a.more(m, end, l)
}

// respond gives a response to its request.
func (a *Assembler) respond(l *tools.Line, m *pattern.Match, thread uint64, failure *exchange.Failure, prefix string) *tools.Line {
	c, several := a.asked(l, m, thread)
	if c == nil {
		if l.Role == tools.Response && !standsAlone(l) {
			return l
		}
		c = a.newCall(l, m)
		if several {
			c.notes = append(c.notes, "several calls were running at once, and the log doesn't show which one this response is for")
		}
	}
	c.fill(a, l, m, prefix)
	if c.Status == 0 {
		c.Failure = failure
	}
	if failure != nil || !l.Tool.HasContent() || c.response.ended {
		c.response.began = true
		a.finish(c)
		return l
	}
	a.openMessage(c, l, thread, true)
	return l
}

// standsAlone reports whether a response tells enough to be one without its request:
// more than a status and a phrase.
func standsAlone(l *tools.Line) bool {
	for _, t := range []pattern.Token{pattern.URL, pattern.Target, pattern.Path, pattern.Method, pattern.Verb, pattern.Duration, pattern.Millis, pattern.Proto} {
		if l.Pattern.Uses(t) {
			return true
		}
	}
	return false
}

// asked takes the request that a response belongs to from those that wait: the one with
// its id, else of those that its method and URL don't contradict the one of its thread,
// else the only one. Of identical requests it is the oldest. several tells that it could
// be any of several.
func (a *Assembler) asked(l *tools.Line, m *pattern.Match, thread uint64) (c *Call, several bool) {
	id := m.Text(a.text, pattern.ID)
	method := strings.ToUpper(m.Text(a.text, pattern.Method) + m.Text(a.text, pattern.Verb))
	target := m.Text(a.text, pattern.URL) + m.Text(a.text, pattern.Target) + m.Text(a.text, pattern.Path)
	var mine, others []*Call
	for _, w := range a.waiting {
		switch {
		case w.Tool != l.Tool, id != "" && w.id != "" && id != w.id, method != "" && w.Method != "" && method != w.Method, !sameWhere(target, w.Target):
		case id != "" && w.id == id:
			return a.takeWaiting(w), false
		case w.thread == thread:
			mine = append(mine, w)
		default:
			others = append(others, w)
		}
	}
	if len(mine) == 0 && l.Tool.HasContent() && thread != 0 {
		others = nil // a thread of its own
	}
	for _, list := range [...][]*Call{mine, others} {
		if len(list) > 0 && !slices.ContainsFunc(list, func(o *Call) bool { return o.Method != list[0].Method || o.Target != list[0].Target }) {
			return a.takeWaiting(list[0]), false
		}
		if len(list) > 1 {
			return nil, true
		}
	}
	return nil, false
}

// sameWhere reports whether two targets don't contradict each other.
func sameWhere(a, b string) bool {
	if a == "" || b == "" || a == b {
		return true
	}
	if strings.HasPrefix(a, "/") != strings.HasPrefix(b, "/") {
		return strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
	}
	return strings.Contains(a, "/...") && strings.HasPrefix(b, a[:strings.Index(a, "/...")]) || exchange.ParseURL(a).Reveal() == exchange.ParseURL(b).Reveal()
}

func (a *Assembler) takeWaiting(c *Call) *Call {
	a.waiting = slices.DeleteFunc(a.waiting, func(w *Call) bool { return w == c })
	return c
}

// expire hands over a request that got no response for long.
func (a *Assembler) expire(c *Call) {
	for _, o := range slices.Clone(a.open) {
		if o.c == c {
			a.close(o)
		}
	}
	a.unanswered(a.takeWaiting(c))
}

// unanswered ends a request that has no response. A method and a path alone, without any
// words of a tool, are a request only together with a response.
func (a *Assembler) unanswered(c *Call) {
	if !c.lines[0].Pattern.HasWords() {
		a.leave(c.Line, 1, c.Method+" "+c.Target)
		return
	}
	a.finish(c)
}

// again returns the call that an error says more about: the one before it, if it has
// the same status or kind of failure and nothing contradicts; nil otherwise.
func (a *Assembler) again(l *tools.Line, m *pattern.Match, failure *exchange.Failure, begin int) *Call {
	c := a.latest()
	if c == nil || !l.Tool.Anywhere() || a.line-c.last > maxAbout {
		return nil
	}
	method := strings.ToUpper(m.Text(a.text, pattern.Method) + m.Text(a.text, pattern.Verb))
	target := m.Text(a.text, pattern.URL) + m.Text(a.text, pattern.Target) + m.Text(a.text, pattern.Path)
	if method != "" && c.Method != "" && method != c.Method || !sameWhere(target, c.Target) {
		return nil
	}
	line := a.text[begin:m.Start]
	nested := a.line == c.last || strings.TrimLeft(line, " \t") != line || strings.HasPrefix(line, "Caused by") || strings.HasPrefix(line, "... ") || !slices.Contains(c.lines, l)
	status, _ := strconv.Atoi(m.Text(a.text, pattern.Status))
	switch {
	case status != 0 && c.Status == status && nested, status == 0 && failure == nil && nested:
		return c
	case failure != nil && c.Failure != nil && (c.Failure.Kind == failure.Kind || c.Failure.Kind == "" || a.line == c.last):
		if c.Failure.Kind == "" {
			c.Failure.Kind, c.Failure.Phase = failure.Kind, failure.Phase
		}
		return c
	case failure != nil && c.Status != 0:
		return c // the status is what counts
	case status != 0 && c.Failure != nil && a.line == c.last:
		c.Failure = nil
		return c
	}
	return nil
}

func (a *Assembler) newCall(l *tools.Line, m *pattern.Match) *Call {
	c := &Call{Tool: l.Tool, Line: a.line, last: a.line, offset: m.Start}
	c.request.size, c.response.size = -1, -1
	return c
}

// release hands over the call that was held, but for one.
func (a *Assembler) release(but *Call) {
	if c := a.held; c != nil && c != but {
		a.done = append(a.done, c)
		a.held = nil
	}
}

// finish ends a call. It is held, since an error may say more about it.
func (a *Assembler) finish(c *Call) {
	if c.done {
		return
	}
	c.done = true
	a.release(c)
	a.held = c
}

func (a *Assembler) openMessage(c *Call, l *tools.Line, thread uint64, response bool) {
	side := &c.request
	if response {
		side = &c.response
	}
	side.began = true
	a.open = slices.DeleteFunc(a.open, func(o *open) bool { return o.c == c && o.tool == l.Tool && o.response == response })
	if len(a.open) == maxOpen {
		a.close(a.open[0])
	}
	a.open = append(a.open, &open{c, side, l.Tool, thread, response, a.line})
}

func (a *Assembler) closeThread(t *tools.Tool, thread uint64) {
	for _, o := range slices.Clone(a.open) {
		if o.tool == t && o.thread == thread || o.tool.Anywhere() {
			a.close(o)
		}
	}
}

func (a *Assembler) closeErrors() {
	for _, o := range slices.Clone(a.open) {
		if o.response && !o.tool.Pairs() {
			a.close(o)
		}
	}
}

// close ends a message. Where a response ends, its call does.
func (a *Assembler) close(o *open) {
	a.open = slices.DeleteFunc(a.open, func(p *open) bool { return p == o })
	if o.response {
		a.finish(o.c)
	}
}

// end takes a line that ends a message.
func (a *Assembler) end(l *tools.Line, m *pattern.Match, thread uint64) {
	for _, o := range a.open {
		if o.tool == l.Tool && o.thread == thread && (l.Arg == "" || !strings.Contains(l.Arg, "request") || !o.response) && (!strings.Contains(l.Arg, "response") || o.response) {
			o.side.ended = true
			o.side.omitted = strings.Contains(l.Arg, "omitted")
			if n, err := strconv.Atoi(m.Text(a.text, pattern.Size)); err == nil {
				o.side.size = n
			}
			o.c.last = a.line
			a.close(o)
			return
		}
	}
}

// more reads what follows on the line of a part: a dump, a body.
func (a *Assembler) more(m *pattern.Match, end int, l *tools.Line) int {
	if len(l.Tool.Members) == 0 || len(a.open) == 0 {
		return end
	}
	o := a.open[len(a.open)-1]
	at := dumpStart(a.text, m.Start, end)
	if at < 0 || o.tool != l.Tool {
		return end
	}
	stop := walkDump(a.text, at, func(path []string, value string, quoted bool) { o.c.member(a, l.Tool, path, value, quoted) })
	o.c.last = a.line + strings.Count(a.text[m.Start:max(stop, m.Start)], "\n")
	return max(end, stop)
}

// rest reads a body that follows on the line of an error.
func (a *Assembler) rest(at, end int) int {
	o := a.openError()
	if o == nil {
		return at
	}
	var m pattern.Match
	for _, l := range o.tool.Inner {
		if l.Role == tools.More && at < end && a.innerAt(l, at, end, &m) {
			o.c.fill(a, l, &m, "")
		}
	}
	return a.errorBody(o.c, min(at, end), end)
}

// errorBody takes the error body that begins in a part of a line, and returns where it
// ends; at if there is none.
func (a *Assembler) errorBody(c *Call, at, end int) int {
	i := strings.IndexByte(a.text[at:end], '{')
	if i < 0 || c.Status < 400 || c.response.body != "" || c.response.inBody {
		return at
	}
	rest := a.text[at+i:]
	if !looksLikeError(rest[:min(len(rest), 4<<10)]) {
		return at
	}
	size := objectEnd(rest[:min(len(rest), headSize)])
	object := rest[:size]
	switch {
	case looksLikeError(object) && exchange.ValidJSON([]byte(object)):
	case looksLikeError(rest[:end-at-i]) && size == min(len(rest), headSize):
		size = end - at - i // cut: what a logger shows of it
		object = rest[:size]
	default:
		return at
	}
	if status := statusOf(object); status != 0 && status != c.Status {
		return at // another response's
	}
	c.response.body = object
	c.last = a.line
	return at + i + size
}

// content takes a line that neither begins nor ends a message, and returns where what
// it holds ends; at if nothing is known of it.
func (a *Assembler) content(at, end int) int {
	for _, o := range slices.Clone(a.open) {
		if a.line-o.line > maxContent || o.tool.Anywhere() && a.line-o.line > maxAbout {
			a.close(o)
		}
	}
	if len(a.open) == 0 {
		return at
	}
	o, skip := a.owner(at, end)
	if o == nil {
		return at
	}
	if reached := a.contentOf(o, at+skip, end); reached >= 0 {
		a.thread = o.thread
		o.line = a.line + strings.Count(a.text[at:min(reached, len(a.text))], "\n")
		o.c.last = o.line
		o.side.shown = true
		return max(reached, end)
	}
	return at
}

// contentOf takes a line of a message; -1 if it is none.
func (a *Assembler) contentOf(o *open, at, end int) int {
	var m pattern.Match
	blank := strings.TrimSpace(a.text[at:end]) == ""
	if o.side.inBody && !a.beginsSection(o, at, end, &m) {
		o.side.lines = append(o.side.lines, a.text[at:end])
		return end
	}
	for _, l := range o.tool.Inner {
		if blank && l.Role != tools.Body {
			continue
		}
		if !a.innerAt(l, at, end, &m) {
			continue
		}
		side := o.side
		switch {
		case strings.HasPrefix(l.Arg, "request"):
			side = &o.c.request
		case strings.HasPrefix(l.Arg, "response"):
			side = &o.c.response
		}
		if strings.HasSuffix(l.Arg, "section") {
			o.side = side
		}
		switch l.Role {
		case tools.Field:
			name := m.Text(a.text, pattern.Name)
			if !isFieldName(name) || len(side.fields) >= maxFields {
				continue
			}
			side.fields.Add(name, strings.Trim(m.Text(a.text, pattern.Value), " \t\r'\""))
			side.began = true
		case tools.Body:
			side.began = true
			if m.Has(pattern.Body) {
				side.body = m.Text(a.text, pattern.Body)
				break
			}
			if m.Has(pattern.Value) || m.Has(pattern.Rest) {
				side.lines = append(side.lines, m.Text(a.text, pattern.Value)+m.Text(a.text, pattern.Rest))
			}
			side.inBody = true
		default:
			o.c.fill(a, l, &m, "")
		}
		return max(m.End, at)
	}
	if blank && !o.tool.Anywhere() {
		return end
	}
	return -1
}

// beginsSection reports whether a line within a body begins another part of the message.
func (a *Assembler) beginsSection(o *open, at, end int, m *pattern.Match) bool {
	for _, l := range o.tool.Inner {
		if strings.HasSuffix(l.Arg, "section") && a.innerAt(l, at, end, m) {
			o.side.ended, o.side.inBody = true, false
			o.side.body = strings.TrimSpace(strings.Join(o.side.lines, "\n"))
			return true
		}
	}
	return false
}

// innerAt matches an inner line at the beginning of content, after its indentation, or
// for an error wherever its text occurs.
func (a *Assembler) innerAt(l *tools.Line, at, end int, m *pattern.Match) bool {
	if l.Pattern.MatchAt(a.text, at, m) {
		return true
	}
	start := at
	for start < end && (a.text[start] == ' ' || a.text[start] == '\t') {
		start++
	}
	if start > at && l.Pattern.MatchAt(a.text, start, m) {
		return true
	}
	if literal := l.Pattern.Begins(); l.Tool.Anywhere() && len(literal) >= 3 {
		if i := strings.Index(a.text[at:end], literal); i >= 0 {
			return l.Pattern.MatchAt(a.text, at+i, m)
		}
	}
	return false
}

// owner returns the message that a line belongs to, and how much of the line stands
// before its content; nil if it belongs to none.
func (a *Assembler) owner(at, end int) (*open, int) {
	line := a.text[at:end]
	for _, s := range a.shapes {
		if n := s.behind(line); n > 0 {
			thread := threadHash(line[:n])
			for i := len(a.open) - 1; i >= 0; i-- {
				if a.open[i].thread == thread && a.open[i].tool.Pairs() {
					return a.open[i], n
				}
			}
			return nil, 0
		}
	}
	if a.foreign(line) {
		return nil, 0
	}
	for i := len(a.open) - 1; i >= 0; i-- {
		if o := a.open[i]; o.thread == a.thread || !o.tool.Pairs() {
			return o, 0
		}
	}
	return nil, 0
}

// threadOf learns the shape of what stands before a line, and returns a hash of what in
// it tells threads apart: all but times and levels.
func (a *Assembler) threadOf(prefix string) uint64 {
	if prefix == "" {
		a.thread = 0
		return 0
	}
	if len(a.shapes) < maxShapes && !slices.ContainsFunc(a.shapes, func(s shape) bool { return s.behind(prefix) == len(prefix) }) {
		if s := (shape{shapeOf(prefix), len(prefix) - len(strings.TrimRight(prefix, " "))}); s.shape != "" {
			a.shapes = append(a.shapes, s)
		}
	}
	a.thread = threadHash(prefix)
	return a.thread
}

// threadHash is a hash of the words of a prefix that are neither times nor levels.
func threadHash(prefix string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for i := 0; i < len(prefix); {
		if prefix[i] == ' ' || prefix[i] == '\t' {
			i++
			continue
		}
		end := i
		for end < len(prefix) && prefix[end] != ' ' && prefix[end] != '\t' {
			end++
		}
		if word := prefix[i:end]; !isTimeWord(word) && !isLevel(word) {
			for j := range len(word) {
				h = (h ^ uint64(word[j])) * prime
			}
		}
		i = end
	}
	return h
}

// isTimeWord reports whether a word is a date or a time.
func isTimeWord(word string) bool {
	word = strings.Trim(word, "[]()|,")
	if word == "" || word[0] < '0' || word[0] > '9' {
		return word == "" || word == "AM" || word == "PM"
	}
	marks, digits := 0, 0
	for i := range len(word) {
		switch c := word[i]; {
		case isDigitByte(c):
			digits++
		case strings.IndexByte("-:.,/+TZ", c) >= 0:
			marks++
		default:
			return false
		}
	}
	return marks > 0 && digits > 1 && (strings.ContainsAny(word, ":./") || len(word) == len("11-28") || len(word) == len("2026-11-28"))
}

func isLevel(word string) bool {
	switch strings.ToUpper(strings.Trim(word, "[]():|,")) {
	case "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "ERR", "FATAL", "CRITICAL", "DBG", "INF", "WRN", "NOTICE", "FINE", "D", "I", "W", "E":
		return true
	}
	return false
}

// behind returns how much of a line stands before what was logged, 0 for nothing. Of
// the blanks that end it, an empty message may have lost some.
func (s shape) behind(line string) int {
	n := shapeLength(line, s.shape)
	for i := 1; n > 0 && i < s.blanks && n < len(line) && line[n] == ' '; i++ {
		n++
	}
	return n
}

// foreign reports whether another part of a program logged a line: it begins as the
// others do and goes on differently.
func (a *Assembler) foreign(line string) bool {
	if len(a.shapes) == 0 {
		return false
	}
	begin := shapeOf(line[:min(len(line), 40)])
	return slices.ContainsFunc(a.shapes, func(s shape) bool {
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
