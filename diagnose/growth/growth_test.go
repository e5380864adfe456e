package growth

import (
	"strings"
	"testing"
)

type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

// Linear lets pass what reads a text once, and not what reads it for each of its
// lines.
func TestLinear(t *testing.T) {
	count := 0
	once := func(n int) { count += strings.Count(strings.Repeat("a\n", 100*n), "\n") }
	again := func(n int) {
		text := strings.Repeat("a\n", n)
		for i := range n {
			count += strings.Count(text[:2*i], "\n")
		}
	}
	for _, tt := range []struct {
		name  string
		run   func(int)
		fails bool
	}{{"once", once, false}, {"again for each line", again, true}} {
		r := &recorder{TB: t}
		Linear(r, 20_000, tt.run)
		if r.failed != tt.fails {
			t.Errorf("%s: fails is %v", tt.name, r.failed)
		}
	}
}
