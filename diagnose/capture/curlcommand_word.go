package capture

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// This file makes the words of a shell's command line.

// quoting is the place of a part of a word.
type quoting int

const (
	unquoted quoting = iota
	inQuotes
	inDocument
)

// fields are the words that one word of the text becomes.
func (s *shell) fields(w *syntax.Word) []string {
	if elements, ok := s.elements(w); ok {
		return elements
	}
	syntax.SplitBraces(w)
	var list []string
	for _, parts := range braced(w.Parts) {
		s.words++
		if s.tooManyWords() {
			return list
		}
		list = append(list, s.split(parts)...)
	}
	return list
}

// elements are the words of "${name[@]}", where the text tells them.
func (s *shell) elements(w *syntax.Word) ([]string, bool) {
	if len(w.Parts) != 1 {
		return nil, false
	}
	part := w.Parts[0]
	if quoted, ok := part.(*syntax.DblQuoted); ok && len(quoted.Parts) == 1 {
		part = quoted.Parts[0]
	}
	p, ok := part.(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Index == nil || p.Length || p.Excl || p.Exp != nil || p.Slice != nil || p.Repl != nil {
		return nil, false
	}
	index, ok := p.Index.(*syntax.Word)
	if !ok || index.Lit() != "@" && index.Lit() != "*" {
		return nil, false
	}
	list, known := s.arrays[p.Param.Value]
	if s.words += len(list); s.tooManyWords() {
		return nil, false
	}
	return list, known
}

// braced does brace expansion: one list of parts for each word that comes of it.
func braced(parts []syntax.WordPart) [][]syntax.WordPart {
	if !slices.ContainsFunc(parts, isBrace) {
		return [][]syntax.WordPart{parts}
	}
	list := [][]syntax.WordPart{nil}
	for _, p := range parts {
		choices := [][]syntax.WordPart{{p}}
		if b, ok := p.(*syntax.BraceExp); ok {
			choices = braceChoices(b)
		}
		var grown [][]syntax.WordPart
		for _, before := range list {
			for _, choice := range choices {
				if len(grown) < maxCurlRequests {
					grown = append(grown, append(slices.Clone(before), choice...))
				}
			}
		}
		list = grown
	}
	return list
}

func isBrace(p syntax.WordPart) bool {
	_, ok := p.(*syntax.BraceExp)
	return ok
}

func braceChoices(b *syntax.BraceExp) [][]syntax.WordPart {
	var list [][]syntax.WordPart
	if !b.Sequence {
		for _, e := range b.Elems {
			list = append(list, braced(e.Parts)...)
		}
		return list
	}
	var ends []int
	for _, e := range b.Elems {
		n, err := strconv.Atoi(e.Lit())
		if text := e.Lit(); err != nil && len(text) == 1 {
			n = int(text[0])
		}
		ends = append(ends, n)
	}
	step := 1
	if len(ends) > 2 && ends[2] != 0 {
		step = max(ends[2], -ends[2])
	}
	_, err := strconv.Atoi(b.Elems[0].Lit())
	for n := ends[0]; len(list) < maxCurlRequests; {
		text := strconv.Itoa(n)
		if err != nil {
			text = string(rune(n))
		}
		list = append(list, []syntax.WordPart{&syntax.Lit{Value: text}})
		if ends[0] <= ends[1] {
			n += step
		} else {
			n -= step
		}
		if n > max(ends[0], ends[1]) || n < min(ends[0], ends[1]) {
			break
		}
	}
	return list
}

// split evaluates a word; an expansion outside of quotes that holds blanks makes
// several of it.
func (s *shell) split(parts []syntax.WordPart) []string {
	var list []string
	var b strings.Builder
	some := false
	for _, p := range parts {
		e, ok := p.(*syntax.ParamExp)
		value, known := "", false
		if ok {
			value, known = s.parameter(e)
		}
		if !ok || !known {
			text := s.part(p, unquoted)
			_, isParam := p.(*syntax.ParamExp)
			some = some || text != "" || !isParam
			b.WriteString(text)
			continue
		}
		pieces := strings.Fields(value)
		if len(pieces) > 0 && len(value) > 0 && isBlank(value[0]) && b.Len() > 0 {
			list, b = append(list, b.String()), strings.Builder{}
		}
		for i, piece := range pieces {
			if i > 0 {
				list, b = append(list, b.String()), strings.Builder{}
			}
			b.WriteString(piece)
			some = true
		}
	}
	if some || b.Len() > 0 {
		list = append(list, b.String())
	}
	return list
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

// text1 evaluates a word that stays one word.
func (s *shell) text1(w *syntax.Word) string { return s.parts(w.Parts, unquoted) }

func (s *shell) parts(parts []syntax.WordPart, q quoting) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(s.part(p, q))
	}
	return b.String()
}

func (s *shell) part(p syntax.WordPart, q quoting) string {
	switch p := p.(type) {
	case *syntax.Lit:
		return unescapeLit(p.Value, q)
	case *syntax.SglQuoted:
		if p.Dollar {
			return unescapeC(p.Value)
		}
		return p.Value
	case *syntax.DblQuoted:
		return s.parts(p.Parts, inQuotes)
	case *syntax.ParamExp:
		if value, ok := s.parameter(p); ok {
			return value
		}
	case *syntax.CmdSubst:
		return s.substitution(p)
	}
	return s.literally(p)
}

// literally keeps a part as it is written, and remembers it.
func (s *shell) literally(p syntax.Node) string {
	text := s.source(p)
	s.sources = append(s.sources, text)
	name := shorten(strings.ReplaceAll(text, "\n", " "), 40)
	if !slices.Contains(s.unknown, name) && len(s.unknown) < 20 {
		s.unknown = append(s.unknown, name)
	}
	return text
}

func (s *shell) source(p syntax.Node) string {
	start, end := int(p.Pos().Offset()), int(p.End().Offset())
	if start < 0 || end > len(s.text) || start > end {
		return ""
	}
	return s.text[start:end]
}

// parameter is the value of a variable; ok is false when the text does not tell it.
func (s *shell) parameter(p *syntax.ParamExp) (string, bool) {
	if p.Param == nil || p.Excl || p.Length || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return "", false
	}
	value, known := s.vars[p.Param.Value]
	if !s.bring(len(value)) {
		return "", false
	}
	s.secrets.Learn(p.Param.Value, value, false)
	if p.Exp == nil {
		return value, known
	}
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if known && value != "" || p.Exp.Word == nil {
			return value, known
		}
		return s.text1(p.Exp.Word), true
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return value, known
	}
	return "", false
}

// substitution is what a command substitution prints, where the text tells it. A
// curl in it is a command of its own.
func (s *shell) substitution(p *syntax.CmdSubst) string {
	if len(p.Stmts) == 1 {
		if content, known := s.output(p.Stmts[0], shellInput{}); known {
			return strings.TrimRight(string(content), "\n")
		}
	}
	unknown, sources := s.unknown, s.sources
	s.statements(p.Stmts, shellInput{})
	s.unknown, s.sources = unknown, sources
	return s.literally(p)
}

// unescapeLit takes the backslashes away that the shell takes away.
func unescapeLit(text string, q quoting) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		next := text[i+1]
		switch {
		case next == '\n':
		case q == unquoted, strings.IndexByte("$`\\", next) >= 0, next == '"' && q == inQuotes:
			b.WriteByte(next)
		default:
			b.WriteByte('\\')
			b.WriteByte(next)
		}
		i++
	}
	return b.String()
}

// unescapeC reads the escapes of $'…' (POSIX.1-2024, section 2.2.4, and bash).
func unescapeC(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		i = writeEscape(&b, text, i)
	}
	return b.String()
}

// writeEscape writes what an escape stands for and returns its last offset.
func writeEscape(b *strings.Builder, text string, at int) int {
	const letters, values = `abefnrtv\'"?E`, "\a\b\x1b\f\n\r\t\v\\'\"?\x1b"
	c := text[at]
	if i := strings.IndexByte(letters, c); i >= 0 {
		b.WriteByte(values[i])
		return at
	}
	switch {
	case c == 'x':
		return writeNumber(b, text, at, at+1, 2, 16, false)
	case c == 'u':
		return writeNumber(b, text, at, at+1, 4, 16, true)
	case c == 'U':
		return writeNumber(b, text, at, at+1, 8, 16, true)
	case '0' <= c && c <= '7':
		return writeNumber(b, text, at, at, 3, 8, false)
	case c == 'c' && at+1 < len(text):
		b.WriteByte(text[at+1] & 0x1f)
		return at + 1
	}
	b.WriteByte('\\')
	b.WriteByte(c)
	return at
}

func writeNumber(b *strings.Builder, text string, at, from, width, base int, isRune bool) int {
	end := from
	for end < len(text) && end-from < width && digit(text[end]) < base {
		end++
	}
	n, err := strconv.ParseUint(text[from:end], base, 32)
	if err != nil {
		b.WriteByte('\\')
		b.WriteByte(text[at])
		return at
	}
	switch {
	case !isRune:
		b.WriteByte(byte(n))
	case n <= utf8.MaxRune:
		b.WriteRune(rune(n))
	default:
		b.WriteRune(utf8.RuneError)
	}
	return end - 1
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}
