package report

import (
	"io"
	"strings"

	"github.com/fatih/color"

	"immersve-doctor/diagnose"
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
	t.margin = diagnosisMargin
	t.summary(p)
	t.request(p)
	sections := sectionsOf(p, t.style)
	if len(sections) > 0 {
		t.block()
	}
	for _, section := range sections {
		t.section(section)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type text struct {
	margin  int
	b       strings.Builder
	style   Style
	bold    *color.Color
	faint   *color.Color
	red     *color.Color
	green   *color.Color
	yellow  *color.Color
	cyan    *color.Color
	started bool // a block was written
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
		margin: margin, style: s, bold: paint(color.Bold), faint: paint(color.Faint), red: paint(color.FgRed, color.Bold),
		green: paint(color.FgGreen), yellow: paint(color.FgYellow), cyan: paint(color.FgCyan),
	}
}

// margin is the width of the label column; a diagnosis has longer labels.
const (
	margin          = 9
	diagnosisMargin = 12
)

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
	for i, l := range Wrap(content, t.style.Width-t.margin) {
		head := strings.Repeat(" ", t.margin)
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
		return strings.Repeat(" ", t.margin)
	}
	return "  " + t.cyan.Sprint(label) + strings.Repeat(" ", max(1, t.margin-2-len(label)))
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

// summary is the first two lines: what failed and why, and the first step.
func (t *text) summary(p *troubleshoot.Plan) {
	t.block()
	mark := t.mark(diagnose.Problem)
	switch {
	case !p.Failed() && t.style.Unicode:
		mark = t.mark(diagnose.OK)
	case !p.Failed():
		mark = t.green.Sprint("OK")
	case !t.style.Unicode:
		mark = t.red.Sprint("FAIL")
	}
	width := t.style.Width - 1 - columns(mark)
	for i, l := range Wrap(t.ascii(Plain(p.Headline)), width) {
		head := "  "
		if i == 0 {
			head = mark + " "
		}
		t.line(head + t.bold.Sprint(l))
	}
	if p.Step == "" {
		return
	}
	for _, l := range Wrap(t.ascii(Plain(p.Step)), t.style.Width-2) {
		t.line("  " + l)
	}
}

// request shows what was sent, and where and with what.
func (t *text) request(p *troubleshoot.Plan) {
	var lines []string
	if place := occurrences(p, t.style); place != "" {
		lines = append(lines, t.faint.Sprint(truncate(t.ascii(Plain(place)), t.style.Width-2, t.ascii("…"))))
	}
	if what := t.ascii(Plain(target(p))); what != "" {
		if columns(what) > t.style.Width-2 {
			what = t.ascii(shortIDs(what))
		}
		for i, l := range targetLines(what, t.style.Width-2) {
			lines = append(lines, strings.Repeat(" ", 4*min(i, 1))+l)
		}
	}
	if how := t.ascii(circumstances(p)); how != "" {
		last := len(lines) - 1
		if what := target(p); last >= 0 && what != "" && columns(lines[last])+columns(how)+5 <= t.style.Width {
			lines[last] += t.faint.Sprint(t.ascii(" · ") + how)
		} else {
			lines = append(lines, t.faint.Sprint(how))
		}
	}
	if len(lines) == 0 {
		return
	}
	t.block()
	for _, l := range lines {
		t.line("  " + l)
	}
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

// section writes a label and its rows.
func (t *text) section(s section) {
	label := s.label
	var flow []string
	for i, r := range s.rows {
		if r.kind == inline {
			flow = append(flow, t.item(r)...)
			if i+1 < len(s.rows) && s.rows[i+1].kind == inline {
				continue
			}
		}
		var lines []string
		switch r.kind {
		case inline:
			lines, flow = t.items(flow), nil
		case item:
			lines = t.item(r)
		case words:
			lines = t.words(r)
		case verbatim:
			lines = []string{truncate(t.ascii(Plain(r.text)), t.style.Width-t.margin, "")}
		case caret:
			before, after, _ := strings.Cut(r.text, "│ ")
			pad := len(after) - len(strings.TrimLeft(after, " "))
			lines = []string{before + t.ascii("│ ") + after[:pad] + t.red.Sprint(t.ascii(after[pad:]))}
		case removed:
			lines = []string{t.red.Sprint("- " + t.clip(r.text))}
		case added:
			lines = []string{t.green.Sprint("+ " + t.clip(r.text))}
		case command:
			lines = []string{t.ascii(Plain(r.text))} // unbroken, so that it can be copied
		}
		for _, l := range lines {
			t.line(t.label(label) + l)
			label = ""
		}
	}
}

// item is a mark with its text, indented after the first line.
func (t *text) item(r row) []string {
	lines := Wrap(t.ascii(Plain(r.text)), t.style.Width-t.margin-2)
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	lines[0] = t.mark(r.state) + lines[0][1:]
	return lines
}

// words are the lines of a sentence, after the id of a finding in bold.
func (t *text) words(r row) []string {
	if r.id == "" {
		return Wrap(t.ascii(Plain(r.text)), t.style.Width-t.margin)
	}
	id := r.id
	if r.text != "" {
		id += ": "
	}
	lines := Wrap(t.ascii(Plain(id+r.text)), t.style.Width-t.margin)
	lines[0] = strings.Replace(lines[0], r.id, t.bold.Sprint(r.id), 1)
	return lines
}

// items puts items on as few lines as they need.
func (t *text) items(items []string) []string {
	lines := []string{items[0]}
	for _, next := range items[1:] {
		last := len(lines) - 1
		if strings.HasPrefix(next, " ") || strings.HasPrefix(lines[last], " ") || columns(lines[last])+3+columns(next) > t.style.Width-t.margin {
			lines = append(lines, next)
			continue
		}
		lines[last] += "   " + next
	}
	return lines
}

func (t *text) clip(s string) string {
	return truncate(t.ascii(Plain(s)), t.style.Width-t.margin-2, t.ascii("…"))
}
