package send

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// Path describes each step of connecting to a host. Through a proxy, the name and
// connection are the proxy's.
type Path struct {
	Proxy      string // host and port of the proxy, or ""
	Addresses  []string
	DNSError   string
	LookedUp   time.Duration
	DialError  string
	Dialed     time.Duration
	ProxyError string // why the proxy rejects the connection, or ""
	Unfollowed string // "socks5", "https": the kind of proxy, if nothing after it was checked
	TLSError   string
	Mistrust   Mistrust
	Shaken     time.Duration
	TLS        *tls.ConnectionState // nil if there was no handshake
	Chain      []*x509.Certificate  // as the server sent it, even if it isn't trusted
}

// Mistrust is why a certificate wasn't accepted.
type Mistrust int

// The reasons. The zero value claims nothing.
const (
	MistrustUnknown Mistrust = iota
	MistrustExpired          // out of date, or not yet valid
	MistrustName
	MistrustAuthority
	MistrustProtocol // the server doesn't use TLS
)

// Inspect resolves a host, connects and does the TLS handshake, through a proxy if there
// is one, and sends nothing else. It ends with the context.
func Inspect(ctx context.Context, target exchange.URL, o Options) Path {
	var p Path
	wire, err := http.NewRequestWithContext(ctx, http.MethodGet, target.Reveal(), http.NoBody)
	if err != nil {
		p.DNSError = maskedError(err).Error()
		return p
	}
	w, host, port := o.way(wire), wire.URL.Hostname(), portOf(target.Scheme, target.Port)
	nextHost, nextPort := host, port
	if w.proxy != nil {
		nextHost, nextPort = w.proxy.Hostname(), portOf(w.proxy.Scheme, w.proxy.Port())
		p.Proxy = net.JoinHostPort(nextHost, nextPort)
	}
	start := o.Now()
	p.Addresses, err = o.lookUp(ctx, nextHost)
	p.LookedUp = o.Now().Sub(start)
	if err != nil {
		p.DNSError = exchange.MaskText(err.Error())
		return p
	}
	start = o.Now()
	conn, err := o.dialer(w)(ctx, "tcp", net.JoinHostPort(nextHost, nextPort))
	p.Dialed = o.Now().Sub(start)
	if err != nil {
		p.DialError = exchange.MaskText(err.Error())
		return p
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // what waits for it then fails
	defer stop()
	if target.Scheme != "https" {
		return p
	}
	if w.proxy != nil && !p.tunnel(conn, w.proxy, net.JoinHostPort(host, port)) {
		return p
	}
	start = o.Now()
	p.handshake(ctx, conn, host, o)
	p.Shaken = o.Now().Sub(start)
	return p
}

func portOf(scheme, port string) string {
	if port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[scheme]
}

// tunnel asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6). It doesn't support
// other kinds of proxy.
func (p *Path) tunnel(conn net.Conn, proxy *url.URL, authority string) bool {
	if proxy.Scheme != "http" {
		p.Unfollowed = proxy.Scheme
		return false
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: authority}, Host: authority, Header: http.Header{}}
	if user := proxy.User; user != nil {
		secret, _ := user.Password()
		request.SetBasicAuth(user.Username(), secret)
		request.Header["Proxy-Authorization"] = request.Header["Authorization"]
		request.Header.Del("Authorization")
	}
	if err := request.Write(conn); err != nil {
		p.ProxyError = exchange.MaskText(err.Error())
		return false
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request) // TLS servers speak second, so nothing of theirs is in the buffer
	if err != nil {
		p.ProxyError = exchange.MaskText(err.Error())
		return false
	}
	// The body is not read: after 2xx there is none, whatever the header says (RFC
	// 9110 section 9.3.6), and otherwise the connection ends here.
	if response.StatusCode/100 != 2 {
		p.ProxyError = "it returned " + exchange.MaskText(response.Status)
		return false
	}
	return true
}

func (p *Path) handshake(ctx context.Context, conn net.Conn, host string, o Options) {
	config := &tls.Config{ServerName: host, NextProtos: []string{"h2", "http/1.1"}, InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12}
	if len(o.CACert) > 0 {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(o.CACert)
	}
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		p.TLSError, p.Mistrust = exchange.MaskText(err.Error()), mistrustOf(err)
		var verification *tls.CertificateVerificationError
		if errors.As(err, &verification) {
			p.Chain = verification.UnverifiedCertificates
		}
		return
	}
	state := client.ConnectionState()
	p.TLS, p.Chain = &state, state.PeerCertificates
}

func mistrustOf(err error) Mistrust {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return MistrustExpired
	case errors.As(err, &name):
		return MistrustName
	case errors.As(err, &authority):
		return MistrustAuthority
	case errors.As(err, &record):
		return MistrustProtocol
	}
	return MistrustUnknown
}

// HoldsCertificate reports whether a string contains a certificate in PEM format.
func HoldsCertificate(pem []byte) bool { return x509.NewCertPool().AppendCertsFromPEM(pem) }
