package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
	"immersve-doctor/diagnose/webhook"
	"immersve-doctor/troubleshoot/simulator"
)

const cardCreated = `{"messageId":"m-1","topic":"card-created","listenerId":"l-1","deliveryAttempt":1,"keyId":"k","payload":{"cardId":"c/1"}}`

// deliver sends a webhook, signed by the simulator over what was signed, and returns the
// endpoint's response.
func deliver(t *testing.T, url, signed, sent string) (status int, body string) {
	t.Helper()
	key, err := simulator.Key()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := webhook.Sign(key, "d-1", simulator.KeyID, []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(webhook.DeliveryHeader, "d-1")
	request.Header.Set(webhook.KeyHeader, simulator.KeyID)
	request.Header.Set(webhook.SignatureHeader, signature)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// Each delivery is verified and explained as it comes, and accepted with what its topic
// wants.
func TestListen(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "deliveries.har")
	p := start(t, "listen", "--env", "local", "--save", saved)
	if status, body := deliver(t, p.url+"/card-created", cardCreated, cardCreated); status != 200 || body != "" {
		t.Errorf("card-created gets %d %q", status, body)
	}
	p.waitFor(t, "✓ card-created delivery (200)")
	if status, _ := deliver(t, p.url+"/card-created", cardCreated, strings.ReplaceAll(cardCreated, `":`, `": `)); status != 200 {
		t.Errorf("a re-serialized delivery gets %d", status)
	}
	p.waitFor(t, "✗ card-created delivery (200): the body was parsed and serialized again")
	p.waitFor(t, "delivery-duplicate")
	auth := `{"messageType":"auth-request","messageId":"m-2","eventType":"auth-requested","paymentId":"p"}`
	if _, body := deliver(t, p.url+"/authorize", auth, auth); !strings.Contains(body, `"result":"declined"`) {
		t.Errorf("authorize gets %q", body)
	}
	otp := strings.NewReplacer("card-created", "payment-3ds-otp", "m-1", "m-3").Replace(cardCreated)
	if _, body := deliver(t, p.url+"/payment-3ds-otp", otp, otp); !strings.Contains(body, `"deliveryType"`) {
		t.Errorf("payment-3ds-otp gets %q", body)
	}
	p.waitFor(t, "payment-3ds-otp delivery (200)")
	if response, err := http.Get(p.url + "/card-created"); err != nil || response.StatusCode != 405 || response.Body.Close() != nil {
		t.Errorf("GET gets %v, %v", response, err)
	}
	if status := p.end(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(p.err.String(), "5 deliveries, ") {
		t.Errorf("the end is %s", p.err)
	}
	if text, err := os.ReadFile(saved); err != nil || strings.Count(string(text), `"startedDateTime"`) != 5 {
		t.Errorf("%v, saved %s", err, text)
	}
}

// With --forward the handler gets the very bytes, and its response goes back and is
// checked.
func TestListenForwards(t *testing.T) {
	received := make(chan string, 4)
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- r.URL.Path + " " + r.Header.Get(webhook.DeliveryHeader) + " " + string(body)
		w.Header().Set("X-Powered-By", "Express")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "invalid signature")
	}))
	defer handler.Close()
	p := start(t, "listen", "--env", "local", "--forward", handler.URL+"/hooks", "-o", "json")
	odd := cardCreated[:len(cardCreated)-1] + " }\r\n"
	if status, body := deliver(t, p.url+"/card-created", odd, odd); status != 401 || body != "invalid signature" {
		t.Errorf("the sender gets %d %q", status, body)
	}
	if got := <-received; got != "/hooks/card-created d-1 "+odd {
		t.Errorf("the handler received %q", got)
	}
	p.end()
	if out := p.out.String(); !strings.Contains(out, `"class":"delivery"`) || !strings.Contains(out, `"id":"delivery-refused","severity":"error"`) || !strings.Contains(out, `{"id":"delivery.signature","text":"Signature over the raw body","verdict":"ok"`) {
		t.Errorf("the output is %s", out)
	}
	if out := p.out.String(); !strings.Contains(out, "the endpoint returned 401, but the signature is valid") || !strings.Contains(out, "JSON.stringify, Python's json.dumps") || !strings.Contains(out, "In Express: express.raw(") {
		t.Errorf("the output doesn't explain the handler's 401: %s", out)
	}
}

// authorize has a time limit.
func TestListenMeasures(t *testing.T) {
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"result":"authorized"}`)
	}))
	defer handler.Close()
	now, calls := time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC), 0
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out, complaints := new(lines), new(lines)
	done := make(chan int, 1)
	go func() {
		done <- cmd.Run(ctx, []string{"listen", "--listen", "127.0.0.1:0", "--forward", handler.URL, "-o", "json"}, cmd.Environment{
			In: strings.NewReader(""), Out: out, Err: complaints, Getenv: func(string) string { return "" },
			Now: func() time.Time { // each look at the clock is 600 ms later
				calls++
				return now.Add(time.Duration(calls) * 1200 * time.Millisecond)
			},
			Interrupts: func(context.Context) (context.Context, context.CancelFunc) { return ctx, cancel },
		})
	}()
	s := &serving{out: out, err: complaints}
	for deadline := time.Now().Add(20 * time.Second); s.url == ""; time.Sleep(time.Millisecond) {
		if at, _, ok := strings.Cut(strings.TrimPrefix(complaints.String(), "immersve-doctor: "), " passes"); ok {
			s.url = at
		}
		if time.Now().After(deadline) {
			t.Fatalf("listen doesn't start: %s", complaints)
		}
	}
	auth := `{"messageType":"auth-request","messageId":"m-2","eventType":"auth-requested","paymentId":"p"}`
	deliver(t, s.url+"/authorize", auth, auth)
	s.waitFor(t, `"id":"delivery-too-slow","severity":"error"`)
	cancel()
	<-done
}

func TestListenRefuses(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(`{"keys":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--listen", "0.0.0.0:4041"}, 5, "loopback only"},
		{[]string{"--forward", "https://example.test/hooks"}, 5, "--allow-host example.test"},
		{[]string{"--forward", "localhost:3000"}, 2, "invalid URL"},
		{[]string{"--env", "test"}, 2, "--jwks"},
		{[]string{"--jwks", "nowhere.json"}, 2, "nowhere.json"},
		{[]string{"--jwks", keys}, 2, "no RSA public key"},
		{[]string{"--jwks", "http://example.test/jwks.json"}, 2, "use https"},
	} {
		var out, complaints bytes.Buffer
		status := cmd.Run(context.Background(), append([]string{"listen"}, c.args...), cmd.Environment{
			In: strings.NewReader(""), Out: &out, Err: &complaints, Now: time.Now, Getenv: func(string) string { return "" },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, 0) },
		})
		if status != c.status || !strings.Contains(complaints.String(), c.says) {
			t.Errorf("%q: exit status %d, %s", c.args, status, &complaints)
		}
	}
}

// The keys can come from a server.
func TestDiagnoseWithKeysOfAServer(t *testing.T) {
	text, err := os.ReadFile("../testdata/webhook/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }))
	defer server.Close()
	const signed = "../testdata/finding/signature-mismatch/miss-signed.in"
	for args, want := range map[string]string{
		"--jwks " + server.URL:                   "✓ signature",
		"--jwks ../testdata/webhook/jwks.json":   "✓ signature",
		"--env local":                            "✓ signature",
		"":                                       "? signature",
		"--jwks " + server.URL + "/ --env local": "✓ signature",
	} {
		var out, complaints bytes.Buffer
		status := cmd.Run(context.Background(), append([]string{signed}, strings.Fields(args)...), cmd.Environment{
			In: strings.NewReader(""), Out: &out, Err: &complaints, Now: time.Now, Getenv: func(name string) string { return map[string]string{"LANG": "C.UTF-8"}[name] },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		})
		if status != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%q: exit status %d\n%s%s", args, status, &out, fmt.Sprint(&complaints))
		}
	}
}
