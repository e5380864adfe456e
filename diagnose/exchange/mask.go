package exchange

import (
	"strings"
	"unicode/utf8"
)

// This file is the one place that masks. It works on any text, valid JSON or
// not, because most bodies worth diagnosing are broken: it looks for members,
// parameters and fields by name, and for secrets that show by their form.

// MaskText returns the text with every secret in it shortened to what
// recognises it.
func MaskText(text string) string {
	spans := findSecrets(text)
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	last := 0
	for _, s := range spans {
		b.WriteString(text[last:s.start])
		b.WriteString(maskSecret(s.secret, text[s.start:s.end]))
		last = s.end
	}
	b.WriteString(text[last:])
	return b.String()
}

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
func maskInPlace(text []byte) []byte {
	spans := findSecrets(string(text))
	if len(spans) == 0 {
		return text
	}
	masked := make([]byte, 0, len(text))
	last := 0
	for _, s := range spans {
		masked = append(masked, text[last:s.start]...)
		for range utf8.RuneCount(text[s.start:s.end]) {
			masked = append(masked, '*')
		}
		last = s.end
	}
	return append(masked, text[last:]...)
}

// maskSecret shortens one secret.
func maskSecret(kind Secret, raw string) string {
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

func edge(raw string, first, last int) string {
	head, tail := raw[:first], raw[len(raw)-last:]
	return strings.ToValidUTF8(head, "") + "…" + strings.ToValidUTF8(tail, "")
}

// apiPrefix returns the length of "imm-secret-test-" and its like.
func apiPrefix(raw string) int {
	if !strings.HasPrefix(raw, "imm-") {
		return 0
	}
	return strings.LastIndexByte(raw, '-') + 1
}

type span struct {
	start, end int
	secret     Secret
}

// findSecrets returns the secrets of a text in order, without overlap.
func findSecrets(text string) []span {
	var spans []span
	last := 0
	add := func(start, end int, secret Secret) int {
		if start >= last && end > start {
			spans = append(spans, span{start, end, secret})
			last = end
			return end
		}
		return start + 1
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ':' || c == '=':
			start, end, secret := namedSecret(text, i)
			if secret != SecretNone {
				i = add(start, end, secret)
				continue
			}
		case c == 'e' && strings.HasPrefix(text[i:], "eyJ"):
			if end := tokenEnd(text, i); end > 0 {
				i = add(i, end, SecretToken)
				continue
			}
		case c == 'i' && strings.HasPrefix(text[i:], "imm-secret-"):
			end := runEnd(text, i, isTokenByte)
			if end-i >= 24 {
				i = add(i, end, SecretAPI)
				continue
			}
		case c == 'B' || c == 'b':
			if start, end := bearer(text, i); end > start {
				i = add(start, end, SecretToken)
				continue
			}
		case '2' <= c && c <= '6':
			if end := panEnd(text, i); end > 0 {
				i = add(i, end, SecretPAN)
				continue
			}
			if isDigitRunStart(text, i) {
				i = runEnd(text, i, isDigit)
				continue
			}
		case c == '-' && strings.HasPrefix(text[i:], "-----BEGIN "):
			if end := pemEnd(text, i); end > 0 {
				i = add(i, end, SecretKey)
				continue
			}
		}
		i++
	}
	return spans
}

// namedSecret looks at the name before a ":" or "=" and, when it names a
// secret, at the value behind it.
func namedSecret(text string, at int) (start, end int, secret Secret) {
	name, wide := nameBefore(text, at)
	secret, toLineEnd := secretOfName(name)
	if secret == SecretNone {
		return 0, 0, SecretNone
	}
	start, end = valueAfter(text, at+1, toLineEnd && !wide && text[at] == ':')
	value := text[start:end]
	if value == "" || secret != SecretPassword && isPlaceholder(value) || tooWeak(name, value) {
		return 0, 0, SecretNone
	}
	if toLineEnd {
		if scheme, rest, ok := strings.Cut(value, " "); ok && isWord(scheme) && len(scheme) <= 12 && secret == SecretToken {
			if isPlaceholder(rest) {
				return 0, 0, SecretNone
			}
			start += len(scheme) + 1
		}
	}
	return start, end, secret
}

// tooWeak keeps short values of ambiguous names ("token": "USDC") readable, and
// JSON literals and containers, which hold no secret themselves.
func tooWeak(name, value string) bool {
	switch value {
	case "true", "false", "null":
		return true
	}
	switch name {
	case "token", "secret":
		return len(value) < 12
	}
	return value[0] == '{' || value[0] == '['
}

// nameBefore returns the normalised name that ends before a delimiter, and
// whether it was quoted.
func nameBefore(text string, at int) (name string, quoted bool) {
	end := at
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	for end > 0 && (text[end-1] == '"' || text[end-1] == '\'' || text[end-1] == '\\') {
		end--
		quoted = true
	}
	start := end
	for start > 0 && end-start < 64 && isNameByte(text[start-1]) {
		start--
	}
	return normalName(text[start:end]), quoted
}

func normalName(name string) string {
	clean := true
	for i := 0; i < len(name); i++ {
		if c := name[i]; c == '-' || c == '_' || 'A' <= c && c <= 'Z' {
			clean = false
			break
		}
	}
	if clean {
		return name
	}
	name = strings.ReplaceAll(name, "-", "")
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// secretOfName says what a member, parameter or field of this (normalised) name
// holds. toLineEnd is set for header fields, whose values hold spaces.
func secretOfName(name string) (secret Secret, toLineEnd bool) {
	switch name {
	case "authorization", "proxyauthorization":
		return SecretToken, true
	case "cookie", "setcookie":
		return SecretCookie, true
	case "cvv", "cvv2", "cvc", "cvc2", "cardcvv", "cardcvc", "cardverificationvalue", "pin", "newpin", "otp":
		return SecretCode, false
	case "pan", "cardpan", "cardnumber", "primaryaccountnumber":
		return SecretPAN, false
	case "token", "tokenid", "idtoken", "jwt":
		return SecretToken, false
	case "kycurl", "callbackurl":
		return SecretLink, false
	case "mnemonic", "seedphrase", "recoveryphrase", "seed":
		return SecretKey, false
	case "secret":
		return SecretAPI, false
	}
	switch {
	case strings.HasSuffix(name, "accesstoken"), strings.HasSuffix(name, "refreshtoken"):
		return SecretToken, false
	case strings.HasSuffix(name, "apisecret"), strings.HasSuffix(name, "clientsecret"):
		return SecretAPI, false
	case strings.HasSuffix(name, "password"), strings.HasSuffix(name, "passwd"):
		return SecretPassword, false
	case strings.HasSuffix(name, "privatekey"):
		return SecretKey, false
	}
	return SecretNone, false
}

// valueAfter returns the bounds of the value behind a delimiter.
func valueAfter(text string, at int, toLineEnd bool) (start, end int) {
	start = at
	for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
		start++
	}
	quote := ""
	for _, q := range []string{`\"`, `"`, `'`} {
		if strings.HasPrefix(text[start:], q) {
			quote = q
			break
		}
	}
	start += len(quote)
	end = start
	for end < len(text) {
		c := text[end]
		if quote != "" {
			if strings.HasPrefix(text[end:], quote) || c == '\n' {
				break
			}
			if c == '\\' && quote != `\"` && end+1 < len(text) {
				end++
			}
		} else if c == '\n' || c == '\r' || c == '"' || c == '\'' || !toLineEnd && strings.IndexByte(" \t&,;}])<>\\", c) >= 0 {
			break
		}
		end++
	}
	return start, min(end, len(text))
}

// tokenEnd returns the end of a JWT (RFC 7519) that begins here, 0 if none does.
func tokenEnd(text string, at int) int {
	if at > 0 && isTokenByte(text[at-1]) {
		return 0
	}
	end := runEnd(text, at, isTokenByte)
	if end-at < 16 {
		return 0
	}
	for end < len(text) && text[end] == '.' {
		next := runEnd(text, end+1, isTokenByte)
		if next == end+1 {
			break
		}
		end = next
	}
	return end
}

// bearer returns the bounds of the token behind the word "Bearer".
func bearer(text string, at int) (start, end int) {
	const word = "bearer "
	if len(text)-at <= len(word) || !strings.EqualFold(text[at:at+len(word)], word) {
		return 0, 0
	}
	start = at + len(word)
	end = runEnd(text, start, func(c byte) bool { return isTokenByte(c) || strings.IndexByte(".~+/=", c) >= 0 })
	if end-start < 16 {
		return 0, 0
	}
	return start, end
}

// panEnd returns the end of a card number that begins here: 14 to 19 digits in
// groups joined by single spaces or hyphens, with a right check digit (Luhn,
// ISO/IEC 7812-1 annex B). 0 if none does.
func panEnd(text string, at int) int {
	if !isDigitRunStart(text, at) {
		return 0
	}
	var digits [20]byte
	n, end := 0, at
	for i := at; i < len(text) && n < len(digits); i++ {
		c := text[i]
		if isDigit(c) {
			digits[n] = c - '0'
			n++
			end = i + 1
			continue
		}
		if (c == ' ' || c == '-') && i+1 < len(text) && isDigit(text[i+1]) {
			continue
		}
		break
	}
	if n < 14 || n > 19 || end < len(text) && isNameByte(text[end]) || !luhn(digits[:n]) {
		return 0
	}
	return end
}

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func pemEnd(text string, at int) int {
	line, _, _ := strings.Cut(text[at:], "\n")
	if !strings.Contains(line, "PRIVATE KEY") {
		return 0
	}
	const tail = "-----END "
	i := strings.Index(text[at:], tail)
	if i < 0 {
		return len(text)
	}
	end := at + i + len(tail)
	if j := strings.Index(text[end:], "-----"); j >= 0 {
		return end + j + len("-----")
	}
	return len(text)
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

func isDigitRunStart(text string, at int) bool { return at == 0 || !isNameByte(text[at-1]) }

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
