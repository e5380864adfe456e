package compare

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
)

var update = flag.Bool("update", false, "write testdata/pinned.txt")

// What differs between a failed call and one of the same operation that worked, which of
// the differences explain the failure, and what couldn't be seen, is written in
// testdata/pinned.txt. Read the difference before you write it anew.
func TestComparisonsArePinned(t *testing.T) {
	worked := map[string]diagnose.Diagnosis{}
	for _, name := range inputs(t, "../../testdata/corpus/valid/*.in") {
		for _, d := range read(t, name) {
			if _, known := worked[d.OperationID()]; !known && d.OperationID() != "" {
				worked[d.OperationID()] = d
			}
		}
	}
	var b strings.Builder
	seen := map[string]int{}
	for i, name := range inputs(t, "../../testdata/corpus/faulty/*.in") {
		for _, failed := range read(t, name) {
			operation := failed.OperationID()
			if operation == "" && failed.Operation != nil {
				operation = failed.Operation.ID
			}
			other, ok := worked[operation]
			if !ok || i%3 != 0 {
				continue
			}
			describe(&b, filepath.Base(name), Compare(failed, other), seen)
		}
	}
	for _, name := range inputs(t, "../../testdata/compare/*/failed.in") {
		pair := append(read(t, name), read(t, strings.TrimSuffix(name, "failed.in")+"worked.in")...)
		if len(pair) == 2 {
			describe(&b, name, Compare(pair[0], pair[1]), seen)
			describe(&b, name+" the other way around", Compare(pair[1], pair[0]), seen)
		}
	}
	const golden = "testdata/pinned.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("comparisons changed (-want +got); if that's meant: go test ./diagnose/compare -run Pinned -update\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")))
	}
}

func inputs(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

func read(t *testing.T, name string) []diagnose.Diagnosis {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return diagnosed(t, string(text))
}

// describe writes what a comparison decides. Of its words, the first three of each kind
// are pinned.
func describe(b *strings.Builder, name string, c Comparison, seen map[string]int) {
	fmt.Fprintf(b, "%s requests=%d other=%v alike=%v\n", name, c.Requests(), c.OtherOperation(), c.FailedAlike())
	for i, d := range c.Differences {
		explains := "-"
		if d.Explains {
			explains = "!"
		}
		fmt.Fprintf(b, " %s %d %s %s%s %v→%v %s\n", explains, d.Weight, d.Part, d.Name, d.Pointer, d.Failed.Present, d.Worked.Present, d.Finding)
		kind := fmt.Sprintf("%s %s %v %v", d.Part, d.Name, d.Explains, d.Describe() != "")
		if seen[kind]++; seen[kind] <= 3 {
			fmt.Fprintf(b, "   %s → %s (%s) %s\n", d.Failed.Text, d.Worked.Text, d.Describe(), d.Why)
		}
		if e := c.Explanation(); e != nil && e == &c.Differences[i] {
			b.WriteString("  the explanation\n")
		}
	}
	for _, u := range c.Unseen {
		fmt.Fprintf(b, " unseen %s %s %s\n", u.Side, u.Part, u.Name)
		if seen[u.Part+u.Name]++; seen[u.Part+u.Name] <= 3 {
			fmt.Fprintf(b, "   %s\n", u.Why)
		}
	}
}
