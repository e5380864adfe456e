package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/probe"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

// probeOptions are the flags of the commands that can narrow down a 403.
type probeOptions struct{ probe bool }

func (o *probeOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.probe, "probe", false, fmt.Sprintf("Narrow down a 403 with up to %d read-only requests", probe.Limit))
}

// prober sends the requests that package probe plans. One prober serves a whole run, so
// the limits apply to the run and no request is sent twice.
type prober struct {
	shared  *shared
	options send.Options
	sent    int
	spent   time.Duration
	known   map[question]probe.Answer
}

// question is a probe with the credentials it's sent with.
type question struct {
	probe.Request
	base, authorization, key, secret string
}

func newProber(s *shared, options send.Options) *prober {
	return &prober{shared: s, options: options, known: map[question]probe.Answer{}}
}

// access is where probes go, and with which credentials.
type access struct {
	base      string          // scheme://host[:port]
	header    exchange.Header // credentials only
	account   string          // x-account-id of the failed call
	candidate string          // the account that the user names
}

// probe returns the diagnosis with the results of the probes. If it can't probe, it
// returns the diagnosis unchanged and says why on stderr.
func (p *prober) probe(ctx context.Context, d diagnose.Diagnosis, a access) diagnose.Diagnosis {
	c := probe.Case{
		Diagnosis: &d, Base: a.base, Account: a.account, Candidate: a.candidate, Now: p.shared.env.Now(), Stopped: p.stopped(ctx),
	}
	var answers []probe.Answer
	for {
		r, more := probe.Next(c, answers)
		if !more {
			return d.With(probe.Judge(c, answers))
		}
		answer, err := p.answer(ctx, r, a)
		var guarded *send.GuardError
		switch {
		case errors.As(err, &guarded):
			p.refuse(err)
			return d
		case err != nil:
			c.Stopped = err.Error()
			continue
		}
		answers = append(answers, answer)
		c.Stopped = p.stopped(ctx)
	}
}

func (a *access) question(r probe.Request) question {
	q := question{Request: r, base: a.base}
	if !r.Anonymous {
		q.authorization, q.key, q.secret = a.header.Text(fieldAuthorization), a.header.Text(fieldKey), a.header.Text(fieldSecret)
	}
	return q
}

func (p *prober) stopped(ctx context.Context) string {
	switch {
	case ctx.Err() != nil:
		return "the probes were interrupted"
	case p.spent >= probe.TotalTime:
		return fmt.Sprintf("the %d s for probes were used up", int(probe.TotalTime.Seconds()))
	}
	return ""
}

// refuse says on stderr why nothing is probed.
func (p *prober) refuse(err error) {
	fmt.Fprintf(p.shared.env.Err, "immersve-doctor: not probed: %s\n", report.Plain(err.Error()))
}

// answer sends one probe, or returns the answer of an earlier one.
func (p *prober) answer(ctx context.Context, r probe.Request, a access) (probe.Answer, error) {
	q := a.question(r)
	if answer, ok := p.known[q]; ok {
		return answer, nil
	}
	if p.sent >= probe.Limit {
		return probe.Answer{}, fmt.Errorf("all %d probes of this run were used up", probe.Limit)
	}
	options := p.options
	options.Timeout = min(probe.CallTime, probe.TotalTime-p.spent)
	options.ConnectTimeout = options.Timeout
	started := p.shared.env.Now()
	ex, err := send.Do(ctx, a.request(r), options)
	p.spent += p.shared.env.Now().Sub(started)
	if err != nil {
		return probe.Answer{}, err
	}
	if ctx.Err() != nil {
		return probe.Answer{}, errors.New("the probes were interrupted")
	}
	p.sent++
	answer := probe.AnswerOf(r, ex)
	p.say(probe.Case{Account: a.account}.With(r), answer)
	p.known[q] = answer
	return answer, nil
}

// say shows a probe when it's sent.
func (p *prober) say(with string, a probe.Answer) {
	words := fmt.Sprintf("probe %d/%d GET %s", p.sent, probe.Limit, a.Target())
	if with != "" {
		words += " with " + with
	}
	status := strconv.Itoa(a.Status)
	if a.Status == 0 {
		status = a.Unclear
	}
	arrow := "->"
	if p.shared.unicode() {
		arrow = "→"
	}
	fmt.Fprintf(p.shared.env.Err, "immersve-doctor: %s %s %s\n", report.Plain(words), arrow, report.Plain(status))
}

// request returns a probe's HTTP request. It uses only the failed call's credentials.
func (a *access) request(r probe.Request) *exchange.Request {
	request := &exchange.Request{
		Method: http.MethodGet, URL: exchange.ParseURL(a.base + r.Target()), HeaderCaptured: true, Body: exchange.NewBody(nil),
	}
	if !r.Anonymous {
		request.Header = append(request.Header, a.header...)
	}
	addUnlessEmpty(&request.Header, fieldAccount, r.Account)
	return request
}

// accessOf returns the access of a request that was just sent.
func accessOf(request *exchange.Request, candidate string) access {
	a := access{base: baseOf(request.URL), account: request.Header.Text(fieldAccount), candidate: candidate}
	for _, name := range [...]string{fieldAuthorization, fieldKey, fieldSecret} {
		addUnlessEmpty(&a.header, name, request.Header.Text(name))
	}
	return a
}

// baseOf returns the main host of a URL's environment, because the endpoints for probes
// aren't on the host for card data.
func baseOf(url exchange.URL) string {
	host := api.FindHost(url.Host)
	switch {
	case url.Host == "":
		return ""
	case host.Role == api.HostSecure:
		return api.BaseURL(host.Environment)
	}
	scheme := url.Scheme
	if scheme == "" {
		scheme = "https"
		if host.Role == api.HostLoopback {
			scheme = "http"
		}
	}
	return scheme + "://" + url.Authority()
}

// sentProber probes after requests that this process sent, with the same credentials.
type sentProber struct {
	*prober
	candidate string                 // the account from the user's configuration
	spare     func() exchange.Header // credentials for probing after a call that needs none
}

// forSent returns the prober of a command that sends, or nil without --probe.
func (o *probeOptions) forSent(s *shared, options send.Options, c credentials, sim *local) *sentProber {
	if !o.probe {
		return nil
	}
	candidate := c.account
	if candidate == "" && sim != nil {
		candidate = sim.demo.CardholderAccountID
	}
	return &sentProber{newProber(s, options), candidate, func() exchange.Header { return spare(c, sim) }}
}

// add returns the diagnosis with the results of the probes. If it can't probe, it
// returns the diagnosis unchanged and says why on stderr.
func (p *sentProber) add(ctx context.Context, d diagnose.Diagnosis) diagnose.Diagnosis {
	if p == nil || !worthProbing(&d) {
		return d
	}
	if err := probe.ErrorOf(&d); err != nil {
		p.refuse(err)
		return d
	}
	a := accessOf(d.Exchange.Request, p.candidate)
	if d.Operation.Security == api.SecurityNone {
		a.header = p.spare()
	}
	if len(a.header) == 0 {
		p.refuse(errors.New("there are no credentials to probe with; set IMMERSVE_ACCESS_TOKEN, or IMMERSVE_API_KEY and IMMERSVE_API_SECRET"))
		return d
	}
	return p.probe(ctx, d, a)
}

// worthProbing reports whether there's a response that probes may explain.
func worthProbing(d *diagnose.Diagnosis) bool { return d.Failed() && d.Exchange.Response != nil }

// spare returns the credentials for probing after a call that needs none.
func spare(c credentials, sim *local) exchange.Header {
	var h exchange.Header
	if sim != nil {
		if op, err := api.Lookup("get-client-application"); err == nil {
			c.key, c.secret, c.token = "", "", ""
			sim.fill(&c, op)
		}
	}
	c.account = ""
	c.apply(&h, nil)
	return h
}

// captureProber probes for recorded calls, with their own credentials if these can be
// sent, otherwise with those from flags, environment and profile.
type captureProber struct {
	*prober
	credentials credentials
}

// newCaptureProber resolves the credentials once, so that a wrong flag is reported
// before any input is read.
func newCaptureProber(s *shared, o *credentialOptions) (*captureProber, error) {
	c, err := o.resolve(s.env)
	if err != nil {
		return nil, err
	}
	return &captureProber{prober: newProber(s, sendingOptions(s.env)), credentials: c}, nil
}

// add returns the diagnosis with the results of the probes.
func (p *captureProber) add(ctx context.Context, d diagnose.Diagnosis) diagnose.Diagnosis {
	if p == nil || !worthProbing(&d) {
		return d
	}
	err := probe.ErrorOf(&d)
	var a access
	if err == nil {
		a, err = p.access(&d)
	}
	if err != nil {
		p.refuse(err)
		return d
	}
	return p.probe(ctx, d, a)
}

// access uses the recorded credentials if they can be sent.
func (p *captureProber) access(d *diagnose.Diagnosis) (access, error) {
	request := d.Exchange.Request
	a := accessOf(request, p.credentials.account)
	own := a.header
	if isMasked(a.account) {
		a.account = ""
		return a, errors.New("x-account-id is masked in the input")
	}
	if sendable(own, p.shared.env.Now()) && a.base != "" && d.Operation.Security != api.SecurityNone {
		return a, nil
	}
	if err := p.sameEnvironment(d, &a); err != nil {
		return a, err
	}
	a.header = p.credentials.like(own)
	if len(a.header) == 0 {
		return a, errors.New("the input has no usable credentials; set IMMERSVE_ACCESS_TOKEN, or IMMERSVE_API_KEY and IMMERSVE_API_SECRET")
	}
	if !request.HeaderCaptured && a.account == "" {
		a.account = p.credentials.account
	}
	return a, sameCaller(own, a.header)
}

// like returns your credentials of the same kind as the recorded ones, if there are any.
func (c credentials) like(captured exchange.Header) exchange.Header {
	_, key := captured.Get(fieldKey)
	_, token := captured.Get(fieldAuthorization)
	switch {
	case token && c.token != "":
		c.key, c.secret = "", ""
	case key && c.key != "":
		c.token = ""
	}
	c.account = ""
	var h exchange.Header
	c.apply(&h, nil)
	return h
}

// sendable reports whether the recorded credentials can be sent unchanged.
func sendable(h exchange.Header, now time.Time) bool {
	if len(h) == 0 {
		return false
	}
	for _, f := range h {
		if v := f.Value.Reveal(); isMasked(v) || exchange.Masked(v) {
			return false
		}
	}
	if token, ok := h.Get(fieldAuthorization); ok {
		until, known := check.TokenExpiry(token)
		return known && until.After(now)
	}
	return h.Text(fieldKey) != "" && h.Text(fieldSecret) != ""
}

// sameEnvironment returns an error if your credentials are for a different environment
// from the recorded call's, because they prove nothing there.
func (p *captureProber) sameEnvironment(d *diagnose.Diagnosis, a *access) error {
	base, err := p.credentials.baseURL()
	if err != nil {
		return err
	}
	switch given := p.credentials.environment; {
	case a.base == "" && base == "":
		return errors.New("the input doesn't show the host")
	case a.base == "":
		a.base = base
		return nil
	case given == string(d.Environment) && d.Environment != api.EnvironmentUnknown:
		return nil
	case base != "" && exchange.ParseURL(base).Authority() == exchange.ParseURL(a.base).Authority():
		return nil
	case d.Environment == api.EnvironmentUnknown || d.Environment == api.EnvironmentLocal:
		return fmt.Errorf("the recorded request went to %s, but your credentials are for %s (if they're for both, use --env %s)", a.base, given, a.base)
	default:
		return fmt.Errorf("the recorded request is from %s, but your credentials are for %s (if they're for both, use --env %s)", d.Environment, given, d.Environment)
	}
}

// sameCaller returns an error if your credentials are visibly a different caller's,
// because what that caller can do doesn't explain the failed call.
func sameCaller(captured, given exchange.Header) error {
	key, hadKey := captured.Get(fieldKey)
	token, hadToken := captured.Get(fieldAuthorization)
	freshKey, hasKey := given.Get(fieldKey)
	freshToken, _ := given.Get(fieldAuthorization)
	subject, freshSubject := check.TokenSubject(token), check.TokenSubject(freshToken)
	switch {
	case hadKey && !hadToken && !hasKey:
		return errors.New("the call used an API key, but you gave only an access token")
	case hadToken && !hadKey && hasKey:
		return errors.New("the call used an access token, but you gave an API key (set IMMERSVE_ACCESS_TOKEN, or use --token @FILE)")
	case hadKey && hasKey && !isMasked(key.Reveal()) && key.Reveal() != freshKey.Reveal():
		return errors.New("the call used a different API key from yours")
	case subject != "" && freshSubject != "" && subject != freshSubject:
		return errors.New("the call used a different user's session from your token's")
	}
	return nil
}
