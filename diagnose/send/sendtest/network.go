// Package sendtest is an internet for tests: names, addresses, servers and proxies,
// none of which exist, and a record of every byte that each of them was sent.
package sendtest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// The addresses of the documentation's networks (RFC 5737, RFC 3849).
const (
	HomeAddress    = "198.51.100.10"  // Immersve's hosts
	TunnelAddress  = "198.51.100.20"  // tunnel.example, an honest proxy
	ForeignAddress = "203.0.113.66"   // every other name, localhost among them
	ForeignIPv6    = "2001:db8::66"   // an address that no name has
	Tunnel         = "tunnel.example" // the name of the honest proxy
	Foreign        = "evil.example"
)

// Network implements send.Network. Its foreign hosts read along whatever they can:
// they speak HTTP, TLS with certificates for any name, SOCKS5, and as proxies they
// are the host that a tunnel was asked for.
type Network struct {
	// Home is what Immersve's hosts return, Here what this machine does, and Away
	// what foreign hosts do; nil for an empty object.
	Home, Here, Away http.HandlerFunc

	home, foreign authority
	conns         sync.WaitGroup

	mu    sync.Mutex
	taken Taken
}

// Taken is what was sent.
type Taken struct {
	Home     bytes.Buffer // to Immersve's hosts inside TLS with a good certificate
	Loopback bytes.Buffer // to this machine
	Foreign  bytes.Buffer // to foreign hosts, and what anyone on the way could read
	Names    []string     // that were resolved
	Dialed   int
}

// New returns a network.
func New(t testing.TB) *Network {
	t.Helper()
	return &Network{home: newAuthority(t), foreign: newAuthority(t)}
}

// CACert is the certificate of the authority that Immersve's hosts are certified by.
func (n *Network) CACert() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: n.home.cert.Raw})
}

// Take returns what was sent since the last call, after every connection has ended.
func (n *Network) Take() Taken {
	n.conns.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.taken
	n.taken = Taken{}
	return taken
}

// LookupHost resolves what DNS would.
func (n *Network) LookupHost(_ context.Context, host string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taken.Names = append(n.taken.Names, host)
	switch name := strings.TrimSuffix(strings.ToLower(host), "."); {
	case name == Tunnel:
		return []string{TunnelAddress}, nil
	case isHome(name):
		return []string{HomeAddress}, nil
	case len(name) > 253 || strings.ContainsAny(name, " /\\@%"):
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return []string{ForeignAddress}, nil
}

func isHome(name string) bool {
	switch strings.TrimSuffix(name, ".") {
	case "test.immersve.com", "test-sec.immersve.com", "api.immersve.com", "api-sec.immersve.com":
		return true
	}
	return false
}

// Dial connects to a server of the network. The notations of addresses that only
// some programs read lead to foreign hosts.
func (n *Network) Dial(ctx context.Context, address string, _ time.Duration, admit func(string) error) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		list, err := n.LookupHost(ctx, host)
		if err != nil {
			return nil, err
		}
		ip = netip.MustParseAddr(list[0])
	}
	if err := admit(net.JoinHostPort(ip.String(), port)); err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.taken.Dialed++
	n.mu.Unlock()
	here, there, err := pair(ctx)
	if err != nil {
		return nil, err
	}
	n.conns.Go(func() {
		defer there.Close()
		switch {
		case ip.Unmap().IsLoopback():
			n.serve(there, &n.taken.Loopback, &n.foreign, n.Here)
		case ip.String() == HomeAddress:
			n.serveHome(there)
		case ip.String() == TunnelAddress:
			n.tunnel(ctx, there)
		default:
			n.serve(there, &n.taken.Foreign, &n.foreign, n.Away)
		}
	})
	return here, nil
}

// pair returns the two ends of a TCP connection on loopback.
func pair(ctx context.Context) (here, there net.Conn, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if here, err = new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	there, err = listener.Accept()
	return here, there, err
}

// log appends what is read to a record.
type log struct {
	io.Reader
	n  *Network
	to *bytes.Buffer
}

func (l log) Read(p []byte) (int, error) {
	count, err := l.Reader.Read(p)
	l.n.mu.Lock()
	defer l.n.mu.Unlock()
	l.to.Write(p[:count])
	return count, err
}

// peeked is a connection of which the beginning was looked at.
type peeked struct {
	net.Conn
	r io.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// serveHome speaks TLS; what comes without is as good as published.
func (n *Network) serveHome(conn net.Conn) {
	r := bufio.NewReader(conn)
	if first, err := r.Peek(1); err != nil || first[0] != 0x16 {
		n.serve(peeked{conn, r}, &n.taken.Foreign, &n.home, nil)
		return
	}
	n.serve(peeked{conn, r}, &n.taken.Home, &n.home, n.Home)
}

// serve speaks whatever the client does, and records what it understands.
func (n *Network) serve(conn net.Conn, to *bytes.Buffer, certs *authority, answer http.HandlerFunc) {
	r := bufio.NewReader(conn)
	first, err := r.Peek(1)
	switch {
	case err != nil:
		return
	case first[0] == 0x16:
		secure := tls.Server(peeked{conn, r}, &tls.Config{GetCertificate: certs.certificate, MinVersion: tls.VersionTLS12})
		defer secure.Close()
		if secure.Handshake() == nil {
			n.serve(secure, to, certs, answer)
		}
		return
	case first[0] == 0x05:
		if socks(conn, r) == nil {
			n.serve(peeked{conn, r}, to, certs, answer)
		}
		return
	}
	r = bufio.NewReader(log{r, n, to})
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if request.Method == http.MethodConnect {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
			n.serve(peeked{conn, r}, to, certs, answer)
			return
		}
		if to == &n.taken.Home && !isHome(strings.ToLower((&url.URL{Host: request.Host}).Hostname())) {
			n.mu.Lock()
			_ = request.Write(&n.taken.Foreign) // a server of many hosts hands it to the one that it names
			n.mu.Unlock()
		}
		_, _ = io.Copy(io.Discard, request.Body) // it is recorded
		w := &response{header: http.Header{}, status: http.StatusOK}
		if answer != nil {
			answer(w, request)
		}
		if w.body.Len() == 0 {
			w.body.WriteString("{}")
		}
		w.header.Set("Content-Type", "application/json")
		w.header.Set("Content-Length", fmt.Sprint(w.body.Len()))
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\n", w.status, http.StatusText(w.status))
		_ = w.header.Write(conn) // a client that went away is seen at the next read
		fmt.Fprintf(conn, "\r\n%s", w.body.String())
	}
}

// socks does the server's part of RFC 1928 and connects to nothing.
func socks(conn net.Conn, r *bufio.Reader) error {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if _, err := r.Discard(int(head[1])); err != nil {
		return err
	}
	fmt.Fprint(conn, "\x05\x00")
	request := make([]byte, 5)
	if _, err := io.ReadFull(r, request); err != nil {
		return err
	}
	rest := map[byte]int{1: 3 + 2, 3: int(request[4]) + 2, 4: 15 + 2}[request[3]]
	if _, err := r.Discard(rest); err != nil {
		return err
	}
	_, err := fmt.Fprint(conn, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	return err
}

// tunnel is an honest proxy, which reads what is not encrypted nevertheless.
func (n *Network) tunnel(ctx context.Context, conn net.Conn) {
	r := bufio.NewReader(log{conn, n, &n.taken.Foreign})
	request, err := http.ReadRequest(r)
	if err != nil || request.Method != http.MethodConnect {
		return
	}
	far, err := n.Dial(ctx, request.Host, 0, func(string) error { return nil })
	if err != nil {
		fmt.Fprint(conn, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer far.Close()
	fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(far, r)
		_ = far.Close()
	}()
	_, _ = io.Copy(conn, far)
}

// response is an http.ResponseWriter in memory.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *response) Header() http.Header         { return w.header }
func (w *response) WriteHeader(status int)      { w.status = status }
func (w *response) Write(p []byte) (int, error) { return w.body.Write(p) }

// authority certifies any name.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu    sync.Mutex
	known map[string]*tls.Certificate
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert: cert, key: key, known: map[string]*tls.Certificate{}}
}

// certificate certifies the name that the client asks for.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c, ok := a.known[hello.ServerName]; ok {
		return c, nil
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter}
	if hello.ServerName != "" {
		template.DNSNames = []string{hello.ServerName}
	} else {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.ParseIP(ForeignAddress)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
	if err != nil {
		return nil, errors.Join(errors.New("certify "+hello.ServerName), err)
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
	a.known[hello.ServerName] = c
	return c, nil
}
