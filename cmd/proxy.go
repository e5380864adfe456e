package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

type proxyOptions struct {
	*shared
	environment string
	scenario    string
	listen      string
	save        string
	failOver    string
	caCert      string
	insecure    bool
	allowHosts  []string
}

func newProxy(s *shared) *cobra.Command {
	o := &proxyOptions{shared: s}
	c := &cobra.Command{
		Use:   "proxy",
		Short: "Pass calls on to the API and diagnose those that fail",
		Long: `Listen on loopback, pass every call on to the API unchanged, and diagnose each
failure as it happens. Set your program's base URL to the address that is printed.
Your program's own credentials are used. Ctrl-C ends it.`,
		Example: `  immersve-doctor proxy --env test
  immersve-doctor proxy --env local --save session.har
  immersve-doctor proxy --env test --fail-over 0 -o json > calls.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runProxy(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVarP(&o.environment, "env", "e", "", "test, live, local or a URL (default test)")
	f.StringVar(&o.scenario, "scenario", "", "Scenario for --env local: a name or a YAML file")
	f.StringVar(&o.listen, "listen", "127.0.0.1:4040", "Address to listen on, port 0 for any free one")
	f.StringVar(&o.save, "save", "", "Also save the calls as HAR, with secrets masked")
	f.StringVar(&o.failOver, "fail-over", "", "Exit 1 if more calls failed: 0, 3 or 5%")
	f.StringVar(&o.caCert, "cacert", "", "Trust this CA certificate (PEM)")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "Don't verify the server's certificate")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "Also send credentials to this host")
	return c
}

func runProxy(ctx context.Context, o *proxyOptions) error {
	limit, err := parseFailOver(o.failOver)
	if err != nil {
		return err
	}
	if err := checkListen("proxy", o.listen, "127.0.0.1:4040"); err != nil {
		return err
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	base, end, err := o.base(ctx)
	if err != nil {
		return err
	}
	defer end()
	transport, err := o.transport(base)
	if err != nil {
		return err
	}
	log, err := newCallLog(o.shared, "call", o.save)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return cannotListen(err)
	}
	fmt.Fprintf(o.env.Err, "immersve-doctor: http://%s passes calls on to %s. Use it as the base URL. Ctrl-C ends it.\n", listener.Addr(), report.Plain(base.String()))
	if o.environment == "local" {
		fmt.Fprintln(o.env.Err, "immersve-doctor: the simulator's credentials: immersve-doctor simulate --print")
	}
	if err := log.serve(ctx, listener, base, transport); err != nil {
		return err
	}
	if limit != nil {
		if limit.exceeded(log.calls, log.failed) {
			return exit(exitFailed)
		}
		return nil
	}
	return interrupted(ctx)
}

// checkListen refuses addresses that other machines reach.
func checkListen(command, address, example string) error {
	host, _, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return usage("use --listen HOST:PORT, such as "+example, "invalid address %q", address)
	case !api.IsLocalhost(host):
		return &statusError{code: exitRefused, err: fmt.Errorf("%s listens on loopback only, because whoever reaches %q could use it", command, address), hint: "use --listen " + example}
	}
	return nil
}

// serve passes requests on to base until the context ends, and reports them.
func (l *callLog) serve(ctx context.Context, listener net.Listener, base exchange.URL, transport http.RoundTripper) error {
	observer := &send.Observer{Base: transport, Observe: l.add, All: true, Now: l.shared.env.Now}
	server := &http.Server{Handler: newRelay(base, observer), ReadHeaderTimeout: 30 * time.Second, ErrorLog: silent()}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(ending) != nil { // streams that don't end
			_ = server.Close()
		}
	}
	return errors.Join(err, observer.Close(), l.close(observer.Dropped()))
}

// silent returns a logger that net/http can write clients' bytes to.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// base returns the API's base URL, and ends the simulator of --env local.
func (o *proxyOptions) base(ctx context.Context) (base exchange.URL, end func(), err error) {
	c, err := (&credentialOptions{environment: o.environment}).resolve(o.env)
	if err != nil {
		return base, nil, err
	}
	if o.scenario != "" && c.environment != "local" {
		return base, nil, usage("add --env local", "--scenario sets up the simulator that --env local starts")
	}
	if c.environment == "local" {
		sim, err := startLocal(ctx, o.env, o.scenario)
		if err != nil {
			return base, nil, err
		}
		return exchange.ParseURL(sim.url), sim.stop, nil
	}
	text, err := c.baseURL()
	return exchange.ParseURL(text), func() {}, err
}

func (o *proxyOptions) transport(base exchange.URL) (*http.Transport, error) {
	sending := sendOptions{caCert: o.caCert, insecure: o.insecure, allowHosts: o.allowHosts, connectTimeout: 10 * time.Second}
	options, err := sending.options(o.env)
	if err != nil {
		return nil, err
	}
	transport, err := send.NewTransport(base, options)
	if err != nil {
		return nil, refused(err)
	}
	// A program's requests stay as they are: without a header, the API must not get one.
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 64
	return transport, nil
}

// newRelay returns the handler that passes requests on to base.
func newRelay(base exchange.URL, transport http.RoundTripper) http.Handler {
	target := &url.URL{Scheme: base.Scheme, Host: base.Authority(), Path: base.Path}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// SetURL and ReverseProxy leave out what a stranger may have forged. This
			// proxy has no strangers, and what the program sends is what must arrive.
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if v, sent := r.In.Header[name]; sent {
					r.Out.Header[name] = v
				}
			}
		},
		Transport: transport, FlushInterval: -1, ErrorLog: silent(),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				http.Error(w, "immersve-doctor proxy: no response from the API: "+exchange.MaskText(err.Error()), http.StatusBadGateway)
			}
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect || r.URL.IsAbs() {
			w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
			own, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			http.Error(w, fmt.Sprintf("immersve-doctor proxy: this address is a base URL, not an HTTP proxy. Set your client's base URL to http://%v, and unset http_proxy and https_proxy.", own), http.StatusMethodNotAllowed)
			return
		}
		for _, added := range []string{"Date", "Content-Type"} { // net/http adds them to a response without
			w.Header()[added] = nil
		}
		proxy.ServeHTTP(w, r)
	})
}

// callLog reports calls as they happen.
type callLog struct {
	shared        *shared
	deliveries    deliveryOptions // of listen
	noun          string          // what is counted: "call"
	w             *bufio.Writer
	file          *os.File // of --save
	har           *report.HARSession
	calls, failed int
	seen          []*troubleshoot.Plan // failures that were reported in full
	err           error                // the first that writing gave
	spaced        bool                 // the last thing written was a whole report
}

// maxSeen is how many distinct failures are remembered, so that they aren't reported in
// full again.
const maxSeen = 100

func newCallLog(s *shared, noun, save string) (*callLog, error) {
	l := &callLog{shared: s, noun: noun, w: bufio.NewWriter(s.env.Out)}
	if save == "" {
		return l, nil
	}
	if save == "-" {
		return nil, usage("use -o json", "--save needs a file name")
	}
	var err error
	if l.file, err = os.OpenFile(save, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
		l.har, err = report.NewHARSession(l.file, s.showSecrets)
	}
	if err != nil {
		return nil, usage("", "save %s: %w", save, plainCause(err))
	}
	return l, nil
}

// add reports one call. A browser's question whether it may send one is none.
func (l *callLog) add(ex *exchange.Exchange) {
	capture.Decode(ex)
	if isPreflight(ex) {
		return
	}
	ex.Source.Index = l.calls
	l.calls++
	d := l.deliveries.diagnose(ex, l.shared.env.Now())
	if d.Failed() {
		l.failed++
	}
	err := l.write(d)
	if l.har != nil {
		err = errors.Join(err, l.har.Add(ex))
	}
	if err = errors.Join(err, l.w.Flush()); l.err == nil {
		l.err = err
	}
}

func (l *callLog) write(d diagnose.Diagnosis) error {
	plan, err := troubleshoot.NewPlan(d)
	if err != nil {
		return err
	}
	if l.shared.output == "json" {
		return report.JSON(l.w, &plan)
	}
	style := l.shared.style()
	if report.IsBrief(&plan, style) {
		l.spaced = false
		return report.Brief(l.w, &plan, style)
	}
	for _, earlier := range l.seen {
		if earlier.Same(&plan) {
			l.spaced = false
			return report.Again(l.w, &plan, style)
		}
	}
	if len(l.seen) < maxSeen && d.Failed() {
		l.seen = append(l.seen, &plan)
	}
	if l.calls > 1 && !l.spaced {
		fmt.Fprintln(l.w)
	}
	l.spaced = true
	if l.shared.output == "markdown" {
		err = report.Markdown(l.w, &plan)
	} else {
		err = report.Text(l.w, &plan, style)
	}
	fmt.Fprintln(l.w)
	return err
}

// close ends the log with the totals.
func (l *callLog) close(dropped int64) error {
	if l.file != nil {
		l.err = errors.Join(l.err, l.file.Close())
	}
	words := fmt.Sprintf("%s, %d failed", counted(l.calls, l.noun), l.failed)
	if dropped > 0 {
		words += fmt.Sprintf(", %d passed on too fast for a diagnosis", dropped)
	}
	fmt.Fprintf(l.shared.env.Err, "immersve-doctor: %s\n", words)
	return l.err
}

// failureLimit is how many calls may fail.
type failureLimit struct {
	count int
	share float64 // of all calls; below 0 if count is meant
}

// parseFailOver parses "3" or "5%", and returns nil for "".
func parseFailOver(text string) (*failureLimit, error) {
	if text == "" {
		return nil, nil
	}
	wrong := usage("use a number of calls such as 0, or a share such as 5%", "--fail-over: invalid limit %q", text)
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		share, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || !(share >= 0 && share <= 100) {
			return nil, wrong
		}
		return &failureLimit{share: share / 100}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return nil, wrong
	}
	return &failureLimit{count: n, share: -1}, nil
}

func (l *failureLimit) exceeded(calls, failed int) bool {
	if l.share < 0 {
		return failed > l.count
	}
	return float64(failed) > l.share*float64(calls)
}
