package preflight

import (
	"strings"
	"testing"
)

// A secret that the limit cuts through is masked whole, or its first half would show.
func TestClipMasksBeforeItCuts(t *testing.T) {
	const secret = "https://app:hunter2-and-more@example.com"
	for before := range 60 {
		if got := clipTo(strings.Repeat("x", before)+" "+secret, 60); strings.Contains(got, "hunter2") || len([]rune(got)) > 60 {
			t.Errorf("%d letters before it: %s", before, got)
		}
	}
}
