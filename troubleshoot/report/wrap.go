package report

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks a text into lines of at most width columns, at spaces only:
// operation names and ids hold hyphens and must stay whole. A word longer than a
// line is cut.
func Wrap(text string, width int) []string {
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
			head := truncate(prefix(word, 64*width), width, "")
			if head == "" {
				break // not even one character fits
			}
			lines = append(lines, head)
			word = word[len(head):]
			size -= columns(head)
		}
		line.WriteString(word)
		used += size
	}
	return append(lines, line.String())
}

// prefix returns at most n bytes of s, without half a character at the end. Cutting a
// long word line by line looks at no more than that each time.
func prefix(s string, n int) string {
	if n >= len(s) {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
