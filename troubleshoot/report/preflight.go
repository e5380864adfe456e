package report

import (
	"fmt"
	"io"
	"strings"

	"immersve-doctor/diagnose/preflight"
)

// PreflightSchema names the form of the JSON document of "check".
const PreflightSchema = "immersve-doctor/check/v1"

// Preflight writes the items of a check: text, json, markdown, or short, a line
// an item.
func Preflight(w io.Writer, items []preflight.Item, s Style, format string) error {
	switch format {
	case "json":
		return preflightJSON(w, items)
	case "short", "markdown":
		return preflightShort(w, items, format)
	}
	t := newText(s)
	for _, l := range wrap(t.ascii(preflightHeadline(items)), t.style.Width) {
		t.line(t.bold.Sprint(l))
	}
	area := ""
	for _, i := range items {
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
	for n, l := range wrap(t.ascii(Plain(i.Title+": "+i.Detail)), t.style.Width-len(indent)) {
		if n == 0 {
			t.line("  " + mark + " " + l)
		} else {
			t.line(indent + l)
		}
	}
	if i.Fix == "" || i.State == preflight.OK {
		return
	}
	for _, l := range wrap(t.ascii("→ "+Plain(i.Fix)), t.style.Width-len(indent)) {
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

// preflightHeadline says whether calls can be made, and what to mend first.
func preflightHeadline(items []preflight.Item) string {
	problems, warnings := 0, 0
	first := ""
	for _, i := range items {
		switch i.State {
		case preflight.Problem:
			if problems++; problems == 1 {
				first = fmt.Sprintf("%s: %s. %s", i.Title, i.Detail, i.Fix)
			}
		case preflight.Warning:
			warnings++
		}
	}
	if problems > 0 {
		return fmt.Sprintf("Not ready, %s to mend. First %s", plural(problems, "problem"), Plain(first))
	}
	if warnings > 0 {
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

func preflightShort(w io.Writer, items []preflight.Item, format string) error {
	var b strings.Builder
	for _, i := range items {
		line := fmt.Sprintf("%-8s %s: %s", i.State, i.ID, Plain(i.Detail))
		if format == "markdown" {
			line = fmt.Sprintf("- **%s** %s: %s", i.State, i.ID, Escape(i.Detail))
		}
		b.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func preflightJSON(w io.Writer, items []preflight.Item) error {
	list := []map[string]string{}
	for _, i := range items {
		list = append(list, map[string]string{"id": i.ID, "title": i.Title, "state": i.State.String(), "detail": i.Detail, "fix": i.Fix})
	}
	return WriteJSON(w, map[string]any{"schema": PreflightSchema, "state": preflight.Worst(items).String(), "items": list})
}
