package diagnose_test

import (
	"os"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// What clients print if no response arrives leads to one exchange, its cause and the
// phase, and to a first step.
func TestFailures(t *testing.T) {
	file, err := os.ReadFile("check/testdata/failures.txt")
	if err != nil {
		t.Fatal(err)
	}
	const host = "test.immersve.com"
	var want, text string
	count := 0
	check := func() {
		if text == "" {
			return
		}
		count++
		var list []diagnose.Diagnosis
		_, err := capture.Each(strings.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			list = append(list, diagnose.Diagnose(ex, clock))
			return true
		})
		if err != nil || len(list) != 1 {
			t.Errorf("%d exchanges, want %s:\n%s", len(list), want, text)
			return
		}
		got := "nothing"
		d := &list[0]
		if cause := d.Cause(); cause != nil {
			got = cause.ID + " -"
			if cause.Location.Name != "" {
				got = cause.ID + " " + cause.Location.Name
			}
			if strings.Contains(cause.Fix, "took effect") && (d.Exchange.Request.Method == "GET" || d.OperationID() == "list-currencies") {
				t.Errorf("a GET has no effect to look for: %s\n%s", cause.Fix, text)
			}
		}
		if got != want || d.Class != "no-response" {
			t.Errorf("%s (%s), want %s:\n%s", got, d.Class, want, text)
		}
	}
	for line := range strings.Lines(string(file)) {
		if rest, ok := strings.CutPrefix(line, "= "); ok {
			check()
			want, text = strings.TrimSpace(rest), ""
			continue
		}
		if !strings.HasPrefix(line, "# ") && line != "\n" && want != "" {
			text += strings.ReplaceAll(line, "{host}", host)
		}
	}
	check()
	if count < 150 {
		t.Errorf("only %d failures", count)
	}
}
