package exchange_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
)

// A method shows itself, unless a capture has a secret in its place.
func TestMethodMasks(t *testing.T) {
	const secret = "imm-secret-test-fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	for _, m := range []exchange.Method{"GET", "get", "OPTIONS", "PROPFIND", "M-SEARCH", ""} {
		if m.String() != string(m) {
			t.Errorf("%q shows %q", string(m), m)
		}
	}
	for _, m := range []exchange.Method{secret, "GET-" + secret, "4111111111111111"} {
		asJSON, err := json.Marshal(map[string]any{"method": m})
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{m.String(), fmt.Sprint(m), fmt.Sprintf("%s %q %v", m, m, m), string(asJSON)} {
			if strings.Contains(shown, "fedcba98765432") || strings.Contains(shown, "11111111") {
				t.Errorf("%.12q… shows itself: %s", string(m), shown)
			}
		}
	}
}
