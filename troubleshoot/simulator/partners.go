package simulator

import (
	"slices"
	"time"
)

// ClientApplication is a partner's app, with the origins from which its users
// log in.
type ClientApplication struct {
	ID         string
	AccountID  string
	Origins    []string
	CreatedAt  time.Time
	ModifiedAt time.Time
}

const maxOrigins = 50

type applicationView struct {
	ID             string   `json:"id"`
	AccountID      string   `json:"accountId"`
	AllowedOrigins []string `json:"allowedOrigins"`
	CreatedAt      string   `json:"createdAt"`
	ModifiedAt     string   `json:"modifiedAt"`
}

func (st *store) application(rq *request) (*ClientApplication, *reply) {
	a := st.applications.get(rq.path("clientApplicationId"))
	if a == nil {
		return nil, forbidden()
	}
	return a, st.reachID(rq, a.AccountID)
}

func (st *store) getClientApplication(rq *request) *reply {
	a, refusal := st.application(rq)
	if refusal != nil {
		return refusal
	}
	return ok(applicationView{a.ID, a.AccountID, slices.Clone(a.Origins), stamp(a.CreatedAt), stamp(a.ModifiedAt)})
}

// updateAllowedOrigins replaces the whole list, as documented.
func (st *store) updateAllowedOrigins(rq *request) *reply {
	a, refusal := st.application(rq)
	if refusal != nil {
		return refusal
	}
	entries := rq.member("allowedOrigins").Array()
	if len(entries) > maxOrigins {
		return invalid("allowedOrigins", "Must contain at most 50 entries, the simulator's limit")
	}
	var origins []string
	for _, entry := range entries {
		origins = append(origins, entry.String())
	}
	a.Origins, a.ModifiedAt = origins, rq.now
	return &reply{status: rq.op.SuccessStatus()}
}

// PartnerProfile is how a partner appears to its cardholders.
type PartnerProfile struct {
	AccountID         string
	StatementsAllowed bool
	Attributes        map[string]string // JSON text by attributeName
	CreatedAt         time.Time
	ModifiedAt        time.Time
}

func (st *store) profile(rq *request) (*PartnerProfile, *reply) {
	p := st.profiles.get(rq.account())
	if p == nil {
		return nil, forbidden()
	}
	return p, nil
}

func (st *store) getPartnerProfile(rq *request) *reply {
	p, refusal := st.profile(rq)
	if refusal != nil {
		return refusal
	}
	view := map[string]any{
		"accountId": p.AccountID, "createdAt": stamp(p.CreatedAt), "modifiedAt": stamp(p.ModifiedAt),
		"isKycStatementsSubmissionAllowed": p.StatementsAllowed,
	}
	for name, value := range p.Attributes {
		view[name] = jsonText(value)
	}
	return ok(view)
}

func (st *store) configurePartnerProfile(rq *request) *reply {
	p, refusal := st.profile(rq)
	if refusal != nil {
		return refusal
	}
	name, value := rq.text("attributeName"), rq.member("attributeValue")
	if p.Attributes == nil {
		p.Attributes = map[string]string{}
	}
	p.Attributes[name], p.ModifiedAt = value.Raw, rq.now // the schema bounds the names
	return ok(nil)
}

type sessionURL struct {
	URL string `json:"url"`
}

func (st *store) createSupportSession(*request) *reply {
	return ok(sessionURL{"https://help.immersve.com/"})
}
