package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "The manual page, as roff",
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
	fmt.Fprintf(b, ".SH SYNOPSIS\n.B immersve-doctor\n[\\fIFILE\\fR…]\n.br\n.B immersve-doctor\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR…]\n")
	fmt.Fprintf(b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(root.Long))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range root.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		fmt.Fprintf(b, ".SS %s\n%s.\n", roff(c.UseLine()), roff(strings.TrimSuffix(c.Short, ".")))
		if c.Long != "" {
			fmt.Fprintf(b, ".PP\n.nf\n%s\n.fi\n", roff(c.Long))
		}
		writeFlags(b, c.LocalNonPersistentFlags())
	}
	b.WriteString(".SH OPTIONS OF EVERY COMMAND\n")
	writeFlags(b, root.PersistentFlags())
	b.WriteString(".SH EXIT STATUS\n")
	for _, e := range [][2]string{
		{"0", "every exchange succeeded, or the reference was printed"},
		{"1", "at least one exchange failed and was diagnosed"},
		{"2", "the command line was wrong"},
		{"3", "the input holds no HTTP exchange that can be recognised"},
		{"4", "no response was received"},
		{"5", "refused for safety; the message names the flag that lifts it"},
		{"130", "interrupted"},
	} {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", e[0], roff(e[1]))
	}
	b.WriteString(".SH ENVIRONMENT\nIMMERSVE_API_KEY, IMMERSVE_API_SECRET, IMMERSVE_ACCESS_TOKEN, IMMERSVE_ACCOUNT_ID, IMMERSVE_ENV, IMMERSVE_DOCTOR_CONFIG, NO_COLOR, PAGER\n")
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, use := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(b, ".TP\n.B %s \\fI%s\\fR\n%s\n", roff(name), roff(value), roff(use))
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
