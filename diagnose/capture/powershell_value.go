package capture

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// powerScript reads values of PowerShell, as far as they are literal. What only the
// running shell knows becomes a placeholder.
type powerScript struct {
	text   string
	at     int
	depth  int
	bad    bool // the text is no PowerShell, or ends too early
	values map[string]value
	texts  map[string]string // those of the values that are texts, for "$name" in a text
}

func (s *powerScript) fail() value {
	s.bad = true
	s.at = len(s.text)
	return value{}
}

// peek returns the next byte behind blanks, comments and joined lines, 0 at the
// end. Line breaks count as blanks where a bracket is open.
func (s *powerScript) peek(lines bool) byte {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || lines && rest[0] == '\n':
			s.at++
		case strings.HasPrefix(rest, "`\n"):
			s.at += 2
		case strings.HasPrefix(rest, "`\r\n"):
			s.at += 3
		case rest[0] == '#':
			s.at += lineLength(rest)
		case rest[0] == 0: // no source holds one, and it stands for the end
			s.fail()
		default:
			return rest[0]
		}
	}
	return 0
}

func (s *powerScript) take(c byte, lines bool) bool {
	if s.peek(lines) != c || c == 0 {
		return false
	}
	s.at++
	return true
}

// takeFold goes behind a word, whatever its case.
func (s *powerScript) takeFold(word string) bool {
	rest := s.text[s.at:]
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) || len(rest) > len(word) && isScriptName(rest[len(word)]) {
		return false
	}
	s.at += len(word)
	return true
}

// expression reads a value with what is done to it: texts added up, lists, a pipe
// into ConvertTo-Json. lines tells that a bracket is open around it.
func (s *powerScript) expression(lines bool) value {
	if s.depth++; s.depth > maxValueDepth {
		return s.fail()
	}
	defer func() { s.depth-- }()
	v := s.list(lines)
	for !s.bad && s.take('|', lines) {
		s.peek(lines)
		if !s.takeFold("ConvertTo-Json") {
			s.skipExpression(lines)
			return placeholder("expression", "${", "}")
		}
		v = s.converted(v, lines)
	}
	if s.bad {
		return value{}
	}
	if c := s.peek(lines); c != 0 && strings.IndexByte(";)}\n", c) < 0 && !lines || s.isOperator() {
		s.skipExpression(lines)
		return placeholder("expression", "${", "}")
	}
	return v
}

// isOperator reports whether an operator stands where a value ends: "-f", "*".
func (s *powerScript) isOperator() bool {
	rest := s.text[s.at:]
	return rest != "" && strings.IndexByte("*/%?", rest[0]) >= 0 || len(rest) > 1 && rest[0] == '-' && isLetter(rest[1])
}

// list reads values with commas between them: one is itself.
func (s *powerScript) list(lines bool) value {
	v := s.sum(lines)
	if s.peek(lines) != ',' {
		return v
	}
	all := value{kind: valueList, members: []valueMember{{"", v}}}
	for !s.bad && s.take(',', lines) {
		s.peek(true)
		all.members = append(all.members, valueMember{"", s.sum(lines)})
	}
	return all
}

// sum reads values with + between them.
func (s *powerScript) sum(lines bool) value {
	v := s.primary()
	parts := []value{v}
	for !s.bad && s.peek(lines) == '+' {
		s.at++
		s.peek(true)
		parts = append(parts, s.primary())
	}
	if len(parts) == 1 {
		return v
	}
	var b strings.Builder
	var opaque []string
	for i, part := range parts {
		if !part.isPlain() || i == 0 && part.kind != valueText {
			return placeholder("expression", "${", "}")
		}
		b.WriteString(part.text)
		opaque = append(opaque, part.opaque...)
	}
	return value{kind: valueText, text: b.String(), opaque: opaque}
}

// primary reads one operand.
func (s *powerScript) primary() value {
	if s.depth++; s.depth > maxValueDepth {
		return s.fail()
	}
	defer func() { s.depth-- }()
	c := s.peek(false)
	rest := s.text[s.at:]
	switch {
	case c == '\'' || c == '"' || strings.HasPrefix(rest, "@'\n") || strings.HasPrefix(rest, "@\"\n"):
		return s.quoted()
	case strings.HasPrefix(rest, "@{"):
		return s.table()
	case strings.HasPrefix(rest, "@("):
		return s.array()
	case c == '(':
		return s.parenthesis()
	case strings.HasPrefix(rest, "$("):
		return s.placeholderTo(s.closer(s.at + 1))
	case c == '$':
		return s.variable()
	case c == '[':
		return s.cast()
	case c == '-' || isDigitByte(c):
		return s.number()
	}
	return s.fail()
}

// closer returns the offset behind the bracket that closes the one at an offset.
func (s *powerScript) closer(at int) int {
	inner := &powerScript{text: s.text, at: at + 1, depth: s.depth}
	inner.brackets()
	if inner.bad {
		s.bad = true
	}
	return inner.at
}

// brackets goes behind the bracket that closes the open one.
func (s *powerScript) brackets() {
	if s.depth++; s.depth > maxValueDepth {
		s.fail()
		return
	}
	defer func() { s.depth-- }()
	for !s.bad {
		switch c := s.peek(true); c {
		case 0:
			s.fail()
		case ')', '}', ']':
			s.at++
			return
		case '(', '{', '[':
			s.at++
			s.brackets()
		case '\'', '"':
			s.quoted()
		case '`':
			s.at = min(s.at+2, len(s.text))
		default:
			s.at++
		}
	}
}

// placeholderTo goes to an offset and stands for what was there.
func (s *powerScript) placeholderTo(end int) value {
	s.at = min(end, len(s.text))
	return placeholder("expression", "${", "}")
}

// skipExpression goes behind what cannot be read.
func (s *powerScript) skipExpression(lines bool) {
	for !s.bad {
		c := s.peek(lines)
		switch {
		case c == 0 || strings.IndexByte(";)}\n", c) >= 0:
			return
		case strings.IndexByte("({[", c) >= 0:
			s.at++
			s.brackets()
		case c == '\'' || c == '"':
			s.quoted()
		case c == '`':
			s.at = min(s.at+2, len(s.text))
		default:
			s.at++
		}
	}
}

// charCode is how browsers write what is not ASCII: $([char]233).
var charCode = regexp.MustCompile(`(?:\$\(\[char\]\d{1,5}\))+`)

// quoted reads a text in quotes, or between @' and '@.
func (s *powerScript) quoted() value {
	l := &powerShellLine{text: s.text, vars: s.texts}
	start := s.at
	switch {
	case s.text[s.at] == '@':
		s.at = l.hereString(s.at)
	case s.text[s.at] == '\'':
		s.at = l.single(s.at)
	default:
		end := quoteEnd(s.text, s.at)
		if end < 0 {
			return s.fail()
		}
		l.text = charCode.ReplaceAllStringFunc(s.text[start:end], charsOf)
		l.double(0)
		s.at = end
	}
	if l.quote != "" {
		return s.fail()
	}
	return withoutCommands(value{kind: valueText, text: l.word.String(), opaque: l.opaque})
}

// withoutCommands puts a placeholder where a command stands in a text: $(Get-Token).
func withoutCommands(v value) value {
	v.opaque = unique(v.opaque)
	if len(v.opaque) > maxUnexpanded {
		return placeholder("expression", "${", "}")
	}
	unnamed := placeholder("expression", "${", "}")
	for i, o := range v.opaque {
		if strings.HasPrefix(o, "$(") {
			v.text = strings.ReplaceAll(v.text, o, unnamed.text)
			v.opaque[i] = unnamed.text
		}
	}
	return v
}

// quoteEnd returns the offset behind a text in double quotes, -1 where it does not
// end.
func quoteEnd(text string, at int) int {
	for i := at + 1; i < len(text); i++ {
		switch {
		case text[i] == '`':
			i++
		case text[i] == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
		case text[i] == '"':
			return i + 1
		}
	}
	return -1
}

// charsOf writes code units of UTF-16 as the characters that they are.
func charsOf(codes string) string {
	var units []uint16
	for _, part := range strings.Split(codes, "[char]")[1:] {
		n, err := strconv.ParseUint(strings.TrimRight(part, "$()"), 10, 16)
		if err != nil || n < 0x80 && n >= ' ' {
			return codes
		}
		units = append(units, uint16(n))
	}
	return string(utf16.Decode(units))
}

// variable reads $name: its value, where the text tells it.
func (s *powerScript) variable() value {
	name, end := powerName(s.text, s.at)
	if name == "" {
		return s.fail()
	}
	written := s.text[s.at:end]
	s.at = end
	if s.at < len(s.text) && (s.text[s.at] == '.' || s.text[s.at] == '[') { // its member
		for s.at < len(s.text) && (isNameByte(s.text[s.at]) || strings.IndexByte(".[(", s.text[s.at]) >= 0) && !s.bad {
			if c := s.text[s.at]; c == '[' || c == '(' {
				s.at = s.closer(s.at)
				continue
			}
			s.at++
		}
		return placeholder("expression", "${", "}")
	}
	switch strings.ToLower(name) {
	case "true", "false", "null":
		return value{kind: valueWord, text: strings.ToLower(name)}
	}
	if v, ok := s.values[strings.ToLower(name)]; ok {
		return v
	}
	return placeholder(strings.Trim(strings.TrimPrefix(written, "$"), "{}"), "$", "")
}

func (s *powerScript) number() value {
	start := s.at
	for s.at < len(s.text) && (isAlnum(s.text[s.at]) || s.text[s.at] == '.' || s.text[s.at] == '-' && s.at == start) {
		s.at++
	}
	written := s.text[start:s.at]
	n, err := strconv.ParseFloat(written, 64)
	switch {
	case s.at == start:
		return s.fail()
	case err != nil || strings.Trim(written, "0123456789.eE-") != "":
		return placeholder("expression", "${", "}")
	}
	if strings.Trim(written, "0123456789-") != "" || len(written) > 15 || len(written) > 1 && written[0] == '0' {
		written = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return value{kind: valueWord, text: written}
}

// cast reads [type]value: of the types that leave a value as it is, and of
// [System.Text.Encoding]::UTF8.GetBytes(…).
func (s *powerScript) cast() value {
	end := strings.IndexByte(s.text[s.at:min(len(s.text), s.at+64)], ']')
	if end < 0 {
		return s.fail()
	}
	name := strings.ToLower(s.text[s.at+1 : s.at+end])
	s.at += end + 1
	if strings.HasSuffix(name, "text.encoding") && s.takeFold("::UTF8.GetBytes") {
		return s.parenthesis()
	}
	switch name {
	case "ordered", "pscustomobject", "hashtable", "string", "byte[":
		return s.primary()
	}
	s.skipExpression(false)
	return placeholder("expression", "${", "}")
}

// parenthesis reads ( … ), with what is asked of the value behind it.
func (s *powerScript) parenthesis() value {
	if !s.take('(', false) {
		return s.fail()
	}
	start := s.at
	inner := &powerScript{text: s.text, at: s.at, depth: s.depth, values: s.values, texts: s.texts}
	inner.peek(true)
	v := inner.expression(true)
	if inner.bad || !inner.take(')', true) {
		s.at = start // a command, for one
		s.at = s.closer(start - 1)
		v = placeholder("expression", "${", "}")
	} else {
		s.at = inner.at
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		for s.at < len(s.text) && (isNameByte(s.text[s.at]) || s.text[s.at] == '.') {
			s.at++
		}
		if s.at < len(s.text) && s.text[s.at] == '(' {
			s.at = s.closer(s.at)
		}
		return placeholder("expression", "${", "}")
	}
	return v
}

// array reads @( … ).
func (s *powerScript) array() value {
	s.at += 2
	all := value{kind: valueList}
	for !s.bad {
		switch c := s.peek(true); c {
		case ')':
			s.at++
			return all
		case ',', ';':
			s.at++
		default:
			all.members = append(all.members, valueMember{"", s.sum(false)})
		}
	}
	return value{}
}

// table reads @{ name = value … }.
func (s *powerScript) table() value {
	v, seen := value{kind: valueObject}, map[string]int{}
	s.at += 2
	for !s.bad {
		switch c := s.peek(true); c {
		case '}':
			s.at++
			return v
		case ';':
			s.at++
			continue
		}
		name, known := s.key()
		if !s.take('=', true) {
			return s.fail()
		}
		s.peek(true)
		member := s.expression(false)
		if !known {
			v.open = true
			continue
		}
		v.put(name, member, seen)
	}
	return value{}
}

// key reads the name of a member.
func (s *powerScript) key() (name string, known bool) {
	c := s.peek(true)
	switch {
	case c == '\'' || c == '"':
		v := s.quoted()
		return v.text, len(v.opaque) == 0
	case c == '$' || c == '(':
		s.primary()
		return "", false
	}
	start := s.at
	for s.at < len(s.text) && isNameByte(s.text[s.at]) {
		s.at++
	}
	if s.at == start {
		s.fail()
	}
	return s.text[start:s.at], true
}

// converted reads the parameters of ConvertTo-Json, which writes two levels below
// the first unless it is told otherwise, and the names of types in place of others.
func (s *powerScript) converted(v value, lines bool) value {
	depth := 2
	for !s.bad && s.peek(lines) == '-' {
		switch {
		case s.takeFold("-Depth"):
			s.take(':', lines)
			n, err := strconv.Atoi(s.primary().text)
			if err != nil {
				return placeholder("expression", "${", "}")
			}
			depth = n
		case s.takeFold("-Compress"), s.takeFold("-EnumsAsStrings"):
		default:
			return s.fail()
		}
	}
	if v.kind == valueUnknown || v.levels() > depth+1 {
		return placeholder("expression", "${", "}")
	}
	return v.asJSON()
}
