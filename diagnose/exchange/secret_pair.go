package exchange

import "strings"

// This file knows the notations in which a name and its value are apart: in two fields
// of an object, two attributes or elements, two cells of a row, two lines.

// pairs are the objects that are open at a place of a text, and the values in them
// whose names are still to come: {"value": "0000", "message": "…", "path": "pin"}.
type pairs struct {
	open    []object // the first is the text itself
	deeper  int      // how many more are open than are kept
	inner   meaning  // of the object that opens next
	waiting []span
}

// object is one that is open.
type object struct {
	of      meaning // what a field in it says of its values
	named   bool    // a field in it names them
	bracket byte
	waiting int // values in it whose names are still to come begin here
}

// Bounds of what is kept of objects that are open.
const (
	maxObjects = 256
	maxWaiting = 1 << 10
)

func (p *pairs) top() *object {
	if len(p.open) == 0 {
		p.open = append(p.open, object{})
	}
	return &p.open[len(p.open)-1]
}

// open notes that an object or a tag begins at the cursor.
func (s *scanner) open(bracket byte) {
	p := &s.objects
	if s.at < s.quoted || bracket == '<' && (s.at+1 == len(s.text) || !isLetter(s.text[s.at+1])) {
		return
	}
	outer := *p.top()
	if len(p.open) == maxObjects {
		p.deeper++
		return
	}
	if p.inner.secret != SecretNone {
		outer.of = p.inner
	}
	p.inner = meaning{}
	p.open = append(p.open, object{of: outer.of, bracket: bracket, waiting: len(p.waiting)})
}

// close notes that the innermost object ends.
func (s *scanner) close(bracket byte) {
	p := &s.objects
	switch o := p.top(); {
	case s.at < s.quoted:
	case p.deeper > 0:
		p.deeper--
	case o.bracket == bracket:
		if o.named {
			p.waiting = p.waiting[:o.waiting]
		}
		p.open = p.open[:len(p.open)-1]
	case o.bracket == '<': // of a comparison
		p.open = p.open[:len(p.open)-1]
		s.close(bracket)
	}
}

// label notes what a field that names others ("path": "/card/pin") says of them.
func (s *scanner) label(kind, name string) {
	p := &s.objects
	o := p.top()
	of := s.mode.meaningOf(lastName(name))
	if of.secret == SecretNone {
		if kind == "type" || kind == "id" || o.named && o.of.secret != SecretNone && o.bracket != 0 {
			return // those seldom name anything
		}
		o.of, o.named, p.waiting = meaning{}, true, p.waiting[:o.waiting]
		return
	}
	o.of, o.named = of, true
	for _, w := range p.waiting[o.waiting:] {
		if !of.passes(w.of(s.text)) {
			s.far = append(s.far, newSpan(int(w.start), int(w.end), of.secret))
		}
	}
	p.waiting = p.waiting[:o.waiting]
}

// paired looks at the value of a field that another one names.
func (s *scanner) paired() bool {
	const reach = 256
	p := &s.objects
	of := p.top().of
	if begin := valueStart(s.text, s.at+1); begin < len(s.text) && (s.text[begin] == '{' || s.text[begin] == '[') && (of.secret == SecretNone || weakContainer(s.text, s.at, of)) {
		p.inner = of // it is read by itself: of many that begin in one another, each would be read to its end
		return false
	}
	text := s.text
	if of.secret == SecretNone {
		text = text[:min(len(text), s.at+reach)]
	}
	start, end := valueAfter(text, s.at+1, false)
	value := text[start:end]
	if value == "" || isPlaceholder(value) || isTypeWord(value) {
		return false
	}
	if of.secret != SecretNone {
		return !of.passes(value) && s.add(start, end, of.secret)
	}
	if !p.top().named && len(p.waiting) < maxWaiting {
		p.waiting = append(p.waiting, newSpan(start, end, SecretNone))
	}
	return false
}

// isLabel reports whether a field of this name says what another field's value is, as
// those of collections, HAR, HTML's inputs and validators do.
func isLabel(name string) bool {
	switch name {
	case "key", "name", "type", "id", "path", "field", "param", "parameter", "property", "loc", "location", "target", "label", "attribute", "variable", "pointer",
		"instancepath", "datapath", "propertypath", "propertyname", "fieldname", "paramname", "parametername", "attributename":
		return true
	}
	return false
}

// isPaired reports whether a field of this name holds a value that another one names.
func isPaired(name string) bool {
	switch name {
	case "value", "val", "received", "input", "data", "actual", "given", "got", "provided", "submitted",
		"currentvalue", "initialvalue", "defaultvalue", "rejectedvalue", "invalidvalue", "actualvalue", "attemptedvalue", "inputvalue", "fieldvalue", "badvalue", "parametervalue":
		return true
	}
	return false
}

// isTypeWord reports whether a validator says what type it received, not which value.
func isTypeWord(value string) bool {
	switch value {
	case "string", "number", "integer", "boolean", "object", "array", "nan", "date", "float", "text", "password", "email", "hidden":
		return true
	}
	return false
}

// elements looks at the text of an element whose ">" is at the cursor: the tag names it,
// an attribute does, or the element before: <key>pin</key><string>0000</string>.
func (s *scanner) elements() bool {
	const reach = 256
	text, at := s.text, s.at
	from := max(at-reach, 0)
	i := strings.LastIndexByte(text[from:at], '<') + from
	if i < from {
		return false
	}
	tag := text[i+1 : at]
	if strings.HasPrefix(tag, "/") {
		content := strings.TrimSpace(text[strings.LastIndexByte(text[from:i], '>')+1+from : i])
		if of := s.mode.meaningOf(lastName(content)); of.secret != SecretNone && !s.inside && !strings.ContainsAny(content, " \n") {
			s.element = of
		} else if content != "" || tag == "/tr" {
			s.element, s.inside = meaning{}, false
		}
		return false
	}
	if own := s.mode.meaningOf(lastName(tagName(tag))); own.secret != SecretNone {
		s.element, s.inside = own, true
	}
	if strings.HasSuffix(tag, "/") || s.element.secret == SecretNone {
		return false
	}
	const data = "<![CDATA["
	start, stop := at+1, "<"
	if strings.HasPrefix(text[start:], data) {
		start, stop = start+len(data), "]]>"
	}
	end := start + max(0, strings.Index(text[start:], stop))
	if end == start && !strings.HasPrefix(text[start:], stop) {
		end = len(text)
	}
	value := strings.TrimSpace(text[start:end])
	if value == "" {
		return false // it stands in an element of its own
	}
	of, inside := s.element, s.inside
	s.element, s.inside = meaning{}, false
	if isPlaceholder(value) || !inside && (strings.ContainsAny(value, " \n") || of.passes(value)) {
		return false
	}
	return s.add(start, end, of.secret)
}

// tagName is what a tag says of its element: its name, or what an attribute has for
// one: <param name="pin">.
func tagName(tag string) string {
	name, attributes, _ := strings.Cut(tag, " ")
	for _, a := range [...]string{"name=", "key=", "id=", "field="} {
		if _, value, ok := strings.Cut(attributes, a); ok && meaningOf(name).secret == SecretNone {
			start, end := valueAfter(value, 0, false)
			return value[start:end]
		}
	}
	return name
}

// lineEnds looks at the line before the cursor: one of nothing but names in columns is
// the head of a table, and says what stands below.
func (s *scanner) lineEnds() {
	const most = 1 << 10
	head, at := s.text[s.line:s.at], s.at
	start := s.line
	s.line = at + 1
	if len(s.objects.open) == 1 && (at+1 == len(s.text) || strings.IndexByte("-\n\r#", s.text[at+1]) >= 0) {
		s.objects.open[0], s.objects.waiting = object{}, s.objects.waiting[:0] // another item of a list
	}
	if start < s.table || len(head) > most {
		return
	}
	separator := byte(0)
	for i := range len(head) {
		switch c := head[i]; {
		case isNameByte(c), strings.IndexByte(" \"'.[]\r", c) >= 0, c == separator:
		case separator == 0 && strings.IndexByte(",;\t|", c) >= 0:
			separator = c
		default:
			return
		}
	}
	if separator == 0 {
		return
	}
	var columns []meaning
	found := false
	eachCell(head, separator, func(_ int, start, end int) {
		of := meaning{}
		if cell := head[start:end]; !strings.Contains(cell, " ") || strings.ContainsAny(head[:start], "\"'|\t") {
			of = s.mode.meaningOf(lastName(cell))
		}
		columns, found = append(columns, of), found || of.secret != SecretNone
	})
	if found && len(columns) > 1 {
		s.rows(at+1, separator, columns)
	}
}

// rows notes the secrets in the rows of a table.
func (s *scanner) rows(at int, separator byte, columns []meaning) {
	for at < len(s.text) {
		end := lineEnd(s.text, at)
		cells := 0
		row := s.text[at:end]
		eachCell(row, separator, func(int, int, int) { cells++ })
		if cells != len(columns) {
			break
		}
		eachCell(row, separator, func(n, start, end int) {
			if value := row[start:end]; columns[n].secret != SecretNone && !columns[n].passes(value) && !isPlaceholder(value) && strings.Trim(value, "-:") != "" && s.mode.meaningOf(lastName(value)).secret == SecretNone {
				s.far = append(s.far, newSpan(at+start, at+end, columns[n].secret))
			}
		})
		at = end + 1
	}
	s.table = at
}

// eachCell hands over the cells of a row, without quotes and blanks.
func eachCell(row string, separator byte, cell func(n, start, end int)) {
	n := 0
	for start := 0; start <= len(row); n++ {
		end := start
		for quoted := false; end < len(row) && (quoted || row[end] != separator); end++ {
			quoted = quoted != (row[end] == '"')
		}
		from, to := start, end
		for from < to && strings.IndexByte(" \"'\r", row[from]) >= 0 {
			from++
		}
		for from < to && strings.IndexByte(" \"'\r", row[to-1]) >= 0 {
			to--
		}
		cell(n, from, to)
		start = end + 1
	}
}

// listedSecret is the value behind a name in a list of both, as Node's rawHeaders,
// lists of pairs and rows of tables have them: ["authorization", "Bearer …"]; at is
// what stands between. A list of names holds no secret: what is one has a digit, and
// eight characters if it is no number.
func listedSecret(text string, at int, m mode) (start, end int, secret Secret) {
	table := text[at] == '|'
	before := strings.TrimRight(text[max(0, at-64):at], " ")
	if before == "" || !table && before[len(before)-1] != '"' && before[len(before)-1] != '\'' {
		return 0, 0, SecretNone
	}
	name, _ := nameBefore(text, at)
	if cell := before[strings.LastIndexAny(before, "|\n")+1:]; table && strings.TrimSpace(cell) != name {
		return 0, 0, SecretNone
	}
	of := m.meaningOf(name)
	if of.secret == SecretNone || of.secret == SecretPersonal {
		return 0, 0, SecretNone
	}
	begin := runEnd(text, at+1, func(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 })
	if !table {
		begin += len(text[begin:]) - len(strings.TrimPrefix(text[begin:], "b"))
		if !strings.HasPrefix(text[begin:], `"`) && !strings.HasPrefix(text[begin:], `\"`) && !strings.HasPrefix(text[begin:], `'`) {
			return 0, 0, SecretNone
		}
	}
	if table {
		text = text[:begin+max(0, strings.IndexByte(text[begin:min(len(text), begin+256)], '|'))]
	}
	start, end = valueAfter(text, begin, false)
	value := text[start:end]
	behind := strings.TrimLeft(text[end:min(len(text), end+8)], "\\\" \t'")
	digits := strings.Trim(value, "0123456789") == ""
	if len(value) < 3 || len(value) < 8 && !digits || !strings.ContainsAny(value, "0123456789") || strings.HasPrefix(behind, ":") || isPlaceholder(value) || of.passes(value) {
		return 0, 0, SecretNone
	}
	return credentials(text, start, end, of.secret)
}
