package diagnose_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

func TestOutcomeOf(t *testing.T) {
	tests := []struct {
		before, after string // "403 CODE", "timeout" for a failure, "" for no answer in the capture
		want          diagnose.Outcome
	}{
		{"403 KYC_REQUIRED", "200", diagnose.Fixed},
		{"503", "204", diagnose.Fixed},
		{"timeout", "200", diagnose.Fixed},
		{"307", "200", diagnose.Fixed},
		{"403 KYC_REQUIRED", "403 KYC_REQUIRED", diagnose.Same},
		{"401", "401", diagnose.Same},
		{"timeout", "timeout", diagnose.Same},
		{"200", "200", diagnose.Same},
		{"200", "202", diagnose.Same},
		{"403 KYC_REQUIRED", "403 CONTACT_EMAIL_REQUIRED", diagnose.Changed},
		{"401", "403 FORBIDDEN", diagnose.Changed},
		{"timeout", "connection-refused", diagnose.Changed},
		{"timeout", "503", diagnose.Changed},
		{"200", "403 FORBIDDEN", diagnose.Worse},
		{"200", "timeout", diagnose.Worse},
		{"403 FORBIDDEN", "connection-reset", diagnose.Worse},
		{"", "200", diagnose.New},
		{"", "403 FORBIDDEN", diagnose.New},
		{"", "timeout", diagnose.New},
	}
	for _, tt := range tests {
		before, after := answer(tt.before), answer(tt.after)
		if got := diagnose.OutcomeOf(&before, &after); got != tt.want {
			t.Errorf("%q before, %q now: %s, want %s", tt.before, tt.after, got, tt.want)
		}
	}
}

func answer(text string) diagnose.Diagnosis {
	ex := &exchange.Exchange{Request: &exchange.Request{Method: "GET", URL: exchange.ParseURL("https://test.immersve.com/api/currencies")}}
	status, code, _ := strings.Cut(text, " ")
	if n, err := strconv.Atoi(status); err == nil {
		ex.Response = &exchange.Response{Status: n}
		if code != "" {
			ex.Response.Body = exchange.NewBody(fmt.Appendf(nil, `{"statusCode":%d,"errorCode":%q}`, n, code))
		}
	} else if text != "" {
		ex.Failure = &exchange.Failure{Kind: exchange.FailureKind(text)}
	}
	return diagnose.Diagnose(ex, time.Unix(0, 0))
}
