package troubleshoot_test

import (
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/troubleshoot"
)

// A state that a code page waits for is in the named endpoint's response.
func TestWaitsAreDocumented(t *testing.T) {
	waits := 0
	for _, id := range troubleshoot.List("codes") {
		page, err := troubleshoot.Code(id)
		if err != nil {
			t.Fatal(err)
		}
		wait := page.Retry.Wait
		if wait.Operation == "" {
			continue
		}
		waits++
		op, err := api.Lookup(wait.Operation)
		if err != nil || op.Method != "GET" || wait.Why == "" {
			t.Errorf("codes/%s.md: wait: %+v, %v", id, wait, err)
			continue
		}
		schema := string(op.Responses["200"].Schema)
		for _, word := range append(wait.Values, wait.Field) {
			if !strings.Contains(schema, `"`+word+`"`) {
				t.Errorf("codes/%s.md: %s doesn't return %q: %s", id, wait.Operation, word, schema)
			}
		}
	}
	if waits == 0 {
		t.Error("no page waits")
	}
}

// What probes see of a state decides whether waiting helps.
func TestRetryFollowsProbes(t *testing.T) {
	tests := []struct {
		code, target, get, body string
		want                    string
	}{
		{"KYC_REQUIRED", "POST /api/cards", "get-kyc-profile", `{"status":"pending"}`, "after-delay"},
		{"KYC_REQUIRED", "POST /api/cards", "get-kyc-profile", `{"status":"passing"}`, "after-delay"},
		{"KYC_REQUIRED", "POST /api/cards", "get-kyc-profile", `{"status":"failed"}`, "after-fix"},
		{"KYC_REQUIRED", "POST /api/cards", "get-account", `{"status":"pending"}`, "after-fix"},
		{"CARD_ACTIVATION_FORBIDDEN", "POST /api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/activate", "get-card", `{"status":"created"}`, "after-delay"},
		{"CARD_ACTIVATION_FORBIDDEN", "POST /api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/activate", "get-card", `{"status":"cancelled"}`, "after-fix"},
		{"FORBIDDEN", "POST /api/reports/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/download", "get-report", `{"status":"pending"}`, "after-delay"},
		{"FORBIDDEN", "POST /api/reports/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/download", "get-report", `{"status":"completed"}`, "after-fix"},
	}
	for _, tt := range tests {
		d := diagnoseText(t, "-", fmt.Sprintf("> %s HTTP/1.1\n> Host: test.immersve.com\n> x-api-key: imm-key-test-00\n> x-api-secret: imm-secret-test-00\n>\n< HTTP/1.1 403 Forbidden\n< content-type: application/json\n<\n{\"statusCode\":403,\"errorCode\":%q}\n", tt.target, tt.code))[0]
		if d.Operation == nil {
			t.Errorf("%s: no endpoint", tt.target)
		}
		plan, err := troubleshoot.NewPlan(d.With(diagnose.Proof{Probes: []diagnose.Probe{{Operation: tt.get, Status: 200, Body: []byte(tt.body)}}}))
		if err != nil || plan.Retry.Advice != tt.want || tt.want == "after-delay" && !strings.Contains(plan.Retry.Why, "wait") {
			t.Errorf("%s on %s with %s %s: %+v, %v; want %s", tt.code, tt.target, tt.get, tt.body, plan.Retry, err, tt.want)
		}
	}
}
