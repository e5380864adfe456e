package report

import (
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// display counts as terminals do: by grapheme clusters, and colours take nothing.
var display = displaywidth.Options{ControlSequences: true}

// columns returns how many columns a text takes. Most text is ASCII, and to know
// that costs a hundredth of looking for grapheme clusters.
func columns(s string) int {
	if isPlainASCII(s) {
		return len(s)
	}
	return display.String(s)
}

// truncate cuts a text to at most width columns, tail included. Colours that end
// behind the cut still end.
func truncate(s string, width int, tail string) string {
	if len(s) <= width && isPlainASCII(s) {
		return s
	}
	return display.TruncateString(s, width, tail)
}

// isPlainASCII reports whether every byte takes one column.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == 0x1b {
			return false
		}
	}
	return true
}
