package report

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks a text into lines of at most width columns, at spaces only:
// operation names and ids hold hyphens and must stay whole. A word longer than a
// line is cut.
func wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for word := range strings.FieldsSeq(text) {
		size := columns(word)
		if used > 0 && used+1+size > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		for size > width {
			head := ansi.Truncate(word, width, "")
			if head == "" {
				break // not even one character fits
			}
			lines = append(lines, head)
			word = word[len(head):]
			size = columns(word)
		}
		line.WriteString(word)
		used += size
	}
	return append(lines, line.String())
}

// columns returns how many columns a text takes. Most text is ASCII, and to know
// that costs a hundredth of looking for grapheme clusters.
func columns(s string) int {
	if isASCII(s) && strings.IndexByte(s, 0x1b) < 0 {
		return len(s)
	}
	return ansi.StringWidth(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
