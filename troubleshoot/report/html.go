package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot"
)

// The page is compiled: html/template would keep the linker from leaving out what
// is not used, and make the binary 3.5 MB larger.
//
//go:generate go tool -modfile=../../.ci/go.mod qtc -skipLineComments -file=html_scan.qtpl
//go:generate mv html_scan.qtpl.go html_scan_gen.go

// Style and script of the page. Nothing else is loaded when it is shown, and
// nothing else is written into it as it is.
var (
	//go:embed html/scan.css
	scanStyle string
	//go:embed html/scan.js
	scanScript string
)

// Made says when and by which version a report was made.
type Made struct {
	At      time.Time
	Version string
}

// ScanHTML writes totals as a page of its own: it loads nothing, is for passing
// on, and all of it can be read without its script.
func ScanHTML(w io.Writer, totals *scan.Totals, made Made) error {
	page, err := newScanPage(totals, made)
	if err != nil {
		return err
	}
	var b bytes.Buffer // whole or not at all
	writescanDocument(&b, page)
	_, err = w.Write(b.Bytes())
	return err
}

// scanPage is what the template shows. Its texts are fit for sharing; the template
// escapes them.
type scanPage struct {
	Policy   string
	Summary  string
	State    string // problem or ok
	First    string // what to do first
	When     string // since when, and whether it goes on
	Commands []string
	Docs     string
	Figures  []figure
	Scope    string

	Timeline   *timelineChart
	Top        []cause
	Causes     []cause
	Others     string
	Operations []operationRow
	Quiet      []string // operations without failures
	Rate       *rateView
	Counts     []countTable
	Inputs     []inputRow
	MoreInputs string
	Made       string
	Version    string
}

type figure struct {
	Name, Value string
	Notes       []string
}

// shared makes a text from a log fit for a page that is passed on: without
// secrets, and without what is about people.
func shared(s string) string { return Plain(exchange.MaskShared(s)) }

func newScanPage(totals *scan.Totals, made Made) (*scanPage, error) {
	groups, others := totals.Groups()
	plan, err := firstPlan(groups)
	if err != nil {
		return nil, err
	}
	p := &scanPage{
		State: "ok", Summary: shared(scanSummary(totals, groups, plan)), Scope: shared(scopeWords(totals)), Figures: figures(totals, groups, others),
		Timeline: newTimelineChart(totals), Operations: operationRows(totals), Quiet: quietOperations(totals),
		Rate: newRateView(totals), Counts: countTables(totals), Version: made.Version, Made: made.At.UTC().Format("2006-01-02 15:04:05"),
		Policy: contentPolicy(),
	}
	p.Inputs, p.MoreInputs = inputRows(totals)
	if len(groups) > 0 {
		p.State = "problem"
		p.lead(totals, groups, plan)
	}
	return p, p.causes(totals, groups, others)
}

// contentPolicy allows style and script alone, by their hashes.
func contentPolicy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", sourceHash(scanStyle), sourceHash(scanScript))
}

// sourceHash is a hash as Content-Security-Policy names it.
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// lead says what to do first about the largest group.
func (p *scanPage) lead(totals *scan.Totals, groups []*scan.Group, plan *troubleshoot.Plan) {
	if len(plan.Advice) > 0 {
		p.First, p.Docs = Plain(plan.Advice[0].Fix), link(plan.Advice[0].Docs)
	}
	for _, c := range firstCommands(groups, plan) {
		p.Commands = append(p.Commands, shared(c))
	}
	p.When = lasting(totals, groups[0])
}

// lasting says how long a group has been seen, and how near to the end.
func lasting(totals *scan.Totals, g *scan.Group) string {
	if g.First == 0 {
		return ""
	}
	end := "at the end of the input"
	if left := time.Duration(totals.Last - g.Last); left >= time.Second {
		end = durationWords(left) + " before the end of the input"
	}
	if g.Count == 1 {
		return fmt.Sprintf("This cause was seen once, at %s UTC, %s.", tableTime(g.First), end)
	}
	return fmt.Sprintf("This cause was first seen at %s UTC, last at %s UTC, %s.", tableTime(g.First), tableTime(g.Last), end)
}

// durationWords is a duration with its two largest units.
func durationWords(d time.Duration) string {
	d = d.Round(time.Second)
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days %d h", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// link passes links into the documentation only: escaping keeps a value within
// its href, it does not keep one from being a script.
func link(url string) string {
	if strings.HasPrefix(url, "https://docs.immersve.com/") {
		return Plain(url)
	}
	return ""
}

func figures(totals *scan.Totals, groups []*scan.Group, others int64) []figure {
	causes := Number(int64(len(groups)))
	if others > 0 {
		causes = "over " + causes
	}
	list := []figure{
		{"Exchanges", Number(totals.Exchanges), nil},
		{"Failed", Number(totals.Failed), nil},
		{"Failed share", percent(totals.Share()), nil},
		{"Causes", causes, []string{"by endpoint, status, errorCode and finding"}},
	}
	if totals.First != 0 {
		list = append(list, figure{"Period", durationWords(time.Duration(totals.Last - totals.First)), []string{"from " + tableTime(totals.First) + " UTC", "to " + tableTime(totals.Last) + " UTC"}})
	}
	if totals.Unrecognised > 0 {
		list = append(list, figure{"Not recognized", Number(totals.Unrecognised), []string{"lines or elements without a request"}})
	}
	return list
}

// cause is a group of failures.
type cause struct {
	Place       int
	Title       string
	Why         string
	Class       string
	ClassWords  string
	Count       string
	Share       string
	Number      int64
	Percent     float64 // of all failures, as a width
	First, Last string
	Spark       spark
	Samples     []sampleView
	Fix         string
	Others      []string // further ways to mend it
	Checks      []string // what to check, where the log shows no cause
	Docs        string
	Explain     string
}

type sampleView struct{ Place, Command, Request string }

func (p *scanPage) causes(totals *scan.Totals, groups []*scan.Group, others int64) error {
	for i, g := range groups {
		p.Causes = append(p.Causes, newCause(totals, i+1, g))
	}
	for i := range p.Causes[:min(len(groups), shownGroups)] {
		c := p.Causes[i]
		if err := c.advise(groups[i]); err != nil {
			return err
		}
		p.Top = append(p.Top, c)
	}
	if others > 0 {
		p.Others = fmt.Sprintf("%s more failures have causes that aren't listed, because there are too many.", Number(others))
	}
	return nil
}

func newCause(totals *scan.Totals, place int, g *scan.Group) cause {
	share := float64(g.Count) / float64(totals.Failed)
	c := cause{
		Place: place, Title: shared(GroupTitle(g)), Why: shared(groupCause(g)), Class: shared(string(g.Class)), ClassWords: shared(classWords(g.Class)), Count: Number(g.Count),
		Number: g.Count, Share: percent(share), Percent: width(share), First: tableTime(g.First), Last: tableTime(g.Last), Spark: newSpark(totals, g.Timeline),
	}
	for _, s := range g.Samples {
		v := sampleView{Place: shared(At(s)), Request: shared(strings.TrimSpace(s.Method + " " + s.URL))}
		if s.Name == "-" {
			v.Place = strings.Replace(v.Place, "-", "stdin ", 1)
		} else {
			v.Command = shared("immersve-doctor diagnose --at " + exchange.QuoteFile(At(s)))
		}
		c.Samples = append(c.Samples, v)
	}
	return c
}

// advise adds what the pages say of the cause.
func (c *cause) advise(g *scan.Group) error {
	plan, err := troubleshoot.NewGroupPlan(leadOfGroup(g), g.Status)
	if err != nil {
		return fmt.Errorf("make the plan of %s: %w", GroupTitle(g), err)
	}
	if len(plan.Advice) > 0 {
		c.Fix, c.Docs = Plain(plan.Advice[0].Fix), link(plan.Advice[0].Docs)
		for _, other := range plan.Advice[0].Others {
			c.Others = append(c.Others, Plain(other))
		}
	}
	if page, err := troubleshoot.Status(troubleshoot.PageOf(&plan.Diagnosis)); err == nil { // every status has one
		c.Docs = cmp.Or(c.Docs, link(page.Docs))
		for _, item := range page.Checklists[string(g.Class)] {
			if len(plan.Advice) == 0 {
				c.Checks = append(c.Checks, Plain(item.Text))
			}
		}
	}
	if len(plan.Next) > 0 {
		c.Explain = shared(plan.Next[0])
	}
	return nil
}

// classWords names a class with the status that it stands for.
func classWords(c check.Class) string {
	words := strings.ReplaceAll(string(c), "-", " ")
	switch c {
	case check.MalformedRequest:
		return words + " (400)"
	case check.Unauthorized:
		return words + " (401)"
	case check.ResourceOrPermission:
		return words + " (403)"
	case check.BusinessRule:
		return words + " (403 with errorCode)"
	case check.NotFound:
		return words + " (404)"
	case check.RateLimited:
		return words + " (429)"
	case check.ServerError:
		return words + " (5xx)"
	}
	return words
}

// operationRow is an operation with its failures.
type operationRow struct {
	Name, Share       string
	Percent, Part     float64
	Failed, Exchanges int64
}

// FailedText and ExchangesText are the numbers as people read them.
func (r operationRow) FailedText() string    { return Number(r.Failed) }
func (r operationRow) ExchangesText() string { return Number(r.Exchanges) }

// sortValue writes a number for the script, which sorts by it.
func sortValue(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

func operationRows(totals *scan.Totals) []operationRow {
	var list []operationRow
	for _, id := range FailingOperations(totals) {
		n := totals.ByEndpoint[id]
		part := float64(n.Failed) / float64(n.Exchanges)
		list = append(list, operationRow{operationName(id), percent(part), width(part), part, n.Failed, n.Exchanges})
	}
	slices.SortStableFunc(list, func(a, b operationRow) int { return cmp.Compare(b.Part, a.Part) })
	return list
}

func operationName(id string) string {
	if id == "" {
		return "(unknown endpoint)"
	}
	return shared(id)
}

func quietOperations(totals *scan.Totals) []string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(totals.ByEndpoint)) {
		if n := totals.ByEndpoint[id]; n.Failed == 0 && n.Exchanges > 0 {
			list = append(list, fmt.Sprintf("%s (%s)", operationName(id), Number(n.Exchanges)))
		}
	}
	return list
}

// countTable is numbers by something, largest first.
type countTable struct {
	Title, Column, Of string
	Rows              []countRow
	More              string
}

type countRow struct {
	Name, Count, Share string
	Percent            float64
}

// maxCountRows is how many rows such a table shows.
const maxCountRows = 30

func countTables(totals *scan.Totals) []countTable {
	statuses := map[string]int64{}
	for status, n := range totals.ByStatus {
		name := strconv.Itoa(status)
		if status == 0 {
			name = "none"
		}
		statuses[name] = n
	}
	var list []countTable
	for _, t := range []countTable{
		newCountTable("By status", "Status", "of all requests", statuses, totals.Exchanges),
		newCountTable("By errorCode", "errorCode", "of the failures", totals.ByErrorCode(), totals.Failed),
		newCountTable("By finding", "Finding", "of the failures", totals.ByFinding(), totals.Failed),
	} {
		if len(t.Rows) > 0 {
			list = append(list, t)
		}
	}
	return list
}

func newCountTable(title, column, of string, counts map[string]int64, whole int64) countTable {
	t := countTable{Title: title, Column: column, Of: of}
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	for _, name := range names[:min(len(names), maxCountRows)] {
		part := float64(counts[name]) / float64(max(whole, 1))
		t.Rows = append(t.Rows, countRow{shared(name), Number(counts[name]), percent(part), width(part)})
	}
	if more := len(names) - maxCountRows; more > 0 {
		t.More = fmt.Sprintf("and %s smaller ones", Number(int64(more)))
	}
	return t
}

// inputRow is an input and what was not recognized of it.
type inputRow struct {
	Name, Exchanges, Unrecognised, Problem string
	Places                                 []string
}

// maxInputRows is how many inputs are listed; those with trouble come first.
const maxInputRows = 200

func inputRows(totals *scan.Totals) (rows []inputRow, more string) {
	inputs := slices.Clone(totals.Inputs)
	slices.SortStableFunc(inputs, func(a, b scan.Input) int { return trouble(b) - trouble(a) })
	for _, in := range inputs[:min(len(inputs), maxInputRows)] {
		row := inputRow{Name: shared(nameOfInput(in.Name)), Exchanges: Number(in.Exchanges), Unrecognised: Number(in.Unrecognised), Problem: shared(in.Problem)}
		for _, p := range in.Places {
			row.Places = append(row.Places, fmt.Sprintf("%s: %s", Number(p.Line), shared(fmt.Sprintf("%.60s", p.Sample))))
		}
		rows = append(rows, row)
	}
	if n := len(inputs) - maxInputRows; n > 0 {
		more = fmt.Sprintf("%s more inputs are not listed.", Number(int64(n)))
	}
	return rows, more
}

func trouble(in scan.Input) int {
	switch {
	case in.Problem != "":
		return 2
	case in.Unrecognised > 0:
		return 1
	}
	return 0
}
