package scan

import (
	"encoding/binary"
	"math/bits"
)

// This file walks over one JSON value once and notes where the members lie that
// some shape of log asks for. It copies nothing. It checks the grammar of the
// objects that it enters and the brackets and strings of all others, so that a
// line cut short, or two halves in one line, is never taken for a record.

// maxNesting is how deep a value may nest; exchange.MaxDepth is the same.
const maxNesting = 1000

// span is a part of a line. The zero span is absent.
type span struct{ start, end int32 }

func (s span) ok() bool { return s.end > s.start }

func (s span) of(line []byte) []byte { return line[s.start:s.end] }

// member is what is known of a member name at one place.
type member struct {
	name  string
	means []meaning // what its value can be
	inner *node     // the members of its value, where that is an object
}

// meaning is what a value can be. Of several members with the same meaning that
// of the smallest rank counts.
type meaning struct {
	field field
	rank  uint8
}

// node holds the members that matter of one object, in an open hash table.
type node struct {
	table  []*member // its length is a power of two
	count  int
	folded bool // names are compared without case: header fields
}

func newNode() *node { return &node{table: make([]*member, 8)} }

func (n *node) slot(name []byte) int {
	if len(name) == 0 {
		return 0
	}
	h := uint64(len(name)) | uint64(name[0]|0x20)<<8 | uint64(name[len(name)/2]|0x20)<<16 | uint64(name[len(name)-1]|0x20)<<24
	return int(h*0x9e3779b97f4a7c15>>40) & (len(n.table) - 1)
}

// find returns the member of a name, nil when no shape asks for it.
func (n *node) find(name []byte) *member {
	for i := n.slot(name); ; i = (i + 1) & (len(n.table) - 1) {
		m := n.table[i]
		if m == nil || m.name == string(name) || n.folded && equalFold(m.name, name) {
			return m
		}
	}
}

func equalFold(lower string, name []byte) bool {
	if len(lower) != len(name) {
		return false
	}
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// add returns the member of a name, made where it is not there yet.
func (n *node) add(name string) *member {
	if m := n.find([]byte(name)); m != nil {
		return m
	}
	if n.count++; n.count*2 > len(n.table) {
		old := n.table
		n.table = make([]*member, 2*len(old))
		for _, m := range old {
			if m != nil {
				n.place(m)
			}
		}
	}
	m := &member{name: name}
	n.place(m)
	return m
}

func (n *node) place(m *member) {
	i := n.slot([]byte(m.name))
	for n.table[i] != nil {
		i = (i + 1) & (len(n.table) - 1)
	}
	n.table[i] = m
}

// object reads the object at i and returns where it ends, -1 when it is none.
func (r *record) object(i int, n *node, depth int) int {
	b := r.line
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for i < len(b) && b[i] == '"' {
		end := stringEnd(b, i)
		if end < 0 {
			return -1
		}
		m := n.find(b[i+1 : end-1])
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ':' {
			return -1
		}
		start := skipSpace(b, i+1)
		if start >= len(b) {
			return -1
		}
		if i = r.value(start, m, depth); i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i >= len(b) {
			return -1
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
	return -1
}

// maxWrapped is how deep records are looked for in members that wrap them.
const maxWrapped = 12

// value reads a member's value and notes it where it matters.
func (r *record) value(start int, m *member, depth int) int {
	if m == nil {
		return valueEnd(r.line, start)
	}
	var end int
	if m.inner != nil && r.line[start] == '{' && depth < maxWrapped {
		end = r.object(start, m.inner, depth+1)
	} else {
		end = valueEnd(r.line, start)
	}
	if end > 0 {
		for _, can := range m.means {
			r.note(can.field, can.rank+uint8(depth), span{int32(start), int32(end)})
		}
	}
	return end
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns where the value at i ends, -1 when it does not.
func valueEnd(b []byte, i int) int {
	switch c := b[i]; {
	case c == '"':
		return stringEnd(b, i)
	case c == '{' || c == '[':
		return bracketsEnd(b, i)
	case c == '-' || '0' <= c && c <= '9':
		for i++; i < len(b) && (b[i] >= '0' && b[i] <= '9' || b[i] == '.' || b[i] == 'e' || b[i] == 'E' || b[i] == '+' || b[i] == '-'); i++ {
		}
		return i
	case c == 't' && hasWord(b, i, "true"), c == 'n' && hasWord(b, i, "null"):
		return i + 4
	case c == 'f' && hasWord(b, i, "false"):
		return i + 5
	}
	return -1
}

func hasWord(b []byte, i int, word string) bool {
	return len(b)-i >= len(word) && string(b[i:i+len(word)]) == word
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// zeroBytes sets the high bit of the first byte of x that is zero, and perhaps
// of later ones.
func zeroBytes(x uint64) uint64 { return (x - lowBits) & ^x & highBits }

// exactZeroBytes sets the high bit of each byte of x that is zero, of no other.
func exactZeroBytes(x uint64) uint64 {
	const rest = ^uint64(highBits)
	return ^((x&rest + rest) | x | rest)
}

// stringEnd returns the place behind the closing quote of the string at i, -1
// when there is none. It takes eight bytes at a time, also through the escaped
// quotes of JSON within JSON: a quote counts when no backslash stands before it,
// and only where backslashes meet are bytes looked at one by one.
func stringEnd(b []byte, i int) int {
	i++
	escaped := uint64(0) // the high bit of the next byte, where a backslash escapes it
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		quotes := exactZeroBytes(x ^ '"'*lowBits)
		slashes := exactZeroBytes(x ^ '\\'*lowBits)
		if slashes&(slashes<<8|escaped) != 0 {
			break
		}
		if ends := quotes &^ (slashes<<8 | escaped); ends != 0 {
			return i + bits.TrailingZeros64(ends)>>3 + 1
		}
		escaped = slashes >> 56
		i += 8
	}
	if escaped != 0 {
		i++
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			if i+1 < len(b) && b[i+1] != '\\' && i+10 < len(b) {
				return stringEnd(b, i+1)
			}
			i++
		}
	}
	return -1
}

// bracketsEnd returns the place behind the bracket that closes the one at i, -1
// when none does or one closes another kind.
func bracketsEnd(b []byte, i int) int {
	var kinds [maxNesting/64 + 1]uint64 // a bit for each level: set for an object
	depth := -1
	for i < len(b) {
		switch c := b[i]; c {
		case '"':
			if i = stringEnd(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			if depth++; depth >= maxNesting {
				return -1
			}
			kinds[depth>>6] &^= 1 << (depth & 63)
			if c == '{' {
				kinds[depth>>6] |= 1 << (depth & 63)
			}
		case '}', ']':
			if (kinds[depth>>6]>>(depth&63)&1 == 1) != (c == '}') {
				return -1
			}
			if depth--; depth < 0 {
				return i + 1
			}
		case ' ', '\n':
			i = plainEnd(b, i)
			continue
		}
		i++
	}
	return -1
}

// plainEnd passes over bytes that are neither quotes nor brackets, eight at a
// time: the indentation of documents that are laid out for people.
func plainEnd(b []byte, i int) int {
	for i++; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		y := x | 0x20*lowBits // [ and ] become { and }
		if hit := zeroBytes(x^('"'*lowBits)) | zeroBytes(y^('{'*lowBits)) | zeroBytes(y^('}'*lowBits)); hit != 0 {
			return i + bits.TrailingZeros64(hit)>>3
		}
	}
	return i
}
