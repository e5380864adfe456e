package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

var clock = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

// outputs are all the ways in which a plan is written.
func outputs(t testing.TB, text []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	var kept []*exchange.Exchange
	_, _ = capture.Each(bytes.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
		kept = append(kept, ex)
		plan, err := troubleshoot.NewPlan(diagnose.Diagnose(ex, clock))
		if err != nil {
			t.Fatalf("plan: %v", err)
		}
		for name, write := range map[string]func(*bytes.Buffer) error{
			"text":     func(b *bytes.Buffer) error { return report.Text(b, &plan, report.Style{Unicode: true, Verbose: true}) },
			"narrow":   func(b *bytes.Buffer) error { return report.Text(b, &plan, report.Style{Width: 40}) },
			"json":     func(b *bytes.Buffer) error { return report.JSON(b, &plan) },
			"markdown": func(b *bytes.Buffer) error { return report.Markdown(b, &plan) },
			"junit":    func(b *bytes.Buffer) error { return writeCI(b, "junit", &plan) },
			"sarif":    func(b *bytes.Buffer) error { return writeCI(b, "sarif", &plan) },
			"github":   func(b *bytes.Buffer) error { return writeCI(b, "github", &plan) },
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] += b.String()
		}
		return true
	})
	var b bytes.Buffer
	if err := report.HAR(&b, kept, false); err != nil {
		t.Fatal(err)
	}
	out["har"] = b.String()
	return out
}

// Nothing that a capture holds acts on a terminal: no control character, no
// escape sequence, no bidirectional override reaches any output.
func inert(t testing.TB, name, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%s holds the character %U", name, r)
			return
		}
	}
}

func TestOutputsAreInert(t *testing.T) {
	hostile := "HTTP/1.1 403 Forbidden\nX: \x1b]0;t\x07\n\n{\"statusCode\":403,\"errorCode\":\"CARD_NOT_FROZEN\",\"reason\":\"\\u001b[2J\\u202e\\u0007 \u009b31m \u2066 <script>alert(1)</script> [x](javascript:1) `a`\"}"
	for name, text := range outputs(t, []byte(hostile)) {
		inert(t, name, text)
		outside := regexp.MustCompile("``.*?``").ReplaceAllString(text, "") // a code span shows markup as it is
		if name == "markdown" && (strings.Contains(outside, "<script") || strings.Contains(outside, "x](javascript")) {
			t.Errorf("markdown lets markup through:\n%s", text)
		}
	}
}

// Text is no wider than asked for, commands excepted, which must stay whole.
func TestTextKeepsItsWidth(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/capture/*/*.in")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(outputs(t, text)["text"], "\n") {
			if len([]rune(line)) > 80 && !regexp.MustCompile(`immersve-doctor |curl |^ +(-H|--data-raw|https://)`).MatchString(line) {
				t.Errorf("%s: a line has %d columns: %s", name, len([]rune(line)), line)
			}
		}
	}
}

func TestJSONHasTheContractsShape(t *testing.T) {
	out := outputs(t, []byte("HTTP/1.1 403 Forbidden\n\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\",\"reason\":\"r\"}"))["json"]
	var d map[string]any
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, name := range []string{"schema", "source", "request", "response", "class", "summary", "findings", "checklist", "corrected", "retry"} {
		if _, ok := d[name]; !ok {
			t.Errorf("no member %s in %s", name, out)
		}
	}
	if strings.Count(out, "\n") != 1 {
		t.Error("the document is not on one line")
	}
	finding := d["findings"].([]any)[0].(map[string]any)
	for _, name := range []string{"id", "severity", "title", "evidence", "location", "fix", "docs"} {
		if _, ok := finding[name]; !ok {
			t.Errorf("a finding has no member %s", name)
		}
	}
	item := d["checklist"].([]any)[0].(map[string]any)
	for _, name := range []string{"id", "text", "verdict", "because", "finding", "verify"} {
		if _, ok := item[name]; !ok {
			t.Errorf("a checklist item has no member %s", name)
		}
	}
}

// The whole road, on anything: no panic, inert outputs, valid JSON, and no
// planted secret in any of them.
func FuzzTheWholeRoad(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/capture/*/*.in")
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil && len(text) < 4<<10 {
			f.Add(text)
		}
	}
	more, _ := filepath.Glob("../../testdata/finding/*/hit-[a-d]*.in")
	for _, name := range more {
		if text, err := os.ReadFile(name); err == nil && len(text) < 4<<10 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, out := range outputs(t, text) {
			inert(t, name, out)
			if name == "json" || name == "har" {
				for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
					if line != "" && !json.Valid([]byte(line)) {
						t.Errorf("%s is no JSON: %q", name, line)
					}
				}
			}
		}
	})
}
