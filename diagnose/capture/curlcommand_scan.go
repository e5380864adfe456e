package capture

import (
	"errors"
	"fmt"
	"strings"
)

// QuoteError says that a quote opens in a command and is never closed.
type QuoteError struct {
	Quote        string // ', ", $', ` or $(
	Line, Column int    // where it opens, from 1; columns count characters
	Guess        string // what may have happened; ""
}

// Error says where.
func (e *QuoteError) Error() string {
	text := fmt.Sprintf("the quote %s at line %d, column %d is never closed", e.Quote, e.Line, e.Column)
	if e.Guess != "" {
		text += "; " + e.Guess
	}
	return text
}

// errTooComplex says that a text is no command that a person wrote.
var errTooComplex = errors.New("the command is nested too deeply")

// maxShellWeight bounds the nesting and the operators of one command line, and
// maxShellLine its length: the parser behind it descends recursively. maxShellArgs
// bounds its words, each of which that parser keeps in a hundred bytes and more.
const (
	maxShellWeight = 2000
	maxShellLine   = 2 << 20
	maxShellArgs   = 100_000
)

// errTooManyWords says that a command line has more words than are read of one.
var errTooManyWords = fmt.Errorf("it has more than %d words, the limit for a command", maxShellArgs)

// noEnd says that a command line is longer than what is read of one.
func noEnd(n int) error {
	return fmt.Errorf("it's longer than %d bytes, the limit for a command", n)
}

// shellScan finds where a command line of a POSIX shell ends: at the line break
// outside of quotes, with the here-documents that follow it.
type shellScan struct {
	text       string
	weight     int
	words      int
	heredocs   []heredoc
	apostrophe int    // offset of the first ' that closes a quote between two letters; 0 for none
	angles     bool   // <name> stands outside of quotes
	open       int    // offset of the quote that is never closed
	quote      string // it; "" when all are closed
}

type heredoc struct {
	delimiter string
	tabs      bool // <<-: tabs before the delimiter do not count
}

// end returns the offset behind the command line that begins at an offset; the
// line break that ends it belongs to it.
func (s *shellScan) end(at int) int {
	at = s.until(at, 0)
	if s.quote != "" {
		return len(s.text)
	}
	return s.skipHeredocs(at)
}

// until scans to the closing character behind it, or, for 0, to the end of the
// line.
func (s *shellScan) until(at int, closer byte) int {
	wordStart := true
	for at < len(s.text) && s.quote == "" && s.weight < maxShellWeight {
		c := s.text[at]
		switch {
		case c == closer && closer != 0:
			return at + 1
		case c == '\n' && closer == 0 && !s.continues(at):
			return at + 1
		case c == '\n' && len(s.heredocs) > 0:
			at = s.skipHeredocs(at + 1)
			wordStart = true
			continue
		case c == '#' && wordStart:
			at += lineLength(s.text[at:])
			continue
		}
		between := strings.IndexByte(" \t\n;|&(", c) >= 0
		if wordStart && !between {
			s.words++
		}
		wordStart = between
		at = s.step(at, closer)
	}
	return at
}

// step goes behind one character, or what it opens.
func (s *shellScan) step(at int, closer byte) int {
	rest := s.text[at:]
	switch c := rest[0]; {
	case c == '\\':
		return min(at+2, len(s.text))
	case c == '\'':
		return s.plainQuote(at, 1, "'", false)
	case strings.HasPrefix(rest, "$'"):
		return s.plainQuote(at, 2, "$'", true)
	case c == '"':
		return s.doubleQuote(at)
	case c == '`' && closer != '`':
		return s.nested(at, 1, '`', "`")
	case strings.HasPrefix(rest, "$("):
		return s.nested(at, 2, ')', "$(")
	case c == '(':
		return s.nested(at, 1, ')', "(")
	case strings.HasPrefix(rest, "<<<"):
		return at + 3
	case strings.HasPrefix(rest, "<<"):
		return s.heredoc(at + 2)
	case c == '<' && placeholderEnd(rest) > 0:
		s.angles = true
		return at + placeholderEnd(rest)
	case strings.IndexByte("{|&", c) >= 0, strings.IndexByte("iwufcts!", c) >= 0 && s.keyword(at):
		s.weight++
	}
	return at + 1
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// placeholderEnd returns the length of "<card_id>" at the beginning of a text, 0
// when there is none: what people leave of a route, and a shell takes for
// redirections.
func placeholderEnd(text string) int {
	for i := 1; i < len(text) && i < 48; i++ {
		switch c := text[i]; {
		case c == '>' && i > 1:
			return i + 1
		case !isNameByte(c) && (c != ' ' || i == 1):
			return 0
		}
	}
	return 0
}

// keyword reports whether a word that opens a nested command begins here.
func (s *shellScan) keyword(at int) bool {
	if at > 0 && strings.IndexByte(" \t\n;", s.text[at-1]) < 0 {
		return false
	}
	for _, word := range []string{"if", "while", "until", "for", "function", "case", "coproc", "time", "select", "!"} {
		if after, ok := strings.CutPrefix(s.text[at:], word); ok && (after == "" || strings.IndexByte(" \t\n", after[0]) >= 0) {
			return true
		}
	}
	return false
}

// continues reports whether the line that ends here asks for another one.
func (s *shellScan) continues(at int) bool {
	line := strings.TrimRight(s.text[max(0, at-4):at], " \t")
	return strings.HasSuffix(line, "|") || strings.HasSuffix(line, "&&")
}

func (s *shellScan) unclosed(at int, quote string) int {
	s.open, s.quote = at, quote
	return len(s.text)
}

func (s *shellScan) plainQuote(at, width int, quote string, escapes bool) int {
	for i := at + width; i < len(s.text); i++ {
		switch {
		case s.text[i] == '\\' && escapes:
			i++
		case s.text[i] == '\'':
			if s.apostrophe == 0 && i > at+width && isLetter(s.text[i-1]) && i+1 < len(s.text) && isLetter(s.text[i+1]) {
				s.apostrophe = i
			}
			return i + 1
		}
	}
	return s.unclosed(at, quote)
}

func (s *shellScan) doubleQuote(at int) int {
	for i := at + 1; i < len(s.text) && s.quote == ""; {
		switch {
		case s.text[i] == '\\':
			i += 2
		case s.text[i] == '"':
			return i + 1
		case strings.HasPrefix(s.text[i:], "$("):
			i = s.nested(i, 2, ')', "$(")
		case s.text[i] == '`':
			i = s.nested(i, 1, '`', "`")
		default:
			if strings.HasPrefix(s.text[i:], "${") {
				s.weight++
			}
			i++
		}
	}
	if s.quote == "" {
		s.unclosed(at, `"`)
	}
	return len(s.text)
}

func (s *shellScan) nested(at, width int, closer byte, quote string) int {
	s.weight += 10
	if s.weight >= maxShellWeight {
		return len(s.text)
	}
	end := s.until(at+width, closer)
	if s.quote == "" && (end >= len(s.text) && (end == 0 || s.text[end-1] != closer) || end <= at+width-1) {
		return s.unclosed(at, quote)
	}
	return end
}

// heredoc notes the delimiter behind "<<".
func (s *shellScan) heredoc(at int) int {
	var h heredoc
	if at < len(s.text) && s.text[at] == '-' {
		h.tabs = true
		at++
	}
	for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == '\t') {
		at++
	}
	start := at
	for at < len(s.text) && strings.IndexByte(" \t\n;|&<>()", s.text[at]) < 0 {
		at++
	}
	h.delimiter = strings.NewReplacer(`'`, "", `"`, "", `\`, "").Replace(s.text[start:at])
	if h.delimiter != "" && len(s.heredocs) < 16 {
		s.heredocs = append(s.heredocs, h)
	}
	return at
}

// skipHeredocs goes behind the here-documents that begin at a line.
func (s *shellScan) skipHeredocs(at int) int {
	for _, h := range s.heredocs {
		for at < len(s.text) {
			length := lineLength(s.text[at:])
			line := s.text[at : at+length]
			at = min(at+length+1, len(s.text))
			if h.tabs {
				line = strings.TrimLeft(line, "\t")
			}
			if line == h.delimiter {
				break
			}
		}
	}
	s.heredocs = nil
	return at
}

// lineLength is the length of the line that begins a text, without its line break.
func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}
