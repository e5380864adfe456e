package capture_test

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// Of very many steps the first and the latest are kept, and it is said.
func TestManySteps(t *testing.T) {
	step := "HTTP/1.1 302 Found\nLocation: /a\n\n"
	for name, text := range map[string]string{
		"include": strings.Repeat(step, 300) + "HTTP/1.1 307 Temporary Redirect\nLocation: /b\n\nHTTP/1.1 403 Forbidden\n\n{}",
		"raw":     "GET /api/cards HTTP/1.1\nHost: test.immersve.com\n\n" + strings.Repeat(step, 300) + "HTTP/1.1 307 Temporary Redirect\nLocation: /b\n\nHTTP/1.1 403 Forbidden\n\n{}",
	} {
		var got *exchange.Exchange
		if _, err := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool { got = ex; return true }); err != nil {
			t.Fatal(err)
		}
		if n := len(got.Earlier); got.Response.Status != 403 || n != 100 || got.Earlier[n-1].Response.Status != 307 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "more than 100 responses") {
			t.Errorf("%s: %d with %d steps, %q", name, got.Response.Status, n, got.Notes)
		}
	}
}

// What is beyond a bound is said, and no slip of the user's is claimed for it.
func TestBeyondBounds(t *testing.T) {
	for name, tt := range map[string]struct{ text, saw string }{
		"a long command":  {"curl https://test.immersve.com/api/cards -d '" + strings.Repeat("a", 3<<20) + "'", "longer than 2097152 bytes"},
		"many words":      {"curl https://test.immersve.com/api/cards" + strings.Repeat(" -d a", 60_000), "more than 100000 words"},
		"lines of .http":  {"### a\nPOST https://test.immersve.com/api/cards\n\n{\n" + strings.Repeat("\"a\":1,\n", 600_000) + "\"b\":1}", "after line 500000"},
		"a quote that is": {"curl https://test.immersve.com/api/cards -d 'a", "never closed"},
	} {
		_, err := capture.Each(strings.NewReader(tt.text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true })
		if err == nil || !strings.Contains(err.Error(), tt.saw) || tt.saw != "never closed" && strings.Contains(err.Error(), "never closed") {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}
