package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
)

// answered is an exchange with a response of this status and body, after some
// milliseconds.
func answered(status int, phrase, body string, took time.Duration) diagnose.Diagnosis {
	ex := &exchange.Exchange{
		Request:  &exchange.Request{Method: "GET", URL: exchange.ParseURL("https://test.immersve.com/api/currencies")},
		Response: &exchange.Response{Status: status, Phrase: phrase, Elapsed: took, Body: exchange.NewBody([]byte(body))},
	}
	return diagnose.Diagnose(ex, clock)
}

func failed(kind exchange.FailureKind) diagnose.Diagnosis {
	return diagnose.Diagnose(&exchange.Exchange{Failure: &exchange.Failure{Kind: kind}}, clock)
}

func replayOf(before, after diagnose.Diagnosis) *report.Replay {
	return &report.Replay{Before: &before, After: &after, Outcome: diagnose.OutcomeOf(&before, &after)}
}

func TestReplayText(t *testing.T) {
	kyc := answered(403, "Forbidden", `{"statusCode":403,"errorCode":"KYC_REQUIRED","reason":"not passed"}`, 412*time.Millisecond)
	fine := answered(200, "OK", `[]`, 98*time.Millisecond)
	tests := []struct {
		name   string
		replay *report.Replay
		want   string
	}{
		{"fixed", replayOf(kyc, fine), `✓ FIXED    403 KYC_REQUIRED before, 200 now

           before                            now
  status   403 Forbidden                     200 OK
  code     KYC_REQUIRED                      –
  reason   not passed                        –
  finding  error-code-elsewhere              –
  elapsed  412ms                             98ms
`},
		{"the same", replayOf(kyc, kyc), "✗ SAME     403 KYC_REQUIRED, as before\n"},
		{"both fine", replayOf(fine, fine), "✓ SAME     200, as before\n"},
		{"nothing before", replayOf(diagnose.Diagnose(&exchange.Exchange{}, clock), fine), "✓ NEW      200 (the input has no response to compare with)\n"},
		{"no response any more", replayOf(fine, failed(exchange.FailureTimeout)), `✗ WORSE    200 before, no response (timeout) now

           before                            now
  status   200 OK                            no response (timeout)
  finding  –                                 timeout
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.ReplayText(&b, tt.replay, report.Style{Unicode: true}); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
			}
		})
	}
}

// Whatever a server says, no line is wider than asked for, nothing acts on the
// terminal, and no secret shows.
func TestReplayIsInert(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1YjJmIn0.c2lnbmF0dXJlc2lnbmF0dXJl"
	hostile := answered(403, "\x1b[31mForbidden", `{"errorCode":"`+strings.Repeat("LONG_", 40)+`","reason":"\u001b]0;x\u0007 \u202e token `+token+` |\n# x"}`, 0)
	r := replayOf(hostile, answered(500, "", `{"errorCode":"`+token+`"}`, 0))
	plan, err := troubleshoot.NewPlan(*r.After)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{40, 80} {
		var b bytes.Buffer
		if err := report.ReplayText(&b, r, report.Style{Width: width, Unicode: true}); err != nil {
			t.Fatal(err)
		}
		inert(t, "text", b.String())
		unmasked(t, b.String())
		for line := range strings.Lines(b.String()) {
			if w := report.Columns(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("a line of %d columns at a width of %d: %q", w, width, line)
			}
		}
	}
	var ascii, markdown, document bytes.Buffer
	if err := report.ReplayText(&ascii, r, report.Style{}); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(ascii.String(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("without Unicode: %q", ascii.String()[i:])
	}
	if err := report.ReplayMarkdown(&markdown, r); err != nil {
		t.Fatal(err)
	}
	if err := report.ReplayJSON(&document, &plan, r); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{markdown.String(), document.String()} {
		inert(t, "replay", text)
		unmasked(t, text)
	}
	if rows := strings.Count(markdown.String(), "\n|"); rows != 6 { // head, rule, status, code, reason, finding
		t.Errorf("the table has %d rows:\n%s", rows, markdown.String())
	}
}

func unmasked(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, "c2lnbmF0dXJl") {
		t.Errorf("the token shows in %s", text)
	}
}

// The document is the diagnosis with one member more.
func TestReplayJSON(t *testing.T) {
	fine := answered(200, "OK", `[]`, 0)
	plan, err := troubleshoot.NewPlan(fine)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		before diagnose.Diagnosis
		want   string
	}{
		{answered(403, "", `{"errorCode":"KYC_REQUIRED"}`, 0), `{"before":{"status":403,"errorCode":"KYC_REQUIRED"},"outcome":"FIXED"}`},
		{failed(exchange.FailureTimeout), `{"before":{"status":0,"errorCode":"","failure":"timeout"},"outcome":"FIXED"}`},
		{diagnose.Diagnose(&exchange.Exchange{}, clock), `{"before":null,"outcome":"NEW"}`},
	}
	var plain bytes.Buffer
	if err := report.JSON(&plain, &plan); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		var b bytes.Buffer
		if err := report.ReplayJSON(&b, &plan, replayOf(tt.before, fine)); err != nil {
			t.Fatal(err)
		}
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if got := string(doc["replay"]); got != tt.want {
			t.Errorf("replay is %s, want %s", got, tt.want)
		}
		if rest := strings.TrimSuffix(plain.String(), "}\n"); !strings.HasPrefix(b.String(), rest) {
			t.Errorf("the diagnosis differs:\n%s\n%s", b.String(), rest)
		}
	}
}
