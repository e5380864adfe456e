package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// serverCheck reads what the server side says of itself: faults, gateways in
// between, and the places that errors[] names.
func serverCheck() Check {
	return Check{
		Family: "server",
		Skip:   func(c Class) bool { return c == Success },
		Run: func(in *Input) []Finding {
			return slices.Concat(faultFindings(in), retryFindings(in), namedFindings(in))
		},
	}
}

func faultFindings(in *Input) []Finding {
	if in.Exchange.Response == nil {
		return nil
	}
	if sign, part := gatewaySign(in); sign != "" {
		f := Finding{
			ID: finding.GatewayError, Severity: Error, Title: "a proxy or CDN sent this response, not the API",
			Evidence: sign, Location: Location{Part: part},
		}
		if in.Status() == http.StatusRequestEntityTooLarge {
			f.Title = "a proxy or CDN rejected the request because of its size"
			f.Fix = "Send a smaller body, or raise the limit of your proxy."
		}
		return []Finding{f}
	}
	if in.Class != ServerError || documentedFault(in) {
		return nil
	}
	return []Finding{{
		ID: finding.ServerError, Severity: Error, Title: "the API failed",
		Evidence: fmt.Sprintf("status %d; a temporary error on Immersve's side", in.Status()),
		Location: Location{Part: ResponseLine, Name: "status"},
	}}
}

// documentedFault reports whether the errorCode already says which fault it is.
func documentedFault(in *Input) bool {
	_, known := api.FindCode(in.Error.Code)
	return known
}

// gatewaySign returns the evidence that something between the caller and the
// API wrote the response and where it stands, "" when there is none. The API answers errors in JSON
// with statusCode and errorCode; what has neither and shows a gateway's marks
// was written by the gateway.
func gatewaySign(in *Input) (string, Part) {
	response := in.Response()
	if in.Request().Method == "CONNECT" {
		return fmt.Sprintf("status %d is the response to CONNECT, which asks a proxy for a tunnel (RFC 9110 section 9.3.6), so the API never saw the request", response.Status), ResponseLine
	}
	if in.Error.JSON && (in.Error.StatusCode != 0 || in.Error.Code != "") || in.Host().Role == api.HostLoopback && response.Status != 502 && response.Status != 504 {
		return "", ""
	}
	body := string(response.Body.Bytes())
	for _, f := range response.Header {
		if mark := gatewayField(strings.ToLower(f.Name), f.Value.Reveal()); mark != "" && (!in.Error.JSON || strings.HasPrefix(mark, "x-amzn")) && response.Body.Present() {
			return mark, ResponseHeader
		}
	}
	if server := response.Header.Text("server"); isHTML(body) && isGateway(server) {
		return fmt.Sprintf("the body is an HTML page, and the server header is %.40q", exchange.MaskText(server)), ResponseHeader
	}
	if isHTML(body) {
		return fmt.Sprintf("the body is an HTML page%s, but the API returns JSON", htmlTitle(body)), ResponseBody
	}
	if media := strings.ToLower(response.Header.Text("content-type")); strings.HasPrefix(media, "text/html") && response.Status >= 400 && !response.Body.Present() {
		return "content-type is text/html, but the API returns JSON", ResponseHeader
	}
	if isXML(body) {
		return fmt.Sprintf("the body is XML%s, but the API returns JSON", xmlCode(body)), ResponseBody
	}
	if response.Status >= 520 && response.Status <= 530 && strings.HasPrefix(strings.ToLower(response.Header.Text("server")), "cloudflare") {
		return fmt.Sprintf("status %d is one of Cloudflare's, and so is the server header", response.Status), ResponseLine
	}
	if response.Status >= 520 && response.Status <= 530 && strings.HasPrefix(body, "error code: ") {
		return fmt.Sprintf("status %d is one of Cloudflare's, and so is the one-line body", response.Status), ResponseLine
	}
	if response.Status == 502 || response.Status == 504 {
		return fmt.Sprintf("gateways return %d (RFC 9110 section 15.6), and the body isn't an error of the API", response.Status), ResponseLine
	}
	return "", ""
}

// gatewayField returns a field that only a gateway writes into an error of its own.
func gatewayField(name, value string) string {
	value = exchange.MaskText(value)
	switch {
	case name == "x-amzn-errortype":
		return fmt.Sprintf("x-amzn-errortype is %.40q", value)
	case name == "x-cache" && strings.HasPrefix(value, "Error from"):
		return fmt.Sprintf("x-cache is %.40q", value)
	case name == "server" && isGateway(value) && !strings.HasPrefix(strings.ToLower(value), "cloudflare"):
		return fmt.Sprintf("the server header is %.40q, and the body isn't an error of the API", value)
	}
	return ""
}

func isGateway(server string) bool {
	server = strings.ToLower(server)
	for _, name := range []string{"cloudflare", "cloudfront", "awselb", "akamaighost", "nginx", "squid", "haproxy", "envoy", "varnish", "apache", "microsoft-azure-application-gateway", "caddy", "openresty"} {
		if strings.HasPrefix(server, name) {
			return true
		}
	}
	return false
}

func isHTML(body string) bool {
	start := strings.ToLower(strings.TrimSpace(body[:min(len(body), 512)]))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<head")
}

// isXML knows the errors that object stores and their kin write: S3, CloudFront in
// front of one, Azure, Google Cloud Storage.
func isXML(body string) bool {
	start := strings.TrimPrefix(strings.TrimSpace(body[:min(len(body), 512)]), "\ufeff")
	return strings.HasPrefix(start, "<?xml") || strings.HasPrefix(start, "<Error>")
}

// xmlCode returns what such an error calls itself.
func xmlCode(body string) string {
	_, after, ok := strings.Cut(body[:min(len(body), 4096)], "<Code>")
	code, _, ok2 := strings.Cut(after, "<")
	if !ok || !ok2 {
		return ""
	}
	return fmt.Sprintf(" with Code %.60q", exchange.MaskText(strings.TrimSpace(code)))
}

func htmlTitle(body string) string {
	_, after, ok := strings.Cut(body[:min(len(body), 4096)], "<title>")
	title, _, ok2 := strings.Cut(after, "<")
	if !ok || !ok2 {
		return ""
	}
	return fmt.Sprintf(" with the title %.60q", exchange.MaskText(strings.TrimSpace(title)))
}

// retryFindings warns where sending again may act twice.
func retryFindings(in *Input) []Finding {
	if in.Operation == nil || in.Class != ServerError && in.Class != NoResponse {
		return nil
	}
	if f := in.Exchange.Failure; f != nil && (f.Kind == exchange.FailureDNS || f.Kind == exchange.FailureRefused || f.Kind == exchange.FailureTLS) {
		return nil // nothing was sent
	}
	repeat := in.Operation.Repeat
	if repeat.Safe() || repeat == api.RepeatUnknown && api.ReadOnly(in.Operation.Method) {
		return nil
	}
	return []Finding{{
		ID: finding.RetryUnsafe, Severity: Warning, Title: retryTitle(in.Operation),
		Evidence: fmt.Sprintf("%s %s, and the first attempt may have worked", in.Operation.Method, in.Operation.Path),
		Location: Location{Part: RequestLine, Name: "method"},
		Fix:      retryFix(in.Operation),
	}}
}

func retryTitle(op *api.Operation) string {
	switch op.Repeat {
	case api.RepeatActsTwice:
		return fmt.Sprintf("a second %s request can take effect twice", op.ID)
	case api.RepeatSpends:
		return fmt.Sprintf("%s may have used up its one-time value", op.ID)
	}
	return fmt.Sprintf("the docs don't say what a second %s request does", op.ID)
}

func retryFix(op *api.Operation) string {
	if op.FindOut == "" {
		return ""
	}
	return fmt.Sprintf("First check whether it worked: immersve-doctor call %s.", op.FindOut)
}

// maxNamed bounds how many entries of errors[] become findings.
const maxNamed = 20

// namedFindings matches the entries of errors[] to places in the request.
func namedFindings(in *Input) []Finding {
	var list []Finding
	if in.Error.Elided {
		list = append(list, Finding{
			ID: finding.ServerNamedField, Severity: Error,
			Title:    "the API rejected a field, but the log doesn't show which one",
			Evidence: "errors[] names it, and Node printed errors[] as [Array]",
			Location: Location{Part: ResponseBody, Name: "errors", Pointer: "/errors"},
			Fix:      "Log JSON.stringify(error.response.data), which shows errors[].",
		})
	}
	for _, e := range in.Error.Errors[:min(len(in.Error.Errors), maxNamed)] {
		if e.Path == "" && e.Message == "" {
			continue
		}
		list = append(list, namedFinding(in, e))
	}
	return list
}

func namedFinding(in *Input, e FieldError) Finding {
	path, message := exchange.MaskText(clean60(e.Path)), exchange.MaskText(strings.Trim(fmt.Sprintf("%.200q", exchange.MaskText(e.Message)), `"`))
	f := Finding{
		ID: finding.ServerNamedField, Severity: Error,
		Title:    fmt.Sprintf("the API rejects %s: %s", path, message),
		Evidence: "the response's errors[] names it",
		Location: Location{Part: RequestBody, Name: path, Pointer: e.Pointer()},
	}
	switch {
	case e.Path == "":
		f.Title = fmt.Sprintf("the API rejects the request: %s", message)
		f.Location = Location{Part: ResponseBody, Name: "errors", Pointer: "/errors"}
	case message == "":
		f.Title = fmt.Sprintf("the API rejects %s", path)
	}
	where := placeOf(in, e)
	if where.Part != "" {
		f.Location = where
	}
	f.Evidence += sentThere(in, f.Location)
	if shown := exchange.MaskText(e.Path); shown != e.Path { // what is parted by dots shows no more that it is a token
		f.Location.Name, f.Location.Pointer = clean60(shown), FieldError{Path: shown}.Pointer()
	}
	return f
}

// placeOf looks for the named place among path parameters, query parameters and
// body members.
func placeOf(in *Input, e FieldError) Location {
	name := e.Path
	for _, prefix := range []string{"params.", "path.", "query.", "body.", "querystring."} {
		name = strings.TrimPrefix(name, prefix)
	}
	if slices.Contains(in.Route.Names, name) {
		return Location{Part: RequestPath, Name: name}
	}
	for p := range in.Request().URL.Query() {
		if p.Name == name {
			return Location{Part: RequestQuery, Name: name}
		}
	}
	if in.Operation != nil && in.Operation.Parameter("query", name) != nil && in.Operation.RequestBody == nil {
		return Location{Part: RequestQuery, Name: name}
	}
	return bodyPlace(in.Request().Body, FieldError{Path: name}.Pointer(), name)
}

func bodyPlace(body exchange.Body, pointer, name string) Location {
	location := Location{Part: RequestBody, Name: clean60(name), Pointer: pointer}
	if pointer == "" || !body.Present() || !exchange.ValidJSON(body.Bytes()) {
		return location
	}
	if value, ok := lookUp(body.Bytes(), pointer); ok {
		location.Line, location.Column = body.Position(value.Index)
	}
	return location
}

// lookUp follows an RFC 6901 pointer through a valid JSON text. The index of what
// it finds counts from the beginning of the text.
func lookUp(text []byte, pointer string) (gjson.Result, bool) {
	value := gjson.ParseBytes(text)
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = memberName(token)
		next, ok := child(value, token)
		if !ok {
			return gjson.Result{}, false
		}
		value = next
	}
	return value, true
}

// memberName reads a token of an RFC 6901 pointer.
func memberName(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

func child(value gjson.Result, token string) (found gjson.Result, ok bool) {
	if !value.IsObject() && !value.IsArray() {
		return gjson.Result{}, false
	}
	index := 0
	value.ForEach(func(key, member gjson.Result) bool {
		if value.IsObject() && key.String() == token || value.IsArray() && fmt.Sprint(index) == token {
			found, ok = member, true
		}
		index++
		return !ok
	})
	return found, ok
}

// sentThere says what the request has at a place.
func sentThere(in *Input, at Location) string {
	switch at.Part {
	case RequestPath:
		return fmt.Sprintf(", which is %.60q in the path", exchange.MaskText(in.Route.Parameter(at.Name)))
	case RequestQuery:
		for p := range in.Request().URL.Query() {
			if p.Name == at.Name {
				return fmt.Sprintf(", which is %.60q in the query", exchange.MaskText(p.Value))
			}
		}
		return ", which isn't in the query"
	}
	body := in.Request().Body
	if !body.Present() || !exchange.ValidJSON(body.Bytes()) {
		return ""
	}
	if at.Pointer == "" {
		return ""
	}
	value, ok := lookUp(body.Bytes(), at.Pointer)
	if !ok {
		return ", which isn't in the body"
	}
	if value.IsObject() || value.IsArray() {
		return ""
	}
	return fmt.Sprintf(", which is %s in the body", shownMember(at.Name, value.Raw))
}

// shownMember masks a member's value by its name.
func shownMember(name, raw string) string {
	last := name[strings.LastIndexAny(name, ".]")+1:]
	_, masked, _ := strings.Cut(exchange.MaskText(last+": "+raw), ": ")
	if r := []rune(masked[:min(len(masked), 4*61)]); len(r) > 60 {
		masked = string(r[:59]) + "…"
	}
	return masked
}
