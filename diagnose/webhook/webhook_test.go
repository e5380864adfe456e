package webhook_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/webhook"
)

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keySet writes keys as a JSON Web Key Set.
func keySet(keys map[string]*rsa.PrivateKey) []byte {
	list := []map[string]string{}
	for id, k := range keys {
		list = append(list, map[string]string{
			"kty": "RSA", "kid": id, "n": base64.RawURLEncoding.EncodeToString(k.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes()),
		})
	}
	text, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		panic(err)
	}
	return text
}

func TestSignedDeliveriesVerify(t *testing.T) {
	key := newKey(t)
	set, err := webhook.ParseKeySet(keySet(map[string]*rsa.PrivateKey{"k": key}))
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"topic":"async-test"}`)
	signature, err := webhook.Sign(key, "d-1", "k", body)
	if err != nil {
		t.Fatal(err)
	}
	if err := webhook.Verify(set.Find("k"), "d-1", "k", signature, body); err != nil {
		t.Error(err)
	}
	for _, wrong := range [][3]string{{"d-2", "k", string(body)}, {"d-1", "K", string(body)}, {"d-1", "k", string(body) + "\n"}} {
		if webhook.Verify(set.Find("k"), wrong[0], wrong[1], signature, []byte(wrong[2])) == nil {
			t.Errorf("%q verifies", wrong)
		}
	}
}

func TestParseKeySet(t *testing.T) {
	good := string(keySet(map[string]*rsa.PrivateKey{"k": newKey(t)}))
	for text, want := range map[string]string{
		good:                      "[k]",
		good[9 : len(good)-2]:     "[k]",
		`{"keys":[{"kty":"EC"}]}`: "the JSON Web Key Set contains no RSA public key",
		`{"keys":[]}`:             "the JSON Web Key Set contains no RSA public key",
		`{"keys":{}}`:             `not a JSON Web Key Set: it has no list "keys"`,
		`[]`:                      `not a JSON Web Key Set: it has no list "keys"`,
		`<html>`:                  "not a JSON Web Key Set: the text isn't JSON",
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`: "the JSON Web Key Set contains no RSA public key",
	} {
		set, err := webhook.ParseKeySet([]byte(text))
		got := fmt.Sprint(set.IDs())
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%.40s: %s, want %s", text, got, want)
		}
	}
}

// The samples of all topics fit their schemas, and so do the sample responses.
func TestTopics(t *testing.T) {
	names := webhook.Topics()
	if len(names) != 28 {
		t.Errorf("%d topics", len(names))
	}
	for _, name := range names {
		topic, ok := webhook.Lookup(name)
		if !ok || topic.Name != name {
			t.Errorf("%s: not found", name)
			continue
		}
		s, err := schema.Compile(topic.Payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body := topic.Sample()
		if !json.Valid(body) || len(s.Validate(schema.Parse(body))) > 0 {
			t.Errorf("%s: %s", name, body)
		}
		if topic.Response != nil {
			if _, err := schema.Compile(topic.Response); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, ok := webhook.Lookup("../topics/async-test"); ok {
		t.Error("a path is a topic")
	}
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		topic   string
		status  int
		body    string
		elapsed time.Duration
		want    webhook.Verdict
	}{
		{"card-created", 204, "", 0, webhook.Verdict{}},
		{"card-created", 302, "", 0, webhook.Verdict{Refused: true}},
		{"payment-3ds-otp", 200, `{"deliveryType":"sms","deliveryDestination":"+64"}`, time.Hour, webhook.Verdict{}},
		{"payment-3ds-otp", 201, `{"deliveryType":"sms"}`, 0, webhook.Verdict{Refused: true}},
		{"payment-3ds-otp", 200, ``, 0, webhook.Verdict{Body: "the body is empty"}},
		{"xpay-card-load-otp", 200, `OK`, 0, webhook.Verdict{Body: "the body isn't JSON"}},
		{"xpay-card-load-confirmed", 200, `{}`, 0, webhook.Verdict{Body: `the field "deliveryType" is missing`}},
		{"auth-request", 200, `{"result":"authorized"}`, time.Second, webhook.Verdict{}},
		{"auth-request", 200, `{"result":"approved"}`, 0, webhook.Verdict{Body: "the value isn't a documented one", Pointer: "/result"}},
		{"auth-request", 200, `{"result":true}`, 1001 * time.Millisecond, webhook.Verdict{Body: "the value has the type boolean", Pointer: "/result", TooSlow: true}},
		{"auth-cancel", 200, `OK`, time.Minute, webhook.Verdict{}},
		{"no-topic", 200, `OK`, time.Minute, webhook.Verdict{}},
	} {
		topic, _ := webhook.Lookup(test.topic)
		if got := topic.Judge(test.status, []byte(test.body), true, test.elapsed); got != test.want {
			t.Errorf("%s %d %s: %+v, want %+v", test.topic, test.status, test.body, got, test.want)
		}
	}
}
