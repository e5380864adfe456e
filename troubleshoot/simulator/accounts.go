package simulator

import (
	"time"
)

// AccountType is one of the API's three kinds of account.
type AccountType string

// The types of account.
const (
	cardholder AccountType = "cardholder"
	identity   AccountType = "identity"
	partner    AccountType = "partner"
)

// Account is a node of the account tree.
type Account struct {
	ID          string
	Type        AccountType
	Name        string
	PartnerID   string // of a cardholder
	ParentID    string // of a partner below a partner
	OwnerUserID string
	Liveness    string
	CreatedAt   time.Time
}

// parent is the account above, "" for none.
func (a *Account) parent() string {
	if a.PartnerID != "" {
		return a.PartnerID
	}
	return a.ParentID
}

// APIKey is a pair of key and secret with a role in one account.
type APIKey struct {
	Key, Secret string
	AccountID   string
	Role        role
}

type accountView struct {
	ID               string      `json:"id"`
	Version          string      `json:"version"`
	CreatedAt        string      `json:"createdAt"`
	ModifiedAt       string      `json:"modifiedAt"`
	PartnerAccountID string      `json:"partnerAccountId,omitempty"`
	IsActive         bool        `json:"isActive"`
	Type             AccountType `json:"type"`
	Liveness         string      `json:"liveness"`
}

func (a *Account) view() accountView {
	return accountView{
		ID: a.ID, Version: "1", CreatedAt: stamp(a.CreatedAt), ModifiedAt: stamp(a.CreatedAt),
		PartnerAccountID: a.parent(), IsActive: true, Type: a.Type, Liveness: a.Liveness,
	}
}

func (st *store) getAccount(rq *request) *reply { return ok(st.accounts.get(rq.account()).view()) }

// createAccount serves the three documented variants: a user's cardholder
// account, a custodial one, and a partner.
func (st *store) createAccount(rq *request) *reply {
	a := &Account{
		ID: st.chance.id(), Type: AccountType(rq.text("type")), Name: rq.text("name"),
		Liveness: liveness, OwnerUserID: rq.text("ownerUserId"), CreatedAt: rq.now,
	}
	if refusal := st.place(rq, a); refusal != nil {
		return refusal
	}
	if !st.accounts.add(a.ID, a) {
		return full("accounts")
	}
	switch a.Type {
	case cardholder:
		st.openCardholder(a, rq.now)
	case partner:
		st.profiles.add(a.ID, &PartnerProfile{AccountID: a.ID, CreatedAt: rq.now, ModifiedAt: rq.now})
	}
	return ok(a.view())
}

// place hangs a new account into the tree, or says why it may not hang there.
func (st *store) place(rq *request, a *Account) *reply {
	id, code := rq.text("partnerAccountId"), "INVALID_PARTNER_ACCOUNT"
	if a.Type == partner || id == "" {
		id, code = rq.text("parentAccountId"), "INVALID_PARENT_ACCOUNT"
	}
	if id == "" {
		id = rq.actor.own.ID // of a partner; the schema demands one of a cardholder
	}
	above := st.accounts.get(id)
	switch {
	case above == nil:
		return forbidden()
	case above.Liveness != liveness:
		return forbidden()
	case above.Type != partner:
		return refused(code, "the account is not a partner's")
	case rq.actor.user != "" && (rq.actor.own.parent() != id || a.OwnerUserID != rq.actor.user || a.Type != cardholder):
		return forbidden()
	case rq.actor.user == "" && !st.belongs(rq.actor, above):
		return forbidden()
	case rq.actor.role == accountAdmin && a.Type == cardholder:
		return forbidden()
	}
	if a.Type == cardholder {
		a.PartnerID = id
	} else {
		a.ParentID = id
	}
	return nil
}

// partnerOf returns the partner that an account is, or is of.
func (st *store) partnerOf(account *Account) *Account {
	if account.Type == partner {
		return account
	}
	return st.accounts.get(account.PartnerID)
}
