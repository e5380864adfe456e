package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/api"
)

// cause is an errorCode that a state brings about.
type cause struct {
	code    string
	status  int // 0 for 403
	arrange func(w *world)
	call    func(w *world) call
}

func rules() []cause {
	var list []cause
	for _, part := range [][]cause{loginRules(), accountRules(), cardRules(), cardLifeRules(), fundingRules(), kycRules(), partnerRules(), strangerRules(), listenerRules(), reissueRules()} {
		list = append(list, part...)
	}
	return list
}

// TestStateCausesErrorCodes sets up each rule's state, makes the call, and reads
// the errorCode.
func TestStateCausesErrorCodes(t *testing.T) {
	caused := map[string]bool{}
	for _, r := range rules() {
		w := newWorld(t)
		if r.arrange != nil {
			r.arrange(w)
		}
		c := r.call(w)
		caused[r.code] = true
		t.Run(r.code+" "+c.op, func(t *testing.T) {
			w.T = t
			status := r.status
			if status == 0 {
				status = 403
			}
			w.do(c).refused(status, r.code)
		})
	}
	onDemandOnly := map[string]bool{"PAYMENT_BRIDGE_ERROR": true} // an upstream fault
	for _, code := range api.Codes() {
		if caused[code.Name] == onDemandOnly[code.Name] {
			t.Errorf("%s: caused by state: %v, on demand only: %v", code.Name, caused[code.Name], onDemandOnly[code.Name])
		}
	}
}

func (w *world) login(method, address, application, page string) string {
	return fmt.Sprintf(`{"loginMethod":%q,"network":"polygon-amoy","clientApplicationId":%q,"scopes":["cardholder-partner"],"address":%q,"url":%q}`,
		method, application, address, page)
}

// pending begins a login and returns its id.
func (w *world) pending() string {
	w.Helper()
	return w.do(call{op: "initiate-login", body: w.login("siwe", w.d.WalletAddress, w.d.ClientApplicationID, w.d.Origin)}).ok().text("id")
}

func (w *world) exchange(application, origin string) call {
	return call{
		op: "exchange-auth-token", fields: []string{"Origin", origin},
		body: fmt.Sprintf(`{"refreshToken":%q,"clientApplicationId":%q}`, w.d.RefreshToken, application),
	}
}

func loginRules() []cause {
	var request string
	finish := func(sign string) func(*world) call {
		return func(*world) call {
			return call{op: "complete-login", body: fmt.Sprintf(`{"loginRequestId":%q,"signature":%q}`, request, sign)}
		}
	}
	begin := func(w *world) { request = w.pending() }
	return []cause{
		{code: "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", call: func(w *world) call {
			return call{op: "initiate-login", body: w.login("siwe", w.d.WalletAddress, w.d.ClientApplicationID, "http://localhost")}
		}},
		{code: "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", call: func(w *world) call {
			return call{op: "sign-up", body: w.login("siwe", stranger, w.d.ClientApplicationID, "https://evil.example")}
		}},
		{code: "ACCOUNT_DOES_NOT_EXIST", call: func(w *world) call {
			return call{op: "initiate-login", body: w.login("siwe", stranger, w.d.ClientApplicationID, w.d.Origin)}
		}},
		{code: "ACCOUNT_EXISTS", call: func(w *world) call { // addresses ignore case
			return call{op: "sign-up", body: w.login("siwe", "0x"+strings.ToUpper(w.d.WalletAddress[2:]), w.d.ClientApplicationID, w.d.Origin)}
		}},
		{code: "INVALID_SIGNATURE", arrange: begin, call: finish("paste signature here")},
		{code: "INVALID_SIGNATURE", arrange: begin, call: finish("0x" + strings.Repeat("0", 130))},
		{code: "CHALLENGE_EXPIRED", arrange: func(w *world) { begin(w); w.pass(challengeLife) }, call: finish(signature)},
		{code: "FORBIDDEN", arrange: func(w *world) { begin(w); w.do(finish(signature)(w)).ok() }, call: finish(signature)},
		{
			code: "REFRESH_TOKEN_EXPIRED", arrange: func(w *world) { w.pass(refreshTokenLife) },
			call: func(w *world) call { return w.exchange(w.d.ClientApplicationID, w.d.Origin) },
		},
		{code: "CLIENT_APPLICATION_MISMATCH", call: func(w *world) call { return w.exchange("0123", w.d.Origin) }},
		{code: "ORIGIN_NOT_ALLOWED", call: func(w *world) call { return w.exchange(w.d.ClientApplicationID, w.d.Origin+"/") }},
		{code: "ORIGIN_NOT_ALLOWED", call: func(w *world) call { c := w.exchange(w.d.ClientApplicationID, ""); c.fields = nil; return c }},
		{
			code: "FORBIDDEN", arrange: func(w *world) { w.do(w.exchange(w.d.ClientApplicationID, w.d.Origin)).ok() },
			call: func(w *world) call { return w.exchange(w.d.ClientApplicationID, w.d.Origin) }, // the refresh token is spent
		},
		{code: "INVALID_CHAIN", call: func(w *world) call {
			return call{op: "create-challenge", as: w.user(), body: `{"purpose":"claim-web3-address","network":"bsc-mainnet","address":"0x1"}`}
		}},
	}
}

func accountRules() []cause {
	return []cause{
		{code: "INVALID_PARTNER_ACCOUNT", call: func(w *world) call {
			return call{op: "create-account", as: w.user(), body: fmt.Sprintf(`{"type":"cardholder","partnerAccountId":%q,"ownerUserId":%q}`, w.d.CardholderAccountID, w.d.OwnerUserID)}
		}},
		{code: "INVALID_PARENT_ACCOUNT", call: func(w *world) call {
			return call{op: "create-account", as: w.issuer(), body: fmt.Sprintf(`{"type":"cardholder","parentAccountId":%q}`, w.d.CardholderAccountID)}
		}},
		{code: "FORBIDDEN", call: func(w *world) call {
			return call{op: "create-account", as: w.issuer(), body: fmt.Sprintf(`{"type":"cardholder","parentAccountId":%q}`, w.d.ForeignPartnerID)}
		}},
		{code: "FORBIDDEN", call: func(w *world) call {
			return call{op: "create-account", as: w.user(), body: fmt.Sprintf(`{"type":"cardholder","partnerAccountId":%q,"ownerUserId":"somebody-else"}`, w.d.AccountID)}
		}},
	}
}

func (w *world) newCard(source, program, more string) call {
	return call{op: "create-card", as: w.forHolder(), body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q%s}`, program, source, more)}
}

func holder(w *world) *Cardholder { return w.s.store.cardholders.get(w.d.CardholderAccountID) }

const address = `{"addressLine1":"1 Queen Street","town":"Auckland","country":"NZ"}`

func cardRules() []cause {
	plain := func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.CardProgramID, "") }
	physical := func(more string) func(*world) call {
		return func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.PhysicalCardProgramID, more) }
	}
	lacking := func(take func(*Cardholder)) func(*world) { return func(w *world) { take(holder(w)) } }
	issue := func(n int, status string) func(*world) {
		return func(w *world) {
			for range n {
				c := w.s.store.newCard(w.s.store.sources.get(w.d.FundingSourceID), w.s.store.programs.get(w.d.CardProgramID), "NZ", w.now)
				c.Status = status
				w.s.store.cards.add(c.ID, c)
			}
		}
	}
	return []cause{
		{code: "KYC_REQUIRED", call: func(w *world) call {
			c := w.newCard(w.d.NewFundingSourceID, w.d.CardProgramID, "")
			c.as = w.forNew()
			return c
		}},
		{code: "KYC_REQUIRED", arrange: lacking(func(c *Cardholder) { c.KYC.Status = "pending" }), call: plain},
		{code: "CONTACT_EMAIL_REQUIRED", arrange: lacking(func(c *Cardholder) { c.Email, c.Phone = "", "" }), call: plain},
		{code: "CONTACT_PHONE_REQUIRED", arrange: lacking(func(c *Cardholder) { c.Phone = "" }), call: plain},
		{code: "EXPECTED_SPEND_PREREQ_REQUIRED", arrange: lacking(func(c *Cardholder) { c.ExpectedSpend = "" }), call: plain},
		{
			code: "CARD_REGION_NOT_SUPPORTED", arrange: lacking(func(c *Cardholder) { c.KYC.Region = "GB" }),
			call: physical(`,"shippingAddress":` + address + `,"shippingMethod":"standard-courier","language":"en"`),
		},
		{code: "MAX_CARDS_EXCEEDED", arrange: issue(maxCards, "cancelled"), call: plain},
		{code: "MAX_ACTIVE_CARDS_EXCEEDED", arrange: issue(maxActiveCards, "active"), call: plain},
		{code: "CARD_PROGRAM_INVALID", call: func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.ForeignCardProgramID, "") }},
		{code: "CARD_PROGRAM_INVALID", call: func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.AccountID, "") }},
		{code: "LIVENESS_MISMATCH", call: func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.LiveCardProgramID, "") }},
		{
			code: "FUNDING_CHANNEL_INVALID", arrange: func(w *world) { w.s.store.sources.get(w.d.FundingSourceID).Purpose = "billing" },
			call: plain,
		},
		{code: "BETA_ACCESS_DENIED", call: func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.BetaCardProgramID, "") }},
		{code: "FORBIDDEN", call: func(w *world) call { return w.newCard("no-such-source", w.d.CardProgramID, "") }},
		{code: "SHIPPING_ADDRESS_REQUIRED", status: 400, call: physical("")},
		{code: "SHIPPING_METHOD_REQUIRED", status: 400, call: physical(`,"shippingAddress":` + address)},
		{code: "LANGUAGE_REQUIRED", status: 400, call: physical(`,"shippingAddress":` + address + `,"shippingMethod":"standard-courier"`)},
		{
			code: "PHYSICAL_CARD_CONFIGURATION_INVALID", status: 400,
			call: physical(`,"shippingAddress":` + address + `,"shippingMethod":"premium-courier","language":"en"`),
		},
		{code: "SHIPPING_ADDRESS_LINE_TOO_LONG", status: 400, call: physical(`,"shippingAddress":{"country":"NZ","addressLine1":"` +
			strings.Repeat("x", 36) + `"},"shippingMethod":"standard-courier","language":"en"`)},
		{
			code: "SHIPPING_COUNTRY_UNSUPPORTED",
			call: physical(`,"shippingAddress":{"country":"NZL"},"shippingMethod":"standard-courier","language":"en"`),
		},
	}
}

func cardLifeRules() []cause {
	on := func(op, body string, pick func(Demo) string) func(*world) call {
		return func(w *world) call { return call{op: op, as: w.forHolder(), path: []string{pick(w.d)}, body: body} }
	}
	active := func(d Demo) string { return d.CardID }
	frozen := func(d Demo) string { return d.FrozenCardID }
	const reissue = `{"reissuanceType":"standard-renewal"}`
	return []cause{
		{code: "CARD_ALREADY_FROZEN", call: on("freeze-card", "", frozen)},
		{code: "CARD_NOT_FROZEN", call: on("unfreeze-card", "", active)},
		{code: "CARD_UNFREEZE_NOT_ALLOWED", call: on("unfreeze-card", "", func(d Demo) string { return d.BlockedCardID })},
		{code: "CARD_ACTIVATION_FORBIDDEN", call: on("activate-card", "", active)},
		{
			code: "CARD_ACTIVATION_FORBIDDEN", arrange: func(w *world) {
				w.do(on("activate-card", "", func(d Demo) string { return d.PhysicalCardID })(w)).ok()
			},
			call: on("activate-card", "", func(d Demo) string { return d.PhysicalCardID }),
		},
		{code: "CARD_SET_PIN_FORBIDDEN", call: on("set-card-pin", `{"newPin":"4821"}`, frozen)},
		{code: "INVALID_PIN_FORMAT", call: on("set-card-pin", `{"newPin":"7777"}`, active)},
		{code: "INVALID_PIN_FORMAT", call: on("set-card-pin", `{"newPin":"1990"}`, active)},
		{code: "INVALID_PIN_FORMAT", call: on("set-card-pin", `{"newPin":"0203"}`, active)},
		{code: "INVALID_PIN_FORMAT", call: on("set-card-pin", `{"newPin":"12345"}`, active)},
		{code: "LIVENESS_MISMATCH", call: on("set-card-pin", `{"newPin":"4821"}`, func(d Demo) string { return d.LiveCardID })},
		{code: "CARD_NOT_FOUND", call: on("reissue-card", reissue, func(Demo) string { return "no-such-card" })},
		{code: "FORBIDDEN", call: on("reissue-card", reissue, func(d Demo) string { return d.ForeignCardID })},
		{code: "CARD_REISSUE_NOT_ALLOWED", call: on("reissue-card", reissue, frozen)},
		{
			code: "CARD_REISSUE_NOT_ALLOWED", arrange: func(w *world) { w.do(on("reissue-card", reissue, active)(w)).ok() },
			call: on("reissue-card", reissue, active),
		},
		{code: "KYC_REQUIRED", arrange: func(w *world) { holder(w).KYC = nil }, call: on("reissue-card", reissue, active)},
		{
			code: "APPLE_PAY_PAYLOAD_INVALID", status: 400,
			call: on("provision-card-to-apple-pay", `{"certChain":["MIIE"],"nonce":"a_b-","nonceSignature":"MEUC"}`, active),
		},
		{
			code: "FORBIDDEN", call: func(w *world) call {
				token := w.do(call{op: "get-card-token", as: w.user(), path: []string{w.d.CardID}}).ok().text("tokenId")
				open := call{op: "get-secure-card-details", query: "tokenId=" + token}
				w.do(open).ok()
				return open // the token is used
			},
		},
	}
}

// ownSource makes a funding source of the partner's own.
func (w *world) ownSource(purpose string) string {
	s := w.s.store.newSource(w.d.AccountID, w.d.FundingChannelID, "", 0, w.now)
	s.Purpose = purpose
	return s.ID
}

func fundingRules() []cause {
	channel := func(account func(Demo) string, kind, params string) func(*world) call {
		return func(w *world) call {
			return call{op: "create-funding-channel", as: w.admin(), body: fmt.Sprintf(`{"accountId":%q,"fundingTypeName":%q,"params":%s}`, account(w.d), kind, params)}
		}
	}
	withdraw := func(source func(Demo) string, amount string) func(*world) call {
		return func(w *world) call {
			return call{op: "create-withdrawal-intent", as: w.forHolder(), path: []string{source(w.d)}, body: `{"amount":` + amount + `}`}
		}
	}
	ready := func(d Demo) string { return d.FundingSourceID }
	ofPartner := func(d Demo) string { return d.AccountID }
	ten := func(w *world) {
		for range maxPending {
			w.do(withdraw(ready, "1000")(w)).ok()
		}
	}
	return []cause{
		{
			code: "FUNDING_CHANNEL_EXISTS",
			call: channel(ofPartner, "polygon-amoy-usdc-universal-evm-test", `{"storageAddress":"0x0000000000000000000000000000000000000001"}`),
		},
		{code: "ACCOUNT_TYPE_INVALID", call: channel(func(d Demo) string { return d.CardholderAccountID }, "simulator-usdc", "{}")},
		{code: "FORBIDDEN", call: channel(func(d Demo) string { return d.ForeignPartnerID }, "simulator-usdc", "{}")},
		{code: "FORBIDDEN", call: func(w *world) call { // a billing source has to be one
			params := fmt.Sprintf(`{"billingFundingSourceId":%q,"webhookBaseUrl":"https://example.com"}`, w.ownSource("card-funding"))
			return channel(ofPartner, "custodial-test-usdc", params)(w)
		}},
		{code: "INSUFFICIENT_BALANCE", call: withdraw(ready, "1000000001")},
		{code: "INSUFFICIENT_BALANCE", call: withdraw(ready, "13140000000000000000000")},
		{code: "TOO_MANY_PENDING_WITHDRAWALS", arrange: ten, call: withdraw(ready, "1000")},
		{code: "FUNDING_STRATEGY_NOT_SUPPORTED", call: withdraw(func(d Demo) string { return d.CustodialFundingSourceID }, "1")},
		{code: "INVALID_REQUEST_INPUT", status: 400, call: withdraw(ready, "12.5")},
		{code: "INVALID_REQUEST_INPUT", status: 400, call: withdraw(ready, "0")},
		{code: "INVALID_FUNDING_SOURCE_TYPE", call: func(w *world) call {
			return call{op: "execute-simulator-deposit", as: w.forHolder(), body: `{"amount":"5","fundingSourceId":"` + w.d.CustodialFundingSourceID + `"}`}
		}},
		{code: "INVALID_FUNDING_SOURCE_TYPE", call: func(w *world) call {
			return call{op: "execute-simulator-withdrawal", as: w.forHolder(), body: `{"amount":"5","fundingSourceId":"` + w.d.CustodialFundingSourceID + `","id":"x"}`}
		}},
		{code: "FORBIDDEN", call: func(w *world) call { // an address that no signed challenge speaks for
			return call{op: "create-funding-source", as: w.user(), body: fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q,"fundingAddress":%q}`, w.d.CardholderAccountID, w.d.OnChainChannelID, stranger)}
		}},
		{code: "FORBIDDEN", call: func(w *world) call { // the partner's account in the channel's place
			return call{op: "create-funding-source", as: w.forHolder(), body: fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q}`, w.d.CardholderAccountID, w.d.AccountID)}
		}},
	}
}

func (w *world) prerequisites(program, source, more string) call {
	return call{op: "get-spending-prerequisites", as: w.forHolder(), body: fmt.Sprintf(
		`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"500","spendableCurrency":"USD","kycType":"immersve-conducted"%s}`, program, source, more)}
}

func kycRules() []cause {
	ask := func(more string) func(*world) call {
		return func(w *world) call { return w.prerequisites(w.d.CardProgramID, w.d.FundingSourceID, more) }
	}
	read := func(op string, account func(Demo) string) func(*world) call {
		return func(w *world) call {
			return call{op: op, as: w.issuerFor(account(w.d)), path: []string{account(w.d)}}
		}
	}
	fresh := func(d Demo) string { return d.NewCardholderAccountID }
	submit := func(w *world, region, more string) call {
		return call{op: "submit-kyc-statement", as: w.forNew(), path: []string{w.d.NewCardholderAccountID}, body: fmt.Sprintf(statement, "k1", region, more)}
	}
	return []cause{
		{code: "CARD_PROGRAM_INVALID", call: func(w *world) call { return w.prerequisites(w.d.ForeignCardProgramID, w.d.FundingSourceID, "") }},
		{code: "LIVENESS_MISMATCH", call: func(w *world) call { return w.prerequisites(w.d.LiveCardProgramID, w.d.FundingSourceID, "") }},
		{
			code: "FUNDING_SOURCE_INVALID", arrange: func(w *world) { w.s.store.programs.get(w.d.CardProgramID).FundingTypes = nil },
			call: ask(""),
		},
		{code: "UNSUPPORTED_KYC_REGION", call: ask(`,"kycRegion":"UK"`)},
		{code: "UNSUPPORTED_KYC_REGION", call: ask(`,"kycRegion":"US"`)},
		{code: "KYC_PROFILE_REGION_MISMATCH", call: ask(`,"kycRegion":"AU"`)},
		{
			code: "KYC_STATEMENT_REGION_MISMATCH", arrange: func(w *world) { w.do(submit(w, "NZ", "")).ok() },
			call: func(w *world) call {
				c := w.prerequisites(w.d.CardProgramID, w.d.NewFundingSourceID, `,"kycRegion":"AU"`)
				c.as = w.forNew()
				return c
			},
		},
		{code: "INVALID_REQUEST_INPUT", status: 400, call: ask(`,"kycHiddenSteps":["region"]`)},
		{code: "KYC_PROFILE_DOES_NOT_EXIST", call: read("get-kyc-profile", fresh)},
		{code: "LIVENESS_MISMATCH", call: func(w *world) call {
			return call{op: "get-kyc-profile", as: w.user(), path: []string{w.d.LiveAccountID}}
		}},
		{code: "KYC_STATEMENT_DOES_NOT_EXIST", call: read("get-kyc-statement", fresh)},
		{
			code: "KYC_STATEMENTS_NOT_ALLOWED", arrange: func(w *world) { w.s.store.profiles.get(w.d.AccountID).StatementsAllowed = false },
			call: func(w *world) call { return submit(w, "NZ", "") },
		},
		{code: "ATTACHMENT_ACCOUNT_MISMATCH", call: func(w *world) call {
			body, fields := form(w.d.CardholderAccountID, "image/png", "PNG")
			file := w.do(call{op: "upload-file", as: w.issuer(), body: body, fields: fields}).ok().text("id")
			return submit(w, "NZ", `,"attachments":[{"fileId":"`+file+`","type":"passport"}]`)
		}},
		{code: "KYC_ALREADY_PASSED", call: func(w *world) call {
			return call{op: "submit-residential-addresses", as: w.forHolder(), path: []string{w.d.CardholderAccountID}, body: `[{"fullAddress":"1 Queen Street","country":"NZ"}]`}
		}},
		{code: "FILE_TYPE_INVALID", call: func(w *world) call {
			body, fields := form(w.d.CardholderAccountID, "image/heic", "x")
			return call{op: "upload-file", as: w.issuer(), body: body, fields: fields}
		}},
		{code: "FILE_TOO_LARGE", call: func(w *world) call {
			body, fields := form(w.d.CardholderAccountID, "application/pdf", strings.Repeat("x", maxFile+1))
			return call{op: "upload-file", as: w.issuer(), body: body, fields: fields}
		}},
		{code: "FILE_TOO_LARGE", call: func(w *world) call { // beyond what is read at all
			body, fields := form(w.d.CardholderAccountID, "application/pdf", strings.Repeat("x", maxBody))
			return call{op: "upload-file", as: w.issuer(), body: body, fields: fields}
		}},
	}
}

func partnerRules() []cause {
	return []cause{
		{code: "ACCOUNT_TYPE_INVALID", call: func(w *world) call {
			return call{op: "list-webhook-notifications", as: w.admin(), path: []string{w.d.CardholderAccountID}}
		}},
		{code: "CARD_PROGRAMS_NOT_CONFIGURED", call: func(w *world) call {
			id := w.do(call{op: "create-account", as: w.admin(), body: `{"type":"partner","name":"Branch"}`}).ok().text("id")
			return call{op: "get-supported-regions", as: w.issuerFor(id), path: []string{id}}
		}},
		{code: "FORBIDDEN", call: func(w *world) call {
			return call{op: "create-report-download-url", as: w.admin(), path: []string{w.d.PendingReportID}}
		}},
		{code: "FORBIDDEN", arrange: func(w *world) {
			for range maxListeners - 1 { // the demo has one
				w.do(call{op: "create-webhook-listener", as: w.admin(), body: `{"accountId":"` + w.d.AccountID + `","url":"https://example.com"}`}).ok()
			}
		}, call: func(w *world) call {
			return call{op: "create-webhook-listener", as: w.admin(), body: `{"accountId":"` + w.d.AccountID + `","url":"https://example.com"}`}
		}},
		{code: "INVALID_REQUEST_INPUT", status: 400, call: func(w *world) call {
			return call{op: "create-webhook-listener", as: w.admin(), body: `{"accountId":"` + w.d.AccountID + `","url":"http://example.com"}`}
		}},
	}
}

// TestMoneyComesBack: an intent that nobody executes is discarded at its expiry,
// and makes room for the next one.
func TestMoneyComesBack(t *testing.T) {
	w := newWorld(t)
	at := []string{w.d.FundingSourceID}
	for range maxPending {
		w.do(call{op: "create-withdrawal-intent", as: w.forHolder(), path: at, body: `{"amount":100000000}`}).ok()
	}
	balance := func() string {
		return w.do(call{op: "get-funding-source", as: w.forHolder(), path: at}).ok().text("balance")
	}
	if got := balance(); got != "0" {
		t.Errorf("with ten intents pending the balance is %s", got)
	}
	w.pass(intentLife)
	if got := balance(); got != "1000000000" {
		t.Errorf("after their expiry the balance is %s", got)
	}
	list := w.do(call{op: "list-funding-source-interactions", as: w.forHolder(), path: at, query: "type=Withdrawal"}).ok()
	if got := list.text("items.3.status"); got != "Discarded" {
		t.Errorf("an expired withdrawal is %q", got)
	}
	if len(w.s.store.due) != 0 {
		t.Errorf("%d events are left over", len(w.s.store.due))
	}
	w.do(call{op: "create-withdrawal-intent", as: w.forHolder(), path: at, body: `{"amount":1}`}).ok()
}

// TestDeclinesAreAnswers: a declined payment is a 200 with the verdict inside.
func TestDeclinesAreAnswers(t *testing.T) {
	w := newWorld(t)
	card := w.s.store.cards.get(w.d.CardID)
	pay := func(amount, cvv string) answer {
		t.Helper()
		return w.do(call{op: "submit-simulator-authorization", as: w.user(), body: fmt.Sprintf(
			`{"transactionType":"purchase","transactionAmount":%q,"cardPan":%q,"cardExpiry":%q,"cardCvv":%q}`, amount, card.PAN, card.expiry(), cvv)})
	}
	wrong := fmt.Sprintf("%03d", (int(card.CVV[2]-'0')+1)%10)
	for _, c := range []struct{ amount, cvv, reason string }{
		{"500", card.CVV, ""}, {"500", wrong, "cvv-invalid"}, {"100000", card.CVV, "insufficient-funds"},
	} {
		if got := pay(c.amount, c.cvv).ok().text("responseMsg"); !strings.Contains(got, `reason="`+c.reason+`"`) {
			t.Errorf("%s cents: %s, want reason %q", c.amount, got, c.reason)
		}
	}
	pay("100001", card.CVV).refused(400, "INVALID_REQUEST_INPUT")
	hidden := w.do(call{op: "list-transactions", as: w.user(), path: []string{w.d.CardholderAccountID}}).ok()
	all := w.do(call{op: "list-transactions", as: w.user(), path: []string{w.d.CardholderAccountID}, query: "statuses=all"}).ok()
	if hidden.get("items.#").Int() != 2 || all.get("items.#").Int() != 4 {
		t.Errorf("%s payments without the declined ones, %s with them; want 2 and 4", hidden.text("items.#"), all.text("items.#"))
	}
	w.do(call{op: "set-fault-config", as: w.admin(), path: []string{w.d.AccountID, paymentFault}, body: `{"value":"true"}`}).ok()
	pay("500", card.CVV).refused(500, "INTERNAL_SERVER_ERROR") // a fault of the partner is one of its cardholders
}

// TestKYCPagePasses: the kycUrl leads to a page that passes the check, once.
func TestKYCPagePasses(t *testing.T) {
	w := newWorld(t)
	ask := w.prerequisites(w.d.CardProgramID, w.d.NewFundingSourceID, "")
	ask.as = w.forNew()
	link := w.do(ask).ok().text("prerequisites.1.params.kycUrl")
	if got := w.get(link); got != 200 {
		t.Fatalf("%s answered %d", link, got)
	}
	if got := w.get(link); got != 404 {
		t.Errorf("the second visit returned %d", got)
	}
	w.pass(kycTime)
	card := w.newCard(w.d.NewFundingSourceID, w.d.CardProgramID, "")
	card.as = w.forNew()
	w.do(card).ok()
}

// TestStatementsThatFail: without "passall", or outside the age, KYC fails.
func TestStatementsThatFail(t *testing.T) {
	for replace, by := range map[string]string{"passall": "Mary", "1985-06-07": "2010-01-01"} {
		w := newWorld(t)
		body := strings.Replace(fmt.Sprintf(statement, "k1", "NZ", ""), replace, by, 1)
		w.do(call{op: "submit-kyc-statement", as: w.forNew(), path: []string{w.d.NewCardholderAccountID}, body: body}).ok()
		c := w.s.store.cardholders.get(w.d.NewCardholderAccountID)
		c.Email, c.Phone, c.ExpectedSpend = "a@example.com", "+64", "1"
		ask := w.prerequisites(w.d.CardProgramID, w.d.NewFundingSourceID, "")
		ask.as, ask.body = w.forNew(), strings.Replace(ask.body, "immersve-conducted", "partner-conducted", 1)
		w.do(ask).ok()
		w.pass(kycTime)
		if got := w.do(ask).ok().text("prerequisites.1.status"); got != "blocked" {
			t.Errorf("with %q for %q the kyc stage is %q", by, replace, got)
		}
	}
}

// TestSeedIsDeterministic: ids and credentials come from the seed alone.
func TestSeedIsDeterministic(t *testing.T) {
	first, second := newWorld(t), newWorld(t)
	if first.d != second.d {
		t.Error("the same seed gives different credentials or ids")
	}
	other := newWorld(t, func(o *Options) { o.Seed = "other" })
	if other.d.APIKey == first.d.APIKey || other.d.AccountID == first.d.AccountID {
		t.Error("another seed gives the same credentials or ids")
	}
	if !api.IsSandboxID(first.d.AccountID) || api.IsSandboxID(other.d.AccountID) {
		t.Error("the sandbox's ids are the demo seed's, and only its")
	}
	random := newWorld(t, func(o *Options) { o.Seed, o.Random = "", strings.NewReader(strings.Repeat("r", 32)) })
	if random.d.AccountID == first.d.AccountID {
		t.Error("random bytes have no effect")
	}
	if _, err := New(Options{Now: time.Now, Random: strings.NewReader("short")}); err == nil {
		t.Error("a source of too few random bytes is accepted")
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a missing clock is accepted")
	}
}
