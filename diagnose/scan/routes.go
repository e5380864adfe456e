package scan

import (
	"bytes"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// routes finds operations as api.MatchRoute does, which a test holds it to, but
// a hundred times as fast: a tree of path segments, and no allocation.
type routes struct {
	root  *segment
	names []string // operation ids by number; 0 is none
}

// segment is what may follow at one depth of a path.
type segment struct {
	literals   map[string]*segment
	parameter  *segment
	operations map[string]int // by method, of the path that ends here
}

func newRoutes() *routes {
	r := &routes{root: newSegment(), names: []string{""}}
	for _, route := range api.Routes() {
		at := r.root
		for part := range strings.SplitSeq(strings.TrimPrefix(route.Path, "/"), "/") {
			at = at.step(part)
		}
		r.names = append(r.names, route.ID)
		if _, taken := at.operations[route.Method]; !taken {
			at.operations[route.Method] = len(r.names) - 1
		}
	}
	return r
}

func newSegment() *segment {
	return &segment{literals: map[string]*segment{}, operations: map[string]int{}}
}

func (s *segment) step(part string) *segment {
	if strings.HasPrefix(part, "{") {
		if s.parameter == nil {
			s.parameter = newSegment()
		}
		return s.parameter
	}
	if s.literals[part] == nil {
		s.literals[part] = newSegment()
	}
	return s.literals[part]
}

// find returns the number of the operation, 0 for none.
func (r *routes) find(method, path []byte) int {
	if len(path) == 0 {
		return 0
	}
	if bytes.IndexByte(path, '%') >= 0 || len(method) > 0 && method[0] >= 'a' {
		return r.slow(method, path)
	}
	if path[0] == '/' {
		path = path[1:]
	}
	operation, _ := r.root.find(method, path)
	return operation
}

// slow decodes what the tree does not.
func (r *routes) slow(method, path []byte) int {
	match := api.MatchRoute(strings.ToUpper(string(method)), exchange.URL{Path: string(path)}.PathSegments())
	return r.number(match.Route.ID)
}

// find goes all ways that fit, and takes the one with the most literals.
func (s *segment) find(method, rest []byte) (operation, literals int) {
	part, after, more := rest, []byte(nil), false
	if i := bytes.IndexByte(rest, '/'); i >= 0 {
		part, after, more = rest[:i], rest[i+1:], true
	}
	literals = -1
	if next := s.literals[string(part)]; next != nil {
		if o, n := next.end(method, after, more); o != 0 {
			operation, literals = o, n+1
		}
	}
	if s.parameter != nil {
		if o, n := s.parameter.end(method, after, more); o != 0 && n > literals {
			operation, literals = o, n
		}
	}
	return operation, literals
}

func (s *segment) end(method, after []byte, more bool) (operation, literals int) {
	if more {
		return s.find(method, after)
	}
	return s.operations[string(method)], 0
}

// number returns the number of an operation, 0 for none.
func (r *routes) number(id string) int {
	if id == "" {
		return 0
	}
	return max(slices.Index(r.names, id), 0)
}
