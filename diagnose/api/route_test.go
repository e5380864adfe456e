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

// Every template matches itself, and Nearest finds it again after a slip.
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

// The paths that people write (the documentation's traps) lead to the right one.
func TestNearest(t *testing.T) {
	const id = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"
	tests := []struct{ method, path, want string }{
		{"GET", "/api/funding-sources/" + id, "get-funding-source"},
		{"POST", "/api/funding-source", "create-funding-source"},
		{"GET", "/api/funding-source/" + id + "/interactions", "list-funding-source-interactions"},
		{"GET", "/api/funding-channels/" + id, "get-funding-channel"},
		{"POST", "/api/funding-channel", "create-funding-channel"},
		{"POST", "/api/cards/" + id + "/cancel", "cancel-card"},
		{"POST", "/api/card", "create-card"},
		{"POST", "/cards", "create-card"},
		{"POST", "/api/v1/cards", "create-card"},
		{"POST", "/api/cards/", "create-card"},
		{"POST", "//api/cards", "create-card"},
		{"POST", "/api/auth/login-init", "initiate-login"},
		{"POST", "/api/auth/token", "exchange-auth-token"},
		{"POST", "/auth/login_complete", "complete-login"},
		{"GET", "/api/currency", "list-currencies"},
		{"GET", "/api/currencies/convert", "get-currency-conversion"},
		{"POST", "/api/spending-prerequisite", "get-spending-prerequisites"},
		{"POST", "/api/cards/" + id + "/card-token", "get-card-token"},
		{"GET", "/api/account/" + id, "get-account"},
		{"GET", "/api/accounts/" + id + "/card", "list-cards"},
		{"POST", "/api/webhook-listener", "create-webhook-listener"},
	}
	for _, tt := range tests {
		near := Nearest(tt.method, segments(tt.path))
		if len(near) == 0 || near[0].Route.ID != tt.want {
			t.Errorf("%s %s: nearest is %v, want %s", tt.method, tt.path, near, tt.want)
		}
	}
	if near := Nearest("GET", segments("/favicon.ico")); len(near) != 0 {
		t.Errorf("/favicon.ico is near %v", near)
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
