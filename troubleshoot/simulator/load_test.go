package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// loadTime is how long TestLoad runs: two seconds, or what
// IMMERSVE_DOCTOR_LOAD says ("1m").
func loadTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("IMMERSVE_DOCTOR_LOAD")
	if text == "" {
		return 2 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// client is one of the eight that put the simulator under load.
type client struct {
	*testing.T
	http *http.Client
	url  string
	d    Demo
	// What the answers say that has happened.
	deposited, withdrawn, spent int64
	requests                    atomic.Int64
}

// call sends a request and demands one of the statuses.
func (c *client) call(method, path, body string, statuses ...int) []byte {
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.Error(err)
		return nil
	}
	r.Header.Set("X-Api-Key", c.d.APIKey)
	r.Header.Set("X-Api-Secret", c.d.APISecret)
	r.Header.Set("X-Account-Id", c.d.CardholderAccountID)
	r.Header.Set("Content-Type", "application/json")
	c.requests.Add(1)
	response, err := c.http.Do(r)
	if err != nil {
		c.Error(err)
		return nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Error(err)
	}
	for _, status := range statuses {
		if response.StatusCode == status {
			return text
		}
	}
	c.Errorf("%s %s: %d %.300s, want one of %v", method, path, response.StatusCode, text, statuses)
	return nil
}

// member reads a member of an answer.
func (c *client) member(text []byte, name string) string {
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		c.Errorf("%v in %.200s", err, text)
		return ""
	}
	return fmt.Sprint(members[name])
}

// round makes the number-th round of ten requests, each kind at the pace that
// the caller sets.
func (c *client) round(number int, pace func()) {
	at := "/api/funding-sources/" + c.d.FundingSourceID
	next := func(method, path, body string, statuses ...int) []byte {
		pace()
		return c.call(method, path, body, statuses...)
	}
	next("POST", "/api/simulator/execute-deposit", `{"amount":"700","fundingSourceId":"`+c.d.FundingSourceID+`"}`, 200)
	c.deposited += 700
	c.withdraw(next)
	c.spend(next)
	next("GET", "/api/accounts/"+c.d.CardholderAccountID+"/cards?limit=2", "", 200)
	next("GET", at+"/interactions?limit=5&type=Withdrawal", "", 200)
	next("POST", "/api/spending-prerequisites", fmt.Sprintf(
		`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"500","spendableCurrency":"USD","kycType":"immersve-conducted"}`,
		c.d.CardProgramID, c.d.NewFundingSourceID), 403) // another cardholder's source
	next("PATCH", "/api/accounts/"+c.d.CardholderAccountID+"/contact-details", `{"phone":{"phoneNumber":"+6421000000"}}`, 200)
	next("GET", "/api/cards/"+c.d.ForeignCardID, "", 403)
	if login := next("POST", "/auth/login-init", fmt.Sprintf(
		`{"loginMethod":"siwe","network":"polygon-amoy","clientApplicationId":%q,"scopes":["cardholder-partner"],"address":"0x%040d","url":"http://localhost:3000","autoSignup":true}`,
		c.d.ClientApplicationID, number%50), 200); login != nil && number%3 == 0 {
		next("POST", "/auth/login-complete", fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, c.member(login, "id"), signature), 200)
	}
}

// withdraw makes an intent and executes it. Ten may be pending, of all clients
// together: an eleventh is refused.
func (c *client) withdraw(next func(method, path, body string, statuses ...int) []byte) {
	intent := next("POST", "/api/funding-sources/"+c.d.FundingSourceID+"/withdraw", `{"amount":300}`, 200, 403)
	if intent == nil || c.member(intent, "errorCode") == "TOO_MANY_PENDING_WITHDRAWALS" {
		return
	}
	var v struct {
		Execution struct{ Payload json.RawMessage }
	}
	if err := json.Unmarshal(intent, &v); err != nil {
		c.Error(err)
	}
	next("POST", "/api/simulator/execute-withdrawal", string(v.Execution.Payload), 200)
	c.withdrawn += 300
}

// spend pays a cent with the card, which takes 10 000 of the source's units.
func (c *client) spend(next func(method, path, body string, statuses ...int) []byte) {
	token := next("POST", "/api/cards/"+c.d.CardID+"/pan-token", "", 200)
	secure := next("GET", "/api/cards/secure?tokenId="+c.member(token, "tokenId"), "", 200)
	paid := next("POST", "/api/simulator/authorize", fmt.Sprintf(
		`{"transactionType":"purchase","transactionAmount":"1","cardPan":%q,"cardExpiry":%q,"cardCvv":%q}`,
		c.member(secure, "pan"), c.member(secure, "expiry"), c.member(secure, "cvv2")), 200)
	if strings.Contains(c.member(paid, "responseMsg"), "approved") {
		c.spent += 10_000
	} else {
		c.Errorf("declined: %s", paid)
	}
}

// TestLoad puts the simulator under 500 requests a second from eight clients: no
// wrong answer, no more memory at the end than at the beginning, and every unit
// of money accounted for. Meanwhile the state is saved again and again.
func TestLoad(t *testing.T) {
	const clients, perSecond = 8, 500
	length := loadTime(t)
	s, server := start(t, Options{RateLimit: 1 << 30, RateLimitPrerequisites: 1 << 30})
	d := s.Demo()
	shrink(s.store)
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	list := make([]*client, clients)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	var group sync.WaitGroup
	begun := time.Now()
	for i := range list {
		c := &client{T: t, http: &http.Client{Transport: transport, Timeout: 30 * time.Second}, url: server.URL, d: d}
		list[i] = c
		group.Go(func() {
			interval := time.Second * clients / perSecond
			due := time.Now()
			pace := func() {
				due = due.Add(interval)
				time.Sleep(time.Until(due))
			}
			for n := i; ctx.Err() == nil; n++ {
				c.round(n, pace)
			}
		})
	}
	group.Go(func() {
		for ctx.Err() == nil {
			if err := s.WriteState(io.Discard); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
		}
	})
	early := heapAfter(length / 3)
	group.Wait()
	took := time.Since(begun)
	late := heapAfter(0)

	var requests, expected int64 = 0, 1_000_000_000
	for _, c := range list {
		requests += c.requests.Load()
		expected += c.deposited - c.withdrawn - c.spent
	}
	t.Logf("%d requests in %s, %.0f a second; heap %.1f MB after a third, %.1f MB at the end",
		requests, took.Round(time.Millisecond), float64(requests)/took.Seconds(), float64(early)/(1<<20), float64(late)/(1<<20))
	if got := s.store.sources.get(d.FundingSourceID).Balance; got.Cmp(big.NewInt(expected)) != 0 {
		t.Errorf("the balance is %s, the answers add up to %d", &got, expected)
	}
	if n := s.store.pending(d.FundingSourceID); n != 0 {
		t.Errorf("%d withdrawals are pending, all were executed", n)
	}
	const noise = 4 << 20
	if late > early+noise {
		t.Errorf("the heap has grown by %d KB", (late-early)>>10)
	}
	bounded(t, s.store)
}

// shrink makes the histories so short that they are full long before the end:
// what memory they take is then taken early.
func shrink(st *store) {
	const rows = 100
	st.payments.limit, st.interactions.limit, st.sessions.limit, st.logins.limit = rows, rows, rows, rows
	st.cardTokens.limit, st.intents.limit, st.notifications.limit, st.blocks.limit = rows, rows, rows, rows
}

// heapAfter waits and returns what the heap holds, in bytes.
func heapAfter(d time.Duration) uint64 {
	time.Sleep(d)
	runtime.GC()
	runtime.GC() // what a sync.Pool holds survives one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// bounded demands that the histories hold no more than they may.
func bounded(t *testing.T, st *store) {
	t.Helper()
	for name, n := range map[string][2]int{
		"sessions": {len(st.sessions.rows), st.sessions.limit}, "logins": {len(st.logins.rows), st.logins.limit},
		"card tokens": {len(st.cardTokens.byID), st.cardTokens.limit}, "interactions": {len(st.interactions.byID), st.interactions.limit},
		"payments": {len(st.payments.byID), st.payments.limit}, "intents": {len(st.intents.byID), st.intents.limit},
		"notifications": {len(st.notifications.byID), st.notifications.limit}, "events": {len(st.due), someRows},
	} {
		if n[0] > n[1] {
			t.Errorf("%d %s are kept, at most %d may be", n[0], name, n[1])
		}
	}
}
