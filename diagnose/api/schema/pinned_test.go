package schema

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/pinned.txt")

// What is said of the samples' mutations is written in testdata/pinned.txt: the
// violations in their order with the nearest alternative, and of each value whether it's
// documented, required, an example. The library of the other test knows only whether
// there is a violation. Read the difference before you write it anew.
func TestVerdictsArePinned(t *testing.T) {
	var b strings.Builder
	for _, op := range operations(t) {
		s, err := ForRequest(op)
		if err != nil || s == nil {
			continue
		}
		for variant := range max(1, len(s.anyOf)) {
			for i, body := range mutations(s.sample(variant)) {
				if i%7 != variant {
					continue
				}
				root := Parse([]byte(body))
				fmt.Fprintf(&b, "%s %d.%d", op.ID, variant, i)
				for _, v := range s.Validate(root) {
					fmt.Fprintf(&b, " [%d %s]", v.Offset, breach(v))
				}
				b.WriteString(" |")
				s.Walk(root, func(p *Place) {
					breach, broken := p.Breach()
					if !p.Documented || p.Required() || p.IsExample() || p.IsDigits() || p.Listed() || broken {
						fmt.Fprintf(&b, " %s:%v%v%v%v%v%s", p.Pointer(), yes(p.Documented), yes(p.Required()), yes(p.IsExample()), yes(p.IsDigits()), yes(p.Listed()), breach.Keyword)
					}
				})
				b.WriteString("\n")
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
		t.Errorf("verdicts changed (-want +got); if that's meant: go test ./diagnose/api/schema -run Pinned -update\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")))
	}
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}
