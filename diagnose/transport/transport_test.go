package transport

import (
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
)

func TestFiles(t *testing.T) {
	list, err := parse(phrasesFile)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, p := range list {
		key := fmt.Sprint(p.curlCode, p.text)
		if seen[key] {
			t.Errorf("%q twice", key)
		}
		seen[key] = true
		switch p.Kind {
		case exchange.FailureUnknown, exchange.FailureDNS, exchange.FailureRefused, exchange.FailureReset, exchange.FailureTLS, exchange.FailureTimeout:
		default:
			t.Errorf("%q: unknown kind %q", p.text, p.Kind)
		}
		switch p.Phase {
		case exchange.PhaseUnknown, exchange.PhaseDNS, exchange.PhaseConnect, exchange.PhaseTLS, exchange.PhaseSend, exchange.PhaseWait, exchange.PhaseTransfer:
		default:
			t.Errorf("%q: unknown phase %q", p.text, p.Phase)
		}
		if _, ok := Explain(p.Reason); p.Reason != "" && !ok {
			t.Errorf("%q: reasons.json doesn't have %q", p.text, p.Reason)
		}
		if p.curlCode != 0 {
			continue
		}
		for _, earlier := range list[:i] {
			if earlier.curlCode == 0 && earlier.text != p.text && strings.Contains(p.text, earlier.text) && earlier.Cause != p.Cause {
				t.Errorf("%q is never reached: %q precedes it", p.text, earlier.text)
			}
		}
	}
	for name, r := range reasons() {
		if r.Title == "" || r.Fix == "" || len(r.Title) > 70 || len(r.Fix) > 80 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestClassify(t *testing.T) {
	tests := []struct {
		text string
		code int
		want Cause
	}{
		{"URL rejected: Malformed input to a URL function", 3, Cause{Reason: "bad-url"}},
		{"URL rejected: No host part in the URL", 3, Cause{Reason: "bad-host"}},
		{"Could not resolve host: test.immersve.com", 6, Cause{exchange.FailureDNS, exchange.PhaseDNS, ""}},
		{"Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server", 7, Cause{exchange.FailureRefused, exchange.PhaseConnect, ""}},
		{"Failed to connect to 10.0.0.1 port 443: Connection timed out after 5 s", 7, Cause{exchange.FailureTimeout, exchange.PhaseConnect, ""}},
		{"transfer closed with 12 bytes remaining to read", 18, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"Operation timed out after 30001 milliseconds with 0 bytes received", 28, Cause{exchange.FailureTimeout, exchange.PhaseWait, ""}},
		{"Resolving timed out after 5000 milliseconds", 28, Cause{exchange.FailureTimeout, exchange.PhaseDNS, ""}},
		{"OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to test.immersve.com:443", 35, Cause{exchange.FailureTLS, exchange.PhaseTLS, "closed"}},
		{"Failed to connect to test.immersve.com port 443 after 134908 ms: Could not connect to server", 28, Cause{exchange.FailureTimeout, exchange.PhaseConnect, ""}},
		{"error:0A00010B:SSL routines::wrong version number", 35, Cause{exchange.FailureTLS, exchange.PhaseTLS, "not-tls"}},
		{"Empty reply from server", 52, Cause{exchange.FailureReset, exchange.PhaseWait, ""}},
		{"CONNECT tunnel failed, response 407", 56, Cause{Phase: exchange.PhaseConnect, Reason: "proxy-login"}},
		{"Recv failure: Connection reset by peer", 56, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"SSL certificate problem: unable to get local issuer certificate", 60, Cause{exchange.FailureTLS, exchange.PhaseTLS, "issuer"}},
		{"SSL certificate problem: certificate has expired", 60, Cause{exchange.FailureTLS, exchange.PhaseTLS, "expired"}},
		{"HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)", 92, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"something new", 92, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"cURL error 60: SSL certificate problem: self signed certificate in certificate chain", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, "self-signed"}},
		{"('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", 0, Cause{exchange.FailureReset, exchange.PhaseWait, ""}},
		{"ConnectionResetError: [Errno 104] Connection reset by peer", 0, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"Net::OpenTimeout: execution expired", 0, Cause{exchange.FailureTimeout, exchange.PhaseConnect, ""}},
		{"Net::ReadTimeout with #<TCPSocket:(closed)>", 0, Cause{exchange.FailureTimeout, exchange.PhaseWait, ""}},
		{"getaddrinfo EAI_AGAIN test.immersve.com", 0, Cause{exchange.FailureDNS, exchange.PhaseDNS, "no-resolver"}},
		{"net::ERR_CERT_COMMON_NAME_INVALID", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, "host-name"}},
		{"net::ERR_CONNECTION_CLOSED", 0, Cause{exchange.FailureReset, exchange.PhaseTransfer, ""}},
		{"net::ERR_SSL_PROTOCOL_ERROR", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, "not-tls"}},
		{"javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, "issuer"}},
		{"x509: certificate is valid for example.com, not test.immersve.com", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, "host-name"}},
		{`Get "https://test.immersve.com/api/currencies": dial tcp: lookup test.immersve.com: no such host`, 0, Cause{exchange.FailureDNS, exchange.PhaseDNS, ""}},
		{`Get "https://test.immersve.com/api": dial tcp 192.0.2.1:443: i/o timeout`, 0, Cause{exchange.FailureTimeout, exchange.PhaseConnect, ""}},
		{`Get "https://test.immersve.com/api": dial tcp 127.0.0.1:443: connect: connection refused`, 0, Cause{exchange.FailureRefused, exchange.PhaseConnect, ""}},
		{"A connection attempt failed because the connected party did not properly respond after a period of time", 0, Cause{exchange.FailureTimeout, exchange.PhaseConnect, ""}},
		{"The SSL connection could not be established, see inner exception.", 0, Cause{exchange.FailureTLS, exchange.PhaseTLS, ""}},
		{"Could not resolve host: https", 6, Cause{Reason: "bad-colon"}},
		{"Could not resolve host: https.example.com", 6, Cause{exchange.FailureDNS, exchange.PhaseDNS, ""}},
		{"all is well", 0, Cause{}},
	}
	for _, tt := range tests {
		if got := Classify(tt.text, tt.code); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.text, got, tt.want)
		}
	}
}
