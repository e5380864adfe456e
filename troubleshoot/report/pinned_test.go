package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// Reports that the file pinned.txt shows in full: one of each class, then the
// commonest findings. Read them aloud after a change.
var pinned = []string{
	"finding/error-code/hit-kyc-required-create-card.in", // business-rule
	"finding/token-expired/hit-thirteen-minutes.in",      // unauthorized
	"finding/target-account-missing/hit-contact-details.in",
	"finding/body-invalid-json/hit-trailing-comma-create-card.in", // malformed-request
	"finding/retry-unsafe/hit-create-card.in",                     // server-error
	"corpus/not-sent/*.in",
	"corpus/valid/*.in", // success
	"finding/rate-limited/hit-*.in",
	"finding/timeout/hit-*.in", // no-response
	"finding/wrong-method/hit-*.in",
	"finding/redirect-not-followed/hit-*.in", // unexpected-status
	"corpus/forbidden/create-card.in",        // resource-or-permission
	"finding/unknown-route/hit-*.in",         // not-found
	"finding/path-placeholder/hit-*.in",
	"finding/body-missing-field/hit-*.in",
	"finding/body-wrong-type/hit-*.in",
	"finding/body-invalid-value/hit-*.in",
	"finding/amount-not-minor-units/hit-*.in",
	"finding/credentials-missing/hit-*.in",
	"finding/api-key-swapped/hit-*.in",
	"finding/bearer-prefix-missing/hit-*.in",
	"finding/content-type-missing/hit-*.in",
	"finding/query-invalid-value/hit-*.in",
	"finding/gateway-error/hit-*.in",
	"finding/dns-failure/hit-*.in",
}

var updatePinned = flag.Bool("update-pinned", false, "write testdata/pinned.txt")

// plansOfFile returns the plans of a file's exchanges, as if the file were here.
func plansOfFile(t *testing.T, name string) []*troubleshoot.Plan {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return plansOf(t, filepath.Base(name), string(text))
}

func TestPinnedReports(t *testing.T) {
	var b strings.Builder
	for _, pattern := range pinned {
		files, _ := filepath.Glob("../../testdata/" + pattern)
		if len(files) == 0 {
			t.Fatalf("no file is called %s", pattern)
		}
		b.WriteString("=== " + strings.TrimPrefix(files[0], "../../testdata/") + "\n")
		for _, plan := range plansOfFile(t, files[0])[:1] {
			if err := report.Text(&b, plan, report.Style{Unicode: true}); err != nil {
				t.Fatal(err)
			}
		}
		b.WriteByte('\n')
	}
	const golden = "testdata/pinned.txt"
	if *updatePinned {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		got, old := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
		for i := range min(len(got), len(old)) {
			if got[i] != old[i] {
				t.Fatalf("line %d of %s:\n got %s\nwant %s\n-update-pinned writes the file", i+1, golden, got[i], old[i])
			}
		}
		t.Fatalf("%d lines, want %d", len(got), len(old))
	}
}

// Every report says on two lines what failed and what to do first, shows its whole
// checklist, and is short.
func TestReportsAreShort(t *testing.T) {
	var rows []int
	for _, pattern := range []string{"finding/*/*.in", "corpus/*/*.in"} {
		files, _ := filepath.Glob("../../testdata/" + pattern)
		for _, name := range files {
			plans := plansOfFile(t, name)
			if len(plans) != 1 || !plans[0].Failed() {
				continue
			}
			p := plans[0]
			var b strings.Builder
			if err := report.Text(&b, p, report.Style{Unicode: true}); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if p.Step == "" || len(lines) < 3 || lines[2] != "" {
				t.Errorf("%s: the summary isn't two lines:\n%s", name, strings.Join(lines[:min(len(lines), 4)], "\n"))
			}
			whole := strings.Join(strings.Fields(b.String()), " ")
			for _, c := range p.Checklist {
				text, _, _ := strings.Cut(troubleshoot.LowerFirst(c.Text), " (")
				if !strings.Contains(whole, strings.Join(strings.Fields(text), " ")) {
					t.Errorf("%s: %q of the checklist isn't shown", name, c.Text)
				}
			}
			n := 0
			for _, l := range lines {
				n += max(1, (utf8.RuneCountInString(l)+79)/80)
			}
			rows = append(rows, n)
		}
	}
	within := func(limit int) (share float64) {
		for _, n := range rows {
			if n <= limit {
				share += 100 / float64(len(rows))
			}
		}
		return share
	}
	t.Logf("%d reports: %.1f %% within 14 lines, %.1f %% within 22", len(rows), within(14), within(22))
	if len(rows) < 1000 || within(14) < 50 || within(22) < 95 {
		t.Errorf("%d reports: %.1f %% within 14 lines, %.1f %% within 22", len(rows), within(14), within(22))
	}
}
