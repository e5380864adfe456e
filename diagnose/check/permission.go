package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// permissionCheck reads the errorCode of a refusal and compares the accounts
// that the request names. resource-missing, membership-missing and
// role-insufficient need proof: from CARD_NOT_FOUND, the one code that says it,
// or from probes.
func permissionCheck() Check {
	return Check{
		Family: "permission",
		Also:   []string{finding.CredentialPlaceholder},
		Skip:   func(c Class) bool { return c == Success },
		Run: func(in *Input) []Finding {
			return slices.Concat(codeFindings(in), accountFindings(in))
		},
	}
}

// defaultCode returns the code that a status has when there is nothing to say.
func isDefaultCode(code string) bool { return code == "FORBIDDEN" || code == "INVALID_REQUEST_INPUT" }

func codeFindings(in *Input) []Finding {
	code := in.Error.Code
	if code == "" || isDefaultCode(code) {
		return provenByReason(in)
	}
	f := Finding{
		ID: finding.ErrorCode, Severity: Error,
		Title:    fmt.Sprintf("the API returned %s", exchange.MaskText(clean60(code))),
		Evidence: codeEvidence(in),
		Location: Location{Part: ResponseBody, Name: "errorCode", Pointer: "/errorCode"},
	}
	switch documented, elsewhere := documentedHere(in, code); {
	case documented:
		return append([]Finding{f}, provenMissing(in, code)...)
	case elsewhere != "":
		f.ID = finding.ErrorCodeElsewhere
		f.Title = fmt.Sprintf("the API returned %s, which isn't documented for %s", code, in.Operation.ID)
		f.Evidence = fmt.Sprintf("%s; documented for %s", codeEvidence(in), elsewhere)
		return []Finding{f}
	}
	f.ID, f.Severity = finding.ErrorCodeUndocumented, Info
	f.Title = fmt.Sprintf("%s isn't a documented errorCode", exchange.MaskText(clean60(code)))
	return []Finding{f}
}

func codeEvidence(in *Input) string {
	if in.Error.Reason == "" {
		return fmt.Sprintf("the response's errorCode is %s", exchange.MaskText(clean60(in.Error.Code)))
	}
	return fmt.Sprintf("the response's errorCode is %s, its reason %.120q", exchange.MaskText(clean60(in.Error.Code)), exchange.MaskText(in.Error.Reason))
}

// documentedHere reports whether a code is documented for this operation (or at
// all, when the capture does not show the operation), and else for which others.
func documentedHere(in *Input, code string) (documented bool, elsewhere string) {
	// Two codes stand in guides and shapes only: the status guide's sample of a
	// withdrawal, and the legacy custodial shape.
	switch code {
	case "INSUFFICIENT_FUNDS":
		if in.Operation == nil || in.Operation.ID == "create-withdrawal-intent" {
			return true, ""
		}
		return false, "create-withdrawal-intent, in a sample of the status code guide"
	case "INVALID_BODY":
		if in.Operation == nil || in.Error.Legacy {
			return true, ""
		}
		return false, "the retired custodial operations"
	}
	places, known := api.FindCode(code)
	if !known {
		return false, ""
	}
	if in.Operation == nil || in.Operation.Documents(code) {
		return true, ""
	}
	var names []string
	for _, p := range places.Operations {
		names = append(names, p.Operation)
	}
	if len(names) > 4 {
		names = append(names[:3], fmt.Sprintf("%d others", len(names)-3))
	}
	return false, strings.Join(names, ", ")
}

// provenByReason reads a reason that says in words which of the three a plain 403
// stands for. None is documented, and "Unauthorized" says nothing; one that leaves
// two things open proves neither.
func provenByReason(in *Input) []Finding {
	reason := strings.ToLower(in.Error.Reason)
	if in.Class != ResourceOrPermission || len(reason) > 300 || strings.Contains(reason, " or ") {
		return nil
	}
	id, title := "", ""
	switch says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(reason, w) })
	}; {
	case says("not a member", "no member of", "membership required", "no membership", "membership missing"):
		id, title = finding.MembershipMissing, "the API says the caller isn't a member of the account"
	case says("role") && says("insufficient", "require", "missing", "lacks", "does not have", "needs"):
		id, title = finding.RoleInsufficient, "the API says the caller's role doesn't have access to this"
	case says("not found", "does not exist", "doesn't exist", "no such ") && strings.Count(reason, " ") > 1:
		id, title = finding.ResourceMissing, "the API says the resource doesn't exist"
	default:
		return nil
	}
	return []Finding{{
		ID: id, Severity: Error, Title: title, Evidence: fmt.Sprintf("the response's reason is %.120q", exchange.MaskText(in.Error.Reason)),
		Location: Location{Part: ResponseBody, Name: "reason", Pointer: "/reason"},
	}}
}

// provenMissing turns the one code that says so into the finding that it proves.
func provenMissing(in *Input, code string) []Finding {
	if code != "CARD_NOT_FOUND" {
		return nil
	}
	f := Finding{
		ID: finding.ResourceMissing, Severity: Error, Title: "the card doesn't exist in this environment",
		Evidence: "the response says CARD_NOT_FOUND", Location: Location{Part: RequestPath, Name: "cardId"},
	}
	if id := in.Route.Parameter("cardId"); id != "" {
		f.Evidence = fmt.Sprintf("cardId is %.60q, the response says CARD_NOT_FOUND", exchange.MaskText(id))
	}
	return []Finding{f}
}

// accountFindings compares x-account-id with the account that the request works
// on. The field is a hint of the caller's, so this is suspicion, not proof.
func accountFindings(in *Input) []Finding {
	if in.Operation == nil || in.Class != ResourceOrPermission && in.Class != NotSent && in.Class != BusinessRule {
		return nil
	}
	target, sent := field(in, "x-account-id")
	name, account, location := namedAccount(in)
	switch {
	case sent && (masked(target.Reveal()) || in.Request().FromShell(target.Reveal())):
		return nil
	case sent && placeholder(target.Reveal()) != "":
		return []Finding{{
			ID: finding.CredentialPlaceholder, Severity: Error, Title: "x-account-id is " + placeholder(target.Reveal()),
			Evidence: fmt.Sprintf("x-account-id is %.60q", target.String()), Location: Location{Part: RequestHeader, Name: "x-account-id"},
		}}
	case sent && account != "" && !strings.EqualFold(strings.TrimSpace(target.Reveal()), account) && placeholder(account) == "" && !in.Request().FromShell(account):
		return []Finding{{
			ID: finding.TargetAccountMismatch, Severity: Warning, Title: "x-account-id doesn't match the account in the request",
			Evidence: fmt.Sprintf("x-account-id is %.40q, but %s is %.40q", target.String(), name, exchange.MaskText(account)),
			Location: location,
			Fix:      fmt.Sprintf("Use the same account ID in x-account-id and in %s.", name),
		}}
	case !sent && (in.Request().ShowsFields() || in.Request().Printed) && in.Class == ResourceOrPermission && expectsTarget(in):
		return []Finding{{
			ID: finding.TargetAccountMissing, Severity: Warning, Title: "x-account-id is missing, and the resource is a cardholder's",
			Evidence: "without it, the API uses the account that owns the key; custodial integrations send the cardholder's account ID",
			Location: Location{Part: RequestHeader, Name: "x-account-id"},
		}}
	}
	return nil
}

// namedAccount returns the cardholder's account that path or body name.
func namedAccount(in *Input) (name, account string, location Location) {
	place := in.Operation.Account
	if place == nil || place.Name == "partnerAccountId" {
		return "", "", Location{}
	}
	location = Location{Part: RequestHeader, Name: "x-account-id"}
	if place.In == "path" {
		return place.Name, in.Route.Parameter(place.Name), location
	}
	body := in.Request().Body.Bytes()
	if !exchange.ValidJSON(body) {
		return "", "", location
	}
	return place.Name, stringOf(gjson.GetBytes(body, place.Name)), location
}

// expectsTarget reports whether the documentation's samples name the account on
// this operation when they use an API key.
func expectsTarget(in *Input) bool {
	if in.Operation.AccountKind != api.AccountCardholder {
		return false
	}
	if _, bearer := field(in, authorizationField); bearer {
		return false
	}
	if _, key := field(in, keyField); !key {
		return false
	}
	switch in.Operation.ID {
	case "submit-kyc-statement", "upload-file", "get-file-upload":
		return false
	}
	return true
}
