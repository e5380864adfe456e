package preflight_test

import (
	"testing"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/preflight"
)

var now = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

func answer(status int, body string) *exchange.Exchange {
	r := &exchange.Response{Status: status, Proto: "HTTP/2.0", HeaderCaptured: true, Elapsed: 20 * time.Millisecond, Body: exchange.NewBody([]byte(body))}
	r.Header.Add("date", "Mon, 23 Nov 2026 10:44:12 GMT")
	return &exchange.Exchange{Response: r, Started: now}
}

func TestSettings(t *testing.T) {
	tests := []struct {
		name, setting, value string
		environment          api.Environment
		want                 preflight.State
	}{
		{"a sound key", "api-key", "imm-key-test-0f", api.EnvironmentTest, preflight.OK},
		{"a test key for live", "api-key", "imm-key-test-0f", api.EnvironmentLive, preflight.Problem},
		{"a live key for test rests on one sample", "api-key", "imm-key-prod-LIVE-0f", api.EnvironmentTest, preflight.Warning},
		{"quotes", "api-key", `"imm-key-test-0f"`, api.EnvironmentTest, preflight.Problem},
		{"a line break", "access-token", "eyJ\n", api.EnvironmentTest, preflight.Problem},
		{"never expanded", "api-secret", "$SECRET", api.EnvironmentTest, preflight.Problem},
		{"swapped", "api-key", "imm-secret-test-0f", api.EnvironmentTest, preflight.Problem},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			items := preflight.Configuration(tt.environment, []preflight.Setting{{Name: tt.setting, Value: exchange.NewValue("x-"+tt.setting, tt.value), Source: "environment"}})
			if items[0].State != tt.want {
				t.Errorf("%+v, want %s", items[0], tt.want)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	ok, no, forbidden := answer(200, "[]"), answer(401, "{}"), answer(403, "{}")
	for _, tt := range []struct {
		name          string
		with, without *exchange.Exchange
		want          preflight.State
	}{
		{"refused only without them", ok, no, preflight.OK},
		{"accepted either way proves nothing", ok, ok, preflight.Unknown},
		{"refused", no, no, preflight.Problem},
		{"forbidden at the root", forbidden, no, preflight.Problem},
		{"no answer", nil, nil, preflight.Unknown},
		{"a fault on the other side", answer(500, ""), no, preflight.Unknown},
	} {
		if got := preflight.Accepted(tt.with, tt.without); got.State != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAccount(t *testing.T) {
	for _, tt := range []struct {
		name string
		ex   *exchange.Exchange
		want preflight.State
	}{
		{"none set", nil, preflight.Unknown},
		{"not readable", answer(403, "{}"), preflight.Problem},
		{"readable", answer(200, `{"type":"partner","liveness":"test","isActive":true}`), preflight.OK},
		{"of the other environment", answer(200, `{"type":"partner","liveness":"live"}`), preflight.Problem},
		{"not active", answer(200, `{"type":"partner","liveness":"test","isActive":false}`), preflight.Warning},
		{"a page", answer(200, "<html>"), preflight.Unknown},
		{"limited", answer(429, "{}"), preflight.Unknown},
	} {
		if got := preflight.Account(tt.ex, api.EnvironmentTest)[0]; got.State != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestClockAndNetwork(t *testing.T) {
	late := answer(200, "[]")
	late.Started = now.Add(-10 * time.Minute)
	if got := preflight.Clock(late); got.State != preflight.Problem {
		t.Errorf("ten minutes apart: %+v", got)
	}
	if got := preflight.Clock(answer(200, "[]")); got.State != preflight.OK {
		t.Errorf("the same time: %+v", got)
	}
	sound := preflight.Connection{Host: "h", Addresses: []string{"a"}, Version: "TLS 1.3", Protocol: "h2", Chain: []preflight.Certificate{{Subject: "h", Issuer: "CA", NotBefore: now.AddDate(0, -3, 0), NotAfter: now.AddDate(0, 3, 0)}}}
	if got := preflight.Worst(preflight.Network(sound, now)); got != preflight.OK {
		t.Errorf("a sound connection is %s", got)
	}
	for name, change := range map[string]func(*preflight.Connection){
		"name":        func(c *preflight.Connection) { c.DNSError = "no such host" },
		"connection":  func(c *preflight.Connection) { c.DialError = "refused" },
		"certificate": func(c *preflight.Connection) { c.TLSError = "unknown authority" },
	} {
		broken := sound
		change(&broken)
		if got := preflight.Worst(preflight.Network(broken, now)); got != preflight.Problem {
			t.Errorf("a broken %s is %s", name, got)
		}
	}
	expiring := sound
	expiring.Chain = []preflight.Certificate{{NotAfter: now.AddDate(0, 0, 3)}}
	if got := preflight.Worst(preflight.Network(expiring, now)); got != preflight.Warning {
		t.Errorf("an expiring certificate is %s", got)
	}
}

func TestLists(t *testing.T) {
	for _, tt := range []struct {
		ex   *exchange.Exchange
		want preflight.State
	}{
		{answer(200, `{"items":[{}]}`), preflight.OK},
		{answer(200, `[{}]`), preflight.OK},
		{answer(200, `{"items":[]}`), preflight.Warning},
		{answer(403, `{}`), preflight.Unknown},
		{nil, preflight.Unknown},
	} {
		if got := preflight.Listed("x", "x", "key", tt.ex, preflight.Warning, "fix"); got.State != tt.want {
			t.Errorf("%+v, want %s", got, tt.want)
		}
	}
	if got := preflight.Faults(answer(200, `{"items":[{}]}`)); got.State != preflight.Warning {
		t.Errorf("a forgotten fault: %+v", got)
	}
}
