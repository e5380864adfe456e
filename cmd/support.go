package cmd

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

type supportOptions struct {
	shared  *shared
	request string
	out     string
	tried   []string
}

func newSupport(s *shared) *cobra.Command {
	o := &supportOptions{shared: s}
	c := &cobra.Command{
		Use:   "support [FILE…]",
		Short: "A masked bundle for " + api.SupportAddress + "; nothing is sent",
		Long: `Puts together what Immersve's support needs to look into a failed exchange: the
diagnosis, the exchange, what was tried, versions and clock. Secrets are masked.
Nothing is sent: the bundle is written as Markdown, or as a zip with --out.`,
		Example: "  immersve-doctor support failed.txt --tried 'repeated after 10 minutes' --out bundle.zip",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && s.env.InTTY {
				return c.Help()
			}
			return runSupport(c.Context(), o, args)
		},
	}
	f := c.Flags()
	f.StringVar(&o.request, "request", "", "`FILE` with the request that the capture does not show")
	f.StringVar(&o.out, "out", "", "write a zip to `FILE` instead of Markdown to standard output")
	f.StringArrayVar(&o.tried, "tried", nil, "`WORDS` about what was tried; may be repeated")
	return c
}

// bundle is what the support gets: parts in their order.
type bundle struct {
	parts []part
}

type part struct {
	name, about string
	content     []byte
}

func (b *bundle) add(name, about string, content []byte) {
	b.parts = append(b.parts, part{name, about, content})
}

// manifest says what is included, and what was masked.
func (b *bundle) manifest() string {
	var m strings.Builder
	for _, p := range b.parts {
		fmt.Fprintf(&m, "%-16s %6d bytes  %s\n", p.name, len(p.content), p.about)
	}
	m.WriteString("masked           secrets: credentials, tokens, cookies, keys, card numbers, CVV, PIN\n")
	m.WriteString("not masked       ids, names and addresses in bodies: look before you send it\n")
	return m.String()
}

func runSupport(ctx context.Context, o *supportOptions, names []string) error {
	exchanges, err := o.collect(ctx, names)
	if err != nil {
		return err
	}
	b, err := o.bundleOf(exchanges)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.shared.env.Err, "The bundle holds:\n%s", b.manifest())
	if o.out == "" {
		return b.markdown(o.shared.env.Out)
	}
	if err := writeWhole(o.out, b.zip); err != nil {
		return err
	}
	fmt.Fprintf(o.shared.env.Err, "Written to %s. Nothing was sent; attach it to a mail to %s.\n", o.out, api.SupportAddress)
	return nil
}

// collect reads the exchanges of the captures.
func (o *supportOptions) collect(ctx context.Context, names []string) ([]*exchange.Exchange, error) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	quiet := *o.shared
	quiet.output, quiet.env.Out = "har", io.Discard
	reader := diagnoseOptions{shared: &quiet, request: o.request}
	beside, err := reader.requestBeside()
	if err != nil {
		return nil, err
	}
	out := newOutput(&quiet, "")
	for _, name := range names {
		if err := reader.input(ctx, name, beside, out); err != nil {
			return nil, err
		}
	}
	return out.kept, nil
}

func (o *supportOptions) bundleOf(exchanges []*exchange.Exchange) (*bundle, error) {
	now := o.shared.env.Now()
	var reports, har bytes.Buffer
	for _, ex := range exchanges {
		plan, err := troubleshoot.NewPlan(diagnose.Diagnose(ex, now))
		if err != nil {
			return nil, fmt.Errorf("make the plan: %w", err)
		}
		if err := report.Markdown(&reports, &plan); err != nil {
			return nil, err
		}
		reports.WriteString("\n")
	}
	if err := report.HAR(&har, exchanges, false); err != nil {
		return nil, err
	}
	b := &bundle{}
	b.add("diagnosis.md", "the diagnosis and its checklist", reports.Bytes())
	b.add("exchange.har", "the exchange itself, HAR 1.2", har.Bytes())
	b.add("tried.txt", "what was tried", []byte(o.triedWords()))
	b.add("about.txt", "versions and clock", []byte(about(now)))
	return b, nil
}

func (o *supportOptions) triedWords() string {
	if len(o.tried) == 0 {
		return "not said\n"
	}
	var b strings.Builder
	for _, t := range o.tried {
		b.WriteString("- " + report.Plain(exchange.MaskText(t)) + "\n")
	}
	return b.String()
}

func about(now time.Time) string {
	return fmt.Sprintf("immersve-doctor %s, commit %s\n%s on %s/%s\nclock %s\n",
		Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, now.UTC().Format(time.RFC3339))
}

// markdown writes the bundle as one document.
func (b *bundle) markdown(w io.Writer) error {
	for _, p := range b.parts {
		text := string(p.content)
		if p.name != "diagnosis.md" {
			text = "### " + p.name + "\n\n" + report.Fence("", strings.TrimRight(text, "\n"))
		}
		if _, err := fmt.Fprintf(w, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// zip writes the bundle as an archive with its manifest.
func (b *bundle) zip(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range append([]part{{"MANIFEST.txt", "", []byte(b.manifest())}}, b.parts...) {
		f, err := z.Create(p.name)
		if err != nil {
			return fmt.Errorf("add %s to the bundle: %w", p.name, err)
		}
		if _, err := f.Write(p.content); err != nil {
			return fmt.Errorf("add %s to the bundle: %w", p.name, err)
		}
	}
	return z.Close()
}
