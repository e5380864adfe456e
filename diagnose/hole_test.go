package diagnose_test

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// What surrounds a variable of the user's shell is judged like anything else, and
// nothing is claimed about the variable.
func TestCommandsWithVariables(t *testing.T) {
	const both = ` -H "x-api-key: ${key}" -H "x-api-secret: ${secret}"`
	tests := []struct{ name, command, status, first string }{
		{"half of a key", `curl -i "https://test.immersve.com/api/currencies" -H "x-api-key: ${key}"`, "401 Unauthorized", "api-secret-missing"},
		{"a wrong method", `curl -i -X POST "https://test.immersve.com/api/accounts/${id}/partner-kyc-statement"` + both, "404 Not Found", "wrong-method"},
		{"a wrong path on an unknown host", `curl -i "https://${host}/api/funding-channels/${id}"` + both, "404 Not Found", "unknown-route"},
		{"no x-account-id", `curl -i "https://test.immersve.com/api/cards/${id}"` + both, "403 Forbidden", "target-account-missing"},
		{"a comma too many", `curl -i https://test.immersve.com/api/cards -H "Content-Type: application/json"` + both + ` -d '{"cardProgramId": "'${program}'", "fundingSourceId": "'${source}'",}'`, "400 Bad Request", "body-invalid-json"},
		{"the shell may complete it", `curl -i https://test.immersve.com/api/cards -H "Content-Type: application/json"` + both + ` -d "{\"cardProgramId\": \"a\", ${rest}}"`, "400 Bad Request", ""},
		{"nothing to see", `curl -i "https://test.immersve.com/api/cards/${id}" -H "x-account-id: ${account}"` + both, "403 Forbidden", ""},
	}
	for _, tt := range tests {
		text := "$ " + tt.command + "\nHTTP/1.1 " + tt.status + "\nContent-Type: application/json\n\n{\"statusCode\":" + tt.status[:3] + "}\n"
		_, err := capture.Each(strings.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			d := diagnose.Diagnose(ex, clock)
			first := ""
			if len(d.Findings) > 0 {
				first = d.Findings[0].ID
			}
			if first != tt.first {
				t.Errorf("%s: first is %q, want %q", tt.name, first, tt.first)
			}
			for _, f := range d.Findings {
				if strings.Contains(f.Title+f.Evidence, "never expanded") {
					t.Errorf("%s: %s accuses a variable: %s", tt.name, f.ID, f.Title)
				}
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
