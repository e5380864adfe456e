package exchange

import "strings"

// This file says what names mean: of members, parameters, fields and variables.

// secretOfName says what a member, parameter or field of this (normalised) name
// holds. toLineEnd is set for header fields, whose values hold spaces.
func secretOfName(name string) (secret Secret, toLineEnd bool) {
	switch name {
	case "authorization", "proxyauthorization":
		return SecretToken, true
	case "cookie", "setcookie", "cookie2", "setcookie2": // RFC 6265, RFC 2965
		return SecretCookie, true
	case "cookies":
		return SecretCookie, false
	case "cvv", "cvv2", "cvc", "cvc2", "csc", "cardverificationvalue", "securitycode",
		"pin", "pincode", "newpin", "oldpin", "currentpin", "confirmpin", "cardpin", "pinblock",
		"otp", "totp", "otpcode", "passcode", "onetimecode", "onetimepasscode", "verificationcode", "smscode", "mfacode":
		return SecretCode, false
	case "pan", "cardpan", "cardnumber", "primaryaccountnumber":
		return SecretPAN, false
	case "token", "tokenid", "jwt":
		return SecretToken, false
	case "kycurl", "callbackurl":
		return SecretLink, false
	case "mnemonic", "seedphrase", "recoveryphrase", "secretphrase", "seed":
		return SecretKey, false
	case "pass", "pwd":
		return SecretPassword, false
	}
	return secretOfEnding(name), false
}

// secretOfEnding knows names by their last word: xRefreshToken, card_cvv.
func secretOfEnding(name string) Secret {
	for _, e := range [...]struct {
		ending string
		secret Secret
	}{
		{"accesstoken", SecretToken},
		{"refreshtoken", SecretToken},
		{"sessiontoken", SecretToken},
		{"authtoken", SecretToken},
		{"idtoken", SecretToken},
		{"bearertoken", SecretToken},
		{"securitytoken", SecretToken},
		{"csrftoken", SecretToken},
		{"vaulttoken", SecretToken},
		{"privatetoken", SecretToken},
		{"githubtoken", SecretToken},
		{"gitlabtoken", SecretToken},
		{"apitoken", SecretToken},
		{"usertoken", SecretToken},
		{"clienttoken", SecretToken},
		{"admintoken", SecretToken},
		{"secret", SecretAPI},
		{"secretkey", SecretKey},
		{"privatekey", SecretKey},
		{"password", SecretPassword},
		{"passwd", SecretPassword},
		{"passphrase", SecretPassword},
		{"cvv", SecretCode},
		{"cvc", SecretCode},
		{"cardpan", SecretPAN},
	} {
		if strings.HasSuffix(name, e.ending) {
			return e.secret
		}
	}
	return SecretNone
}

// tooWeak keeps short values of ambiguous names ("token": "USDC") readable, and
// JSON literals, which hold no secret. A container is judged by what stands in
// it where its name is ambiguous.
func tooWeak(name, value string) bool {
	switch value {
	case "true", "false", "null":
		return true
	}
	switch name {
	case "token":
		return len(value) < 12 || isContainer(value) || isAddress(value)
	case "secret", "seed", "authorization", "key":
		return isContainer(value)
	}
	return isPersonal(name) && strings.HasPrefix(value, "{")
}

// isContainer reports whether a value begins as a JSON object or array does.
func isContainer(value string) bool {
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[")
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

// nameBefore returns the normalised name that ends before a delimiter, and
// whether it was quoted.
func nameBefore(text string, at int) (name string, quoted bool) {
	end := blanksBefore(text, at)
	for end > 0 && strings.IndexByte("\"'\\])", text[end-1]) >= 0 {
		quoted = quoted || text[end-1] != ']' && text[end-1] != ')'
		end--
	}
	start, escaped := end, false
	for start > 0 && end-start < 128 {
		c := text[start-1]
		if !isNameByte(c) {
			if strings.IndexByte(`\%&#;`, c) < 0 {
				break
			}
			escaped = true
		}
		start--
	}
	if escaped {
		return plainName(text[start:end]), quoted
	}
	return normalName(text[start:end]), quoted
}

// plainName takes a name's escapes away and returns what comes last in it,
// normalised: "pin" of "card%5Bpin%5D".
func plainName(name string) string {
	name = strings.TrimRight(unescapeAll(name), "\"'\\]) ")
	start := len(name)
	for start > 0 && isNameByte(name[start-1]) {
		start--
	}
	return normalName(name[start:])
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
