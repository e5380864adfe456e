package check

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// queryCheck compares the query with the operation's documented parameters.
func queryCheck() Check {
	return Check{
		Family: "query",
		Also:   []string{finding.PathPlaceholder, finding.AmountNotMinorUnits},
		Skip:   func(c Class) bool { return c == Success },
		Run: func(in *Input) []Finding {
			if in.Operation == nil {
				return nil
			}
			sent := in.Request().URL.Query()
			if meant := meantQuery(in.Operation, in.Request().URL.RawQuery); meant != in.Request().URL.RawQuery {
				apart := exchange.ParseQuery(meant)
				return slices.Concat([]Finding{joinedParameters(in, sent, meant)}, missingParameters(in.Operation, apart), sentParameters(in, apart))
			}
			return slices.Concat(missingParameters(in.Operation, sent), sentParameters(in, sent))
		},
	}
}

// meantQuery returns a query with "&" before each documented parameter that follows
// something else: a second "?", "&amp;" or an encoded "&".
func meantQuery(op *api.Operation, query string) string {
	for _, name := range parameterNames(op) {
		for _, separator := range [...]string{"?", "&amp;", "%26", "&?", ";"} {
			query = strings.ReplaceAll(query, separator+name+"=", "&"+name+"=")
		}
		query = strings.TrimPrefix(query, "&")
	}
	return query
}

// joinedParameters says that one parameter contains the next, because something else
// than "&" is between them. It is about the first that is then missing or wrong.
func joinedParameters(in *Input, sent iter.Seq[exchange.Parameter], meant string) Finding {
	f := Finding{
		ID: finding.QueryInvalidValue, Severity: Error,
		Title:    "the query's parameters aren't separated by a single &",
		Evidence: fmt.Sprintf("the query is %.80q", clean60(in.Request().URL.RawQuery)),
		Location: Location{Part: RequestQuery},
		Fix:      "Start the query with one ?, and separate the parameters with a single &.",
		Docs:     in.Operation.Docs,
		Repairs:  []Repair{{Kind: RepairQuery, Value: meant}},
	}
	for s := range sent {
		if p := in.Operation.Parameter("query", s.Name); p != nil {
			f.Location.Name = p.Name // the one before the first that isn't separated
			if strings.ContainsAny(s.Value, "?&;") {
				break
			}
		}
	}
	for _, p := range in.Operation.Parameters {
		_, here := isSent(p.Name, sent)
		if _, there := isSent(p.Name, exchange.ParseQuery(meant)); p.In == "query" && p.Required && there && !here {
			f.ID, f.Location.Name = finding.QueryMissing, p.Name
			break
		}
	}
	return f
}

func missingParameters(op *api.Operation, sent iter.Seq[exchange.Parameter]) []Finding {
	var list []Finding
	for _, p := range op.Parameters {
		if p.In != "query" || !p.Required {
			continue
		}
		there, filled := isSent(p.Name, sent)
		if filled {
			continue
		}
		f := Finding{
			ID: finding.QueryMissing, Severity: Error,
			Title:    fmt.Sprintf("the query parameter %s is missing", p.Name),
			Evidence: fmt.Sprintf("%s requires it; sent: %s", op.ID, sentNames(sent)),
			Location: Location{Part: RequestQuery, Name: p.Name},
			Fix:      fmt.Sprintf("Add %s=… to the query.", p.Name),
			Docs:     op.Docs,
		}
		if there {
			f.Title = fmt.Sprintf("the query parameter %s is empty", p.Name)
		}
		list = append(list, f)
	}
	return list
}

// isSent reports whether a parameter was sent, and whether with a value.
func isSent(name string, sent iter.Seq[exchange.Parameter]) (there, filled bool) {
	for s := range sent {
		if s.Name != name {
			continue
		}
		if there = true; s.Value != "" {
			return true, true
		}
	}
	return there, false
}

func sentNames(sent iter.Seq[exchange.Parameter]) string {
	var names []string
	first, _ := exchange.First(sent, 12)
	for _, s := range first {
		names = append(names, clean(s.Name))
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// maxParameters bounds what is looked at of a query.
const maxParameters = 200

// QueryUnjudged says in a clause why the parameters were not all compared with what
// is documented, "" when they were.
func QueryUnjudged(in *Input) string {
	if _, more := exchange.First(in.Request().URL.Query(), maxParameters); more {
		return fmt.Sprintf("the query has more than %d parameters, and only those are compared", maxParameters)
	}
	return ""
}

func sentParameters(in *Input, sent iter.Seq[exchange.Parameter]) []Finding {
	var list []Finding
	op := in.Operation
	first, _ := exchange.First(sent, maxParameters)
	for _, s := range first {
		p := op.Parameter("query", s.Name)
		if p == nil {
			list = append(list, unknownParameter(op, s))
			continue
		}
		if f, ok := parameterFinding(in, p, s); ok {
			list = append(list, f)
		}
	}
	return list
}

func unknownParameter(op *api.Operation, s exchange.Parameter) Finding {
	f := Finding{
		ID: finding.QueryUnknown, Severity: Warning,
		Title:    fmt.Sprintf("%s doesn't have a query parameter %s", op.ID, clean(s.Name)),
		Evidence: "documented: " + queryNames(op),
		Location: Location{Part: RequestQuery, Name: clean(s.Name)},
		Fix:      "Remove it, or correct its name.",
		Docs:     op.Docs,
	}
	if near := firstOr(todaysName(s.Name, parameterNames(op)), nearestName(s.Name, parameterNames(op))); near != "" {
		f.Title += fmt.Sprintf(" (closest: %s)", near)
		f.Fix = fmt.Sprintf("Write %s.", near)
	}
	return f
}

func parameterNames(op *api.Operation) []string {
	var names []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

func queryNames(op *api.Operation) string {
	if names := parameterNames(op); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "none at all"
}

// nearestName returns the known name that a misspelt one most likely means, ""
// when none is near: at most a third of the letters apart, case left out.
func nearestName(name string, known []string) string {
	best, bestDistance := "", 1<<20
	if len(name) > 64 {
		return ""
	}
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if bestDistance*3 > max(len(name), 3) {
		return ""
	}
	return best
}

func parameterFinding(in *Input, p *api.Parameter, s exchange.Parameter) (Finding, bool) {
	location := Location{Part: RequestQuery, Name: p.Name}
	shown := fmt.Sprintf("%s=%.60s", p.Name, clean60(s.Value))
	if in.Request().FromShell(s.Value) {
		return fromShell(in, finding.PathPlaceholder, location, p.Name, s.Value)
	}
	if what := placeholder(s.Value); what != "" {
		return Finding{
			ID: finding.PathPlaceholder, Severity: Error, Location: location,
			Title:    fmt.Sprintf("the query parameter %s is %s", p.Name, what),
			Evidence: shown,
			Fix:      fmt.Sprintf("Send the real value of %s.", p.Name),
		}, true
	}
	if s.Value == "" {
		return emptyParameter(in, p, location)
	}
	if p.Name == "amount" && !isDigits(s.Value) && strings.ContainsAny(s.Value, "0123456789") {
		return Finding{
			ID: finding.AmountNotMinorUnits, Severity: Error, Location: location,
			Title:    "amount isn't a whole number of minor units",
			Evidence: shown + "; amounts don't have a decimal point or separators (13.14 USD is 1314)",
			Fix:      "Send the amount in the currency's smallest unit.",
		}, true
	}
	problem, repaired := invalid(p, s.Value)
	if p.Name == "amount" && problem == "" && !isDigits(s.Value) {
		problem = fmt.Sprintf("%s isn't an amount", quoteShort(s.Value))
	}
	f := Finding{ID: finding.QueryInvalidValue, Severity: Error, Location: location, Title: problem, Evidence: shown + documentedValues(p), Docs: in.Operation.Docs}
	f.Fix = queryFix(p)
	if repaired != "" {
		f.Fix = fmt.Sprintf("Write %s=%s.", p.Name, repaired)
		f.Repairs = []Repair{{Kind: RepairQuery, Name: p.Name, Value: repaired}}
	}
	if problem == "" {
		f.Severity = Warning
		f.Title = suspicious(p, s.Value)
	}
	return f, f.Title != ""
}

// queryFix says what a parameter takes, "" where the documentation does not.
func queryFix(p *api.Parameter) string {
	enum := enumOf(p)
	switch {
	case len(enum) > 0:
		return fmt.Sprintf("Use one of the documented values: %s.", strings.Join(enum[:min(8, len(enum))], ", "))
	case p.Name == "limit" && p.DocumentedMaximum > 0:
		return fmt.Sprintf("Send a whole number from 1 to %g.", p.DocumentedMaximum)
	case p.Name == "limit":
		return "Send a whole number of at least 1."
	case p.Type == "number" || p.Type == "integer":
		return fmt.Sprintf("Send %s as a number.", p.Name)
	case p.Type == "boolean":
		return fmt.Sprintf("Write %s=true or %s=false.", p.Name, p.Name)
	case slices.Contains([]string{"createdFrom", "createdTo", "fromUTC", "toUTC", "expiresAfter"}, p.Name):
		return "Send it in UTC, as 2024-01-31T12:00:00Z."
	case p.Name == "currency" || p.Name == "targetCurrency":
		return "Send three capital letters, such as USD."
	}
	return ""
}

// emptyParameter suspects a number, truth value or listed value that is empty, where
// the API objected to something. A missing required one is reported as missing, and
// an empty text asks for nothing.
func emptyParameter(in *Input, p *api.Parameter, location Location) (Finding, bool) {
	typed := p.Type != "string" || len(enumOf(p)) > 0
	if p.Required || !typed || in.Class != MalformedRequest {
		return Finding{}, false
	}
	return Finding{
		ID: finding.QueryInvalidValue, Severity: Warning, Location: location,
		Title:    fmt.Sprintf("the query parameter %s is empty", p.Name),
		Evidence: fmt.Sprintf("%s=%s", p.Name, documentedValues(p)),
		Fix:      fmt.Sprintf("Remove %s, or give it a value.", p.Name),
	}, true
}

func clean60(s string) string { return strings.Trim(fmt.Sprintf("%.60q", exchange.MaskText(s)), `"`) }

func documentedValues(p *api.Parameter) string {
	if enum := enumOf(p); len(enum) > 0 {
		return "; documented: " + strings.Join(enum, ", ")
	}
	if p.DocumentedMaximum > 0 {
		return fmt.Sprintf("; documented maximum: %g", p.DocumentedMaximum)
	}
	return ""
}

func enumOf(p *api.Parameter) []string {
	if p.Items != nil {
		return p.Items.Enum
	}
	return p.Enum
}

// invalid says what is wrong with a value by the documented schema, "" for
// nothing, and the value that was meant where that is determined.
func invalid(p *api.Parameter, value string) (problem, repaired string) {
	if enum := enumOf(p); len(enum) > 0 && !slices.Contains(enum, value) {
		if p.Explode && strings.Contains(value, ",") {
			return fmt.Sprintf("%s is sent several times instead of once with commas", p.Name), ""
		}
		return fmt.Sprintf("%s isn't a documented value of %s", quoteShort(value), p.Name), sameValue(value, enum)
	}
	switch p.Type {
	case "number", "integer":
		if n, err := strconv.ParseFloat(value, 64); err != nil || n != n {
			return fmt.Sprintf("%s isn't a number", p.Name), ""
		} else if p.Name == "limit" && (n < 1 || n != float64(int64(n))) {
			return "limit isn't a whole number of at least 1", ""
		}
	case "boolean":
		if value != "true" && value != "false" {
			lower := strings.ToLower(value)
			if lower != "true" && lower != "false" {
				lower = ""
			}
			return fmt.Sprintf("%s isn't true or false", p.Name), lower
		}
	}
	return "", ""
}

// sameValue returns the documented value that differs from the sent one in case and
// separators only, or "".
func sameValue(value string, documented []string) string {
	for _, d := range documented {
		if bareName(d) == bareName(value) {
			return d
		}
	}
	return ""
}

// suspicious says what the prose of the documentation speaks against.
func suspicious(p *api.Parameter, value string) string {
	if n, err := strconv.ParseFloat(value, 64); err == nil && p.DocumentedMaximum > 0 && n > p.DocumentedMaximum {
		return fmt.Sprintf("%s is above the documented maximum of %g", p.Name, p.DocumentedMaximum)
	}
	switch p.Name {
	case "createdFrom", "createdTo", "fromUTC", "toUTC", "expiresAfter":
		if !isDate(value) {
			return fmt.Sprintf("%s isn't an ISO 8601 date or time", p.Name)
		}
	case "currency", "targetCurrency":
		if len(value) != 3 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return fmt.Sprintf("%s isn't an ISO 4217 code such as USD", p.Name)
		}
	}
	return ""
}

func isDate(value string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01", "2006-01-02T15:04:05.999Z0700", "200601"} {
		if _, err := time.Parse(layout, value); err == nil {
			return true
		}
	}
	return false
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
