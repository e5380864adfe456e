package troubleshoot

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// voiceRule is a wording to avoid, and what to write instead.
type voiceRule struct {
	avoid   *regexp.Regexp
	instead string
}

// voice is what the files in testdata say: the wordings to avoid, and their right uses.
type voice struct {
	any        *regexp.Regexp // matches if one of the rules does
	rules      []voiceRule
	exceptions []voiceException
}

// voiceException is a right use of a wording that a rule keeps out.
type voiceException struct{ file, words string }

// columns returns the lines of a file of tab-separated columns without its comments.
func columns(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// readVoice returns the rules for the pages, or those for the messages in Go code.
func readVoice(t *testing.T, pages bool) voice {
	t.Helper()
	var v voice
	var all []string
	for _, row := range columns(t, "testdata/voice.txt") {
		if len(row) > 2 && !pages {
			continue
		}
		v.rules = append(v.rules, voiceRule{regexp.MustCompile(row[0]), row[1]})
		all = append(all, row[0])
	}
	v.any = regexp.MustCompile(strings.Join(all, "|"))
	for _, row := range columns(t, "testdata/voice-exceptions.txt") {
		v.exceptions = append(v.exceptions, voiceException{row[0], row[1]})
	}
	return v
}

// oddWords returns what the rules find in a text, each with its line.
func (v *voice) oddWords(file, text string) []string {
	flat := strings.ToLower(strings.ReplaceAll(text, "\n", " ")) // the same offsets, without line breaks between words
	if len(flat) != len(text) || !v.any.MatchString(flat) {
		return nil
	}
	var found []string
	for _, r := range v.rules {
		for _, at := range r.avoid.FindAllStringIndex(flat, -1) {
			if v.excepted(file, flat, at) {
				continue
			}
			line := strings.Count(text[:at[0]], "\n") + 1
			around := strings.TrimSpace(flat[max(0, at[0]-30):min(len(flat), at[1]+30)])
			found = append(found, fmt.Sprintf("%s:%d: %q (write: %s)", file, line, strings.ToValidUTF8(around, ""), r.instead))
		}
	}
	return found
}

// excepted reports whether a match is part of an exception's words.
func (v *voice) excepted(file, flat string, at []int) bool {
	for _, e := range v.exceptions {
		if e.file != "*" && e.file != file {
			continue
		}
		from := max(0, at[0]-len(e.words))
		near := flat[from:min(len(flat), at[1]+len(e.words))]
		for i := strings.Index(near, e.words); i >= 0; {
			if from+i <= at[0] && at[1] <= from+i+len(e.words) {
				return true
			}
			next := strings.Index(near[i+1:], e.words)
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
	return false
}

var (
	fenced   = regexp.MustCompile("(?s)```.*?\n```")
	codeSpan = regexp.MustCompile("`[^`]*`")
	// machine are the lines of the front matter that programs read: ids, commands, links.
	machine = regexp.MustCompile(`(?m)^ *(?:- )?(?:id|code|operation|family|topic|status|severity|related|also|docs|verify|get|pointer|value|repeat|codes|findings|endpoints|webhooks|values):.*$|^ +- "?immersve-doctor .*$`)
	// keys are the names in the front matter, and the operations that a code's page explains.
	keys    = regexp.MustCompile(`(?m)^ *(?:- )?[a-zA-Z0-9-]+:`)
	bullets = regexp.MustCompile(`(?m)^ *- `)
)

// blank replaces what a pattern matches by as many spaces, so that lines stay where
// they are.
func blank(text string, pattern *regexp.Regexp) string {
	return pattern.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, s)
	})
}

// proseOf returns a page without its code, ids and commands.
func proseOf(page string) string {
	page = blank(blank(page, fenced), codeSpan)
	front, body, _ := strings.Cut(strings.TrimPrefix(page, "---\n"), "\n---\n")
	front = blank(strings.ReplaceAll(front, "\nrepeat:", "\nagain:"), machine)
	return "---\n" + blank(front, keys) + "\n---\n" + blank(body, bullets)
}

// The pages are plain technical English: no wording of testdata/voice.txt is in them.
func TestPagesAreInPlainEnglish(t *testing.T) {
	v := readVoice(t, true)
	pages, err := filepath.Glob("*/*.md")
	if err != nil || len(pages) < 270 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, name := range pages {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, odd := range v.oddWords(filepath.ToSlash(name), proseOf(string(text))) {
			t.Error(odd)
		}
	}
}

// What the rules keep out is found, with its line, and their exceptions are not.
func TestOddWords(t *testing.T) {
	v := readVoice(t, true)
	for text, want := range map[string]int{
		"The value is no\nJWT.": 1, "It is no longer valid.": 0, "The host answered.": 1, "Fix it; then retry.": 1,
		"If the status is active - wait.": 1, "The card belongs to the account.": 0, "It belongs in a header.": 1,
		"Fault injection is on.": 0, "A fault.": 1, "The card program's color.": 0, "A colour.": 1,
	} {
		if got := v.oddWords("a.md", text); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
	got := v.oddWords("a.md", proseOf("---\nid: stands\ntitle: x\n---\none\n`stands`\n```\nstands\n```\nIt\nstands.\n"))
	if len(got) != 1 || !strings.HasPrefix(got[0], "a.md:11:") {
		t.Errorf("%q, want line 11 only", got)
	}
}
