package simulator

import (
	"encoding/json"
	"time"
)

// Block keeps a card or a cardholder from spending.
type Block struct {
	ID        string
	AccountID string
	CardID    string // of scope "card"
	Status    string // "created", "released"
	Scope     string // "card", "cardholder"
	Type      string
	Reason    string
	Initiator string // "system", "partner", "user"
	CreatedAt time.Time
}

type blockView struct {
	ID        string `json:"id"`
	AccountID string `json:"accountId"`
	CardID    string `json:"cardId,omitempty"`
	Status    string `json:"status"`
	Scope     string `json:"scope"`
	Type      string `json:"type"`
	Reason    string `json:"reason"`
	Initiator string `json:"initiator"`
	CreatedAt string `json:"createdAt"`
}

func (b *Block) view() blockView {
	return blockView{b.ID, b.AccountID, b.CardID, b.Status, b.Scope, b.Type, b.Reason, b.Initiator, stamp(b.CreatedAt)}
}

func (st *store) getCardholderBlocks(rq *request) *reply {
	id := rq.account()
	return paged(rq, &st.blocks, func(b *Block) bool { return b.AccountID == id }, (*Block).view)
}

// block keeps a card from spending. The card holds its block, because the table
// is a history that loses its oldest rows.
func (st *store) block(c *Card, reason, initiator string, now time.Time) {
	c.Block = &Block{
		ID: st.chance.id(), AccountID: c.AccountID, CardID: c.ID, Status: "created", Scope: "card", Type: "card-suspension",
		Reason: reason, Initiator: initiator, CreatedAt: now,
	}
	st.blocks.push(c.Block.ID, c.Block)
}

// blocked reports whether the cardholder as a whole may not spend.
func (st *store) blocked(accountID string) bool {
	c := st.cardholders.get(accountID)
	return c != nil && c.Activation.Status == "created"
}

// rawList makes a JSON array of values that are JSON text.
func rawList(texts []string) []json.RawMessage {
	values := make([]json.RawMessage, len(texts))
	for i, text := range texts {
		values[i] = json.RawMessage(text)
	}
	return values
}
