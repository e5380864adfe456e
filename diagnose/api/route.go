package api

import (
	"net/http"
	"path"
	"sort"
	"strings"
)

// Route is what start-up needs of an operation; the table is generated.
type Route struct {
	ID, Method, Path, Tag string
}

// Code is what start-up needs of a documented errorCode; the table is generated.
type Code struct {
	Name       string
	Operations []CodePlace
}

// CodePlace is an operation that documents a code, with the status code.
type CodePlace struct {
	Operation string
	Status    int
}

// Routes returns all routes, ordered by tag and path.
func Routes() []Route { return routes[:] }

// Codes returns the codes that operations document, ordered by name.
func Codes() []Code { return codes[:] }

// FindCode returns the documented places of an errorCode.
func FindCode(name string) (Code, bool) {
	i := sort.Search(len(codes), func(i int) bool { return codes[i].Name >= name })
	if i < len(codes) && codes[i].Name == name {
		return codes[i], true
	}
	return Code{}, false
}

// Match is the answer of the route table to a method and a path.
type Match struct {
	Route      Route    // zero when no route fits path and method
	Parameters []string // path parameters in template order, percent-decoded
	Names      []string // their names
	Methods    []string // the methods that the path has, when the method does not fit
	Others     []Route  // the routes behind Methods
}

// Found reports whether path and method fit a route.
func (m Match) Found() bool { return m.Route.ID != "" }

// Path returns the template that the path fits, with its own method or another, or
// "" if it fits none.
func (m Match) Path() string {
	if !m.Found() && len(m.Others) > 0 {
		return m.Others[0].Path
	}
	return m.Route.Path
}

// Parameter returns the value of a path parameter.
func (m Match) Parameter(name string) string {
	for i, n := range m.Names {
		if n == name {
			return m.Parameters[i]
		}
	}
	return ""
}

// MatchRoute finds the route of a method and of decoded path segments. Literal
// segments win over parameters, as in OpenAPI. An empty method fits none but
// reports the routes of the path. A path parameter accepts any text, even an
// empty one: judging it is another check's work.
func MatchRoute(method string, segments []string) Match {
	var best Match
	bestLiterals := -1
	var others []Route
	for _, r := range routes {
		names, values, literals, ok := fit(r.Path, segments)
		if !ok {
			continue
		}
		if r.Method != method {
			if len(values) == 0 || values[len(values)-1] != "" || segments[len(segments)-1] != "" {
				others = append(others, r) // a trailing slash alone makes no other route
			}
			continue
		}
		if literals > bestLiterals {
			best, bestLiterals = Match{Route: r, Names: names, Parameters: values}, literals
		}
	}
	if best.Found() || len(others) == 0 {
		return best
	}
	best.Others = mostLiteral(others)
	for _, r := range best.Others {
		best.Methods = append(best.Methods, r.Method)
	}
	sort.Strings(best.Methods)
	return best
}

func mostLiteral(list []Route) []Route {
	most := 0
	for _, r := range list {
		most = max(most, literalCount(r.Path))
	}
	kept := list[:0:0]
	for _, r := range list {
		if literalCount(r.Path) == most {
			kept = append(kept, r)
		}
	}
	return kept
}

func literalCount(path string) int {
	return strings.Count(path, "/") - strings.Count(path, "{")
}

func fit(template string, segments []string) (names, values []string, literals int, ok bool) {
	rest := strings.TrimPrefix(template, "/")
	for i, segment := range segments {
		part, after, more := strings.Cut(rest, "/")
		if more != (i < len(segments)-1) {
			return nil, nil, 0, false
		}
		switch {
		case strings.HasPrefix(part, "{"):
			names = append(names, part[1:len(part)-1])
			values = append(values, segment)
		case part == segment:
			literals++
		default:
			return nil, nil, 0, false
		}
		rest = after
	}
	return names, values, literals, true
}

// ReadOnly reports whether a method is safe (RFC 9110 section 9.2.1).
func ReadOnly(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// Consumes reports whether reading a path uses something up. It also recognizes the
// other spellings of a path that servers accept, and HEAD counts as GET.
func Consumes(segments []string) bool {
	cleaned := path.Clean("/" + strings.ToLower(strings.Join(segments, "/")))
	match := MatchRoute(http.MethodGet, strings.Split(cleaned[1:], "/"))
	op, err := Lookup(match.Route.ID)
	return err == nil && op.Consumes()
}
