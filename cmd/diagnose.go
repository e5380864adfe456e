package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

type diagnoseOptions struct {
	*shared
	credentialOptions
	probeOptions
	variableOptions
	request  string
	kind     string
	maxBytes int64
	save     string
	allHosts bool
	at       []string // places of logs
	mapping  string
	prober   *captureProber    // nil without --probe
	values   map[string]string // of {{variables}}
}

func newDiagnose(s *shared) *cobra.Command {
	o := &diagnoseOptions{shared: s}
	c := &cobra.Command{
		Use:   "diagnose [FILE…]",
		Short: "Diagnose every exchange found in files or on standard input",
		Long: `Reads captures of HTTP exchanges (curl output, HAR, raw HTTP, logs, …), tells
what each failed on, and works through the checklist. "-" is standard input.`,
		Example: "  curl -v https://test.immersve.com/api/currencies 2>&1 | immersve-doctor\n  immersve-doctor diagnose failed.txt -o json",
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
	f.StringVar(&o.request, "request", "", "`FILE` with the request (curl command or raw HTTP) that the capture does not show")
	f.StringVar(&o.kind, "kind", "", "kind of capture, when it is not recognised (curl-include, raw-http, …)")
	f.Int64Var(&o.maxBytes, "max-bytes", capture.DefaultMaxBytes, "bytes of each input that are read at most; of a HAR, of each entry")
	f.BoolVar(&o.allHosts, "all-hosts", false, "of a HAR that holds exchanges with Immersve's hosts, diagnose those with other hosts too")
	f.StringVar(&o.save, "save", "", "also write the exchanges as HAR 1.2 to `FILE`, secrets masked")
	o.variableOptions.flags(f)
	f.StringArrayVar(&o.at, "at", nil, "the exchange at `FILE:LINE` of a log, or FILE#N of a document; repeatable")
	f.StringVar(&o.mapping, "map", "", "with --at: where fields lie in lines of a shape of your own, as for scan")
	o.probeOptions.flags(f)
	o.credentialOptions.flags(f)
	f.Lookup("env").Usage = "with --probe: what the credentials given are for; test, live or a base URL (default test)"
}

// runDiagnose walks the whole road for each input: capture, diagnosis, plan,
// report. Unreadable inputs are complained of and the others still read.
func runDiagnose(ctx context.Context, o *diagnoseOptions, names []string) error {
	if len(names) == 0 && len(o.at) == 0 {
		names = []string{"-"}
	}
	var err error
	if o.values, err = o.variables(); err != nil {
		return err
	}
	beside, err := o.requestBeside()
	if err != nil {
		return err
	}
	o.inputs = len(names) + 2*len(o.at) // a place in a log is always named
	out := newOutput(o.shared, o.save)
	out.condense = true
	if o.probe {
		if o.prober, err = newCaptureProber(o.shared, &o.credentialOptions); err != nil {
			return err
		}
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
		if err := o.input(ctx, name, beside, out); err != nil {
			problems = append(problems, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := out.close(); err != nil {
		return err
	}
	if out.count > many && o.output == "text" {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %d exchanges, %d failed; for totals and causes: immersve-doctor scan %s\n", out.count, out.failed, inputNames(names))
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
func (o *diagnoseOptions) input(ctx context.Context, name string, beside *exchange.Request, out *output) error {
	r, closeInput, err := o.open(name)
	if err != nil {
		return err
	}
	defer closeInput()
	var failure error
	options := o.captureOptions()
	sorted := &strangers{off: o.allHosts, show: func(ex *exchange.Exchange) bool {
		join(ex, beside)
		failure = out.diagnosis(o.prober.add(ctx, diagnose.Diagnose(ex, o.env.Now())))
		return failure == nil && ctx.Err() == nil
	}}
	summary, err := capture.Each(interruptible{ctx, r}, name, options, sorted.add)
	if failure == nil && ctx.Err() == nil {
		sorted.rest()
	}
	if failure != nil {
		return failure
	}
	o.remains(name, summary)
	if said := sorted.said(); said != "" {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(name), said)
	}
	if errors.Is(err, capture.ErrNothing) {
		return &statusError{code: exitNothing, err: fmt.Errorf("%s: %w", inputName(name), err), hint: understood}
	}
	if err != nil && ctx.Err() == nil {
		return &statusError{code: exitUsage, err: fmt.Errorf("read %s: %w", inputName(name), err)}
	}
	return nil
}

func (o *diagnoseOptions) captureOptions() capture.Options {
	return capture.Options{MaxBytes: o.maxBytes, Kind: exchange.Kind(o.kind), Variables: o.values}
}

const understood = `it understands: curl -i or curl -v 2>&1 output, an error body, raw HTTP, HAR, HTTPie, wget -S,
curl commands, .http files, Postman collections; for example: curl -v … 2>&1 | immersve-doctor`

// inputName is what an input is called where it is shown.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return report.Plain(name)
}

func (o *diagnoseOptions) open(name string) (io.Reader, func(), error) {
	if name == "-" {
		return o.env.In, func() {}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, usage("", "open %s: %w", name, plainCause(err))
	}
	if info.IsDir() {
		return nil, nil, usage("for all files of a folder: immersve-doctor scan "+name, "%s is a folder", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, usage("", "open %s: %w", name, plainCause(err))
	}
	return f, func() { _ = f.Close() }, nil // closing a file that was only read loses nothing
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

// remains says on standard error what was left over of an input.
func (o *diagnoseOptions) remains(name string, s capture.Summary) {
	if s.Truncated {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: only the first %d bytes were read; --max-bytes raises the limit\n", inputName(name), s.Bytes)
	}
	if s.Exchanges == 0 {
		return
	}
	if s.LeftEntries > 0 {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(name), leftEntries(s))
	}
	if s.Broken != "" {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(name), report.Plain(s.Broken))
	}
	if s.LeftLines == 0 {
		return
	}
	var places []string
	for _, l := range s.Left[:min(3, len(s.Left))] {
		places = append(places, fmt.Sprintf("line %d %s", l.Line, report.Plain(fmt.Sprintf("%.40q", l.Sample))))
	}
	lines := fmt.Sprintf("%d lines were", s.LeftLines)
	if s.LeftLines == 1 {
		lines = "1 line was"
	}
	fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s not recognised (%s)\n", inputName(name), lines, strings.Join(places, ", "))
}

// leftEntries says which entries of a HAR were not read, and why.
func leftEntries(s capture.Summary) string {
	var places []string
	for _, l := range s.Left[:min(3, len(s.Left))] {
		places = append(places, fmt.Sprintf("entry %d, line %d, byte %d: %s", l.Entry, l.Line, l.Offset, report.Plain(l.Why)))
	}
	if s.LeftEntries == 1 {
		return "1 entry was not read (" + places[0] + ")"
	}
	return fmt.Sprintf("%d entries were not read (%s)", s.LeftEntries, strings.Join(places, "; "))
}

// requestBeside reads the request that --request names.
func (o *diagnoseOptions) requestBeside() (*exchange.Request, error) {
	if o.request == "" {
		return nil, nil
	}
	r, closeInput, err := o.open(o.request)
	if err != nil {
		return nil, err
	}
	defer closeInput()
	var request *exchange.Request
	_, err = capture.Each(r, o.request, capture.Options{MaxBytes: o.maxBytes, Variables: o.values}, func(ex *exchange.Exchange) bool {
		request = ex.Request
		return request == nil
	})
	if request == nil {
		return nil, usage("it takes a curl command or a raw HTTP request", "%s holds no request%s", o.request, because(err))
	}
	return request, nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// join puts a request beside a response whose capture shows none, and its body
// beside a request whose capture shows all but that, as curl -v does.
func join(ex *exchange.Exchange, request *exchange.Request) {
	switch {
	case request == nil:
	case ex.Request == nil || ex.Request.URL.IsZero():
		copied := *request
		ex.Request = &copied
	case ex.Request.Body.State() != exchange.BodyNotCaptured:
	case ex.Request.Method == request.Method && ex.Request.URL.Path == request.URL.Path:
		joined := *ex.Request
		joined.Body = request.Body
		ex.Request = &joined
	default:
		ex.Notes = append(ex.Notes, fmt.Sprintf("--request holds %s %s, another call than this; it was not used",
			request.Method.String(), exchange.MaskText(request.URL.Path)))
	}
}

// interruptible ends reading when the context ends, also while the reader waits.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if i.ctx.Done() == nil {
		return i.r.Read(p)
	}
	type result struct {
		content []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		own := make([]byte, min(len(p), 64<<10)) // an abandoned read must not write into p
		n, err := i.r.Read(own)
		done <- result{own[:n], err}
	}()
	select {
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	case r := <-done:
		return copy(p, r.content), r.err
	}
}
