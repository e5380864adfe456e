package exchange

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// This file masks what is declared: the value of a variable, a header, a field or an
// option whose name says that it is a secret is one wherever it stands again, however
// it is written there. Whoever fills variables in teaches a Known; Conceal teaches one
// what an exchange declares itself.

// Known are values that are known as secrets wherever they stand. Nil knows none.
type Known struct {
	values []string // in small letters, and as other encodings write them
	index  map[uint64]piece
	mayBe  *[1 << 8]uint64 // bits of the pieces that there are: most of a text is none
	whole  map[string]Secret
	sizes  []int // of the short values in whole
	bytes  int
	public string // of the exchange: its API key
	base   *Known // what is known besides
	entire bool   // only values that stand there from end to end are found
}

// piece is a place in a value.
type piece struct{ value, at int32 }

// Bounds of what a Known keeps.
const (
	maxKnownBytes = 256 << 10
	maxKnownShort = 256
	maxEncoded    = 160 // a longer value is not looked for in base64 and hexadecimal
)

// How long pieces are, and what of a value, or of a phrase of words, has to stand
// together: sentences quote cut values.
const (
	pieceSize  = 8
	leastPart  = 10
	phraseSize = 24
)

// Learn takes the value of a variable whose name, or whose declared type, says that
// it is a secret. "USD" under the name token is none.
func (k *Known) Learn(name, value string, declared bool) {
	secret := secretOfVariable(name, value)
	if secret == SecretNone && declared {
		secret = SecretAPI
	}
	if secret != SecretNone {
		k.learn(value, secret, declared)
	}
}

// learn takes a value of a kind.
func (k *Known) learn(value string, secret Secret, declared bool) {
	if isPlaceholder(value) || strings.Contains(value, "…") {
		return
	}
	if scheme, rest, ok := strings.Cut(value, " "); ok && secret == SecretToken && isWord(scheme) && len(scheme) <= 12 {
		value = rest
	}
	value = strings.TrimSpace(withoutAuthority(value))
	switch {
	case isStrong(value):
		for line := range strings.SplitSeq(value, "\n") {
			if line = strings.TrimSpace(line); len(line) >= pieceSize && !strings.HasPrefix(line, "-----") {
				k.learnLong(line)
			}
		}
	case len(value) >= leastShort(secret, declared) && !isCommonWord(value):
		if k.whole == nil {
			k.whole = map[string]Secret{}
		}
		if len(k.whole) < maxKnownShort {
			k.whole[value] = secret
			if !slices.Contains(k.sizes, len(value)) {
				k.sizes = append(k.sizes, len(value))
			}
		}
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
	if len(value) < pieceSize {
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

// learnLong takes a value that is found also in parts, and the three ways in which
// base64 writes it within something, and hexadecimal.
func (k *Known) learnLong(value string) {
	k.keep(value)
	if len(value) > maxEncoded || strings.HasPrefix(value, "eyJ") {
		return
	}
	k.keep(hex.EncodeToString([]byte(value)))
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:shift] + value))
		encoded = encoded[shift+(shift+1)/2 : len(encoded)-1]
		k.keep(encoded)
		if url := strings.NewReplacer("+", "-", "/", "_").Replace(encoded); url != encoded {
			k.keep(url)
		}
	}
}

// keep notes the pieces of a value: of a long one, each fourth.
func (k *Known) keep(value string) {
	const long, stride = 64, 4
	value = small(value)
	if k.bytes += len(value); k.bytes > maxKnownBytes || slices.Contains(k.values[max(0, len(k.values)-8):], value) {
		return
	}
	if k.index == nil {
		k.index, k.mayBe = map[uint64]piece{}, new([1 << 8]uint64)
	}
	step := 1
	if len(value) > long {
		step = stride
	}
	for at := 0; at+pieceSize <= len(value); at += step {
		bits, different := uint64(0), 0
		for i, c := range []byte(value[at : at+pieceSize]) {
			bits = bits<<8 | uint64(c)
			if strings.IndexByte(value[at:at+i], c) < 0 {
				different++
			}
		}
		if different < 3 || strings.Contains(k.public, value[at:at+pieceSize]) {
			continue // zeros are everywhere
		}
		if _, ok := k.index[bits]; !ok {
			k.index[bits] = piece{int32(len(k.values)), int32(at)}
			n := hash(bits)
			k.mayBe[n>>6] |= 1 << (n & 63)
		}
	}
	k.values = append(k.values, value)
}

// hash is the place of a piece among the bits.
func hash(bits uint64) uint64 { return bits * 0x9e3779b97f4a7c15 >> 50 }

// small writes a text in small letters, every byte in its place.
func small(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return 'A' <= r && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		b[i] = smallLetter(c)
	}
	return string(b)
}

func smallLetter(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// Upon returns a Known that knows what another does, and goes on learning by itself.
func Upon(base *Known) *Known { return &Known{base: base} }

// empty reports whether nothing is known.
func (k *Known) empty() bool {
	return k == nil || len(k.values) == 0 && len(k.whole) == 0 && k.base.empty()
}

// Hide returns a text without what is known.
func (k *Known) Hide(text string) string {
	if k.empty() {
		return text
	}
	return maskSpans(text, union(eachLevel(text, k.scan)))
}

// mask is MaskText with what is known besides.
func (k *Known) mask(text string) string { return maskSpans(text, k.find(text)) }

// find is findSecrets with what is known besides.
func (k *Known) find(text string) []span {
	if k.empty() {
		return findSecrets(text)
	}
	return union(eachLevel(text, func(plain string) []span {
		return union(append(scan(plain, 0, secretMode), k.scan(plain)...))
	}))
}

// scan returns where known values stand in a text as it is written. All spans are
// of keys, of which nothing shows.
func (k *Known) scan(text string) []span {
	var spans []span
	bits, done := uint64(0), 0
	for i := 0; i < len(text); i++ {
		if len(k.whole) > 0 && i >= done {
			if end := k.shortAt(text, i); end > 0 {
				spans, done = append(spans, newSpan(i, end, SecretKey)), end
			}
		}
		bits = bits<<8 | uint64(smallLetter(text[i]))
		n := hash(bits)
		if k.mayBe == nil || i < done+pieceSize-1 || k.mayBe[n>>6]&(1<<(n&63)) == 0 {
			continue
		}
		if p, ok := k.index[bits]; ok {
			start, end := k.extent(p, text, done, i+1-pieceSize)
			if end > start {
				spans, done = append(spans, newSpan(start, end, SecretKey)), end
			}
		}
	}
	if k.base.empty() {
		return spans
	}
	return union(append(spans, k.base.scan(text)...))
}

// extent returns how far a value stands around a piece of it at a place, nothing where
// that is too little.
func (k *Known) extent(p piece, text string, from, at int) (start, end int) {
	value := k.values[p.value]
	start, end = at, at+pieceSize
	for n := int(p.at) - 1; n >= 0 && start > from && smallLetter(text[start-1]) == value[n]; n-- {
		start--
	}
	for n := int(p.at) + pieceSize; n < len(value) && end < len(text) && smallLetter(text[end]) == value[n]; n++ {
		end++
	}
	least := leastPart
	if strings.Contains(value, " ") {
		least = phraseSize
	}
	if end-start < min(least, len(value)) || k.entire && end-start < len(value) {
		return 0, 0
	}
	return start, end
}

// shortAt returns the end of a short value that begins here and is a value or a word of
// its own. 0 if none does.
func (k *Known) shortAt(text string, at int) int {
	if at > 0 && isLetterOrDigit(text[at-1]) {
		return 0
	}
	longest := 0
	for _, size := range k.sizes {
		if end := at + size; end <= len(text) && end > longest && (end == len(text) || !isLetterOrDigit(text[end])) {
			if _, ok := k.whole[text[at:end]]; ok && (!joined(text, at-1, -1) && !joined(text, end, 1) || opensValue(text, at) && closesValue(text, end)) {
				longest = end
			}
		}
	}
	return longest
}

// joined reports whether a sign joins what stands on both its sides into one: a day, a
// clock's time, a host.
func joined(text string, at, step int) bool {
	return at >= 0 && at < len(text) && strings.IndexByte("-.:_/", text[at]) >= 0 && at+step >= 0 && at+step < len(text) && isLetterOrDigit(text[at+step])
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

func closesValue(text string, end int) bool {
	return end == len(text) || strings.IndexByte(" \"'&/?#,;}]<\r\n`", text[end]) >= 0
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

// Known is what an exchange declares to be secret.
func (ex *Exchange) Known() *Known {
	if ex.known != nil {
		return ex.known
	}
	return ex.Request.Known()
}

// Conceal lets every part of an exchange mask what any part of it declares, and returns
// which kinds of secret it holds.
func (ex *Exchange) Conceal() []Secret {
	if ex.known != nil {
		return ex.held
	}
	d := declared{known: Upon(ex.Request.Known()), kinds: map[Secret]bool{}}
	if r := ex.Request; r != nil {
		d.known.public = small(r.Header.Text("x-api-key"))
		d.header(r.Header)
		if !r.URL.UserInfo.IsZero() {
			d.credential(SecretPassword, r.URL.UserInfo.raw)
		}
		d.text(r.URL.Path + "?" + r.URL.RawQuery)
		d.text(string(r.Body.raw))
	}
	if r := ex.Response; r != nil {
		d.header(r.Header)
		d.text(string(r.Body.raw))
	}
	ex.known, ex.held = d.known, slices.Sorted(maps.Keys(d.kinds))
	if ex.Request != nil {
		ex.Request.Conceal(d.known)
	}
	for i, n := range ex.Notes {
		ex.Notes[i] = d.known.Hide(n)
	}
	if ex.Failure != nil {
		ex.Failure.Text = d.known.Hide(ex.Failure.Text)
	}
	for i := range ex.Earlier {
		ex.Earlier[i].Response.conceal(d.known)
	}
	if ex.Response != nil {
		ex.Response.conceal(d.known)
	}
	return ex.held
}

// Declared is what the exchanges of an input declare to be secret, for what of the
// input belongs to none of them, and what the credentials of a call are.
type Declared struct {
	whole Known // the long values of all
	all   []*Known
	names []string // of variables whose values the input may hold where nothing fills them in
}

// Add takes an exchange along: of very many, the first.
func (d *Declared) Add(ex *Exchange) {
	ex.Conceal()
	const most = 100
	if len(d.all) == most {
		return
	}
	d.all = append(d.all, ex.Known())
	d.whole.public += ex.Known().public
	for k := ex.Known(); k != nil; k = k.base {
		for _, value := range k.values {
			d.whole.keep(value)
		}
	}
	if ex.Request == nil {
		return
	}
	for _, reference := range ex.Request.Unexpanded {
		d.names = append(d.names, lastName(reference))
	}
}

// Learn takes a secret that no exchange of the input declares.
func (d *Declared) Learn(secret string) {
	if isStrong(secret) {
		d.whole.learnLong(secret)
	}
}

// HideWhole returns a text without the long values that they declare, where these stand
// from end to end. It's for what's already written, in which a part says too little.
func (d *Declared) HideWhole(text string) string {
	d.whole.entire = true
	return d.whole.Hide(text)
}

// Hide returns a text without what they declare.
func (d *Declared) Hide(text string) string {
	for _, k := range d.all {
		text = k.Hide(text)
	}
	for _, name := range d.names {
		if i := strings.Index(text, name+"="); i >= 0 && name != "" {
			start, end := valueAfter(text, i+len(name)+1, false)
			text = text[:start] + "…" + text[end:]
		}
	}
	return text
}

// declared collects the secrets of an exchange.
type declared struct {
	known *Known
	kinds map[Secret]bool
}

func (d *declared) header(h Header) {
	for _, f := range h {
		switch v := f.Value; {
		case v.secret == SecretNone:
			d.text(v.raw)
		case v.String() != v.raw && !Masked(v.raw):
			d.credential(v.secret, v.raw)
		}
	}
}

// text learns the secrets in a text.
func (d *declared) text(text string) {
	for _, s := range findSecrets(text) {
		d.kinds[s.secret] = true
		d.learn(s.secret, s.plain(text))
	}
}

// credential learns what a header or the user info of a URL holds.
func (d *declared) credential(secret Secret, raw string) {
	d.kinds[secret] = true
	if encoded, ok := cutFold(raw, "basic "); ok {
		d.learn(SecretPassword, strings.TrimSpace(encoded))
		plain, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(encoded), "="))
		raw, secret = string(plain), SecretPassword
	}
	if _, password, ok := strings.Cut(raw, ":"); ok && secret == SecretPassword {
		raw = password
	}
	d.learn(secret, raw)
}

func cutFold(text, prefix string) (string, bool) {
	if !hasPrefixFold(text, prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// learn takes a secret: of cookies and links, what is no name, no flag and no part of a
// path that others have as well.
func (d *declared) learn(secret Secret, value string) {
	switch secret {
	case SecretCookie, SecretLink:
		for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune("/?&=#;, \"", r) }) {
			if len(part) >= leastPart && isStrong(part) && strings.ContainsAny(part, "0123456789") {
				d.known.learn(part, secret, false)
			}
		}
	default:
		d.known.learn(value, secret, false)
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
