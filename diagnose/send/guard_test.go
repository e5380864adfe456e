package send_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/diagnose/send/sendtest"
)

const (
	key    = "imm-key-test-0123456789"
	secret = "imm-secret-test-0123456789abcdef0123456789abcdef"
)

func secretRequest(target string) *exchange.Request {
	r := get(target)
	r.Header.Add("x-api-key", key)
	r.Header.Add("x-api-secret", secret)
	r.Header.Add("authorization", "Bearer 0123456789abcdef0123456789")
	r.Header.Add("cookie", "session=0123456789abcdef")
	r.Header.Add("x-custom-token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1In0.c2lnbmF0dXJl")
	return r
}

// leaked reports whether any of a secret request's credentials is in a record.
func leaked(record string) bool {
	return strings.Contains(record, "0123456789") || strings.Contains(record, "c2lnbmF0dXJl")
}

func over(n *sendtest.Network) send.Options {
	o := options()
	o.Network, o.CACert = n, n.CACert()
	return o
}

func proxied(proxy string) func(*send.Options) {
	return func(o *send.Options) {
		o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
	}
}

// Each way to a host, and the host that keeps the request from being sent, or ""
// if it is sent.
func TestGuard(t *testing.T) {
	insecure := func(o *send.Options) { o.Insecure = true }
	allow := func(hosts ...string) func(*send.Options) {
		return func(o *send.Options) { o.AllowHosts = hosts }
	}
	resolve := func(from, to string) func(*send.Options) {
		return func(o *send.Options) { o.Resolve = map[string]string{from: to} }
	}
	connectTo := func(from, to string) func(*send.Options) {
		return func(o *send.Options) { o.ConnectTo = map[string]string{from: to} }
	}
	type with = []func(*send.Options)
	const home, plain, evil = "https://test.immersve.com/x", "http://test.immersve.com/x", sendtest.Foreign
	for _, tt := range []struct {
		target  string
		with    with
		refused string
	}{
		{home, nil, ""},
		{"https://TEST.immersve.com./x", nil, ""},
		{home, with{proxied("http://" + evil + ":3128")}, ""},
		{home, with{resolve("test.immersve.com:443", "203.0.113.66:443")}, ""},
		{home, with{connectTo(":", evil+":")}, ""},
		{home, with{insecure}, "test.immersve.com"},
		{home, with{insecure, allow("test.immersve.com")}, ""},
		{home, with{insecure, allow("Test.Immersve.com"), proxied("http://" + evil + ":3128")}, evil},
		{home, with{insecure, allow("test.immersve.com"), proxied("socks5://" + evil + ":1080")}, evil},
		{home, with{insecure, allow("test.immersve.com"), proxied("http://127.0.0.1:3128")}, "127.0.0.1"},
		{home, with{insecure, allow("test.immersve.com", evil), proxied("http://" + evil + ":3128")}, ""},
		{home, with{insecure, allow("test.immersve.com"), resolve("test.immersve.com:443", "203.0.113.66:443")}, "203.0.113.66"},
		{home, with{insecure, allow("test.immersve.com"), resolve("test.immersve.com:443", "127.0.0.1:443")}, ""},
		{home, with{insecure, allow("test.immersve.com"), connectTo("test.immersve.com:", ":8443")}, ""},
		{plain, nil, "test.immersve.com"},
		{plain, with{allow("test.immersve.com")}, "test.immersve.com"},
		{"http://test.immersve.com:8080/x", nil, "test.immersve.com"},
		{plain, with{resolve("test.immersve.com:80", "127.0.0.1:9")}, "test.immersve.com"},
		{"http://127.0.0.1/x", nil, ""},
		{"http://LOCALHOST/x", nil, ""},
		{"http://evil.localhost/x", nil, ""},
		{"http://[::1]:4010/x", nil, ""},
		{"http://[::ffff:127.0.0.1]/x", nil, ""},
		{"http://127.0.0.1/x", with{proxied("http://127.0.0.1:3128")}, ""},
		{"http://127.0.0.1/x", with{proxied("http://" + evil + ":3128")}, evil},
		{"https://127.0.0.1/x", with{proxied("http://" + evil + ":3128")}, evil},
		{"http://127.0.0.1/x", with{connectTo("127.0.0.1:80", evil+":80")}, evil},
		{"http://LocalHost/x", with{connectTo("localhost:", evil+":")}, evil},
		{"http://[::1]/x", with{connectTo("::", evil+":")}, ""}, // a key of no form that curl has
		{"http://[::1]/x", with{connectTo(":80", "[2001:db8::66]:80")}, "2001:db8::66"},
		{"https://localhost/x", with{resolve("localhost:443", "203.0.113.66:443")}, "203.0.113.66"},
		{"http://" + evil + "/x", nil, evil},
		{"https://" + evil + "/x", nil, evil},
		{"http://" + evil + "/x", with{resolve(evil+":80", "127.0.0.1:80")}, evil},
		{"http://" + evil + "/x", with{allow(evil)}, ""},
		{"http://" + evil + "/x", with{allow(evil), proxied("http://127.0.0.1:1")}, "127.0.0.1"},
		{"https://" + evil + "/x", with{allow(evil), insecure, proxied("http://" + sendtest.Tunnel + ":1")}, sendtest.Tunnel},
		{"https://help.immersve.com/x", nil, "help.immersve.com"},
		{"https://@test.immersve.com/x", nil, "test.immersve.com"}, // whose host is "@test…" to others
	} {
		n := sendtest.New(t)
		o := over(n)
		for _, change := range tt.with {
			change(&o)
		}
		_, err := send.Do(t.Context(), secretRequest(tt.target), o)
		var guarded *send.GuardError
		refused := ""
		if errors.As(err, &guarded) {
			refused = guarded.Host
			if guarded.Hint == "" || guarded.Why == "" {
				t.Errorf("%s: %+v says too little", tt.target, guarded)
			}
		}
		taken := n.Take()
		if refused != tt.refused || refused == "" && err != nil || refused != "" && taken.Dialed > 0 {
			t.Errorf("%s with %d options: refused for %q (%v), want %q; %d connections", tt.target, len(tt.with), refused, err, tt.refused, taken.Dialed)
		}
		if allowed := len(o.AllowHosts) > 0 && tt.refused == ""; leaked(taken.Foreign.String()) && !allowed {
			t.Errorf("%s with %d options: read by a stranger:\n%s", tt.target, len(tt.with), taken.Foreign.String())
		}
	}
}

// A host header sends a request to another host than the one that is dialed, if the
// dialed one serves several.
func TestGuardReadsTheHostHeader(t *testing.T) {
	for _, tt := range []struct {
		target, host string
		proxy        string
		refused      bool
	}{
		{"https://test.immersve.com/", "test.immersve.com", "", false},
		{"https://test.immersve.com/", "Test.immersve.com:443", "", false},
		{"https://test.immersve.com/", sendtest.Foreign, "", true},
		{"http://127.0.0.1/", "test.immersve.com", "", false},
		{"http://127.0.0.1/", "test.immersve.com", "http://127.0.0.1:3128", true},
		{"http://127.0.0.1/", sendtest.Foreign, "", true},
	} {
		n := sendtest.New(t)
		o := over(n)
		if tt.proxy != "" {
			proxied(tt.proxy)(&o)
		}
		r := secretRequest(tt.target)
		r.Header.Add("host", tt.host)
		var guarded *send.GuardError
		if _, err := send.Do(t.Context(), r, o); errors.As(err, &guarded) != tt.refused {
			t.Errorf("%s with host %s: %v", tt.target, tt.host, err)
		}
	}
}

// What the user's variables are known to be is a credential wherever it is put.
func TestGuardKnowsTheVariables(t *testing.T) {
	const value = "hunter2-Zq81x"
	known := &exchange.Known{}
	known.Learn("password", value, false)
	for name, change := range map[string]func(*exchange.Request){
		"path":         func(r *exchange.Request) { r.URL.Path = "/" + value },
		"query":        func(r *exchange.Request) { r.URL.RawQuery, r.URL.HasQuery = "a="+value, true },
		"host":         func(r *exchange.Request) { r.URL.Host = strings.ToLower(value) + "." + sendtest.Foreign },
		"header":       func(r *exchange.Request) { r.Header.Add("x-note", value) },
		"header name":  func(r *exchange.Request) { r.Header.Add(value, "x") },
		"body":         func(r *exchange.Request) { r.Body = exchange.NewBody([]byte(`{"a":"` + value + `"}`)) },
		"encoded body": func(r *exchange.Request) { r.Body = exchange.NewBody([]byte("a=hunter2%2DZq81x")) },
	} {
		n := sendtest.New(t)
		r := get("http://" + sendtest.Foreign + "/")
		change(r)
		r.Conceal(known)
		var guarded *send.GuardError
		if _, err := send.Do(t.Context(), r, over(n)); !errors.As(err, &guarded) {
			t.Errorf("%s: sent (%v)", name, err)
		}
		if taken := n.Take(); len(taken.Names) > 0 {
			t.Errorf("%s: resolved %q", name, taken.Names)
		}
	}
}

// However the API's response leads to a stranger, no credential goes along.
func TestRedirectsCarryNoCredentialsToStrangers(t *testing.T) {
	for name, location := range map[string]string{
		"another host":             "http://" + sendtest.Foreign + "/api/cards",
		"another host over TLS":    "https://" + sendtest.Foreign + "/api/cards",
		"another port":             "https://test.immersve.com:8080/api/cards",
		"plain http":               "http://test.immersve.com/api/cards",
		"user info of its own":     "http://user:pw@stranger.example/",
		"a host that begins alike": "http://test.immersve.com.stranger.example/",
		"no scheme":                "//stranger.example/api",
		"user info like a host":    "http://test.immersve.com@stranger.example/",
		"a name below localhost":   "http://stranger.localhost/",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			n := sendtest.New(t)
			n.Home = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			}
			ex, err := send.Follow(t.Context(), secretRequest("https://test.immersve.com/api/cards"), over(n), 5, nil)
			if err != nil {
				t.Fatalf("%s, %d: %v, %+v", name, status, err, ex)
			}
			taken := n.Take()
			if !leaked(taken.Home.String()) {
				t.Errorf("%s, %d: the API was not asked with credentials", name, status)
			}
			if leaked(taken.Foreign.String()) || leaked(taken.Loopback.String()) {
				t.Errorf("%s, %d: a stranger got\n%s%s", name, status, taken.Foreign.String(), taken.Loopback.String())
			}
		}
	}
}

// A redirect that the guard stops leaves the response that asked for it.
func TestRedirectsToPlainHTTPAreNotFollowed(t *testing.T) {
	n := sendtest.New(t)
	n.Home = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://test.immersve.com/api/cards")
		w.WriteHeader(http.StatusFound)
	}
	ex, err := send.Follow(t.Context(), secretRequest("https://test.immersve.com/api/cards"), over(n), 5, nil)
	if err != nil || ex.Response.Status != 302 || len(ex.Notes) != 1 || !strings.HasPrefix(ex.Notes[0], "not followed: plain http to test.immersve.com") {
		t.Errorf("%v, %+v", err, ex)
	}
}

// URLs that may be read in two ways are not sent anywhere with credentials.
func TestURLsOfTwoReadingsAreNotSent(t *testing.T) {
	for _, target := range []string{
		`http://stranger.example\@test.immersve.com/`, "http://stranger.example:x/@test.immersve.com/", "http://test.immersve.com:80@stranger.example/",
		"http://test.immersve.com#@stranger.example/", "http://stranger.example%2f@test.immersve.com:x/", "http://test.immersve.com%00.stranger.example/",
		"http://test.immersve.com .stranger.example/", "http://test.immersve.com\t@stranger.example/", "http://ⓣest.immersve.com/", "http://[::1].stranger.example/",
		"http://ⓛocalhost/", "http://127.0.0.1@stranger.example/", "http://127.0.0.1%2f@stranger.example/", "http://localhost%2estranger.example/",
	} {
		for _, scheme := range []string{"http:", "https:"} {
			n := sendtest.New(t)
			r := secretRequest(strings.Replace(target, "http:", scheme, 1))
			_, err := send.Do(t.Context(), r, over(n))
			if taken := n.Take(); err == nil && taken.Home.Len() == 0 || leaked(taken.Foreign.String()) {
				t.Errorf("%s: sent (%v):\n%s", r.URL.Reveal(), err, taken.Foreign.String())
			}
		}
	}
}

// ipv4Only refuses connections, on a machine without IPv6.
type ipv4Only struct{ send.Network }

func (ipv4Only) Dial(_ context.Context, address string, _ time.Duration, _ func(string) error) (net.Conn, error) {
	if strings.HasPrefix(address, "[") {
		return nil, syscall.EADDRNOTAVAIL
	}
	return nil, syscall.ECONNREFUSED
}

// Of the loopback addresses that can't be reached, the first says why.
func TestLocalhostRefusesTheConnection(t *testing.T) {
	o := options()
	o.Network = ipv4Only{}
	ex := do(t, get("http://localhost:9/"), o)
	if ex.Failure == nil || ex.Failure.Kind != exchange.FailureRefused {
		t.Errorf("failure %+v, want %s", ex.Failure, exchange.FailureRefused)
	}
}

// The operating system's network asks before it connects, not after.
func TestSystemAsksBeforeItConnects(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	no := errors.New("no")
	asked := ""
	conn, err := send.System().Dial(context.Background(), listener.Addr().String(), time.Second, func(address string) error {
		asked = address
		return no
	})
	if conn != nil || !errors.Is(err, no) || asked != listener.Addr().String() {
		t.Errorf("Dial = %v, %v; asked about %q", conn, err, asked)
	}
}
