package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// A verdict says of nothing that it fits which was not compared.
func TestWhatWasNotComparedDoesNotFit(t *testing.T) {
	tests := []struct {
		name, target, coding, body string
		item, because              string
	}{
		{"large", "", "", `{"a":"` + strings.Repeat("a", 5<<20) + `"}`, "400.body", "larger than 4 MiB"},
		{"many values", "", "", "[" + strings.Repeat("1,", 200_000) + "1]", "400.body", ""},
		{"many values in a member", "", "", `{"cardProgramId":"9d8c7b6a5f4e3d2c1b0a99887766554f","fundingSourceId":"315b7e0d4c2f4a619ddb20c7e86f138b","x":[` + strings.Repeat("1,", 200_000) + "1]}", "400.body", ""},
		{"deep", "", "", strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "400.body", "nested more than 1000 levels"},
		{"compressed", "", "gzip", "\x1f\x8b\x08", "400.body", "compressed"},
		{"many parameters", "?" + strings.Repeat("limit=1&", 201), "", "", "400.query", "more than 200 parameters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &exchange.Request{Method: "POST", URL: exchange.ParseURL("https://test.immersve.com/api/cards"), HeaderCaptured: true, Body: exchange.NewBody([]byte(tt.body))}
			if tt.target != "" {
				r.Method, r.URL = "GET", exchange.ParseURL("https://test.immersve.com/api/accounts/1a031a031a031a031a031a031a030b9e/cards"+tt.target)
			}
			r.Header.Add("Content-Type", "application/json")
			if tt.coding != "" {
				r.Header.Add("Content-Encoding", tt.coding)
			}
			d := diagnose.Diagnose(&exchange.Exchange{Request: r, Response: &exchange.Response{Status: 400}}, time.Time{})
			for _, v := range d.Verdicts {
				if v.Item == tt.item && (v.State == diagnose.OK || !strings.Contains(v.Because, tt.because)) {
					t.Errorf("%s: %v, %q", v.Item, v.State, v.Because)
				}
			}
		})
	}
}
