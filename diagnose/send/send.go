// Package send turns one request into an exchange by sending it. What goes wrong
// on the way becomes part of the exchange: a failure with its phase, never an
// error. Guards are errors, because nothing was sent then.
package send

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// Options say how a request is sent. The zero value sends without limits of
// time, so callers set Timeout.
type Options struct {
	Timeout        time.Duration                         // whole exchange
	ConnectTimeout time.Duration                         // TCP and TLS together; 0 for Timeout
	CACert         []byte                                // PEM; trusted besides nothing else when set
	Insecure       bool                                  // skip TLS verification, asked for by flag only
	AllowHosts     []string                              // hosts besides Immersve's and loopback that may get credentials
	Proxy          func(*http.Request) (*url.URL, error) // nil for none
	Resolve        map[string]string                     // "host:port" -> "address:port", as curl's --resolve and --connect-to
	HTTP1          bool                                  // never HTTP/2
	MaxBody        int64                                 // bytes of the response's body that are kept; 0 for DefaultMaxBody
	Now            func() time.Time
	UserAgent      string
}

// DefaultMaxBody bounds the kept part of a response's body.
const DefaultMaxBody = 16 << 20

// GuardError says that a request was not sent because credentials would have
// gone where they do not belong.
type GuardError struct{ Host string }

// Error names the host and the way out.
func (e *GuardError) Error() string {
	return fmt.Sprintf("credentials go to Immersve hosts and loopback only, and %q is neither", e.Host)
}

// Do sends a request and returns the exchange. The error is a *GuardError, or
// says that the request cannot be put on the wire at all.
func Do(ctx context.Context, request *exchange.Request, o Options) (*exchange.Exchange, error) {
	if err := guard(request, o.AllowHosts); err != nil {
		return nil, err
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	trace := &phases{}
	wire, err := newWire(httptrace.WithClientTrace(ctx, trace.hooks()), request, o)
	if err != nil {
		return nil, err
	}
	if err := guardWay(request, wire, o); err != nil {
		return nil, err
	}
	o.HTTP1 = o.HTTP1 || request.URL.Scheme == "http" // setting HTTP/2 up costs time, and without TLS it is not spoken
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	defer transport.CloseIdleConnections()
	ex := &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Request: request, Started: o.Now()}
	response, err := transport.RoundTrip(wire)
	if err != nil {
		ex.Failure = failureOf(err, trace, o.Now().Sub(ex.Started))
		return ex, nil
	}
	read(ex, response, o, trace)
	return ex, nil
}

// guard refuses to send credentials to strangers.
func guard(request *exchange.Request, allowed []string) error {
	if trusted(request.URL.Host, allowed) || !CarriesCredentials(request) {
		return nil
	}
	return &GuardError{Host: request.URL.Host}
}

// trusted reports whether a host may get credentials.
func trusted(host string, allowed []string) bool {
	switch api.FindHost(host).Role {
	case api.HostAPI, api.HostSecure, api.HostLoopback:
		return true
	}
	return slices.Contains(allowed, host)
}

// guardWay refuses ways to a host on which strangers read along: an address put in
// its place where no certificate proves that it is the host, and a proxy for plain
// HTTP.
func guardWay(request *exchange.Request, wire *http.Request, o Options) error {
	if !strings.EqualFold(wire.URL.Host, request.URL.Authority()) {
		return &GuardError{Host: wire.URL.Host} // two readings of one URL: nobody knows which host is meant
	}
	plain := request.URL.Scheme != "https"
	if !plain && !o.Insecure || !CarriesCredentials(request) {
		return nil
	}
	if other, ok := o.Resolve[request.URL.Host+":"+port(request.URL)]; ok {
		if host, _, err := net.SplitHostPort(other); err != nil || !trusted(host, o.AllowHosts) {
			return &GuardError{Host: host}
		}
	}
	if o.Proxy == nil || !plain {
		return nil
	}
	proxy, err := o.Proxy(wire)
	if err != nil || proxy == nil || trusted(proxy.Hostname(), o.AllowHosts) {
		return nil // a wrong proxy address is the failure of the request itself
	}
	return &GuardError{Host: proxy.Hostname()}
}

// CarriesCredentials reports whether a request holds anything that a stranger
// must not see: credential fields, user info, or a token in its body.
func CarriesCredentials(request *exchange.Request) bool {
	for _, f := range request.Header {
		if f.Value.Secret() != exchange.SecretNone || strings.EqualFold(f.Name, "x-api-key") {
			return true
		}
	}
	return !request.URL.UserInfo.IsZero() || len(exchange.HoldsSecret(string(request.Body.Bytes()))) > 0 ||
		len(exchange.HoldsSecret(request.URL.Path+"?"+request.URL.RawQuery)) > 0
}

func newWire(ctx context.Context, request *exchange.Request, o Options) (*http.Request, error) {
	var body io.Reader
	if request.Body.Present() {
		body = bytes.NewReader(request.Body.Bytes())
	}
	wire, err := http.NewRequestWithContext(ctx, string(request.Method), request.URL.Reveal(), body)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be sent: %w", maskedError(err))
	}
	for _, f := range request.Header {
		switch strings.ToLower(f.Name) {
		case "host":
			wire.Host = f.Value.Reveal()
		case "content-length", "connection", "transfer-encoding", "keep-alive", "proxy-connection", "upgrade", "http2-settings":
		case "accept-encoding": // net/http decodes only what it asked for itself
		default:
			wire.Header[http.CanonicalHeaderKey(f.Name)] = append(wire.Header[http.CanonicalHeaderKey(f.Name)], f.Value.Reveal())
		}
	}
	if wire.Header.Get("User-Agent") == "" && o.UserAgent != "" {
		wire.Header.Set("User-Agent", o.UserAgent)
	}
	return wire, nil
}

// maskedError keeps secrets out of the texts that net/http builds from URLs: what
// is wrong with one is said without it.
func maskedError(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("%s", exchange.MaskText(err.Error()))
}

func newTransport(o Options) (*http.Transport, error) {
	config := &tls.Config{InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12}
	if len(o.CACert) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CACert) {
			return nil, fmt.Errorf("the CA certificate holds no PEM block of a certificate")
		}
	}
	connect := o.ConnectTimeout
	if connect == 0 {
		connect = o.Timeout
	}
	dialer := &net.Dialer{Timeout: connect}
	t := &http.Transport{
		Proxy:               o.Proxy,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: connect,
		ForceAttemptHTTP2:   !o.HTTP1,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if other, ok := o.Resolve[address]; ok {
				address = other
			}
			return dialer.DialContext(ctx, network, address)
		},
		MaxResponseHeaderBytes: 1 << 20,
	}
	if o.HTTP1 {
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	return t, nil
}

// read takes the response over into the exchange.
func read(ex *exchange.Exchange, response *http.Response, o Options, trace *phases) {
	defer response.Body.Close()
	limit := o.MaxBody
	if limit == 0 {
		limit = DefaultMaxBody
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	r := &exchange.Response{
		Status: response.StatusCode, Phrase: phrase(response), Proto: response.Proto, HeaderCaptured: true,
		Elapsed: o.Now().Sub(ex.Started),
	}
	for _, name := range sortedNames(response.Header) {
		for _, v := range response.Header[name] {
			r.Header.Add(strings.ToLower(name), v)
		}
	}
	cut := int64(len(content)) > limit
	if cut {
		content = content[:limit]
		ex.Notes = append(ex.Notes, fmt.Sprintf("only the first %d bytes of the response's body were kept", limit))
	}
	r.Body = exchange.NewBody(content)
	r.Body.Truncated = cut || err != nil
	ex.Response = r
	if err != nil {
		trace.reached(exchange.PhaseTransfer)
		ex.Failure = failureOf(err, trace, r.Elapsed)
	}
}

func phrase(response *http.Response) string {
	_, phrase, _ := strings.Cut(response.Status, " ")
	return phrase
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
