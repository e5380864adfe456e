package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// told is a world with a scenario.
func told(t *testing.T, text string) *world {
	t.Helper()
	sc, err := ParseScenario([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, func(o *Options) { o.Scenario = sc })
}

func named(t *testing.T, name string) *world {
	t.Helper()
	sc, err := LoadScenario(name)
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, func(o *Options) { o.Scenario = sc })
}

// value returns what the story says of a name.
func (w *world) value(name string) string {
	w.Helper()
	for _, n := range w.s.Story().Names {
		if n.Name == name {
			return n.Value
		}
	}
	w.Fatalf("the story does not tell of %q: %v", name, w.s.Story().Names)
	return ""
}

// story is a scenario with everything in it.
const story = `
title: Alice wants a card of another partner.
limits: {tokenTTL: 10m, rateLimit: 1000, rateLimitPrerequisites: 100}
partners:
  - {name: acme, id: acme-0001}
  - {name: demo, statementsAllowed: false}
keys:
  - {name: acme-issuer, partner: acme}
  - {name: acme-admin, partner: acme, role: account-admin}
clientApplications:
  - {name: shop, partner: acme, origins: [https://shop.example.com]}
programs:
  - {name: gold, partner: acme, type: virtual, regions: [NZ, GB], beta: true, admitted: [customer-9]}
channels:
  - {name: simulated, partner: acme}
  - {name: billed, partner: acme, type: custodial-test-usdc, purpose: billing}
cardholders:
  - name: alice
    id: 00000000000000000000000000000a11
    partner: acme
    wallet: "0x2222222222222222222222222222222222222222"
    email: alice@example.com
    phone: "+64210000001"
    expectedSpend: 50000
    birthDate: 1985-06-07
    kyc: {status: passed, region: GB}
  - {name: bob, partner: acme, block: {reason: fraud}}
sources:
  - {name: wallet, cardholder: alice, channel: simulated, externalId: customer-9, balance: 25000000, pendingWithdrawals: 3}
cards:
  - {name: alice-card, source: wallet, program: gold, id: 00000000000000000000000000000ca4}
  - {name: lost-card, source: wallet, program: gold, block: {reason: loststolen, initiator: system}}
listeners:
  - {name: hook, account: acme, url: https://hooks.example.com, topics: [card-created]}
reports:
  - {name: monthly, partner: acme, type: monthly-payment, completed: true}
securityChallenges:
  - {name: over, cardholder: alice, expired: true}
sessions:
  - {name: alice-session, cardholder: alice, age: 5m}
faults:
  - {account: alice, value: "true"}
`

// TestScenario sets the whole story up and asks for each part of it.
func TestScenario(t *testing.T) {
	w := told(t, story)
	const alice, card = "00000000000000000000000000000a11", "00000000000000000000000000000ca4"
	as := []string{"X-Api-Key", w.value("acme-issuer api-key"), "X-Api-Secret", w.value("acme-issuer api-secret"), "X-Account-Id", alice}
	admin := []string{"X-Api-Key", w.value("acme-admin api-key"), "X-Api-Secret", w.value("acme-admin api-secret")}
	get := func(op string, as []string, path, member string) string {
		t.Helper()
		return w.do(call{op: op, as: as, path: []string{path}}).ok().text(member)
	}
	for _, c := range []struct{ got, want string }{
		{get("get-account", as, alice, "partnerAccountId"), "acme-0001"},
		{get("get-kyc-profile", as, alice, "region"), "GB"},
		{get("get-contact-details", as, alice, "email.emailAddress"), "alice@example.com"},
		{get("get-expected-spend-amount", as, alice, "expectedSpendAmount"), "50000"},
		{get("get-funding-source", as, w.value("wallet"), "balance"), "25000000"},
		{get("list-funding-source-interactions", as, w.value("wallet"), "items.#"), "3"},
		{get("get-card", as, card, "status"), "active"},
		{get("get-card", as, w.value("lost-card"), "unfreezeAllowed"), "false"},
		{get("get-cardholder-blocks", as, alice, "items.#"), "2"},
		{get("list-fault-configs", as, alice, "items.0.value"), "true"},
		{get("get-client-application", admin, w.value("shop"), "allowedOrigins.0"), "https://shop.example.com"},
		{get("list-funding-channels", admin, "acme-0001", "items.0.purpose"), "billing"},
		{get("list-webhook-listeners", admin, "acme-0001", "0.topicSubscriptions.0"), "card-created"},
		{get("get-report", admin, w.value("monthly"), "type"), "monthly-payment"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	w.do(call{op: "create-card", as: as, body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, w.value("gold"), w.value("wallet"))}).ok()
	session := []string{"Authorization", "Bearer " + w.value("alice-session access-token")}
	w.do(call{op: "get-card", as: session, path: []string{card}}).ok()
	w.pass(5 * time.Minute) // and the 5 that it is old: its life of 10 is over
	w.do(call{op: "get-card", as: session, path: []string{card}}).refused(401, "UNAUTHORIZED")
	w.do(call{op: "submit-kyc-statement", as: w.forNew(), path: []string{w.d.NewCardholderAccountID}, body: fmt.Sprintf(statement, "k", "NZ", "")}).
		refused(403, "KYC_STATEMENTS_NOT_ALLOWED")

	w.restart() // a saved story goes on
	w.do(call{op: "get-card", as: as, path: []string{card}}).ok()
	if w.s.Story().Title != "Alice wants a card of another partner." {
		t.Errorf("the title is %q", w.s.Story().Title)
	}
}

// TestWrongScenario: the place, and what would be right.
func TestWrongScenario(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"member", "titel: x\n", `line 1, column 1: there is no member "titel"; did you mean "title"?`},
		{"member of a section", "cardholders:\n  - name: alice\n    emial: a@b.c\n", `line 3, column 5: there is no member "emial"; did you mean "email"?`},
		{"member of a member", "cardholders:\n  - name: alice\n    kyc: {statsu: passed}\n", `line 3, column 11: there is no member "statsu"; did you mean "status"?`},
		{"nothing like it", "limits:\n  zzzzzzzzzz: 1\n", `line 2, column 3: there is no member "zzzzzzzzzz"; there are tokenTTL, rateLimit, rateLimitPrerequisites`},
		{"type", "limits: {rateLimit: many}\n", "line 1, column 21: "},
		{"duration", "limits: {tokenTTL: soon}\n", "time: invalid duration"},
		{"negative", "limits: {rateLimit: -1}\n", "limits: tokenTTL, rateLimit and rateLimitPrerequisites are above zero"},
		{"list for a word", "cardholders:\n  - name: [a, b]\n", "expected one value"},
		{"not YAML", "cards: [\n", "line 1, column 8: "},
		{"twice", "title: a\ntitle: b\n", `line 2, column 1: mapping key "title" already defined`},
		{"no text", "title: \x00", "not text"},
		{"tab", "cards:\n\t- name: a\n", "line 2, column 1: "},
		{"no name", "cards: [{status: active}]\n", "a card needs a name"},
		{"bad name", "cards: [{name: My Card}]\n", `line 1, column 16: a card needs a name of lower-case letters`},
		{"id of the demo's", "cards: [{name: card, id: abc}]\n", "line 1, column 26: card already exists"},
		{"taken id", "cardholders: [{name: a, id: x1}, {name: b, id: x1}]\n", "line 1, column 48: the ID x1 is already used"},
		{"bad id", "cards: [{name: a, id: \"../x\"}]\n", "an ID has at most 64 letters"},
		{"reference", "sources: [{name: a, cardholder: cardholdr}]\n", `line 1, column 33: unknown cardholder "cardholdr"; did you mean "cardholder"?`},
		{"status", "cards: [{name: card, status: frozen}]\n", `line 1, column 30: unknown card status "frozen"`},
		{"role", "keys: [{name: k, role: admin}]\n", `unknown role "admin"; there are card-issuer, account-admin`},
		{"balance", "sources: [{name: source, balance: 12.50}]\n", "line 1, column 35: balance is a whole number of the token's smallest units"},
		{"eleven", "sources: [{name: source, pendingWithdrawals: 11}]\n", "at most 10 withdrawals can be pending"},
		{"session of nobody's", "sessions: [{name: s, cardholder: new-cardholder}]\n", "has no user; give it a wallet"},
		{"topic", "listeners: [{name: l, topics: [card-made]}]\n", `unknown topic "card-made"; did you mean`},
		{"too many", "cards: [" + strings.Repeat("{name: a}, ", maxEntries+1) + "]\n", "more than 500 entries"},
		{"too long", "title: " + strings.Repeat("x", maxScenario), "longer than 256 KB"},
		{"brackets", "a: " + strings.Repeat("[", 100_000), "line 1, column 36: it nests deeper than 32 levels"},
		{"lists in one line", "title: x\na:\n" + strings.Repeat("- ", 100_000), "line 3, column 65: it nests deeper than 32 levels"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc, err := ParseScenario([]byte(c.text))
			if err == nil {
				_, err = New(Options{Now: time.Now, Scenario: sc})
			}
			var wrong *ScenarioError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if wrong.Line > 0 && !strings.Contains(wrong.Source, "^") {
				t.Errorf("no caret:\n%s", wrong.Source)
			}
		})
	}
}

// TestNamedScenarios: each one makes the call fail that it is there for.
func TestNamedScenarios(t *testing.T) {
	plain := func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.CardProgramID, "") }
	card := func(op string) func(*world) call {
		return func(w *world) call { return call{op: op, as: w.forHolder(), path: []string{w.d.CardID}} }
	}
	withdraw := func(w *world) call {
		return call{op: "create-withdrawal-intent", as: w.forHolder(), path: []string{w.d.FundingSourceID}, body: `{"amount":1}`}
	}
	spend := func(w *world) call {
		c := w.s.store.cards.get(w.d.CardID)
		return call{op: "submit-simulator-authorization", as: w.user(), body: fmt.Sprintf(
			`{"transactionType":"purchase","transactionAmount":"1","cardPan":%q,"cardExpiry":%q,"cardCvv":%q}`, c.PAN, c.expiry(), c.CVV)}
	}
	cases := map[string]struct {
		call   func(*world) call
		status int
		code   string
	}{
		"kyc-pending":         {plain, 403, "KYC_REQUIRED"},
		"kyc-failed":          {plain, 403, "KYC_REQUIRED"},
		"kyc-none":            {plain, 403, "KYC_REQUIRED"},
		"no-contact-details":  {plain, 403, "CONTACT_EMAIL_REQUIRED"},
		"no-expected-spend":   {plain, 403, "EXPECTED_SPEND_PREREQ_REQUIRED"},
		"other-region":        {plain, 403, "CARD_REGION_NOT_SUPPORTED"},
		"too-many-cards":      {plain, 403, "MAX_ACTIVE_CARDS_EXCEEDED"},
		"empty-balance":       {withdraw, 403, "INSUFFICIENT_BALANCE"},
		"withdrawals-pending": {withdraw, 403, "TOO_MANY_PENDING_WITHDRAWALS"},
		"fraud-block":         {card("unfreeze-card"), 403, "CARD_UNFREEZE_NOT_ALLOWED"},
		"expired-card":        {func(w *world) call { c := card("set-card-pin")(w); c.body = `{"newPin":"4821"}`; return c }, 403, "CARD_SET_PIN_FORBIDDEN"},
		"fault-forgotten":     {spend, 500, "INTERNAL_SERVER_ERROR"},
		"wrong-origin":        {func(w *world) call { return w.exchange(w.d.ClientApplicationID, w.d.Origin) }, 403, "ORIGIN_NOT_ALLOWED"},
		"rate-limited":        {func(w *world) call { return call{op: "list-currencies", as: w.issuer()} }, 429, "TOO_MANY_REQUESTS"},
		"new-partner":         {nil, 403, "CARD_PROGRAMS_NOT_CONFIGURED"},
		"old-tokens":          {nil, 401, "UNAUTHORIZED"},
		"statements-not-allowed": {func(w *world) call {
			return call{op: "submit-kyc-statement", as: w.forHolder(), path: []string{w.d.CardholderAccountID}, body: fmt.Sprintf(statement, "k", "NZ", "")}
		}, 403, "KYC_STATEMENTS_NOT_ALLOWED"},
	}
	for _, known := range Scenarios() {
		name := known.Name
		t.Run(name, func(t *testing.T) {
			w := named(t, name)
			c, told := cases[name]
			if title := w.s.Story().Title; !told || title != known.Title || title == "" || len(title) > 78 || !strings.HasSuffix(title, ".") {
				t.Fatalf("the scenario has no test, or does not begin with its title in one short sentence: %q", title)
			}
			switch name {
			case "rate-limited":
				for range 6 {
					w.do(c.call(w)).ok()
				}
			case "new-partner":
				id := w.value("fresh")
				as := []string{"X-Api-Key", w.value("fresh-issuer api-key"), "X-Api-Secret", w.value("fresh-issuer api-secret")}
				c.call = func(*world) call { return call{op: "get-supported-regions", as: as, path: []string{id}} }
			case "old-tokens":
				w.oldTokens()
				c.call = func(w *world) call {
					return call{op: "list-currencies", as: []string{"Authorization", "Bearer " + w.value("expired access-token")}}
				}
			}
			w.do(c.call(w)).refused(c.status, c.code)
		})
	}
	if len(ScenarioNames()) != len(cases) {
		t.Errorf("%d scenarios, %d are tested", len(ScenarioNames()), len(cases))
	}
}

func (w *world) oldTokens() {
	w.Helper()
	renew := func(name string) answer {
		w.d.RefreshToken = w.value(name + " refresh-token")
		return w.do(w.exchange(w.d.ClientApplicationID, w.d.Origin))
	}
	use := func(name string) answer {
		return w.do(call{op: "list-currencies", as: []string{"Authorization", "Bearer " + w.value(name+" access-token")}})
	}
	use("logged-out").refused(401, "UNAUTHORIZED")
	use("refresh-spent").ok()
	renew("refresh-spent").refused(403, "FORBIDDEN")
	renew("refresh-expired").refused(403, "REFRESH_TOKEN_EXPIRED")
	renew("logged-out").refused(403, "FORBIDDEN")
	renew("expired").ok()
}

// TestUnknownScenario offers the nearest one.
func TestUnknownScenario(t *testing.T) {
	for name, nearest := range map[string]string{"kyc-pendng": "kyc-pending", "../../go": "", "zzzzzzzzzzzz": "", strings.Repeat("kyc-pending", 100): ""} {
		_, err := LoadScenario(name)
		var unknown *UnknownScenarioError
		if !errors.As(err, &unknown) || unknown.Nearest != nearest {
			t.Errorf("%.20s: %v, nearest %+v", name, err, unknown)
		}
	}
}

// TestFundingTypesAreTheDocumentedOnes holds the scenario's lists to the facts.
func TestFundingTypesAreTheDocumentedOnes(t *testing.T) {
	for _, kind := range fundingTypeNames() {
		w := told(t, "channels: [{name: c, type: "+kind+"}]")
		w.do(call{op: "get-funding-channel", as: w.admin(), path: []string{w.value("c")}}).ok()
	}
	for _, kind := range reportTypes() {
		w := told(t, "reports: [{name: r, type: "+kind+"}]")
		w.do(call{op: "get-report", as: w.admin(), path: []string{w.value("r")}}).ok()
	}
}

// FuzzScenario reads anything as a scenario: an error, or a simulator that
// answers.
func FuzzScenario(f *testing.F) {
	f.Add([]byte(story))
	for _, text := range []string{
		"", "title: x", "- a", "cards: *x", "cards: &x [*x]", "a: &a [b,b]\nb: &b [*a,*a]", "limits: {tokenTTL: -1s}", "limits: {rateLimit: -1}",
		"cards: [{name: card, count: 20}]", "cardholders: [{name: cardholder, kyc: null}]", "<<: {title: x}", "title: !!binary eA==",
		"cardholders: [{name: cardholder, kyc: {status: none}, email: null}]", "%YAML 1.2\n---\ntitle: x\n...\n---\ntitle: y",
		"sessions: [{name: s, age: 9999999h}]", "sources: [{name: custodial-source, pendingWithdrawals: 2}]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sc, err := ParseScenario(text)
		if err != nil {
			return
		}
		s, err := New(Options{Now: time.Now, Scenario: sc})
		if err != nil {
			return
		}
		d := s.Demo()
		s.Story()
		for _, path := range []string{"/api/currencies", "/api/accounts/" + d.CardholderAccountID + "/cards", "/api/accounts/" + d.AccountID + "/funding-channels"} {
			r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
			r.Header.Set("X-Api-Key", d.APIKey)
			r.Header.Set("X-Api-Secret", d.APISecret)
			r.Header.Set("X-Account-Id", d.CardholderAccountID)
			recorder := httptest.NewRecorder()
			s.ServeHTTP(recorder, r)
			if recorder.Code == http.StatusInternalServerError {
				t.Errorf("%s: %s", path, recorder.Body)
			}
		}
		var b strings.Builder
		if err := s.WriteState(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(Options{Now: time.Now}, strings.NewReader(b.String())); err != nil {
			t.Errorf("the state of the scenario %q cannot be restored: %v", text, err)
		}
	})
}
