package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/diagnose/webhook"
	"immersve-doctor/troubleshoot/report"
)

type listenOptions struct {
	*shared
	deliveryOptions
	listen      string
	forward     string
	environment string
	save        string
	caCert      string
	insecure    bool
	allowHosts  []string
}

func newListen(s *shared) *cobra.Command {
	o := &listenOptions{shared: s}
	c := &cobra.Command{
		Use:   "listen",
		Short: "Receive webhooks on this machine, verify and explain them",
		Long: `Receive webhook deliveries on loopback, verify their signatures and explain each
one as it arrives. With --forward, your handler gets each delivery byte for byte, and
its responses are checked. Without it, deliveries are accepted. Ctrl-C ends it.`,
		Example: `  immersve-doctor listen --env local
  immersve-doctor listen --jwks jwks.json --save deliveries.har
  immersve-doctor listen --env local --forward http://127.0.0.1:3000/hooks`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runListen(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:4041", "Address to listen on, port 0 for any free one")
	f.StringVar(&o.forward, "forward", "", "Pass deliveries on to this base URL")
	f.StringVarP(&o.environment, "env", "e", "", "local: verify with the simulator's key")
	f.StringVar(&o.save, "save", "", "Also save the deliveries as HAR, with secrets masked")
	f.StringVar(&o.caCert, "cacert", "", "Trust this CA certificate (PEM)")
	f.BoolVarP(&o.insecure, "insecure", "k", false, "Don't verify the server's certificate")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "Also pass deliveries on to this host")
	o.deliveryOptions.flags(f)
	return c
}

func runListen(ctx context.Context, o *listenOptions) error {
	if err := checkListen("listen", o.listen, "127.0.0.1:4041"); err != nil {
		return err
	}
	if !oneOf(o.environment, "", "local") {
		return usage("use --env local, or --jwks for the keys of another environment", "listen has no environment %q", o.environment)
	}
	ctx, stop := o.env.Interrupts(ctx)
	defer stop()
	if err := o.load(ctx, o.env, o.environment); err != nil {
		return err
	}
	base, transport, err := o.target()
	if err != nil {
		return err
	}
	log, err := newCallLog(o.shared, "delivery", o.save)
	if err != nil {
		return err
	}
	log.deliveries = o.deliveryOptions
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return cannotListen(err)
	}
	o.announce(listener.Addr())
	if err := log.serve(ctx, listener, base, transport); err != nil {
		return err
	}
	return interrupted(ctx)
}

func (o *listenOptions) announce(address net.Addr) {
	where := "accepts deliveries"
	if o.forward != "" {
		where = "passes deliveries on to " + report.Plain(exchange.ParseURL(o.forward).String())
	}
	fmt.Fprintf(o.env.Err, "immersve-doctor: http://%s %s. Ctrl-C ends it.\n", address, where)
	if len(o.keys) == 0 {
		fmt.Fprintln(o.env.Err, "immersve-doctor: signatures aren't verified without keys: use --jwks, or --env local for the simulator's")
	}
}

// target returns where deliveries go: the handler of --forward, or a handler inside that
// returns what each topic wants.
func (o *listenOptions) target() (exchange.URL, http.RoundTripper, error) {
	if o.forward == "" {
		return exchange.ParseURL("http://127.0.0.1"), accepting{}, nil
	}
	base := exchange.ParseURL(o.forward)
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return base, nil, usage("use a URL such as http://127.0.0.1:3000/webhooks", "--forward: invalid URL %q", exchange.MaskText(o.forward))
	}
	sending := sendOptions{caCert: o.caCert, insecure: o.insecure, allowHosts: o.allowHosts, connectTimeout: 10 * time.Second}
	options, err := sending.options(o.env)
	if err != nil {
		return base, nil, err
	}
	transport, err := send.NewTransport(base, options)
	if err != nil {
		return base, nil, refused(err)
	}
	transport.DisableCompression = true
	return base, transport, nil
}

// accepting is the endpoint of listen without --forward. It returns a success, and the
// documented body to topics that need one. A payment is declined, because nobody here
// knows whether it may be authorized.
type accepting struct{}

// RoundTrip returns the response without sending anything.
func (accepting) RoundTrip(r *http.Request) (*http.Response, error) {
	var received []byte
	if r.Body != nil {
		received, _ = io.ReadAll(io.LimitReader(r.Body, send.DefaultObservedBody)) // the exchange notes what is missing
		_ = r.Body.Close()
	}
	status, body := http.StatusOK, []byte(nil)
	message, _ := webhook.ReadMessage(received)
	if topic, known := webhook.Lookup(message.Topic); known && topic.Response != nil {
		body = topic.SampleResponse()
		if topic.Path == "authorize" {
			body = []byte(`{"result":"declined","msg":"received by immersve-doctor listen"}`)
		}
	}
	header := http.Header{}
	if body != nil {
		header.Set("Content-Type", "application/json")
	}
	if r.Method != http.MethodPost {
		status, body = http.StatusMethodNotAllowed, []byte("Immersve delivers webhooks with POST.\n")
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}
