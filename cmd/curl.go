package cmd

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

type curlOptions struct {
	*shared
	sendOptions
	probeOptions
	environment string
}

func newCurl(s *shared) *cobra.Command {
	o := &curlOptions{shared: s}
	c := &cobra.Command{
		Use: "curl ...",

		DisableFlagsInUseLine: true,

		Short: "Run your curl command and diagnose the response",
		Long: `Put immersve-doctor in front of your curl command. It parses the command as curl
does and sends the request itself. curl isn't run.

Flags of immersve-doctor go before the word curl. Everything after it is curl's.
With -L, redirects are followed, but credentials aren't sent to a different host.
curl options that aren't supported are listed.`,
		Annotations: map[string]string{noteUsage: "immersve-doctor [FLAGS] curl [CURL'S ARGUMENTS...]"},
		Example: `  immersve-doctor curl https://test.immersve.com/api/currencies
  immersve-doctor --probe curl https://test.immersve.com/api/cards/$CARD_ID
  immersve-doctor --dry-run curl https://test.immersve.com/api/currencies
  immersve-doctor --env local curl https://test.immersve.com/api/currencies`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 1 && oneOf(args[0], "-h", "--help") {
				return c.Help()
			}
			return runCurl(c.Context(), o, args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	o.sendOptions.flags(c.Flags())
	o.probeOptions.flags(c.Flags())
	c.Flags().StringVar(&o.environment, "env", "", "Send it to test, live, local or a URL instead")
	return c
}

// curlArguments moves the flags before the word curl to after it and ends them with
// "--", so that cobra parses only immersve-doctor's flags. It returns other command
// lines unchanged.
func curlArguments(root *cobra.Command, args []string) []string {
	c, _, err := root.Find([]string{"curl"})
	if err != nil {
		return args
	}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "curl":
			own := append([]string{"curl"}, args[:i]...)
			return slices.Concat(own, []string{"--"}, args[i+1:])
		case args[i] == "--" || args[i] == "-" || !strings.HasPrefix(args[i], "-"):
			return args
		case takesNext(c, args[i]):
			i++
		}
	}
	return args
}

// takesNext reports whether a flag's value is the next word. It returns false for an
// unknown flag, which causes an error later when it's parsed.
func takesNext(c *cobra.Command, word string) bool {
	var flag *pflag.Flag
	if name, isLong := strings.CutPrefix(word, "--"); isLong {
		flag = findFlag(c, func(f *pflag.FlagSet) *pflag.Flag { return f.Lookup(name) })
	} else if len(word) == 2 {
		flag = findFlag(c, func(f *pflag.FlagSet) *pflag.Flag { return f.ShorthandLookup(word[1:]) })
	}
	return flag != nil && flag.NoOptDefVal == ""
}

func findFlag(c *cobra.Command, find func(*pflag.FlagSet) *pflag.Flag) *pflag.Flag {
	if f := find(c.Flags()); f != nil {
		return f
	}
	return find(c.InheritedFlags())
}

// runCurl sends each request of a curl command, after the guards have checked all of
// them.
func runCurl(ctx context.Context, o *curlOptions, args []string) error {
	command, err := capture.ParseCurlArgs(args, capture.CurlOptions{ReadFile: readBody, Stdin: o.standardInput})
	if err != nil {
		return usage("flags of immersve-doctor go before the word curl, everything after it is curl's", "%w", err)
	}
	redirects := o.follows(&command, args)
	o.sayNotFollowed(&command)
	there, err := o.destination(ctx)
	if err != nil {
		return err
	}
	defer there.stop()
	for _, r := range command.Requests {
		o.redirect(r, there)
	}
	options, err := o.curlTransport(&command)
	if err != nil {
		return err
	}
	if !o.dryRun {
		if err := o.guard(o.env, options, command.Requests...); err != nil {
			return err
		}
	}
	return o.sendAll(ctx, &command, options, redirects, there.sim)
}

func (o *curlOptions) sendAll(ctx context.Context, command *capture.CurlCommand, options send.Options, redirects int, sim *local) error {
	out := newOutput(o.shared, o.save)
	prober := o.forSent(o.shared, options, credentials{}, sim)
	if out.keeps() || o.probe {
		var stop context.CancelFunc
		ctx, stop = o.env.Interrupts(ctx)
		defer stop()
	}
	var sent tally
	for _, r := range command.Requests {
		ex, err := o.sendOne(ctx, r, options, redirects)
		if err != nil {
			return closing(ctx, out, err)
		}
		ex.Source.Index = sent.count
		sim.mark(ex)
		d := prober.add(ctx, diagnose.Diagnose(ex, o.env.Now()))
		sent.note(&d)
		if err := out.diagnosis(d); err != nil {
			return err
		}
	}
	if err := out.close(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	if sent.count == 1 {
		o.showContent(sent.last, "-o har")
	}
	return sent.status()
}

// closing writes what was finished before an error, and returns that error.
func closing(ctx context.Context, out *output, err error) error {
	if closed := out.close(ctx); closed != nil {
		return closed
	}
	return err
}

func (o *curlOptions) sendOne(ctx context.Context, r *exchange.Request, options send.Options, redirects int) (*exchange.Exchange, error) {
	if o.dryRun {
		return unsent(o.env, r), nil
	}
	return o.deliver(ctx, o.env, r, func(ctx context.Context) (*exchange.Exchange, error) {
		if redirects < 0 {
			return send.Do(ctx, r, options)
		}
		return send.Follow(ctx, r, options, redirects, o.mayFollow(changesLive(r)))
	})
}

// mayFollow protects the live environment from redirects.
func (o *curlOptions) mayFollow(confirmed bool) func(*exchange.Request) error {
	return func(next *exchange.Request) error {
		if changesLive(next) && !confirmed && !o.yes {
			return fmt.Errorf("%s would change data in the live environment (use --yes to allow it)", shown(next))
		}
		return nil
	}
}

// standardInput returns the stdin that curl's @- reads.
func (o *curlOptions) standardInput() ([]byte, error) { return readLimited(o.env.In, 16<<20) }

// readBody reads a file that's in a curl command.
func readBody(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plainCause(err)
	}
	defer f.Close()
	const limit = 64 << 20
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, plainCause(err)
	}
	if len(content) > limit {
		return nil, fmt.Errorf("it is longer than %d MB", limit>>20)
	}
	return content, nil
}

// follows returns the limit for redirects, or -1 if they aren't followed. It parses
// --max-redirs, which doesn't affect the requests themselves.
func (o *curlOptions) follows(command *capture.CurlCommand, args []string) int {
	if !command.FollowRedirects {
		return -1
	}
	limit := send.DefaultMaxRedirects
	if !slices.Contains(command.NotFollowed, "--max-redirs") {
		return limit
	}
	for i, word := range args {
		value, joined := strings.CutPrefix(word, "--max-redirs=")
		if word == "--max-redirs" && i+1 < len(args) {
			value, joined = args[i+1], true
		}
		if n, err := strconv.Atoi(value); joined && err == nil && n >= 0 {
			limit = min(n, 50)
			command.NotFollowed = slices.DeleteFunc(command.NotFollowed, func(s string) bool { return s == "--max-redirs" })
		}
	}
	return limit
}

func (o *curlOptions) sayNotFollowed(command *capture.CurlCommand) {
	if len(command.NotFollowed) > 0 {
		fmt.Fprintf(o.env.Err, "immersve-doctor: unsupported curl options: %s\n", strings.Join(command.NotFollowed, ", "))
	}
	for _, n := range command.Notes {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s\n", report.Plain(exchange.MaskForms(n)))
	}
}

// destination returns where the command's requests go: to their URL, unless --env names
// a different environment.
func (o *curlOptions) destination(ctx context.Context) (*destination, error) {
	d := &destination{}
	if err := o.checkScenario(o.environment); err != nil || o.environment == "" {
		return d, err
	}
	return d, d.moveTo(ctx, o.env, o.environment, o.scenario)
}

// redirect changes a request's host to that of --env. For the simulator, it also uses
// the simulator's credentials.
func (o *curlOptions) redirect(r *exchange.Request, there *destination) {
	if there.base == "" {
		return
	}
	op := documented(string(r.Method), r.URL.Reveal())
	for _, what := range there.equip(r, op, false) {
		fmt.Fprintf(o.env.Err, "immersve-doctor: %s\n", report.Plain(what))
	}
	move(r, there.base, op)
}

// curlTransport converts the command's options to the sender's. curl's options take
// precedence.
func (o *curlOptions) curlTransport(command *capture.CurlCommand) (send.Options, error) {
	o.insecure = o.insecure || command.Insecure
	if command.CACert != "" {
		o.caCert = command.CACert
	}
	options, err := o.options(o.env)
	if err != nil {
		return options, err
	}
	if command.MaxTime > 0 {
		options.Timeout = command.MaxTime
	}
	if command.ConnectTimeout > 0 {
		options.ConnectTimeout = command.ConnectTimeout
	}
	options.HTTP1, options.Resolve, options.ConnectTo = command.HTTP1, command.Resolve, command.ConnectTo
	if command.Proxy != "" {
		proxy, err := proxyOf(command.Proxy)
		if err != nil {
			return options, err
		}
		options.Proxy = http.ProxyURL(proxy)
	}
	if command.NoProxy != "" {
		options.Proxy = exceptHosts(options.Proxy, command.NoProxy)
	}
	return options, nil
}

// proxyOf parses curl's -x: a URL, or the host and port of an HTTP proxy.
func proxyOf(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Host == "" {
		return nil, usage("try: -x http://proxy.example:8080", "-x: not a proxy")
	}
	if !oneOf(proxy.Scheme, "http", "https", "socks5", "socks5h") {
		return nil, usage("use http, https, socks5 or socks5h", "-x: unsupported proxy scheme %q", proxy.Scheme)
	}
	if proxy.Port() == "" && oneOf(proxy.Scheme, "http", "socks5", "socks5h") {
		proxy.Host += ":1080" // curl's default for all proxies but HTTPS
	}
	return proxy, nil
}

// exceptHosts disables the proxy for the hosts of --noproxy: "*", or names that also
// match their subdomains.
func exceptHosts(proxy func(*http.Request) (*url.URL, error), list string) func(*http.Request) (*url.URL, error) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	return func(r *http.Request) (*url.URL, error) {
		host := strings.ToLower(strings.Trim(r.URL.Hostname(), "[]"))
		for _, n := range names {
			n = strings.ToLower(strings.Trim(strings.TrimPrefix(n, "."), "[]"))
			if n == "*" || host == n || strings.HasSuffix(host, "."+n) {
				return nil, nil
			}
		}
		return proxy(r)
	}
}
