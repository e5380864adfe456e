// Package pattern matches text against patterns of literals and typed tokens, such as
//
//	---> {method} {target} HTTP/{proto}{end}
//
// A pattern costs nothing on text that lacks its rarest literal (Index), and time
// proportional to a bounded window on text that has it. There are no regular
// expressions: a {status} can't be a port, a {method} can't be a word of prose.
package pattern

import (
	"fmt"
	"slices"
	"strings"
)

// Span is a part of a text.
type Span struct{ From, To int }

// Match is where a pattern matched, and where its tokens are.
type Match struct {
	Start, End int
	set        uint64
	spans      [numTokens]Span
	constants  []constant
}

// Has reports whether a token was matched.
func (m *Match) Has(t Token) bool { return m.set&(1<<t) != 0 }

// Text returns what a token matched, or "" if it wasn't.
func (m *Match) Text(text string, t Token) string {
	for _, c := range m.constants {
		if c.token == t {
			return c.value
		}
	}
	if !m.Has(t) {
		return ""
	}
	return text[m.spans[t].From:m.spans[t].To]
}

// At returns where a token was matched.
func (m *Match) At(t Token) Span { return m.spans[t] }

type constant struct {
	token Token
	value string
}

type kind uint8

const (
	opLiteral kind = iota
	opBlanks       // one or more blanks
	opToken
	opSplit // goes on at next, or at other
	opDone
)

type op struct {
	kind    kind
	token   Token
	literal string
	other   int      // of opSplit
	follow  []follow // of an open token: what may come after it
}

// follow is something that ends an open token.
type follow struct {
	literal string
	token   Token
	blanks  bool
	done    bool
}

// Pattern is a compiled pattern.
type Pattern struct {
	Source    string
	ops       []op
	constants []constant
}

// Compile reads a pattern. Two blanks stand for one or more, {{ and }} for braces,
// { } for a leading blank, {?…} for what may be missing, and {method=GET} for a
// value that the words imply.
func Compile(source string) (*Pattern, error) {
	p := &Pattern{Source: source}
	if err := p.parse(source); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", source, err)
	}
	p.ops = append(p.ops, op{kind: opDone})
	for i := range p.ops {
		if o := &p.ops[i]; o.kind == opToken && o.token.isOpen() {
			p.follows(i+1, &o.follow, 0)
		}
	}
	return p, nil
}

func (p *Pattern) parse(source string) error {
	for source != "" {
		switch {
		case strings.HasPrefix(source, "{{"), strings.HasPrefix(source, "}}"):
			p.literal(source[:1])
			source = source[2:]
		case strings.HasPrefix(source, "{?"):
			end := groupEnd(source)
			if end < 0 {
				return fmt.Errorf("%q doesn't end", source)
			}
			split := len(p.ops)
			p.ops = append(p.ops, op{kind: opSplit})
			if err := p.parse(source[2:end]); err != nil {
				return err
			}
			p.ops[split].other = len(p.ops)
			p.ops = append(p.ops, op{kind: opLiteral}) // keeps what follows apart from the group
			source = source[end+1:]
		case source[0] == '{':
			name, rest, ok := strings.Cut(source[1:], "}")
			if !ok {
				return fmt.Errorf("%q doesn't end", source)
			}
			if err := p.token(name); err != nil {
				return err
			}
			source = rest
		case strings.HasPrefix(source, "  "):
			source = strings.TrimLeft(source, " ")
			p.ops = append(p.ops, op{kind: opBlanks})
		default:
			p.literal(source[:1])
			source = source[1:]
		}
	}
	return nil
}

// groupEnd returns the offset of the brace that closes the group at the beginning
// of a pattern, or -1.
func groupEnd(source string) int {
	depth := 0
	for i := range len(source) {
		switch source[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (p *Pattern) literal(text string) {
	if n := len(p.ops); n > 0 && p.ops[n-1].kind == opLiteral && p.ops[n-1].literal != "" {
		p.ops[n-1].literal += text
		return
	}
	p.ops = append(p.ops, op{kind: opLiteral, literal: text})
}

func (p *Pattern) token(name string) error {
	if name == " " {
		p.literal(" ")
		return nil
	}
	name, value, fixed := strings.Cut(name, "=")
	t := tokenOf(name)
	switch {
	case t == None:
		return fmt.Errorf("unknown token %q", name)
	case fixed:
		p.constants = append(p.constants, constant{t, value})
	default:
		p.ops = append(p.ops, op{kind: opToken, token: t})
	}
	return nil
}

// follows collects what may follow an instruction.
func (p *Pattern) follows(at int, list *[]follow, depth int) {
	for depth < 8 {
		switch o := &p.ops[at]; o.kind {
		case opLiteral:
			if o.literal == "" {
				at++
				continue
			}
			*list = append(*list, follow{literal: o.literal})
			return
		case opBlanks:
			*list = append(*list, follow{blanks: true})
			return
		case opToken:
			*list = append(*list, follow{token: o.token})
			return
		case opSplit:
			p.follows(at+1, list, depth+1)
			at = o.other
			depth++
		case opDone:
			*list = append(*list, follow{done: true})
			return
		}
	}
}

// Bounds of a match.
const (
	maxWindow = 4 << 10  // how far an open token reaches
	maxBody   = 64 << 10 // how far a body reaches
	maxTries  = 8        // ends that are tried for an open token
	maxSteps  = 400      // instructions of one match
)

type matcher struct {
	text    string
	lineEnd int
	steps   int
	m       *Match
	ops     []op
}

// MatchAt matches the pattern at an offset of a text.
func (p *Pattern) MatchAt(text string, from int, m *Match) bool {
	*m = Match{Start: from, constants: p.constants}
	for _, c := range p.constants {
		m.set |= 1 << c.token
	}
	x := matcher{text: text, lineEnd: LineEnd(text, from), m: m, ops: p.ops}
	return x.match(0, from)
}

// LineEnd returns the end of the line at an offset, without a carriage return.
func LineEnd(text string, from int) int {
	end := len(text)
	if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
		end = from + i
	}
	if end > from && text[end-1] == '\r' {
		end--
	}
	return end
}

func (x *matcher) match(pc, at int) bool {
	for {
		if x.steps++; x.steps > maxSteps {
			return false
		}
		switch o := &x.ops[pc]; o.kind {
		case opDone:
			x.m.End = at
			return true
		case opLiteral:
			if !strings.HasPrefix(x.text[at:], o.literal) {
				return false
			}
			at += len(o.literal)
		case opBlanks:
			n := while(x.text, at, x.lineEnd, isBlank)
			if n == at {
				return false
			}
			at = n
		case opSplit:
			was := *x.m
			if x.match(pc+1, at) {
				return true
			}
			*x.m = was
			pc = o.other
			continue
		case opToken:
			if o.token.isOpen() {
				return x.open(o, pc, at)
			}
			n := x.closed(o.token, at)
			if n < 0 {
				return false
			}
			at = n
		}
		pc++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// closed matches a token that ends where its characters do; -1 if it doesn't match.
func (x *matcher) closed(t Token, at int) int {
	switch t {
	case End:
		if while(x.text, at, x.lineEnd, isBlank) != x.lineEnd {
			return -1
		}
		return x.lineEnd
	case Newline:
		at = while(x.text, at, x.lineEnd, isBlank)
		if at != x.lineEnd {
			return -1
		}
		if at < len(x.text) && x.text[at] == '\r' {
			at++
		}
		if at == len(x.text) || x.text[at] != '\n' {
			return -1
		}
		x.lineEnd = LineEnd(x.text, at+1)
		return while(x.text, at+1, x.lineEnd, isBlank)
	}
	n := extent(t, x.text, at, x.lineEnd)
	if n == at && !t.mayBeEmpty() {
		return -1
	}
	x.set(t, at, n)
	return n
}

func (x *matcher) set(t Token, from, to int) {
	x.m.set |= 1 << t
	x.m.spans[t] = Span{from, to}
}

// open matches a token that ends where what follows it begins.
func (x *matcher) open(o *op, pc, at int) bool {
	if o.token == Body {
		if n := bodyEnd(x.text, at); n > at {
			return x.try(o.token, at, n, pc)
		}
		if len(o.follow) == 1 && o.follow[0].done {
			return false
		}
	}
	most := extent(o.token, x.text, at, min(x.lineEnd, at+maxWindow))
	first := at + 1
	if o.token.mayBeEmpty() {
		first = at
	}
	tries := 0
	for e := first; e <= most && tries < maxTries; e++ {
		if !x.ends(o, e, most) {
			continue
		}
		lineEnd, was := x.lineEnd, x.m.set
		if x.try(o.token, at, e, pc) {
			return true
		}
		x.lineEnd, x.m.set = lineEnd, was
		tries++
	}
	if !o.mayBeLast() {
		return false
	}
	n := trimmed(o.token, x.text, at, most)
	return n >= first && x.try(o.token, at, n, pc)
}

func (x *matcher) try(t Token, from, to, pc int) bool {
	x.set(t, from, to)
	return x.match(pc+1, to)
}

// ends reports whether what follows an open token may begin at an offset.
func (x *matcher) ends(o *op, at, most int) bool {
	for i := range o.follow {
		f := &o.follow[i]
		switch {
		case f.done:
		case f.blanks:
			if at < x.lineEnd && isBlank(x.text[at]) {
				return true
			}
		case f.literal != "":
			if strings.HasPrefix(x.text[at:], f.literal) {
				return true
			}
		case f.token == End || f.token == Newline:
			if at == x.lineEnd || isBlank(x.text[at]) && while(x.text, at, x.lineEnd, isBlank) == x.lineEnd {
				return true
			}
		case f.token.mayBeEmpty():
			if at == most || o.token.mayBeEmpty() {
				return true
			}
		case extent(f.token, x.text, at, x.lineEnd) > at:
			return true
		}
	}
	return false
}

// mayBeLast reports whether nothing has to follow an open token.
func (o *op) mayBeLast() bool {
	return slices.ContainsFunc(o.follow, func(f follow) bool { return f.done })
}

// trimmed returns the end of a token that nothing follows, without the punctuation
// of the sentence around it.
func trimmed(t Token, text string, at, end int) int {
	for end > at {
		c := text[end-1]
		switch t {
		case URL, Target, Path, Host:
			if strings.IndexByte(".,;:)('\"]}", c) < 0 || c == '}' && strings.LastIndexByte(text[at:end], '{') >= 0 || c == ']' && strings.LastIndexByte(text[at:end], '[') >= 0 {
				return end
			}
		default:
			if c > ' ' {
				return end
			}
		}
		end--
	}
	return end
}

// bodyEnd returns where the JSON value ends that begins at an offset, or the line
// where it is markup; at if there is neither.
func bodyEnd(text string, at int) int {
	if at >= len(text) || strings.IndexByte("{[<", text[at]) < 0 {
		return at
	}
	if text[at] == '<' {
		return LineEnd(text, at)
	}
	depth, quoted := 0, false
	end := min(len(text), at+maxBody)
	for i := at; i < end; i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return LineEnd(text, at)
}

// Uses reports whether a pattern has a token.
func (p *Pattern) Uses(t Token) bool {
	return slices.ContainsFunc(p.ops, func(o op) bool { return o.kind == opToken && o.token == t }) || slices.ContainsFunc(p.constants, func(c constant) bool { return c.token == t })
}

// Begins returns the literal that a pattern begins with, or "".
func (p *Pattern) Begins() string {
	if p.ops[0].kind != opLiteral {
		return ""
	}
	return p.ops[0].literal
}

// HasWords reports whether a pattern has text besides its tokens, three bytes in a row.
func (p *Pattern) HasWords() bool {
	return slices.ContainsFunc(p.ops, func(o op) bool { return o.kind == opLiteral && len(strings.TrimSpace(o.literal)) >= 3 })
}

// IsUnmistakable reports whether the words of a pattern alone tell what it is about: it
// begins with many bytes of text, or has a URL besides.
func (p *Pattern) IsUnmistakable() bool { return len(p.Begins()) >= 10 }
