package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func second(t testing.TB, text string) int64 {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Unix()
}

// A time axis is readable from a minute to centuries.
func TestTimeAxis(t *testing.T) {
	for _, tt := range []struct {
		first, last string
		counted     int64
		columns     string // count × seconds
		ticks       string
	}{
		{"2026-11-23 10:44", "2026-11-23 10:44", 60, "1 × 60", "10:44/23 Nov 10:45"},
		{"2026-11-23 10:44", "2026-11-23 10:51", 60, "8 × 60", "10:44/23 Nov 10:46 10:48 10:50 10:52"},
		{"2026-11-23 23:10", "2026-11-24 00:50", 60, "51 × 120", "23:15/23 Nov 23:30 23:45 00:00/24 Nov 00:15 00:30 00:45"},
		{"2026-11-23 06:00", "2026-11-23 15:00", 60, "55 × 600", "06:00/23 Nov 08:00 10:00 12:00 14:00"},
		{"2026-11-23 00:00", "2026-11-25 23:59", 300, "72 × 3600", "00:00/23 Nov 12:00 00:00/24 Nov 12:00 00:00/25 Nov 12:00 00:00/26 Nov"},
		{"2026-09-01 00:00", "2026-11-30 00:00", 10800, "91 × 86400", "14 Sep/2026 28 Sep 12 Oct 26 Oct 9 Nov 23 Nov"},
		{"2025-06-15 00:00", "2026-11-30 00:00", 86400, "77 × 604800", "Jul/2025 Oct Jan/2026 Apr Jul Oct"},
		{"1970-01-01 00:00", "2026-11-30 00:00", 364 * 86400, "58 × 31449600", "1970 1980 1990 2000 2010 2020"},
	} {
		b := newBinning(second(t, tt.first), second(t, tt.last), tt.counted, maxColumns)
		if got := fmt.Sprintf("%d × %d", b.count, b.width); got != tt.columns {
			t.Errorf("%s – %s: %s columns, want %s", tt.first, tt.last, got, tt.columns)
		}
		var words []string
		for _, tick := range b.ticks() {
			words = append(words, strings.TrimSuffix(tick.Label+"/"+tick.Below, "/"))
		}
		if diff := cmp.Diff(tt.ticks, strings.Join(words, " ")); diff != "" {
			t.Errorf("%s – %s: ticks\n%s", tt.first, tt.last, diff)
		}
	}
}

// Columns are few enough, cover the period, and are multiples of what was counted.
func FuzzBinning(f *testing.F) {
	for _, seed := range [][2]int64{{0, 0}, {1795430652, 1795434252}, {-9e9, 9e9}, {1795430652, 1795430652 + 90*86400}} {
		f.Add(seed[0], seed[1], byte(0))
	}
	f.Fuzz(func(t *testing.T, first, last int64, pick byte) {
		const farthest = 9_223_372_036 // seconds that nanoseconds hold
		first, last = first%farthest, last%farthest
		first, last = min(first, last), max(first, last)
		counted := []int64{60, 300, 900, 3600, 10800, 21600, 86400, 7 * 86400, 28 * 86400, 364 * 86400, 3640 * 86400}[pick%11]
		b := newBinning(first, last, counted, maxColumns)
		if b.count < 1 || b.count > maxColumns || b.width%counted != 0 || b.start > first || b.start+b.width*b.count <= last {
			t.Fatalf("%d to %d by %d: %+v", first, last, counted, b)
		}
		if n := len(b.ticks()); n < 1 || n > maxTicks {
			t.Fatalf("%d to %d by %d: %d ticks", first, last, counted, n)
		}
	})
}

func TestScale(t *testing.T) {
	for most, want := range map[int64]string{
		0: "0 1", 1: "0 1", 3: "0 1 2 3", 7: "0 2 4 6 8", 100: "0 25 50 75 100", 341: "0 100 200 300 400", 2200: "0 1,000 2,000 3,000",
		54_321: "0 20k 40k 60k", 98_765_432: "0 25M 50M 75M 100M", 1 << 62: "0 2000000T 4000000T 6000000T",
	} {
		var words []string
		for _, tick := range newScale(most).Ticks {
			words = append(words, tick.Label)
		}
		if diff := cmp.Diff(want, strings.Join(words, " ")); diff != "" {
			t.Errorf("%d: %s", most, diff)
		}
	}
}

// The right axis has its ticks where the left one has them.
func TestScaleBeside(t *testing.T) {
	left := newScale(341)
	right := left.beside(5430)
	if len(left.Ticks) != len(right.Ticks) || right.top < 5430 {
		t.Fatalf("%+v beside %+v", right, left)
	}
	for i := range left.Ticks {
		if left.Ticks[i].At != right.Ticks[i].At {
			t.Errorf("tick %d at %v and %v", i, left.Ticks[i].At, right.Ticks[i].At)
		}
	}
}

func TestDurationWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 12 * time.Second: "12 s", 75 * time.Second: "1 min 15 s", 9*time.Hour + time.Minute: "9 h 1 min", 26 * time.Hour: "26 h 0 min", 50 * time.Hour: "2 days 2 h",
	} {
		if got := durationWords(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}
