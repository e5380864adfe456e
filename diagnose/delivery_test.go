package diagnose_test

import (
	"crypto/rand"
	"crypto/rsa"
	"strconv"
	"strings"
	"testing"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/diagnose/webhook"
)

const delivered = `{"messageId":"m-1","topic":"card-created","listenerId":"l-1","deliveryAttempt":1,"keyId":"k","payload":{"cardId":"c-1"}}`

// A mismatch is claimed only if the input has the bytes that were sent: a tool that
// records a request may have printed its body anew.
func TestReformattedDeliveriesAreNoMismatch(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := webhook.Sign(key, "d-1", "k", []byte(delivered))
	if err != nil {
		t.Fatal(err)
	}
	spaced := strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(delivered)
	indented := strings.NewReplacer(`{`, "{\n  ", `,"`, ",\n  \"").Replace(delivered)
	edited := strings.Replace(delivered, "c-1", "c-2", 1)
	for _, c := range []struct {
		name   string
		kind   exchange.Kind
		body   string
		length int // of content-length; 0 for none
		want   string
	}{
		{"as sent", exchange.KindHAR, delivered, 0, "ok"},
		{"a HAR of a re-serialized body", exchange.KindHAR, spaced, 0, "unknown"},
		{"a HAR with the body's length", exchange.KindHAR, spaced, len(spaced), "problem"},
		{"a HAR with the length of what was sent", exchange.KindHAR, spaced, len(delivered), "ok"},
		{"a HAR of an edited body", exchange.KindHAR, edited, 0, "unknown"},
		{"a HAR of an edited body with its length", exchange.KindHAR, edited, len(edited), "problem"},
		{"a log of an indented body", exchange.KindLog, indented, 0, "unknown"},
		{"raw HTTP, re-serialized", exchange.KindRawHTTP, spaced, 0, "problem"},
		{"raw HTTP, indented", exchange.KindRawHTTP, indented, 0, "unknown"},
		{"raw HTTP, indented, with its length", exchange.KindRawHTTP, indented, len(indented), "problem"},
		{"raw HTTP, indented, with another length", exchange.KindRawHTTP, indented, len(delivered) + 1, "unknown"},
		{"raw HTTP, with the file's line break", exchange.KindRawHTTP, delivered + "\n", 0, "ok"},
		{"received, with a line break", exchange.KindLive, delivered + "\n", 0, "problem"},
		{"received, edited", exchange.KindLive, edited, 0, "problem"},
	} {
		r := &exchange.Request{Method: "POST", URL: exchange.ParseURL("https://partner.example/card-created"), HeaderCaptured: true, Body: exchange.NewBody([]byte(c.body))}
		r.Header.Add("X-Delivery-ID", "d-1")
		r.Header.Add("X-Key-ID", "k")
		r.Header.Add("X-Signature", signature)
		if c.length > 0 {
			r.Header.Add("Content-Length", strconv.Itoa(c.length))
		}
		ex := &exchange.Exchange{Source: exchange.Source{Kind: c.kind}, Request: r}
		d := diagnose.With(ex, diagnose.Options{Keys: webhook.KeySet{{ID: "k", Public: &key.PublicKey}}})
		if got := d.Verdicts[0].State.String(); got != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got, d.Verdicts[0].Because, c.want)
		}
		if cause := d.Cause(); (cause != nil && cause.ID == finding.SignatureMismatch) != (c.want == "problem") {
			t.Errorf("%s: the cause is %v", c.name, cause)
		}
	}
}
