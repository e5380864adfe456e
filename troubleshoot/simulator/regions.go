package simulator

import "slices"

type region struct {
	code, title  string
	available    bool
	unstructured bool
}

// regions are those of the simulated partner programmes, and one that is listed
// without being available.
func regions() []region {
	return []region{
		{"AU", "Australia", true, true},
		{"GB", "United Kingdom", true, true},
		{"NZ", "New Zealand", true, true},
		{"US", "United States", false, true},
	}
}

func findRegion(code string) (region, bool) {
	i := slices.IndexFunc(regions(), func(r region) bool { return r.code == code })
	if i < 0 {
		return region{}, false
	}
	return regions()[i], true
}

type regionsView struct {
	Regions []regionView `json:"regions"`
}

type regionView struct {
	Code                       string          `json:"code"`
	Title                      string          `json:"title"`
	IsAvailable                bool            `json:"isAvailable"`
	UnstructuredAddressAllowed bool            `json:"unstructuredAddressAllowed"`
	Documents                  regionDocuments `json:"documents"`
}

type regionDocuments struct {
	GeneralTermsOfUse document   `json:"generalTermsOfUse"`
	PrivacyPolicy     document   `json:"privacyPolicy"`
	Disclosures       []document `json:"disclosures"`
	MarketCompliance  []document `json:"marketCompliance"`
}

type document struct {
	Title  string `json:"title"`
	Source string `json:"source"`
}

func (st *store) getSupportedRegions(rq *request) *reply {
	id := rq.account()
	issued := func(code string) bool {
		return st.programs.find(func(p *CardProgram) bool {
			return p.PartnerID == id && p.Liveness == liveness && slices.Contains(p.Regions, code)
		}) != nil
	}
	if st.programs.find(func(p *CardProgram) bool { return p.PartnerID == id }) == nil {
		return refused("CARD_PROGRAMS_NOT_CONFIGURED", "the account has no card program")
	}
	var v regionsView
	for _, r := range regions() {
		v.Regions = append(v.Regions, regionView{
			Code: r.code, Title: r.title, IsAvailable: r.available && issued(r.code), UnstructuredAddressAllowed: r.unstructured,
			Documents: regionDocuments{
				GeneralTermsOfUse: document{"Terms of use", "https://example.com/terms.pdf"},
				PrivacyPolicy:     document{"Privacy policy", "https://example.com/privacy.pdf"},
				Disclosures:       []document{}, MarketCompliance: []document{},
			},
		})
	}
	return ok(v)
}
