package exchange

import (
	_ "embed"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mayBeToken reports whether the header of a token may begin here (RFC 7515, RFC 7516):
// an object of JSON in base64, in whose place white space may stand first.
func mayBeToken(text string, at int) bool {
	const least, most = 16, 96
	if hasPrefixFold(text[at:], "eyJ") {
		return true
	}
	if strings.IndexByte("eICD7", text[at]) < 0 || at > 0 && isLetterOrDigit(text[at-1]) {
		return false
	}
	end := runEnd(text, at, isTokenByte)
	if end-at < least || end == len(text) || text[end] != '.' {
		return false
	}
	var head [most]byte
	n, _ := base64.RawURLEncoding.Decode(head[:], []byte(text[at:min(end, at+most)]))
	object, ok := strings.CutPrefix(strings.TrimLeft(strings.TrimPrefix(string(head[:n]), "\ufeff"), " \t\r\n"), "{")
	return ok && strings.HasPrefix(strings.TrimLeft(object, " \t\r\n"), `"`)
}

// tokenEnd returns the end of a token that may begin here, 0 if none does: of a JWT
// (RFC 7519), or of a JWE, which may lack its key. Behind other letters, only one whose
// claims begin as a token's do is sure.
func tokenEnd(text string, at int) int {
	end := runEnd(text, at, isTokenByte)
	if end-at < 16 || at > 0 && isLetterOrDigit(text[at-1]) && !strings.HasPrefix(text[end:], ".eyJ") {
		return 0
	}
	for end < len(text) && text[end] == '.' {
		next := end + 1
		if next < len(text) && text[next] == '.' {
			next++
		}
		last := runEnd(text, next, isTokenByte)
		if last == next {
			break
		}
		end = last
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

// brokenSecretEnd returns where an API secret ends that is broken into lines: together
// they have its 64 hexadecimal digits.
func brokenSecretEnd(text string, start, end int) int {
	const digits, most, maxLines = 64, 128, 16
	whole := strings.ToLower(text[start:min(end, start+most)])
	for last := end; len(whole) < most; {
		rest := whole[max(0, len(whole)-digits):]
		if last > end && strings.HasPrefix(whole, "imm-secret-") && len(whole) > digits && whole[len(whole)-digits-1] == '-' && strings.Trim(rest, "0123456789abcdef") == "" {
			return last
		}
		next := nextLine(text, last)
		if last = runEnd(text, next, isTokenByte); next == 0 || last == next {
			return end
		}
		whole += strings.ToLower(text[next:min(last, next+most)])
	}
	return end
}

// nextLine returns where the next line goes on whose break is here, 0 when none is.
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
	return linePrefix(text, at+1)
}

// linePrefix returns where a line goes on behind what mail, comments, streams and
// loggers write before it.
func linePrefix(text string, at int) int {
	const reach = 64
	far := text[:min(len(text), at+reach)]
	for {
		at = runEnd(far, at, func(c byte) bool { return strings.IndexByte(" \t>|#*", c) >= 0 })
		end := runEnd(far, at, func(c byte) bool { return strings.IndexByte("0123456789:.-+/,TZ[]()", c) >= 0 })
		switch {
		case strings.HasPrefix(far[at:], "//"):
			at += len("//")
		case strings.HasPrefix(far[at:], "data:"):
			at += len("data:")
		case end-at >= len("22:16:11") && end < len(far) && far[end] == ' ':
			at = end
		default:
			return at
		}
	}
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

// maxSeparators is how many signs may stand between two groups of digits, or two words.
const maxSeparators = 4

// separated returns where what follows separators begins: at most so many signs that
// are neither letters nor digits, of which blanks in a row count once and a tag counts
// as one.
func separated(text string, at, most int) int {
	const tag = 40
	for n := 0; at < len(text) && n < most; n++ {
		switch c := text[at]; {
		case c <= ' ':
			at = runEnd(text, at, func(c byte) bool { return c <= ' ' })
		case isLetterOrDigit(c):
			return at
		case c == '<' && strings.IndexByte(text[at:min(len(text), at+tag)], '>') > 1:
			at += strings.IndexByte(text[at:], '>') + 1
		default:
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
		}
	}
	return at
}

// cardEnd returns the end of a card number that begins here, and what of it may show:
// of track data (ISO/IEC 7813) nothing. 0 if none does. A number has 13 to 19 digits, is
// of a known network and has a right check digit (Luhn, ISO/IEC 7812-1 annex B). Its
// digits stand in groups that are joined by single blanks, hyphens or plus signs; by
// anything else where the groups are as long as those of card numbers or of numbers are.
// More digits may follow in groups of their own: expiry, CVV.
func cardEnd(text string, at int) (end int, secret Secret) {
	if at == len(text) || !isDigit(text[at]) {
		return 0, SecretNone
	}
	if end = panNumberEnd(text, at); end > 0 {
		return end, SecretPAN
	}
	var digits [19]byte
	var groups []int
	at = runEnd(text, at, func(c byte) bool { return c == '0' })
	if at == len(text) || text[at] < '2' || text[at] > '6' {
		return 0, SecretNone
	}
	loose := false
	for n, i := 0, at; i < len(text); {
		last := runEnd(text[:min(len(text), i+len(digits)-n+1)], i, isDigit)
		if last == i || n+last-i > len(digits) {
			break
		}
		for ; i < last; i++ {
			digits[n] = text[i] - '0'
			n++
		}
		groups = append(groups, n)
		if n >= 13 && (!loose || isRegular(groups)) && ofNetwork(digits[:n]) && luhn(digits[:n]) {
			if after := suffixEnd(text, i); after > 0 {
				end = after
			}
		}
		if i = separated(text, i, maxSeparators); i == last || i == len(text) || !isDigit(text[i]) {
			break
		}
		loose = loose || i != last+1 || strings.IndexByte(" -+", text[last]) < 0
	}
	if end == 0 {
		return 0, SecretNone
	}
	return trackEnd(text, end)
}

// isRegular reports whether the groups of a number are of one size, but that the first
// and the last of three or more may be shorter; sizes are given as sums. Groups of two
// are those of clocks, days and bytes as well.
func isRegular(sums []int) bool {
	if len(sums) < 3 {
		return len(sums) == 1 || sums[1] == 2*sums[0]
	}
	size := sums[1] - sums[0]
	for i := 2; i < len(sums)-1; i++ {
		if sums[i]-sums[i-1] != size {
			return false
		}
	}
	return size != 2 && sums[0] <= size && sums[len(sums)-1]-sums[len(sums)-2] <= size
}

// suffixEnd returns the end of a number behind its digits, with what programs write
// there to say its type: L, n, ULL, i64. 0 if it goes on as something else.
func suffixEnd(text string, at int) int {
	end := runEnd(text[:min(len(text), at+5)], at, isLetterOrDigit)
	switch strings.ToLower(text[at:end]) {
	case "", "l", "ll", "u", "ul", "ull", "n", "m", "f", "d", "i64", "u64", "i128", "u128", "f64":
		return end
	}
	if end > at && (text[at] == 'D' || text[at] == 'd') && isDigit(text[end-1]) && strings.Trim(text[at+1:end], "0123456789") == "" {
		return at // of track 2 as a terminal writes it
	}
	return 0
}

// trackEnd returns the end of the track that a card number belongs to.
func trackEnd(text string, end int) (int, Secret) {
	const most, least = 128, 4
	far := text[:min(len(text), end+most)]
	if end == len(far) || strings.IndexByte("^=Dd", far[end]) < 0 {
		return end, SecretPAN
	}
	last := runEnd(far, end+1, isDigit)
	if far[end] == '^' {
		last = runEnd(far, end+1, func(c byte) bool { return c >= ' ' && strings.IndexByte("?\"'<>", c) < 0 })
	} else if last-end <= least {
		return end, SecretPAN
	}
	if last < len(far) && far[last] == '?' {
		last++
	}
	return last, SecretKey
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
	if end == whole {
		return 0
	}
	if end = suffixEnd(text, end); end == 0 || !isPANNumber(text[at:whole], fraction, exponent) {
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

//go:embed bip39.txt
var phraseWords string

// phrase returns the bounds of a mnemonic (BIP 39) among the words that begin here:
// twelve or more of its list, whatever stands between them, or twelve of three to eight
// small letters with nothing but single blanks between: prose has shorter words and
// punctuation. Where none is found, none begins before end.
func phrase(text string, at int) (start, end int, found bool) {
	const least = 12
	words, strict := 0, true
	i := at
	for {
		next := runEnd(text, i, isLetter)
		if n := next - i; n < 3 || n > 8 || next < len(text) && isDigit(text[next]) {
			break
		}
		strict = strict && runEnd(text, i, isSmallLetter) == next
		words++
		end = next
		if i = next + 1; strict && (i >= len(text) || strings.IndexByte(" +\n", text[next]) < 0 || !isSmallLetter(text[i])) {
			if strict = false; words >= least {
				return at, end, true
			}
		}
		if i = separated(text, next, maxSeparators); i < len(text) && isDigit(text[i]) { // the next word's number
			i = separated(text, runEnd(text[:min(len(text), i+2)], i, isDigit), maxSeparators)
		}
		if i == next || i >= len(text) || !isLetter(text[i]) {
			break
		}
	}
	if words < least {
		return 0, max(end, at+1), false
	}
	if strict {
		return at, end, true
	}
	listed, last := 0, end
	for i := at; i < last; i++ {
		next := runEnd(text, i, isLetter)
		switch {
		case next == i:
		case isPhraseWord(text[i:next]):
			if listed++; listed == 1 {
				start = i
			}
			i, end = next, next
		case listed >= least:
			return start, end, true
		default:
			i, listed = next, 0
		}
	}
	return start, end, listed >= least
}

// isPhraseWord reports whether a word is of the list, which is in order.
func isPhraseWord(word string) bool {
	word = strings.ToLower(word)
	from, to := 0, len(phraseWords)
	for from < to {
		at := (from + to) / 2
		at = strings.LastIndexByte(phraseWords[:at], '\n') + 1
		end := lineEnd(phraseWords, at)
		switch c := strings.Compare(phraseWords[at:end], word); {
		case c == 0:
			return true
		case c < 0:
			from = end + 1
		default:
			to = at
		}
	}
	return false
}

func isSmallLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isLetterOrDigit(c byte) bool { return isDigit(c) || isLetter(c) }

func isBase64Byte(c byte) bool { return isTokenByte(c) || c == '+' || c == '/' }
