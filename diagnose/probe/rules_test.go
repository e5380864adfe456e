package probe_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/probe"
	"immersve-doctor/troubleshoot"
)

// step is a state of the simulator, a call that an errorCode refuses there, and
// what is true of the steps on the code's page.
type step struct {
	code string
	name string
	call func(*world) call // sets up the state, and returns the failing call
	want string            // of each step that a GET settles: "1 problem, 2 ok"
	says []string          // what the verdicts and the remark say among others
}

// TestRules makes each failing call and compares what the probes settle of the
// page's steps with what is true in the simulator.
func TestRules(t *testing.T) {
	for _, s := range ruleSteps() {
		t.Run(s.code+" "+s.name, func(t *testing.T) {
			w := newWorld(t)
			d := w.probedByAnyone(s.call(w))
			if d.Error.Code != s.code {
				t.Fatalf("the call fails with %d %q", d.Status(), d.Error.Code)
			}
			if got := settledSteps(&d); got != s.want {
				t.Errorf("the steps are %q, want %q", got, s.want)
			}
			for _, words := range s.says {
				if got := everything(&d); !strings.Contains(got, words) {
					t.Errorf("nothing says %q", words)
				}
			}
			if personal := regexp.MustCompile(`ada@|\+642|Queen Street|1985`).FindString(everything(&d) + shown(&d)); personal != "" {
				t.Errorf("personal data is shown: %q", personal)
			}
			if t.Failed() {
				t.Log(shown(&d))
			}
		})
	}
}

// A funding channel belongs to the partner, so that the calls above may not read
// it. What the rules conclude where you can read it:
func TestRulesOfTheChannel(t *testing.T) {
	source := `200 {"id":"` + sourceID + `","accountId":"` + cardholder + `","fundingChannelId":"` + nowhere + `","purpose":"card-funding","balance":"5","balanceCurrency":"USDC"}`
	tests := []struct {
		code, channel, want, says string
	}{
		{"FUNDING_CHANNEL_INVALID", `{"fundingTypeName":"simulator-usdc","purpose":"billing"}`, "1 ok, 2 problem, 3 ok", `purpose is "billing"`},
		{"FUNDING_CHANNEL_INVALID", `{"fundingTypeName":"simulator-usdc","purpose":"card-funding"}`, "1 ok, 2 unknown, 3 ok", `seen: fundingTypeName is "simulator-usdc"`},
		{"FUNDING_SOURCE_INVALID", `{"fundingTypeName":"simulator-usdc","purpose":"billing"}`, "1 ok, 2 ok, 3 problem", `purpose is "billing"`},
		{"FUNDING_STRATEGY_NOT_SUPPORTED", `{"fundingTypeName":"custodial-usdc","mode":"deposit"}`, "1 unknown, 2 unknown, 3 problem", `fundingTypeName is "custodial-usdc"`},
		{"FUNDING_STRATEGY_NOT_SUPPORTED", `{"fundingTypeName":"simulator-usdc","mode":"deposit"}`, "1 unknown, 2 unknown, 3 ok", `seen: mode is deposit`},
		{"INVALID_FUNDING_SOURCE_TYPE", `{"fundingTypeName":"custodial-usdc"}`, "1 unknown, 2 problem", `fundingTypeName is "custodial-usdc"`},
		{"INVALID_FUNDING_SOURCE_TYPE", `{"fundingTypeName":"simulator-usdc"}`, "1 unknown, 2 ok", `fundingTypeName is "simulator-usdc"`},
		{"INVALID_FUNDING_SOURCE_TYPE", `{}`, "1 unknown, 2 unknown", "the response doesn't have fundingTypeName"},
	}
	for _, test := range tests {
		t.Run(test.code+" "+test.want, func(t *testing.T) {
			body := fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q,"amount":"9"}`, partner, sourceID)
			d := failed(t, call{op: "create-card", as: keyed(cardholder), body: body}, test.code)
			_, proof := plan(t, caseOf(d, cardholder), fake{
				"/api/funding-source/" + sourceID:          source,
				"/api/funding-channel/" + nowhere:          "200 " + test.channel,
				accounts + cardholder + "/funding-sources": `200 {"items":[{"id":"` + sourceID + `"}]}`,
			})
			after := d.With(proof)
			if got := settledSteps(&after); got != test.want || !strings.Contains(everything(&after), test.says) {
				t.Errorf("the steps are %q, want %q and %q%s", got, test.want, test.says, shown(&after))
			}
		})
	}
}

// A file that can be read, and is another cardholder's.
func TestForeignFile(t *testing.T) {
	d := failed(t, call{
		op: "submit-kyc-statement", as: keyed(cardholder), path: []string{cardholder}, body: `{"attachments":[{"fileId":"` + cardID + `"}]}`,
	}, "ATTACHMENT_ACCOUNT_MISMATCH")
	_, proof := plan(t, caseOf(d, cardholder), fake{
		"/api/file-uploads/" + cardID: `200 {"accountId":"` + partner + `"}`, accounts + cardholder: isHolder,
	})
	after := d.With(proof)
	if got := settledSteps(&after); got != "1 problem, 2 ok" || !strings.Contains(everything(&after), "belongs to account d8c2…2c84, but the path names 0b5d…e5f6") {
		t.Errorf("the steps are %q%s", got, shown(&after))
	}
}

// What probes meet on the way leaves the steps open with the reason, and the
// diagnosis as it was.
func TestFaultsOfSteps(t *testing.T) {
	for answer, why := range map[string]string{
		"429": "the rate limit was reached (429)", "500": "the server failed (500)", "timeout": "there was no response in time",
		"reset": "connection reset", "200 <html>": "the response isn't JSON", "200": "the response isn't JSON", "401": "the credentials got 401",
		"403 <html>": "the response isn't JSON", `403 {"errorCode":"FORBIDDEN"}`: "so these credentials can't read it", "204": "the response isn't JSON",
	} {
		body := fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, partner, sourceID)
		d := failed(t, call{op: "create-card", as: keyed(cardholder), body: body}, "KYC_REQUIRED")
		_, proof := plan(t, caseOf(d, cardholder), fake{accounts + cardholder + "/kyc-profile": answer})
		after := d.With(proof)
		if got := settledSteps(&after); got != "1 unknown, 2 unknown" || !strings.Contains(everything(&after), why) {
			t.Errorf("%s: the steps are %q, and nothing says %q%s", answer, got, why, shown(&after))
		}
		if len(after.Findings) != len(d.Findings) || after.Class != d.Class {
			t.Errorf("%s: the diagnosis has changed", answer)
		}
	}
}

// probedByAnyone probes behind a call without credentials with the partner's own,
// as package cmd does with those of the profile.
func (w *world) probedByAnyone(c call) diagnose.Diagnosis {
	w.Helper()
	ex := w.send(c)
	header := credentials(ex.Request)
	if op, err := api.Lookup(c.op); err == nil && op.Security == api.SecurityNone {
		header = credentials(requestOf(w.T, w.d.BaseURL, call{op: c.op, as: w.admin()}))
	}
	return w.walk(ex, header, "")
}

// settledSteps are the verdicts of a page's steps, in words: "1 problem, 2 ok".
func settledSteps(d *diagnose.Diagnosis) string {
	var list []string
	for _, v := range d.Steps {
		list = append(list, v.Item[strings.LastIndexByte(v.Item, '.')+1:]+" "+v.State.String())
	}
	return strings.Join(list, ", ")
}

// Every step of a code's page that names a GET is settled by a rule, no rule is
// without its step, and each is put to the test above. FORBIDDEN has the ladder.
func TestEveryGETOfAPageIsProbed(t *testing.T) {
	rules, tested := probe.Rules(), map[string]bool{}
	for _, s := range ruleSteps() {
		for part := range strings.SplitSeq(s.want, ", ") {
			number, _, _ := strings.Cut(part, " ")
			tested[s.code+"."+number] = true
		}
	}
	for _, code := range troubleshoot.List("codes") {
		page, err := troubleshoot.Code(code)
		if err != nil {
			t.Fatal(err)
		}
		if code == "FORBIDDEN" {
			continue
		}
		for i, s := range page.Steps {
			here := probe.Rule{Code: code, Step: i + 1, Operation: s.Get}
			id := fmt.Sprintf("%s.%d", code, i+1)
			n := len(rules)
			rules = slices.DeleteFunc(rules, func(r probe.Rule) bool { return r == here })
			switch {
			case s.Get == "":
			case n == len(rules):
				t.Errorf("%s: no rule settles the step by %s", id, s.Get)
			case !tested[id]:
				t.Errorf("%s: no test probes the step by %s", id, s.Get)
			}
		}
	}
	for _, r := range rules {
		t.Errorf("the rule %v belongs to no step of a page", r)
	}
}

func ruleSteps() []step {
	return slices.Concat(accountSteps(), loginSteps(), cardSteps(), cardLifeSteps(), fundingSteps(), kycSteps())
}

// ordered is a call that the simulator refuses as it is told to. Mostly nothing is
// wrong: what the probes see then is in order, and must not be blamed.
func ordered(code string, c call) call {
	c.order = code
	return c
}

func (w *world) forNew() []string { return in(w.d.NewCardholderAccountID, w.issuer()) }

func accountSteps() []step {
	const account = `{"type":"cardholder",%q:%q%s}`
	return []step{
		{"ACCOUNT_TYPE_INVALID", "a cardholder's account", func(w *world) call {
			return call{op: "list-webhook-notifications", as: w.admin(), path: []string{w.d.CardholderAccountID}}
		}, "1 unknown, 2 unknown", nil},
		{"ACCOUNT_TYPE_INVALID", "all in order", func(w *world) call {
			return ordered("403:ACCOUNT_TYPE_INVALID", call{op: "delete-webhook-listener", as: w.admin(), path: []string{w.d.ListenerID}})
		}, "1 ok, 2 unknown", nil},
		{"INVALID_PARTNER_ACCOUNT", "a cardholder's account", func(w *world) call {
			return call{op: "create-account", as: w.user(), body: fmt.Sprintf(account, "partnerAccountId", w.d.CardholderAccountID, fmt.Sprintf(`,"ownerUserId":%q`, w.d.OwnerUserID))}
		}, "1 problem", nil},
		{"INVALID_PARENT_ACCOUNT", "a cardholder's account", func(w *world) call {
			return call{op: "create-account", as: w.issuer(), body: fmt.Sprintf(account, "parentAccountId", w.d.CardholderAccountID, "")}
		}, "1 unknown", nil},
		{"INVALID_PARENT_ACCOUNT", "all in order", func(w *world) call {
			return ordered("403:INVALID_PARENT_ACCOUNT", call{op: "create-account", as: w.issuer(), body: fmt.Sprintf(account, "parentAccountId", w.d.AccountID, "")})
		}, "1 ok", nil},
		{"LIVENESS_MISMATCH", "a card programme of live", func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.LiveCardProgramID, "") }, "1 ok, 3 ok, 4 unknown", nil},
		{"LIVENESS_MISMATCH", "a card of live", func(w *world) call {
			return call{op: "set-card-pin", as: w.forHolder(), path: []string{w.d.LiveCardID}, body: `{"newPin":"4821"}`}
		}, "1 ok, 3 unknown, 4 unknown", nil},
		{"LIVENESS_MISMATCH", "an account of live", func(w *world) call {
			return call{op: "get-kyc-profile", as: w.user(), path: []string{w.d.LiveAccountID}}
		}, "1 unknown, 3 unknown, 4 unknown", nil},
		{"CARD_PROGRAMS_NOT_CONFIGURED", "a new partner", func(w *world) call {
			id := w.branch()
			return call{op: "get-supported-regions", as: in(id, w.issuer()), path: []string{id}}
		}, "1 ok", nil},
	}
}

// branch is a new partner below the demo's, which has nothing yet.
func (w *world) branch() string {
	return w.ok(call{op: "create-account", as: w.admin(), body: `{"type":"partner","name":"Branch"}`}).Get("id").String()
}

func (w *world) login(page string) string {
	return fmt.Sprintf(`{"loginMethod":"siwe","network":"polygon-amoy","clientApplicationId":%q,"scopes":["cardholder-partner"],"address":%q,"url":%q}`,
		w.d.ClientApplicationID, w.d.WalletAddress, page)
}

func (w *world) exchange(application, origin string) call {
	return call{
		op: "exchange-auth-token", as: []string{"origin", origin},
		body: fmt.Sprintf(`{"refreshToken":%q,"clientApplicationId":%q}`, w.d.RefreshToken, application),
	}
}

// loginSteps are calls without credentials: those of the partner probe behind
// them.
func loginSteps() []step {
	return []step{
		{"CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", "another port", func(w *world) call {
			return call{op: "initiate-login", body: w.login("http://localhost")}
		}, "1 ok, 2 problem, 3 unknown", []string{`localhost is the host of an allowed origin`, `url has the origin http://localhost, allowed: http://localhost:3000`}},
		{"CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", "another host", func(w *world) call {
			return call{op: "initiate-login", body: w.login("https://evil.example")}
		}, "1 problem, 2 problem, 3 unknown", nil},
		{"CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", "all in order", func(w *world) call {
			return ordered("403:CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", call{op: "initiate-login", body: w.login(w.d.Origin)})
		}, "1 ok, 2 ok, 3 unknown", nil},
		{"CLIENT_APPLICATION_MISMATCH", "an id that is none", func(w *world) call { return w.exchange(nowhere, w.d.Origin) }, "2 unknown", nil},
		{"CLIENT_APPLICATION_MISMATCH", "all in order", func(w *world) call {
			return ordered("403:CLIENT_APPLICATION_MISMATCH", w.exchange(w.d.ClientApplicationID, w.d.Origin))
		}, "2 ok", nil},
		{"ORIGIN_NOT_ALLOWED", "a slash too many", func(w *world) call { return w.exchange(w.d.ClientApplicationID, w.d.Origin+"/") }, "1 problem", nil},
		{"ORIGIN_NOT_ALLOWED", "none", func(w *world) call { c := w.exchange(w.d.ClientApplicationID, ""); c.as = nil; return c }, "1 problem", nil},
		{"ORIGIN_NOT_ALLOWED", "all in order", func(w *world) call {
			return ordered("403:ORIGIN_NOT_ALLOWED", w.exchange(w.d.ClientApplicationID, w.d.Origin))
		}, "1 ok", nil},
	}
}

func (w *world) newCard(source, program, more string) call {
	return call{op: "create-card", as: w.forHolder(), body: fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q%s}`, program, source, more)}
}

// cardForNew is a card for the cardholder who has nothing yet.
func (w *world) cardForNew(program, more string) call {
	c := w.newCard(w.d.NewFundingSourceID, program, more)
	c.as = w.forNew()
	return c
}

// kycTime is more than KYC takes in the simulator.
const kycTime = time.Hour

const statement = `{"idempotencyKey":"k1","region":%q,"claims":[
 {"claimType":"DOB","attributes":{"dateOfBirth":"1985-06-07"}},
 {"claimType":"FULL_NAME","attributes":{"givenName":"Ada","middleName":"passall","familyName":"Example"}},
 {"claimType":"ADDRESS","attributes":{"streetNumber":"3","streetName":"Queen Street","town":"Auckland","country":"NZ"}}],
 "evidence":[{"evidenceType":"PASSPORT","documentId":"DS230475","country":"NZ","expiry":"2030-10-12"}]%s}`

func (w *world) submit(account, region, more string) call {
	return call{op: "submit-kyc-statement", as: in(account, w.issuer()), path: []string{account}, body: fmt.Sprintf(statement, region, more)}
}

func (w *world) prerequisites(source, more string) call {
	return call{op: "get-spending-prerequisites", as: w.forHolder(), body: fmt.Sprintf(
		`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"500","spendableCurrency":"USD","kycType":"partner-conducted"%s}`, w.d.CardProgramID, source, more)}
}

// passKYC lets the new cardholder pass KYC by a statement of the partner, which
// is looked at once contact details and expected spend are there.
func (w *world) passKYC(region string) {
	w.Helper()
	w.contact(emailMember + "," + phoneMember)
	w.spend()
	w.ok(w.submit(w.d.NewCardholderAccountID, region, ""))
	ask := w.prerequisites(w.d.NewFundingSourceID, fmt.Sprintf(`,"kycRegion":%q`, region))
	ask.as = w.forNew()
	w.ok(ask)
	w.pass(kycTime)
}

func (w *world) contact(members string) {
	w.Helper()
	w.ok(call{op: "update-contact-details", as: w.forNew(), path: []string{w.d.NewCardholderAccountID}, body: "{" + members + "}"})
}

func (w *world) spend() {
	w.Helper()
	w.ok(call{op: "update-expected-spend-amount", as: w.forNew(), path: []string{w.d.NewCardholderAccountID}, body: `{"expectedSpendAmount":"100000"}`})
}

const (
	emailMember = `"email":{"emailAddress":"ada@example.com"}`
	phoneMember = `"phone":{"phoneNumber":"+6421000000"}`
	posted      = `,"shippingAddress":{"addressLine1":"1 Queen Street","town":"Auckland","country":"NZ"},"shippingMethod":"standard-courier","language":"en"`
)

func cardSteps() []step {
	plain := func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.CardProgramID, "") }
	fine := func(code, want string) step {
		return step{code, "all in order", func(w *world) call { return ordered("403:"+code, plain(w)) }, want, nil}
	}
	fineOf := func(code, want string) step {
		return step{code, "all in order", func(w *world) call { return ordered("400:"+code, plain(w)) }, want, nil}
	}
	many := func(n int, cancelled bool) func(w *world) call {
		return func(w *world) call {
			for range n {
				id := w.ok(plain(w)).Get("cardId").String()
				w.pass(2 * time.Minute)
				if cancelled {
					w.ok(call{op: "cancel-card", as: w.forHolder(), path: []string{id}})
				}
			}
			return plain(w)
		}
	}
	return []step{
		{"BETA_ACCESS_DENIED", "nobody is admitted", func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.BetaCardProgramID, "") }, "1 unknown", []string{`externalId is 2b8261a106b76f9e74d0be5980237718`}},
		{"CARD_PROGRAM_INVALID", "another partner's", func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.ForeignCardProgramID, "") }, "1 unknown, 2 unknown", nil},
		fine("CARD_PROGRAM_INVALID", "1 unknown, 2 ok"),
		{"CARD_REGION_NOT_SUPPORTED", "KYC in another region", func(w *world) call {
			w.passKYC("GB")
			return w.cardForNew(w.d.PhysicalCardProgramID, posted)
		}, "1 unknown, 2 ok, 3 unknown", nil},
		fine("CARD_REGION_NOT_SUPPORTED", "1 unknown, 2 ok, 3 unknown"),
		{"CONTACT_EMAIL_REQUIRED", "neither is there", func(w *world) call {
			return ordered("403:CONTACT_EMAIL_REQUIRED", w.cardForNew(w.d.CardProgramID, ""))
		}, "1 problem, 2 problem", nil},
		fine("CONTACT_EMAIL_REQUIRED", "1 ok, 2 ok"),
		{"CONTACT_PHONE_REQUIRED", "the address is there", func(w *world) call {
			w.contact(emailMember)
			return ordered("403:CONTACT_PHONE_REQUIRED", w.cardForNew(w.d.CardProgramID, ""))
		}, "1 problem, 2 ok", []string{`no phone number is set`}},
		fine("CONTACT_PHONE_REQUIRED", "1 ok, 2 ok"),
		{"EXPECTED_SPEND_PREREQ_REQUIRED", "not given", func(w *world) call {
			w.contact(emailMember + "," + phoneMember)
			return ordered("403:EXPECTED_SPEND_PREREQ_REQUIRED", w.cardForNew(w.d.CardProgramID, ""))
		}, "1 problem, 2 ok", nil},
		fine("EXPECTED_SPEND_PREREQ_REQUIRED", "1 ok, 2 ok"),
		{"FUNDING_CHANNEL_INVALID", "a source for billing", func(w *world) call { return w.newCard(w.billing(), w.d.CardProgramID, "") }, "1 problem, 2 unknown, 3 unknown", nil},
		fine("FUNDING_CHANNEL_INVALID", "1 ok, 2 unknown, 3 unknown"),
		{"KYC_REQUIRED", "never started", func(w *world) call { return w.cardForNew(w.d.CardProgramID, "") }, "1 problem, 2 unknown", []string{`it doesn't exist (KYC_PROFILE_DOES_NOT_EXIST)`}},
		{"KYC_REQUIRED", "under way", func(w *world) call {
			w.passKYC("NZ")
			w.pass(-kycTime)
			return w.cardForNew(w.d.CardProgramID, "")
		}, "1 problem, 2 unknown", []string{`status is "pending"`}},
		fine("KYC_REQUIRED", "1 ok, 2 unknown"),
		{"MAX_ACTIVE_CARDS_EXCEEDED", "ten", many(6, false), "1 unknown, 2 unknown", nil},
		{"MAX_CARDS_EXCEEDED", "many cancelled", many(16, true), "1 problem, 2 problem", nil},
		{"PAYMENT_BRIDGE_ERROR", "only there", func(w *world) call {
			return ordered("503:PAYMENT_BRIDGE_ERROR", call{op: "provision-card-to-apple-pay", as: w.forHolder(), path: []string{w.d.CardID}, body: `{"certChain":["MIIE"],"nonce":"MIIE","nonceSignature":"MIIE"}`})
		}, "2 ok", nil},
		{"PHYSICAL_CARD_CONFIGURATION_INVALID", "another courier", func(w *world) call {
			return w.newCard(w.d.FundingSourceID, w.d.PhysicalCardProgramID, strings.Replace(posted, "standard", "premium", 1))
		}, "2 unknown", nil},
		{"SHIPPING_ADDRESS_REQUIRED", "a physical programme", func(w *world) call { return w.newCard(w.d.FundingSourceID, w.d.PhysicalCardProgramID, "") }, "4 ok", nil},
		fineOf("SHIPPING_ADDRESS_REQUIRED", "4 problem"),
	}
}

// billing is a funding source of the cardholder that is for billing.
func (w *world) billing() string {
	w.Helper()
	channel := w.ok(call{op: "create-funding-channel", as: w.admin(), body: fmt.Sprintf(
		`{"accountId":%q,"fundingTypeName":"simulator-usdc","purpose":"billing","params":{}}`, w.d.AccountID)}).Get("id").String()
	return w.ok(call{op: "create-funding-source", as: w.forHolder(), body: fmt.Sprintf(`{"accountId":%q,"fundingChannelId":%q}`, w.d.CardholderAccountID, channel)}).Get("id").String()
}

func cardLifeSteps() []step {
	const reissue = `{"reissuanceType":"standard-renewal"}`
	on := func(op, body, id string, w *world) call {
		return call{op: op, as: w.forHolder(), path: []string{id}, body: body}
	}
	return []step{
		{"CARD_ACTIVATION_FORBIDDEN", "a virtual card", func(w *world) call { return on("activate-card", "", w.d.CardID, w) }, "1 problem, 2 problem, 3 ok, 4 ok", nil},
		{"CARD_ACTIVATION_FORBIDDEN", "already active", func(w *world) call {
			w.ok(on("activate-card", "", w.d.PhysicalCardID, w))
			return on("activate-card", "", w.d.PhysicalCardID, w)
		}, "1 ok, 2 problem, 3 ok, 4 ok", nil},
		{"CARD_ACTIVATION_FORBIDDEN", "all in order", func(w *world) call {
			return ordered("403:CARD_ACTIVATION_FORBIDDEN", on("activate-card", "", w.d.PhysicalCardID, w))
		}, "1 ok, 2 ok, 3 ok, 4 ok", nil},
		{"CARD_ALREADY_FROZEN", "frozen", func(w *world) call { return on("freeze-card", "", w.d.FrozenCardID, w) }, "1 ok", nil},
		{"CARD_ALREADY_FROZEN", "not so", func(w *world) call {
			return ordered("403:CARD_ALREADY_FROZEN", on("freeze-card", "", w.d.CardID, w))
		}, "1 problem", nil},
		{"CARD_NOT_FOUND", "an id that is none", func(w *world) call { return on("reissue-card", reissue, nowhere, w) }, "1 problem, 2 problem", nil},
		{"CARD_NOT_FOUND", "not so", func(w *world) call {
			return ordered("403:CARD_NOT_FOUND", on("reissue-card", reissue, w.d.CardID, w))
		}, "1 ok, 2 ok", nil},
		{"CARD_NOT_FROZEN", "free", func(w *world) call { return on("unfreeze-card", "", w.d.CardID, w) }, "1 ok, 2 ok", nil},
		{"CARD_NOT_FROZEN", "not so", func(w *world) call {
			return ordered("403:CARD_NOT_FROZEN", on("unfreeze-card", "", w.d.FrozenCardID, w))
		}, "1 problem, 2 ok", nil},
		{"CARD_REISSUE_NOT_ALLOWED", "frozen", func(w *world) call { return on("reissue-card", reissue, w.d.FrozenCardID, w) }, "1 ok, 2 ok, 3 problem, 4 ok, 5 ok", nil},
		{"CARD_REISSUE_NOT_ALLOWED", "has a successor", func(w *world) call {
			w.ok(on("reissue-card", reissue, w.d.CardID, w))
			w.pass(time.Minute)
			return on("reissue-card", reissue, w.d.CardID, w)
		}, "1 problem, 2 problem, 3 ok, 4 ok, 5 problem", []string{`of the series is newer (status "active")`}},
		{"CARD_REISSUE_NOT_ALLOWED", "all in order", func(w *world) call {
			return ordered("403:CARD_REISSUE_NOT_ALLOWED", on("reissue-card", reissue, w.d.CardID, w))
		}, "1 ok, 2 ok, 3 ok, 4 ok, 5 ok", nil},
		{"CARD_SET_PIN_FORBIDDEN", "frozen", func(w *world) call { return on("set-card-pin", `{"newPin":"4821"}`, w.d.FrozenCardID, w) }, "1 ok, 2 problem, 3 ok", nil},
		{"CARD_SET_PIN_FORBIDDEN", "all in order", func(w *world) call {
			return ordered("403:CARD_SET_PIN_FORBIDDEN", on("set-card-pin", `{"newPin":"4821"}`, w.d.CardID, w))
		}, "1 ok, 2 ok, 3 ok", nil},
		{"CARD_UNFREEZE_NOT_ALLOWED", "blocked by the system", func(w *world) call { return on("unfreeze-card", "", w.d.BlockedCardID, w) }, "1 problem, 2 problem", []string{`a block of scope "card", reason "fraud", by "system" is active`}},
		{"CARD_UNFREEZE_NOT_ALLOWED", "frozen by the user", func(w *world) call {
			return ordered("403:CARD_UNFREEZE_NOT_ALLOWED", on("unfreeze-card", "", w.d.FrozenCardID, w))
		}, "1 ok, 2 ok", nil},
		{"INVALID_PIN_FORMAT", "the end of the card number", func(w *world) call {
			last := w.ok(call{op: "get-card", as: w.forHolder(), path: []string{w.d.CardID}}).Get("panLast4").String()
			return on("set-card-pin", fmt.Sprintf(`{"newPin":%q}`, last), w.d.CardID, w)
		}, "4 problem", nil},
		{"INVALID_PIN_FORMAT", "one digit four times", func(w *world) call { return on("set-card-pin", `{"newPin":"7777"}`, w.d.CardID, w) }, "4 ok", nil},
	}
}

func fundingSteps() []step {
	withdraw := func(w *world, source, amount string) call {
		return call{op: "create-withdrawal-intent", as: w.forHolder(), path: []string{source}, body: `{"amount":` + amount + `}`}
	}
	channel := func(w *world, storage string) call {
		return call{op: "create-funding-channel", as: w.admin(), body: fmt.Sprintf(
			`{"accountId":%q,"fundingTypeName":"polygon-amoy-usdc-universal-evm-test","params":{"storageAddress":%q}}`, w.d.AccountID, storage)}
	}
	deposit := func(w *world, source string) call {
		return call{op: "execute-simulator-deposit", as: w.forHolder(), body: fmt.Sprintf(`{"amount":"5","fundingSourceId":%q}`, source)}
	}
	return []step{
		{"FUNDING_CHANNEL_EXISTS", "claimed", func(w *world) call { return channel(w, "0x0000000000000000000000000000000000000001") }, "1 problem", nil},
		{"FUNDING_CHANNEL_EXISTS", "all in order", func(w *world) call {
			return ordered("403:FUNDING_CHANNEL_EXISTS", channel(w, "0x0000000000000000000000000000000000000002"))
		}, "1 ok", nil},
		{"FUNDING_SOURCE_INVALID", "a source for billing", func(w *world) call { return w.prerequisites(w.billing(), "") }, "1 ok, 2 problem, 3 unknown", nil},
		{"FUNDING_SOURCE_INVALID", "all in order", func(w *world) call {
			return ordered("403:FUNDING_SOURCE_INVALID", w.prerequisites(w.d.FundingSourceID, ""))
		}, "1 ok, 2 ok, 3 unknown", nil},
		{"FUNDING_STRATEGY_NOT_SUPPORTED", "custodial", func(w *world) call { return withdraw(w, w.d.CustodialFundingSourceID, "1") }, "1 unknown, 2 unknown, 3 unknown", []string{`so these credentials can't read it`}},
		{"FUNDING_STRATEGY_NOT_SUPPORTED", "all in order", func(w *world) call {
			return ordered("403:FUNDING_STRATEGY_NOT_SUPPORTED", withdraw(w, w.d.FundingSourceID, "1"))
		}, "1 unknown, 2 unknown, 3 unknown", nil},
		{"INSUFFICIENT_BALANCE", "one unit too many", func(w *world) call { return withdraw(w, w.d.FundingSourceID, "1000000001") }, "1 problem, 2 ok", []string{`the balance is 1000000000 (1000 USDC), and the request asks for 1000000001 (1000.000001 USDC)`, `no withdrawal is pending`}},
		{"INSUFFICIENT_BALANCE", "pending intents hold it", func(w *world) call {
			w.ok(withdraw(w, w.d.FundingSourceID, "600000000"))
			return withdraw(w, w.d.FundingSourceID, "500000000")
		}, "1 problem, 2 problem", []string{`1 pending withdrawal of 600000000 (600 USDC), and without them the balance would be enough`}},
		{"INSUFFICIENT_BALANCE", "all in order", func(w *world) call {
			return ordered("403:INSUFFICIENT_BALANCE", withdraw(w, w.d.FundingSourceID, "1000000000"))
		}, "1 ok, 2 ok", nil},
		{"INSUFFICIENT_FUNDS", "all in order", func(w *world) call {
			return ordered("403:INSUFFICIENT_FUNDS", withdraw(w, w.d.FundingSourceID, "1000000000"))
		}, "1 ok, 2 ok", nil},
		{"INVALID_FUNDING_SOURCE_TYPE", "custodial", func(w *world) call { return deposit(w, w.d.CustodialFundingSourceID) }, "1 unknown, 2 unknown", nil},
		{"INVALID_FUNDING_SOURCE_TYPE", "all in order", func(w *world) call {
			return ordered("403:INVALID_FUNDING_SOURCE_TYPE", deposit(w, w.d.FundingSourceID))
		}, "1 unknown, 2 unknown", nil},
		{"TOO_MANY_PENDING_WITHDRAWALS", "ten", func(w *world) call {
			for range 10 {
				w.ok(withdraw(w, w.d.FundingSourceID, "1000"))
			}
			return withdraw(w, w.d.FundingSourceID, "1000")
		}, "1 problem", nil},
		{"TOO_MANY_PENDING_WITHDRAWALS", "none", func(w *world) call {
			return ordered("403:TOO_MANY_PENDING_WITHDRAWALS", withdraw(w, w.d.FundingSourceID, "1000"))
		}, "1 ok", nil},
	}
}

// file uploads a document for an account.
func (w *world) file(account string) string {
	w.Helper()
	part := func(head, text string) string {
		return "--xx\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + text + "\r\n"
	}
	body := part(`name="purpose"`, "kyc-doc-upload") + part(`name="accountId"`, account) +
		part("name=\"file\"; filename=\"passport.pdf\"\r\nContent-Type: image/png", "PNG") + "--xx--\r\n"
	return w.ok(call{op: "upload-file", as: append(w.issuer(), "content-type", `multipart/form-data; boundary="xx"`), body: body}).Get("id").String()
}

func kycSteps() []step {
	attached := func(w *world, account string) string {
		return fmt.Sprintf(`,"attachments":[{"fileId":%q,"type":"passport"}]`, w.file(account))
	}
	read := func(op string) func(*world) call {
		return func(w *world) call {
			return call{op: op, as: w.forNew(), path: []string{w.d.NewCardholderAccountID}}
		}
	}
	ask := func(more string) func(*world) call {
		return func(w *world) call { return w.prerequisites(w.d.FundingSourceID, more) }
	}
	addresses := func(w *world, account string) call {
		return call{op: "submit-residential-addresses", as: in(account, w.issuer()), path: []string{account}, body: `[{"fullAddress":"1 Queen Street","country":"NZ"}]`}
	}
	return []step{
		{"ATTACHMENT_ACCOUNT_MISMATCH", "another cardholder's file", func(w *world) call {
			return w.submit(w.d.NewCardholderAccountID, "NZ", attached(w, w.d.CardholderAccountID))
		}, "1 unknown, 2 ok", []string{`so these credentials can't read it`}},
		{"ATTACHMENT_ACCOUNT_MISMATCH", "all in order", func(w *world) call {
			return ordered("403:ATTACHMENT_ACCOUNT_MISMATCH", w.submit(w.d.NewCardholderAccountID, "NZ", attached(w, w.d.NewCardholderAccountID)))
		}, "1 ok, 2 ok", nil},
		{"KYC_ALREADY_PASSED", "passed", func(w *world) call { return addresses(w, w.d.CardholderAccountID) }, "1 problem, 2 unknown", nil},
		{"KYC_ALREADY_PASSED", "not so", func(w *world) call {
			return ordered("403:KYC_ALREADY_PASSED", addresses(w, w.d.NewCardholderAccountID))
		}, "1 ok, 2 unknown", nil},
		{"KYC_PROFILE_DOES_NOT_EXIST", "never started", read("get-kyc-profile"), "1 ok, 2 unknown", nil},
		{"KYC_PROFILE_DOES_NOT_EXIST", "the partner's account", func(w *world) call {
			return ordered("403:KYC_PROFILE_DOES_NOT_EXIST", call{op: "get-kyc-profile", as: w.issuer(), path: []string{w.d.AccountID}})
		}, "1 problem, 2 unknown", nil},
		{"KYC_PROFILE_DOES_NOT_EXIST", "a statement is there", func(w *world) call {
			w.ok(w.submit(w.d.NewCardholderAccountID, "NZ", ""))
			return ordered("403:KYC_PROFILE_DOES_NOT_EXIST", read("get-kyc-profile")(w))
		}, "1 ok, 2 ok", nil},
		{"KYC_PROFILE_REGION_MISMATCH", "passed elsewhere", ask(`,"kycRegion":"AU"`), "1 problem", nil},
		{"KYC_PROFILE_REGION_MISMATCH", "all in order", func(w *world) call {
			return ordered("403:KYC_PROFILE_REGION_MISMATCH", ask(`,"kycRegion":"NZ"`)(w))
		}, "1 ok", nil},
		{"KYC_STATEMENTS_NOT_ALLOWED", "all in order", func(w *world) call {
			return ordered("403:KYC_STATEMENTS_NOT_ALLOWED", w.submit(w.d.NewCardholderAccountID, "NZ", ""))
		}, "1 unknown, 2 unknown", nil},
		{"KYC_STATEMENTS_NOT_ALLOWED", "a partner without a profile", func(w *world) call {
			holder := w.ok(call{op: "create-account", as: w.issuer(), body: fmt.Sprintf(`{"type":"cardholder","parentAccountId":%q}`, w.branch())}).Get("id").String()
			return w.submit(holder, "NZ", "")
		}, "1 unknown, 2 unknown", nil},
		{"KYC_STATEMENT_DOES_NOT_EXIST", "none", read("get-kyc-statement"), "1 unknown, 2 ok", nil},
		{"KYC_STATEMENT_REGION_MISMATCH", "submitted elsewhere", func(w *world) call {
			w.ok(w.submit(w.d.NewCardholderAccountID, "NZ", ""))
			c := w.prerequisites(w.d.NewFundingSourceID, `,"kycRegion":"AU"`)
			c.as = w.forNew()
			return c
		}, "1 problem, 2 ok", nil},
		{"KYC_STATEMENT_REGION_MISMATCH", "passed in a region", func(w *world) call {
			w.passKYC("NZ")
			c := w.prerequisites(w.d.NewFundingSourceID, `,"kycRegion":"NZ"`)
			c.as = w.forNew()
			return ordered("403:KYC_STATEMENT_REGION_MISMATCH", c)
		}, "1 ok, 2 problem", nil},
		{"UNSUPPORTED_KYC_REGION", "misspelt", ask(`,"kycRegion":"UK"`), "1 problem", []string{`"UK" isn't one of 4 regions`}},
		{"UNSUPPORTED_KYC_REGION", "listed, and not offered", ask(`,"kycRegion":"US"`), "1 problem", nil},
		{"UNSUPPORTED_KYC_REGION", "all in order", func(w *world) call {
			return ordered("403:UNSUPPORTED_KYC_REGION", ask(`,"kycRegion":"NZ"`)(w))
		}, "1 ok", nil},
	}
}
