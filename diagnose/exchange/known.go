package exchange

import (
	"slices"
	"strings"
)

// This file masks what nothing in a request tells to be a secret, but the name of
// the variable that brought it there: `X-P: {{password}}`. Whoever fills variables
// in teaches a Known, and the parts of the exchange take it along.

// Known are values of a request that are known as secrets wherever they stand. Nil
// knows none.
type Known struct {
	pieces map[string]struct{} // every piece of a long value, in small letters: sentences quote cut values
	sizes  []int               // of the pieces
	whole  map[string]Secret   // short values, masked where one is a value of its own
	bytes  int
	base   *Known // what is known besides
}

// Bounds of what a Known keeps.
const (
	maxKnownBytes = 128 << 10
	maxKnownShort = 256
)

// How long the pieces of a value are, of a phrase of words, and the shortest value
// that is masked within others.
const (
	pieceSize  = 10
	phraseSize = 24
	leastPiece = 8
)

// Learn takes the value of a variable whose name, or whose declared type, says that
// it is a secret. "USD" under the name token is none.
func (k *Known) Learn(name, value string, declared bool) {
	secret := secretOfVariable(name, value)
	if secret == SecretNone && declared {
		secret = SecretAPI
	}
	if secret == SecretNone || isPlaceholder(value) || strings.Contains(value, "…") {
		return
	}
	if scheme, rest, ok := strings.Cut(value, " "); ok && secret == SecretToken && isWord(scheme) && len(scheme) <= 12 {
		value = rest
	}
	value = strings.TrimSpace(withoutAuthority(value))
	switch {
	case isStrong(value):
		k.learnPieces(value)
	case len(value) >= leastShort(secret, declared) && !isCommonWord(value):
		k.learnShort(value, secret)
	}
}

// secretOfVariable says what a variable of this name holds. People write more into
// such names than into those of fields: adminToken, password_for_tests.
func secretOfVariable(name, value string) Secret {
	name = lastName(unescapeAll(name))
	if of := meaningOf(name); of.secret != SecretNone {
		if of.passes(value) {
			return SecretNone
		}
		return of.secret
	}
	if strings.Contains(value, "://") || isAddress(value) {
		return SecretNone
	}
	for rest, _ := cutWord(name); rest != ""; rest, _ = cutWord(rest) {
		of := meaningOf(rest)
		if of.doubt = word; of.secret != SecretNone && (of.secret == SecretPassword || !of.passes(value)) {
			return of.secret
		}
	}
	return SecretNone
}

// withoutAuthority takes away what of a URL is no secret, and what of an API secret
// every other begins with.
func withoutAuthority(value string) string {
	if _, after, ok := strings.Cut(value, "://"); ok {
		_, value, _ = strings.Cut(after, "/")
	}
	return value[apiPrefix(value):]
}

// isStrong reports whether a value is long and odd enough that no other text holds
// it by chance.
func isStrong(value string) bool {
	if len(value) < leastPiece {
		return false
	}
	return len(value) >= 16 || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz-_.") != "" && strings.Trim(value, "0123456789-.:/") != ""
}

// leastShort is the length below which a value is not masked.
func leastShort(secret Secret, declared bool) int {
	if secret == SecretCode || declared {
		return 3
	}
	return 4
}

// isCommonWord knows what people write for a password in a sandbox and what stands
// in any request as well.
func isCommonWord(value string) bool {
	switch strings.ToLower(value) {
	case "test", "live", "prod", "local", "none", "null", "true", "false", "undefined", "active", "post", "card", "cards":
		return true
	}
	return false
}

func (k *Known) learnShort(value string, secret Secret) {
	if k.whole == nil {
		k.whole = map[string]Secret{}
	}
	if len(k.whole) < maxKnownShort {
		k.whole[value] = secret
	}
}

func (k *Known) learnPieces(value string) {
	for part := range strings.SplitSeq(value, "\n") {
		if part = strings.TrimSpace(part); len(part) >= leastPiece && !strings.HasPrefix(part, "-----") {
			k.learnLine(part)
		}
	}
}

func (k *Known) learnLine(value string) {
	value = small(value[:min(len(value), max(0, maxKnownBytes-k.bytes))])
	k.bytes += len(value)
	size := pieceSize
	if strings.Contains(value, " ") {
		size = phraseSize
	}
	size = min(size, len(value))
	if size < leastPiece {
		return
	}
	if k.pieces == nil {
		k.pieces = map[string]struct{}{}
	}
	for i := 0; i+size <= len(value); i++ {
		k.pieces[value[i:i+size]] = struct{}{}
	}
	if !slices.Contains(k.sizes, size) {
		k.sizes = append(k.sizes, size)
	}
}

// small writes a text in small letters, every byte in its place.
func small(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// Upon returns a Known that knows what another does, and goes on learning by itself.
func Upon(base *Known) *Known { return &Known{base: base} }

// empty reports whether nothing is known.
func (k *Known) empty() bool {
	return k == nil || len(k.pieces) == 0 && len(k.whole) == 0 && k.base.empty()
}

// longOnly is what is known of texts in which a short value may be anything else.
func (k *Known) longOnly() *Known {
	if k.empty() {
		return nil
	}
	return &Known{pieces: k.pieces, sizes: k.sizes, base: k.base.longOnly()}
}

// Hide returns a text without what is known.
func (k *Known) Hide(text string) string {
	if k.empty() {
		return text
	}
	return maskSpans(text, k.find(text))
}

// mask is MaskText with what is known besides.
func (k *Known) mask(text string) string {
	if k.empty() {
		return MaskText(text)
	}
	return maskSpans(text, union(append(findSecrets(text), k.find(text)...)))
}

// find returns where known values stand in a text, as it is and without its
// escapes.
func (k *Known) find(text string) []span { return union(eachLevel(text, k.scanAll)) }

// scanAll is scan with what is known besides.
func (k *Known) scanAll(text string) []span {
	if k.base.empty() {
		return k.scan(text)
	}
	return union(append(k.scan(text), k.base.scanAll(text)...))
}

// scan returns where known values stand in a text as it is written. All spans are
// of keys, of which nothing shows.
func (k *Known) scan(text string) []span {
	var spans []span
	add := func(start, end int) {
		if n := len(spans); n > 0 && start <= int(spans[n-1].end) {
			spans[n-1].end = max(spans[n-1].end, int32(end))
			return
		}
		spans = append(spans, newSpan(start, end, SecretKey))
	}
	folded := small(text)
	for i := range len(folded) {
		for _, size := range k.sizes {
			if i+size > len(folded) {
				continue
			}
			if _, ok := k.pieces[folded[i:i+size]]; ok {
				add(i, i+size)
			}
		}
		if end := k.shortAt(text, i); end > 0 {
			add(i, end)
		}
	}
	return spans
}

// shortAt returns the end of a short value that begins here and is a value of its
// own: between quotes, behind "=", a segment of a path, the whole text. 0 if none
// does.
func (k *Known) shortAt(text string, at int) int {
	if len(k.whole) == 0 || !opensValue(text, at) {
		return 0
	}
	longest := 0
	for value := range k.whole {
		end := at + len(value)
		if strings.HasPrefix(text[at:], value) && (end == len(text) || strings.IndexByte("\"'&/?#,;}]<\r\n`", text[end]) >= 0) {
			longest = max(longest, end)
		}
	}
	return longest
}

func opensValue(text string, at int) bool {
	if at == 0 {
		return true
	}
	switch c := text[at-1]; c {
	case '"', '\'', '=', '/', ':', '>', '\n', '`', '[', ',':
		return true
	case ' ':
		return at > 1 && text[at-2] == ':'
	}
	return false
}

// Conceal lets the parts of a request mask what is known of its variables.
func (r *Request) Conceal(k *Known) {
	if k.empty() {
		return
	}
	r.known = k
	r.Header = r.Header.concealed(k)
	r.Body.known = k
	if !r.URL.IsZero() {
		r.URL.known = k
	}
}

// Known is what the variables of a request brought into it.
func (r *Request) Known() *Known {
	if r == nil {
		return nil
	}
	return r.known
}

// ConcealAnswer lets the rest of an exchange mask what is known of its request: an
// answer may repeat it.
func (ex *Exchange) ConcealAnswer() {
	k := ex.Request.Known()
	if k.empty() {
		return
	}
	for i, n := range ex.Notes {
		ex.Notes[i] = k.Hide(n)
	}
	if ex.Failure != nil {
		ex.Failure.Text = k.Hide(ex.Failure.Text)
	}
	if k = k.longOnly(); k.empty() {
		return
	}
	for i := range ex.Earlier {
		ex.Earlier[i].Response.conceal(k)
	}
	if ex.Response != nil {
		ex.Response.conceal(k)
	}
}

func (r *Response) conceal(k *Known) {
	r.Header, r.Trailer = r.Header.concealed(k), r.Trailer.concealed(k)
	r.Body.known = k
}

func (h Header) concealed(k *Known) Header {
	var copied Header
	for _, f := range h {
		f.Value.known = k
		copied = append(copied, f)
	}
	return copied
}
