package simulator

import (
	"math/big"
	"slices"
	"time"
)

// Interaction is a movement of money in a funding source.
type Interaction struct {
	ID          string
	SourceID    string
	AccountID   string
	Type        string // Deposit, Withdrawal, Payment, Refund
	Status      string // Pending, Confirmed, Discarded
	Amount      string
	Description string
	PaymentID   string // of Payment and Refund
	CreatedAt   time.Time
	ModifiedAt  time.Time
}

// record writes down a movement that has changed the balance already.
func (st *store) record(s *Source, kind, status string, amount *big.Int, description string, now time.Time) *Interaction {
	i := &Interaction{
		ID: st.chance.id(), SourceID: s.ID, AccountID: s.AccountID, Type: kind, Status: status,
		Amount: amount.String(), Description: description, CreatedAt: now, ModifiedAt: now,
	}
	st.interactions.push(i.ID, i)
	return i
}

type interactionView struct {
	ID          string          `json:"id"`
	SourceID    string          `json:"fundingSourceId"`
	AccountID   string          `json:"accountId"`
	Type        string          `json:"type"`
	Status      string          `json:"status"`
	Amount      string          `json:"amount"`
	Token       string          `json:"token"`
	CreatedAt   string          `json:"createdAt"`
	ModifiedAt  string          `json:"modifiedAt"`
	Description string          `json:"description"`
	Indicator   string          `json:"creditDebitIndicator"`
	Channel     channelRef      `json:"channel"`
	Context     *paymentContext `json:"context,omitempty"`
}

type channelRef struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Strategy strategy `json:"strategy"`
}

type paymentContext struct {
	Type string `json:"type"`
	Ref  string `json:"ref"`
}

func (i *Interaction) indicator() string {
	if i.Type == "Deposit" || i.Type == "Refund" {
		return "credit"
	}
	return "debit"
}

func (st *store) interactionView(i *Interaction) interactionView {
	s := st.sources.get(i.SourceID)
	kind := st.fundingType(s)
	v := interactionView{
		ID: i.ID, SourceID: i.SourceID, AccountID: i.AccountID, Type: i.Type, Status: i.Status, Amount: i.Amount,
		Token: kind.currency, CreatedAt: stamp(i.CreatedAt), ModifiedAt: stamp(i.ModifiedAt), Description: i.Description,
		Indicator: i.indicator(), Channel: channelRef{s.ChannelID, kind.name, kind.strategy},
	}
	if i.PaymentID != "" {
		v.Context = &paymentContext{"card-transaction", i.PaymentID}
	}
	return v
}

func (st *store) listInteractions(rq *request) *reply {
	s, refusal := st.source(rq, rq.path("fundingSourceId"))
	if refusal != nil {
		return refusal
	}
	types := rq.query["type"]
	fits := func(i *Interaction) bool { return i.SourceID == s.ID }
	shown := func(i *Interaction) bool {
		return (len(types) == 0 || slices.Contains(types, i.Type)) && rq.within(i.CreatedAt, "createdFrom", "createdTo")
	}
	return filtered(rq, &st.interactions, fits, shown, st.interactionView)
}
