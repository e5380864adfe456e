package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// responseCheck asks whether the response is what the API writes.
func responseCheck() Check {
	return Check{
		Family: "response",
		Run: func(in *Input) []Finding {
			if in.Exchange.Response == nil {
				return nil
			}
			return slices.Concat(redirectFindings(in), mismatchFindings(in), formFindings(in), legacyFindings(in))
		},
	}
}

func redirectFindings(in *Input) []Finding {
	status := in.Status()
	location, ok := in.Response().Header.Get("location")
	if status < 300 || status > 399 || status == http.StatusNotModified || !ok {
		return nil
	}
	to := exchange.ParseURL(location.Reveal())
	return []Finding{{
		ID: finding.RedirectNotFollowed, Severity: Error, Title: "the response is a redirect that wasn't followed",
		Evidence: fmt.Sprintf("status %d, location %.120q; the API docs don't have redirects", status, to.String()),
		Location: Location{Part: ResponseHeader, Name: "location"},
	}}
}

func mismatchFindings(in *Input) []Finding {
	if in.Error.StatusCode == 0 || in.Error.StatusCode == in.Status() || in.Exchange.Source.Kind == exchange.KindBody {
		return nil
	}
	return []Finding{{
		ID: finding.StatusMismatch, Severity: Warning, Title: fmt.Sprintf("the body has statusCode %d, but the status is %d", in.Error.StatusCode, in.Status()),
		Evidence: "a proxy may have changed the status",
		Location: Location{Part: ResponseBody, Name: "statusCode", Pointer: "/statusCode"},
	}}
}

// formFindings looks for bodies that are cut or are no JSON where JSON is due.
func formFindings(in *Input) []Finding {
	response := in.Response()
	body := response.Body
	switch {
	case body.Truncated && printsCut(in):
		return nil
	case !body.Present() || in.Status() == http.StatusNoContent || plainAnswer(in):
		if body.Truncated {
			return []Finding{truncated(in, "the body is incomplete")}
		}
		return nil
	case body.Truncated:
		return []Finding{truncated(in, fmt.Sprintf("%d bytes arrived, but content-length is larger", len(body.Bytes())))}
	case exchange.ValidJSON(body.Bytes()):
		return nil
	}
	text := strings.TrimSpace(string(body.Bytes()))
	if (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && exchange.Brackets(text).Open {
		return []Finding{truncated(in, "the JSON ends before its closing brackets")}
	}
	return []Finding{{
		ID: finding.ResponseNotJSON, Severity: Warning, Title: "the body isn't JSON",
		Evidence: fmt.Sprintf("content-type is %.60q, and the body starts with %.60q", exchange.MaskText(response.Header.Text("content-type")), exchange.MaskText(text[:min(len(text), 400)])),
		Location: Location{Part: ResponseBody, Line: 1, Column: 1},
	}}
}

// printsCut reports whether the program that printed the exchange cuts bodies, or leaves
// them out, whatever was received.
func printsCut(in *Input) bool {
	return in.Exchange != nil && in.Exchange.Source.Kind == exchange.KindClientError
}

func truncated(in *Input, evidence string) Finding {
	body := in.Response().Body
	f := Finding{ID: finding.ResponseTruncated, Severity: Warning, Title: "the response is cut off", Evidence: evidence, Location: Location{Part: ResponseBody}}
	f.Location.Line, f.Location.Column = body.Position(len(body.Bytes()))
	return f
}

// plainAnswer reports whether the operation documents an answer that is not JSON.
func plainAnswer(in *Input) bool {
	if in.Class != Success || in.Operation == nil {
		return false
	}
	for _, r := range in.Operation.Responses {
		if r.ContentType != "" && r.ContentType != "application/json" {
			return true
		}
	}
	return false
}

func legacyFindings(in *Input) []Finding {
	if !in.Error.Legacy {
		return nil
	}
	return []Finding{{
		ID: finding.LegacyErrorShape, Severity: Info, Title: "the error has the old custodial format",
		Evidence: "the body has success, errorMessage or errorMap instead of statusCode and reason",
		Location: Location{Part: ResponseBody},
	}}
}
