package simulator

import (
	"math/big"
	"slices"
)

// prerequisite is one thing that has to be so before a card can be spent from.
type prerequisite struct {
	Stage      string `json:"stage"`  // funding, kyc, aml
	Status     string `json:"status"` // action-required, pending, blocked, ok
	ActionType string `json:"actionType,omitempty"`
	Params     any    `json:"params,omitempty"`
}

type kycParams struct {
	KYCURL  string      `json:"kycUrl,omitempty"`
	CTAHint string      `json:"ctaHint,omitempty"`
	Reasons []kycReason `json:"reasons,omitempty"`
}

type kycReason struct {
	Code        string `json:"code"`
	Description string `json:"description"`
}

type prerequisitesView struct {
	Prerequisites []prerequisite `json:"prerequisites"`
}

// getSpendingPrerequisites tells what is missing, and as in the API begins the
// KYC check when everything for it is there.
func (st *store) getSpendingPrerequisites(rq *request) *reply {
	source := st.sources.get(rq.text("fundingSourceId"))
	if source == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, source.AccountID); refusal != nil {
		return refusal
	}
	c := st.cardholders.get(source.AccountID)
	if c == nil {
		return refused("FUNDING_SOURCE_INVALID", "the funding source is not a cardholder's")
	}
	if refusal := st.judgePrerequisites(rq, c, source); refusal != nil {
		return refusal
	}
	list := []prerequisite{st.fundingPrerequisite(rq, source)}
	list = append(list, st.kycPrerequisites(rq, c)...)
	return ok(prerequisitesView{append(list, prerequisite{Stage: "aml", Status: "ok"})})
}

func (st *store) judgePrerequisites(rq *request, c *Cardholder, source *Source) *reply {
	program, refusal := st.program(rq, source.AccountID)
	if refusal != nil {
		return refusal
	}
	if !st.serves(program, source) {
		return refused("FUNDING_SOURCE_INVALID", "the card program doesn't accept this funding source")
	}
	return judgeRegion(rq, c)
}

func judgeRegion(rq *request, c *Cardholder) *reply {
	asked := rq.text("kycRegion")
	if asked == "" {
		return nil
	}
	region, known := findRegion(asked)
	switch {
	case !known || !region.available:
		return refused("UNSUPPORTED_KYC_REGION", "the region is not offered")
	case c.passed() && c.KYC.Region != asked:
		return refused("KYC_PROFILE_REGION_MISMATCH", "KYC was passed in another region")
	case c.Statement != nil && !c.Statement.Checked && c.Statement.Region != asked:
		return refused("KYC_STATEMENT_REGION_MISMATCH", "the newest KYC statement is for another region")
	}
	return nil
}

// fundingPrerequisite compares the balance with the amount to be spent, which
// counts for nothing in custodial programmes.
func (st *store) fundingPrerequisite(rq *request, source *Source) prerequisite {
	kind := st.fundingType(source)
	cents, _ := rq.digits("spendableAmount")
	missing := new(big.Int).Sub(kind.fromCents(units(cents)), &source.Balance)
	switch {
	case kind.strategy == custodial || missing.Sign() <= 0:
		return prerequisite{Stage: "funding", Status: "ok"}
	case kind.strategy == simulated:
		return prerequisite{"funding", "action-required", "simulator_call", simulatorCall{
			rq.base + "/api/simulator/execute-deposit", depositPayload{Amount: missing.String(), SourceID: source.ID},
		}}
	}
	return prerequisite{"funding", "action-required", "smart_contract_write", contractCall("transfer", source, missing)}
}

func (rq *request) hides(step string) bool {
	for _, hidden := range rq.member("kycHiddenSteps").Array() {
		if hidden.String() == step {
			return true
		}
	}
	return false
}

// kycPrerequisites is the kyc stage. The partner supplies each detail where it
// conducts KYC itself or hides the step that would ask for it.
func (st *store) kycPrerequisites(rq *request, c *Cardholder) []prerequisite {
	byPartner := rq.text("kycType") == "partner-conducted"
	var list []prerequisite
	need := func(missing bool, step, action string) {
		if missing && (byPartner || rq.hides(step)) {
			list = append(list, prerequisite{Stage: "kyc", Status: "action-required", ActionType: action})
		}
	}
	need(c.Email == "", "contact-channels", "submit_contact_email")
	need(c.Phone == "", "contact-channels", "submit_contact_phone")
	need(c.ExpectedSpend == "", "expected-spend", "set_expected_spend_amount")
	if !c.passed() {
		need(len(c.Addresses) == 0 && !byPartner, "residential-address", "submit_residential_addresses")
		need(byPartner && c.Statement == nil, "", "submit_kyc_statement")
	}
	if len(list) > 0 {
		return list
	}
	if byPartner && c.Statement != nil && !c.Statement.Checked && !c.passed() {
		st.checkStatement(rq, c)
	}
	return []prerequisite{st.kycPrerequisite(rq, c, byPartner)}
}

func (st *store) kycPrerequisite(rq *request, c *Cardholder, byPartner bool) prerequisite {
	switch {
	case c.KYC != nil && slices.Contains([]string{"pending", "passing"}, c.KYC.Status):
		return prerequisite{Stage: "kyc", Status: "pending"}
	case c.KYC != nil && c.KYC.Status == "failed":
		reason := kycReason{c.KYC.Reason, "simulated: see the guide on testing KYC"}
		return prerequisite{Stage: "kyc", Status: "blocked", Params: kycParams{Reasons: []kycReason{reason}}}
	case byPartner || c.passed() && c.Email != "" && c.Phone != "" && c.ExpectedSpend != "":
		return prerequisite{Stage: "kyc", Status: "ok"}
	}
	hint := "KYC_NOT_COMPLETED"
	if c.KYC == nil {
		hint = "KYC_NOT_STARTED"
	}
	return prerequisite{"kyc", "action-required", "follow_kyc_url", kycParams{KYCURL: st.openKYCLink(rq, c), CTAHint: hint}}
}
