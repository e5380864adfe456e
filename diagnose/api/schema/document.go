package schema

import (
	"bytes"
	"encoding/json"
	"iter"

	"immersve-doctor/diagnose/exchange"
)

// Kind is the JSON type of a value. Integer is a number without a fraction; the
// parser never says it, a schema may ask for it.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Boolean
	Integer
	Number
	String
	Array
	Object
)

// String gives the type's name in JSON Schema.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "integer", "number", "string", "array", "object"}[k]
}

// maxNodes bounds what is kept of a document. The largest documented body holds
// about a hundred values; a document with more than this is judged as far as it
// was read.
const maxNodes = 100_000

// Node is one value of a JSON document with its place in the text. Members and
// items keep the order of the text, duplicates included. A document belongs to
// one goroutine.
type Node struct {
	Kind      Kind   // never Integer
	Start     int    // byte offset of the value
	Raw       []byte // the value as written
	NameStart int    // byte offset of the member's name, 0 for an item or the root
	Cut       bool   // its children were not all read: too many, or too deep

	name        string
	text        string // of a string, once it was asked for
	first, next *Node
}

// End returns the byte offset behind the value.
func (n *Node) End() int { return n.Start + len(n.Raw) }

// Name returns the member's name, "" for an item or the root.
func (n *Node) Name() string { return n.name }

// IsMember reports whether the value is a member of an object.
func (n *Node) IsMember() bool { return n.NameStart > 0 }

// Text returns the text of a string, and of any other value how it is written.
func (n *Node) Text() string {
	if n.Kind != String || len(n.Raw) < 2 {
		return string(n.Raw)
	}
	if n.text == "" {
		n.text = unquote(n.Raw[1 : len(n.Raw)-1])
	}
	return n.text
}

// IsInteger reports whether a number has no fraction, as JSON Schema 2020-12
// section 6.1.1 of the validation vocabulary understands it: 1.0 and 1e3 have none.
func (n *Node) IsInteger() bool {
	if n.Kind != Number {
		return false
	}
	mantissa, exponent, _ := bytes.Cut(bytes.ToLower(n.Raw), []byte("e"))
	_, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := len(bytes.TrimRight(fraction, "0"))
	if len(exponent) == 0 {
		return digits == 0
	}
	e, ok := smallInt(exponent)
	return ok && e >= digits-trailingZeros(mantissa, digits)
}

// trailingZeros counts the zeros that a negative exponent may eat: those that
// end the whole number, when it has no fraction.
func trailingZeros(mantissa []byte, digits int) int {
	if digits > 0 {
		return 0
	}
	whole, _, _ := bytes.Cut(mantissa, []byte("."))
	if stripped := bytes.TrimRight(whole, "0"); len(stripped) > 0 && stripped[len(stripped)-1] != '-' {
		return len(whole) - len(stripped)
	}
	return 1 << 20 // zero is an integer whatever its exponent
}

// smallInt reads an exponent of at most six digits.
func smallInt(text []byte) (int, bool) {
	sign, digits := 1, bytes.TrimLeft(text, "+")
	if len(text) > 0 && text[0] == '-' {
		sign, digits = -1, text[1:]
	}
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) > 6 {
		return sign * 1_000_000, true
	}
	v := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return sign * v, true
}

// Children iterates over members or items in the order of the text.
func (n *Node) Children() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for c := n.first; c != nil; c = c.next {
			if !yield(c) {
				return
			}
		}
	}
}

// Len returns the number of members or items that were read.
func (n *Node) Len() int {
	count := 0
	for c := n.first; c != nil; c = c.next {
		count++
	}
	return count
}

// Member returns the member of a name, nil when there is none. Of duplicates
// it is the last, which is the one that most parsers keep.
func (n *Node) Member(name string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	var found *Node
	for c := n.first; c != nil; c = c.next {
		if c.name == name {
			found = c
		}
	}
	return found
}

// IsEmpty reports whether a string, array or object holds nothing.
func (n *Node) IsEmpty() bool {
	switch n.Kind {
	case String:
		return len(n.Raw) <= 2
	case Array, Object:
		return n.first == nil && !n.Cut
	}
	return false
}

// Parse reads a text that is valid JSON (exchange.ValidJSON says so). Of any
// other text it gives some tree, nil when there is no value at all.
func Parse(text []byte) *Node {
	p := parser{text: text}
	p.space()
	return p.value(0)
}

// Whole reports whether Parse reads all of a text.
func Whole(text []byte) bool {
	if len(text) < 2*maxNodes { // a value and what parts it from the next
		return true
	}
	p := parser{text: text}
	p.space()
	p.value(0)
	return p.count < maxNodes
}

type parser struct {
	text  []byte
	pos   int
	count int
	spare []Node
}

func (p *parser) node() *Node {
	if len(p.spare) == 0 {
		p.spare = make([]Node, 32)
	}
	n := &p.spare[0]
	p.spare = p.spare[1:]
	p.count++
	return n
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) *Node {
	if p.pos >= len(p.text) {
		return nil
	}
	n := p.node()
	n.Start = p.pos
	switch c := p.text[p.pos]; c {
	case '{', '[':
		n.Kind = Array
		if c == '{' {
			n.Kind = Object
		}
		p.children(n, depth)
	case '"':
		n.Kind = String
		p.quoted()
	default:
		n.Kind = literalKind(c)
		p.literal()
	}
	n.Raw = p.text[n.Start:p.pos]
	return n
}

func literalKind(c byte) Kind {
	switch c {
	case 't', 'f':
		return Boolean
	case 'n':
		return Null
	}
	return Number
}

// literal moves behind a number, true, false or null; at least one byte, so
// that text that is no JSON cannot stop the parser.
func (p *parser) literal() {
	for start := p.pos; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r', ',', '}', ']', ':', '"', '{', '[':
			if p.pos == start {
				p.pos++
			}
			return
		}
	}
}

// quoted moves behind a string and returns what is between its quotes.
func (p *parser) quoted() []byte {
	start := p.pos + 1
	for p.pos = start; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case '"':
			p.pos++
			return p.text[start : p.pos-1]
		}
	}
	p.pos = len(p.text)
	return p.text[min(start, p.pos):]
}

func (p *parser) children(n *Node, depth int) {
	if depth >= exchange.MaxDepth || p.count >= maxNodes {
		n.Cut = true
		p.skip()
		return
	}
	p.pos++
	tail := &n.first
	for {
		p.space()
		if p.pos >= len(p.text) {
			return
		}
		switch p.text[p.pos] {
		case '}', ']':
			p.pos++
			return
		case ',':
			p.pos++
			continue
		}
		if p.count >= maxNodes {
			n.Cut = true
			p.leave()
			return
		}
		child := p.child(n.Kind == Object, depth)
		if child == nil {
			return
		}
		*tail = child
		tail = &child.next
	}
}

func (p *parser) child(named bool, depth int) *Node {
	if !named || p.text[p.pos] != '"' {
		return p.value(depth + 1)
	}
	start := p.pos
	name := p.quoted()
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == ':' {
		p.pos++
	}
	p.space()
	child := p.value(depth + 1)
	if child != nil {
		child.name, child.NameStart = unquote(name), start
	}
	return child
}

// skip moves behind the container that begins here without reading it.
func (p *parser) skip() {
	p.pos++
	p.leave()
}

// leave moves behind the container that the parser is in.
func (p *parser) leave() {
	for depth := 1; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '"':
			p.quoted()
			p.pos--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
	}
}

// unquote resolves the escapes of what stands between two quotes (RFC 8259
// section 7).
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	var s string
	if err := json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &s); err != nil {
		return string(raw)
	}
	return s
}
