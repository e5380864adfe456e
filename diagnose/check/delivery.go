package check

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
)

// deliveryCheck checks webhooks that Immersve sent to the partner's endpoint: their
// signature, and the endpoint's response. It also looks for failed ones in a listing.
func deliveryCheck() Check {
	return Check{
		Family: "delivery",
		Skip:   func(c Class) bool { return c != Delivered && c != Success },
		Run: func(in *Input) []Finding {
			if in.Class == Success {
				return failedDeliveries(in)
			}
			return append(signatureFindings(in), answerFindings(in)...)
		},
	}
}

// isDelivery reports whether an exchange is a webhook of Immersve's to somebody else's
// server: it has the headers of a delivery, or Immersve's envelope.
func isDelivery(ex *exchange.Exchange) bool {
	r := ex.Request
	if r == nil || r.Method != "" && r.Method != "POST" {
		return false
	}
	if role := api.FindHost(r.URL.Host).Role; role == api.HostAPI || role == api.HostSecure {
		return false
	}
	if len(deliveryHeaders(r)) >= 2 {
		return true
	}
	if !bytes.Contains(r.Body.Bytes(), []byte(`"messageId"`)) {
		return false
	}
	_, ok := webhook.ReadMessage(r.Body.Bytes())
	return ok
}

// deliveryHeaders returns which of a delivery's headers a request has.
func deliveryHeaders(r *exchange.Request) []string {
	var found []string
	for _, name := range [...]string{webhook.DeliveryHeader, webhook.KeyHeader, webhook.SignatureHeader} {
		if r.Header.Text(name) != "" {
			found = append(found, strings.ToLower(name))
		}
	}
	return found
}

// MessageOf returns the message that a webhook delivers, or false if the input doesn't
// have its body.
func MessageOf(ex *exchange.Exchange) (webhook.Message, bool) {
	if ex.Request == nil {
		return webhook.Message{}, false
	}
	return webhook.ReadMessage(ex.Request.Body.Bytes())
}

// TopicOf returns the topic of a webhook, from its body or its path, or nil if it isn't
// known.
func TopicOf(ex *exchange.Exchange) *webhook.Topic {
	name := ""
	if message, ok := MessageOf(ex); ok {
		name = message.Topic
	} else if ex.Request != nil {
		name = ex.Request.URL.Path[strings.LastIndexByte(ex.Request.URL.Path, '/')+1:]
	}
	topic, _ := webhook.Lookup(name)
	return topic
}

// Unverifiable returns why a webhook's signature can't be verified, or "" if it can.
func Unverifiable(in *Input) string {
	r := in.Request()
	switch {
	case !r.ShowsFields() && len(deliveryHeaders(r)) == 0:
		return "the input doesn't have the delivery's headers"
	case r.Header.Text(webhook.SignatureHeader) == "":
		return "there's no signature"
	case !r.Body.Present() || r.Body.Truncated:
		return "the input doesn't have the whole body"
	case len(in.Keys) == 0:
		return "no keys were given"
	case reprints(in.Exchange.Source.Kind):
		return "this input doesn't keep the bytes of the body, and the signature is over these"
	case in.Exchange.Masked, bytes.Contains(r.Body.Bytes(), []byte("…")), exchange.Masked(r.Header.Text(webhook.SignatureHeader)):
		return "parts of it are masked in the input"
	}
	return ""
}

// reprints reports whether captures of a kind have bodies as some software printed them,
// and not as they were sent.
func reprints(kind exchange.Kind) bool {
	switch kind {
	case exchange.KindLog, exchange.KindClientLog, exchange.KindOTLP, exchange.KindWebhook, exchange.KindHTTPie, exchange.KindConsole, exchange.KindClientError:
		return true
	}
	return false
}

// ExamineDelivery verifies a webhook's signature. The end of a body that was pasted says
// nothing: editors add line breaks and remove them.
func ExamineDelivery(in *Input) webhook.Examination {
	r := in.Request()
	e := webhook.Examine(webhook.Delivery{
		DeliveryID: r.Header.Text(webhook.DeliveryHeader), KeyID: r.Header.Text(webhook.KeyHeader), Signature: r.Header.Text(webhook.SignatureHeader),
		Body: r.Body.Bytes(),
	}, in.Keys)
	if kind := in.Exchange.Source.Kind; e.Change == webhook.LineEnds && kind != exchange.KindHAR && kind != exchange.KindLive {
		return webhook.Examination{Result: webhook.Valid, KeyID: e.KeyID}
	}
	return e
}

func signatureFindings(in *Input) []Finding {
	r := in.Request()
	if present := deliveryHeaders(r); len(present) < 3 && r.ShowsFields() {
		return []Finding{missingHeaders(r, present)}
	}
	if Unverifiable(in) != "" {
		return nil
	}
	keyID := r.Header.Text(webhook.KeyHeader)
	f := Finding{ID: finding.SignatureMismatch, Severity: Error, Location: Location{Part: RequestHeader, Name: strings.ToLower(webhook.SignatureHeader)}}
	switch e := ExamineDelivery(in); e.Result {
	case webhook.Changed:
		f.Title = "the signature doesn't match: " + e.Why
		f.Evidence = "the signature is over the raw body, and verifies if this is undone"
		f.Fix = fixes[e.Change]
		if e.Change == webhook.Reserialized || e.Change == webhook.LineEnds || e.Change == webhook.Encoding {
			f.Title = e.Why
			f.Location = Location{Part: RequestBody}
		}
	case webhook.Mismatched:
		f.Title = "the body isn't the one that was signed"
		f.Evidence = fmt.Sprintf("the key %q made the signature, but over a different message; no known change of the body explains it", cmp.Or(e.KeyID, keyID))
	case webhook.NotSigned:
		f.Title = fmt.Sprintf("none of the keys made this signature, although %s names one of them", strings.ToLower(webhook.KeyHeader))
		f.Evidence = fmt.Sprintf("tried %d keys with PKCS #1 v1.5 and PSS", len(in.Keys))
		f.Fix = "Check that Immersve sent the delivery: look it up with list-webhook-notifications."
	case webhook.KeyUnknown:
		f.ID = finding.SignatureKeyUnknown
		f.Title = "the key that signed this isn't in the key set"
		f.Evidence = fmt.Sprintf("x-key-id is %q; the set has %s, and none of them made the signature", keyID, keyNames(in.Keys))
		f.Location.Name = strings.ToLower(webhook.KeyHeader)
	case webhook.Malformed:
		f.Title = fmt.Sprintf("%s isn't an RSA signature in base64", strings.ToLower(webhook.SignatureHeader))
		f.Evidence = fmt.Sprintf("it has %d characters", len(r.Header.Text(webhook.SignatureHeader)))
	default:
		return nil
	}
	return []Finding{f}
}

// fixes say how to undo each kind of change.
var fixes = map[webhook.Change]string{
	webhook.Reserialized: "Verify the raw body, before your framework parses it: immersve-doctor explain signature-mismatch.",
	webhook.LineEnds:     "Verify the bytes as they arrive, without trimming them or converting line ends.",
	webhook.Encoding:     "Verify the bytes as they arrive, before anything decodes or wraps them.",
	webhook.IDs:          "Verify over {x-delivery-id}:{x-key-id}:{raw body}, joined with colons.",
	webhook.Format:       "Decode x-signature as standard base64.",
	webhook.Algorithm:    "Verify with RSA, SHA-256 and PKCS #1 v1.5 padding.",
	webhook.OtherKey:     "Choose the key by x-key-id.",
}

func keyNames(keys webhook.KeySet) string {
	var names []string
	for _, k := range keys {
		names = append(names, fmt.Sprintf("%q", k.ID))
	}
	if len(names) > 3 {
		names = append(names[:3], fmt.Sprintf("%d more", len(keys)-3))
	}
	return strings.Join(names, ", ")
}

func missingHeaders(r *exchange.Request, present []string) Finding {
	var missing []string
	for _, name := range [...]string{webhook.DeliveryHeader, webhook.KeyHeader, webhook.SignatureHeader} {
		if name = strings.ToLower(name); r.Header.Text(name) == "" {
			missing = append(missing, name)
		}
	}
	f := Finding{
		ID: finding.SignatureMissing, Severity: Error, Title: strings.Join(missing, " and ") + " is missing",
		Evidence: "Immersve sends x-delivery-id, x-key-id and x-signature with each delivery", Location: Location{Part: RequestHeader, Name: missing[0]},
	}
	if len(missing) > 1 {
		f.Title = strings.Join(missing, " and ") + " are missing"
	}
	if len(present) > 0 {
		f.Evidence += "; this one has only " + strings.Join(present, " and ")
	}
	return f
}

// answerFindings checks what the endpoint returned.
func answerFindings(in *Input) []Finding {
	var findings []Finding
	if in.Repeated {
		message, _ := MessageOf(in.Exchange)
		findings = append(findings, Finding{
			ID: finding.DeliveryDuplicate, Severity: Info, Title: "this message was delivered before",
			Evidence: fmt.Sprintf("messageId %s", message.ID), Location: Location{Part: RequestBody, Pointer: "/messageId"},
		})
	}
	if f := in.Exchange.Failure; f != nil && in.Exchange.Response == nil {
		return append(findings, Finding{
			ID: finding.DeliveryRefused, Severity: Error, Title: "the endpoint didn't respond",
			Evidence: exchange.MaskText(f.Text), Location: Location{Part: Transport, Name: string(f.Phase)},
		})
	}
	r := in.Exchange.Response
	if r == nil || r.Status == 0 {
		return findings
	}
	topic := TopicOf(in.Exchange)
	if topic == nil {
		topic = &webhook.Topic{Name: "a delivery", Path: "the delivery"}
	}
	var body []byte
	if r.Body.State() != exchange.BodyNotCaptured && !r.Body.Truncated {
		body = append([]byte{}, r.Body.Bytes()...)
	}
	v := topic.Judge(r.Status, body, r.Elapsed)
	add := func(id, title, evidence string, at Location) {
		if title != "" {
			findings = append(findings, Finding{ID: id, Severity: Error, Title: title, Evidence: evidence, Location: at})
		}
	}
	add(finding.DeliveryRefused, v.Refused, "so Immersve counts the delivery as failed", Location{Part: ResponseLine, Name: "status"})
	add(finding.DeliveryAnswerInvalid, v.BodyWrong, v.Wanted, Location{Part: ResponseBody})
	add(finding.DeliveryTooSlow, v.TooSlow, "Immersve doesn't wait longer and declines the payment", Location{Part: ResponseLine})
	return findings
}

// failedDeliveries finds failed deliveries in what list-webhook-notifications returned.
func failedDeliveries(in *Input) []Finding {
	if in.Operation == nil || in.Operation.ID != "list-webhook-notifications" {
		return nil
	}
	type failure struct {
		count         int
		since, status string
	}
	failures, total := map[string]*failure{}, 0
	var order []string
	gjson.GetBytes(in.Response().Body.Bytes(), "items").ForEach(func(_, item gjson.Result) bool {
		switch item.Get("deliveryStatus").String() {
		case "failed", "aborted":
		default:
			return true
		}
		total++
		topic := item.Get("topic").String()
		f := failures[topic]
		if f == nil {
			f = &failure{}
			failures[topic] = f
			order = append(order, topic)
		}
		f.count++
		if at := item.Get("createdAt").String(); f.since == "" || at < f.since {
			f.since = at
		}
		f.status = item.Get("lastDelivery.responseStatus").String()
		return true
	})
	if total == 0 {
		return nil
	}
	var parts []string
	for _, topic := range order[:min(len(order), 3)] {
		f := failures[topic]
		part := fmt.Sprintf("%s (%d since %s", topic, f.count, f.since)
		if f.status != "" {
			part += ", the endpoint returned " + f.status
		}
		parts = append(parts, part+")")
	}
	title := "1 webhook delivery failed: "
	if total > 1 {
		title = fmt.Sprintf("%d webhook deliveries failed: ", total)
	}
	return []Finding{{
		ID: finding.DeliveryFailed, Severity: Warning, Title: title + strings.Join(parts, ", "), Evidence: "deliveryStatus is failed or aborted",
		Location: Location{Part: ResponseBody, Pointer: "/items"},
	}}
}
