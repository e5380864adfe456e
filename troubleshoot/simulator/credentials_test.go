package simulator

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/api"
)

// TestCredentials: what is let in, and what is refused with 401.
func TestCredentials(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t, func(o *Options) { o.Seed = "other" })
	d := w.d
	parts := strings.Split(d.AccessToken, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	cases := []struct {
		name   string
		op     string // list-currencies where it is empty
		status int
		fields []string
	}{
		{"api key", "", 200, w.issuer()},
		{"access token", "", 200, w.user()},
		{"scheme in lower case", "", 200, []string{"Authorization", "bearer " + d.AccessToken}},
		{"both, the token counts", "", 200, append(w.user(), "X-Api-Key", "nonsense")},
		{"none", "", 401, nil},
		{"key alone", "", 401, []string{"X-Api-Key", d.APIKey}},
		{"secret alone", "", 401, []string{"X-Api-Secret", d.APISecret}},
		{"swapped", "", 401, []string{"X-Api-Key", d.APISecret, "X-Api-Secret", d.APIKey}},
		{"secret of the other key", "", 401, []string{"X-Api-Key", d.APIKey, "X-Api-Secret", d.AdminSecret}},
		{"unknown key", "", 401, []string{"X-Api-Key", "imm-key-test-0", "X-Api-Secret", d.APISecret}},
		{"no Bearer prefix", "", 401, []string{"Authorization", d.AccessToken}},
		{"Basic", "", 401, []string{"Authorization", "Basic dTpw"}},
		{"placeholder", "", 401, []string{"Authorization", "Bearer undefined"}},
		{"refresh token", "", 401, []string{"Authorization", "Bearer " + d.RefreshToken}},
		{"altered claims", "", 401, []string{"Authorization", "Bearer " + parts[0] + ".e30." + parts[2]}},
		{"alg none", "", 401, []string{"Authorization", "Bearer " + unsigned}},
		{"another simulator's session", "", 401, []string{"Authorization", "Bearer " + other.d.AccessToken}},
		{"logout takes no key", "logout", 401, w.issuer()},
		{"no credentials needed", "get-webhook-jwks", 200, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			op := c.op
			if op == "" {
				op = "list-currencies"
			}
			answer := w.do(call{op: op, as: c.fields})
			if c.status == 200 {
				answer.ok()
				return
			}
			answer.refused(401, "UNAUTHORIZED")
			if answer.header.Get("WWW-Authenticate") == "" {
				t.Error("the answer lacks WWW-Authenticate")
			}
		})
	}
}

// TestEveryOperationWantsItsCredentials: without any, exactly the documented six
// and the two routes outside the reference answer otherwise than 401.
func TestEveryOperationWantsItsCredentials(t *testing.T) {
	w := newWorld(t)
	var open []string
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		c := call{op: r.ID, path: slices.Repeat([]string{"x"}, strings.Count(r.Path, "{"))}
		if answer := w.do(c); answer.status != 401 {
			open = append(open, r.ID)
		}
		if (op.Security == api.SecurityNone) != slices.Contains(open, r.ID) {
			t.Errorf("%s: security is %s", r.ID, op.Security)
		}
	}
	if len(open) != 8 {
		t.Errorf("open without credentials: %v", open)
	}
}

// TestTokensAge: an access token ends after TokenTTL, and a session at its logout.
func TestTokensAge(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.TokenTTL = time.Minute })
	read := call{op: "list-currencies", as: w.user()}
	w.pass(59 * time.Second)
	w.do(read).ok()
	w.pass(time.Second)
	w.do(read).refused(401, "UNAUTHORIZED")

	fresh := w.do(w.exchange(w.d.ClientApplicationID, w.d.Origin)).ok()
	read.as = []string{"Authorization", "Bearer " + fresh.text("accessToken")}
	w.do(read).ok()
	w.do(call{op: "logout", as: read.as}).ok()
	w.do(read).refused(401, "UNAUTHORIZED")
	again := w.exchange(w.d.ClientApplicationID, w.d.Origin)
	again.body = strings.Replace(again.body, w.d.RefreshToken, fresh.text("refreshToken"), 1)
	w.do(again).refused(403, "FORBIDDEN")
}

func TestTokenClaims(t *testing.T) {
	w := newWorld(t)
	head, _ := base64.RawURLEncoding.DecodeString(strings.Split(w.d.AccessToken, ".")[0])
	if !strings.Contains(string(head), `"alg":"RS256"`) {
		t.Errorf("the header is %s", head)
	}
	access, err := w.s.store.verify(w.d.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	refresh, err := w.s.store.verify(w.d.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if access.Subject != w.d.OwnerUserID || access.Expires-access.Issued != 1200 || refresh.Expires-refresh.Issued != 2_592_000 {
		t.Errorf("access %+v, refresh %+v", access, refresh)
	}
}

// TestAccess is the ladder behind a 403: role, membership, account, resource.
func TestAccess(t *testing.T) {
	w := newWorld(t)
	d := w.d
	const yes, no = 200, 403
	get := func(op, id string) call { return call{op: op, path: []string{id}} }
	cases := []struct {
		name string
		call call
		as   []string
		want int
	}{
		{"issuer reads its own partner", get("get-account", d.AccountID), w.issuer(), yes},
		{"issuer reads a cardholder without naming it", get("get-account", d.CardholderAccountID), w.issuer(), no},
		{"and naming it", get("get-account", d.CardholderAccountID), w.forHolder(), yes},
		{"and naming the partner", get("get-account", d.CardholderAccountID), w.issuerFor(d.AccountID), no},
		{"and naming another cardholder", get("get-account", d.CardholderAccountID), w.forNew(), no},
		{"and naming nobody's account", get("get-account", d.CardholderAccountID), w.issuerFor("0123"), no},
		{"issuer names a stranger", get("get-account", d.ForeignAccountID), w.issuerFor(d.ForeignAccountID), no},
		{"x-account-id unknown, nothing else wanted", call{op: "list-currencies"}, w.issuerFor("0123"), no},
		{"issuer reads a card without naming", get("get-card", d.CardID), w.issuer(), no},
		{"and naming", get("get-card", d.CardID), w.forHolder(), yes},
		{"a card of another cardholder", get("get-card", d.CardID), w.forNew(), no},
		{"a stranger's card", get("get-card", d.ForeignCardID), w.forHolder(), no},
		{"a card of the live environment", get("get-card", d.LiveCardID), w.forHolder(), no},
		{"a card that does not exist", get("get-card", "0123"), w.forHolder(), no},
		{"an id of another kind", get("get-card", d.FundingSourceID), w.forHolder(), no},
		{"the samples omit it for contact details", get("get-contact-details", d.CardholderAccountID), w.issuer(), yes},
		{"but naming another cardholder is no omission", get("get-contact-details", d.CardholderAccountID), w.forNew(), no},
		{"but not for a stranger's", get("get-contact-details", d.ForeignAccountID), w.issuer(), no},
		{"contact details of a partner", get("get-contact-details", d.AccountID), w.issuer(), no},
		{"admin on cardholder data", get("list-cards", d.CardholderAccountID), append(w.admin(), "X-Account-Id", d.CardholderAccountID), no},
		{"admin reads a cardholder's account", get("get-account", d.CardholderAccountID), append(w.admin(), "X-Account-Id", d.CardholderAccountID), no},
		{"admin on partner data", get("list-funding-channels", d.AccountID), w.admin(), yes},
		{"admin naming the partner", get("get-client-application", d.ClientApplicationID), append(w.admin(), "X-Account-Id", d.AccountID), yes},
		{"admin on another partner", get("list-funding-channels", d.ForeignPartnerID), w.admin(), no},
		{"issuer on partner data", get("list-funding-channels", d.AccountID), w.issuer(), no},
		{"issuer on webhooks", get("list-webhook-listeners", d.AccountID), w.issuer(), no},
		{"issuer on client applications", get("get-client-application", d.ClientApplicationID), w.issuer(), no},
		{"issuer on regions", get("get-supported-regions", d.AccountID), w.issuer(), yes},
		{"admin on regions", get("get-supported-regions", d.AccountID), w.admin(), yes},
		{"user on regions of the partner", get("get-supported-regions", d.AccountID), w.user(), yes},
		{"user on regions of another partner", get("get-supported-regions", d.ForeignPartnerID), w.user(), no},
		{"user reads the own account", get("get-account", d.CardholderAccountID), w.user(), yes},
		{"user reads another cardholder", get("get-account", d.NewCardholderAccountID), w.user(), no},
		{"user reads the partner", get("get-account", d.AccountID), w.user(), no},
		{"user on partner data", get("list-funding-channels", d.AccountID), w.user(), no},
		{"user names another account", get("get-account", d.CardholderAccountID), append(w.user(), "X-Account-Id", d.NewCardholderAccountID), no},
		{"user names another account, nothing else wanted", call{op: "list-currencies"}, append(w.user(), "X-Account-Id", d.NewCardholderAccountID), no},
		{"admin makes a cardholder", call{op: "create-account", body: `{"type":"cardholder","parentAccountId":"` + d.AccountID + `"}`}, w.admin(), no},
		{"issuer makes a cardholder", call{op: "create-account", body: `{"type":"cardholder","parentAccountId":"` + d.AccountID + `"}`}, w.issuer(), yes},
		{"user names the own account", get("get-card", d.CardID), append(w.user(), "X-Account-Id", d.CardholderAccountID), yes},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			c.call.as = c.as
			answer := w.do(c.call)
			if c.want == yes {
				answer.ok()
				return
			}
			answer.refused(403, "FORBIDDEN")
		})
	}
}

// TestForm: what does not fit the documented form is 400, with the place.
func TestForm(t *testing.T) {
	w := newWorld(t)
	d := w.d
	card := fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q`, d.CardProgramID, d.FundingSourceID)
	nobody, fields := form("", "application/pdf", "x")
	cases := []struct {
		name string
		call call
		path string // errors[0].path
	}{
		{"a file of nobody", call{op: "upload-file", body: nobody, fields: fields}, "accountId"},
		{"a file as JSON", call{op: "upload-file", body: "{}"}, ""},
		{"missing member", call{op: "create-card", body: `{"fundingSourceId":"x"}`}, "cardProgramId"},
		{"wrong type", call{op: "create-card", body: `{"cardProgramId":7,"fundingSourceId":"x"}`}, "cardProgramId"},
		{"nested enum", call{op: "create-card", body: card + `,"shippingMethod":"pigeon"}`}, "shippingMethod"},
		{"nested member", call{op: "create-card", body: card + `,"shippingAddress":{"country":1}}`}, "shippingAddress.country"},
		{"in an array", call{op: "submit-residential-addresses", path: []string{d.CardholderAccountID}, body: `[{"fullAddress":"x","country":"NZ"},{"fullAddress":"x"}]`}, "[1].country"},
		{"no body", call{op: "create-card"}, ""},
		{"not JSON", call{op: "create-card", body: card + ",}"}, ""},
		{"form encoding", call{op: "create-card", body: card + "}", fields: []string{"Content-Type", "application/x-www-form-urlencoded"}}, ""},
		{"too deep", call{op: "create-card", body: strings.Repeat("[", 2000) + strings.Repeat("]", 2000)}, ""},
		{"too long a string", call{op: "create-card", body: card + `,"language":"` + strings.Repeat("x", maxText+1) + `"}`}, ""},
		{"too long a body", call{op: "create-card", body: card + strings.Repeat(" ", maxBody) + "}"}, ""},
		{"missing parameter", call{op: "get-currency-conversion", query: "currency=USD"}, "amount"},
		{"amount with a fraction", call{op: "get-currency-conversion", query: "currency=USD&amount=12.50"}, "amount"},
		{"limit not a number", call{op: "list-cards", path: []string{d.CardholderAccountID}, query: "limit=ten"}, "limit"},
		{"limit of nothing", call{op: "list-cards", path: []string{d.CardholderAccountID}, query: "limit=0"}, "limit"},
		{"unknown status", call{op: "list-cards", path: []string{d.CardholderAccountID}, query: "status=frozen"}, "status"},
		{"not a boolean", call{op: "list-cards", path: []string{d.CardholderAccountID}, query: "excludeExpired=yes"}, "excludeExpired"},
		{"unknown item", call{op: "list-funding-source-interactions", path: []string{d.FundingSourceID}, query: "type=Deposit&type=withdrawal"}, "type"},
		{"not a date", call{op: "list-transactions", path: []string{d.CardholderAccountID}, query: "fromUTC=yesterday"}, "fromUTC"},
		{"foreign cursor", call{op: "list-cards", path: []string{d.CardholderAccountID}, query: "cursor=abc"}, "cursor"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.T = t
			c.call.as = w.forHolder()
			answer := w.do(c.call).refused(400, "INVALID_REQUEST_INPUT")
			if got := answer.text("errors.0.path"); got != c.path || answer.text("errors.0.message") == "" {
				t.Errorf("errors: %s, want the path %q", answer.get("errors").Raw, c.path)
			}
		})
	}
	t.Run("the guides' number for spendableAmount passes", func(t *testing.T) {
		w.T = t
		ask := w.prerequisites(d.CardProgramID, d.FundingSourceID, "")
		ask.body = strings.Replace(ask.body, `"500"`, `500`, 1)
		w.do(ask).ok()
	})
}

// TestOrderOfRefusals: 401 comes before 400, 400 before 403.
func TestOrderOfRefusals(t *testing.T) {
	w := newWorld(t)
	w.do(call{op: "create-card", body: "{"}).refused(401, "UNAUTHORIZED")
	w.do(call{op: "create-card", body: "{", as: w.issuer(), fields: []string{"X-Account-Id", "0123"}}).refused(400, "INVALID_REQUEST_INPUT")
}

// TestPages walks a list by its cursors.
func TestPages(t *testing.T) {
	w := newWorld(t)
	at := []string{w.d.CardholderAccountID}
	seen := map[string]bool{}
	query, pages := "limit=3", 0
	for query != "" {
		page := w.do(call{op: "list-cards", as: w.user(), path: at, query: query}).ok()
		for _, id := range page.get("items.#.id").Array() {
			seen[id.String()] = true
		}
		if pages++; pages > 5 {
			t.Fatal("the list has no end")
		}
		query = ""
		if next := page.text("pageInfo.nextCursor"); next != "" {
			query = "limit=3&cursor=" + next
			w.do(call{op: "list-cards", as: w.user(), path: at, query: query + "&status=active"}).refused(400, "INVALID_REQUEST_INPUT")
		}
	}
	if len(seen) != 4 || pages != 2 {
		t.Errorf("%d cards on %d pages, want 4 on 2", len(seen), pages)
	}
}
