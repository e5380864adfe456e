package report_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

func scanTotals(name, log string) *scan.Totals {
	s := scan.New(scan.Options{Samples: 2, Now: clock})
	s.Read(context.Background(), name, strings.NewReader(log))
	return s.Totals()
}

func scanOutputs(t testing.TB, totals *scan.Totals) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":  func(b *bytes.Buffer) error { return report.ScanText(b, totals, report.Style{Unicode: true}) },
		"ascii": func(b *bytes.Buffer) error { return report.ScanText(b, totals, report.Style{Width: 60}) },
		"verbose": func(b *bytes.Buffer) error {
			return report.ScanText(b, totals, report.Style{Unicode: true, Verbose: true})
		},
		"json":     func(b *bytes.Buffer) error { return report.ScanJSON(b, totals) },
		"markdown": func(b *bytes.Buffer) error { return report.ScanMarkdown(b, totals) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	return out
}

// hostileLog is failures of every kind with words in them that act on terminals,
// Markdown and browsers, and secrets where logs have them.
func hostileLog() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, `{"time":"2026-11-23T10:%02d:12Z","statusCode":%d,"method":"POST","url":"/api/cards/\u001b[31m\u202e|<script>%d?access_token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl","errorCode":"CODE_%d","ip":"\u001b]0;x\u0007%d"}`+"\n",
			i, []int{400, 401, 403, 404, 418, 429, 500, 302}[i%8], i, i, i)
	}
	b.WriteString("\x1b[2Jnoise\n{\"broken\":")
	return b.String()
}

// Whatever a log holds, no output of its totals acts on a terminal, shows a
// secret, or leaves its columns but for places and commands, which stay whole.
func TestScanOutputsAreInert(t *testing.T) {
	totals := scanTotals("na\x1b[31mme|`.log", hostileLog())
	if totals.Exchanges != 40 || totals.Failed != 40 {
		t.Fatalf("%d exchanges, %d failed", totals.Exchanges, totals.Failed)
	}
	for name, text := range scanOutputs(t, totals) {
		inert(t, name, text)
		if strings.Contains(text, "c2lnbmF0dXJl") {
			t.Errorf("%s shows a token", name)
		}
		width := map[string]int{"text": 80, "verbose": 80, "ascii": 60}[name]
		for line := range strings.SplitSeq(text, "\n") {
			if width > 0 && report.Columns(line) > width && !strings.Contains(line, "immersve-doctor ") {
				t.Errorf("%s: %d columns: %q", name, report.Columns(line), line)
			}
			if name == "markdown" && strings.HasPrefix(line, "|") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 8 {
				t.Errorf("a row of the table has other cells: %q", line)
			}
		}
	}
}

// The same totals give the same bytes, and totals of nothing give some.
func TestScanOutputsAreTheSameEachTime(t *testing.T) {
	for _, log := range []string{hostileLog(), "", `{"statusCode":200,"method":"GET","url":"/api/currencies"}`} {
		want := scanOutputs(t, scanTotals("a.log", log))
		for range 3 {
			if diff := cmp.Diff(want, scanOutputs(t, scanTotals("a.log", log))); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}
