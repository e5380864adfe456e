package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
)

// Web applications on other origins read answers only where the Fetch standard's
// CORS protocol lets them. The API's documentation says nothing of it; here an
// origin may that is loopback, or that a client application allows. Others get
// their answer without leave to read it, as from a server that knows no CORS:
// which origin a login or a token exchange is refused for, the operation says.

// allowsOrigin reports whether a page of an origin may read answers.
func (s *Simulator) allowsOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if origin == "" || err != nil || u.Host == "" {
		return false
	}
	if api.IsLocalhost(u.Hostname()) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.applications.find(func(a *ClientApplication) bool { return slices.Contains(a.Origins, origin) }) != nil
}

// shareWith gives a page's origin leave to read the answer.
func (s *Simulator) shareWith(h http.Header, origin string) bool {
	h.Add("Vary", "Origin")
	if !s.allowsOrigin(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "Date, Retry-After, WWW-Authenticate")
	return true
}

// isPreflight recognises the request by which a browser asks before it sends
// what a form could not.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// answerPreflight allows what the path documents and the fields that the API
// takes. Credentials travel in fields of their own, so that none are allowed in
// cookies.
func answerPreflight(w http.ResponseWriter, r *http.Request, methods []string) int {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	h.Set("Access-Control-Allow-Headers", "authorization, content-type, x-account-id, x-api-key, x-api-secret, x-immersve-simulate")
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
	return http.StatusNoContent
}
