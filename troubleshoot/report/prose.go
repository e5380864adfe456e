package report

import (
	"slices"
	"strings"
)

// prose writes the Markdown of a page for the terminal: paragraphs and lists are
// wrapped, tables aligned, code in fences indented and left as it is.
func (t *text) prose(body string) {
	if strings.TrimSpace(body) == "" {
		return
	}
	t.block()
	var p passage
	flush := func() {
		t.passage(p)
		p = passage{}
	}
	fenced := false
	for l := range strings.SplitSeq(body, "\n") {
		trimmed := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			fenced = !fenced
		case fenced:
			t.line("    " + t.ascii(Plain(l)))
		case trimmed == "":
			flush()
			t.b.WriteByte('\n')
		case strings.HasPrefix(trimmed, "#"):
			flush()
			t.line(t.bold.Sprint(t.plain(strings.TrimLeft(trimmed, "# "))))
		case strings.HasPrefix(trimmed, "|"):
			if p.rows == nil {
				flush()
			}
			p.rows = append(p.rows, cells(trimmed))
		case bullet(trimmed) != "":
			flush()
			mark := bullet(trimmed)
			p.indent, p.mark = len(l)-len(strings.TrimLeft(l, " ")), mark
			p.words = trimmed[len(mark):]
		default:
			p.words += " " + trimmed
		}
	}
	flush()
}

// passage is a paragraph, an entry of a list, or a table.
type passage struct {
	indent int
	mark   string // "- ", "12. ", or "" for a paragraph
	words  string
	rows   [][]string
}

// bullet returns the mark of a list's entry, or "" if the line isn't one.
func bullet(line string) string {
	if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") {
		return line[:2]
	}
	digits := len(line) - len(strings.TrimLeft(line, "0123456789"))
	if digits > 0 && strings.HasPrefix(line[digits:], ". ") {
		return line[:digits+2]
	}
	return ""
}

func (t *text) passage(p passage) {
	if p.rows != nil {
		t.table(p.rows)
		return
	}
	head := strings.Repeat(" ", p.indent) + p.mark
	for _, l := range Wrap(t.inline(p.words), t.style.Width-len(head)) {
		if strings.TrimSpace(l) != "" {
			t.line(head + l)
		}
		head = strings.Repeat(" ", len(head))
	}
}

// inline writes links, code and bold text as a terminal shows them. Without colours,
// only commands stay marked: a reader has to see where they end.
func (t *text) inline(s string) string {
	s = t.ascii(Plain(s))
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "`*[")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		if content, rest, ok := delimited(s, "`", "`"); ok {
			switch {
			case t.style.Colour:
				content = paintWords(content, t.cyan.Sprint)
			case strings.HasPrefix(content, "immersve-doctor ") || strings.HasPrefix(content, "curl "):
				content = "`" + content + "`"
			}
			b.WriteString(content)
			s = rest
		} else if content, rest, ok := delimited(s, "**", "**"); ok {
			b.WriteString(paintWords(content, t.bold.Sprint))
			s = rest
		} else if label, rest, ok := delimited(s, "[", "]("); ok && strings.Contains(rest, ")") {
			address, after, _ := strings.Cut(rest, ")")
			b.WriteString(label + " (" + address + ")")
			s = after
		} else {
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String() + s
}

// delimited returns the text between two marks at the beginning of s, and the rest.
func delimited(s, opening, closing string) (content, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, opening)
	if !ok {
		return "", "", false
	}
	content, rest, ok = strings.Cut(s, closing)
	return content, rest, ok && content != ""
}

// plain is inline without colours, for text that is painted as a whole.
func (t *text) plain(s string) string {
	return strings.NewReplacer("`", "", "**", "").Replace(t.ascii(Plain(s)))
}

// paintWords paints each word for itself, because a line may end between two.
func paintWords(s string, paint func(...any) string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = paint(w)
	}
	return strings.Join(words, " ")
}

// cells splits a table's row. It returns nil for the line below the header.
func cells(line string) []string {
	if strings.Trim(line, "|-: ") == "" {
		return nil
	}
	row := strings.Split(strings.Trim(line, "|"), "|")
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

// table writes rows in columns that fit the width. Long cells are wrapped.
func (t *text) table(rows [][]string) {
	header := len(rows) > 1 && rows[1] == nil
	rows = slices.DeleteFunc(rows, func(row []string) bool { return row == nil })
	for i, row := range rows {
		for j := range row {
			row[j] = t.inline(row[j])
			if header && i == 0 {
				row[j] = paintWords(row[j], t.bold.Sprint)
			}
		}
	}
	widths := fitted(rows, t.style.Width)
	for i, row := range rows {
		t.row(row, widths)
		if header && i == 0 {
			rule := make([]string, len(widths))
			for j, w := range widths {
				rule[j] = strings.Repeat("-", w)
			}
			t.line(t.faint.Sprint(strings.Join(rule, "  ")))
		}
	}
}

// narrowest is how narrow a column of a table gets so that the others fit.
const narrowest = 10

// fitted returns the widths of a table's columns. The widest ones are narrowed until
// the table fits.
func fitted(rows [][]string, width int) []int {
	var widths []int
	for _, row := range rows {
		for j, cell := range row {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], columns(cell))
		}
	}
	for {
		total := 2 * (len(widths) - 1)
		widest := 0
		for j, w := range widths {
			total += w
			if w > widths[widest] {
				widest = j
			}
		}
		if total <= width || len(widths) == 0 || widths[widest] <= narrowest {
			return widths
		}
		widths[widest] -= min(total-width, widths[widest]-narrowest, 4)
	}
}

func (t *text) row(row []string, widths []int) {
	wrapped := make([][]string, len(row))
	height := 0
	for j, cell := range row {
		wrapped[j] = Wrap(cell, widths[j])
		height = max(height, len(wrapped[j]))
	}
	for i := range height {
		var b strings.Builder
		for j := range row {
			cell := ""
			if i < len(wrapped[j]) {
				cell = wrapped[j][i]
			}
			b.WriteString(cell + strings.Repeat(" ", max(0, widths[j]-columns(cell)+2)))
		}
		t.line(b.String())
	}
}
