package diagnose_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// clock is the time at which the corpus is diagnosed.
var clock = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

func diagnoseFile(t *testing.T, name string) []diagnose.Diagnosis {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []diagnose.Diagnosis
	_, err = capture.Each(bytes.NewReader(text), name, capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.Diagnose(ex, clock))
		return true
	})
	if err != nil || len(list) != 1 {
		t.Errorf("%s: %d exchanges, %v", name, len(list), err)
	}
	return list
}

func corpus(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob("../testdata/corpus/" + folder + "/*.in")
	if err != nil || len(files) == 0 {
		t.Fatalf("corpus %s: %d files, %v", folder, len(files), err)
	}
	return files
}

// accusations are the findings of severity error.
func accusations(d *diagnose.Diagnosis) []string {
	var ids []string
	for _, f := range d.Findings {
		if f.Severity == check.Error {
			ids = append(ids, f.ID+" ("+f.Title+")")
		}
	}
	return ids
}

// A sound request is never accused: not when it succeeded, not when it was
// refused for reasons that it does not show, not before it is sent.
func TestSoundRequestsAreNotAccused(t *testing.T) {
	checked := 0
	var sound []string
	for _, folder := range []string{"valid", "forbidden", "not-sent"} {
		sound = append(sound, corpus(t, folder)...)
	}
	for _, name := range corpus(t, "faulty") {
		if strings.HasPrefix(filepath.Base(name), "none--") {
			sound = append(sound, name)
		}
	}
	for _, name := range sound {
		for _, d := range diagnoseFile(t, name) {
			checked++
			if ids := accusations(&d); len(ids) > 0 {
				t.Errorf("%s: accused of %v", filepath.Base(name), ids)
			}
			// What succeeded would have been sound before it was sent, too.
			alone := *d.Exchange
			alone.Response, alone.Failure = nil, nil
			if d.Class == check.Success && alone.Request != nil {
				alone.Started = clock
				before := diagnose.Diagnose(&alone, clock)
				if ids := accusations(&before); len(ids) > 0 {
					t.Errorf("%s: before it was sent accused of %v", filepath.Base(name), ids)
				}
			}
		}
	}
	t.Logf("%d sound exchanges, no accusation among them wanted", checked)
}

// knownWrong are the exchanges whose first finding isn't the cause that was put there.
var knownWrong = []string{}

func TestTheFirstFindingIsTheCause(t *testing.T) {
	type score struct{ right, all int }
	scores := map[string]*score{}
	total := score{}
	var wrong []string
	for _, name := range corpus(t, "faulty") {
		want, _, _ := strings.Cut(filepath.Base(name), "--")
		if want == "none" {
			continue
		}
		family := finding.FamilyOf(want)
		if scores[family] == nil {
			scores[family] = &score{}
		}
		for _, d := range diagnoseFile(t, name) {
			scores[family].all++
			total.all++
			got := "nothing"
			if len(d.Findings) > 0 {
				got = d.Findings[0].ID
			}
			if got == want {
				scores[family].right++
				total.right++
			} else {
				wrong = append(wrong, fmt.Sprintf("%s: first is %s", filepath.Base(name), got))
			}
		}
	}
	families := make([]string, 0, len(scores))
	for f := range scores {
		families = append(families, f)
	}
	sort.Strings(families)
	for _, f := range families {
		t.Logf("%-12s %3d of %3d", f, scores[f].right, scores[f].all)
	}
	share := float64(total.right) / float64(total.all)
	t.Logf("top-1 accuracy %.1f %% (%d of %d)", 100*share, total.right, total.all)
	if d := cmp.Diff(knownWrong, wrong, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("the list of known wrong cases (-want +got):\n%s", d)
	}
}
