package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

const (
	signature = "0x" + "a91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bfa91fd3b8bf1b"
	stranger  = "0x1111111111111111111111111111111111111111"
)

// statement is a KYC statement that passes in the test environment.
const statement = `{"idempotencyKey":%q,"region":%q,"claims":[
 {"claimType":"DOB","attributes":{"dateOfBirth":"1985-06-07"}},
 {"claimType":"FULL_NAME","attributes":{"givenName":"Ada","middleName":"passall","familyName":"Example"}},
 {"claimType":"ADDRESS","attributes":{"streetNumber":"3","streetName":"Queen Street","town":"Auckland","country":"NZ"}}],
 "evidence":[{"evidenceType":"PASSPORT","documentId":"DS230475","country":"NZ","expiry":"2030-10-12"}]%s}`

func form(account, kind, content string) (body string, fields []string) {
	part := func(head, text string) string {
		return "--xx\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + text + "\r\n"
	}
	body = part(`name="purpose"`, "kyc-doc-upload") + part(`name="accountId"`, account) +
		part("name=\"file\"; filename=\"passport.pdf\"\r\nContent-Type: "+kind, content) + "--xx--\r\n"
	return body, []string{"Content-Type", `multipart/form-data; boundary="xx"`}
}

// TestEveryOperationSucceeds drives all operations through one story to their
// documented success, and holds every answer to its documented schema.
func TestEveryOperationSucceeds(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	do := func(c call) answer {
		t.Helper()
		seen[c.op] = true
		return w.do(c).ok()
	}
	w.tellPartner(do)
	w.tellLogin(do)
	w.tellCardholder(do)
	w.tellCards(do)
	w.tellFunding(do)
	w.tellPayments(do)
	w.tellReading(do)
	for _, r := range api.Routes() {
		if !seen[r.ID] {
			t.Errorf("%s was not driven to its success", r.ID)
		}
	}
}

// tellPartner: client applications, profiles, channels, webhooks, reports.
func (w *world) tellPartner(do func(call) answer) {
	d, admin := w.d, w.admin()
	do(call{op: "get-client-application", as: admin, path: []string{d.ClientApplicationID}})
	do(call{op: "update-allowed-origins", as: admin, path: []string{d.ClientApplicationID}, body: `{"allowedOrigins":["http://localhost:3000","https://app.example.com"]}`})
	if got := do(call{op: "get-client-application", as: admin, path: []string{d.ClientApplicationID}}).text("allowedOrigins.1"); got != "https://app.example.com" {
		w.Errorf("the second origin is %q", got)
	}
	do(call{op: "configure-partner-profile", as: admin, path: []string{d.AccountID}, body: `{"attributeName":"email.kyc.enabled","attributeValue":true}`})
	do(call{op: "configure-partner-profile", as: admin, path: []string{d.AccountID}, body: `{"attributeName":"logoUrl","attributeValue":"https://example.com/l.png"}`})
	if got := do(call{op: "get-partner-profile", as: admin, path: []string{d.AccountID}}).text("logoUrl"); got != "https://example.com/l.png" {
		w.Errorf("logoUrl is %q", got)
	}
	channel := do(call{op: "create-funding-channel", as: admin, body: `{"accountId":"` + d.AccountID + `","fundingTypeName":"simulator-usdc","params":{}}`}).text("id")
	do(call{op: "get-funding-channel", as: admin, path: []string{channel}})
	if got := do(call{op: "list-funding-channels", as: admin, path: []string{d.AccountID}, query: "limit=1"}); got.text("items.0.id") != channel || got.text("pageInfo.nextCursor") == "" {
		w.Errorf("the newest channel is %s", got.body)
	}
	listener := do(call{op: "create-webhook-listener", as: admin, body: `{"accountId":"` + d.AccountID + `","url":"https://example.com/hooks"}`}).text("id")
	for _, topic := range []string{"card-created", "kyc-succeeded", "cardholder-block-released", "async-test"} {
		do(call{op: "add-webhook-topic-subscription", as: admin, path: []string{listener}, body: `{"topic":"` + topic + `"}`})
	}
	do(call{op: "get-webhook-listener", as: admin, path: []string{listener}})
	do(call{op: "list-webhook-listeners", as: admin, path: []string{d.AccountID}})
	sent := do(call{op: "send-webhook-test-notification", as: admin, body: `{"accountId":"` + d.AccountID + `","topic":"async-test"}`})
	if got := do(call{op: "list-webhook-notifications", as: admin, path: []string{d.AccountID}}); got.text("items.0.id") != sent.text("notifications.0.id") {
		w.Errorf("the test notification is not listed: %s", got.body)
	}
	do(call{op: "remove-webhook-topic-subscription", as: admin, path: []string{listener}, body: `{"topic":"async-test"}`})
	second := do(call{op: "create-webhook-listener", as: admin, body: `{"accountId":"` + d.AccountID + `","url":"https://example.com/other"}`}).text("id")
	do(call{op: "delete-webhook-listener", as: admin, path: []string{second}})
	do(call{op: "get-webhook-jwks"})
	do(call{op: "list-reports-by-account", as: admin, path: []string{d.AccountID}, query: "type=daily-payment"})
	do(call{op: "get-report", as: admin, path: []string{d.ReportID}})
	do(call{op: "create-report-download-url", as: admin, path: []string{d.ReportID}})
	do(call{op: "get-supported-regions", as: w.issuer(), path: []string{d.AccountID}})
}

// tellLogin: all ways in, and out again.
func (w *world) tellLogin(do func(call) answer) {
	d := w.d
	login := `{"loginMethod":"siwe","network":"polygon-amoy","clientApplicationId":"` + d.ClientApplicationID +
		`","scopes":["cardholder-partner"],"address":"` + stranger + `","url":"http://localhost:3000/login"`
	request := do(call{op: "sign-up", body: login + "}"}).text("id")
	session := do(call{op: "complete-login", body: fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, request, signature)})
	as := []string{"Authorization", "Bearer " + session.text("accessToken")}
	do(call{op: "get-account", as: as, path: []string{session.text("cardholderAccountId")}})
	renewed := do(call{
		op: "exchange-auth-token", fields: []string{"Origin", d.Origin},
		body: fmt.Sprintf(`{"refreshToken":%q,"clientApplicationId":%q}`, session.text("refreshToken"), d.ClientApplicationID),
	})
	do(call{op: "logout", as: []string{"Authorization", "Bearer " + renewed.text("accessToken")}})
	again := do(call{op: "initiate-login", body: login + "}"}).text("id")
	second := do(call{op: "complete-login", body: fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, again, signature)})
	if second.text("cardholderAccountId") != session.text("cardholderAccountId") {
		w.Error("the second login leads to another account")
	}
	message := do(call{op: "initiate-siwe-login", body: fmt.Sprintf(`{"walletAddress":%q,"chainId":80002,"clientApplicationId":%q,"scopes":["cardholder-partner"],"url":"http://localhost:3000"}`, stranger, d.ClientApplicationID)}).body
	do(call{op: "complete-siwe-login", body: fmt.Sprintf(`{"message":%q,"signature":%q}`, message, signature)})
}

// tellCardholder: a custodial cardholder from nothing to activated.
func (w *world) tellCardholder(do func(call) answer) {
	d := w.d
	account := do(call{op: "create-account", as: w.issuer(), body: `{"type":"cardholder","parentAccountId":"` + d.AccountID + `"}`}).text("id")
	as, at := w.issuerFor(account), []string{account}
	if got := do(call{op: "get-cardholder-blocks", as: as, path: at}).text("items.0.status"); got != "created" {
		w.Errorf("the activation block is %q", got)
	}
	do(call{op: "update-contact-details", as: as, path: at, body: `{"email":{"emailAddress":"a@example.com"},"phone":{"phoneNumber":"+64210000000"}}`})
	do(call{op: "get-contact-details", as: as, path: at})
	do(call{op: "update-expected-spend-amount", as: as, path: at, body: `{"expectedSpendAmount":"200000"}`})
	do(call{op: "get-expected-spend-amount", as: as, path: at})
	do(call{op: "submit-residential-addresses", as: as, path: at, body: `[{"fullAddress":"1 Queen Street, Auckland","country":"NZ"}]`})
	do(call{op: "get-residential-addresses", as: as, path: at})
	body, fields := form(account, "application/pdf", "%PDF")
	file := do(call{op: "upload-file", as: w.issuer(), body: body, fields: fields}).text("id")
	do(call{op: "get-file-upload", as: as, path: []string{file}})
	attached := `,"attachments":[{"fileId":"` + file + `","type":"passport"}]`
	do(call{op: "submit-kyc-statement", as: as, path: at, body: fmt.Sprintf(statement, "k1", "NZ", attached)})
	do(call{op: "get-kyc-statement", as: as, path: at})
	source := do(call{op: "create-funding-source", as: as, body: fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q}`, account, d.FundingChannelID)}).text("id")
	ask := call{op: "get-spending-prerequisites", as: as, body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"500","spendableCurrency":"USD","kycType":"partner-conducted","kycRegion":"NZ"}`, d.CardProgramID, source)}
	if got := do(ask); got.text("prerequisites.0.params.payload.amount") != "5000000" || got.text("prerequisites.1.status") != "pending" {
		w.Errorf("prerequisites: %s", got.body)
	}
	w.pass(kycTime)
	if got := do(call{op: "get-kyc-profile", as: as, path: at}).text("status"); got != "passed" {
		w.Errorf("KYC is %q", got)
	}
	if got := do(call{op: "get-cardholder-blocks", as: as, path: at}).text("items.0.status"); got != "released" {
		w.Errorf("the activation block is %q after all is known", got)
	}
	do(call{op: "create-support-session", as: as, body: `{"accountId":"` + account + `"}`})
}

// tellCards: a virtual card's life, and a physical one's.
func (w *world) tellCards(do func(call) answer) {
	d, as := w.d, w.user()
	id := do(call{op: "create-card", as: as, body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, d.CardProgramID, d.FundingSourceID)}).text("cardId")
	at := []string{id}
	want := func(member, value string) {
		w.Helper()
		if got := do(call{op: "get-card", as: as, path: at}).text(member); got != value {
			w.Errorf("the card's %s is %q, want %q", member, got, value)
		}
	}
	want("status", "created")
	w.pass(provisioningTime)
	want("status", "active")
	do(call{op: "freeze-card", as: as, path: at})
	want("isBlocked", "true")
	want("unfreezeAllowed", "true")
	do(call{op: "unfreeze-card", as: as, path: at, body: `{"message":"Found it."}`})
	want("isBlocked", "false")
	do(call{op: "set-card-pin", as: as, path: at, body: `{"newPin":"4821"}`})
	do(call{op: "provision-card-to-apple-pay", as: as, path: at, body: `{"certChain":["MIIE","MIID"],"nonce":"Tn9a","nonceSignature":"MEUC"}`})
	successor := do(call{op: "reissue-card", as: as, path: at, body: `{"reissuanceType":"standard-renewal"}`}).text("cardId")
	want("successorCardId", successor)
	w.pass(provisioningTime)
	want("cancelReason", "reissued")
	do(call{op: "cancel-card", as: as, path: []string{successor}})
	do(call{op: "activate-card", as: as, path: []string{d.PhysicalCardID}})
	do(call{op: "list-cards", as: as, path: []string{d.CardholderAccountID}, query: "status=active&excludeExpired=true&limit=2"})
}

// tellFunding: deposits and withdrawals.
func (w *world) tellFunding(do func(call) answer) {
	d, as, at := w.d, w.forHolder(), []string{w.d.FundingSourceID}
	do(call{op: "execute-simulator-deposit", as: as, body: fmt.Sprintf(`{"amount":"5000000","fundingSourceId":%q}`, d.FundingSourceID)})
	intent := do(call{op: "create-withdrawal-intent", as: as, path: at, body: `{"amount":3000000}`})
	do(call{op: "execute-simulator-withdrawal", as: as, body: intent.get("execution.payload").Raw})
	if got := do(call{op: "get-funding-source", as: as, path: at}).text("balance"); got != "1002000000" {
		w.Errorf("the balance is %s", got)
	}
	got := do(call{op: "list-funding-source-interactions", as: as, path: at, query: "type=Withdrawal&type=Deposit&createdFrom=2026-11-23"})
	if got.text("items.0.status") != "Confirmed" || got.get("items.#").Int() != 2 {
		w.Errorf("interactions: %s", got.body)
	}
	do(call{op: "list-funding-sources", as: as, path: []string{d.CardholderAccountID}})
	do(call{op: "create-challenge", as: as, body: fmt.Sprintf(`{"purpose":"claim-web3-address","network":"polygon-amoy","address":%q}`, stranger)})
}

// tellPayments: a purchase from authorization to reversal, with the details that
// the card token opens.
func (w *world) tellPayments(do func(call) answer) {
	d, as := w.d, w.user()
	token := do(call{op: "get-card-token", as: as, path: []string{d.CardID}})
	secure := do(call{op: "get-secure-card-details", query: "tokenId=" + token.text("tokenId")})
	if !strings.HasPrefix(secure.text("pan"), "999999") {
		w.Errorf("the card number begins with %s", secure.text("pan")[:6])
	}
	card := fmt.Sprintf(`"transactionType":"purchase","transactionAmount":"1500","cardPan":%q,"cardExpiry":%q,"cardCvv":%q`,
		secure.text("pan"), secure.text("expiry"), secure.text("cvv2"))
	first := do(call{op: "submit-simulator-authorization", as: as, body: "{" + card + "}"})
	if !strings.Contains(first.text("responseMsg"), "approved") {
		w.Errorf("the authorization says %s", first.body)
	}
	do(call{op: "submit-simulator-clearing", as: as, body: fmt.Sprintf(`{%s,"authorizationRequestMsg":%q,"authorizationResponseMsg":%q}`,
		card, first.text("requestMsg"), first.text("responseMsg"))})
	list := do(call{op: "list-transactions", as: as, path: []string{d.CardholderAccountID}, query: "statuses=all&limit=1"})
	if list.text("items.0.status") != "cleared" || list.text("items.0.amount") != "1500" {
		w.Errorf("the newest transaction is %s", list.body)
	}
	do(call{op: "submit-simulator-reversal", as: as, body: fmt.Sprintf(`{"transactionType":"purchase","authorizationRequestMsg":%q}`, first.text("requestMsg"))})
	if got := do(call{op: "get-transaction", as: as, path: []string{list.text("items.0.id")}}).text("status"); got != "reversed" {
		w.Errorf("the transaction is %q", got)
	}
	do(call{op: "submit-3ds-challenge-outcome", as: as, path: []string{d.SecurityChallengeID}, body: `{"outcome":"approved","authTypes":["face-id"],"authenticatedAt":"2026-11-23T10:44:00Z","metadata":{"appId":"com.example","deviceId":"A1","ipAddress":"192.0.2.1"}}`})
}

// tellReading: what is only read, and fault configurations.
func (w *world) tellReading(do func(call) answer) {
	d, as := w.d, w.user()
	do(call{op: "list-currencies", as: as})
	got := do(call{op: "get-currency-conversion", as: as, query: "currency=JPY&amount=1314&targetCurrency=USD"})
	if got.text("convertedAmount") != "876" {
		w.Errorf("1314 JPY at 150 a dollar are %s cents", got.text("convertedAmount"))
	}
	do(call{op: "list-inquiries", as: as, path: []string{d.CardholderAccountID}})
	do(call{op: "get-inquiry", as: as, path: []string{d.InquiryID}})
	do(call{op: "list-account-payment-notifications", as: w.admin(), path: []string{d.AccountID}})
	do(call{op: "get-payment-notification", as: w.admin(), path: []string{d.PaymentNotificationID}})
	do(call{op: "list-fault-types", as: as})
	fault := []string{d.CardholderAccountID, paymentFault}
	do(call{op: "set-fault-config", as: as, path: fault, body: `{"value":"true"}`})
	do(call{op: "list-fault-configs", as: as, path: fault[:1]})
	do(call{op: "delete-fault-config", as: as, path: fault})
	if got := do(call{op: "list-fault-configs", as: as, path: fault[:1]}).get("items.#").Int(); got != 0 {
		w.Errorf("%d fault configurations are left", got)
	}
}

// TestEveryOperationHasAHandler holds operations.go to the route table.
func TestEveryOperationHasAHandler(t *testing.T) {
	s := newWorld(t).s
	for _, r := range api.Routes() {
		if s.store.handler(r.ID) == nil {
			t.Errorf("%s has no handler", r.ID)
		}
	}
	if s.store.handler("no-such-operation") != nil {
		t.Error("an unknown operation has a handler")
	}
}

// TestWebhooksAreRecorded: what happens is announced to the listeners that asked.
func TestWebhooksAreRecorded(t *testing.T) {
	w := newWorld(t)
	do := func(c call) answer { t.Helper(); return w.do(c).ok() }
	w.tellPartner(do)
	w.tellCardholder(do)
	var topics []string
	for _, n := range do(call{op: "list-webhook-notifications", as: w.admin(), path: []string{w.d.AccountID}}).get("items.#.topic").Array() {
		topics = append(topics, n.String())
	}
	want := []string{"cardholder-block-released", "kyc-succeeded", "async-test"}
	if !slices.Equal(topics, want) {
		t.Errorf("announced, newest first: %v, want %v", topics, want)
	}
}
