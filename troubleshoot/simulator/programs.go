package simulator

import "slices"

// CardProgram is the kind of card that a partner may issue. No operation reads
// it.
type CardProgram struct {
	ID           string
	PartnerID    string
	Liveness     string
	Type         string // "virtual", "physical"
	Regions      []string
	FundingTypes []string // names of funding types that may stand behind it
	Beta         bool     // only for admitted funding sources
	Admitted     []string // their externalId
}

// The simulator's limits on cards per cardholder; the API's are not documented.
const (
	maxCards       = 20
	maxActiveCards = 10
)

// program returns the card programme that the body names, if the cardholder is
// tied to its partner.
func (st *store) program(rq *request, accountID string) (*CardProgram, *reply) {
	p := st.programs.get(rq.text("cardProgramId"))
	switch {
	case p != nil && p.Liveness != liveness:
		return nil, st.wrongLiveness(rq)
	case p == nil || p.PartnerID != st.partnerOf(st.accounts.get(accountID)).ID:
		return nil, refused("CARD_PROGRAM_INVALID", "the card program doesn't belong to this cardholder's partner")
	}
	return p, nil
}

// serves reports whether a funding source may stand behind a programme's cards.
func (st *store) serves(p *CardProgram, s *Source) bool {
	return s.Purpose == "card-funding" && slices.Contains(p.FundingTypes, st.channels.get(s.ChannelID).TypeName)
}
