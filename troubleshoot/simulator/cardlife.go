package simulator

import (
	"net/http"
	"time"
)

// provisioned is the end of a card's making: a virtual card is active, a
// physical one goes to the courier.
func (st *store) provisioned(id string, at time.Time) {
	c := st.cards.get(id)
	if c == nil || c.Status != "created" {
		return
	}
	if c.Type == "physical" {
		st.after(at, shippingTime, cardShipped, id)
		return
	}
	st.activate(c, at)
}

func (st *store) shipped(id string, at time.Time) {
	if c := st.cards.get(id); c != nil && c.Status == "created" {
		c.Status, c.ModifiedAt = "shipped", at
		st.announce(c.AccountID, "card-shipped", c.ID, at)
	}
}

// activate makes a card usable, and ends the one that it replaces.
func (st *store) activate(c *Card, at time.Time) {
	c.Status, c.ModifiedAt = "active", at
	st.announce(c.AccountID, "card-activated", c.ID, at)
	if old := st.cards.get(c.PredecessorID); old != nil {
		st.cancel(old, "reissued", at)
		st.announce(c.AccountID, "card-reissue-succeeded", c.ID, at)
	}
}

func (st *store) cancel(c *Card, reason string, at time.Time) {
	if c.Status == "cancelled" {
		return
	}
	c.Status, c.CancelReason, c.ModifiedAt = "cancelled", reason, at
	st.announce(c.AccountID, "card-canceled", c.ID, at)
}

func (st *store) activateCard(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	if c.Type != "physical" || c.Status != "shipped" || c.Block != nil || c.expired(rq.now) {
		return refused("CARD_ACTIVATION_FORBIDDEN", "only a physical card that was shipped, is not blocked and not expired can be activated")
	}
	st.activate(c, rq.now)
	return ok(nil)
}

func (st *store) cancelCard(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	st.cancel(c, "user-requested", rq.now)
	return &reply{status: http.StatusAccepted}
}

func (st *store) freezeCard(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	switch {
	case c.Block != nil:
		return refused("CARD_ALREADY_FROZEN", "the card is blocked")
	case c.Status == "cancelled":
		return because("the card is cancelled")
	}
	st.block(c, "suspended", rq.actor.initiator(), rq.now)
	c.ModifiedAt = rq.now
	st.announce(c.AccountID, "card-block-created", c.ID, rq.now)
	return ok(nil)
}

func (st *store) unfreezeCard(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	switch {
	case c.Block == nil:
		return refused("CARD_NOT_FROZEN", "the card is not blocked")
	case c.Block.Initiator == "system":
		return refused("CARD_UNFREEZE_NOT_ALLOWED", "the block is not yours to lift")
	}
	c.Block.Status = "released"
	c.Block, c.ModifiedAt = nil, rq.now
	st.announce(c.AccountID, "card-block-released", c.ID, rq.now)
	return ok(nil)
}

// reissueCard makes a successor with the same number; the card itself lives
// until the successor is active.
func (st *store) reissueCard(rq *request) *reply {
	if st.cards.get(rq.path("cardId")) == nil {
		return refused("CARD_NOT_FOUND", "there is no such card")
	}
	old, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	p, s := st.programs.get(old.ProgramID), st.sources.get(old.SourceID)
	for _, refusal := range []*reply{
		rq.checkShipping(p), rq.checkCountry(p), st.checkReissue(old), st.checkPerson(old.AccountID),
	} {
		if refusal != nil {
			return refusal
		}
	}
	c := st.newCard(s, p, old.Region, rq.now)
	c.PAN, c.SeriesID, c.PredecessorID, c.Reissuance = old.PAN, old.SeriesID, old.ID, rq.text("reissuanceType")
	c.expireIn(cardYears+1, rq.now) // a date of its own
	if !st.issue(c, rq.now) {
		return full("cards")
	}
	old.SuccessorID, old.ModifiedAt = c.ID, rq.now
	return ok(cardRef{c.ID})
}

func (st *store) checkReissue(c *Card) *reply {
	if c.Status == "active" && c.SuccessorID == "" && c.Block == nil && !st.blocked(c.AccountID) {
		return nil
	}
	return refused("CARD_REISSUE_NOT_ALLOWED", "the card is not active, is blocked, or has a successor")
}
