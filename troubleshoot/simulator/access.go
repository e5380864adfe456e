package simulator

import (
	"slices"

	"immersve-doctor/diagnose/api"
)

// admit settles what can be settled before the operation is known in detail:
// the account that x-account-id names, the role, and the account that path or
// body names.
func (st *store) admit(rq *request) *reply {
	if rq.op.Security == api.SecurityNone {
		return nil
	}
	if refusal := st.resolveActing(rq); refusal != nil {
		return refusal
	}
	if refusal := st.refuseAccountType(rq, st.accounts.get(rq.account())); refusal != nil {
		return refusal
	}
	if !rq.actor.mayUse(rq.op) {
		return forbidden()
	}
	if rq.op.Account == nil {
		return nil
	}
	account := st.accounts.get(rq.account())
	if account == nil {
		return forbidden()
	}
	return st.reach(rq, account)
}

// resolveActing finds the account whose permissions count.
func (st *store) resolveActing(rq *request) *reply {
	rq.actor.acting = rq.actor.own
	id := rq.http.Header.Get("X-Account-Id")
	if id == "" {
		return nil
	}
	named := st.accounts.get(id)
	if named == nil || !st.belongs(rq.actor, named) {
		return forbidden()
	}
	rq.actor.acting = named
	return nil
}

// belongs reports whether an account is one in which the actor has a role: the
// user's own ones, or the partner's and those below it.
func (st *store) belongs(a actor, account *Account) bool {
	if a.user != "" {
		return account.OwnerUserID == a.user
	}
	const deepest = 16 // partners below partners; a guard, not a rule
	for range deepest {
		if account == a.own {
			return true
		}
		if account = st.accounts.get(account.parent()); account == nil {
			return false
		}
	}
	return false
}

// refuseAccountType answers ACCOUNT_TYPE_INVALID where the operation documents it
// and a cardholder's account stands in a partner's place.
func (st *store) refuseAccountType(rq *request, account *Account) *reply {
	if account == nil || account.Type == partner || rq.actor.role != accountAdmin || !st.belongs(rq.actor, account) {
		return nil
	}
	if !rq.op.Documents("ACCOUNT_TYPE_INVALID") {
		return nil
	}
	return refused("ACCOUNT_TYPE_INVALID", "the account is not a partner's")
}

// mayUse judges the role by the kind of account that an operation works on.
func (a actor) mayUse(op *api.Operation) bool {
	switch op.AccountKind {
	case api.AccountCardholder:
		return a.role == cardIssuer || a.role == accountOwner
	case api.AccountPartner:
		return a.role == accountAdmin || a.role == accountOwner && a.acting.Type == partner || op.ID == "get-supported-regions"
	}
	return true
}

// reach returns nil when the actor may act on what the account owns. A partner's
// key reaches a cardholder when x-account-id names that cardholder. Where the
// documentation's own samples leave it out, so may the client.
func (st *store) reach(rq *request, account *Account) *reply {
	a := rq.actor
	switch {
	case account.Liveness != liveness:
		return st.wrongLiveness(rq)
	case account == a.acting && !(account.Type == cardholder && a.role == accountAdmin):
		return nil
	case rq.op.ID == "get-supported-regions" && account.ID == a.acting.parent():
		return nil
	case a.role == cardIssuer && a.acting == a.own && st.belongs(a, account) && samplesOmitAccount(rq.op):
		return nil
	}
	return forbidden()
}

func samplesOmitAccount(op *api.Operation) bool {
	return slices.Contains(op.SampleCredentials, "card-issuer-key")
}

// wrongLiveness is the answer to an id of the live environment, which the
// simulator has a few of.
func (st *store) wrongLiveness(rq *request) *reply {
	if rq.op.Documents("LIVENESS_MISMATCH") {
		return refused("LIVENESS_MISMATCH", "the resource is of the live environment, this is test")
	}
	return forbidden()
}

// reachID is reach for the account of an id.
func (st *store) reachID(rq *request, accountID string) *reply {
	account := st.accounts.get(accountID)
	if account == nil {
		return forbidden()
	}
	return st.reach(rq, account)
}
