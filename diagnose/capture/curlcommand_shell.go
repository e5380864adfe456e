package capture

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"immersve-doctor/diagnose/exchange"
)

// This file reads command lines as a POSIX shell does, without running anything:
// words are made of what stands in the text. Variables and substitutions that
// only the user's shell can tell stay as they are written, so that findings about
// placeholders see them.

// shellInput is the standard input of a command.
type shellInput struct {
	content []byte
	known   bool
}

// shellCommand is a command of a pasted text that calls curl.
type shellCommand struct {
	args    []string // behind the word curl
	stdin   shellInput
	notes   []string
	opaque  []string          // words that are nothing but what only the user's shell knows
	files   map[string][]byte // files that the text itself wrote before
	secrets *exchange.Known   // what the variables of its line brought
	line    int               // from 1
}

// shell is what a pasted text has done so far.
type shell struct {
	text      string // of the command line at hand
	line      int    // at which it begins
	vars      map[string]string
	powerVars map[string]string // of PowerShell, by lower-case name
	files     map[string][]byte
	arrays    map[string][]string
	found     []shellCommand
	unknown   []string        // variables and substitutions that stay as they are
	sources   []string        // the same, as they stand in the words
	words     int             // evaluated so far
	secrets   *exchange.Known // that variables brought into the line at hand
	spent     int             // bytes that variables brought in so far
	read      int             // bytes of the text that are read, which the bounds below grow with
	exhausted bool            // a bound was reached: commands are missing
}

// Bounds of what loops, braces and variables make of a text.
const (
	maxShellCommands = 1000 // of one command line
	maxShellWords    = 200_000
	maxShellBytes    = 16 << 20
	maxShellValue    = 1 << 20 // of one variable or file
)

func newShell() *shell {
	return &shell{vars: map[string]string{}, files: map[string][]byte{}, secrets: &exchange.Known{}}
}

// run reads one command line. The error is the parser's.
func (s *shell) run(text string, line int) error {
	s.text, s.line = text, line
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return err
	}
	s.statements(file.Stmts, shellInput{})
	return nil
}

func (s *shell) statements(list []*syntax.Stmt, in shellInput) {
	for i, stmt := range list {
		found := len(s.found)
		s.statement(stmt, in)
		if stmt.Background && i+1 < len(list) && len(s.found) > found && s.glued(stmt, list[i+1]) {
			last := &s.found[len(s.found)-1]
			last.notes = append(last.notes, cutByAmpersand)
		}
	}
}

const cutByAmpersand = "an & outside quotes ends the command, so the rest of the URL isn't sent (put the URL in quotes)"

// glued reports whether a statement begins right behind the "&" of another.
func (s *shell) glued(stmt, next *syntax.Stmt) bool {
	return next.Pos().Offset() == stmt.Semicolon.Offset()+1
}

// tooManyWords reports whether more words were made than any text holds that a
// person wrote.
func (s *shell) tooManyWords() bool { return s.words > maxShellWords+s.read }

// bring counts bytes that are copied into a word; it returns false when there were
// too many.
func (s *shell) bring(n int) bool {
	s.spent += n
	return s.spent <= maxShellBytes+s.read
}

// statement walks one command with what it reads.
func (s *shell) statement(stmt *syntax.Stmt, in shellInput) {
	if len(s.found) >= maxShellCommands || s.tooManyWords() {
		s.exhausted = true
		return
	}
	in = s.redirected(stmt, in)
	s.written(stmt, in)
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(c, in)
	case *syntax.DeclClause:
		s.assign(c.Args)
	case *syntax.BinaryCmd:
		s.binary(c, in)
	case *syntax.Subshell:
		s.statements(c.Stmts, in)
	case *syntax.Block:
		s.statements(c.Stmts, in)
	case *syntax.IfClause:
		for clause := c; clause != nil; clause = clause.Else {
			s.statements(clause.Cond, in)
			s.statements(clause.Then, in)
		}
	case *syntax.WhileClause:
		s.statements(c.Cond, in)
		s.statements(c.Do, in)
	case *syntax.ForClause:
		s.loop(c, in)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			s.statements(item.Stmts, in)
		}
	case *syntax.FuncDecl:
		s.statement(c.Body, in)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			s.statement(c.Stmt, in)
		}
	case *syntax.CoprocClause:
		s.statement(c.Stmt, in)
	}
}

func (s *shell) binary(c *syntax.BinaryCmd, in shellInput) {
	s.statement(c.X, in)
	if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
		content, known := s.output(c.X, in)
		in = shellInput{content, known}
	}
	s.statement(c.Y, in)
}

// loop runs the body once for each word that is known, once for words that are
// not.
func (s *shell) loop(c *syntax.ForClause, in shellInput) {
	words, ok := c.Loop.(*syntax.WordIter)
	if !ok || len(words.Items) == 0 {
		s.statements(c.Do, in)
		return
	}
	for _, item := range words.Items {
		for _, value := range s.fields(item) {
			if len(s.found) < maxCurlRequests {
				s.vars[words.Name.Value] = value
				s.statements(c.Do, in)
			}
		}
	}
	delete(s.vars, words.Name.Value)
}

// redirected is what a statement reads: a here-document, a here-string, or a file
// that is not known.
func (s *shell) redirected(stmt *syntax.Stmt, in shellInput) shellInput {
	for _, r := range stmt.Redirs {
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc:
			if r.Hdoc == nil {
				in = shellInput{known: true}
				continue
			}
			in = shellInput{[]byte(s.document(r)), true}
		case syntax.WordHdoc:
			in = shellInput{[]byte(s.text1(r.Word) + "\n"), true}
		case syntax.RdrIn:
			content, known := s.files[s.text1(r.Word)]
			in = shellInput{content, known}
		}
	}
	return in
}

// document is the text of a here-document: expanded, unless its delimiter is
// quoted.
func (s *shell) document(r *syntax.Redirect) string {
	quoted := slices.ContainsFunc(r.Word.Parts, func(p syntax.WordPart) bool {
		lit, ok := p.(*syntax.Lit)
		return !ok || strings.Contains(lit.Value, `\`)
	})
	text := ""
	if quoted {
		for _, p := range r.Hdoc.Parts {
			if lit, ok := p.(*syntax.Lit); ok {
				text += lit.Value
			}
		}
	} else {
		text = s.parts(r.Hdoc.Parts, inDocument)
	}
	if r.Op != syntax.DashHdoc {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, "\t"))
	}
	return b.String()
}

// written notes the files that a statement writes with text that is known, for
// the @file of a later command.
func (s *shell) written(stmt *syntax.Stmt, in shellInput) {
	for _, r := range stmt.Redirs {
		if r.Op != syntax.RdrOut && r.Op != syntax.AppOut || r.N != nil && r.N.Value != "1" || len(s.files) > 100 {
			continue
		}
		content, known := s.output(stmt, in)
		name := s.text1(r.Word)
		switch {
		case !known, len(s.files[name])+len(content) > maxShellValue, !s.bring(len(s.files[name])):
			delete(s.files, name)
		case r.Op == syntax.AppOut:
			s.files[name] = append(slices.Clone(s.files[name]), content...)
		default:
			s.files[name] = content
		}
	}
}

func (s *shell) assign(list []*syntax.Assign) {
	for _, a := range list {
		if a.Name == nil || a.Naked || a.Index != nil {
			continue
		}
		if a.Array != nil {
			s.assignArray(a)
			continue
		}
		value := ""
		if a.Value != nil {
			value = s.text1(a.Value)
		}
		if before := s.vars[a.Name.Value]; a.Append && s.bring(len(before)) {
			value = before + value
		}
		s.vars[a.Name.Value] = value[:min(len(value), maxShellValue)]
	}
}

func (s *shell) assignArray(a *syntax.Assign) {
	var list []string
	if a.Append {
		list = s.arrays[a.Name.Value]
	}
	for _, e := range a.Array.Elems {
		if e.Value != nil && e.Index == nil {
			list = append(list, s.fields(e.Value)...)
		}
	}
	if s.arrays == nil {
		s.arrays = map[string][]string{}
	}
	s.arrays[a.Name.Value] = list
}

// call reads a simple command. Assignments before it do not change its own words,
// only what it finds in its environment.
func (s *shell) call(c *syntax.CallExpr, in shellInput) {
	if len(c.Args) == 0 {
		s.assign(c.Assigns)
		return
	}
	for _, a := range c.Assigns {
		if a.Value != nil {
			s.text1(a.Value) // a command substitution there may call curl
		}
	}
	s.unknown, s.sources = nil, nil
	var words []string
	for _, w := range c.Args {
		words = append(words, s.fields(w)...)
	}
	at := curlWord(words)
	if at < 0 {
		s.continuation(words)
		return
	}
	line := s.line + int(c.Args[0].Pos().Line()) - 1
	found := shellCommand{args: words[at+1:], stdin: in, line: line, files: maps.Clone(s.files), opaque: s.sources, secrets: s.secrets}
	if len(s.unknown) > 0 {
		found.notes = append(found.notes, notExpanded(s.unknown))
	}
	s.found = append(s.found, found)
}

func notExpanded(names []string) string {
	if len(names) > 6 {
		names = append(slices.Clone(names[:6]), "…")
	}
	return "only your shell knows " + exchange.MaskText(strings.Join(names, ", ")) + "; " + nothingPutIn
}

const nothingPutIn = "it was left empty"

// continuation understands a command that begins with an option: the line before
// it lost the backslash at its end, so curl ran without this one.
func (s *shell) continuation(words []string) {
	if len(words) == 0 || !strings.HasPrefix(words[0], "-") || len(words[0]) < 2 || len(s.found) == 0 {
		return
	}
	option, _, _ := strings.Cut(words[0], "=")
	last := &s.found[len(s.found)-1]
	note := fmt.Sprintf("the line before %s doesn't end in a backslash (or has a space after it), so curl ran without %s, and the shell looked for a command with that name", shorten(option, 30), shorten(option, 30))
	if !slices.ContainsFunc(last.notes, func(n string) bool { return strings.HasPrefix(n, "the line before ") }) {
		last.notes = append(last.notes, note)
	}
}

// curlWord finds the word that calls curl, -1 when the command calls something
// else. Words before it are commands that run another one, with their options.
func curlWord(words []string) int {
	for i, w := range words {
		if isCurlName(w) {
			return i
		}
		if i == 0 && !runsAnother(w) || i > 12 {
			return -1
		}
	}
	return -1
}

func isCurlName(word string) bool {
	name := word[strings.LastIndexAny(word, `/\`)+1:]
	return name == "curl" || strings.EqualFold(name, "curl.exe")
}

// runsAnother knows commands whose arguments are a command.
func runsAnother(word string) bool {
	switch word[strings.LastIndexByte(word, '/')+1:] {
	case "sudo", "doas", "env", "time", "nohup", "command", "exec", "nice", "timeout", "stdbuf", "watch", "builtin",
		"immersve-doctor", "docker", "podman", "kubectl", "ssh", "xargs", "proxychains", "proxychains4", "torsocks", "eval", "strace", "op", "doppler", "aws-vault":
		return true
	}
	return false
}

// output is what a command prints, as far as the text tells it.
func (s *shell) output(stmt *syntax.Stmt, in shellInput) ([]byte, bool) {
	in = s.redirected(stmt, in)
	if pipe, ok := stmt.Cmd.(*syntax.BinaryCmd); ok && pipe.Op == syntax.Pipe {
		content, known := s.output(pipe.X, in)
		return s.output(pipe.Y, shellInput{content, known})
	}
	c, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return nil, false
	}
	switch c.Args[0].Lit() {
	case "echo", "printf", "cat":
	default:
		return nil, false
	}
	found := s.found
	defer func() { s.found = found }() // the caller walks the statement for the commands in it
	var words []string
	for _, w := range c.Args {
		words = append(words, s.fields(w)...)
	}
	switch words[0] {
	case "echo":
		return []byte(echoed(words[1:])), true
	case "printf":
		return printed(words[1:])
	case "cat":
		if len(words) == 1 || len(words) == 2 && words[1] == "-" {
			return in.content, in.known
		}
		content, known := s.files[words[1]]
		return content, known && len(words) == 2
	}
	return nil, false
}

func echoed(words []string) string {
	end, escapes := "\n", false
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' && strings.Trim(words[0][1:], "neE") == "" {
		if strings.Contains(words[0], "n") {
			end = ""
		}
		escapes = escapes || strings.Contains(words[0], "e")
		words = words[1:]
	}
	text := strings.Join(words, " ")
	if escapes {
		text = unescapeC(text)
	}
	return text + end
}

// printed does the %s and %% of printf.
func printed(words []string) ([]byte, bool) {
	if len(words) == 0 {
		return nil, false
	}
	if words[0] == "--" && len(words) > 1 {
		words = words[1:]
	}
	format, args := unescapeC(words[0]), words[1:]
	var b strings.Builder
	for {
		used := 0
		for i := 0; i < len(format); i++ {
			if format[i] != '%' || i+1 >= len(format) {
				b.WriteByte(format[i])
				continue
			}
			i++
			switch format[i] {
			case '%':
				b.WriteByte('%')
			case 's', 'b', 'd':
				if used < len(args) {
					b.WriteString(args[used])
				}
				used++
			default:
				return nil, false
			}
		}
		if used == 0 || used >= len(args) {
			return []byte(b.String()), true
		}
		args = args[used:]
	}
}
