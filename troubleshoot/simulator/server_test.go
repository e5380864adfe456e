package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func start(t *testing.T, o Options) (*Simulator, *Server) {
	t.Helper()
	o.Now = time.Now
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server, err := s.Start(context.Background(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, server
}

func newRequest(t testing.TB, method, url string, fields ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

// TestServer: over a real connection, with the URL that Start gives.
func TestServer(t *testing.T) {
	s, server := start(t, Options{})
	d := s.Demo()
	if d.BaseURL != server.URL || !strings.HasPrefix(server.URL, "http://127.0.0.1:") {
		t.Errorf("URL %q, the demo's base %q", server.URL, d.BaseURL)
	}
	response, err := http.DefaultClient.Do(newRequest(t, "POST", server.URL+"/api/cards/"+d.CardID+"/pan-token", "Authorization", "Bearer "+d.AccessToken))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var token cardTokenView
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token.CallbackURL, server.URL+"/api/cards/secure?tokenId=") {
		t.Errorf("callbackUrl is %q", token.CallbackURL)
	}
	second, err := http.Get(token.CallbackURL)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Body.Close()
	if second.StatusCode != http.StatusOK {
		t.Errorf("callbackUrl answers %d", second.StatusCode)
	}
}

// TestListenOnLoopbackOnly: nothing else without leave, by name or by number.
func TestListenOnLoopbackOnly(t *testing.T) {
	s, err := New(Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ""} {
		server, err := s.Start(context.Background(), addr, false)
		var refused *NotLoopbackError
		if !errors.As(err, &refused) || refused.Addr != addr {
			t.Errorf("%q: %v", addr, err)
		}
		if server != nil {
			_ = server.Close()
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		server, err := s.Start(context.Background(), addr, false)
		if err != nil {
			t.Errorf("%q: %v", addr, err)
			continue
		}
		_ = server.Close()
	}
	server, err := s.Start(context.Background(), "0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if !strings.HasPrefix(server.URL, "http://127.0.0.1:") {
		t.Errorf("URL for this machine is %q", server.URL)
	}
}

func TestTakenPort(t *testing.T) {
	s, server := start(t, Options{})
	_, err := s.Start(context.Background(), strings.TrimPrefix(server.URL, "http://"), false)
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a taken port gives %v", err)
	}
}

// TestEndOfContext: the server ends with it, a held request included.
func TestEndOfContext(t *testing.T) {
	s, err := New(Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server, err := s.Start(ctx, "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(newRequest(t, "GET", server.URL+"/api/currencies", demandField, "timeout"))
		if err == nil {
			response.Body.Close()
		}
		held <- err
	}()
	time.Sleep(50 * time.Millisecond) // let it arrive; the test holds without that too
	cancel()
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
	if err := <-held; err == nil {
		t.Error("the held request was answered")
	}
}

// TestForeignHost guards against DNS rebinding.
func TestForeignHost(t *testing.T) {
	_, server := start(t, Options{AllowedHosts: []string{"simulator.test"}})
	for host, want := range map[string]int{
		"evil.example": 403, "evil.example:80": 403, "127.0.0.1.evil.example": 403, "localhost.evil.example": 403,
		"simulator.test": 401, "simulator.test:4010": 401, "LOCALHOST": 401, "[::1]:4010": 401, "127.8.9.10": 401, "[::ffff:127.0.0.1]": 401,
		"app.localhost": 403, "evil.localhost:4010": 403, "localhost.": 403, "evil.localhost.": 403, "127.0.0.300": 403, "127.1": 403, "127.0.0.1.": 403,
		"127.0.0.01": 403, "0x7f.0.0.1": 403, "2130706433": 403, "0.0.0.0": 403, "[::]": 403, "[::ffff:203.0.113.66]": 403, "localhost:80@evil.example": 403,
	} {
		r := newRequest(t, "GET", server.URL+"/api/currencies")
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
		if want == 403 && !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: content type %q", host, response.Header.Get("Content-Type"))
		}
	}
}

// TestFaultsOnDemand: what a client sees of a broken connection.
func TestFaultsOnDemand(t *testing.T) {
	_, server := start(t, Options{})
	ask := func(ctx context.Context, order string) (*http.Response, error) {
		r := newRequest(t, "POST", server.URL+"/api/cards", demandField, order)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		return http.DefaultClient.Do(r.WithContext(ctx))
	}
	if response, err := ask(context.Background(), "reset"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %v, %v", response, err)
	}
	response, err := ask(context.Background(), "truncated")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("truncated: the body ends with %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if response, err := ask(ctx, "timeout"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timeout: %v, %v", response, err)
	}
}

// TestRateLimit: the budget, its refill, and that it is the consumer's.
func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.RateLimit, o.RateLimitPrerequisites = 6, 2 })
	read := func(as []string) answer { t.Helper(); return w.do(call{op: "list-currencies", as: as}) }
	for range 6 {
		read(w.issuer()).ok()
	}
	limited := read(w.admin()).refused(429, "TOO_MANY_REQUESTS") // all keys of an account share one budget
	if got := limited.header.Get("Retry-After"); got != "10" {
		t.Errorf("Retry-After is %q seconds at 6 a minute", got)
	}
	read(w.user()).ok()                    // a user has one of their own
	read(nil).refused(401, "UNAUTHORIZED") // and so has an address
	w.pass(9 * time.Second)
	read(w.issuer()).refused(429, "TOO_MANY_REQUESTS")
	w.pass(time.Second)
	read(w.issuer()).ok()

	w.pass(time.Minute)
	ask := w.prerequisites(w.d.CardProgramID, w.d.FundingSourceID, "")
	w.do(ask).ok()
	w.do(ask).ok()
	if got := w.do(ask).refused(429, "TOO_MANY_REQUESTS").header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After is %q seconds at 2 a minute", got)
	}
	read(w.issuer()).ok()
}

func TestLimiterForgets(t *testing.T) {
	l, now := newLimiter(10, 10), time.Unix(0, 0)
	for i := range 3 * maxConsumers {
		l.draw(fmt.Sprint(i), 10, now)
	}
	if len(l.buckets) > maxConsumers {
		t.Errorf("%d buckets are kept", len(l.buckets))
	}
}

// TestUnknownRoutes: wrong paths and wrong methods are 404, with a hint.
func TestUnknownRoutes(t *testing.T) {
	lines := make(chan string, 10)
	_, server := start(t, Options{Log: func(method, path string, status int) { lines <- fmt.Sprint(method, " ", path, " ", status) }})
	for _, c := range []struct{ method, path, reason string }{
		{"GET", "/api/card", "no such path"},
		{"GET", "/", "no such path"},
		{"GET", "/api/cards", "this path accepts POST"},
		{"DELETE", "/api/cards/x", "this path accepts GET"},
		{"GET", "/api/accounts//cards", "no such path"},
		{"GET", "/api/cards/?tokenId=secret", "no such path"},
	} {
		response, err := http.DefaultClient.Do(newRequest(t, c.method, server.URL+c.path))
		if err != nil {
			t.Fatal(err)
		}
		var body failure
		if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		response.Body.Close()
		path, _, _ := strings.Cut(c.path, "?")
		if got := <-lines; got != c.method+" "+path+" 404" {
			t.Errorf("logged: %s", got)
		}
		if want := (failure{404, "Not Found", "NOT_FOUND", c.reason, nil}); fmt.Sprint(body) != fmt.Sprint(want) || response.StatusCode != 404 {
			t.Errorf("%s %s: %d %v, want %v", c.method, c.path, response.StatusCode, body, want)
		}
	}
}

// TestManyClients lets eight clients at the same state, for the race detector,
// and adds up what they did.
func TestManyClients(t *testing.T) {
	s, server := start(t, Options{RateLimit: 1 << 30, RateLimitPrerequisites: 1 << 30})
	d := s.Demo()
	const clients, rounds = 8, 25
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for range rounds {
				send(t, "POST", server.URL+"/api/simulator/execute-deposit", `{"amount":"1000000","fundingSourceId":"`+d.FundingSourceID+`"}`, d)
				send(t, "POST", server.URL+"/api/cards/"+d.CardID+"/pan-token", "", d)
				send(t, "GET", server.URL+"/api/accounts/"+d.CardholderAccountID+"/cards?limit=2", "", d)
				send(t, "PATCH", server.URL+"/api/accounts/"+d.CardholderAccountID+"/contact-details", `{"phone":{"phoneNumber":"+6421000000"}}`, d)
				_ = s.Demo()
			}
		})
	}
	group.Wait()
	got := s.store.sources.get(d.FundingSourceID).Balance.String()
	if want := fmt.Sprint(1_000_000_000 + clients*rounds*1_000_000); got != want {
		t.Errorf("the balance is %s after all deposits, want %s", got, want)
	}
	if n := len(s.store.cardTokens.rows); n != clients*rounds {
		t.Errorf("%d card tokens, want %d", n, clients*rounds)
	}
}

func send(t *testing.T, method, url, body string, d Demo) {
	r := newRequest(t, method, url, "X-Api-Key", d.APIKey, "X-Api-Secret", d.APISecret, "X-Account-Id", d.CardholderAccountID, "Content-Type", "application/json")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		t.Errorf("%s %s: %d %s", method, url, response.StatusCode, text)
	}
}

// TestStateStaysBounded repeats what makes rows far beyond the limits.
func TestStateStaysBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 30,000 rows")
	}
	w := newWorld(t, func(o *Options) { o.RateLimit = 1 << 30 })
	var last answer
	for range someRows {
		last = w.do(call{op: "create-account", as: w.issuer(), body: `{"type":"cardholder","parentAccountId":"` + w.d.AccountID + `"}`})
	}
	last.refused(503, "SERVICE_UNAVAILABLE")
	for range 2 * otherRows {
		w.pending()
	}
	if n := len(w.s.store.logins.rows); n != otherRows {
		t.Errorf("%d logins are kept", n)
	}
	if n := len(w.s.store.logins.byID); n != otherRows {
		t.Errorf("%d logins are indexed", n)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 64<<20 {
		t.Errorf("the heap holds %d MB", m.HeapAlloc>>20)
	}
}

// TestServerHasTimeouts: every limit is set, and the one on headers works.
func TestServerHasTimeouts(t *testing.T) {
	_, server := start(t, Options{})
	h := server.http
	if h.ReadHeaderTimeout == 0 || h.ReadTimeout == 0 || h.WriteTimeout <= holdTime || h.IdleTimeout == 0 || h.MaxHeaderBytes == 0 {
		t.Error("a limit of the server is missing")
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/currencies HTTP/1.1\r\nHost: localhost\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 2*maxHeader))
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 431") {
		t.Errorf("a header of 128 KB gives %.40q", answer)
	}
}
