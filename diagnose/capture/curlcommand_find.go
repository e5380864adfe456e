package capture

import "strings"

// dialect is the language of a command line.
type dialect int

const (
	posixShell dialect = iota
	inlineCode         // a POSIX shell's, between two backticks on one line
	cmdShell
	powerShell
)

// call is where a line calls curl.
type call struct {
	start, end int // of the command; end only of inline code
	dialect    dialect
	prompted   bool // a shell's prompt stands before it
}

// findCall looks for a call of curl in a line: at its beginning, behind a prompt,
// behind what a shell allows before a command.
func findCall(line string) (call, bool) {
	from := 0
	for range maxCalls {
		i := strings.Index(line[from:], "curl")
		if i < 0 {
			return call{}, false
		}
		i += from
		from = i + len("curl")
		if c, ok := callAt(line, i); ok {
			return c, true
		}
	}
	return call{}, false
}

// maxCalls bounds how many places of one line are looked at.
const maxCalls = 32

// callAt looks at one place where the letters "curl" stand.
func callAt(line string, at int) (call, bool) {
	after := line[at+len("curl"):]
	if len(after) >= 4 && strings.EqualFold(after[:4], ".exe") {
		after = after[4:]
	}
	if after == "" || strings.IndexByte(" \t\"'", after[0]) < 0 && after != `\` && after != "^" {
		return call{}, false
	}
	wordStart := strings.LastIndexAny(line[:at], " \t'\"`(|;&$=>") + 1
	if path := line[wordStart:at]; path != "" && !strings.ContainsAny(path, `/\`) {
		return call{}, false
	}
	before := line[:wordStart]
	start, prompted := promptEnd(before)
	start += listMark(before[start:])
	if !commandMayFollow(before[start:]) {
		if strings.HasSuffix(before, "`") {
			return inline(line, wordStart)
		}
		return call{}, false
	}
	c := call{start: start, prompted: prompted}
	c.dialect = dialectOf(line, line[:start])
	return c, true
}

// inline is a command between backticks in a sentence.
func inline(line string, start int) (call, bool) {
	end := strings.IndexByte(line[start:], '`')
	if end < 0 {
		return call{}, false
	}
	return call{start: start, end: start + end, dialect: inlineCode}, true
}

// promptEnd returns where a shell's prompt ends: "$ ", "user@host:~$ ", "➜  ~ ",
// "PS C:\>", "C:\Users\me>".
func promptEnd(before string) (end int, prompted bool) {
	for i := 0; i < len(before); i++ {
		sign := before[i]
		switch {
		case strings.IndexByte(`'"|;&(`, sign) >= 0:
			return blanks(before), false
		case strings.IndexByte("$%#", sign) >= 0 && i+1 < len(before) && before[i+1] == ' ' && isPromptText(before[:i]):
			return i + 2, true
		case sign == '>' && isPromptText(before[:i]):
			return i + 1 + blanks(before[i+1:]), true
		case strings.HasPrefix(before[i:], "❯"), strings.HasPrefix(before[i:], "➜"):
			end = strings.LastIndex(before, " ") + 1
			return end, true
		}
	}
	return blanks(before), false
}

// isPromptText knows what stands before a prompt's sign: nothing, or no sentence.
func isPromptText(text string) bool {
	text = strings.TrimSpace(text)
	return len(strings.Fields(text)) <= 3 && (text == "" || strings.ContainsAny(text, `@:~/\[(`) || !strings.Contains(text, " "))
}

// listMark returns the length of the mark that begins an item of a list.
func listMark(before string) int {
	word, _, ok := strings.Cut(before, " ")
	if ok && (word == "-" || word == "*" || word == "+" || len(word) > 1 && strings.Trim(word[:len(word)-1], "0123456789") == "" && strings.IndexByte(".)", word[len(word)-1]) >= 0) {
		return len(word) + 1
	}
	return 0
}

func blanks(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// commandMayFollow reports whether a shell takes the next word for a command.
func commandMayFollow(before string) bool {
	trimmed := strings.TrimSpace(before)
	if trimmed == "" {
		return true
	}
	for _, end := range []string{"|", "&&", ";", "$(", "(", "{", "!", " do", " then", " else"} {
		if strings.HasSuffix(trimmed, end) {
			return end != "(" && end != "{" && end != "!" || len(trimmed) == 1 || strings.HasSuffix(trimmed, "=(")
		}
	}
	if trimmed == "&" { // PowerShell's call operator
		return true
	}
	words := strings.Fields(trimmed)
	ran, value := false, false
	for _, w := range words {
		name, _, assigned := strings.Cut(w, "=")
		switch {
		case assigned && isVariableName(name), runsAnother(w):
			ran = true
		case ran && (value || strings.HasPrefix(w, "-") || strings.Trim(w, "0123456789.smh") == ""):
		default:
			return false
		}
		value = strings.HasPrefix(w, "-")
	}
	return true
}

// dialectOf tells the shells apart by what only they write.
func dialectOf(line, prompt string) dialect {
	trimmed := strings.TrimRight(line, " \t")
	switch {
	case strings.HasPrefix(strings.TrimSpace(prompt), "PS "), strings.HasSuffix(trimmed, " `"), strings.HasPrefix(strings.TrimSpace(line), "& "):
		return powerShell
	case strings.HasSuffix(trimmed, "^"), strings.Contains(line, `^"`), strings.Contains(prompt, `:\`):
		return cmdShell
	case strings.Contains(strings.ToLower(line), "curl.exe"):
		if strings.ContainsAny(line, "'`$@") {
			return powerShell
		}
		return cmdShell
	}
	return posixShell
}
