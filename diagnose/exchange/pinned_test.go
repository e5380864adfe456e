package exchange

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/pinned.txt")

// What is masked of the inputs in testdata is written in testdata/pinned.txt: of each
// kind of input the lines that are shown otherwise than they were read, with what is
// left of them. A secret of these inputs is no secret. Read the difference before you
// write it anew.
func TestMasksArePinned(t *testing.T) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, pattern := range []string{"capture/*/*", "finding/*/hit-*", "corpus/not-sent/*"} {
		files, err := filepath.Glob("../../testdata/" + pattern + ".in")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > 16<<10 {
				continue
			}
			for _, mode := range []struct {
				name string
				mask func(string) string
			}{{"", MaskText}, {"shared ", MaskShared}} {
				before, after := strings.Split(string(text), "\n"), strings.Split(mode.mask(string(text)), "\n")
				if len(before) != len(after) {
					fmt.Fprintf(&b, "%s%s: %d lines of %d are left\n", mode.name, filepath.Base(name), len(after), len(before))
					continue
				}
				count := 0
				for i := range before {
					if before[i] == after[i] || seen[after[i]] {
						continue
					}
					seen[after[i]] = true
					if count++; count <= 6 {
						fmt.Fprintf(&b, "%s%s:%d %.300s\n", mode.name, filepath.Base(name), i+1, after[i])
					}
				}
			}
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
		t.Errorf("masks changed (-want +got); if that's meant: go test ./diagnose/exchange -run Pinned -update\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")))
	}
}
