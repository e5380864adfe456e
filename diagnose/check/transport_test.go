package check_test

import (
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// The first step after a failed connection fits the method and the host.
func TestTransportAdvice(t *testing.T) {
	const test = "https://test.immersve.com"
	tests := []struct {
		name, method, url, text string
		curlCode                int
		kind                    exchange.FailureKind
		phase                   exchange.Phase
		id, fix, not            string
	}{
		{"a read is sent again", "GET", test + "/api/currencies", "timed out", 28, exchange.FailureTimeout, exchange.PhaseWait, "timeout", "Retry", "took effect"},
		{"a creation is looked for", "POST", test + "/api/cards", "Empty reply from server", 52, exchange.FailureReset, exchange.PhaseWait, "connection-reset", "list-cards", "Retry:"},
		{"nothing was sent", "POST", test + "/api/cards", "connect timeout", 0, exchange.FailureTimeout, exchange.PhaseConnect, "timeout", "nothing was sent", "took effect"},
		{"an address needs no lookup", "GET", "http://192.0.2.7/api/currencies", "getaddrinfo", 0, exchange.FailureDNS, exchange.PhaseDNS, "dns-failure", "needs no DNS lookup", "spelling"},
		{"the name is right", "GET", test + "/api/currencies", "Could not resolve host", 6, exchange.FailureDNS, exchange.PhaseDNS, "dns-failure", "host name is right", "spelling"},
		{"the name may be wrong", "GET", "https://test.imersve.con/api/currencies", "Could not resolve host", 6, exchange.FailureDNS, exchange.PhaseDNS, "dns-failure", "spelling", "right"},
		{"nothing listens here", "GET", "http://127.0.0.1:8080/api/currencies", "Connection refused", 7, exchange.FailureRefused, exchange.PhaseConnect, "connection-refused", "Start the server on 127.0.0.1:8080", "proxies"},
		{"the URL was malformed", "GET", test + "/api/currencies", "URL rejected: Malformed input to a URL function", 3, "", "", "path-invalid-value", "remove spaces", "took effect"},
		{"a proxy asks who", "GET", test + "/api/currencies", "CONNECT tunnel failed, response 407", 56, "", exchange.PhaseConnect, "gateway-error", "user name and password", "took effect"},
		{"an issuer isn't trusted", "GET", test + "/api/currencies", "unable to get local issuer certificate", 60, exchange.FailureTLS, exchange.PhaseTLS, "tls-failure", "CA certificates", "clock"},
		{"a certificate expired", "GET", test + "/api/currencies", "certificate has expired", 60, exchange.FailureTLS, exchange.PhaseTLS, "tls-failure", "clock", "CA certificates"},
	}
	for _, tt := range tests {
		request := &exchange.Request{Method: exchange.Method(tt.method), URL: exchange.ParseURL(tt.url)}
		ex := &exchange.Exchange{Request: request, Failure: &exchange.Failure{Kind: tt.kind, Phase: tt.phase, Text: tt.text, CurlCode: tt.curlCode}}
		d := diagnose.Diagnose(ex, time.Unix(1796000000, 0))
		if len(d.Findings) == 0 {
			t.Errorf("%s: no finding", tt.name)
			continue
		}
		f := d.Findings[0]
		if tt.name == "the name may be wrong" {
			f = d.Findings[max(0, indexOf(d.Findings, tt.id))]
		}
		if f.ID != tt.id || !strings.Contains(f.Fix, tt.fix) || strings.Contains(f.Fix, tt.not) {
			t.Errorf("%s: %s, fix %q", tt.name, f.ID, f.Fix)
		}
		if len(f.Fix) > 80 {
			t.Errorf("%s: the fix wraps: %q", tt.name, f.Fix)
		}
	}
}

func indexOf(findings []check.Finding, id string) int {
	for i, f := range findings {
		if f.ID == id {
			return i
		}
	}
	return -1
}
