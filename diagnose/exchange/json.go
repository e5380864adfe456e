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
func Depth(text []byte) int {
	depth, deepest := 0, 0
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
