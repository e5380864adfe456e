package simulator

import (
	"math/big"
	"strconv"
	"time"
)

// Payment is a card payment; the API calls it a transaction as well.
type Payment struct {
	ID          string
	Number      int64 // reference, and the transactionId of the simulator operations
	AccountID   string
	CardID      string
	Status      string  // init, holding, cleared, reversed
	Kind        string  // purchase, refund
	Amount      big.Int // USD cents
	Currency    string  // of the merchant
	Acquired    big.Int // its minor units
	Held        big.Int // token units that the funding source has given
	Failure     string
	Challenge   *challengeRef
	Description string
	CreatedAt   time.Time
	ProcessedAt time.Time
}

type challengeRef struct {
	Ref     string `json:"ref"`
	Outcome string `json:"outcome"`
}

type paymentView struct {
	ID                   string        `json:"id"`
	Description          string        `json:"description"`
	AccountID            string        `json:"accountId"`
	Status               string        `json:"status"`
	CardID               string        `json:"cardId"`
	Amount               string        `json:"amount"`
	Currency             string        `json:"currency"`
	AcquirerAmount       string        `json:"acquirerAmount"`
	AcquirerCurrency     string        `json:"acquirerCurrency"`
	FeeAmount            string        `json:"feeAmount"`
	TransactionDate      string        `json:"transactionDate"`
	ProcessedDate        string        `json:"processedDate,omitempty"`
	Reference            string        `json:"reference"`
	CardAcceptor         acceptor      `json:"cardAcceptor"`
	CreditDebitIndicator string        `json:"creditDebitIndicator"`
	PaymentType          string        `json:"paymentType"`
	SecurityChallenge    *challengeRef `json:"securityChallenge,omitempty"`
	FailureReason        string        `json:"failureReason,omitempty"`
	cardDigits
}

// cardDigits are get-transaction's own. Its documented schema demands panLast4
// and describes panLast6.
type cardDigits struct {
	PANFirst6 string `json:"panFirst6,omitempty"`
	PANLast6  string `json:"panLast6,omitempty"`
	PANLast4  string `json:"panLast4,omitempty"`
}

type acceptor struct {
	City        string `json:"city"`
	CountryCode string `json:"countryCode"`
	Name        string `json:"name"`
}

func (p *Payment) view() paymentView {
	v := paymentView{
		ID: p.ID, Description: p.Description, AccountID: p.AccountID, Status: p.Status, CardID: p.CardID,
		Amount: p.Amount.String(), Currency: "USD", AcquirerAmount: p.Acquired.String(), AcquirerCurrency: p.Currency, FeeAmount: "0",
		TransactionDate: stamp(p.CreatedAt), Reference: strconv.FormatInt(p.Number, 10),
		CardAcceptor:         acceptor{"Auckland", "NZ", "Simulated Shop"},
		CreditDebitIndicator: "debit", PaymentType: p.Kind, SecurityChallenge: p.Challenge, FailureReason: p.Failure,
	}
	if p.Kind == "refund" {
		v.CreditDebitIndicator = "credit"
	}
	if !p.ProcessedAt.IsZero() {
		v.ProcessedDate = stamp(p.ProcessedAt)
	}
	return v
}

func (st *store) getTransaction(rq *request) *reply {
	p := st.payments.get(rq.path("transactionId"))
	if p == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, p.AccountID); refusal != nil {
		return refusal
	}
	v := p.view()
	pan := st.cards.get(p.CardID).PAN
	v.cardDigits = cardDigits{pan[:6], pan[10:], pan[12:]}
	return ok(v)
}

// listTransactions hides declined payments unless all are asked for.
func (st *store) listTransactions(rq *request) *reply {
	id, all := rq.account(), rq.query.Get("statuses") == "all"
	return paged(rq, &st.payments, func(p *Payment) bool {
		return p.AccountID == id && (all || p.Status != "init") && rq.within(p.CreatedAt, "fromUTC", "toUTC")
	}, (*Payment).view)
}

// securityChallengeLife is how long a 3DS challenge is open.
const securityChallengeLife = 10 * time.Minute

// SecurityChallenge is a 3DS challenge that waits for the cardholder.
type SecurityChallenge struct {
	ID        string
	AccountID string
	PaymentID string
	Done      bool
	ExpiresAt time.Time
}

func (st *store) submitChallengeOutcome(rq *request) *reply {
	c := st.securityChallenges.get(rq.path("challengeId"))
	if c == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, c.AccountID); refusal != nil {
		return refusal
	}
	if c.Done || !rq.now.Before(c.ExpiresAt) {
		return because("the challenge is done or has expired")
	}
	c.Done = true
	outcome := "challenge-denied"
	if rq.text("outcome") == "approved" {
		outcome = "challenge-confirmed"
	}
	if p := st.payments.get(c.PaymentID); p != nil {
		p.Challenge = &challengeRef{Ref: c.ID, Outcome: outcome}
	}
	return ok(nil)
}
