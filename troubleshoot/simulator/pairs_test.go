package simulator

import (
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

// onDemandOnly are the documented pairs of errorCode and operation that no state
// of the simulator brings about, with the reason. All others arise by state.
func onDemandOnly() map[string]string {
	return map[string]string{
		"PAYMENT_BRIDGE_ERROR provision-card-to-apple-pay": "an upstream of the API is down; the simulator has none",
	}
}

// TestEveryPairArisesByState holds the rules to all documented pairs of errorCode
// and operation.
func TestEveryPairArisesByState(t *testing.T) {
	arisen := map[string]bool{}
	for _, r := range rules() {
		w := newWorld(t)
		if r.arrange != nil {
			r.arrange(w)
		}
		arisen[r.code+" "+r.call(w).op] = true
	}
	pairs, byState := 0, 0
	for _, code := range api.Codes() {
		for _, place := range code.Operations {
			pair := code.Name + " " + place.Operation
			pairs++
			_, exempt := onDemandOnly()[pair]
			switch {
			case arisen[pair] && exempt:
				t.Errorf("%s arises by state, and is listed as on demand only", pair)
			case !arisen[pair] && !exempt:
				t.Errorf("%s does not arise by state: add a cause, or a reason to onDemandOnly", pair)
			case arisen[pair]:
				byState++
			}
		}
	}
	for pair := range onDemandOnly() {
		code, operation, _ := strings.Cut(pair, " ")
		if op, err := api.Lookup(operation); err != nil || !op.Documents(code) {
			t.Errorf("%s is listed as on demand only, and is not documented", pair)
		}
	}
	t.Logf("%d codes, %d pairs of code and operation: %d by state, %d on demand only", len(api.Codes()), pairs, byState, pairs-byState)
}

// strangerRules ask for what belongs to somebody else, or to nobody.
func strangerRules() []cause {
	const nobody = "0123456789abcdef0123456789abcdef"
	var list []cause
	add := func(make func(w *world) call) { list = append(list, cause{code: "FORBIDDEN", call: make}) }
	holder := func(op, body string) {
		add(func(w *world) call {
			return call{op: op, as: w.forHolder(), path: []string{w.d.ForeignAccountID}, body: body}
		})
	}
	admin := func(op, body string, path func(Demo) []string) {
		add(func(w *world) call { return call{op: op, as: w.admin(), path: path(w.d), body: body} })
	}
	none := func(Demo) []string { return []string{nobody} }
	foreign := func(d Demo) []string { return []string{d.ForeignPartnerID} }
	card := func(op, body string) {
		add(func(w *world) call {
			return call{op: op, as: w.forHolder(), path: []string{w.d.ForeignCardID}, body: body}
		})
	}
	card("provision-card-to-apple-pay", `{"certChain":["MIIE"],"nonce":"Tn9a","nonceSignature":"MEUC"}`)
	card("set-card-pin", `{"newPin":"4821"}`)
	holder("get-kyc-profile", "")
	holder("get-kyc-statement", "")
	holder("submit-kyc-statement", fmt.Sprintf(statement, "k", "NZ", ""))
	holder("get-expected-spend-amount", "")
	holder("update-expected-spend-amount", `{"expectedSpendAmount":"1"}`)
	holder("get-residential-addresses", "")
	holder("submit-residential-addresses", `[{"fullAddress":"1 Queen Street","country":"NZ"}]`)
	admin("get-client-application", "", none)
	admin("update-allowed-origins", `{"allowedOrigins":["http://localhost"]}`, none)
	admin("configure-partner-profile", `{"attributeName":"logoUrl","attributeValue":"x"}`, foreign)
	admin("get-supported-regions", "", foreign)
	admin("list-webhook-notifications", "", foreign)
	admin("delete-webhook-listener", "", none)
	admin("add-webhook-topic-subscription", `{"topic":"card-created"}`, none)
	admin("remove-webhook-topic-subscription", `{"topic":"card-created"}`, none)
	add(func(w *world) call {
		return call{op: "send-webhook-test-notification", as: w.admin(), body: fmt.Sprintf(`{"accountId":%q,"topic":"async-test"}`, w.d.ForeignPartnerID)}
	})
	add(func(w *world) call { return call{op: "get-file-upload", as: w.forHolder(), path: []string{nobody}} })
	add(func(w *world) call {
		return call{op: "create-withdrawal-intent", as: w.forHolder(), path: []string{nobody}, body: `{"amount":1}`}
	})
	add(func(w *world) call { return w.prerequisites(w.d.CardProgramID, nobody, "") })
	for _, op := range []string{"execute-simulator-deposit", "execute-simulator-withdrawal"} {
		add(func(w *world) call {
			return call{op: op, as: w.forHolder(), body: `{"amount":"5","fundingSourceId":"` + nobody + `","id":"x"}`}
		})
	}
	add(func(w *world) call {
		return call{op: "create-support-session", as: w.forHolder(), body: fmt.Sprintf(`{"accountId":%q}`, w.d.ForeignAccountID)}
	})
	return list
}

// listenerRules put a cardholder's account where a partner's belongs.
func listenerRules() []cause {
	var list []cause
	for _, op := range []string{"delete-webhook-listener", "add-webhook-topic-subscription", "remove-webhook-topic-subscription"} {
		list = append(list, cause{code: "ACCOUNT_TYPE_INVALID", arrange: func(w *world) {
			w.s.store.listeners.add("of-a-cardholder", &Listener{ID: "of-a-cardholder", AccountID: w.d.CardholderAccountID})
		}, call: func(w *world) call {
			c := call{op: op, as: w.admin(), path: []string{"of-a-cardholder"}, body: `{"topic":"card-created"}`}
			if op == "delete-webhook-listener" {
				c.body = ""
			}
			return c
		}})
	}
	for op, more := range map[string]string{"create-webhook-listener": `"url":"https://example.com"`, "send-webhook-test-notification": `"topic":"async-test"`} {
		list = append(list, cause{code: "ACCOUNT_TYPE_INVALID", call: func(w *world) call {
			return call{op: op, as: w.admin(), body: fmt.Sprintf(`{"accountId":%q,%s}`, w.d.CardholderAccountID, more)}
		}})
	}
	return list
}

// reissueRules ask for a successor where what a new card needs is missing.
func reissueRules() []cause {
	reissue := func(card func(*world) string, more string) func(*world) call {
		return func(w *world) call {
			return call{op: "reissue-card", as: w.forHolder(), path: []string{card(w)}, body: `{"reissuanceType":"standard-renewal"` + more + `}`}
		}
	}
	virtual := func(w *world) string { return w.d.CardID }
	activated := func(w *world) {
		w.do(call{op: "activate-card", as: w.forHolder(), path: []string{w.d.PhysicalCardID}}).ok()
	}
	physical := func(w *world) string { return w.d.PhysicalCardID }
	list := []cause{
		{code: "CONTACT_EMAIL_REQUIRED", arrange: func(w *world) { holder(w).Email = "" }, call: reissue(virtual, "")},
		{code: "CONTACT_PHONE_REQUIRED", arrange: func(w *world) { holder(w).Phone = "" }, call: reissue(virtual, "")},
		{
			code: "SHIPPING_COUNTRY_UNSUPPORTED", arrange: activated,
			call: reissue(physical, `,"shippingAddress":{"country":"NZL"},"shippingMethod":"standard-courier","language":"en"`),
		},
	}
	for code, more := range map[string]string{
		"SHIPPING_ADDRESS_REQUIRED":           "",
		"SHIPPING_METHOD_REQUIRED":            `,"shippingAddress":` + address,
		"LANGUAGE_REQUIRED":                   `,"shippingAddress":` + address + `,"shippingMethod":"standard-courier"`,
		"PHYSICAL_CARD_CONFIGURATION_INVALID": `,"shippingAddress":` + address + `,"shippingMethod":"premium-courier","language":"en"`,
		"SHIPPING_ADDRESS_LINE_TOO_LONG": `,"shippingAddress":{"country":"NZ","addressLine1":"` + strings.Repeat("x", 36) +
			`"},"shippingMethod":"standard-courier","language":"en"`,
	} {
		list = append(list, cause{code: code, status: 400, arrange: activated, call: reissue(physical, more)})
	}
	return list
}
