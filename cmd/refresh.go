package cmd

import (
	"fmt"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// Recorded credentials are rarely usable: our HAR files mask them, and tokens expire
// after about 20 minutes. This file replaces them with new ones of the same kind.

// The headers for credentials.
const (
	fieldAuthorization = "authorization"
	fieldKey           = "x-api-key"
	fieldSecret        = "x-api-secret"
	fieldAccount       = "x-account-id"
)

// refresh replaces a recorded request's credentials with new ones of the same kind, or
// of the other kind if there are only those. It returns what it did, without values.
// whose is the word for the new ones. op is nil for an unknown route. It adds
// credentials to a request without any only if its operation needs them, because
// browsers omit them from HAR files.
func (c credentials) refresh(r *exchange.Request, op *api.Operation, whose string) (did []string) {
	if op != nil && op.Security == api.SecurityNone {
		return nil
	}
	tokenOnly := op != nil && op.Security == api.SecurityToken
	hasToken, hasKey := c.token != "", (c.key != "" || c.secret != "") && !tokenOnly
	heldToken, heldKey := holds(r, fieldAuthorization), holds(r, fieldKey) || holds(r, fieldSecret)
	state := stateOf(r)
	switch {
	case !hasToken && !hasKey, !heldToken && !heldKey && op == nil && r.HeaderCaptured:
		return nil
	case !heldToken && !heldKey:
		c.account = ""
		c.apply(&r.Header, op)
		return []string{whose + " " + kindOf(r) + " (added, because the input has none)"}
	case heldToken && hasToken || heldKey && hasKey:
		return c.renew(r, heldToken, heldKey && hasKey, whose, state)
	case hasToken:
		r.Header.Del(fieldKey)
		r.Header.Del(fieldSecret)
		r.Header.Set(fieldAuthorization, "Bearer "+c.token)
		return []string{whose + " access token instead of the recorded API key" + state}
	}
	r.Header.Del(fieldAuthorization)
	addUnlessEmpty(&r.Header, fieldKey, c.key)
	addUnlessEmpty(&r.Header, fieldSecret, c.secret)
	return []string{whose + " API key instead of the recorded " + fieldAuthorization + state}
}

// renew replaces credentials with new ones of the same kind. If the input has both
// kinds and one of them can't be replaced or sent, it's removed.
func (c credentials) renew(r *exchange.Request, token, key bool, whose, state string) (did []string) {
	switch {
	case token && c.token != "":
		r.Header.Set(fieldAuthorization, "Bearer "+c.token)
		did = append(did, fieldAuthorization)
	case token && masked(r, fieldAuthorization):
		r.Header.Del(fieldAuthorization)
	}
	switch {
	case key:
		for _, f := range [...]struct{ name, value string }{{fieldKey, c.key}, {fieldSecret, c.secret}} {
			if f.value != "" {
				r.Header.Set(f.name, f.value)
				did = append(did, f.name)
			}
		}
	case masked(r, fieldKey) || masked(r, fieldSecret):
		r.Header.Del(fieldKey)
		r.Header.Del(fieldSecret)
	}
	return []string{whose + " " + strings.Join(did, ", ") + " instead of the recorded values" + state}
}

func kindOf(r *exchange.Request) string {
	if holds(r, fieldAuthorization) {
		return "access token"
	}
	return "API key"
}

func holds(r *exchange.Request, field string) bool {
	_, ok := r.Header.Get(field)
	return ok
}

// masked reports whether a credential header is masked in the input.
func masked(r *exchange.Request, field string) bool {
	return isMasked(r.Header.Text(field))
}

func isMasked(value string) bool {
	for _, sign := range [...]string{"…", "...", "***"} {
		if strings.Contains(value, sign) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(value), "redacted")
}

// stateOf returns " (masked)" if the recorded credentials can't be sent, or "".
func stateOf(r *exchange.Request) string {
	if masked(r, fieldAuthorization) || masked(r, fieldKey) || masked(r, fieldSecret) {
		return " (masked)"
	}
	return ""
}

// expired reports whether the request's access token has expired.
func expired(r *exchange.Request, now time.Time) bool {
	d := diagnose.Diagnose(&exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Request: r, Started: now}, now)
	for _, f := range d.Findings {
		if f.ID == finding.TokenExpired {
			return true
		}
	}
	return false
}

// dropUnsendable removes headers of the original connection or client that must not
// be sent again, and masked headers that aren't credentials of the API. It returns
// the latter.
func dropUnsendable(r *exchange.Request) (did []string) {
	var kept exchange.Header
	for _, f := range r.Header {
		name := strings.ToLower(f.Name)
		switch {
		case strings.HasPrefix(name, ":"), name == "if-none-match", name == "if-modified-since", name == "proxy-authorization":
		case name == fieldAuthorization || name == fieldKey || name == fieldSecret:
			kept = append(kept, f)
		case name == "cookie" && isMasked(f.Value.Reveal()), exchange.Masked(f.Value.Reveal()):
			did = append(did, fmt.Sprintf("%s omitted (masked)", name))
		default:
			kept = append(kept, f)
		}
	}
	r.Header = kept
	return did
}

// stillMasked returns an error if something that the request needs is masked, because
// the API would only reject it.
func stillMasked(r *exchange.Request) error {
	for _, field := range [...]string{fieldAuthorization, fieldKey, fieldSecret} {
		if masked(r, field) {
			return usage("set IMMERSVE_ACCESS_TOKEN, or IMMERSVE_API_KEY and IMMERSVE_API_SECRET, or use --token @FILE, or --api-key with --api-secret @FILE",
				"%s is masked in the input, and you didn't give a new one", field)
		}
	}
	if exchange.Masked(r.URL.Path + "?" + r.URL.RawQuery) {
		return usage("send it with real values: immersve-doctor call "+exchange.QuoteLine(r.Method.String())+" URL", "the URL in the input contains a masked value")
	}
	if exchange.Masked(string(r.Body.Bytes())) {
		return usage("give the whole body with real values: --data @FILE", "the body in the input contains a masked value")
	}
	return nil
}
