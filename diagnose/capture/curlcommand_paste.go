package capture

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"immersve-doctor/diagnose/exchange"
)

// paste is a text in which commands stand among other things.
type paste struct {
	c         *cursor
	shell     *shell
	leave     func(line, lines int, text string) // takes what is no command
	each      func()                             // called behind every command line; nil for nothing
	failure   error                              // the first command line that no shell can read
	inherited *exchange.Known                    // what was brought into the text before it was read; nil for nothing
	wasted    int                                // bytes looked through for quotes that never close
}

func newPaste(text string) *paste {
	return &paste{c: newCursor(text), shell: newShell()}
}

// read returns the commands that call curl, in order.
func (p *paste) read() []shellCommand {
	var list []shellCommand
	p.commands(func(c shellCommand) bool {
		list = append(list, c)
		return true
	})
	return list
}

// commands hands over the commands that call curl, in order, until take returns
// false. The last one waits for the next, for a line may go on with it.
func (p *paste) commands(take func(shellCommand) bool) {
	for p.line() {
		n := len(p.shell.found)
		for i := range max(n-1, 0) {
			if !take(p.shell.found[i]) {
				return
			}
		}
		p.shell.found = p.shell.found[max(n-1, 0):]
	}
	for _, c := range p.shell.found {
		if !take(c) {
			return
		}
	}
}

// line reads one line, or a command of several; it returns false at the end.
func (p *paste) line() bool {
	line, ok := p.c.peek()
	if !ok {
		return false
	}
	p.shell.read = p.c.pos
	p.shell.secrets = exchange.Upon(p.inherited) // a line's secrets are its own: the commands before it are handed over
	call, isCall := findCall(line)
	switch {
	case isCall:
		p.command(call)
		if p.each != nil {
			p.each()
		}
	case p.assignment(line):
	case p.setsUp(line):
		p.posix(0, false)
	default:
		if !isChatter(line) && !isScaffold(line) {
			p.leave(p.c.line, 1, line)
		}
		p.c.next()
	}
	return true
}

// room bounds the text in which the end of the command at hand is looked for:
// little of it, once much was looked through in vain.
func (p *paste) room(text string) string {
	if p.wasted > maxWasted {
		return text[:min(len(text), maxTail)]
	}
	return text[:min(len(text), maxShellLine)]
}

// maxWasted bounds what is looked through in vain.
const maxWasted = 32 << 20

// setsUp reports whether a line that does not call curl itself matters to a
// command: it sets a variable, writes a file, begins a pipe, or goes on with the
// line before it.
func (p *paste) setsUp(line string) bool {
	line = strings.TrimLeft(line, " \t")
	word, _, _ := strings.Cut(line, " ")
	switch word {
	case "export", "declare", "readonly", "local", "typeset":
		return strings.Contains(line, "=")
	case "echo", "printf", "cat":
		return true
	}
	if name, _, ok := strings.Cut(word, "="); ok && isVariableName(strings.TrimSuffix(name, "+")) {
		return true
	}
	return strings.HasPrefix(line, "-") && len(p.shell.found) > 0 && len(line) > 1 && line[1] != ' ' && strings.Trim(line, "-") != ""
}

func isVariableName(s string) bool {
	return s != "" && !isDigitByte(s[0]) && !strings.Contains(s, "-") && strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || !isNameByte(byte(r)) }) < 0
}

func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }

// isScaffold knows the lines of a script that hold its commands together.
func isScaffold(line string) bool {
	line = strings.TrimSpace(line)
	word, _, _ := strings.Cut(strings.TrimRight(line, ";"), " ")
	switch word {
	case "for", "while", "do", "done", "if", "then", "else", "elif", "fi", "set", "source", "}", "{", ")", "sleep", "#", "::", "REM", "@echo":
		return true
	}
	return strings.HasPrefix(line, "#!")
}

// command reads the command line that begins on the line at hand.
func (p *paste) command(call call) {
	switch call.dialect {
	case inlineCode:
		line, _ := p.c.peek()
		p.posixText(line[call.start:call.end], p.c.line)
		p.c.next()
	case cmdShell:
		p.windows(call, cmdWords)
	case powerShell:
		p.windows(call, p.powerShellWords)
	default:
		p.posix(call.start, call.prompted)
	}
}

// posix reads a command line of a POSIX shell that begins at a column of the line
// at hand.
func (p *paste) posix(column int, prompted bool) {
	start, line := p.c.pos+column, p.c.line
	rest := p.c.text[start:]
	if prompted {
		rest = withoutPrompts(rest)
	}
	whole := len(rest)
	rest = p.room(rest)
	scan := &shellScan{text: rest}
	end := scan.end(0)
	switch {
	case scan.quote != "" && len(rest) < whole:
		p.wasted += len(rest)
		p.fail(noEnd(len(rest)))
	case scan.quote != "":
		p.unclosed(scan, line, column)
	case scan.weight >= maxShellWeight:
		p.fail(errTooComplex)
	case end == len(rest) && end < whole:
		p.fail(noEnd(len(rest)))
	case scan.words > maxShellArgs:
		p.fail(errTooManyWords)
	case scan.angles:
		p.plain(rest[:end], line, "a shell treats < and > outside quotes as redirections, so the command won't run")
		p.skipLines(strings.Count(strings.TrimSuffix(rest[:end], "\n"), "\n") + 1)
	default:
		p.posixText(rest[:end], line)
		if p.shell.exhausted {
			p.leave(line, 1, rest[:end])
			p.shell.exhausted = false
		}
		p.skipLines(strings.Count(strings.TrimSuffix(rest[:end], "\n"), "\n") + 1)
	}
}

func (p *paste) skipLines(n int) {
	for range n {
		if _, ok := p.c.next(); !ok {
			return
		}
	}
}

// posixText runs one command line. One that the parser refuses, "<card_id>" in it
// for one, is split into words without it.
func (p *paste) posixText(text string, line int) {
	found := len(p.shell.found)
	err := p.shell.run(text, line)
	var refused syntax.ParseError
	if err == nil || !errors.As(err, &refused) || !strings.Contains(text, "curl") {
		return
	}
	if len(p.shell.found) == found {
		p.plain(text, line, "a shell rejects this command line ("+shorten(refused.Text, 80)+"): put words with characters such as ( ) & ; in quotes")
	}
}

// plain reads a command line that no shell runs as it was meant.
func (p *paste) plain(text string, line int, note string) {
	words := plainWords(text)
	at := curlWord(words)
	if at < 0 {
		return
	}
	p.shell.found = append(p.shell.found, shellCommand{args: words[at+1:], line: line, files: p.shell.files, notes: []string{note}})
}

// unclosed notes a quote that never closes, and goes on behind the line that
// began the command.
func (p *paste) unclosed(scan *shellScan, line, start int) {
	p.wasted += len(scan.text)
	before := scan.text[:scan.open]
	e := &QuoteError{Quote: scan.quote, Line: line + strings.Count(before, "\n"), Column: column(before)}
	if e.Line == line {
		e.Column += start
	}
	if scan.apostrophe > 0 {
		before := scan.text[:scan.apostrophe]
		e.Guess = fmt.Sprintf("the ' at line %d, column %d looks like an apostrophe, but it closes the '…' around it (write '\\'' instead)", line+strings.Count(before, "\n"), column(before))
	}
	p.fail(e)
}

// fail gives the line at hand, and those that belong to it, back.
func (p *paste) fail(err error) {
	if p.failure == nil {
		p.failure = err
	}
	for first := true; ; first = false {
		line, ok := p.c.peek()
		if !ok || !first && (strings.TrimSpace(line) == "" || callsCurl(line)) {
			return
		}
		p.leave(p.c.line, 1, line)
		p.c.next()
	}
}

// withoutPrompts takes away what a shell shows before each further line of a
// command, where the second line has it: "> ", PowerShell's ">> ", "More? ". The
// first line without it is no part of the command.
func withoutPrompts(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	sign := continuationPrompt(rest)
	if sign == "" {
		return text
	}
	var b strings.Builder
	b.WriteString(first)
	for strings.HasPrefix(rest, sign) {
		line := rest[:lineLength(rest)]
		b.WriteString("\n" + strings.TrimPrefix(strings.TrimPrefix(line, sign), " "))
		rest = strings.TrimPrefix(rest[len(line):], "\n")
	}
	b.WriteByte('\n')
	return b.String()
}

func continuationPrompt(rest string) string {
	for _, sign := range []string{">>", ">", "More?"} {
		if strings.HasPrefix(rest, sign) {
			return sign
		}
	}
	return ""
}

// plainWords splits at blanks outside of quotes and knows nothing else of a shell.
func plainWords(text string) []string {
	var words []string
	var b strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] != '\n' {
				b.WriteByte(text[i])
				inWord = true
			}
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				end = len(text) - i - 1
			}
			b.WriteString(text[i+1 : i+1+end])
			i += end + 1
			inWord = true
		case isBlank(c):
			if inWord {
				words, inWord = append(words, b.String()), false
				b.Reset()
			}
		default:
			b.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, b.String())
	}
	return words
}
