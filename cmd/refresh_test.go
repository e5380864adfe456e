package cmd

import (
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// Captured credentials are replaced by kind: the same where there is one, the
// other where only that is there, none where the operation takes none.
func TestRefresh(t *testing.T) {
	token := credentials{token: "new.token.x"}
	key := credentials{key: "imm-key-new", secret: "imm-secret-new"}
	both := credentials{token: "new.token.x", key: "imm-key-new", secret: "imm-secret-new"}
	const (
		list, logout, login = "list-currencies", "logout", "initiate-login"
		oldToken, oldKey    = "authorization: Bearer old", "x-api-key: imm-key-old; x-api-secret: imm-secret-old"
		maskedToken         = "authorization: Bearer eyJ…abc"
		maskedKey           = "x-api-key: imm-key-old; x-api-secret: …cdef"
		newToken, newKey    = "authorization: Bearer new.token.x", "x-api-key: imm-key-new; x-api-secret: imm-secret-new"
	)
	tests := []struct {
		name      string
		operation string // "" for a route that is not documented
		held      string
		fresh     credentials
		want      string
		did       string
	}{
		{"token for token", list, oldToken, token, newToken, "fresh authorization instead of the recorded values"},
		{"token for token, though there is a key", list, maskedToken, both, newToken, "fresh authorization instead of the recorded values (masked)"},
		{"key for key", list, maskedKey, both, newKey, "fresh x-api-key, x-api-secret instead of the recorded values (masked)"},
		{"key for token, when only that is there", list, oldToken, key, newKey, "fresh API key instead of the recorded authorization"},
		{"token for key, when only that is there", list, maskedKey, token, newToken, "fresh access token instead of the recorded API key (masked)"},
		{"both for both", list, oldToken + "; " + oldKey, both, newToken + "; " + newKey, "fresh authorization, x-api-key, x-api-secret instead of the recorded values"},
		{"of two, what can be renewed", list, oldToken + "; " + maskedKey, token, newToken, "fresh authorization instead of the recorded values (masked)"},
		{"of two, the masked one goes", list, maskedToken + "; " + oldKey, key, newKey, "fresh x-api-key, x-api-secret instead of the recorded values (masked)"},
		{"of two, the other may stay", list, oldToken + "; " + oldKey, key, oldToken + "; " + newKey, "fresh x-api-key, x-api-secret instead of the recorded values"},
		{"half a pair", list, oldKey, credentials{secret: "imm-secret-new"}, "x-api-key: imm-key-old; x-api-secret: imm-secret-new", "fresh x-api-secret instead of the recorded values"},
		{"nothing fresh", list, maskedKey, credentials{}, maskedKey, ""},
		{"a browser left them out", list, "", key, newKey, "fresh API key (added, because the input has none)"},
		{"the operation takes a token only", logout, oldToken, both, newToken, "fresh authorization instead of the recorded values"},
		{"and no key", logout, oldToken, key, oldToken, ""},
		{"the operation takes none", login, "", both, "", ""},
		{"an unknown route without credentials", "", "", both, "", ""},
		{"an unknown route with credentials", "", oldKey, key, newKey, "fresh x-api-key, x-api-secret instead of the recorded values"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &exchange.Request{HeaderCaptured: true, Header: headerOf(tt.held)}
			did := tt.fresh.refresh(r, operationOf(t, tt.operation), "fresh")
			if got := revealed(r.Header); got != tt.want {
				t.Errorf("sends %q, want %q", got, tt.want)
			}
			if got := strings.Join(did, "; "); got != tt.did {
				t.Errorf("says %q, want %q", got, tt.did)
			}
		})
	}
}

func headerOf(text string) exchange.Header {
	var h exchange.Header
	for line := range strings.SplitSeq(text, "; ") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

func revealed(h exchange.Header) string {
	var lines []string
	for _, f := range h {
		lines = append(lines, f.Name+": "+f.Value.Reveal())
	}
	return strings.Join(lines, "; ")
}

func operationOf(t *testing.T, id string) *api.Operation {
	if id == "" {
		return nil
	}
	op, err := api.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func TestDropUnsendable(t *testing.T) {
	r := &exchange.Request{Header: headerOf(":authority: test.immersve.com; cookie: sid=…; if-none-match: x; x-trace: eyJ…abc; x-note: to be continued…; authorization: Bearer eyJ…abc")}
	did := dropUnsendable(r)
	if got, want := revealed(r.Header), "x-note: to be continued…; authorization: Bearer eyJ…abc"; got != want {
		t.Errorf("keeps %q, want %q", got, want)
	}
	if want := []string{"cookie omitted (masked)", "x-trace omitted (masked)"}; !slices.Equal(did, want) {
		t.Errorf("says %q, want %q", did, want)
	}
}

// What is masked by whatever tool, is not sent.
func TestStillMasked(t *testing.T) {
	for _, value := range []string{"Bearer eyJ…abc", "Bearer eyJ...abc", "Bearer ***", "Bearer [REDACTED]"} {
		r := &exchange.Request{Method: "GET", Header: headerOf("authorization: " + value)}
		if stillMasked(r) == nil {
			t.Errorf("%q would be sent", value)
		}
	}
	for _, r := range []*exchange.Request{
		{URL: exchange.ParseURL("https://test-sec.immersve.com/api/cards/secure?tokenId=1E2…153")},
		{Body: exchange.NewBody([]byte(`{"pin":"…"}`))},
	} {
		if stillMasked(r) == nil {
			t.Errorf("%s would be sent", r.URL)
		}
	}
	sound := &exchange.Request{URL: exchange.ParseURL("https://test.immersve.com/api/x?q=…"), Header: headerOf("authorization: Bearer a.b.c"), Body: exchange.NewBody([]byte(`{"name":"…"}`))}
	if err := stillMasked(sound); err != nil {
		t.Errorf("refused: %v", err)
	}
}
