package check

import (
	"fmt"

	"immersve-doctor/diagnose/exchange"
)

// transportCheck names what kept a response from coming.
func transportCheck() Check {
	return Check{
		Family: "transport",
		IDs:    []string{"dns-failure", "connection-refused", "connection-reset", "tls-failure", "timeout"},
		Run: func(in *Input) []Finding {
			failure := in.Exchange.Failure
			if failure == nil || failure.Kind == exchange.FailureUnknown {
				return nil
			}
			return []Finding{transportFinding(in, failure)}
		},
	}
}

func transportFinding(in *Input, failure *exchange.Failure) Finding {
	host := in.Request().URL.Authority()
	switch {
	case host != "":
	case failure.Kind == exchange.FailureDNS:
		host = "of the host"
	default:
		host = "the server"
	}
	return Finding{
		ID: string(failure.Kind), Severity: Error,
		Title:    transportTitle(failure, exchange.MaskText(clean60(host))),
		Evidence: transportEvidence(failure),
		Location: Location{Part: Transport, Name: string(failure.Phase)},
	}
}

func transportTitle(failure *exchange.Failure, host string) string {
	switch failure.Kind {
	case exchange.FailureDNS:
		return fmt.Sprintf("the name %s could not be resolved", host)
	case exchange.FailureRefused:
		return fmt.Sprintf("%s refused the connection", host)
	case exchange.FailureReset:
		return fmt.Sprintf("%s closed the connection before the answer was complete", host)
	case exchange.FailureTLS:
		return fmt.Sprintf("no secure connection to %s could be made", host)
	}
	switch failure.Phase {
	case exchange.PhaseDNS, exchange.PhaseConnect, exchange.PhaseTLS:
		return fmt.Sprintf("%s did not take the connection in time", host)
	}
	return fmt.Sprintf("%s did not answer in time", host)
}

func transportEvidence(failure *exchange.Failure) string {
	evidence := fmt.Sprintf("the client says %.160q", exchange.MaskText(failure.Text))
	if failure.CurlCode != 0 {
		evidence += fmt.Sprintf(" (curl exit status %d)", failure.CurlCode)
	}
	if failure.Elapsed > 0 {
		evidence += fmt.Sprintf(" after %s", failure.Elapsed.Round(1e6))
	}
	return evidence
}
