package exchange

import (
	"fmt"
	"io"
	"strings"
)

// Secret is the kind of secret that a value is.
type Secret uint8

// The kinds of secret, as the contract's promises list them.
const (
	SecretNone     Secret = iota
	SecretToken           // access, refresh and other bearer tokens, credentials of an authorization field
	SecretAPI             // x-api-secret
	SecretCookie          // cookie, set-cookie
	SecretPassword        // passwords, URL user info
	SecretKey             // private keys, mnemonics
	SecretPAN             // card number
	SecretCode            // CVV, PIN, one-time codes
	SecretLink            // single-use links that give access
	SecretPersonal        // no secret, but about a person: looked for only in what leaves the terminal
)

// Value is a header field's value. Every way of formatting it masks it; only
// Reveal gives the text.
type Value struct {
	raw    string
	secret Secret
	known  *Known // what the request's variables brought
}

// NewValue classifies a field value by the field's name; a secret in a field
// that should hold none is found by its form when the value is formatted.
func NewValue(name, raw string) Value {
	return Value{raw: raw, secret: meaningOf(name).secret}
}

// MaskHeader masks a header as somebody wrote it, with or without a colon.
func MaskHeader(written string) string {
	i := strings.IndexAny(written, ": =\t")
	if i > 0 && meaningOf(written[:i]).secret != SecretNone {
		return written[:i+1] + "…"
	}
	return MaskText(written)
}

// Reveal returns the text behind the mask. It is for checks and for sending,
// never for an output.
func (v Value) Reveal() string { return v.raw }

// Secret says what kind of secret the value is by its place.
func (v Value) Secret() Secret { return v.secret }

// IsZero reports whether there is no value.
func (v Value) IsZero() bool { return v.raw == "" && v.secret == SecretNone }

// String returns the masked text.
func (v Value) String() string { return v.text(false) }

// GoString keeps secrets out of %#v.
func (v Value) GoString() string { return v.String() }

// Format keeps secrets out of every verb.
func (v Value) Format(state fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(state, "%q", v.String())
		return
	}
	_, _ = io.WriteString(state, v.String())
}

// MarshalText keeps secrets out of JSON and YAML.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

func (v Value) text(reveal bool) string {
	switch {
	case reveal:
		return v.raw
	case v.secret == SecretNone:
		return v.known.mask(v.raw)
	case isPlaceholder(v.raw):
		return v.raw
	case v.secret == SecretToken:
		return maskCredentials(v.raw)
	case v.secret == SecretCookie:
		return maskCookies(v.raw)
	}
	return maskSecret(v.secret, v.raw)
}

// maskCredentials keeps the scheme word of an authorization field (RFC 9110
// section 11.4), which is evidence, and masks what follows.
func maskCredentials(raw string) string {
	scheme, rest, ok := strings.Cut(raw, " ")
	if !ok || !isWord(scheme) || len(scheme) > 12 {
		return maskSecret(SecretToken, raw)
	}
	if isPlaceholder(rest) {
		return raw
	}
	if strings.EqualFold(scheme, "basic") {
		return scheme + " …" // its edges decode to those of the password
	}
	return scheme + " " + maskSecret(SecretToken, rest)
}

// maskCookies keeps the cookies' names.
func maskCookies(raw string) string {
	var b strings.Builder
	b.Grow(len(raw))
	first := true
	for part := range strings.SplitSeq(raw, ";") {
		if !first {
			b.WriteByte(';')
		}
		first = false
		name, _, ok := strings.Cut(part, "=")
		switch word := strings.TrimSpace(part); {
		case ok:
			b.WriteString(MaskText(name) + "=…")
		case !strings.EqualFold(word, "secure") && !strings.EqualFold(word, "httponly") && word != "":
			b.WriteString(part[:len(part)-len(strings.TrimLeft(part, " "))] + "…")
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}

func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i] != '-' {
			return false
		}
	}
	return s != ""
}
