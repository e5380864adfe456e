package api

import (
	"net/http"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
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

// Near is a documented route that resembles what was sent.
type Near struct {
	Route    Route
	Distance int
	Path     string // the template with the sent parameter values filled in
}

// Nearest returns the routes nearest to a method and path, best first: at most
// three, none that would need more than a third of the path to change, none much
// farther than the best.
func Nearest(method string, segments []string) []Near {
	if len(segments) > maxSegments {
		return nil
	}
	a := newAlignment(segments)
	var list []Near
	for _, r := range routes {
		parts := strings.Split(strings.TrimPrefix(r.Path, "/"), "/")
		d := a.distance(parts)
		if method != "" && r.Method != method {
			d++ // a wrong method is a smaller slip than a wrong word
		}
		if d <= max(3, literalLength(r.Path)/3) {
			list = append(list, Near{Route: r, Distance: d, Path: a.fill(parts)})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Distance < list[j].Distance })
	for i, n := range list {
		if i == 3 || n.Distance > 2*list[0].Distance+2 {
			return list[:i]
		}
	}
	return list
}

// maxSegments is more than any documented path has.
const maxSegments = 16

// sentSegment is a segment of a request's path; literal says that it is a word
// of some documented path.
type sentSegment struct {
	text    string
	literal bool
}

func literalLength(path string) int {
	n := 0
	for part := range strings.SplitSeq(path, "/") {
		if !strings.HasPrefix(part, "{") {
			n += len(part)
		}
	}
	return n
}

// alignment aligns the segments of a request's path with templates. What it costs
// to take a segment for a word is worked out once: templates share their words.
type alignment struct {
	sent  []sentSegment
	swaps map[string][]int // by the template's part: the cost for each segment
	table [][]int          // of the last distance
}

func newAlignment(segments []string) *alignment {
	a := &alignment{sent: make([]sentSegment, len(segments)), swaps: map[string][]int{}}
	for i, text := range segments {
		a.sent[i] = sentSegment{text, isLiteral(text)}
	}
	return a
}

// distance is the edit distance of literals, nothing for a parameter, and a word's
// length for a segment too many or too few.
func (a *alignment) distance(parts []string) int {
	n, m := len(parts), len(a.sent)
	for len(a.table) <= n {
		a.table = append(a.table, make([]int, m+1))
	}
	for j := 1; j <= m; j++ {
		a.table[0][j] = a.table[0][j-1] + gap(a.sent[j-1].text)
	}
	for i, part := range parts {
		row, above, swaps := a.table[i+1], a.table[i], a.swapsOf(part)
		row[0] = above[0] + gap(part)
		for j := 1; j <= m; j++ {
			row[j] = min(above[j-1]+swaps[j-1], above[j]+gap(part), row[j-1]+gap(a.sent[j-1].text))
		}
	}
	return a.table[n][m]
}

func (a *alignment) swapsOf(part string) []int {
	costs, known := a.swaps[part]
	if !known {
		costs = make([]int, len(a.sent))
		for j, segment := range a.sent {
			costs[j] = swap(part, segment)
		}
		a.swaps[part] = costs
	}
	return costs
}

// fill is the template of the last distance with the aligned values in its
// parameters.
func (a *alignment) fill(parts []string) string {
	out := append([]string(nil), parts...)
	for i, j := len(parts), len(a.sent); i > 0 && j > 0; {
		switch a.table[i][j] {
		case a.table[i-1][j-1] + a.swapsOf(parts[i-1])[j-1]:
			i, j = i-1, j-1
			if strings.HasPrefix(parts[i], "{") && a.sent[j].text != "" {
				out[i] = a.sent[j].text
			}
		case a.table[i-1][j] + gap(parts[i-1]):
			i--
		default:
			j--
		}
	}
	return "/" + strings.Join(out, "/")
}

// gap is what a missing or surplus segment costs: "api" and an empty one little,
// because they are the everyday slips.
func gap(segment string) int {
	switch {
	case segment == "" || segment == "api" || isVersion(segment):
		return 1
	case strings.HasPrefix(segment, "{"):
		return 4
	}
	return min(len(segment), 8)
}

func isVersion(s string) bool { return len(s) == 2 && s[0] == 'v' && '0' <= s[1] && s[1] <= '9' }

func swap(part string, sent sentSegment) int {
	segment := sent.text
	switch {
	case strings.HasPrefix(part, "{"):
		if sent.literal {
			return 6 // a known word in an id's place is another route, not an id
		}
		return 0
	case part == segment:
		return 0
	case strings.EqualFold(part, segment):
		return 1
	case looksLikeID(segment):
		return 8
	}
	if len(segment) > 64 {
		return 8
	}
	return min(levenshtein.ComputeDistance(strings.ToLower(part), strings.ToLower(segment)), 8)
}

func isLiteral(segment string) bool {
	for _, r := range routes {
		for part := range strings.SplitSeq(r.Path, "/") {
			if part != "" && part == segment {
				return true
			}
		}
	}
	return false
}

func looksLikeID(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	return len(s) >= 16 && digits >= 4
}

// ReadOnly reports whether a method is safe (RFC 9110 section 9.2.1).
func ReadOnly(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
