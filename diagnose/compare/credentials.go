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

// credentials compares how the calls were authenticated: the kind first, then
// what the kind consists of. Secrets are compared in memory and shown as masks.
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

// kindField is the field in which the kinds differ.
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
	shownKey := "API secret alone"
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

// keyText shortens an API key, which is no secret but long.
func keyText(key exchange.Value) string {
	text := key.String()
	prefix := strings.LastIndexByte(text, '-') + 1
	if !strings.HasPrefix(text, "imm-") || strings.Contains(text, "…") || len(text) < prefix+12 {
		return text
	}
	return text[:prefix] + "…" + text[len(text)-4:]
}

// field returns a field's value and whether it says anything.
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
		d.note = fmt.Sprintf("a key of the %s environment, in WORKED of %s", of, other)
	}
	c.add(d)
}

func (c *comparer) apiSecret() {
	f, w := c.requests()
	a, inA := field(f, secretField)
	b, inB := field(w, secretField)
	if inA && inB && c.has(keyField, "") {
		return // another pair altogether
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

// differ reports whether two credentials are known to differ. What a mask or a
// variable hides is noted as unseen.
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
		c.hide(side, check.RequestHeader, name, "the capture holds a masked copy, which may be the same or not")
		return false
	}
	return !same
}

// secretNote says what two secrets have in common, where the masks do not show it.
func secretNote(failed, worked string, both bool, d Difference) string {
	if !both {
		return ""
	}
	stray := func(s string) string { return strings.Trim(strings.Join(strings.Fields(s), ""), "\"'`“”‘’") }
	switch {
	case stray(failed) == stray(worked):
		return "the same but for spaces or quotes"
	case strings.HasPrefix(worked, failed):
		return "the same, cut short"
	case strings.HasPrefix(failed, worked):
		return "the same with something behind it"
	case d.Failed.Text == d.Worked.Text:
		return "another value behind the same mask"
	}
	return ""
}

// authorization compares bearer tokens: the form, then what the claims tell.
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
		return // another token, of course
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
		d.note = "another token of the same sub"
	}
	c.add(d)
}

// has reports whether a difference of a field was noted.
func (c *comparer) has(name, pointer string) bool {
	return slices.ContainsFunc(c.list, func(d Difference) bool {
		return d.Part == check.RequestHeader && d.Name == name && d.Pointer == pointer
	})
}

// hasClaims reports whether the tokens differ in what they say of the user.
func (c *comparer) hasClaims() bool {
	return slices.ContainsFunc(c.list, func(d Difference) bool {
		return d.Part == check.RequestHeader && d.Name == authorizationField && d.Pointer != "" && d.Pointer != "/exp" && d.Pointer != "/nbf"
	})
}

// trimScheme brings the authentication scheme, which ignores case (RFC 9110
// section 11.1), into one form.
func trimScheme(field string) string {
	scheme, rest, ok := strings.Cut(strings.Trim(field, " \t"), " ")
	if ok && strings.EqualFold(scheme, "bearer") {
		return "Bearer " + strings.Trim(rest, " \t")
	}
	return field
}

// token is what can be read of a JWT (RFC 7519) without a key.
type token struct {
	claims gjson.Result
	read   bool
}

// maxToken bounds what is decoded of a token, in bytes.
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

// times compares what the tokens were worth at the time of their calls. Two
// tokens of one session differ in exp and iat as a matter of course; it counts
// only that one was current and the other was not.
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

// outside reports whether a token was not valid when the call was made. known is
// false where the capture does not show when that was. A call that succeeded
// proves that its token was valid.
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

// callTime is the response's Date (RFC 9110 section 6.6.1), else when the client
// sent the request.
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
	words := map[bool]string{true: "expired at the call", false: "current at the call"}[invalid]
	if claim == "nbf" && invalid {
		words = "not yet valid at the call"
	}
	return limit.Format("2006-01-02 15:04:05 UTC") + ", " + words
}

// maxClaims bounds the claims that are compared.
const maxClaims = 50

// claims compares what the tokens say of user, audience and rights. The claims
// that differ from token to token are left out.
func (c *comparer) claims(failed, worked token) {
	for _, name := range claimNames(failed, worked) {
		a, b := member(failed.claims, name), member(worked.claims, name)
		if a.Exists() == b.Exists() && sameText(a.Raw, b.Raw) {
			continue
		}
		d := credential(authorizationField, maybe(a.Exists(), claimText(name, a)), maybe(b.Exists(), claimText(name, b)))
		d.Pointer = clipPointer("/" + pointerToken(name))
		if name == "sub" {
			d.note = "the token of another user"
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

// member looks a claim up by its very name; gjson.Get would read it as a path.
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
