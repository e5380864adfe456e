package webhook

import "github.com/tidwall/gjson"

// Message is what identifies a delivery.
type Message struct {
	ID    string // messageId
	Topic string // topic, or messageType of a custodial message
}

// ReadMessage returns the message in a body, or false if the body has neither Immersve's
// envelope nor the form of a custodial message.
func ReadMessage(body []byte) (Message, bool) {
	root := gjson.ParseBytes(body)
	id := root.Get("messageId")
	if !root.IsObject() || id.Type != gjson.String || id.Str == "" {
		return Message{}, false
	}
	if topic := root.Get("topic").String(); topic != "" && root.Get("payload").IsObject() && (root.Get("listenerId").Exists() || root.Get("keyId").Exists()) {
		return Message{id.Str, topic}, true
	}
	kind := root.Get("messageType").String()
	if t, known := Lookup(kind); known && t.Custodial && (root.Get("eventType").Exists() || root.Get("paymentId").Exists()) {
		return Message{id.Str, kind}, true
	}
	return Message{}, false
}
