package simulator

import (
	"math/big"
	"strings"
	"time"
)

// Source is an account's money on a funding channel.
type Source struct {
	ID         string
	AccountID  string
	ChannelID  string
	ExternalID string  // wallet address, or the custodian's id
	Balance    big.Int // smallest units of the token
	Purpose    string
	CreatedAt  time.Time
}

type sourceView struct {
	ID               string `json:"id"`
	AccountID        string `json:"accountId"`
	CreatedAt        string `json:"createdAt"`
	Balance          string `json:"balance"`
	BalanceCurrency  string `json:"balanceCurrency"`
	FundingChannelID string `json:"fundingChannelId"`
	ExternalID       string `json:"externalId"`
	Purpose          string `json:"purpose"`
	Network          string `json:"network,omitempty"`
}

func (st *store) sourceView(s *Source) sourceView {
	kind := st.fundingType(s)
	return sourceView{
		s.ID, s.AccountID, stamp(s.CreatedAt), s.Balance.String(), kind.currency, s.ChannelID, s.ExternalID, s.Purpose, kind.network,
	}
}

func (st *store) fundingType(s *Source) fundingType {
	return findFundingType(st.channels.get(s.ChannelID).TypeName)
}

// createFundingSource serves the four documented variants. Which one is due
// follows from the channel.
func (st *store) createFundingSource(rq *request) *reply {
	account := st.accounts.get(rq.account())
	channel := st.channels.get(rq.text("fundingChannelId"))
	if channel == nil || channel.AccountID != st.partnerOf(account).ID {
		return forbidden()
	}
	s := &Source{
		ID: st.chance.id(), AccountID: account.ID, ChannelID: channel.ID, Purpose: channel.Purpose, CreatedAt: rq.now,
	}
	if refusal := st.identify(rq, s, findFundingType(channel.TypeName)); refusal != nil {
		return refusal
	}
	if !st.sources.add(s.ID, s) {
		return full("funding sources")
	}
	return ok(st.sourceView(s))
}

// identify gives a new source its externalId.
func (st *store) identify(rq *request, s *Source, kind fundingType) *reply {
	switch kind.strategy {
	case simulated:
		s.ExternalID = s.ID
	case custodial:
		id := rq.member("externalId").String()
		if id == "" {
			return invalid("externalId", "Required on a custodial funding channel")
		}
		s.ExternalID = id
	default:
		s.ExternalID = rq.text("fundingAddress")
		if s.ExternalID == "" {
			return invalid("fundingAddress", "Required on an on-chain funding channel")
		}
		return st.checkWallet(rq, s.ExternalID)
	}
	return nil
}

// checkWallet lets in the wallet that the user logged in with, and any other one
// that a signed challenge speaks for.
func (st *store) checkWallet(rq *request, address string) *reply {
	id, signature := rq.text("challengeId"), rq.text("signature")
	switch {
	case id == "" && signature == "":
		user := st.users.get(rq.actor.user)
		if user == nil || !strings.EqualFold(user.Address, address) {
			return because("the address is not the login wallet's; a signed challenge is required")
		}
		return nil
	}
	challenge := st.challenges.get(id)
	if challenge == nil || !strings.EqualFold(challenge.Address, address) || !rq.now.Before(challenge.ExpiresAt) || !isSignature(signature) {
		return because("the challenge does not speak for the address")
	}
	return nil
}

// source returns the funding source of an id, if the actor may reach it.
func (st *store) source(rq *request, id string) (*Source, *reply) {
	s := st.sources.get(id)
	if s == nil {
		return nil, forbidden()
	}
	if refusal := st.reachID(rq, s.AccountID); refusal != nil {
		return nil, refusal
	}
	return s, nil
}

func (st *store) getFundingSource(rq *request) *reply {
	s, refusal := st.source(rq, rq.path("fundingSourceId"))
	if refusal != nil {
		return refusal
	}
	return ok(st.sourceView(s))
}

func (st *store) listFundingSources(rq *request) *reply {
	v := items[sourceView]{Items: []sourceView{}}
	for _, s := range st.sources.newest() {
		if s.AccountID == rq.account() {
			v.Items = append(v.Items, st.sourceView(s))
		}
	}
	return ok(v)
}
