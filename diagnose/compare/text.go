package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
)

// maxText is how many characters of a value are shown.
const maxText = 60

// maxMasked bounds the texts that are masked and shown, in bytes. Of a longer
// one only the size is told: a secret that the cut parts could not be known.
const maxMasked = 64 << 10

// clip shortens a text that is masked already.
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

// masked shows a text of unknown content.
func masked(text string) string {
	if len(text) > maxMasked {
		return fmt.Sprintf("%d bytes", len(text))
	}
	return exchange.MaskText(text)
}

// maskedPair shows the value behind a name, masked by either.
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

// secretName reports whether what stands under a name is a secret, as the one
// place that masks sees it. Signatures are proofs of a login and hidden as well.
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

// lastWord takes the member's own name from "card[pin]" and "card.pin".
func lastWord(name string) string {
	name = strings.TrimRight(name, "]")
	return name[strings.LastIndexAny(name, ".[")+1:]
}

// shownNode shows a JSON value as it is written, masked by the names of the
// members that it stands in.
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

// secretNode shows a secret so that it is recognised, where it is a text.
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

// shownContainer shows a small object or array whole, of a larger one its size.
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

// kindOf names a value's type, with its size where it has one.
func kindOf(n *schema.Node) string {
	if n == nil {
		return "nothing"
	}
	switch n.Kind {
	case schema.Object:
		return "an object with " + counted(n.Len(), "member")
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

// maxPointer is how much of a pointer is shown, as the body check has it.
const maxPointer = 300

func clipPointer(pointer string) string {
	pointer = exchange.MaskText(pointer)
	if len(pointer) > maxPointer {
		return strings.ToValidUTF8(pointer[:maxPointer], "") + "…"
	}
	return pointer
}

// clipName shows a name that came from a capture.
func clipName(name string) string { return clip(masked(name)) }

// isVariable reports whether a captured text is not what was sent but the
// variable of a shell, of a collection or of a sample that stood for it.
func isVariable(raw string) bool {
	if strings.Contains(raw, "{{") && strings.Contains(raw, "}}") || strings.Contains(raw, "${") {
		return true
	}
	i := strings.IndexByte(raw, '$')
	return i >= 0 && i+1 < len(raw) && (raw[i+1] == '_' || 'a' <= raw[i+1]|0x20 && raw[i+1]|0x20 <= 'z')
}

// cutMask parts a masked copy at what stands for the characters left out.
func cutMask(raw string) (head, tail string, isMask bool) {
	for _, mark := range [...]string{"…", "***", "...", "[redacted]", "<redacted>", "REDACTED"} {
		if before, after, ok := strings.Cut(raw, mark); ok {
			return before, strings.TrimLeft(after, "*."), true
		}
	}
	return "", "", false
}

// sameSecret tells whether two captured secrets are the same. known is false
// where one is a masked copy that the other may be the original of.
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

// agree reports whether two masked copies may be of one secret.
func agree(headA, tailA, headB, tailB string) bool {
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) &&
		(strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}
