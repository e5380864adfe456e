package cmd

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

type replayOptions struct {
	*shared
	probeOptions
	credentialOptions
	sendOptions
	captureOptions
	entries   []int
	statuses  []string
	operation string
	code      string
	corrected bool
	captured  bool
	all       bool
	data      string
}

func newReplay(s *shared) *cobra.Command {
	o := &replayOptions{shared: s}
	c := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Send recorded requests again and show what changed",
		Long: `Send the requests in files again, in their order, diagnose the responses, and show
what changed. "-" is stdin.

Recorded credentials are replaced with yours (flags, environment or profile), of the
same kind if possible. Nothing is sent unless every chosen request may be sent.`,
		Annotations: map[string]string{noteMore: `Results:
  FIXED     It failed before and succeeds now
  SAME      The response is the same
  CHANGED   It still fails, but differently
  WORSE     It succeeded before and fails now, or there is no response
  NEW       The input has no response to compare with

Exit status:
  0 every request succeeds now   1 one fails   4 one got no response`},
		Example: `  immersve-doctor replay failed.har --status 403
  immersve-doctor replay failed.har --entry 3 --corrected --save again.har
  immersve-doctor replay failed.har --probe
  immersve-doctor replay request.http --env local
  immersve-doctor replay cards.json --environment test.json --entry 4
  immersve-doctor replay failed.txt --data @body.json --dry-run`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("try: immersve-doctor replay failed.har --status 403", "replay needs a file with a request, or - for stdin")
			}
			return runReplay(c.Context(), o, args)
		},
	}
	o.flags(c)
	return c
}

func (o *replayOptions) flags(c *cobra.Command) {
	f := c.Flags()
	o.probeOptions.flags(f)
	o.credentialOptions.flags(f)
	f.Lookup("env").Usage = "Send to test, live, local or a URL instead"
	o.sendOptions.flags(f)
	o.captureOptions.flags(f)
	o.requestFlag(f)
	f.IntSliceVar(&o.entries, "entry", nil, "Send only this entry, counted from 1 (repeatable)")
	f.StringSliceVar(&o.statuses, "status", nil, "Send only what failed with 403, 4xx (repeatable)")
	f.StringVar(&o.operation, "operation", "", "Send only requests to this endpoint")
	f.StringVar(&o.code, "code", "", "Send only what failed with this errorCode")
	f.BoolVar(&o.corrected, "corrected", false, "Send the fixed request from the diagnosis")
	f.BoolVar(&o.captured, "keep-credentials", false, "Send the input's own credentials")
	f.BoolVar(&o.all, "all", false, fmt.Sprintf("Send more than %d requests", maxReplays))
	f.StringVarP(&o.data, "data", "d", "", "Replace the body: text, @FILE, or @- for stdin")
}

// maxReplays is how many requests are sent without --all.
const maxReplays = 20

// again is an exchange that is to be sent again.
type again struct {
	before  diagnose.Diagnosis
	request *exchange.Request
}

// name tells one exchange from the others.
func (a *again) name() string {
	s := a.before.Exchange.Source
	return fmt.Sprintf("%s, entry %d", inputName(s.Name), s.Index+1)
}

// runReplay chooses, prepares and checks everything before the first request
// goes out: a sequence that would break off half way is not begun.
func runReplay(ctx context.Context, o *replayOptions, names []string) error {
	list, err := o.choose(ctx, names)
	if err != nil {
		return err
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	there, err := o.destination(ctx)
	if err != nil {
		return err
	}
	defer there.stop()
	for i := range list {
		if err := o.prepare(&list[i], there, len(list)); err != nil {
			return err
		}
	}
	options, err := o.options(o.env)
	if err != nil {
		return err
	}
	if o.corrected {
		if list, err = o.correct(ctx, list, o.forSent(o.shared, options, there.credentials, there.sim)); err != nil {
			return err
		}
	}
	if !o.dryRun {
		if err := o.guardAll(list, options); err != nil {
			return err
		}
	}
	return o.sendAll(ctx, list, there, options)
}

// guardAll asks all guards about all requests.
func (o *replayOptions) guardAll(list []again, options send.Options) error {
	requests := make([]*exchange.Request, len(list))
	for i := range list {
		requests[i] = list[i].request
		if err := o.actsTwice(&list[i]); err != nil {
			return err
		}
	}
	return o.guard(o.env, options, requests...)
}

// actsTwice refuses to repeat what succeeded and would act a second time: a whole
// HAR is quickly sent again, and a second card quickly made. On this machine
// there is nothing to lose.
func (o *replayOptions) actsTwice(a *again) error {
	why := send.Unrepeatable(a.request)
	if why == "" || o.retryUnsafe || a.before.Class != check.Success || api.IsLoopback(a.request.URL.Host) {
		return nil
	}
	return &statusError{
		code: exitRefused, err: fmt.Errorf("%s succeeded before, and %s", a.name(), why),
		hint: "use --retry-unsafe to send it anyway, or --status 4xx to skip what succeeded",
	}
}

// sendAll sends, and shows each answer when it is there.
func (o *replayOptions) sendAll(ctx context.Context, list []again, there *destination, options send.Options) error {
	out := newOutput(o.shared, o.save)
	prober := o.forSent(o.shared, options, there.credentials, there.sim)
	var sent tally
	for i := range list {
		after, err := o.sendOne(ctx, &list[i], options)
		if err != nil {
			return closing(ctx, out, err)
		}
		after.Source.Name, after.Source.Index = list[i].before.Exchange.Source.Name, list[i].before.Exchange.Source.Index
		there.sim.mark(after)
		d := prober.add(ctx, diagnose.Diagnose(after, o.env.Now()))
		there.credentials.noteSources(&d)
		if err := o.showOne(out, &list[i], &d, &sent); err != nil {
			return err
		}
	}
	if err := out.close(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	if len(list) == 1 {
		o.showContent(sent.last, "-o har")
	}
	sent.say(o.env)
	return sent.status()
}

func (o *replayOptions) sendOne(ctx context.Context, a *again, options send.Options) (*exchange.Exchange, error) {
	if o.dryRun {
		return unsent(o.env, a.request), nil
	}
	return o.deliver(ctx, o.env, a.request, func(ctx context.Context) (*exchange.Exchange, error) {
		return send.Do(ctx, a.request, options)
	})
}

func (o *replayOptions) showOne(out *output, a *again, d *diagnose.Diagnosis, sent *tally) error {
	out.replay = nil
	if !o.dryRun {
		out.replay = &report.Replay{Before: &a.before, After: d, Outcome: diagnose.OutcomeOf(&a.before, d)}
		sent.add(out.replay.Outcome)
	}
	sent.note(d)
	return out.diagnosis(*d)
}

// destination follows --env only: the environment's variable and the profile say
// where new calls go, not where a capture went.
func (o *replayOptions) destination(ctx context.Context) (*destination, error) {
	o.recorded = true
	c, err := o.resolve(o.env)
	if err != nil {
		return nil, err
	}
	d := &destination{credentials: c}
	if err := o.checkScenario(o.environment); err != nil || o.environment == "" {
		return d, err
	}
	return d, d.moveTo(ctx, o.env, o.environment, o.scenario)
}

// prepare makes the request that is sent, of copies only: the capture stays what
// it was, to be compared with.
func (o *replayOptions) prepare(a *again, there *destination, of int) error {
	request := *a.before.Exchange.Request
	if o.corrected && a.before.Corrected != nil {
		request = *a.before.Corrected
	}
	request.Header = slices.Clone(request.Header)
	if err := o.giveBody(&request); err != nil {
		return err
	}
	op := documented(string(request.Method), pathOf(request.URL))
	did := dropUnsendable(&request)
	if !o.captured {
		did = append(did, there.equip(&request, op, o.account != "")...)
	}
	if there.base != "" {
		move(&request, there.base, op)
	}
	o.saySubstitutions(a, did, of)
	a.request = &request
	if o.dryRun {
		return nil
	}
	return o.complete(a, op)
}

func (o *replayOptions) saySubstitutions(a *again, did []string, of int) {
	for _, what := range did {
		where := ""
		if of > 1 {
			where = a.name() + ": "
		}
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s%s\n", where, report.Plain(what))
	}
}

// giveBody puts the body of --data in the captured one's place.
func (o *replayOptions) giveBody(r *exchange.Request) error {
	if o.data == "" {
		return nil
	}
	content, err := bodyFlag(o.env, o.data)
	if err != nil {
		return err
	}
	r.Body = exchange.NewBody(content)
	if !holds(r, "content-type") {
		r.Header.Add("content-type", "application/json")
	}
	return nil
}

// complete refuses what cannot be sent as it was: masked, without a host, without
// the body that it had.
func (o *replayOptions) complete(a *again, op *api.Operation) error {
	r := a.request
	if r.URL.Host == "" || r.URL.OpenBase() {
		hint := "choose where to send it: --env test"
		if r.URL.Host != "" {
			hint += ", or set the variable: --environment FILE"
		}
		return usage(hint, "%s: the input doesn't have a host", a.name())
	}
	if r.URL.Scheme == "" {
		r.URL.Scheme = "https"
		if api.IsLoopback(r.URL.Host) {
			r.URL.Scheme = "http"
		}
	}
	if err := stillMasked(r); err != nil {
		return err
	}
	switch {
	case r.Body.Truncated:
		return usage("give the whole body: --data @FILE", "%s: the input has only the beginning of the body of %s", a.name(), shown(r))
	case r.Body.State() == exchange.BodyNotCaptured && wantsBody(r, op):
		return usage("give it with --data @FILE, or record it with a HAR or curl --trace-ascii FILE",
			"%s: the input doesn't show the body of %s", a.name(), shown(r))
	}
	if op != nil && expired(r, o.env.Now()) {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s: the access token has expired (set IMMERSVE_ACCESS_TOKEN to a new one, or use --token @FILE)\n", a.name())
	}
	return nil
}

// wantsBody reports whether a request whose body was not captured had one, as far
// as header and documentation tell.
func wantsBody(r *exchange.Request, op *api.Operation) bool {
	length, hasLength := r.Header.Get("content-length")
	switch {
	case hasLength:
		return strings.TrimSpace(length.Reveal()) != "0"
	case holds(r, "transfer-encoding"), holds(r, "content-type"):
		return true
	case op != nil:
		return op.RequestBody != nil && op.RequestBody.Required
	}
	return r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch
}
