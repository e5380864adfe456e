package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"immersve-doctor/diagnose"
	"immersve-doctor/troubleshoot"
)

// Markdown writes the plan of one exchange fit for a ticket: the sections of the text
// report. Text from inputs is in code spans or escaped, so that it can neither format
// nor link.
func Markdown(w io.Writer, p *troubleshoot.Plan) error {
	var b strings.Builder
	p = Shared(p)
	fmt.Fprintf(&b, "## %s\n\n", Escape(p.Headline))
	if p.Step != "" {
		fmt.Fprintf(&b, "%s\n\n", Escape(p.Step))
	}
	var lines []string
	if place := occurrences(p, Style{}); place != "" {
		lines = append(lines, Escape(place))
	}
	if what := target(p); what != "" {
		lines = append(lines, Code(what))
	}
	if how := circumstances(p); how != "" {
		lines = append(lines, Escape(how))
	}
	if len(lines) > 0 {
		b.WriteString(strings.Join(lines, "  \n") + "\n\n")
	}
	for _, s := range sectionsOf(p, Style{Width: markdownWidth, Unicode: true}) {
		markdownSection(&b, s)
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// markdownWidth is how wide bodies are in a ticket.
const markdownWidth = 100

// markdownSection writes a label with its sentences, the items of a checklist as a list,
// and what keeps its columns in a block of code.
func markdownSection(b *strings.Builder, s section) {
	fmt.Fprintf(b, "**%s**", strings.ToUpper(s.label[:1])+s.label[1:])
	gap := " "
	for i := 0; i < len(s.rows); i++ {
		switch r := s.rows[i]; r.kind {
		case words:
			text := Escape(r.text)
			if r.id != "" {
				text = strings.TrimSuffix(Code(r.id)+": "+text, ": ")
			}
			b.WriteString(gap + text)
			gap = "  \n"
		case item, inline:
			if gap != "\n" {
				gap = "\n\n"
			}
			fmt.Fprintf(b, "%s- %s %s", gap, markdownMark(r.state), Escape(r.text))
			gap = "\n"
		default:
			language, code := fenced(s.rows[i:])
			b.WriteString("\n\n" + strings.TrimRight(Fence(language, strings.Join(code, "\n")), "\n"))
			i += len(code) - 1
			gap = "\n\n"
		}
	}
	b.WriteString("\n\n")
}

// fenced returns the lines at the beginning of rows that make one block of code.
func fenced(rows []row) (language string, code []string) {
	languages := map[rowKind]string{command: "sh", removed: "diff", added: "diff", verbatim: "text", caret: "text"}
	signs := map[rowKind]string{removed: "- ", added: "+ "}
	for _, r := range rows {
		l := languages[r.kind]
		if l == "" || language != "" && l != language {
			break
		}
		language = l
		code = append(code, signs[r.kind]+r.text)
	}
	return language, code
}

func markdownMark(state diagnose.State) string {
	return map[diagnose.State]string{
		diagnose.OK: "✓", diagnose.Problem: "✗ **problem**:", diagnose.Unknown: "? unknown:", diagnose.NotApplicable: "– n/a:",
	}[state]
}

// markdownEscapes replaces what Markdown and HTML read as markup. It's shared because
// building a Replacer costs more than most words do.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"#", `\#`, "|", `\|`, "!", `\!`, "~", `\~`)

// Escape makes a text inert in Markdown and HTML. Words that become links or mentions
// where they stand as text, however they are escaped, stand in code spans.
func Escape(s string) string {
	s = strings.TrimLeft(Plain(s), " ")
	var b strings.Builder
	if n := blockMark(s); n > 0 {
		b.WriteString(s[:n-1] + `\` + s[n-1:n])
		s = s[n:]
	}
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '|' })
		word, rest := s, ""
		switch {
		case end > 0:
			word, rest = s[:end], s[end:]
		case end == 0:
			_, size := utf8.DecodeRuneInString(s)
			word, rest = s[:size], s[size:]
		}
		if isLinked(word) {
			word = Code(word)
		} else {
			word = markdownEscapes.Replace(word)
		}
		b.WriteString(word)
		s = rest
	}
	return b.String()
}

// isLinked reports whether a word is made a link or a mention of: an address, an
// account's name, the number of an issue.
func isLinked(word string) bool {
	if strings.Contains(word, "@") || strings.Contains(word, "://") || strings.Contains(strings.ToLower(word), "www.") {
		return true
	}
	_, after, ok := strings.Cut(word, "#")
	return ok && strings.Trim(after[:min(1, len(after))], "0123456789") == "" && after != ""
}

// blockMark returns where at the beginning of a text the mark ends that would begin a
// list, a rule or a heading; 0 for none (CommonMark 0.31 section 4 and 5.2).
func blockMark(s string) int {
	if s == "" || strings.ContainsRune("-+=", rune(s[0])) {
		return min(1, len(s))
	}
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if n == 0 || n == len(s) || s[n] != '.' && s[n] != ')' || n+1 < len(s) && s[n+1] != ' ' {
		return 0
	}
	return n + 1
}

// Code puts a text into a code span that it cannot leave.
func Code(s string) string {
	s = Plain(s)
	ticks := ticksFor(s, 1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// Fence puts lines into a fenced block that they cannot leave.
func Fence(language, content string) string {
	var lines []string
	for l := range strings.SplitSeq(content, "\n") {
		cells := strings.Split(l, "\t") // a tab is harmless where nothing is aligned
		for i, c := range cells {
			cells[i] = Plain(c)
		}
		lines = append(lines, strings.Join(cells, "\t"))
	}
	ticks := ticksFor(content, 3)
	return ticks + language + "\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n"
}

// ticksFor returns a run of at least n backticks that is longer than any run in s, so
// that s can't end the span or block that the run opens.
func ticksFor(s string, n int) string {
	run := 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		n = max(n, run+1)
	}
	return strings.Repeat("`", n)
}
