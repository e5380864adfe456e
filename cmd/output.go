package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// output writes diagnoses in the chosen format and counts them.
type output struct {
	shared  *shared
	w       *bufio.Writer
	count   int
	failed  int
	save    string
	unsaved error  // why --save cannot be done
	kept    *spool // for --save, which writes a file whole or not at all; nil while there is nothing
	har     *report.HARWriter
	replay  *report.Replay // what the next diagnosis is compared with, nil for nothing

	condense bool               // of several exchanges, those that succeeded take a line each
	held     *troubleshoot.Plan // the first, while it is not known whether there are others
	brief    bool               // the last one took a line
}

func newOutput(s *shared, save string) *output {
	w := bufio.NewWriter(s.env.Out)
	return &output{shared: s, w: w, save: save, har: report.NewHARWriter(w, s.showSecrets)}
}

// keeps reports whether something is written only at the end.
func (o *output) keeps() bool { return o.save != "" || o.shared.output == "har" }

// diagnosis writes one diagnosis as soon as it is made.
func (o *output) diagnosis(d diagnose.Diagnosis) error {
	o.count++
	if d.Failed() {
		o.failed++
	}
	if o.save != "" && o.unsaved == nil {
		o.unsaved = o.keep(d.Exchange)
	}
	if o.shared.output == "har" {
		return o.har.Add(d.Exchange)
	}
	plan, err := troubleshoot.NewPlan(d)
	if err != nil {
		return fmt.Errorf("make the plan: %w", err)
	}
	if o.shared.showSecrets && d.Corrected != nil {
		plan.Corrected = d.Corrected.RevealedCurlCommand()
	}
	if err := o.write(&plan); err != nil {
		return err
	}
	if d.Class == check.NotSent && d.Exchange.Source.Kind == exchange.KindLive {
		fmt.Fprint(o.w, o.shared.unsentText(d.Exchange))
	}
	return o.w.Flush()
}

// keep puts an exchange aside for --save. Where that fails, it is said at the end:
// the diagnosis is shown all the same.
func (o *output) keep(ex *exchange.Exchange) (err error) {
	if o.kept == nil {
		if o.kept, err = newSpool(o.shared.showSecrets); err != nil {
			return usage("TMPDIR names another folder", "save %s: no temporary file in %s: %w", o.save, os.TempDir(), plainCause(err))
		}
	}
	if err := o.kept.har.Add(ex); err != nil {
		return usage("", "save %s: %w", o.save, plainCause(err))
	}
	return nil
}

func (o *output) write(p *troubleshoot.Plan) error {
	switch o.shared.output {
	case "json":
		if o.replay != nil {
			return report.ReplayJSON(o.w, p, o.replay)
		}
		return report.JSON(o.w, p)
	case "markdown":
		if o.count > 1 {
			fmt.Fprint(o.w, "\n---\n\n")
		}
		if err := o.compared(report.ReplayMarkdown); err != nil {
			return err
		}
		return report.Markdown(o.w, p)
	}
	if done, err := o.condensed(p); done || err != nil {
		return err
	}
	if o.count > 1 {
		fmt.Fprintln(o.w)
	}
	err := o.compared(func(w io.Writer, r *report.Replay) error {
		if err := report.ReplayText(w, r, o.shared.style()); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w)
		return err
	})
	if err != nil {
		return err
	}
	return report.Text(o.w, p, o.shared.style())
}

// condensed writes a success among others in a line. The first exchange waits for
// the second, since what stands alone is shown in full.
func (o *output) condensed(p *troubleshoot.Plan) (done bool, err error) {
	style := o.shared.style()
	isBrief := o.condense && report.IsBrief(p, style)
	if isBrief && o.count == 1 {
		o.held = p
		return true, nil
	}
	if first := o.held; first != nil {
		o.held, o.brief = nil, true
		if err := report.Brief(o.w, first, style); err != nil {
			return false, err
		}
	}
	if isBrief && !o.brief {
		fmt.Fprintln(o.w)
	}
	o.brief = isBrief
	if isBrief {
		return true, report.Brief(o.w, p, style)
	}
	return false, nil
}

// compared writes what became of an exchange that was sent again, where it was.
func (o *output) compared(write func(io.Writer, *report.Replay) error) error {
	if o.replay == nil {
		return nil
	}
	return write(o.w, o.replay)
}

// close writes what can be written only at the end.
func (o *output) close(ctx context.Context) error {
	if o.shared.output == "har" && o.count > 0 {
		if err := o.har.Close(); err != nil {
			return err
		}
	}
	if o.held != nil {
		if err := report.Text(o.w, o.held, o.shared.style()); err != nil {
			return err
		}
	}
	if err := o.w.Flush(); err != nil {
		return err
	}
	if o.unsaved != nil || o.kept == nil {
		return o.unsaved
	}
	return o.kept.save(ctx, o.save)
}
