package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// A capture saved as HAR and read back gives the diagnosis that it gave itself,
// but for where it was read. Masked, it gives no finding that the capture did not
// give: a mask is no malformed token.
func TestHARRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../testdata/finding/*/*.in")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d captures, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimPrefix(name, "../../testdata/finding/"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			first := exchangesOf(t, text)
			if again := savedAndRead(t, first, true); !cmp.Equal(diagnoses(t, first), diagnoses(t, again)) {
				t.Errorf("read back from HAR:\n%s", cmp.Diff(diagnoses(t, first), diagnoses(t, again)))
			}
			masked := savedAndRead(t, first, false)
			known := findingIDs(first)
			for _, id := range findingIDs(masked) {
				if !slices.Contains(known, id) {
					t.Errorf("the masked HAR gives %s, the capture did not", id)
				}
			}
		})
	}
}

func exchangesOf(t *testing.T, text []byte) (list []*exchange.Exchange) {
	t.Helper()
	_, err := capture.Each(bytes.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, ex)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func savedAndRead(t *testing.T, list []*exchange.Exchange, reveal bool) []*exchange.Exchange {
	t.Helper()
	var b bytes.Buffer
	if err := report.HAR(&b, list, reveal); err != nil {
		t.Fatal(err)
	}
	return exchangesOf(t, b.Bytes())
}

func at() time.Time { return time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC) }

func diagnoses(t *testing.T, list []*exchange.Exchange) []string {
	t.Helper()
	var texts []string
	for _, ex := range list {
		plan, err := troubleshoot.NewPlan(diagnose.Diagnose(ex, at()))
		if err != nil {
			t.Fatal(err)
		}
		plan.Summary = plan.Headline // the first step names the input's kind
		var b bytes.Buffer
		if err := report.JSON(&b, &plan); err != nil {
			t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(b.Bytes(), &members); err != nil {
			t.Fatal(err)
		}
		delete(members, "source")
		delete(members, "checklist") // its commands name the capture's kind
		text, _ := json.MarshalIndent(members, "", " ")
		texts = append(texts, string(text))
	}
	return texts
}

func findingIDs(list []*exchange.Exchange) (ids []string) {
	for _, ex := range list {
		d := diagnose.Diagnose(ex, at())
		for _, f := range d.Findings {
			ids = append(ids, f.ID)
		}
		if len(d.Error.Errors) > 0 {
			ids = append(ids, "server-named-field") // it may be evidence of another finding
		}
	}
	return ids
}
