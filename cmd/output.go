package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

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
	ci      report.CIWriter // for a CI format, nil before the first exchange
	ciDone  func() error    // closes its files
	replay  *report.Replay  // what the next diagnosis is compared with, nil for nothing

	condense bool                 // identical failures are one report, and a success among others takes one line
	held     []*troubleshoot.Plan // what isn't written yet, since more of the same may follow
	size     int                  // bytes of their bodies
	written  int                  // reports and lines so far
	brief    bool                 // the last one took a line
}

func newOutput(s *shared, save string) *output {
	w := bufio.NewWriter(s.env.Out)
	return &output{shared: s, w: w, save: save, har: report.NewHARWriter(w, s.showSecrets)}
}

// keeps reports whether something is written only at the end.
func (o *output) keeps() bool {
	return o.save != "" || o.shared.output == "har" || oneOf(o.shared.output, ciFormats...)
}

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
	if o.condense && oneOf(o.shared.output, "text", "markdown", "github") {
		return o.hold(&plan)
	}
	if err := o.write(&plan); err != nil {
		return err
	}
	if d.Class == check.NotSent && d.Exchange.Source.Kind == exchange.KindLive {
		fmt.Fprint(o.w, o.shared.unsentText(d.Exchange))
	}
	return o.w.Flush()
}

// The bounds of what is held back.
const (
	maxHeld      = 200
	maxHeldBytes = 4 << 20
)

// hold keeps a plan back until the input ends, and adds it to an identical one.
func (o *output) hold(p *troubleshoot.Plan) error {
	for _, earlier := range o.held {
		if earlier.Same(p) {
			earlier.Again = append(earlier.Again, p.Exchange.Source.Line)
			return nil
		}
	}
	o.held = append(o.held, p)
	if o.size += p.Exchange.Size(); len(o.held) >= maxHeld || o.size > maxHeldBytes {
		return o.release()
	}
	return nil
}

// release writes what was held back.
func (o *output) release() error {
	list := o.held
	o.held, o.size = nil, 0
	for _, p := range list {
		if err := o.write(p); err != nil {
			return err
		}
	}
	return o.w.Flush()
}

// keep puts an exchange aside for --save. Where that fails, it is said at the end:
// the diagnosis is shown all the same.
func (o *output) keep(ex *exchange.Exchange) (err error) {
	if o.kept == nil {
		if o.kept, err = newSpool(o.save, o.shared.showSecrets, o.shared.env.hidden); err != nil {
			return err
		}
	}
	if err := o.kept.har.Add(ex); err != nil {
		return usage("", "save %s: %w", o.save, plainCause(err))
	}
	return nil
}

func (o *output) write(p *troubleshoot.Plan) error {
	if o.shared.output == "json" {
		if o.replay != nil {
			return report.ReplayJSON(o.w, p, o.replay)
		}
		return report.JSON(o.w, p)
	}
	if oneOf(o.shared.output, ciFormats...) {
		return o.addCase(p)
	}
	style := o.shared.style()
	brief := o.condense && o.count > 1 && o.shared.output == "text" && report.IsBrief(p, style)
	if o.written++; o.written > 1 && !(brief && o.brief) {
		fmt.Fprint(o.w, map[string]string{"text": "\n", "markdown": "\n---\n\n"}[o.shared.output])
	}
	o.brief = brief
	switch {
	case brief:
		return report.Brief(o.w, p, style)
	case o.shared.output == "markdown":
		if err := o.compared(report.ReplayMarkdown); err != nil {
			return err
		}
		return report.Markdown(o.w, p)
	}
	err := o.compared(func(w io.Writer, r *report.Replay) error {
		if err := report.ReplayText(w, r, style); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w)
		return err
	})
	if err != nil {
		return err
	}
	return report.Text(o.w, p, style)
}

// addCase writes an exchange for a CI system.
func (o *output) addCase(p *troubleshoot.Plan) (err error) {
	if o.ci == nil {
		if o.ci, o.ciDone, err = o.shared.ciWriter(o.w); err != nil {
			return err
		}
	}
	c, err := report.CaseOf(p)
	if err != nil {
		return err
	}
	return o.ci.Add(c)
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
	if err := o.release(); err != nil {
		return err
	}
	if o.ci != nil {
		if err := errors.Join(o.ci.Close(), o.w.Flush(), o.ciDone()); err != nil {
			return err
		}
	}
	if o.unsaved != nil || o.kept == nil {
		return o.unsaved
	}
	return o.kept.save(ctx, o.save)
}
