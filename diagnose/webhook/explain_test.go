package webhook_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/webhook"
)

const sent = `{"messageId":"8f4d","topic":"payment-updated","deliveryAttempt":1,"keyId":"kid-1","payload":{"url":"https://x.example/a?b=1&c=<2>","name":"Zoë 北","rate":0.015,"list":[],"none":{},"deep":{"a":[1,2.50]}}}`

// What a receiver did to a delivery, and how it's explained.
func TestExplain(t *testing.T) {
	key, other := newKey(t), newKey(t)
	set, err := webhook.ParseKeySet(keySet(map[string]*rsa.PrivateKey{"kid-1": key, "kid-2": other}))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal([]byte(sent), &tree); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(sent))
	_ = z.Close()
	quoted, _ := json.Marshal(sent)
	spaced := strings.NewReplacer(`":`, `": `, `,"`, `, "`, `2.50`, `2.5`).Replace(sent)
	signature := func(k *rsa.PrivateKey, h crypto.Hash, message string, pss bool) []byte {
		t.Helper()
		sum := h.New()
		sum.Write([]byte(message))
		var raw []byte
		var err error
		if pss {
			raw, err = rsa.SignPSS(rand.Reader, k, h, sum.Sum(nil), nil)
		} else {
			raw, err = rsa.SignPKCS1v15(nil, k, h, sum.Sum(nil))
		}
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := signature(key, crypto.SHA256, "d-1:kid-1:"+sent, false)
	std := base64.StdEncoding.EncodeToString
	sum := sha256.Sum256([]byte("d-1:kid-1:" + sent))
	wide := sha512.Sum512([]byte("x"))
	for name, test := range map[string]struct {
		delivery webhook.Delivery
		want     string
	}{
		"as sent":         {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(sent)}, "verified"},
		"python":          {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(strings.ReplaceAll(spaced, "2.5]", "2.50]"))}, "json json-spaces-added"},
		"go":              {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "d-1:kid-1:"+strings.Replace(sent, "2.50", "2.5", 1), false)), Body: []byte(strings.NewReplacer("&", `\u0026`, "<", `\u003c`, ">", `\u003e`, "2.50", "2.5").Replace(sent))}, "json json-html-escaped"},
		"php":             {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(strings.NewReplacer("/", `\/`, "ë", `\u00eb`, "北", `\u5317`).Replace(sent))}, "json json-slashes-escaped json-unicode-escaped"},
		"indented":        {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: indented(t, sent)}, "json json-indented"},
		"sorted":          {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "d-1:kid-1:"+strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(sorted(t, tree)), false)), Body: []byte(sent)}, "json json-keys-reordered"},
		"line break":      {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(sent + "\n")}, "end-added"},
		"BOM":             {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte("\ufeff" + sent)}, "bom-added"},
		"Latin-1":         {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: latin1(sent)}, "charset-twice"},
		"quoted":          {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: quoted}, "quoted"},
		"base64":          {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(std([]byte(sent)))}, "base64"},
		"form":            {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(url.QueryEscape(sent) + "=")}, "percent"},
		"gzip":            {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: packed.Bytes()}, "gzip"},
		"swapped":         {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "kid-1:d-1:"+sent, false)), Body: []byte(sent)}, "ids-swapped"},
		"body alone":      {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, sent, false)), Body: []byte(sent)}, "ids-missing"},
		"dots":            {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "d-1.kid-1."+sent, false)), Body: []byte(sent)}, "separator"},
		"message ID":      {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "8f4d:kid-1:"+sent, false)), Body: []byte(sent)}, "delivery-id-other"},
		"hex":             {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: hex.EncodeToString(good), Body: []byte(sent)}, "signature-hex"},
		"base64url":       {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: base64.RawURLEncoding.EncodeToString(good), Body: []byte(sent)}, "signature-base64url"},
		"unpadded":        {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: strings.TrimRight(std(good), "="), Body: []byte(sent)}, "signature-unpadded"},
		"prefixed":        {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: "sha256=" + std(good), Body: []byte(sent)}, "signature-quoted"},
		"percent":         {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: url.QueryEscape(std(good)), Body: []byte(sent)}, "signature-percent"},
		"twice":           {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std([]byte(std(good))), Body: []byte(sent)}, "signature-twice"},
		"PSS":             {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, "d-1:kid-1:"+sent, true)), Body: []byte(sent)}, "algorithm-pss"},
		"PSS, SHA-512":    {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA512, "d-1:kid-1:"+sent, true)), Body: []byte(sent)}, "algorithm-pss algorithm-hash"},
		"SHA-1":           {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA1, "d-1:kid-1:"+sent, false)), Body: []byte(sent)}, "algorithm-hash"},
		"hashed twice":    {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(key, crypto.SHA256, string(sum[:]), false)), Body: []byte(sent)}, "hashed-twice"},
		"other key":       {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(other, crypto.SHA256, "d-1:kid-1:"+sent, false)), Body: []byte(sent)}, "key-other"},
		"unknown key":     {webhook.Delivery{ID: "d-1", KeyID: "kid-3", Signature: std(signature(newKey(t), crypto.SHA256, "d-1:kid-3:"+sent, false)), Body: []byte(sent)}, "unknown key"},
		"stranger's":      {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(signature(newKey(t), crypto.SHA256, "d-1:kid-1:"+sent, false)), Body: []byte(sent)}, "mismatch "},
		"tampered":        {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(strings.Replace(sent, "Zoë", "Eve", 1))}, "mismatch kid-1"},
		"no signature":    {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: "", Body: []byte(sent)}, "mismatch "},
		"not RSA":         {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(wide[:]), Body: []byte(sent)}, "mismatch "},
		"spaced and line": {webhook.Delivery{ID: "d-1", KeyID: "kid-1", Signature: std(good), Body: []byte(strings.ReplaceAll(spaced, "2.5]", "2.50]") + "\n")}, "json json-spaces-added"},
	} {
		e := webhook.Explain(test.delivery, set)
		got := strings.Join(e.Changes, " ")
		switch {
		case e.Outcome == webhook.Verified:
			got = "verified"
		case e.Outcome == webhook.UnknownKey:
			got = "unknown key"
		case got == "":
			got = "mismatch " + e.Key
		}
		if got != test.want || !e.Whole {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		for _, c := range e.Describe() {
			if c.What == "" || c.Part == "" {
				t.Errorf("%s: the change %q has no description", name, c.ID)
			}
		}
	}
}

func indented(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func latin1(text string) []byte {
	var b []byte
	for _, c := range []byte(text) {
		b = append(b, string(rune(c))...)
	}
	return b
}

func sorted(t *testing.T, tree any) string {
	t.Helper()
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A search ends, whatever the body.
func TestExplainIsBounded(t *testing.T) {
	key := newKey(t)
	set, err := webhook.ParseKeySet(keySet(map[string]*rsa.PrivateKey{"k": key}))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := webhook.Sign(key, "d", "k", []byte("other"))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"large":  `{"a":[` + strings.Repeat(`"x/y<é",`, 4<<20/9) + `1]}`,
		"deep":   strings.Repeat(`[`, 1<<20) + strings.Repeat(`]`, 1<<20),
		"wide":   `[` + strings.Repeat(`1,`, 1<<20) + `1]`,
		"text":   strings.Repeat("x", 20<<20),
		"spaces": strings.Repeat(" ", 8<<20),
	} {
		began := time.Now()
		e := webhook.Explain(webhook.Delivery{ID: "d", KeyID: "k", Signature: signature, Body: []byte(body)}, set)
		if e.Outcome != webhook.Mismatch || e.Key != "k" || len(e.Changes) > 0 {
			t.Errorf("%s: %+v", name, e)
		}
		t.Logf("%s: %v", name, time.Since(began))
	}
}

func FuzzExplain(f *testing.F) {
	key := newKey(f)
	set, err := webhook.ParseKeySet(keySet(map[string]*rsa.PrivateKey{"k": key}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("d", "k", "sha256=AAAA", []byte(sent), false)
	f.Add("", "", "", []byte("\ufeff\"{}\""), true)
	f.Add("d", "k", "", []byte(`{"a":1.0,"a":[1e3,"\ud800"]}`), true)
	f.Fuzz(func(t *testing.T, id, kid, signature string, body []byte, signed bool) {
		if signed {
			var err error
			if signature, err = webhook.Sign(key, id, kid, body); err != nil {
				t.Fatal(err)
			}
		}
		e := webhook.Explain(webhook.Delivery{ID: id, KeyID: kid, Signature: signature, Body: body}, set)
		if signed && kid == "k" && e.Outcome != webhook.Verified {
			t.Errorf("%+v", e)
		}
		if signed && kid != "k" && (e.Outcome != webhook.Mismatch || !slices.Equal(e.Changes, []string{"key-other"})) {
			t.Errorf("%+v", e)
		}
	})
}

func FuzzParseKeySet(f *testing.F) {
	f.Add(keySet(map[string]*rsa.PrivateKey{"k": newKey(f)}))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := webhook.ParseKeySet(text)
		if (err == nil) != (len(set) > 0) {
			t.Errorf("%d keys and %v", len(set), err)
		}
		webhook.Explain(webhook.Delivery{Signature: "AAAA"}, set)
	})
}
