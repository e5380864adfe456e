package capture

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// har reads HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): the whole
// document, its log alone, its entries alone, or one entry after another, as
// "Copy as HAR entry" gives them. It is read entry by entry, whatever its size.
func har() format {
	return format{
		kind: exchange.KindHAR,
		sure: func(head string) int {
			if IsHAR([]byte(head)) {
				return 97
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			_ = readHAR(strings.NewReader(in.text), in, yield) // a text in memory does not fail
		},
		stream: readHAR,
	}
}

// IsHAR reports whether an input with this beginning, decompressed, is a HAR. It
// wants members that HAR alone has: log lines and collections speak of requests
// too.
func IsHAR(head []byte) bool {
	s := newJSONStream(strings.NewReader(strings.TrimPrefix(unfence(string(head[:min(len(head), headSize)])), "\ufeff")))
	switch s.peek() {
	case '{':
		return isHARObject(s)
	case '[':
		s.take('[')
		return s.peek() == '{' && isHAREntry(s)
	}
	return false
}

// unfence takes the Markdown fence before a document away.
func unfence(text string) string {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "```") {
		return text
	}
	_, rest, _ := strings.Cut(trimmed, "\n")
	return rest
}

// errSeen ends a walk that has seen enough.
var errSeen = errors.New("seen")

// isHARObject judges the first members of an object: of a document, of a log, or
// of an entry.
func isHARObject(s *jsonStream) bool {
	yes := false
	entry := newEntryMarks()
	_ = s.eachMember(func(name string) error { // a head is cut: that it ends is no matter
		switch {
		case name == "log" && s.peek() == '{':
			yes = isHARLog(s)
			return errSeen
		case name == "entries" && s.peek() == '[':
			s.take('[')
			yes = s.peek() == '{' && isHAREntry(s)
			return errSeen
		}
		entry.member(s, name)
		return nil
	})
	return yes || entry.sure()
}

func isHARLog(s *jsonStream) bool {
	yes, marks := false, 0
	_ = s.eachMember(func(name string) error {
		switch name {
		case "version", "creator", "browser", "pages":
			marks++
		case "entries":
			yes = true
			return errSeen
		}
		s.value(nil)
		return nil
	})
	return yes || marks > 1
}

func isHAREntry(s *jsonStream) bool {
	entry := newEntryMarks()
	_ = s.eachMember(func(name string) error { entry.member(s, name); return nil })
	return entry.sure()
}

// entryMarks are the members by which a HAR entry is known.
type entryMarks struct {
	own  int  // members that HAR alone has
	asks bool // it has a request
	text kept
}

func newEntryMarks() *entryMarks { return &entryMarks{text: kept{limit: headSize}} }

func (m *entryMarks) member(s *jsonStream, name string) {
	switch name {
	case "startedDateTime", "timings", "cache", "serverIPAddress", "pageref", "_initiator", "_resourceType", "_priority":
		m.own++
	case "request":
		if s.peek() == '{' {
			m.asks = true
			m.text.reset()
			s.value(&m.text)
			for _, name := range []string{`"httpVersion"`, `"headersSize"`, `"queryString"`, `"bodySize"`} {
				if strings.Contains(string(m.text.text), name) {
					m.own++
				}
			}
			return
		}
	}
	s.value(nil)
}

func (m *entryMarks) sure() bool { return m.asks && m.own > 0 || m.own > 2 }

// HAREntries reads a HAR of any size in constant memory and hands its exchanges
// to yield until it returns false. Each already does so for inputs that it
// recognises as HAR; this is for callers that know. r may be compressed.
// o.MaxBytes bounds each entry, not the input: longer bodies are cut and marked
// so, and entries that are too long for that too are left over.
func HAREntries(r io.Reader, name string, o Options, yield func(*exchange.Exchange) bool) (Summary, error) {
	o.Kind = exchange.KindHAR
	return Each(r, name, o, yield)
}

// harReader is the state of reading a HAR.
type harReader struct {
	s       *jsonStream
	in      *input
	yield   func(*exchange.Exchange) bool
	entry   kept
	decoder *harDecoder
	creator string // the program that wrote the HAR, "" when not known
	number  int    // entries seen
	found   bool   // a place where entries belong was seen
	wrong   string // what stands in place of the array of entries
	handed  bool   // an exchange was handed over
	held    []heldRedirect
}

// errStopped says that the receiver wants no more.
var errStopped = errors.New("stopped")

func readHAR(r io.Reader, in *input, yield func(*exchange.Exchange) bool) error {
	h := &harReader{s: newJSONStream(r), in: in, yield: yield, decoder: newHARDecoder()}
	h.entry.limit = int(in.entryLimit())
	err := h.documents()
	if err == nil || !errors.Is(err, errStopped) {
		h.releaseAll()
	}
	var broken *syntaxError
	if errors.As(err, &broken) {
		h.broken(broken)
	}
	if !h.handed {
		in.saw = h.emptiness()
	}
	return h.s.failure()
}

// broken notes where the HAR stops to be read.
func (h *harReader) broken(e *syntaxError) {
	h.in.broken = fmt.Sprintf("the HAR can't be read after entry %d: %s", h.number, e)
	if e.ended {
		h.in.broken = fmt.Sprintf("the HAR ends at byte %d, after entry %d", e.offset, h.number)
		if h.entry.open {
			h.in.broken = fmt.Sprintf("the HAR ends at byte %d, within entry %d", e.offset, h.number)
		}
	}
}

// emptiness says why a HAR gave no exchange.
func (h *harReader) emptiness() string {
	switch left := h.in.left; {
	case len(left) > 0:
		return fmt.Sprintf("none of the HAR's %d entries can be read (entry %d at byte %d: %s)", h.number, left[0].Entry, left[0].Offset, left[0].Why)
	case h.in.broken != "":
		return h.in.broken
	case h.wrong != "":
		return fmt.Sprintf("the HAR's entries are %s, not an array", h.wrong)
	case h.found:
		return "the HAR has no entries"
	}
	return "the input isn't a HAR, because it has no log with entries"
}

// documents reads one JSON value after another: a HAR, and what people paste.
func (h *harReader) documents() error {
	h.skipFence()
	for {
		switch c := h.s.peek(); c {
		case '{':
			if err := h.root(); err != nil {
				return err
			}
		case '[':
			h.found = true
			if err := h.s.eachElement(h.element); err != nil {
				return err
			}
		case 0:
			if !h.s.fill() {
				return nil
			}
			h.s.pos++
		default:
			h.skip()
		}
	}
}

// skipFence goes behind a Markdown fence and the byte-order mark, which prepare
// takes away from other inputs.
func (h *harReader) skipFence() {
	for _, c := range []byte("\xef\xbb\xbf") {
		h.s.take(c)
	}
	if h.s.peek() != '`' {
		return
	}
	for h.s.fill() && h.s.buf[h.s.pos] != '\n' {
		h.s.pos++
	}
}

// skip leaves what is no JSON of a HAR: commas, fences, words.
func (h *harReader) skip() {
	start := h.s.offset()
	h.s.value(nil)
	if h.s.offset() == start {
		h.s.pos++
	}
}

// entryMembers are the members of an entry that are read.
func isEntryMember(name string) bool {
	switch name {
	case "startedDateTime", "time", "request", "response", "comment", "_error", "_capture":
		return true
	}
	return false
}

// root reads an object: a document, a log, or an entry on its own, which shows
// only when its members come.
func (h *harReader) root() error {
	line, offset, request := h.s.line, h.s.offset(), false
	h.entry.reset()
	h.entry.add([]byte("{"))
	err := h.s.eachMember(func(name string) error {
		switch {
		case name == "log" && h.s.peek() == '{':
			return h.log()
		case name == "entries" && h.s.peek() == '[':
			h.found = true
			return h.s.eachElement(h.element)
		case isEntryMember(name):
			request = request || name == "request"
			h.keepMember(name)
		default:
			h.s.value(nil)
		}
		return nil
	})
	if !request || errors.Is(err, errStopped) {
		return err
	}
	if err == nil {
		h.entry.add([]byte("}"))
	} else {
		h.entry.open = true
	}
	h.number++
	if stop := h.decode(line, offset); stop != nil {
		return stop
	}
	return err
}

// keepMember adds a member of an entry on its own to what is kept of it.
func (h *harReader) keepMember(name string) {
	if len(h.entry.text) > 1 {
		h.entry.add([]byte(","))
	}
	h.entry.add([]byte(`"` + name + `":`))
	h.s.value(&h.entry)
}

func (h *harReader) log() error {
	h.found = true
	return h.s.eachMember(func(name string) error {
		switch {
		case name == "creator":
			h.readCreator()
		case name == "entries" && h.s.peek() == '[':
			return h.s.eachElement(h.element)
		case name == "entries":
			h.wrong = kindName(kindAt(h.s.peek()))
			h.s.value(nil)
		default:
			h.s.value(nil)
		}
		return nil
	})
}

func (h *harReader) readCreator() {
	creator := &kept{limit: 4 << 10}
	h.s.value(creator)
	if !creator.over {
		h.creator = gjson.GetBytes(creator.text, "name").String()
	}
}

// element reads one entry.
func (h *harReader) element() error {
	h.s.peek()
	line, offset := h.s.line, h.s.offset()
	h.entry.reset()
	h.s.value(&h.entry)
	h.number++
	if err := h.decode(line, offset); err != nil {
		return err
	}
	if h.entry.open {
		return h.s.unexpected("the end of an entry")
	}
	return nil
}

// decode makes an exchange of the entry that was kept, or leaves it.
func (h *harReader) decode(line int, offset int64) error {
	if h.entry.over {
		h.leave(line, offset, fmt.Sprintf("it's longer than %d bytes", h.entry.limit))
		return nil
	}
	e, err := h.decoder.entry(&h.entry)
	if err != nil && (!h.entry.open || !e.usable()) {
		if !h.entry.open { // that it breaks off is said once, of the whole
			h.leave(line, offset, err.Error())
		}
		return nil
	}
	ex := e.exchange(h.creator)
	if ex.Request == nil && ex.Response == nil && ex.Failure == nil {
		h.leave(line, offset, "its request and its response are empty")
		return nil
	}
	ex.Source.Line = line
	if h.entry.open {
		ex.Notes = append(ex.Notes, fmt.Sprintf("the HAR ends within this entry, at byte %d", h.s.offset()))
	}
	return h.emit(ex)
}

func (h *harReader) leave(line int, offset int64, why string) {
	h.in.leaveEntry(Leftover{Line: line, Entry: h.number, Offset: offset, Why: why})
}

// heldRedirect is a redirect that waits for the entry which followed it: a HAR
// has an entry for each step, and others may lie between.
type heldRedirect struct {
	ex     *exchange.Exchange
	target string
	age    int // entries that came since
}

// Bounds of what is held.
const (
	maxHeld    = 4
	maxHeldAge = 32
)

// emit hands an exchange over. One that followed a redirect takes it in as a step.
func (h *harReader) emit(ex *exchange.Exchange) error {
	kept := h.held[:0]
	for _, r := range h.held {
		if r.age++; len(ex.Earlier) == 0 && ex.Request != nil && sameTarget(ex.Request.URL, r.target) {
			ex.Earlier = r.ex.Earlier
			addStep(ex, "redirect", *r.ex.Response)
			ex.Source.Line = r.ex.Source.Line
			continue
		}
		kept = append(kept, r)
	}
	h.held = kept
	for len(h.held) > 0 && (len(h.held) == maxHeld || h.held[0].age > maxHeldAge) {
		if err := h.release(); err != nil {
			return err
		}
	}
	if target := redirectTarget(ex); target != "" {
		h.held = append(h.held, heldRedirect{ex: ex, target: target})
		return nil
	}
	return h.hand(ex)
}

func (h *harReader) release() error {
	ex := h.held[0].ex
	h.held = h.held[1:]
	return h.hand(ex)
}

func (h *harReader) releaseAll() {
	for len(h.held) > 0 && h.release() == nil {
	}
}

func (h *harReader) hand(ex *exchange.Exchange) error {
	h.handed = true
	if !h.yield(ex) {
		return errStopped
	}
	return nil
}

// redirectTarget is where a redirect leads (RFC 9110 section 15.4), "" for none.
func redirectTarget(ex *exchange.Exchange) string {
	if ex.Request == nil || ex.Response == nil {
		return ""
	}
	switch ex.Response.Status {
	case 301, 302, 303, 307, 308:
	default:
		return ""
	}
	from, err := url.Parse(ex.Request.URL.Reveal())
	if err != nil {
		return ""
	}
	to, err := from.Parse(ex.Response.Header.Text("location"))
	if err != nil || ex.Response.Header.Text("location") == "" {
		return ""
	}
	to.Fragment = ""
	return to.String()
}

func sameTarget(u exchange.URL, target string) bool {
	u.Fragment = ""
	return u.Reveal() == target
}
