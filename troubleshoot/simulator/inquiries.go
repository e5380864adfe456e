package simulator

import "time"

// Inquiry is a merchant's question about a card.
type Inquiry struct {
	ID        string
	AccountID string
	CardID    string
	Accepted  bool
	Code      string // "success", or the decline reason
	CreatedAt time.Time
}

type inquiryView struct {
	ID            string        `json:"id"`
	Type          string        `json:"type"`
	Liveness      string        `json:"liveness"`
	DeclineReason string        `json:"declineReason,omitempty"`
	Result        inquiryResult `json:"result"`
	Merchant      merchant      `json:"merchant"`
	Card          reference     `json:"card"`
	Cardholder    reference     `json:"cardholder"`
	CreatedAt     string        `json:"createdAt"`
	ModifiedAt    string        `json:"modifiedAt"`
}

type inquiryResult struct {
	Accepted bool   `json:"accepted"`
	Code     string `json:"code"`
}

type merchant struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	TerminalID   string `json:"terminalId"`
	CategoryCode string `json:"categoryCode"`
	City         string `json:"city"`
	CountryCode  string `json:"countryCode"`
}

type reference struct {
	ID string `json:"id"`
}

func (i *Inquiry) view() inquiryView {
	v := inquiryView{
		ID: i.ID, Type: "account-status-inquiry", Liveness: liveness, Result: inquiryResult{i.Accepted, i.Code},
		Merchant: merchant{"000000000000001", "Simulated Shop", "00000001", "5999", "Auckland", "NZ"},
		Card:     reference{i.CardID}, Cardholder: reference{i.AccountID},
		CreatedAt: stamp(i.CreatedAt), ModifiedAt: stamp(i.CreatedAt),
	}
	if !i.Accepted {
		v.DeclineReason = i.Code
	}
	return v
}

func (st *store) listInquiries(rq *request) *reply {
	id := rq.account()
	return paged(rq, &st.inquiries, func(i *Inquiry) bool {
		return i.AccountID == id && rq.within(i.CreatedAt, "createdFrom", "createdTo")
	}, (*Inquiry).view)
}

func (st *store) getInquiry(rq *request) *reply {
	i := st.inquiries.get(rq.path("inquiryId"))
	if i == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, i.AccountID); refusal != nil {
		return refusal
	}
	return ok(i.view())
}

// PaymentNotification is what a custodial partner was told of a payment.
type PaymentNotification struct {
	ID        string
	AccountID string // the partner's
	SourceID  string
	PaymentID string
	CreatedAt time.Time
}

type paymentNotificationView struct {
	ID              string              `json:"id"`
	AccountID       string              `json:"accountId"`
	FundingSourceID string              `json:"fundingSourceId"`
	CreatedAt       string              `json:"createdAt"`
	PaymentID       string              `json:"paymentId"`
	Attempts        int                 `json:"attempts"`
	Delivered       bool                `json:"delivered"`
	LastDelivery    paymentDeliveryView `json:"lastDelivery"`
}

type paymentDeliveryView struct {
	RequestBody       map[string]any `json:"requestBody"`
	RequestURL        string         `json:"requestUrl"`
	RequestTimestamp  string         `json:"requestTimestamp"`
	ResponseBody      map[string]any `json:"responseBody"`
	ResponseStatus    int            `json:"responseStatus"`
	ResponseTimestamp string         `json:"responseTimestamp"`
	Duration          int            `json:"duration"` // milliseconds
}

func (n *PaymentNotification) view() paymentNotificationView {
	const duration = 180
	at := stamp(n.CreatedAt)
	return paymentNotificationView{
		n.ID, n.AccountID, n.SourceID, at, n.PaymentID, 1, true,
		paymentDeliveryView{
			RequestBody: map[string]any{"messageType": "auth-request", "messageId": n.ID}, RequestURL: "https://example.com/immersve/authorize",
			RequestTimestamp: at, ResponseBody: map[string]any{"result": "authorized"}, ResponseStatus: 200,
			ResponseTimestamp: stamp(n.CreatedAt.Add(duration * time.Millisecond)), Duration: duration,
		},
	}
}

func (st *store) listPaymentNotifications(rq *request) *reply {
	id := rq.account()
	return paged(rq, &st.paymentNotifications, func(n *PaymentNotification) bool {
		return n.AccountID == id && rq.within(n.CreatedAt, "createdFrom", "createdTo")
	}, (*PaymentNotification).view)
}

func (st *store) getPaymentNotification(rq *request) *reply {
	n := st.paymentNotifications.get(rq.path("messageId"))
	if n == nil {
		return forbidden()
	}
	if refusal := st.reachID(rq, n.AccountID); refusal != nil {
		return refusal
	}
	return ok(n.view())
}
