package troubleshoot_test

import (
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// A call that is advised goes where the exchange went.
func TestFillGoesToTheSameEnvironment(t *testing.T) {
	tests := []struct {
		environment api.Environment
		target      string
		local       string
		want        string
	}{
		{api.EnvironmentTest, "https://test.immersve.com/api/cards", "", ""},
		{api.EnvironmentLive, "https://api.immersve.com/api/cards", "", " --env live"},
		{api.EnvironmentLocal, "http://127.0.0.1:4010/api/cards", "", " --env http://127.0.0.1:4010"},
		{api.EnvironmentLocal, "http://localhost/api/cards", "", " --env http://localhost"},
		{api.EnvironmentLocal, "http://127.0.0.1:33333/api/cards", "--env local --scenario kyc-pending", " --env local --scenario kyc-pending"},
	}
	for _, tt := range tests {
		ex := &exchange.Exchange{Request: &exchange.Request{Method: "GET", URL: exchange.ParseURL(tt.target)}}
		ex.Source.Local = tt.local
		d := diagnose.Diagnosis{Exchange: ex, Environment: tt.environment}
		for _, command := range []string{"immersve-doctor call list-cards", "immersve-doctor check"} {
			if got := troubleshoot.Fill(command, &d); got != command+tt.want {
				t.Errorf("%s: %q, want %q", tt.target, got, command+tt.want)
			}
		}
	}
}

// What another program is to fetch lies where the exchange went, port and all.
func TestFillOrigin(t *testing.T) {
	for target, want := range map[string]string{
		"https://test.immersve.com/api/cards":   "curl -v https://test.immersve.com/",
		"http://127.0.0.1:4010/api/cards":       "curl -v http://127.0.0.1:4010/",
		"http://[::1]:4010/api/cards":           "", // a shell takes the brackets for a pattern
		"/api/cards":                            "",
		"https://test.immersve.com;id/api":      "",
		"https://joe:secret@test.immersve.com/": "curl -v https://test.immersve.com/",
	} {
		d := diagnose.Diagnosis{Exchange: &exchange.Exchange{Request: &exchange.Request{Method: "GET", URL: exchange.ParseURL(target)}}}
		if got := troubleshoot.Fill("curl -v {origin}/", &d); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}
