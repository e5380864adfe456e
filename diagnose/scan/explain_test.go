package scan

import (
	"context"
	"strings"
	"testing"
)

// Explain describes a few lines. Those that it only counts cost next to nothing: they
// took 60 µs each while each of them was described first.
func TestExplainDescribesOnlyWhatItShows(t *testing.T) {
	for name, tt := range map[string]struct{ before, unit string }{
		"a quote that never closes": {"time,url,status\n2026-11-26T06:00:25Z,https://test.immersve.com/api/cards,\"", "a\n"},
		"prose":                     {"", "nothing to see here\n"},
		"calls":                     {"", good},
	} {
		t.Run(name, func(t *testing.T) {
			allocations := func(lines int) float64 {
				return testing.AllocsPerRun(3, func() {
					s := New(Options{Now: clock})
					_, _ = s.Explain(context.Background(), "in", strings.NewReader(tt.before+strings.Repeat(tt.unit, lines)), 3)
				})
			}
			few, many := allocations(1000), allocations(5000)
			if perLine := (many - few) / 4000; perLine > 1 {
				t.Errorf("each further line costs %.1f allocations", perLine)
			}
		})
	}
}
