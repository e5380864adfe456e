package check

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// token is what can be read of a JWT (RFC 7519) without a key. Nothing is
// verified and no claim is made about the signature.
type token struct {
	header, claims gjson.Result
}

// maxToken bounds what is decoded of a token, in bytes.
const maxToken = 64 << 10

// parseToken reads the header and the claims of a compact JWS (RFC 7515 section
// 7.1). slip says in a clause what is wrong with it, "" for nothing.
func parseToken(raw string) (t token, slip string) {
	if len(raw) > maxToken {
		return token{}, fmt.Sprintf("it has %d characters, more than any token of the API", len(raw))
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return token{}, fmt.Sprintf("a JWT has 3 parts separated by dots, but this has %d", len(parts))
	}
	var slips []string
	var decoded [2]gjson.Result
	for i, name := range []string{"header", "claims"} {
		object, problem := decodePart(parts[i])
		if problem != "" {
			slips = append(slips, fmt.Sprintf("its %s %s", name, problem))
		}
		decoded[i] = object
	}
	if i := badBase64(parts[2]); i >= 0 {
		slips = append(slips, fmt.Sprintf("its signature has a character at position %d that isn't base64url", i+1))
	}
	if parts[2] == "" {
		slips = append(slips, "its signature is empty")
	}
	return token{header: decoded[0], claims: decoded[1]}, strings.Join(slips, ", ")
}

func decodePart(part string) (gjson.Result, string) {
	if part == "" {
		return gjson.Result{}, "is empty"
	}
	if i := badBase64(part); i >= 0 {
		return gjson.Result{}, fmt.Sprintf("has a character at position %d that isn't base64url", i+1)
	}
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return gjson.Result{}, "is cut off: base64url can't have this length"
	}
	if !exchange.ValidJSON(data) {
		return gjson.Result{}, "isn't JSON, so the token was probably cut off or changed"
	}
	object := gjson.ParseBytes(data)
	if !object.IsObject() {
		return gjson.Result{}, "isn't a JSON object"
	}
	return object, ""
}

// badBase64 returns the index of the first byte outside the base64url alphabet
// (RFC 4648 section 5), -1 when there is none.
func badBase64(part string) int {
	for i := 0; i < len(part); i++ {
		c := part[i]
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			continue
		}
		return i
	}
	return -1
}

// moment returns a NumericDate claim (RFC 7519 section 2). ok is false when the
// claim is absent, no number, or outside the years 1 to 9999.
func (t token) moment(claim string) (moment time.Time, ok bool) {
	value := t.claims.Get(claim)
	if value.Type != gjson.Number {
		return time.Time{}, false
	}
	seconds := value.Float()
	if math.IsNaN(seconds) || seconds < -62135596800 || seconds > 253402300799 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}

// lifetime returns exp − iat, ok false when either is missing.
func (t token) lifetime() (time.Duration, bool) {
	issued, ok := t.moment("iat")
	until, ok2 := t.moment("exp")
	return until.Sub(issued), ok && ok2
}

// TokenExpiry returns the exp claim of an authorization field's bearer token.
func TokenExpiry(authorization exchange.Value) (time.Time, bool) {
	raw, ok := bearerToken(authorization.Reveal())
	if !ok {
		return time.Time{}, false
	}
	t, _ := parseToken(raw)
	return t.moment("exp")
}

// TokenSubject returns the sub claim of an authorization field's bearer token, ""
// when there is none to be read.
func TokenSubject(authorization exchange.Value) string {
	raw, ok := bearerToken(authorization.Reveal())
	if !ok {
		return ""
	}
	t, _ := parseToken(raw)
	return t.claims.Get("sub").String()
}

// bearerToken returns what stands behind the scheme "Bearer" (RFC 6750 section
// 2.1; scheme names ignore case, RFC 9110 section 11.1).
func bearerToken(field string) (string, bool) {
	scheme, rest, ok := strings.Cut(field, " ")
	return strings.TrimSpace(rest), ok && strings.EqualFold(scheme, "bearer")
}

// since says how long ago a moment was. A token is void from the second of its exp
// on (RFC 7519 section 4.1.4).
func since(then, now time.Time) string {
	if now.Sub(then) < time.Second {
		return "in the second of the call"
	}
	return ago(now.Sub(then)) + " ago"
}

// ago puts a duration into the words that people use.
func ago(d time.Duration) string {
	unit := func(n int64, name string) string {
		if n == 1 {
			return "1 " + name
		}
		return fmt.Sprintf("%d %ss", n, name)
	}
	switch seconds := int64(d / time.Second); {
	case seconds < 120:
		return unit(seconds, "second")
	case seconds < 2*3600:
		return unit(seconds/60, "minute")
	case seconds < 2*86400:
		return unit(seconds/3600, "hour")
	default:
		return unit(seconds/86400, "day")
	}
}
