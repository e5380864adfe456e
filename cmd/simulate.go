package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

type simulateOptions struct {
	*shared
	addr               string
	anywhere           bool
	seed               string
	quiet              bool
	tokenTTL           time.Duration
	rateLimit          int
	prerequisitesLimit int
}

func newSimulate(s *shared) *cobra.Command {
	o := &simulateOptions{shared: s}
	c := &cobra.Command{
		Use:   "simulate",
		Short: "The API, simulated on loopback as it is documented",
		Long: `Runs the simulated API for any HTTP client: all documented operations, with
accounts, cards and balances in memory. Any documented error comes on demand by
the request header x-immersve-simulate, for example "403:KYC_REQUIRED" or "503".`,
		Example: "  immersve-doctor simulate --addr 127.0.0.1:4010\n  curl -i -H 'x-immersve-simulate: 429' http://127.0.0.1:4010/api/currencies",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runSimulate(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.addr, "addr", "127.0.0.1:4010", "`ADDRESS` to listen on; port 0 for any free one")
	f.BoolVar(&o.anywhere, "listen-anywhere", false, "allow an address that other machines reach")
	f.StringVar(&o.seed, "seed", simulator.DemoSeed, "ids and credentials are made of this; \"\" for random ones")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "do not log requests")
	f.DurationVar(&o.tokenTTL, "token-ttl", 20*time.Minute, "life of an access token")
	f.IntVar(&o.rateLimit, "rate-limit", 2000, "requests a minute and consumer")
	f.IntVar(&o.prerequisitesLimit, "rate-limit-prerequisites", 500, "the same for /api/spending-prerequisites")
	return c
}

func runSimulate(ctx context.Context, o *simulateOptions) error {
	if _, _, err := net.SplitHostPort(o.addr); err != nil {
		return usage("write --addr HOST:PORT, for example 127.0.0.1:4010", "%q is no address to listen on", o.addr)
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	sim, err := simulator.New(simulator.Options{
		Now: o.env.Now, Random: rand.Reader, Seed: o.seed, TokenTTL: o.tokenTTL,
		RateLimit: o.rateLimit, RateLimitPrerequisites: o.prerequisitesLimit, Log: o.logger(),
	})
	if err != nil {
		return usage("", "%w", err)
	}
	server, err := sim.Start(ctx, o.addr, o.anywhere)
	var far *simulator.NotLoopbackError
	switch {
	case errors.As(err, &far):
		return &statusError{code: exitRefused, err: err, hint: "if that is what you want: --listen-anywhere"}
	case errors.Is(err, syscall.EADDRINUSE):
		return usage("another program listens there; --addr 127.0.0.1:0 takes any free port", "%w", err)
	case err != nil:
		return usage("", "%w", err)
	}
	if err := o.announce(sim.Demo()); err != nil {
		return err
	}
	return server.Wait()
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

// announce prints what a client needs, ready to paste. These credentials are
// made up by the simulator and open nothing else, so they are not masked.
func (o *simulateOptions) announce(d simulator.Demo) error {
	if o.output == "json" {
		return report.WriteJSON(o.env.Out, d)
	}
	w := o.env.Out
	if _, err := fmt.Fprintf(w, "The simulated API listens on %s until Ctrl-C.\n\n", d.BaseURL); err != nil {
		return err
	}
	for _, v := range [][2]string{
		{"IMMERSVE_ENV", d.BaseURL},
		{"IMMERSVE_API_KEY", d.APIKey},
		{"IMMERSVE_API_SECRET", d.APISecret},
		{"IMMERSVE_ACCOUNT_ID", d.CardholderAccountID},
	} {
		fmt.Fprintf(w, "export %s=%s\n", v[0], v[1])
	}
	fmt.Fprintln(w, "\n# the account-admin key, for the partner's own resources")
	fmt.Fprintf(w, "# IMMERSVE_API_KEY=%s\n# IMMERSVE_API_SECRET=%s\n", d.AdminKey, d.AdminSecret)
	fmt.Fprintf(w, "# the user's session\n# IMMERSVE_ACCESS_TOKEN=%s\n\n", d.AccessToken)
	writeIDs(w, d)
	fmt.Fprintf(w, "\nTry: immersve-doctor call get-card cardId=%s --env %s\n", d.CardID, d.BaseURL)
	return nil
}

func writeIDs(w io.Writer, d simulator.Demo) {
	for _, v := range [][2]string{
		{"partner account", d.AccountID},
		{"cardholder account", d.CardholderAccountID},
		{"new cardholder, nothing done yet", d.NewCardholderAccountID},
		{"client application", d.ClientApplicationID},
		{"funding source", d.FundingSourceID},
		{"new cardholder's funding source", d.NewFundingSourceID},
		{"funding channel", d.FundingChannelID},
		{"card programme", d.CardProgramID},
		{"card", d.CardID},
		{"frozen card", d.FrozenCardID},
		{"physical card, shipped", d.PhysicalCardID},
	} {
		fmt.Fprintf(w, "%-34s %s\n", v[0], v[1])
	}
}
