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
		const call = "immersve-doctor call list-cards"
		if got := troubleshoot.Fill(call, &d); got != call+tt.want {
			t.Errorf("%s: %q, want %q", tt.target, got, call+tt.want)
		}
	}
}
