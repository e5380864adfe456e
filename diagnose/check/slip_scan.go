package check

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// slipScanner reads a text that is not JSON as its writer meant it: at each slip
// it notes what is wrong, supposes it mended, and goes on.
type slipScanner struct {
	text  []byte
	pos   int
	stack []byte // the open brackets, '{' or '['
	state scanState
	slips []slip

	comma   int      // offset of the last comma
	after   int      // offset behind the last value, name or bracket
	last    slipSpan // the last string
	mark    int      // number of slips before the last string
	stop    bool     // what follows cannot be told apart
	returns int      // how often the scanner went back
	number  bool     // the last value is a number or a bare word: it may have been cut
}

type slipSpan struct{ start, end int }

type scanState int

const (
	wantValue scanState = iota
	wantFirstItem
	wantName
	wantFirstName
	wantColon
	wantComma
	wantEnd
)

// openEnvelope takes off what is wrapped around the whole text: a byte-order
// mark, and the quotes that a shell should have taken off.
func (s *slipScanner) openEnvelope() {
	bom := []byte("\uFEFF")
	if bytes.HasPrefix(s.text, bom) {
		s.note(slip{
			kind: "byte-order mark", at: 0, says: "it starts with a byte-order mark", hint: "save the file without a byte-order mark",
			edits: []edit{{0, len(bom), ""}}, sure: true,
		})
		s.pos = len(bom)
	}
	trimmed := bytes.Trim(s.text[s.pos:], jsonSpace)
	if len(trimmed) < 4 || trimmed[0] != '\'' || trimmed[len(trimmed)-1] != '\'' {
		return
	}
	if inner := bytes.Trim(trimmed[1:], jsonSpace); inner[0] != '{' && inner[0] != '[' {
		return
	}
	open := s.pos + bytes.IndexByte(s.text[s.pos:], '\'')
	end := bytes.LastIndexByte(s.text, '\'')
	s.note(slip{
		kind: "shell quotes", at: open, says: "the single quotes around it were sent too (cmd.exe doesn't remove them)",
		hint: "remove the quotes around the body", edits: []edit{{open, open + 1, ""}, {end, len(s.text), ""}}, sure: true,
	})
	s.text, s.pos = s.text[:end], open+1
}

func (s *slipScanner) run() {
	for !s.stop && len(s.slips) < maxSlips {
		s.space()
		if s.pos >= len(s.text) {
			s.ended()
			return
		}
		switch s.state {
		case wantValue, wantFirstItem:
			s.value()
		case wantName, wantFirstName:
			s.name()
		case wantColon:
			s.colon()
		case wantComma:
			s.commaOrClose()
		case wantEnd:
			s.trailing()
			return
		}
	}
	if !s.stop {
		s.note(slip{kind: "too many mistakes", at: s.pos, says: "there are too many mistakes to list them all", hint: "fix these mistakes, then check again"})
	}
}

func (s *slipScanner) note(n slip) { s.slips = append(s.slips, n) }

// fail notes a slip behind which nothing can be told for certain.
func (s *slipScanner) fail(kind string, at int, says, hint string) {
	s.note(slip{kind: kind, at: at, says: says, hint: hint})
	s.stop = true
}

func (s *slipScanner) unexpected() {
	r := showRune(s.text[s.pos:])
	s.fail("unexpected character", s.pos, "found "+r+", expected "+s.where(), "remove or replace this")
}

func (s *slipScanner) where() string {
	switch s.state {
	case wantValue, wantFirstItem:
		return "a value"
	case wantName, wantFirstName:
		return "a name in double quotes"
	case wantColon:
		return "a colon"
	case wantEnd:
		return "nothing after the end of the JSON"
	}
	return "a comma or a closing bracket"
}

// space skips white space, and notes comments and odd spaces on the way.
func (s *slipScanner) space() {
	for s.pos < len(s.text) && len(s.slips) < maxSlips {
		switch c := s.text[s.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			s.pos++
		case c == '/' && s.pos+1 < len(s.text) && (s.text[s.pos+1] == '/' || s.text[s.pos+1] == '*'), c == '#':
			s.comment()
		default:
			size := oddSpace(s.text[s.pos:])
			if size == 0 {
				return
			}
			s.note(slip{
				kind: "odd space", at: s.pos, says: showRune(s.text[s.pos:]) + " isn't whitespace in JSON",
				hint: "type a plain space here", edits: []edit{{s.pos, s.pos + size, " "}}, sure: true,
			})
			s.pos += size
		}
	}
}

// oddSpace returns the length of a space that JSON does not know, 0 for none.
func oddSpace(text []byte) int {
	switch r, size := utf8.DecodeRune(text); r {
	case '\f', '\v', 0x85, 0xA0, 0x1680, 0x202F, 0x205F, 0x2028, 0x2029, 0x3000, 0xFEFF, 0x2060:
		return size
	default:
		if 0x2000 <= r && r <= 0x200D {
			return size
		}
	}
	return 0
}

func (s *slipScanner) comment() {
	start := s.pos
	end := len(s.text)
	if s.text[start] == '/' && s.text[start+1] == '*' {
		if i := bytes.Index(s.text[start+2:], []byte("*/")); i >= 0 {
			end = start + 2 + i + 2
		}
	} else if i := bytes.IndexByte(s.text[start:], '\n'); i >= 0 {
		end = start + i
	}
	s.pos = end
	s.note(slip{kind: "comment", at: start, says: "JSON has no comments", hint: "remove this comment", edits: []edit{{start, end, " "}}, sure: true})
}

func (s *slipScanner) push(bracket byte) {
	s.stack = append(s.stack, bracket)
	s.pos++
	s.after = s.pos
	s.state = wantFirstItem
	if bracket == '{' {
		s.state = wantFirstName
	}
	if len(s.stack) > maxNesting {
		s.fail("nesting", s.pos-1, "it's nested more than 10,000 levels deep", "nest the data less deeply")
	}
}

func (s *slipScanner) valueDone() {
	s.after = s.pos
	s.state = wantComma
	if len(s.stack) == 0 {
		s.state = wantEnd
	}
}

func (s *slipScanner) inObject() bool { return len(s.stack) > 0 && s.stack[len(s.stack)-1] == '{' }

// closeBracket handles '}' and ']', the right one or not.
func (s *slipScanner) closeBracket() {
	c := s.text[s.pos]
	top := len(s.stack) - 1
	opener := map[byte]byte{'}': '{', ']': '['}[c]
	switch {
	case s.stack[top] == opener:
	case top > 0 && s.stack[top-1] == opener:
		missing := closerOf(s.stack[top])
		s.note(slip{
			kind: "missing bracket", at: s.pos, says: fmt.Sprintf("missing %s before this %s", missing, string(c)),
			hint: "put " + missing + " before this", edits: []edit{{s.after, s.after, missing}}, sure: true,
		})
		s.stack = s.stack[:top]
	default:
		right := closerOf(s.stack[top])
		s.note(slip{
			kind: "wrong bracket", at: s.pos, says: fmt.Sprintf("%s doesn't match the opening %s", string(c), string(s.stack[top])),
			hint: "write " + right + " here", edits: []edit{{s.pos, s.pos + 1, right}}, sure: true,
		})
	}
	s.stack = s.stack[:len(s.stack)-1]
	s.pos++
	s.number = false
	s.valueDone()
}

func closerOf(bracket byte) string {
	if bracket == '{' {
		return "}"
	}
	return "]"
}

// trailingComma notes the comma before a closing bracket.
func (s *slipScanner) trailingComma() {
	what := "brace"
	if !s.inObject() {
		what = "bracket"
	}
	s.note(slip{
		kind: "trailing comma", at: s.comma, says: "trailing comma", hint: "remove the comma before the closing " + what,
		edits: []edit{{s.comma, s.comma + 1, ""}}, sure: true,
	})
}

func (s *slipScanner) doubledComma() {
	s.note(slip{
		kind: "doubled comma", at: s.pos, says: "extra comma", hint: "remove this comma",
		edits: []edit{{s.pos, s.pos + 1, ""}}, sure: true,
	})
	s.pos++
}

// name reads a member's name, or the brace that ends the object.
func (s *slipScanner) name() {
	switch c := s.text[s.pos]; {
	case c == '}' || c == ']':
		if s.state == wantName {
			s.trailingComma()
		}
		s.closeBracket()
	case c == '"':
		s.plainString(true)
	case c == '\'' || c == '`' || smartQuote(s.text[s.pos:]) > 0:
		s.oddString(true)
	case c == ',':
		s.doubledComma()
	case bytes.HasPrefix(s.text[s.pos:], []byte("...")), bytes.HasPrefix(s.text[s.pos:], []byte("…")):
		s.ellipsis()
	case isWordByte(c) || c == '$' || c == '-' || c == '@' || c == '\\':
		s.bareName()
	default:
		s.unexpected()
	}
}

func (s *slipScanner) ellipsis() {
	s.note(slip{kind: "ellipsis", at: s.pos, says: "three dots mark something omitted from a sample", hint: "fill in the values, or remove this"})
	for s.pos < len(s.text) && (s.text[s.pos] == '.' || s.text[s.pos] >= 0x80) {
		s.pos++
	}
	s.valueDone()
}

func (s *slipScanner) bareName() {
	start := s.pos
	for s.pos < len(s.text) && (isWordByte(s.text[s.pos]) || bytes.IndexByte([]byte("$-.@\\"), s.text[s.pos]) >= 0 || s.text[s.pos] >= 0x80) {
		s.pos++
	}
	word := string(s.text[start:s.pos])
	s.state, s.number = wantColon, false
	if s.pos < len(s.text) && s.text[s.pos] == '"' {
		s.note(slip{
			kind: "missing quote", at: start, says: "missing opening quote of a field name", hint: "put a double quote here",
			edits: []edit{{start, start, `"`}}, sure: true,
		})
		s.pos++
		s.after = s.pos
		return
	}
	s.after = s.pos
	if next := s.peek(s.pos); next != ':' && next != '=' {
		s.pos = start
		s.state = wantName
		s.unexpected()
		return
	}
	s.note(slip{
		kind: "unquoted name", at: start, says: fmt.Sprintf("the field name %s has no quotes", clipText(word)), hint: "put double quotes around the name",
		edits: []edit{{start, s.pos, quoteJSON(word)}}, sure: true,
	})
}

// peek returns the first byte at or behind an offset that is no white space, 0
// at the end.
func (s *slipScanner) peek(at int) byte {
	for ; at < len(s.text); at++ {
		switch c := s.text[at]; c {
		case ' ', '\t', '\n', '\r':
		case 0:
			return 1 // 0 is the end of the text
		default:
			return c
		}
	}
	return 0
}

func (s *slipScanner) colon() {
	switch c := s.text[s.pos]; {
	case c == ':':
		s.pos++
		s.state = wantValue
	case c == '=':
		end := s.pos + 1
		if end < len(s.text) && s.text[end] == '>' {
			end++
		}
		s.note(slip{
			kind: "wrong colon", at: s.pos, says: fmt.Sprintf("%s instead of a colon between name and value", s.text[s.pos:end]), hint: "write a colon here",
			edits: []edit{{s.pos, end, ":"}}, sure: true,
		})
		s.pos = end
		s.state = wantValue
	case s.nameWithoutQuote():
	case c == ',' || c == '}':
		s.note(slip{kind: slipNoValue, at: s.pos, says: "a field has no value", hint: "put a colon and a value here"})
		s.valueDone()
	case c == '"' || c == '{' || c == '[' || c == '-' || isDigitByte(c) || s.literalAhead():
		s.note(slip{
			kind: "missing colon", at: s.after, says: "missing colon between a name and its value", hint: "put a colon here",
			edits: []edit{{s.after, s.after, ":"}}, sure: true,
		})
		s.state = wantValue
	default:
		s.unexpected()
	}
}

func (s *slipScanner) literalAhead() bool {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
			return true
		}
	}
	return false
}

// nameWithoutQuote finds `"name: "value"`: the string that should have been the
// name ran on to the value's first quote. It goes back to where the name ended.
func (s *slipScanner) nameWithoutQuote() bool {
	end := s.last.start + 1
	for end < s.last.end && (isWordByte(s.text[end]) || s.text[end] == '-' || s.text[end] == '.') {
		end++
	}
	if s.last.end != s.after || end == s.last.start+1 {
		return false
	}
	colon := end
	for colon < s.last.end && (s.text[colon] == ' ' || s.text[colon] == '\t') {
		colon++
	}
	if colon >= s.last.end-1 || s.text[colon] != ':' {
		return false
	}
	says := fmt.Sprintf("missing closing quote of the field name %s", clipText(string(s.text[s.last.start+1:end])))
	s.goBack(end, says)
	s.pos = colon + 1
	s.state = wantValue
	return true
}

// goBack notes a closing quote that belongs at an earlier place, forgets what
// was noted since the string began, and reads on from there.
func (s *slipScanner) goBack(at int, says string) {
	s.slips = s.slips[:s.mark]
	s.note(slip{kind: "missing quote", at: at, says: says, hint: "put a double quote here", edits: []edit{{at, at, `"`}}, sure: true})
	s.pos, s.after, s.last = at, at, slipSpan{}
	if s.returns++; s.returns > maxSlips {
		s.stop = true // each return rescans a string
	}
}

func (s *slipScanner) commaOrClose() {
	switch c := s.text[s.pos]; {
	case c == ',':
		s.comma = s.pos
		s.pos++
		s.state = wantValue
		if s.inObject() {
			s.state = wantName
		}
	case c == '}' || c == ']':
		s.closeBracket()
	case c == ';':
		s.semicolon()
	case s.last.end == s.after && s.stringRanOn():
	case c == '"' || c == '\'' || c == '{' || c == '[' || isDigitByte(c) || smartQuote(s.text[s.pos:]) > 0 || s.nameAhead():
		s.missingComma()
	default:
		s.unexpected()
	}
}

func (s *slipScanner) semicolon() {
	n := slip{kind: "semicolon", at: s.pos, says: "a semicolon instead of a comma", hint: "write a comma here", sure: true}
	if next := s.peek(s.pos + 1); next == '}' || next == ']' || next == 0 {
		n.says, n.hint = "a semicolon before the closing bracket", "remove this semicolon"
		n.edits = []edit{{s.pos, s.pos + 1, ""}}
		s.pos++
		s.note(n)
		return
	}
	n.edits = []edit{{s.pos, s.pos + 1, ","}}
	s.note(n)
	s.comma = s.pos
	s.pos++
	s.state = wantValue
	if s.inObject() {
		s.state = wantName
	}
}

// nameAhead reports whether a bare word with a colon follows.
func (s *slipScanner) nameAhead() bool {
	end := s.pos
	for end < len(s.text) && isWordByte(s.text[end]) {
		end++
	}
	return end > s.pos && s.peek(end) == ':'
}

func (s *slipScanner) missingComma() {
	s.note(slip{
		kind: "missing comma", at: s.after, says: "missing comma between two " + s.members(), hint: "put a comma here",
		edits: []edit{{s.after, s.after, ","}}, sure: true,
	})
	s.state = wantValue
	if s.inObject() {
		s.state = wantName
	}
}

func (s *slipScanner) members() string {
	if s.inObject() {
		return "fields"
	}
	return "values"
}

// trailing judges what stands behind a complete JSON value.
func (s *slipScanner) trailing() {
	rest := bytes.Trim(s.text[s.pos:], jsonSpace)
	remove := func(kind, says, hint string) {
		s.note(slip{kind: kind, at: s.pos, says: says, hint: hint, edits: []edit{{s.pos, len(s.text), ""}}, sure: len(rest) <= 3})
	}
	switch c := rest[0]; {
	case c == ':' && bytes.HasPrefix(bytes.TrimLeft(s.text, jsonSpace), []byte(`"`)):
		s.unopened()
	case c == '&':
		s.fail("two documents", s.pos, "a second one follows after & (curl joins several -d with &)", "remove this and what follows")
	case c == '{' || c == '[' || c == '"' && len(rest) > 1:
		s.fail("two documents", s.pos, "a second JSON value follows the first", "remove this and what follows")
	case c == ',':
		remove("trailing comma", "comma after the closing bracket", "remove this comma")
	case c == '}' || c == ']':
		remove("surplus bracket", "extra closing bracket", "remove this bracket")
	case c == '\'' || c == '"' || c == '\\' || c == ';' || c == ')' || c == '%' || c == '`':
		remove("stray character", showRune(rest)+" after the end of the JSON", "remove this")
	default:
		s.fail("text after the end", s.pos, "text after the end of the JSON", "remove this and what follows")
	}
}

// unopened notes a text that begins with a member.
func (s *slipScanner) unopened() {
	at := bytes.IndexByte(s.text, '"')
	opened := slices.Concat(s.text[:at], []byte("{"), s.text[at:])
	s.note(slip{
		kind: "missing bracket", at: at, says: "missing opening { at the start", hint: "put { here",
		edits: []edit{{at, at, "{"}}, sure: exchange.ValidJSON(opened),
	})
	s.stop = true
}

// ended notes what is missing at the end of the text.
func (s *slipScanner) ended() {
	if s.state == wantEnd {
		return
	}
	at := len(bytes.TrimRight(s.text, " \t\r\n"))
	if s.state != wantComma {
		what := map[scanState]string{
			wantValue: "before a value", wantFirstItem: "after an opening bracket", wantName: "after a comma",
			wantFirstName: "after an opening brace", wantColon: "after a name",
		}[s.state]
		s.note(slip{kind: slipTruncated, at: at, says: "it ends " + what, hint: "the body ends here"})
		return
	}
	var closers bytes.Buffer
	for i := len(s.stack) - 1; i >= 0; i-- {
		closers.WriteString(closerOf(s.stack[i]))
	}
	n := slip{kind: "missing bracket", at: at, says: "missing closing brackets at the end", hint: "put " + clipText(closers.String()) + " here", sure: !s.number}
	if len(s.stack) == 1 {
		n.says = "missing closing " + closers.String() + " at the end"
	}
	n.edits = []edit{{at, at, closers.String()}}
	s.note(n)
}

// clipText keeps a quotation short.
func clipText(text string) string {
	const limit = 40
	text = exchange.MaskText(text[:min(len(text), 4096)]) // before the cut, which may leave half of a secret
	count := 0
	for i := range text {
		if count++; count > limit {
			return text[:i] + "…"
		}
	}
	return text
}
