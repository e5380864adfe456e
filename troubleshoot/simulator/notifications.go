package simulator

import (
	"slices"
	"time"
)

// notificationPayload is the part of a message that differs by topic; the
// simulator names only what the message is about.
type notificationPayload struct {
	AccountID string `json:"cardholderAccountId,omitempty"`
	ID        string `json:"id,omitempty"`
	Test      bool   `json:"test,omitempty"`
}

// announce records a message for every listener of the account's partner that
// has the topic.
func (st *store) announce(accountID, topic, id string, now time.Time) {
	account := st.accounts.get(accountID)
	if account == nil {
		return
	}
	for _, l := range st.listeners.newest() {
		if l.AccountID == account.PartnerID && slices.Contains(l.Topics, topic) {
			st.notify(l, topic, notificationPayload{AccountID: accountID, ID: id}, now)
		}
	}
}

func (st *store) notify(l *Listener, topic string, payload notificationPayload, now time.Time) string {
	n := &Notification{
		ID: st.chance.id(), ListenerID: l.ID, AccountID: l.AccountID, URL: l.URL + "/" + topic, Topic: topic, Payload: payload, CreatedAt: now,
	}
	st.notifications.push(n.ID, n)
	return n.ID
}

type notificationView struct {
	ID             string       `json:"id"`
	AccountID      string       `json:"accountId"`
	Attempts       int          `json:"attempts"`
	CreatedAt      string       `json:"createdAt"`
	ModifiedAt     string       `json:"modifiedAt"`
	DeliveryStatus string       `json:"deliveryStatus"`
	Topic          string       `json:"topic"`
	LastDelivery   deliveryView `json:"lastDelivery"`
}

// deliveryView lacks what only an attempt could tell: there is none.
type deliveryView struct {
	RequestBody envelope `json:"requestBody"`
	RequestURL  string   `json:"requestUrl"`
}

type envelope struct {
	MessageID         string              `json:"messageId"`
	Topic             string              `json:"topic"`
	ListenerID        string              `json:"listenerId"`
	ListenerAccountID string              `json:"listenerAccountId"`
	DeliveryAttempt   int                 `json:"deliveryAttempt"`
	CreatedAt         string              `json:"createdAt"`
	KeyID             string              `json:"keyId"`
	Liveness          string              `json:"liveness"`
	Payload           notificationPayload `json:"payload"`
}

func (n *Notification) view() notificationView {
	at := stamp(n.CreatedAt)
	return notificationView{
		ID: n.ID, AccountID: n.AccountID, CreatedAt: at, ModifiedAt: at, DeliveryStatus: "pending", Topic: n.Topic,
		LastDelivery: deliveryView{RequestURL: n.URL, RequestBody: envelope{
			MessageID: n.ID, Topic: n.Topic, ListenerID: n.ListenerID, ListenerAccountID: n.AccountID,
			CreatedAt: at, KeyID: KeyID, Liveness: liveness, Payload: n.Payload,
		}},
	}
}

func (st *store) listWebhookNotifications(rq *request) *reply {
	id := rq.account()
	return paged(rq, &st.notifications, func(n *Notification) bool {
		return n.AccountID == id && rq.within(n.CreatedAt, "createdFrom", "createdTo")
	}, (*Notification).view)
}
