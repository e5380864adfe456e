package report

import "strings"

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
			head := truncate(word, width, "")
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
