package exchange

import "strings"

// This file says what names mean: of fields, parameters, headers, variables, options,
// elements and columns. A name counts by its last words, however they are joined.

// meaning is what a name says of its value.
type meaning struct {
	secret Secret
	doubt  doubt
	line   bool // a header whose value goes to the end of the line
}

// doubt is what else a name may stand for.
type doubt uint8

const (
	certain   doubt = iota
	container       // an object or an array, whose own fields say what they hold
	word            // and a short or public value as well: "token": "USDC"
)

// meaningOf says what a field, parameter, header, variable or option of this name holds.
func meaningOf(name string) meaning {
	const most = 64
	var room, roomBefore [24]byte
	if len(name) > most {
		return meaning{}
	}
	rest, last := cutWord(name)
	w := lower(last, &room)
	for len(w) > 0 && isQualifier(string(w)) {
		if rest, last = cutWord(rest); last == "" {
			return meaning{}
		}
		w = lower(last, &room)
	}
	if len(w) < 2 || len(last) > len(room) {
		return meaning{}
	}
	rest, before := cutWord(rest)
	b := lower(before, &roomBefore)
	m := meaningOfWords(rest, string(b), string(w), false)
	if m.secret != SecretNone || len(w) < 4 {
		return m
	}
	if n := len(w) - 1; w[n] == 's' {
		w = w[:n]
		if m = meaningOfWords(rest, string(b), string(w), false); m.secret != SecretNone {
			m.doubt = max(m.doubt, container)
			return m
		}
	}
	for _, base := range [...]string{"token", "secret", "password", "passwd", "passphrase", "phrase", "key", "pin", "cvv", "cvc", "code", "pan", "otp", "number", "url", "id", "value", "block", "cookie", "authorization", "pwd", "pass"} {
		if n := len(w) - len(base); n > 0 && w[len(w)-1] == base[len(base)-1] && string(w[n:]) == base {
			return meaningOfWords("", string(w[:n]), base, true)
		}
	}
	return meaning{}
}

// meaningOfWords is meaningOf for the last word of a name and the one before it. Glued
// words are written as one, so that the first may be the end of any; rest is what
// stands before both.
func meaningOfWords(rest, before, last string, glued bool) meaning {
	switch last {
	case "authorization", "authorisation":
		return meaning{SecretToken, container, true}
	case "cookie":
		return meaning{SecretCookie, certain, true}
	case "token":
		switch before {
		case "page", "next", "continuation", "cursor", "sync", "previous", "prev", "postman": // of lists, and an id of a request
			return meaning{}
		case "access", "refresh", "session", "auth", "id", "bearer", "security", "csrf", "xsrf", "vault", "private", "github", "gitlab", "api", "user", "client", "admin", "login", "reset":
			return meaning{SecretToken, certain, false}
		}
		return meaning{SecretToken, word, false}
	case "jwt", "jws", "jwe", "bearer", "csrf", "xsrf":
		return meaning{SecretToken, word, false}
	case "auth", "credential", "credentials":
		return meaning{SecretToken, word, last == "auth"}
	case "secret":
		return meaning{SecretAPI, container, false}
	case "password", "passwd", "passphrase", "pwd":
		return meaning{SecretPassword, certain, false}
	case "pass":
		switch before {
		case "", "user", "db", "proxy", "auth", "basic", "admin", "login", "api", "my":
			return meaning{SecretPassword, certain, false}
		}
	case "cvv", "cvc", "csc", "otp", "totp", "passcode":
		return meaning{SecretCode, certain, false}
	case "pin":
		switch before {
		case "new", "old", "current", "confirm", "card", "user", "my":
			return meaning{SecretCode, certain, false}
		}
		if !glued {
			return meaning{SecretCode, certain, false}
		}
	case "code":
		switch before {
		case "pin", "otp", "totp", "sms", "mfa", "tfa", "fa", "verification", "security", "time", "onetime", "cvv", "pass", "onetimepass":
			return meaning{SecretCode, certain, false}
		}
	case "block":
		if before == "pin" {
			return meaning{SecretCode, certain, false}
		}
	case "verification", "value":
		if before == "card" || before == "cardverification" {
			return meaning{SecretCode, certain, false}
		}
	case "pan":
		if !glued || before == "card" {
			return meaning{SecretPAN, certain, false}
		}
	case "number":
		if before == "card" || before == "primaryaccount" || before == "account" && strings.Contains(strings.ToLower(rest), "primary") {
			return meaning{SecretPAN, certain, false}
		}
	case "key":
		switch before {
		case "private", "secret", "signing", "encryption", "decryption", "session", "auth", "shared", "master", "hmac", "access", "signer":
			return meaning{SecretKey, certain, false}
		}
		if glued && (strings.HasSuffix(before, "private") || strings.HasSuffix(before, "secret") || strings.HasSuffix(before, "secretaccess")) {
			return meaning{SecretKey, certain, false}
		}
	case "mnemonic":
		return meaning{SecretKey, certain, false}
	case "phrase":
		switch before {
		case "seed", "recovery", "secret", "backup", "mnemonic":
			return meaning{SecretKey, certain, false}
		}
	case "seed":
		switch before {
		case "", "wallet", "master", "recovery":
			return meaning{SecretKey, container, false}
		}
	case "url":
		if before == "kyc" || before == "callback" {
			return meaning{SecretLink, certain, false}
		}
	case "id":
		if before == "token" && rest == "" {
			return meaning{SecretToken, certain, false}
		}
	}
	return meaning{}
}

// isQualifier reports whether a word at the end of a name says only which of several
// values it is, or how it is written.
func isQualifier(word string) bool {
	switch word {
	case "value", "confirm", "confirmation", "again", "repeat", "repeated", "text", "string", "raw", "plain", "plaintext", "original", "new", "old", "current", "header", "hash",
		"test", "live", "prod", "production", "sandbox", "staging", "dev", "local", "demo":
		return true
	}
	return false
}

// cutWord cuts the last word off a name: "Token" from "accessToken", "access_token[2]".
func cutWord(name string) (rest, last string) {
	end := len(name)
	for end > 0 && !isLetter(name[end-1]) {
		end--
	}
	start := end
	for start > 0 && isLetter(name[start-1]) {
		start--
		if c := name[start]; c < 'a' && start > 0 {
			if p := name[start-1]; p >= 'a' || isLetter(p) && start+1 < end && name[start+1] >= 'a' {
				break
			}
		}
	}
	return name[:start], name[start:end]
}

// lower returns a word in small letters.
func lower(word string, room *[24]byte) []byte {
	n := copy(room[:], word)
	for i := range n {
		room[i] |= 0x20
	}
	return room[:n]
}

// passes reports whether a value is none that the name stands for: a literal, or what
// an ambiguous name means elsewhere ("token": "USDC"). A container is read by itself
// where its name is ambiguous.
func (m meaning) passes(value string) bool {
	switch value {
	case "true", "false", "null", "undefined", "none", "None":
		return true
	}
	if value == "" || m.doubt == certain {
		return value == ""
	}
	if value[0] == '{' || value[0] == '[' && !isListOfTexts(value) {
		return true
	}
	if m.doubt == container {
		return false
	}
	return len(value) < 12 || isAddress(value) || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") != "" && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz-_.:/ ") == ""
}

// isListOfTexts reports whether an array begins with a text that is no short word.
func isListOfTexts(array string) bool {
	first := strings.TrimLeft(array[1:min(len(array), 64)], " \t\r\n")
	return len(first) > 12 && (first[0] == '"' || first[0] == '\'') && strings.IndexByte(first[1:12], first[0]) < 0
}

// isAddress reports whether a value is an address of an EVM network: of a token,
// which is public.
func isAddress(value string) bool {
	return len(value) == 42 && strings.HasPrefix(value, "0x") && strings.Trim(value[2:], "0123456789abcdefABCDEF") == ""
}

// blanksBefore returns where the blanks before a delimiter begin; behind a quote, line
// breaks and a comment are blanks as well.
func blanksBefore(text string, at int) int {
	const reach = 64
	end := at
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '\t') {
		end--
	}
	far := end
	if before := text[max(0, end-reach):end]; strings.HasSuffix(before, "*/") {
		if i := strings.LastIndex(before, "/*"); i >= 0 {
			far = end - len(before) + i
		}
	}
	for far > max(0, end-reach) && strings.IndexByte(" \t\r\n", text[far-1]) >= 0 {
		far--
	}
	if far > 0 && text[far-1] == '"' {
		return far
	}
	return end
}

// nameBefore returns the name that ends before a delimiter, and whether it was quoted:
// "pin" of `pin`, `card["pin"]`, `card%5Bpin%5D`, `pin[]`, `pin[0]`, `pin.value`.
func nameBefore(text string, at int) (name string, quoted bool) {
	const reach = 128
	end := blanksBefore(text, at)
	for far := max(0, end-reach); ; {
		for end > far && strings.IndexByte("\"'\\])", text[end-1]) >= 0 {
			quoted = quoted || text[end-1] != ']' && text[end-1] != ')'
			end--
		}
		start, escaped := end, false
		for start > far {
			c := text[start-1]
			if !isNameByte(c) {
				if strings.IndexByte(`\%&#;`, c) < 0 {
					break
				}
				escaped = true
			}
			start--
		}
		if name = text[start:end]; escaped {
			name = lastName(unescapeAll(name))
		}
		if start == far || !isIndex(name) || strings.IndexByte(".[/", text[start-1]) < 0 {
			return name, quoted
		}
		end = start - 1
	}
}

// lastName returns the last name of a path: "pin" of "card[pin]", "/card/pin/0",
// `["body", "pin"]`.
func lastName(path string) string {
	for {
		end := len(path)
		for end > 0 && !isNameByte(path[end-1]) {
			end--
		}
		start := end
		for start > 0 && isNameByte(path[start-1]) {
			start--
		}
		if name := path[start:end]; start == 0 || !isIndex(name) {
			return name
		}
		path = path[:start]
	}
}

// isIndex reports whether a part of a path names no field: an index, or "value" behind
// the name of what has it.
func isIndex(name string) bool {
	return runEnd(name, 0, isDigit) == len(name) || name == "value"
}

// normalName writes a name in small letters, without hyphens and underscores.
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
	var room [64]byte
	normal := room[:0]
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'A' <= c && c <= 'Z':
			normal = append(normal, c|0x20)
		default:
			normal = append(normal, c)
		}
	}
	return string(normal)
}
