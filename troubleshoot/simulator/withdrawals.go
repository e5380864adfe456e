package simulator

import (
	"encoding/json"
	"math/big"
	"time"
)

// Intent is a withdrawal that has been debited and not yet been executed.
type Intent struct {
	ID            string
	SourceID      string
	InteractionID string
	Amount        big.Int
	Pending       bool
	ExpiresAt     time.Time
}

// maxPending is the documented number of pending withdrawals.
const maxPending = 10

const intentLife = time.Hour

type intentView struct {
	Amount        json.Number `json:"amount"`
	ID            string      `json:"id"`
	CreatedAt     string      `json:"createdAt"`
	ExpiresAt     string      `json:"expiresAt"`
	WalletAddress string      `json:"walletAddress"`
	Execution     any         `json:"execution"`
}

func (st *store) createWithdrawalIntent(rq *request) *reply {
	s, refusal := st.source(rq, rq.path("fundingSourceId"))
	if refusal != nil {
		return refusal
	}
	kind := st.fundingType(s)
	if kind.strategy == custodial {
		return refused("FUNDING_STRATEGY_NOT_SUPPORTED", "a custodial funding source has no withdrawals")
	}
	text, _ := rq.digits("amount")
	amount := units(text)
	switch {
	case amount.Cmp(&s.Balance) > 0:
		return refused("INSUFFICIENT_BALANCE", "the amount is above the funding source's balance")
	case st.pending(s.ID) >= maxPending:
		return refused("TOO_MANY_PENDING_WITHDRAWALS", "ten withdrawals are pending")
	}
	intent, good := st.withdraw(s, amount, rq.now)
	if !good {
		return full("withdrawal intents")
	}
	return ok(intentView{
		Amount: json.Number(amount.String()), ID: intent.ID, CreatedAt: stamp(rq.now), ExpiresAt: stamp(intent.ExpiresAt),
		WalletAddress: s.ExternalID, Execution: rq.execution(s, intent, kind),
	})
}

func (st *store) pending(sourceID string) int {
	return st.intents.count(func(i *Intent) bool { return i.SourceID == sourceID && i.Pending })
}

// withdraw debits at once. Intents that are settled make room for new ones.
func (st *store) withdraw(s *Source, amount *big.Int, now time.Time) (*Intent, bool) {
	intent := &Intent{ID: st.chance.id(), SourceID: s.ID, Amount: *amount, Pending: true, ExpiresAt: now.Add(intentLife)}
	if len(st.intents.rows) >= st.intents.limit && st.intents.rows[0].value.Pending {
		return nil, false
	}
	st.intents.push(intent.ID, intent)
	s.Balance.Sub(&s.Balance, amount)
	intent.InteractionID = st.record(s, "Withdrawal", "Pending", amount, "User withdrawal", now).ID
	st.after(now, intentLife, intentExpired, intent.ID)
	return intent, true
}

// expireIntent gives the money of an intent back that nobody executed.
func (st *store) expireIntent(id string, at time.Time) {
	intent := st.intents.get(id)
	if intent == nil || !intent.Pending {
		return
	}
	s := st.sources.get(intent.SourceID)
	s.Balance.Add(&s.Balance, &intent.Amount)
	st.settle(intent, "Discarded", at)
}

func (st *store) settle(intent *Intent, status string, at time.Time) {
	intent.Pending = false
	st.cancelEvent(intentExpired, intent.ID)
	if i := st.interactions.get(intent.InteractionID); i != nil {
		i.Status, i.ModifiedAt = status, at
	}
}

type simulatorCall struct {
	URL     string         `json:"url"`
	Payload depositPayload `json:"payload"`
}

type depositPayload struct {
	Amount    string `json:"amount"`
	SourceID  string `json:"fundingSourceId"`
	ID        string `json:"id,omitempty"`
	ExpiresAt string `json:"expiresAt,omitempty"`
}

type contractView struct {
	ContractAddress string         `json:"contractAddress"`
	ABI             []abiFunction  `json:"abi"`
	Method          string         `json:"method"`
	Params          map[string]any `json:"params"`
}

type abiFunction struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Inputs  []abiArg `json:"inputs"`
	Outputs []abiArg `json:"outputs"`
}

type abiArg struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// execution tells the client how to carry out an intent.
func (rq *request) execution(s *Source, intent *Intent, kind fundingType) any {
	if kind.strategy == simulated {
		return simulatorCall{rq.base + "/api/simulator/execute-withdrawal", depositPayload{
			intent.Amount.String(), s.ID, intent.ID, stamp(intent.ExpiresAt),
		}}
	}
	return contractCall("withdraw", s, &intent.Amount)
}

// contractCall is a call of a contract that does not exist: nothing stands at
// the zero address.
func contractCall(method string, s *Source, amount *big.Int) contractView {
	return contractView{
		ContractAddress: "0x0000000000000000000000000000000000000000",
		ABI: []abiFunction{{
			Type: "function", Name: method, Inputs: []abiArg{{"to", "address"}, {"amount", "uint256"}}, Outputs: []abiArg{{"", "bool"}},
		}},
		Method: method, Params: map[string]any{"to": s.ExternalID, "amount": amount.String()},
	}
}

type movementView struct {
	ID          string `json:"id"`
	SourceID    string `json:"fundingSourceId"`
	AccountID   string `json:"accountId"`
	Type        string `json:"type"`
	Status      string `json:"status"`
	Amount      string `json:"amount"`
	Token       string `json:"token"`
	CreatedAt   string `json:"createdAt"`
	ModifiedAt  string `json:"modifiedAt"`
	Description string `json:"description"`
	Indicator   string `json:"creditOrDebitIndicator"`
}

func (st *store) movementView(i *Interaction) movementView {
	v := st.interactionView(i)
	return movementView{
		v.ID, v.SourceID, v.AccountID, v.Type, "confirmed", v.Amount, v.Token, v.CreatedAt, v.ModifiedAt, v.Description, v.Indicator,
	}
}

// simulatorSource returns the funding source and the amount of execute-deposit and
// execute-withdrawal.
func (st *store) simulatorSource(rq *request) (*Source, *big.Int, *reply) {
	text, _ := rq.digits("amount")
	s, refusal := st.source(rq, rq.text("fundingSourceId"))
	if refusal != nil {
		return nil, nil, refusal
	}
	if st.fundingType(s).strategy != simulated {
		return nil, nil, refused("INVALID_FUNDING_SOURCE_TYPE", "the funding source is not a simulator one")
	}
	return s, units(text), nil
}

func (st *store) executeDeposit(rq *request) *reply {
	s, amount, refusal := st.simulatorSource(rq)
	if refusal != nil {
		return refusal
	}
	s.Balance.Add(&s.Balance, amount)
	return ok(st.movementView(st.record(s, "Deposit", "Confirmed", amount, "Simulated deposit", rq.now)))
}

func (st *store) executeWithdrawal(rq *request) *reply {
	s, amount, refusal := st.simulatorSource(rq)
	if refusal != nil {
		return refusal
	}
	intent := st.intents.get(rq.text("id"))
	switch {
	case intent == nil || intent.SourceID != s.ID || !intent.Pending || intent.Amount.Cmp(amount) != 0:
		return because("no such withdrawal is pending")
	}
	st.settle(intent, "Confirmed", rq.now)
	i := st.interactions.get(intent.InteractionID)
	if i == nil { // the history has lost it
		i = st.record(s, "Withdrawal", "Confirmed", amount, "User withdrawal", rq.now)
	}
	return ok(st.movementView(i))
}
