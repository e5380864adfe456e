package simulator

import (
	"slices"
	"strings"
)

// Session is a user's login, from its completion to the logout.
type Session struct {
	ID            string
	UserID        string
	AccountID     string
	ApplicationID string
	RefreshID     string // jti of the one refresh token that is good
}

type loggedInView struct {
	AccessToken         string `json:"accessToken,omitempty"`
	Token               string `json:"token,omitempty"` // the deprecated operation's name
	RefreshToken        string `json:"refreshToken"`
	CardholderAccountID string `json:"cardholderAccountId,omitempty"`
}

func (st *store) completeLogin(rq *request) *reply {
	login := st.logins.get(rq.text("loginRequestId"))
	switch {
	case login == nil || login.Done:
		return because("the login request is unknown or done")
	case !rq.now.Before(login.ExpiresAt):
		return refused("CHALLENGE_EXPIRED", "the signing challenge has expired")
	case !isSignature(rq.text("signature")):
		return refused("INVALID_SIGNATURE", "the signature does not belong to the challenge")
	}
	login.Done = true
	view, refusal := st.logIn(rq, login)
	if refusal != nil {
		return refusal
	}
	return ok(view)
}

// logIn opens a session, and for a new user the account.
func (st *store) logIn(rq *request, login *Login) (loggedInView, *reply) {
	user := st.userOf(login.Address)
	if user == nil {
		var refusal *reply
		if user, refusal = st.register(rq, login); refusal != nil {
			return loggedInView{}, refusal
		}
	}
	session := &Session{ID: st.chance.id(), UserID: user.ID, AccountID: user.AccountID, ApplicationID: login.ApplicationID}
	access, refresh, err := st.tokens(session, rq.now)
	if err != nil {
		return loggedInView{}, broken(err)
	}
	st.sessions.push(session.ID, session)
	return loggedInView{AccessToken: access, RefreshToken: refresh, CardholderAccountID: user.AccountID}, nil
}

func (st *store) register(rq *request, login *Login) (*User, *reply) {
	partnerID := st.applications.get(login.ApplicationID).AccountID
	user := &User{ID: st.chance.id(), Address: login.Address}
	account := &Account{
		ID: st.chance.id(), Type: cardholder, PartnerID: partnerID, OwnerUserID: user.ID, Liveness: liveness, CreatedAt: rq.now,
	}
	user.AccountID = account.ID
	if !st.users.add(user.ID, user) {
		return nil, full("users")
	}
	if !st.accounts.add(account.ID, account) {
		return nil, full("accounts")
	}
	st.openCardholder(account, rq.now)
	return user, nil
}

// exchangeAuthToken spends the refresh token. What the API says to a spent one
// is not documented; here it is FORBIDDEN.
func (st *store) exchangeAuthToken(rq *request) *reply {
	c, err := st.verify(rq.text("refreshToken"))
	if err != nil || !c.isRefresh() {
		return because("the refresh token is not valid")
	}
	if rq.now.Unix() >= c.Expires {
		return refused("REFRESH_TOKEN_EXPIRED", "the refresh token has expired")
	}
	session := st.sessions.get(c.Session)
	switch {
	case session == nil || session.RefreshID != c.ID:
		return because("the refresh token was already used, or its session has ended")
	case session.ApplicationID != rq.text("clientApplicationId"):
		return refused("CLIENT_APPLICATION_MISMATCH", "the session belongs to a different client application")
	case !slices.Contains(st.applications.get(session.ApplicationID).Origins, rq.http.Header.Get("Origin")):
		return refused("ORIGIN_NOT_ALLOWED", "the Origin header isn't one of the client application's origins")
	}
	access, refresh, err := st.tokens(session, rq.now)
	if err != nil {
		return broken(err)
	}
	return ok(loggedInView{AccessToken: access, RefreshToken: refresh})
}

func (st *store) logout(rq *request) *reply {
	st.sessions.remove(rq.actor.session.ID)
	return ok(struct{}{})
}

// initiateSIWELogin is the deprecated start of a login; it answers with the text
// alone.
func (st *store) initiateSIWELogin(rq *request) *reply {
	if refusal := st.checkApplication(rq); refusal != nil {
		return refusal
	}
	address := rq.text("walletAddress")
	return ok(st.newLogin(rq, "siwe", address, st.userOf(address) == nil).Message)
}

func (st *store) completeSIWELogin(rq *request) *reply {
	text := strings.ReplaceAll(rq.text("message"), "\r\n", "\n")
	login := st.logins.find(func(l *Login) bool { return l.Message == text })
	switch {
	case login == nil || login.Done || !rq.now.Before(login.ExpiresAt):
		return because("the message is unknown, used or expired")
	case !isSignature(rq.text("signature")):
		return because("the signature does not belong to the message")
	case login.SignUp && rq.member("createCardholderAccount").Raw == "false":
		return because("no user has this address")
	}
	login.Done = true
	view, refusal := st.logIn(rq, login)
	if refusal != nil {
		return refusal
	}
	view.Token, view.AccessToken = view.AccessToken, ""
	return ok(view)
}
