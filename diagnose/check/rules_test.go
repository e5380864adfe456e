package check

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/rule"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/finding"
)

// What breaks a rule becomes a warning at the place of the breach, with a title and what
// it rests on.
func TestBreachesBecomeFindings(t *testing.T) {
	count := 0
	for _, route := range api.Routes() {
		data, err := os.ReadFile("../api/operations/" + route.ID + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Rules []struct{ Hit []json.RawMessage }
		}
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		op, err := api.Lookup(route.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range op.Rules {
			if r.At != nil || r.Kind == api.RuleTolerate {
				continue
			}
			for _, hit := range file.Rules[i].Hit {
				breaches := rule.Breaches(op, schema.Parse(hit))
				if len(breaches) == 0 {
					t.Errorf("%s: %s breaks nothing", op.ID, hit)
					continue
				}
				place, because := breaches[0].Pointer, breaches[0].Rule.Because
				if breaches[0].Field != "" && r.Kind != api.RuleApart {
					place += "/" + breaches[0].Field
				}
				count++
				found := bodyFindingsOf(bodyInput(t, op.ID, "application/json", string(hit), 400))
				if !slices.ContainsFunc(found, func(f Finding) bool {
					return f.Location.Pointer == place && f.Severity == Warning && strings.Contains(f.Evidence, because) && f.Title != ""
				}) {
					t.Errorf("%s: %s: no warning at %s because %q in %+v", op.ID, hit, place, because, found)
				}
			}
		}
	}
	if count < 15 {
		t.Errorf("%d breaches were looked at", count)
	}
}

// A value that a rule speaks of: what the finding says, and what keeps it back.
func TestFindingsOfRules(t *testing.T) {
	for _, tc := range []struct {
		name, operation, body string
		status                int
		want                  string // id, title and fix of the finding at the place; "" for none
		at                    string
	}{
		{"a suggestion", "submit-residential-addresses", `[{"country":"nz"}]`, 400, `body-invalid-value|[0].country is a country code in lower case|Write "NZ".`, "/0/country"},
		{"the nearest value", "add-webhook-topic-subscription", `{"topic":"payment-update"}`, 400, `body-invalid-value|topic isn't a documented topic (closest: "payment-updated")|Write "payment-updated".`, "/topic"},
		{"no near value", "add-webhook-topic-subscription", `{"topic":"everything-else"}`, 400, `body-invalid-value|topic isn't a documented topic|`, "/topic"},
		{"the rule's fix", "create-webhook-listener", `{"url":"http://a.example/x","accountId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`, 400, "body-invalid-value|url isn't an https URL|Use an https URL.", "/url"},
		{"another type", "update-allowed-origins", `{"allowedOrigins":[1]}`, 400, "body-wrong-type|allowedOrigins[0] is a number instead of an origin|", "/allowedOrigins/0"},
		{"an id before it is sent", "create-support-session", `{"accountId":"my-account"}`, 0, "body-invalid-value|accountId doesn't look like an ID|Compare it with the ID that the API returned.", "/accountId"},
		{"an id that was sent", "create-support-session", `{"accountId":"my-account"}`, 400, "", "/accountId"},
		{"a mask", "add-webhook-topic-subscription", `{"topic":"***"}`, 400, "", "/topic"},
		{"an empty text", "create-card", `{"cardProgramId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","shippingAddress":{"country":""}}`, 400, "", "/shippingAddress/country"},
		{"fields that exclude each other", "create-account", `{"partnerAccountId":"a","parentAccountId":"b"}`, 400, "body-invalid-value|both partnerAccountId and parentAccountId were sent|Send only the one that you mean.", "/parentAccountId"},
		{"an amount of nothing", "execute-simulator-deposit", `{"amount":"0","fundingSourceId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`, 400, "body-invalid-value|amount isn't above zero|", "/amount"},
		{"an amount of a reversal", "submit-simulator-reversal", `{"transactionAmount":"0"}`, 400, "", "/transactionAmount"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := bodyInput(t, tc.operation, "application/json", tc.body, tc.status)
			got := ""
			for _, f := range bodyFindingsOf(in) {
				if f.Location.Pointer == tc.at && f.ID != finding.BodyPlaceholder && f.Severity == Warning {
					got = strings.Join([]string{f.ID, f.Title, f.Fix}, "|")
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
