package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// writeCI writes plans in a CI format. The summary of GitHub follows the annotations.
func writeCI(b *bytes.Buffer, format string, plans ...*troubleshoot.Plan) error {
	dir, err := os.MkdirTemp("", "ci")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var summary bytes.Buffer
	w := report.NewCIWriter(format, b, "1.2.3", func() (io.ReadWriteSeeker, error) { return os.Create(filepath.Join(dir, "cases")) }, &summary)
	for _, p := range plans {
		c, err := report.CaseOf(p)
		if err != nil {
			return err
		}
		if err := w.Add(c); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	b.Write(summary.Bytes())
	return nil
}

// plansOf are the plans of the exchanges in an input.
func plansOf(t *testing.T, name, text string) []*troubleshoot.Plan {
	t.Helper()
	var plans []*troubleshoot.Plan
	_, _ = capture.Each(strings.NewReader(text), name, capture.Options{}, func(ex *exchange.Exchange) bool {
		plan, err := troubleshoot.NewPlan(diagnose.Diagnose(ex, clock))
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, &plan)
		return true
	})
	return plans
}

const (
	kycRequired = "> POST /api/cards HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 403 Forbidden\n< Content-Type: application/json\n< \n" +
		`{"statusCode":403,"errorCode":"KYC_REQUIRED","reason":"the cardholder & co <have> not passed KYC"}` + "\n"
	currencies = "> GET /api/currencies HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 200 OK\n< Content-Type: application/json\n< \n[]\n"
)

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := writeCI(&b, "junit", plansOf(t, "logs/run.txt", kycRequired+"\n"+currencies)...); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Tests int `xml:"tests,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Class   string `xml:"classname,attr"`
				File    string `xml:"file,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Type    string `xml:"type,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, &b)
	}
	if got.Tests != 2 || got.Failures != 1 || len(got.Suites) != 1 || got.Suites[0].Tests != 2 || len(got.Suites[0].Cases) != 2 {
		t.Fatalf("got %+v", got)
	}
	failed, passed := got.Suites[0].Cases[0], got.Suites[0].Cases[1]
	if failed.Name != "POST https://test.immersve.com/api/cards: 403" || failed.Class != "logs/run.txt" || failed.File != "logs/run.txt" || failed.Line != 1 {
		t.Errorf("the failed case is %+v", failed)
	}
	switch f := failed.Failure; {
	case f == nil:
		t.Error("the failed case has no failure")
	case f.Type != "error-code" || !strings.HasPrefix(f.Message, "403 KYC_REQUIRED") || !strings.Contains(f.Text, "\n  check "):
		t.Errorf("the failure is %+v", f)
	}
	if passed.Failure != nil || passed.Line != 9 {
		t.Errorf("the case that passed is %+v", passed)
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := writeCI(&b, "sarif", plansOf(t, "logs/my run.txt", kycRequired+"\n"+currencies)...); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, Version string
					Rules         []struct{ ID string }
				}
			}
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, &b)
	}
	run := got.Runs[0]
	if got.Version != "2.1.0" || run.Tool.Driver.Name != "immersve-doctor" || run.Tool.Driver.Version != "1.2.3" || len(run.Results) == 0 {
		t.Fatalf("got %+v", got)
	}
	first := run.Results[0]
	place := first.Locations[0].PhysicalLocation
	if first.RuleID != "error-code" || first.Level != "error" || !strings.HasPrefix(first.Message.Text, "403 KYC_REQUIRED on create-card:") || place.ArtifactLocation.URI != "logs/my%20run.txt" || place.Region.StartLine != 1 {
		t.Errorf("the first result is %+v", first)
	}
	rules := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		rules[r.ID] = true
	}
	for _, r := range run.Results {
		if !rules[r.RuleID] || len(r.Locations) == 0 {
			t.Errorf("the result %+v has no rule or no location", r)
		}
	}
}

// A run without results is a document, too: it closes earlier alerts.
func TestSARIFWithoutResults(t *testing.T) {
	var b bytes.Buffer
	if err := writeCI(&b, "sarif"); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"rules":[]`) {
		t.Errorf("got %s", &b)
	}
}

// GitHub shows the first ten annotations of a step, so the last one counts the others.
func TestGitHubAnnotations(t *testing.T) {
	var text strings.Builder
	for n := range 14 {
		fmt.Fprintf(&text, "> GET /api/cards/%d0000000-0000-4000-8000-000000000000 HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 40%d Wrong, or 100%% not\n< \n\n", n%10, n%5)
	}
	plans := plansOf(t, "a,b:c.txt", text.String())
	if len(plans) != 14 {
		t.Fatalf("%d plans", len(plans))
	}
	var b bytes.Buffer
	if err := writeCI(&b, "github", plans...); err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.HasPrefix(line, "::") {
			commands = append(commands, line)
		}
	}
	if len(commands) != 10 {
		t.Fatalf("%d annotations:\n%s", len(commands), &b)
	}
	if !strings.HasPrefix(commands[0], "::error file=a%2Cb%3Ac.txt,line=1,title=400 on ") {
		t.Errorf("the first annotation is %s", commands[0])
	}
	if !strings.HasPrefix(commands[9], "::error title=5 more errors::") {
		t.Errorf("the last annotation is %s", commands[9])
	}
	if n := strings.Count(b.String(), "\n## "); n != 14 {
		t.Errorf("the summary has %d failures", n)
	}
}

// An identical failure that was merged keeps all of its places.
func TestCaseOfMergedFailures(t *testing.T) {
	p := plansOf(t, "run.txt", kycRequired)[0]
	p.Again = []int{20, 40}
	p.Exchange.Response.Elapsed = 1500 * time.Millisecond
	c, err := report.CaseOf(p)
	if err != nil {
		t.Fatal(err)
	}
	if c.Count != 3 || len(c.Places) != 3 || c.Places[2].String() != "run.txt:40" || c.Elapsed != 1500*time.Millisecond {
		t.Errorf("got %+v", c)
	}
}
