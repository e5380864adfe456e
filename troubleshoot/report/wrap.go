package report

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks a text into lines of at most width columns, at spaces only:
// operation names and ids hold hyphens and must stay whole. A word longer than a
// line is cut.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for ansi.StringWidth(line) > width {
			head := ansi.Truncate(line, width, "")
			if head == "" {
				break // not even one character fits
			}
			lines = append(lines, head)
			line = line[len(head):]
		}
	}
	return append(lines, line)
}
