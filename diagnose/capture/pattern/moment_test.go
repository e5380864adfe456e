package pattern

import (
	"testing"
	"time"
)

func stamp(nanos int64) string {
	if nanos == 0 {
		return ""
	}
	return time.Unix(0, nanos).UTC().Format(time.RFC3339Nano)
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-23T10:44:12Z": "2026-11-23T10:44:12Z", "2026-11-23T10:44:12.5+13:00": "2026-11-22T21:44:12.5Z", "2026-11-23 10:44:12,250": "2026-11-23T10:44:12.25Z",
		"2026-11-23T10:44:12-0330": "2026-11-23T14:14:12Z", "2026-11-23T10:44": "2026-11-23T10:44:00Z", "1795430652": "2026-11-23T10:44:12Z", "1795430652.125": "2026-11-23T10:44:12.125Z",
		"1795430652000": "2026-11-23T10:44:12Z", "1795430652000000": "2026-11-23T10:44:12Z", "1795430652000000001": "2026-11-23T10:44:12.000000001Z",
		"1.795430652e9": "2026-11-23T10:44:12Z", "23/Nov/2026:10:44:12 +0100": "2026-11-23T09:44:12Z", "23/Nov/2026:10:44:12.655": "2026-11-23T10:44:12.655Z", "Mon, 23 Nov 2026 10:44:12 GMT": "2026-11-23T10:44:12Z",
		"2024-02-29T00:00:00Z": "2024-02-29T00:00:00Z", "": "", "12": "", "2026-13-23T10:44:12Z": "", "2026-11-23T25:44:12Z": "", "never, not today": "", "99999999999999999999": "",
		"1969-01-01T00:00:00Z": "", "29/Nov/2026 10:00:03": "2026-11-29T10:00:03Z", "2026/11/29 - 10:00:00": "2026-11-29T10:00:00Z", "2026/11/29 10:25:39.5": "2026-11-29T10:25:39.5Z",
	} {
		if got := stamp(Moment([]byte(text))); got != want {
			t.Errorf("Moment(%q) = %q, want %q", text, got, want)
		}
	}
}

// Days are those of the standard library for every month of two centuries.
func TestDaysFromCivil(t *testing.T) {
	for m := range 12 * 150 {
		at := time.Date(1970, time.Month(1+m), 1+m%28, 0, 0, 0, 0, time.UTC)
		if got := daysFromCivil(int64(at.Year()), int64(at.Month()), int64(at.Day())); got != at.Unix()/86400 {
			t.Fatalf("daysFromCivil(%v) = %d, want %d", at, got, at.Unix()/86400)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{"2026-11-23T10:44:12.5+13:00", "23/Nov/2026:10:44:12 +0100", "1795430652.125", "1.7e9", "Mon, 23 Nov 2026 10:44:12 GMT"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if when := Moment(text); when != 0 && (when < Earliest*1e9 || when > (Latest+1)*1e9) {
			t.Errorf("Moment(%q) = %d", text, when)
		}
	})
}
