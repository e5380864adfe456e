package report

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot"
)

// CIWriter writes what a CI system displays: JUnit XML, SARIF or the workflow
// commands of GitHub Actions. Add takes one Case at a time, and Close completes the
// document. A document without any case is complete, too.
type CIWriter interface {
	Add(Case) error
	Close() error
}

// Case is one exchange, or a group of alike ones, as a CI system displays it. All
// of its strings are masked and inert.
type Case struct {
	Name     string        // the request with its status: "POST /api/cards: 403"
	Places   []Place       // where it is in the input, at least one
	Count    int64         // how many exchanges it stands for, at least 1
	Elapsed  time.Duration // 0 if it isn't known
	Failed   bool
	Headline string // what failed and why, in one line
	Step     string // the first step, in one line
	Text     string // the whole report, for people
	Results  []Result
}

// Result is a finding of a Case: its cause, or a warning.
type Result struct {
	Rule    string // the finding's ID, or the class of a failure without a proven cause
	Error   bool   // it is a cause, and not a warning
	Title   string
	Message string
	Part    string // the place within the exchange, such as "request.body/cardProgramId"; "" if there is none
	Docs    string // URL, "" if there is none
}

// Place is a line of an input.
type Place struct {
	Name string // of the file, "" for stdin
	URL  string // of the request, if it was sent and not read
	Line int    // from 1; 0 if it isn't known
}

// String returns the place as "file:line".
func (p Place) String() string {
	name := p.Name
	if name == "" {
		name = "stdin"
	}
	if p.URL != "" {
		name = p.URL
	}
	if p.Line > 0 {
		return name + ":" + strconv.Itoa(p.Line)
	}
	return name
}

// uri returns the place as a URI reference (RFC 3986): relative for relative names.
func (p Place) uri() string {
	if p.URL != "" {
		if u, err := url.Parse(p.URL); err == nil {
			return u.String()
		}
		return "request"
	}
	if p.Name == "" {
		return "stdin"
	}
	u := url.URL{Path: filepath.ToSlash(p.Name)}
	if filepath.IsAbs(p.Name) {
		u.Scheme = "file"
		u.Path = "/" + strings.TrimPrefix(u.Path, "/")
	}
	return u.String()
}

// CaseOf returns the plan of one exchange as a Case, without personal data, because CI
// systems show their results to many.
func CaseOf(p *troubleshoot.Plan) (Case, error) {
	p = Shared(p)
	c := Case{Count: int64(len(p.Again)) + 1, Failed: p.Diagnosis.Failed(), Headline: Plain(p.Headline), Step: Plain(p.Step), Name: Plain(caseName(p))}
	if r := p.Exchange.Response; r != nil {
		c.Elapsed = r.Elapsed
	}
	for _, line := range append([]int{p.Exchange.Source.Line}, p.Again...) {
		c.Places = append(c.Places, placeOf(p.Exchange, line))
	}
	for i := range p.Advice {
		if a := &p.Advice[i]; a.Severity > check.Info {
			c.Results = append(c.Results, Result{
				Rule: a.ID, Error: a.Severity == check.Error && c.Failed, Title: Plain(a.Title), Docs: a.Docs, Part: Plain(exchange.MaskText(partOf(a.Location))),
				Message: Plain(joined(a.Title, a.Evidence, a.Fix)),
			})
		}
	}
	c.blame(p)
	if !c.Failed && len(c.Results) == 0 {
		return c, nil
	}
	var b strings.Builder
	err := Text(&b, p, Style{Width: 80, Unicode: true})
	c.Text = b.String()
	return c, err
}

// blame makes a failure's first result the one that says what failed. A failure
// without a proven cause gets one for its class, because it would be missing from SARIF
// otherwise.
func (c *Case) blame(p *troubleshoot.Plan) {
	if !c.Failed {
		return
	}
	if !slices.ContainsFunc(c.Results, func(r Result) bool { return r.Error }) {
		result := Result{Rule: string(p.Class), Error: true, Title: c.Headline}
		if page, err := troubleshoot.Status(troubleshoot.PageOf(&p.Diagnosis)); err == nil {
			result.Title, result.Docs = page.Title, page.Docs
		}
		c.Results = slices.Insert(c.Results, 0, result)
	}
	c.Results[0].Message = joined(c.Headline, c.Step)
}

// caseName returns the request and what became of it, without the query, so that it
// is the same in the next run.
func caseName(p *troubleshoot.Plan) string {
	name := "request"
	if r := p.Exchange.Request; r != nil {
		path, _, _ := strings.Cut(r.URL.String(), "?")
		name = strings.TrimSpace(r.Method.String() + " " + path)
	} else if p.Operation != nil {
		name = p.Operation.Method + " " + p.Operation.Path
	}
	switch {
	case p.Status() > 0:
		return name + ": " + strconv.Itoa(p.Status())
	case p.Exchange.Failure != nil:
		return name + ": " + string(p.Exchange.Failure.Kind)
	}
	return name + ": not sent"
}

func placeOf(ex *exchange.Exchange, line int) Place {
	place := Place{Name: Plain(ex.Source.Name), Line: line}
	if place.Name == "-" {
		place.Name = ""
	}
	if ex.Source.Kind == exchange.KindLive && ex.Source.Name == "" && ex.Request != nil {
		place.URL = Plain(ex.Request.URL.String())
	}
	return place
}

// partOf returns a location as a path: "request.body/cardProgramId".
func partOf(l check.Location) string {
	if l.Pointer != "" {
		return string(l.Part) + l.Pointer
	}
	if l.Name != "" {
		return string(l.Part) + "/" + l.Name
	}
	return string(l.Part)
}

// joined returns parts as sentences, without those that are empty.
func joined(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part)
		if !strings.ContainsRune(".!?", rune(part[len(part)-1])) {
			b.WriteByte('.')
		}
	}
	return b.String()
}

// ScanCases writes totals: a case per cause of failures, and one per endpoint of
// which no request failed.
func ScanCases(w CIWriter, totals *scan.Totals) error {
	groups, _ := totals.Groups()
	for _, g := range groups {
		c, err := groupCase(g)
		if err != nil {
			return err
		}
		if err := w.Add(c); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(totals.ByEndpoint)) {
		if n := totals.ByEndpoint[id]; n.Failed == 0 && n.Exchanges > 0 {
			name := id
			if name == "" {
				name = "other requests"
			}
			if err := w.Add(Case{Name: name, Count: n.Exchanges, Places: inputPlaces(totals)}); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

func groupCase(g *scan.Group) (Case, error) {
	plan, err := troubleshoot.NewGroupPlan(leadOfGroup(g), g.Status)
	if err != nil {
		return Case{}, fmt.Errorf("make the plan of a group: %w", err)
	}
	headline := Plain(plan.Headline)
	c := Case{Name: headline, Count: g.Count, Failed: true, Headline: several(g.Count, "request") + ": " + headline, Step: Plain(plan.Step)}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n", c.Headline, c.Step)
	for _, s := range g.Samples {
		place := Place{Name: Plain(s.Name), Line: int(max(s.Line, s.Entry))}
		if place.Name == "-" {
			place.Name = ""
		}
		c.Places = append(c.Places, place)
		fmt.Fprintf(&text, "\n%s  %s %s", place, Plain(s.Method), Plain(s.URL))
	}
	c.Text = text.String() + "\n"
	if len(c.Places) == 0 {
		c.Places = []Place{{}}
	}
	if g.Finding != "" && len(plan.Advice) > 0 {
		a := &plan.Advice[0]
		c.Results = []Result{{Rule: a.ID, Error: a.Severity == check.Error, Title: Plain(a.Title), Message: Plain(joined(c.Headline, a.Fix)), Docs: a.Docs}}
	}
	c.blame(&plan)
	return c, nil
}

// inputPlaces returns the first input as the place of what has no line of its own.
func inputPlaces(totals *scan.Totals) []Place {
	if len(totals.Inputs) == 0 || totals.Inputs[0].Name == "-" {
		return []Place{{}}
	}
	return []Place{{Name: Plain(totals.Inputs[0].Name)}}
}

// NewCIWriter returns the writer of a format: "junit", "sarif" or "github". spool
// returns a temporary file, which only JUnit needs.
func NewCIWriter(format string, w io.Writer, version string, spool func() (io.ReadWriteSeeker, error), summary io.Writer) CIWriter {
	switch format {
	case "junit":
		return &junitWriter{w: w, spool: spool}
	case "sarif":
		return &sarifWriter{w: w, version: version, rules: map[string]Result{}}
	}
	return &githubWriter{w: w, summary: summary}
}
