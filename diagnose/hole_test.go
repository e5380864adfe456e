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

// A variable in the place of the host, or of all that precedes the path, hides neither
// the path nor the query. An unknown path is a cause only if it's plainly the API's.
func TestVariableHosts(t *testing.T) {
	const id = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"
	const credentials = ` -H "x-api-key: $KEY" -H "x-api-secret: $SECRET" -H "x-account-id: $ID"`
	tests := []struct{ url, operation, first string }{
		{"$BASE_URL/api/cards/" + id, "get-card", ""},
		{"${host}/api/currencies", "list-currencies", ""},
		{"${API}/currencies", "list-currencies", ""}, // the variable may end with /api
		{"${API}currencies", "list-currencies", ""},
		{"$HOST:8080/api/currencies", "list-currencies", ""},
		{"https://$host/api/currencies", "list-currencies", ""},
		{"%BASE%/api/currencies", "list-currencies", ""},
		{"$URL", "", ""},
		{"$URL?limit=5", "", ""},
		{"$BASE/api/card/" + id, "", "unknown-route error"},
		{"$BASE/card/" + id, "", "unknown-route error"},
		{"https://$host/api/accounts/$ID/", "", "unknown-route error"},
		{"https://$host/api/card-programs", "", "unknown-route error"},
		{"$BASE/api/cards", "", "wrong-method error"},
		{"https://$host/internal/reports", "", "unknown-route warning"},
		{"https://gateway.example/api/card/" + id, "", "unknown-route warning"},
	}
	for _, tt := range tests {
		text := "$ curl -i \"" + tt.url + "\"" + credentials + "\nHTTP/1.1 404 Not Found\nContent-Type: application/json\n\n{\"statusCode\":404}\n"
		found := 0
		_, err := capture.Each(strings.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			found++
			d := diagnose.Diagnose(ex, clock)
			first := ""
			for _, f := range d.Findings {
				if f.ID != "unknown-host" {
					first = f.ID + " " + f.Severity.String()
					break
				}
			}
			if d.OperationID() != tt.operation || first != tt.first {
				t.Errorf("%s: operation %q, first %q, want %q and %q", tt.url, d.OperationID(), first, tt.operation, tt.first)
			}
			return true
		})
		if err != nil || found != 1 {
			t.Errorf("%s: %d exchanges, %v", tt.url, found, err)
		}
	}
}
