package check

import (
	"fmt"
	"net/netip"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/transport"
)

// transportCheck names what kept a response from coming.
func transportCheck() Check {
	return Check{
		Family: "transport",
		Also:   []string{finding.PathInvalidValue, finding.UnknownHost},
		Run: func(in *Input) []Finding {
			failure := in.Exchange.Failure
			if failure == nil {
				return nil
			}
			cause := transport.Classify(failure.Text, failure.CurlCode)
			if failure.Kind != exchange.FailureUnknown && failure.Kind != cause.Kind {
				cause = transport.Cause{} // whoever read the capture knew better
			}
			if failure.Kind != exchange.FailureUnknown {
				cause.Kind, cause.Phase = failure.Kind, failure.Phase
			}
			reason, _ := transport.Explain(cause.Reason)
			if cause.Kind == exchange.FailureUnknown && reason.Finding == "" {
				return nil
			}
			return []Finding{transportFinding(in, failure, cause, reason)}
		},
	}
}

func transportFinding(in *Input, failure *exchange.Failure, cause transport.Cause, reason transport.Reason) Finding {
	host := exchange.MaskText(clean60(in.Request().URL.Authority()))
	if host == "" {
		host = "the server"
	}
	f := Finding{
		ID: string(cause.Kind), Severity: Error,
		Title:    transportTitle(cause, host),
		Evidence: transportEvidence(failure),
		Location: Location{Part: Transport, Name: string(cause.Phase)},
		Fix:      transportFix(in, cause),
	}
	named := strings.NewReplacer("{host}", host)
	if reason.Title != "" {
		f.Title, f.Fix = named.Replace(reason.Title), named.Replace(reason.Fix)
	}
	if cause.Kind == exchange.FailureUnknown {
		f.ID = reason.Finding
	}
	return f
}

func transportTitle(cause transport.Cause, host string) string {
	switch cause.Kind {
	case exchange.FailureDNS:
		return fmt.Sprintf("DNS lookup of %s failed", host)
	case exchange.FailureRefused:
		return fmt.Sprintf("%s refused the connection", host)
	case exchange.FailureReset:
		switch cause.Phase {
		case exchange.PhaseTLS:
			return fmt.Sprintf("%s closed the connection during the TLS handshake", host)
		case exchange.PhaseTransfer:
			return fmt.Sprintf("the connection to %s broke off", host)
		}
		return fmt.Sprintf("%s closed the connection without a response", host)
	case exchange.FailureTLS:
		return fmt.Sprintf("the TLS handshake with %s failed", host)
	}
	switch cause.Phase {
	case exchange.PhaseDNS:
		return fmt.Sprintf("the DNS lookup of %s took too long", host)
	case exchange.PhaseConnect:
		return fmt.Sprintf("%s didn't accept the connection in time", host)
	case exchange.PhaseTLS:
		return fmt.Sprintf("the TLS handshake with %s took too long", host)
	case exchange.PhaseTransfer:
		return fmt.Sprintf("%s didn't finish its response in time", host)
	}
	return fmt.Sprintf("%s didn't respond in time", host)
}

// transportFix returns the first step for this method and host. It says to look for
// the effect of the call only if the request can have been sent and changes something.
func transportFix(in *Input, cause transport.Cause) string {
	host := in.Host()
	_, err := netip.ParseAddr(strings.Trim(host.Name, "[]"))
	address := err == nil
	switch {
	case cause.Kind == exchange.FailureRefused && host.Role == api.HostLoopback:
		return fmt.Sprintf("Start the server on %s, or correct the port.", exchange.MaskText(clean60(in.Request().URL.Authority())))
	case cause.Kind == exchange.FailureRefused:
		return "Check the port, then firewalls and proxies on the way."
	case cause.Kind == exchange.FailureDNS && address:
		return "Check the proxy settings, because an IP address needs no DNS lookup."
	case cause.Kind == exchange.FailureDNS && host.Ours():
		return "Check this machine's DNS, VPN and proxy, because the host name is right."
	case cause.Kind == exchange.FailureDNS:
		return "Check the spelling of the host, then this machine's DNS and VPN."
	case cause.Kind == exchange.FailureTLS:
		return "Check for a proxy that inspects TLS, and the client's CA certificates."
	}
	switch cause.Phase {
	case exchange.PhaseDNS:
		return "Check this machine's DNS servers and VPN, then retry."
	case exchange.PhaseConnect, exchange.PhaseTLS:
		if host.Role == api.HostLoopback {
			return "Check that the server responds on this port, then retry."
		}
		return "Check firewalls and proxies on the way, then retry: nothing was sent."
	}
	op, method := in.Operation, string(in.Request().Method)
	switch {
	case op != nil && op.Repeat == api.RepeatHarmless, op == nil && api.ReadOnly(method):
		return fmt.Sprintf("Retry: a second %s has no further effect.", in.Request().Method)
	case op != nil && op.Repeat.Safe():
		return fmt.Sprintf("Retry: it's safe to send %s again.", op.ID)
	case op != nil && op.FindOut != "":
		return fmt.Sprintf("Check with %s whether the call took effect, then retry.", op.FindOut)
	}
	return "" // the page's
}

func transportEvidence(failure *exchange.Failure) string {
	evidence := fmt.Sprintf("the client reported %.160q", exchange.MaskText(failure.Text))
	if failure.CurlCode != 0 {
		evidence += fmt.Sprintf(" (curl exit status %d)", failure.CurlCode)
	}
	if failure.Elapsed > 0 {
		evidence += fmt.Sprintf(" after %s", failure.Elapsed.Round(1e6))
	}
	return evidence
}
