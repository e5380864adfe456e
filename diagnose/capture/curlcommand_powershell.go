package capture

import (
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// powerShellLine is the state of splitting a command line of PowerShell.
type powerShellLine struct {
	windowsLine
	text    string
	vars    map[string]string // by lower-case name, "env:token" for $env:TOKEN
	secrets *exchange.Known   // that they brought
	word    strings.Builder
	inWord  bool
}

func (p *paste) powerShellWords(text string) windowsLine {
	l := &powerShellLine{text: text, vars: p.shell.powerVars, secrets: p.shell.secrets}
	l.read()
	inner := false
	for i, w := range l.words {
		switch {
		case strings.Contains(w, `\"`): // written for Windows PowerShell, which hands quotes on as they are
			l.words[i] = strings.ReplaceAll(w, `\"`, `"`)
		case strings.Contains(w, `"`):
			inner = true
		}
	}
	if inner {
		l.notes = append(l.notes, `Windows PowerShell 5 and PowerShell up to 7.2 drop double quotes inside an argument, so each needs a backslash before it there: \"`)
	}
	return l.windowsLine
}

// read splits the text up to the end of the command.
func (l *powerShellLine) read() {
	for i := 0; i < len(l.text); {
		next, done := l.step(i)
		if done || l.quote != "" {
			l.end = i
			l.endWord()
			return
		}
		i = next
	}
	l.end = len(l.text)
	l.endWord()
}

func (l *powerShellLine) endWord() {
	if l.inWord {
		l.words = append(l.words, l.word.String())
	}
	l.word.Reset()
	l.inWord = false
}

func (l *powerShellLine) add(text string) {
	l.word.WriteString(text)
	l.inWord = true
}

// step takes what stands at an offset and returns the next one; done at the end
// of the command.
func (l *powerShellLine) step(at int) (next int, done bool) {
	rest := l.text[at:]
	switch c := rest[0]; {
	case strings.IndexByte("\n;|", c) >= 0, c == '#' && !l.inWord:
		return at, true
	case c == ' ' || c == '\t':
		stop := l.inWord && l.word.String() == "--%"
		l.endWord()
		if stop {
			return l.verbatim(at + 1), false
		}
		return at + 1, false
	case c == '&' && len(l.words) == 0 && !l.inWord: // the call operator
		return at + 1, false
	case c == '`':
		return l.escape(at), false
	case strings.HasPrefix(rest, "@'\n"), strings.HasPrefix(rest, "@\"\n"):
		return l.hereString(at), false
	case c == '\'':
		return l.single(at), false
	case c == '"':
		return l.double(at), false
	case c == '$':
		return l.variable(at), false
	case c == '(' || strings.HasPrefix(rest, "@("):
		return l.expression(at), false
	}
	l.add(rest[:1])
	return at + 1, false
}

// verbatim is what follows the word --%: the C runtime's words up to the line's end.
func (l *powerShellLine) verbatim(at int) int {
	l.words = l.words[:len(l.words)-1]
	end := at + lineLength(l.text[at:])
	words, _ := runtimeWords(l.text[at:end])
	l.words = append(l.words, words...)
	return end
}

// escape is a backtick with what follows it; before a line break it joins lines.
func (l *powerShellLine) escape(at int) int {
	if at+1 >= len(l.text) {
		return at + 1
	}
	if l.text[at+1] == '\n' {
		l.endWord()
		return at + 2
	}
	l.add(powerEscape(l.text[at+1]))
	return at + 2
}

func powerEscape(c byte) string {
	const letters, values = "0abefnrtv", "\x00\a\b\x1b\f\n\r\t\v"
	if i := strings.IndexByte(letters, c); i >= 0 {
		return values[i : i+1]
	}
	return string(rune(c))
}

func (l *powerShellLine) unclosed(at int, quote string) int {
	l.open, l.quote = at, quote
	return len(l.text)
}

// hereString reads @'…'@ and @"…"@; the closing sign begins a line.
func (l *powerShellLine) hereString(at int) int {
	quote := l.text[at+1 : at+2]
	body := l.text[at+3:]
	if strings.HasPrefix(body, quote+"@") {
		l.add("")
		return at + 5
	}
	end := strings.Index(body, "\n"+quote+"@")
	if end < 0 {
		return l.unclosed(at, "@"+quote)
	}
	content := body[:end]
	if quote == `"` {
		content = l.expand(content)
	}
	l.add(content)
	return at + 3 + end + 3
}

func (l *powerShellLine) single(at int) int {
	for i := at + 1; ; i++ {
		end := strings.IndexByte(l.text[i:], '\'')
		if end < 0 {
			return l.unclosed(at, "'")
		}
		i += end
		if i+1 >= len(l.text) || l.text[i+1] != '\'' {
			l.add(strings.ReplaceAll(l.text[at+1:i], "''", "'"))
			return i + 1
		}
		i++
	}
}

func (l *powerShellLine) double(at int) int {
	for i := at + 1; i < len(l.text); i++ {
		switch {
		case l.text[i] == '`':
			i++
		case l.text[i] == '"' && i+1 < len(l.text) && l.text[i+1] == '"':
			i++
		case l.text[i] == '"':
			l.add(l.expand(strings.ReplaceAll(l.text[at+1:i], `""`, "`\"")))
			return i + 1
		}
	}
	return l.unclosed(at, `"`)
}

// expand does the backticks and variables of a double-quoted text.
func (l *powerShellLine) expand(text string) string {
	inner := &powerShellLine{text: text, vars: l.vars}
	for i := 0; i < len(text); {
		switch {
		case text[i] == '`' && i+1 < len(text):
			inner.add(powerEscape(text[i+1]))
			i += 2
		case text[i] == '$':
			i = inner.variable(i)
		default:
			inner.add(text[i : i+1])
			i++
		}
	}
	for _, name := range inner.unknown {
		l.remember(name)
	}
	l.opaque = append(l.opaque, inner.opaque...)
	return inner.word.String()
}

// keep adds what only the user's shell knows.
func (l *powerShellLine) keep(text string) {
	l.opaque = append(l.opaque, text)
	l.add(text)
}

func (l *powerShellLine) remember(name string) {
	if name = shorten(name, 40); !slices.Contains(l.unknown, name) && len(l.unknown) < 20 {
		l.unknown = append(l.unknown, name)
	}
}

// variable is $name, ${name} or $env:NAME. What the paste does not tell stays.
func (l *powerShellLine) variable(at int) int {
	name, end := powerName(l.text, at)
	if strings.HasPrefix(l.text[at:], "$(") {
		return l.expression(at)
	}
	if name == "" {
		l.add("$")
		return at + 1
	}
	if value, ok := l.vars[strings.ToLower(name)]; ok {
		l.secrets.Learn(name, value, false)
		l.add(value)
		return end
	}
	l.remember(l.text[at:end])
	l.keep(l.text[at:end])
	return end
}

func powerName(text string, at int) (name string, end int) {
	if strings.HasPrefix(text[at:], "${") {
		if i := strings.IndexByte(text[at:], '}'); i > 0 {
			return text[at+2 : at+i], at + i + 1
		}
		return "", at + 1
	}
	end = at + 1
	for end < len(text) && (isNameByte(text[end]) && text[end] != '-' || text[end] == ':' && end+1 < len(text) && isNameByte(text[end+1])) {
		end++
	}
	return text[at+1 : end], end
}

// expression keeps a text in parentheses as it is written.
func (l *powerShellLine) expression(at int) int {
	depth := 0
	for i := at; i < len(l.text); i++ {
		switch l.text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.remember(strings.ReplaceAll(l.text[at:i+1], "\n", " "))
				l.keep(l.text[at : i+1])
				return i + 1
			}
		}
	}
	return l.unclosed(at, "(")
}

// assignment reads "$name = 'text'" where a line begins with it; ok is false for
// another line.
func (p *paste) assignment(line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	if !strings.HasPrefix(trimmed, "$") {
		return false
	}
	name, end := powerName(trimmed, 0)
	value, ok := strings.CutPrefix(strings.TrimLeft(trimmed[end:], " \t"), "=")
	if name == "" || !ok {
		return false
	}
	start := p.c.pos + len(line) - len(strings.TrimLeft(value, " \t"))
	rest := p.c.text[start:]
	l := &powerShellLine{text: p.room(rest), vars: p.shell.powerVars}
	l.read()
	if l.quote != "" {
		p.wasted += len(l.text)
		return false
	}
	if len(l.words) == 1 && len(l.unknown) == 0 && len(l.words[0]) < maxShellValue && (strings.IndexByte(`'"`, rest[0]) >= 0 || rest[0] == '@') && len(p.shell.powerVars) < 1000 {
		if p.shell.powerVars == nil {
			p.shell.powerVars = map[string]string{}
		}
		p.shell.powerVars[strings.ToLower(name)] = l.words[0]
	}
	p.skipLines(strings.Count(rest[:l.end], "\n") + 1)
	return true
}
