package simulator

import (
	"strings"
	"time"
)

// Channel is a partner's way of funding cards.
type Channel struct {
	ID        string
	AccountID string
	TypeName  string
	Purpose   string // "card-funding", "billing"
	Params    string // JSON text
	Instance  string // what another channel may not claim: a contract's address
	CreatedAt time.Time
}

type channelView struct {
	ID              string   `json:"id"`
	AccountID       string   `json:"accountId"`
	CreatedAt       string   `json:"createdAt"`
	FundingTypeName string   `json:"fundingTypeName"`
	Name            string   `json:"name"`
	Purpose         string   `json:"purpose"`
	Mode            string   `json:"mode"`
	Params          jsonText `json:"params"`
}

func (c *Channel) view() channelView {
	return channelView{c.ID, c.AccountID, stamp(c.CreatedAt), c.TypeName, "immersve-" + c.TypeName, c.Purpose, "deposit", jsonText(c.Params)}
}

func (st *store) createFundingChannel(rq *request) *reply {
	c := &Channel{
		ID: st.chance.id(), AccountID: rq.account(), TypeName: rq.text("fundingTypeName"), Purpose: rq.text("purpose"),
		Params: rq.member("params").Raw, CreatedAt: rq.now,
		Instance: strings.ToLower(rq.text("params.storageAddress") + rq.text("params.partnerChannelAddress")),
	}
	if c.Purpose == "" {
		c.Purpose = "card-funding"
	}
	if refusal := st.checkBilling(rq); refusal != nil {
		return refusal
	}
	claimed := st.channels.find(func(other *Channel) bool {
		return c.Instance != "" && other.Instance == c.Instance && other.TypeName == c.TypeName
	})
	switch {
	case claimed != nil:
		return refused("FUNDING_CHANNEL_EXISTS", "another funding channel has claimed this contract")
	case len(c.Params) > maxText:
		return invalid("params", "Longer than 4 KB")
	case !st.channels.add(c.ID, c):
		return full("funding channels")
	}
	return ok(c.view())
}

// checkBilling refuses a custodial channel that names a billing source of
// somebody else.
func (st *store) checkBilling(rq *request) *reply {
	id := rq.text("params.billingFundingSourceId")
	if id == "" {
		return nil
	}
	source := st.sources.get(id)
	if source == nil || source.Purpose != "billing" {
		return forbidden()
	}
	return st.reachID(rq, source.AccountID)
}

func (st *store) getFundingChannel(rq *request) *reply {
	c := st.channels.get(rq.path("fundingChannelId"))
	if c == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, c.AccountID); refusal != nil {
		return refusal
	}
	return ok(c.view())
}

func (st *store) listFundingChannels(rq *request) *reply {
	id := rq.account()
	return paged(rq, &st.channels, func(c *Channel) bool { return c.AccountID == id }, (*Channel).view)
}
