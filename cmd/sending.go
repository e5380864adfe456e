package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

// sendOptions are the flags of every command that sends.
type sendOptions struct {
	timeout        time.Duration
	connectTimeout time.Duration
	dryRun         bool
	yes            bool
	caCert         string
	insecure       bool
	allowHosts     []string
	save           string
	retry          int
	retryMaxDelay  time.Duration
	retryUnsafe    bool
	scenario       string
}

func (o *sendOptions) flags(f *pflag.FlagSet) {
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "Limit for the whole request")
	f.DurationVar(&o.connectTimeout, "connect-timeout", 10*time.Second, "Limit for connecting")
	f.BoolVar(&o.dryRun, "dry-run", false, "Print and check the request without sending it")
	f.BoolVarP(&o.yes, "yes", "y", false, "Don't ask before changing anything in live")
	f.StringVar(&o.scenario, "scenario", "", "Scenario for --env local: a name or a YAML file")
	f.StringVar(&o.caCert, "cacert", "", "Trust this CA certificate (PEM)")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "Don't verify the server's certificate")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "Also send credentials to this host")
	f.StringVar(&o.save, "save", "", "Also save the request as HAR, secrets masked")
	f.IntVar(&o.retry, "retry", 0, "Retries after 429, 500, 502-504, timeout or reset")
	f.DurationVar(&o.retryMaxDelay, "retry-max-delay", send.DefaultMaxRetryDelay, "Longest wait before a retry")
	f.BoolVar(&o.retryUnsafe, "retry-unsafe", false, "Retry even if it can take effect twice")
}

// checkScenario refuses a scenario for anything but the simulator inside.
func (o *sendOptions) checkScenario(environment string) error {
	if o.scenario == "" || environment == "local" {
		return nil
	}
	return usage("add --env local, or start a simulator: immersve-doctor simulate --scenario "+o.scenario,
		"--scenario sets up the simulator that --env local starts")
}

// sendingOptions are those of every command that sends.
func sendingOptions(env Environment) send.Options {
	return send.Options{
		Network: env.Network, Now: env.Now, UserAgent: "immersve-doctor/" + Version,
		Proxy: func(r *http.Request) (*url.URL, error) {
			if env.Proxy == nil || api.IsLoopback(r.URL.Hostname()) { // a proxy's own localhost isn't this one
				return nil, nil
			}
			return env.Proxy(r)
		},
	}
}

// options turns the flags into the sender's options.
func (o *sendOptions) options(env Environment) (send.Options, error) {
	options := sendingOptions(env)
	options.Timeout, options.ConnectTimeout, options.Insecure, options.AllowHosts = o.timeout, o.connectTimeout, o.insecure, o.allowHosts
	if o.insecure {
		fmt.Fprintln(env.Err, "immersve-doctor: warning: the server's certificate isn't verified, so anyone on the network path can read this request")
	}
	if o.caCert != "" {
		pem, err := readFile(o.caCert, maxCertificate)
		if err != nil {
			return options, usage("", "read --cacert %s: %w", o.caCert, err)
		}
		if !send.HoldsCertificate(pem) {
			return options, usage("use a file with certificates in PEM format", "--cacert %s doesn't contain a certificate", o.caCert)
		}
		options.CACert = pem
	}
	return options, nil
}

// quietOptions are the options again, for calls of which the same is to be warned.
func (o *sendOptions) quietOptions(env Environment) (send.Options, error) {
	env.Err = io.Discard
	return o.options(env)
}

// exchangeOf sends a request, or only looks at it with --dry-run.
func (o *sendOptions) exchangeOf(ctx context.Context, env Environment, request *exchange.Request) (*exchange.Exchange, error) {
	if o.dryRun {
		return unsent(env, request), nil
	}
	options, err := o.options(env)
	if err != nil {
		return nil, err
	}
	if err := o.guard(env, options, request); err != nil {
		return nil, err
	}
	return o.deliver(ctx, env, request, func(ctx context.Context) (*exchange.Exchange, error) {
		return send.Do(ctx, request, options)
	})
}

// unsent is the exchange of a request that is only looked at.
func unsent(env Environment, request *exchange.Request) *exchange.Exchange {
	return &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Request: request, Started: env.Now()}
}

// deliver sends a request that the guards let pass, again as often as --retry
// allows.
func (o *sendOptions) deliver(ctx context.Context, env Environment, request *exchange.Request, once func(context.Context) (*exchange.Exchange, error)) (*exchange.Exchange, error) {
	ex, err := o.attempts(env, request).Do(ctx, func(ctx context.Context) (*exchange.Exchange, error) {
		stop := progress(ctx, env)
		defer stop()
		return once(ctx)
	})
	if err != nil {
		return nil, refused(err)
	}
	if ctx.Err() != nil {
		return nil, exit(exitInterrupted)
	}
	return ex, nil
}

// attempts turns the flags into how often a request is sent.
func (o *sendOptions) attempts(env Environment, request *exchange.Request) send.Retry {
	r := send.Retry{
		Times: o.retry, MaxDelay: o.retryMaxDelay, Now: env.Now, Random: rand.Float64, Sleep: sleep,
		Say: func(line string) { fmt.Fprintf(env.Err, "immersve-doctor: %s\n", line) },
	}
	if why := send.Unrepeatable(request); why != "" && !o.retryUnsafe {
		r.Refused = why + " (use --retry-unsafe to send it anyway)"
	}
	return r
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// guard asks the sender's guard and the user about requests that are about to be
// sent together: all of them, or none.
func (o *sendOptions) guard(env Environment, options send.Options, requests ...*exchange.Request) error {
	for _, r := range requests {
		if err := send.Guard(r, options); err != nil {
			return refused(err)
		}
	}
	return o.confirm(env, requests...)
}

// refused turns an error of sending into its exit status.
func refused(err error) error {
	var guarded *send.GuardError
	if errors.As(err, &guarded) {
		return &statusError{code: exitRefused, err: err, hint: guarded.Hint}
	}
	return usage("", "%w", err)
}

// confirm guards the live environment: requests that change something need
// --yes, or the word typed once on a terminal.
func (o *sendOptions) confirm(env Environment, requests ...*exchange.Request) error {
	var changing []string
	for _, r := range requests {
		if changesLive(r) {
			changing = append(changing, shown(r))
		}
	}
	if len(changing) == 0 || o.yes {
		return nil
	}
	refusal := &statusError{
		code: exitRefused,
		err:  fmt.Errorf("%s would change data in the live environment", strings.Join(changing, ", ")),
		hint: "use --yes to send it, or --dry-run to check it first",
	}
	if !env.InTTY || !env.ErrTTY {
		return refusal
	}
	fmt.Fprintf(env.Err, "This changes data in the LIVE environment:\n  %s\nType \"live\" to send it: ", strings.Join(changing, "\n  "))
	answer, err := bufio.NewReader(env.In).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "live" {
		return refusal
	}
	return nil
}

// shown is method and path of a request for a message, inert and masked.
func shown(r *exchange.Request) string {
	return report.Plain(r.Method.String() + " " + exchange.MaskText(r.URL.Path))
}

// changesLive reports whether a request may change or use up something in the live
// environment.
func changesLive(r *exchange.Request) bool {
	live := func(host string) bool { return api.FindHost(host).Environment == api.EnvironmentLive }
	named, _, _ := strings.Cut(r.Header.Text("host"), ":")
	return (live(r.URL.Host) || live(named)) && (!api.ReadOnly(string(r.Method)) || api.Consumes(r.URL.PathSegments()))
}

// progress says on a terminal that a slow call is still under way.
func progress(ctx context.Context, env Environment) (stop func()) {
	if !env.ErrTTY {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-done:
				clearProgress(env, n)
				return
			case <-ctx.Done():
				clearProgress(env, n)
				return
			case <-ticker.C:
				if n >= 2 {
					fmt.Fprintf(drawing(env.Err), "\rwaiting for the response, %d s", n)
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

// clearProgress takes the line away, where one was written after n seconds.
func clearProgress(env Environment, n int) {
	if n > 2 {
		fmt.Fprint(drawing(env.Err), "\r\x1b[K")
	}
}

// sentStatus is the exit status of a command that sent one request.
func sentStatus(d *diagnose.Diagnosis) error {
	switch {
	case d.Exchange.Response == nil && d.Exchange.Failure != nil:
		return exit(exitNoResponse)
	case d.Failed():
		return exit(exitFailed)
	}
	return nil
}

// tally is what came of all requests.
type tally struct {
	outcomes []diagnose.Outcome
	count    int
	failed   bool
	silent   bool // no response came to one
	last     *diagnose.Diagnosis
}

func (t *tally) add(o diagnose.Outcome) { t.outcomes = append(t.outcomes, o) }

func (t *tally) note(d *diagnose.Diagnosis) {
	t.count++
	t.failed = t.failed || d.Failed()
	t.silent = t.silent || d.Exchange.Response == nil && d.Exchange.Failure != nil
	t.last = d
}

// status is the exit status: a missing response is said before a failure.
func (t *tally) status() error {
	switch {
	case t.silent:
		return exit(exitNoResponse)
	case t.failed:
		return exit(exitFailed)
	}
	return nil
}

// say counts the outcomes where there are several.
func (t *tally) say(env Environment) {
	if len(t.outcomes) < 2 {
		return
	}
	var words []string
	for _, o := range []diagnose.Outcome{diagnose.Fixed, diagnose.Same, diagnose.Changed, diagnose.Worse, diagnose.New} {
		n := 0
		for _, got := range t.outcomes {
			if got == o {
				n++
			}
		}
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, o))
		}
	}
	fmt.Fprintf(env.Err, "immersve-doctor: %d sent again: %s\n", len(t.outcomes), strings.Join(words, ", "))
}
