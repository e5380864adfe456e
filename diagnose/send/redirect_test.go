package send_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// seen is what a server saw of a request: method, target, body, and which of the
// fields that matter here it carried.
type seen []string

func (s *seen) handler(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := fmt.Sprintf("%s %s %q", r.Method, r.URL.RequestURI(), body)
		for _, name := range []string{"Authorization", "X-Api-Key", "X-Api-Secret", "Cookie", "X-Account-Id", "Content-Type", "X-Custom"} {
			if r.Header.Get(name) != "" {
				line += " " + strings.ToLower(name)
			}
		}
		*s = append(*s, line)
		answer(w, r)
	}
}

func serve(t *testing.T, s *seen, answer http.HandlerFunc) string {
	server := httptest.NewServer(s.handler(answer))
	t.Cleanup(server.Close)
	return server.URL
}

func ok(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) }

func redirect(status int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			ok(w, r)
			return
		}
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	}
}

func post(target string) *exchange.Request {
	r := get(target)
	r.Method = "POST"
	r.Header.Add("authorization", "Bearer abcdef0123456789")
	r.Header.Add("x-account-id", "abc")
	r.Header.Add("content-type", "application/json")
	r.Body = exchange.NewBody([]byte(`{"a":1}`))
	return r
}

func follow(t *testing.T, r *exchange.Request, o send.Options) *exchange.Exchange {
	t.Helper()
	ex, err := send.Follow(context.Background(), r, o, send.DefaultMaxRedirects, nil)
	if err != nil {
		t.Fatalf("Follow: %v", err)
	}
	return ex
}

// The method after a redirect is the one that curl and browsers use, and what
// described the body goes with it.
func TestFollowRewritesTheMethod(t *testing.T) {
	const kept = `POST /end "{\"a\":1}" authorization x-account-id content-type`
	const turned = `GET /end "" authorization x-account-id`
	for status, want := range map[int]string{301: turned, 302: turned, 303: turned, 307: kept, 308: kept} {
		var s seen
		ex := follow(t, post(serve(t, &s, redirect(status, "/end"))+"/start"), options())
		if ex.Response.Status != 200 || len(s) != 2 || s[1] != want {
			t.Errorf("%d: the server saw %q, want %q at the end", status, s, want)
		}
		if len(ex.Earlier) != 1 || ex.Earlier[0].Reason != "redirect" || ex.Earlier[0].Response.Status != status {
			t.Errorf("%d: steps %+v", status, ex.Earlier)
		}
		if ex.Request.URL.Path != "/end" {
			t.Errorf("%d: the exchange's request is of %s", status, ex.Request.URL)
		}
	}
	for method, want := range map[string]string{"HEAD": "HEAD", "PUT": "GET", "DELETE": "GET"} {
		var s seen
		r := get(serve(t, &s, redirect(303, "/end")))
		r.Method = exchange.Method(method)
		follow(t, r, options())
		if got, _, _ := strings.Cut(s[1], " "); got != want {
			t.Errorf("303 of %s became %s, want %s", method, got, want)
		}
	}
}

// A redirect to another server, another port being one, takes no credentials
// along.
func TestFollowDropsCredentials(t *testing.T) {
	var s seen
	stranger := serve(t, &s, ok)
	var at seen
	home := serve(t, &at, redirect(302, stranger+"/end"))
	r := get(home)
	r.Header.Add("authorization", "Bearer abcdef0123456789")
	r.Header.Add("X-Api-Key", "imm-key-test-00")
	r.Header.Add("x-api-secret", "imm-secret-test-00")
	r.Header.Add("cookie", "sid=1")
	r.Header.Add("x-custom", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln")
	r.Header.Add("x-account-id", "abc")
	ex := follow(t, r, options())
	if want := (seen{`GET /end "" x-account-id`}); !slices.Equal(s, want) {
		t.Errorf("the other server saw %q, want %q", s, want)
	}
	want := "dropped authorization, x-api-key, x-api-secret, cookie, x-custom on the redirect to " + strings.TrimPrefix(stranger, "http://")
	if len(ex.Notes) != 1 || ex.Notes[0] != want {
		t.Errorf("notes %q, want %q", ex.Notes, want)
	}
	if _, held := r.Header.Get("authorization"); !held {
		t.Error("following changed the caller's request")
	}
}

// What stays on its server keeps its credentials, wherever the path leads.
func TestFollowKeepsCredentialsAtHome(t *testing.T) {
	for _, location := range []string{"/end", "end", "?x=1#f", "//HOST/end", "http://HOST/end"} {
		var s seen
		var url string
		url = serve(t, &s, func(w http.ResponseWriter, r *http.Request) {
			if len(s) == 2 {
				ok(w, r)
				return
			}
			w.Header().Set("Location", strings.ReplaceAll(location, "HOST", strings.TrimPrefix(url, "http://")))
			w.WriteHeader(307)
		})
		ex := follow(t, post(url+"/start"), options())
		if ex.Response.Status != 200 || len(s) != 2 || !strings.Contains(s[1], "authorization") {
			t.Errorf("Location %q: the server saw %q", location, s)
		}
	}
}

// Plain HTTP after HTTPS is a stranger even on the same name.
func TestFollowDropsCredentialsOnDowngrade(t *testing.T) {
	var s seen
	plain := serve(t, &s, ok)
	secure := httptest.NewTLSServer(redirect(302, plain+"/end"))
	t.Cleanup(secure.Close)
	o := options()
	o.CACert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	o.AllowHosts = []string{"127.0.0.1"}
	r := get(secure.URL)
	r.Header.Add("authorization", "Bearer abcdef0123456789")
	follow(t, r, o)
	if want := (seen{`GET /end ""`}); !slices.Equal(s, want) {
		t.Errorf("the plain server saw %q, want %q", s, want)
	}
}

// A body with a secret can't be dropped, so the redirect isn't followed.
func TestFollowKeepsSecretBodiesAtHome(t *testing.T) {
	var s seen
	stranger := serve(t, &s, ok)
	var at seen
	r := post(serve(t, &at, redirect(307, stranger+"/end")))
	r.Body = exchange.NewBody([]byte(`{"refreshToken":"abcdef0123456789abcdef"}`))
	ex := follow(t, r, options())
	if len(s) > 0 || ex.Response.Status != 307 || len(ex.Notes) != 1 || !strings.Contains(ex.Notes[0], "not followed: the body or URL contains a secret") {
		t.Errorf("the other server saw %q; notes %q", s, ex.Notes)
	}
	if strings.Contains(ex.Notes[0], "abcdef") {
		t.Errorf("the note tells the secret: %q", ex.Notes)
	}
}

func TestFollowEnds(t *testing.T) {
	tests := []struct {
		name, location, note string
		sent                 int
	}{
		{"after the limit", "/again", "not followed further: more than 10 redirects", 11},
		{"at what is no web address", "ftp://example.com/", "not followed: the location header isn't an http or https URL", 1},
		{"at what is no address", "http://[", "not followed: the location header isn't an http or https URL", 1},
		{"at a mail address", "mailto:a@example.com", "not followed: the location header isn't an http or https URL", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s seen
			ex := follow(t, get(serve(t, &s, redirect(302, tt.location))), options())
			if ex.Response.Status != 302 || len(s) != tt.sent || !slices.Equal(ex.Notes, []string{tt.note}) {
				t.Errorf("%d requests, notes %q; want %d, %q", len(s), ex.Notes, tt.sent, tt.note)
			}
		})
	}
	var s seen
	if ex := follow(t, get(serve(t, &s, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) })), options()); len(s) != 1 || len(ex.Notes) > 0 {
		t.Errorf("a redirect without Location: %d requests, notes %q", len(s), ex.Notes)
	}
}

// The caller may refuse a step, as it does for changes in the live environment.
func TestFollowAsksBeforeEachStep(t *testing.T) {
	var s seen
	asked := 0
	ex, err := send.Follow(context.Background(), post(serve(t, &s, redirect(307, "/end"))), options(), 10, func(r *exchange.Request) error {
		asked++
		return errors.New("no")
	})
	if err != nil || asked != 1 || len(s) != 1 || ex.Response.Status != 307 || !slices.Equal(ex.Notes, []string{"not followed: no"}) {
		t.Errorf("asked %d times, %d requests, %+v, %v", asked, len(s), ex, err)
	}
}

// The first request is guarded as any other.
func TestFollowGuardsTheFirstRequest(t *testing.T) {
	r := post("https://attacker.example/")
	_, err := send.Follow(context.Background(), r, options(), 10, nil)
	var guard *send.GuardError
	if !errors.As(err, &guard) {
		t.Errorf("Follow = %v, want a guard error", err)
	}
	if err := send.Guard(r, send.Options{AllowHosts: []string{"attacker.example"}}); err != nil {
		t.Errorf("Guard of an allowed host = %v", err)
	}
}
