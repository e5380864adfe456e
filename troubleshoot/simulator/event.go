package simulator

import (
	"slices"
	"time"
)

// event is something that happens later by itself.
type event struct {
	At   time.Time
	Kind eventKind
	ID   string // of the row that it happens to
}

type eventKind string

// The kinds of event.
const (
	cardProvisioned eventKind = "card-provisioned"
	cardShipped     eventKind = "card-shipped"
	kycDecided      eventKind = "kyc-decided"
	intentExpired   eventKind = "intent-expired"
	reportMade      eventKind = "report-made"
)

// How long things take here. In the API it is minutes to days.
const (
	provisioningTime = time.Second
	shippingTime     = 2 * time.Second
	kycTime          = time.Second
	reportTime       = time.Minute
)

// after puts an event in its place. Nearly all of them belong at the end.
func (st *store) after(now time.Time, wait time.Duration, kind eventKind, id string) {
	e := event{At: now.Add(wait), Kind: kind, ID: id}
	i := len(st.due)
	for i > 0 && e.At.Before(st.due[i-1].At) {
		i--
	}
	st.due = append(st.due, event{})
	copy(st.due[i+1:], st.due[i:])
	st.due[i] = e
}

// progress lets happen what is due. The state moves on only when somebody looks.
func (st *store) progress(now time.Time) {
	for len(st.due) > 0 && !now.Before(st.due[0].At) {
		e := st.due[0]
		st.due = st.due[1:]
		st.changes++
		st.happen(e)
	}
}

// cancelEvent forgets what would have happened to a row.
func (st *store) cancelEvent(kind eventKind, id string) {
	st.due = slices.DeleteFunc(st.due, func(e event) bool { return e.Kind == kind && e.ID == id })
}

func (st *store) happen(e event) {
	switch e.Kind {
	case cardProvisioned:
		st.provisioned(e.ID, e.At)
	case cardShipped:
		st.shipped(e.ID, e.At)
	case kycDecided:
		st.decideKYC(e.ID, e.At)
	case intentExpired:
		st.expireIntent(e.ID, e.At)
	case reportMade:
		st.completeReport(e.ID, e.At)
	}
}
