package simulator

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPayment is the documented limit of a simulated payment, in the card
// currency's minor units.
const maxPayment = 100_000

type simulatedView struct {
	RequestMsg    string `json:"requestMsg"`
	ResponseMsg   string `json:"responseMsg"`
	TransactionID int64  `json:"transactionId"`
}

// messages are the pair of XML texts that a payment's step leaves; later steps
// name the payment by them. Their form is the simulator's own.
func (p *Payment) messages(step string) simulatedView {
	result := "approved"
	if p.Failure != "" {
		result = "declined"
	}
	return simulatedView{
		fmt.Sprintf(`<%s id="%d" type=%q currency=%q/>`, step, p.Number, p.Kind, p.Currency),
		fmt.Sprintf(`<%s-response id="%d" result=%q reason=%q/>`, step, p.Number, result, p.Failure),
		p.Number,
	}
}

// named returns the payment that a message names, nil for none.
func (st *store) named(message string) *Payment {
	_, rest, _ := strings.Cut(message, ` id="`)
	digits, _, _ := strings.Cut(rest, `"`)
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil
	}
	return st.payments.find(func(p *Payment) bool { return p.Number == number })
}

// payment reads the members that authorize and clear have in common.
func (st *store) payment(rq *request) (*Payment, *Card, *reply) {
	text, _ := rq.digits("transactionAmount")
	currency := rq.text("currencyCode")
	if currency == "" {
		currency = "USD"
	}
	cents, known := toUSD(units(text), currency)
	switch {
	case !known:
		return nil, nil, invalid("currencyCode", "Not a currency")
	case cents.Cmp(big.NewInt(maxPayment)) > 0:
		return nil, nil, invalid("transactionAmount", "Must be at most 100000 in the card's currency")
	}
	pan := rq.text("cardPan")
	c := st.cards.find(func(c *Card) bool { return c.PAN == pan })
	if c == nil {
		return nil, nil, forbidden()
	}
	if refusal := st.reachID(rq, c.AccountID); refusal != nil {
		return nil, nil, refusal
	}
	return &Payment{
		ID: st.chance.id(), AccountID: c.AccountID, CardID: c.ID, Kind: rq.text("transactionType"), Amount: *cents,
		Currency: currency, Acquired: *units(text), Description: "Simulated Shop Auckland", CreatedAt: rq.now,
	}, c, nil
}

// keep gives a payment its number and remembers it.
func (st *store) keep(p *Payment) {
	const first = 1_000_000_000_000
	p.Number = first + int64(st.payments.number) + 1
	st.payments.push(p.ID, p)
}

func (st *store) submitAuthorization(rq *request) *reply {
	p, c, refusal := st.payment(rq)
	if refusal != nil {
		return refusal
	}
	if st.hasFault(c.AccountID) {
		return fail(500, "INTERNAL_SERVER_ERROR", "the fault configuration payment-handle-http-error is on")
	}
	if earlier := st.named(rq.text("authorizationRequestMsg")); earlier != nil && earlier.CardID == c.ID && earlier.Status == "holding" {
		return ok(st.increase(earlier, p, rq.now).messages("authorization"))
	}
	p.Failure = st.decline(rq, c)
	p.Status = "init"
	if p.Failure == "" && !st.hold(p) {
		p.Failure = "insufficient-funds"
	}
	if p.Failure == "" {
		p.Status = "holding"
	}
	st.keep(p)
	st.announce(p.AccountID, "payment-updated", p.ID, rq.now)
	return ok(p.messages("authorization"))
}

// increase adds to an earlier authorization.
func (st *store) increase(earlier, more *Payment, now time.Time) *Payment {
	more.ID = earlier.ID // the movement of money is the earlier payment's
	if !st.hold(more) {
		return &Payment{Number: earlier.Number, Kind: earlier.Kind, Currency: earlier.Currency, Failure: "insufficient-funds"}
	}
	earlier.Amount.Add(&earlier.Amount, &more.Amount)
	earlier.Acquired.Add(&earlier.Acquired, &more.Acquired)
	earlier.Held.Add(&earlier.Held, &more.Held)
	st.announce(earlier.AccountID, "payment-updated", earlier.ID, now)
	return earlier
}

// decline returns why the card's scheme would refuse the payment, "" for not.
func (st *store) decline(rq *request, c *Card) string {
	switch {
	case c.Status != "active":
		return "inactive-card"
	case rq.text("cardExpiry") != c.expiry():
		return "expiry-invalid"
	case rq.text("cardCvv") != c.CVV:
		return "cvv-invalid"
	case c.expired(rq.now):
		return "expired-card"
	case c.Block != nil && c.Block.Reason == "loststolen":
		return "lost-or-stolen-card"
	case c.Block != nil:
		return "account-restricted"
	case st.blocked(c.AccountID):
		return "cardholder-blocked"
	}
	return ""
}

// hold takes a purchase's money from the funding source and reports whether
// there was enough. Custodial sources have no balance here.
func (st *store) hold(p *Payment) bool {
	if p.Kind == "refund" {
		return true
	}
	s := st.sourceOf(p)
	kind := st.fundingType(s)
	if kind.strategy == custodial {
		return true
	}
	amount := kind.fromCents(&p.Amount)
	if amount.Cmp(&s.Balance) > 0 {
		return false
	}
	s.Balance.Sub(&s.Balance, amount)
	p.Held.Add(&p.Held, amount)
	st.record(s, "Payment", "Confirmed", amount, p.Description, p.CreatedAt).PaymentID = p.ID
	return true
}

// giveBack returns token units of what a payment holds to the funding source; of
// a negative amount it takes more.
func (st *store) giveBack(p *Payment, amount *big.Int, now time.Time) {
	kind := "Refund"
	switch amount.Sign() {
	case 0:
		return
	case -1:
		kind = "Payment"
	}
	s := st.sourceOf(p)
	s.Balance.Add(&s.Balance, amount)
	p.Held.Sub(&p.Held, amount)
	st.record(s, kind, "Confirmed", new(big.Int).Abs(amount), p.Description, now).PaymentID = p.ID
}

func (st *store) sourceOf(p *Payment) *Source {
	return st.sources.get(st.cards.get(p.CardID).SourceID)
}

// submitClearing settles an authorization, or without one a payment by force.
func (st *store) submitClearing(rq *request) *reply {
	p, c, refusal := st.payment(rq)
	if refusal != nil {
		return refusal
	}
	request := rq.text("authorizationRequestMsg")
	switch request {
	case "":
		st.hold(p) // a forced payment is cleared whether or not there was enough
		st.keep(p)
	default:
		authorized := st.named(request)
		if authorized == nil || authorized.CardID != c.ID || !slices.Contains([]string{"holding", "cleared"}, authorized.Status) {
			return forbidden()
		}
		st.adjust(authorized, p, rq.now)
		p = authorized
	}
	st.clear(p, rq.now)
	return ok(p.messages("clearing"))
}

// adjust brings an authorized payment to the amount that is cleared.
func (st *store) adjust(p, cleared *Payment, now time.Time) {
	due := st.fundingType(st.sourceOf(p)).fromCents(&cleared.Amount)
	if p.Held.Sign() > 0 {
		st.giveBack(p, new(big.Int).Sub(&p.Held, due), now)
	}
	p.Amount, p.Acquired, p.Currency = cleared.Amount, cleared.Acquired, cleared.Currency
}

func (st *store) clear(p *Payment, now time.Time) {
	if p.Kind == "refund" && p.Status != "cleared" {
		amount := st.fundingType(st.sourceOf(p)).fromCents(&p.Amount)
		st.giveBack(p, amount, now)
	}
	p.Status, p.ProcessedAt = "cleared", now
	st.announce(p.AccountID, "payment-updated", p.ID, now)
}

// submitReversal undoes a payment that one of the two messages names.
func (st *store) submitReversal(rq *request) *reply {
	p := st.named(rq.text("authorizationRequestMsg") + rq.text("clearingRequestMsg"))
	if p == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, p.AccountID); refusal != nil {
		return refusal
	}
	if p.Status != "holding" && p.Status != "cleared" {
		return because("the payment is declined or reversed")
	}
	st.giveBack(p, new(big.Int).Set(&p.Held), rq.now)
	p.Status, p.ProcessedAt = "reversed", rq.now
	st.announce(p.AccountID, "payment-updated", p.ID, rq.now)
	return ok(p.messages("reversal"))
}
