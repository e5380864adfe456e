package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"immersve-doctor/diagnose/preflight"
)

// PreflightSchema names the form of the JSON document of "check".
const PreflightSchema = "immersve-doctor/check/v1"

// Preflight writes a check: text, json, markdown, or short, a line an item.
func Preflight(w io.Writer, r *preflight.Report, s Style, format string) error {
	switch format {
	case "json":
		return preflightJSON(w, r)
	case "short":
		return preflightShort(w, r.Items)
	case "markdown":
		return preflightMarkdown(w, r)
	}
	t := newText(s)
	for _, l := range Wrap(t.ascii(preflightHeadline(r.Items)), t.style.Width) {
		t.line(t.bold.Sprint(l))
	}
	area := ""
	for _, i := range r.Items {
		if head, _, _ := strings.Cut(i.ID, "."); head != area {
			area = head
			t.b.WriteByte('\n')
			t.line(t.cyan.Sprint(area))
		}
		t.preflightItem(i)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (t *text) preflightItem(i preflight.Item) {
	mark, width := t.preflightMark(i.State)
	indent := strings.Repeat(" ", 3+width)
	for n, l := range Wrap(t.ascii(Plain(i.Title+": "+i.Detail)), t.style.Width-len(indent)) {
		if n == 0 {
			t.line("  " + mark + " " + l)
		} else {
			t.line(indent + l)
		}
	}
	if i.Fix == "" || i.State == preflight.OK {
		return
	}
	for n, l := range Wrap(t.ascii("→ "+Plain(i.Fix)), t.style.Width-len(indent)-2) {
		if n > 0 {
			l = "  " + l
		}
		t.line(indent + l)
	}
}

func (t *text) preflightMark(s preflight.State) (mark string, width int) {
	marks := [...][2]string{{"?", "? "}, {"✓", "ok"}, {"!", "! "}, {"✗", "NO"}}
	m := marks[s][1]
	if t.style.Unicode {
		m = marks[s][0]
	}
	paint := t.yellow
	switch s {
	case preflight.OK:
		paint = t.green
	case preflight.Problem:
		paint = t.red
	}
	return paint.Sprint(m), len([]rune(m))
}

// preflightHeadline says whether calls can be made, and what to fix first.
func preflightHeadline(items []preflight.Item) string {
	problems, warnings := preflight.Count(items, preflight.Problem), preflight.Count(items, preflight.Warning)
	switch {
	case problems > 0:
		first := items[slices.IndexFunc(items, func(i preflight.Item) bool { return i.State == preflight.Problem })]
		return strings.TrimSpace(fmt.Sprintf("Not ready, %s to fix. First %s: %s. %s", plural(problems, "problem"), first.Title, first.Detail, first.Fix))
	case warnings > 0:
		return fmt.Sprintf("Ready to call Immersve, with %s.", plural(warnings, "warning"))
	}
	return "Ready to call Immersve."
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func preflightShort(w io.Writer, items []preflight.Item) error {
	var b strings.Builder
	for _, i := range items {
		line := fmt.Sprintf("%-8s %s: %s", i.State, i.ID, Plain(i.Detail))
		if i.Fix != "" && i.State != preflight.OK {
			line += " → " + Plain(i.Fix)
		}
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func preflightMarkdown(w io.Writer, r *preflight.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Check of %s\n\n%s\n\n| | item | seen | fix |\n|---|---|---|---|\n", Escape(r.Base), Escape(preflightHeadline(r.Items)))
	for _, i := range r.Items {
		fix := i.Fix
		if i.State == preflight.OK {
			fix = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", i.State, Escape(i.Title), Escape(i.Detail), Escape(fix))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// preflightDocument is the JSON of a check.
type preflightDocument struct {
	Schema      string          `json:"schema"`
	Environment string          `json:"environment"`
	Base        string          `json:"base"`
	Reached     bool            `json:"reached"`
	State       string          `json:"state"` // the worst of its items
	Items       []preflightItem `json:"items"`
}

type preflightItem struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	State  string `json:"state"` // ok, warning, problem, unknown
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
}

func preflightJSON(w io.Writer, r *preflight.Report) error {
	d := preflightDocument{
		Schema: PreflightSchema, Environment: r.Environment, Base: r.Base, Reached: r.Reached,
		State: preflight.Worst(r.Items).String(), Items: []preflightItem{},
	}
	for _, i := range r.Items {
		d.Items = append(d.Items, preflightItem{i.ID, i.Title, i.State.String(), i.Detail, i.Fix})
	}
	return WriteJSON(w, d)
}
