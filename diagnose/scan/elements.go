package scan

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"immersve-doctor/diagnose/capture"
)

// form is how an input is divided.
type form int

const (
	formLines    form = iota
	formElements      // JSON values one after another, or in one array, over several lines
	formDocument      // a HAR document
	formList          // a document whose array of records has a name of its own
	formText          // what tools print line by line
	formCapture       // anything else that package capture reads
)

// formOf decides by the beginning of an input.
func (s *Scanner) formOf(head []byte) form {
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case isHAR(trimmed):
		return formDocument
	case capture.IsDocument(head):
		return formCapture
	case len(trimmed) > 0 && trimmed[0] == '[' && startsList(trimmed):
		return formElements
	case s.isList(trimmed):
		return formList
	}
	records, others := s.records(head)
	document := len(trimmed) > 0 && trimmed[0] == '{' && spansLines(trimmed)
	found, text := false, false
	if records <= others {
		found, text = isCapture(head, records > 0 || document)
	}
	switch {
	case text:
		return formText
	case found:
		return formCapture
	case records == 0 && document:
		return formElements
	}
	return formLines
}

// isHAR knows the beginning of a HAR document: an object whose log, or whose
// entries, package capture takes for those of a HAR.
func isHAR(head []byte) bool {
	return len(head) > 0 && head[0] == '{' && listIn(head, "entries") != "" && capture.IsHAR(head)
}

// listNames are the members that hold the records in what consoles export:
// CloudWatch's events, Datadog's data, CloudTrail's Records.
func listNames() []string {
	return []string{"events", "data", "logs", "records", "Records", "results", "items"}
}

// isList reports whether one document begins, and nothing else, whose records
// stand in an array of such a name.
func (s *Scanner) isList(head []byte) bool {
	if len(head) == 0 || head[0] != '{' || listIn(head, listNames()...) == "" {
		return false
	}
	end := bracketsEnd(head, 0)
	if end < 0 {
		return spansLines(head) || bytes.IndexByte(head, '\n') < 0
	}
	return skipSpace(head, end) == len(head) && !newLane(s).parse(head[:end])
}

// listIn returns the first member of an object, which may be cut, that has one of
// the names and holds an array of objects, or a HAR's log; "" for none.
func listIn(b []byte, names ...string) string {
	for i := skipSpace(b, 1); i < len(b) && b[i] == '"'; {
		end := stringEnd(b, i)
		if end < 0 {
			return ""
		}
		name := string(unquoted(b[i:end]))
		if i = skipSpace(b, end); i >= len(b) || b[i] != ':' {
			return ""
		}
		if i = skipSpace(b, i+1); i >= len(b) {
			return ""
		}
		if name == "log" && b[i] == '{' && names[0] == "entries" || slices.Contains(names, name) && b[i] == '[' && (names[0] == "entries" || startsList(b[i:])) {
			return name
		}
		if i = valueEnd(b, i); i < 0 {
			return ""
		}
		if i = skipSpace(b, i); i < len(b) && b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return ""
}

// startsList reports whether an array of objects begins; "[2026-11-27 …" is a
// log line.
func startsList(head []byte) bool {
	i := skipSpace(head, 1)
	return i < len(head) && head[i] == '{'
}

// records counts the lines of the beginning that are records, and the others.
func (s *Scanner) records(head []byte) (records, others int) {
	probe := newLane(s)
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if probe.parse(line) {
			records++
		} else {
			others++
		}
	}
	return records, others
}

// spansLines reports whether the object that begins a text goes on behind its
// first line.
func spansLines(head []byte) bool {
	first, _, more := bytes.Cut(head, []byte("\n"))
	return more && bracketsEnd(first, 0) < 0
}

// document reads the entries of a HAR document, or another list of a document
// that has one of the names: its beginning with a JSON
// decoder, and from the array's bracket on as elements.
func (s *Scanner) document(r io.Reader, count func(*lane, block), names ...string) error {
	decoder := jsontext.NewDecoder(r)
	if err := findList(decoder, names); err != nil {
		return fmt.Errorf("find the %s of a document: %w", names[0], err)
	}
	rest := io.MultiReader(bytes.NewReader(bytes.Clone(decoder.UnreadBuffer())), r)
	return s.blocks(&elementReader{r: rest, inList: true}, count)
}

// findList goes to the first element of an array with one of the names, in the
// document or in its log.
func findList(d *jsontext.Decoder, names []string) error {
	token, err := d.ReadToken()
	if err != nil || token.Kind() != '{' {
		return err // that it is an object was seen
	}
	for {
		token, err := d.ReadToken()
		switch name := token.String(); {
		case err != nil:
			return err
		case token.Kind() == '}':
			return fmt.Errorf("no such field: %q", names[0])
		case name == "log" && d.PeekKind() == '{' && d.StackDepth() == 1:
			_, err = d.ReadToken()
		case slices.Contains(names, name) && d.PeekKind() == '[':
			_, err = d.ReadToken()
			return err
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
}

// elementReader divides a sequence of JSON values, or the inside of an array,
// into blocks that hold whole values.
type elementReader struct {
	r       io.Reader
	inList  bool // within an array: its closing bracket ends the input
	started bool
	rest    []byte
	count   int64 // elements before rest
	ended   error
	ends    []int32 // where the elements of the block at hand end

	depth   int
	quoted  bool
	escaped bool
}

func (e *elementReader) next(buffer []byte) (block, error) {
	buffer = append(buffer, e.rest...)
	e.rest = e.rest[:0]
	e.ends = make([]int32, 0, 64)
	from, cut := 0, 0
	for {
		over := e.advance(buffer, from)
		if n := len(e.ends); n > 0 {
			cut = int(e.ends[n-1])
		}
		from = len(buffer)
		if over {
			e.ended = io.EOF
			return e.emit(buffer[:cut]), io.EOF
		}
		if e.ended != nil {
			return e.emit(buffer), e.ended
		}
		if len(buffer) == cap(buffer) {
			if cut > 0 {
				b := e.emit(buffer[:cut])
				e.rest = append(e.rest, buffer[cut:]...)
				e.rewind()
				return b, nil
			}
			if len(buffer) >= maxLine {
				return e.skip(buffer)
			}
			buffer = append(make([]byte, 0, min(4*cap(buffer), maxLine)), buffer...)
		}
		var n2 int
		n2, e.ended = e.r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n2]
	}
}

// rewind forgets the state behind the last whole element: what follows it is
// read again with the next block.
func (e *elementReader) rewind() { e.depth, e.quoted, e.escaped = 0, false, false }

func (e *elementReader) emit(data []byte) block {
	b := block{data: data, first: e.count + 1, ends: e.ends}
	e.count += int64(len(e.ends))
	return b
}

// advance goes on through the bytes from an offset, notes where elements end, and
// reports whether the list is over.
func (e *elementReader) advance(data []byte, from int) (over bool) {
	for i := from; i < len(data); i++ {
		c := data[i]
		switch {
		case e.escaped:
			e.escaped = false
		case e.quoted:
			j := quoteOrEscape(data[i:])
			if j < 0 {
				return false
			}
			i += j
			e.escaped, e.quoted = data[i] == '\\', data[i] == '\\'
		case c == '"':
			if end := stringEnd(data, i); end > 0 {
				i = end - 1
			} else {
				e.quoted = true
			}
		case c == '{' || c == '[':
			if e.depth == 0 && c == '[' && !e.started && !e.inList {
				e.started, e.inList = true, true
				data[i] = ' ' // what is left are the elements
				continue
			}
			e.started = true
			if e.depth == 0 {
				if end := bracketsEnd(data, i); end > 0 { // the whole element is there
					e.ends = append(e.ends, int32(end))
					i = end - 1
					continue
				}
			}
			e.depth++
		case c == '}' || c == ']':
			if e.depth == 0 {
				if e.inList {
					return true
				}
				continue
			}
			if e.depth--; e.depth == 0 {
				e.ends = append(e.ends, int32(i+1))
			}
		}
	}
	return false
}

func quoteOrEscape(data []byte) int {
	quote := bytes.IndexByte(data, '"')
	until := data
	if quote >= 0 {
		until = data[:quote]
	}
	if escape := bytes.IndexByte(until, '\\'); escape >= 0 {
		return escape
	}
	return quote
}

// skip passes over the rest of an element that is too long.
func (e *elementReader) skip(buffer []byte) (block, error) {
	e.count++
	b := block{data: append(make([]byte, 0, 4096), buffer[:4096]...), first: e.count, oversize: true}
	for e.ended == nil {
		var n int
		n, e.ended = e.r.Read(buffer[:cap(buffer)])
		e.ends = e.ends[:0]
		e.advance(buffer[:n], 0)
		if len(e.ends) > 0 {
			e.rest = append(e.rest, buffer[e.ends[0]:n]...)
			e.rewind()
			return b, nil
		}
	}
	return b, nil
}

// elements counts the values of a block.
func (l *lane) elements(b block) {
	if b.oversize {
		l.leave(b.first, b.data)
		return
	}
	l.inLines = false
	number := b.first
	from := 0
	for _, end := range b.ends {
		l.one(number, b.data[nextElement(b.data[:end], from):end])
		number++
		from = int(end)
	}
	if rest := nextElement(b.data, from); rest < len(b.data) {
		l.leave(number, b.data[rest:])
	}
	l.report()
}

// entries counts the entries of a HAR's block.
func (l *lane) entries(b block) {
	l.inHAR = true
	l.elements(b)
	l.inHAR = false
}

// nextElement passes over what stands between elements: white space, commas,
// record separators (RFC 7464), and values that are neither object nor array.
func nextElement(data []byte, i int) int {
	for i < len(data) && data[i] != '{' && data[i] != '[' {
		if data[i] == '"' {
			end := stringEnd(data, i)
			if end < 0 {
				return len(data)
			}
			i = end
			continue
		}
		i++
	}
	return i
}
