package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Report is a partner's report of a day or a month.
type Report struct {
	ID          string
	Type        string
	AccountID   string
	Day         time.Time
	Completed   bool
	Link        string // of the newest download URL
	LinkExpires time.Time
}

const reportLinkLife = 24 * time.Hour

// reportTypes are the documented ones.
func reportTypes() []string {
	return []string{
		"daily-funding-source", "daily-funding-source-interaction", "daily-payment",
		"monthly-funding-source", "monthly-funding-source-interaction", "monthly-payment",
	}
}

type reportView struct {
	ID           string       `json:"id"`
	Type         string       `json:"type"`
	AccountID    string       `json:"accountId"`
	ScheduleDate string       `json:"scheduleDate"`
	Params       reportParams `json:"params"`
	Status       string       `json:"status"`
	Liveness     string       `json:"liveness"`
}

type reportParams struct {
	PartnerAccountID string `json:"partnerAccountId"`
	Date             string `json:"date"`
	FundingPurpose   string `json:"fundingPurpose"`
}

func (r *Report) view() reportView {
	status := "pending"
	if r.Completed {
		status = "completed"
	}
	params := reportParams{r.AccountID, r.Day.Format("20060102"), "card-funding"}
	return reportView{r.ID, r.Type, r.AccountID, stamp(r.Day), params, status, liveness}
}

// lines is a report's content (JSON Lines), which the simulator keeps to one line.
func (r *Report) lines() string {
	return fmt.Sprintf("{\"reportId\":%q,\"type\":%q,\"simulated\":true}\n", r.ID, r.Type)
}

func (st *store) report(rq *request) (*Report, *reply) {
	r := st.reports.get(rq.path("reportId"))
	if r == nil {
		return nil, forbidden()
	}
	return r, st.reachID(rq, r.AccountID)
}

func (st *store) listReports(rq *request) *reply {
	id, kind := rq.account(), rq.query.Get("type")
	return paged(rq, &st.reports, func(r *Report) bool {
		return r.AccountID == id && (kind == "" || r.Type == kind)
	}, (*Report).view)
}

// completeReport ends the making of a report, and tells its partner.
func (st *store) completeReport(id string, at time.Time) {
	r := st.reports.get(id)
	if r == nil || r.Completed {
		return
	}
	r.Completed = true
	for _, l := range st.listeners.newest() {
		if l.AccountID == r.AccountID && slices.Contains(l.Topics, "report-completed") {
			st.notify(l, "report-completed", notificationPayload{ID: id}, at)
		}
	}
}

func (st *store) getReport(rq *request) *reply {
	r, refusal := st.report(rq)
	if refusal != nil {
		return refusal
	}
	return ok(r.view())
}

type downloadView struct {
	ReportID    string `json:"reportId"`
	DownloadURL string `json:"downloadUrl"`
	ExpiresAt   string `json:"expiresAt"`
}

func (st *store) createReportDownloadURL(rq *request) *reply {
	r, refusal := st.report(rq)
	if refusal != nil {
		return refusal
	}
	if !r.Completed {
		return forbidden() // it does not tell that the report is pending
	}
	r.Link, r.LinkExpires = st.chance.hex(32), rq.now.Add(reportLinkLife)
	return ok(downloadView{r.ID, rq.base + pagePrefix + "report/" + r.Link, stamp(r.LinkExpires)})
}
