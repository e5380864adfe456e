package capture

import "strings"

// This file walks over objects as programs print them: Node's inspect, JSON, Python's
// repr, Ruby's inspect, .NET's and PHP's. It is tolerant: what it doesn't understand
// it steps over.

// Bounds of a dump.
const (
	maxDump      = 64 << 10
	maxDumpDepth = 40
	dumpAbove    = 300 // how far above a telling member its object may begin
	maxFrames    = 60  // lines of a stack trace before a dump
)

// dumpStart returns where the dump begins that a message at from to to is part of, or
// that follows its stack trace; -1 if there is none.
func dumpStart(text string, from, to int) int {
	floor := max(0, from-dumpAbove)
	depth := 0
	for i := from - 1; i >= floor; i-- {
		switch text[i] {
		case '}':
			depth++
		case '{':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	at := to
	for range maxFrames {
		end := at + lineLength(text[at:])
		line := strings.TrimRight(text[at:end], " \r")
		if strings.HasSuffix(line, "{") {
			return at + len(line) - 1
		}
		if i := strings.IndexByte(line, '{'); i >= 0 && !isFrame(line) {
			return at + i
		}
		if end == len(text) || at != to && !isFrame(line) {
			return -1
		}
		at = end + 1
	}
	return -1
}

// isFrame reports whether a line is part of a stack trace.
func isFrame(line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	for _, begin := range [...]string{"at ", "... ", "File \"", "#", "from ", "Caused by", "^", "Error.captureStackTrace", "--->"} {
		if strings.HasPrefix(trimmed, begin) {
			return true
		}
	}
	return trimmed == "" || strings.HasPrefix(line, "    ")
}

// dump is a walk over a printed object.
type dump struct {
	text  string
	end   int
	path  []string
	visit func(path []string, value string, quoted bool)
}

// walkDump hands over the values of the object or list at an offset with their paths,
// objects and lists as they are printed. It returns where the dump ends.
func walkDump(text string, at int, visit func(path []string, value string, quoted bool)) int {
	d := &dump{text: text, end: min(len(text), at+maxDump), visit: visit}
	return d.object(at)
}

// object walks over what is in the braces or brackets at an offset.
func (d *dump) object(at int) int {
	closing := byte('}')
	if d.text[at] == '[' {
		closing = ']'
	}
	if len(d.path) > maxDumpDepth {
		return d.end
	}
	for at++; at < d.end; {
		c := d.text[at]
		switch {
		case c == closing:
			return at + 1
		case c == '}' || c == ']':
			return at // the dump is broken; the bracket may be the outer one's
		case c <= ' ' || c == ',':
			at++
		default:
			at = d.member(at)
		}
	}
	return d.end
}

// member walks over a name and its value, or over a value in a list.
func (d *dump) member(at int) int {
	name, value := d.name(at)
	d.path = append(d.path, name)
	next := d.value(value)
	d.path = d.path[:len(d.path)-1]
	return max(next, at+1)
}

// name returns the name at an offset, and where its value begins; "" and the offset
// itself if there is a value alone.
func (d *dump) name(at int) (name string, value int) {
	i := at
	switch c := d.text[at]; {
	case c == '{', c == '[' && !d.isBracketed(at):
		return "", at
	case c == '\'', c == '"':
		i = d.quoted(at)
		name = d.text[min(at+1, i):max(at+1, i-1)]
	default:
		for i < d.end && strings.IndexByte(":=,\n{}", d.text[i]) < 0 || i == at && i < d.end && d.text[i] == ':' {
			i++
		}
		name = strings.Trim(d.text[at:i], " []:@")
	}
	rest := d.text[i:d.end]
	trimmed := strings.TrimLeft(rest, " ")
	for _, sign := range [...]string{"=>", ":", "="} {
		if strings.HasPrefix(trimmed, sign) && !strings.HasPrefix(trimmed, "://") {
			return name, i + len(rest) - len(strings.TrimLeft(trimmed[len(sign):], " \n\t"))
		}
	}
	return "", at
}

// isBracketed reports whether a name in brackets is at an offset: [cause]: …
func (d *dump) isBracketed(at int) bool {
	n := strings.IndexAny(d.text[at:d.end], "]\n,:{")
	return n > 0 && strings.HasPrefix(d.text[at+n:d.end], "]:")
}

// quoted returns the end of the string at an offset.
func (d *dump) quoted(at int) int {
	for i := at + 1; i < d.end; i++ {
		switch d.text[i] {
		case '\\':
			i++
		case d.text[at]:
			return i + 1
		}
	}
	return d.end
}

// value walks over the value at an offset.
func (d *dump) value(at int) int {
	if at >= d.end {
		return d.end
	}
	switch d.text[at] {
	case '\'', '"', '`':
		return d.strings(at)
	case '[': // a list, or a class: [Object: null prototype] {
		if n := strings.IndexAny(d.text[at:d.end], "]\n"); n > 0 && strings.HasPrefix(d.text[at+n:d.end], "] {") {
			at += n + len("] ")
		}
		return d.inner(at, at)
	case '{':
		return d.inner(at, at)
	}
	i := at
	for i < d.end && strings.IndexByte(",\n{}[]", d.text[i]) < 0 {
		if d.text[i] == '(' { // a call or a frame: what it has in parentheses is its own
			if n := strings.IndexAny(d.text[i:d.end], ")\n"); n > 0 {
				i += n
			}
		}
		i++
	}
	if i < d.end && (d.text[i] == '{' || d.text[i] == '[') && i > at && d.text[i-1] == ' ' {
		if d.text[i] == '[' { // a class: Object [AxiosHeaders] {
			if n := strings.IndexAny(d.text[i:d.end], "{\n"); n > 0 && d.text[i+n] == '{' {
				i += n
			}
		}
		return d.inner(at, i)
	}
	d.visit(d.path, strings.TrimSpace(d.text[at:i]), false)
	if i < d.end && d.text[i] == '\n' {
		return d.frames(i)
	}
	return i
}

// frames steps over the stack trace of an error in a dump, whose last line may begin
// the error's own members.
func (d *dump) frames(at int) int {
	for at < d.end && d.text[at] == '\n' {
		end := at + 1 + lineLength(d.text[at+1:d.end])
		line := strings.TrimRight(d.text[at+1:end], " \r")
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), "at ") {
			break
		}
		if at = end; strings.HasSuffix(line, "{") {
			return d.inner(end, strings.LastIndexByte(d.text[:end], '{'))
		}
	}
	return at
}

// inner walks over an object or a list, which the name of a class may precede.
func (d *dump) inner(from, at int) int {
	end := d.object(at)
	if len(d.path) > 0 && from <= at {
		d.visit(d.path, d.text[from:end], false)
	}
	return end
}

// strings hands over a string, which Node may print in parts that a plus joins.
func (d *dump) strings(at int) int {
	end := d.quoted(at)
	text := unquotedLiteral(d.text[at:end])
	for {
		rest := strings.TrimLeft(d.text[end:d.end], " ")
		after, ok := strings.CutPrefix(rest, "+")
		after = strings.TrimLeft(after, " \n")
		if !ok || after == "" || strings.IndexByte("'\"`", after[0]) < 0 {
			break
		}
		at = d.end - len(after)
		end = d.quoted(at)
		text += unquotedLiteral(d.text[at:end])
	}
	d.visit(d.path, text, true)
	return end
}
