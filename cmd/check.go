package cmd

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/preflight"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

type checkOptions struct {
	*shared
	credentialOptions
	sendOptions
	clientApplication string
	limit             time.Duration
}

func newCheck(s *shared) *cobra.Command {
	o := &checkOptions{shared: s}
	c := &cobra.Command{
		Use:   "check",
		Short: "Preflight: are this machine, these credentials and this account ready?",
		Long: `Looks at configuration, network, clock, credentials and account by read-only
calls and says what is not ready. It changes nothing. Beside -o text and -o json
there is -o short: a line an item, fit for a chat.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), o) },
	}
	f := c.Flags()
	o.credentialOptions.flags(f)
	f.StringVar(&o.caCert, "cacert", "", "`FILE` with the CA certificate to trust, PEM")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "do not verify the server's certificate")
	f.StringVar(&o.clientApplication, "client-application", "", "id of the client application whose allowed origins are to be looked at")
	f.DurationVar(&o.limit, "timeout", 15*time.Second, "time for everything together")
	return c
}

func runCheck(ctx context.Context, o *checkOptions) error {
	c, err := o.resolve(o.env)
	if err != nil {
		return err
	}
	base, err := c.baseURL()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	if c.environment == "local" {
		sim, err := startLocal(ctx, o.env, o.scenario)
		if err != nil {
			return err
		}
		defer sim.stop()
		base = sim.url
		if c.key == "" && c.token == "" {
			c.key, c.secret, c.account = sim.demo.AdminKey, sim.demo.AdminSecret, sim.demo.AccountID
		}
	}
	o.connectTimeout, o.sendOptions.timeout = o.limit/2, o.limit
	options, err := o.options(o.env)
	if err != nil {
		return err
	}
	p := &preflightRun{options: options, base: base, credentials: c, now: o.env.Now, origin: o.origins(base)}
	items := p.items(ctx, o)
	if err := report.Preflight(o.env.Out, items, o.style(), o.output); err != nil {
		return err
	}
	switch {
	case !p.reached:
		return exit(exitNoResponse)
	case preflight.Worst(items) == preflight.Problem:
		return exit(exitFailed)
	}
	return nil
}

// origins names the proxy that calls to the base take, "" for none.
func (o *checkOptions) origins(base string) string {
	request, err := http.NewRequest(http.MethodGet, base, http.NoBody)
	if err != nil {
		return ""
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}

// preflightRun makes the calls of one check.
type preflightRun struct {
	options     send.Options
	base        string
	credentials credentials
	now         func() time.Time
	origin      string
	reached     bool
}

// items looks at everything, at the same time where nothing depends on it.
func (p *preflightRun) items(ctx context.Context, o *checkOptions) []preflight.Item {
	url := exchange.ParseURL(p.base)
	environment := api.FindHost(url.Host).Environment
	account := p.credentials.account
	var connection preflight.Connection
	var with, without, own, channels, listeners, faults, application *exchange.Exchange
	jobs := []func(){
		func() { connection = p.connect(ctx, url) },
		func() { with = p.get(ctx, "/api/currencies", true) },
		func() { without = p.get(ctx, "/api/currencies", false) },
	}
	if account != "" {
		jobs = append(jobs,
			func() { own = p.get(ctx, "/api/accounts/"+account, true) },
			func() { channels = p.get(ctx, "/api/accounts/"+account+"/funding-channels?limit=1", true) },
			func() { listeners = p.get(ctx, "/api/accounts/"+account+"/webhook-listeners", true) },
			func() { faults = p.get(ctx, "/api/accounts/"+account+"/fault-configs", true) })
	}
	if o.clientApplication != "" {
		jobs = append(jobs, func() { application = p.get(ctx, "/api/client-applications/"+o.clientApplication, true) })
	}
	together(jobs)
	p.reached = with != nil && with.Response != nil
	items := preflight.Configuration(environment, p.settings(o))
	items = append(items, preflight.Network(connection, p.now())...)
	items = append(items, preflight.Reached(with), preflight.Clock(with), preflight.Accepted(with, without))
	items = append(items, preflight.Token(exchange.NewValue("authorization", p.credentials.token), p.now())...)
	items = append(items, preflight.Account(own, environment)...)
	return append(items,
		preflight.Listed("account.channels", "funding channels", "account-admin key", channels, preflight.Warning, "Create one: immersve-doctor explain create-funding-channel"),
		preflight.Listed("account.listeners", "webhook listeners", "account-admin key", listeners, preflight.Warning, "Without one you must poll: immersve-doctor explain create-webhook-listener"),
		p.application(application),
		preflight.Faults(faults),
		preflight.Item{ID: "rate.budget", Title: "rate budget", Detail: fmt.Sprintf("no answer shows it; documented are %d requests a minute and consumer, %d for spending prerequisites", api.RateLimit, api.RateLimitPrerequisites)},
	)
}

func (p *preflightRun) application(ex *exchange.Exchange) preflight.Item {
	if ex == nil {
		return preflight.Item{ID: "application.origins", Title: "allowed origins", Detail: "not asked; --client-application ID looks at them"}
	}
	return preflight.Origins(ex)
}

// together runs jobs at the same time and waits for all.
func together(jobs []func()) {
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(job)
	}
	wg.Wait()
}

// settings lists what is configured, and where it came from.
func (p *preflightRun) settings(o *checkOptions) []preflight.Setting {
	c := p.credentials
	source := func(flag, variable string) string {
		switch {
		case flag != "":
			return "flag"
		case o.env.Getenv(variable) != "":
			return "environment"
		case c.environment == "local":
			return "simulator"
		}
		return "profile"
	}
	all := []preflight.Setting{
		{Name: "api-key", Value: exchange.NewValue("x-api-key", c.key), Source: source(o.key, "IMMERSVE_API_KEY")},
		{Name: "api-secret", Value: exchange.NewValue("x-api-secret", c.secret), Source: source(o.secret, "IMMERSVE_API_SECRET")},
		{Name: "access-token", Value: exchange.NewValue("authorization", c.token), Source: source(o.token, "IMMERSVE_ACCESS_TOKEN")},
		{Name: "account-id", Value: exchange.NewValue("x-account-id", c.account), Source: source(o.account, "IMMERSVE_ACCOUNT_ID")},
	}
	return slices.DeleteFunc(all, func(s preflight.Setting) bool { return s.Value.Reveal() == "" })
}

func (p *preflightRun) get(ctx context.Context, path string, credentials bool) *exchange.Exchange {
	request := &exchange.Request{Method: http.MethodGet, URL: exchange.ParseURL(strings.TrimRight(p.base, "/") + path), HeaderCaptured: true, Body: exchange.NewBody(nil)}
	if credentials {
		p.credentials.apply(&request.Header, nil)
	}
	ex, err := send.Do(ctx, request, p.options)
	if err != nil {
		return &exchange.Exchange{Request: request, Started: p.now(), Failure: &exchange.Failure{Text: err.Error()}}
	}
	return ex
}

func (p *preflightRun) connect(ctx context.Context, url exchange.URL) preflight.Connection {
	seen := send.Inspect(ctx, url, p.options)
	c := preflight.Connection{
		Host: url.Host, Addresses: seen.Addresses, DNSError: seen.DNSError, Dialed: seen.Dialed, DialError: seen.DialError,
		Plain: url.Scheme == "http", TLSError: seen.TLSError, Proxy: p.origin,
	}
	if seen.TLS != nil {
		c.Version, c.Protocol = tls.VersionName(seen.TLS.Version), seen.TLS.NegotiatedProtocol
		if leaf := seen.TLS.PeerCertificates; len(leaf) > 0 {
			c.Issuer, c.NotAfter = leaf[0].Issuer.CommonName, leaf[0].NotAfter
		}
	}
	return c
}
