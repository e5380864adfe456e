package send_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
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

func get(target string) *exchange.Request {
	return &exchange.Request{Method: "GET", URL: exchange.ParseURL(target), HeaderCaptured: true, Body: exchange.NewBody(nil)}
}

func options() send.Options { return send.Options{Timeout: 2 * time.Second, Now: time.Now} }

func do(t *testing.T, request *exchange.Request, o send.Options) *exchange.Exchange {
	t.Helper()
	ex, err := send.Do(context.Background(), request, o)
	if err != nil {
		t.Fatalf("Do: %v", err)
	}
	return ex
}

func TestDoSendsWhatTheRequestSays(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "%s %s %s %q", r.Method, r.RequestURI, r.Header.Get("X-Account-Id"), body)
	}))
	t.Cleanup(server.Close)
	request := get(server.URL + "/api/cards?x=1")
	request.Method = "POST"
	request.Header.Add("x-account-id", "abc")
	request.Body = exchange.NewBody([]byte(`{"a":1}`))
	ex := do(t, request, options())
	if ex.Response == nil || ex.Response.Status != 403 {
		t.Fatalf("response %+v, failure %+v", ex.Response, ex.Failure)
	}
	if got, want := ex.Response.Body.String(), `POST /api/cards?x=1 abc "{\"a\":1}"`; got != want {
		t.Errorf("the server saw %s, want %s", got, want)
	}
	if ex.Response.Elapsed <= 0 || ex.Started.IsZero() {
		t.Error("the exchange has no times")
	}
}

// What goes wrong on the way is part of the exchange: its kind and its phase.
func TestFailures(t *testing.T) {
	tests := []struct {
		name   string
		target func(*testing.T) string
		want   exchange.FailureKind
	}{
		{"name that does not exist", func(*testing.T) string { return "http://nobody.localhost.invalid/" }, exchange.FailureDNS},
		{"nobody listens", closedPort, exchange.FailureRefused},
		{"server hangs up", func(t *testing.T) string { return rawServer(t, "") }, exchange.FailureReset},
		{"server stays silent", silentServer, exchange.FailureTimeout},
		{"certificate of an unknown authority", tlsServer, exchange.FailureTLS},
		{"TLS where plain HTTP is spoken", func(t *testing.T) string {
			return strings.Replace(rawServer(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "http:", "https:", 1)
		}, exchange.FailureTLS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			o.Timeout = 700 * time.Millisecond
			ex := do(t, get(tt.target(t)), o)
			if ex.Failure == nil || ex.Failure.Kind != tt.want {
				t.Fatalf("failure %+v, want %s", ex.Failure, tt.want)
			}
			if ex.Failure.Phase == "" || ex.Failure.Text == "" {
				t.Errorf("failure without phase or text: %+v", ex.Failure)
			}
		})
	}
}

func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String() + "/"
}

// rawServer answers every connection with the text and closes it.
func rawServer(t *testing.T, answer string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 4096)
			_, _ = c.Read(buffer)
			_, _ = c.Write([]byte(answer))
			c.Close()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func silentServer(t *testing.T) string {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); server.Close() })
	return server.URL
}

func tlsServer(t *testing.T) string {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	return server.URL
}

func TestCACertIsTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	o := options()
	o.CACert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ex := do(t, get(server.URL), o)
	if ex.Response == nil || ex.Response.Status != 404 || ex.Response.Proto != "HTTP/2.0" {
		t.Errorf("response %+v, failure %+v", ex.Response, ex.Failure)
	}
}

func TestACutBodyIsSaid(t *testing.T) {
	ex := do(t, get(rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":")), options())
	if ex.Response == nil || !ex.Response.Body.Truncated || ex.Failure == nil || ex.Failure.Phase != exchange.PhaseTransfer {
		t.Errorf("response %+v, failure %+v", ex.Response, ex.Failure)
	}
}

// Credentials never reach a stranger: not by URL, not by redirect.
func TestCredentialsStayHome(t *testing.T) {
	request := get("https://attacker.example/api/cards")
	request.Header.Add("x-api-key", "imm-key-test-0000")
	_, err := send.Do(context.Background(), request, options())
	var guard *send.GuardError
	if !errors.As(err, &guard) || guard.Host != "attacker.example" {
		t.Errorf("Do = %v, want a guard error", err)
	}

	reached := false
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(stranger.Close)
	home := httptest.NewServer(http.RedirectHandler(stranger.URL, http.StatusTemporaryRedirect))
	t.Cleanup(home.Close)
	request = get(home.URL)
	request.Header.Add("x-api-key", "imm-key-test-0000")
	if ex := do(t, request, options()); ex.Response == nil || ex.Response.Status != 307 || reached {
		t.Errorf("the redirect was followed: %+v, %v", ex.Response, reached)
	}
}

func TestProxyIsUsed(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r.URL.String() }))
	t.Cleanup(proxy.Close)
	o := options()
	o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	do(t, get("http://127.0.0.1:9/api/currencies"), o)
	if asked != "http://127.0.0.1:9/api/currencies" {
		t.Errorf("the proxy was asked for %q", asked)
	}
}
