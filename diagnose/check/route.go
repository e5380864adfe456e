package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// routeCheck asks whether the request went to a documented operation on a host
// that serves it, in the environment of its credentials.
func routeCheck() Check {
	return Check{
		Family: "route",
		IDs: []string{
			"unknown-route", "wrong-method", "wrong-host", "unknown-host", "environment-mismatch",
			"simulator-not-live", "deprecated-endpoint", "insecure-scheme",
		},
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
		return []Finding{unknownHost(Error, "the URL names no host", fmt.Sprintf("the URL is %.120q: a variable in its place was probably empty", url.String()), in)}
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
	f := Finding{ID: "unknown-host", Severity: severity, Title: title, Evidence: evidence, Location: Location{Part: RequestLine, Name: "host"}}
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
		if f, ok := fromShell(in, "unknown-host", Location{Part: RequestLine, Name: "host"}, "the host", name); ok {
			return []Finding{f}
		}
		return nil
	}
	if what := placeholder(strings.TrimSuffix(name, ".")); what != "" || strings.ContainsAny(name, "${}<>") {
		if what == "" {
			what = "a variable that was never filled in"
		}
		return []Finding{unknownHost(Error, "the host of the URL is "+what, fmt.Sprintf("the host is %.80q", exchange.MaskText(name)), in)}
	}
	if near, d := meantHost(name); d > 0 && (d <= 2 || isFamily(name)) {
		f := unknownHost(Error, fmt.Sprintf("%s is no host of the API", quoteShort(name)),
			fmt.Sprintf("the documented hosts are api, api-sec, test and test-sec under immersve.com; the nearest is %s", near), in)
		f.Fix = fmt.Sprintf("Send it to https://%s.", near)
		if d <= 2 {
			f.Repairs = []Repair{{Kind: RepairHost, Value: "https://" + near}}
		}
		return []Finding{f}
	}
	return []Finding{unknownHost(Warning, fmt.Sprintf("%s is not a host of Immersve's", quoteShort(name)),
		"the documented hosts are api, api-sec, test and test-sec under immersve.com; a gateway or proxy of your own is possible", in)}
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
		ID: "insecure-scheme", Severity: Error,
		Title:    "the request went over http, not https",
		Evidence: fmt.Sprintf("the URL begins with http://%s; the documented servers are https only, and credentials travel readable", url.Authority()),
		Location: Location{Part: RequestLine, Name: "scheme"},
		Fix:      "Use https:// instead of http://.",
		Repairs:  []Repair{{Kind: RepairHost, Value: "https://" + url.Host}},
	}
}

// misplaced compares the operation's hosts with the one it was sent to.
func misplaced(in *Input, host api.Host) []Finding {
	if host.Role == api.HostOther {
		f := wrongHost(in, host, fmt.Sprintf("%s serves no API operations", host.Name), "the API lives on api, api-sec, test and test-sec under immersve.com")
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
			ID: "simulator-not-live", Severity: Error,
			Title:    fmt.Sprintf("%s exists in the test environment only", op.ID),
			Evidence: fmt.Sprintf("it was sent to %s; documented for it: %s", host.Name, strings.Join(op.Hosts, ", ")),
			Location: Location{Part: RequestLine, Name: "host"}, Docs: op.Docs,
		}}
	}
	return []Finding{wrongHost(in, host, fmt.Sprintf("%s is not served by %s", op.ID, host.Name), "documented for it: "+strings.Join(op.Hosts, ", "))}
}

func wrongHost(in *Input, host api.Host, title, evidence string) Finding {
	f := Finding{ID: "wrong-host", Severity: Error, Title: title, Evidence: evidence, Location: Location{Part: RequestLine, Name: "host"}}
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
		return fmt.Sprintf("Send it to %s, or to %s for the live environment.", test, live)
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
			ID: "environment-mismatch", Severity: severity,
			Title:    fmt.Sprintf("a key of the %s environment was sent to the %s environment", of, environment),
			Evidence: fmt.Sprintf("%s is %s, the host is %s; nothing is valid in both environments", name, value, in.Request().URL.Host),
			Location: Location{Part: RequestHeader, Name: name},
			Fix:      fmt.Sprintf("Use the %s key, or send the call to the %s host.", environment, of),
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
			ID: "environment-mismatch", Severity: Error,
			Title:    "an id of the public sandbox was sent to the live environment",
			Evidence: fmt.Sprintf("%s is %s, which the documentation publishes for the test environment", name, id),
			Location: Location{Part: part, Name: name},
			Fix:      "Take host, key, account, card programme and funding source from one environment.",
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

func routeFindings(in *Input) []Finding {
	request := in.Request()
	if in.Route.Found() || request.URL.Path == "" && (request.URL.Host == "" || request.Method == "") || in.Host().Role == api.HostOther {
		return nil
	}
	if len(in.Route.Others) > 0 {
		if request.Method == "" {
			return nil
		}
		return []Finding{wrongMethod(in)}
	}
	return []Finding{unknownRoute(in)}
}

// Meant returns the operations that a request with a wrong method can be meant for:
// those of its path, and where it has a body, those that take one.
func Meant(in *Input) []api.Route {
	others := in.Route.Others
	if contentState(in.Request()) != exchange.BodyPresent {
		return others
	}
	taking := slices.DeleteFunc(slices.Clone(others), func(r api.Route) bool {
		op, err := api.Lookup(r.ID)
		return err != nil || op.RequestBody == nil
	})
	if len(taking) == 0 {
		return others
	}
	return taking
}

func wrongMethod(in *Input) Finding {
	method, methods := in.Request().Method, strings.Join(in.Route.Methods, " or ")
	meant := Meant(in)
	f := Finding{
		ID: "wrong-method", Severity: Error,
		Title:    fmt.Sprintf("%s has no %s", in.Route.Others[0].Path, clean(method.String())),
		Evidence: fmt.Sprintf("documented for this path: %s; a wrong method is answered by 404", methods),
		Location: Location{Part: RequestLine, Name: "method"},
		Fix:      fmt.Sprintf("Use %s (%s).", methods, operationNames(in.Route.Others)),
	}
	if len(meant) == 1 && len(in.Route.Others) > 1 {
		f.Fix = fmt.Sprintf("Use %s, which takes a body (%s).", meant[0].Method, meant[0].ID)
	}
	if upper := strings.ToUpper(string(method)); upper != string(method) && slices.Contains(in.Route.Methods, upper) {
		f.Title = fmt.Sprintf("the method is written %q; methods are case-sensitive", clean(method.String()))
		f.Fix = fmt.Sprintf("Write %s.", upper)
		f.Repairs = []Repair{{Kind: RepairMethod, Value: upper}}
		return f
	}
	if len(meant) == 1 {
		f.Repairs = methodRepairs(in, meant[0].Method)
	}
	if method == "OPTIONS" || method == "HEAD" {
		f.Severity = Warning // a browser's preflight, or curl -I: rarely meant
		f.Repairs = nil
	}
	return f
}

// methodRepairs turns a request to the only method that can be meant, where what it
// holds allows that: a body cannot be invented, and a GET takes none.
func methodRepairs(in *Input, method string) []Repair {
	request, op := in.Request(), in.Operation
	repairs := []Repair{{Kind: RepairMethod, Value: method}}
	switch {
	case op == nil:
	case op.RequestBody != nil && op.RequestBody.Required && contentState(request) == exchange.BodyAbsent:
		return nil
	case op.Method == "GET" && request.Body.Present():
		repairs = append(repairs, Repair{Kind: RepairBody}, Repair{Kind: RepairHeader, Name: contentTypeField})
		sent, more := exchange.First(exchange.ParseQuery(string(request.Body.Bytes())), maxParameters)
		if more {
			return nil // no form
		}
		for _, p := range sent {
			if op.Parameter("query", p.Name) != nil {
				repairs = append(repairs, Repair{Kind: RepairQuery, Name: p.Name, Value: p.Value})
			}
		}
	}
	return repairs
}

func clean(s string) string { return strings.Trim(fmt.Sprintf("%.20q", exchange.MaskText(s)), `"`) }

func operationNames(routes []api.Route) string {
	var names []string
	for _, r := range routes {
		names = append(names, r.ID)
	}
	return strings.Join(names, ", ")
}

func unknownRoute(in *Input) Finding {
	request := in.Request()
	near := api.Nearest(string(request.Method), request.URL.PathSegments())
	f := Finding{
		ID: "unknown-route", Severity: Error,
		Title:    fmt.Sprintf("no documented path is like %s", shortPath(request.URL.Path)),
		Evidence: "it stands nowhere in the API reference",
		Location: Location{Part: RequestLine, Name: "path"},
	}
	if in.Host().Role == api.HostUnknown {
		f.Severity = Warning // a gateway may map paths of its own
	}
	if slashed(in) && in.Class != NotFound {
		f.Severity = Warning // many servers do not mind, and the documentation does not say
	}
	if len(near) == 0 {
		f.Fix = "Compare the path with the API reference: immersve-doctor explain --list."
		return f
	}
	best := near[0]
	f.Title = fmt.Sprintf("%s is no documented path", shortPath(request.URL.Path))
	f.Evidence = "the nearest: " + nearestText(near)
	f.Fix = fmt.Sprintf("Use %s %s (%s).", best.Route.Method, best.Route.Path, best.Route.ID)
	if best.Distance <= MaxRepairDistance && (len(near) == 1 || near[1].Distance > best.Distance) {
		f.Repairs = []Repair{{Kind: RepairPath, Value: best.Path}}
		if best.Route.Method != string(request.Method) && request.Method != "" {
			f.Repairs = append(f.Repairs, Repair{Kind: RepairMethod, Value: best.Route.Method})
		}
	}
	return f
}

// slashed reports whether a path without the slash at its end would be the one of a
// documented operation.
func slashed(in *Input) bool {
	segments := in.Request().URL.PathSegments()
	last := len(segments) - 1
	return last > 0 && segments[last] == "" && api.MatchRoute(string(in.Request().Method), segments[:last]).Found()
}

// MaxRepairDistance is how far a path may be from the one that is proposed in its
// place; what is farther is named, not proposed.
const MaxRepairDistance = 4

func nearestText(near []api.Near) string {
	var list []string
	for _, n := range near {
		list = append(list, fmt.Sprintf("%s %s (%s)", n.Route.Method, n.Route.Path, n.Route.ID))
	}
	return strings.Join(list, ", ")
}

func shortPath(path string) string {
	if path == "" {
		return "an empty path"
	}
	path = exchange.MaskText(path)
	if r := []rune(path[:min(len(path), 4*81)]); len(r) > 80 {
		path = string(r[:79]) + "…"
	}
	return strings.Trim(fmt.Sprintf("%q", path), `"`)
}

func deprecated(in *Input) []Finding {
	if in.Operation == nil || !in.Operation.Deprecated {
		return nil
	}
	return []Finding{{
		ID: "deprecated-endpoint", Severity: Warning,
		Title:    fmt.Sprintf("%s is deprecated", in.Operation.ID),
		Evidence: fmt.Sprintf("%s %s", in.Operation.Method, in.Operation.Path),
		Location: Location{Part: RequestLine, Name: "path"},
		Docs:     in.Operation.Docs,
	}}
}
