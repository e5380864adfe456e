package diagnose_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

var update = flag.Bool("update", false, "write testdata/pinned.txt")

// What is decided about each exchange of testdata is written in testdata/pinned.txt: the
// findings with their place, the verdicts, the edits of the fixed request. How it's
// worded isn't, but for a few examples in testdata/words.txt. Read the difference before you write it anew: each line that changes is
// an input that is judged differently.
func TestDecisionsArePinned(t *testing.T) {
	var b, words strings.Builder
	seen := map[string]int{}
	for _, name := range slices.Concat(corpus(t, "faulty"), corpus(t, "not-sent"), findings(t)) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", strings.TrimPrefix(name, "../testdata/"))
		_, _ = capture.Each(bytes.NewReader(text), name, capture.Options{}, func(ex *exchange.Exchange) bool {
			d := diagnose.Diagnose(ex, clock)
			b.WriteString(decisions(&d))
			words.WriteString(wording(&d, name, seen))
			return true
		})
	}
	for golden, got := range map[string]string{"testdata/pinned.txt": b.String(), "testdata/words.txt": words.String()} {
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: something changed (-want +got); if that's meant: go test ./diagnose -run Pinned -update\n%s", golden, changed(string(want), got))
		}
	}
}

// wording writes the words of findings and verdicts, of each kind the first three that
// are met.
func wording(d *diagnose.Diagnosis, name string, seen map[string]int) string {
	var b strings.Builder
	write := func(kind string, texts ...string) {
		if seen[kind]++; seen[kind] <= 3 {
			fmt.Fprintf(&b, "%s of %s\n", kind, strings.TrimPrefix(name, "../testdata/"))
			for _, text := range texts {
				if text != "" {
					fmt.Fprintf(&b, " %s\n", text)
				}
			}
		}
	}
	for _, f := range d.Findings {
		write(fmt.Sprintf("%s %s %s", f.ID, f.Severity, f.Location.Part), f.Title, f.Evidence, f.Fix, f.Hint)
	}
	for _, v := range d.Verdicts {
		write(v.Item+" "+v.State.String(), v.Because, v.Verify)
	}
	return b.String()
}

func findings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../testdata/finding/*/*.in")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// changed returns the paragraphs of two golden files that differ, at most 20.
func changed(want, got string) string {
	paragraphs := func(text string) []string { return strings.SplitAfter(strings.ReplaceAll(text, "\n ", "\x00 "), "\n") }
	old := paragraphs(want)
	known := map[string]bool{}
	for _, p := range old {
		known[p] = true
	}
	var list []string
	for _, p := range paragraphs(got) {
		if known[p] || len(list) == 20 {
			continue
		}
		name, _, _ := strings.Cut(p, "\x00")
		before := ""
		if i := slices.IndexFunc(old, func(o string) bool { return strings.HasPrefix(o, name+"\x00") }); i >= 0 {
			before = old[i]
		}
		list = append(list, cmp.Diff(strings.Split(before, "\x00"), strings.Split(p, "\x00")))
	}
	return strings.Join(list, "\n")
}

// decisions writes what was decided about an exchange, a line for each.
func decisions(d *diagnose.Diagnosis) string {
	var b strings.Builder
	fmt.Fprintf(&b, " %d %s %q auth=%s env=%s failed=%v\n", d.Status(), d.Class, d.OperationID(), d.Auth, d.Environment, d.Failed())
	for _, f := range d.Findings {
		at := f.Location
		fmt.Fprintf(&b, "  %s %s %s %s%s %d:%d%s%s\n", f.Severity, f.ID, at.Part, at.Name, pointed(at.Pointer), at.Line, at.Column, flagged(f.Fix != "", " fix"), flagged(f.Hint != "", " hint"))
	}
	var states []string
	for _, v := range d.Verdicts {
		if v.State == diagnose.Unknown && v.Finding == "" && v.Verify == "" {
			continue
		}
		states = append(states, v.Item+"="+v.State.String()+flagged(v.Finding != "", "("+v.Finding+")")+flagged(v.Verify != "", "*"))
	}
	if len(states) > 0 {
		fmt.Fprintf(&b, "  checklist %s\n", strings.Join(states, " "))
	}
	for _, r := range d.Repairs {
		fmt.Fprintf(&b, "  repair %d %s %.120q\n", r.Kind, r.Name, exchange.MaskText(r.Value))
	}
	return b.String()
}

func pointed(pointer string) string {
	if pointer == "" {
		return ""
	}
	return "#" + exchange.MaskText(pointer)
}

func flagged(set bool, text string) string {
	if set {
		return text
	}
	return ""
}
