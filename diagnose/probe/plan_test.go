package probe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/probe"
)

// Ids of the tests without a network.
const (
	base       = "https://test.immersve.com"
	partner    = "d8c2f09b47e14a6c95b01f7a3e6d2c84"
	cardholder = "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"
	cardID     = "5bf33bdb65e22c241527dedffe1f951d"
	sourceID   = "315b0a7b6b6a4e2f8f3d2c1b0a99f38b"
)

var clock = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

// failed is an exchange that was refused with a plain 403, or with a code.
func failed(t testing.TB, c call, code string) *diagnose.Diagnosis {
	t.Helper()
	status := 403
	if strings.HasPrefix(code, "400 ") {
		status, code = 400, code[4:]
	}
	body := fmt.Sprintf(`{"statusCode":%d,"statusName":"Refused","errorCode":%q}`, status, code)
	ex := &exchange.Exchange{Request: requestOf(t, base, c), Response: &exchange.Response{Status: status, Body: exchange.NewBody([]byte(body))}}
	d := diagnose.Diagnose(ex, clock)
	return &d
}

func keyed(account string) []string {
	as := []string{
		"x-api-key", "imm-key-test-" + strings.Repeat("0a", 32), "x-api-secret", "imm-secret-test-" + strings.Repeat("0b", 32),
	}
	if account == "" {
		return as
	}
	return in(account, as)
}

// fake answers by "path", by "path as ACCOUNT" and by "path anonymous": "200 {…}"
// or "403". What is not there is refused.
type fake map[string]string

func (f fake) answer(r probe.Request) probe.Answer {
	key := r.Target()
	switch {
	case r.Anonymous:
		key += " anonymous"
	case f[key+" as "+r.Account] != "":
		key += " as " + r.Account
	}
	text, known := f[key]
	if !known && r.Anonymous {
		text = "401"
	} else if !known {
		text = `403 {"errorCode":"FORBIDDEN"}`
	}
	return probe.AnswerOf(r, responding(text))
}

// responding makes an exchange of "503", "200 {…}", "timeout" or "reset".
func responding(text string) *exchange.Exchange {
	switch text {
	case "timeout":
		return &exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.FailureTimeout, Text: "i/o timeout"}}
	case "reset":
		return &exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.FailureReset, Text: "connection reset by peer"}}
	}
	status, body, _ := strings.Cut(text, " ")
	var code int
	if err := json.Unmarshal([]byte(status), &code); err != nil {
		panic("no status: " + text)
	}
	if body == "" && code == http.StatusForbidden {
		body = `{"errorCode":"FORBIDDEN"}`
	}
	return &exchange.Exchange{Response: &exchange.Response{Status: code, Body: exchange.NewBody([]byte(body))}}
}

// plan walks a case through with a fake API, and returns the calls in order.
func plan(t testing.TB, c probe.Case, api fake) (calls []string, proof diagnose.Proof) {
	t.Helper()
	var answers []probe.Answer
	for {
		r, more := probe.Next(c, answers)
		if !more {
			return calls, probe.Judge(c, answers)
		}
		if len(answers) > probe.Limit {
			t.Fatalf("no end: %q", calls)
		}
		line := r.Target()
		if with := c.With(r); with != "" {
			line += " with " + with
		}
		calls = append(calls, line)
		answers = append(answers, api.answer(r))
	}
}

func caseOf(d *diagnose.Diagnosis, account string) probe.Case {
	return probe.Case{Diagnosis: d, Base: base, Account: account, Now: clock}
}

const (
	currencies = "/api/currencies"
	accounts   = "/api/accounts/"
	isHolder   = `200 {"id":"` + cardholder + `","type":"cardholder","liveness":"test","partnerAccountId":"` + partner + `"}`
	isPartner  = `200 {"id":"` + partner + `","type":"partner","liveness":"test"}`
	empty      = `200 {"items":[]}`
)

// TestPlan walks through the ladder without a network: which calls are made, in
// which order, after which answers.
func TestPlan(t *testing.T) {
	tests := []struct {
		name    string
		call    call
		account string
		api     fake
		want    []string
	}{
		{
			"credentials that are refused end it",
			call{op: "list-cards", as: keyed(""), path: []string{cardholder}},
			"",
			fake{currencies: "401"},
			[]string{currencies},
		},
		{
			"so does a root that refuses everything",
			call{op: "list-cards", as: keyed(""), path: []string{cardholder}},
			"",
			fake{},
			[]string{currencies},
		},
		{
			"a named account that the root refuses is looked at closely",
			call{op: "list-cards", as: keyed(cardholder), path: []string{cardholder}},
			cardholder,
			fake{currencies + " as ": "200 []", currencies + " as " + cardholder: "403"},
			[]string{
				currencies, currencies + " with no x-account-id", currencies + " with no credentials",
				accounts + cardholder, accounts + cardholder + " with no x-account-id",
			},
		},
		{
			"all in order: each rung once, and the call itself again",
			call{op: "list-cards", as: keyed(cardholder), path: []string{cardholder}},
			cardholder,
			fake{currencies: "200 []", accounts + cardholder: isHolder, accounts + cardholder + "/funding-sources": empty},
			[]string{
				currencies, currencies + " with no credentials", accounts + cardholder, accounts + cardholder + "/funding-sources",
				accounts + cardholder + "/cards?limit=1",
			},
		},
		{
			"a card that is refused is looked for in all pages",
			call{op: "freeze-card", as: keyed(cardholder), path: []string{cardID}},
			cardholder,
			fake{
				currencies: "200 []", accounts + cardholder: isHolder, accounts + cardholder + "/funding-sources": empty,
				accounts + cardholder + "/cards?excludeExpired=false&limit=100":              `200 {"items":[{"id":"a"}],"pageInfo":{"nextCursor":"p/2"}}`,
				accounts + cardholder + "/cards?excludeExpired=false&limit=100&cursor=p%2F2": `200 {"items":[],"pageInfo":{}}`,
			},
			[]string{
				currencies, currencies + " with no credentials", accounts + cardholder, accounts + cardholder + "/funding-sources",
				"/api/cards/" + cardID, accounts + cardholder + "/cards?excludeExpired=false&limit=100",
				accounts + cardholder + "/cards?excludeExpired=false&limit=100&cursor=p%2F2",
			},
		},
		{
			"the role is asked twice before it is blamed",
			call{op: "list-webhook-listeners", as: keyed(""), path: []string{partner}},
			"",
			fake{currencies: "200 []", accounts + partner: isPartner},
			[]string{
				currencies, currencies + " with no credentials", accounts + partner,
				accounts + partner + "/funding-channels?limit=1", accounts + partner + "/funding-channels?limit=1 with x-account-id d8c2…2c84",
				"/api/partner-profiles/" + partner,
			},
		},
		{
			"an id that no path can hold is not asked for",
			call{op: "get-card", as: keyed(""), path: []string{"a%20b%2Fc"}},
			"",
			fake{currencies: "200 []"},
			[]string{currencies, currencies + " with no credentials"},
		},
		{
			"the call that spends a card token is never made",
			call{op: "freeze-card", as: keyed(""), path: []string{"secure"}},
			"",
			fake{currencies: "200 []"},
			nil,
		},
		{
			"list-currencies itself",
			call{op: "list-currencies", as: keyed("")},
			"",
			fake{},
			[]string{currencies},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			calls, _ := plan(t, caseOf(failed(t, test.call, "FORBIDDEN"), test.account), test.api)
			if diff := cmp.Diff(test.want, calls); diff != "" {
				t.Errorf("the calls differ (- want, + got):\n%s", diff)
			}
		})
	}
}

// TestPlanIsPure: the same answers give the same next call and the same proof, and
// answers that were not asked for change nothing.
func TestPlanIsPure(t *testing.T) {
	c := caseOf(failed(t, call{op: "list-cards", as: keyed(cardholder), path: []string{cardholder}}, "FORBIDDEN"), cardholder)
	stray := probe.Answer{Request: probe.Request{Operation: "get-card", Path: "/api/cards/1"}, Status: 200, Body: []byte("{}")}
	one, _ := probe.Next(c, nil)
	two, _ := probe.Next(c, []probe.Answer{stray})
	if one != two || one.Path != currencies {
		t.Errorf("the first call is %v, and with a stray answer %v", one, two)
	}
	if diff := cmp.Diff(probe.Judge(c, nil), probe.Judge(c, nil)); diff != "" {
		t.Error(diff)
	}
}

// TestFaults: an answer that proves nothing leaves its points open and says why;
// no fault accuses anybody.
func TestFaults(t *testing.T) {
	healthy := func() fake {
		return fake{
			currencies: "200 []", accounts + cardholder: isHolder, accounts + cardholder + "/funding-sources": empty,
			"/api/cards/" + cardID: `200 {"status":"active"}`,
		}
	}
	list := accounts + cardholder + "/cards?excludeExpired=false&limit=100"
	tests := []struct {
		name, at, answer string
		calls            int
		states, says     string
	}{
		{"rate limit at the root stops the ladder", currencies, "429", 1, "unknown unknown unknown", "rate limit"},
		{"rate limit at the account stops it, too", accounts + cardholder, "429", 3, "unknown unknown unknown", "rate limit"},
		{"no connection stops it", accounts + cardholder, "reset", 3, "unknown unknown unknown", "connection reset"},
		{"a server error at the root leaves the others", currencies, "503", 4, "ok ok ok", ""},
		{"a server error at the account", accounts + cardholder, "500", 5, "ok ok ok", "the server failed (500)"},
		{"a server error at the role", accounts + cardholder + "/funding-sources", "502", 5, "ok ok ok", ""},
		{"a timeout at the card", "/api/cards/" + cardID, "timeout", 5, "unknown ok ok", "there was no response in time"},
		{"a page instead of JSON", "/api/cards/" + cardID, "200 <html>", 5, "unknown ok ok", "the response isn't JSON"},
		{"a refusal that is a page", "/api/cards/" + cardID, "403 <html>", 5, "unknown ok ok", "the response isn't JSON"},
		{"an empty answer", "/api/cards/" + cardID, "200", 5, "unknown ok ok", "the response isn't JSON"},
		{"another status", "/api/cards/" + cardID, "418 {}", 5, "unknown ok ok", "it returned 418"},
		{"a list that cannot be read", list, "500", 6, "unknown ok ok", "the list of cards is incomplete: the server failed (500)"},
		{"a list that is none", list, `200 {"items":"many"}`, 6, "unknown ok ok", "the response doesn't contain a list"},
		{"a list that does not end", list, `200 {"items":[],"pageInfo":{"nextCursor":"` + strings.Repeat("x", 4000) + `"}}`, 6, "unknown ok ok", "the list has too many pages"},
		{"a root that lets everybody in", currencies + " anonymous", "200 []", 5, "ok ok ok", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			api := healthy()
			if test.at == list {
				delete(api, "/api/cards/"+cardID)
			}
			api[test.at] = test.answer
			d := failed(t, call{op: "freeze-card", as: keyed(cardholder), path: []string{cardID}}, "FORBIDDEN")
			calls, proof := plan(t, caseOf(d, cardholder), api)
			after := d.With(proof)
			if len(calls) != test.calls {
				t.Errorf("%d calls, want %d: %q", len(calls), test.calls, calls)
			}
			if got := states(&after); got != test.states {
				t.Errorf("the verdicts are %q, want %q", got, test.states)
			}
			if got := errorsOf(&after); got != "" {
				t.Errorf("accused are %q", got)
			}
			if got := shown(&after); !strings.Contains(got, test.says) {
				t.Errorf("nothing says %q", test.says)
			}
			if t.Failed() {
				t.Log(shown(&after))
			}
		})
	}
}

// Too many pages: the budget ends before the list does, and nothing is accused.
func TestLongListIsNoProof(t *testing.T) {
	api := fake{currencies: "200 []", accounts + cardholder: isHolder, accounts + cardholder + "/funding-sources": empty}
	page := accounts + cardholder + "/cards?excludeExpired=false&limit=100"
	api[page] = `200 {"items":[{"id":"a"}],"pageInfo":{"nextCursor":"1"}}`
	for i := 1; i < 9; i++ {
		api[fmt.Sprintf("%s&cursor=%d", page, i)] = fmt.Sprintf(`200 {"items":[{"id":"a"}],"pageInfo":{"nextCursor":"%d"}}`, i+1)
	}
	d := failed(t, call{op: "freeze-card", as: keyed(cardholder), path: []string{cardID}}, "FORBIDDEN")
	calls, proof := plan(t, caseOf(d, cardholder), api)
	after := d.With(proof)
	if len(calls) != probe.Limit || states(&after) != "unknown ok ok" || !strings.Contains(shown(&after), "all 8 probes were used up") {
		t.Errorf("%d calls%s", len(calls), shown(&after))
	}
	delete(api, page+"&cursor=2")
	api[page+"&cursor=1"] = `200 {"items":[],"pageInfo":{"nextCursor":"1"}}`
	if calls, _ = plan(t, caseOf(d, cardholder), api); len(calls) > probe.Limit {
		t.Errorf("a cursor that leads to itself makes %d calls", len(calls))
	}
}

// A caller's evidence counts only where the credentials are known to count.
func TestNothingIsProvenWithoutControl(t *testing.T) {
	api := fake{currencies + " as ": "200 []", currencies + " anonymous": "200 []", accounts + cardholder: "403"}
	d := failed(t, call{op: "list-cards", as: keyed(cardholder), path: []string{cardholder}}, "FORBIDDEN")
	_, proof := plan(t, caseOf(d, cardholder), api)
	after := d.With(proof)
	if errorsOf(&after) != "" {
		t.Errorf("accused are %q%s", errorsOf(&after), shown(&after))
	}
	everybody := fake{currencies: "200 []", accounts + cardholder: "403"} // x-account-id is not looked at
	_, proof = plan(t, caseOf(d, cardholder), everybody)
	if after = d.With(proof); errorsOf(&after) != "" || states(&after) != "unknown unknown unknown" {
		t.Errorf("accused are %q%s", errorsOf(&after), shown(&after))
	}
}

// A bound of the run, or its end, stops the walk and leaves what was learnt.
func TestStopped(t *testing.T) {
	d := failed(t, call{op: "list-cards", as: keyed(cardholder), path: []string{cardholder}}, "FORBIDDEN")
	c := caseOf(d, cardholder)
	c.Limit = 2
	calls, _ := plan(t, c, fake{currencies: "200 []"})
	if len(calls) != 2 {
		t.Errorf("%d calls, two were allowed", len(calls))
	}
	c.Stopped = "the probes were interrupted"
	if _, more := probe.Next(c, nil); more {
		t.Error("it goes on after it was stopped")
	}
	after := d.With(probe.Judge(c, nil))
	if got := shown(&after); !strings.Contains(got, "not checked: the probes were interrupted") {
		t.Errorf("it does not say why:%s", got)
	}
}

// TestNotWorthProbing: what the diagnosis knows needs no calls.
func TestNotWorthProbing(t *testing.T) {
	tests := []struct {
		call call
		code string
		want string
	}{
		{call{op: "exchange-auth-token", body: `{}`}, "FORBIDDEN", "doesn't use credentials"},
		{call{op: "get-card", as: keyed(""), path: []string{"{cardId}"}}, "FORBIDDEN", "path-placeholder"},
		{call{op: "create-challenge", as: keyed(""), body: `{}`}, "INVALID_CHAIN", "no read-only request can narrow down"},
		{call{op: "create-card", as: keyed(""), body: `{}`}, "400 INVALID_REQUEST_INPUT", "no read-only request can narrow down"},
		{call{op: "create-card", as: keyed(""), body: `{}`}, "KYC_REQUIRED", ""},
		{call{op: "get-card", as: keyed(""), path: []string{cardID}}, "FORBIDDEN", ""},
	}
	for _, test := range tests {
		err := probe.ErrorOf(failed(t, test.call, test.code))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %q", test.call.op, test.code, err, test.want)
		}
	}
}
