package simulator

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// KYCProfile is the state of a cardholder's identity check.
type KYCProfile struct {
	ID         string
	Status     string // created, pending, passing, passed, failing, failed
	Region     string
	Reason     string // of failed
	CreatedAt  time.Time
	ModifiedAt time.Time
	By         string // resource name
}

// KYCStatement is what a partner says of a cardholder.
type KYCStatement struct {
	IdempotencyKey string
	PartnerID      string
	Region         string
	Claims         string // JSON text
	Evidence       string // JSON text
	Checked        bool   // a check has used it
	CreatedAt      time.Time
	By             string
}

func (c *Cardholder) passed() bool { return c.KYC != nil && c.KYC.Status == "passed" }

type kycView struct {
	ID         string `json:"id"`
	AccountID  string `json:"accountId"`
	Status     string `json:"status"`
	Region     string `json:"region,omitempty"`
	CreatedAt  string `json:"createdAt"`
	CreatedBy  string `json:"createdBy"`
	ModifiedAt string `json:"modifiedAt"`
	ModifiedBy string `json:"modifiedBy"`
}

func (st *store) getKYCProfile(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	p := c.KYC
	if p == nil {
		return refused("KYC_PROFILE_DOES_NOT_EXIST", "no KYC check has begun")
	}
	return ok(kycView{p.ID, c.AccountID, p.Status, p.Region, stamp(p.CreatedAt), p.By, stamp(p.ModifiedAt), p.By})
}

type statementView struct {
	AccountID        string   `json:"accountId"`
	PartnerAccountID string   `json:"partnerAccountId"`
	CreatedAt        string   `json:"createdAt"`
	CreatedBy        string   `json:"createdBy"`
	IdempotencyKey   string   `json:"idempotencyKey"`
	Claims           jsonText `json:"claims"`
	Evidence         jsonText `json:"evidence"`
	Region           string   `json:"region"`
}

func (st *store) getKYCStatement(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	s := c.Statement
	if s == nil {
		return refused("KYC_STATEMENT_DOES_NOT_EXIST", "no statement was submitted")
	}
	return ok(statementView{
		c.AccountID, s.PartnerID, stamp(s.CreatedAt), s.By, s.IdempotencyKey, jsonText(s.Claims), jsonText(s.Evidence), s.Region,
	})
}

// submitKYCStatement keeps the newest statement. Sent again with the same
// idempotencyKey it changes nothing.
func (st *store) submitKYCStatement(rq *request) *reply {
	c, refusal := st.cardholder(rq)
	if refusal != nil {
		return refusal
	}
	partnerID := st.accounts.get(c.AccountID).PartnerID
	if profile := st.profiles.get(partnerID); profile == nil || !profile.StatementsAllowed {
		return refused("KYC_STATEMENTS_NOT_ALLOWED", "the partner is not set up for KYC statements")
	}
	if len(rq.body) > maxKept {
		return invalid("", "The statement is larger than 16 KB")
	}
	if refusal := st.checkAttachments(rq, c); refusal != nil {
		return refusal
	}
	if c.Statement == nil || c.Statement.IdempotencyKey != rq.text("idempotencyKey") {
		c.Statement = rq.statement(partnerID)
	}
	return ok(nil)
}

func (rq *request) statement(partnerID string) *KYCStatement {
	return &KYCStatement{
		IdempotencyKey: rq.text("idempotencyKey"), PartnerID: partnerID, Region: rq.text("region"),
		Claims: rq.member("claims").Raw, Evidence: rq.member("evidence").Raw, CreatedAt: rq.now, By: rq.actor.name(),
	}
}

func (st *store) checkAttachments(rq *request, c *Cardholder) *reply {
	for _, id := range rq.member("attachments.#.fileId").Array() {
		file := st.files.get(id.String())
		switch {
		case file == nil:
			return forbidden()
		case file.AccountID != c.AccountID:
			return refused("ATTACHMENT_ACCOUNT_MISMATCH", "an attached file was uploaded for another account")
		}
	}
	return nil
}

// checkStatement begins the check of a statement. In the test environment it
// passes when the middle name is "passall" and the age is between 21 and 64.
func (st *store) checkStatement(rq *request, c *Cardholder) {
	c.Statement.Checked = true
	st.beginKYC(rq, c, c.Statement.Region, "")
	claims := gjson.Parse(c.Statement.Claims)
	c.BirthDate = claims.Get(`#(claimType=="DOB").attributes.dateOfBirth`).String()
	middle := claims.Get(`#(claimType=="FULL_NAME").attributes.middleName`).String()
	if !strings.EqualFold(middle, "passall") {
		c.KYC.Reason = "NAME_NOT_VERIFIED"
	}
	if age := yearsBetween(c.BirthDate, rq.now); age < 21 || age > 64 {
		c.KYC.Reason = "DOB_NOT_VERIFIED"
	}
}

// beginKYC opens a check whose outcome follows after kycTime: failed with a
// reason, else passed.
func (st *store) beginKYC(rq *request, c *Cardholder, region, reason string) {
	by := "irn:" + c.AccountID + ":system:simulator"
	if rq.actor.own != nil {
		by = rq.actor.name()
	}
	c.KYC = &KYCProfile{
		ID: st.chance.id(), Status: "pending", Region: region, Reason: reason,
		CreatedAt: rq.now, ModifiedAt: rq.now, By: by,
	}
	st.announce(c.AccountID, "kyc-pending", c.AccountID, rq.now)
	st.after(rq.now, kycTime, kycDecided, c.AccountID)
}

func (st *store) decideKYC(accountID string, at time.Time) {
	c := st.cardholders.get(accountID)
	if c == nil || c.KYC == nil || c.KYC.Status != "pending" {
		return
	}
	c.KYC.ModifiedAt = at
	if c.KYC.Reason != "" {
		c.KYC.Status = "failed"
		st.announce(accountID, "kyc-failed", accountID, at)
		return
	}
	c.KYC.Status = "passed"
	st.announce(accountID, "kyc-succeeded", accountID, at)
	st.activateCardholder(c, at)
}

// yearsBetween returns the age that a birth date (YYYY-MM-DD) makes, 0 where it
// is no date.
func yearsBetween(birth string, now time.Time) int {
	born, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return 0
	}
	years := now.Year() - born.Year()
	if now.Before(born.AddDate(years, 0, 0)) {
		years--
	}
	return years
}

// jsonText is JSON that is kept as text.
type jsonText string

// MarshalJSON gives the text as it is.
func (t jsonText) MarshalJSON() ([]byte, error) { return []byte(t), nil }
