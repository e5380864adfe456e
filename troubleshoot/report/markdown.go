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

// Markdown writes the plan of one exchange fit for a ticket. Text from captures
// stands in code spans or is escaped, so that it can neither format nor link.
func Markdown(w io.Writer, p *troubleshoot.Plan) error {
	var b strings.Builder
	p = Shared(p)
	fmt.Fprintf(&b, "## %s\n\n", Escape(p.Summary))
	if what := target(p); what != "" {
		fmt.Fprintf(&b, "%s  \n%s\n\n", Code(what), Escape(circumstances(p)))
	}
	if r := p.Exchange.Response; r != nil {
		fmt.Fprintf(&b, "Response: %d", r.Status)
		if p.Error.Code != "" {
			fmt.Fprintf(&b, ", errorCode %s", Code(maskedCode(p)))
		}
		if p.Error.Reason != "" {
			fmt.Fprintf(&b, ", reason %s", Code(maskedReason(p)))
		}
		b.WriteString("\n\n")
	}
	markdownFindings(&b, p)
	markdownChecklist(&b, p)
	markdownProbes(&b, p)
	if p.Corrected != "" {
		fmt.Fprintf(&b, "### Corrected request\n\n%s\n", Fence("sh", p.Corrected))
	}
	fmt.Fprintf(&b, "**Retry:** %s\n", Escape(retryWords(p)))
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownFindings(b *strings.Builder, p *troubleshoot.Plan) {
	if len(p.Advice) == 0 {
		return
	}
	b.WriteString("### Findings\n\n")
	for i := range p.Advice {
		a := &p.Advice[i]
		fmt.Fprintf(b, "- **%s** (%s): %s.", a.ID, a.Severity, Escape(a.Title))
		if a.Evidence != "" {
			fmt.Fprintf(b, " %s.", Escape(a.Evidence))
		}
		if where := place(a); where != "" {
			fmt.Fprintf(b, " At %s.", Code(where))
		}
		fmt.Fprintf(b, " *Fix:* %s", Escape(a.Fix))
		if a.Docs != "" {
			fmt.Fprintf(b, " [Docs](%s)", a.Docs)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func markdownChecklist(b *strings.Builder, p *troubleshoot.Plan) {
	if len(p.Checklist) == 0 {
		return
	}
	b.WriteString("### Checklist\n\n")
	marks := map[diagnose.State]string{diagnose.OK: "[x] ok", diagnose.Problem: "[ ] **problem**", diagnose.Unknown: "[ ] unknown", diagnose.NotApplicable: "[x] not applicable"}
	for _, c := range p.Checklist {
		fmt.Fprintf(b, "- %s: %s — %s", marks[c.State], Escape(c.Text), Escape(c.Because))
		if c.Verify != "" {
			fmt.Fprintf(b, " (settle it: %s)", Code(c.Verify))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
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
