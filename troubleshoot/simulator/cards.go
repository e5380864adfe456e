package simulator

import (
	"slices"
	"time"
)

// Card is a payment card. Its number is no real one: no scheme issues cards that
// begin with 999999.
type Card struct {
	ID            string
	AccountID     string
	ProgramID     string
	SourceID      string
	Type          string // virtual, physical
	Status        string // created, shipped, active, cancelled
	CancelReason  string
	Region        string
	PAN, CVV      string
	SeriesID      string
	Block         *Block // nil while it is free
	SuccessorID   string
	PredecessorID string
	Reissuance    string
	CreatedAt     time.Time
	ModifiedAt    time.Time
	ExpiresAt     time.Time
}

const cardYears = 4

type cardView struct {
	ID               string   `json:"id"`
	AccountID        string   `json:"accountId"`
	Type             string   `json:"type"`
	CreatedAt        string   `json:"createdAt"`
	ModifiedAt       string   `json:"modifiedAt"`
	ExpiresAt        string   `json:"expiresAt"`
	IsBlocked        bool     `json:"isBlocked"`
	Status           string   `json:"status"`
	FundingSourceIDs []string `json:"fundingSourceIds"`
	CardProgramID    string   `json:"cardProgramId"`
	RegionCode       string   `json:"regionCode"`
	Currency         string   `json:"currency"`
	Expiry           string   `json:"expiry"`
	PANFirst6        string   `json:"panFirst6"`
	PANLast4         string   `json:"panLast4"`
	Network          string   `json:"network"`
	SeriesID         string   `json:"seriesId"`
	CancelReason     string   `json:"cancelReason,omitempty"`
	SuccessorCardID  string   `json:"successorCardId,omitempty"`
	ReissuanceType   string   `json:"reissuanceType,omitempty"`
	TrackingURL      string   `json:"trackingUrl,omitempty"`
}

// cardDetails is what get-card has beyond the list's entries.
type cardDetails struct {
	cardView
	CardholderName  string `json:"cardholderName"`
	UnfreezeAllowed *bool  `json:"unfreezeAllowed,omitempty"`
}

func (st *store) cardView(c *Card) cardView {
	v := cardView{
		ID: c.ID, AccountID: c.AccountID, Type: c.Type, CreatedAt: stamp(c.CreatedAt), ModifiedAt: stamp(c.ModifiedAt),
		ExpiresAt: stamp(c.ExpiresAt), IsBlocked: c.Block != nil, Status: c.Status, FundingSourceIDs: []string{c.SourceID},
		CardProgramID: c.ProgramID, RegionCode: c.Region, Currency: "USD", Expiry: c.expiry(),
		PANFirst6: c.PAN[:6], PANLast4: c.PAN[12:], Network: "simulator", SeriesID: c.SeriesID,
		CancelReason: c.CancelReason, SuccessorCardID: c.SuccessorID, ReissuanceType: c.Reissuance,
	}
	if c.Type == "physical" && c.Status != "created" {
		v.TrackingURL = "https://example.com/track/" + c.ID
	}
	return v
}

// expiry is the date on the card, YYYYMM.
func (c *Card) expiry() string { return c.ExpiresAt.UTC().Format("200601") }

func (c *Card) expired(now time.Time) bool { return !now.Before(c.ExpiresAt) }

// newCard makes a card that is still to be provisioned.
func (st *store) newCard(s *Source, p *CardProgram, region string, now time.Time) *Card {
	c := &Card{
		ID: st.chance.id(), AccountID: s.AccountID, ProgramID: p.ID, SourceID: s.ID, Type: p.Type, Status: "created",
		Region: region, PAN: st.newPAN(), CVV: st.chance.digits(3), SeriesID: st.chance.id(), CreatedAt: now, ModifiedAt: now,
	}
	c.expireIn(cardYears, now)
	return c
}

// expireIn lets a card end with the month.
func (c *Card) expireIn(years int, now time.Time) {
	now = now.UTC()
	c.ExpiresAt = time.Date(now.Year()+years, now.Month()+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond)
}

// newPAN makes a number with a right check digit (Luhn, ISO/IEC 7812-1 annex B)
// under a prefix that no scheme issues.
func (st *store) newPAN() string {
	number := "999999" + st.chance.digits(9)
	sum := 0
	for i := range number {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 0 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return number + string(rune('0'+(10-sum%10)%10))
}

// card returns the card that the path names, if the actor may reach it.
func (st *store) card(rq *request) (*Card, *reply) {
	c := st.cards.get(rq.path("cardId"))
	if c == nil {
		return nil, forbidden()
	}
	if refusal := st.reachID(rq, c.AccountID); refusal != nil {
		return nil, refusal
	}
	return c, nil
}

func (st *store) getCard(rq *request) *reply {
	c, refusal := st.card(rq)
	if refusal != nil {
		return refusal
	}
	v := cardDetails{cardView: st.cardView(c), CardholderName: cardholderName}
	if c.Block != nil {
		allowed := c.Block.Initiator != "system"
		v.UnfreezeAllowed = &allowed
	}
	return ok(v)
}

const cardholderName = "TEST CARDHOLDER"

func (st *store) listCards(rq *request) *reply {
	id, status := rq.account(), rq.query.Get("status")
	excludeExpired := rq.query.Get("excludeExpired") == "true"
	return paged(rq, &st.cards, func(c *Card) bool {
		switch {
		case c.AccountID != id, status != "" && c.Status != status, excludeExpired && c.expired(rq.now):
			return false
		}
		return excludeExpired || rq.within(c.ExpiresAt, "expiresAfter", "")
	}, st.cardView)
}

// createCard answers as soon as the card exists; provisioning follows.
func (st *store) createCard(rq *request) *reply {
	s, refusal := st.source(rq, rq.text("fundingSourceId"))
	if refusal != nil {
		return refusal
	}
	p, refusal := st.program(rq, s.AccountID)
	if refusal != nil {
		return refusal
	}
	for _, refusal := range []*reply{
		rq.checkShipping(p), st.checkFunding(p, s), st.checkPerson(s.AccountID), st.checkSpend(s.AccountID),
		st.checkRegion(p, s.AccountID), st.checkCount(s.AccountID), rq.checkCountry(p),
	} {
		if refusal != nil {
			return refusal
		}
	}
	c := st.newCard(s, p, st.cardholders.get(s.AccountID).KYC.Region, rq.now)
	if !st.issue(c, rq.now) {
		return full("cards")
	}
	return ok(cardRef{c.ID})
}

type cardRef struct {
	CardID string `json:"cardId"`
}

// issue keeps a new card and lets its provisioning begin.
func (st *store) issue(c *Card, now time.Time) bool {
	if !st.cards.add(c.ID, c) {
		return false
	}
	st.after(now, provisioningTime, cardProvisioned, c.ID)
	st.announce(c.AccountID, "card-created", c.ID, now)
	return true
}

func (st *store) checkFunding(p *CardProgram, s *Source) *reply {
	switch {
	case !st.serves(p, s):
		return refused("FUNDING_CHANNEL_INVALID", "the card program doesn't accept the funding channel")
	case p.Beta && !slices.Contains(p.Admitted, s.ExternalID):
		return refused("BETA_ACCESS_DENIED", "the card program has restricted access")
	}
	return nil
}

// checkPerson asks for what create-card and reissue-card both need.
func (st *store) checkPerson(accountID string) *reply {
	c := st.cardholders.get(accountID)
	switch {
	case c == nil || !c.passed():
		return refused("KYC_REQUIRED", "the cardholder has not passed KYC")
	case c.Email == "":
		return refused("CONTACT_EMAIL_REQUIRED", "the cardholder has no email address")
	case c.Phone == "":
		return refused("CONTACT_PHONE_REQUIRED", "the cardholder has no phone number")
	}
	return nil
}

func (st *store) checkSpend(accountID string) *reply {
	if c := st.cardholders.get(accountID); c != nil && c.ExpectedSpend != "" {
		return nil
	}
	return refused("EXPECTED_SPEND_PREREQ_REQUIRED", "the expected monthly spend is missing")
}

func (st *store) checkRegion(p *CardProgram, accountID string) *reply {
	c := st.cardholders.get(accountID)
	if c == nil || !c.passed() || slices.Contains(p.Regions, c.KYC.Region) {
		return nil
	}
	return refused("CARD_REGION_NOT_SUPPORTED", "the card program doesn't issue in the cardholder's region")
}

func (st *store) checkCount(accountID string) *reply {
	all := st.cards.count(func(c *Card) bool { return c.AccountID == accountID })
	active := st.cards.count(func(c *Card) bool { return c.AccountID == accountID && c.Status != "cancelled" })
	switch {
	case all >= maxCards:
		return refused("MAX_CARDS_EXCEEDED", "the cardholder has as many cards as may be")
	case active >= maxActiveCards:
		return refused("MAX_ACTIVE_CARDS_EXCEEDED", "the cardholder has as many active cards as may be")
	}
	return nil
}
