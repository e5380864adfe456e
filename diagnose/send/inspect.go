package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// Path is what was seen on the way to a host, step by step.
type Path struct {
	Addresses                     []string
	DNSError, DialError, TLSError string
	Dialed                        time.Duration
	TLS                           *tls.ConnectionState // nil when no handshake was made
}

// Inspect resolves a host, connects, and shakes hands, sending nothing else. It
// ends with the context.
func Inspect(ctx context.Context, url exchange.URL, o Options) Path {
	var p Path
	host := trimBrackets(url.Host)
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		p.DNSError = exchange.MaskText(err.Error())
		return p
	}
	p.Addresses = addresses
	port := url.Port
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[url.Scheme]
	}
	start := o.Now()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	p.Dialed = o.Now().Sub(start)
	if err != nil {
		p.DialError = exchange.MaskText(err.Error())
		return p
	}
	defer conn.Close()
	if url.Scheme == "https" {
		handshake(ctx, conn, host, o, &p)
	}
	return p
}

func trimBrackets(host string) string {
	if len(host) > 2 && host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

func handshake(ctx context.Context, conn net.Conn, host string, o Options, p *Path) {
	config := &tls.Config{ServerName: host, NextProtos: []string{"h2", "http/1.1"}, InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12}
	if len(o.CACert) > 0 {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(o.CACert)
	}
	client := tls.Client(conn, config)
	if err := client.HandshakeContext(ctx); err != nil {
		p.TLSError = exchange.MaskText(err.Error())
		return
	}
	state := client.ConnectionState()
	p.TLS = &state
}
