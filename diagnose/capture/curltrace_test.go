package capture

import "testing"

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
