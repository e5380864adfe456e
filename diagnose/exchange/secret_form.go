package exchange

import (
	"strconv"
	"strings"
)

// tokenEnd returns the end of a JWT (RFC 7519) that begins here, 0 if none does.
// Behind other letters, only one whose claims begin as a token's do is sure.
func tokenEnd(text string, at int) int {
	end := runEnd(text, at, isTokenByte)
	if end-at < 16 || at > 0 && isLetterOrDigit(text[at-1]) && !strings.HasPrefix(text[end:], ".eyJ") {
		return 0
	}
	for end < len(text) && text[end] == '.' {
		next := runEnd(text, end+1, isTokenByte)
		if next == end+1 {
			break
		}
		end = next
	}
	return brokenTokenEnd(text, at, end)
}

// brokenTokenEnd returns where a token ends that the width of a screen, or a logger,
// broke into lines: at the end of a line it lacks its signature, or has one of no
// algorithm's length, and the next line begins with what is no word.
func brokenTokenEnd(text string, at, end int) int {
	const maxLines = 64
	for range maxLines {
		next := nextLine(text, end)
		if next == 0 || isWholeToken(text[at:end]) {
			return end
		}
		last := runEnd(text, next, func(c byte) bool { return isTokenByte(c) || c == '.' })
		if last-next < 2 || last < len(text) && strings.IndexByte(" \t\r\n\"'\\,;&)]}<", text[last]) < 0 || !isMixed(text[next:last]) {
			return end
		}
		end = last
	}
	return end
}

// brokenEnd returns the end of a secret that is known, where its form tells that it
// goes on on the next line.
func brokenEnd(text string, start, end int) int {
	if start >= end {
		return end
	}
	if hasPrefixFold(text[start:], "eyJ") {
		return max(end, tokenEnd(text, start))
	}
	if hasPrefixFold(text[start:], "imm-") {
		return brokenSecretEnd(text, start, end)
	}
	return end
}

// brokenSecretEnd returns where an API secret ends that is broken into two lines: both
// together have its 64 hexadecimal digits.
func brokenSecretEnd(text string, start, end int) int {
	const digits = 64
	next := nextLine(text, end)
	if next == 0 {
		return end
	}
	last := runEnd(text, next, isTokenByte)
	if last-next > digits+16 || end-start > digits+32 {
		return end
	}
	whole := strings.ToLower(text[start:end] + text[next:last])
	rest := whole[max(0, len(whole)-digits):]
	if !strings.HasPrefix(whole, "imm-secret-") || strings.Trim(rest, "0123456789abcdef") != "" || len(rest) != digits || whole[len(whole)-digits-1] != '-' {
		return end
	}
	return last
}

// nextLine returns where the next line begins whose break is here, 0 when none is.
func nextLine(text string, at int) int {
	start := at
	if at < len(text) && text[at] == '\\' {
		at++ // a shell goes on with the next line
	}
	if at < len(text) && text[at] == '\r' {
		at++
	}
	if at >= len(text) || text[at] != '\n' || at > start+2 {
		return 0
	}
	return runEnd(text, at+1, func(c byte) bool { return c == ' ' || c == '\t' })
}

// isWholeToken reports whether a token has the signature of one of the usual
// algorithms (RFC 7518 section 3.1), told by its length.
func isWholeToken(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) < 3 {
		return false
	}
	switch len(parts[len(parts)-1]) {
	case 43, 64, 86, 128, 171, 176, 342, 512, 683: // HS, ES, RS and PS, Ed25519
		return true
	}
	return false
}

// isMixed reports whether letters and digits stand as they do in base64 and in no
// word: a small letter before a capital, or a digit beside either.
func isMixed(run string) bool {
	for i := 1; i < len(run); i++ {
		a, b := run[i-1], run[i]
		if 'a' <= a && a <= 'z' && 'A' <= b && b <= 'Z' || isDigit(a) && 'A' <= b && b <= 'Z' || 'A' <= a && a <= 'Z' && isDigit(b) {
			return true
		}
	}
	return false
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
	return start, brokenEnd(text, start, end)
}

// link returns the bounds of what makes a URL that begins here with its host, or
// with the last segment of its path, a single-use link: the path of a KYC page
// (kycUrl), the query of a page that shows a card (callbackUrl).
func link(text string, at int, m mode) (start, end int) {
	for _, host := range [...]string{"verify.immersve.com/", "verify.test.immersve.com/"} {
		if !hasPrefixFold(text[at:], host) {
			continue
		}
		start = at + len(host)
		if hasPrefixFold(text[start:], "api/") || hasPrefixFold(text[start:], "auth/") {
			return 0, 0 // a path of the API on the wrong host
		}
		return start, urlEnd(text, start)
	}
	const page = "secure?"
	if m.names() || !hasPrefixFold(text[at:], page) {
		return 0, 0 // tokenId is known by its name, and so much of it shows as recognises it
	}
	start = at + len(page)
	end = urlEnd(text, start)
	if !strings.Contains(strings.ToLower(text[start:end]), "tokenid=") {
		return 0, 0
	}
	return start, end
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// urlEnd returns where a URL within a text ends.
func urlEnd(text string, at int) int {
	return runEnd(text, at, func(c byte) bool { return c > ' ' && strings.IndexByte("\"'<>`\\(){}|,;", c) < 0 })
}

// panEnd returns the end of a card number that begins here: 13 to 19 digits in
// groups joined by single spaces, hyphens or plus signs, of a known network, with
// a right check digit (Luhn, ISO/IEC 7812-1 annex B). More digits may follow in
// groups of their own: expiry, CVV. 0 if none does.
func panEnd(text string, at int) int {
	var digits [19]byte
	end := 0
	for n, i := 0, at; i < len(text) && n < len(digits); i++ {
		c := text[i]
		if !isDigit(c) {
			if c == ' ' || c == '-' || c == '+' {
				if i+1 < len(text) && isDigit(text[i+1]) {
					continue
				}
			}
			break
		}
		digits[n] = c - '0'
		n++
		if n >= 13 && (i+1 == len(text) || !isLetterOrDigit(text[i+1])) && ofNetwork(digits[:n]) && luhn(digits[:n]) {
			end = i + 1
		}
	}
	return end
}

// panNumberEnd returns the end of a card number that begins here as a program writes
// a number with a fraction or an exponent: 4.111111111111111e15, 4111111111111111.0.
// 0 if none does.
func panNumberEnd(text string, at int) int {
	if !isDigit(text[at]) || at > 0 && text[at-1] == '.' {
		return 0
	}
	const reach = 48
	text = text[:min(len(text), at+reach)]
	whole := runEnd(text, at, isDigit)
	end, fraction, exponent := whole, "", 0
	if end < len(text) && text[end] == '.' {
		end = runEnd(text, whole+1, isDigit)
		fraction = text[whole+1 : end]
	}
	if end < len(text) && text[end]|0x20 == 'e' {
		sign := runEnd(text, end+1, func(c byte) bool { return c == '+' || c == '-' })
		last := runEnd(text, sign, isDigit)
		n, err := strconv.Atoi(text[end+1 : last])
		if err != nil {
			return 0
		}
		exponent, end = n, last
	}
	if end == whole || end < len(text) && isLetterOrDigit(text[end]) || !isPANNumber(text[at:whole], fraction, exponent) {
		return 0
	}
	return end
}

// isPANNumber reports whether a number is a card's. Round ones are amounts.
func isPANNumber(whole, fraction string, exponent int) bool {
	const least = 12 // digits before the zeros at the end
	all, length := whole+fraction, len(whole)+exponent
	for all != "" && all[0] == '0' {
		all, length = all[1:], length-1
	}
	if all = strings.TrimRight(all, "0"); len(all) < least || length < 13 || length > 19 || len(all) > length {
		return false
	}
	digits := []byte(all + strings.Repeat("0", length-len(all)))
	for i := range digits {
		digits[i] -= '0'
	}
	return ofNetwork(digits) && luhn(digits)
}

// ofNetwork knows the first digits and lengths of the networks' card numbers.
func ofNetwork(digits []byte) bool {
	prefix, n := 0, len(digits)
	for _, d := range digits[:4] {
		prefix = prefix*10 + int(d)
	}
	switch {
	case prefix/1000 == 4: // Visa
		return n == 13 || n == 16 || n == 19
	case prefix >= 5100 && prefix < 5600, prefix >= 2221 && prefix <= 2720: // Mastercard
		return n == 16
	case prefix/100 == 34, prefix/100 == 37: // American Express
		return n == 15
	case prefix/100 == 36, prefix/100 == 38, prefix/100 == 39, prefix/100 == 30: // Diners
		return n >= 14
	}
	return n >= 16 && (prefix/100 == 35 || prefix/100 == 50 || prefix >= 5600 && prefix < 7000) // JCB, Maestro, Discover, UnionPay
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

// pemEnd returns the end of a private key in PEM (RFC 7468) that begins here.
func pemEnd(text string, at int) int {
	const begin, tail = "-----begin", "-----end"
	if len(text)-at < len(begin) || !strings.EqualFold(text[at:at+len(begin)], begin) {
		return 0
	}
	head := strings.ToLower(text[at:min(len(text), at+64)])
	if !strings.Contains(strings.NewReplacer("+", " ", "_", " ").Replace(head), "private key") {
		return 0
	}
	end := indexFold(text, at+len(begin), tail)
	if end < 0 {
		return len(text)
	}
	end += len(tail)
	if j := strings.Index(text[end:], "-----"); j >= 0 {
		return end + j + len("-----")
	}
	return len(text)
}

// indexFold returns where a mark of hyphens and a word stands in a text from a
// place on, whatever the case of its letters; -1 where it does not. It reads no
// further than that: keys may follow one another in thousands.
func indexFold(text string, from int, mark string) int {
	const hyphens = "-----"
	for {
		i := strings.Index(text[from:], hyphens)
		if i < 0 {
			return -1
		}
		if from += i; hasPrefixFold(text[from:], mark) {
			return from
		}
		from++
	}
}

// phraseEnd returns the end of a mnemonic (BIP 39) that begins here: twelve words
// or more of three to eight small letters, with nothing but single spaces between
// them. 0 if none does: prose has shorter words and punctuation.
func phraseEnd(text string, at int) int {
	words, end := 0, at
	for i := at; ; {
		next := runEnd(text, i, isSmallLetter)
		if n := next - i; n < 3 || n > 8 || next < len(text) && isLetterOrDigit(text[next]) {
			break
		}
		words++
		end = next
		if next+1 >= len(text) || text[next] != ' ' && text[next] != '+' && text[next] != '\n' {
			break
		}
		i = next + 1
	}
	if words < 12 {
		return 0
	}
	return end
}

func isSmallLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isLetterOrDigit(c byte) bool { return isDigit(c) || isLetter(c) }

func isBase64Byte(c byte) bool { return isTokenByte(c) || c == '+' || c == '/' }
