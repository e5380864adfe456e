package report

import (
	"fmt"
	"io"
	"strings"

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

// Escape makes a text inert in Markdown and HTML.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
		"#", `\#`, "|", `\|`, "!", `\!`, "~", `\~`, "@", "&#64;", "://", "&#58;//").Replace(Plain(s))
}

// Code puts a text into a code span that it cannot leave.
func Code(s string) string {
	s = Plain(s)
	ticks := "`"
	for strings.Contains(s, ticks) {
		ticks += "`"
	}
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
	ticks := "```"
	for strings.Contains(content, ticks) {
		ticks += "`"
	}
	return ticks + language + "\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n"
}
