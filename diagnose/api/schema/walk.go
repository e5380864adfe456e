package schema

import (
	"slices"
	"strings"
)

// Place is a value of a document together with what the schema says of it. Of
// alternatives, those count that the document's naming members leave open.
type Place struct {
	Node       *Node
	Parent     *Place // nil for the root
	Documented bool   // the schema knows the member; items and the root always are

	path    path
	roots   []*Schema // as the parents give them
	schemas []*Schema // roots with their allOf and the alternatives that count
	several bool      // several alternatives count

	oneRoot, oneSchema [1]*Schema // room for the usual number
}

// Required reports whether the schema, whatever alternative counts, demands the
// member.
func (p *Place) Required() bool {
	if p.Parent == nil || !p.Node.IsMember() {
		return p.Parent == nil
	}
	return slices.ContainsFunc(p.Parent.roots, func(s *Schema) bool { return s.requires(p.Node.name, p.Parent.Node) })
}

// Names returns the documented members of an object, none when it is open.
func (p *Place) Names() []string {
	var names []string
	for _, s := range p.schemas {
		for _, property := range s.properties {
			if !slices.Contains(names, property.name) {
				names = append(names, property.name)
			}
		}
	}
	return names
}

// IsExample reports whether the value is an example of the documentation.
func (p *Place) IsExample() bool {
	return slices.ContainsFunc(p.roots, func(s *Schema) bool { return slices.Contains(s.examples, string(p.Node.Raw)) })
}

// IsDigits reports whether the documentation's examples of the value are strings of
// digits, such as an amount in minor units.
func (p *Place) IsDigits() bool {
	return slices.ContainsFunc(p.roots, func(s *Schema) bool {
		return slices.ContainsFunc(s.examples, func(example string) bool {
			return strings.Trim(example, `"`) != "" && strings.Trim(example, `"0123456789`) == ""
		}) || s.pattern != nil && strings.HasPrefix(s.pattern.String(), "^[0-9]")
	})
}

// Pointer returns the value's JSON Pointer (RFC 6901).
func (p *Place) Pointer() string { return p.path.pointer() }

// Allows reports whether the schema documents a type for the value.
func (p *Place) Allows(kind Kind) bool {
	for _, s := range p.schemas {
		for _, t := range s.types {
			if t == kind {
				return true
			}
		}
	}
	return false
}

// Listed reports whether the value is one of those that the schema lists.
func (p *Place) Listed() bool {
	return slices.ContainsFunc(p.schemas, func(s *Schema) bool { return len(s.enum) > 0 && s.allows(p.Node) })
}

// Breach returns the first violation of the value where no schema that documents
// it takes it. Validate may have none there: an alternative without the member
// takes any.
func (p *Place) Breach() (Violation, bool) {
	if len(p.roots) == 0 || p.Parent == nil || !p.Parent.several {
		return Violation{}, false
	}
	for _, s := range p.roots {
		if fits(s, p.Node, &p.path) {
			return Violation{}, false
		}
	}
	c := collector{}
	c.check(p.roots[0], p.Node, &p.path)
	return c.list[0], true
}

// Walk visits every value of a document, parents before children, in the order
// of the text. Below a member that is not documented it does not go.
func (s *Schema) Walk(root *Node, visit func(*Place)) {
	if root == nil {
		return
	}
	w := walker{visit: visit}
	p := w.place()
	p.Node, p.Documented = root, true
	p.add(s)
	w.walk(p)
}

// walker hands out places from a shared block: a body has about a hundred.
type walker struct {
	visit func(*Place)
	spare []Place
}

func (w *walker) place() *Place {
	if len(w.spare) == 0 {
		w.spare = make([]Place, 16)
	}
	p := &w.spare[0]
	w.spare = w.spare[1:]
	p.roots, p.schemas = p.oneRoot[:0], p.oneSchema[:0]
	return p
}

// open collects the schemas that apply to a value: one, the parts of its allOf,
// and those alternatives of its anyOf that the value's naming members allow.
func open(list []*Schema, s *Schema, n *Node) []*Schema {
	list = append(list, s)
	for _, part := range s.allOf {
		list = open(list, part, n)
	}
	for _, variant := range s.counting(n) {
		list = open(list, variant, n)
	}
	return list
}

// counting returns the alternatives that a value's naming members leave open,
// all of them when it names none of them right.
func (s *Schema) counting(n *Node) []*Schema {
	if len(s.anyOf) == 0 {
		return nil
	}
	var list []*Schema
	for _, variant := range s.anyOf {
		if !variant.contradicts(n) {
			list = append(list, variant)
		}
	}
	if len(list) == 0 {
		return s.anyOf
	}
	return list
}

// contradicts reports whether a member of the value names another variant.
func (s *Schema) contradicts(n *Node) bool {
	if len(s.types) > 0 && !s.hasType(n) {
		return true
	}
	for child := range n.Children() {
		if p := s.propertyOf(child); p != nil && len(p.enum) == 1 && !p.allows(child) {
			return true
		}
	}
	return false
}

func (w *walker) walk(p *Place) {
	w.visit(p)
	if !p.Documented {
		return
	}
	index := 0
	for child := p.Node.first; child != nil; child = child.next {
		c := w.place()
		c.Node, c.Parent, c.Documented = child, p, true
		c.path = path{parent: &p.path, node: child, index: index}
		if p.Node.Kind == Object {
			c.describeMember(p)
		} else {
			c.describeItem(p)
		}
		w.walk(c)
		index++
	}
}

func (p *Place) describeMember(parent *Place) {
	known, isOpen := 0, true
	for _, s := range parent.schemas {
		if len(s.properties) > 0 {
			isOpen = false
		}
		schema := s.propertyOf(p.Node)
		if schema == nil {
			schema = s.additional
		}
		if schema != nil {
			known++
			p.add(schema)
		}
	}
	p.Documented = known > 0 || isOpen
}

// requires reports whether a schema demands a member whatever alternative is
// taken.
func (s *Schema) requires(member string, object *Node) bool {
	if slices.Contains(s.required, member) {
		return true
	}
	if slices.ContainsFunc(s.allOf, func(part *Schema) bool { return part.requires(member, object) }) {
		return true
	}
	counting := s.counting(object)
	return len(counting) > 0 && !slices.ContainsFunc(counting, func(v *Schema) bool { return !v.requires(member, object) })
}

func (p *Place) describeItem(parent *Place) {
	for _, s := range parent.schemas {
		if s.items != nil {
			p.add(s.items)
		}
	}
}

func (p *Place) add(s *Schema) {
	p.roots = append(p.roots, s)
	if len(s.allOf) == 0 && len(s.anyOf) == 0 {
		p.schemas = append(p.schemas, s)
		return
	}
	p.schemas = open(p.schemas, s, p.Node)
	p.several = p.several || len(s.counting(p.Node)) > 1
}

// Homes returns the JSON Pointers of the objects that document a field, with * for any
// item, in the order of the schema.
func (s *Schema) Homes(field string) []string {
	var list []string
	s.homes(field, "", func(pointer string) {
		if !slices.Contains(list, pointer) {
			list = append(list, pointer)
		}
	})
	return list
}

func (s *Schema) homes(field, pointer string, found func(string)) {
	for _, p := range s.properties {
		if p.name == field {
			found(pointer)
		}
		p.schema.homes(field, pointer+"/"+Token(p.name), found)
	}
	if s.items != nil {
		s.items.homes(field, pointer+"/*", found)
	}
	for _, part := range slices.Concat(s.allOf, s.anyOf) {
		part.homes(field, pointer, found)
	}
}
