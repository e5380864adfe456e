package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fromPage is a request as a page of an origin sends it.
func (w *world) fromPage(method, path, origin string, fields ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := newRequest(w, method, "http://127.0.0.1:4010"+path, fields...)
	r.Host = "127.0.0.1:4010"
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	recorder := httptest.NewRecorder()
	w.s.ServeHTTP(recorder, r)
	return recorder
}

// TestPagesMayRead: loopback origins, and those that a client application allows.
func TestPagesMayRead(t *testing.T) {
	w := newWorld(t)
	w.do(call{
		op: "update-allowed-origins", as: w.admin(), path: []string{w.d.ClientApplicationID},
		body: `{"allowedOrigins":["https://wallet.example.com"]}`,
	}).ok()
	for origin, may := range map[string]bool{
		"http://localhost:3000": true, "http://localhost:5173": true, "https://127.0.0.1": true, "http://[::1]:8080": true,
		"http://app.localhost:3000": false, "http://127.0.0.300": false, "http://127.1": false, "http://localhost.": false, "http://0.0.0.0": false,
		"http://localhost@evil.example": false, "http://evil.example#localhost": false, "https://wallet.example.com": true, "https://wallet.example.com:444": false,
		"http://wallet.example.com": false, "https://evil.example": false, "http://localhost.evil.example": false,
		"http://evil.example/localhost": false, "null": false, "": false, "localhost": false, "http://127.0.0.1.evil.example": false,
	} {
		answer := w.fromPage("GET", "/api/currencies", origin, w.issuer()...)
		got := answer.Header().Get("Access-Control-Allow-Origin")
		if answer.Code != http.StatusOK || (got == origin && got != "") != may {
			t.Errorf("a page of %q: %d, allowed origin %q", origin, answer.Code, got)
		}
		if answer.Header().Get("Vary") != "Origin" {
			t.Errorf("a page of %q: Vary is %q", origin, answer.Header().Get("Vary"))
		}
		if answer.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Error("cookies are allowed")
		}
		ask := w.fromPage("OPTIONS", "/api/cards", origin, "Access-Control-Request-Method", "POST")
		if want := map[bool]int{true: 204, false: 404}[may]; ask.Code != want {
			t.Errorf("a page of %q: the preflight answers %d, want %d", origin, ask.Code, want)
		}
	}
}

// TestPreflight: what a browser is told before it sends.
func TestPreflight(t *testing.T) {
	w := newWorld(t)
	answer := w.fromPage("OPTIONS", "/api/accounts/x/contact-details", w.d.Origin,
		"Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,content-type",
		"Access-Control-Request-Private-Network", "true")
	h := answer.Header()
	if answer.Code != 204 || answer.Body.Len() != 0 || h.Get("Access-Control-Allow-Origin") != w.d.Origin {
		t.Errorf("%d %v", answer.Code, h)
	}
	if got := h.Get("Access-Control-Allow-Methods"); !strings.Contains(got, "PATCH") || !strings.Contains(got, "GET") || strings.Contains(got, "DELETE") {
		t.Errorf("methods: %s", got)
	}
	for _, field := range []string{"authorization", "content-type", "x-account-id", "x-api-key", "x-immersve-simulate"} {
		if !strings.Contains(h.Get("Access-Control-Allow-Headers"), field) {
			t.Errorf("%s is not allowed", field)
		}
	}
	if h.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Error("a page of the public network may not ask")
	}
	if got := w.fromPage("OPTIONS", "/api/card", w.d.Origin, "Access-Control-Request-Method", "GET").Code; got != 404 {
		t.Errorf("the preflight of an unknown path answers %d", got)
	}
	if got := w.fromPage("OPTIONS", "/api/cards", w.d.Origin).Code; got != 404 {
		t.Errorf("an OPTIONS that is no preflight answers %d", got)
	}
	limited := w.fromPage("GET", "/api/currencies", w.d.Origin, demandField, "429")
	if !strings.Contains(limited.Header().Get("Access-Control-Expose-Headers"), "Retry-After") || limited.Header().Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a page cannot read Retry-After: %v", limited.Header())
	}
}
