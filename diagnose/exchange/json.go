package exchange

import "github.com/tidwall/gjson"

// MaxDepth is how deep JSON may nest before it counts as unreadable; the
// validator below descends by recursion.
const MaxDepth = 1000

// ValidJSON reports whether a text is one JSON value (RFC 8259) that nests no
// deeper than MaxDepth.
func ValidJSON(text []byte) bool {
	return Depth(text) <= MaxDepth && gjson.ValidBytes(text)
}

// Depth returns how deep the brackets of a text nest, strings left out.
func Depth(text []byte) int { return Brackets(text).Deepest }

// Nesting is what the brackets of a text tell without parsing it.
type Nesting struct {
	Deepest int  // levels
	End     int  // behind the bracket that closes the first one; the text's length when none does
	Open    bool // the text ends inside a string or before its brackets close
}

// Brackets reads the brackets of a text as JSON nests them: strings are left
// out, and what is no bracket is not judged.
func Brackets[T string | []byte](text T) Nesting {
	n := Nesting{End: -1}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			n.Deepest = max(n.Deepest, depth)
		case c == '}' || c == ']':
			if depth--; depth == 0 && n.End < 0 {
				n.End = i + 1
			}
		}
	}
	if n.End < 0 {
		n.End = len(text)
	}
	n.Open = quoted || depth > 0
	return n
}
