package cmd

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/crash"
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
		Short: "Check your network, credentials and account",
		Long: `Check configuration, network, clock, credentials and account with up to 10
read-only requests. Nothing is changed.`,
		Annotations: map[string]string{noteMore: `Marks:
  ✓ ok   ! worth a look   ✗ must be fixed   ? unknown

Output:
  -o short prints one line per check, for a chat message.

Exit status:
  0 nothing to fix   1 something to fix   4 the API couldn't be reached`},
		Example: `  immersve-doctor check
  immersve-doctor check --env live --profile production -o short
  immersve-doctor check --client-application d0b05d44204810fc61991a49e289dda3`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCheck(c.Context(), o) },
	}
	f := c.Flags()
	o.credentialOptions.flags(f)
	f.StringVar(&o.caCert, "cacert", "", "Trust this CA certificate (PEM)")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "Don't verify the server's certificate")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "Also send credentials to this host")
	f.StringVar(&o.scenario, "scenario", "", "Scenario for --env local: a name or a YAML file")
	f.StringVar(&o.clientApplication, "client-application", "", "Check the allowed origins of this application")
	f.DurationVar(&o.limit, "timeout", 15*time.Second, "Limit for all checks together")
	return c
}

func runCheck(ctx context.Context, o *checkOptions) error {
	if o.limit <= 0 {
		return usage("try: --timeout 15s", "--timeout must be positive, not %s", o.limit)
	}
	p, err := o.run()
	if err != nil {
		return err
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	looking, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	if p.credentials.environment == "local" {
		sim, err := startLocal(looking, o.env, o.scenario)
		if err != nil {
			return err
		}
		defer sim.stop()
		p.enter(sim)
	}
	if err := send.Guard(p.request("/api/currencies", true), p.options); err != nil {
		return refused(err)
	}
	quiet := progress(looking, o.env)
	r := p.look(looking)
	quiet()
	if err := report.Preflight(o.env.Out, &r, o.style(), o.output); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exit(exitInterrupted)
	case !r.Reached:
		return exit(exitNoResponse)
	case preflight.Worst(r.Items) == preflight.Problem:
		return exit(exitFailed)
	}
	return nil
}

// run prepares a check. A configuration file that cannot be read becomes an item,
// unless it was asked for.
func (o *checkOptions) run() (*preflightRun, error) {
	taken, problem := readProfile(o.env, o.profile)
	if problem != nil && o.profile != "" {
		return nil, problem
	}
	c, err := o.with(o.env, taken)
	if err != nil {
		return nil, err
	}
	if err := o.checkScenario(c.environment); err != nil {
		return nil, err
	}
	base, err := c.baseURL()
	if err != nil {
		return nil, err
	}
	o.connectTimeout, o.sendOptions.timeout = o.limit/2, o.limit
	options, err := o.options(o.env)
	if err != nil {
		return nil, err
	}
	options.MaxBody = 1 << 20
	return &preflightRun{o: o, options: options, base: base, credentials: c, taken: taken, problem: problem}, nil
}

// preflightRun makes the calls of one check.
type preflightRun struct {
	o           *checkOptions
	options     send.Options
	base        string
	credentials credentials
	taken       profile
	problem     error  // why the configuration file could not be read
	lent        bool   // the credentials are the simulator's
	calls       []call // in no order

	mu sync.Mutex
}

// call is one that was made, nil for one that was not.
type call = *exchange.Exchange

// enter takes the simulator inside the process for the environment.
func (p *preflightRun) enter(sim *local) {
	p.base = sim.url
	c := &p.credentials
	if c.key != "" || c.secret != "" || c.token != "" {
		return
	}
	p.lent = true
	c.key, c.secret = sim.demo.AdminKey, sim.demo.AdminSecret
	switch c.account {
	case "":
		c.account = sim.demo.AccountID
	case sim.demo.AccountID:
	default: // a cardholder's, for which the other key pair is
		c.key, c.secret = sim.demo.APIKey, sim.demo.APISecret
	}
	if p.o.clientApplication == "" && c.key == sim.demo.AdminKey {
		p.o.clientApplication = sim.demo.ClientApplicationID
	}
}

// answers are what a check is made of.
type answers struct {
	connection                            preflight.Connection
	with, without, own, application       call
	list, listeners, faults, above, typed call
}

// look looks at everything, at the same time where nothing depends on it.
func (p *preflightRun) look(ctx context.Context) preflight.Report {
	target := exchange.ParseURL(p.base)
	environment := api.FindHost(target.Host).Environment
	var a answers
	p.ask(ctx, target, &a)
	p.askByType(ctx, &a)
	now := p.o.env.Now()

	items := p.configuration(environment)
	items = append(items, preflight.Network(a.connection, now)...)
	items = append(items, preflight.Reached(a.with), preflight.Clock(a.with))
	items = append(items, preflight.Token(exchange.NewValue(fieldAuthorization, p.credentials.token), now)...)
	if p.credentials.key != "" || p.credentials.token != "" {
		items = append(items, preflight.Accepted(a.with, a.without), preflight.Role(a.own, a.typed))
	}
	items = append(items, preflight.Account(a.own, environment)...)
	items = append(items, funding(&a)...)
	items = append(items, preflight.Origins(a.application), preflight.Faults(a.faults, a.above), preflight.Rate(p.calls))
	return preflight.Report{Environment: string(environment), Base: target.String(), Items: items, Reached: a.with != nil && a.with.Response != nil}
}

// funding are the items that depend on whose the account is.
func funding(a *answers) []preflight.Item {
	if preflight.AccountType(a.own) == "cardholder" {
		return []preflight.Item{
			preflight.Listed("account.sources", "funding sources", "card-issuer key", a.list, preflight.Warning, "Create one: immersve-doctor explain create-funding-source"),
		}
	}
	return []preflight.Item{
		preflight.Listed("account.channels", "funding channels", "account-admin key", a.list, preflight.Warning, "Create one: immersve-doctor explain create-funding-channel"),
		preflight.Listeners(a.listeners),
	}
}

// ask makes the calls that depend on nothing.
func (p *preflightRun) ask(ctx context.Context, target exchange.URL, a *answers) {
	jobs := []func(){
		func() { a.connection = p.connect(ctx, target) },
		func() { a.with = p.get(ctx, "/api/currencies", true) },
		func() { a.without = p.get(ctx, "/api/currencies", false) },
	}
	if account := p.credentials.account; account != "" {
		jobs = append(jobs,
			func() { a.own = p.get(ctx, "/api/accounts/"+url.PathEscape(account), true) },
			func() { a.faults = p.get(ctx, "/api/accounts/"+url.PathEscape(account)+"/fault-configs", true) })
	}
	if id := p.o.clientApplication; id != "" {
		jobs = append(jobs, func() { a.application = p.get(ctx, "/api/client-applications/"+url.PathEscape(id), true) })
	}
	together(jobs)
}

// askByType makes the calls that depend on the account: a partner's lists, or a
// cardholder's and the faults of the partner above it.
func (p *preflightRun) askByType(ctx context.Context, a *answers) {
	if a.own == nil {
		return
	}
	account := "/api/accounts/" + url.PathEscape(p.credentials.account)
	switch preflight.AccountType(a.own) {
	case "partner":
		together([]func(){
			func() { a.list = p.get(ctx, account+"/funding-channels?limit=100", true) },
			func() { a.listeners = p.get(ctx, account+"/webhook-listeners", true) },
		})
		a.typed = a.list
	case "cardholder":
		jobs := []func(){func() { a.list = p.get(ctx, account+"/funding-sources", true) }}
		if partner := preflight.Partner(a.own); partner != "" {
			jobs = append(jobs, func() { a.above = p.get(ctx, "/api/accounts/"+url.PathEscape(partner)+"/fault-configs", true) })
		}
		together(jobs)
		a.typed = a.list
	}
}

// together runs jobs at the same time and waits for all.
func together(jobs []func()) {
	var group crash.Group
	for _, job := range jobs {
		group.Go(job)
	}
	group.Wait()
}

// configuration lists what is configured, where it came from, and what was read.
func (p *preflightRun) configuration(environment api.Environment) []preflight.Item {
	o := p.o
	problem := ""
	if p.problem != nil {
		problem = p.problem.Error()
	}
	path := configPath(o.env)
	items := []preflight.Item{
		preflight.Target(environment, p.base, p.source(p.credentials.from.environment)),
		preflight.File(path, p.taken.name, path != "" && exists(path), p.taken.exposed(o.env, path), problem),
	}
	items = append(items, preflight.Misnamed(misnamed(o.env))...)
	return append(items, preflight.Configuration(environment, p.settings())...)
}

// settings are the configured values with their sources.
func (p *preflightRun) settings() []preflight.Setting {
	c := p.credentials
	all := []preflight.Setting{
		{Name: "api-key", Value: exchange.NewValue(fieldKey, c.key), Source: p.source(c.from.key)},
		{Name: "api-secret", Value: exchange.NewValue(fieldSecret, c.secret), Source: p.source(c.from.secret)},
		{Name: "access-token", Value: exchange.NewValue(fieldAuthorization, c.token), Source: p.source(c.from.token)},
		{Name: "account-id", Value: exchange.NewValue(fieldAccount, c.account), Source: p.source(c.from.account)},
	}
	return slices.DeleteFunc(all, func(s preflight.Setting) bool { return s.Value.Reveal() == "" })
}

// source is where a value came from, or the simulator if it lent the value.
func (p *preflightRun) source(from string) string {
	switch {
	case from != "":
		return from
	case p.lent:
		return "the simulator"
	}
	return "default"
}

// misnamed finds variables that were set under a name that is not read.
func misnamed(env Environment) map[string]string {
	found := map[string]string{}
	for _, pair := range [...][2]string{
		{"IMMERSVE_KEY", "IMMERSVE_API_KEY"},
		{"IMMERSVE_APIKEY", "IMMERSVE_API_KEY"},
		{"IMMERSVE_SECRET", "IMMERSVE_API_SECRET"},
		{"IMMERSVE_SECRET_KEY", "IMMERSVE_API_SECRET"},
		{"IMMERSVE_API_SECRET_KEY", "IMMERSVE_API_SECRET"},
		{"IMMERSVE_TOKEN", "IMMERSVE_ACCESS_TOKEN"},
		{"IMMERSVE_API_TOKEN", "IMMERSVE_ACCESS_TOKEN"},
		{"IMMERSVE_BEARER_TOKEN", "IMMERSVE_ACCESS_TOKEN"},
		{"IMMERSVE_ACCOUNT", "IMMERSVE_ACCOUNT_ID"},
		{"IMMERSVE_PARTNER_ACCOUNT_ID", "IMMERSVE_ACCOUNT_ID"},
		{"IMMERSVE_ENVIRONMENT", "IMMERSVE_ENV"},
		{"IMMERSVE_BASE_URL", "IMMERSVE_ENV"},
		{"IMMERSVE_URL", "IMMERSVE_ENV"},
	} {
		if env.Getenv(pair[0]) != "" && env.Getenv(pair[1]) == "" {
			found[pair[0]] = pair[1]
		}
	}
	return found
}

func (p *preflightRun) request(path string, credentials bool) *exchange.Request {
	r := &exchange.Request{Method: http.MethodGet, URL: exchange.ParseURL(strings.TrimRight(p.base, "/") + path), HeaderCaptured: true, Body: exchange.NewBody(nil)}
	if credentials {
		p.credentials.apply(&r.Header, nil)
	}
	return r
}

func (p *preflightRun) get(ctx context.Context, path string, credentials bool) call {
	request := p.request(path, credentials)
	ex, err := send.Do(ctx, request, p.options)
	if err != nil {
		ex = &exchange.Exchange{Request: request, Started: p.o.env.Now(), Failure: &exchange.Failure{Text: err.Error()}}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, ex)
	return ex
}

func (p *preflightRun) connect(ctx context.Context, target exchange.URL) preflight.Connection {
	seen := send.Inspect(ctx, target, p.options)
	c := preflight.Connection{
		Host: target.Host, Proxy: seen.Proxy, Addresses: seen.Addresses, DNSError: seen.DNSError, LookedUp: seen.LookedUp,
		Dialed: seen.Dialed, DialError: seen.DialError, ProxyError: seen.ProxyError, Unfollowed: seen.Unfollowed, Plain: target.Scheme == "http",
		TLSError: seen.TLSError, Mistrust: preflight.Mistrust(seen.Mistrust), Shaken: seen.Shaken, Unverified: p.o.insecure,
	}
	if seen.TLS != nil {
		c.Version, c.Protocol = tls.VersionName(seen.TLS.Version), seen.TLS.NegotiatedProtocol
	}
	for _, one := range seen.Chain {
		subject := one.Subject.CommonName
		if subject == "" && len(one.DNSNames) > 0 {
			subject = one.DNSNames[0]
		}
		names := slices.Clone(one.DNSNames)
		for _, ip := range one.IPAddresses {
			names = append(names, ip.String())
		}
		c.Chain = append(c.Chain, preflight.Certificate{Subject: subject, Issuer: one.Issuer.CommonName, NotBefore: one.NotBefore, NotAfter: one.NotAfter, Names: names})
	}
	return c
}
