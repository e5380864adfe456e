package scan

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// lane counts blocks on its own. What it counts for every exchange lies in
// arrays; settle moves it into the totals.
type lane struct {
	mu      sync.Mutex // held while a block is counted and while totals are taken
	scanner *Scanner
	scratch []byte // a line of logfmt as JSON
	row     []byte // a row of a table as JSON
	before  []byte // what stands in front of the line at hand
	buffer  []byte // what blocks are read into
	totals  *Totals
	input   Input
	inLines bool                                            // the input's places are lines, not elements
	inHAR   bool                                            // its elements are the entries of a HAR
	visit   func(number int64, text []byte)                 // takes each line instead of counting it
	visitEx func(number, line int64, ex *exchange.Exchange) // the same for exchanges of captures

	record       record
	scratchTools *capture.Assembler // for lines by themselves
	nested       *record            // for a record in a string of a record
	entry        entry

	byStatus   [600]int64
	byClass    ClassCount
	operations []Count // by number of the route
	bucket     int64   // beginning of the timeline's bucket that classes belongs to
	classes    ClassCount
	counted    int64 // exchanges and failures that Seen does not know of yet
	failures   int64

	leads     map[string]diagnose.Lead // of failed exchanges that show no headers and no bodies
	key       []byte                   // scratch for their keys
	codes     map[string]string        // errorCodes as they are kept
	hosts     map[string]bool          // whether they are the API's
	consumers [3]map[string]string     // names by API key, credentials and address
}

// maxCached bounds what a lane remembers to save work.
const maxCached = 8192

func newLane(s *Scanner) *lane {
	l := &lane{scanner: s, record: record{pairs: s.pairs}, totals: NewTotals(s.options.Samples), operations: make([]Count, len(s.routes.names)), leads: map[string]diagnose.Lead{}, hosts: map[string]bool{}, codes: map[string]string{}}
	for i := range l.consumers {
		l.consumers[i] = map[string]string{}
	}
	return l
}

// classNumber is a class's place in check.Classes.
func classNumber(class check.Class) int {
	for i, c := range check.Classes() {
		if c == class {
			return i
		}
	}
	return 0
}

func (l *lane) begin(name string) { l.input = Input{Name: name} }

func (l *lane) end() {
	l.settleInput()
	l.report()
}

// report tells Seen what has been counted.
func (l *lane) report() {
	l.scanner.seen.Add(l.counted)
	l.scanner.failed.Add(l.failures)
	l.counted, l.failures = 0, 0
}

// settleInput moves what the input at hand has given so far into the totals.
func (l *lane) settleInput() {
	if l.input.Name != "" {
		l.totals.mergeInputs([]Input{l.input})
		l.input = Input{Name: l.input.Name}
	}
}

// settle moves the arrays into the totals.
func (l *lane) settle() {
	l.settleInput()
	for status, n := range l.byStatus {
		if n > 0 && status > 0 {
			l.totals.ByStatus[status] += n
		}
	}
	for i, class := range check.Classes() {
		if n := l.byClass[i]; n > 0 {
			l.totals.ByClass[class] += n
		}
	}
	for i, n := range l.operations {
		if n.Exchanges > 0 {
			id := l.scanner.routes.names[i]
			mine := l.totals.ByEndpoint[id]
			l.totals.ByEndpoint[id] = Count{mine.Exchanges + n.Exchanges, mine.Failed + n.Failed}
		}
	}
	l.settleBucket()
	l.totals.Rate.flush()
	l.byStatus, l.byClass = [600]int64{}, ClassCount{}
	clear(l.operations)
}

func (l *lane) settleBucket() {
	if l.classes != (ClassCount{}) {
		l.totals.Timeline.count(l.bucket, l.classes)
		l.classes = ClassCount{}
	}
}

// one counts a line or an element.
func (l *lane) one(number int64, text []byte) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || text[0] == '#' {
		return // empty, or a comment of the W3C's extended log format
	}
	if t := l.scanner.table; t != nil && bytes.Equal(text, t.header) {
		return
	}
	if isPreview(text) {
		return
	}
	if text[0] == '{' { // objects one after the other on a line
		if end := bracketsEnd(text, 0); end > 0 && end < len(text) && text[end] == '{' {
			l.one(number, text[:end])
			l.one(number, text[end:])
			return
		}
	}
	if l.visit != nil {
		l.visit(number, text)
		return
	}
	if !l.parse(text) {
		if ex := l.unanswered(text); ex != nil {
			l.captured(ex, number)
			return
		}
		if l.inLines && text[0] != '{' && l.single(number, text) {
			return
		}
		l.leave(number, text)
		return
	}
	if r := l.entry.record; r != nil && r.isDiagnosis() {
		l.diagnosed(number, r.line)
		return
	}
	l.count(number)
}

// isPreview reports whether a line is a result that Splunk exported before it was
// final: it's exported again.
func isPreview(text []byte) bool {
	return hasPrefix(text, `{"preview":true,`) || hasPrefix(text, `{"preview": true,`)
}

// leave counts what was not recognised.
func (l *lane) leave(number int64, text []byte) {
	l.input.leave(number, func() string { return l.placeSample(text) })
	l.totals.Unrecognised++
}

// placeSample is the beginning of a line that was not recognised, fit for sharing.
func (l *lane) placeSample(text []byte) string {
	if isKeyLine(text) {
		return "…"
	}
	if t := l.scanner.columns; t != nil && t.isRow(text) {
		return limited(t.masked(text), 80)
	}
	text = text[:min(len(text), 1024)]
	for len(text) > 0 && !utf8.Valid(text[max(0, len(text)-4):]) && text[len(text)-1] >= utf8.RuneSelf {
		text = text[:len(text)-1]
	}
	around := string(l.before) + string(text)
	return limited(exchange.MaskSharedPart(around, len(l.before), len(around)), 80)
}

// isKeyLine reports whether a line may be one of a key that spreads over several
// (RFC 7468): base64 in one word, which no line before it is at hand to tell.
func isKeyLine(line []byte) bool {
	line = bytes.TrimSpace(line)
	if i := bytes.IndexByte(line, '<'); i > 0 {
		line = line[:i] // the element that holds the key ends here
	}
	small, large := false, false
	for _, c := range line {
		switch {
		case 'a' <= c && c <= 'z':
			small = true
		case 'A' <= c && c <= 'Z':
			large = true
		case '0' <= c && c <= '9', c == '+', c == '/', c == '=', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return len(line) >= 16 && small && large
}

// parse reads a line into the lane's entry and reports whether it is a record of
// an exchange.
func (l *lane) parse(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	if l.scanner.table != nil {
		return l.parseRow(text)
	}
	if text[0] == '{' {
		return l.parseRecord(text, &l.record)
	}
	return l.parseText(text, &l.record)
}

// parseText reads a line that is no JSON object: one of an access log, one with
// words before the record, or logfmt.
func (l *lane) parseText(text []byte, r *record) bool {
	if access(text, &l.entry) {
		return true
	}
	if i := bytes.IndexByte(text, '{'); i > 0 && i < maxPrefix && isPrintable(text[:i]) && l.parseRecord(text[i:], r) {
		l.entry.before(text[:i])
		return true
	}
	if prefix, rest := unprefixed(text); len(rest) > 0 && access(rest, &l.entry) {
		l.entry.before(prefix)
		return true
	}
	return l.parseLogfmt(text, r)
}

// isPrintable reports whether a text holds no control characters but tabs and
// what colours it.
func isPrintable(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' && c != 0x1b || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(text)
}

// maxPrefix bounds what may stand before a JSON record on its line.
const maxPrefix = 256

func (l *lane) parseRecord(text []byte, r *record) bool {
	if !r.read(text, l.scanner.shapes) {
		return false
	}
	if r.entry(&l.entry) {
		return true
	}
	return r == &l.record && r.at[fieldNested].ok() && l.parseNested()
}

// parseNested reads the record that stands as a string in a record, as Docker
// and many loggers write it. Its own time goes before that of the envelope.
func (l *lane) parseNested() bool {
	inner := bytes.TrimSpace(l.record.text(fieldNested))
	when := l.record.time()
	if len(inner) == 0 {
		return false
	}
	if l.nested == nil {
		l.nested = &record{pairs: l.scanner.pairs}
	}
	ok := false
	if inner[0] == '{' {
		ok = l.parseRecord(inner, l.nested)
	} else {
		ok = l.parseText(inner, l.nested)
	}
	if ok && l.entry.when == 0 {
		l.entry.when = when
	}
	return ok
}

// count counts the lane's entry.
func (l *lane) count(number int64) {
	e := &l.entry
	if l.inHAR && l.isStranger(e) {
		l.totals.Strangers++
		return
	}
	if e.status >= 200 && e.status < 300 {
		operation := l.scanner.routes.find(e.method, e.path())
		lead := diagnose.Lead{Class: check.Success, Operation: l.scanner.routes.names[operation]}
		if l.scanner.options.Filter.admits(e.when, e.status, &lead) {
			l.add(operation, &lead)
		} else {
			l.totals.Filtered++
		}
		return
	}
	lead := l.leadOf(e)
	if !l.scanner.options.Filter.admits(e.when, e.status, &lead) {
		l.totals.Filtered++
		return
	}
	l.add(l.operationNumber(e, &lead), &lead)
	if lead.Failed {
		l.group(&lead, e.status, e.when, number, func() (string, string) {
			r := e.request()
			return string(r.Method), r.URL.String()
		})
	}
}

// operationNumber is the number of a failed exchange's operation.
func (l *lane) operationNumber(e *entry, lead *diagnose.Lead) int {
	if lead.Operation == "" {
		return 0
	}
	if n := l.scanner.routes.find(e.method, e.path()); l.scanner.routes.names[n] == lead.Operation {
		return n
	}
	return l.scanner.routes.number(lead.Operation)
}

// add counts an exchange that passed the filter.
func (l *lane) add(operation int, lead *diagnose.Lead) {
	e := &l.entry
	l.counted++
	l.totals.Exchanges++
	l.input.Exchanges++
	l.byStatus[e.status]++
	class := 0
	if lead.Class != check.Success {
		class = classNumber(lead.Class)
	}
	l.byClass[class]++
	l.operations[operation].Exchanges++
	if lead.Failed {
		l.operations[operation].Failed++
	}
	if e.when == 0 {
		l.totals.Untimed++
		return
	}
	l.totals.First, l.totals.Last = earlier(l.totals.First, e.when), max(l.totals.Last, e.when)
	second := e.when / 1e9
	if start := second - second%60; start != l.bucket {
		l.settleBucket()
		l.bucket = start
	}
	l.classes[class]++
	l.totals.Rate.count(l.consumer(e), second, l.scanner.routes.names[operation], e.status == 429)
}

// group counts a failed exchange in its group.
func (l *lane) group(lead *diagnose.Lead, status int, when, number int64, target func() (method, url string)) {
	l.failures++
	l.totals.Failed++
	code := l.shownCode(lead.Code)
	if code != "" {
		increase(l.totals.codes, code)
	}
	if lead.Finding != "" {
		increase(l.totals.findings, lead.Finding)
	}
	key := groupKey{lead.Operation, status, lead.Class, code, lead.Finding, lead.Severity}
	g := l.totals.groups.items[key]
	if g == nil {
		if !l.totals.groups.admits(key) {
			return
		}
		g = &Group{groupKey: key, Timeline: newTimeline(maxSparks, sum)}
		l.totals.groups.items[key] = g
	}
	g.Count++
	if when != 0 {
		g.First, g.Last = earlier(g.First, when), max(g.Last, when)
		g.Timeline.count(when/1e9, 1)
	}
	s := Sample{Name: l.input.Name, Time: when}
	if l.inLines {
		s.Line = number
	} else {
		s.Entry = number
	}
	if g.wants(s, l.totals.samples) {
		s.Method, s.URL = target()
		s.Method, s.URL = limited(exchange.Method(s.Method).String(), 40), limited(s.URL, 200)
		g.sample(s, l.totals.samples)
	}
}

// shownCode is an errorCode as it is kept: no secret, and short. It is cut after
// it was masked: the half of a secret is not recognised.
func (l *lane) shownCode(code string) string {
	if code == "" {
		return ""
	}
	shown, known := l.codes[code]
	if !known {
		shown = limited(exchange.MaskText(limited(code, 4<<10)), 80)
		if len(l.codes) >= maxCached {
			clear(l.codes)
		}
		l.codes[strings.Clone(code)] = shown
	}
	return shown
}

func increase(b *bounded[string, int64], key string) {
	if _, there := b.items[key]; there || b.admits(key) {
		b.items[key]++
	}
}

// leadOf diagnoses a failed exchange. Of one that shows neither headers nor
// bodies the answer depends on few words, and is remembered.
func (l *lane) leadOf(e *entry) diagnose.Lead {
	if !e.bare() {
		return diagnose.LeadOf(e.exchange(), l.scanner.options.Now)
	}
	l.key = l.key[:0]
	for _, part := range [...][]byte{e.method, e.scheme, e.host, e.code, []byte(e.failure)} {
		l.key = append(append(l.key, part...), 0)
	}
	l.key = appendForm(l.key, e.target)
	l.key = append(l.key, byte(e.status>>8), byte(e.status))
	if lead, ok := l.leads[string(l.key)]; ok {
		return lead
	}
	lead := diagnose.LeadOf(e.exchange(), l.scanner.options.Now)
	if len(l.leads) >= maxCached {
		clear(l.leads)
	}
	if len(l.key) < 512 {
		l.leads[string(l.key)] = lead
	}
	return lead
}

// appendForm appends a target with an asterisk for each path segment that is an
// id of the documented form: no check tells one of them from another, but for
// those of the public sandbox.
func appendForm(key, target []byte) []byte {
	path, query := target, []byte(nil)
	if i := bytes.IndexByte(target, '?'); i >= 0 {
		path, query = target[:i], target[i:]
	}
	for len(path) > 0 {
		i := bytes.IndexByte(path[1:], '/') + 1
		if i == 0 {
			i = len(path)
		}
		if segment := path[:i]; segment[0] == '/' && isID(segment[1:]) {
			key = append(key, '/', '*', 0)
		} else {
			key = append(key, segment...)
		}
		path = path[i:]
	}
	return append(key, query...)
}

func isID(segment []byte) bool {
	if len(segment) != 32 || api.IsSandboxID(string(segment)) {
		return false
	}
	for _, c := range segment {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// bare reports whether an entry shows neither headers nor bodies nor credentials.
func (e *entry) bare() bool {
	if e.record == nil {
		return true
	}
	for _, f := range [...]field{fieldRequestHeaders, fieldResponseHeaders, fieldRequestBody, fieldResponseBody, fieldKey, fieldAuthorization, fieldAccount} {
		if e.record.at[f].ok() {
			return false
		}
	}
	return true
}

// consumer names the caller, and remembers names: the same few call all day.
func (l *lane) consumer(e *entry) string {
	for i, by := range [...][]byte{e.key, e.authorization, e.address} {
		if len(by) == 0 {
			continue
		}
		name, known := l.consumers[i][string(by)]
		if !known {
			alone := [...]entry{{key: by}, {authorization: by}, {address: by}}
			name = alone[i].consumer()
			if len(l.consumers[i]) >= maxCached {
				clear(l.consumers[i])
			}
			l.consumers[i][string(by)] = name
		}
		if name != "" {
			return name
		}
	}
	return ""
}

// diagnosed counts a document of our own: what it says was found stands.
func (l *lane) diagnosed(number int64, text []byte) {
	d := gjson.GetManyBytes(text, "class", "request.endpoint", "response.errorCode", "findings.0.id", "findings.0.severity", "request.method", "request.url")
	lead := diagnose.Lead{Class: check.Class(d[0].String()), Operation: d[1].String(), Code: d[2].String()}
	if check.Classes()[classNumber(lead.Class)] != lead.Class {
		l.leave(number, text)
		return
	}
	lead.Finding, lead.Severity, lead.Failed = foundLead(lead.Class, d[3].String(), d[4].String())
	if !l.scanner.options.Filter.admits(l.entry.when, l.entry.status, &lead) {
		l.totals.Filtered++
		return
	}
	l.add(l.scanner.routes.number(lead.Operation), &lead)
	if lead.Failed {
		l.group(&lead, l.entry.status, l.entry.when, number, func() (string, string) {
			return d[5].String(), exchange.MaskText(d[6].String())
		})
	}
}

// foundLead reads the first finding of a diagnosis: an error is the cause, a
// warning a suspicion.
func foundLead(class check.Class, id, severity string) (finding string, s check.Severity, failed bool) {
	switch severity {
	case "error":
		finding, s = id, check.Error
	case "warning":
		finding, s = id, check.Warning
	}
	failed = class != check.Success && (class != check.NotSent || s == check.Error)
	if class == check.Success || class == check.NotSent && s != check.Error {
		finding, s = "", check.Info
	}
	return finding, s, failed
}

// isCapture reports whether package capture finds an exchange in a beginning, and
// whether tools print it line by line. An error body alone is none in a text that has
// records: those have bodies.
func isCapture(head []byte, hasRecords bool) (found, inLines bool) {
	_, _ = capture.Each(bytes.NewReader(head), "", capture.Options{}, func(ex *exchange.Exchange) bool {
		found = !hasRecords || ex.Source.Kind != exchange.KindBody
		inLines = ex.Source.Tool != ""
		return false
	}) // an error means that there is none
	return found, inLines
}

// capture counts the exchanges of a capture that is no log.
func (l *lane) capture(r io.Reader) error {
	l.inLines = false
	summary, err := capture.Each(r, l.input.Name, capture.Options{}, func(ex *exchange.Exchange) bool {
		l.captured(ex, int64(ex.Source.Index)+1)
		return true
	})
	for _, left := range summary.Left {
		l.input.leave(int64(left.Line), func() string { return limited(left.Sample, 80) })
	}
	more := int64(summary.LeftLines - len(summary.Left))
	l.input.Unrecognised += more
	l.totals.Unrecognised += int64(summary.LeftLines)
	if summary.Truncated {
		return fmt.Errorf("only the first %d bytes of this capture were read", summary.Bytes)
	}
	return err
}

// unanswered reads an entry of a HAR that has no response, nil for anything else.
func (l *lane) unanswered(text []byte) (found *exchange.Exchange) {
	if !l.inHAR {
		return nil
	}
	_, _ = capture.HAREntries(bytes.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
		found = ex
		return false
	}) // an error means that there is none
	return found
}

// captured counts the numbered exchange of a capture.
func (l *lane) captured(ex *exchange.Exchange, number int64) {
	if l.visitEx != nil {
		l.visitEx(number, int64(ex.Source.Line), ex)
		return
	}
	lead := diagnose.LeadOf(ex, l.scanner.options.Now)
	l.entry = entryOf(ex)
	if ex.Source.Kind == exchange.KindHAR && l.isStranger(&l.entry) {
		l.totals.Strangers++
		return
	}
	if !l.scanner.options.Filter.admits(l.entry.when, l.entry.status, &lead) {
		l.totals.Filtered++
		return
	}
	l.add(l.scanner.routes.number(lead.Operation), &lead)
	if lead.Failed {
		l.group(&lead, l.entry.status, l.entry.when, number, func() (string, string) {
			if ex.Request == nil {
				return "", ""
			}
			return string(ex.Request.Method), ex.Request.URL.String()
		})
	}
}

// entryOf takes from an exchange what is counted of one.
func entryOf(ex *exchange.Exchange) entry {
	var e entry
	if !ex.Started.IsZero() {
		e.when = pattern.Believable(ex.Started.Unix(), int64(ex.Started.Nanosecond()))
	}
	if r := ex.Request; r != nil {
		e.method, e.target = []byte(r.Method), []byte(r.URL.Reveal())
		key, _ := r.Header.Get("x-api-key")
		authorization, _ := r.Header.Get("authorization")
		e.key, e.authorization = []byte(key.Reveal()), []byte(authorization.Reveal())
	}
	if r := ex.Response; r != nil && r.Status >= 0 && r.Status < 600 {
		e.status = r.Status
		if date := strings.TrimSpace(r.Header.Text("date")); e.when == 0 && date != "" {
			e.when = pattern.Moment([]byte(date))
		}
	}
	return e
}
