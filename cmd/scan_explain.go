package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

// explainedLines is how many lines are shown of each input, of those that are
// understood and of those that are not.
const explainedLines = 2

// explain shows what is understood of the first lines of each input.
func (o *scanOptions) explain(options scan.Options, names []string) error {
	inputs, err := o.inputs(names)
	if err != nil {
		return err
	}
	ctx, stop := o.env.Interrupts(context.Background())
	defer stop()
	w := bufio.NewWriter(o.env.Out)
	understood := false
	for _, in := range inputs {
		r, closeInput, err := o.openInput(ctx, in)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return usage("", "open %s: %w", in.name, err)
		}
		list, err := scan.New(options).Explain(ctx, in.name, r, explainedLines)
		closeInput()
		if err != nil {
			fmt.Fprintf(o.env.Err, "immersve-doctor: %s: %s\n", inputName(in.name), report.Plain(err.Error()))
		}
		for _, e := range list {
			understood = understood || e.Shape != ""
			explainLine(w, in.name, &e)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	if !understood {
		return &statusError{
			code: exitNothing, err: fmt.Errorf("no HTTP request or response found"),
			hint: "for a custom log format: --map status=$.res.code,method=$.req.verb,url=$.req.target",
		}
	}
	return nil
}

func explainLine(w io.Writer, name string, e *scan.Explanation) {
	if e.Shape == "" {
		fmt.Fprintf(w, "%s:%d: no request or response: %s\n", report.Plain(name), e.Number, report.Plain(e.Sample))
		switch {
		case len(e.Members) > 0:
			fmt.Fprintf(w, "  no field looks like a status together with a method, a target or an errorCode, it has %s\n", report.Plain(strings.Join(e.Members, ", ")))
		case strings.HasPrefix(e.Sample, "{") && !e.JSON:
			fmt.Fprintln(w, "  not a complete JSON object")
		}
		fmt.Fprintln(w)
		return
	}
	fmt.Fprintf(w, "%s:%d: %s\n", report.Plain(name), e.Number, e.Shape)
	for _, f := range e.Fields {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-16s %-44s %s", f.Field, report.Plain(f.Value), report.Plain(f.Path)), " "))
	}
	for _, row := range [][2]string{{"operation", e.Lead.Operation}, {"class", string(e.Lead.Class)}, {"errorCode", e.Lead.Code}, {"finding", e.Lead.Finding}} {
		if row[1] != "" {
			fmt.Fprintf(w, "  = %-14s %s\n", row[0], report.Plain(row[1]))
		}
	}
	fmt.Fprintln(w)
}
