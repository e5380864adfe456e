package preflight_test

import (
	"encoding/base64"
	"fmt"
	"strings"
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
	behind := sound
	behind.Proxy, behind.Unfollowed, behind.Chain, behind.Version = "127.0.0.1:1080", "socks5", nil, ""
	items := preflight.Network(behind, now)
	if last := items[len(items)-1]; last.ID != "network.tls" || last.State != preflight.Unknown || preflight.Worst(items) != preflight.OK {
		t.Errorf("what is behind a proxy that is not followed is not known: %+v", items)
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

func TestTokens(t *testing.T) {
	jwt := func(claims string) exchange.Value {
		encode := base64.RawURLEncoding.EncodeToString
		return exchange.NewValue("authorization", encode([]byte(`{"alg":"RS256"}`))+"."+encode([]byte(claims))+"."+encode(make([]byte, 32)))
	}
	if items := preflight.Token(exchange.NewValue("authorization", ""), now); len(items) != 0 {
		t.Errorf("no token: %+v", items)
	}
	for _, tt := range []struct {
		token exchange.Value
		want  preflight.State
		says  string
	}{
		{jwt(fmt.Sprintf(`{"exp":%d}`, now.Add(20*time.Minute).Unix())), preflight.OK, "20 minutes left, until 2026-11-23 11:04:12 UTC"},
		{jwt(fmt.Sprintf(`{"exp":%d}`, now.Add(time.Minute).Unix())), preflight.Warning, "60 seconds left"},
		{jwt(fmt.Sprintf(`{"exp":%d}`, now.Unix())), preflight.Problem, "expired 0 seconds ago"},
		{jwt(fmt.Sprintf(`{"exp":%d}`, now.Add(-72*time.Hour).Unix())), preflight.Problem, "expired 3 days ago"},
		{jwt(`{}`), preflight.Warning, "exp claim can't be read"},
		{exchange.NewValue("authorization", "opaque"), preflight.Warning, "exp claim can't be read"},
	} {
		if got := preflight.Token(tt.token, now)[0]; got.State != tt.want || !strings.Contains(got.Detail, tt.says) {
			t.Errorf("%+v, want %s and %q", got, tt.want, tt.says)
		}
	}
}

func TestAccountItems(t *testing.T) {
	none := answer(200, `{"items":[]}`)
	fault := answer(200, `{"items":[{"faultTypeName":"payment-handle-http-error","value":"true"}]}`)
	partner, holder := answer(200, `{"type":"partner"}`), answer(200, `{"type":"cardholder"}`)
	limited := answer(429, "{}")
	limited.Response.Header.Add("retry-after", "30")
	for _, tt := range []struct {
		name string
		got  preflight.Item
		want preflight.State
		says string
	}{
		{"a listener with topics", preflight.Listeners(answer(200, `[{"status":"active","topicSubscriptions":["x"]}]`)), preflight.OK, "1"},
		{"a listener without", preflight.Listeners(answer(200, `[{"status":"active","topicSubscriptions":[]}]`)), preflight.Warning, "so they receive nothing"},
		{"a listener that is off", preflight.Listeners(answer(200, `[{"status":"inactive","topicSubscriptions":["x"]}]`)), preflight.Warning, "1 of them inactive"},
		{"no listener", preflight.Listeners(answer(200, `[]`)), preflight.Warning, "none"},
		{"no fault, here and above", preflight.Faults(none, none), preflight.OK, "none"},
		{"a fault of the partner above", preflight.Faults(none, fault), preflight.Warning, "payment-handle-http-error = true"},
		{"faults that may not be read", preflight.Faults(none, answer(403, "{}")), preflight.Unknown, "status 403"},
		{"the partner's own lists", preflight.Role(partner, none), preflight.OK, "account-admin"},
		{"not the partner's lists", preflight.Role(partner, answer(403, "{}")), preflight.Unknown, "card-issuer"},
		{"not the cardholder's lists", preflight.Role(holder, answer(403, "{}")), preflight.Warning, "which needs"},
		{"an account of no known type", preflight.Role(answer(500, ""), none), preflight.Unknown, "unknown"},
		{"the rate limit", preflight.Rate([]*exchange.Exchange{none, limited}), preflight.Warning, "Retry-After 30"},
		{"more pages", preflight.Listed("x", "x", "key", answer(200, `{"items":[{}],"pageInfo":{"nextCursor":"1"}}`), preflight.Warning, ""), preflight.OK, "at least 1"},
		{"no list", preflight.Listed("x", "x", "key", answer(200, `{"items":"many"}`), preflight.Warning, ""), preflight.Unknown, ""},
		{"a page for JSON", preflight.Reached(answer(200, "<html>")), preflight.Problem, "something else responded"},
		{"http to Immersve", preflight.Target(api.EnvironmentTest, "http://test.immersve.com", "--env"), preflight.Problem, "http://test.immersve.com"},
		{"a strange host", preflight.Target(api.EnvironmentUnknown, "https://a.example", "--env"), preflight.Warning, "not an Immersve host"},
		{"a file with faults", preflight.File("c.toml", "", true, false, "line 3"), preflight.Problem, "line 3"},
		{"a file that others read", preflight.File("c.toml", "a", true, true, ""), preflight.Warning, "other users"},
		{"no file", preflight.File("c.toml", "", false, false, ""), preflight.OK, "optional"},
		{"no folder", preflight.File("", "", false, false, ""), preflight.Unknown, ""},
	} {
		if tt.got.State != tt.want || !strings.Contains(tt.got.Detail, tt.says) {
			t.Errorf("%s: %+v, want %s and %q", tt.name, tt.got, tt.want, tt.says)
		}
	}
}

// What a server writes, however hostile, is judged without a panic, and no secret
// of it is shown.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{"", "{}", "[]", `{"items":[{}]}`, `{"type":"partner","liveness":"live"}`, `{"allowedOrigins":["https://a.example",1,null]}`, `{"items":[{"faultTypeName":"imm-secret-test-0123456789abcdef"}]}`, "<html>", `{"items":{"a":[]}}`} {
		f.Add(200, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		ex := answer(status, body)
		items := []preflight.Item{
			preflight.Reached(ex), preflight.Clock(ex), preflight.Accepted(ex, ex), preflight.Role(ex, ex), preflight.Listeners(ex),
			preflight.Listed("x", "x", "key", ex, preflight.Warning, ""), preflight.Faults(ex, ex), preflight.Origins(ex), preflight.Rate([]*exchange.Exchange{ex}),
		}
		for _, i := range append(items, preflight.Account(ex, api.EnvironmentTest)...) {
			if len(i.Detail) > 4000 {
				t.Errorf("%s: a detail of %d bytes", i.ID, len(i.Detail))
			}
		}
	})
}
