package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/finding"
)

// The ranking rule, in this one place:
//
//  1. Findings that can explain the answer's class come first, in the order of
//     the findings' pages (explains): what the server says outright, then what keeps a
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

// rank orders findings by the rule above.
func rank(in *check.Input, findings []check.Finding) []check.Finding {
	order := finding.Causes(string(in.Class))
	if _, known := api.FindCode(in.Error.Code); in.Class == check.BusinessRule && !known {
		order = append(order, finding.Causes(string(check.ResourceOrPermission))...) // a code that nobody knows leaves them open
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
	const named = finding.ServerNamedField
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
	return in.Class == check.ResourceOrPermission && f.Location.Part == check.RequestHeader && (f.ID == finding.TokenExpired || f.ID == finding.TokenNotYetValid)
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
	if f.ID == finding.BodyMissingField && f.Severity == check.Warning {
		place = len(order) // only prose wants the member; one of a wrong name is there to be seen
	}
	w := group(f, explains)*perGroup + place*perPlace
	switch confirmed := named[namedPlace(f.Location)]; {
	case f.Severity == check.Error && len(named) > 0 && (confirmed || wholeBody(f.ID)):
		w -= perGroup / 2
	case f.Severity == check.Warning && confirmed && slices.Contains([]string{finding.BodyUnknownField, finding.BodyWrongType, finding.BodyPlaceholder, finding.QueryUnknown, finding.QueryInvalidValue}, f.ID):
		w = max(slices.Index(order, finding.ServerNamedField), 0)*perPlace - perGroup/2 - 1
	}
	return w
}

// ofTheAnswer reports whether a finding says that the answer itself is amiss; what
// it answers to is found in another.
func ofTheAnswer(id string) bool {
	return slices.Contains([]string{finding.RetryAfterMissing, finding.RetryAfterInvalid, finding.StatusMismatch, finding.LegacyErrorShape}, id)
}

// belies reports whether a finding about the answer takes the weight from what the
// answer says.
func belies(in *check.Input, f check.Finding, sound bool) bool {
	if !ofTheAnswer(f.ID) {
		return false
	}
	_, known := api.FindCode(in.Error.Code)
	switch {
	case f.ID == finding.LegacyErrorShape:
		return sound && (in.Error.Code == "INVALID_BODY" || !known)
	case f.ID == finding.StatusMismatch:
		return in.Class == check.ServerError && !known || in.Class == check.ResourceOrPermission
	}
	return in.Class == check.RateLimited
}

// soundRequest reports whether no finding shows a fault in the request that
// explains the class.
func soundRequest(findings []check.Finding, order []string) bool {
	return !slices.ContainsFunc(findings, func(f check.Finding) bool {
		return f.Severity == check.Error && f.ID != finding.ServerNamedField && strings.HasPrefix(string(f.Location.Part), "request.") && slices.Contains(order, f.ID)
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
	case f.ID == finding.SecretInCapture:
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
		return f.ID == finding.OriginMissing
	case "LIVENESS_MISMATCH":
		return f.ID == finding.EnvironmentMismatch
	case "INVALID_SIGNATURE":
		return f.ID == finding.BodyPlaceholder && f.Location.Pointer == "/signature"
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
	return slices.Contains([]string{finding.ErrorCode, finding.BodyMissing, finding.ContentTypeMismatch, finding.BodyInvalidJSON}, id)
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
