package diagnose

import (
	"slices"
	"testing"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/finding"
)

// Each item that a page names is in the checklist of a class, and each class that it
// names exists. Otherwise what the page says is lost.
func TestPagesNameClassesAndItems(t *testing.T) {
	var explained, decided []string
	for _, class := range check.Classes() {
		explained = append(explained, finding.Causes(string(class))...)
		for _, p := range checklist(class) {
			decided = append(decided, finding.Answering(p.item)...)
		}
	}
	classes, items := finding.Named()
	for _, class := range classes {
		if !slices.Contains(check.Classes(), check.Class(class)) {
			t.Errorf("a page explains class %q, which doesn't exist", class)
		}
	}
	for _, item := range items {
		if ids := finding.Answering(item); !slices.Contains(decided, ids[0]) {
			t.Errorf("the page of %s answers %q, which is in no checklist", ids[0], item)
		}
	}
	if len(explained) == 0 || len(decided) == 0 {
		t.Errorf("%d causes, %d answers", len(explained), len(decided))
	}
}

func TestCausesKeepTheOrderOfThePages(t *testing.T) {
	causes := finding.Causes(string(check.Unauthorized))
	missing, expired := slices.Index(causes, finding.CredentialsMissing), slices.Index(causes, finding.TokenExpired)
	if missing < 0 || expired < missing {
		t.Errorf("causes of a 401: %v", causes)
	}
	if got := finding.Causes("success"); got != nil {
		t.Errorf("causes of a success: %v", got)
	}
	if got := finding.FamilyOf("no-such-finding"); got != "" {
		t.Errorf("family of no finding: %q", got)
	}
}
