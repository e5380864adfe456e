package capture

import (
	"strings"
	"unicode/utf8"
)

// windowsLine is a command line of cmd.exe or PowerShell, split into words.
type windowsLine struct {
	words   []string
	notes   []string
	end     int      // offset behind it
	open    int      // offset of the quote that is never closed
	quote   string   // it; "" when all are closed
	unknown []string // what only the user's shell knows, for a note
	opaque  []string // the same, as it stands in the words
}

// windows reads a command line of cmd.exe or PowerShell.
func (p *paste) windows(c call, split func(text string) windowsLine) {
	line := p.c.line
	rest := withoutPrompts(p.c.text[p.c.pos+c.start:])
	rest = p.room(rest)
	l := split(rest)
	if l.quote != "" {
		p.unclosed(&shellScan{text: rest, open: l.open, quote: l.quote}, line, c.start)
		return
	}
	if at := curlWord(l.words); at >= 0 {
		found := shellCommand{args: l.words[at+1:], line: line, notes: l.notes, opaque: l.opaque, secrets: p.shell.secrets}
		if len(l.unknown) > 0 {
			found.notes = append(found.notes, notExpanded(l.unknown))
		}
		p.shell.found = append(p.shell.found, found)
	}
	p.skipLines(strings.Count(strings.TrimSuffix(rest[:l.end], "\n"), "\n") + 1)
}

// cmdWords splits a command line as cmd.exe and the C runtime behind it do: the
// one takes the carets away and ends the line, the other makes the words.
func cmdWords(text string) windowsLine {
	line, offsets, end := withoutCarets(text)
	words, open := runtimeWords(line)
	l := windowsLine{words: words, end: end}
	if n := len(offsets); n > 0 && offsets[n-1]+1 < end && text[offsets[n-1]+1] == '&' && line[n-1] != ' ' {
		l.notes = append(l.notes, cutByAmpersand)
	}
	if open >= 0 {
		l.open, l.quote = offsets[open], `"`
	}
	return l
}

// withoutCarets does what cmd.exe does: outside of double quotes a caret takes
// the meaning of the next character away; before a line break it joins the lines,
// and the character behind the break is plain. It returns where each byte came
// from.
func withoutCarets(text string) (line string, offsets []int, end int) {
	var b strings.Builder
	quoted := false
	keep := func(i int) {
		b.WriteByte(text[i])
		offsets = append(offsets, i)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n', !quoted && strings.IndexByte("&|", c) >= 0:
			return b.String(), offsets, i + lineLength(text[i:])
		case c == '"':
			quoted = !quoted
			keep(i)
		case c == '^' && !quoted:
			i++
			if i < len(text) && text[i] == '\n' {
				i++
			}
			if i < len(text) {
				keep(i)
			}
		default:
			keep(i)
		}
	}
	return b.String(), offsets, len(text)
}

// runtimeWords makes words as Microsoft's C runtime does: 2n backslashes before a
// quote are n and the quote counts, 2n+1 are n and the quote is plain, two quotes
// inside of quotes are one. open is the offset of a quote that is never closed, or
// -1.
func runtimeWords(line string) (words []string, open int) {
	var b strings.Builder
	inWord := false
	open = -1
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\':
			run := i
			for i < len(line) && line[i] == '\\' {
				i++
			}
			count := i - run
			if i < len(line) && line[i] == '"' {
				b.WriteString(strings.Repeat(`\`, count/2))
				if count%2 == 1 {
					b.WriteByte('"')
				} else {
					i--
				}
			} else {
				b.WriteString(strings.Repeat(`\`, count))
				i--
			}
			inWord = true
		case c == '"' && open >= 0 && i+1 < len(line) && line[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			inWord = true
			if open < 0 {
				open = i
			} else {
				open = -1
			}
		case (c == ' ' || c == '\t') && open < 0:
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
	return words, open
}

// column counts characters from the beginning of the line, from 1.
func column(before string) int {
	return 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}
