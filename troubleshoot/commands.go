package troubleshoot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// maxNext is how many commands a report proposes.
const maxNext = 2

// next lists the commands to continue with: those that answer open items of the
// checklist, the most productive first, then the page to read.
func next(d *diagnose.Diagnosis, points []Point, code *CodePage) []string {
	if d.Class == check.Success || d.Class == check.NotSent {
		return nil
	}
	var commands []string
	answers := map[string]int{}
	add := func(command string) {
		if command == "" {
			return
		}
		if answers[command]++; answers[command] == 1 {
			commands = append(commands, command)
		}
	}
	proven := d.Cause() != nil && d.Class != check.BusinessRule && d.Class != check.NoResponse
	add(effect(d))
	for _, point := range points {
		if proven {
			break // what is left open doesn't help to fix it
		}
		if point.State != diagnose.Unknown || len(d.Probes) > 0 && point.Because != NotLookedUp {
			continue
		}
		if point.probed && point.Verify != probeCommand(d) {
			add(probeCommand(d))
		}
		add(point.Verify)
	}
	if d.Corrected != nil {
		if again := correctedCommand(d); again != "" {
			commands = append([]string{again}, commands...)
			answers[again] = len(points) + 1
		}
	}
	slices.SortStableFunc(commands, func(a, b string) int { return answers[b] - answers[a] })
	if page := pageCommand(d, code); page != "" && d.Corrected == nil && answers[page] == 0 {
		commands = append(commands[:min(len(commands), maxNext-1)], page)
	}
	return commands[:min(len(commands), maxNext)]
}

// pageCommand is the command that explains the cause, or the status if there is none.
func pageCommand(d *diagnose.Diagnosis, code *CodePage) string {
	switch {
	case code != nil && code.Code != generalCode:
		return "immersve-doctor explain " + code.Code
	case d.Cause() != nil:
		return "immersve-doctor explain " + d.Cause().ID
	case d.Status() != 0:
		return "immersve-doctor explain " + PageOf(d)
	}
	return ""
}

// correctedCommand sends the corrected request of a file, or "" if there is no file.
func correctedCommand(d *diagnose.Diagnosis) string {
	source := d.Exchange.Source
	if !isFile(source) || d.Environment == api.EnvironmentUnknown {
		return ""
	}
	return "immersve-doctor replay --corrected " + fileWords(source) + entryFlag(source)
}

// entryFlag chooses one exchange of several.
func entryFlag(source exchange.Source) string {
	if source.Index == 0 {
		return ""
	}
	return fmt.Sprintf(" --entry %d", source.Index+1)
}

// probeCommand is how to have a 403 probed in the user's situation, or "" if it was.
func probeCommand(d *diagnose.Diagnosis) string {
	source := d.Exchange.Source
	switch {
	case len(d.Probes) > 0, d.Exchange.Request == nil, d.Exchange.Request.URL.Path == "": // nothing to ask about
		return ""
	case source.Kind == exchange.KindLive:
		return "run the same command with --probe"
	case isFile(source):
		return "immersve-doctor --probe " + fileWords(source)
	}
	return "pipe the same curl command into immersve-doctor --probe"
}

// fileWords are an input's name and what it was read with.
func fileWords(source exchange.Source) string { return exchange.QuoteFile(source.Name) + source.Flags }

func isFile(source exchange.Source) bool {
	return source.Kind != exchange.KindLive && source.Name != "" && source.Name != "-"
}

// IsCommand reports whether a proposal can be pasted into a shell.
func IsCommand(s string) bool {
	word, _, _ := strings.Cut(s, " ")
	return slices.Contains([]string{"immersve-doctor", "curl", "getent", "nslookup", "env", "date", "man"}, word)
}

// verify is the command that answers an open item: the page's, with its placeholders
// filled in. If one of them isn't known, it is the command that shows it, otherwise "".
func verify(d *diagnose.Diagnosis, state diagnose.State, command string) string {
	switch {
	case state != diagnose.Unknown:
		return ""
	case strings.HasSuffix(command, " --probe"):
		return probeCommand(d)
	case command == "immersve-doctor explain {method} {path}" && !d.Route.Found():
		return endpointPage(d)
	}
	return Fill(command, d)
}

// endpointPage is the command that shows what a request without a documented route was
// meant for, or all endpoints.
func endpointPage(d *diagnose.Diagnosis) string {
	switch {
	case d.Operation != nil:
		return "immersve-doctor explain " + d.Operation.ID
	case len(d.Meant.Near) > 0:
		return "immersve-doctor explain " + d.Meant.Near[0].Route.ID
	case len(d.Route.Others) > 0:
		return "immersve-doctor explain " + d.Route.Others[0].ID
	}
	return "immersve-doctor explain --list"
}

// Fill replaces the {placeholders} of a command by what the exchange shows: path
// parameters, fields of the body, the account of x-account-id. If one isn't known, it
// returns the command that shows it, or "" if there is none. A call goes where the
// exchange went.
func Fill(command string, d *diagnose.Diagnosis) string {
	source := d.Exchange.Source
	if strings.Contains(command, " FILE") && !strings.Contains(command, "--request FILE") {
		if !isFile(source) {
			return ""
		}
		command = strings.ReplaceAll(command, " FILE", " {file}")
	}
	if operation, ok := strings.CutPrefix(command, "immersve-doctor call "); ok {
		operation, _, _ = strings.Cut(operation, " ")
		command += environmentFlags(d) + accountFlag(operation, d)
	}
	if command == "immersve-doctor check" {
		command += environmentFlags(d)
	}
	missing := ""
	filled := Replace(command, func(name string) string {
		value := known(name, d)
		if value == "" && missing == "" {
			missing = name
		}
		return value
	})
	if missing == "" {
		return filled
	}
	if strings.HasPrefix(command, "immersve-doctor call ") {
		return finder(missing, d)
	}
	return ""
}

// finder returns the command that shows an id that the request doesn't name: it gets
// something that the request does name and whose documented response has that id.
func finder(name string, d *diagnose.Diagnosis) string {
	for _, id := range idsOf(d) {
		operation, err := api.Lookup("get-" + dashed(strings.TrimSuffix(id.name, "Id")))
		if err != nil || !shows(operation, name) {
			continue
		}
		required := 0
		for _, p := range operation.Parameters {
			if p.Required && p.In != "header" {
				required++
			}
		}
		if required == 1 && operation.Parameter("path", id.name) != nil {
			return fmt.Sprintf("immersve-doctor call %s %s=%s", operation.ID, id.name, id.value) + environmentFlags(d) + accountFlag(operation.ID, d)
		}
	}
	return ""
}

// shows reports whether an endpoint's success has a field of this name, or of another
// that the API has for an account's ID.
func shows(operation *api.Operation, name string) bool {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(operation.Responses[strconv.Itoa(operation.SuccessStatus())].Schema, &schema) != nil {
		return false
	}
	names := []string{name}
	if slices.Contains(accountNames(), name) {
		names = accountNames()
	}
	return slices.ContainsFunc(names, func(n string) bool { _, ok := schema.Properties[n]; return ok })
}

type namedID struct{ name, value string }

// idsOf are the ids of resources that a request names, in its path and its body.
func idsOf(d *diagnose.Diagnosis) []namedID {
	var list []namedID
	for _, name := range d.Route.Names {
		if v := plainWord(d.Route.Parameter(name)); v != "" {
			list = append(list, namedID{name, v})
		}
	}
	if body, ok := jsonBody(d); ok {
		body.ForEach(func(key, value gjson.Result) bool {
			if v := plainWord(exchange.MaskText(value.String())); strings.HasSuffix(key.String(), "Id") && value.Type == gjson.String && v != "" {
				list = append(list, namedID{key.String(), v})
			}
			return true
		})
	}
	return list
}

func jsonBody(d *diagnose.Diagnosis) (gjson.Result, bool) {
	request := d.Exchange.Request
	if request == nil || !request.Body.Present() || !exchange.ValidJSON(request.Body.Bytes()) {
		return gjson.Result{}, false
	}
	return gjson.ParseBytes(request.Body.Bytes()), true
}

// dashed is a name of the API as operationIds are written: "funding-source".
func dashed(name string) string {
	var b strings.Builder
	for _, r := range name {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// accountFlag sends a call on a cardholder's resource for the account that the request
// was sent for, or with an API key, for the one whose resource it is.
func accountFlag(operation string, d *diagnose.Diagnosis) string {
	op, err := api.Lookup(operation)
	if err != nil || d.Exchange.Request == nil || op.AccountKind != api.AccountCardholder {
		return ""
	}
	v, _ := d.Exchange.Request.Header.Get("x-account-id")
	account := plainWord(v.String())
	if key := d.Auth == diagnose.AuthKey || d.Auth == diagnose.AuthBoth; account == "" && key && d.Operation != nil && d.Operation.AccountKind == api.AccountCardholder {
		account = accountFor("accountId", d) // a partner's key acts for the partner otherwise
	}
	if account != "" {
		return " --account " + account
	}
	return ""
}

// environmentFlags send a call, or a check, where the exchange went. A simulator that runs by
// itself has an address: --env local would start another one.
func environmentFlags(d *diagnose.Diagnosis) string {
	source, request := d.Exchange.Source, d.Exchange.Request
	switch {
	case d.Environment == api.EnvironmentLive:
		return " --env live"
	case d.Environment != api.EnvironmentLocal:
		return ""
	case source.Local != "":
		return " " + source.Local
	case request != nil && plainWord(request.URL.Host) != "":
		return " --env " + plainWord(scheme(d)) + "://" + plainWord(request.URL.Authority())
	}
	return " --env local"
}

// scheme is the request's. If the input doesn't show it, it is https, except to a
// simulator on this machine.
func scheme(d *diagnose.Diagnosis) string {
	if d.Environment == api.EnvironmentLocal {
		return firstOf(d.Exchange.Request.URL.Scheme, "http")
	}
	return firstOf(d.Exchange.Request.URL.Scheme, "https")
}

// Replace puts values in the place of a command's {placeholders}, and an
// ellipsis where there is none.
func Replace(command string, value func(name string) string) string {
	var b strings.Builder
	for command != "" {
		before, after, ok := strings.Cut(command, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			b.WriteString("{" + after)
			break
		}
		b.WriteString(firstOf(value(name), "…"))
		command = rest
	}
	return b.String()
}

// known is the value of a command's placeholder, or "" if the exchange doesn't show it.
func known(name string, d *diagnose.Diagnosis) string {
	switch name {
	case "file":
		return fileWords(d.Exchange.Source)
	case "errorCode":
		if _, err := Code(d.Error.Code); err != nil {
			return "" // it has no page
		}
		return plainWord(d.Error.Code)
	case "operation":
		return d.OperationID()
	case "status":
		return strconv.Itoa(d.Status())
	}
	request := d.Exchange.Request
	if request == nil {
		return ""
	}
	switch name {
	case "method":
		return plainWord(string(request.Method))
	case "path":
		return plainWord(exchange.MaskText(request.URL.Path))
	case "host":
		return plainWord(request.URL.Host)
	case "origin": // RFC 6454
		if plainWord(request.URL.Host) == "" {
			return ""
		}
		return plainWord(scheme(d) + "://" + request.URL.Authority())
	}
	if v := plainWord(d.Route.Parameter(name)); v != "" {
		return v
	}
	if body, ok := jsonBody(d); ok {
		if v := body.Get(name); v.Type == gjson.String && plainWord(exchange.MaskText(v.String())) != "" {
			return plainWord(exchange.MaskText(v.String()))
		}
	}
	return accountFor(name, d)
}

func accountNames() []string { return []string{"accountId", "cardholderAccountId", "cardholderId"} }

// accountFor accepts any of the names that the API has for an account's ID.
func accountFor(name string, d *diagnose.Diagnosis) string {
	if !slices.Contains(accountNames(), name) {
		return ""
	}
	for _, other := range accountNames() {
		if v := plainWord(d.Route.Parameter(other)); v != "" {
			return v
		}
	}
	v, _ := d.Exchange.Request.Header.Get("x-account-id")
	return plainWord(v.String())
}

// plainWord returns only what a shell takes unquoted, so that text from an input
// never becomes more than an argument; otherwise "".
func plainWord(s string) string {
	if len(s) <= 128 {
		s = exchange.MaskText(s)
	}
	if len(s) > 128 || exchange.Quote(s) != s || strings.HasPrefix(s, "-") {
		return ""
	}
	return s
}
