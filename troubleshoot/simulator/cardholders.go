package simulator

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Cardholder is what is known of the person behind a cardholder account.
type Cardholder struct {
	AccountID     string
	Email, Phone  string
	EmailAt       time.Time
	PhoneAt       time.Time
	ExpectedSpend string // USD cents a month
	Addresses     []string
	KYC           *KYCProfile   // nil until a check has begun
	Statement     *KYCStatement // the newest one, nil for none
	BirthDate     string        // YYYY-MM-DD
	Activation    *Block        // keeps a new cardholder from spending
}

// openCardholder gives a new cardholder account its person, and the block that
// stays until everything is known of them.
func (st *store) openCardholder(a *Account, now time.Time) *Cardholder {
	c := &Cardholder{AccountID: a.ID, Activation: &Block{
		ID: st.chance.id(), AccountID: a.ID, Status: "created", Scope: "cardholder", Type: "cardholder-activation",
		Reason: "activation", Initiator: "system", CreatedAt: now,
	}}
	st.cardholders.add(a.ID, c)
	st.blocks.push(c.Activation.ID, c.Activation)
	return c
}

// cardholder returns the person behind the account that the request names;
// admit has let the request in. It refuses accounts that are no cardholder's.
func (st *store) cardholder(rq *request) (*Cardholder, *reply) {
	c := st.cardholders.get(rq.account())
	if c == nil {
		return nil, forbidden()
	}
	return c, nil
}

type contactView struct {
	Email *emailView `json:"email,omitempty"`
	Phone *phoneView `json:"phone,omitempty"`
}

type emailView struct {
	AccountID    string `json:"accountId"`
	CreatedAt    string `json:"createdAt"`
	ModifiedAt   string `json:"modifiedAt"`
	EmailAddress string `json:"emailAddress"`
}

type phoneView struct {
	AccountID   string `json:"accountId"`
	CreatedAt   string `json:"createdAt"`
	ModifiedAt  string `json:"modifiedAt"`
	PhoneNumber string `json:"phoneNumber"`
}

func (c *Cardholder) contact() contactView {
	var v contactView
	if c.Email != "" {
		v.Email = &emailView{c.AccountID, stamp(c.EmailAt), stamp(c.EmailAt), c.Email}
	}
	if c.Phone != "" {
		v.Phone = &phoneView{c.AccountID, stamp(c.PhoneAt), stamp(c.PhoneAt), c.Phone}
	}
	return v
}

func (st *store) getContactDetails(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	return ok(c.contact())
}

func (st *store) updateContactDetails(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	email, phone := rq.text("email.emailAddress"), rq.text("phone.phoneNumber")
	if email != "" {
		c.Email, c.EmailAt = email, rq.now
	}
	if phone != "" {
		c.Phone, c.PhoneAt = phone, rq.now
	}
	st.activateCardholder(c, rq.now)
	return ok(c.contact())
}

type spendView struct {
	CardholderID        string `json:"cardholderId"`
	ExpectedSpendAmount string `json:"expectedSpendAmount,omitempty"`
}

func (st *store) getExpectedSpend(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	return ok(spendView{c.AccountID, c.ExpectedSpend})
}

func (st *store) updateExpectedSpend(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	c.ExpectedSpend, _ = rq.digits("expectedSpendAmount")
	st.activateCardholder(c, rq.now)
	return ok(spendView{c.AccountID, c.ExpectedSpend})
}

// maxAddresses and maxKept (bytes of JSON text) bound what is kept of one
// cardholder.
const (
	maxAddresses = 20
	maxKept      = 16 << 10
)

func (st *store) getResidentialAddresses(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	return ok(rawList(c.Addresses))
}

// submitResidentialAddresses replaces the list; whether the API appends instead
// is not documented.
func (st *store) submitResidentialAddresses(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	if c.passed() {
		return refused("KYC_ALREADY_PASSED", "the addresses are closed once KYC has passed")
	}
	var list []string
	gjson.ParseBytes(rq.body).ForEach(func(_, address gjson.Result) bool {
		list = append(list, strings.Clone(address.Raw)) // not the whole body
		return len(list) <= maxAddresses
	})
	if len(list) == 0 || len(list) > maxAddresses || len(rq.body) > maxKept {
		return invalid("", "Must contain 1 to 20 addresses, 16 KB at most")
	}
	c.Addresses = list
	return ok(rawList(list))
}

// activateCardholder lifts the activation block as soon as nothing is missing.
func (st *store) activateCardholder(c *Cardholder, now time.Time) {
	if c.Email == "" || c.Phone == "" || c.ExpectedSpend == "" || !c.passed() {
		return
	}
	if c.Activation.Status == "created" && c.Activation.Reason == "activation" {
		c.Activation.Status = "released"
		st.announce(c.AccountID, "cardholder-block-released", c.AccountID, now)
	}
}
