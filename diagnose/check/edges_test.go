package check

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// A body with a syntax error is repaired as it was meant.
func TestBodiesAreRepairedAsTheyWereMeant(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"single quotes", `{'topic': 'kyc-failed'}`, `{"topic": "kyc-failed"}`},
		{"an escaped quote in single quotes", `{'topic': 'it\'s'}`, `{"topic": "it's"}`},
		{"a double quote in single quotes", `{'topic': 'say "hi"'}`, `{"topic": "say \"hi\""}`},
		{"an escape in single quotes", `{'topic': 'a\nb'}`, `{"topic": "a\nb"}`},
		{"a newline in single quotes", "{'topic': 'a\nb'}", `{"topic": "a\nb"}`},
		{"a tab in single quotes", "{'topic': 'a\tb'}", `{"topic": "a\tb"}`},
		{"a backslash at the end", `{'topic': 'a\\'}`, `{"topic": "a\\"}`},
		{"\\x", `{"topic": "a\x41"}`, `{"topic": "a\u0041"}`},
		{"an escape that JSON doesn't have", `{"topic": "C:\windows"}`, `{"topic": "C:\\windows"}`},
		{"\\u without digits", `{"topic": "C:\users"}`, `{"topic": "C:\\users"}`},
		{"a valid \\u", `{"topic": "\u0041",}`, `{"topic": "\u0041"}`},
		{"a trailing comma", `{"topic": "kyc-failed",}`, `{"topic": "kyc-failed"}`},
		{"a comma after the end", `{"topic": "kyc-failed"},`, `{"topic": "kyc-failed"}`},
		{"a bracket after the end", `{"topic": "kyc-failed"}}`, `{"topic": "kyc-failed"}`},
		{"a quote after the end", `{"topic": "kyc-failed"}'`, `{"topic": "kyc-failed"}`},
		{"a double quote after the end", `{"topic": "kyc-failed"}"`, `{"topic": "kyc-failed"}`},
		{"a backslash after the end", `{"topic": "kyc-failed"}\`, `{"topic": "kyc-failed"}`},
		{"a semicolon after the end", `{"topic": "kyc-failed"};`, `{"topic": "kyc-failed"}`},
		{"a parenthesis after the end", `{"topic": "kyc-failed"})`, `{"topic": "kyc-failed"}`},
		{"a percent sign after the end", `{"topic": "kyc-failed"}%`, `{"topic": "kyc-failed"}`},
		{"a backtick after the end", "{\"topic\": \"kyc-failed\"}`", `{"topic": "kyc-failed"}`},
		{"an unquoted name", `{topic: "kyc-failed"}`, `{"topic": "kyc-failed"}`},
		{"None", `{"topic": None}`, `{"topic": null}`},
		{"True", `{"topic": True}`, `{"topic": true}`},
		{"a text where one word follows", `{"topic": "kyc-failed"} and more`, ""},
		{"two documents", `{"topic": "kyc-failed"}{"topic": "kyc-failed"}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := bodyInput(t, "add-webhook-topic-subscription", "application/json", tc.body, 400)
			got := ""
			for _, f := range bodyFindingsOf(in) {
				for _, r := range f.Repairs {
					got = r.Value
				}
			}
			if got != tc.want {
				t.Errorf("%s is repaired to %q, want %q", tc.body, got, tc.want)
			}
		})
	}
}

// A value that's wrong in one way only is repaired, and nothing else is changed.
func TestValuesAreRepairedIfThatIsCertain(t *testing.T) {
	for _, tc := range []struct{ name, operation, body, want string }{
		{"a switch as a text", "configure-partner-profile", `{"attributeName":"email.kyc.enabled","attributeValue":"false"}`, `{"attributeName":"email.kyc.enabled","attributeValue":false}`},
		{"a switch as a word", "configure-partner-profile", `{"attributeName":"email.kyc.enabled","attributeValue":"yes"}`, ""},
		{"a text in an object's place", "update-contact-details", `{"email":"jane@example.com"}`, `{"email":{"emailAddress": "jane@example.com"}}`},
		{
			"digits with separators", "submit-simulator-authorization", `{"cardPan":"4532 0151 1283 0366","cardExpiry":"203001","cardCvv":"123","transactionType":"purchase","transactionAmount":"5"}`,
			`{"cardPan":"4532015112830366","cardExpiry":"203001","cardCvv":"123","transactionType":"purchase","transactionAmount":"5"}`,
		},
		{"a value in other letters", "submit-simulator-reversal", `{"authorizationRequestMsg":"x","transactionType":"PURCHASE"}`, `{"authorizationRequestMsg":"x","transactionType":"purchase"}`},
		{"a value that's only near", "submit-simulator-reversal", `{"authorizationRequestMsg":"x","transactionType":"purchases"}`, ""},
		{"an amount as a text", "create-withdrawal-intent", `{"amount":"1314"}`, `{"amount":1314}`},
		{"a decimal amount", "create-withdrawal-intent", `{"amount":"13.14"}`, ""},
		{"an id as a number", "create-support-session", `{"accountId":12345678901234567890123456789012}`, `{"accountId":"12345678901234567890123456789012"}`},
		{"a time as a number", "submit-3ds-challenge-outcome", `{"outcome":"approved","authTypes":["pin"],"authenticatedAt":1795430652,"metadata":{}}`, ""},
		{
			"one entry without its list", "initiate-siwe-login", `{"walletAddress":"0x1234567890123456789012345678901234567890","url":"https://app.example.com","chainId":80002,"clientApplicationId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","scopes":"cardholder-partner"}`,
			`{"walletAddress":"0x1234567890123456789012345678901234567890","url":"https://app.example.com","chainId":80002,"clientApplicationId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","scopes":["cardholder-partner"]}`,
		},
		{"a body encoded twice", "create-support-session", `"{\"accountId\":\"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\"}"`, `{"accountId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`},
		{"a name in other letters", "create-support-session", `{"account_id":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`, `{"accountId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := bodyInput(t, tc.operation, "application/json", tc.body, 400)
			got := ""
			for _, f := range bodyFindingsOf(in) {
				for _, r := range f.Repairs {
					got = r.Value
				}
			}
			if got != tc.want {
				t.Errorf("%s is repaired to %q, want %q", tc.body, got, tc.want)
			}
		})
	}
}

// A redirect is a status of 300 to 399 with a location, but for the 304 of a cache.
func TestWhatIsARedirect(t *testing.T) {
	for status, want := range map[int]bool{299: false, 300: true, 302: true, 304: false, 399: true, 400: false} {
		response := &exchange.Response{Status: status}
		response.Header.Add("Location", "https://test.immersve.com/api/cards")
		in := &Input{Exchange: &exchange.Exchange{Response: response}}
		if got := len(redirectFindings(in)) == 1; got != want {
			t.Errorf("status %d: redirect %v, want %v", status, got, want)
		}
	}
}

// The first step after a failure of the transport depends on what a second call does.
func TestFirstStepAfterATransportFailure(t *testing.T) {
	for _, tc := range []struct{ operation, want string }{
		{"list-cards", "Retry: a second GET has no further effect."},
		{"freeze-card", "Retry: it's safe to send freeze-card again."},
		{"create-card", "Check with list-cards whether the call took effect, then retry."},
	} {
		op, err := api.Lookup(tc.operation)
		if err != nil {
			t.Fatal(err)
		}
		in := &Input{Operation: op, Exchange: &exchange.Exchange{
			Request: &exchange.Request{Method: exchange.Method(op.Method), URL: exchange.ParseURL("https://test.immersve.com" + op.Path)},
			Failure: &exchange.Failure{Text: "curl: (28) Operation timed out after 10001 milliseconds with 0 bytes received", CurlCode: 28},
		}}
		in.Class = Classify(in.Exchange, in.Error)
		list := transportCheck().Run(in)
		if len(list) != 1 || list[0].ID != finding.Timeout || list[0].Fix != tc.want {
			t.Errorf("%s: %+v, want %q", tc.operation, list, tc.want)
		}
	}
}

// Of a path with the ID twice, both are replaced, and what only looks like it isn't.
func TestReplaceSegmentKeepsTheOthers(t *testing.T) {
	if got := replaceSegment("/api/a%20b/cards/a b/x", "a b", "Q"); got != "/api/Q/cards/Q/x" {
		t.Error(got)
	}
	if got := replaceSegment("/api/cards", "nothing", "Q"); got != "/api/cards" {
		t.Error(got)
	}
}

// x-account-id is looked at if the account decides: on a 403, and before the request is
// sent. No other response is about the account.
func TestAccountHeaderIsJudgedIfTheAccountDecides(t *testing.T) {
	op, err := api.Lookup("list-cards")
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range Classes() {
		request := &exchange.Request{Method: http.MethodGet, HeaderCaptured: true, URL: exchange.ParseURL("https://test.immersve.com/api/accounts/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6/cards")}
		request.Header.Add("x-account-id", "{{accountId}}")
		in := &Input{Exchange: &exchange.Exchange{Request: request}, Operation: op, Class: class}
		in.Route = api.MatchRoute(http.MethodGet, request.URL.PathSegments())
		c := permissionCheck()
		got := c.Skip == nil || !c.Skip(class)
		if got {
			got = slices.ContainsFunc(c.Run(in), func(f Finding) bool {
				return f.ID == finding.CredentialPlaceholder && f.Location.Name == "x-account-id"
			})
		}
		if want := slices.Contains([]Class{ResourceOrPermission, BusinessRule, NotSent}, class); got != want {
			t.Errorf("%s: x-account-id judged: %v, want %v", class, got, want)
		}
	}
}

// If alternatives document several types for a field, all of them are named.
func TestAlternativesTypesAreJoined(t *testing.T) {
	in := bodyInput(t, "configure-partner-profile", "application/json", `{"attributeName":"logoUrl","attributeValue":7}`, 400)
	list := bodyFindingsOf(in)
	if len(list) == 0 || list[0].ID != finding.BodyWrongType || !strings.Contains(list[0].Hint, "a string or a boolean") {
		t.Errorf("%+v", list)
	}
}

// A field at the wrong level is told where it belongs, and what lacks it, that it's there.
func TestFieldsAtTheWrongLevel(t *testing.T) {
	for _, tc := range []struct{ name, operation, body, id, title, fix string }{
		{"too high", "update-contact-details", `{"emailAddress":"jane@example.com"}`, finding.BodyUnknownField, "emailAddress goes in email, not in the body", "Move emailAddress into email."},
		{
			"too deep", "create-card", `{"cardProgramId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","fundingSourceId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","shippingAddress":{"language":"en"},"shippingMethod":"standard-courier"}`,
			finding.BodyUnknownField, "shippingAddress.language goes in the body, not in shippingAddress", "Move language into the body.",
		},
		{
			"of a required object", "create-funding-channel", `{"fundingTypeName":"custodial-usdc","accountId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","webhookBaseUrl":"https://a.example"}`,
			finding.BodyMissingField, "params is missing, and webhookBaseUrl goes in it", "Move webhookBaseUrl into params.",
		},
		{"of list entries", "submit-kyc-statement", `{"idempotencyKey":"a","region":"NZ","claims":[],"evidence":[],"documentId":"X"}`, finding.BodyUnknownField, "documentId goes in evidence[], not in the body", "Move documentId into evidence[]."},
		{
			"of another alternative", "initiate-login", `{"loginMethod":"xrpl","network":"xahau-mainnet","clientApplicationId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","scopes":["cardholder-partner"],"publicKey":"EDA2F521129EC961DABA759DA","address":"x"}`,
			finding.BodyUnknownField, "address isn't a documented field", "",
		},
		{"nowhere", "update-contact-details", `{"email":{"emailAddress":"jane@example.com"},"nickname":"x"}`, finding.BodyUnknownField, "nickname isn't a documented field", ""},
		{"a former name", "create-support-session", `{"cardholderAccountId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`, finding.BodyMissingField, "the body has cardholderAccountId instead of accountId", `Rename "cardholderAccountId" to "accountId".`},
		{"an entry of a list", "submit-residential-addresses", `[{"fullAddress":"1 Queen Street"}]`, finding.BodyMissingField, "country is missing in entry [0]", "Add country to entry [0]."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list := bodyFindingsOf(bodyInput(t, tc.operation, "application/json", tc.body, 400))
			if !slices.ContainsFunc(list, func(f Finding) bool { return f.ID == tc.id && f.Title == tc.title && f.Fix == tc.fix }) {
				t.Errorf("no %s: %s (%s) in %+v", tc.id, tc.title, tc.fix, list)
			}
		})
	}
}

// The names of a parameter differ between operations.
func TestParametersOfOtherOperations(t *testing.T) {
	for _, tc := range []struct{ operation, query, want string }{
		{"list-transactions", "createdFrom=2026-11-01T00:00:00Z", "Write fromUTC."},
		{"list-inquiries", "fromUTC=2026-11-01T00:00:00Z", "Write createdFrom."},
		{"list-inquiries", "createdform=2026-11-01T00:00:00Z", "Write createdFrom."},
		{"list-inquiries", "pageSize=10", "Write limit."},
		{"list-inquiries", "colour=red", "Remove it, or correct its name."},
	} {
		op, err := api.Lookup(tc.operation)
		if err != nil {
			t.Fatal(err)
		}
		sent := exchange.ParseURL("https://test.immersve.com/x?" + tc.query).Query()
		in := &Input{Operation: op, Exchange: &exchange.Exchange{Request: &exchange.Request{Method: http.MethodGet}}, Class: MalformedRequest}
		list := sentParameters(in, sent)
		if len(list) == 0 || list[0].ID != finding.QueryUnknown || list[0].Fix != tc.want {
			t.Errorf("%s?%s: %+v, want %q", tc.operation, tc.query, list, tc.want)
		}
	}
}
