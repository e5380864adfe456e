package check

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// captureCheck looks at the capture itself: what it should not hold.
func captureCheck() Check {
	return Check{Family: "capture", Run: secretFindings}
}

// secretFindings says which kinds of secret a file contains. A pipe leaves nothing
// behind, and a request that the tool sent wasn't in any input.
func secretFindings(in *Input) []Finding {
	if source := in.Exchange.Source; source.Kind == exchange.KindLive || source.Name == "-" {
		return nil
	}
	held := in.Exchange.Conceal()
	if len(held) == 0 {
		return nil
	}
	return []Finding{{
		ID: finding.SecretInCapture, Severity: Warning,
		Title:    fmt.Sprintf("the file contains %s", strings.Join(secretNames(held), ", ")),
		Evidence: "masked in every output of this tool, but not in the file itself",
		Location: Location{Part: RequestHeader},
	}}
}

func secretNames(held []exchange.Secret) []string {
	var names []string
	for _, s := range []struct {
		kind exchange.Secret
		name string
	}{
		{exchange.SecretToken, "a token"},
		{exchange.SecretAPI, "an API secret"},
		{exchange.SecretCookie, "cookies"},
		{exchange.SecretPassword, "a password"},
		{exchange.SecretKey, "a private key or mnemonic"},
		{exchange.SecretPAN, "a card number"},
		{exchange.SecretCode, "a CVV, PIN or one-time code"},
		{exchange.SecretLink, "a single-use link"},
	} {
		if slices.Contains(held, s.kind) {
			names = append(names, s.name)
		}
	}
	return names
}
