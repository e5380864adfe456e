package capture

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
)

// --trace-ascii writes a dot for a line break, and for a dot.
func TestUndot(t *testing.T) {
	for _, tt := range []struct{ shown, want string }{
		{`{.  "a": 1.5,.  "b": "x.y".}`, "{\n  \"a\": 1.5,\n  \"b\": \"x.y\"\n}"},
		{`{.."a": true.}`, "{\n\n\"a\": true\n}"},
		{`{'url': 'https://test.immersve.com/x', x: 1,.}`, "{'url': 'https://test.immersve.com/x', x: 1,\n}"},
		{`a.b`, `a.b`},
	} {
		if got := string(undot([]byte(tt.shown))); got != tt.want {
			t.Errorf("undot(%q) = %q, want %q", tt.shown, got, tt.want)
		}
	}
}

// A trace breaks values over lines, and http.client over what it sends, where another
// format would show their halves.
func TestWhatBreaksValuesIsReadAsNothingElse(t *testing.T) {
	trace := "== Info: Connected\n=> Send header, 42 bytes (0x2a)\n0000: GET /api/cards HTTP/1.1\n0019: Host: test.immersve.com\n<= Recv data, 30 bytes (0x1e)\n0000: {\"errorCode\":\"imm-secret-test-\n0020: fedcba98\"}\n"
	sent := "send: b'POST /api/cards HTTP/1.1\\r\\nHost: test.immersve.com\\r\\n\\r\\n'\nsend: b'{\"errorCode\":\"imm-secret-test-'\nsend: b'fedcba98\"}'\nreply: 'HTTP/1.1 403 Forbidden\\r\\n'\n"
	for _, text := range []string{trace, sent} {
		for _, kind := range []exchange.Kind{exchange.KindBody, exchange.KindCurlInclude, exchange.KindRawHTTP} {
			_, err := Each(strings.NewReader(text), "-", Options{Kind: kind}, func(*exchange.Exchange) bool {
				t.Errorf("%s finds an exchange in %.20q", kind, text)
				return true
			})
			if err == nil || !strings.Contains(err.Error(), "omit --kind") {
				t.Errorf("%s of %.20q: %v", kind, text, err)
			}
		}
	}
}

// Every kind is named once.
func TestKindsAreDistinct(t *testing.T) {
	seen := map[exchange.Kind]bool{}
	for _, k := range Kinds() {
		if seen[k] {
			t.Errorf("%s is named twice", k)
		}
		seen[k] = true
	}
}
