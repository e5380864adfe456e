package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/compare"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// comparedPairs are the folders of testdata/compare: two captures each.
func comparedPairs(t testing.TB) []string {
	t.Helper()
	folders, err := filepath.Glob("../../testdata/compare/*")
	if err != nil || len(folders) < 25 {
		t.Fatalf("%d pairs, %v", len(folders), err)
	}
	return folders
}

func diagnosed(t testing.TB, name string, text []byte) []diagnose.Diagnosis {
	t.Helper()
	var list []diagnose.Diagnosis
	_, _ = capture.Each(bytes.NewReader(text), name, capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.Diagnose(ex, clock))
		return true
	})
	return list
}

func readPair(t testing.TB, folder string) (failed, worked []byte) {
	t.Helper()
	failed, err := os.ReadFile(filepath.Join(folder, "failed.in"))
	if err != nil {
		t.Fatal(err)
	}
	worked, err = os.ReadFile(filepath.Join(folder, "worked.in"))
	if err != nil {
		t.Fatal(err)
	}
	return failed, worked
}

// comparisonOutputs are all the ways in which a comparison is written.
func comparisonOutputs(t testing.TB, failed, worked diagnose.Diagnosis) map[string]string {
	t.Helper()
	c := compare.Compare(failed, worked)
	plan, err := troubleshoot.NewPlan(c.Failed)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	out := map[string]string{}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text": func(b *bytes.Buffer) error { return report.ComparisonText(b, &c, &plan, report.Style{Unicode: true}) },
		"verbose": func(b *bytes.Buffer) error {
			return report.ComparisonText(b, &c, &plan, report.Style{Unicode: true, Verbose: true})
		},
		"ascii":    func(b *bytes.Buffer) error { return report.ComparisonText(b, &c, &plan, report.Style{Width: 40}) },
		"json":     func(b *bytes.Buffer) error { return report.ComparisonJSON(b, &c, &plan) },
		"markdown": func(b *bytes.Buffer) error { return report.ComparisonMarkdown(b, &c, &plan) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	return out
}

// Each pair's text and JSON are pinned.
func TestComparisons(t *testing.T) {
	for _, folder := range comparedPairs(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			failed, worked := readPair(t, folder)
			f, w := diagnosed(t, "failed.in", failed), diagnosed(t, "worked.in", worked)
			if len(f) != 1 || len(w) != 1 {
				t.Fatalf("%d and %d exchanges", len(f), len(w))
			}
			out := comparisonOutputs(t, f[0], w[0])
			var indented bytes.Buffer
			if err := json.Indent(&indented, []byte(out["json"]), "", " "); err != nil {
				t.Fatalf("JSON: %v", err)
			}
			for name, got := range map[string]string{"compare.txt": out["text"], "compare.json": indented.String()} {
				golden(t, filepath.Join(folder, name), got)
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The text keeps to its columns, but for commands, which stay whole to be copied.
func TestComparisonsKeepToTheColumns(t *testing.T) {
	for _, folder := range comparedPairs(t) {
		failed, worked := readPair(t, folder)
		out := comparisonOutputs(t, diagnosed(t, "failed.in", failed)[0], diagnosed(t, "worked.in", worked)[0])
		for name, width := range map[string]int{"text": 80, "verbose": 80, "ascii": 40} {
			for line := range strings.SplitSeq(out[name], "\n") {
				if report.Columns(line) > width && !strings.Contains(line, "immersve-doctor ") {
					t.Errorf("%s %s: %d columns: %q", filepath.Base(folder), name, report.Columns(line), line)
				}
			}
		}
		if i := strings.IndexFunc(out["ascii"], func(r rune) bool { return r > 0x7e }); i >= 0 {
			t.Errorf("%s: not ASCII: %.20q", filepath.Base(folder), out["ascii"][i:])
		}
	}
}

// comparisonSecrets are in the captures of testdata/compare and may be in no output.
func comparisonSecrets() []string {
	return []string{
		"4711", "1147", "8642", "9753", "864", "753", "555555555555", "401288888888", "411111111111", "37828224631",
		"tttttttt", "uuuuuuuu", "bravo", "foxtrot", "hunter2", "opensesame", "deadbeefdead", "feedfacefeed", "9999999999",
		"5555555555", "6666666666", "7777777777", "3333333333", "abcdef0123456789", "fedcba9876543210", "ABCDEF0123456789", "FEDCBA9876543210",
		"c2lnbmF0dXJl", "b3RoZXJ1c2Vy", "b2xkc2lnbmF0", "YW5vdGhlcnNp", "abcdefabcdef", "fedcbafedcba",
	}
}

// No output of any pair holds a secret, however it is written.
func TestComparisonsShowNoSecret(t *testing.T) {
	form := regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}|imm-secret-[A-Za-z-]*[0-9a-f]{6,}`)
	var inputs strings.Builder
	for _, folder := range comparedPairs(t) {
		failed, worked := readPair(t, folder)
		inputs.Write(failed)
		inputs.Write(worked)
		out := comparisonOutputs(t, diagnosed(t, "failed.in", failed)[0], diagnosed(t, "worked.in", worked)[0])
		for name, text := range out {
			inert(t, filepath.Base(folder)+" "+name, text)
			if found := form.FindString(text); found != "" {
				t.Errorf("%s %s shows %q", filepath.Base(folder), name, found)
			}
			for _, secret := range comparisonSecrets() {
				if strings.Contains(text, secret) && (len(secret) > 6 || strings.HasPrefix(filepath.Base(folder), "secrets")) {
					t.Errorf("%s %s shows %q", filepath.Base(folder), name, secret)
				}
			}
		}
	}
	for _, secret := range comparisonSecrets() {
		if !strings.Contains(inputs.String(), secret) {
			t.Errorf("no capture holds %q: the test would not see it", secret)
		}
	}
}

// The same captures give the same bytes.
func TestComparisonsAreTheSameEachTime(t *testing.T) {
	for _, folder := range comparedPairs(t) {
		failed, worked := readPair(t, folder)
		var first map[string]string
		for range 3 {
			out := comparisonOutputs(t, diagnosed(t, "failed.in", failed)[0], diagnosed(t, "worked.in", worked)[0])
			if first == nil {
				first = out
			}
			if diff := cmp.Diff(first, out); diff != "" {
				t.Fatalf("%s: %s", filepath.Base(folder), diff)
			}
		}
	}
}

// Whatever two captures hold, comparing them ends and acts on no terminal.
func FuzzComparison(f *testing.F) {
	for _, folder := range comparedPairs(f) {
		failed, worked := readPair(f, folder)
		f.Add(failed, worked)
	}
	f.Fuzz(func(t *testing.T, failed, worked []byte) {
		a, b := diagnosed(t, "-", failed), diagnosed(t, "b", worked)
		if len(a) == 0 || len(b) == 0 {
			return
		}
		i, j := compare.Pair(a, b)
		for name, text := range comparisonOutputs(t, a[i], b[j]) {
			inert(t, name, text)
		}
	})
}
