package exchange

import "strings"

// This file is the one place that masks. It works on any text, valid JSON or
// not, because most bodies worth diagnosing are broken: it looks for members,
// parameters and fields by name, and for secrets that show by their form.

// MaskText returns the text with every secret in it shortened to what
// recognises it.
func MaskText(text string) string { return maskSpans(text, findSecrets(text)) }

func maskSpans(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	last := int32(0)
	for _, s := range spans {
		b.WriteString(text[last:s.start])
		b.WriteString(s.mask(text))
		last = s.end
	}
	b.WriteString(text[last:])
	return b.String()
}

// MaskForms masks what shows by its form that it is a secret, and leaves alone
// what only a name would tell. It is for sentences of this tool, in which names of
// secrets stand before other words, and values are masked by their names already.
func MaskForms(text string) string { return maskSpans(text, findAt(text, formMode)) }

// HoldsSecret returns the kinds of secret that show in a text, in order of
// appearance, each once.
func HoldsSecret(text string) []Secret {
	var kinds []Secret
	seen := map[Secret]bool{}
	for _, s := range findSecrets(text) {
		if !seen[s.secret] {
			seen[s.secret] = true
			kinds = append(kinds, s.secret)
		}
	}
	return kinds
}

// maskInPlace overwrites the secrets of a text with as many characters, so that
// lines and columns keep their places.
func maskInPlace(text []byte, known *Known) []byte {
	spans := known.find(string(text))
	if len(spans) == 0 {
		return text
	}
	masked := make([]byte, 0, len(text))
	last := int32(0)
	for _, s := range spans {
		masked = append(masked, text[last:s.start]...)
		for _, r := range string(text[s.start:s.end]) {
			if r == '\n' {
				masked = append(masked, '\n') // a secret that is broken into lines
			} else {
				masked = append(masked, '*')
			}
		}
		last = s.end
	}
	return append(masked, text[last:]...)
}

// maskSecret shortens one secret; one that is shortened already stays.
func maskSecret(kind Secret, raw string) string {
	if isMask(kind, raw) {
		return raw
	}
	switch kind {
	case SecretToken:
		if len(raw) >= 16 {
			return edge(raw, 3, 3)
		}
	case SecretAPI:
		if prefix := apiPrefix(raw); prefix > 0 && len(raw) >= prefix+12 {
			return edge(raw, prefix, 4)
		}
		if len(raw) >= 24 {
			return edge(raw, 0, 4)
		}
	case SecretPAN:
		if len(raw) >= 12 {
			return edge(raw, 0, 4)
		}
	}
	return "…"
}

// isMask reports whether a text is what maskSecret leaves of a secret of a kind.
func isMask(kind Secret, raw string) bool {
	head, tail, ok := strings.Cut(raw, "…")
	if !ok || runEnd(tail, 0, isNameByte) < len(tail) || runEnd(head, 0, isNameByte) < len(head) {
		return false
	}
	switch kind {
	case SecretToken:
		return len(head) == 3 && len(tail) == 3
	case SecretAPI:
		return len(tail) == 4 && len(head) == apiPrefix(head)
	case SecretPAN:
		return head == "" && len(tail) == 4
	}
	return false
}

func edge(raw string, first, last int) string {
	head, tail := raw[:first], raw[len(raw)-last:]
	if runEnd(head, 0, isNameByte) < first || runEnd(tail, 0, isNameByte) < last {
		return "…"
	}
	return head + "…" + tail
}

// apiPrefix returns the length of "imm-secret-test-" and its like.
func apiPrefix(raw string) int {
	rest, ok := strings.CutPrefix(raw, "imm-")
	if !ok {
		return 0
	}
	for _, word := range [...]string{"secret-", "key-", "test-", "prod-", "LIVE-", "live-"} {
		rest = strings.TrimPrefix(rest, word)
	}
	return len(raw) - len(rest)
}

// isPlaceholder reports whether a value is no secret but the place where one
// belongs: "$TOKEN", "{{token}}", "<token>", "undefined".
func isPlaceholder(s string) bool {
	s = strings.TrimSpace(s)
	switch s {
	case "", "undefined", "null", "None", "nil", "NaN", "[object Object]":
		return true
	}
	for _, p := range [...][2]string{{"${", "}"}, {"{{", "}}"}, {"{", "}"}, {"<", ">"}, {"%", "%"}, {"$", ""}} {
		if inner, ok := strings.CutPrefix(s, p[0]); ok && strings.HasSuffix(inner, p[1]) {
			inner = strings.TrimSuffix(inner, p[1])
			if len(inner) > len("env:") && p[0][0] == '$' && strings.EqualFold(inner[:len("env:")], "env:") {
				inner = inner[len("env:"):] // PowerShell's variables of the environment
			}
			if p[0] == "{{" && isReference(inner) {
				return true
			}
			return inner != "" && runEnd(inner, 0, func(c byte) bool { return isNameByte(c) || c == ' ' || c == '.' }) == len(inner) && !isDigit(inner[0]) && len(inner) <= 48
		}
	}
	return false
}

// isReference knows what request editors write between two braces besides a
// name: "$processEnv NAME", "login.response.body.$.token".
func isReference(inner string) bool {
	fromClient := strings.HasPrefix(inner, "$") || strings.Contains(inner, ".response.") || strings.Contains(inner, ".request.")
	return fromClient && len(inner) <= 96 && runEnd(inner, 0, func(c byte) bool { return isNameByte(c) || strings.IndexByte(" .$%*[]", c) >= 0 }) == len(inner)
}

func runEnd(text string, at int, in func(byte) bool) int {
	for at < len(text) && in(text[at]) {
		at++
	}
	return at
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameByte(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
}

func isTokenByte(c byte) bool { return isNameByte(c) }
