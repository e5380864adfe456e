package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

type explainOptions struct {
	*shared
	list bool
}

func newExplain(s *shared) *cobra.Command {
	o := &explainOptions{shared: s}
	c := &cobra.Command{
		Use:   "explain [WORDS...]",
		Short: "Look up statuses, error codes, endpoints and findings",
		Long:  "Look up statuses, error codes, endpoints, findings, topics, webhooks and values of the\nAPI, or search with your own words. Works offline.",
		Example: `  immersve-doctor explain kyc
  immersve-doctor explain 403
  immersve-doctor explain 403 INSUFFICIENT_FUNDS
  immersve-doctor explain create-card
  immersve-doctor explain POST /api/cards
  immersve-doctor explain token-expired
  immersve-doctor explain payment-updated
  immersve-doctor explain "card declined"`,
		RunE:              func(_ *cobra.Command, args []string) error { return runExplain(o, args) },
		ValidArgsFunction: completeExplain,
	}
	c.Flags().BoolVarP(&o.list, "list", "l", false, "List all pages, or those with WORDS in their title")
	return c
}

func runExplain(o *explainOptions, args []string) error {
	var b bytes.Buffer
	switch {
	case o.list:
		if err := o.index(&b, strings.Join(args, " ")); err != nil {
			return err
		}
	case len(args) == 0:
		if err := report.Overview(&b, o.style(), o.output); err != nil {
			return err
		}
	default:
		if err := o.page(&b, args); err != nil {
			return err
		}
	}
	return o.show(b.Bytes())
}

// explainNames explains words that stand where a file or an input is expected, if
// all of them are names of pages.
func (s *shared) explainNames(words []string) (explained bool, err error) {
	if !areNames(words) {
		return false, nil
	}
	return true, runExplain(&explainOptions{shared: s}, words)
}

// areNames reports whether there are words and each is the name of a page.
func areNames(words []string) bool {
	unknown := func(w string) bool { return !troubleshoot.IsName(w) }
	return len(words) > 0 && !slices.ContainsFunc(words, unknown)
}

// lookUp returns a command that explains words, or "" if nothing fits them.
func lookUp(words []string) string {
	if _, err := troubleshoot.Resolve(words); err != nil {
		return ""
	}
	return "immersve-doctor explain " + strings.Join(quoteAll(words), " ")
}

// index lists all pages, or those with a text in their ID or title.
func (o *explainOptions) index(w io.Writer, holding string) error {
	n, err := report.Index(w, o.style(), o.output, holding)
	if err == nil && n == 0 {
		return usage("to list everything: immersve-doctor explain --list", "no page has %q in its title", holding)
	}
	return err
}

func (o *explainOptions) page(w io.Writer, args []string) error {
	reference, err := troubleshoot.Resolve(args)
	var unknown *troubleshoot.UnknownError
	if errors.As(err, &unknown) {
		return usage(unknownHint(unknown), "%s", cause(unknown))
	}
	if err != nil {
		return err
	}
	switch o.output {
	case "json":
		return report.ReferenceJSON(w, reference)
	case "markdown":
		return report.ReferenceMarkdown(w, reference)
	}
	return report.Reference(w, reference, o.style())
}

func cause(u *troubleshoot.UnknownError) string {
	if u.Why != "" {
		return u.Why
	}
	return fmt.Sprintf("nothing found for %q", u.Asked)
}

func unknownHint(u *troubleshoot.UnknownError) string {
	var hints, names []string
	if len(u.Near) > 0 {
		names = u.Near
		hints = append(hints, "did you mean "+strings.Join(u.Near, ", ")+"?")
	}
	if len(u.Hits) > 0 {
		var mentions []string
		for _, h := range u.Hits {
			mentions = append(mentions, h.ID)
		}
		names = append(names, mentions...)
		hints = append(hints, "pages that mention it: "+strings.Join(mentions, ", "))
	}
	if len(hints) == 0 {
		return "to list everything: immersve-doctor explain --list"
	}
	return strings.Join(hints, "\n") + "\ntry: immersve-doctor explain " + names[0]
}

// show writes text, through the user's pager when it is longer than the terminal.
func (o *explainOptions) show(content []byte) error {
	lines := bytes.Count(content, []byte("\n"))
	if o.output != "text" || !o.env.OutTTY || o.env.Height == 0 || lines < o.env.Height {
		_, err := o.env.Out.Write(content)
		return err
	}
	if o.env.Getenv("TERM") != "dumb" && paged(o.env.Getenv("PAGER"), o.env.Getenv("LESS"), content) {
		return nil
	}
	_, err := o.env.Out.Write(content)
	return err
}

// paged runs the pager and reports whether it took the text. less is told to let
// colours through, unless the user has told it otherwise.
func paged(pager, less string, content []byte) bool {
	command := strings.Fields(pager)
	if pager == "" {
		command = []string{"less", "-FRX"}
	}
	if len(command) == 0 || command[0] == "cat" {
		return false
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return false
	}
	c := exec.Command(path, command[1:]...)
	if less == "" {
		c.Env = append(os.Environ(), "LESS=FRX")
	}
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(content), os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "immersve-doctor: the pager %q failed: %v\n", command[0], err)
	}
	return true
}
