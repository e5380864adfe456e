package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
)

// The ranking rule, in this one place:
//
//  1. Findings that can explain the answer's class come first, in the order of
//     the class's list below: what the server says outright, then what keeps a
//     request from its operation, then what the operation refuses.
//  2. A finding at a place that the server itself names (errors[].path) goes
//     before the others of its class; so does what explains every such place,
//     a body that is missing, mislabelled or no JSON. A name, a type or a query
//     value that is not documented, or a blank, goes before the server's word on it
//     alone; a rule of prose for a member of the body does not.
//  3. An error that cannot explain this class is no cause of it: it is shown as
//     a warning, after the causes. An expired token explains a 401, not a 400.
//  4. What shows in the request the very thing that the errorCode says of it goes
//     before the code: no Origin field before ORIGIN_NOT_ALLOWED.
//  5. What is amiss with the answer itself (no Retry-After on a 429, a body that
//     names another status, the retired shape) goes before what such an answer says.
//  6. Then come suspicions that would explain the answer, then the other warnings,
//     then the rest, in document order. What the capture itself should not hold
//     comes last: it explains nothing.

// route, credentials and so on are the findings of a family in the order in
// which they explain an answer.
func routeFindings() []string {
	return []string{"unknown-host", "insecure-scheme", "simulator-not-live", "wrong-host", "environment-mismatch", "unknown-route", "wrong-method"}
}

func pathFindings() []string { return []string{"path-placeholder", "path-invalid-value"} }

func queryFindings() []string { return []string{"query-missing", "query-invalid-value"} }

func credentialFindings() []string {
	return []string{
		"credentials-missing", "api-key-missing", "api-secret-missing", "api-key-swapped", "credential-placeholder",
		"bearer-prefix-missing", "credential-whitespace", "token-malformed", "environment-mismatch", "auth-scheme-mismatch",
		"token-expired", "token-not-yet-valid", "token-is-refresh", "both-schemes", "clock-skew",
	}
}

func bodyFindings() []string {
	return []string{
		"body-missing", "content-type-mismatch", "body-invalid-json", "body-placeholder", "amount-not-minor-units",
		"body-wrong-type", "body-invalid-value", "body-missing-field", "body-no-variant", "content-type-missing",
	}
}

func transportFindings() []string {
	return []string{"dns-failure", "connection-refused", "connection-reset", "tls-failure", "timeout"}
}

// causes lists the findings that can explain a class, most telling first.
func causes(class check.Class) []string {
	switch class {
	case check.MalformedRequest:
		return slices.Concat([]string{"error-code", "error-code-elsewhere"}, []string{"insecure-scheme"}, bodyFindings(), queryFindings(),
			pathFindings(), []string{
				"origin-missing", "credential-placeholder", "server-named-field", "gateway-error", "status-mismatch", "unknown-host", "error-code-undocumented",
				"body-unknown-field", "query-unknown",
			})
	case check.Unauthorized:
		return slices.Concat(credentialFindings(), []string{"origin-missing", "error-code", "error-code-elsewhere", "unknown-host", "insecure-scheme", "wrong-host", "gateway-error"})
	case check.ResourceOrPermission:
		return slices.Concat([]string{
			"resource-missing", "membership-missing", "role-insufficient", "environment-mismatch", "simulator-not-live",
			"path-placeholder", "body-placeholder", "path-invalid-value", "unknown-host", "insecure-scheme", "gateway-error", "wrong-host", "origin-missing",
		}, credentialFindings(), []string{"unknown-route", "wrong-method", "target-account-mismatch", "target-account-missing", "status-mismatch"})
	case check.BusinessRule:
		return []string{"error-code", "error-code-elsewhere", "error-code-undocumented", "resource-missing", "gateway-error", "environment-mismatch", "origin-missing", "insecure-scheme", "status-mismatch"}
	case check.NotFound:
		return slices.Concat(routeFindings(), pathFindings(), []string{"deprecated-endpoint", "gateway-error", "error-code", "error-code-elsewhere"})
	case check.RateLimited:
		return []string{"rate-limited", "retry-after-missing", "retry-after-invalid", "gateway-error", "error-code"}
	case check.ServerError:
		return []string{"error-code", "error-code-elsewhere", "gateway-error", "server-error", "retry-unsafe"}
	case check.UnexpectedStatus:
		return slices.Concat([]string{"insecure-scheme", "redirect-not-followed", "gateway-error", "status-mismatch", "error-code", "error-code-elsewhere"},
			routeFindings(), bodyFindings(), []string{"response-not-json"})
	case check.NoResponse:
		return slices.Concat(transportFindings(), []string{"unknown-host", "insecure-scheme", "wrong-host", "path-placeholder", "path-invalid-value", "gateway-error", "credential-whitespace", "body-missing", "redirect-not-followed", "response-truncated"})
	case check.NotSent:
		// Whether a token has expired depends on when one looks; the rest does not.
		lasting := slices.DeleteFunc(credentialFindings(), func(id string) bool { return id == "token-expired" })
		return slices.Concat(routeFindings(), pathFindings(), lasting, []string{"origin-missing"}, queryFindings(), bodyFindings(), []string{"token-expired", "body-unknown-field", "query-unknown"})
	}
	return nil
}

// rank orders findings by the rule above.
func rank(in *check.Input, findings []check.Finding) []check.Finding {
	order := causes(in.Class)
	if _, known := api.FindCode(in.Error.Code); in.Class == check.BusinessRule && !known {
		order = append(order, causes(check.ResourceOrPermission)...) // a code that nobody knows leaves them open
	}
	kept := findings[:0:0]
	for _, f := range findings {
		place := slices.Index(order, f.ID)
		if place < 0 && f.Severity == check.Error && !shows(in.Error.Code, f) {
			if in.Class == check.Success {
				continue // a 2xx disproves it
			}
			f.Severity = check.Warning
		}
		if passed(in, f) {
			f.Severity = check.Warning
		}
		kept = append(kept, f)
	}
	named, sound := namedPointers(in), soundRequest(kept, order)
	slices.SortStableFunc(kept, func(a, b check.Finding) int {
		return cmp.Compare(weight(in, a, order, named, sound), weight(in, b, order, named, sound))
	})
	return merge(kept)
}

// merge makes one finding of a place that a check and the response both name: what the
// API says of it is evidence for the check's finding, or the other way around.
func merge(findings []check.Finding) []check.Finding {
	const named = "server-named-field"
	kept := findings[:0:0]
	for _, f := range findings {
		i := slices.IndexFunc(kept, func(earlier check.Finding) bool {
			return (f.ID == named) != (earlier.ID == named) && (f.Severity == check.Error || f.ID != named) && strings.HasPrefix(string(f.Location.Part), "request.") &&
				namedPlace(f.Location) != "" && f.Location.Part == earlier.Location.Part && namedPlace(f.Location) == namedPlace(earlier.Location)
		})
		if i < 0 || f.Severity == check.Error && f.ID != named && len(f.Repairs) > 0 && len(kept[i].Repairs) == 0 && kept[i].ID == named {
			kept = append(kept, f)
			continue
		}
		kept[i].Evidence = strings.TrimPrefix(kept[i].Evidence+"; "+f.Title, "; ")
		kept[i].Severity = max(kept[i].Severity, f.Severity)
	}
	return kept
}

// passed reports whether a finding speaks of a token's time, and the answer is a
// 403: that comes from an API that knew the caller.
func passed(in *check.Input, f check.Finding) bool {
	return in.Class == check.ResourceOrPermission && f.Location.Part == check.RequestHeader && (f.ID == "token-expired" || f.ID == "token-not-yet-valid")
}

// weight is a finding's place: smaller comes first.
func weight(in *check.Input, f check.Finding, order []string, named map[string]bool, sound bool) int {
	const perGroup, perPlace = 10_000, 10
	if shows(in.Error.Code, f) {
		return -perGroup
	}
	place := slices.Index(order, f.ID)
	explains := place >= 0 && !passed(in, f)
	if !explains {
		place = len(order)
	}
	if belies(in, f, sound) {
		return 1 - perGroup
	}
	if f.ID == "body-missing-field" && f.Severity == check.Warning {
		place = len(order) // only prose wants the member; one of a wrong name is there to be seen
	}
	w := group(f, explains)*perGroup + place*perPlace
	switch confirmed := named[namedPlace(f.Location)]; {
	case f.Severity == check.Error && len(named) > 0 && (confirmed || wholeBody(f.ID)):
		w -= perGroup / 2
	case f.Severity == check.Warning && confirmed && slices.Contains([]string{"body-unknown-field", "body-wrong-type", "body-placeholder", "query-unknown", "query-invalid-value"}, f.ID):
		w = max(slices.Index(order, "server-named-field"), 0)*perPlace - perGroup/2 - 1
	}
	return w
}

// ofTheAnswer reports whether a finding says that the answer itself is amiss; what
// it answers to is found in another.
func ofTheAnswer(id string) bool {
	return slices.Contains([]string{"retry-after-missing", "retry-after-invalid", "status-mismatch", "legacy-error-shape"}, id)
}

// belies reports whether a finding about the answer takes the weight from what the
// answer says.
func belies(in *check.Input, f check.Finding, sound bool) bool {
	if !ofTheAnswer(f.ID) {
		return false
	}
	_, known := api.FindCode(in.Error.Code)
	switch {
	case f.ID == "legacy-error-shape":
		return sound && (in.Error.Code == "INVALID_BODY" || !known)
	case f.ID == "status-mismatch":
		return in.Class == check.ServerError && !known || in.Class == check.ResourceOrPermission
	}
	return in.Class == check.RateLimited
}

// soundRequest reports whether no finding shows a fault in the request that
// explains the class.
func soundRequest(findings []check.Finding, order []string) bool {
	return !slices.ContainsFunc(findings, func(f check.Finding) bool {
		return f.Severity == check.Error && f.ID != "server-named-field" && strings.HasPrefix(string(f.Location.Part), "request.") && slices.Contains(order, f.ID)
	})
}

// namedPlace is a finding's place as errors[] names it, "" for what has no name there.
func namedPlace(at check.Location) string {
	if at.Part == check.RequestQuery || at.Part == check.RequestPath {
		return check.FieldError{Path: at.Name}.Pointer()
	}
	if at.Part == check.RequestBody {
		return at.Pointer
	}
	return ""
}

// group is the coarse order: causes, suspicions, warnings, the rest, the capture's own.
func group(f check.Finding, explains bool) int {
	switch {
	case f.ID == "secret-in-capture":
		return 4
	case f.Severity == check.Error:
		return 0
	case explains:
		return 1
	}
	return 2 + int(check.Warning-f.Severity)
}

// shows reports whether a finding shows in the request what an errorCode says of
// it: then the place in the request tells more than the code.
func shows(code string, f check.Finding) bool {
	if f.Severity != check.Error {
		return false
	}
	switch code {
	case "ORIGIN_NOT_ALLOWED":
		return f.ID == "origin-missing"
	case "LIVENESS_MISMATCH":
		return f.ID == "environment-mismatch"
	case "INVALID_SIGNATURE":
		return f.ID == "body-placeholder" && f.Location.Pointer == "/signature"
	case "INVALID_BODY":
		return strings.HasPrefix(f.ID, "body-")
	case "INVALID_PIN_FORMAT":
		return strings.HasPrefix(f.ID, "body-") && f.Location.Pointer == "/newPin"
	}
	return false
}

// wholeBody reports whether a finding explains every objection to a member: no
// member of a body that did not arrive is there.
func wholeBody(id string) bool {
	return slices.Contains([]string{"error-code", "body-missing", "content-type-mismatch", "body-invalid-json"}, id)
}

// namedPointers are the places that the response's errors[] names.
func namedPointers(in *check.Input) map[string]bool {
	named := map[string]bool{}
	for _, e := range in.Error.Errors {
		if p := e.Pointer(); p != "" {
			named[p] = true
		}
	}
	return named
}
