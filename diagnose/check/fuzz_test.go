package check

import (
	"testing"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// Tokens come from anywhere: whatever they hold, reading them ends, and what has
// no slip has a header and claims.
func FuzzParseToken(f *testing.F) {
	for _, seed := range []string{
		"", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTU0Mjk4NjV9.c2ln", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOiIxIn0.c2ln",
		"eyJhbGciOiJSUzI1NiJ9.eyJleHAiOi0xLjVlMzB9.c2ln", "..", "e30.e30.", "e30.W10.x", "e30.bnVsbA.x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		parsed, slip := parseToken(raw)
		if slip == "" && (!parsed.header.IsObject() || !parsed.claims.IsObject()) {
			t.Errorf("%q has no slip, but no header or claims either", raw)
		}
		for _, claim := range []string{"exp", "nbf", "iat"} {
			if moment, ok := parsed.moment(claim); ok && (moment.Year() < 1 || moment.Year() > 9999) {
				t.Errorf("%q: %s is in the year %d", raw, claim, moment.Year())
			}
		}
	})
}

func FuzzReadErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"statusCode":400,"errorCode":"X","errors":[{"path":"items[1].a","message":"m"}]}`, `{"errors":{"a":1}}`,
		`{"errorMap":[{"a":"b"}]}`, `{"errorMap":{"a":"b"},"success":false}`, `[`, `{"errorCode":[]}`, `{"statusCode":1e999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		body := ReadErrorBody(&exchange.Response{Status: 400, Body: exchange.NewBody(text)})
		if len(body.Errors) > 2*maxFieldErrors {
			t.Errorf("%d errors kept", len(body.Errors))
		}
		for _, e := range body.Errors {
			if p := e.Pointer(); p != "" && p[0] != '/' {
				t.Errorf("%q gives the pointer %q", e.Path, p)
			}
		}
	})
}

func TestFieldErrorPointer(t *testing.T) {
	for path, want := range map[string]string{
		"": "", "name": "/name", "items[1].attributes.invalidField": "/items/1/attributes/invalidField",
		"a/b.c~d": "/a~1b/c~0d", "[0].x": "/0/x",
	} {
		if got := (FieldError{Path: path}).Pointer(); got != want {
			t.Errorf("%q gives %q, want %q", path, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 90 * time.Second: "90 seconds", 13*time.Minute + 7*time.Second: "13 minutes",
		3 * time.Hour: "3 hours", 50 * time.Hour: "2 days",
	} {
		if got := ago(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
