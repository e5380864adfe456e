package troubleshoot

import (
	"slices"
	"strings"
	"testing"
)

// Words that integrators use lead to the page that they mean, or to a list that has
// it near its top.
func TestWords(t *testing.T) {
	const near = 5
	rows := columns(t, "testdata/words.txt")
	if len(rows) < 150 {
		t.Errorf("only %d words", len(rows))
	}
	for _, row := range rows {
		r, err := Resolve([]string{row[0]})
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		ids := []string{r.ID}
		if r.Kind == KindList {
			ids = nil
			for _, h := range r.List[:min(near, len(r.List))] {
				ids = append(ids, h.ID)
			}
		}
		for want := range strings.FieldsSeq(row[1]) {
			if !slices.Contains(ids, want) {
				t.Errorf("%s: %q lacks %s", row[0], ids, want)
			}
		}
	}
}

// A list has at most eight entries, each a page that can be asked for by its ID.
func TestListedPagesExist(t *testing.T) {
	for _, words := range []string{"card limit", "allowed origins", "pending withdrawals"} {
		r, err := Resolve([]string{words})
		if err != nil || r.Kind != KindList || len(r.List) > maxHits {
			t.Errorf("%s: %s with %d entries, %v", words, r.Kind, len(r.List), err)
			continue
		}
		for _, h := range r.List {
			if page, err := Find(h.ID); err != nil || page.ID != h.ID {
				t.Errorf("%s lists %s: %s, %v", words, h.ID, page.ID, err)
			}
		}
	}
}
