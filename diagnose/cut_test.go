package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// accused are the ids of the errors that a capture's exchanges have.
func accused(text string, limit int64) map[string]bool {
	ids := map[string]bool{}
	_, _ = capture.Each(strings.NewReader(text), "-", capture.Options{MaxBytes: limit}, func(ex *exchange.Exchange) bool {
		for _, f := range diagnose.Diagnose(ex, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)).Findings {
			if f.Severity == check.Error {
				ids[f.ID] = true
			}
		}
		return true
	})
	return ids
}

// Where reading stops early, nothing is accused that the whole capture would not
// be: neither what was cut nor what would have followed.
func TestWhatWasCutIsNotAccused(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmNzdlNjU1OTgyNWE1NzE3NTE3NmRkZjk5NzFjMTU1OSIsImlhdCI6MTc5NTQzMDM1MiwiZXhwIjoxODk1NDMxNTUyfQ.wcoHTVxkpqvFbVKGuAmI2uiehUGWeUGj"
	const body = `{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae9","fundingSourceId":"f1e521305c7bb1131be27e6e68177ffa"}`
	const verbose = "> POST /api/cards HTTP/1.1\n> Host: test.immersve.com\n> Authorization: Bearer " + token + "\n> Content-Type: application/json\n> Content-Length: 105\n> \n" +
		"< HTTP/1.1 429 Too Many Requests\n< Content-Type: application/json\n< Retry-After: 10\n< \n" + `{"statusCode":429,"statusName":"Too Many Requests"}` + "\n"
	raw := "POST /api/cards HTTP/1.1\nHost: test.immersve.com\nAuthorization: Bearer " + token + "\nContent-Type: application/json\n\n" + body + "\n\nHTTP/1.1 201 Created\nContent-Type: application/json\n\n{\"id\":\"a\"}\n"
	for name, text := range map[string]string{
		"curl -v":      verbose,
		"raw":          raw,
		".http":        "### a\nPOST https://test.immersve.com/api/cards\nAuthorization: Bearer " + token + "\nContent-Type: application/json\n\n" + body + "\n",
		"curl command": "curl -X POST https://test.immersve.com/api/cards -H 'Authorization: Bearer " + token + "' -H 'Content-Type: application/json' -d '" + body + "'\n",
	} {
		whole := accused(text, 0)
		for limit := 1; limit < len(text); limit++ {
			for id := range accused(text, int64(limit)) {
				if !whole[id] {
					t.Errorf("%s, cut behind %q: %s", name, text[max(0, limit-30):limit], id)
				}
			}
		}
	}
}

// Node's inspect prints what is too deep as [Array] and [Object]: the rest of a
// response is read, and nothing is claimed about such a request body.
func TestElidedValues(t *testing.T) {
	dump := func(request, errors string) string {
		return "AxiosError: Request failed with status code 400\n    at settle (/app/node_modules/axios/dist/node/axios.cjs:2019:12) {\n" +
			"  config: {\n    headers: Object [AxiosHeaders] { 'content-type': 'application/json' },\n    method: 'post',\n    url: 'https://test.immersve.com/api/cards',\n    data: " + request + "\n  },\n" +
			"  response: {\n    status: 400,\n    data: { statusCode: 400, errorCode: 'INVALID_REQUEST_INPUT', errors: " + errors + " }\n  }\n}\n"
	}
	const sound = `'{"cardProgramId":"51a83cf69d2d93778926038659ae120f","fundingSourceId":"858cbc367cd544015833a2b3664077be"}'`
	for _, tt := range []struct{ name, request, errors, first string }{
		{"a list that names a field", sound, "[Array]", "server-named-field"},
		{"no list", sound, "[]", ""},
		{"a request body", "{ cardProgramId: '51a83cf69d2d93778926038659ae120f', fundingSourceId: [Object] }", "[]", ""},
		{"a real cause comes first", `'{"cardProgramId":"51a83cf69d2d93778926038659ae120f"}'`, "[Array]", "body-missing-field"},
	} {
		found := 0
		_, err := capture.Each(strings.NewReader(dump(tt.request, tt.errors)), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			found++
			d := diagnose.Diagnose(ex, clock)
			first := ""
			if cause := d.Cause(); cause != nil {
				first = cause.ID
			}
			if first != tt.first || d.Error.Code != "INVALID_REQUEST_INPUT" {
				t.Errorf("%s: first is %q, want %q; errorCode %q", tt.name, first, tt.first, d.Error.Code)
			}
			return true
		})
		if err != nil || found != 1 {
			t.Errorf("%s: %d exchanges, %v", tt.name, found, err)
		}
	}
}

// A body that a program printed as a string is what was sent, with its mistakes. One
// that it printed as an object was JSON.
func TestPrintedBodies(t *testing.T) {
	for _, tt := range []struct{ name, data, first string }{
		{"single quotes", `"{'cardProgramId':'51a83cf69d2d93778926038659ae120f','fundingSourceId':'858cbc367cd544015833a2b3664077be'}"`, "body-invalid-json"},
		{"cut short", `'{"cardProgramId":"51a83cf69d2d93778926038659ae120f","fund'`, "body-invalid-json"},
		{"an empty object", `'{}'`, "body-missing-field"},
		{"nothing", `undefined`, "body-missing"},
		{"an object", `{ cardProgramId: '51a83cf69d2d93778926038659ae120f', fundingSourceId: '858cbc367cd544015833a2b3664077be' }`, ""},
		{"sound", `'{"cardProgramId":"51a83cf69d2d93778926038659ae120f","fundingSourceId":"858cbc367cd544015833a2b3664077be"}'`, ""},
	} {
		text := "AxiosError: Request failed with status code 400\n    at settle (/app/node_modules/axios/dist/node/axios.cjs:2019:12) {\n" +
			"  config: {\n    headers: Object [AxiosHeaders] { 'content-type': 'application/json' },\n    method: 'post',\n    url: 'https://test.immersve.com/api/cards',\n    data: " + tt.data + "\n  },\n" +
			"  response: {\n    status: 400,\n    data: { statusCode: 400, errorCode: 'INVALID_REQUEST_INPUT' }\n  }\n}\n"
		_, err := capture.Each(strings.NewReader(text), "", capture.Options{}, func(ex *exchange.Exchange) bool {
			d := diagnose.Diagnose(ex, clock)
			first := ""
			if cause := d.Cause(); cause != nil {
				first = cause.ID
			}
			if first != tt.first {
				t.Errorf("%s: first is %q, want %q", tt.name, first, tt.first)
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A log that prints every header shows what wasn't sent. One that prints none, or a
// value that it took out, shows nothing.
func TestAbsentHeaders(t *testing.T) {
	const begin = "info: System.Net.Http.HttpClient.Cards.ClientHandler[100]\n      Sending HTTP request GET https://test.immersve.com/api/currencies\n"
	const end = "info: System.Net.Http.HttpClient.Cards.ClientHandler[101]\n      Received HTTP response headers after 120.5ms - 401\n"
	const key = "      x-api-key: imm-key-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	const headers = "trce: System.Net.Http.HttpClient.Cards.ClientHandler[102]\n      Request Headers:\n      User-Agent: cards/1.0\n"
	for _, tt := range []struct{ name, text, first string }{
		{"half a key", begin + headers + key + end, "api-secret-missing error"},
		{"no credentials", begin + headers + end, "credentials-missing warning"},
		{"a redacted secret", begin + headers + key + "      x-api-secret: *\n" + end, ""},
		{"no headers", begin + end, ""},
	} {
		_, err := capture.Each(strings.NewReader(tt.text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
			first := ""
			if d := diagnose.Diagnose(ex, clock); len(d.Findings) > 0 {
				first = d.Findings[0].ID + " " + d.Findings[0].Severity.String()
			}
			if first != tt.first {
				t.Errorf("%s: first is %q, want %q", tt.name, first, tt.first)
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
