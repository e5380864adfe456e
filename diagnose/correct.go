package diagnose

import (
	"slices"
	"strings"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// correct applies what the evidence determines, and diagnoses the outcome: a
// correction is offered only if no error is left in it. It returns nil if no error
// has a repair, or if the input doesn't show what to repair.
func correct(in *check.Input, findings []check.Finding) (*exchange.Request, []check.Repair) {
	const rounds = 4 // a repaired body may show what the broken one hid
	request := *in.Request()
	request.Header = append(exchange.Header(nil), request.Header...)
	before := findings
	var all []check.Repair
	for range rounds {
		repairs := determined(in, findings)
		if len(repairs) == 0 || request.Method == "" || request.URL.Host == "" && !repairsHost(repairs) {
			return nil, nil
		}
		all = append(all, repairs...)
		for _, r := range repairs {
			apply(&request, r)
		}
		request.Conceal(request.Known()) // also what the repairs put there
		in = newInput(&exchange.Exchange{Request: &request, Source: in.Exchange.Source, Started: in.Exchange.Started}, in.Now)
		left := found(in)
		if suspicious(left, before) {
			return nil, nil
		}
		if findings = unsolved(left); len(findings) == 0 {
			return &request, all
		}
	}
	return nil, nil
}

// determined returns the repairs that errors determine.
func determined(in *check.Input, findings []check.Finding) []check.Repair {
	var repairs []check.Repair
	bodies := 0
	for _, f := range findings {
		if f.Severity != check.Error {
			continue
		}
		for _, r := range f.Repairs {
			if r.Kind == check.RepairBody {
				if bodies++; bodies > 1 {
					continue // two whole bodies can't be merged; the next round has the second
				}
			}
			repairs = append(repairs, r)
		}
	}
	return append(repairs, relabelled(in, repairs)...)
}

// suspicious reports whether a corrected body has fields that look wrong and that the
// original didn't have: then the correction isn't what was meant. One that lacks a field
// that the docs want together with another would fail as well.
func suspicious(left, before []check.Finding) bool {
	return slices.ContainsFunc(left, func(f check.Finding) bool {
		known := func(b check.Finding) bool { return b.ID == f.ID && b.Location.Pointer == f.Location.Pointer }
		return f.Severity == check.Warning && f.Location.Part == check.RequestBody &&
			(f.ID == finding.BodyMissingField || f.ID == finding.BodyUnknownField && !slices.ContainsFunc(before, known))
	})
}

// unsolved returns the errors that a corrected request still has. The values of
// credentials don't count: the printed command takes them from variables.
func unsolved(findings []check.Finding) []check.Finding {
	return slices.DeleteFunc(findings, func(f check.Finding) bool {
		value := slices.Contains([]string{finding.CredentialPlaceholder, finding.CredentialWhitespace, finding.TokenMalformed, finding.TokenExpired, finding.TokenNotYetValid}, f.ID)
		return f.Severity != check.Error || value && f.Location.Part == check.RequestHeader
	})
}

// relabelled labels a body as JSON that a repair has made JSON.
func relabelled(in *check.Input, repairs []check.Repair) []check.Repair {
	const field, media = "content-type", "application/json"
	made, labelled := false, false
	for _, r := range repairs {
		made = made || r.Kind == check.RepairBody && r.Value != ""
		labelled = labelled || r.Kind == check.RepairHeader && r.Name == field
	}
	op, sent := in.Operation, strings.ToLower(in.Request().Header.Text(field))
	if !made || labelled || !in.Request().HeaderCaptured || op == nil || op.RequestBody == nil || op.RequestBody.ContentType != media || strings.Contains(sent, "json") {
		return nil
	}
	return []check.Repair{{Kind: check.RepairHeader, Name: field, Value: media}}
}

func repairsHost(repairs []check.Repair) bool {
	for _, r := range repairs {
		if r.Kind == check.RepairHost {
			return true
		}
	}
	return false
}

func apply(request *exchange.Request, r check.Repair) {
	switch r.Kind {
	case check.RepairMethod:
		request.Method = exchange.Method(r.Value)
	case check.RepairPath:
		request.URL.Path = r.Value
	case check.RepairHost:
		host := exchange.ParseURL(r.Value)
		request.URL.Scheme, request.URL.Host, request.URL.Port = host.Scheme, host.Host, host.Port
		request.Header.Del("host")
	case check.RepairHeader:
		if r.Value == "" {
			request.Header.Del(r.Name)
		} else {
			request.Header.Set(r.Name, r.Value)
		}
	case check.RepairQuery:
		if request.URL.RawQuery = setQuery(request.URL.RawQuery, r.Name, r.Value); r.Name == "" {
			request.URL.RawQuery = r.Value
		}
		request.URL.HasQuery = request.URL.RawQuery != ""
	case check.RepairBody:
		request.Body = exchange.NewBody([]byte(r.Value))
	}
}

func setQuery(raw, name, value string) string {
	var kept []string
	done := false
	for pair := range strings.SplitSeq(raw, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if pair == "" || key == name && done {
			continue
		}
		if key == name {
			done = true
			if value == "" {
				continue
			}
			pair = name + "=" + value
		}
		kept = append(kept, pair)
	}
	if !done && value != "" {
		kept = append(kept, name+"="+value)
	}
	return strings.Join(kept, "&")
}
