// Package send sends requests. It takes a request and options, and returns an exchange:
// transport failures are part of it, with their phase. An error means that nothing was
// sent, for example because a guard rejected the host. Start at Do, then read guard.go.
package send

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// Options configures how a request is sent. The zero value has no time limit, so callers
// set Timeout.
type Options struct {
	Timeout        time.Duration                         // whole exchange
	ConnectTimeout time.Duration                         // TCP and TLS together, or 0 for Timeout
	CACert         []byte                                // PEM; if set, only this CA is trusted
	Insecure       bool                                  // skip TLS verification, asked for by flag only
	AllowHosts     []string                              // hosts other than Immersve's and loopback that may get credentials
	Proxy          func(*http.Request) (*url.URL, error) // or nil
	Resolve        map[string]string                     // "host:port" -> "address:port", as curl's --resolve
	ConnectTo      map[string]string                     // the same as curl's --connect-to: parts on both sides may be empty
	Network        Network                               // nil for the operating system's
	HTTP1          bool                                  // never HTTP/2
	MaxBody        int64                                 // bytes of the response body to keep, or 0 for DefaultMaxBody
	Now            func() time.Time
	UserAgent      string
}

// DefaultMaxBody is the default limit for the kept part of a response body.
const DefaultMaxBody = 16 << 20

// Do sends a request and returns the exchange. It returns a *GuardError if it refuses to
// send the request, or another error if the request can't be sent at all.
func Do(ctx context.Context, request *exchange.Request, o Options) (*exchange.Exchange, error) {
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
	w, err := o.admit(request, wire)
	if err != nil {
		return nil, err
	}
	o.HTTP1 = o.HTTP1 || request.URL.Scheme == "http" // setting HTTP/2 up costs time, and without TLS it is not spoken
	transport, err := newTransport(o, w)
	if err != nil {
		return nil, err
	}
	defer transport.CloseIdleConnections()
	ex := &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Request: request, Started: o.Now()}
	response, err := transport.RoundTrip(wire)
	var guarded *GuardError
	if errors.As(err, &guarded) {
		return nil, guarded
	}
	if err != nil {
		ex.Failure = failureOf(err, trace, o.Now().Sub(ex.Started))
		return ex, nil
	}
	read(ex, response, o, trace)
	return ex, nil
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

// maskedError returns an error without the URL that net/http includes, because the URL
// may contain secrets.
func maskedError(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return fmt.Errorf("%s", exchange.MaskText(err.Error()))
}

// NewTransport returns a transport for every request to the origin of base, which the
// guard admits as if each had credentials.
func NewTransport(base exchange.URL, o Options) (*http.Transport, error) {
	request := &exchange.Request{Method: http.MethodGet, URL: base}
	request.Header.Set("authorization", "Bearer of a request to come")
	wire, err := newWire(context.Background(), request, o)
	if err != nil {
		return nil, err
	}
	w, err := o.admit(request, wire)
	if err != nil {
		return nil, err
	}
	return newTransport(o, w)
}

func newTransport(o Options, w way) (*http.Transport, error) {
	config := &tls.Config{InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12}
	if len(o.CACert) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CACert) {
			return nil, fmt.Errorf("the CA file doesn't contain a certificate in PEM format")
		}
	}
	t := &http.Transport{
		Proxy:                  func(*http.Request) (*url.URL, error) { return w.proxy, w.noProxy },
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    o.connectTimeout(),
		ForceAttemptHTTP2:      !o.HTTP1,
		DialContext:            o.dialer(w),
		MaxResponseHeaderBytes: 1 << 20,
	}
	if o.HTTP1 {
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	return t, nil
}

func (o Options) connectTimeout() time.Duration { return cmp.Or(o.ConnectTimeout, o.Timeout) }

// read copies the response into the exchange.
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
		ex.Notes = append(ex.Notes, fmt.Sprintf("only the first %d bytes of the response body were kept", limit))
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
