package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// Style says how text is written.
type Style struct {
	Width   int  // columns; 0 means 80
	Colour  bool // ANSI colours
	Unicode bool // the marks ✓ ✗ ? and box characters; else ASCII words
	Verbose bool // every finding with its evidence, however minor
	Sources bool // there are several inputs, so each exchange says where it is from
}

// Text writes the plan of one exchange for people.
func Text(w io.Writer, p *troubleshoot.Plan, s Style) error {
	t := newText(s)
	t.headline(p)
	t.request(p)
	t.findings(p)
	t.checklist(p)
	t.probes(p)
	t.diff(p)
	t.closing(p)
	_, err := io.WriteString(w, t.b.String())
	return err
}

type text struct {
	b       strings.Builder
	style   Style
	bold    *color.Color
	faint   *color.Color
	red     *color.Color
	green   *color.Color
	yellow  *color.Color
	cyan    *color.Color
	command string // the last command written, not to repeat it
	started bool   // a block was written
}

func newText(s Style) *text {
	if s.Width <= 0 {
		s.Width = 80
	}
	s.Width = max(s.Width, 40)
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if s.Colour {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return &text{
		style: s, bold: paint(color.Bold), faint: paint(color.Faint), red: paint(color.FgRed, color.Bold),
		green: paint(color.FgGreen), yellow: paint(color.FgYellow), cyan: paint(color.FgCyan),
	}
}

// margin is the width of the label column.
const margin = 9

// ascii replaces what a terminal without UTF-8 cannot show.
func (t *text) ascii(s string) string {
	if t.style.Unicode || isPlainASCII(s) {
		return s
	}
	s = strings.NewReplacer("…", "...", "·", "-", "−", "-", "→", "->", "│", "|", "“", `"`, "”", `"`, "’", "'", "–", "-").Replace(s)
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, s)
}

func (t *text) line(s string) { t.b.WriteString(strings.TrimRight(s, " ") + "\n") }

// block leaves one empty line between blocks.
func (t *text) block() {
	if t.started {
		t.b.WriteByte('\n')
	}
	t.started = true
}

// wrapped writes text behind a label, wrapped and indented, each line painted.
func (t *text) wrapped(label, content string, paint *color.Color) {
	content = t.ascii(Plain(content))
	for i, l := range Wrap(content, t.style.Width-margin) {
		head := strings.Repeat(" ", margin)
		if i == 0 {
			head = t.label(label)
		}
		if paint != nil {
			l = paint.Sprint(l)
		}
		t.line(head + l)
	}
}

func (t *text) label(label string) string {
	if label == "" {
		return strings.Repeat(" ", margin)
	}
	return "  " + t.cyan.Sprint(label) + strings.Repeat(" ", max(1, margin-2-len(label)))
}

// mark returns a state's mark; it is a word where the terminal has no Unicode.
func (t *text) mark(state diagnose.State) string {
	marks := map[diagnose.State][2]string{
		diagnose.OK: {"✓", "ok"}, diagnose.Problem: {"✗", "NO"}, diagnose.Unknown: {"?", "? "}, diagnose.NotApplicable: {"–", "- "},
	}
	m := marks[state][1]
	if t.style.Unicode {
		m = marks[state][0]
	}
	switch state {
	case diagnose.OK:
		return t.green.Sprint(m)
	case diagnose.Problem:
		return t.red.Sprint(m)
	case diagnose.Unknown:
		return t.yellow.Sprint(m)
	}
	return t.faint.Sprint(m)
}

// headline is the first line: what went wrong and the first thing to do.
func (t *text) headline(p *troubleshoot.Plan) {
	t.block()
	state, paint := diagnose.Problem, t.bold
	switch {
	case p.Class == check.Success:
		state = diagnose.OK
	case p.Class == check.NotSent && p.Cause() == nil:
		state = diagnose.OK
	case p.Cause() == nil && p.Class == check.ResourceOrPermission:
		state = diagnose.Problem
	}
	mark := t.mark(state)
	if !t.style.Unicode {
		mark = map[diagnose.State]string{diagnose.OK: t.green.Sprint("OK"), diagnose.Problem: t.red.Sprint("FAIL")}[state]
	}
	for i, l := range Wrap(t.ascii(Plain(p.Summary)), t.style.Width-1-columns(mark)) {
		head := "  "
		if i == 0 {
			head = mark + " "
		}
		t.line(head + paint.Sprint(l))
	}
}

// request shows what was sent, and where and with what.
func (t *text) request(p *troubleshoot.Plan) {
	what, how := target(p), circumstances(p)
	source := p.Exchange.Source
	named := source.Index > 0 || t.style.Sources
	if what == "" && how == "" && !named {
		return
	}
	t.block()
	what, how = t.ascii(Plain(what)), t.ascii(how)
	if named {
		t.line("  " + t.faint.Sprint(t.ascii(Plain(fmt.Sprintf("%s (%s)", sourceName(source), source.Kind)))))
	}
	if what == "" {
		if how != "" {
			t.line("  " + t.faint.Sprint(how))
		}
		return
	}
	gap := t.style.Width - 2 - columns(what) - columns(how)
	if gap < 2 {
		what = t.ascii(shortIDs(what))
		gap = t.style.Width - 2 - columns(what) - columns(how)
	}
	if gap < 2 {
		for i, l := range targetLines(what, t.style.Width-2) {
			t.line("  " + strings.Repeat(" ", 4*min(i, 1)) + l)
		}
		if how != "" {
			t.line("  " + t.faint.Sprint(how))
		}
		return
	}
	t.line("  " + what + strings.Repeat(" ", gap) + t.faint.Sprint(how))
}

// targetLines breaks a request line that is too long before its query.
func targetLines(what string, width int) []string {
	path, query, ok := strings.Cut(what, "?")
	if columns(what) <= width || !ok {
		return []string{truncate(what, width, "…")}
	}
	return []string{truncate(path, width, "…"), truncate("?"+query, width-4, "…")}
}

// shortIDs shortens the ids of a URL that is too long for its line.
func shortIDs(target string) string {
	var b strings.Builder
	for i := 0; ; {
		part, _, more := strings.Cut(target[i:], "/")
		i += len(part) + 1
		if len(part) == 32 && strings.Trim(part, "0123456789abcdef") == "" {
			part = part[:4] + "…" + part[28:]
		}
		if b.WriteString(part); !more {
			return b.String()
		}
		b.WriteByte('/')
	}
}

// findings writes the causes in full and the rest in a line each.
func (t *text) findings(p *troubleshoot.Plan) {
	causes, minor := split(p.Advice, t.style.Verbose)
	for i := range causes {
		t.block()
		t.cause(p, &causes[i], i == 0)
	}
	if len(minor) > 0 {
		t.block()
	}
	label := "also"
	for i := range minor {
		t.minor(label, &minor[i])
		label = ""
	}
}

// split parts the findings that deserve room from those that deserve a line.
func split(advice []troubleshoot.Advice, verbose bool) (full, brief []troubleshoot.Advice) {
	for _, a := range advice {
		if a.Severity == check.Error && (len(full) < 5 || verbose) {
			full = append(full, a)
		} else {
			brief = append(brief, a)
		}
	}
	return full, brief
}

func (t *text) cause(p *troubleshoot.Plan, a *troubleshoot.Advice, leading bool) {
	label := "cause"
	if !leading {
		label = "and"
	}
	where := t.ascii(Plain(place(a)))
	gap := t.style.Width - margin - len(a.ID) - columns(where)
	if gap < 2 {
		where, gap = "", 0
	}
	t.line(t.label(label) + t.bold.Sprint(a.ID) + strings.Repeat(" ", gap) + t.faint.Sprint(where))
	if !leading {
		t.wrapped("", a.Title+".", nil)
	}
	if a.Evidence != "" {
		t.wrapped("", a.Evidence, nil)
	}
	t.excerpt(p, a)
	fixes := a.Others
	if !leading {
		fixes = append([]string{a.Fix}, fixes...) // the first line says the leading one
	}
	label = "fix"
	for _, f := range fixes {
		t.wrapped(label, f, nil)
		label = ""
	}
}

func (t *text) minor(label string, a *troubleshoot.Advice) {
	sign := map[check.Severity]string{check.Error: "error", check.Warning: "warning", check.Info: "note"}[a.Severity]
	content := fmt.Sprintf("%s %s: %s.", sign, a.ID, a.Title)
	if t.style.Verbose || a.Severity == check.Error {
		content += " " + a.Evidence + "."
	}
	t.wrapped(label, content, nil)
}

// excerpt shows the lines of a body around a finding, with a caret.
func (t *text) excerpt(p *troubleshoot.Plan, a *troubleshoot.Advice) {
	body, ok := bodyOf(p, a.Location.Part)
	if !ok || a.Location.Line == 0 || a.Hint == "" && a.Location.Line == 1 && a.Location.Column == 1 {
		return // the beginning of the whole body points at nothing
	}
	room := t.style.Width - margin - 6
	for n := max(1, a.Location.Line-1); n <= a.Location.Line; n++ {
		if l, ok := body.Line(n); ok {
			shown, _ := window(l, a.Location.Column, room)
			t.line(strings.Repeat(" ", margin) + t.faint.Sprintf("%3d ", n) + t.ascii("│ ") + t.ascii(shown))
		}
	}
	l, ok := body.Line(a.Location.Line)
	if !ok {
		return
	}
	shown, caret := window(l, a.Location.Column, room)
	_ = shown
	hint := "^"
	if a.Hint != "" {
		hint += " " + a.Hint
	}
	hint = t.ascii(Plain(hint))
	if over := caret + len([]rune(hint)) - room; over > 0 && a.Hint != "" && caret > len([]rune(a.Hint))+1 {
		hint = t.ascii(Plain(a.Hint)) + " ^"
		caret -= len([]rune(a.Hint)) + 1
	}
	t.line(strings.Repeat(" ", margin) + "    " + t.ascii("│ ") + strings.Repeat(" ", max(0, caret)) + t.red.Sprint(hint))
}

func bodyOf(p *troubleshoot.Plan, part check.Part) (exchange.Body, bool) {
	switch {
	case part == check.RequestBody && p.Exchange.Request != nil:
		return p.Exchange.Request.Body, p.Exchange.Request.Body.Present()
	case part == check.ResponseBody && p.Exchange.Response != nil:
		return p.Exchange.Response.Body, p.Exchange.Response.Body.Present()
	}
	return exchange.Body{}, false
}

// window cuts a line to room columns around a column (from 1) and returns where
// in the cut the caret stands (from 0).
func window(line string, column, room int) (shown string, caret int) {
	count, start := utf8.RuneCountInString(line), 0
	if count > room && column > room-20 {
		start = min(max(0, column-room/2), max(0, count-1))
	}
	end := min(count, start+room)
	cut := []rune(strings.ReplaceAll(exchange.Characters(line, start, end), "\t", " "))
	lead := []rune(Plain(string(cut[:max(0, min(column-1, end)-start)])))
	return Plain(string(cut)), len(lead)
}

// checklist shows every item with its verdict.
func (t *text) checklist(p *troubleshoot.Plan) {
	if len(p.Checklist) == 0 || p.Class == check.NotSent && p.Cause() == nil && !t.style.Verbose {
		return
	}
	t.block()
	label := "check"
	for _, c := range p.Checklist {
		t.point(label, &c)
		label = ""
	}
}

func (t *text) point(label string, c *troubleshoot.Point) {
	mark := t.mark(c.State)
	width := columns(mark) + 1
	indent := strings.Repeat(" ", margin+width)
	for i, l := range Wrap(t.ascii(Plain(c.Text)), t.style.Width-margin-width) {
		if i == 0 {
			t.line(t.label(label) + mark + " " + l)
		} else {
			t.line(indent + l)
		}
	}
	if because := reason(c); because != "" {
		for _, l := range Wrap(t.ascii(Plain(because)), t.style.Width-margin-width) {
			t.line(indent + t.faint.Sprint(l))
		}
	}
	if c.Verify != "" && c.Verify != t.command {
		t.command = c.Verify
		t.line(indent + t.ascii("→ ") + t.ascii(Plain(c.Verify))) // unbroken, so that it can be copied
	}
}

// reason says why a point stands as it does; that nothing was looked up goes
// without saying where a command follows.
func reason(c *troubleshoot.Point) string {
	switch {
	case c.State != diagnose.Unknown:
		return c.Because
	case c.Because == troubleshoot.NotLookedUp && c.Verify != "":
		return ""
	}
	return "not settled: " + c.Because
}

// diff shows what the corrected request changes.
func (t *text) diff(p *troubleshoot.Plan) {
	if p.Corrected == "" {
		return
	}
	t.block()
	label := "mend"
	for _, r := range p.Repairs {
		before, after := change(p, r)
		for _, l := range before {
			t.line(t.label(label) + t.red.Sprint("- "+t.ascii(t.clip(l))))
			label = ""
		}
		for _, l := range after {
			t.line(t.label(label) + t.green.Sprint("+ "+t.ascii(t.clip(l))))
			label = ""
		}
	}
}

func (t *text) clip(s string) string {
	if short := exchange.Characters(s, 0, 8*t.style.Width); len(short) < len(s) {
		s = short + "…" // it is masked already
	}
	return truncate(Plain(s), t.style.Width-margin-2, "…")
}

// change returns the lines before and after a repair, secrets masked.
func change(p *troubleshoot.Plan, r check.Repair) (before, after []string) {
	old, fixed := p.Exchange.Request, p.Diagnosis.Corrected
	known := p.Exchange.Known()
	switch r.Kind {
	case check.RepairMethod, check.RepairPath, check.RepairHost, check.RepairQuery:
		was, is := old.Method.String()+" "+old.URL.String(), fixed.Method.String()+" "+fixed.URL.String()
		if r.Kind == check.RepairMethod && len(p.Repairs) > 1 {
			return nil, nil // the line of the path shows it
		}
		return []string{was}, []string{is}
	case check.RepairHeader:
		if v, ok := old.Header.Get(r.Name); ok {
			before = []string{r.Name + ": " + v.String()}
		}
		if r.Value != "" {
			after = []string{r.Name + ": " + known.Hide(exchange.NewValue(r.Name, r.Value).String())}
		}
		return before, after
	case check.RepairBody:
		return changedLines(old.Body.String(), known.Hide(exchange.NewBody([]byte(r.Value)).String()))
	}
	return nil, nil
}

// maxChanged bounds the lines of a body's diff.
const maxChanged = 8

// changedLines drops what two texts have in common at either end.
func changedLines(was, is string) (before, after []string) {
	a, b := someLines{was, true}, someLines{is, true}
	for a.any && b.any {
		first, restA, moreA := strings.Cut(a.text, "\n")
		other, restB, moreB := strings.Cut(b.text, "\n")
		if first != other {
			break
		}
		a, b = someLines{restA, moreA}, someLines{restB, moreB}
	}
	for a.any && b.any {
		i, j := strings.LastIndexByte(a.text, '\n'), strings.LastIndexByte(b.text, '\n')
		if a.text[i+1:] != b.text[j+1:] {
			break
		}
		a, b = someLines{a.text[:max(0, i)], i >= 0}, someLines{b.text[:max(0, j)], j >= 0}
	}
	if a.any && b.any && !strings.Contains(a.text, "\n") && !strings.Contains(b.text, "\n") {
		return focus(a.text, b.text)
	}
	return a.beginning(), b.beginning()
}

// someLines are lines of a text as one string, so that a million of them are not a
// million strings.
type someLines struct {
	text string
	any  bool // there is a line, be it empty
}

// beginning is the first lines, as many as are shown.
func (l someLines) beginning() []string {
	if !l.any {
		return nil
	}
	list := strings.SplitN(l.text, "\n", maxChanged+1)
	if len(list) > maxChanged {
		list[maxChanged] = "…"
	}
	return list
}

// context is how much is shown of a long line before its first difference.
const context = 30

// focus drops what two long lines have in common before they differ.
func focus(was, is string) (before, after []string) {
	same := 0
	for same < len(was) && same < len(is) && was[same] == is[same] {
		same++
	}
	for same > 0 && same < len(was) && !utf8.RuneStart(was[same]) {
		same--
	}
	for range context {
		_, size := utf8.DecodeLastRuneInString(was[:same])
		same -= size
	}
	if same > 0 && max(utf8.RuneCountInString(was), utf8.RuneCountInString(is)) > 2*context {
		return []string{"…" + was[same:]}, []string{"…" + is[same:]}
	}
	return []string{was}, []string{is}
}

// closing says whether to send again and where to read on.
func (t *text) closing(p *troubleshoot.Plan) {
	for _, n := range p.Exchange.Notes {
		t.wrapped("note", exchange.MaskForms(n), t.faint)
	}
	if p.Class == check.Success || p.Class == check.NotSent && p.Cause() == nil {
		return
	}
	t.block()
	t.wrapped("retry", retryWords(p), nil)
	label := "more"
	for _, c := range p.Next {
		t.line(t.label(label) + t.ascii(Plain(c)))
		label = ""
	}
}

// retryWords puts the retry advice into a sentence.
func retryWords(p *troubleshoot.Plan) string {
	r := p.Retry
	var words string
	switch r.Advice {
	case "none":
		words = "no: "
	case "after-fix":
		words = "after the fix: "
	case "after-delay":
		words = "later: "
		if r.AfterSeconds > 0 {
			words = fmt.Sprintf("after %d s: ", r.AfterSeconds)
		}
	case "backoff":
		words = "a few times, with growing delay: "
		if r.AfterSeconds > 0 {
			words = fmt.Sprintf("after %d s, then with growing delay: ", r.AfterSeconds)
		}
	}
	words += strings.TrimSuffix(r.Why, ".") + "."
	if (r.Advice == "backoff" || p.Class == check.ServerError) && !r.Safe && p.Exchange.Request != nil {
		words += " Repeating this request may act twice."
	}
	return words
}
