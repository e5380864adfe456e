package scan

import (
	"maps"
	"slices"
)

// widths are the widths that buckets of time can have, in seconds: each divides
// the next, so that two timelines can always be brought to the same one.
func widths() []int64 {
	const minute, hour, day = 60, 3600, 86400
	return []int64{minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, day, 7 * day, 28 * day, 364 * day, 3640 * day}
}

// Timeline counts by time. Its buckets are as narrow as the number of them that
// are not empty allows; that depends on what was counted alone, not on its order.
type Timeline[C any] struct {
	Width   int64       // of a bucket, in seconds; a bucket begins at a multiple of it
	Buckets map[int64]C // by the second since 1970 at which they begin
	limit   int
	add     func(a, b C) C
}

func newTimeline[C any](limit int, add func(a, b C) C) Timeline[C] {
	return Timeline[C]{Width: widths()[0], Buckets: map[int64]C{}, limit: limit, add: add}
}

// count adds to the bucket of a second.
func (t *Timeline[C]) count(second int64, c C) {
	start := second - floorMod(second, t.Width)
	t.Buckets[start] = t.add(t.Buckets[start], c)
	if len(t.Buckets) > t.limit {
		t.coarsen()
	}
}

func floorMod(a, b int64) int64 { return ((a % b) + b) % b }

// coarsen widens the buckets until there are no more than the limit.
func (t *Timeline[C]) coarsen() {
	for len(t.Buckets) > t.limit {
		i := slices.Index(widths(), t.Width)
		if i+1 == len(widths()) {
			return
		}
		t.widen(widths()[i+1])
	}
}

func (t *Timeline[C]) widen(width int64) {
	wider := make(map[int64]C, len(t.Buckets)/2)
	for start, c := range t.Buckets {
		at := start - floorMod(start, width)
		wider[at] = t.add(wider[at], c)
	}
	t.Width, t.Buckets = width, wider
}

func (t *Timeline[C]) merge(other Timeline[C]) {
	if t.Width < other.Width {
		t.widen(other.Width)
	}
	for start, c := range other.Buckets {
		at := start - floorMod(start, t.Width)
		t.Buckets[at] = t.add(t.Buckets[at], c)
	}
	t.coarsen()
}

// Starts returns the beginnings of the buckets in order.
func (t *Timeline[C]) Starts() []int64 { return slices.Sorted(maps.Keys(t.Buckets)) }

func sum(a, b int64) int64 { return a + b }
