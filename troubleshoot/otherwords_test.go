package troubleshoot_test

import (
	"errors"
	"slices"
	"testing"

	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/page"
)

// People ask with the words that their client printed.
func TestOtherWords(t *testing.T) {
	for asked, want := range map[string]string{
		"curl 28":           "timeout",
		"curl: (28)":        "timeout",
		"28":                "timeout",
		"(7)":               "connection-refused",
		"curl (60)":         "tls-failure",
		"ECONNREFUSED":      "connection-refused",
		"ENOTFOUND":         "dns-failure",
		"socket hang up":    "connection-reset",
		"too many requests": "429",
		"bad gateway":       "502",
		"rate limit":        "rate-limits",
		"Failed to fetch":   "no-response",
		"CORS":              "no-response",
		"x-account-id":      "x-account-id",
		"invalid JSON":      "body-invalid-json",
		"minor units":       "money",
		"Unexpected token < in JSON at position 0": "response-not-json",
		"forbidden": "FORBIDDEN",
		"401":       "401",
	} {
		if r, err := troubleshoot.Resolve([]string{asked}); err != nil || r.ID != want {
			t.Errorf("%s: %s, %v; want %s", asked, r.ID, err, want)
		}
	}
}

// No words lead to two pages of one kind. A topic comes before a finding.
func TestOtherWordsAreUnique(t *testing.T) {
	for folder, also := range map[string]func(string) []string{
		"topics":   func(id string) []string { p, _ := troubleshoot.Topic(id); return p.Also },
		"findings": func(id string) []string { p, _ := troubleshoot.Finding(id); return p.Also },
		"statuses": func(id string) []string { p, _ := troubleshoot.Status(id); return p.Also },
		"values":   func(id string) []string { p, _ := troubleshoot.Value(id); return p.Also },
	} {
		owner := map[string]string{}
		for _, id := range troubleshoot.List(folder) {
			for _, w := range also(id) {
				if key := page.Bare(w); owner[key] != "" {
					t.Errorf("%s: %q belongs to %s and to %s", folder, w, owner[key], id)
				} else {
					owner[key] = id
				}
			}
		}
		if len(owner) == 0 {
			t.Errorf("%s have no other words", folder)
		}
	}
}

// A name with a typo leads to the similar names. A number is similar to numbers only.
func TestNear(t *testing.T) {
	for asked, want := range map[string][]string{
		"creat-card":   {"create-card"},
		"KYC_REQIRED":  {"KYC_REQUIRED"},
		"FORBIDEN":     {"FORBIDDEN"},
		"kyc-succeded": {"kyc-succeeded"},
		"430":          {"400", "410", "431"},
		"3":            nil,
		"zz":           nil,
	} {
		_, err := troubleshoot.Resolve([]string{asked})
		var unknown *troubleshoot.UnknownError
		if !errors.As(err, &unknown) || !slices.Equal(unknown.Near, want) {
			t.Errorf("%s: %v; want %v", asked, err, want)
		}
	}
}
