package send_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// host is a server on loopback that a name is resolved to, and what it was asked.
type host struct {
	*httptest.Server
	name  string
	asked []*http.Request
}

func newHost(t *testing.T, name string, handler http.HandlerFunc) *host {
	t.Helper()
	h := &host{name: name}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked = append(h.asked, r)
		handler(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

func secretRequest(target string) *exchange.Request {
	r := &exchange.Request{Method: "GET", URL: exchange.ParseURL(target), HeaderCaptured: true, Body: exchange.NewBody(nil)}
	r.Header.Add("x-api-key", "imm-key-test-0123456789")
	r.Header.Add("x-api-secret", "imm-secret-test-0123456789abcdef0123456789abcdef")
	r.Header.Add("authorization", "Bearer 0123456789abcdef0123456789")
	r.Header.Add("cookie", "session=0123456789abcdef")
	r.Header.Add("x-custom-token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1In0.c2lnbmF0dXJl")
	return r
}

// What a stranger got of a request that was full of credentials.
func leaked(r *http.Request) string {
	var found []string
	for name, values := range r.Header {
		if all := strings.Join(values, " "); strings.Contains(all, "0123456789") || strings.Contains(all, "eyJ") {
			found = append(found, name)
		}
	}
	if strings.Contains(r.URL.String(), "0123456789") {
		found = append(found, "URL")
	}
	return strings.Join(found, " ")
}

// Two servers: the API, under its name, and a stranger. However the API's answer
// leads there, no credential goes with it.
func TestRedirectsCarryNoCredentialsToStrangers(t *testing.T) {
	locations := map[string]string{
		"another host":             "http://stranger.example/api/cards",
		"another port":             "http://test.immersve.com:8080/api/cards",
		"user info of its own":     "http://user:pw@stranger.example/",
		"a host that begins alike": "http://test.immersve.com.stranger.example/",
		"no scheme":                "//stranger.example/api",
		"user info like a host":    "http://test.immersve.com@stranger.example/",
	}
	for name, location := range locations {
		for _, status := range []int{301, 302, 303, 307, 308} {
			stranger := newHost(t, "stranger.example", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
			home := newHost(t, "test.immersve.com", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			})
			o := options()
			o.Resolve = map[string]string{
				"test.immersve.com:80": home.Listener.Addr().String(), "stranger.example:80": stranger.Listener.Addr().String(),
				"test.immersve.com:8080": stranger.Listener.Addr().String(), "test.immersve.com.stranger.example:80": stranger.Listener.Addr().String(),
			}
			_, err := send.Follow(context.Background(), secretRequest("http://test.immersve.com/api/cards"), o, 5, nil)
			var guarded *send.GuardError
			if err != nil && !errors.As(err, &guarded) {
				t.Fatalf("%s, %d: %v", name, status, err)
			}
			if len(home.asked) != 1 || leaked(home.asked[0]) == "" {
				t.Errorf("%s, %d: the API was not asked with credentials", name, status)
			}
			for _, r := range stranger.asked {
				if got := leaked(r); got != "" {
					t.Errorf("%s, %d: the stranger got %s", name, status, got)
				}
			}
		}
	}
}

// An address put in the place of a host's is the host only where a certificate
// proves it.
func TestAddressesInPlaceOfTheHostGetNoCredentials(t *testing.T) {
	tests := []struct {
		name, target, address string
		insecure, refused     bool
	}{
		{"plain HTTP to a foreign address", "http://test.immersve.com/x", "192.0.2.7:80", false, true},
		{"plain HTTP to a foreign name", "http://test.immersve.com/x", "stranger.example:80", false, true},
		{"HTTPS without proof to a foreign address", "https://test.immersve.com/x", "192.0.2.7:443", true, true},
		{"loopback in its place", "http://127.0.0.1/x", "stranger.example:80", false, true},
		{"IPv6 loopback in its place", "http://[::1]/x", "[2001:db8::7]:80", false, true},
		{"a loopback address", "http://test.immersve.com/x", "127.0.0.1:9", false, false},
		{"HTTPS with proof", "https://test.immersve.com/x", "127.0.0.1:9", false, false},
	}
	for _, tt := range tests {
		o := options()
		request := secretRequest(tt.target)
		port := map[string]string{"http": "80", "https": "443"}[request.URL.Scheme]
		o.Insecure = tt.insecure
		o.Resolve = map[string]string{request.URL.Host + ":" + port: tt.address}
		_, err := send.Do(context.Background(), request, o)
		var guarded *send.GuardError
		if errors.As(err, &guarded) != tt.refused {
			t.Errorf("%s: %v, want refused %v", tt.name, err, tt.refused)
		}
	}
}

// A proxy of the environment reads plain HTTP along.
func TestProxiesGetNoCredentialsInPlainHTTP(t *testing.T) {
	through := func(proxy, target string, allowed ...string) error {
		o := options()
		o.AllowHosts = allowed
		o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
		_, err := send.Do(context.Background(), secretRequest(target), o)
		return err
	}
	var guarded *send.GuardError
	if err := through("http://proxy.example:3128", "http://test.immersve.com/x"); !errors.As(err, &guarded) || guarded.Host != "proxy.example" {
		t.Errorf("plain HTTP through a proxy: %v", err)
	}
	stranger := newHost(t, "proxy", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	if err := through(stranger.URL, "https://test.immersve.com/x"); err != nil {
		t.Errorf("HTTPS through a proxy: %v", err)
	}
	for _, r := range stranger.asked {
		if r.Method != http.MethodConnect || leaked(r) != "" {
			t.Errorf("the proxy was asked %s %s with %s", r.Method, r.URL, leaked(r))
		}
	}
}

// URLs that may be read in two ways are not sent anywhere with credentials.
func TestURLsOfTwoReadingsAreNotSent(t *testing.T) {
	for _, target := range []string{
		`http://stranger.example\@test.immersve.com/`, "http://stranger.example:x/@test.immersve.com/", "http://test.immersve.com:80@stranger.example/",
		"http://test.immersve.com#@stranger.example/", "http://stranger.example%2f@test.immersve.com:x/", "http://test.immersve.com%00.stranger.example/",
		"http://test.immersve.com .stranger.example/", "http://test.immersve.com\t@stranger.example/", "http://ⓣest.immersve.com/", "http://[::1].stranger.example/",
	} {
		reached := false
		stranger := newHost(t, "stranger.example", func(http.ResponseWriter, *http.Request) { reached = true })
		o := options()
		o.Resolve = map[string]string{"stranger.example:80": stranger.Listener.Addr().String(), "test.immersve.com:80": "127.0.0.1:9"}
		if _, err := send.Do(context.Background(), secretRequest(target), o); reached {
			t.Errorf("%q reached the stranger (%v)", target, err)
		}
	}
}
