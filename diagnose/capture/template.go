package capture

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// This file fills in the {{variables}} that request editors (REST Client,
// JetBrains' HTTP Client, Postman) keep apart from their requests. What has no
// value stays as written: the checks find it there.

const (
	maxFilled    = 4 << 20  // bytes that one text may grow to by its variables
	maxSpent     = 64 << 20 // bytes that variables may add in one input
	maxReference = 256      // characters of a variable's name
	maxNamed     = 10       // variables that one note names
)

// template knows the values of variables and remembers what it met while it
// filled them in.
type template struct {
	value   func(name string) (value string, known bool)
	given   map[string]string // what the user gave beside the capture
	filled  map[string]string // values with their own variables filled in
	open    []string          // the variables that are being filled in
	cyclic  map[string]bool
	unknown []string // without a value, in the order met
	blank   []string // with an empty value
	loops   []string // that lead back to themselves
	client  []string // that the client fills in when it sends
	spent   int      // bytes that variables have added so far
	secrets *exchange.Known
	hidden  map[string]bool // variables that are declared to be secrets
	tooLong bool
	unclear bool // a "{{" is never closed
}

func newTemplate(given map[string]string, value func(string) (string, bool)) *template {
	return &template{value: value, given: given, filled: map[string]string{}, cyclic: map[string]bool{}, secrets: &exchange.Known{}}
}

// fill replaces each {{name}} that has a value.
func (t *template) fill(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var b strings.Builder
	for {
		start, end := reference(text)
		if start < 0 {
			t.unclear = t.unclear || strings.Contains(text, "{{")
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:start])
		written := text[start:end]
		value, ok := t.resolve(strings.TrimSpace(written[2 : len(written)-2]))
		if ok && (b.Len()+len(value) > maxFilled || t.spent > maxSpent) {
			ok, t.tooLong = false, true
		}
		if !ok {
			value = written
		}
		t.spent += len(value)
		b.WriteString(value)
		text = text[end:]
	}
}

// reference finds the first {{name}} of a text, -1 when there is none: two braces
// and two braces on one line with no others between them.
func reference(text string) (start, end int) {
	for from := 0; ; {
		i := strings.Index(text[from:], "}}")
		if i < 0 {
			return -1, -1
		}
		i += from
		from = i + 2
		window := max(0, i-maxReference)
		start = strings.LastIndex(text[window:i], "{{") + window
		if start < window || i == start+2 || strings.ContainsAny(text[start+2:i], "{}\n") {
			continue
		}
		return start, i + 2
	}
}

// resolve returns the value of a variable with its own variables filled in; false
// when there is none.
func (t *template) resolve(name string) (string, bool) {
	if value, ok := t.filled[name]; ok {
		return value, true
	}
	if t.cyclic[name] {
		return "", false
	}
	if i := slices.Index(t.open, name); i >= 0 {
		for _, n := range t.open[i:] {
			t.cyclic[n] = true
		}
		t.loops = remember(t.loops, name)
		return "", false
	}
	raw, ok := t.lookUp(name)
	if !ok {
		return "", false
	}
	if len(t.open) >= maxReference {
		t.tooLong = true
		return "", false
	}
	t.open = append(t.open, name)
	value := t.fill(raw)
	t.open = t.open[:len(t.open)-1]
	if t.cyclic[name] {
		return "", false
	}
	t.filled[name] = value
	t.secrets.Learn(name, value, t.hidden[name])
	return value, true
}

// lookUp finds the value of a variable as it is written.
func (t *template) lookUp(name string) (string, bool) {
	if value, ok := t.given[name]; ok {
		return t.met(name, value), true
	}
	if value, ok := t.value(name); ok {
		return t.met(name, value), true
	}
	for _, asks := range []string{"$dotenv ", "$processEnv ", "$shared "} {
		rest, ok := strings.CutPrefix(name, asks)
		if value, given := t.given[strings.TrimSpace(rest)]; ok && given {
			return t.met(name, value), true
		}
	}
	if value, ok := t.given[strings.TrimPrefix(name, "$env.")]; ok {
		return t.met(name, value), true
	}
	if strings.HasPrefix(name, "$") {
		t.client = remember(t.client, name)
	} else {
		t.unknown = remember(t.unknown, name)
	}
	return "", false
}

func (t *template) met(name, value string) string {
	if value == "" {
		t.blank = remember(t.blank, name)
	}
	return value
}

func remember(list []string, name string) []string {
	if slices.Contains(list, name) || len(list) > maxNamed {
		return list
	}
	return append(list, name)
}

// forget begins a new request: what was met belongs to the one before. Values
// stay known.
func (t *template) forget() {
	t.unknown, t.blank, t.loops, t.client, t.tooLong, t.unclear = nil, nil, nil, nil, false, false
	clear(t.cyclic)
	clear(t.filled)
	t.secrets = &exchange.Known{} // the one before keeps its own
}

// notes says what was not filled in, and why. answerOf tells a reference to
// another request's answer from a variable; setters are variables that scripts
// set.
func (t *template) notes(answerOf func(string) bool, setters []string) []string {
	var unknown, answers, scripted, blank []string
	for _, name := range t.unknown {
		switch {
		case answerOf(name):
			answers = append(answers, name)
		case slices.Contains(setters, name):
			scripted = append(scripted, name)
		default:
			unknown = append(unknown, name)
		}
	}
	for _, name := range t.blank {
		if slices.Contains(setters, name) {
			scripted = append(scripted, name)
		} else {
			blank = append(blank, name)
		}
	}
	var notes []string
	add := func(names []string, format string) {
		if len(names) > 0 {
			notes = append(notes, fmt.Sprintf(format, references(names)))
		}
	}
	add(unknown, "no value for %s (set it with --environment FILE)")
	add(blank, "empty: %s (set it with --environment FILE)")
	add(scripted, "set by a script, which isn't run: %s (set it with --environment FILE)")
	add(answers, "from a different request's response, which isn't in the input: %s")
	add(t.client, "filled in by the client when it sends, so unknown here: %s")
	add(t.loops, "not replaced, because it refers to itself: %s")
	if t.tooLong {
		notes = append(notes, fmt.Sprintf("variables weren't replaced if a value would become longer than %d bytes", maxFilled))
	}
	if t.unclear {
		notes = append(notes, "unclosed braces: {{ without }}")
	}
	return notes
}

// openURL splits a URL that begins with a variable without a value, which then is all
// that is known of the scheme and the host, and of the path if none follows. Any other
// URL is split as curl does.
func openURL(target string) exchange.URL {
	if !isOpenURL(target) {
		return parseCurlURL(target, "", true)
	}
	end := variableEnd(target)
	if strings.HasPrefix(target[end:], "://") {
		end += len("://")
	}
	glue := ""
	switch rest := target[end:]; {
	case rest == "" || strings.IndexByte("/?#", rest[0]) >= 0:
	case strings.IndexByte(".-:$%{<", rest[0]) >= 0 || strings.HasSuffix(target[:end], "://"): // more of the host
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			end += i
		} else {
			end = len(target)
		}
	default:
		glue = "/" // the variable ends with a slash
	}
	u := exchange.ParseURL(glue + target[end:])
	u.Host = target[:end]
	return u
}

// variableEnd returns where the variable ends that a text begins with, or the text's
// length if it never does.
func variableEnd(text string) int {
	for _, pair := range [...][2]string{{"{{", "}}"}, {"${", "}"}, {"$(", ")"}, {"<", ">"}, {"%", "%"}} {
		if rest, ok := strings.CutPrefix(text, pair[0]); ok {
			if i := strings.Index(rest, pair[1]); i >= 0 {
				return len(pair[0]) + i + len(pair[1])
			}
			return len(text)
		}
	}
	name := strings.TrimLeft(text[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:")
	return len(text) - len(name)
}

// references writes the names of variables as a request holds them.
func references(names []string) string {
	var b strings.Builder
	for i, name := range names {
		if i == maxNamed {
			b.WriteString(" and more")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("{{" + shorten(exchange.MaskText(name), 60) + "}}")
	}
	return b.String()
}
