package troubleshoot_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
	"immersve-doctor/troubleshoot"
)

// clock is the time at which all examples and captures are diagnosed.
var clock = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

// provenByProbe are the findings that no capture of a single exchange proves:
// they come of --probe, or of an earlier delivery.
var provenByProbe = []string{"membership-missing", "role-insufficient", "delivery-duplicate"}

// keys verify the webhooks in examples and captures: they're the simulator's.
var keys = func() webhook.KeySet {
	text, err := os.ReadFile("../testdata/webhook/jwks.json")
	if err != nil {
		panic(err)
	}
	set, err := webhook.ParseKeySet(text)
	if err != nil {
		panic(err)
	}
	return set
}()

func diagnoseText(t *testing.T, name, text string) []diagnose.Diagnosis {
	t.Helper()
	var list []diagnose.Diagnosis
	_, err := capture.Each(strings.NewReader(text), name, capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.With(ex, diagnose.Options{Now: clock, Keys: keys}))
		return true
	})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return list
}

func idsOf(list []diagnose.Diagnosis) []string {
	var ids []string
	for _, d := range list {
		for _, f := range d.Findings {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// findingIDs are the ids that the checks produce.
func findingIDs() []string {
	var ids []string
	for _, c := range check.All() {
		ids = append(ids, finding.Family(c.Family)...)
	}
	slices.Sort(ids)
	return ids
}

// Every finding has its code, its page, a capture that hits and one that misses.
func TestEveryFindingIsComplete(t *testing.T) {
	ids := findingIDs()
	for _, id := range troubleshoot.List("findings") {
		if !slices.Contains(ids, id) {
			t.Errorf("page findings/%s.md: no check produces this id", id)
		}
	}
	for _, id := range ids {
		page, err := troubleshoot.Finding(id)
		if err != nil {
			t.Errorf("finding %s: %v", id, err)
			continue
		}
		for _, related := range page.Related {
			if _, err := troubleshoot.Find(related); err != nil {
				t.Errorf("page findings/%s.md: related: %v", id, err)
			}
		}
		if slices.Contains(provenByProbe, id) {
			continue
		}
		for _, kind := range []string{"hit", "miss"} {
			if files, _ := filepath.Glob("../testdata/finding/" + id + "/" + kind + "*.in"); len(files) == 0 {
				t.Errorf("finding %s: testdata/finding/%s holds no %s*.in", id, id, kind)
			}
		}
	}
}

// A check produces what it says: a scan skips those that can't explain the class.
func TestChecksKeepToTheirFamily(t *testing.T) {
	files, _ := filepath.Glob("../testdata/[cf][oi]*/*/*.in")
	if len(files) < 100 {
		t.Fatalf("%d inputs", len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diagnoseText(t, name, string(text)) {
			for _, c := range check.All() {
				in := &check.Input{Exchange: d.Exchange, Class: d.Class, Route: d.Route, Meant: d.Meant, Operation: d.Operation, Error: d.Error, Now: clock}
				if !c.Concerns(d.Class) {
					continue
				}
				for _, f := range c.Run(in) {
					if !slices.Contains(c.Produces(), f.ID) {
						t.Errorf("%s: the check of family %q produces %s of family %q", name, c.Family, f.ID, finding.FamilyOf(f.ID))
					}
				}
			}
		}
	}
}

func TestFindingCaptures(t *testing.T) {
	for _, id := range findingIDs() {
		hits, _ := filepath.Glob("../testdata/finding/" + id + "/hit*.in")
		misses, _ := filepath.Glob("../testdata/finding/" + id + "/miss*.in")
		for _, name := range append(hits, misses...) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Contains(hits, name)
			list := diagnoseText(t, name, string(text))
			if got := slices.Contains(idsOf(list), id); got != want {
				t.Errorf("%s: found %v, want it to %s %s", strings.TrimPrefix(name, "../testdata/finding/"), idsOf(list), map[bool]string{true: "hit", false: "miss"}[want], id)
			}
		}
	}
}

// The examples of the pages are diagnosed, so that they cannot rot.
func TestPageExamples(t *testing.T) {
	for _, id := range troubleshoot.List("findings") {
		page, err := troubleshoot.Finding(id)
		if err != nil {
			t.Error(err)
			continue
		}
		fails, fixed, _ := strings.Cut(page.Body, "\n## Fixed\n")
		for section, want := range map[string]bool{fails: true, fixed: false} {
			for _, example := range captures(section) {
				if got := idsOf(diagnoseText(t, id, example)); slices.Contains(got, id) != want {
					t.Errorf("findings/%s.md: its example finds %v; %s in it: want %v", id, got, id, want)
				}
			}
		}
	}
}

// captures returns the contents of the blocks fenced as ```capture.
func captures(text string) []string {
	var list []string
	for {
		_, after, ok := strings.Cut(text, "```capture\n")
		if !ok {
			return list
		}
		block, rest, _ := strings.Cut(after, "\n```")
		list = append(list, block)
		text = rest
	}
}

// Every code, status and operation has its page, and no page names a thing that
// does not exist.
func TestReferenceIsComplete(t *testing.T) {
	codes := []string{"INVALID_REQUEST_INPUT", "INSUFFICIENT_FUNDS", "INVALID_BODY"}
	for _, c := range api.Codes() {
		codes = append(codes, c.Name)
	}
	for _, c := range codes {
		if _, err := troubleshoot.Code(c); err != nil {
			t.Error(err)
		}
	}
	for _, id := range troubleshoot.List("codes") {
		page, err := troubleshoot.Code(id)
		if err != nil {
			continue // TestCodePages reports it
		}
		if !slices.Contains(codes, id) {
			t.Errorf("page codes/%s.md: no operation documents this code", id)
		}
		for _, related := range page.Related {
			if _, err := troubleshoot.Find(related); err != nil {
				t.Errorf("page codes/%s.md: related: %v", id, err)
			}
		}
	}
	for _, r := range api.Routes() {
		if _, err := troubleshoot.Operation(r.ID); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"200", "202", "204", "400", "401", "403", "404", "429", "5xx", "503", "other", "no-response", "not-sent"} {
		if _, err := troubleshoot.Status(id); err != nil {
			t.Error(err)
		}
	}
}

// Every command that a page recommends can be run: its operation exists, and so
// do the parameters that it names.
func TestRecommendedCommandsExist(t *testing.T) {
	for _, id := range troubleshoot.List("codes") {
		page, err := troubleshoot.Code(id)
		if err != nil {
			continue
		}
		for _, s := range page.Steps {
			words := strings.Fields(s.Verify)
			if len(words) < 3 || words[0] != "immersve-doctor" || words[1] != "call" {
				continue
			}
			op, err := api.Lookup(words[2])
			if err != nil {
				t.Errorf("codes/%s.md: %q: %v", id, s.Verify, err)
				continue
			}
			for _, p := range op.Parameters {
				if p.Required && p.In == "path" && !strings.Contains(s.Verify, " "+p.Name+"=") {
					t.Errorf("codes/%s.md: %q lacks %s", id, s.Verify, p.Name)
				}
			}
		}
	}
}
