package pattern

import (
	"slices"
	"strings"
)

// Index finds which of many patterns match in a line. A walk over the line looks at
// three bytes at a time, so that patterns cost nothing in lines without a literal of
// theirs.
type Index struct {
	heads    [4096]uint16 // the first entry of a hash, plus one
	entries  []entry
	patterns []*Pattern
	anywhere []bool // whether a pattern may begin anywhere in a line
}

// entry is a literal of a pattern.
type entry struct {
	next    uint16 // the next entry of the same hash, plus one
	pattern uint16
	literal string // three bytes or more
	offset  int    // of the hashed bytes in the literal
	start   int    // of the literal in the pattern; -1 if that isn't fixed
}

// Add adds a pattern, which goes after those that were added before where both
// begin at the same place. It reports whether the pattern has a literal to find it by.
func (x *Index) Add(p *Pattern, anywhere bool) bool {
	number := uint16(len(x.patterns))
	x.patterns = append(x.patterns, p)
	x.anywhere = append(x.anywhere, anywhere)
	literal, start := p.anchor()
	if literal == "" && len(p.ops) > 0 && p.ops[0].kind == opToken && p.ops[0].token == Method {
		for _, m := range []string{"GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "HEAD ", "OPTIONS "} {
			if second := p.ops[1]; second.kind == opLiteral {
				m = m[:len(m)-1] + second.literal[:1]
			}
			x.insert(entry{pattern: number, literal: m, start: 0})
		}
		return true
	}
	if literal == "" {
		return false
	}
	x.insert(entry{pattern: number, literal: literal, offset: rarest(literal), start: start})
	return true
}

func (x *Index) insert(e entry) {
	h := hash(e.literal[e.offset], e.literal[e.offset+1], e.literal[e.offset+2])
	e.next = x.heads[h]
	x.entries = append(x.entries, e)
	x.heads[h] = uint16(len(x.entries))
}

func hash(a, b, c byte) int { return int(a)<<4 ^ int(b)<<2&0xffc ^ int(c)*7&0xfff }

// anchor returns the literal by which a pattern is found: its first one if the
// pattern begins with it, otherwise the rarest that has to occur.
func (p *Pattern) anchor() (literal string, start int) {
	if first := p.ops[0]; first.kind == opLiteral && len(first.literal) >= 3 {
		return first.literal, 0
	}
	best := 0
	skip := 0 // up to where instructions are optional
	for i, o := range p.ops {
		if o.kind == opSplit {
			skip = max(skip, o.other)
		}
		if o.kind == opToken && o.token == Newline {
			break // what follows isn't on the line that is searched
		}
		if i < skip || o.kind != opLiteral || len(o.literal) < 3 {
			continue
		}
		at := rarest(o.literal)
		if w := weight(o.literal[at:]); literal == "" || w > best {
			literal, best = o.literal, w
		}
	}
	return literal, -1
}

// rarest returns the offset of the three rarest bytes of a literal.
func rarest(literal string) int {
	best, at := -1, 0
	for i := 0; i+3 <= len(literal); i++ {
		if w := weight(literal[i:]); w > best {
			best, at = w, i
		}
	}
	return at
}

// weight tells how rare three bytes are in logs.
func weight(text string) int {
	w := 0
	for _, c := range []byte(text[:3]) {
		switch {
		case c == ' ', isDigit(c), c == '.', c == '/':
		case c == 'e', c == 't', c == 'a', c == 'o', c == 'i', c == 'n', c == 's', c == 'r':
			w++
		case 'a' <= c && c <= 'z', c == ':', c == '"', c == '-':
			w += 2
		case isLetter(c):
			w += 4
		default:
			w += 5
		}
	}
	return w
}

// Bounds of a search in one line.
const (
	maxPrefix     = 200 // what may stand before a pattern that doesn't match anywhere
	maxCandidates = 24
	maxLine       = 16 << 10 // how much of a line is searched
)

type candidate struct {
	pattern, at int // at is -1 if it isn't known where the pattern would begin
	before      int // the literal's offset
}

// Find returns the pattern that matches furthest left in the line at begin, at or
// after from; the one that was added first if several begin there.
func (x *Index) Find(text string, begin, from int, m *Match) (number int, ok bool) {
	end := min(LineEnd(text, begin), begin+maxLine)
	var list [maxCandidates]candidate
	n := 0
	for i := from; i+3 <= end; i++ {
		e := x.heads[hash(text[i], text[i+1], text[i+2])]
		for e != 0 {
			entry := &x.entries[e-1]
			e = entry.next
			at := i - entry.offset
			if at < from || !strings.HasPrefix(text[at:], entry.literal) {
				continue
			}
			c := candidate{int(entry.pattern), -1, at}
			if entry.start >= 0 {
				c.at = at - entry.start
			}
			if !x.admits(text, begin, c) || slices.ContainsFunc(list[:n], func(o candidate) bool { return o.pattern == c.pattern && o.at < 0 }) {
				continue
			}
			if n < maxCandidates {
				list[n] = c
				n++
			}
		}
	}
	number = -1
	var found Match
	for _, c := range list[:n] {
		if c.at >= 0 {
			if (number < 0 || c.at < found.Start || c.at == found.Start && c.pattern < number) && x.patterns[c.pattern].MatchAt(text, c.at, m) {
				number, found = c.pattern, *m
			}
			continue
		}
		if x.searchBefore(text, begin, from, c, m) && (number < 0 || m.Start < found.Start || m.Start == found.Start && c.pattern < number) {
			number, found = c.pattern, *m
		}
	}
	*m = found
	return number, number >= 0
}

// admits reports whether a pattern may begin where a candidate does.
func (x *Index) admits(text string, begin int, c candidate) bool {
	if c.at < 0 {
		return true
	}
	return c.at >= begin && wordBegins(text, begin, c.at) && (x.anywhere[c.pattern] || isPrefix(text[begin:c.at]))
}

func wordBegins(text string, begin, at int) bool {
	return at == begin || !isWord(text[at-1]) || !isWord(text[at])
}

// isPrefix reports whether a text is what loggers put before a message.
func isPrefix(text string) bool {
	return len(text) <= maxPrefix && !strings.ContainsAny(text, "\"{}<>*`\\")
}

// searchBefore looks for the beginning of a pattern before one of its literals.
func (x *Index) searchBefore(text string, begin, from int, c candidate, m *Match) bool {
	p := x.patterns[c.pattern]
	tries := 0
	for at := max(begin, from, c.before-2*maxPrefix); at < c.before; at++ {
		if at > begin && !separates(text[at-1]) || isBlank(text[at]) {
			continue
		}
		if !x.anywhere[c.pattern] && !isPrefix(text[begin:at]) {
			return false
		}
		if first := p.ops[0]; first.kind == opToken && !first.token.mayBeEmpty() && extent(first.token, text, at, c.before) == at {
			continue
		}
		if p.MatchAt(text, at, m) {
			return true
		}
		if tries++; tries > maxCandidates {
			return false
		}
	}
	return false
}

// separates reports whether a word may begin after a byte.
func separates(c byte) bool { return c <= ' ' || strings.IndexByte("[(\"'`=,;|:>", c) >= 0 }
