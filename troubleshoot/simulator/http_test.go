package simulator

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// integrator is a client as an integrator writes one: it knows URLs, header
// fields and bodies, and nothing of this package.
type integrator struct {
	*testing.T
	url    string
	fields map[string]string
}

// send makes a request and demands status and, of a failure, errorCode.
func (i integrator) send(method, path, body string, status int, code string) gjson.Result {
	i.Helper()
	r, err := http.NewRequest(method, i.url+path, strings.NewReader(body))
	if err != nil {
		i.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range i.fields {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		i.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		i.Fatal(err)
	}
	if got := gjson.GetBytes(text, "errorCode").String(); response.StatusCode != status || got != code {
		i.Fatalf("%s %s: %d %s, want %d %s; %s", method, path, response.StatusCode, got, status, code, text)
	}
	return gjson.ParseBytes(text)
}

// until asks until a member has a value; things take about a second here.
func (i integrator) until(path, member, value string) {
	i.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if i.send("GET", path, "", 200, "").Get(member).String() == value {
			return
		}
	}
	i.Fatalf("%s: %s does not become %s", path, member, value)
}

// TestCustodialStory is the documented road of a custodial partner, over HTTP,
// with the answers to the mistakes on its way.
func TestCustodialStory(t *testing.T) {
	s, server := start(t, Options{})
	d := s.Demo()
	partner := integrator{t, server.URL, map[string]string{"x-api-key": d.APIKey, "x-api-secret": d.APISecret}}
	account := partner.send("POST", "/api/accounts", `{"type":"cardholder","parentAccountId":"`+d.AccountID+`"}`, 200, "").Get("id").String()
	i := integrator{t, server.URL, map[string]string{"x-api-key": d.APIKey, "x-api-secret": d.APISecret, "x-account-id": account}}
	at := "/api/accounts/" + account

	source := i.send("POST", "/api/funding-sources", fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q}`, account, d.FundingChannelID), 200, "").Get("id").String()
	wish := fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, d.CardProgramID, source)
	i.send("POST", "/api/cards", wish, 403, "KYC_REQUIRED")
	i.send("PATCH", at+"/contact-details", `{"email":"a@example.com"}`, 400, "INVALID_REQUEST_INPUT")
	i.send("PATCH", at+"/contact-details", `{"email":{"emailAddress":"a@example.com"}}`, 200, "")
	i.send("GET", at+"/kyc-profile", "", 403, "KYC_PROFILE_DOES_NOT_EXIST")
	i.send("PUT", at+"/partner-kyc-statement", fmt.Sprintf(statement, "k1", "NZ", ""), 200, "")
	ask := fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"500","spendableCurrency":"USD","kycType":"partner-conducted","kycRegion":"NZ"}`, d.CardProgramID, source)
	todo := i.send("POST", "/api/spending-prerequisites", ask, 200, "").Get("prerequisites")
	if got := todo.Get(`#(stage=="kyc")#.actionType`).Raw; got != `["submit_contact_phone","set_expected_spend_amount"]` {
		t.Errorf("what is missing for KYC: %s", got)
	}
	i.send("PATCH", at+"/contact-details", `{"phone":{"phoneNumber":"+64210000000"}}`, 200, "")
	i.send("POST", at+"/expected-spend-amount", `{"expectedSpendAmount":"2000.00"}`, 400, "INVALID_REQUEST_INPUT")
	i.send("POST", at+"/expected-spend-amount", `{"expectedSpendAmount":"200000"}`, 200, "")
	i.send("POST", "/api/spending-prerequisites", ask, 200, "") // the check begins
	i.until(at+"/kyc-profile", "status", "passed")
	deposit := todo.Get(`#(stage=="funding").params.payload`).Raw

	i.send("POST", "/api/simulator/execute-deposit", deposit, 200, "")
	card := i.send("POST", "/api/cards", wish, 200, "").Get("cardId").String()
	i.until("/api/cards/"+card, "status", "active")
	for _, p := range i.send("POST", "/api/spending-prerequisites", ask, 200, "").Get("prerequisites.#.status").Array() {
		if p.String() != "ok" {
			t.Errorf("a prerequisite is %s still", p)
		}
	}
	i.pay(card)
	i.send("POST", "/api/cards/"+card+"/freeze", "", 200, "")
	i.send("POST", "/api/cards/"+card+"/freeze", "", 403, "CARD_ALREADY_FROZEN")

	withdraw := "/api/funding-sources/" + source + "/withdraw"
	i.send("POST", withdraw, `{"amount":5000001}`, 403, "INSUFFICIENT_BALANCE")
	for range 10 {
		i.send("POST", withdraw, `{"amount":1}`, 200, "")
	}
	i.send("POST", withdraw, `{"amount":1}`, 403, "TOO_MANY_PENDING_WITHDRAWALS")
	if got := i.send("GET", "/api/funding-source/"+source, "", 200, "").Get("balance").String(); got != "3499990" {
		t.Errorf("the balance is %s: 5 USDC, less 1.50 paid and 10 units withdrawn, are 3499990", got)
	}
	partner.send("GET", "/api/cards/"+card, "", 403, "FORBIDDEN") // without x-account-id
}

// pay makes a purchase of 1.50 USD with the details of the card.
func (i integrator) pay(card string) {
	i.Helper()
	link := i.send("POST", "/api/cards/"+card+"/pan-token", "", 200, "").Get("callbackUrl").String()
	anyone := integrator{i.T, "", nil}
	details := anyone.send("GET", link, "", 200, "")
	anyone.send("GET", link, "", 403, "FORBIDDEN")
	paid := i.send("POST", "/api/simulator/authorize", fmt.Sprintf(
		`{"transactionType":"purchase","transactionAmount":"150","cardPan":%q,"cardExpiry":%q,"cardCvv":%q}`,
		details.Get("pan").String(), details.Get("expiry").String(), details.Get("cvv2").String()), 200, "")
	if !strings.Contains(paid.Get("responseMsg").String(), "approved") {
		i.Errorf("declined: %s", paid.Raw)
	}
}

// TestWalletStory is the login of a wallet's user, over HTTP: begun, completed,
// renewed, and the spent refresh token.
func TestWalletStory(t *testing.T) {
	s, server := start(t, Options{TokenTTL: time.Second})
	d := s.Demo()
	app := integrator{t, server.URL, map[string]string{"origin": d.Origin}}
	login := fmt.Sprintf(`{"loginMethod":"siwe","network":"polygon-amoy","clientApplicationId":%q,"scopes":["cardholder-partner"],"address":%q,"url":%q`, d.ClientApplicationID, stranger, d.Origin)

	app.send("POST", "/auth/login-init", login+`}`, 403, "ACCOUNT_DOES_NOT_EXIST")
	app.send("POST", "/auth/login-init", strings.Replace(login, ":3000", "", 1)+`}`, 403, "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED")
	begun := app.send("POST", "/auth/login-init", login+`,"autoSignup":true}`, 200, "").Get("id").String()
	finish := func(signed string) string { return fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, begun, signed) }
	app.send("POST", "/auth/login-complete", finish("paste signature here"), 403, "INVALID_SIGNATURE")
	session := app.send("POST", "/auth/login-complete", finish(signature), 200, "")
	app.send("POST", "/auth/signup", login+`}`, 403, "ACCOUNT_EXISTS")

	at := "/api/accounts/" + session.Get("cardholderAccountId").String()
	user := func(session gjson.Result) integrator {
		return integrator{t, server.URL, map[string]string{"authorization": "Bearer " + session.Get("accessToken").String()}}
	}
	user(session).send("GET", at, "", 200, "")
	user(session).send("GET", "/api/accounts/"+d.CardholderAccountID, "", 403, "FORBIDDEN")
	time.Sleep(time.Until(time.Unix(claimsOf(t, session.Get("accessToken").String()).Get("exp").Int(), 0)))
	user(session).send("GET", at, "", 401, "UNAUTHORIZED") // the access token has expired

	renew := func(session gjson.Result) string {
		return fmt.Sprintf(`{"refreshToken":%q,"clientApplicationId":%q}`, session.Get("refreshToken").String(), d.ClientApplicationID)
	}
	integrator{t, server.URL, nil}.send("POST", "/auth/token", renew(session), 403, "ORIGIN_NOT_ALLOWED")
	renewed := app.send("POST", "/auth/token", renew(session), 200, "")
	app.send("POST", "/auth/token", renew(session), 403, "FORBIDDEN") // single-use
	user(renewed).send("POST", "/auth/logout", "", 200, "")
	user(renewed).send("GET", at, "", 401, "UNAUTHORIZED")
	app.send("POST", "/auth/token", renew(renewed), 403, "FORBIDDEN")
}

// claimsOf reads a token's claims.
func claimsOf(t *testing.T, token string) gjson.Result {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return gjson.ParseBytes(payload)
}
