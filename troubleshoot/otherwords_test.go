package troubleshoot_test

import (
	"errors"
	"slices"
	"testing"

	"immersve-doctor/troubleshoot"
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
		"rate limit":        "rate-limited",
		"Failed to fetch":   "no-response",
		"CORS":              "no-response",
		"x-account-id":      "target-account-missing",
		"invalid JSON":      "body-invalid-json",
		"minor units":       "amount-not-minor-units",
		"Unexpected token < in JSON at position 0": "response-not-json",
		"forbidden": "FORBIDDEN",
		"401":       "401",
	} {
		if r, err := troubleshoot.Resolve([]string{asked}); err != nil || r.ID != want {
			t.Errorf("%s: %s, %v; want %s", asked, r.ID, err, want)
		}
	}
}

// No word leads to two pages.
func TestOtherWordsAreUnique(t *testing.T) {
	owner := map[string]string{}
	for _, id := range troubleshoot.List("findings") {
		page, err := troubleshoot.Finding(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page.Also {
			if owner[w] != "" {
				t.Errorf("%q belongs to %s and to %s", w, owner[w], id)
			}
			owner[w] = id
		}
	}
	if len(owner) < 40 {
		t.Errorf("%d words", len(owner))
	}
}

// A word that names nothing leads to the pages that speak of it.
func TestMentions(t *testing.T) {
	for word, want := range map[string]string{"fundingSourceId": "create-card", "kycType": "get-spending-prerequisites", "pin": "set-card-pin"} {
		if got := troubleshoot.Mentions(word); !slices.Contains(got, want) {
			t.Errorf("%s: %v lacks %s", word, got, want)
		}
	}
	if got := troubleshoot.Mentions("xyzzy"); got != nil {
		t.Errorf("xyzzy: %v", got)
	}
}

// Of what is called nearly so, the names that have the word come first, the shorter
// before the longer; a number is near to numbers only.
func TestNear(t *testing.T) {
	for asked, want := range map[string][]string{
		"cards":      {"get-card", "list-cards", "cancel-card"},
		"pin":        {"set-card-pin", "INVALID_PIN_FORMAT", "CARD_SET_PIN_FORBIDDEN"},
		"creat-card": {"create-card", "get-card"},
		"3DS":        {"submit-3ds-challenge-outcome"},
		"430":        {"400", "410", "431"},
		"3":          nil,
		"zz":         nil,
	} {
		_, err := troubleshoot.Resolve([]string{asked})
		var unknown *troubleshoot.UnknownError
		if !errors.As(err, &unknown) || !slices.Equal(unknown.Near, want) {
			t.Errorf("%s: %v; want %v", asked, err, want)
		}
	}
}
