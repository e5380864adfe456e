package scan

import (
	"cmp"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
)

// The bounds of what is kept, whatever the input holds. What is beyond them is
// counted in the totals and told as "others".
const (
	maxGroups    = 1000
	maxCodes     = 500
	maxFindings  = 500
	maxMinutes   = 1440 // buckets of the timeline
	maxSparks    = 96   // buckets of a group's timeline
	maxPlaces    = 5    // unrecognised places named of an input
	maxSamples   = 100
	maxConsumers = 5000
	maxCells     = 60_000
)

// Totals are the numbers of any amount of exchanges. Those of disjoint inputs
// add up: Merge is associative and commutative, and exact.
type Totals struct {
	Exchanges    int64
	Failed       int64
	Unrecognised int64 // lines, or elements of a document
	Filtered     int64 // exchanges that a filter left out; they are in no other number
	Strangers    int64 // exchanges of HARs that have nothing to do with the API; they are in no other number
	Untimed      int64 // exchanges whose time is not known
	ByStatus     map[int]int64
	ByClass      map[check.Class]int64
	ByEndpoint   map[string]Count // by operationId, "" where no route matches
	First, Last  int64            // nanoseconds since 1970; 0 when no exchange has a time
	Inputs       []Input          // ordered by name
	Timeline     Timeline[ClassCount]
	Rate         *Rate

	codes    *bounded[string, int64]
	findings *bounded[string, int64]
	groups   *bounded[groupKey, *Group]
	samples  int
}

// Count is the exchanges of an operation.
type Count struct{ Exchanges, Failed int64 }

// ClassCount is exchanges by class, in the order of check.Classes.
type ClassCount [12]int64

func addClasses(a, b ClassCount) ClassCount {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

// Input is what one input gave.
type Input struct {
	Name         string
	Exchanges    int64
	Unrecognised int64
	Places       []Place // the first that were not recognised
	Problem      string  // why reading ended early, "" when it did not
}

// Place is a part of an input that was not recognised.
type Place struct {
	Line   int64 // from 1; of a document, the number of the element
	Sample string
}

// groupKey is what the exchanges of a group have in common.
type groupKey struct {
	Operation string
	Status    int
	Class     check.Class
	Code      string
	Finding   string
	Severity  check.Severity
}

func (k groupKey) hash() uint64 {
	_, documented := api.FindCode(k.Code)
	return early(hashText(k.Operation, string(rune(k.Status)), string(k.Class), k.Code, k.Finding, k.Severity.String()), k.Code == "" || documented)
}

// Group is failed exchanges that have operation, status, class, errorCode and
// leading finding in common.
type Group struct {
	groupKey
	Count       int64
	First, Last int64 // nanoseconds since 1970, 0 when not known
	Timeline    Timeline[int64]
	Samples     []Sample
}

// Sample is one exchange of a group and where to find it.
type Sample struct {
	Name   string // of the input
	Line   int64  // from 1; 0 where the input has no lines of records
	Entry  int64  // number of the element in a document, from 1; 0 for lines
	Method string
	URL    string // secrets masked
	Time   int64  // nanoseconds since 1970, 0 when not known
}

func (s Sample) compare(o Sample) int {
	return cmp.Or(strings.Compare(s.Name, o.Name), cmp.Compare(s.Line, o.Line), cmp.Compare(s.Entry, o.Entry))
}

// NewTotals returns the totals of nothing. samples is how many are kept of each
// group, at least one.
func NewTotals(samples int) *Totals {
	return &Totals{
		ByStatus: map[int]int64{}, ByClass: map[check.Class]int64{}, ByEndpoint: map[string]Count{},
		Timeline: newTimeline(maxMinutes, addClasses), Rate: newRate(),
		codes: newBounded[string, int64](maxCodes, func(code string) uint64 {
			_, documented := api.FindCode(code)
			return early(hashText(code), documented)
		}),
		findings: newBounded[string, int64](maxFindings, func(id string) uint64 { return hashText(id) }),
		groups:   newBounded[groupKey, *Group](maxGroups, groupKey.hash),
		samples:  min(max(samples, 1), maxSamples),
	}
}

// ByErrorCode returns the failed exchanges by errorCode.
func (t *Totals) ByErrorCode() map[string]int64 { return t.codes.items }

// ByFinding returns the failed exchanges by leading finding.
func (t *Totals) ByFinding() map[string]int64 { return t.findings.items }

// Groups returns the groups, largest first, and how many failed exchanges are in
// none because there were too many.
func (t *Totals) Groups() (list []*Group, others int64) {
	others = t.Failed
	for _, g := range t.groups.items {
		list = append(list, g)
		others -= g.Count
	}
	slices.SortFunc(list, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status),
			strings.Compare(a.Code, b.Code), strings.Compare(a.Finding, b.Finding), strings.Compare(string(a.Class), string(b.Class)), cmp.Compare(a.Severity, b.Severity))
	})
	return list, others
}

// Share returns the failed part of all exchanges, from 0 to 1.
func (t *Totals) Share() float64 {
	if t.Exchanges == 0 {
		return 0
	}
	return float64(t.Failed) / float64(t.Exchanges)
}

// Merge adds the totals of another, disjoint input; o stays as it is.
func (t *Totals) Merge(o *Totals) {
	t.Exchanges += o.Exchanges
	t.Failed += o.Failed
	t.Unrecognised += o.Unrecognised
	t.Filtered += o.Filtered
	t.Strangers += o.Strangers
	t.Untimed += o.Untimed
	for status, n := range o.ByStatus {
		t.ByStatus[status] += n
	}
	for class, n := range o.ByClass {
		t.ByClass[class] += n
	}
	for id, n := range o.ByEndpoint {
		mine := t.ByEndpoint[id]
		t.ByEndpoint[id] = Count{mine.Exchanges + n.Exchanges, mine.Failed + n.Failed}
	}
	t.First, t.Last = earlier(t.First, o.First), max(t.Last, o.Last)
	t.samples = max(t.samples, o.samples)
	t.mergeInputs(o.Inputs)
	t.Timeline.merge(o.Timeline)
	t.Rate.merge(o.Rate)
	t.codes.merge(o.codes, sum)
	t.findings.merge(o.findings, sum)
	t.groups.merge(o.groups, func(mine, theirs *Group) *Group {
		if mine == nil {
			mine = &Group{groupKey: theirs.groupKey, Timeline: newTimeline(maxSparks, sum)}
		}
		mine.merge(theirs, t.samples)
		return mine
	})
}

// earlier returns the smaller of two times of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (g *Group) merge(o *Group, samples int) {
	g.Count += o.Count
	g.First, g.Last = earlier(g.First, o.First), max(g.Last, o.Last)
	g.Timeline.merge(o.Timeline)
	for _, s := range o.Samples {
		g.sample(s, samples)
	}
}

// wants reports whether a sample at a place would be kept.
func (g *Group) wants(s Sample, samples int) bool {
	return len(g.Samples) < samples || s.compare(g.Samples[len(g.Samples)-1]) < 0
}

// sample keeps the first ones of the input that comes first by name: which those
// are depends on no order of reading.
func (g *Group) sample(s Sample, samples int) {
	if !g.wants(s, samples) {
		return
	}
	i, _ := slices.BinarySearchFunc(g.Samples, s, Sample.compare)
	g.Samples = slices.Insert(g.Samples, i, s)
	if len(g.Samples) > samples {
		g.Samples = g.Samples[:samples]
	}
}

func (t *Totals) mergeInputs(others []Input) {
	for _, o := range others {
		*t.input(o.Name) = mergeInput(*t.input(o.Name), o)
	}
}

func mergeInput(a, b Input) Input {
	a.Exchanges += b.Exchanges
	a.Unrecognised += b.Unrecognised
	if a.Problem == "" || b.Problem != "" && b.Problem < a.Problem {
		a.Problem = b.Problem
	}
	a.Places = append(a.Places, b.Places...)
	slices.SortFunc(a.Places, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), strings.Compare(x.Sample, y.Sample))
	})
	a.Places = a.Places[:min(len(a.Places), maxPlaces)]
	return a
}

// input returns the entry of an input, made where it is not there yet.
func (t *Totals) input(name string) *Input {
	i, found := slices.BinarySearchFunc(t.Inputs, name, func(in Input, name string) int { return strings.Compare(in.Name, name) })
	if !found {
		t.Inputs = slices.Insert(t.Inputs, i, Input{Name: name})
	}
	return &t.Inputs[i]
}

// leave counts what was not recognised.
func (in *Input) leave(line int64, sample func() string) {
	in.Unrecognised++
	if len(in.Places) < maxPlaces || line < in.Places[len(in.Places)-1].Line {
		*in = mergeInput(*in, Input{Places: []Place{{line, sample()}}})
	}
}

// Problem notes why reading of an input ended early.
func (t *Totals) Problem(name, problem string) {
	in := t.input(name)
	in.Problem = problem
}
