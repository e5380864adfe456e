// Package compare finds the differences between a call that failed and one that worked.
// It takes two diagnoses and returns the differences that matter, starting with the one
// that explains the failure best. Start at Compare, then read the rule in rank.go.
//
// Two things don't count as differences. One is what means the same, such as the order
// of headers, 1 and 1.0, or whitespace in JSON. The other is what one of the inputs
// doesn't show, which is recorded as unseen and never called missing.
package compare

import (
	"slices"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// Comparison is the result of comparing two exchanges.
type Comparison struct {
	Failed, Worked diagnose.Diagnosis
	Differences    []Difference // best explanation first
	Cut            bool         // there are more differences than are kept
	Unseen         []Unseen     // what couldn't be compared, because an input doesn't show it
}

// Difference is one place at which the two exchanges differ. Part, Name and Pointer say
// where, as in a check.Location. For a claim of the access token in authorization,
// Pointer is the claim's.
type Difference struct {
	Part    check.Part
	Name    string
	Pointer string
	Failed  Text
	Worked  Text
	Weight  Weight
	// Explains is true if this difference can explain why only one of the calls
	// failed.
	Explains bool
	Finding  string // ID of FAILED's finding at this place, or ""
	Why      string // the reason for or against it, a clause without a full stop

	topic    topic
	note     string // the kind of difference, a clause, or "" if the two values show it
	fields   []string
	optional bool // the documentation never requires the field
	unknown  bool // the documentation doesn't list the field
	place    int  // the rank of its topic, set by the rule
	finding  int  // index of Finding in FAILED's findings, or -1
}

// Text is one side's value at a place, masked and limited to 60 characters.
type Text struct {
	Present bool // false if the input shows that the side has nothing there
	Text    string
}

// Side names one of the two inputs.
type Side string

// The sides.
const (
	SideFailed Side = "failed"
	SideWorked Side = "worked"
)

// Unseen is something that an input doesn't show.
type Unseen struct {
	Side Side
	Part string // a check.Part, or "request" or "response" for all of it
	Name string // the header or field, or "" for the whole part
	Why  string // why not, and what would show it, a clause
}

// maxDifferences limits how many differences are kept. More wouldn't be read.
const maxDifferences = 200

// Compare returns the differences between two exchanges.
func Compare(failed, worked diagnose.Diagnosis) Comparison {
	c := comparer{failed: &failed, worked: &worked}
	c.captures()
	if failed.Exchange.Request != nil && worked.Exchange.Request != nil {
		c.line()
		c.query()
		c.credentials()
		c.header()
		c.body()
	}
	requests := len(c.list)
	c.answer()
	cut := requests > maxDifferences || c.cut
	if requests > maxDifferences {
		c.list = append(c.list[:maxDifferences:maxDifferences], c.list[requests:]...)
	}
	result := Comparison{Failed: failed, Worked: worked, Differences: c.list, Cut: cut, Unseen: c.unseen}
	result.rank()
	result.conceal(failed.Exchange.Known(), worked.Exchange.Known())
	return result
}

// conceal masks the values of the two requests' variables in every string.
func (c *Comparison) conceal(all ...*exchange.Known) {
	for _, known := range all {
		for i := range c.Differences {
			d := &c.Differences[i]
			for _, text := range []*string{&d.Failed.Text, &d.Worked.Text, &d.Why, &d.Name, &d.Pointer} {
				*text = known.Hide(*text)
			}
		}
	}
}

// Explanation returns the difference that explains the failure best, or nil if none
// does.
func (c *Comparison) Explanation() *Difference {
	if len(c.Differences) > 0 && c.Differences[0].Explains {
		return &c.Differences[0]
	}
	return nil
}

// Requests returns how many of the differences are between the requests.
func (c *Comparison) Requests() int {
	n := 0
	for i := range c.Differences {
		if c.Differences[i].topic != topicAnswer {
			n++
		}
	}
	return n
}

// Hides reports whether a side's input doesn't show a part at all.
func (c *Comparison) Hides(side Side, part string) bool {
	return slices.ContainsFunc(c.Unseen, func(u Unseen) bool { return u.Side == side && u.Part == part && u.Name == "" })
}

// OtherOperation reports whether the two calls are known to be of different
// operations.
func (c *Comparison) OtherOperation() bool {
	f, w := c.Failed.OperationID(), c.Worked.OperationID()
	return f != "" && w != "" && f != w
}

// FailedAlike reports whether both calls failed with the same response, so that their
// differences explain nothing.
func (c *Comparison) FailedAlike() bool {
	return c.Failed.Failed() && c.Worked.Failed() && c.Failed.Class == c.Worked.Class &&
		c.Failed.Status() == c.Worked.Status() && c.Failed.Error.Code == c.Worked.Error.Code
}

// Describe returns what the two values don't show about a difference, or "".
func (d *Difference) Describe() string { return d.note }

// InAnswer reports whether the difference is in the responses, which are the effect and
// not the cause.
func (d *Difference) InAnswer() bool { return d.topic == topicAnswer }

// IsScheme reports whether the two calls use different kinds of credentials, so that
// more than one header differs.
func (d *Difference) IsScheme() bool { return d.isKind() }

// NamesResource reports whether a resource ID differs.
func (d *Difference) NamesResource() bool { return d.topic == topicID }

// comparer collects differences.
type comparer struct {
	failed, worked *diagnose.Diagnosis
	list           []Difference
	unseen         []Unseen
	cut            bool
}

func (c *comparer) requests() (failed, worked *exchange.Request) {
	return c.failed.Exchange.Request, c.worked.Exchange.Request
}

func (c *comparer) add(d Difference) { c.list = append(c.list, d) }

func (c *comparer) hide(side Side, part check.Part, name, why string) {
	c.unseen = append(c.unseen, Unseen{Side: side, Part: string(part), Name: name, Why: why})
}

// present returns the Text of a value that a side has. text must be masked already.
func present(text string) Text { return Text{Present: true, Text: clip(text)} }

// absent returns the Text of a place at which a side has nothing.
func absent() Text { return Text{} }

// maybe returns present(text) if has is true, otherwise absent().
func maybe(has bool, text string) Text {
	if !has {
		return absent()
	}
	return present(text)
}

// accused returns the index of the first error finding for which test is true, or -1
// if there is none.
func accused(d *diagnose.Diagnosis, test func(*check.Finding) bool) int {
	return slices.IndexFunc(d.Findings, func(f check.Finding) bool { return f.Severity == check.Error && test(&f) })
}

// accusedAt reports whether an error finding points at a header, parameter or field
// with this name.
func accusedAt(d *diagnose.Diagnosis, part check.Part, name string) bool {
	return accused(d, func(f *check.Finding) bool { return f.Location.Part == part && f.Location.Name == name }) >= 0
}
