package simulator

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"immersve-doctor/diagnose/api"
)

// role is what credentials may do inside an account.
type role string

// The documented roles.
const (
	accountOwner role = "account-owner" // a user in an account of theirs
	accountAdmin role = "account-admin" // a partner's own resources
	cardIssuer   role = "card-issuer"   // a partner's cardholders
)

// actor is who sends a request: the holder of an API key, or a user.
type actor struct {
	role    role
	own     *Account // the key's account, the session's primary account
	acting  *Account // the one that x-account-id names, else own; set by admit
	user    string   // "" for a key
	session *Session
}

// name is the actor's resource name, as createdBy and modifiedBy have it.
func (a actor) name() string {
	if a.user != "" {
		return "irn:" + a.own.ID + ":user:" + a.user
	}
	return "irn:" + a.own.ID + ":api-key:" + string(a.role)
}

// initiator is the actor's kind, as a block has it.
func (a actor) initiator() string {
	if a.user != "" {
		return "user"
	}
	return "partner"
}

func unauthorized(reason string) *reply {
	r := fail(http.StatusUnauthorized, "UNAUTHORIZED", reason)
	r.header = map[string]string{"WWW-Authenticate": "Bearer"} // RFC 9110 section 15.5.2 demands one
	return r
}

// authenticate finds out who sends the request, or refuses with 401. Which
// scheme counts when both are sent is not documented; here the token does.
func (st *store) authenticate(rq *request) *reply {
	if rq.op.Security == api.SecurityNone {
		return nil
	}
	header := rq.http.Header
	if field := header.Get("Authorization"); field != "" {
		return st.authenticateToken(rq, field)
	}
	key, secret := header.Get("X-Api-Key"), header.Get("X-Api-Secret")
	switch {
	case rq.op.Security == api.SecurityToken && key+secret != "":
		return unauthorized("this endpoint needs an access token")
	case key == "" && secret == "":
		return unauthorized("no credentials were sent")
	case key == "":
		return unauthorized("x-api-key is missing")
	case secret == "":
		return unauthorized("x-api-secret is missing")
	}
	return st.authenticateKey(rq, key, secret)
}

func (st *store) authenticateKey(rq *request, key, secret string) *reply {
	k := st.keys.get(key)
	if k == nil || subtle.ConstantTimeCompare([]byte(k.Secret), []byte(secret)) != 1 {
		return unauthorized("the API key or its secret is not valid")
	}
	rq.actor = actor{role: k.Role, own: st.accounts.get(k.AccountID)}
	return nil
}

func (st *store) authenticateToken(rq *request, field string) *reply {
	scheme, token, _ := strings.Cut(field, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return unauthorized("the Authorization field does not use the Bearer scheme")
	}
	c, err := st.verify(strings.TrimSpace(token))
	if err != nil {
		return unauthorized("the access token is not valid")
	}
	session := st.sessions.get(c.Session)
	switch {
	case session == nil || c.isRefresh():
		return unauthorized("the access token is not valid")
	case rq.now.Unix() >= c.Expires:
		return unauthorized("the access token has expired")
	}
	rq.actor = actor{role: accountOwner, own: st.accounts.get(session.AccountID), user: session.UserID, session: session}
	return nil
}
