package check

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
)

func TestLookUp(t *testing.T) {
	text := `  {"region": "NZ", "claims": [{"type": "DOB"}, {"type": "ADDRESS", "attributes": {"streetType": "Street", "a/b": [[1], [2, 3]]}}]}`
	tests := []struct {
		pointer, raw string
	}{
		{"/region", `"NZ"`},
		{"/claims/0/type", `"DOB"`},
		{"/claims/1/type", `"ADDRESS"`},
		{"/claims/1/attributes/streetType", `"Street"`},
		{"/claims/1/attributes/a~1b/1/1", `3`},
		{"/claims/1/attributes/a~1b/1", `[2, 3]`},
	}
	for _, tt := range tests {
		got, ok := lookUp([]byte(text), tt.pointer)
		if want := strings.Index(text, tt.raw); !ok || got.Raw != tt.raw || got.Index != want {
			t.Errorf("lookUp(%s) = %s at %d, %v; want %s at %d", tt.pointer, got.Raw, got.Index, ok, tt.raw, want)
		}
	}
	for _, pointer := range []string{"/absent", "/claims/2", "/region/0", "/claims/x"} {
		if got, ok := lookUp([]byte(text), pointer); ok {
			t.Errorf("lookUp(%s) = %s; want nothing", pointer, got.Raw)
		}
	}
}

// What is no answer of the API's says so, in the place that shows it; an error of the
// API's own form is taken for the API's, whoever passed it on.
func TestGatewaySign(t *testing.T) {
	const s3 = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
	const ours = `{"statusCode":403,"errorCode":"FORBIDDEN","message":"Forbidden"}`
	tests := []struct {
		status             int
		server, body, sign string
		part               Part
	}{
		{403, "AmazonS3", s3, `the body is XML with Code "AccessDenied", but the API returns JSON`, ResponseBody},
		{404, "", "<Error><Code>NoSuchKey</Code></Error>", `the body is XML with Code "NoSuchKey", but the API returns JSON`, ResponseBody},
		{403, "", "\ufeff<?xml version='1.0'?><Denied/>", "the body is XML, but the API returns JSON", ResponseBody},
		{403, "", "<!DOCTYPE html><title>Blocked</title>", `the body is an HTML page with the title "Blocked", but the API returns JSON`, ResponseBody},
		{403, "cloudflare", "<html>", `the body is an HTML page, and the server header is "cloudflare"`, ResponseHeader},
		{403, "CloudFront", "Request blocked.", `the server header is "CloudFront", and the body isn't an error of the API`, ResponseHeader},
		{522, "cloudflare", "", "status 522 is one of Cloudflare's, and so is the server header", ResponseLine},
		{502, "", "", "gateways return 502 (RFC 9110 section 15.6), and the body isn't an error of the API", ResponseLine},
		{403, "cloudflare", ours, "", ""},
		{403, "nginx", ours, "", ""},
		{403, "", "Forbidden", "", ""},
		{403, "", "", "", ""},
	}
	for _, tt := range tests {
		in := bodyInput(t, "create-card", "", "", tt.status)
		in.Exchange.Response.Body = exchange.NewBody([]byte(tt.body))
		if tt.server != "" {
			in.Exchange.Response.Header.Add("Server", tt.server)
		}
		in.Error = ReadErrorBody(in.Exchange.Response)
		if sign, part := gatewaySign(in); sign != tt.sign || part != tt.part {
			t.Errorf("%d, server %q, body %q:\ngot  %s (%s)\nwant %s (%s)", tt.status, tt.server, tt.body, sign, part, tt.sign, tt.part)
		}
	}
}
