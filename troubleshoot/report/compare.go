package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/compare"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// ComparisonSchema names the form of the JSON document of "compare".
const ComparisonSchema = "immersve-doctor/comparison/v1"

// ComparisonText writes for people what differs between two exchanges. p is the
// plan of FAILED.
func ComparisonText(w io.Writer, c *compare.Comparison, p *troubleshoot.Plan, s Style) error {
	t := comparedText{newText(s)}
	t.comparisonHeadline(c, p)
	t.block()
	t.calls(c)
	t.differences(c)
	t.unseen(c)
	t.alone(c, p)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// comparedText writes a comparison in the style of the text report.
type comparedText struct{ *text }

func (t comparedText) comparisonHeadline(c *compare.Comparison, p *troubleshoot.Plan) {
	t.block()
	state := diagnose.Problem
	switch {
	case !c.Failed.Failed() && !c.Worked.Failed():
		state = diagnose.OK
	case c.Explanation() == nil:
		state = diagnose.Unknown
	}
	mark := t.mark(state)
	indent := strings.Repeat(" ", columns(mark)+1)
	for i, l := range Wrap(t.ascii(Plain(comparisonSummary(c, p))), t.style.Width-len(indent)) {
		head := indent
		if i == 0 {
			head = mark + " "
		}
		t.line(head + t.bold.Sprint(l))
	}
}

// calls shows the two calls: the request, the answer, and how it was sent. Both
// take one line, or both take two.
func (t comparedText) calls(c *compare.Comparison) {
	sides := []struct {
		label, what, how string
	}{{"FAILED", requestWords(&c.Failed), callWords(&c.Failed)}, {"WORKED", requestWords(&c.Worked), callWords(&c.Worked)}}
	room := t.style.Width - margin
	fit := true
	for i := range sides {
		s := &sides[i]
		s.what, s.how = t.ascii(Plain(s.what)), t.ascii(Plain(s.how))
		if columns(s.what) > room {
			s.what = t.ascii(shortIDs(s.what))
		}
		if !t.style.Verbose {
			s.what = truncate(s.what, room, t.ascii("…"))
		}
		fit = fit && columns(s.what)+2+columns(s.how) <= room
	}
	for _, s := range sides {
		if fit {
			t.line(t.label(s.label) + s.what + strings.Repeat(" ", room-columns(s.what)-columns(s.how)) + t.faint.Sprint(s.how))
			continue
		}
		t.wrapped(s.label, s.what, nil)
		t.wrapped("", s.how, t.faint)
	}
}

func requestWords(d *diagnose.Diagnosis) string {
	r := d.Exchange.Request
	switch {
	case r == nil || r.Method == "" && r.URL.Path == "" && r.URL.Host == "":
		return "(no request in the input)"
	case r.Method == "" && r.URL.Path == "":
		return fmt.Sprintf("(no request in the input) to %s", exchange.MaskText(r.URL.Authority()))
	}
	return strings.TrimSpace(r.Method.String() + " " + r.URL.String())
}

// comparedAnswer describes a response by its status and a specific errorCode, or says
// that there is none.
func comparedAnswer(d *diagnose.Diagnosis) string {
	switch code := d.Error.Code; {
	case d.Class == check.NoResponse:
		return "no response"
	case d.Status() == 0:
		return "no response in the input"
	case code != "" && code != "FORBIDDEN" && code != "INVALID_REQUEST_INPUT":
		return strconv.Itoa(d.Status()) + " " + shortened(exchange.MaskText(code), 40)
	}
	return strconv.Itoa(d.Status())
}

// callWords are the answer, where the call went, and with which credentials.
func callWords(d *diagnose.Diagnosis) string {
	words := []string{comparedAnswer(d)}
	if d.Environment != api.EnvironmentUnknown {
		words = append(words, string(d.Environment))
	}
	if w := authWords(d.Auth); w != "" {
		words = append(words, w)
	}
	if s := d.Exchange.Source; s.Index > 0 || s.Line > 1 {
		words = append(words, sourceName(s))
	}
	return strings.Join(words, " · ")
}

// maxRows bounds the rows of a block when not all are asked for.
const maxRows = 12

// differences writes three lists: what explains, what else the requests differ
// in, and what the answers differ in.
func (t comparedText) differences(c *compare.Comparison) {
	var explaining, others, answers []*compare.Difference
	for i := range c.Differences {
		switch d := &c.Differences[i]; {
		case d.Explains:
			explaining = append(explaining, d)
		case d.InAnswer():
			answers = append(answers, d)
		default:
			others = append(others, d)
		}
	}
	if len(c.Differences) > 0 {
		t.block()
		t.line(strings.Repeat(" ", margin) + t.faint.Sprint(t.ascii("FAILED → WORKED")))
	}
	label := "also"
	if len(explaining) == 0 {
		label = "differ"
	}
	t.rows("cause", explaining, true)
	t.rows(label, others, t.style.Verbose)
	t.rows("result", answers, false)
	if c.Cut {
		t.wrapped("", "there are more differences than these", t.faint)
	}
}

func (t comparedText) rows(label string, list []*compare.Difference, reasons bool) {
	width := 0
	for _, d := range list {
		width = max(width, columns(t.ascii(Plain(comparedPlace(d)))))
	}
	width = min(width, 30)
	last := ""
	for i, d := range list {
		if i == maxRows && !t.style.Verbose {
			t.wrapped("", fmt.Sprintf("and %d more: --verbose shows them", len(list)-i), t.faint)
			return
		}
		reason := rowReason(d, reasons)
		if reason == last {
			reason = ""
		} else {
			last = reason
		}
		t.row(label, d, width, reason)
		label = ""
	}
}

// rowReason is what speaks for a difference, or only what kind it is.
func rowReason(d *compare.Difference, whole bool) string {
	switch {
	case !whole:
		return d.Describe()
	case d.Finding != "" && d.Explains:
		return d.Finding + ": " + d.Why
	}
	return d.Why
}

// row writes one difference: on one line where it fits, else the two values on
// lines of their own.
func (t comparedText) row(label string, d *compare.Difference, width int, reason string) {
	place := t.ascii(Plain(comparedPlace(d)))
	failed, worked := t.ascii(Plain(sideWords(d, d.Failed))), t.ascii(Plain(sideWords(d, d.Worked)))
	arrow := t.ascii(" → ")
	indent := strings.Repeat(" ", margin+2)
	pad := strings.Repeat(" ", max(0, width-columns(place)))
	line := place + pad + "  " + failed + arrow + worked
	if columns(line) <= t.style.Width-margin {
		t.line(t.label(label) + t.bold.Sprint(place) + pad + "  " + failed + arrow + worked)
	} else {
		t.line(t.label(label) + t.bold.Sprint(truncate(place, t.style.Width-margin, "…")))
		t.value(indent+strings.Repeat(" ", columns(arrow)-1), failed)
		t.value(indent, strings.TrimLeft(arrow, " ")+worked)
	}
	if reason == "" {
		return
	}
	for _, l := range Wrap(t.ascii(Plain(reason)), t.style.Width-len(indent)) {
		t.line(indent + t.faint.Sprint(l))
	}
}

func (t comparedText) value(indent, s string) {
	for _, l := range Wrap(s, t.style.Width-len(indent)) {
		t.line(indent + l)
	}
}

// comparedPlace says in words where a difference is.
func comparedPlace(d *compare.Difference) string {
	switch d.Part {
	case check.RequestPath:
		return "path " + d.Name
	case check.RequestQuery:
		return "query " + d.Name
	case check.RequestHeader:
		if d.IsScheme() {
			return "credentials"
		}
		if d.Pointer != "" {
			return "token claim " + strings.TrimPrefix(d.Pointer, "/")
		}
		return d.Name
	case check.RequestBody:
		if d.Pointer == "" {
			return strings.TrimSpace("body " + d.Name)
		}
		return "body " + d.Pointer
	case check.ResponseBody:
		if d.Name == "" {
			return "body"
		}
	case check.Transport:
		return "transport"
	}
	return d.Name
}

// sideWords shows what one side has; what is not there was not sent.
func sideWords(d *compare.Difference, side compare.Text) string {
	switch {
	case side.Present:
		return side.Text
	case d.InAnswer():
		return "none"
	}
	return "not sent"
}

// unseen says what the captures do not show, so that nobody takes it for the same.
func (t comparedText) unseen(c *compare.Comparison) {
	if len(c.Unseen) == 0 {
		return
	}
	t.block()
	label := "unseen"
	for i, u := range c.Unseen {
		if i == maxRows && !t.style.Verbose {
			t.wrapped("", fmt.Sprintf("and %d more: --verbose shows them", len(c.Unseen)-i), t.faint)
			return
		}
		t.wrapped(label, unseenWords(u), nil)
		label = ""
	}
}

func unseenWords(u compare.Unseen) string {
	what := strings.ReplaceAll(u.Part, ".", " ")
	if u.Name != "" {
		what += " " + u.Name
	}
	return fmt.Sprintf("%s: the input doesn't show the %s (%s)", strings.ToUpper(string(u.Side)), what, u.Why)
}

// alone shows FAILED's own diagnosis, unless the comparison is based on it, and the
// further commands.
func (t comparedText) alone(c *compare.Comparison, p *troubleshoot.Plan) {
	if !c.Failed.Failed() && !c.Worked.Failed() {
		return
	}
	t.block()
	if cause := c.Failed.Cause(); cause != nil && c.Explanation() != nil && !restsOn(c, cause.ID) {
		t.wrapped("alone", p.Summary, nil)
	}
	label := "next"
	for _, command := range furtherCommands(c, p) {
		t.line(t.label(label) + t.ascii(Plain(command)))
		label = ""
	}
}

func restsOn(c *compare.Comparison, finding string) bool {
	for i := range c.Differences {
		if d := &c.Differences[i]; d.Explains && d.Finding == finding {
			return true
		}
	}
	return false
}

func furtherCommands(c *compare.Comparison, p *troubleshoot.Plan) []string {
	var list []string
	name, other := c.Failed.Exchange.Source.Name, c.Worked.Exchange.Source.Name
	if !c.Failed.Failed() {
		return []string{fmt.Sprintf("immersve-doctor compare %s %s", exchange.QuoteFile(other), exchange.QuoteFile(name))}
	}
	if name != "" && name != "-" {
		if !strings.ContainsAny(name, "./") {
			name = "./" + name // without a slash it could be a command
		}
		list = append(list, "immersve-doctor "+exchange.QuoteFile(name))
	}
	return append(list, p.Next...)
}

// comparisonSummary returns the first line: the difference that explains the failure
// best and what to do, or that none does.
func comparisonSummary(c *compare.Comparison, p *troubleshoot.Plan) string {
	if !c.Failed.Failed() {
		return summaryOfNoFailure(c)
	}
	lead := ""
	switch {
	case c.OtherOperation():
		lead = fmt.Sprintf("FAILED calls %s, but WORKED calls %s. ", c.Failed.OperationID(), c.Worked.OperationID())
	case c.FailedAlike():
		return fmt.Sprintf("Both calls failed with the same response (%s), so their differences explain nothing. Compare with a call that worked.", comparedSubject(&c.Failed))
	case c.Worked.Failed():
		lead = fmt.Sprintf("WORKED failed too (%s). ", comparedSubject(&c.Worked))
	}
	d := c.Explanation()
	switch {
	case d == nil:
		return lead + unexplained(c, p)
	case d.Weight == compare.Proven:
		return lead + proven(c, p, d)
	}
	return lead + likely(c, d)
}

func summaryOfNoFailure(c *compare.Comparison) string {
	switch n := c.Requests(); {
	case c.Worked.Failed():
		return fmt.Sprintf("FAILED didn't fail (%s), but WORKED did (%s). Swap the two files.", comparedSubject(&c.Failed), comparedSubject(&c.Worked))
	case c.Failed.Class == check.NotSent || c.Worked.Class == check.NotSent:
		return fmt.Sprintf("Neither call failed (%s, %s). The requests differ in %s.", comparedSubject(&c.Failed), comparedSubject(&c.Worked), places(n))
	case n == 0:
		return fmt.Sprintf("Both calls succeeded (%s and %s), and the requests don't differ in anything that matters.", comparedSubject(&c.Failed), comparedSubject(&c.Worked))
	default:
		return fmt.Sprintf("Both calls succeeded (%s and %s). The requests differ in %s.", comparedSubject(&c.Failed), comparedSubject(&c.Worked), places(n))
	}
}

func places(n int) string {
	if n == 0 {
		return "nothing that matters"
	}
	return plural(n, "place")
}

// comparedSubject returns the response and the operation: "401 on list-cards".
func comparedSubject(d *diagnose.Diagnosis) string {
	if id := d.OperationID(); id != "" {
		return comparedAnswer(d) + " on " + id
	}
	return comparedAnswer(d)
}

// proven returns the sentence for a difference that's in FAILED's diagnosis.
func proven(c *compare.Comparison, p *troubleshoot.Plan, d *compare.Difference) string {
	for _, a := range p.Advice {
		if a.ID == d.Finding && strings.HasSuffix(d.Why, a.Finding.Title) {
			return fmt.Sprintf("%s: %s, but %s. %s", comparedSubject(&c.Failed), a.Finding.Title, contrast(d), a.Fix)
		}
	}
	return likely(c, d)
}

// contrast describes WORKED's value at the same place.
func contrast(d *compare.Difference) string {
	worked := shortIDs(d.Worked.Text)
	switch {
	case d.Pointer == "/exp" && d.Part == check.RequestHeader:
		return "WORKED's token was valid"
	case !d.Worked.Present:
		return "WORKED doesn't send it"
	case !d.Failed.Present && len([]rune(worked)) > 40:
		return "WORKED sends it"
	case !d.Failed.Present:
		return "WORKED sends " + worked
	case shortIDs(d.Failed.Text) == worked || len([]rune(worked)) > 40:
		return "WORKED has a different value"
	}
	return "WORKED has " + worked
}

// likely returns the sentence for a difference that the response names or depends on.
func likely(c *compare.Comparison, d *compare.Difference) string {
	sure, others := "probably ", ""
	switch more := explaining(c) - 1; {
	case d.Weight >= compare.Named:
		sure = "the response names "
	case more == 0 && c.Requests() == 1 && len(c.Unseen) == 0:
		sure = "the only difference is "
	case more > 0:
		others = fmt.Sprintf(" (%s)", plural(more, "more difference"))
	}
	return fmt.Sprintf("%s: %s%s, %s%s. %s", comparedSubject(&c.Failed), sure, comparedPlace(d), bothSides(d), others, todo(d))
}

func explaining(c *compare.Comparison) int {
	n := 0
	for i := range c.Differences {
		if c.Differences[i].Explains {
			n++
		}
	}
	return n
}

func bothSides(d *compare.Difference) string {
	if d.Failed == d.Worked {
		return "which differs although it looks the same when masked"
	}
	return fmt.Sprintf("%s in FAILED and %s in WORKED", shortened(sideWords(d, d.Failed), 44), shortened(sideWords(d, d.Worked), 44))
}

func shortened(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// todo returns the first step to take for a difference.
func todo(d *compare.Difference) string {
	switch {
	case d.Part == check.RequestLine && d.Name == "host":
		return "Send it to WORKED's host, with that environment's credentials and IDs."
	case d.NamesResource():
		return "Check that FAILED's ID exists in this environment and that you have access to it."
	case d.Part == check.RequestHeader && (d.Name == "authorization" || strings.HasPrefix(d.Name, "x-api-")):
		return "Send valid credentials with access to this, as WORKED does."
	case !d.Failed.Present:
		return "Add it, as in WORKED."
	case !d.Worked.Present:
		return "Remove it, as in WORKED."
	}
	return "Send the same as WORKED."
}

// unexplained says why no difference explains the failure, and what FAILED shows on
// its own.
func unexplained(c *compare.Comparison, p *troubleshoot.Plan) string {
	subject := comparedSubject(&c.Failed)
	var words string
	switch {
	case c.Failed.Class == check.RateLimited:
		words = subject + ": a 429 depends on the number of earlier requests, not on what this one contains."
	case c.Failed.Class == check.ServerError:
		words = subject + ": no difference between the requests can explain an error on the server."
	default:
		words = fmt.Sprintf("%s: no visible difference explains it%s.", subject, missingHalf(c))
	}
	if _, own, ok := strings.Cut(p.Summary, ": "); ok && c.Failed.Cause() != nil {
		return words + " FAILED on its own: " + own
	}
	return words
}

// missingHalf says what the inputs don't show, or that the requests are equal.
func missingHalf(c *compare.Comparison) string {
	for _, part := range []string{"request", string(check.RequestHeader), string(check.RequestBody)} {
		f, w := c.Hides(compare.SideFailed, part), c.Hides(compare.SideWorked, part)
		what := strings.ReplaceAll(strings.Replace(part, "request.", "the request's ", 1), "the request's header", "the request's headers")
		if part == "request" {
			what = "the request"
		}
		switch {
		case f && w:
			return ", and neither input has " + what
		case f:
			return ", but FAILED's input doesn't have " + what
		case w:
			return ", but WORKED's input doesn't have " + what
		}
	}
	switch {
	case len(c.Unseen) > 0:
		return ", but not every part of the requests can be compared"
	case c.Requests() == 0:
		return ". The two requests are equal, so the time or the account's state makes the difference"
	}
	return ""
}

type comparisonJSON struct {
	Schema      string           `json:"schema"`
	Failed      comparedJSON     `json:"failed"`
	Worked      comparedJSON     `json:"worked"`
	Summary     string           `json:"summary"`
	Differences []differenceJSON `json:"differences"`
	NotCaptured []unseenJSON     `json:"notCaptured"`
	Truncated   bool             `json:"truncated,omitempty"` // there are more differences
}

type comparedJSON struct {
	Source   sourceJSON    `json:"source"`
	Request  requestJSON   `json:"request"`
	Response *responseJSON `json:"response"`
	Class    string        `json:"class"`
}

// differenceJSON has null for a side that has nothing in that place.
type differenceJSON struct {
	Part     string  `json:"part"`
	Name     string  `json:"name"`
	Pointer  string  `json:"pointer"`
	Failed   *string `json:"failed"`
	Worked   *string `json:"worked"`
	Explains bool    `json:"explains"`
	Finding  string  `json:"finding"`
	Why      string  `json:"why"`
}

type unseenJSON struct {
	Side string `json:"side"`
	Part string `json:"part"`
	Name string `json:"name"`
	Why  string `json:"why"`
}

// ComparisonJSON writes a comparison as one line of JSON.
func ComparisonJSON(w io.Writer, c *compare.Comparison, p *troubleshoot.Plan) error {
	doc := comparisonJSON{
		Schema: ComparisonSchema, Failed: comparedOf(&c.Failed), Worked: comparedOf(&c.Worked), Summary: comparisonSummary(c, p),
		Differences: []differenceJSON{}, NotCaptured: []unseenJSON{}, Truncated: c.Cut,
	}
	for i := range c.Differences {
		d := &c.Differences[i]
		doc.Differences = append(doc.Differences, differenceJSON{
			string(d.Part), d.Name, d.Pointer, textOf(d.Failed), textOf(d.Worked), d.Explains, d.Finding, d.Why,
		})
	}
	for _, u := range c.Unseen {
		doc.NotCaptured = append(doc.NotCaptured, unseenJSON{string(u.Side), u.Part, u.Name, u.Why})
	}
	return WriteJSON(w, doc)
}

func textOf(t compare.Text) *string {
	if !t.Present {
		return nil
	}
	return &t.Text
}

func comparedOf(d *diagnose.Diagnosis) comparedJSON {
	ex := d.Exchange
	j := comparedJSON{
		Source:  sourceJSON{string(ex.Source.Kind), ex.Source.Name, ex.Source.Index, ex.Source.Line},
		Request: requestJSON{Environment: string(d.Environment), Endpoint: d.OperationID(), Auth: string(d.Auth)},
		Class:   string(d.Class),
	}
	if ex.Request != nil {
		j.Request.Method, j.Request.URL = ex.Request.Method.String(), ex.Request.URL.String()
	}
	if ex.Response != nil {
		j.Response = &responseJSON{ex.Response.Status, exchange.MaskText(d.Error.Code), exchange.MaskText(d.Error.Reason)}
	}
	return j
}

// ComparisonMarkdown writes a comparison fit for a ticket.
func ComparisonMarkdown(w io.Writer, c *compare.Comparison, p *troubleshoot.Plan) error {
	var b strings.Builder
	c, p = sharedComparison(c), Shared(p)
	fmt.Fprintf(&b, "## %s\n\n", Escape(comparisonSummary(c, p)))
	for _, side := range []struct {
		label string
		d     *diagnose.Diagnosis
	}{{"FAILED", &c.Failed}, {"WORKED", &c.Worked}} {
		fmt.Fprintf(&b, "- **%s** %s %s\n", side.label, Code(requestWords(side.d)), Escape(callWords(side.d)))
	}
	b.WriteString("\n")
	markdownDifferences(&b, c)
	for i, u := range c.Unseen {
		if i == 0 {
			b.WriteString("Not captured:\n\n")
		}
		fmt.Fprintf(&b, "- %s\n", Escape(unseenWords(u)))
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func markdownDifferences(b *strings.Builder, c *compare.Comparison) {
	if len(c.Differences) == 0 {
		b.WriteString("Nothing that matters differs.\n\n")
		return
	}
	b.WriteString("| | Where | FAILED | WORKED | Why |\n| --- | --- | --- | --- | --- |\n")
	for i := range c.Differences {
		d := &c.Differences[i]
		mark := ""
		if d.Explains {
			mark = "**cause**"
		}
		why := Escape(d.Why)
		if d.Finding != "" {
			why = d.Finding + ": " + why
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", mark, cell(comparedPlace(d)), cell(sideWords(d, d.Failed)), cell(sideWords(d, d.Worked)), why)
	}
	b.WriteString("\n")
	if c.Cut {
		b.WriteString("There are more differences than these.\n\n")
	}
}

// cell is a code span within a table, where a bar would end the cell.
func cell(s string) string { return strings.ReplaceAll(Code(s), "|", `\|`) }
