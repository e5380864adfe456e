package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
)

// maxText is the number of characters of a value that are shown.
const maxText = 60

// maxMasked limits the strings that are masked and shown, in bytes. For a longer one
// only the size is shown, because cutting it could split a secret.
const maxMasked = 64 << 10

// clip shortens a string that's already masked.
func clip(text string) string {
	count := 0
	for i := range text {
		if count++; count == maxText {
			if rest := text[i:]; len([]rune(rest)) > 1 {
				return text[:i] + "…"
			}
		}
	}
	return text
}

// masked returns an untrusted string with its secrets masked.
func masked(text string) string {
	if len(text) > maxMasked {
		return fmt.Sprintf("%d bytes", len(text))
	}
	return exchange.MaskText(text)
}

// maskedPair returns a named value, masked if the name or the value is a secret's.
func maskedPair(name, value string) string {
	if len(name)+len(value) > maxMasked {
		return fmt.Sprintf("%d bytes", len(value))
	}
	if !secretName(name) || value == "" {
		return exchange.MaskText(value)
	}
	if !strings.ContainsAny(value, " \t\r\n&;,") {
		if _, after, ok := strings.Cut(exchange.MaskText(lastWord(name)+"="+value), "="); ok && after != value {
			return after
		}
	}
	return "…"
}

// secretName reports whether the masking rules hide a value with this name. Login
// signatures are hidden too.
func secretName(name string) bool {
	if len(name) > 256 {
		return false
	}
	const probe = "q7w3z9x5v1n8m2k6"
	quoted, err := json.Marshal(lastWord(name))
	if err != nil || strings.HasSuffix(strings.ToLower(name), "signature") {
		return true
	}
	return !strings.Contains(exchange.MaskText(string(quoted)+`:"`+probe+`"`), probe)
}

// lastWord returns the last name in "card[pin]" or "card.pin".
func lastWord(name string) string {
	name = strings.TrimRight(name, "]")
	return name[strings.LastIndexAny(name, ".[")+1:]
}

// shownNode returns a JSON value as written, masked according to the names of its
// enclosing fields.
func shownNode(n *schema.Node, names []string) string {
	for _, name := range names {
		if secretName(name) {
			return secretNode(n, name)
		}
	}
	switch n.Kind {
	case schema.Object, schema.Array:
		return shownContainer(n)
	}
	return masked(string(n.Raw))
}

// secretNode returns a masked secret that's still recognizable if it's a string.
func secretNode(n *schema.Node, name string) string {
	switch n.Kind {
	case schema.String:
		return `"` + maskedPair(name, n.Text()) + `"`
	case schema.Null, schema.Boolean:
		return string(n.Raw)
	case schema.Object, schema.Array:
		return kindOf(n)
	}
	return "…"
}

// shownContainer returns a small object or array in full, or the size of a larger one.
func shownContainer(n *schema.Node) string {
	const small = 240
	if len(n.Raw) <= small && exchange.ValidJSON(n.Raw) {
		var b bytes.Buffer
		if json.Compact(&b, n.Raw) == nil && len(b.Bytes()) <= maxText && !holdsSecretName(n) {
			return masked(b.String())
		}
	}
	return kindOf(n)
}

func holdsSecretName(n *schema.Node) bool {
	for child := range n.Children() {
		if child.IsMember() && secretName(child.Name()) || holdsSecretName(child) {
			return true
		}
	}
	return false
}

// kindOf returns a value's type, with its size if it has one.
func kindOf(n *schema.Node) string {
	if n == nil {
		return "nothing"
	}
	switch n.Kind {
	case schema.Object:
		return "an object with " + counted(n.Len(), "field")
	case schema.Array:
		return "an array of " + counted(n.Len(), "item")
	case schema.Null:
		return "null"
	}
	return "a " + n.Kind.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// maxPointer is how much of a pointer is shown, as in the body check.
const maxPointer = 300

func clipPointer(pointer string) string {
	pointer = exchange.MaskText(pointer)
	if len(pointer) > maxPointer {
		return strings.ToValidUTF8(pointer[:maxPointer], "") + "…"
	}
	return pointer
}

// clipName returns a name from an input, masked and shortened.
func clipName(name string) string { return clip(masked(name)) }

// isVariable reports whether a string in an input isn't the value that was sent but a
// shell's, a collection's or a sample's variable.
func isVariable(raw string) bool {
	if strings.Contains(raw, "{{") && strings.Contains(raw, "}}") || strings.Contains(raw, "${") {
		return true
	}
	i := strings.IndexByte(raw, '$')
	return i >= 0 && i+1 < len(raw) && (raw[i+1] == '_' || 'a' <= raw[i+1]|0x20 && raw[i+1]|0x20 <= 'z')
}

// cutMask splits a masked value at the mark for the omitted characters.
func cutMask(raw string) (head, tail string, isMask bool) {
	for _, mark := range [...]string{"…", "***", "...", "[redacted]", "<redacted>", "REDACTED"} {
		if before, after, ok := strings.Cut(raw, mark); ok {
			return before, strings.TrimLeft(after, "*."), true
		}
	}
	return "", "", false
}

// sameSecret reports whether two secrets in the inputs are the same. known is false if
// one may be a masked copy of the other.
func sameSecret(a, b string) (same, known bool) {
	if a == b {
		return true, true
	}
	headA, tailA, maskA := cutMask(a)
	headB, tailB, maskB := cutMask(b)
	switch {
	case maskA && maskB:
		return false, !agree(headA, tailA, headB, tailB)
	case maskA:
		return false, !strings.HasPrefix(b, headA) || !strings.HasSuffix(b, tailA)
	case maskB:
		return false, !strings.HasPrefix(a, headB) || !strings.HasSuffix(a, tailB)
	}
	return false, true
}

// agree reports whether two masked copies may be of the same secret.
func agree(headA, tailA, headB, tailB string) bool {
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) &&
		(strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}
