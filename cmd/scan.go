package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

type scanOptions struct {
	*shared
	merge         bool
	mapping       string
	explainFormat bool
	since, until  string
	operation     string
	statuses      []string
	code          string
	samples       int
	allHosts      bool
	failOver      string
	follow        bool
	every         time.Duration
	workers       int
	html          string
}

const scanLong = `Summarize what failed in logs: how much, since when, for whom, and what to do first.

Reads files, folders, globs and stdin, plain or compressed with gzip or zstd. Logs
may be JSON lines, logfmt, access logs or CSV, of any size. HAR files and every other
format of "immersve-doctor help formats" work, too. To split the work, scan parts
with -o json and add them up with scan --merge.`

func newScan(s *shared) *cobra.Command {
	o := &scanOptions{shared: s}
	c := &cobra.Command{
		Use:   "scan [FILE|FOLDER...]",
		Short: "Summarize failures in logs of any size",
		Long:  scanLong,
		Example: `  immersve-doctor scan access.log
  immersve-doctor scan /var/log/backend/ --since 2h --operation create-card
  zcat app.log.gz | immersve-doctor scan -o json > today.json
  immersve-doctor scan --merge monday.json tuesday.json
  immersve-doctor scan app.log --map status=$.res.code,url=$.req.target
  immersve-doctor scan app.log --html report.html
  immersve-doctor scan app.log --fail-over 5%`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && s.env.InTTY {
				return c.Help()
			}
			return runScan(c.Context(), o, args)
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *scanOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.merge, "merge", false, "Add up totals that scan -o json wrote")
	f.StringVar(&o.mapping, "map", "", "Where fields are: status=$.res.code,url=$.target")
	f.BoolVar(&o.explainFormat, "explain-format", false, "Show how the first lines are read")
	f.StringVar(&o.since, "since", "", "Start: 2026-11-27T09:00:00Z, a date, or 2h, 7d")
	f.StringVar(&o.until, "until", "", "End, in the same form")
	f.StringVar(&o.operation, "operation", "", "Count only requests to this endpoint")
	f.StringSliceVar(&o.statuses, "status", nil, "Count only this status, 403 or 4xx (repeatable)")
	f.StringVar(&o.code, "code", "", "Count only this errorCode")
	f.IntVar(&o.samples, "sample", 1, "Show this many samples of each group")
	f.StringVar(&o.html, "html", "", "Also write a report for the browser")
	f.BoolVar(&o.allHosts, "all-hosts", false, "Also count a HAR's requests to other hosts")
	f.StringVar(&o.failOver, "fail-over", "", "Exit 1 only if more than this share fails, as 5%")
	f.BoolVar(&o.follow, "follow", false, "Keep reading as the file grows")
	f.DurationVar(&o.every, "every", 10*time.Second, "With --follow: how often to report")
	f.IntVar(&o.workers, "workers", runtime.NumCPU(), "Number of parallel workers")
}

func runScan(ctx context.Context, o *scanOptions, names []string) error {
	threshold, err := o.threshold()
	if err != nil {
		return err
	}
	if err := o.checkHTML(); err != nil {
		return err
	}
	if o.merge {
		return o.mergeTotals(names, threshold)
	}
	options, err := o.scanner()
	if err != nil {
		return err
	}
	if o.explainFormat {
		return o.explain(options, names)
	}
	inputs, err := o.inputs(names)
	if err != nil {
		return err
	}
	boundMemory()
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	scanner := scan.New(options)
	if err := o.read(ctx, scanner, inputs); err != nil {
		return err
	}
	totals := scanner.Totals()
	o.leftOver(totals)
	if err := o.report(totals); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	return o.status(totals, threshold)
}

// maxWorkers is more lanes than any machine has use for.
const maxWorkers = 1024

// scanner turns the flags into a scanner's options.
func (o *scanOptions) scanner() (scan.Options, error) {
	options := scan.Options{Workers: o.workers, Samples: o.samples, Now: o.env.Now(), Eager: o.follow, Strangers: o.allHosts}
	if o.workers < 1 || o.samples < 1 {
		return options, usage("", "--workers and --sample must be at least 1")
	}
	if o.workers > maxWorkers {
		return options, usage("", "--workers must be at most %d", maxWorkers)
	}
	var err error
	if options.Map, err = scan.ParseMapping(o.mapping); err != nil {
		return options, usage("try: --map status=$.res.code,method=$.req.verb,url=$.req.target", "--map: %w", err)
	}
	options.Filter, err = o.filter()
	return options, err
}

func (o *scanOptions) filter() (scan.Filter, error) {
	f := scan.Filter{Operation: o.operation, Code: o.code}
	if o.operation != "" {
		if _, err := api.Lookup(o.operation); err != nil {
			var ids []string
			for _, r := range api.Routes() {
				ids = append(ids, r.ID)
			}
			return f, usage(suggest(o.operation, ids), "--operation: %w", err)
		}
	}
	for _, text := range o.statuses {
		r, err := statusRange(text)
		if err != nil {
			return f, err
		}
		f.Statuses = append(f.Statuses, r)
	}
	var err error
	if f.Since, err = o.moment("--since", o.since); err != nil {
		return f, err
	}
	f.Until, err = o.moment("--until", o.until)
	return f, err
}

func suggest(word string, list []string) string {
	if near := nearest(word, list); near != "" {
		return "did you mean " + near + "?"
	}
	return "see: immersve-doctor explain --list"
}

// statusRange reads 403 or 4xx.
func statusRange(text string) (scan.StatusRange, error) {
	if n, err := strconv.Atoi(text); err == nil && n >= 100 && n <= 599 {
		return scan.StatusRange{Low: n, High: n}, nil
	}
	if len(text) == 3 && text[0] >= '1' && text[0] <= '5' && strings.EqualFold(text[1:], "xx") {
		low := int(text[0]-'0') * 100
		return scan.StatusRange{Low: low, High: low + 99}, nil
	}
	return scan.StatusRange{}, usage("use a status code such as 403, or 4xx", "--status: invalid status %q", text)
}

// moment reads a time of RFC 3339, a date or a duration before now, as
// nanoseconds since 1970; 0 for no text.
func (o *scanOptions) moment(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "-")); err == nil {
		return o.env.Now().Add(-d).UnixNano(), nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil {
			return o.env.Now().AddDate(0, 0, -n).UnixNano(), nil
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixNano(), nil
		}
	}
	return 0, usage("use 2026-11-27T09:00:00Z, 2026-11-27 (UTC), or 2h, 7d", "%s: invalid time %q", flag, text)
}

// threshold reads --fail-over: "5%" or "0.05"; below 0 when it is not given.
func (o *scanOptions) threshold() (float64, error) {
	if o.failOver == "" {
		return -1, nil
	}
	text, percent := strings.CutSuffix(strings.TrimSpace(o.failOver), "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, usage("use a share such as 5% or 0.05", "--fail-over: invalid share %q", o.failOver)
	}
	return share, nil
}

// status is the exit status: what was recognised decides.
func (o *scanOptions) status(t *scan.Totals, threshold float64) error {
	switch {
	case t.Exchanges == 0 && t.Filtered > 0:
		return nil
	case t.Exchanges == 0:
		return o.nothing(t)
	case threshold >= 0 && t.Share() <= threshold:
		return nil
	case t.Failed > 0:
		return exit(exitFailed)
	}
	return nil
}

// nothing is the error of inputs without an exchange.
func (o *scanOptions) nothing(t *scan.Totals) error {
	if t.Strangers > 0 {
		return &statusError{code: exitNothing, err: errors.New("no request to Immersve found"), hint: "use --all-hosts to count requests to other hosts"}
	}
	if len(t.Inputs) == 1 && t.Unrecognised == 0 && t.Inputs[0].Problem != "" {
		return &statusError{code: exitNothing, err: fmt.Errorf("%s: %s", inputName(t.Inputs[0].Name), t.Inputs[0].Problem)}
	}
	return &statusError{
		code: exitNothing, err: fmt.Errorf("no HTTP request or response found in %d lines of %d inputs", t.Unrecognised, len(t.Inputs)),
		hint: "to see how a line is read: immersve-doctor scan --explain-format FILE\nfor a custom log format: --map status=$.res.code,method=$.req.verb,url=$.req.target",
	}
}

// report writes the totals in the chosen form.
func (o *scanOptions) report(t *scan.Totals) error {
	if t.Exchanges == 0 && t.Filtered == 0 && o.output != "json" {
		return nil
	}
	if err := o.saveHTML(t); err != nil {
		return err
	}
	w := bufio.NewWriter(o.env.Out)
	var err error
	switch o.output {
	case "json":
		err = report.ScanJSON(w, t)
	case "markdown":
		err = report.ScanMarkdown(w, t)
	case "junit", "sarif", "github":
		ci, done, opening := o.ciWriter(w)
		if opening != nil {
			return opening
		}
		err = errors.Join(report.ScanCases(ci, t), done())
	default:
		err = report.ScanText(w, t, o.style())
	}
	return errors.Join(err, w.Flush())
}

// leftOver says on standard error what was not read or not recognised.
func (o *scanOptions) leftOver(t *scan.Totals) {
	const most = 5
	told := 0
	for _, in := range t.Inputs {
		if in.Problem != "" {
			fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(in.Name), report.Plain(in.Problem))
		}
		if in.Unrecognised == 0 || t.Exchanges == 0 && len(t.Inputs) > 1 {
			continue
		}
		if told++; told > most {
			continue
		}
		var places []string
		for _, p := range in.Places[:min(3, len(in.Places))] {
			places = append(places, fmt.Sprintf("%d %s", p.Line, report.Plain(fmt.Sprintf("%.40q", p.Sample))))
		}
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %d lines have no request or response (line %s)\n", inputName(in.Name), in.Unrecognised, strings.Join(places, ", "))
	}
	if told > most {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %d more inputs have such lines; -o json names them\n", told-most)
	}
	if t.Strangers > 0 {
		fmt.Fprintf(o.env.Err, "immersve-doctor: skipped %s to other hosts (use --all-hosts to count them)\n", counted(int(t.Strangers), "request"))
	}
	if t.Filtered > 0 && t.Exchanges == 0 {
		fmt.Fprintf(o.env.Err, "immersve-doctor: none of %d requests matches the filters\n", t.Filtered)
	}
}

// mergeTotals adds up documents of scan -o json.
func (o *scanOptions) mergeTotals(names []string, threshold float64) error {
	if len(names) == 0 {
		names = []string{"-"}
	}
	boundMemory()
	sum := scan.NewTotals(o.samples)
	for _, name := range names {
		t, err := o.readTotals(name)
		if err != nil {
			return usage("use files that immersve-doctor scan -o json wrote", "merge %s: %w", inputName(name), err)
		}
		sum.Merge(t)
	}
	if err := o.report(sum); err != nil {
		return err
	}
	return o.status(sum, threshold)
}

func (o *scanOptions) readTotals(name string) (*scan.Totals, error) {
	var r io.Reader = o.env.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, plainCause(err)
		}
		defer func() { _ = f.Close() }() // it was only read
		r = f
	}
	return scan.ReadTotals(bufio.NewReader(r))
}
