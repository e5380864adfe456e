// Package compare holds two exchanges of what should be the same call beside
// each other: one that failed and one that worked. It is pure: two diagnoses go
// in, the differences that matter come out, the one that most likely explains
// the failure first. The rule of that order stands in rank.go.
//
// Two things are no difference. What means the same, such as the order of header
// fields, 1 and 1.0, or white space in JSON; and what one of the captures does
// not show, which is noted as unseen and never called missing.
package compare

import (
	"slices"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// Comparison is what differs between two exchanges.
type Comparison struct {
	Failed, Worked diagnose.Diagnosis
	Differences    []Difference // most telling first
	Cut            bool         // there are more differences than are kept
	Unseen         []Unseen     // what could not be compared, because a capture does not show it
}

// Difference is one place at which the two exchanges differ. Part, Name and
// Pointer say where, as in a check.Location; of the claims of an access token,
// which stand in the field authorization, Pointer is the claim's.
type Difference struct {
	Part    check.Part
	Name    string
	Pointer string
	Failed  Text
	Worked  Text
	Weight  Weight
	// Explains says that this difference can be why the one call failed and the
	// other did not.
	Explains bool
	Finding  string // id of FAILED's finding at this place, "" for none
	Why      string // what speaks for or against it, a clause without a full stop

	topic    topic
	note     string // what kind of difference it is, a clause, "" when the two texts say it
	fields   []string
	optional bool // the documentation asks for the member in no case
	unknown  bool // the documentation does not know the member
	place    int  // position within its topic's importance, set by the rule
	finding  int  // index of Finding among FAILED's findings, -1 for none
}

// Text is what one side has at a place: masked, at most 60 characters.
type Text struct {
	Present bool // false: the side has nothing there, as its capture shows
	Text    string
}

// Side names one of the two captures.
type Side string

// The sides.
const (
	SideFailed Side = "failed"
	SideWorked Side = "worked"
)

// Unseen is something that a capture does not show.
type Unseen struct {
	Side Side
	Part string // a check.Part, or "request" or "response" for all of it
	Name string // the field or member, "" for the whole part
	Why  string // why it does not, and what would show it; a clause
}

// maxDifferences bounds what is kept; nobody reads more.
const maxDifferences = 200

// Compare finds what differs between the two exchanges.
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

// conceal hides what the variables of the two requests brought in every text.
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

// Explanation returns the difference that most likely explains the failure, nil
// when none does.
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

// Hides reports whether the capture of a side does not show a part at all.
func (c *Comparison) Hides(side Side, part string) bool {
	return slices.ContainsFunc(c.Unseen, func(u Unseen) bool { return u.Side == side && u.Part == part && u.Name == "" })
}

// OtherOperation reports whether the two are calls of different operations, as
// far as both are known.
func (c *Comparison) OtherOperation() bool {
	f, w := c.Failed.OperationID(), c.Worked.OperationID()
	return f != "" && w != "" && f != w
}

// FailedAlike reports whether both calls failed with the same answer, so that
// what differs between them explains nothing.
func (c *Comparison) FailedAlike() bool {
	return c.Failed.Failed() && c.Worked.Failed() && c.Failed.Class == c.Worked.Class &&
		c.Failed.Status() == c.Worked.Status() && c.Failed.Error.Code == c.Worked.Error.Code
}

// Describe says of a difference what the two texts do not, "" for nothing.
func (d *Difference) Describe() string { return d.note }

// InAnswer reports whether the difference is one of the answers, which are an
// effect and no cause.
func (d *Difference) InAnswer() bool { return d.topic == topicAnswer }

// IsScheme reports whether the two use different kinds of credentials, so that
// the difference is more than that of the field it names.
func (d *Difference) IsScheme() bool { return d.isKind() }

// NamesResource reports whether what differs is the id of a resource.
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

// present is what a side has; text is masked already.
func present(text string) Text { return Text{Present: true, Text: clip(text)} }

// absent is a place at which a side has nothing.
func absent() Text { return Text{} }

// maybe is present or absent.
func maybe(has bool, text string) Text {
	if !has {
		return absent()
	}
	return present(text)
}

// accused returns the index of FAILED's first error finding that passes the
// test, -1 when there is none.
func accused(d *diagnose.Diagnosis, test func(*check.Finding) bool) int {
	return slices.IndexFunc(d.Findings, func(f check.Finding) bool { return f.Severity == check.Error && test(&f) })
}

// accusedAt reports whether an error finding points at a field, parameter or
// member by name.
func accusedAt(d *diagnose.Diagnosis, part check.Part, name string) bool {
	return accused(d, func(f *check.Finding) bool { return f.Location.Part == part && f.Location.Name == name }) >= 0
}
