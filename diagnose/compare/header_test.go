package compare

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFieldsByMeaning(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"content-type", "application/json", "Application/JSON; charset=UTF-8", true},
		{"content-type", "application/json; charset=utf-8", "application/json;charset=\"utf-8\"", true},
		{"content-type", "application/json", "application/json; charset=iso-8859-1", false},
		{"content-type", "application/json", "application/x-www-form-urlencoded", false},
		{"content-type", "multipart/form-data; boundary=a", "multipart/form-data; boundary=b", true},
		{"content-type", "", "application/json", false},
		{"accept", "*/*", "application/json, text/plain;q=0.5", true},
		{"accept", "", "application/json", true},
		{"accept", "text/html", "application/json", false},
		{"content-encoding", "gzip", "GZIP", true},
		{"content-encoding", "identity", "", true},
		{"content-encoding", "gzip", "", false},
		{"x-account-id", "a", "b", false},
		{"x-account-id", "", "", false}, // an empty field is not the same as none
	} {
		if got := sameMeaning(tt.name, tt.a, tt.b); got != tt.same || sameMeaning(tt.name, tt.b, tt.a) != tt.same {
			t.Errorf("%s: %q and %q: same is %v, want %v", tt.name, tt.a, tt.b, got, tt.same)
		}
	}
}

func TestFieldsThatMatter(t *testing.T) {
	for name, want := range map[string]bool{
		"date": false, "content-length": false, "user-agent": false, "connection": false, "traceparent": false, "cf-ray": false,
		"x-amzn-trace-id": false, "accept-encoding": false, ":authority": false, "sec-fetch-mode": false, "host": false,
		"x-account-id": true, "content-type": true, "origin": true, "x-api-version": true, "authorization": true, "idempotency-key": true,
	} {
		if got := matters(name); got != want {
			t.Errorf("%s: matters is %v, want %v", name, got, want)
		}
	}
}

// A masked copy may be of the secret or not; known says whether that shows.
func TestSecretsAndMasks(t *testing.T) {
	for _, tt := range []struct {
		a, b        string
		same, known bool
	}{
		{"eyJabcQ4w", "eyJabcQ4w", true, true},
		{"eyJabcQ4w", "eyJabdQ4w", false, true},
		{"eyJ…Q4w", "eyJabcQ4w", false, false},
		{"eyJ…Q4w", "eyJabcXXX", false, true},
		{"eyJ…Q4w", "eyJ…Q4x", false, true},
		{"eyJ…Q4w", "ey…w", false, false},
		{"Bearer ***", "Bearer abc", false, false},
		{"[redacted]", "anything", false, false},
	} {
		for _, order := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if same, known := sameSecret(order[0], order[1]); same != tt.same || known != tt.known {
				t.Errorf("%q and %q: same %v known %v, want %v %v", order[0], order[1], same, known, tt.same, tt.known)
			}
		}
	}
}

func TestVariables(t *testing.T) {
	for text, want := range map[string]bool{
		"$TOKEN": true, "Bearer ${TOKEN}": true, "{{accountId}}": true, "$_x": true,
		"100$": false, "$5": false, "a{b}": false, "": false,
	} {
		if got := isVariable(text); got != want {
			t.Errorf("%q: variable is %v, want %v", text, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, n := range []int{0, 1, 59, 60, 61, 62, 500} {
		got := clip(strings.Repeat("é", n))
		if utf8.RuneCountInString(got) > maxText || n <= maxText && got != strings.Repeat("é", n) {
			t.Errorf("%d characters become %d", n, utf8.RuneCountInString(got))
		}
	}
}
