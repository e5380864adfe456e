package capture

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
)

// A secret that the limit cuts through is masked whole: eleven words of a mnemonic
// are no mnemonic, and half a token is a word.
func TestShortenMasksBeforeItCuts(t *testing.T) {
	for _, secret := range []string{
		"accuse ability absorb action abstract absent account acid across abuse acquire access",
		"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.TpYu_juAzBAZL_T8BPoEP_lRXbelgVkv",
		"password=hunter2-and-so-on",
	} {
		for before := range 80 {
			got := exchange.MaskText(shorten(strings.Repeat("X", before)+" "+secret, 80)) // as an output does
			for _, part := range []string{"ability absorb", "eyJzdWIi", "hunter2"} {
				if strings.Contains(got, part) {
					t.Errorf("%d letters before it: %s", before, got)
				}
			}
		}
	}
}
