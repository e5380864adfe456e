package capture

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// script reads values of JavaScript (ECMA-262), as far as they are literal. What
// only the running program knows becomes a placeholder.
type script struct {
	text  string
	at    int
	depth int
	bad   bool // the text is no JavaScript, or ends too early
}

// fail gives the text up.
func (s *script) fail() value {
	s.bad = true
	s.at = len(s.text)
	return value{}
}

// peek returns the next byte that is neither blank nor comment, 0 at the end.
func (s *script) peek() byte {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case strings.IndexByte(" \t\n\r", rest[0]) >= 0:
			s.at++
		case strings.HasPrefix(rest, "//"):
			s.at += lineLength(rest)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				s.fail()
				return 0
			}
			s.at += end + 2
		case rest[0] == 0: // no source holds one, and it stands for the end
			s.fail()
		default:
			return rest[0]
		}
	}
	return 0
}

// take goes behind a byte where it is the next.
func (s *script) take(c byte) bool {
	if s.peek() != c || c == 0 {
		return false
	}
	s.at++
	return true
}

// takeWord goes behind a text where it is the next and no name goes on with it.
func (s *script) takeWord(word string) bool {
	s.peek()
	rest, ok := strings.CutPrefix(s.text[s.at:], word)
	if !ok || isScriptName(word[len(word)-1]) && rest != "" && isScriptName(rest[0]) {
		return false
	}
	s.at += len(word)
	return true
}

func isScriptName(c byte) bool { return isAlnum(c) || c == '_' || c == '$' || c >= utf8.RuneSelf }

// value reads an expression: what it is where that can be seen, a placeholder
// where it cannot.
func (s *script) value() value {
	if s.depth++; s.depth > maxValueDepth {
		return s.fail()
	}
	defer func() { s.depth-- }()
	s.peek()
	start := s.at
	v, parts := s.primary(), []value(nil)
	for !s.bad {
		switch c := s.peek(); {
		case c == 0 || strings.IndexByte(",)}];", c) >= 0:
			return joined(append([]value{v}, parts...), s.text[start:s.at])
		case c == '+' && !strings.HasPrefix(s.text[s.at:], "++"):
			s.at++
			parts = append(parts, s.primary())
		default:
			s.at = start
			return s.expression()
		}
	}
	return value{}
}

// joined adds values up as texts.
func joined(list []value, source string) value {
	if len(list) == 1 {
		return list[0]
	}
	isText := false
	var b strings.Builder
	var opaque []string
	for _, v := range list {
		if !v.isPlain() {
			return placeholder(source, "${", "}")
		}
		isText = isText || v.kind == valueText
		b.WriteString(v.text)
		opaque = append(opaque, v.opaque...)
	}
	if !isText || list[0].kind != valueText && list[1].kind != valueText { // numbers are added up before
		return placeholder(source, "${", "}")
	}
	return value{kind: valueText, text: b.String(), opaque: opaque}
}

// primary reads one operand.
func (s *script) primary() value {
	switch c := s.peek(); {
	case c == '\'' || c == '"':
		return s.string()
	case c == '`':
		return s.template()
	case c == '{':
		return s.object()
	case c == '[':
		return s.list()
	case c == '-' || isDigitByte(c):
		return s.number()
	case s.takeWord("JSON.stringify"):
		return s.stringify()
	case s.takeWord("new Headers"):
		return s.argument(func(v value) value { return v })
	case s.takeWord("new URLSearchParams"):
		return s.argument(searchParams)
	case s.takeWord("new URL"):
		return s.newURL()
	case isScriptName(c):
		return s.name()
	}
	return s.operand()
}

// operand is one that cannot be read: it ends the value, and the whole of it is an
// expression. What ends a value cannot begin one.
func (s *script) operand() value {
	if c := s.peek(); c == 0 || strings.IndexByte(",)}];", c) >= 0 {
		return s.fail()
	}
	return s.expression()
}

// expression goes behind an expression, whatever it is.
func (s *script) expression() value {
	s.peek()
	start := s.at
	for s.at < len(s.text) && !s.bad {
		switch c := s.peek(); {
		case c == 0:
		case strings.IndexByte(",)}];", c) >= 0:
			return placeholder(s.text[start:s.at], "${", "}")
		default:
			s.skip()
		}
	}
	if s.bad {
		return value{}
	}
	return placeholder(s.text[start:], "${", "}")
}

// skip goes behind one character, or what it opens.
func (s *script) skip() {
	switch c := s.text[s.at]; c {
	case '\'', '"':
		s.string()
	case '`':
		s.template()
	case '(', '[', '{':
		s.brackets(c)
	default:
		s.at++
	}
}

// brackets goes behind the bracket that closes the one at hand.
func (s *script) brackets(open byte) {
	if s.depth++; s.depth > maxValueDepth {
		s.fail()
		return
	}
	defer func() { s.depth-- }()
	closer := map[byte]byte{'(': ')', '[': ']', '{': '}'}[open]
	s.at++
	for !s.bad {
		c := s.peek()
		switch {
		case c == 0:
			s.fail()
			return
		case c == closer:
			s.at++
			return
		case strings.IndexByte(")]}", c) >= 0:
			s.fail()
			return
		}
		s.skip()
	}
}

// name reads a constant, or a variable with its members and calls.
func (s *script) name() value {
	start := s.at
	word := s.word()
	switch word {
	case "true", "false", "null", "undefined":
		return value{kind: valueWord, text: word}
	case "await", "new", "typeof", "void", "async", "function":
		s.at = start
		return s.expression()
	}
	for s.at < len(s.text) && !s.bad {
		switch c := s.text[s.at]; {
		case isScriptName(c), c == '.', c == '!' && !strings.HasPrefix(s.text[s.at:], "!="):
			s.at++
		case c == '?' && strings.HasPrefix(s.text[s.at:], "?."):
			s.at += 2
		case c == '(' || c == '[':
			s.brackets(c)
		default:
			return placeholder(s.text[start:s.at], "${", "}")
		}
	}
	return placeholder(s.text[start:s.at], "${", "}")
}

func (s *script) word() string {
	start := s.at
	for s.at < len(s.text) && isScriptName(s.text[s.at]) {
		s.at++
	}
	return s.text[start:s.at]
}

func (s *script) number() value {
	start := s.at
	for s.at < len(s.text) && (isAlnum(s.text[s.at]) || strings.IndexByte("._", s.text[s.at]) >= 0 ||
		strings.IndexByte("+-", s.text[s.at]) >= 0 && (s.at == start || s.text[s.at-1]|0x20 == 'e')) {
		s.at++
	}
	written := strings.ReplaceAll(s.text[start:s.at], "_", "")
	if n, err := strconv.ParseFloat(written, 64); err == nil && strings.Trim(written, "0123456789.eE+-") == "" {
		if strings.Trim(written, "0123456789-") != "" || len(written) > 15 || len(written) > 1 && written[0] == '0' {
			written = strconv.FormatFloat(n, 'f', -1, 64)
		}
		return value{kind: valueWord, text: written}
	}
	if s.at == start {
		return s.fail()
	}
	return placeholder(written, "${", "}")
}

// string reads '…' and "…".
func (s *script) string() value {
	quote := s.text[s.at]
	var b strings.Builder
	for s.at++; s.at < len(s.text); {
		switch c := s.text[s.at]; {
		case c == quote:
			s.at++
			return value{kind: valueText, text: b.String()}
		case c == '\n':
			return s.fail()
		case c == '\\':
			s.escape(&b)
		default:
			b.WriteByte(c)
			s.at++
		}
	}
	return s.fail()
}

// template reads `…` with its ${…}.
func (s *script) template() value {
	if s.depth++; s.depth > maxValueDepth {
		return s.fail()
	}
	defer func() { s.depth-- }()
	var b strings.Builder
	var opaque []string
	for s.at++; s.at < len(s.text); {
		switch c := s.text[s.at]; {
		case c == '`':
			s.at++
			return value{kind: valueText, text: b.String(), opaque: opaque}
		case c == '\\':
			s.escape(&b)
		case strings.HasPrefix(s.text[s.at:], "${"):
			s.at += 2
			start := s.at
			v := s.value()
			if !v.isPlain() {
				v = placeholder(s.text[start:s.at], "${", "}")
			}
			if !s.take('}') {
				return s.fail()
			}
			b.WriteString(v.text)
			opaque = append(opaque, v.opaque...)
		default:
			b.WriteByte(c)
			s.at++
		}
	}
	return s.fail()
}

// escape reads a backslash with what follows it.
func (s *script) escape(b *strings.Builder) {
	rest := s.text[s.at+1:]
	if rest == "" {
		s.fail()
		return
	}
	const letters, values = "bfnrtv0", "\b\f\n\r\t\v\x00"
	switch c := rest[0]; {
	case c == 'u' || c == 'x':
		r, size := scriptRune(rest)
		if size == 0 {
			s.fail()
			return
		}
		b.WriteRune(r)
		s.at += 1 + size
		return
	case strings.IndexByte(letters, c) >= 0:
		b.WriteByte(values[strings.IndexByte(letters, c)])
	case c == '\n': // joins lines
	default:
		b.WriteByte(c)
	}
	s.at += 2
}

// scriptRune reads x41, u0041, u{41} and the two halves of a surrogate pair.
func scriptRune(text string) (r rune, size int) {
	hex := func(from, to int) rune {
		if to > len(text) || to <= from {
			return -1
		}
		n, err := strconv.ParseUint(text[from:to], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return -1
		}
		return rune(n)
	}
	switch {
	case text[0] == 'x':
		r, size = hex(1, 3), 3
	case strings.HasPrefix(text, "u{"):
		end := strings.IndexByte(text[:min(len(text), 10)], '}')
		r, size = hex(2, end), end+1
	default:
		r, size = hex(1, 5), 5
		if low := hex(7, 11); utf16.IsSurrogate(r) && strings.HasPrefix(text[min(len(text), 5):], `\u`) && low >= 0 {
			return utf16.DecodeRune(r, low), 11
		}
	}
	if r < 0 {
		return 0, 0
	}
	return r, size
}

// list reads an array.
func (s *script) list() value {
	v := value{kind: valueList}
	s.at++
	for !s.bad {
		switch {
		case s.take(']'):
			return v
		case s.takeWord("..."):
			s.value()
			v.open = true
		default:
			v.members = append(v.members, valueMember{"", s.value()})
		}
		if !s.take(',') && s.peek() != ']' {
			return s.fail()
		}
	}
	return value{}
}

// object reads an object.
func (s *script) object() value {
	v, seen := value{kind: valueObject}, map[string]int{}
	s.at++
	for !s.bad {
		if s.take('}') {
			return v
		}
		s.members(&v, seen)
		if !s.take(',') && s.peek() != '}' {
			return s.fail()
		}
	}
	return value{}
}

// members reads one member of an object, or those that it takes from another.
func (s *script) members(v *value, seen map[string]int) {
	if s.takeWord("...") {
		from := s.value()
		if from.kind != valueObject || from.open {
			v.open = true
			v.members, v.opaque = forgotten(v.members), nil // the other object may say otherwise
			clear(seen)
			for i, m := range v.members {
				seen[m.name] = i
			}
		}
		for _, m := range from.members {
			v.put(m.name, m.value, seen)
		}
		return
	}
	name, known := s.key()
	c := s.peek()
	switch {
	case s.bad:
	case c == ':':
		s.at++
		member := s.value()
		if !known {
			v.open = true
			return
		}
		v.put(name, member, seen)
	case c == '(' || c != ',' && c != '}': // a method, an accessor
		s.expression()
		v.open = true
	default:
		v.put(name, placeholder(name, "${", "}"), seen)
	}
}

// forgotten are members whose values another object may replace.
func forgotten(members []valueMember) []valueMember {
	list := make([]valueMember, 0, len(members))
	for _, m := range members {
		list = append(list, valueMember{m.name, placeholder(m.name, "${", "}")})
	}
	return list
}

// key reads the name of a member; known is false for one that is computed.
func (s *script) key() (name string, known bool) {
	switch c := s.peek(); {
	case c == '\'' || c == '"':
		return s.string().text, true
	case c == '[':
		s.brackets(c)
		return "", false
	case isScriptName(c):
		return s.word(), true
	}
	s.fail()
	return "", false
}

// stringify reads the arguments of JSON.stringify. What a replacer makes is not
// known.
func (s *script) stringify() value {
	if !s.take('(') {
		return s.fail()
	}
	v := s.value()
	known := true
	if s.take(',') && s.peek() != ')' {
		known = s.value().isNothing()
		if s.take(',') && s.peek() != ')' {
			s.value() // the indentation
			s.take(',')
		}
	}
	switch {
	case !s.take(')'):
		return s.fail()
	case v.kind == valueUnknown || !known:
		return placeholder("JSON.stringify()", "${", "}")
	}
	return v.asJSON()
}

// argument reads the one argument of a call; without one it is an empty object.
func (s *script) argument(change func(value) value) value {
	if !s.take('(') {
		return s.expression()
	}
	if s.take(')') {
		return change(value{kind: valueObject})
	}
	v := s.value()
	s.take(',')
	if !s.take(')') {
		return s.fail()
	}
	return change(v)
}

// searchParams is what URLSearchParams makes of an object, of pairs or of a text.
func searchParams(v value) value {
	switch v.kind {
	case valueObject:
		form := v.asForm()
		form.members = []valueMember{{name: formMark}}
		return form
	case valueText:
		v.text = strings.TrimPrefix(v.text, "?")
		v.members = []valueMember{{name: formMark}}
		return v
	}
	return placeholder("URLSearchParams()", "${", "}")
}

// formMark is the member by which a text is known as one of URLSearchParams, which
// says the type of the content.
const formMark = "application/x-www-form-urlencoded;charset=UTF-8"

// newURL reads new URL(path, base).
func (s *script) newURL() value {
	if !s.take('(') {
		return s.fail()
	}
	path, base := s.value(), value{}
	if s.take(',') && s.peek() != ')' {
		base = s.value()
		s.take(',')
	}
	switch {
	case !s.take(')'):
		return s.fail()
	case path.kind == valueText && (base.kind == valueUnknown && base.text == "" || strings.Contains(path.text, "://")):
		return path
	case path.kind == valueText && base.kind == valueText && strings.HasPrefix(path.text, "/") && strings.Count(base.text, "/") < 4:
		base.text = strings.TrimSuffix(base.text, "/")
		url, _ := base.plus(path)
		return url
	}
	return placeholder("URL()", "${", "}")
}
