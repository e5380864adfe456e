package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// routeCheck asks whether the request went to a documented operation on a host
// that serves it, in the environment of its credentials.
func routeCheck() Check {
	return Check{
		Family: "route",
		Run: func(in *Input) []Finding {
			if in.Exchange.Request == nil || in.Request().URL.IsZero() || in.Request().Method == "CONNECT" { // a proxy's business
				return nil
			}
			return slices.Concat(hostFindings(in), environmentFindings(in), routeFindings(in), deprecated(in))
		},
	}
}

func hostFindings(in *Input) []Finding {
	url := in.Request().URL
	host := in.Host()
	if url.Host == "" {
		if url.Scheme == "" {
			return nil // origin form without a Host field: the capture does not show it
		}
		return []Finding{unknownHost(Error, "the URL doesn't have a host", fmt.Sprintf("the URL is %.120q, so the variable with the host was probably empty", url.String()), in)}
	}
	switch host.Role {
	case api.HostUnknown:
		return strangeHost(in)
	case api.HostLoopback:
		return nil
	}
	var list []Finding
	if url.Scheme == "http" {
		list = append(list, insecure(in))
	}
	return append(list, misplaced(in, host)...)
}

func unknownHost(severity Severity, title, evidence string, in *Input) Finding {
	f := Finding{ID: finding.UnknownHost, Severity: severity, Title: title, Evidence: evidence, Location: Location{Part: RequestLine, Name: "host"}}
	if base := baseFor(in); base != "" {
		f.Fix = fmt.Sprintf("Send it to %s.", base)
	}
	return f
}

// baseFor returns the URL of the host that serves the operation in the
// environment of the credentials, "" when that is not determined.
func baseFor(in *Input) string {
	environment := in.Host().Environment
	if environment != api.EnvironmentTest && environment != api.EnvironmentLive {
		key, _ := in.Request().Header.Get("x-api-key")
		environment, _ = api.KeyEnvironment(key.Reveal())
	}
	return hostFor(in.Operation, environment)
}

func hostFor(op *api.Operation, environment api.Environment) string {
	if op == nil {
		return api.BaseURL(environment)
	}
	for _, name := range op.Hosts {
		if api.FindHost(name).Environment == environment {
			return "https://" + name
		}
	}
	return ""
}

// strangeHost judges a host that is not Immersve's: a placeholder or a
// misspelling is an error, any other may be the user's own gateway.
func strangeHost(in *Input) []Finding {
	name := in.Request().URL.Host
	if in.Request().FromShell(name) {
		if f, ok := fromShell(in, finding.UnknownHost, Location{Part: RequestLine, Name: "host"}, "the host", name); ok {
			return []Finding{f}
		}
		return nil
	}
	if what := placeholder(strings.TrimSuffix(name, ".")); what != "" || strings.ContainsAny(name, "${}<>") {
		if in.Exchange.Response != nil {
			return nil // a server responded, so the request had a host: only the copy shows none
		}
		if what == "" {
			what = "a variable that wasn't filled in"
		}
		severity := Error
		if in.Request().URL.OpenBase() && strings.HasPrefix(name, "%") {
			severity = Warning // cmd.exe fills it in
		}
		return []Finding{unknownHost(severity, "the URL's host is "+what, fmt.Sprintf("the host is %.80q", exchange.MaskText(name)), in)}
	}
	if near, d := meantHost(name); d > 0 && (d <= 2 || isFamily(name)) {
		f := unknownHost(Error, fmt.Sprintf("%s isn't a host of the API", quoteShort(name)),
			fmt.Sprintf("the API's hosts are api, api-sec, test and test-sec under immersve.com; the closest is %s", near), in)
		f.Fix = fmt.Sprintf("Send it to https://%s.", near)
		if d <= 2 {
			f.Repairs = []Repair{{Kind: RepairHost, Value: "https://" + near}}
		}
		return []Finding{f}
	}
	return []Finding{unknownHost(Warning, fmt.Sprintf("%s isn't an Immersve host", quoteShort(name)),
		"the API's hosts are api, api-sec, test and test-sec under immersve.com; this may be your own gateway or proxy", in)}
}

// isFamily reports whether a name claims to be Immersve's.
func isFamily(name string) bool {
	return strings.HasSuffix(name, ".immersve.com") || strings.HasSuffix(name, ".immersve")
}

// meantHost returns the API host that a name most likely means. In a name of the
// family the words decide, in any other the letters.
func meantHost(name string) (near string, distance int) {
	near, distance = nearestHost(name)
	if distance <= 2 || !isFamily(name) {
		return near, distance
	}
	near = "api"
	for _, word := range []string{"test", "sandbox", "staging", "stage", "dev", "demo", "uat"} {
		if strings.Contains(name, word) {
			near = "test"
		}
	}
	if strings.Contains(name, "sec") {
		near += "-sec"
	}
	return near + ".immersve.com", distance
}

func quoteShort(s string) string { return fmt.Sprintf("%.60q", exchange.MaskText(s)) }

func nearestHost(name string) (near string, distance int) {
	distance = 1 << 20
	for _, h := range api.Hosts() {
		if h.Role != api.HostAPI && h.Role != api.HostSecure || len(name) > 64 {
			continue
		}
		if d := levenshtein.ComputeDistance(name, h.Name); d < distance {
			near, distance = h.Name, d
		}
	}
	return near, distance
}

func insecure(in *Input) Finding {
	url := in.Request().URL
	return Finding{
		ID: finding.InsecureScheme, Severity: Error,
		Title:    "the request used http instead of https",
		Evidence: fmt.Sprintf("the URL starts with http://%s; the API uses only https, and http sends credentials unencrypted", url.Authority()),
		Location: Location{Part: RequestLine, Name: "scheme"},
		Fix:      "Use https:// instead of http://.",
		Repairs:  []Repair{{Kind: RepairHost, Value: "https://" + url.Host}},
	}
}

// misplaced compares the operation's hosts with the one it was sent to.
func misplaced(in *Input, host api.Host) []Finding {
	if host.Role == api.HostOther {
		f := wrongHost(in, host, fmt.Sprintf("%s doesn't serve the API", host.Name), "the API's hosts are api, api-sec, test and test-sec under immersve.com")
		if f.Fix == "" {
			f.Fix = elsewhere(in)
		}
		return []Finding{f}
	}
	op := in.Operation
	if op == nil || slices.Contains(op.Hosts, host.Name) {
		return nil
	}
	if host.Environment == api.EnvironmentLive && hostFor(op, api.EnvironmentLive) == "" {
		return []Finding{{
			ID: finding.SimulatorNotLive, Severity: Error,
			Title:    fmt.Sprintf("%s exists only in test", op.ID),
			Evidence: fmt.Sprintf("it was sent to %s, but the docs list only %s", host.Name, strings.Join(op.Hosts, ", ")),
			Location: Location{Part: RequestLine, Name: "host"}, Docs: op.Docs,
		}}
	}
	return []Finding{wrongHost(in, host, fmt.Sprintf("%s isn't available on %s", op.ID, host.Name), "the docs list "+strings.Join(op.Hosts, ", "))}
}

func wrongHost(in *Input, host api.Host, title, evidence string) Finding {
	f := Finding{ID: finding.WrongHost, Severity: Error, Title: title, Evidence: evidence, Location: Location{Part: RequestLine, Name: "host"}}
	if base := hostFor(in.Operation, host.Environment); base != "" {
		f.Fix = fmt.Sprintf("Send it to %s.", base)
		f.Repairs = []Repair{{Kind: RepairHost, Value: base}}
	}
	return f
}

// elsewhere names the hosts that serve an operation, where the environment is open.
func elsewhere(in *Input) string {
	test, live := hostFor(in.Operation, api.EnvironmentTest), hostFor(in.Operation, api.EnvironmentLive)
	switch {
	case test != "" && live != "":
		return fmt.Sprintf("Send it to %s, or to %s in live.", test, live)
	case test != "":
		return fmt.Sprintf("Send it to %s.", test)
	}
	return ""
}

// environmentFindings looks for credentials and ids of the other environment.
func environmentFindings(in *Input) []Finding {
	environment := in.Host().Environment
	if environment != api.EnvironmentTest && environment != api.EnvironmentLive {
		return nil
	}
	var list []Finding
	for _, name := range []string{"x-api-key", "x-api-secret"} {
		value, _ := in.Request().Header.Get(name)
		of, certain := api.KeyEnvironment(value.Reveal())
		if of == api.EnvironmentUnknown || of == environment {
			continue
		}
		severity := Warning
		if certain {
			severity = Error
		}
		list = append(list, Finding{
			ID: finding.EnvironmentMismatch, Severity: severity,
			Title:    fmt.Sprintf("a %s key was sent to the %s environment", of, environment),
			Evidence: fmt.Sprintf("%s is %s, but the host is %s; no key or ID is valid in both environments", name, value, in.Request().URL.Host),
			Location: Location{Part: RequestHeader, Name: name},
			Fix:      fmt.Sprintf("Use the %s key, or send the request to the %s host.", environment, of),
		})
		break
	}
	return append(list, sandboxOnLive(in, environment)...)
}

// sandboxOnLive finds ids of the public sandbox, which exists in test only.
func sandboxOnLive(in *Input, environment api.Environment) []Finding {
	if environment != api.EnvironmentLive {
		return nil
	}
	found := func(part Part, name, id string) []Finding {
		return []Finding{{
			ID: finding.EnvironmentMismatch, Severity: Error,
			Title:    "a public sandbox ID was sent to the live environment",
			Evidence: fmt.Sprintf("%s is %s, which the docs publish for the test environment", name, id),
			Location: Location{Part: part, Name: name},
			Fix:      "Use the host, key, account, card program and funding source of one environment.",
		}}
	}
	for i, id := range in.Route.Parameters {
		if api.IsSandboxID(id) {
			return found(RequestPath, in.Route.Names[i], id)
		}
	}
	if v, ok := in.Request().Header.Get("x-account-id"); ok && api.IsSandboxID(v.Reveal()) {
		return found(RequestHeader, "x-account-id", v.Reveal())
	}
	body := string(in.Request().Body.Bytes())
	for _, name := range []string{"accountId", "partnerAccountId", "parentAccountId", "clientApplicationId", "cardProgramId", "fundingChannelId"} {
		if _, after, ok := strings.Cut(body, `"`+name+`"`); ok {
			if id := firstString32(after); api.IsSandboxID(id) {
				return found(RequestBody, name, id)
			}
		}
	}
	return nil
}

// firstString32 returns the 32 characters of the JSON string that follows a
// member's name, "" when something else follows.
func firstString32(after string) string {
	after = strings.TrimLeft(after, " \t\r\n:")
	if len(after) < 34 || after[0] != '"' || after[33] != '"' {
		return ""
	}
	return after[1:33]
}

func deprecated(in *Input) []Finding {
	if in.Operation == nil || !in.Operation.Deprecated {
		return nil
	}
	return []Finding{{
		ID: finding.DeprecatedEndpoint, Severity: Warning,
		Title:    fmt.Sprintf("%s is deprecated", in.Operation.ID),
		Evidence: fmt.Sprintf("%s %s", in.Operation.Method, in.Operation.Path),
		Location: Location{Part: RequestLine, Name: "path"},
		Docs:     in.Operation.Docs,
	}}
}
