package cmd_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
	"immersve-doctor/troubleshoot/simulator"
)

// run executes the command line in this process, with variables and a clock of
// the test's own.
func run(t *testing.T, variables map[string]string, ahead time.Duration, args ...string) (status int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := cmd.Environment{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, ConfigDir: t.TempDir(),
		Getenv: func(name string) string {
			if name == "LANG" {
				return "C.UTF-8"
			}
			return variables[name]
		},
		Now:        func() time.Time { return time.Now().Add(ahead) },
		Interrupts: context.WithCancel,
	}
	status = cmd.Run(t.Context(), args, env)
	if stderr.Len() > 0 {
		t.Logf("standard error: %s", stderr.String())
	}
	return status, stdout.String()
}

// keys are the simulator's, as a user has them in the environment.
func keys(d simulator.Demo) map[string]string {
	return map[string]string{"IMMERSVE_API_KEY": d.AdminKey, "IMMERSVE_API_SECRET": d.AdminSecret, "IMMERSVE_ACCOUNT_ID": d.AccountID}
}

func startSimulator(t *testing.T) (*simulator.Simulator, simulator.Demo) {
	t.Helper()
	s, err := simulator.New(simulator.Options{Now: time.Now, Seed: simulator.DemoSeed})
	if err != nil {
		t.Fatal(err)
	}
	server, err := s.Start(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return s, s.Demo()
}

// expect demands an exit status and lines of "check -o short".
func expect(t *testing.T, status, want int, out string, lines ...string) {
	t.Helper()
	if status != want {
		t.Errorf("exit status %d, want %d", status, want)
	}
	for _, l := range lines {
		if !strings.Contains(out, l) {
			t.Errorf("no line has %q", l)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestCheckAccounts(t *testing.T) {
	_, d := startSimulator(t)
	cardholder := map[string]string{"IMMERSVE_API_KEY": d.APIKey, "IMMERSVE_API_SECRET": d.APISecret, "IMMERSVE_ACCOUNT_ID": d.CardholderAccountID}
	session := map[string]string{"IMMERSVE_ACCESS_TOKEN": d.AccessToken, "IMMERSVE_ACCOUNT_ID": d.CardholderAccountID}
	issuer := map[string]string{"IMMERSVE_API_KEY": d.APIKey, "IMMERSVE_API_SECRET": d.APISecret, "IMMERSVE_ACCOUNT_ID": d.AccountID}
	stranger := keys(d)
	stranger["IMMERSVE_ACCOUNT_ID"] = d.ForeignAccountID
	small := keys(d)
	small["IMMERSVE_ACCOUNT_ID"] = d.CardholderAccountID
	for _, test := range []struct {
		name      string
		variables map[string]string
		status    int
		lines     []string
	}{
		{"the partner's", keys(d), 0, []string{
			"ok       credentials.accepted: accepted, and rejected without credentials", "ok       credentials.role: can read the partner's own resources",
			`ok       account.readable: you're a member, type "partner", liveness "test"`, "ok       account.channels: 3", "ok       account.listeners: 1",
			"ok       faults.configured: none",
		}},
		{"a cardholder's by the card-issuer key", cardholder, 0, []string{
			"ok       credentials.role: can read the cardholder's resources", `type "cardholder"`, "ok       account.sources: 2",
		}},
		{"a user's session", session, 0, []string{
			"ok       credentials.expiry: 20 minutes left", "ok       configuration.credentials: access token", "ok       account.sources: 2",
		}},
		{"the partner's by the card-issuer key", issuer, 0, []string{
			"unknown  credentials.role: can't read the partner's own resources", "unknown  account.channels: status 403",
		}},
		{"a stranger's", stranger, 1, []string{
			"problem  credentials.accepted: status 403 on a request that needs no resource", "problem  account.readable: status 403",
			"unknown  account.channels: not checked",
		}},
		{"a cardholder's by the account-admin key", small, 1, []string{"problem  account.readable: status 403"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out := run(t, test.variables, 0, "check", "--env", d.BaseURL, "-o", "short")
			expect(t, status, test.status, out, test.lines...)
			for _, secret := range []string{d.APISecret, d.AdminSecret, d.AccessToken} {
				if strings.Contains(out, secret) {
					t.Error("a secret is shown")
				}
			}
		})
	}
}

// A fault that was forgotten, on the account or on the partner above it.
func TestCheckFindsForgottenFaults(t *testing.T) {
	s, d := startSimulator(t)
	request := httptest.NewRequest(http.MethodPut, d.BaseURL+"/api/accounts/"+d.AccountID+"/fault-configs/payment-handle-http-error", strings.NewReader(`{"value":"true"}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", d.AdminKey)
	request.Header.Set("X-Api-Secret", d.AdminSecret)
	recorder := httptest.NewRecorder()
	if s.ServeHTTP(recorder, request); recorder.Code != http.StatusOK {
		t.Fatalf("the fault was not set: %d %s", recorder.Code, recorder.Body)
	}
	status, out := run(t, keys(d), 0, "check", "--env", d.BaseURL, "-o", "short")
	expect(t, status, 0, out, "warning  faults.configured: active: payment-handle-http-error = true → Requests fail on purpose")
}

func TestCheckClientApplication(t *testing.T) {
	_, d := startSimulator(t)
	status, out := run(t, keys(d), 0, "check", "--env", d.BaseURL, "-o", "short", "--client-application", d.ClientApplicationID)
	expect(t, status, 0, out, "ok       application.origins: http://localhost:3000")
	status, out = run(t, keys(d), 0, "check", "--env", d.BaseURL, "-o", "short", "--client-application", "../../0")
	expect(t, status, 0, out, "unknown  application.origins: status 4")
}

// The same clock is behind or ahead, by the machine's reckoning.
func TestCheckSkewedClock(t *testing.T) {
	_, d := startSimulator(t)
	status, out := run(t, keys(d), 10*time.Minute, "check", "--env", d.BaseURL, "-o", "short")
	expect(t, status, 1, out, "problem  clock.skew: 10 minutes ahead of the server's", "→ Synchronize the clock")
	status, out = run(t, keys(d), -3*time.Hour, "check", "--env", d.BaseURL, "-o", "short")
	expect(t, status, 1, out, "problem  clock.skew: 3 hours behind the server's")
}

func TestCheckExpiredToken(t *testing.T) {
	_, d := startSimulator(t)
	variables := map[string]string{"IMMERSVE_ACCESS_TOKEN": d.AccessToken, "IMMERSVE_ACCOUNT_ID": d.CardholderAccountID}
	status, out := run(t, variables, time.Hour, "check", "--env", d.BaseURL, "-o", "short")
	expect(t, status, 1, out, "problem  credentials.expiry: expired 40 minutes ago")
}

// authority is a CA of the test's own, and certificates by it.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{file: filepath.Join(t.TempDir(), "ca.pem")}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a.certificate = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(2, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, a.certificate, a.certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// serve answers an empty list over TLS, with a certificate that is valid between
// two times from now.
func (a *authority) serve(t *testing.T, from, until time.Duration, address net.IP) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "api.example"}, IPAddresses: []net.IP{address},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "[]")
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are to fail
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

const day = 24 * time.Hour

func TestCheckCertificates(t *testing.T) {
	a, here := newAuthority(t), net.IPv4(127, 0, 0, 1)
	other := newAuthority(t)
	pair := map[string]string{"IMMERSVE_API_KEY": "imm-key-test-00", "IMMERSVE_API_SECRET": "imm-secret-test-00"}
	for _, test := range []struct {
		name, base, trusted string
		status              int
		lines               []string
	}{
		{"sound", a.serve(t, -day, 90*day, here), a.file, 0, []string{
			"ok       network.tls: TLS 1.3, HTTP/2, in", "certificate of api.example by Test Root until", "90 days left, chain of 1", "status 200 over HTTP/2.0",
		}},
		{"expires soon", a.serve(t, -day, 3*day, here), a.file, 0, []string{"warning  network.tls: TLS 1.3", "The server's certificate expires soon"}},
		{"expired", a.serve(t, -90*day, -3*day, here), a.file, 4, []string{
			"problem  network.tls: the certificate of api.example expired on", "3 days ago", "Check this machine's clock", "problem  network.answer: ",
		}},
		{"not yet valid", a.serve(t, 3*day, 90*day, here), a.file, 4, []string{"problem  network.tls: the certificate of api.example is valid only from"}},
		{"of another host", a.serve(t, -day, 90*day, net.IPv4(127, 0, 0, 2)), a.file, 4, []string{"problem  network.tls: the certificate is for 127.0.0.2, not for 127.0.0.1"}},
		{"of another authority", a.serve(t, -day, 90*day, here), other.file, 4, []string{"problem  network.tls: the certificate of api.example is from Test Root, which this machine doesn't trust", "--cacert FILE"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out := run(t, pair, 0, "check", "--env", test.base, "--cacert", test.trusted, "-o", "short")
			expect(t, status, test.status, out, test.lines...)
		})
	}
	status, out := run(t, pair, 0, "check", "--env", a.serve(t, -90*day, -3*day, here), "-k", "-o", "short")
	expect(t, status, 0, out, "warning  network.tls: TLS 1.3", "expired, chain of 1", "Remove -k")
	plain := strings.Replace(httptestPlain(t), "http://", "https://", 1)
	status, out = run(t, pair, 0, "check", "--env", plain, "-o", "short")
	expect(t, status, 4, out, "problem  network.tls: the port doesn't use TLS")
	status, _ = run(t, pair, 0, "check", "--env", plain, "--cacert", filepath.Join(t.TempDir(), "none.pem"))
	expect(t, status, 2, "")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	status, _ = run(t, pair, 0, "check", "--env", plain, "--cacert", empty)
	expect(t, status, 2, "")
}

func httptestPlain(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.URL
}

// The time for everything together is kept, whatever does not answer.
func TestCheckEndsInTime(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connects, and never says a word
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, scheme := range []string{"http://", "https://"} {
		started := time.Now()
		status, out := run(t, nil, 0, "check", "--env", scheme+silent.Addr().String(), "--timeout", "500ms", "-o", "short")
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("%s: it took %s", scheme, took)
		}
		expect(t, status, 4, out, "problem  network.answer: ")
	}
}

// An answer that drips, one that is endless, and one that is a portal's page.
func TestCheckStrangeServers(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		status  int
		line    string
	}{
		"a portal": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Sign in") }, 1, "problem  network.answer: status 200 over HTTP/1.1"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat("[", 1<<16)); err != nil {
					return
				}
			}
		}, 1, "so something else responded"},
		"limited": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 0, "warning  rate.budget: status 429: used up, Retry-After 30"},
		"down":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 1, "problem  network.answer: status 502"},
		"elsewhere": {http.NotFound, 1, "problem  network.answer: status 404"},
		"hostile": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = []string{"soon"}
			fmt.Fprint(w, `{"type":"\u001b[2J","liveness":"\u001b[2J","items":[{"faultTypeName":"\u001b[2J"}]}`)
		}, 0, "unknown  clock.skew: the response has no Date header"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			status, out := run(t, map[string]string{"IMMERSVE_ACCESS_TOKEN": "x", "IMMERSVE_ACCOUNT_ID": nowhere}, 0, "check", "--env", server.URL, "-o", "short")
			expect(t, status, test.status, out, test.line)
			if strings.Contains(out, "\x1b") {
				t.Error("an escape character reaches the terminal")
			}
		})
	}
}

const nowhere = "0123456789abcdef0123456789abcdef"
