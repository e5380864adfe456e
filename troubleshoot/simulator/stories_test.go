package simulator

import (
	"fmt"
	"strings"
	"testing"
)

// TestPhysicalCard: made, shipped, activated, with the moments in between.
func TestPhysicalCard(t *testing.T) {
	w := newWorld(t)
	order := w.newCard(w.d.FundingSourceID, w.d.PhysicalCardProgramID,
		`,"shippingAddress":`+address+`,"shippingMethod":"standard-courier","language":"en"`)
	at := []string{w.do(order).ok().text("cardId")}
	status := func() string { return w.do(call{op: "get-card", as: w.forHolder(), path: at}).ok().text("status") }
	activate := call{op: "activate-card", as: w.forHolder(), path: at}

	w.do(activate).refused(403, "CARD_ACTIVATION_FORBIDDEN")
	w.pass(provisioningTime)
	if got := status(); got != "created" {
		t.Errorf("provisioned, the card is %q", got)
	}
	w.pass(shippingTime)
	if got := status(); got != "shipped" {
		t.Errorf("then it is %q", got)
	}
	w.do(activate).ok()
	if got := status(); got != "active" {
		t.Errorf("activated, it is %q", got)
	}
	w.do(call{op: "cancel-card", as: w.forHolder(), path: at}).ok()
	w.do(call{op: "cancel-card", as: w.forHolder(), path: at}).ok() // ends the same
	w.do(call{op: "freeze-card", as: w.forHolder(), path: at}).refused(403, "FORBIDDEN")
}

// TestPaymentMovesMoney follows the balance through every step of a payment.
func TestPaymentMovesMoney(t *testing.T) {
	w := newWorld(t)
	c := w.s.store.cards.get(w.d.CardID)
	send := func(step, kind, amount, more string) answer {
		t.Helper()
		return w.do(call{op: "submit-simulator-" + step, as: w.user(), body: fmt.Sprintf(
			`{"transactionType":%q,"transactionAmount":%q,"cardPan":%q,"cardExpiry":%q,"cardCvv":%q%s}`, kind, amount, c.PAN, c.expiry(), c.CVV, more)}).ok()
	}
	reverse := func(member, message string) call {
		return call{op: "submit-simulator-reversal", as: w.user(), body: fmt.Sprintf(`{"transactionType":"purchase",%q:%q}`, member, message)}
	}
	balance := func(step, want string) {
		t.Helper()
		if got := w.do(call{op: "get-funding-source", as: w.user(), path: []string{w.d.FundingSourceID}}).ok().text("balance"); got != want {
			t.Errorf("%s: the balance is %s, want %s", step, got, want)
		}
	}
	first := send("authorization", "purchase", "1000", "")
	balance("10.00 USD authorized", "990000000")
	send("authorization", "purchase", "500", fmt.Sprintf(`,"authorizationRequestMsg":%q`, first.text("requestMsg")))
	balance("5.00 more", "985000000")
	both := fmt.Sprintf(`,"authorizationRequestMsg":%q,"authorizationResponseMsg":%q`, first.text("requestMsg"), first.text("responseMsg"))
	send("clearing", "purchase", "1200", both)
	balance("12.00 cleared", "988000000")
	send("clearing", "purchase", "1600", both)
	balance("16.00 cleared after all", "984000000")
	forced := send("clearing", "purchase", "400", "")
	balance("4.00 by force", "980000000")
	w.do(reverse("clearingRequestMsg", forced.text("requestMsg"))).ok()
	balance("and back", "984000000")
	w.do(reverse("clearingRequestMsg", forced.text("requestMsg"))).refused(403, "FORBIDDEN")
	w.do(reverse("authorizationRequestMsg", "<none/>")).refused(403, "FORBIDDEN")
	refund := send("clearing", "refund", "600", "")
	balance("6.00 refunded", "990000000")
	w.do(reverse("clearingRequestMsg", refund.text("requestMsg"))).ok()
	balance("and taken back", "984000000")
	yen := send("authorization", "purchase", "1500", `,"currencyCode":"JPY"`)
	balance("1500 JPY at 150 a dollar", "974000000")
	w.do(call{op: "submit-simulator-clearing", as: w.user(), body: fmt.Sprintf(
		`{"transactionType":"purchase","transactionAmount":"1","cardPan":%q,"cardExpiry":%q,"cardCvv":%q,"authorizationRequestMsg":%q}`,
		c.PAN, c.expiry(), c.CVV, yen.text("requestMsg"))}).refused(400, "INVALID_REQUEST_INPUT") // one message without the other
}

// TestOnChainSource: another wallet than the login's needs a signed challenge.
func TestOnChainSource(t *testing.T) {
	w := newWorld(t)
	create := func(address, more string) call {
		return call{op: "create-funding-source", as: w.user(), body: fmt.Sprintf(
			`{"accountId":%q,"fundingChannelId":%q,"fundingAddress":%q%s}`, w.d.CardholderAccountID, w.d.OnChainChannelID, address, more)}
	}
	own := w.do(create(w.d.WalletAddress, "")).ok()
	if own.text("network") != "polygon-amoy" || own.text("externalId") != w.d.WalletAddress {
		t.Errorf("the login wallet's source is %s", own.body)
	}
	challenge := w.do(call{op: "create-challenge", as: w.user(), body: fmt.Sprintf(`{"purpose":"claim-web3-address","network":"polygon-amoy","address":%q}`, stranger)}).ok().text("id")
	signed := fmt.Sprintf(`,"challengeId":%q,"signature":%q`, challenge, signature)
	id := w.do(create(stranger, signed)).ok().text("id")
	w.do(create(stranger, fmt.Sprintf(`,"challengeId":%q`, challenge))).refused(400, "INVALID_REQUEST_INPUT")
	w.do(create(w.d.WalletAddress, signed)).refused(403, "FORBIDDEN") // the challenge is for another address
	w.pass(challengeLife)
	w.do(create(stranger, signed)).refused(403, "FORBIDDEN")

	w.s.store.sources.get(id).Balance.SetInt64(5)
	intent := w.do(call{op: "create-withdrawal-intent", as: w.user(), path: []string{id}, body: `{"amount":5}`}).ok()
	if intent.text("execution.params.to") != stranger {
		t.Errorf("the intent is executed by %s", intent.get("execution").Raw)
	}
}

// TestOtherWallets: Algorand and XRPL log in as well; a first login needs
// autoSignup.
func TestOtherWallets(t *testing.T) {
	for _, member := range []string{
		`"loginMethod":"algorand","network":"algorand-testnet","address":"EY434UKQU4EX2M63RXFIKZUUKZG4GY5GWV"`,
		`"loginMethod":"xrpl","network":"xahau-testnet","publicKey":"EDA2F521129EC961DABA759DA"`,
	} {
		w := newWorld(t)
		body := fmt.Sprintf(`{%s,"clientApplicationId":%q,"scopes":["cardholder-partner"]`, member, w.d.ClientApplicationID)
		w.do(call{op: "initiate-login", body: body + "}"}).refused(403, "ACCOUNT_DOES_NOT_EXIST")
		begun := w.do(call{op: "initiate-login", body: body + `,"autoSignup":true}`}).ok()
		session := w.do(call{op: "complete-login", body: fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, begun.text("id"), signature)}).ok()
		as := []string{"Authorization", "Bearer " + session.text("accessToken")}
		account := session.text("cardholderAccountId")
		w.do(call{op: "get-kyc-profile", as: as, path: []string{account}}).refused(403, "KYC_PROFILE_DOES_NOT_EXIST")
		w.do(call{op: "sign-up", body: body + "}"}).refused(403, "ACCOUNT_EXISTS")
	}
}

// TestReportPage: the download URL leads to the report for a day.
func TestReportPage(t *testing.T) {
	w := newWorld(t)
	link := w.do(call{op: "create-report-download-url", as: w.admin(), path: []string{w.d.ReportID}}).ok().text("downloadUrl")
	if got := w.get(link); got != 200 {
		t.Errorf("%s answers %d", link, got)
	}
	w.pass(reportLinkLife)
	if got := w.get(link); got != 404 {
		t.Errorf("a day later it answers %d", got)
	}
	if got := w.get(strings.Replace(link, "/report/", "/kyc/", 1)); got != 404 {
		t.Errorf("as a KYC page it answers %d", got)
	}
}

// TestIdempotentStatement: the same key changes nothing, another one replaces.
func TestIdempotentStatement(t *testing.T) {
	w := newWorld(t)
	at := []string{w.d.NewCardholderAccountID}
	for _, c := range []struct{ key, region, want string }{{"k1", "NZ", "NZ"}, {"k1", "AU", "NZ"}, {"k2", "AU", "AU"}} {
		w.do(call{op: "submit-kyc-statement", as: w.issuer(), path: at, body: fmt.Sprintf(statement, c.key, c.region, "")}).ok()
		if got := w.do(call{op: "get-kyc-statement", as: w.forNew(), path: at}).ok().text("region"); got != c.want {
			t.Errorf("after %s for %s the statement is for %s, want %s", c.key, c.region, got, c.want)
		}
	}
}

// TestCustodialChannel stands on a billing source of the partner's.
func TestCustodialChannel(t *testing.T) {
	w := newWorld(t)
	body := fmt.Sprintf(`{"accountId":%q,"fundingTypeName":"custodial-test-usdc","params":{"billingFundingSourceId":%q,"webhookBaseUrl":"https://example.com"}}`,
		w.d.AccountID, w.ownSource("billing"))
	channel := w.do(call{op: "create-funding-channel", as: w.admin(), body: body}).ok().text("id")
	create := fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q`, w.d.CardholderAccountID, channel)
	w.do(call{op: "create-funding-source", as: w.forHolder(), body: create + "}"}).refused(400, "INVALID_REQUEST_INPUT")
	if got := w.do(call{op: "create-funding-source", as: w.forHolder(), body: create + `,"externalId":"customer-7"}`}).ok().text("externalId"); got != "customer-7" {
		t.Errorf("externalId is %q", got)
	}
}
