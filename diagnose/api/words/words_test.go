package words

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	tests := map[string][]string{
		"fundingSources":  {"funding", "sources"},
		"funding_sources": {"funding", "sources"},
		"set-pin":         {"set", "pin"},
		"3ds-challenges":  {"3ds", "challenges"},
		"PIN":             {"pin"},
		"":                nil,
		"--":              nil,
	}
	for s, want := range tests {
		if got := Split(s); !slices.Equal(got, want) {
			t.Errorf("Split(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestSimilar(t *testing.T) {
	tests := []struct {
		a, b    string
		similar bool
	}{
		{"authorize", "authorizations", true},
		{"authorise", "authorize", true},
		{"currency", "currencies", true},
		{"deposit", "deposits", true},
		{"withdraw", "withdrawal", true},
		{"reissue", "reissuance", true},
		{"card", "cards", true},
		{"card", "cart", true},
		{"pan", "pin", false},
		{"freeze", "unfreeze", false},
		{"lock", "block", true}, // a typo, unless both are words of the API
		{"account", "amount", false},
		{"clear", "cancel", false},
	}
	for _, tt := range tests {
		if got := Similar(Stem(tt.a), Stem(tt.b)); got > 0 != tt.similar {
			t.Errorf("%s and %s: %v, want similar %v", tt.a, tt.b, got, tt.similar)
		}
	}
}
