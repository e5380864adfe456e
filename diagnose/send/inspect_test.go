package send_test

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// proxy is an HTTP proxy on loopback that tunnels, where it is allowed to.
func proxy(t *testing.T, refuse bool) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		if refuse || r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		there, err := net.Dial("tcp", strings.ReplaceAll(r.Host, "nowhere.invalid", "127.0.0.1:0")) // whose lookup could take long
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		w.WriteHeader(http.StatusOK)
		here, read, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		go func() { _, _ = io.Copy(there, read) }() // what the server has read already stands there; ends with the connections
		_, _ = io.Copy(here, there)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("user", "correct horse")
	return u
}

func inspect(t *testing.T, target string, o send.Options) send.Path {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	o.Now = time.Now
	return send.Inspect(ctx, exchange.ParseURL(target), o)
}

// The way is that of a request: through the proxy, to the server's certificate.
func TestInspectThroughProxy(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	through := proxy(t, false)
	p := inspect(t, server.URL, send.Options{CACert: trusted, Proxy: http.ProxyURL(through)})
	if p.Proxy != through.Host || p.TLS == nil || len(p.Chain) != 1 || p.TLSError+p.ProxyError+p.DialError != "" {
		t.Errorf("through the proxy: %+v", p)
	}
	p = inspect(t, server.URL, send.Options{Proxy: http.ProxyURL(through)})
	if p.Mistrust != send.MistrustAuthority || len(p.Chain) != 1 || p.TLS != nil {
		t.Errorf("a certificate that is not trusted: %+v", p)
	}
	p = inspect(t, server.URL, send.Options{CACert: trusted, Proxy: http.ProxyURL(proxy(t, true))})
	if p.ProxyError != "it returned 407 Proxy Authentication Required" || p.TLS != nil {
		t.Errorf("a proxy that refuses: %+v", p)
	}
	p = inspect(t, "https://nowhere.invalid", send.Options{Proxy: http.ProxyURL(through)})
	if p.ProxyError != "it returned 502 Bad Gateway" || p.DNSError != "" {
		t.Errorf("a host that the proxy does not find: %+v", p)
	}
	p = inspect(t, server.URL, send.Options{Proxy: http.ProxyURL(&url.URL{Scheme: "socks5", Host: through.Host})})
	if p.Unfollowed != "socks5" || p.ProxyError != "" || p.TLS != nil {
		t.Errorf("another kind of proxy: %+v", p)
	}
}

func TestInspectFailures(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close() // nobody listens there any more
	if p := inspect(t, "http://"+closed.Addr().String(), send.Options{}); p.DialError == "" || p.DNSError != "" {
		t.Errorf("nobody listens: %+v", p)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	p := send.Inspect(ctx, exchange.ParseURL("https://"+silent.Addr().String()), send.Options{Now: time.Now})
	if p.TLSError == "" || time.Since(started) > 3*time.Second {
		t.Errorf("who never answers the handshake: %+v", p)
	}
	for _, target := range []string{"", "https://", "http://[::1", "https://127.0.0.1:99999", "::"} {
		if p := inspect(t, target, send.Options{}); p.TLS != nil {
			t.Errorf("%q: %+v", target, p)
		}
	}
}
