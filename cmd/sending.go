package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
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
}

func (o *sendOptions) flags(f *pflag.FlagSet) {
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "time for the whole exchange")
	f.DurationVar(&o.connectTimeout, "connect-timeout", 10*time.Second, "time for connecting")
	f.BoolVar(&o.dryRun, "dry-run", false, "send nothing; diagnose the request alone")
	f.BoolVarP(&o.yes, "yes", "y", false, "send a changing request to the live environment without asking")
	f.StringVar(&o.caCert, "cacert", "", "`FILE` with the CA certificate to trust, PEM")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "do not verify the server's certificate")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "`HOST` that may get credentials besides Immersve's and loopback")
	f.StringVar(&o.save, "save", "", "also write the exchange as HAR 1.2 to `FILE`, secrets masked")
}

// options turns the flags into the sender's options.
func (o *sendOptions) options(env Environment) (send.Options, error) {
	options := send.Options{
		Timeout: o.timeout, ConnectTimeout: o.connectTimeout, Insecure: o.insecure, AllowHosts: o.allowHosts,
		Proxy: http.ProxyFromEnvironment, Now: env.Now, UserAgent: "immersve-doctor/" + Version,
	}
	if o.insecure {
		fmt.Fprintln(env.Err, "immersve-doctor: warning: the server's certificate is not verified; anybody in between can read this call")
	}
	if o.caCert != "" {
		pem, err := os.ReadFile(o.caCert)
		if err != nil {
			return options, usage("", "read --cacert %s: %w", o.caCert, plainCause(err))
		}
		options.CACert = pem
	}
	return options, nil
}

// exchangeOf sends a request, or only looks at it with --dry-run.
func (o *sendOptions) exchangeOf(ctx context.Context, env Environment, request *exchange.Request) (*exchange.Exchange, error) {
	if o.dryRun {
		return &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Request: request, Started: env.Now()}, nil
	}
	if err := o.confirm(env, request); err != nil {
		return nil, err
	}
	options, err := o.options(env)
	if err != nil {
		return nil, err
	}
	stop := progress(ctx, env)
	ex, err := send.Do(ctx, request, options)
	stop()
	var guarded *send.GuardError
	if errors.As(err, &guarded) {
		return nil, &statusError{code: exitRefused, err: err, hint: "if that host is yours: --allow-host " + guarded.Host}
	}
	if err != nil {
		return nil, usage("", "%w", err)
	}
	if ctx.Err() != nil {
		return nil, exit(exitInterrupted)
	}
	return ex, nil
}

// confirm guards the live environment: a request that changes something needs
// --yes, or the word typed on a terminal.
func (o *sendOptions) confirm(env Environment, request *exchange.Request) error {
	live := api.FindHost(request.URL.Host).Environment == api.EnvironmentLive
	if !live || api.ReadOnly(request.Method) || o.yes {
		return nil
	}
	refusal := &statusError{
		code: exitRefused,
		err:  fmt.Errorf("%s %s would change something in the live environment", request.Method, request.URL.Path),
		hint: "--yes sends it; --dry-run looks at it without sending",
	}
	if !env.InTTY || !env.ErrTTY {
		return refusal
	}
	fmt.Fprintf(env.Err, "This changes something in the LIVE environment:\n  %s %s\nType \"live\" to send it: ", request.Method, request.URL.Path)
	answer, err := bufio.NewReader(env.In).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "live" {
		return refusal
	}
	return nil
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
				if n > 2 {
					fmt.Fprint(env.Err, "\r\x1b[K")
				}
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				if n >= 2 {
					fmt.Fprintf(env.Err, "\rwaiting for the answer, %d s", n)
				}
			}
		}
	}()
	return func() { close(done); <-ended }
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
