package exchange

import "strings"

// Masked reports whether a text holds a secret that was masked before, as it is
// in every HAR of this tool: what stands there then cannot be sent again. Dots
// elsewhere, in a sentence, are no mask.
func Masked(text string) bool {
	if !strings.Contains(text, "…") {
		return false
	}
	for _, s := range findAt(text, sharedMode) {
		if strings.Contains(text[s.start:s.end], "…") {
			return true
		}
	}
	for i := 0; ; {
		at := strings.Index(text[i:], "…")
		if at < 0 {
			return false
		}
		at += i
		i = at + len("…")
		if maskedToken(text[:at], text[i:]) {
			return true
		}
	}
}

// maskedToken recognises what maskSecret leaves of a token or an API secret in
// other places: "eyJ…Q4w", "imm-secret-test-…cdef", "token": "abc…tuv".
func maskedToken(before, after string) bool {
	start := len(before)
	for start > 0 && isTokenByte(before[start-1]) {
		start--
	}
	head, tail := before[start:], after[:runEnd(after, 0, isTokenByte)]
	switch {
	case head == "eyJ" && len(tail) == 3:
		return true
	case strings.HasPrefix(head, "imm-secret-") && len(tail) == 4:
		return true
	}
	return len(head) == 3 && len(tail) == 3 && namesSecret(before[:start])
}

// namesSecret reports whether a text ends with the name of a secret, its
// delimiter and an opening quote. findSecrets passes over short values of names
// that may mean something else ("token"), and a mask is short.
func namesSecret(before string) bool {
	before = strings.TrimRight(before, "\"'\\ \t")
	if before == "" || before[len(before)-1] != ':' && before[len(before)-1] != '=' {
		return false
	}
	name, _ := nameBefore(before, len(before)-1)
	return meaningOf(name).secret != SecretNone
}
