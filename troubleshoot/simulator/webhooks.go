package simulator

import (
	"slices"
	"time"
)

// Listener is a partner's webhook endpoint. The simulator never calls it.
type Listener struct {
	ID        string
	AccountID string
	URL       string
	Topics    []string
	CreatedAt time.Time
}

// Notification is a message that a listener would get.
type Notification struct {
	ID         string
	ListenerID string
	AccountID  string // the listener's
	URL        string
	Topic      string
	Payload    notificationPayload
	CreatedAt  time.Time
}

// maxListeners is the documented number of active listeners of a partner.
const maxListeners = 3

type listenerView struct {
	ID                 string   `json:"id"`
	AccountID          string   `json:"accountId"`
	URL                string   `json:"url"`
	CreatedAt          string   `json:"createdAt"`
	Status             string   `json:"status"`
	TopicSubscriptions []string `json:"topicSubscriptions"`
}

func (l *Listener) view() listenerView {
	return listenerView{l.ID, l.AccountID, l.URL, stamp(l.CreatedAt), "active", append([]string{}, l.Topics...)}
}

func (st *store) createWebhookListener(rq *request) *reply {
	l := &Listener{ID: st.chance.id(), AccountID: rq.account(), URL: rq.text("url"), CreatedAt: rq.now}
	switch {
	case st.listeners.count(func(other *Listener) bool { return other.AccountID == l.AccountID }) >= maxListeners:
		return because("three listeners are active")
	case !st.listeners.add(l.ID, l):
		return full("webhook listeners")
	}
	return ok(l.view())
}

func (st *store) listener(rq *request) (*Listener, *reply) {
	l := st.listeners.get(rq.path("listenerId"))
	if l == nil {
		return nil, forbidden()
	}
	if refusal := st.refuseAccountType(rq, st.accounts.get(l.AccountID)); refusal != nil {
		return nil, refusal
	}
	return l, st.reachID(rq, l.AccountID)
}

func (st *store) getWebhookListener(rq *request) *reply {
	l, refusal := st.listener(rq)
	if refusal != nil {
		return refusal
	}
	return ok(l.view())
}

func (st *store) listWebhookListeners(rq *request) *reply {
	views := []listenerView{}
	for _, l := range st.listeners.newest() {
		if l.AccountID == rq.account() {
			views = append(views, l.view())
		}
	}
	return ok(views)
}

type deletedView struct {
	Msg string `json:"msg"`
	ID  string `json:"id"`
}

func (st *store) deleteWebhookListener(rq *request) *reply {
	l, refusal := st.listener(rq)
	if refusal != nil {
		return refusal
	}
	st.listeners.remove(l.ID)
	return ok(deletedView{"Listener deleted", l.ID})
}

type subscriptionView struct {
	ID         string `json:"id"`
	Topic      string `json:"topic"`
	ListenerID string `json:"listenerId"`
	AccountID  string `json:"accountId"`
	CreatedAt  string `json:"createdAt"`
}

// listenerAndTopic finds the listener of a subscription and the topic that it is about.
func (st *store) listenerAndTopic(rq *request) (*Listener, string, *reply) {
	l, refusal := st.listener(rq)
	if refusal != nil {
		return nil, "", refusal
	}
	return l, rq.text("topic"), nil
}

func (st *store) subscribe(rq *request) *reply {
	l, topic, refusal := st.listenerAndTopic(rq)
	if refusal != nil {
		return refusal
	}
	if !slices.Contains(l.Topics, topic) {
		l.Topics = append(l.Topics, topic)
	}
	return ok(subscriptionView{st.chance.id(), topic, l.ID, l.AccountID, stamp(rq.now)})
}

// unsubscribedView names the topic twice: the documented schema demands topic
// and describes topicName.
type unsubscribedView struct {
	Msg       string `json:"msg"`
	Topic     string `json:"topic"`
	TopicName string `json:"topicName"`
	Listener  string `json:"listenerId"`
}

func (st *store) unsubscribe(rq *request) *reply {
	l, topic, refusal := st.listenerAndTopic(rq)
	if refusal != nil {
		return refusal
	}
	l.Topics = slices.DeleteFunc(l.Topics, func(t string) bool { return t == topic })
	return ok(unsubscribedView{"Unsubscribed from topic", topic, topic, l.ID})
}

type notificationRefs struct {
	Notifications []notificationRef `json:"notifications"`
}

type notificationRef struct {
	ID string `json:"id"`
}

// sendTestNotification records one message for the listener that is named, or
// for each that has the topic.
func (st *store) sendTestNotification(rq *request) *reply {
	topic, id := rq.text("topic"), rq.text("listenerId")
	if l := st.listeners.get(id); id != "" && (l == nil || l.AccountID != rq.account()) {
		return forbidden()
	}
	v := notificationRefs{[]notificationRef{}}
	for _, l := range st.listeners.newest() {
		if l.AccountID == rq.account() && (l.ID == id || id == "" && slices.Contains(l.Topics, topic)) {
			v.Notifications = append(v.Notifications, notificationRef{st.notify(l, topic, notificationPayload{Test: true}, rq.now)})
		}
	}
	return ok(v)
}
