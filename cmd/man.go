package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/troubleshoot"
)

func newMan(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page, as roff",
		Example: "  immersve-doctor man | man -l -",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var b strings.Builder
			writeManual(&b, c.Root())
			_, err := io.WriteString(s.env.Out, b.String())
			return err
		},
	}
}

// writeManual writes one page for all commands, in man(7). cobra's own generator
// costs half a millisecond at every start, so it is not linked.
func writeManual(b *strings.Builder, root *cobra.Command) {
	fmt.Fprintf(b, ".TH IMMERSVE-DOCTOR 1 \"\" \"immersve-doctor %s\" \"User Commands\"\n", Version)
	fmt.Fprintf(b, ".SH NAME\nimmersve-doctor \\- %s\n", roff(strings.ToLower(root.Short)))
	fmt.Fprintf(b, ".SH SYNOPSIS\n.B immersve-doctor\n[\\fIFILE\\fR...]\n.br\n.B immersve-doctor\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n")
	fmt.Fprintf(b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(root.Long))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range root.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		fmt.Fprintf(b, ".SS %s\n%s.\n", roff(c.UseLine()), roff(strings.TrimSuffix(c.Short, ".")))
		for _, text := range []string{c.Long, c.Annotations[noteMore]} {
			if text != "" {
				fmt.Fprintf(b, ".PP\n.nf\n%s\n.fi\n", roff(text))
			}
		}
		writeFlags(b, c.LocalNonPersistentFlags())
	}
	b.WriteString(".SH OPTIONS OF EVERY COMMAND\n")
	writeFlags(b, root.PersistentFlags())
	for _, topic := range troubleshoot.List("help") {
		if p, err := troubleshoot.Help(topic); err == nil {
			fmt.Fprintf(b, ".SH %s\n", roff(strings.ToUpper(p.Title)))
			writeMarkdown(b, p.Body)
		}
	}
}

// writeMarkdown writes the paragraphs, lists, headings and code of a help topic.
func writeMarkdown(b *strings.Builder, body string) {
	fenced := false
	for line := range strings.SplitSeq(body, "\n") {
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "```"):
			fenced = !fenced
			b.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n"}[fenced])
		case fenced:
			b.WriteString(roff(line) + "\n")
		case text == "":
			b.WriteString(".PP\n")
		case strings.HasPrefix(text, "#"):
			fmt.Fprintf(b, ".SS %s\n", roff(strings.TrimLeft(text, "# ")))
		case strings.HasPrefix(text, "- "):
			fmt.Fprintf(b, ".IP \\(bu 2\n%s\n", roff(strings.ReplaceAll(text[2:], "`", "")))
		default:
			b.WriteString(roff(strings.ReplaceAll(text, "`", "")) + "\n")
		}
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(flagTerm(f))), roff(flagWords(f)))
	})
}

// roff escapes what the formatter would act on.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
