package scan_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
)

// statuses counts what package capture reads of a text.
func statuses(text string) (exchanges int64, byStatus map[int]int64) {
	byStatus = map[int]int64{}
	_, _ = capture.Each(strings.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
		exchanges++
		if ex.Response != nil && ex.Response.Status >= 100 {
			byStatus[ex.Response.Status]++
		}
		return true
	}) // a text without an exchange agrees, too
	return exchanges, byStatus
}

func totalsOf(text string, workers int) *scan.Totals {
	s := scan.New(scan.Options{Workers: workers, Now: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Strangers: true})
	s.Read(context.Background(), "-", strings.NewReader(text))
	return s.Totals()
}

// Both commands read the same exchanges in every capture of testdata and in every
// sample of a tool.
func TestScanAgreesWithDiagnose(t *testing.T) {
	texts := map[string]string{}
	files, err := filepath.Glob("../../testdata/capture/*/*.in")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d captures, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.TrimPrefix(name, "../../testdata/capture/")] = string(text)
	}
	for _, tool := range tools.Load().Tools {
		for _, s := range tool.Samples {
			texts[tool.File+" "+s.About] = s.Text
		}
	}
	// The fast path of HAR documents doesn't fold redirects, and counts what it can of an
	// entry whose members have the wrong types or that is cut.
	differ := []string{"har/cut-in-request.in", "har/cut-in-body.in", "har/chrome-redirect.in", "har/wrong-types.in", "body/several.in"}
	for name, text := range texts {
		exchanges, byStatus := statuses(text)
		got := totalsOf(text, 1)
		maps.DeleteFunc(got.ByStatus, func(status int, _ int64) bool { return status < 100 })
		agree := got.Exchanges == exchanges && maps.Equal(got.ByStatus, byStatus)
		if slices.Contains(differ, name) {
			if agree {
				t.Errorf("%s agrees now: take it off the list", name)
			}
			continue
		}
		if !agree {
			t.Errorf("%s: scan counts %d %v, diagnose reads %d %v", name, got.Exchanges, got.ByStatus, exchanges, byStatus)
		}
	}
}

// Lines that succeeded count like those that failed, and lines that no tool prints are
// counted as not recognised.
func TestTextLogsCountWhole(t *testing.T) {
	for name, line := range map[string]func(status int) string{
		"winston": func(s int) string {
			return fmt.Sprintf("2026-11-29T10:00:00.123Z info: POST /api/cards %d 12.345 ms - 70\n", s)
		},
		"serilog": func(s int) string {
			return fmt.Sprintf("[10:16:14 INF] HTTP POST /api/cards responded %d in 0.2179 ms\n", s)
		},
		"morgan": func(s int) string { return fmt.Sprintf("POST /api/cards %d 12.345 ms - 70\n", s) },
		"tesla": func(s int) string {
			return fmt.Sprintf("10:00:00.123 [info] POST https://test.immersve.com/api/cards -> %d (68.123 ms)\n", s)
		},
		"gin": func(s int) string {
			return fmt.Sprintf("[GIN] 2026/11/29 - 10:00:00 | %d |     1.234567ms |       10.0.0.1 | POST     \"/api/cards\"\n", s)
		},
		"next": func(s int) string { return fmt.Sprintf(" POST /api/cards %d in 34ms\n", s) },
		"rails": func(s int) string {
			return fmt.Sprintf("[8f2a] Started POST \"/api/cards\" for 10.0.0.1 at 2026-11-29 10:00:00 +0000\n[8f2a] Completed %d OK in 3ms (Views: 0.2ms)\n", s)
		},
		"koa": func(s int) string {
			return fmt.Sprintf("  <-- POST /api/cards\n  --> POST /api/cards %d 22ms 70b\n", s)
		},
	} {
		var b bytes.Buffer
		for i := range 1000 {
			status := 200
			if i%10 == 3 {
				status = 403
			}
			b.WriteString(line(status))
			if i%100 == 7 {
				b.WriteString("Listening on https://localhost:443\n")
			}
		}
		for _, workers := range []int{1, 3} {
			got := totalsOf(b.String(), workers)
			if got.Exchanges != 1000 || got.ByStatus[403] != 100 || got.ByStatus[200] != 900 || got.Unrecognised != 10 {
				t.Errorf("%s, %d workers: %d exchanges %v, %d not recognised", name, workers, got.Exchanges, got.ByStatus, got.Unrecognised)
			}
		}
	}
}
