package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

type supportOptions struct {
	*shared
	credentialOptions
	probeOptions
	captureOptions
	out       string
	tried     []string
	entries   []int
	all       bool
	bodiless  bool
	yes       bool
	force     bool
	strangers int // exchanges left out: with other hosts
	succeeded int // exchanges left out: beside failed ones
}

func newSupport(s *shared) *cobra.Command {
	o := &supportOptions{shared: s}
	c := &cobra.Command{
		Use:   "support [FILE...]",
		Short: "Create a masked bundle for " + api.SupportAddress,
		Long: `Collect what Immersve's support needs: the failed requests, their diagnosis, what you
have tried, versions and clock. Secrets are masked. Nothing is sent. The bundle is
printed as Markdown, or written to a file after its contents were listed.

If nothing failed, all requests to Immersve are included. "-" is stdin.`,
		Example: `  immersve-doctor support failed.txt --tried 'waited 10 minutes' --out case.zip
  curl -v ... 2>&1 | immersve-doctor support --probe --out bundle.md`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && s.env.InTTY {
				return c.Help()
			}
			return runSupport(c.Context(), o, args)
		},
	}
	o.flags(c)
	return c
}

func (o *supportOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "Write a .zip or .md file instead of stdout")
	f.StringArrayVar(&o.tried, "tried", nil, "What you have tried (repeatable)")
	f.BoolVar(&o.bodiless, "without-bodies", false, "Omit request and response bodies")
	f.IntSliceVar(&o.entries, "entry", nil, "Only this entry, counted from 1 (repeatable)")
	f.BoolVar(&o.all, "all", false, fmt.Sprintf("Include successes, other hosts, more than %d entries", maxBundled))
	f.BoolVarP(&o.yes, "yes", "y", false, "Write without asking")
	f.BoolVar(&o.force, "force", false, "Overwrite an existing file")
	o.captureOptions.flags(f)
	o.requestFlag(f)
	o.probeOptions.flags(f)
	o.credentialOptions.flags(f)
	f.Lookup("env").Usage = "With --probe: test, live or a URL (default test)"
}

// maxBundled is how many exchanges are bundled without --all: nobody reads more.
const maxBundled = 20

func runSupport(ctx context.Context, o *supportOptions, names []string) error {
	if err := o.judgeFlags(); err != nil {
		return err
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	list, err := o.collect(ctx, names)
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	if err != nil {
		return err
	}
	b, err := o.bundleOf(list)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.env.Err, "Contents of the bundle:\n%s", b.manifest())
	if o.out == "" {
		return b.markdown(o.env.Out)
	}
	if err := o.agreed(); err != nil {
		return err
	}
	write := b.markdown
	if isZip(o.out) {
		write = b.zip
	}
	if err := o.write(ctx, write); err != nil {
		return err
	}
	fmt.Fprintf(o.env.Err, "Written to %s. Nothing was sent. Attach it to an email to %s, subject: %s\n", report.Plain(o.out), api.SupportAddress, report.Plain(b.subject))
	return nil
}

func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// judgeFlags refuses what cannot be done before anything is read.
func (o *supportOptions) judgeFlags() error {
	switch ext := strings.ToLower(filepath.Ext(o.out)); {
	case !oneOf(o.output, "text", "markdown"):
		return usage("omit -o, or write a file with --out FILE.zip or --out FILE.md", "unsupported output format for support: %q", o.output)
	case o.showSecrets:
		return usage("omit --show-secrets", "secrets in a bundle are always masked")
	case o.out != "" && !oneOf(ext, ".zip", ".md", ".markdown"):
		return usage("use a name that ends in .zip or .md", "--out: unknown format of %q", o.out)
	case o.out != "" && !o.force && exists(o.out):
		return o.taken()
	}
	for _, n := range o.entries {
		if n < 1 {
			return usage("entries are counted from 1", "invalid --entry %d", n)
		}
	}
	return nil
}

func (o *supportOptions) taken() error {
	return &statusError{code: exitRefused, err: fmt.Errorf("%s already exists", o.out), hint: "use --force to overwrite it"}
}

// agreed asks on a terminal, after the list of contents was shown.
func (o *supportOptions) agreed() error {
	if o.yes || !o.env.InTTY || !o.env.ErrTTY {
		return nil
	}
	fmt.Fprintf(o.env.Err, "Write it to %s? [y/N] ", report.Plain(o.out))
	answer, err := bufio.NewReader(o.env.In).ReadString('\n')
	if err == nil && oneOf(strings.ToLower(strings.TrimSpace(answer)), "y", "yes") {
		return nil
	}
	return &statusError{code: exitRefused, err: errors.New("nothing was written"), hint: "use --yes to write without asking"}
}

// write writes the file whole or not at all, and over another one only when that
// was asked for.
func (o *supportOptions) write(ctx context.Context, content func(io.Writer) error) error {
	if o.force {
		return writeWhole(ctx, o.out, content)
	}
	err := writeNew(o.out, content)
	if errors.Is(err, fs.ErrExist) {
		return o.taken()
	}
	return err
}

// writeNew is writeWhole for a name that must not be there: the complete file
// gets it as a second name, which fails where there is one.
func writeNew(name string, content func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".immersve-doctor-*")
	if err != nil {
		return usage("", "save %s: %w", name, plainCause(err))
	}
	whole := f.Name()
	defer os.Remove(whole) // its other name stays
	err = content(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Link(whole, name)
	}
	var link *os.LinkError
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return err
	case errors.As(err, &link) && !exists(name): // a file system without second names
		err = os.Rename(whole, name)
	}
	if err != nil {
		return usage("", "save %s: %w", name, fmt.Errorf("%w", plainCause(err)))
	}
	return nil
}

// collect reads the captures and keeps what belongs into a bundle.
func (o *supportOptions) collect(ctx context.Context, names []string) ([]diagnose.Diagnosis, error) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	if err := o.readFiles(o.env); err != nil {
		return nil, err
	}
	var list []diagnose.Diagnosis
	for _, name := range names {
		err := o.each(ctx, o.env, name, inputName(name), func(ex *exchange.Exchange) bool {
			if ex.Source.Name != "-" {
				ex.Source.Name = filepath.Base(ex.Source.Name) // folders may name people
			}
			if len(o.entries) == 0 || slices.Contains(o.entries, ex.Source.Index+1) {
				list = append(list, diagnose.Diagnose(ex, o.env.Now()))
			}
			return len(list) < maxRead
		})
		if err != nil {
			return nil, err
		}
	}
	return o.settle(ctx, list)
}

// maxRead bounds what is kept in memory before it is chosen from.
const maxRead = 10000

// settle chooses, and probes behind what was chosen.
func (o *supportOptions) settle(ctx context.Context, list []diagnose.Diagnosis) ([]diagnose.Diagnosis, error) {
	if len(list) == 0 {
		return nil, usage("omit --entry to include all", "no request has that number")
	}
	list = o.choose(list)
	if len(list) > maxBundled && !o.all {
		return nil, &statusError{
			code: exitRefused, err: fmt.Errorf("the bundle would have %d requests, more than %d", len(list), maxBundled),
			hint: "use --entry N for some of them, or --all",
		}
	}
	if !o.probe {
		return list, nil
	}
	prober, err := newCaptureProber(o.shared, &o.credentialOptions)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = prober.add(ctx, list[i])
	}
	return list, nil
}

// choose leaves out what has nothing to do with the API, and beside failures what
// succeeded. What was asked for by number stays.
func (o *supportOptions) choose(list []diagnose.Diagnosis) []diagnose.Diagnosis {
	if o.all || len(o.entries) > 0 {
		return list
	}
	ours := slices.DeleteFunc(slices.Clone(list), func(d diagnose.Diagnosis) bool { return isForeign(&d) })
	if len(ours) == 0 {
		ours = list
	}
	o.strangers = len(list) - len(ours)
	failed := slices.DeleteFunc(slices.Clone(ours), func(d diagnose.Diagnosis) bool { return !d.Failed() })
	if len(failed) == 0 {
		return ours
	}
	o.succeeded = len(ours) - len(failed)
	return failed
}

// isForeign reports whether an exchange went to a host that has nothing to do with
// the API: a browser's HAR is full of these.
func isForeign(d *diagnose.Diagnosis) bool {
	r := d.Exchange.Request
	if r == nil || r.URL.Host == "" || d.Route.Found() {
		return false
	}
	return api.FindHost(r.URL.Host).Role == api.HostUnknown
}

// bundleOf makes the parts of a bundle.
func (o *supportOptions) bundleOf(list []diagnose.Diagnosis) (*bundle, error) {
	b := &bundle{made: o.env.Now(), subject: subjectOf(&list[0]), hidden: o.env.hidden}
	b.note(list, o)
	summary, tried := overviewOf(list), triedWords(o.tried, list)
	var reports, har strings.Builder
	var exchanges []*exchange.Exchange
	for i := range list {
		plan, err := troubleshoot.NewPlan(list[i])
		if err != nil {
			return nil, fmt.Errorf("make the plan: %w", err)
		}
		if i > 0 {
			reports.WriteString("\n---\n\n")
		}
		if err := report.Markdown(&reports, &plan); err != nil {
			return nil, err
		}
		exchanges = append(exchanges, o.stripped(list[i].Exchange))
		list[i] = diagnose.Diagnosis{} // thousands of them and their reports at once are too much
	}
	if err := report.HAR(&har, exchanges, false); err != nil {
		return nil, err
	}
	b.add("summary.md", "the requests, their times and results", summary)
	b.add("diagnosis.md", "the diagnosis and its checklist", reports.String())
	b.add("tried.md", "what was tried", tried)
	b.add("about.txt", "versions, clock and machine", o.about())
	b.add("exchange.har", "the requests and responses, HAR 1.2", har.String())
	return b, nil
}

// stripped leaves the bodies out where that was asked for. What a capture does not
// show of its time, the server's Date does.
func (o *supportOptions) stripped(ex *exchange.Exchange) *exchange.Exchange {
	bare := *ex
	if at, known := dateOf(ex); known && ex.Started.IsZero() {
		bare.Started = at
	}
	if !o.bodiless {
		return &bare
	}
	if ex.Request != nil {
		request := *ex.Request
		request.Body = exchange.Body{}
		bare.Request = &request
	}
	if ex.Response != nil {
		response := *ex.Response
		response.Body = exchange.Body{}
		bare.Response = &response
	}
	return &bare
}
