package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/probe"
)

// choose reads the captures and keeps what the filters let through.
func (o *replayOptions) choose(ctx context.Context, names []string) ([]again, error) {
	if err := o.checkFilters(); err != nil {
		return nil, err
	}
	if err := o.readFiles(o.env); err != nil {
		return nil, err
	}
	s := &selection{options: o}
	for _, name := range names {
		err := o.each(ctx, o.env, name, inputName(name), func(ex *exchange.Exchange) bool {
			s.consider(ex)
			return !s.tooMany
		})
		if err != nil {
			return nil, err
		}
	}
	return s.result(names)
}

func (o *replayOptions) checkFilters() error {
	if o.operation != "" {
		if _, err := api.Lookup(o.operation); err != nil {
			hint := "to list them: immersve-doctor explain --list"
			if near := nearest(o.operation, operationIDs()); near != "" {
				hint = "did you mean: --operation " + near + "?"
			}
			return usage(hint, "unknown operation %q", o.operation)
		}
	}
	for _, s := range o.statuses {
		if n, err := strconv.Atoi(strings.ReplaceAll(s, "xx", "00")); err != nil || n < 100 || n > 599 {
			return usage("use a status code such as 403, or 4xx", "--status: invalid status %q", s)
		}
	}
	for _, n := range o.entries {
		if n < 1 {
			return usage("entries are counted from 1", "invalid --entry %d", n)
		}
	}
	return nil
}

func operationIDs() []string {
	var ids []string
	for _, r := range api.Routes() {
		ids = append(ids, r.ID)
	}
	return ids
}

// selection is what was read of the captures so far.
type selection struct {
	options  *replayOptions
	list     []again
	total    int      // exchanges that were read
	silent   int      // of these, without a request
	strange  int      // of these, to other hosts
	stranger *again   // the last of them
	statuses []string // the statuses that were seen, for the message
	tooMany  bool
}

// consider keeps an exchange that has a request and passes the filters.
func (s *selection) consider(ex *exchange.Exchange) {
	s.total++
	d := diagnose.Diagnose(ex, s.options.env.Now())
	if status := statusText(&d); !slices.Contains(s.statuses, status) && len(s.statuses) < 10 {
		s.statuses = append(s.statuses, status)
	}
	switch {
	case ex.Request == nil || ex.Request.Method == "" || ex.Request.URL.IsZero():
		s.silent++
	case !s.options.wants(&d):
	case len(s.options.entries) == 0 && isStrange(ex, s.options.allowHosts):
		s.strange++
		s.stranger = &again{before: d}
	case len(s.list) == maxReplays && !s.options.all:
		s.tooMany = true
	default:
		s.list = append(s.list, again{before: d})
	}
}

func statusText(d *diagnose.Diagnosis) string {
	if d.Status() == 0 {
		return "none"
	}
	return strconv.Itoa(d.Status())
}

// wants applies the filters.
func (o *replayOptions) wants(d *diagnose.Diagnosis) bool {
	switch {
	case len(o.entries) > 0 && !slices.Contains(o.entries, d.Exchange.Source.Index+1):
	case o.operation != "" && d.OperationID() != o.operation:
	case o.code != "" && !strings.EqualFold(d.Error.Code, o.code):
	case len(o.statuses) > 0 && !slices.ContainsFunc(o.statuses, func(s string) bool { return isStatusOf(s, d.Status()) }):
	default:
		return true
	}
	return false
}

func isStatusOf(wanted string, status int) bool {
	if class, ok := strings.CutSuffix(wanted, "xx"); ok {
		return strconv.Itoa(status/100) == class
	}
	return wanted == strconv.Itoa(status)
}

// result returns the chosen requests, or an error that says why there are none.
func (s *selection) result(names []string) ([]again, error) {
	chosen := s.list
	switch {
	case s.total == 1 && s.stranger != nil:
		chosen = append(chosen, *s.stranger)
	case s.strange > 0:
		fmt.Fprintf(s.options.env.Err, "immersve-doctor: skipped %d requests to other hosts (use --entry N to send one)\n", s.strange)
	}
	switch {
	case s.tooMany:
		return nil, &statusError{
			code: exitRefused, err: fmt.Errorf("more than %d requests would be sent", maxReplays),
			hint: "choose some with --entry, --status, --operation or --code, or use --all",
		}
	case s.silent == s.total:
		return nil, &statusError{
			code: exitNothing, err: fmt.Errorf("%s: no request found, so there's nothing to send", inputNames(names)),
			hint: "use curl -v ... 2>&1 or a HAR, or add the request: --request FILE",
		}
	case len(chosen) == 0:
		return nil, usage(fmt.Sprintf("the input has %d requests, with status %s", s.total, strings.Join(s.statuses, ", ")), "no request matches the filters")
	}
	if s.options.data != "" && len(chosen) > 1 {
		return nil, usage("choose one with --entry N", "--data is for one request, but %d were chosen", len(chosen))
	}
	return chosen, nil
}

func inputNames(names []string) string {
	var list []string
	for _, n := range names {
		list = append(list, inputName(n))
	}
	return strings.Join(list, ", ")
}

// correct returns the requests that have a certain fix. With --probe, probes of a recorded
// failure are evidence, too.
func (o *replayOptions) correct(ctx context.Context, list []again, prober *sentProber) ([]again, error) {
	var kept []again
	for _, a := range list {
		if a.before.Corrected == nil && prober != nil && !o.dryRun {
			ex := *a.before.Exchange
			ex.Request = a.request
			if d := prober.add(ctx, diagnose.Diagnose(&ex, o.env.Now())); d.Corrected != nil {
				a.request, a.before.Corrected = d.Corrected, d.Corrected
			}
		}
		if a.before.Corrected != nil {
			kept = append(kept, a)
			continue
		}
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: skipped, because there's no certain fix\n", a.name())
	}
	if len(kept) > 0 {
		return kept, nil
	}
	hint := "without --corrected, the recorded request is sent unchanged"
	if !o.probe && slices.ContainsFunc(list, func(a again) bool { return probe.ErrorOf(&a.before) == nil }) {
		hint = fmt.Sprintf("--probe can find out what to change, with up to %d read-only requests", probe.Limit)
	}
	return nil, usage(hint, "no request has a certain fix")
}
