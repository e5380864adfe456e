package diagnose_test

import (
	"bytes"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// credentials are the headers of a sound request.
const credentials = "Host: test.immersve.com\n" +
	"x-api-key: imm-key-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n" +
	"x-api-secret: imm-secret-test-fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\n" +
	"x-account-id: 0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n"

// refused returns the diagnosis of a request and of a response without a body.
func refused(t *testing.T, line, header, body string, status string) diagnose.Diagnosis {
	t.Helper()
	if body != "" {
		header += "Content-Type: application/json\n"
	}
	text := line + " HTTP/1.1\n" + header + "\n" + body + "\n\nHTTP/1.1 " + status + "\nDate: Mon, 23 Nov 2026 10:44:12 GMT\nContent-Type: application/json\n\n{\"statusCode\":" + status + "}\n"
	var list []diagnose.Diagnosis
	_, err := capture.Each(bytes.NewReader([]byte(text)), "", capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, diagnose.Diagnose(ex, clock))
		return true
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %d exchanges, %v", line, len(list), err)
	}
	return list[0]
}

// A correction is offered only if diagnosing it finds no error, and it changes
// nothing but what the findings name.
func TestCorrections(t *testing.T) {
	const id = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"
	tests := []struct {
		name, line, body, status string
		want                     string // "METHOD path body" of the correction, "" for none
	}{
		{"two mistakes at once", "POST /api/card", `{"cardProgramId":"a","fundingSourceId":"b",}`, "404", `POST /api/cards {"cardProgramId":"a","fundingSourceId":"b"}`},
		{"a mistake that a syntax error hid", "POST /api/cards", `{'cardprogramid':'a','fundingSourceId':'b'}`, "400", `POST /api/cards {"cardProgramId":"a","fundingSourceId":"b"}`},
		{"an amount has quotes", "POST /api/funding-sources/" + id + "/withdraw", `{"amount":"1314"}`, "400", `POST /api/funding-sources/` + id + `/withdraw {"amount":1314}`},
		{"only the case differs", "POST /api/challenges", `{"purpose":"claim-web3-address","network":"BASE_SEPOLIA","address":"0x71C7656EC7ab88b098defB751B7401B5f6d8976F"}`, "400", `POST /api/challenges {"purpose":"claim-web3-address","network":"base-sepolia","address":"0x71C7656EC7ab88b098defB751B7401B5f6d8976F"}`},
		{"a value of the list isn't guessed", "POST /api/challenges", `{"purpose":"claim-web3-address","network":"bsc-mainnet","address":"0x71C7656EC7ab88b098defB751B7401B5f6d8976F"}`, "400", ""},
		{"an epoch isn't a date", "POST /api/3ds-challenges/" + id + "/outcome", `{"outcome":"approved","authTypes":["face-id"],"authenticatedAt":1796030085,"metadata":{"appId":"a","deviceId":"b","ipAddress":"192.0.2.1"}}`, "400", ""},
		{"an object isn't the item of a list", "PUT /api/accounts/" + id + "/partner-kyc-statement", `{"idempotencyKey":"a","region":"NZ","claims":{"DOB":"1990-04-23"},"evidence":[{"evidenceType":"PASSPORT","documentId":"a","country":"NZ","expiry":"2028-10-12"}]}`, "400", ""},
		{"a field of three that go together", "POST /api/cards/" + id + "/reissue", `{"reissuanceType":"standard-renewal","shippingMethod":"STANDARD-COURIER"}`, "400", ""},
		{"another error is left", "POST /api/card", `{"cardProgramId":"a"}`, "404", ""},
		{"null isn't the value", "POST /api/cards", `{"cardProgramId":"a","fundingSourceId":None}`, "400", ""},
		{"an ID isn't known", "GET /api/payments?limit=5", "", "404", "GET /api/accounts/" + id + "/transactions?limit=5 "},
		{"1 isn't true", "GET /api/accounts/" + id + "/kyc-profile?includePersonalDetails=1", "", "400", ""},
		{"the case of true", "GET /api/accounts/" + id + "/kyc-profile?includePersonalDetails=True", "", "400", "GET /api/accounts/" + id + "/kyc-profile?includePersonalDetails=true "},
		{"the query behind an ampersand", "GET /api/accounts/" + id + "/cards&limit=5", "", "404", "GET /api/accounts/" + id + "/cards?limit=5 "},
	}
	for _, tt := range tests {
		d := refused(t, tt.line, credentials, tt.body, tt.status)
		got := ""
		if c := d.Corrected; c != nil {
			got = string(c.Method) + " " + c.URL.Path
			if c.URL.RawQuery != "" {
				got += "?" + c.URL.RawQuery
			}
			got += " " + string(c.Body.Bytes())
		}
		if got != tt.want {
			t.Errorf("%s: corrected to %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is missing from a request counts only as far as the input shows it.
func TestAbsence(t *testing.T) {
	const (
		host   = "Host: test.immersve.com\nUser-Agent: curl/8.5.0\n"
		key    = "x-api-key: imm-key-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
		secret = "imm-secret-test-fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\n"
	)
	tests := []struct{ name, header, status, first string }{
		{"the secret is missing", host + key, "401", "api-secret-missing"},
		{"the secret has a different name", host + key + "x-secret: " + secret, "401", "api-secret-missing"},
		{"the API knew the caller", host, "403", ""},
		{"no credentials", host, "401", "credentials-missing"},
		{"program text", host + key + "x-api-secret: process.env.IMMERSVE_API_SECRET\n", "401", "credential-placeholder"},
		{"Python's text", host + key + "x-api-secret: os.environ['SECRET']\n", "401", "credential-placeholder"},
		{"two spaces", host + "Authorization: Bearer  eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.kGmc9BwcKyjn5gD\n", "401", "credential-whitespace"},
	}
	for _, tt := range tests {
		d := refused(t, "GET /api/currencies", tt.header, "", tt.status)
		first := ""
		if len(d.Findings) > 0 && d.Findings[0].ID != "secret-in-capture" {
			first = d.Findings[0].ID
		}
		if first != tt.first && !(tt.first == "" && first == "target-account-missing") {
			t.Errorf("%s: first is %q, want %q", tt.name, first, tt.first)
		}
	}
}

// An expired token is the cause only if the input tells when the request was sent.
func TestExpiredWithoutATime(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIiwiaWF0IjoxNzk1NDAwMDAwLCJleHAiOjE3OTU0MDEyMDB9.kGmc9BwcKyjn5gD"
	for _, date := range []string{"", "Date: Mon, 23 Nov 2026 10:44:12 GMT\n"} {
		text := "GET /api/currencies HTTP/1.1\nHost: test.immersve.com\nAuthorization: Bearer " + token + "\n\nHTTP/1.1 401 Unauthorized\n" + date + "\n"
		_, err := capture.Each(strings.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			d := diagnose.Diagnose(ex, clock)
			if len(d.Findings) == 0 || d.Findings[0].ID != "token-expired" {
				t.Fatalf("date %q: %v", date, d.Findings)
			}
			f := d.Findings[0]
			proven := date != ""
			if (d.Cause() != nil) != proven || strings.Contains(f.Title, "this machine's clock") == proven {
				t.Errorf("date %q: %s %q", date, f.Severity, f.Title)
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
