package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot"
)

// ScanJSON writes totals as one JSON document.
func ScanJSON(w io.Writer, t *scan.Totals) error { return WriteJSON(w, t.Document()) }

// shownGroups is how many groups are shown where nobody asked for all.
const shownGroups = 8

// ScanText writes totals for people: what fails most and what to do first, then
// the rest by weight.
func ScanText(w io.Writer, totals *scan.Totals, s Style) error {
	groups, others := totals.Groups()
	plan, err := firstPlan(groups)
	if err != nil {
		return err
	}
	t := newText(s)
	t.scanHeadline(totals, groups, plan)
	t.scanScope(totals)
	t.scanFirst(groups, plan)
	t.scanGroups(totals, groups, others)
	t.scanOperations(totals)
	t.scanRate(totals)
	_, err = io.WriteString(w, t.b.String())
	return err
}

// firstPlan is the plan of the largest group, nil where nothing failed.
func firstPlan(groups []*scan.Group) (*troubleshoot.Plan, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	plan, err := troubleshoot.NewGroupPlan(leadOfGroup(groups[0]), groups[0].Status)
	if err != nil {
		return nil, fmt.Errorf("make the plan of the largest group: %w", err)
	}
	return &plan, nil
}

func leadOfGroup(g *scan.Group) diagnose.Lead {
	return diagnose.Lead{Class: g.Class, Operation: g.Operation, Code: g.Code, Finding: g.Finding, Severity: g.Severity, Failed: true}
}

// scanSummary is the first line of every form.
func scanSummary(totals *scan.Totals, groups []*scan.Group, plan *troubleshoot.Plan) string {
	switch {
	case totals.Exchanges == 0:
		return fmt.Sprintf("None of %s requests matches the filters.", Number(totals.Filtered))
	case totals.Failed == 0 && totals.Exchanges == 1:
		return "The only request didn't fail."
	case totals.Failed == 0:
		return fmt.Sprintf("None of %s requests failed.", Number(totals.Exchanges))
	case plan == nil:
		return fmt.Sprintf("%s of %s requests failed (%s), without a known cause.", Number(totals.Failed), Number(totals.Exchanges), percent(totals.Share()))
	case totals.Failed == 1 && totals.Exchanges == 1:
		return "The only request failed, with " + plan.Summary
	case totals.Failed == groups[0].Count:
		return fmt.Sprintf("%s of %s requests failed (%s), all with %s", Number(totals.Failed), Number(totals.Exchanges), percent(totals.Share()), plan.Summary)
	}
	return fmt.Sprintf("%s of %s requests failed (%s), %s of them with %s", Number(totals.Failed), Number(totals.Exchanges), percent(totals.Share()), Number(groups[0].Count), plan.Summary)
}

func (t *text) scanHeadline(totals *scan.Totals, groups []*scan.Group, plan *troubleshoot.Plan) {
	t.block()
	state := diagnose.OK
	if totals.Failed > 0 {
		state = diagnose.Problem
	}
	for i, l := range Wrap(t.ascii(Plain(scanSummary(totals, groups, plan))), t.style.Width-3) {
		head := "  "
		if i == 0 {
			head = t.mark(state) + " "
		}
		t.line(head + t.bold.Sprint(l))
	}
}

// scanScope says what was read and when it took place, with the failures over
// that time.
func (t *text) scanScope(totals *scan.Totals) {
	t.block()
	t.wrapped("read", scopeWords(totals), nil)
	if totals.First == 0 {
		return
	}
	t.wrapped("time", span(totals.First, totals.Last), nil)
	if totals.Failed == 0 {
		return
	}
	failed := map[int64]int64{}
	peak, most := int64(0), int64(0)
	for _, start := range totals.Timeline.Starts() {
		n := failures(totals.Timeline.Buckets[start])
		failed[start] = n
		if n > most {
			peak, most = start, n
		}
	}
	if most == 0 {
		return // merged documents can lack a timeline
	}
	line := t.sparkline(totals, failed, totals.Timeline.Width, min(48, t.style.Width-margin-2))
	t.line(t.label("failed") + t.red.Sprint(line))
	if most == totals.Failed {
		return
	}
	t.wrapped("", fmt.Sprintf("most in the %s from %s: %s", widthWords(totals.Timeline.Width), clock(peak*1e9, totals), Number(most)), t.faint)
}

// failures are the exchanges of a bucket that are in a class of failures. Class 0
// is success; a request alone (the last one) did not fail by itself.
func failures(classes scan.ClassCount) int64 {
	n := int64(0)
	for i, count := range classes {
		if i > 0 && i < len(classes)-1 {
			n += count
		}
	}
	return n
}

func scopeWords(totals *scan.Totals) string {
	words := several(totals.Exchanges, "request")
	if n := len(totals.Inputs); n == 1 {
		words += " in " + nameOfInput(totals.Inputs[0].Name)
	} else {
		words += fmt.Sprintf(" in %s inputs", Number(int64(n)))
	}
	if totals.Unrecognised > 0 {
		words += ", " + several(totals.Unrecognised, "line") + " without one"
	}
	if totals.Filtered > 0 {
		words += fmt.Sprintf(", %s filtered out", Number(totals.Filtered))
	}
	if totals.Untimed > 0 {
		words += fmt.Sprintf(", %s without a time", Number(totals.Untimed))
	}
	return words
}

func nameOfInput(name string) string {
	if name == "-" {
		return "stdin"
	}
	return exchange.MaskText(name)
}

// scanFirst is what to do about the largest group.
func (t *text) scanFirst(groups []*scan.Group, plan *troubleshoot.Plan) {
	if plan == nil {
		return
	}
	t.block()
	if len(plan.Advice) > 0 {
		t.wrapped("first", plan.Advice[0].Fix, nil)
	}
	label := ""
	if len(plan.Advice) == 0 {
		label = "first"
	}
	for _, c := range firstCommands(groups, plan) {
		t.line(t.label(label) + t.ascii(Plain(c)))
		label = ""
	}
}

// firstCommands open the sample of the largest group and its page.
func firstCommands(groups []*scan.Group, plan *troubleshoot.Plan) []string {
	var list []string
	if samples := groups[0].Samples; len(samples) > 0 && samples[0].Name != "-" {
		list = append(list, "immersve-doctor diagnose --at "+exchange.QuoteFile(At(samples[0])))
	}
	return append(list, plan.Next...)
}

// At is the place of a sample as --at takes it: NAME:LINE, or NAME#ENTRY in a
// document.
func At(s scan.Sample) string {
	if s.Line > 0 {
		return fmt.Sprintf("%s:%d", s.Name, s.Line)
	}
	return fmt.Sprintf("%s#%d", s.Name, s.Entry)
}

func (t *text) scanGroups(totals *scan.Totals, groups []*scan.Group, others int64) {
	shown := len(groups)
	if !t.style.Verbose {
		shown = min(shown, shownGroups)
	}
	for i, g := range groups[:shown] {
		t.block()
		t.scanGroup(totals, i+1, g)
	}
	rest := others
	for _, g := range groups[shown:] {
		rest += g.Count
	}
	if rest > 0 {
		t.block()
		words := fmt.Sprintf("… and %s in %s (--verbose shows them)", several(rest, "failure"), several(int64(len(groups)-shown), "smaller group"))
		if len(groups) == shown {
			words = fmt.Sprintf("… and %s in no group that was kept", several(rest, "failure"))
		}
		for _, l := range Wrap(t.ascii(words), t.style.Width-2) {
			t.line("  " + t.faint.Sprint(l))
		}
	}
}

// scanGroup writes a group: how many, what, when, and one to look at.
func (t *text) scanGroup(totals *scan.Totals, place int, g *scan.Group) {
	count := fmt.Sprintf("%s, %s", Number(g.Count), percent(float64(g.Count)/float64(totals.Failed)))
	title := t.ascii(Plain(GroupTitle(g)))
	gap := t.style.Width - 5 - columns(title) - columns(count)
	head := fmt.Sprintf("%3d  ", place)
	if gap < 2 {
		t.line(head + t.bold.Sprint(truncate(title, t.style.Width-5, "…")))
		t.line("     " + count)
	} else {
		t.line(head + t.bold.Sprint(title) + strings.Repeat(" ", gap) + count)
	}
	for _, l := range Wrap(t.ascii(Plain(groupCause(g))), t.style.Width-5) {
		if l != "" {
			t.line("     " + l)
		}
	}
	if g.First != 0 {
		columns := min(32, t.style.Width-5-36)
		line := "     " + t.red.Sprint(t.sparkline(totals, g.Timeline.Buckets, g.Timeline.Width, columns)) + "  "
		t.line(line + t.ascii(interval(clock(g.First, totals), clock(g.Last, totals))))
	}
	for _, s := range g.Samples {
		t.line("     " + t.cyan.Sprint(t.ascii(Plain(At(s)))) + t.faint.Sprint(t.ascii(t.fitting(s))))
	}
}

// fitting is a sample's request behind its place, as far as the line goes.
func (t *text) fitting(s scan.Sample) string {
	room := t.style.Width - 5 - columns(Plain(At(s))) - 2
	request := Plain(strings.TrimSpace(s.Method + " " + s.URL))
	if room < 12 || request == "" {
		return ""
	}
	if columns(request) > room {
		request = truncate(shortIDs(request), room-2, "…") // three dots where there is no ellipsis
	}
	return "  " + request
}

// GroupTitle names a group: "403 KYC_REQUIRED on create-card".
func GroupTitle(g *scan.Group) string {
	title := "no response"
	if g.Status != 0 {
		title = fmt.Sprint(g.Status)
	}
	if g.Code != "" {
		title += " " + g.Code
	}
	if g.Operation != "" {
		return title + " on " + g.Operation
	}
	return title + ", unknown endpoint"
}

// groupCause says what a group failed on, by the finding's page, or its class.
func groupCause(g *scan.Group) string {
	if g.Finding == "" {
		return strings.ReplaceAll(string(g.Class), "-", " ") + ", no cause in the log"
	}
	title := ""
	if page, err := troubleshoot.Finding(g.Finding); err == nil {
		title = ": " + inner(page.Title)
	}
	if page, err := troubleshoot.Code(g.Code); err == nil && g.Finding == finding.ErrorCode {
		title = ": " + inner(strings.TrimSuffix(page.Title, "."))
	}
	if g.Severity.String() != "error" {
		return g.Finding + " (suspected)" + title
	}
	return g.Finding + title
}

// inner is a title within a sentence.
func inner(title string) string {
	for _, article := range []string{"The ", "A ", "An ", "No ", "It "} {
		if strings.HasPrefix(title, article) {
			return strings.ToLower(title[:1]) + title[1:]
		}
	}
	return title
}

// scanOperations lists the operations that fail, by their share.
func (t *text) scanOperations(totals *scan.Totals) {
	list := FailingOperations(totals)
	if len(list) == 0 {
		return
	}
	t.block()
	shown := len(list)
	if !t.style.Verbose {
		shown = min(shown, 6)
	}
	label := "by op"
	for _, id := range list[:shown] {
		n := totals.ByEndpoint[id]
		name := id
		if id == "" {
			name = "(unknown endpoint)"
		}
		t.line(t.label(label) + fmt.Sprintf("%-*s %7s  %s of %s", max(26, t.style.Width-44), name, percent(float64(n.Failed)/float64(n.Exchanges)), Number(n.Failed), Number(n.Exchanges)))
		label = ""
	}
}

// FailingOperations returns the operations with failures, those with the largest
// number first.
func FailingOperations(totals *scan.Totals) []string {
	var list []string
	for id, n := range totals.ByEndpoint {
		if n.Failed > 0 {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(totals.ByEndpoint[b].Failed, totals.ByEndpoint[a].Failed), strings.Compare(a, b))
	})
	return list
}

// nearLimit is the part of a limit from which on a consumer is worth a line.
const nearLimit = 0.5

// scanRate tells which consumers came near a limit or were refused.
func (t *text) scanRate(totals *scan.Totals) {
	lines := RateLines(totals)
	if len(lines) == 0 {
		return
	}
	t.block()
	for i, l := range lines {
		label := ""
		if i == 0 {
			label = "rate"
		}
		t.wrapped(label, l, nil)
	}
}

// RateLines says, a sentence for each consumer, which minute came nearest to the
// documented limits, with which operations, and when 429 was answered.
func RateLines(totals *scan.Totals) []string {
	consumers, others := totals.Rate.Consumers(totals.Exchanges - totals.Untimed)
	var lines []string
	for _, c := range consumers {
		if c.Limited == 0 && c.Use() < nearLimit || len(lines) == 5 {
			continue
		}
		lines = append(lines, rateLine(totals, &c))
	}
	if len(consumers) > 0 && consumers[0].Limited > 0 && consumers[0].Use() < 1 {
		lines = append(lines, "Some got 429 below the limits, because an account's keys share one limit and bursts within a minute count.")
	}
	if others > 0 && len(lines) > 0 {
		lines = append(lines, fmt.Sprintf("%s requests are from more consumers than can be tracked.", Number(others)))
	}
	return lines
}

func rateLine(totals *scan.Totals, c *scan.Consumer) string {
	name := c.Name
	if name == "" {
		name = "unnamed callers"
	}
	line := fmt.Sprintf("%s: at most %s requests per minute (%s UTC), limit %s", name, Number(c.Busiest.Sent), clock(c.Busiest.Start*1e9, totals), Number(api.RateLimit))
	if c.Polling.Sent > 0 {
		line += fmt.Sprintf(", and %s of %s (%s UTC), limit %s", Number(c.Polling.Sent), scan.PrerequisitesOperation, clock(c.Polling.Start*1e9, totals), Number(api.RateLimitPrerequisites))
	}
	if over := c.Over + c.OverPoll; over > 0 {
		line += ", above a limit in " + several(int64(over), "minute")
	}
	if c.Refused.Start != 0 {
		line += fmt.Sprintf(", %s got 429, first at %s UTC after %s", Number(c.Limited), clock(c.Refused.Start*1e9, totals), burst(c.Refused.Operations))
	}
	return line + "."
}

// burst names the operations of a minute that count.
func burst(operations []scan.OperationCount) string {
	var words []string
	for _, o := range operations[:min(2, len(operations))] {
		id := o.Operation
		if id == "" {
			id = "undocumented calls"
		}
		words = append(words, fmt.Sprintf("%s × %s", Number(o.Sent), id))
	}
	return strings.Join(words, " and ")
}

// sparkline draws buckets over the time of the totals.
func (t *text) sparkline(totals *scan.Totals, buckets map[int64]int64, width int64, columns int) string {
	marks := []rune("▁▂▃▄▅▆▇█")
	nothing := '·'
	if !t.style.Unicode {
		marks, nothing = []rune(".:-=+*#@"), ' '
	}
	first := totals.First / 1e9
	length := max(totals.Last/1e9-first, width) + 1
	columns = int(min(max(length/width, 1), int64(columns))) // no column is narrower than a bucket
	heights := make([]int64, columns)
	most := int64(1)
	for start, n := range buckets {
		at := min(max((max(start, first)-first)*int64(columns)/length, 0), int64(columns)-1)
		heights[at] += n
		most = max(most, heights[at])
	}
	var b strings.Builder
	for _, h := range heights {
		if h == 0 {
			b.WriteRune(nothing)
			continue
		}
		b.WriteRune(marks[(h*int64(len(marks))-1)/most])
	}
	return b.String()
}

// clock is a time of the totals, with its date where they span several days.
func clock(nanos int64, totals *scan.Totals) string {
	at := time.Unix(0, nanos).UTC()
	if totals.First/86400e9 == totals.Last/86400e9 {
		return at.Format("15:04:05")
	}
	return at.Format("01-02 15:04")
}

func span(first, last int64) string {
	a, b := time.Unix(0, first).UTC(), time.Unix(0, last).UTC()
	layout := "2006-01-02 15:04:05"
	if a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		layout = "15:04:05"
	}
	from := a.Format("2006-01-02 15:04:05")
	if from == b.Format("2006-01-02 15:04:05") {
		return from + " UTC"
	}
	return fmt.Sprintf("%s – %s UTC (%s)", from, b.Format(layout), b.Sub(a).Round(time.Second))
}

func interval(from, to string) string {
	if from == to {
		return from
	}
	return from + " – " + to
}

// several counts something: "1 line", "2,000 lines".
func several(n int64, word string) string {
	if n != 1 {
		word += "s"
	}
	return Number(n) + " " + word
}

func widthWords(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d == 24*time.Hour:
		return "1 day"
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Number writes a number with commas.
func Number(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}
