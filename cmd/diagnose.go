package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/exchange"
)

type diagnoseOptions struct {
	*shared
	credentialOptions
	probeOptions
	captureOptions
	deliveryOptions
	save     string
	allHosts bool
	at       []string // places of logs
	mapping  string
	prober   *captureProber // nil without --probe
}

func newDiagnose(s *shared) *cobra.Command {
	o := &diagnoseOptions{shared: s}
	c := &cobra.Command{
		Use:   "diagnose [FILE...]",
		Short: "Diagnose requests in files or on stdin (the default)",
		Long: `Diagnose every failed request in files, or on stdin ("-"): curl output, HAR files,
Postman collections, .http files, logs and more. See: immersve-doctor help formats`,
		Example: `  curl -v https://test.immersve.com/api/currencies 2>&1 | immersve-doctor
  immersve-doctor diagnose failed.txt -o json
  immersve-doctor diagnose --at app.log:1042`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && len(o.at) == 0 && s.env.InTTY {
				return c.Help()
			}
			return runDiagnose(c.Context(), o, args)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *diagnoseOptions) flags(f *pflag.FlagSet) {
	o.captureOptions.flags(f)
	o.requestFlag(f)
	f.BoolVar(&o.allHosts, "all-hosts", false, "Also diagnose a HAR's requests to other hosts")
	f.StringVar(&o.save, "save", "", "Also save the requests as HAR, with secrets masked")
	f.StringArrayVar(&o.at, "at", nil, "Diagnose this line of a log, or FILE#N")
	f.StringVar(&o.mapping, "map", "", "With --at: where the fields of a log line are")
	o.probeOptions.flags(f)
	o.deliveryOptions.flags(f)
	o.credentialOptions.flags(f)
	f.Lookup("env").Usage = "With --probe: test, live or a URL (default test)"
}

// runDiagnose walks the whole road for each input: capture, diagnosis, plan,
// report. Unreadable inputs are complained of and the others still read.
func runDiagnose(ctx context.Context, o *diagnoseOptions, names []string) error {
	if len(names) == 0 && len(o.at) == 0 {
		names = []string{"-"}
	}
	if err := o.readFiles(o.env); err != nil {
		return err
	}
	o.names = true
	o.inputs = len(names) + 2*len(o.at) // a place in a log is always named
	out := newOutput(o.shared, o.save)
	out.condense = true
	if err := o.load(ctx, o.env, o.environment); err != nil {
		return err
	}
	if o.probe {
		prober, err := newCaptureProber(o.shared, &o.credentialOptions)
		if err != nil {
			return err
		}
		o.prober = prober
	}
	if out.keeps() || o.probe {
		var stop context.CancelFunc
		ctx, stop = o.env.Interrupts(ctx)
		defer stop()
	}
	var problems []error
	for _, place := range o.at {
		if err := o.located(ctx, place, out); err != nil {
			problems = append(problems, err)
		}
	}
	for _, name := range names {
		if err := o.input(ctx, name, out); err != nil {
			problems = append(problems, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := out.close(ctx); err != nil {
		return err
	}
	if out.count == 0 && len(names) == 1 {
		if explained, err := o.explainNames(o.words); explained {
			return err
		}
	}
	if out.count > many && o.output == "text" {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %d requests, %d failed. For totals and causes: immersve-doctor scan %s\n", out.count, out.failed, fileWords(names))
	}
	return o.status(ctx, out, problems)
}

// many is how many exchanges are more than anybody reads.
const many = 20

// status turns what was found into the exit status: what was recognised decides.
func (o *diagnoseOptions) status(ctx context.Context, out *output, problems []error) error {
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	if out.count == 0 && len(problems) > 0 {
		return problems[0]
	}
	for _, p := range problems {
		var status *statusError
		if errors.As(p, &status) {
			complain(o.env.Err, status)
		}
	}
	if out.failed > 0 {
		return exit(exitFailed)
	}
	return nil
}

// input diagnoses one file, or standard input.
func (o *diagnoseOptions) input(ctx context.Context, name string, out *output) error {
	var failure error
	sorted := &strangers{off: o.allHosts, show: func(ex *exchange.Exchange) bool {
		failure = out.diagnosis(o.prober.add(ctx, o.diagnose(ex, o.env.Now())))
		return failure == nil && ctx.Err() == nil
	}}
	err := o.each(ctx, o.env, name, inputName(name), sorted.add)
	if failure == nil && ctx.Err() == nil {
		sorted.rest()
	}
	if failure != nil {
		return failure
	}
	if said := sorted.said(); said != "" {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(name), said)
	}
	return err
}

// plainCause drops the operation and the path that os repeats.
func plainCause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
