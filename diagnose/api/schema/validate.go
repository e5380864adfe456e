package schema

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// maxViolations bounds what is reported of one document.
const maxViolations = 100

// Violation is one way in which a document breaks its schema.
type Violation struct {
	Pointer  string    // RFC 6901, instance location
	Offset   int       // byte offset of the instance in the document
	Keyword  string    // JSON Schema keyword: required type enum pattern format minimum … additionalProperties anyOf
	Member   string    // required: the missing member; additionalProperties: the one that is not allowed
	Types    []string  // type: the allowed JSON types
	Allowed  []string  // enum: the allowed values, strings without quotes
	Limit    string    // pattern, format, or the number of a bound
	Got      string    // JSON type of the instance: string, number, integer, null, …
	Variants []Variant // anyOf: the alternatives at this pointer, nearest first
	Node     *Node     // the instance
}

// Variant is one alternative of an anyOf, with what keeps the document from it.
type Variant struct {
	Name       string // what tells it from the others: `loginMethod "siwe"`, "with externalId"
	Certain    bool   // a member of the document names this variant and no other
	Violations []Violation
	declares   func(pointer string) bool
}

// Declares reports whether the variant documents the member of a pointer that
// is relative to the whole document.
func (v Variant) Declares(pointer string) bool { return v.declares == nil || v.declares(pointer) }

// Validate returns the violations in the order of the document, at most 100.
func (s *Schema) Validate(root *Node) []Violation {
	if root == nil {
		return nil
	}
	c := collector{}
	c.check(s, root, &path{})
	slices.SortStableFunc(c.list, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(len(a.Pointer), len(b.Pointer)))
	})
	return c.list
}

// path is a place in the document; its pointer is written only when asked for.
type path struct {
	parent *path
	node   *Node
	index  int
}

func (p *path) pointer() string {
	if p.parent == nil {
		return ""
	}
	if !p.node.IsMember() {
		return p.parent.pointer() + "/" + strconv.Itoa(p.index)
	}
	return p.parent.pointer() + "/" + Token(p.node.Name())
}

// Token escapes a member's name for a JSON Pointer (RFC 6901 section 3).
func Token(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// collector gathers violations. A probe only asks whether there is one: most
// alternatives are tried in vain, and their violations are never told.
type collector struct {
	list   []Violation
	probe  bool
	failed bool
}

func (c *collector) full() bool { return c.failed || len(c.list) >= maxViolations }

// fits reports whether a value keeps a schema.
func fits(s *Schema, n *Node, at *path) bool {
	c := collector{probe: true}
	c.check(s, n, at)
	return !c.failed
}

func (c *collector) add(n *Node, at *path, v Violation) {
	if c.probe {
		c.failed = true
	}
	if c.full() {
		return
	}
	v.Pointer, v.Offset, v.Got, v.Node = at.pointer(), n.Start, gotType(n), n
	c.list = append(c.list, v)
}

func gotType(n *Node) string {
	if n.IsInteger() {
		return Integer.String()
	}
	return n.Kind.String()
}

// check collects the violations of one value. A value of the wrong type is not
// judged further: what else it breaks follows from that.
func (c *collector) check(s *Schema, n *Node, at *path) {
	if c.full() {
		return
	}
	if !s.hasType(n) {
		c.add(n, at, Violation{Keyword: "type", Types: s.typeNames()})
		return
	}
	c.checkValue(s, n, at)
	switch n.Kind {
	case Object:
		c.checkObject(s, n, at)
	case Array:
		c.checkArray(s, n, at)
	}
	for _, part := range s.allOf {
		c.check(part, n, at)
	}
	c.checkVariants(s, n, at)
}

func (s *Schema) hasType(n *Node) bool {
	for _, t := range s.types {
		if t == n.Kind || t == Integer && n.IsInteger() {
			return true
		}
	}
	return len(s.types) == 0
}

func (s *Schema) typeNames() []string {
	names := make([]string, len(s.types))
	for i, t := range s.types {
		names[i] = t.String()
	}
	return names
}

func (c *collector) checkValue(s *Schema, n *Node, at *path) {
	if len(s.enum) > 0 && !s.allows(n) {
		allowed := make([]string, len(s.enum))
		for i, l := range s.enum {
			allowed[i] = l.text
		}
		c.add(n, at, Violation{Keyword: "enum", Allowed: allowed})
		return
	}
	if n.Kind == String && s.pattern != nil && !s.pattern.MatchString(n.Text()) {
		c.add(n, at, Violation{Keyword: "pattern", Limit: s.pattern.String()})
	}
	if n.Kind == String && s.format != "" && !hasFormat(s.format, n.Text()) {
		c.add(n, at, Violation{Keyword: "format", Limit: s.format})
	}
	for _, b := range s.bounds {
		if size, ok := b.measure(n); ok && !b.holds(size) {
			c.add(n, at, Violation{Keyword: b.keyword, Limit: b.text})
		}
	}
}

func (s *Schema) allows(n *Node) bool {
	for _, l := range s.enum {
		if l.kind != n.Kind {
			continue
		}
		if l.text == n.Text() || n.Kind == Number && sameNumber(l.text, n.Text()) {
			return true
		}
	}
	return false
}

func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// measure returns what a bound limits: the number, the characters of a string,
// the items of an array.
func (b bound) measure(n *Node) (float64, bool) {
	switch {
	case strings.HasSuffix(b.keyword, "Length"):
		return float64(utf8.RuneCountInString(n.Text())), n.Kind == String
	case strings.HasSuffix(b.keyword, "Items"):
		return float64(n.Len()), n.Kind == Array && !n.Cut
	}
	v, _ := strconv.ParseFloat(n.Text(), 64) // out of range gives ±Inf, which the comparison takes
	return v, n.Kind == Number
}

func (b bound) holds(size float64) bool {
	switch b.keyword {
	case "minimum", "minLength", "minItems":
		return size >= b.limit
	case "maximum", "maxLength", "maxItems":
		return size <= b.limit
	case "exclusiveMinimum":
		return size > b.limit
	}
	return size < b.limit
}

// hasFormat judges the formats that the documentation uses; another one is an
// annotation (JSON Schema 2020-12 validation, section 7.2.1).
func hasFormat(format, text string) bool {
	switch format {
	case "uri":
		u, err := url.Parse(text)
		return err == nil && u.IsAbs() && (u.Host != "" || u.Opaque != "" || u.Path != "")
	case "date-time":
		_, err := time.Parse(time.RFC3339, strings.ToUpper(text))
		return err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	}
	return true
}

func (c *collector) checkObject(s *Schema, n *Node, at *path) {
	for _, name := range s.required {
		if !n.Cut && n.Member(name) == nil {
			c.add(n, at, Violation{Keyword: "required", Member: name})
		}
	}
	for child := range n.Children() {
		if c.full() {
			return
		}
		here := &path{parent: at, node: child}
		switch p := s.propertyOf(child); {
		case p != nil:
			c.check(p, child, here)
		case s.closed:
			c.add(n, at, Violation{Keyword: "additionalProperties", Member: child.Name()})
		case s.additional != nil:
			c.check(s.additional, child, here)
		}
	}
}

func (s *Schema) propertyOf(child *Node) *Schema {
	for i := range s.properties {
		if s.properties[i].name == child.name {
			return s.properties[i].schema
		}
	}
	return nil
}

func (c *collector) checkArray(s *Schema, n *Node, at *path) {
	if s.items == nil {
		return
	}
	index := 0
	for child := range n.Children() {
		if c.full() {
			return
		}
		c.check(s.items, child, &path{parent: at, node: child, index: index})
		index++
	}
}

// checkVariants tries every alternative of anyOf. One that fits ends the
// matter; else the violation holds all of them, nearest first.
func (c *collector) checkVariants(s *Schema, n *Node, at *path) {
	if len(s.anyOf) == 0 {
		return
	}
	for _, schema := range s.anyOf {
		if fits(schema, n, at) {
			return
		}
	}
	if c.probe {
		c.failed = true
		return
	}
	ranks := make([]rankedVariant, len(s.anyOf))
	for i, schema := range s.anyOf {
		inner := collector{}
		inner.check(schema, n, at)
		ranks[i] = rankedVariant{schema: schema, name: s.names[i], violations: inner.list}
	}
	base := at.pointer()
	rankVariants(ranks, n, base)
	c.add(n, at, Violation{Keyword: "anyOf", Variants: variantsOf(ranks, base)})
}

type rankedVariant struct {
	schema     *Schema
	name       string
	violations []Violation
	distance   int
	mismatch   bool // a member that names a variant names another one
}

// rankVariants orders alternatives by how far the value is from them.
func rankVariants(ranks []rankedVariant, n *Node, base string) {
	for i := range ranks {
		ranks[i].measure(n, base)
	}
	slices.SortStableFunc(ranks, func(a, b rankedVariant) int { return cmp.Compare(a.distance, b.distance) })
}

// The weights of a distance. A member with a single allowed value names its
// variant, so that it outweighs any number of faults inside that variant.
const (
	weighNamed   = 10_000 // the naming member says another variant
	weighMisspel = 3_000  // it says something near this variant's name
	weighType    = 5_000  // the value itself is of another type
	weighEnum    = 60     // a member with several allowed values has another one
	weighFault   = 20     // anything else
	weighUnknown = 1      // a member that the variant does not know
)

func (r *rankedVariant) measure(n *Node, base string) {
	for _, v := range r.violations {
		r.distance += r.weigh(v, base)
	}
	if n.Kind != Object {
		return
	}
	for child := range n.Children() {
		if !r.schema.knows(child) {
			r.distance += weighUnknown
		}
	}
}

func (r *rankedVariant) weigh(v Violation, base string) int {
	switch direct := strings.Count(v.Pointer, "/") == strings.Count(base, "/")+1; {
	case v.Keyword == "type" && v.Pointer == base:
		r.mismatch = true
		return weighType
	case v.Keyword == "enum" && direct && len(v.Allowed) == 1:
		r.mismatch = true
		if levenshtein.ComputeDistance(clip(strings.ToLower(v.Node.Text())), strings.ToLower(v.Allowed[0])) <= 2 {
			return weighMisspel
		}
		return weighNamed
	case v.Keyword == "enum" && direct:
		return weighEnum
	}
	return weighFault
}

// clip keeps an edit distance cheap: no allowed value is as long as this.
func clip(s string) string { return s[:min(len(s), 100)] }

// knows reports whether a schema documents a member, itself or in allOf.
func (s *Schema) knows(child *Node) bool {
	if s.propertyOf(child) != nil {
		return true
	}
	for _, part := range s.allOf {
		if part.knows(child) {
			return true
		}
	}
	return false
}

func variantsOf(ranks []rankedVariant, base string) []Variant {
	fitting := 0
	for _, r := range ranks {
		if !r.mismatch {
			fitting++
		}
	}
	variants := make([]Variant, len(ranks))
	for i, r := range ranks {
		variants[i] = Variant{
			Name:       r.name,
			Certain:    fitting == 1 && !r.mismatch && len(ranks) > 1,
			Violations: r.violations,
			declares:   func(pointer string) bool { return r.schema.declares(strings.TrimPrefix(pointer, base)) },
		}
	}
	return variants
}

// declares reports whether a schema documents the value of a pointer. A place
// behind an array or an alternative counts as documented when one of them has it.
func (s *Schema) declares(pointer string) bool {
	if pointer == "" {
		return true
	}
	token, rest, _ := strings.Cut(pointer[1:], "/")
	if rest != "" {
		rest = "/" + rest
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	if p := s.property(name); p != nil && p.declares(rest) {
		return true
	}
	if s.items != nil && s.items.declares(rest) {
		return true
	}
	for _, list := range [][]*Schema{s.allOf, s.anyOf} {
		for _, part := range list {
			if part.declares(pointer) {
				return true
			}
		}
	}
	return false
}
