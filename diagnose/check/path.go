package check

import (
	"fmt"
	"strings"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// pathCheck looks at the values that fill the path's parameters.
func pathCheck() Check {
	return Check{
		Family: "path",
		Skip:   func(c Class) bool { return c == Success },
		Run: func(in *Input) []Finding {
			if in.Exchange.Request == nil || in.Request().URL.Path == "" {
				return nil
			}
			if in.Route.Found() || len(in.Route.Others) > 0 {
				return parameterFindings(in)
			}
			return segmentFindings(in)
		},
	}
}

// parameterFindings judges each path parameter of a documented route.
func parameterFindings(in *Input) []Finding {
	names, values := in.Route.Names, in.Route.Parameters
	if !in.Route.Found() {
		return segmentFindings(in)
	}
	var list []Finding
	for i, value := range values {
		if f, ok := idFinding(in, names[i], value); ok {
			list = append(list, f)
		}
	}
	return list
}

// segmentFindings looks for placeholders in a path that no route has.
func segmentFindings(in *Input) []Finding {
	var list []Finding
	segments := in.Request().URL.PathSegments()
	for i, s := range segments {
		if s == "" && (i == len(segments)-1 || i == 0) {
			continue // a trailing or doubled leading slash: a matter of the route
		}
		if f, ok := placeholderFinding(in, fmt.Sprintf("segment %d", i+1), s); ok {
			list = append(list, f)
		}
	}
	return list
}

func placeholderFinding(in *Input, name, value string) (Finding, bool) {
	f := Finding{ID: finding.PathPlaceholder, Severity: Error, Location: Location{Part: RequestPath, Name: name}}
	if in.Request().FromShell(value) {
		return fromShell(in, f.ID, f.Location, name, value)
	}
	if value == "" {
		f.Title = fmt.Sprintf("%s is empty in the path", name)
		f.Evidence = "there are two slashes in a row, so the variable between them was probably empty"
		f.Fix = fmt.Sprintf("Send the real value of %s.", name)
		return f, true
	}
	if masked(value) {
		f.Severity = maskSeverity(in)
		f.Title = fmt.Sprintf("%s in the path is masked", name)
		f.Evidence = fmt.Sprintf("%s is %.60q", name, exchange.MaskText(value))
		return f, true
	}
	what := placeholder(value)
	if what == "" && strings.ContainsAny(value, "${}<>") {
		what = "a string with a variable that wasn't filled in"
	}
	if what == "" {
		return Finding{}, false
	}
	f.Title = fmt.Sprintf("%s in the path is %s", name, what)
	f.Evidence = fmt.Sprintf("%s is %.60q", name, exchange.MaskText(value))
	f.Fix = fmt.Sprintf("Replace %.60q with the real value.", exchange.MaskText(value))
	return f, true
}

func idFinding(in *Input, name, value string) (Finding, bool) {
	if f, ok := placeholderFinding(in, name, value); ok {
		return f, true
	}
	if in.Request().FromShell(value) {
		return Finding{}, false
	}
	f := Finding{ID: finding.PathInvalidValue, Severity: Warning, Location: Location{Part: RequestPath, Name: name}}
	shown := fmt.Sprintf("%s is %.60q", name, exchange.MaskText(value))
	if bare := strings.Trim(value, " \t\r\n\"'`“”‘’"); bare != value {
		f.Severity = Error
		f.Title = fmt.Sprintf("%s contains quotes or spaces", name)
		f.Evidence = shown + "; IDs have only letters and digits"
		f.Fix = fmt.Sprintf("Send it without them: %s.", exchange.MaskText(bare))
		f.Repairs = []Repair{{Kind: RepairPath, Value: replaceSegment(in.Request().URL.Path, value, bare)}}
		return f, true
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '/' || r == '?' }) {
		f.Severity = Error
		f.Title = fmt.Sprintf("%s contains characters that IDs don't have", name)
		f.Evidence = shown
		return f, true
	}
	if shape := idShape(name); shape != "" && !hasShape(shape, value) {
		f.Title = fmt.Sprintf("%s doesn't look like an ID of its kind", name)
		f.Evidence = fmt.Sprintf("%s; IDs of this kind usually have %s, but the docs don't guarantee that", shown, shape)
		f.Fix = fmt.Sprintf("Compare %s with the ID from the API.", name)
		return f, true
	}
	return Finding{}, false
}

func replaceSegment(path, decoded, bare string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if d := (exchange.URL{Path: s}).PathSegments(); len(d) == 1 && d[0] == decoded {
			segments[i] = bare
		}
	}
	return strings.Join(segments, "/")
}

const (
	shapeHex    = "32 lower-case hex digits"
	shapeReport = "26 upper-case letters and digits"
)

// idShape names the usual form of an id, "" where none is known.
func idShape(name string) string {
	switch name {
	case "faultTypeName", "challengeId":
		return ""
	case "reportId":
		return shapeReport
	}
	return shapeHex
}

func hasShape(shape, value string) bool {
	if shape == shapeReport {
		return len(value) == 26 && strings.Trim(value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	return len(value) == 32 && strings.Trim(value, "0123456789abcdef") == ""
}
