package scan

import (
	"encoding/json"
	"strings"
	"testing"
)

// The walk agrees with a JSON parser on where strings end, whatever is escaped
// and wherever it falls in words of eight bytes.
func TestStringEnd(t *testing.T) {
	pieces := []string{`a`, `\"`, `\\`, `\n`, `\\\"`, `bcdefgh`, `\u0022`, `{`, `]`}
	for n := range 9 * 9 * 9 * 9 {
		content := strings.Repeat("x", n%11)
		for k := n; k > 0; k /= 9 {
			content += pieces[k%9]
		}
		text := `"` + content + `",` + content
		var want json.RawMessage
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&want); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := stringEnd([]byte(text), 0); got != len(want) {
			t.Fatalf("stringEnd(%q) = %d, want %d", text, got, len(want))
		}
		if got := stringEnd([]byte(text[:len(want)-1]), 0); got != -1 {
			t.Fatalf("stringEnd(%q) = %d, want -1", text[:len(want)-1], got)
		}
	}
}

// The quick look never misses what the thorough one would find.
func TestPerhapsRedacted(t *testing.T) {
	for _, value := range []string{"[Redacted]", "REDACTED", "<filtered>", "Masked", "removed", "hidden", "[CENSORED]", "[secret]", "sanitized", "obfuscated", "***", "a***b", "xxxx", "XXXX", "…", "•••", "-", "...", "####", " "} {
		if !redacted(value) {
			t.Errorf("%q was put there by a logger", value)
		}
	}
	for _, value := range []string{"", "application/json", "Bearer abc", "close", "Thu, 26 Nov 2026 00:00:00 GMT", "text/html"} {
		if redacted(value) {
			t.Errorf("%q is a value", value)
		}
	}
}
