package check

import (
	"slices"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// WithoutMasks drops what findings say of text that the capture's writer masked:
// the dots stand in the capture, not in what was sent.
func WithoutMasks(in *Input, findings []Finding) []Finding {
	if !in.Exchange.Masked {
		return findings
	}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		switch f.ID {
		case finding.CredentialPlaceholder, finding.CredentialWhitespace, finding.BearerPrefixMissing, finding.TokenMalformed:
			return f.Location.Part == RequestHeader && CredentialMasked(in, f.Location.Name)
		case finding.BodyInvalidJSON, finding.BodyPlaceholder:
			return exchange.Masked(string(in.Request().Body.Bytes()))
		}
		return false
	})
}

// CredentialMasked reports whether the capture's writer masked a credential field;
// any of them when no name is given.
func CredentialMasked(in *Input, name string) bool {
	if !in.Exchange.Masked {
		return false
	}
	names := []string{authorizationField, keyField, secretField}
	if name != "" {
		names = []string{name}
	}
	return slices.ContainsFunc(names, func(n string) bool {
		v, ok := field(in, n)
		return ok && masked(v.Reveal())
	})
}
