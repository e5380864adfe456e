package diagnose

import (
	"strings"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// correct applies what the evidence determines. It gives nothing when no error
// has a repair, or when the capture does not show what to repair.
func correct(in *check.Input, findings []check.Finding) (*exchange.Request, []check.Repair) {
	var repairs []check.Repair
	bodies := 0
	for _, f := range findings {
		if f.Severity != check.Error {
			continue
		}
		for _, r := range f.Repairs {
			if r.Kind == check.RepairBody {
				if bodies++; bodies > 1 {
					continue // two whole bodies cannot be merged; the first cause's wins
				}
			}
			repairs = append(repairs, r)
		}
	}
	repairs = append(repairs, relabelled(in, repairs)...)
	if len(repairs) == 0 || in.Request().Method == "" || in.Request().URL.Host == "" && !repairsHost(repairs) {
		return nil, nil
	}
	request := *in.Request()
	request.Header = append(exchange.Header(nil), request.Header...)
	for _, r := range repairs {
		apply(&request, r)
	}
	request.Conceal(request.Known()) // also what the repairs put there
	return &request, repairs
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
		request.URL.RawQuery = setQuery(request.URL.RawQuery, r.Name, r.Value)
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
