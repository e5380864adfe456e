package cmd

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/compare"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

type compareOptions struct {
	*shared
	captureOptions
	entryFailed int
	entryWorked int
}

func newCompare(s *shared) *cobra.Command {
	o := &compareOptions{shared: s}
	c := &cobra.Command{
		Use:   "compare FAILED WORKED",
		Short: "Explain why one request failed and another worked",
		Long: `Compare a request that failed with one that worked, and name the difference that
explains the failure. "-" is stdin, for one of the two.

The order of fields, whitespace and headers that clients add don't count. If a file
has several requests, the last failed one is compared with the last one that worked
on the same endpoint.`,
		Example: `  immersve-doctor compare failed.txt worked.txt
  curl -v ... 2>&1 | immersve-doctor compare - worked.txt
  immersve-doctor compare all.har all.har --entry-failed 3 --entry-worked 7`,
		RunE: func(c *cobra.Command, args []string) error { return runCompare(c.Context(), o, args) },
	}
	f := c.Flags()
	f.IntVar(&o.entryFailed, "entry-failed", 0, "Use this entry of FAILED, counted from 1")
	f.IntVar(&o.entryWorked, "entry-worked", 0, "Use this entry of WORKED, counted from 1")
	o.captureOptions.flags(f)
	return c
}

func runCompare(ctx context.Context, o *compareOptions, names []string) error {
	if err := o.check(names); err != nil {
		return err
	}
	if err := o.readFiles(o.env); err != nil {
		return err
	}
	failed, err := o.read(ctx, "FAILED", names[0], o.entryFailed)
	if err != nil {
		return err
	}
	worked, err := o.read(ctx, "WORKED", names[1], o.entryWorked)
	if err != nil {
		return err
	}
	f, w := compare.Pair(failed, worked)
	o.say("FAILED", names[0], failed, f, o.entryFailed)
	o.say("WORKED", names[1], worked, w, o.entryWorked)
	c := compare.Compare(failed[f], worked[w])
	if err := o.write(&c); err != nil {
		return err
	}
	if c.Failed.Failed() || c.Worked.Failed() {
		return exit(exitFailed)
	}
	return nil
}

// check validates the command line before any input is read.
func (o *compareOptions) check(names []string) error {
	const example = "try: immersve-doctor compare failed.txt worked.txt"
	switch {
	case len(names) != 2:
		return usage(example, "compare needs two files: one with the failed request, one with the request that worked")
	case names[0] == "-" && names[1] == "-":
		return usage(example, "only one of the two files can be stdin")
	case o.entryFailed < 0 || o.entryWorked < 0:
		return usage("", "entries are counted from 1")
	}
	return nil
}

// The limits for the exchanges of one input to choose from.
const (
	maxCompared      = 1000
	maxComparedBytes = 16 << 20 // of their bodies
)

// candidates are the last exchanges of an input.
type candidates struct {
	list   []*exchange.Exchange
	size   int
	failed bool // prefer those that failed
}

// add keeps an exchange. If there are too many, or they're too large, it drops the
// oldest ones, starting with those that aren't preferred.
func (c *candidates) add(ex *exchange.Exchange) {
	c.list = append(c.list, ex)
	c.size += sizeOf(ex)
	if len(c.list) > 2*maxCompared {
		c.drop(0, len(c.list)-maxCompared)
	}
	for last := len(c.list) - 1; c.size > maxComparedBytes && last > 0; last-- {
		i := max(0, slices.IndexFunc(c.list[:last], func(ex *exchange.Exchange) bool {
			return (ex.Response == nil || ex.Response.Status >= 300) != c.failed
		}))
		c.drop(i, i+1)
	}
}

func (c *candidates) drop(from, to int) {
	for _, ex := range c.list[from:to] {
		c.size -= sizeOf(ex)
	}
	c.list = slices.Delete(c.list, from, to)
}

// read diagnoses the requested exchange of an input, or the last ones.
func (o *compareOptions) read(ctx context.Context, role, name string, entry int) ([]diagnose.Diagnosis, error) {
	kept := candidates{failed: role == "FAILED"}
	seen := 0
	sorted := &strangers{off: entry > 0, show: func(ex *exchange.Exchange) bool {
		seen++
		if entry == 0 || entry == seen {
			kept.add(ex)
		}
		return entry == 0 || seen < entry
	}}
	err := o.each(ctx, o.env, name, fmt.Sprintf("%s (%s)", role, inputName(name)), sorted.add)
	sorted.rest()
	var list []diagnose.Diagnosis
	for _, ex := range kept.list {
		list = append(list, diagnose.Diagnose(ex, o.env.Now()))
	}
	switch {
	case len(list) > 0:
		return list, nil
	case ctx.Err() != nil:
		return nil, exit(exitInterrupted)
	case err != nil:
		return nil, err
	}
	return nil, usage(fmt.Sprintf("the last one is entry %d", seen), "%s (%s) has no entry %d", role, inputName(name), entry)
}

// say reports on stderr which one of several exchanges is used.
func (o *compareOptions) say(role, name string, list []diagnose.Diagnosis, taken, entry int) {
	if len(list) < 2 || entry > 0 {
		return
	}
	d := &list[taken]
	what := d.OperationID()
	if what == "" {
		what = "unknown endpoint"
	}
	last := list[len(list)-1].Exchange.Source.Index + 1
	fmt.Fprintf(o.env.Err, "immersve-doctor: %s: using entry %d of %d in %s (%s), --entry-%s N picks another\n",
		role, d.Exchange.Source.Index+1, last, inputName(name), what, map[string]string{"FAILED": "failed", "WORKED": "worked"}[role])
}

func (o *compareOptions) write(c *compare.Comparison) error {
	plan, err := troubleshoot.NewPlan(c.Failed)
	if err != nil {
		return fmt.Errorf("make the plan: %w", err)
	}
	var b bytes.Buffer
	switch o.output {
	case "json":
		err = report.ComparisonJSON(&b, c, &plan)
	case "markdown":
		err = report.ComparisonMarkdown(&b, c, &plan)
	default:
		err = report.ComparisonText(&b, c, &plan, o.style())
	}
	if err != nil {
		return err
	}
	_, err = o.env.Out.Write(b.Bytes())
	return err
}
