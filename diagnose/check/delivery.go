package check

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
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
		return "there's no signature, and the docs don't say whether custodial messages have one"
	case !r.Body.Present() || r.Body.Truncated:
		return "the input doesn't have the whole body"
	case len(in.Keys) == 0:
		return "no keys were given"
	case in.Exchange.Masked, bytes.Contains(r.Body.Bytes(), []byte("…")), exchange.Masked(r.Header.Text(webhook.SignatureHeader)):
		return "parts of it are masked in the input"
	}
	return ""
}

// ExplainDelivery verifies a webhook's signature. doubt is why a mismatch proves nothing:
// the tool that recorded the request may have changed its body.
func ExplainDelivery(in *Input) (e webhook.Explanation, doubt string) {
	r := in.Request()
	e = webhook.Explain(webhook.Delivery{
		ID: r.Header.Text(webhook.DeliveryHeader), KeyID: r.Header.Text(webhook.KeyHeader), Signature: r.Header.Text(webhook.SignatureHeader),
		Body: r.Body.Bytes(),
	}, in.Keys)
	if e.Outcome != webhook.Mismatch || e.Key == "" || keepsBytes(in.Exchange.Source.Kind) {
		return e, ""
	}
	length, err := strconv.Atoi(r.Header.Text("content-length"))
	known := err == nil && r.Header.Text("content-encoding") == ""
	switch {
	case e.Signed != nil && known && length == len(e.Signed), e.Signed != nil && !known && onlyEnds(e.Changes):
		e.Outcome = webhook.Verified // the header, or the way of text files, shows that the input changed it
	case known && length == len(r.Body.Bytes()):
	case known, bytes.ContainsRune(bytes.TrimSpace(r.Body.Bytes()), '\n'): // cut, or printed for people
		return e, doubtOf(e)
	case e.Signed != nil && pastesText(in.Exchange.Source.Kind):
	default:
		return e, doubtOf(e)
	}
	return e, ""
}

// doubtOf says why a mismatch proves nothing, and what the body looks like it was.
func doubtOf(e webhook.Explanation) string {
	if e.Signed != nil {
		return "it verifies over a body that was reformatted later, maybe by the tool that recorded it: " + e.Describe()[len(e.Changes)-1].What
	}
	return "the tool that recorded the body may have serialized it again, which breaks the signature"
}

// keepsBytes reports whether bodies of a kind of input always are byte for byte what was sent.
func keepsBytes(kind exchange.Kind) bool {
	return kind == exchange.KindLive
}

// pastesText reports whether inputs of a kind have bodies as they were sent, but for line
// ends and blanks at their end.
func pastesText(kind exchange.Kind) bool {
	switch kind {
	case exchange.KindRawHTTP, exchange.KindCurlTrace, exchange.KindCurlVerbose, exchange.KindHTTPFile, exchange.KindCurlCommand:
		return true
	}
	return false
}

// onlyEnds reports whether nothing but line ends and blanks around a body changed.
func onlyEnds(changes []string) bool {
	for _, c := range changes {
		switch c {
		case "end-added", "end-removed", "space-added", "lf-to-crlf", "crlf-to-lf":
		default:
			return false
		}
	}
	return len(changes) > 0
}

func signatureFindings(in *Input) []Finding {
	r := in.Request()
	present := deliveryHeaders(r)
	if topic := TopicOf(in.Exchange); len(present) == 0 && topic != nil && topic.Custodial {
		return nil // the docs don't say that these are signed
	}
	if len(present) < 3 && r.ShowsFields() {
		return []Finding{missingHeaders(r, present)}
	}
	if Unverifiable(in) != "" {
		return nil
	}
	keyID := r.Header.Text(webhook.KeyHeader)
	f := Finding{ID: finding.SignatureMismatch, Severity: Error, Location: Location{Part: RequestHeader, Name: strings.ToLower(webhook.SignatureHeader)}}
	switch e, doubt := ExplainDelivery(in); {
	case doubt != "":
		return nil
	case e.Outcome == webhook.UnknownKey:
		f.ID = finding.SignatureKeyUnknown
		f.Title = "the key that signed this isn't in the key set"
		f.Evidence = fmt.Sprintf("x-key-id is %q; the set has %s, and none of them made the signature", keyID, keyNames(in.Keys))
		f.Location.Name = strings.ToLower(webhook.KeyHeader)
	case e.Outcome != webhook.Mismatch:
		return nil
	case len(e.Changes) > 0:
		describe(&f, e)
	case e.Key != "":
		f.Title = "the body isn't the one that was signed"
		f.Evidence = fmt.Sprintf("the key %q made the signature, but over a different message; no known change of the body explains it", e.Key)
	default:
		f.Title = "none of the keys made this signature"
		f.Evidence = fmt.Sprintf("x-key-id is %q; tried %s with PKCS #1 v1.5 and PSS", keyID, keyNames(in.Keys))
		f.Fix = "Check that Immersve sent the delivery: look it up with list-webhook-notifications."
	}
	return []Finding{f}
}

// describe says in a finding what was changed, the body first.
func describe(f *Finding, e webhook.Explanation) {
	var clauses []string
	part := ""
	for _, c := range e.Describe() {
		clauses = append(clauses, c.What)
		if part == "" || c.Part == "body" {
			part = c.Part
		}
	}
	f.Title = clauses[0]
	f.Evidence = "the signature is over the raw body, and verifies if this is undone"
	if len(clauses) > 1 {
		f.Evidence = strings.Join(clauses[1:], ", ") + "; " + f.Evidence
	}
	switch part {
	case "body":
		f.Location = Location{Part: RequestBody}
		f.Fix = "Verify the raw body, before your framework parses it: immersve-doctor explain signature-mismatch."
	case "headers":
		f.Fix = "Verify over {x-delivery-id}:{x-key-id}:{raw body}, joined with colons."
	case "signature":
		f.Fix = "Decode x-signature as standard base64, and choose the key by x-key-id."
	case "algorithm":
		f.Fix = "Verify with RSA, SHA-256 and PKCS #1 v1.5 padding."
	}
}

func keyNames(keys webhook.KeySet) string {
	var names []string
	for _, id := range keys.IDs() {
		names = append(names, strconv.Quote(id))
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
	v := topic.Judge(r.Status, r.Body.Bytes(), r.Body.State() != exchange.BodyNotCaptured && !r.Body.Truncated, r.Elapsed)
	add := func(id, title, evidence string, at Location) {
		findings = append(findings, Finding{ID: id, Severity: Error, Title: title, Evidence: evidence, Location: at})
	}
	if v.Refused {
		wanted := "2xx"
		if topic != nil && topic.Status != 0 {
			wanted = strconv.Itoa(topic.Status)
		}
		findings = append(findings, refusal(in, wanted))
	}
	if v.Body != "" {
		add(finding.DeliveryAnswerInvalid, fmt.Sprintf("the response body isn't what %s needs", topic.Name), v.Body+"; "+wantedBody(topic), Location{Part: ResponseBody, Pointer: v.Pointer})
	}
	if v.TooSlow {
		add(finding.DeliveryTooSlow, fmt.Sprintf("the endpoint responded after %d ms", r.Elapsed.Milliseconds()),
			fmt.Sprintf("the limit for %s is %d ms, and then the payment is declined", topic.Path, topic.Limit.Milliseconds()), Location{Part: ResponseLine})
	}
	return findings
}

// refusal is the finding for an endpoint that returned another status than wanted. If
// the signature is valid, an endpoint that rejects the request probably verifies
// something else than the raw body.
func refusal(in *Input, wanted string) Finding {
	r := in.Response()
	f := Finding{
		ID: finding.DeliveryRefused, Severity: Error, Title: fmt.Sprintf("the endpoint returned %d", r.Status),
		Evidence: "expected " + wanted + ", so Immersve counts the delivery as failed", Location: Location{Part: ResponseLine, Name: "status"},
	}
	switch r.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		f.Fix = "Register the URL that the endpoint redirects to as the listener's."
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		if Unverifiable(in) != "" {
			break
		}
		if e, doubt := ExplainDelivery(in); doubt != "" || e.Outcome != webhook.Verified {
			break
		}
		f.Title += ", but the signature is valid"
		f.Evidence = "if it rejects the signature, it probably verifies a body that was parsed and serialized again"
		if changed := webhook.ChangedBy(in.Request().Body.Bytes()); len(changed) > 0 {
			f.Evidence += "; " + strings.Join(changed, ", ") + " would change this one"
		}
		f.Fix = "Verify the raw body: immersve-doctor explain signature-mismatch."
		if found := webhook.FrameworkOf(r.Header.Text); found.Name != "" {
			f.Fix = fmt.Sprintf("Verify the raw body. In %s: %s", found.Name, found.Raw)
		}
	}
	return f
}

// wantedBody says which fields and values a topic's response has.
func wantedBody(topic *webhook.Topic) string {
	var parts []string
	for _, name := range gjson.GetBytes(topic.Response, "required").Array() {
		part := name.String()
		if values := gjson.GetBytes(topic.Response, "properties."+part+".enum").Array(); len(values) > 0 {
			var list []string
			for _, v := range values {
				list = append(list, v.String())
			}
			part += " (" + strings.Join(list, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return "expected JSON with " + strings.Join(parts, " and ")
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
