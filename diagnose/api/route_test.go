package api

import (
	"strings"
	"testing"
)

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

func TestMatchRoute(t *testing.T) {
	tests := []struct{ method, path, want string }{
		{"POST", "/api/cards", "create-card"},
		{"GET", "/api/cards/secure", "get-secure-card-details"},
		{"GET", "/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "get-card"},
		{"GET", "/api/accounts//cards", "list-cards"},
		{"POST", "/auth/token", "exchange-auth-token"},
		{"POST", "/api/cards/", ""},
		{"POST", "/api/auth/token", ""},
		{"DELETE", "/api/cards/x", ""},
	}
	for _, tt := range tests {
		if got := MatchRoute(tt.method, segments(tt.path)).Route.ID; got != tt.want {
			t.Errorf("%s %s is %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
	if got := MatchRoute("GET", segments("/api/cards")).Methods; len(got) != 1 || got[0] != "POST" {
		t.Errorf("/api/cards offers %v, want POST", got)
	}
}

// Every template matches itself.
func TestEveryRouteIsFound(t *testing.T) {
	for _, r := range Routes() {
		path := strings.NewReplacer("{", "", "}", "").Replace(r.Path)
		if got := MatchRoute(r.Method, segments(path)); got.Route.ID != r.ID {
			t.Errorf("%s %s is %q, want %q", r.Method, path, got.Route.ID, r.ID)
		}
		op, err := Lookup(r.ID)
		if err != nil || op.Path != r.Path || op.Method != r.Method {
			t.Errorf("Lookup(%q) = %v, %v", r.ID, op, err)
		}
	}
}

// A path that isn't documented leads to the endpoint that it means. The routes in
// diagnose/check/testdata are the measure; here is what they don't show.
func TestSuggest(t *testing.T) {
	const id = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"
	tests := []struct {
		name  string
		sent  Sent
		want  string // the operation
		clear bool
		path  string
	}{
		{"a list is under its account", Sent{Method: "GET", Segments: segments("/api/cards"), Account: id}, "list-cards", true, "/api/accounts/" + id + "/cards"},
		{"the account isn't known", Sent{Method: "GET", Segments: segments("/api/cards")}, "list-cards", true, "/api/accounts/{accountId}/cards"},
		{"a card's ID is no account's", Sent{Method: "GET", Segments: segments("/api/cards/" + id + "/transactions")}, "list-transactions", false, "/api/accounts/{accountId}/transactions"},
		{"fields tell", Sent{Method: "POST", Segments: segments("/auth/login"), Body: Present, Fields: []string{"loginRequestId", "signature"}}, "complete-login", true, "/auth/login-complete"},
		{"other fields tell", Sent{Method: "POST", Segments: segments("/auth/login"), Body: Present, Fields: []string{"clientApplicationId", "network"}}, "initiate-login", true, "/auth/login-init"},
		{"a read isn't turned into a write", Sent{Method: "GET", Segments: segments("/auth/logout")}, "logout", false, "/auth/logout"},
		{"nested IDs", Sent{Method: "GET", Segments: segments("/api/accounts/1111111111111111/cards/" + id)}, "get-card", true, "/api/cards/" + id},
	}
	for _, tt := range tests {
		s := Suggest(tt.sent)
		if len(s.Near) == 0 || s.Near[0].Route.ID != tt.want || s.Near[0].Path != tt.path || tt.clear && !s.Clear {
			t.Errorf("%s: %+v", tt.name, s)
		}
		if len(s.Near) > 0 && strings.Contains(s.Near[0].Path, "{") == s.Near[0].Filled {
			t.Errorf("%s: filled is %v for %s", tt.name, s.Near[0].Filled, s.Near[0].Path)
		}
		if tt.name == "a read isn't turned into a write" && s.Clear {
			t.Errorf("%s: clear", tt.name)
		}
	}
	for _, path := range []string{"/favicon.ico", "/", "/.env", "/" + strings.Repeat("a/", 40), "/api/" + strings.Repeat("x", 5000)} {
		if s := Suggest(Sent{Method: "GET", Segments: segments(path)}); len(s.Near) != 0 || s.Clear {
			t.Errorf("%.40s is near %v", path, s.Near)
		}
	}
	if s := Suggest(Sent{Method: "GET", Segments: segments("/api/card-programs")}); s.Absent != "card programs" || s.Clear {
		t.Errorf("card programs: %+v", s)
	}
}

func TestFindHost(t *testing.T) {
	tests := []struct {
		name        string
		role        HostRole
		environment Environment
	}{
		{"TEST.immersve.com", HostAPI, EnvironmentTest},
		{"api-sec.immersve.com", HostSecure, EnvironmentLive},
		{"127.0.0.1", HostLoopback, EnvironmentLocal},
		{"[::1]", HostLoopback, EnvironmentLocal},
		{"localhost", HostLoopback, EnvironmentLocal},
		{"127.0.0.1.evil.example", HostUnknown, EnvironmentUnknown},
		{"127.evil", HostUnknown, EnvironmentUnknown},
		{"immersve.com.evil.example", HostUnknown, EnvironmentUnknown},
	}
	for _, tt := range tests {
		if got := FindHost(tt.name); got.Role != tt.role || got.Environment != tt.environment {
			t.Errorf("FindHost(%q) = %+v", tt.name, got)
		}
	}
}

// Only what every program reads as this machine is this machine.
func TestLoopback(t *testing.T) {
	for host, want := range map[string]struct{ loopback, local bool }{
		"localhost": {true, true}, "LocalHost": {true, true}, "127.0.0.1": {true, true}, "127.255.0.9": {true, true}, "::1": {true, true}, "[::1]": {true, true},
		"::ffff:127.0.0.1": {true, true}, "app.localhost": {true, false}, "APP.LOCALHOST": {true, false},
		"": {}, "localhost.": {}, "app.localhost.": {}, "127.0.0.300": {}, "127.0.0.1.": {}, "127.0.0.1.evil.example": {}, "127.1": {}, "127.0.0.01": {},
		"127.0.0.1:80": {}, "0.0.0.0": {}, "::": {}, "::2": {}, "::ffff:10.0.0.1": {}, "2130706433": {}, "0x7f.0.0.1": {}, "0177.0.0.1": {}, "127": {}, "127.": {},
		"localhost.evil.example": {}, "evillocalhost": {}, "ⓛocalhost": {}, "１２７.0.0.1": {},
	} {
		if IsLoopback(host) != want.loopback || IsLocalhost(host) != want.local {
			t.Errorf("%q: loopback %v, localhost %v, want %v", host, IsLoopback(host), IsLocalhost(host), want)
		}
	}
}

// What is used up is a property of the operation, whatever the spelling of its path.
func TestConsumes(t *testing.T) {
	for path, want := range map[string]bool{
		"/api/cards/secure": true, "/api/cards/secure/": true, "//api//cards/secure": true, "/API/Cards/SECURE": true,
		"/api/x/../cards/./secure": true, "/api/cards/0123": false, "/api/cards": false, "/": false, "": false, "/api/cards/secure/x": false,
	} {
		if got := Consumes(segments(path)); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
