package scan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// Schema names the form of the JSON document.
const Schema = "immersve-doctor/scan/v1"

// Document is the totals in JSON. Two of disjoint inputs add up to that of both.
type Document struct {
	Schema       string               `json:"schema"`
	Exchanges    int64                `json:"exchanges"`
	Failed       int64                `json:"failed"`
	Unrecognised int64                `json:"unrecognised"`
	Filtered     int64                `json:"filtered"`
	Strangers    int64                `json:"otherHosts"`
	Untimed      int64                `json:"untimed"`
	ByStatus     map[string]int64     `json:"byStatus"`
	ByClass      map[string]int64     `json:"byClass"`
	ByErrorCode  map[string]int64     `json:"byErrorCode"`
	ByEndpoint   map[string]countJSON `json:"byEndpoint"`
	ByFinding    map[string]int64     `json:"byFinding"`
	First        string               `json:"first"`
	Last         string               `json:"last"`
	Inputs       []inputJSON          `json:"inputs"`
	Groups       []groupJSON          `json:"groups"`
	Others       int64                `json:"others"` // failed exchanges in no group
	Timeline     timelineJSON         `json:"timeline"`
	Rate         rateJSON             `json:"rate"`
	Bounds       boundsJSON           `json:"bounds"`
}

type countJSON struct {
	Exchanges int64 `json:"exchanges"`
	Failed    int64 `json:"failed"`
}

type inputJSON struct {
	Name         string      `json:"name"`
	Exchanges    int64       `json:"exchanges"`
	Unrecognised int64       `json:"unrecognised"`
	Places       []placeJSON `json:"places,omitempty"`
	Problem      string      `json:"problem,omitempty"`
}

type placeJSON struct {
	Line   int64  `json:"line"`
	Sample string `json:"sample"`
}

type groupJSON struct {
	Operation string       `json:"endpoint"`
	Status    int          `json:"status"`
	Class     string       `json:"class"`
	Code      string       `json:"errorCode"`
	Finding   string       `json:"finding"`
	Severity  string       `json:"severity"`
	Count     int64        `json:"exchanges"`
	First     string       `json:"first"`
	Last      string       `json:"last"`
	Width     int64        `json:"bucketSeconds"`
	Buckets   [][2]int64   `json:"buckets"` // second since 1970, exchanges
	Samples   []sampleJSON `json:"samples"`
}

type sampleJSON struct {
	Name   string `json:"name"`
	Line   int64  `json:"line,omitempty"`
	Entry  int64  `json:"entry,omitempty"`
	Method string `json:"method"`
	URL    string `json:"url"`
	Time   string `json:"time"`
}

type timelineJSON struct {
	Width   int64        `json:"bucketSeconds"`
	Buckets []bucketJSON `json:"buckets"`
}

type bucketJSON struct {
	Start   string           `json:"start"`
	ByClass map[string]int64 `json:"byClass"`
}

type rateJSON struct {
	Consumers []consumerJSON `json:"consumers"`
	Others    int64          `json:"others"` // timed exchanges of consumers that are not followed
}

type consumerJSON struct {
	Name    string     `json:"name"`
	Sent    int64      `json:"exchanges"`
	Limited int64      `json:"rateLimited"`
	Busiest minuteJSON `json:"busiestMinute"`
	Polling minuteJSON `json:"busiestPrerequisitesMinute"`
	// Minutes is operation -> minute since 1970, exchanges, and those answered 429.
	Minutes map[string][][3]int64 `json:"minutes"`
}

type minuteJSON struct {
	Start string `json:"start"`
	Sent  int64  `json:"exchanges"`
}

// boundsJSON are the hashes from which on keys were left out, in hexadecimal; ""
// where nothing was. Merging needs them.
type boundsJSON struct {
	Codes     string `json:"errorCodes"`
	Findings  string `json:"findings"`
	Groups    string `json:"groups"`
	Consumers string `json:"consumers"`
}

func stamp(nanos int64) string {
	if nanos == 0 {
		return ""
	}
	return time.Unix(0, nanos).UTC().Format(time.RFC3339Nano)
}

func minuteStamp(second int64) string {
	if second == 0 {
		return ""
	}
	return stamp(second * 1e9)
}

// Document returns the totals in the form of their JSON document.
func (t *Totals) Document() Document {
	d := Document{
		Schema: Schema, Exchanges: t.Exchanges, Failed: t.Failed, Unrecognised: t.Unrecognised, Filtered: t.Filtered, Strangers: t.Strangers, Untimed: t.Untimed,
		ByStatus: map[string]int64{}, ByClass: map[string]int64{}, ByErrorCode: t.ByErrorCode(), ByEndpoint: map[string]countJSON{},
		ByFinding: t.ByFinding(), First: stamp(t.First), Last: stamp(t.Last), Inputs: []inputJSON{}, Groups: []groupJSON{},
		Timeline: timelineJSON{Width: t.Timeline.Width, Buckets: []bucketJSON{}},
		Bounds:   boundsJSON{barText(t.codes.bar), barText(t.findings.bar), barText(t.groups.bar), barText(t.Rate.bar)},
	}
	for status, n := range t.ByStatus {
		d.ByStatus[strconv.Itoa(status)] = n
	}
	for class, n := range t.ByClass {
		d.ByClass[string(class)] = n
	}
	for id, n := range t.ByEndpoint {
		d.ByEndpoint[id] = countJSON(n)
	}
	for _, in := range t.Inputs {
		d.Inputs = append(d.Inputs, inputDocument(in))
	}
	groups, others := t.Groups()
	for _, g := range groups {
		d.Groups = append(d.Groups, groupDocument(g))
	}
	d.Others = others
	for _, start := range t.Timeline.Starts() {
		b := bucketJSON{Start: minuteStamp(start), ByClass: map[string]int64{}}
		for i, n := range t.Timeline.Buckets[start] {
			if n > 0 {
				b.ByClass[string(check.Classes()[i])] = n
			}
		}
		d.Timeline.Buckets = append(d.Timeline.Buckets, b)
	}
	d.Rate = t.rateDocument()
	return d
}

func inputDocument(in Input) inputJSON {
	doc := inputJSON{Name: in.Name, Exchanges: in.Exchanges, Unrecognised: in.Unrecognised, Problem: in.Problem}
	for _, p := range in.Places {
		doc.Places = append(doc.Places, placeJSON(p))
	}
	return doc
}

func groupDocument(g *Group) groupJSON {
	doc := groupJSON{
		Operation: g.Operation, Status: g.Status, Class: string(g.Class), Code: g.Code, Finding: g.Finding, Severity: severityName(g.groupKey),
		Count: g.Count, First: stamp(g.First), Last: stamp(g.Last), Width: g.Timeline.Width, Buckets: [][2]int64{}, Samples: []sampleJSON{},
	}
	for _, start := range g.Timeline.Starts() {
		doc.Buckets = append(doc.Buckets, [2]int64{start, g.Timeline.Buckets[start]})
	}
	for _, s := range g.Samples {
		doc.Samples = append(doc.Samples, sampleJSON{s.Name, s.Line, s.Entry, s.Method, s.URL, stamp(s.Time)})
	}
	return doc
}

func severityName(k groupKey) string {
	if k.Finding == "" {
		return ""
	}
	return k.Severity.String()
}

func (t *Totals) rateDocument() rateJSON {
	doc := rateJSON{Consumers: []consumerJSON{}}
	consumers, others := t.Rate.Consumers(t.Exchanges - t.Untimed)
	doc.Others = others
	minutes := map[string]map[string][][3]int64{}
	for _, c := range consumers {
		minutes[c.Name] = map[string][][3]int64{}
		doc.Consumers = append(doc.Consumers, consumerJSON{
			Name: c.Name, Sent: c.Sent, Limited: c.Limited, Busiest: minuteJSON{minuteStamp(c.Busiest.Start), c.Busiest.Sent},
			Polling: minuteJSON{minuteStamp(c.Polling.Start), c.Polling.Sent}, Minutes: minutes[c.Name],
		})
	}
	for c, n := range t.Rate.cells {
		of := minutes[t.Rate.consumers[c.consumer]]
		operation := t.Rate.operations[c.operation]
		of[operation] = append(of[operation], [3]int64{int64(c.minute), int64(n.Sent), int64(n.Limited)})
	}
	for _, of := range minutes {
		for _, list := range of {
			slices.SortFunc(list, func(a, b [3]int64) int { return int(a[0] - b[0]) })
		}
	}
	return doc
}

func barText(bar uint64) string {
	if bar == ^uint64(0) {
		return ""
	}
	return strconv.FormatUint(bar, 16)
}

// ErrNotTotals says that a document holds no totals.
var ErrNotTotals = errors.New("not totals from scan -o json")

// ReadTotals reads the document that "scan -o json" writes.
func ReadTotals(r io.Reader) (*Totals, error) {
	decoder := json.NewDecoder(r)
	var d Document
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotTotals, err)
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("%w: its schema is %q instead of %q", ErrNotTotals, d.Schema, Schema)
	}
	return d.totals()
}

// maxCount is more than any log holds, and what every JSON reader takes for an
// integer (RFC 8259 section 6): sums of such do not overflow.
const maxCount = 1 << 53

// countable refuses totals that nothing was counted for.
func (d *Document) countable() error {
	for _, n := range []int64{d.Exchanges, d.Failed, d.Unrecognised, d.Filtered, d.Strangers, d.Untimed} {
		if n < 0 || n > maxCount {
			return fmt.Errorf("%w: invalid count %d", ErrNotTotals, n)
		}
	}
	for _, counts := range []map[string]int64{d.ByStatus, d.ByClass, d.ByErrorCode, d.ByFinding} {
		for name, n := range counts {
			if n < 0 || n > maxCount {
				return fmt.Errorf("%w: invalid count %d (%.40q)", ErrNotTotals, n, exchange.MaskText(name))
			}
		}
	}
	return nil
}

func (d *Document) totals() (*Totals, error) {
	if err := d.countable(); err != nil {
		return nil, err
	}
	t := NewTotals(1)
	t.Exchanges, t.Failed, t.Unrecognised, t.Filtered, t.Strangers, t.Untimed = d.Exchanges, d.Failed, d.Unrecognised, d.Filtered, d.Strangers, d.Untimed
	for text, n := range d.ByStatus {
		status, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%w: invalid status %q", ErrNotTotals, text)
		}
		t.ByStatus[status] = n
	}
	failed := int64(0)
	for class, n := range d.ByClass {
		t.ByClass[check.Class(class)] = n
		if class != string(check.Success) && class != string(check.NotSent) {
			failed += n
		}
	}
	if t.Failed == 0 {
		t.Failed = failed // a document of the promised members alone has no "failed"
	}
	for id, n := range d.ByEndpoint {
		t.ByEndpoint[id] = Count(n)
	}
	maps.Copy(t.codes.items, d.ByErrorCode)
	maps.Copy(t.findings.items, d.ByFinding)
	for _, in := range d.Inputs {
		t.mergeInputs([]Input{in.input()})
	}
	return t, errors.Join(d.times(t), d.groups(t), d.timeline(t), d.rate(t), d.bounds(t))
}

func (in inputJSON) input() Input {
	i := Input{Name: in.Name, Exchanges: in.Exchanges, Unrecognised: in.Unrecognised, Problem: in.Problem}
	for _, p := range in.Places {
		i.Places = append(i.Places, Place(p))
	}
	return i
}

func unstamp(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, fmt.Errorf("%w: %q isn't an RFC 3339 time", ErrNotTotals, text)
	}
	return t.UnixNano(), nil
}

func (d *Document) times(t *Totals) (err error) {
	var errFirst, errLast error
	t.First, errFirst = unstamp(d.First)
	t.Last, errLast = unstamp(d.Last)
	return errors.Join(errFirst, errLast)
}

func (d *Document) groups(t *Totals) error {
	for _, doc := range d.Groups {
		g := &Group{
			groupKey: groupKey{doc.Operation, doc.Status, check.Class(doc.Class), doc.Code, doc.Finding, severityOf(doc.Severity)},
			Count:    doc.Count, Timeline: newTimeline(maxSparks, sum),
		}
		var errFirst, errLast error
		g.First, errFirst = unstamp(doc.First)
		g.Last, errLast = unstamp(doc.Last)
		if err := errors.Join(errFirst, errLast, knownWidth(doc.Width)); err != nil {
			return err
		}
		g.Timeline.Width = max(doc.Width, g.Timeline.Width)
		for _, b := range doc.Buckets {
			g.Timeline.count(b[0], b[1])
		}
		t.samples = max(t.samples, len(doc.Samples))
		for _, s := range doc.Samples {
			when, err := unstamp(s.Time)
			if err != nil {
				return err
			}
			g.sample(Sample{s.Name, s.Line, s.Entry, s.Method, s.URL, when}, maxSamples)
		}
		t.groups.items[g.groupKey] = g
	}
	return nil
}

func severityOf(name string) check.Severity {
	for _, s := range []check.Severity{check.Warning, check.Error} {
		if s.String() == name {
			return s
		}
	}
	return check.Info
}

// knownWidth refuses buckets that do not merge; a document without buckets has
// no width.
func knownWidth(width int64) error {
	if width != 0 && !slices.Contains(widths(), width) {
		return fmt.Errorf("%w: buckets of %d seconds can't be merged", ErrNotTotals, width)
	}
	return nil
}

func (d *Document) timeline(t *Totals) error {
	if err := knownWidth(d.Timeline.Width); err != nil {
		return err
	}
	t.Timeline.Width = max(d.Timeline.Width, t.Timeline.Width)
	for _, b := range d.Timeline.Buckets {
		start, err := unstamp(b.Start)
		if err != nil {
			return err
		}
		var classes ClassCount
		for i, class := range check.Classes() {
			classes[i] = b.ByClass[string(class)]
		}
		t.Timeline.count(start/1e9, classes)
	}
	return nil
}

func (d *Document) rate(t *Totals) error {
	for _, c := range d.Rate.Consumers {
		number, _ := t.Rate.number(c.Name)
		for operation, list := range c.Minutes {
			for _, m := range list {
				if m[0] < 0 || m[0] > pattern.Latest/60 || m[1] < 0 || m[1] > 1<<32-1 || m[2] < 0 || m[2] > m[1] {
					return fmt.Errorf("%w: impossible minute of %q", ErrNotTotals, c.Name)
				}
				t.Rate.put(cell{number, uint32(m[0]), t.Rate.operation(operation)}, Requests{uint32(m[1]), uint32(m[2])})
				number, _ = t.Rate.number(c.Name)
			}
		}
	}
	return nil
}

func (d *Document) bounds(t *Totals) error {
	for _, b := range []struct {
		text string
		bar  *uint64
	}{{d.Bounds.Codes, &t.codes.bar}, {d.Bounds.Findings, &t.findings.bar}, {d.Bounds.Groups, &t.groups.bar}, {d.Bounds.Consumers, &t.Rate.bar}} {
		if b.text == "" {
			continue
		}
		bar, err := strconv.ParseUint(b.text, 16, 64)
		if err != nil {
			return fmt.Errorf("%w: invalid bound %q", ErrNotTotals, b.text)
		}
		*b.bar = bar
	}
	return nil
}
