package check

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// target is a request's path and query as they were probably meant: what follows a
// misplaced "&" or an encoded "?" is query, and a backslash is a slash.
type target struct {
	segments []string
	query    string // raw
	mistake  string // what was wrong with the separators, a clause, or ""
}

func targetOf(url exchange.URL) target {
	path, query, mistake := url.Path, url.RawQuery, ""
	if i := strings.IndexAny(path, "&;"); i >= 0 && strings.Contains(path[i:], "=") {
		path, query = path[:i], joinQuery(strings.TrimPrefix(path[i:], "&amp;"), query)
		mistake = `the query must start with "?"`
	}
	if i := strings.Index(strings.ToUpper(path), "%3F"); i >= 0 {
		path, query = path[:i], joinQuery(decodedQuery(path[i+3:]), query)
		mistake = `"?" is percent-encoded`
	}
	if slashed := strings.NewReplacer(`\`, "/", "%5C", "/", "%5c", "/").Replace(path); slashed != path {
		path, mistake = slashed, "the path contains a backslash"
	}
	return target{exchange.URL{Path: path}.PathSegments(), query, mistake}
}

func joinQuery(a, b string) string {
	a = strings.Trim(a, "&;")
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// decodedQuery decodes the separators of a query that was encoded with its path.
func decodedQuery(s string) string {
	return strings.NewReplacer("%3D", "=", "%3d", "=", "%26", "&").Replace(s)
}

// Suggest returns the operations that a request without a documented route was
// probably meant for.
func Suggest(request *exchange.Request) api.Suggestion {
	at := targetOf(request.URL)
	sent := api.Sent{Method: string(request.Method), Segments: at.segments, Account: accountNamed(request)}
	query, _ := exchange.First(exchange.ParseQuery(at.query), maxParameters)
	for _, p := range query {
		sent.Query = append(sent.Query, p.Name)
	}
	switch contentState(request) {
	case exchange.BodyPresent:
		sent.Body = api.Present
		sent.Fields = topFields(request)
	case exchange.BodyAbsent:
		sent.Body = api.Absent
	}
	return api.Suggest(sent)
}

// accountNamed returns the account that a request names outside its path, or "".
func accountNamed(request *exchange.Request) string {
	for p := range exchange.ParseQuery(request.URL.RawQuery) {
		if strings.EqualFold(p.Name, "accountId") && api.IsID(p.Value) {
			return p.Value
		}
	}
	if value, ok := request.Header.Get("x-account-id"); ok && placeholder(value.Reveal()) == "" && hasShape(shapeHex, value.Reveal()) {
		return value.Reveal()
	}
	return ""
}

// topFields returns the names of a JSON body's fields, at most maxParameters.
func topFields(request *exchange.Request) []string {
	var names []string
	body := request.Body.Bytes()
	if !gjson.ValidBytes(body) {
		return nil
	}
	value := gjson.ParseBytes(body)
	if value.IsArray() {
		value = value.Get("0")
	}
	value.ForEach(func(name, _ gjson.Result) bool {
		names = append(names, name.Str)
		return len(names) < maxParameters
	})
	return names
}

// NoID reports whether a route fits only because a word is where its template has an
// ID, or an ID with more than that: /api/cards/list isn't the card "list".
func NoID(route api.Match) bool {
	for i, value := range route.Parameters {
		mistake := strings.Contains(value, `\`) || strings.HasSuffix(value, ".json") && len(value) > len(".json")
		if placeholder(value) == "" && (mistake || idShape(route.Names[i]) != "" && api.IsWord(value)) {
			return true
		}
	}
	return false
}

func routeFindings(in *Input) []Finding {
	request := in.Request()
	if in.Route.Found() || request.URL.Path == "" && (request.URL.Host == "" || request.Method == "" || request.URL.OpenBase()) || in.Host().Role == api.HostOther {
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

func wrongMethod(in *Input) Finding {
	request, methods := in.Request(), strings.Join(in.Route.Methods, " or ")
	method := string(request.Method)
	f := Finding{
		ID: finding.WrongMethod, Severity: Error,
		Title:    fmt.Sprintf("%s accepts %s, not %s", shortPath(request.URL.Path), methods, clean(request.Method.String())),
		Evidence: fmt.Sprintf("the docs list %s for %s; the API returns 404 for any other method", operationNames(in.Route.Others), in.Route.Others[0].Path),
		Location: Location{Part: RequestLine, Name: "method"},
	}
	if upper := strings.ToUpper(method); upper != method && slices.Contains(in.Route.Methods, upper) {
		f.Title = fmt.Sprintf("the method is %q, but methods are case-sensitive", clean(request.Method.String()))
		f.Fix = fmt.Sprintf("Send %s.", upper)
		f.Repairs = []Repair{{Kind: RepairMethod, Value: upper}}
		return f
	}
	advise(in, &f)
	if method == "OPTIONS" || method == "HEAD" {
		f.Severity = Warning // a browser's preflight, or curl -I: rarely meant
		f.Repairs = nil
	}
	return f
}

func unknownRoute(in *Input) Finding {
	f := Finding{
		ID: finding.UnknownRoute, Severity: Error,
		Title:    "no endpoint has the path " + shortPath(in.Request().URL.Path),
		Evidence: "no path in the API reference is like it",
		Location: Location{Part: RequestLine, Name: "path"},
	}
	if in.Host().Role == api.HostUnknown && !meantForAPI(in) {
		f.Severity = Warning // a gateway may map paths of its own
	}
	if slashed(in) && in.Class != NotFound {
		f.Severity = Warning // many servers do not mind, and the documentation does not say
	}
	advise(in, &f)
	return f
}

// meantForAPI reports whether the path alone shows that a request is for the API,
// although a variable has its host.
func meantForAPI(in *Input) bool {
	url := in.Request().URL
	if !url.OpenBase() && !in.Request().FromShell(url.Host) && !strings.Contains(url.Host, "{{") {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimLeft(url.Path, "/"), "/")
	documented := slices.ContainsFunc(api.Routes(), func(r api.Route) bool { return strings.HasPrefix(r.Path, "/"+first+"/") })
	return first != "" && documented && (len(in.Meant.Near) > 0 || in.Meant.Absent != "") || url.OpenBase() && in.Meant.Clear
}

// advise writes what to use instead into a finding about path or method: the one
// endpoint that can be meant, or up to three that are likely.
func advise(in *Input, f *Finding) {
	request, near := in.Request(), in.Meant.Near
	if in.Meant.Absent != "" {
		f.Title = "the API has no endpoint for " + in.Meant.Absent
		f.Fix = "Find what the API offers: immersve-doctor explain --list."
		return
	}
	if len(near) == 0 {
		f.Fix = "Find the endpoint you need: immersve-doctor explain --list."
		if len(in.Route.Others) > 0 {
			f.Fix = fmt.Sprintf("Use the endpoint you mean: %s.", operationNames(in.Route.Others))
		}
		return
	}
	best := near[0]
	reads := !api.ReadOnly(string(request.Method)) || best.Route.Reads()
	switch {
	case in.Meant.Clear && best.Route.Path == in.Route.Path():
		f.Fix = fmt.Sprintf("Use %s (%s).", best.Route.Method, best.Route.ID)
	case in.Meant.Clear:
		f.Fix = fmt.Sprintf("Use %s %s (%s).", best.Route.Method, best.Route.Path, best.Route.ID)
	case !reads && len(near) == 1:
		f.Fix = fmt.Sprintf("Use %s only if you mean %s, which isn't a read.", best.Route.Method, best.Route.ID)
	case len(near) == 1:
		f.Fix = fmt.Sprintf("Check whether you mean %s %s (%s).", best.Route.Method, best.Route.Path, best.Route.ID)
	default:
		f.Fix = fmt.Sprintf("Use the endpoint you mean: %s.", nearNames(near))
	}
	if f.ID == finding.UnknownRoute {
		f.Evidence = "closest: " + nearestText(near)
		if in.Meant.Clear {
			if m := mistakeIn(request.URL, best); m != "" {
				f.Evidence = fmt.Sprintf("closest: %s %s, but %s", best.Route.Method, best.Route.Path, m)
			}
		}
	}
	if in.Meant.Clear && best.Filled {
		f.Repairs = routeRepairs(in, best)
	}
}

// routeRepairs turns a request into one to the endpoint that it was meant for, if
// what it contains allows that: a body can't be invented, and a GET has none.
func routeRepairs(in *Input, best api.Near) []Repair {
	request := in.Request()
	var repairs []Repair
	at := targetOf(request.URL)
	if at.query != request.URL.RawQuery {
		repairs = append(repairs, Repair{Kind: RepairQuery, Value: at.query})
	}
	if best.Path != request.URL.Path {
		repairs = append(repairs, Repair{Kind: RepairPath, Value: best.Path})
	}
	op, err := api.Lookup(best.Route.ID)
	if err != nil || request.Method == "" {
		return repairs
	}
	if op.RequestBody != nil && op.RequestBody.Required && contentState(request) == exchange.BodyAbsent {
		return nil
	}
	if op.Method != string(request.Method) {
		repairs = append(repairs, Repair{Kind: RepairMethod, Value: op.Method})
	}
	if op.Method != "GET" || !request.Body.Present() {
		return repairs
	}
	repairs = append(repairs, Repair{Kind: RepairBody}, Repair{Kind: RepairHeader, Name: contentTypeField})
	sent, more := exchange.First(exchange.ParseQuery(string(request.Body.Bytes())), maxParameters)
	if more {
		return nil // no form
	}
	for _, p := range sent {
		if op.Parameter("query", p.Name) != nil {
			repairs = append(repairs, Repair{Kind: RepairQuery, Name: p.Name, Value: url.QueryEscape(p.Value)})
		}
	}
	return repairs
}

// mistakeIn says how a request's path differs from the endpoint's, a clause, or
// "" if that takes more than one.
func mistakeIn(url exchange.URL, best api.Near) string {
	at := targetOf(url)
	if at.mistake != "" {
		return at.mistake
	}
	sent, want := "/"+strings.Join(at.segments, "/"), best.Path
	for _, m := range [...]struct{ mended, says string }{
		{strings.TrimRight(sent, "/"), "without the slash at the end"},
		{strings.ReplaceAll(sent, "//", "/"), "without the empty segment"},
		{strings.TrimSuffix(sent, ".json"), "without .json"},
		{strings.Replace(sent, "/api/api/", "/api/", 1), "the /api prefix is doubled"},
		{"/api" + sent, "the /api prefix is missing"},
		{strings.TrimPrefix(sent, "/api"), "it has no /api prefix"},
	} {
		if m.mended == want && sent != want {
			return m.says
		}
	}
	if strings.EqualFold(sent, want) {
		return "paths are case-sensitive"
	}
	if before, ok := strings.CutSuffix(sent, want); ok {
		return fmt.Sprintf("nothing precedes /%s (found %s)", strings.Split(want, "/")[1], shortPath(before))
	}
	a, b := strings.Split(sent, "/"), strings.Split(want, "/")
	if len(a) == len(b)+1 {
		for i := range a {
			if slices.Equal(slices.Delete(slices.Clone(a), i, i+1), b) {
				return fmt.Sprintf("without %q", exchange.MaskText(a[i]))
			}
		}
	}
	if len(a) != len(b) {
		return ""
	}
	differing := -1
	for i := range a {
		if a[i] != b[i] {
			if differing >= 0 {
				return ""
			}
			differing = i
		}
	}
	if differing < 0 {
		return ""
	}
	return fmt.Sprintf("%q should be %q", exchange.MaskText(a[differing]), b[differing])
}

func clean(s string) string { return strings.Trim(fmt.Sprintf("%.20q", exchange.MaskText(s)), `"`) }

func operationNames(routes []api.Route) string {
	var names []string
	for _, r := range routes {
		names = append(names, fmt.Sprintf("%s (%s)", r.Method, r.ID))
	}
	return strings.Join(names, " and ")
}

// nearNames lists endpoints as alternatives: "a, b or c".
func nearNames(near []api.Near) string {
	var names []string
	for _, n := range near {
		names = append(names, n.Route.ID)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func nearestText(near []api.Near) string {
	var list []string
	for _, n := range near {
		list = append(list, fmt.Sprintf("%s %s (%s)", n.Route.Method, n.Route.Path, n.Route.ID))
	}
	return strings.Join(list, ", ")
}

// slashed reports whether a path without the slash at its end would be the one of a
// documented operation.
func slashed(in *Input) bool {
	segments := in.Request().URL.PathSegments()
	last := len(segments) - 1
	return last > 0 && segments[last] == "" && api.MatchRoute(string(in.Request().Method), segments[:last]).Found()
}

// shortPath returns a path for a title: masked, IDs shortened, at most 60 characters.
func shortPath(path string) string {
	if path == "" {
		return "(empty)"
	}
	parts := strings.Split(exchange.MaskText(path[:min(len(path), 1<<10)]), "/")
	for i, part := range parts {
		if len(part) > 16 && api.IsID(part) {
			parts[i] = part[:4] + "…" + part[len(part)-4:]
		}
	}
	short := strings.Join(parts, "/")
	if r := []rune(short); len(r) > 60 {
		short = string(r[:59]) + "…"
	}
	return strings.Trim(fmt.Sprintf("%q", short), `"`)
}
