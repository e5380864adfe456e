package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// Schema is a compiled JSON Schema (2020-12, the keywords that the API's
// documentation uses). oneOf is read as anyOf: the documented alternatives
// overlap, and valid bodies match several.
type Schema struct {
	types      []Kind
	enum       []literal // const is an enum of one
	pattern    *regexp.Regexp
	format     string
	bounds     []bound
	required   []string
	properties []property
	additional *Schema // of members that properties do not name; nil for any
	closed     bool    // additionalProperties: false
	items      *Schema
	allOf      []*Schema
	anyOf      []*Schema
	names      []string // of the alternatives of anyOf
	examples   []string // as JSON text
	deprecated bool
}

type property struct {
	name   string
	schema *Schema
}

// literal is a value of an enum.
type literal struct {
	kind Kind
	text string // the text of a string, else as written
}

// bound is a keyword with a number.
type bound struct {
	keyword string
	limit   float64
	text    string
}

// Compile reads a JSON Schema. The error names the keyword at fault, with its
// place in the schema; a keyword that is not known is an error, because passing
// over it would call wrong bodies right.
func Compile(text []byte) (*Schema, error) {
	if !exchange.ValidJSON(text) {
		return nil, errors.New("compile schema: not JSON")
	}
	return compile(Parse(text), "#")
}

func compile(n *Node, at string) (*Schema, error) {
	s := &Schema{}
	if n.Kind == Boolean {
		s.closed = n.Text() == "false"
		if s.closed {
			return nil, fmt.Errorf("compile schema: %s: false allows nothing", at)
		}
		return s, nil
	}
	if n.Kind != Object {
		return nil, fmt.Errorf("compile schema: %s: type %s instead of an object", at, n.Kind)
	}
	for member := range n.Children() {
		if err := s.keyword(member, at+"/"+member.Name()); err != nil {
			return nil, err
		}
	}
	s.nameVariants()
	return s, nil
}

func (s *Schema) keyword(n *Node, at string) (err error) {
	switch name := n.Name(); name {
	case "type":
		s.types, err = compileTypes(n, at)
	case "enum":
		for value := range n.Children() {
			s.enum = append(s.enum, literal{value.Kind, value.Text()})
		}
	case "const":
		s.enum = []literal{{n.Kind, n.Text()}}
	case "pattern":
		if s.pattern, err = regexp.Compile(n.Text()); err != nil {
			err = fmt.Errorf("compile schema: %s: %w", at, err)
		}
	case "format":
		s.format = n.Text()
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems":
		err = s.addBound(n, at)
	case "required":
		for member := range n.Children() {
			s.required = append(s.required, member.Text())
		}
	case "properties":
		err = s.addProperties(n, at)
	case "additionalProperties":
		if n.Kind == Boolean {
			s.closed = n.Text() == "false"
			return nil
		}
		s.additional, err = compile(n, at)
	case "items":
		s.items, err = compile(n, at)
	case "allOf":
		s.allOf, err = compileList(n, at)
	case "anyOf", "oneOf":
		s.anyOf, err = compileList(n, at)
	case "example":
		s.examples = append(s.examples, string(n.Raw))
	case "examples":
		for value := range n.Children() {
			s.examples = append(s.examples, string(value.Raw))
		}
	case "deprecated":
		s.deprecated = n.Text() == "true"
	case "default", "title", "description", "$comment", "readOnly", "writeOnly":
	default:
		return fmt.Errorf("compile schema: %s: unknown keyword %q", at, name)
	}
	return err
}

func compileTypes(n *Node, at string) ([]Kind, error) {
	nodes := []*Node{n}
	if n.Kind == Array {
		nodes = nil
		for t := range n.Children() {
			nodes = append(nodes, t)
		}
	}
	var types []Kind
	for _, t := range nodes {
		kind, ok := kindOf(t.Text())
		if !ok {
			return nil, fmt.Errorf("compile schema: %s: unknown type %q", at, t.Text())
		}
		types = append(types, kind)
	}
	return types, nil
}

func kindOf(name string) (Kind, bool) {
	for k := Null; k <= Object; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

func (s *Schema) addBound(n *Node, at string) error {
	limit, err := strconv.ParseFloat(n.Text(), 64)
	if err != nil || n.Kind != Number {
		return fmt.Errorf("compile schema: %s: %q isn't a number", at, n.Text())
	}
	s.bounds = append(s.bounds, bound{n.Name(), limit, n.Text()})
	return nil
}

func (s *Schema) addProperties(n *Node, at string) error {
	for member := range n.Children() {
		child, err := compile(member, at+"/"+member.Name())
		if err != nil {
			return err
		}
		s.properties = append(s.properties, property{member.Name(), child})
	}
	return nil
}

func compileList(n *Node, at string) ([]*Schema, error) {
	var list []*Schema
	for child := range n.Children() {
		s, err := compile(child, at+"/"+strconv.Itoa(len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("compile schema: %s: no schema", at)
	}
	return list, nil
}

func (s *Schema) property(name string) *Schema {
	for i := range s.properties {
		if s.properties[i].name == name {
			return s.properties[i].schema
		}
	}
	return nil
}

// members returns the properties of a schema and of its allOf, in order.
func (s *Schema) members() []property {
	list := append([]property(nil), s.properties...)
	for _, part := range s.allOf {
		list = append(list, part.members()...)
	}
	return list
}

// needs returns the required members of a schema and of its allOf, in order.
func (s *Schema) needs() []string {
	list := append([]string(nil), s.required...)
	for _, part := range s.allOf {
		list = append(list, part.needs()...)
	}
	return list
}

// nameVariants gives each alternative of anyOf the name that people tell it by:
// the single value of a member (loginMethod "siwe"), the members that it alone
// requires, its type.
func (s *Schema) nameVariants() {
	for _, variant := range s.anyOf {
		name := tag(variant)
		switch s.sharing(name) {
		case 1:
		case len(s.anyOf):
			name = s.requirements(variant)
		default:
			name = strings.TrimSpace(name + " " + s.requirements(variant))
		}
		s.names = append(s.names, name)
	}
}

func tag(variant *Schema) string {
	for _, p := range variant.members() {
		if len(p.schema.enum) == 1 {
			return p.name + " " + p.schema.enum[0].String()
		}
	}
	return ""
}

func (l literal) String() string {
	if l.kind == String {
		return strconv.Quote(l.text)
	}
	return l.text
}

// sharing counts the variants of a tag; all of them share none.
func (s *Schema) sharing(name string) int {
	count := 0
	for _, other := range s.anyOf {
		if tag(other) == name {
			count++
		}
	}
	if name == "" {
		return len(s.anyOf)
	}
	return count
}

// requirements says what sets a variant apart: the members that not all others
// require, else the members that it alone knows, else its type.
func (s *Schema) requirements(variant *Schema) string {
	if own := s.apart(variant, (*Schema).needs); len(own) > 0 {
		return "with " + listNames(own)
	}
	names := func(v *Schema) []string {
		var list []string
		for _, p := range v.members() {
			list = append(list, p.name)
		}
		return list
	}
	if own := s.apart(variant, names); len(own) > 0 {
		return "with " + listNames(own)
	}
	if len(variant.types) == 1 && variant.types[0] != Object {
		return variant.types[0].String()
	}
	return "with nothing more"
}

func (s *Schema) apart(variant *Schema, list func(*Schema) []string) []string {
	var own []string
	for _, name := range list(variant) {
		for _, other := range s.anyOf {
			if other != variant && !slices.Contains(list(other), name) {
				own = append(own, name)
				break
			}
		}
	}
	return own
}

// listNames joins names, the first four of them: a variant is told by less.
func listNames(names []string) string {
	if len(names) > 4 {
		return strings.Join(names[:4], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
