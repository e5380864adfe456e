package tools

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"immersve-doctor/diagnose/capture/pattern"
	"immersve-doctor/diagnose/exchange"
)

//go:embed *.tool
var files embed.FS

// Role is what a line that a tool prints is for.
type Role string

// The roles. Those up to Skip begin something and are looked for in every line.
const (
	Request  Role = "request"
	Response Role = "response"
	Exchange Role = "exchange"
	Failure  Role = "failure"
	End      Role = "end"
	Skip     Role = "skip"
	More     Role = "more"
	Field    Role = "field"
	Body     Role = "body"
)

// Line is a line that a tool prints.
type Line struct {
	Tool    *Tool
	Role    Role
	Arg     string // what follows the role in parentheses
	Pattern *pattern.Pattern
}

// Member is a value in an object that a tool prints.
type Member struct {
	Path    string
	Request bool // of the request
	Weak    bool // its name means something else elsewhere
	Pattern *pattern.Pattern
	parts   []string
	fixed   bool // the path is the whole one
}

// Sample is a text and what has to be read from it.
type Sample struct {
	About, Text string
	Reads       []string
}

// Tool is the format of what one tool prints.
type Tool struct {
	Name    string
	File    string
	Kind    exchange.Kind
	After   []string
	Printed bool    // it prints every header that the program set, if any
	Lines   []*Line // those that begin something
	Inner   []*Line
	Members []Member
	Samples []Sample

	Document []string  // a document of the tool has one of these texts
	Item     []string  // paths that an object has that is an exchange
	Headers  []Headers // lists of headers
	Bearer   string    // the path of a token
}

// Headers is a list of objects, each with the name and the value of a header; an object
// with a member for each header if Name is "".
type Headers struct {
	Path, Name, Value string
	Request           bool
}

// Anywhere reports whether the tool's lines may begin anywhere in a line: errors do,
// log lines only after what a logger puts before them.
func (t *Tool) Anywhere() bool { return t.Kind == exchange.KindClientError }

// HasContent reports whether more of a message can follow its first line.
func (t *Tool) HasContent() bool { return len(t.Inner) > 0 || len(t.Members) > 0 }

// Set is all tools and the index of their lines.
type Set struct {
	Tools []*Tool
	lines []*Line
	index pattern.Index
}

// Load reads all tools when a text has to be read.
var Load = sync.OnceValue(func() *Set {
	names, _ := files.ReadDir(".") // it is there
	var list []*Tool
	for _, n := range names {
		text, err := files.ReadFile(n.Name())
		if err != nil {
			continue
		}
		t, err := Parse(strings.TrimSuffix(n.Name(), path.Ext(n.Name())), string(text))
		if err != nil {
			continue // a test reads every file
		}
		list = append(list, t)
	}
	return NewSet(list)
})

// NewSet orders tools and builds their index.
func NewSet(list []*Tool) *Set {
	s := &Set{Tools: ordered(list)}
	for _, t := range s.Tools {
		for _, l := range t.Lines {
			s.lines = append(s.lines, l)
			s.index.Add(l.Pattern, t.Anywhere())
		}
	}
	return s
}

// ordered puts each tool after those that it names.
func ordered(list []*Tool) []*Tool {
	var done []*Tool
	for len(list) > 0 {
		var waiting []*Tool
		for _, t := range list {
			if slices.ContainsFunc(list, func(o *Tool) bool { return o != t && slices.Contains(t.After, o.Name) }) {
				waiting = append(waiting, t)
			} else {
				done = append(done, t)
			}
		}
		if len(waiting) == len(list) {
			return append(done, list...) // each waits for another; a test refuses that
		}
		list = waiting
	}
	return done
}

// Find returns the line of a tool that matches furthest left in the line of a text
// that begins at begin, at or after from; nil if there is none.
func (s *Set) Find(text string, begin, from int, m *pattern.Match) *Line {
	n, ok := s.index.Find(text, begin, from, m)
	if !ok {
		return nil
	}
	return s.lines[n]
}

// Parse reads the file of a tool.
func Parse(name, text string) (*Tool, error) {
	t := &Tool{Name: name, File: name + ".tool"}
	rules, samples, _ := strings.Cut(text, "\n--- sample")
	for number, line := range strings.Split(rules, "\n") {
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		if err := t.rule(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", t.File, number+1, err)
		}
	}
	if samples != "" {
		for _, s := range strings.Split(samples, "\n--- sample") {
			t.Samples = append(t.Samples, sampleOf(s))
		}
	}
	switch {
	case t.Kind == "":
		return nil, fmt.Errorf("%s: no kind", t.File)
	case len(t.Lines) == 0 && len(t.Members) == 0, len(t.Document) > 0 && len(t.Item) == 0:
		return nil, fmt.Errorf("%s: no lines", t.File)
	}
	return t, nil
}

func sampleOf(text string) Sample {
	about, rest, _ := strings.Cut(text, "\n")
	body, reads, _ := strings.Cut("\n"+rest, "\n--- reads")
	s := Sample{About: strings.TrimSpace(about), Text: strings.TrimPrefix(body, "\n") + "\n"}
	for line := range strings.SplitSeq(reads, "\n") {
		if strings.TrimSpace(line) != "" {
			s.Reads = append(s.Reads, line)
		}
	}
	return s
}

func (t *Tool) rule(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	arg := ""
	if open := strings.IndexByte(word, '('); open > 0 && strings.HasSuffix(word, ")") {
		word, arg = word[:open], word[open+1:len(word)-1]
	}
	switch word {
	case "kind":
		t.Kind = exchange.Kind(rest)
		return nil
	case "docs":
		return nil
	case "shows":
		t.Printed = rest == "headers"
		return nil
	case "after":
		t.After = strings.Fields(rest)
		return nil
	case "member", "maybe":
		where, value, _ := strings.Cut(rest, " ")
		p, err := pattern.Compile(strings.TrimLeft(value, " "))
		path, fixed := strings.CutPrefix(where, ".")
		t.Members = append(t.Members, Member{where, arg == "request", word == "maybe", p, strings.Split(path, "."), fixed})
		return err
	}
	switch words := strings.Fields(rest); {
	case word == "document" && rest != "":
		t.Document = append(t.Document, rest)
		return nil
	case word == "item" && len(words) > 0:
		t.Item = words
		return nil
	case word == "bearer" && len(words) == 1:
		t.Bearer = rest
		return nil
	case word == "headers" && (len(words) == 1 || len(words) == 3):
		h := Headers{Path: words[0], Request: arg == "request"}
		if len(words) == 3 {
			h.Name, h.Value = words[1], words[2]
		}
		t.Headers = append(t.Headers, h)
		return nil
	}
	role := Role(word)
	p, err := pattern.Compile(rest)
	if err != nil {
		return err
	}
	l := &Line{t, role, arg, p}
	switch role {
	case Request, Response, Exchange, Failure, End, Skip:
		if !new(pattern.Index).Add(p, false) {
			return fmt.Errorf("nothing in %q to find it by (write three bytes of text, or start with {method})", rest)
		}
		t.Lines = append(t.Lines, l)
	case More, Field, Body:
		t.Inner = append(t.Inner, l)
	default:
		return fmt.Errorf("unknown role %q", word)
	}
	return nil
}

// Pairs reports whether the tool prints requests and responses in lines of their own.
func (t *Tool) Pairs() bool {
	return slices.ContainsFunc(t.Lines, func(l *Line) bool { return l.Role == Request })
}

// Fits reports whether a member is at a path: at its end, or at all of it if the
// member's path begins with a dot.
func (m *Member) Fits(path []string) bool {
	parts := m.parts
	if len(parts) > len(path) || m.fixed && len(parts) != len(path) {
		return false
	}
	for i, name := range path[len(path)-len(parts):] {
		if parts[i] != "*" && parts[i] != name {
			return false
		}
	}
	return true
}

// IsHeader reports whether a member is a header with its name.
func (m *Member) IsHeader() bool { return strings.HasSuffix(m.Path, ".*") }

// IsBody reports whether a member is a body.
func (m *Member) IsBody() bool { return m.Pattern.Source == "{body}" }

// IsURL reports whether a member is what was asked for.
func (m *Member) IsURL() bool {
	return m.Pattern.Uses(pattern.URL) || m.Pattern.Uses(pattern.Target) || m.Pattern.Uses(pattern.Template)
}
