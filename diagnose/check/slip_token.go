package check

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads a value, or finds out why there is none.
func (s *slipScanner) value() {
	s.number = false
	switch c := s.text[s.pos]; {
	case c == '{' && s.bracedName():
		s.word()
	case c == '[' && bytes.HasPrefix(s.text[s.pos:], []byte("[object ")):
		s.word()
	case c == '{' || c == '[':
		s.push(c)
	case c == '"':
		s.plainString(false)
	case c == '\'' || c == '`' || smartQuote(s.text[s.pos:]) > 0:
		s.oddString(false)
	case c == ',' || c == '}' || c == ']' || c == ';':
		s.noValue()
	case c == ':':
		s.note(slip{kind: "doubled colon", at: s.pos, says: "extra colon", hint: "remove this colon", edits: []edit{{s.pos, s.pos + 1, ""}}, sure: true})
		s.pos++
	case isDigitByte(c) || c == '-' || c == '+' || c == '.' && s.pos+1 < len(s.text) && isDigitByte(s.text[s.pos+1]):
		s.numeral()
	case c == '=' || c == ')' || c == '(' || c < 0x20:
		s.unexpected()
	default:
		s.word()
	}
}

// bracedName reports whether a template variable begins here: {{name}}, {name}.
func (s *slipScanner) bracedName() bool {
	end := bytes.IndexByte(s.text[s.pos:min(len(s.text), s.pos+80)], '}')
	if end < 0 {
		return false
	}
	end += s.pos + 1
	if end < len(s.text) && s.text[s.pos+1] == '{' && s.text[end] == '}' {
		end++
	}
	return template(string(s.text[s.pos:end])) != ""
}

// noValue judges a comma or bracket where a value is due.
func (s *slipScanner) noValue() {
	c := s.text[s.pos]
	switch {
	case s.inObject():
		s.note(slip{
			kind: slipNoValue, at: s.pos, says: "a field has no value, which happens if a shell variable is empty", hint: "put a value here",
		})
		s.valueDone()
	case len(s.stack) == 0:
		s.unexpected()
	case c == ']' || c == '}':
		if s.state == wantValue {
			s.trailingComma()
		}
		s.closeBracket()
	case c == ',':
		s.doubledComma()
	default:
		s.unexpected()
	}
}

// plainString reads a string in double quotes.
func (s *slipScanner) plainString(name bool) {
	start := s.pos
	s.mark = len(s.slips)
	var breaks, controls []edit
	i := start + 1
	for i < len(s.text) {
		switch c := s.text[i]; {
		case c == '"':
			s.noteControls(breaks, controls)
			s.stringDone(start, i+1, name)
			return
		case c == '\\':
			i += s.escape(i)
		case c == '\n' || c == '\r':
			if s.brokenLine(start, i, name) {
				return
			}
			size := 1
			if c == '\r' && i+1 < len(s.text) && s.text[i+1] == '\n' {
				size = 2
			}
			breaks = append(breaks, edit{i, i + size, `\n`})
			i += size
		case c < 0x20:
			controls = append(controls, edit{i, i + 1, controlEscape(c)})
			i++
		default:
			i++
		}
	}
	s.slips = s.slips[:s.mark]
	s.endless(start, name)
}

func controlEscape(c byte) string {
	if c == '\t' {
		return `\t`
	}
	return fmt.Sprintf(`\u%04x`, c)
}

func (s *slipScanner) noteControls(breaks, controls []edit) {
	if len(breaks) > 0 {
		s.note(slip{
			kind: "newline in a string", at: breaks[0].start, says: "a string contains a newline", hint: `write \n instead of the newline`,
			edits: breaks, sure: true,
		})
	}
	if len(controls) > 0 {
		s.note(slip{
			kind: "control character", at: controls[0].start, says: "a string contains an unescaped control character",
			hint: "write " + controls[0].text + " here", edits: controls, sure: true,
		})
	}
}

func (s *slipScanner) stringDone(start, end int, name bool) {
	s.last = slipSpan{start, end}
	s.pos = end
	if name {
		s.after = end
		s.state = wantColon
		return
	}
	s.valueDone()
}

// escape judges the escape at a backslash (RFC 8259 section 7) and returns its
// length.
func (s *slipScanner) escape(at int) int {
	if at+1 >= len(s.text) {
		return 1
	}
	c := s.text[at+1]
	switch {
	case bytes.IndexByte([]byte(`"\/bfnrt`), c) >= 0:
		return 2
	case c == 'u' && hexDigits(s.text, at+2, 4):
		return 6
	}
	n := slip{kind: "unknown escape", at: at, says: "a backslash in a string before " + showRune(s.text[at+1:]), hint: `write \\ for a backslash`, sure: true}
	size := 2
	switch {
	case c == '\'':
		n.hint, n.edits = "remove this backslash", []edit{{at, at + 1, ""}}
	case c == 'x' && hexDigits(s.text, at+2, 2):
		size = 4
		n.hint, n.edits = `write \u00 for \x`, []edit{{at, at + 2, `\u00`}}
	case c == '\n' || c == '\r':
		size = 1
		n.hint, n.edits = "remove this backslash", []edit{{at, at + 1, ""}}
	default:
		size = 1
		n.edits = []edit{{at, at + 1, `\\`}}
	}
	s.note(n)
	return size
}

func hexDigits(text []byte, at, count int) bool {
	if at+count > len(text) {
		return false
	}
	for _, c := range text[at : at+count] {
		if !isDigitByte(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// brokenLine decides whether a line break in a string means that the closing
// quote is missing on this line. If so it goes back to where the quote belongs.
func (s *slipScanner) brokenLine(start, at int, name bool) bool {
	if name {
		s.last, s.after = slipSpan{start, at}, at
		return s.nameWithoutQuote()
	}
	content := bytes.TrimRight(s.text[start+1:at], " \t")
	end := start + 1 + len(content)
	next := s.peek(at)
	switch {
	case bytes.HasSuffix(content, []byte(",")) && (next == '"' || next == '\'' || s.wordColon(at)):
		end--
	case next == '}' || next == ']':
		if bytes.HasSuffix(content, []byte(",")) {
			end--
		}
	case next == '"' && s.nameOnLine(at):
	default:
		return false
	}
	s.goBack(end, "missing closing quote of a string")
	s.valueDone()
	return true
}

// wordColon reports whether the next line begins with a bare name and a colon.
func (s *slipScanner) wordColon(at int) bool {
	for at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[at]) >= 0 {
		at++
	}
	begin := at
	for at < len(s.text) && isWordByte(s.text[at]) {
		at++
	}
	return at > begin && s.peek(at) == ':'
}

// nameOnLine reports whether the next line begins with "name":.
func (s *slipScanner) nameOnLine(at int) bool {
	at += bytes.IndexByte(s.text[at:], '"') + 1
	end := at
	for end < len(s.text) && (isWordByte(s.text[end]) || s.text[end] == '-') {
		end++
	}
	return end > at && end < len(s.text) && s.text[end] == '"' && s.peek(end+1) == ':'
}

// endless notes a string that has no end: its quote is missing before the last
// brackets, or the text was cut.
func (s *slipScanner) endless(start int, name bool) {
	content := bytes.TrimRight(s.text[start+1:], " \t\r\n")
	end := len(content)
	for open := 0; open < len(s.stack) && end > 0; open++ {
		trimmed := bytes.TrimRight(content[:end], " \t\r\n")
		if len(trimmed) == 0 || string(trimmed[len(trimmed)-1:]) != closerOf(s.stack[open]) {
			break
		}
		end = len(trimmed) - 1
		if open < len(s.stack)-1 {
			continue
		}
		if !name && bytes.IndexByte(content, '\n') < 0 {
			at := start + 1 + len(bytes.TrimRight(content[:end], " \t\r\n"))
			s.mark = len(s.slips)
			s.goBack(at, "missing closing quote of a string")
			s.valueDone()
			return
		}
	}
	s.fail(slipTruncated, start, "it ends within the string that starts here", "this string isn't closed")
}

// stringRanOn judges what stands right behind a string where a comma is due.
// The string may have begun where another should have ended, or hold quotes
// that need a backslash.
func (s *slipScanner) stringRanOn() bool {
	content := s.text[s.last.start+1 : s.last.end-1]
	if s.pos != s.after || s.text[s.last.start] != '"' {
		return false
	}
	trimmed := bytes.TrimRight(content, " \t")
	if quote := lastSmartQuote(trimmed); quote >= 0 {
		return s.smartEnd(s.last.start + 1 + quote)
	}
	if bytes.HasSuffix(trimmed, []byte(",")) && s.nameEndsHere() {
		at := s.last.start + 1 + len(trimmed) - 1
		s.goBack(at, "missing closing quote of a string")
		s.valueDone()
		return true
	}
	return s.innerQuotes()
}

// lastSmartQuote returns the offset of a smart quote that ends a value within
// the content of a string: `abc”, `.
func lastSmartQuote(content []byte) int {
	content = bytes.TrimRight(bytes.TrimSuffix(content, []byte(",")), " \t")
	for _, quote := range []string{"”", "“", "„"} {
		if bytes.HasSuffix(content, []byte(quote)) {
			return len(content) - len(quote)
		}
	}
	return -1
}

func (s *slipScanner) smartEnd(at int) bool {
	size := smartQuote(s.text[at:])
	s.slips = s.slips[:s.mark]
	s.note(slip{
		kind: "smart quotes", at: at, says: "a curly quote ends a string", hint: "write a straight double quote here",
		edits: []edit{{at, at + size, `"`}}, sure: true,
	})
	s.pos, s.last = at+size, slipSpan{}
	s.valueDone()
	return true
}

// nameEndsHere reports whether `word":` stands at the position.
func (s *slipScanner) nameEndsHere() bool {
	end := s.pos
	for end < len(s.text) && (isWordByte(s.text[end]) || s.text[end] == '-') {
		end++
	}
	return end > s.pos && end < len(s.text) && s.text[end] == '"' && s.peek(end+1) == ':'
}

// innerQuotes reads the last string again with the quotes inside it escaped: its
// end is the first quote that a comma or bracket follows.
func (s *slipScanner) innerQuotes() bool {
	var edits []edit
	for i := s.last.start + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\':
			i++
		case c == '\n' || c == '\r':
			edits = append(edits, edit{i, i + 1, map[byte]string{'\n': `\n`, '\r': ""}[c]})
		case c < 0x20:
			edits = append(edits, edit{i, i + 1, controlEscape(c)})
		case c == '"':
			if next := s.peek(i + 1); next != ',' && next != '}' && next != ']' && next != 0 {
				edits = append(edits, edit{i, i, `\`})
				continue
			}
			if i < s.last.end {
				return false // nothing would be won
			}
			s.slips = s.slips[:s.mark]
			s.note(slip{
				kind: "quote in a string", at: s.last.end - 1, says: "a string contains a double quote without a backslash",
				hint: `write \" here`, edits: edits, sure: true,
			})
			s.stringDone(s.last.start, i+1, false)
			return true
		}
	}
	return false
}

// smartQuote returns the length of a typographic quote, 0 for none.
func smartQuote(text []byte) int {
	switch r, size := utf8.DecodeRune(text); r {
	case '“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛', '″', '′', '＂':
		return size
	}
	return 0
}

// oddString reads a string in single, back or typographic quotes.
func (s *slipScanner) oddString(name bool) {
	start := s.pos
	size := max(1, smartQuote(s.text[start:]))
	end, after := s.oddEnd(start, size)
	if end < 0 {
		s.fail("missing quote", start, "the string that starts here isn't closed", "close this string")
		return
	}
	kind, says := "single quotes", "strings are in single quotes"
	switch {
	case s.text[start] == '`':
		kind, says = "backquotes", "a string is in backquotes"
	case size > 1:
		kind, says = "smart quotes", "strings are in curly quotes"
	}
	s.note(slip{
		kind: kind, at: start, says: says, hint: "write straight double quotes",
		edits: []edit{{start, after, requote(s.text[start+size : end])}}, sure: true,
	})
	s.stringDone(start, after, name)
}

// oddEnd finds the closing quote: one that a comma, colon or bracket follows.
func (s *slipScanner) oddEnd(start, size int) (end, after int) {
	single := size == 1
	for i := start + size; i < len(s.text); i++ {
		c := s.text[i]
		if c == '\\' {
			i++
			continue
		}
		quote := 0
		switch {
		case single && c == s.text[start], !single && c == '"':
			quote = 1
		case !single && c >= 0x80:
			quote = smartQuote(s.text[i:])
		}
		if quote == 0 {
			continue
		}
		switch s.peek(i + quote) {
		case ',', ':', '}', ']', 0, ';', '=':
			return i, i + quote
		}
	}
	return -1, -1
}

// requote writes the content of a string in double quotes, its escapes kept.
func requote(content []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case c == '\\' && i+1 < len(content) && (content[i+1] == '\'' || content[i+1] == '`'):
		case c == '\\' && i+1 < len(content):
			b.WriteByte(c)
			i++
			b.WriteByte(content[i])
		case c == '"':
			b.WriteString(`\"`)
		case c == '\n':
			b.WriteString(`\n`)
		case c < 0x20:
			b.WriteString(controlEscape(c))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// numeral reads a number, or what was meant for one.
func (s *slipScanner) numeral() {
	start := s.pos
	end := start
	for end < len(s.text) && (isWordByte(s.text[end]) || bytes.IndexByte([]byte("+-."), s.text[end]) >= 0) {
		end++
	}
	text := string(s.text[start:end])
	if isNumber(text) {
		s.plainNumber(start, end)
		return
	}
	if mended, n, ok := mendNumber(text); ok {
		n.at = start
		if n.sure {
			n.edits = []edit{{start, end, mended}}
		}
		s.note(n)
		s.pos = end
		s.number = true
		s.valueDone()
		return
	}
	s.word()
}

// plainNumber takes a number, unless it is the head of one with separators: a
// comma and three digits cannot begin a member.
func (s *slipScanner) plainNumber(start, end int) {
	rest := end
	for s.inObject() && rest+3 < len(s.text) && (s.text[rest] == ',' || s.text[rest] == ' ') && threeDigits(s.text[rest+1:]) {
		rest += 4
	}
	s.pos = end
	s.number = true
	if rest == end {
		if c := s.peek(end); c != 0 && bytes.IndexByte([]byte(",}]:;\"'/#"), c) < 0 && len(s.stack) > 0 && !isDigitByte(c) && !s.lineEnds(end) {
			s.pos = start
			s.word()
			return
		}
		s.valueDone()
		return
	}
	for rest < len(s.text) && (s.text[rest] == '.' || isDigitByte(s.text[rest])) {
		rest++
	}
	plain := strings.NewReplacer(",", "", " ", "").Replace(string(s.text[start:rest]))
	s.note(slip{
		kind: "thousands separator", at: end, says: "a number has thousands separators", hint: "write only the digits",
		edits: []edit{{start, rest, plain}}, sure: isNumber(plain),
	})
	s.pos = rest
	s.valueDone()
}

func (s *slipScanner) lineEnds(at int) bool {
	for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\t' || s.text[at] == '\r') {
		at++
	}
	return at >= len(s.text) || s.text[at] == '\n'
}

func threeDigits(text []byte) bool {
	return len(text) >= 3 && isDigitByte(text[0]) && isDigitByte(text[1]) && isDigitByte(text[2]) && (len(text) == 3 || !isWordByte(text[3]) && text[3] != '"' && text[3] != ':')
}

// isNumber reports whether a text is a JSON number (RFC 8259 section 6).
func isNumber(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	whole := leadingDigits(digits)
	if whole == 0 || whole > 1 && digits[0] == '0' {
		return false
	}
	rest := digits[whole:]
	if strings.HasPrefix(rest, ".") {
		n := leadingDigits(rest[1:])
		if n == 0 {
			return false
		}
		rest = rest[1+n:]
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := leadingDigits(rest)
		return n > 0 && n == len(rest)
	}
	return rest == ""
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && isDigitByte(s[n]) {
		n++
	}
	return n
}

// mendNumber names what is wrong with a numeral. ok is false for a word that
// only begins like one.
func mendNumber(text string) (mended string, n slip, ok bool) {
	plain := strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", "")
	digits := strings.TrimPrefix(plain, "-")
	switch {
	case digits == "Infinity" || digits == "inf" || digits == "NaN":
		return "", slip{kind: "JavaScript literal", says: digits + " isn't a JSON value", hint: "write null or a number here"}, true
	case strings.HasPrefix(strings.ToLower(digits), "0x") && len(digits) > 2 && len(digits) <= 18 && hexDigits([]byte(digits), 2, len(digits)-2):
		return "", slip{kind: "hexadecimal number", says: "a number is hexadecimal", hint: "write it in decimal, or as a string in quotes"}, true
	case strings.HasPrefix(text, "+") && isNumber(plain):
		return plain, slip{kind: "plus sign", says: "a number has a plus sign", hint: "remove the plus sign", sure: true}, true
	case strings.Contains(text, "_") && isNumber(plain):
		return plain, slip{kind: "digit separator", says: "a number contains underscores", hint: "remove the underscores", sure: true}, true
	case strings.HasPrefix(digits, ".") && isNumber("0"+digits):
		return strings.Replace(plain, ".", "0.", 1), slip{kind: "bare decimal point", says: "a number starts with a decimal point", hint: "write a zero before the point", sure: true}, true
	case strings.HasSuffix(plain, ".") && isNumber(strings.TrimSuffix(plain, ".")):
		return strings.TrimSuffix(plain, "."), slip{kind: "bare decimal point", says: "a number ends with a decimal point", hint: "remove this point", sure: true}, true
	case len(digits) > 1 && digits[0] == '0' && leadingDigits(digits) == len(digits):
		return "", slip{kind: "leading zero", says: "a number starts with a zero", hint: "remove the zero, or put the digits in quotes"}, true
	}
	return "", slip{}, false
}

// word reads a bare word where a value is due: a literal of another language, a
// variable, an expression, or text that lacks its quotes.
func (s *slipScanner) word() {
	start := s.pos
	end := s.wordEnd()
	text := string(s.text[start:end])
	s.pos = end
	s.number = true
	if text == "true" || text == "false" || text == "null" {
		s.valueDone()
		return
	}
	if end < len(s.text) && s.text[end] == '"' {
		s.openingQuote(start)
		return
	}
	if n, ok := literalSlip(text); ok {
		n.at = start
		for i := range n.edits {
			n.edits[i].start, n.edits[i].end = start, end
		}
		s.note(n)
		s.valueDone()
		return
	}
	if len(s.stack) == 0 {
		s.pos = start
		s.fail("no JSON", start, "it's plain text", "start with { or [")
		return
	}
	s.note(slip{
		kind: "unquoted value", at: start, says: "a value has no quotes", hint: "put double quotes around this value",
		edits: []edit{{start, end, quoteJSON(text)}}, sure: utf8.ValidString(text),
	})
	s.valueDone()
}

// wordEnd returns where a bare word ends: before a comma, bracket, quote or line
// break outside parentheses and template braces.
func (s *slipScanner) wordEnd() int {
	depth := 0
	i := s.pos
	for ; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == '(' || c == '{' || c == '[' && i == s.pos:
			depth++
			continue
		case depth > 0 && (c == ')' || c == '}' || c == ']'):
			depth--
			continue
		case c == '\n' || c == '\r':
		case depth > 0:
			continue
		case c == ',' || c == '}' || c == ']' || c == '"' || c == ';':
		case c == ' ' && bytes.HasPrefix(s.text[i:], []byte(" //")):
		default:
			continue
		}
		break
	}
	return s.pos + max(1, len(bytes.TrimRight(s.text[s.pos:i], " \t")))
}

// openingQuote notes a value that ends with a quote but does not begin with one.
func (s *slipScanner) openingQuote(start int) {
	switch s.peek(s.pos + 1) {
	case ',', '}', ']', 0:
		s.note(slip{
			kind: "missing quote", at: start, says: "missing opening quote of a string", hint: "put a double quote here",
			edits: []edit{{start, start, `"`}}, sure: true,
		})
		s.pos++
		s.valueDone()
	default:
		s.pos = start
		s.unexpected()
	}
}

// literalSlip names a word that other languages have in JSON's place.
func literalSlip(text string) (slip, bool) {
	mend := func(kind, with string) (slip, bool) {
		return slip{kind: kind, says: text + " isn't a JSON value", hint: "write " + with + " here", edits: []edit{{text: with}}, sure: true}, true
	}
	switch text {
	case "True", "False":
		return mend("Python literal", strings.ToLower(text))
	case "None":
		return mend("Python literal", "null")
	case "TRUE", "FALSE", "NULL", "Null":
		return mend("capital letters", strings.ToLower(text))
	case "nil":
		return mend("Ruby literal", "null")
	case "undefined", "NaN", "Infinity":
		return slip{kind: "JavaScript literal", says: text + " isn't a JSON value", hint: "write null or a real value here"}, true
	case "…", "...":
		return slip{kind: slipMasked, says: "three dots instead of a value", hint: "put the real value here"}, true
	}
	if what := template(text); what != "" {
		return slip{kind: "unexpanded variable", says: what + " instead of a value", hint: "put the real value here"}, true
	}
	if strings.HasPrefix(text, "$") || strings.HasPrefix(text, "<") {
		return slip{kind: "unexpanded variable", says: "a variable or placeholder instead of a value", hint: "put the real value here"}, true
	}
	if strings.HasSuffix(text, ")") || strings.HasPrefix(text, "process.env") || strings.HasPrefix(text, "os.environ") || strings.HasPrefix(text, "new ") {
		return slip{kind: "expression", says: "an expression instead of its value", hint: "put the real value here"}, true
	}
	return slip{}, false
}

// countSlips returns how many slips there are of a kind.
func countSlips(slips []slip, kind string) int {
	n := 0
	for _, s := range slips {
		if s.kind == kind {
			n++
		}
	}
	return n
}

// lineList joins line numbers for a text, the first five of them.
func lineList(lines []int) string {
	var b strings.Builder
	for i, line := range lines[:min(5, len(lines))] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(line))
	}
	if len(lines) > 5 {
		b.WriteString(", …")
	}
	return b.String()
}
