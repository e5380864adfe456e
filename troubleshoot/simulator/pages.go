package simulator

import (
	"net/http"
	"strings"
	"time"
)

// KYCLink is a session of Immersve's own KYC pages, which the simulator plays
// with a page of one sentence: opening it passes the check.
type KYCLink struct {
	AccountID string
	Region    string
	Used      bool
	ExpiresAt time.Time
}

// pagePrefix begins the paths of pages that the API does not have: what kycUrl
// and downloadUrl lead to.
const pagePrefix = "/_simulator/"

const (
	kycLinkLife   = time.Hour
	defaultRegion = "NZ"
)

// pageToken returns what stands behind pagePrefix.
func pageToken(r *http.Request) (token string, isPage bool) {
	return strings.CutPrefix(r.URL.Path, pagePrefix)
}

func (st *store) openKYCLink(rq *request, c *Cardholder) string {
	region := rq.text("kycRegion")
	if region == "" {
		region = defaultRegion
	}
	token := st.chance.hex(32)
	st.kycLinks.push(token, &KYCLink{AccountID: c.AccountID, Region: region, ExpiresAt: rq.now.Add(kycLinkLife)})
	return rq.base + pagePrefix + "kyc/" + token
}

// servePage answers for a page; the token is the only credential, as it is for
// the API's own kycUrl and downloadUrl.
func (s *Simulator) servePage(w http.ResponseWriter, r *http.Request, token string, now time.Time) int {
	return s.page(&request{http: r, now: now}, token).write(w)
}

func (s *Simulator) page(rq *request, token string) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.progress(rq.now)
	return s.store.page(rq, token).encode()
}

func (st *store) page(rq *request, token string) *reply {
	gone := &reply{status: http.StatusNotFound, body: "this link is unknown, used or expired\n"}
	if id, isReport := strings.CutPrefix(token, "report/"); isReport {
		if report := st.reports.find(func(r *Report) bool { return r.Link == id && rq.now.Before(r.LinkExpires) }); report != nil {
			return ok(report.lines())
		}
		return gone
	}
	link := st.kycLinks.get(strings.TrimPrefix(token, "kyc/"))
	if link == nil || link.Used || !rq.now.Before(link.ExpiresAt) || rq.http.Method != http.MethodGet {
		return gone
	}
	link.Used = true
	st.changes++
	st.followKYCLink(rq, link)
	return ok("KYC passes in a second: get-kyc-profile will say so.\n")
}

// followKYCLink does what a person would on the KYC pages: it fills in whatever
// is missing.
func (st *store) followKYCLink(rq *request, link *KYCLink) {
	c := st.cardholders.get(link.AccountID)
	if c.Email == "" {
		c.Email, c.EmailAt = "cardholder@example.com", rq.now
	}
	if c.Phone == "" {
		c.Phone, c.PhoneAt = "+6421000000", rq.now
	}
	if c.ExpectedSpend == "" {
		c.ExpectedSpend = "100000"
	}
	if len(c.Addresses) == 0 {
		c.Addresses = []string{`{"streetNumber":"1","streetName":"Queen Street","town":"Auckland","postalCode":"1010","country":"NZ"}`}
	}
	if !c.passed() {
		st.beginKYC(rq, c, link.Region, "")
	}
}
