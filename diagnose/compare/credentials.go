package compare

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

const (
	authorizationField = "authorization"
	keyField           = "x-api-key"
	secretField        = "x-api-secret"
	accountField       = "x-account-id"
)

func credentialFields() []string { return []string{authorizationField, keyField, secretField} }

// credentials compares how the calls were authenticated: first the kind, then the
// values. Secrets are compared in memory and shown masked.
func (c *comparer) credentials() {
	if c.failed.Auth == diagnose.AuthUnknown || c.worked.Auth == diagnose.AuthUnknown {
		return
	}
	if c.failed.Auth != c.worked.Auth {
		c.add(Difference{
			Part: check.RequestHeader, Name: kindField(c.failed.Auth, c.worked.Auth), topic: topicCredentials, fields: credentialFields(),
			Failed: kindText(c.failed), Worked: kindText(c.worked),
		})
		return
	}
	c.apiKey()
	c.apiSecret()
	c.authorization()
}

// kindField returns the header in which the kinds differ.
func kindField(failed, worked diagnose.Auth) string {
	hasBearer := func(a diagnose.Auth) bool { return a == diagnose.AuthBearer || a == diagnose.AuthBoth }
	if hasBearer(failed) == hasBearer(worked) || failed == diagnose.AuthNone && worked == diagnose.AuthBoth {
		return keyField
	}
	return authorizationField
}

func kindText(d *diagnose.Diagnosis) Text {
	h := d.Exchange.Request.Header
	bearer, _ := h.Get(authorizationField)
	key, hasKey := h.Get(keyField)
	shownKey := "only an API secret"
	if hasKey {
		shownKey = "API key " + keyText(key)
	}
	switch d.Auth {
	case diagnose.AuthNone:
		return absent()
	case diagnose.AuthBearer:
		return present(bearer.String())
	case diagnose.AuthKey:
		return present(shownKey)
	}
	return present("both " + bearer.String() + " and " + shownKey)
}

// keyText shortens an API key, which isn't secret but long.
func keyText(key exchange.Value) string {
	text := key.String()
	prefix := strings.LastIndexByte(text, '-') + 1
	if !strings.HasPrefix(text, "imm-") || strings.Contains(text, "…") || len(text) < prefix+12 {
		return text
	}
	return text[:prefix] + "…" + text[len(text)-4:]
}

// field returns a header's value, and false if it's missing or blank.
func field(r *exchange.Request, name string) (exchange.Value, bool) {
	v, ok := r.Header.Get(name)
	return v, ok && strings.TrimSpace(v.Reveal()) != ""
}

func (c *comparer) apiKey() {
	f, w := c.requests()
	a, inA := field(f, keyField)
	b, inB := field(w, keyField)
	if !c.differ(keyField, a.Reveal(), b.Reveal(), inA, inB) {
		return
	}
	d := credential(keyField, maybe(inA, keyText(a)), maybe(inB, keyText(b)))
	d.note = secretNote(a.Reveal(), b.Reveal(), inA && inB, d)
	of, _ := api.KeyEnvironment(a.Reveal())
	other, _ := api.KeyEnvironment(b.Reveal())
	if of != other && of != api.EnvironmentUnknown && other != api.EnvironmentUnknown {
		d.note = fmt.Sprintf("a %s key, but a %s key in WORKED", of, other)
	}
	c.add(d)
}

func (c *comparer) apiSecret() {
	f, w := c.requests()
	a, inA := field(f, secretField)
	b, inB := field(w, secretField)
	if inA && inB && c.has(keyField, "") {
		return // a different pair
	}
	if !c.differ(secretField, a.Reveal(), b.Reveal(), inA, inB) {
		return
	}
	d := credential(secretField, maybe(inA, a.String()), maybe(inB, b.String()))
	d.note = secretNote(a.Reveal(), b.Reveal(), inA && inB, d)
	c.add(d)
}

func credential(name string, failed, worked Text) Difference {
	return Difference{Part: check.RequestHeader, Name: name, Failed: failed, Worked: worked, topic: topicCredentials}
}

// differ reports whether two credentials are known to differ. Masked values and
// variables are recorded as unseen.
func (c *comparer) differ(name, failed, worked string, inFailed, inWorked bool) bool {
	if inFailed != inWorked {
		return true
	}
	if !inFailed || failed == worked {
		return false
	}
	if c.hides(check.RequestHeader, name, failed, worked) {
		return false
	}
	same, known := sameSecret(failed, worked)
	if !known && !accusedAt(c.failed, check.RequestHeader, name) {
		side := SideFailed
		if _, _, isMask := cutMask(worked); isMask {
			side = SideWorked
		}
		c.hide(side, check.RequestHeader, name, "it's masked in the input, so it may or may not be the same")
		return false
	}
	return !same
}

// secretNote describes what two secrets have in common, if the masks don't show it.
func secretNote(failed, worked string, both bool, d Difference) string {
	if !both {
		return ""
	}
	stray := func(s string) string { return strings.Trim(strings.Join(strings.Fields(s), ""), "\"'`“”‘’") }
	switch {
	case stray(failed) == stray(worked):
		return "the same except for spaces or quotes"
	case strings.HasPrefix(worked, failed):
		return "the same, but cut off"
	case strings.HasPrefix(failed, worked):
		return "the same, but with extra characters at the end"
	case d.Failed.Text == d.Worked.Text:
		return "different values that look the same when masked"
	}
	return ""
}

// authorization compares bearer tokens: first the form, then the claims.
func (c *comparer) authorization() {
	f, w := c.requests()
	a, inA := field(f, authorizationField)
	b, inB := field(w, authorizationField)
	if !inA && !inB {
		return
	}
	left, right := readToken(a), readToken(b)
	if inA && inB && left.read && right.read {
		c.times(left, right)
		c.claims(left, right)
	}
	if c.hasClaims() {
		return // a different token is expected
	}
	if !c.differ(authorizationField, trimScheme(a.Reveal()), trimScheme(b.Reveal()), inA, inB) {
		return
	}
	d := credential(authorizationField, maybe(inA, a.String()), maybe(inB, b.String()))
	d.note = secretNote(a.Reveal(), b.Reveal(), inA && inB, d)
	switch sub := left.claims.Get("sub"); {
	case d.note != "" && strings.HasPrefix(d.note, "the same"):
	case !left.read || !right.read:
	case sub.Exists() && sub.Raw == right.claims.Get("sub").Raw:
		d.note = "a different token with the same sub"
	}
	c.add(d)
}

// has reports whether a difference of a header was recorded.
func (c *comparer) has(name, pointer string) bool {
	return slices.ContainsFunc(c.list, func(d Difference) bool {
		return d.Part == check.RequestHeader && d.Name == name && d.Pointer == pointer
	})
}

// hasClaims reports whether the tokens differ in claims about the user.
func (c *comparer) hasClaims() bool {
	return slices.ContainsFunc(c.list, func(d Difference) bool {
		return d.Part == check.RequestHeader && d.Name == authorizationField && d.Pointer != "" && d.Pointer != "/exp" && d.Pointer != "/nbf"
	})
}

// trimScheme normalizes the authentication scheme, which is case-insensitive (RFC 9110
// section 11.1).
func trimScheme(field string) string {
	scheme, rest, ok := strings.Cut(strings.Trim(field, " \t"), " ")
	if ok && strings.EqualFold(scheme, "bearer") {
		return "Bearer " + strings.Trim(rest, " \t")
	}
	return field
}

// token is the part of a JWT (RFC 7519) that can be read without a key.
type token struct {
	claims gjson.Result
	read   bool
}

// maxToken limits the length of a token that is decoded, in bytes.
const maxToken = 64 << 10

func readToken(v exchange.Value) token {
	raw, ok := strings.CutPrefix(trimScheme(v.Reveal()), "Bearer ")
	parts := strings.Split(raw, ".")
	if !ok || len(raw) > maxToken || len(parts) != 3 {
		return token{}
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !exchange.ValidJSON(text) {
		return token{}
	}
	claims := gjson.ParseBytes(text)
	return token{claims: claims, read: claims.IsObject()}
}

// moment returns a NumericDate claim (RFC 7519 section 2).
func (t token) moment(claim string) (time.Time, bool) {
	value := t.claims.Get(claim)
	seconds := value.Float()
	if value.Type != gjson.Number || !(seconds > -62135596800 && seconds < 253402300799) {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

// times compares whether the tokens were valid at the time of their calls. Two tokens
// of one session always differ in exp and iat, so only their validity counts.
func (c *comparer) times(failed, worked token) {
	for _, claim := range [...]string{"exp", "nbf"} {
		a, inA := failed.moment(claim)
		b, inB := worked.moment(claim)
		if !inA || !inB {
			continue
		}
		invalidA, knownA := c.outside(c.failed, claim, a)
		invalidB, knownB := c.outside(c.worked, claim, b)
		if !knownA || !knownB || invalidA == invalidB {
			continue
		}
		d := credential(authorizationField, present(timeText(claim, a, invalidA)), present(timeText(claim, b, invalidB)))
		d.Pointer = "/" + claim
		c.add(d)
	}
}

// outside reports whether a token wasn't valid when the call was made. known is false
// if the input doesn't show when that was. A successful call proves that its token
// was valid.
func (c *comparer) outside(d *diagnose.Diagnosis, claim string, limit time.Time) (invalid, known bool) {
	if d.Class == check.Success {
		return false, true
	}
	id := map[string]string{"exp": finding.TokenExpired, "nbf": finding.TokenNotYetValid}[claim]
	if accused(d, func(f *check.Finding) bool { return f.ID == id }) >= 0 {
		return true, true
	}
	called, ok := callTime(d.Exchange)
	if !ok {
		return false, false
	}
	if claim == "exp" {
		return limit.Before(called), true
	}
	return limit.After(called), true
}

// callTime returns the response's Date (RFC 9110 section 6.6.1) or, if there is none,
// the time when the client sent the request.
func callTime(ex *exchange.Exchange) (time.Time, bool) {
	if ex.Response != nil {
		for _, layout := range [...]string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
			if t, err := time.Parse(layout, ex.Response.Header.Text("date")); err == nil {
				return t.UTC(), true
			}
		}
	}
	return ex.Started.UTC(), !ex.Started.IsZero()
}

func timeText(claim string, limit time.Time, invalid bool) string {
	words := map[bool]string{true: "expired when it was used", false: "valid when it was used"}[invalid]
	if claim == "nbf" && invalid {
		words = "not yet valid when it was used"
	}
	return limit.Format("2006-01-02 15:04:05 UTC") + ", " + words
}

// maxClaims limits the number of claims that are compared.
const maxClaims = 50

// claims compares the claims about the user, audience and rights. It skips claims that
// differ in every token.
func (c *comparer) claims(failed, worked token) {
	for _, name := range claimNames(failed, worked) {
		a, b := member(failed.claims, name), member(worked.claims, name)
		if a.Exists() == b.Exists() && sameText(a.Raw, b.Raw) {
			continue
		}
		d := credential(authorizationField, maybe(a.Exists(), claimText(name, a)), maybe(b.Exists(), claimText(name, b)))
		d.Pointer = clipPointer("/" + pointerToken(name))
		if name == "sub" {
			d.note = "a different user's token"
		}
		c.add(d)
	}
}

func claimNames(tokens ...token) []string {
	var names []string
	for _, t := range tokens {
		t.claims.ForEach(func(key, _ gjson.Result) bool {
			switch name := key.String(); name {
			case "exp", "iat", "nbf", "jti", "auth_time", "sid", "nonce", "at_hash":
			default:
				if !slices.Contains(names, name) && len(names) < maxClaims {
					names = append(names, name)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

// member returns the claim with exactly this name. gjson.Get would parse it as a path.
func member(claims gjson.Result, name string) (found gjson.Result) {
	claims.ForEach(func(key, value gjson.Result) bool {
		if key.String() == name {
			found = value
		}
		return true
	})
	return found
}

func claimText(name string, v gjson.Result) string {
	switch {
	case !v.Exists():
		return ""
	case v.Type == gjson.String:
		return maskedPair(name, v.String())
	case secretName(name):
		return "…"
	}
	return masked(v.Raw)
}
