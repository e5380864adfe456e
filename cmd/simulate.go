package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

type simulateOptions struct {
	*shared
	addr               string
	anywhere           bool
	allowHosts         []string
	seed               string
	quiet              bool
	tokenTTL           time.Duration
	rateLimit          int
	prerequisitesLimit int
	state              string
	scenario           string
	shell              string
	print              bool
	given              func(flag string) bool
}

func newSimulate(s *shared) *cobra.Command {
	o := &simulateOptions{shared: s}
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Run a local copy of the API",
		Long: `Run a local copy of the API for any HTTP client, with accounts, cards and balances
that remember what you do. Any documented error is available on demand: send the
header x-immersve-simulate, for example "403:KYC_REQUIRED" or "503".

Stdout is a shell script that sets credentials and IDs as variables.`,
		Example: `  immersve-doctor simulate --addr 127.0.0.1:4010
  eval "$(immersve-doctor simulate --print)"       (in another shell)
  immersve-doctor simulate --scenario kyc-pending
  immersve-doctor simulate --scenario story.yaml --state sandbox.json
  curl -i -H 'x-immersve-simulate: 429' http://127.0.0.1:4010/api/currencies`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.given = c.Flags().Changed
			return runSimulate(c.Context(), o)
		},
	}
	o.flags(c.Flags())
	c.SetHelpFunc(func(c *cobra.Command, args []string) { // not at every start: it takes a tenth of a millisecond
		c.Annotations = map[string]string{noteMore: scenarioHelp()}
		c.Root().HelpFunc()(c, args)
	})
	return c
}

func (o *simulateOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.addr, "addr", "127.0.0.1:4010", "Address to listen on, port 0 for any free one")
	f.BoolVar(&o.anywhere, "listen-anywhere", false, "Allow an address other machines can reach")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "Also accept requests to this host name")
	f.StringVar(&o.seed, "seed", simulator.DemoSeed, "Seed for IDs and credentials, \"\" for random")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "Don't log requests")
	f.DurationVar(&o.tokenTTL, "token-ttl", 20*time.Minute, "Lifetime of access tokens")
	f.IntVar(&o.rateLimit, "rate-limit", 2000, "Requests per minute and consumer")
	f.IntVar(&o.prerequisitesLimit, "rate-limit-prerequisites", 500, "The same for /api/spending-prerequisites")
	f.StringVar(&o.state, "state", "", "Keep accounts, cards and balances in a file")
	f.StringVar(&o.scenario, "scenario", "", "Start from a scenario: a name or a YAML file")
	f.StringVar(&o.shell, "shell", "", "Print variables for sh, fish or powershell")
	f.BoolVar(&o.print, "print", false, "Print the variables without listening")
}

func runSimulate(ctx context.Context, o *simulateOptions) error {
	if err := o.checkFlags(); err != nil {
		return err
	}
	sim, state, err := o.make()
	if err != nil {
		return err
	}
	if o.print {
		return o.announce(sim, "http://"+o.addr)
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	server, err := sim.Start(ctx, o.addr, o.anywhere)
	if err != nil {
		return cannotListen(err)
	}
	if host, _, _ := net.SplitHostPort(o.addr); !api.IsLocalhost(host) { // checkFlags has split it
		fmt.Fprintf(o.env.Err, "immersve-doctor: warning: other machines reach this simulator at %s; its credentials aren't secret\n", report.Plain(o.addr))
	}
	return o.run(ctx, sim, server, state)
}

// run tells what the client needs, and serves until the end.
func (o *simulateOptions) run(ctx context.Context, sim *simulator.Simulator, server *simulator.Server, state *stateFile) error {
	defer func() { _ = server.Close() }() // Wait has the error, where there was one
	if state == nil {
		if err := o.announce(sim, server.URL); err != nil {
			return err
		}
		return errors.Join(server.Wait(), interrupted(ctx))
	}
	sim.Demo()
	sim.Story() // both sign sessions, which belong to the state
	if err := state.save(sim); err != nil {
		return err
	}
	if err := o.announce(sim, server.URL); err != nil {
		return err
	}
	if !state.existed {
		fmt.Fprintf(o.env.Err, "immersve-doctor: keeping the state in %s\n", report.Plain(state.name))
	}
	state.keep(ctx, sim, o.env.Err)
	if err := errors.Join(server.Wait(), state.save(sim)); err != nil {
		return err
	}
	return interrupted(ctx)
}

// interrupted is the exit status of SIGINT where that ended a context; SIGTERM is
// how a service is told to stop, and no failure.
func interrupted(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return exit(exitInterrupted)
	}
	return nil
}

// checkFlags judges the flags.
func (o *simulateOptions) checkFlags() error {
	_, port, err := net.SplitHostPort(o.addr)
	switch {
	case err != nil:
		return usage("use --addr HOST:PORT, such as 127.0.0.1:4010", "invalid address %q", o.addr)
	case o.given("token-ttl") && o.tokenTTL < time.Second:
		return usage("try: --token-ttl 30s", "--token-ttl must be at least 1s, not %s", o.tokenTTL)
	case o.given("rate-limit") && o.rateLimit < 1, o.given("rate-limit-prerequisites") && o.prerequisitesLimit < 1:
		return usage("try: --rate-limit 10", "--rate-limit must be at least 1")
	case !oneOf(o.output, "text", "json"):
		return usage("use text or json", "unsupported output format for simulate: %q", o.output)
	case !oneOf(o.shell, "", "sh", "fish", "powershell"):
		return usage("use sh (for bash and zsh, too), fish or powershell", "unknown shell %q", o.shell)
	case o.print && (port == "0" || port == ""):
		return usage("use the same --addr for both, such as 127.0.0.1:4010", "--print doesn't know which free port the simulator will use")
	case o.print && (o.state != "" || o.seed == ""):
		return usage("redirect the simulator's own output to a file instead", "--print doesn't know the IDs of a simulator with --state or random IDs")
	}
	return nil
}

// cannotListen explains why the simulator does not run.
func cannotListen(err error) error {
	var far *simulator.NotLoopbackError
	switch {
	case errors.As(err, &far):
		return &statusError{code: exitRefused, err: err, hint: "use --listen-anywhere to allow this"}
	case errors.Is(err, syscall.EADDRINUSE):
		return usage("another program uses this port, perhaps a simulator (use --addr 127.0.0.1:0 for any free port)", "%w", err)
	case errors.Is(err, syscall.EACCES):
		return usage("ports below 1024 need administrator rights (use --addr 127.0.0.1:4010)", "%w", err)
	}
	return usage("use --addr HOST:PORT, such as 127.0.0.1:4010", "%w", err)
}

// options are those of a new simulator; what no flag says, the scenario may.
func (o *simulateOptions) options(scenario *simulator.Scenario) simulator.Options {
	options := simulator.Options{
		Now: o.env.Now, Random: rand.Reader, Seed: o.seed, Log: o.logger(), AllowedHosts: o.allowHosts, Scenario: scenario,
	}
	if o.given("token-ttl") {
		options.TokenTTL = o.tokenTTL
	}
	if o.given("rate-limit") {
		options.RateLimit = o.rateLimit
	}
	if o.given("rate-limit-prerequisites") {
		options.RateLimitPrerequisites = o.prerequisitesLimit
	}
	return options
}

// make returns the simulator: from its state file where there is one, else new.
func (o *simulateOptions) make() (*simulator.Simulator, *stateFile, error) {
	scenario, err := loadScenario(context.Background(), o.scenario)
	if err != nil {
		return nil, nil, err
	}
	options := o.options(scenario)
	if o.state == "" {
		sim, err := newSimulator(options, o.scenario)
		return sim, nil, err
	}
	state, err := openState(o.state)
	if err != nil {
		return nil, nil, err
	}
	if !state.existed {
		sim, err := newSimulator(options, o.scenario)
		return sim, state, err
	}
	sim, err := state.restore(options)
	if err != nil {
		return nil, nil, err
	}
	if o.given("seed") && sim.Seed() != o.seed {
		return nil, nil, usage("omit --seed, or use a different --state", "the state in %s has the seed %q, not %q", o.state, sim.Seed(), o.seed)
	}
	note := ""
	if o.scenario != "" {
		note = " (to set up the scenario again, remove the file)"
	}
	fmt.Fprintf(o.env.Err, "immersve-doctor: continuing from %s%s\n", report.Plain(o.state), note)
	return sim, state, nil
}

// logger writes a line a request to standard error.
func (o *simulateOptions) logger() func(method, path string, status int) {
	if o.quiet {
		return nil
	}
	var mu sync.Mutex
	return func(method, path string, status int) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(o.env.Err, "%s %3d %s %s\n", o.env.Now().Format("15:04:05"), status, report.Plain(method), report.Plain(path))
	}
}

// scenarioHelp says what a scenario is, and lists those that the simulator
// brings.
func scenarioHelp() string {
	var b strings.Builder
	b.WriteString(`Scenario file:
  Entries add to the demo data, or change the entry of the same name.

  title: Alice has no phone.
  cardholders:
    - {name: alice, email: a@example.com, kyc: {status: passed, region: NZ}}
    - {name: cardholder, phone: ""}
  sources:
    - {name: savings, cardholder: alice, balance: 5000000}
Sections and fields of a scenario:
`)
	for _, section := range simulator.ScenarioReference() {
		fmt.Fprintf(&b, "  %-19s %s\n", section[0], strings.Join(report.Wrap(section[1], 58), "\n"+strings.Repeat(" ", 22)))
	}
	b.WriteString("Built-in scenarios:\n")
	for _, s := range simulator.Scenarios() {
		fmt.Fprintf(&b, "  %-23s %s\n", s.Name, strings.Join(report.Wrap(s.Title, 54), "\n"+strings.Repeat(" ", 26)))
	}
	return strings.TrimRight(b.String(), "\n")
}
