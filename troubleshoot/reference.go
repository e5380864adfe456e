package troubleshoot

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// ReferenceKind is what a page of the reference is about.
type ReferenceKind string

// The kinds, as JSON has them.
const (
	KindStatus   ReferenceKind = "status"
	KindCode     ReferenceKind = "code"
	KindEndpoint ReferenceKind = "endpoint"
	KindFinding  ReferenceKind = "finding"
	KindValue    ReferenceKind = "value" // a coded value that is no errorCode
)

// Reference is the answer to "explain": exactly one of the pages is set.
type Reference struct {
	Kind      ReferenceKind
	ID        string
	Status    *StatusPage
	Code      *CodePage
	Operation *OperationPage
	Facts     *api.Operation // with Operation
	Finding   *FindingPage
	Values    []ValuePage // every family that has the value
	Note      string      // what of the question does not fit, "" for nothing
}

// UnknownError says that nothing is called so, and what is called nearly so.
type UnknownError struct {
	Asked string
	Near  []string
}

// Error names the nearest.
func (e *UnknownError) Error() string {
	if len(e.Near) == 0 {
		return fmt.Sprintf("nothing is called %q", e.Asked)
	}
	return fmt.Sprintf("nothing is called %q; the nearest: %s", e.Asked, strings.Join(e.Near, ", "))
}

// Resolve finds the page that the words of "explain" ask for: a status, a code,
// an operation, a finding, a coded value, a method and path, or a status with
// one of them.
func Resolve(words []string) (Reference, error) {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.TrimSpace(w) == "" })
	switch {
	case len(words) == 0:
		return Reference{}, &UnknownError{}
	case len(words) >= 2 && isMethod(words[0]):
		return byRoute(strings.ToUpper(words[0]), words[1])
	case strings.HasPrefix(words[0], "/"), strings.Contains(words[0], "://"):
		return byRoute("", words[0])
	case len(words) == 1:
		return byName(words[0])
	}
	return byStatusAnd(words[0], strings.Join(words[1:], " "))
}

func isMethod(word string) bool {
	switch strings.ToUpper(word) {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS":
		return true
	}
	return false
}

func byRoute(method, target string) (Reference, error) {
	segments := exchange.ParseURL(target).PathSegments()
	match := api.MatchRoute(method, segments)
	if match.Found() {
		return byOperation(match.Route.ID)
	}
	if len(match.Others) == 1 {
		r, err := byOperation(match.Others[0].ID)
		if err == nil && method != "" {
			r.Note = fmt.Sprintf("%s has no %s; this is its %s.", match.Others[0].Path, method, match.Others[0].Method)
		}
		return r, err
	}
	unknown := &UnknownError{Asked: strings.TrimSpace(method + " " + target)}
	for _, o := range match.Others {
		unknown.Near = append(unknown.Near, o.Method+" "+o.Path)
	}
	if len(unknown.Near) == 0 {
		for _, n := range api.Nearest(method, segments) {
			unknown.Near = append(unknown.Near, n.Route.Method+" "+n.Route.Path)
		}
	}
	return Reference{}, unknown
}

func byOperation(id string) (Reference, error) {
	page, err := Operation(id)
	if err != nil {
		return Reference{}, err
	}
	facts, err := api.Lookup(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindEndpoint, ID: id, Operation: &page, Facts: facts}, nil
}

// byName tries what a single word may name, in the order in which people ask.
func byName(word string) (Reference, error) {
	if id, ok := statusID(word); ok {
		page, err := Status(id)
		return Reference{Kind: KindStatus, ID: id, Status: &page}, err
	}
	lower := strings.ToLower(strings.ReplaceAll(word, "_", "-"))
	upper := strings.ToUpper(strings.ReplaceAll(word, "-", "_"))
	for _, try := range []func() (Reference, error){
		func() (Reference, error) { return byExactValue(word) }, // "insufficient-funds" is not INSUFFICIENT_FUNDS
		func() (Reference, error) { return byCode(upper) },
		func() (Reference, error) { return byOperation(lower) },
		func() (Reference, error) { return byFinding(lower) },
		func() (Reference, error) { return byValue(word) },
		func() (Reference, error) { return byClass(lower) },
	} {
		r, err := try()
		if err == nil || !errors.Is(err, ErrNoPage) {
			return r, err
		}
	}
	return Reference{}, &UnknownError{Asked: word, Near: near(word)}
}

// statusID accepts a status code, and ranges as people write them: 5xx, 5XX, 50x.
func statusID(word string) (string, bool) {
	lower := strings.ToLower(word)
	switch lower {
	case "5xx", "50x":
		return "5xx", true
	case "other", "no-response", "not-sent":
		return lower, true
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 100 || n > 599 {
		return "", false
	}
	if id := StatusPageID(n); id != "other" && (id == word || n >= 500) {
		return id, true
	}
	return "", false
}

func byCode(name string) (Reference, error) {
	page, err := Code(name)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindCode, ID: name, Code: &page}, nil
}

func byFinding(id string) (Reference, error) {
	page, err := Finding(id)
	if err != nil {
		return Reference{}, err
	}
	return Reference{Kind: KindFinding, ID: id, Finding: &page}, nil
}

// byClass answers a class's name with the page of its status: the range's page
// where it has several.
func byClass(name string) (Reference, error) {
	for _, id := range append([]string{"5xx", "other", "200"}, List("statuses")...) {
		page, err := Status(id)
		if err != nil {
			return Reference{}, err
		}
		if _, ok := page.Classes[name]; ok && slices.Contains(check.Classes(), check.Class(name)) {
			return Reference{Kind: KindStatus, ID: id, Status: &page}, nil
		}
	}
	return Reference{}, ErrNoPage
}

// byExactValue finds a coded value that is written in lower case, and so cannot
// be meant as an errorCode.
func byExactValue(word string) (Reference, error) {
	if strings.ToUpper(word) == word || strings.ContainsRune(word, '_') {
		return Reference{}, ErrNoPage
	}
	if slices.Contains(List("findings"), word) || slices.Contains(List("operations"), word) {
		return Reference{}, ErrNoPage
	}
	return byValue(word)
}

func byValue(word string) (Reference, error) {
	r := Reference{Kind: KindValue, ID: word}
	for _, family := range List("values") {
		page, err := Value(family)
		if err != nil {
			return Reference{}, err
		}
		if family == word || slices.ContainsFunc(page.Values, func(v Coded) bool { return v.Value == word || strings.EqualFold(v.Value, word) }) {
			r.Values = append(r.Values, page)
		}
	}
	if len(r.Values) == 0 {
		return Reference{}, ErrNoPage
	}
	return r, nil
}

// byStatusAnd answers "403 CODE": the second word decides, and a status that it
// does not come with is noted.
func byStatusAnd(status, name string) (Reference, error) {
	id, ok := statusID(status)
	if !ok {
		return Reference{}, &UnknownError{Asked: status, Near: near(status)}
	}
	r, err := byName(name)
	if err != nil || r.Kind != KindCode {
		return r, err
	}
	if statuses := StatusesOf(r.ID); len(statuses) > 0 && !slices.Contains(statuses, id) && id != "5xx" {
		r.Note = fmt.Sprintf("%s is documented with status %s, not with %s.", r.ID, strings.Join(statuses, " and "), status)
	}
	return r, nil
}

// StatusesOf returns the status codes that a code is documented with, sorted.
func StatusesOf(code string) []string {
	switch code { // documented outside the operations: defaults and the status guide
	case "INVALID_REQUEST_INPUT":
		return []string{"400"}
	case "INSUFFICIENT_FUNDS":
		return []string{"403"}
	}
	found, _ := api.FindCode(code)
	var list []string
	for _, p := range found.Operations {
		if s := strconv.Itoa(p.Status); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	sort.Strings(list)
	return list
}

// near returns up to three names that resemble a word.
func near(word string) []string {
	if len(word) > 64 {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	folded := fold(word)
	var list []candidate
	for _, folder := range []string{"codes", "operations", "findings", "statuses"} {
		for _, id := range List(folder) {
			d := levenshtein.ComputeDistance(folded, fold(id))
			if strings.HasPrefix(fold(id), folded) && len(folded) >= 4 {
				d = min(d, 2)
			}
			if d <= max(2, len(word)/3) {
				list = append(list, candidate{id, d})
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].distance < list[j].distance })
	var names []string
	for _, c := range list[:min(3, len(list))] {
		names = append(names, c.name)
	}
	return names
}

func fold(s string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
}
