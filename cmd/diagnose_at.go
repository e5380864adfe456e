package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
)

// located diagnoses the exchange at a place of a log, as scan's report names it:
// FILE:LINE, or FILE#N for the N-th exchange of a document.
func (o *diagnoseOptions) located(ctx context.Context, place string, out *output) error {
	name, line, number, ok := splitPlace(place)
	if !ok {
		return usage("use --at FILE:LINE, or --at FILE#N for entry N of a document", "--at: not a line of a file: %q", place)
	}
	mapping, err := scan.ParseMapping(o.mapping)
	if err != nil {
		return usage("try: --map status=$.res.code,url=$.req.target", "--map: %w", err)
	}
	r, closeInput, err := openCapture(ctx, o.env, name)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	defer closeInput()
	ex, err := scan.Locate(ctx, io.Reader(r), name, line, number, mapping)
	switch {
	case errors.Is(err, scan.ErrNotThere):
		return &statusError{code: exitNothing, err: err, hint: "to see how a line is read: immersve-doctor scan --explain-format " + exchange.QuoteFile(name)}
	case err != nil:
		return &statusError{code: exitNothing, err: fmt.Errorf("read %s: %w", inputName(name), err)}
	}
	return out.diagnosis(o.prober.add(ctx, diagnose.Diagnose(ex, o.env.Now())))
}

// splitPlace divides FILE:LINE and FILE#N.
func splitPlace(place string) (name string, line, number int64, ok bool) {
	i := strings.LastIndexAny(place, ":#")
	if i < 1 {
		return "", 0, 0, false
	}
	n, err := strconv.ParseInt(place[i+1:], 10, 64)
	if err != nil || n < 1 {
		return "", 0, 0, false
	}
	if place[i] == '#' {
		return place[:i], 0, n, true
	}
	return place[:i], n, 0, true
}
