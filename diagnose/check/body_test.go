package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/growth"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// bodyInput is a request to an operation with a body, answered with a status (0
// for a request that was not sent).
func bodyInput(t testing.TB, operation, contentType, body string, status int) *Input {
	t.Helper()
	op, err := api.Lookup(operation)
	if err != nil {
		t.Fatal(err)
	}
	request := &exchange.Request{Method: exchange.Method(op.Method), HeaderCaptured: true, Body: exchange.NewBody([]byte(body))}
	if contentType != "" {
		request.Header.Add("Content-Type", contentType)
	}
	ex := &exchange.Exchange{Request: request}
	if status != 0 {
		ex.Response = &exchange.Response{Status: status}
	}
	in := &Input{Exchange: ex, Operation: op}
	in.Class = Classify(ex, in.Error)
	return in
}

// brief writes a finding as the tables do: "error body-missing-field /url".
func brief(f Finding) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.ID, f.Location.Pointer))
}

func briefs(list []Finding) string {
	var lines []string
	for _, f := range list {
		lines = append(lines, brief(f))
	}
	return strings.Join(lines, "\n")
}

func lines(list ...string) string { return strings.Join(list, "\n") }

const (
	login  = `"network":"base-sepolia","clientApplicationId":"c","scopes":["cardholder-partner"]`
	prereq = `"cardProgramId":"a","fundingSourceId":"b","spendableCurrency":"USD","kycType":"immersve-conducted"`
	card   = `"cardProgramId":"a","fundingSourceId":"b"`
	auth   = `"transactionType":"purchase","cardPan":"4111111111111111","cardExpiry":"202712","cardCvv":"123"`
)

func TestBodyFindings(t *testing.T) {
	for _, tc := range []struct{ operation, body, want string }{
		// missing members, each with its own pointer
		{"create-card", `{}`, lines("error body-missing-field /cardProgramId", "error body-missing-field /fundingSourceId")},
		{"get-spending-prerequisites", `{"spendableAmount":"100","spendableCurrency":"USD","kycType":"immersve-conducted","cardProgramId":"a"}`, "error body-missing-field /fundingSourceId"},
		{"create-card", `{"cardProgramId":"a","fundingSourceID":"b"}`, lines("error body-missing-field /fundingSourceId", "warning body-unknown-field /fundingSourceID")},
		{"submit-3ds-challenge-outcome", `{"outcome":"declined","metadata":{"appId":"a","deviceId":"b"}}`, "error body-missing-field /metadata/ipAddress"},
		// types
		{"create-card", `[]`, "error body-wrong-type"},
		{"create-card", `{` + card + `,"language":null,"shippingMethod":"standard-courier","shippingAddress":{}}`, "error body-wrong-type /language"},
		{"create-card", `{` + card + `,"shippingAddress":"{\"country\":\"NZ\"}","shippingMethod":"standard-courier","language":"en"}`, "error body-wrong-type /shippingAddress"},
		{"initiate-siwe-login", `{"walletAddress":"0x1","chainId":"80002","clientApplicationId":"c","scopes":["cardholder-partner"],"url":"https://a.b"}`, "error body-wrong-type /chainId"},
		{"update-contact-details", `{"email":"a@b.cd"}`, "error body-wrong-type /email"},
		{"submit-residential-addresses", `{"country":"NZ"}`, "error body-wrong-type"},
		{"set-card-pin", `{"newPin":1234}`, "error body-wrong-type /newPin"},
		{"create-card", `{` + card + `,"shippingAddress":null}`, "error body-wrong-type /shippingAddress"}, // and no word on the two that go with it
		// what the documentation leaves open is a warning
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":1000}`, "warning body-wrong-type /spendableAmount"},
		{"execute-simulator-deposit", `{"amount":1000000,"fundingSourceId":"a"}`, "warning body-wrong-type /amount"},
		{"create-funding-source", `{"accountId":"a","fundingChannelId":"b","externalId":1234567890}`, "warning body-wrong-type /externalId"},
		{"configure-partner-profile", `{"attributeName":"logoUrl","attributeValue":null}`, ""},
		{"configure-partner-profile", `{"attributeName":"email.kyc.enabled","attributeValue":"true"}`, "warning body-wrong-type /attributeValue"},
		// values
		{"get-spending-prerequisites", `{` + strings.Replace(prereq, "USD", "usd", 1) + `,"spendableAmount":"1000"}`, "error body-invalid-value /spendableCurrency"},
		{"submit-simulator-authorization", `{` + strings.Replace(auth, "4111111111111111", "4111 1111 1111 1111", 1) + `,"transactionAmount":"1"}`, "error body-invalid-value /cardPan"},
		{"update-allowed-origins", `{"allowedOrigins":["https://a.b"],"origins":[]}`, "warning body-unknown-field /origins"},
		{"create-challenge", `{"purpose":"claim-web3-address","network":"polygon-amoi","address":"0x1"}`, "error body-invalid-value /network"},
		{"initiate-siwe-login", `{"walletAddress":"0x1","chainId":1,"clientApplicationId":"c","scopes":["card-holder"],"url":"a.b"}`, lines("error body-invalid-value /scopes/0", "error body-invalid-value /url")},
		// alternatives
		{"initiate-login", `{"loginMethod":"siwe","address":"0x1",` + login + `}`, "error body-no-variant /url"},
		{"initiate-login", `{"loginMethod":"xrpl","address":"r",` + strings.Replace(login, "base-sepolia", "xahau-testnet", 1) + `}`, lines("error body-no-variant /publicKey", "warning body-unknown-field /address")},
		{"initiate-login", `{"loginMethod":"siwe","address":"0x1","url":"https://a.b",` + strings.Replace(login, "base-sepolia", "algorand-mainnet", 1) + `}`, "error body-no-variant /network"},
		{"initiate-login", `{"loginMethod":"SIWE","address":"0x1","url":"https://a.b",` + login + `}`, "error body-invalid-value /loginMethod"},
		{"sign-up", `{"loginMethod":"siwe","address":"0x1","url":"https://a.b","network":"base-sepolia","scopes":["cardholder-partner"]}`, "error body-missing-field /clientApplicationId"},
		{"sign-up", `{"loginMethod":"siwe","address":"0x1","url":"https://a.b","autoSignup":"true",` + login + `}`, "error body-wrong-type /autoSignup"},
		{"create-account", `{"type":"cardholder"}`, "error body-no-variant"},
		{"create-account", `{"type":"cardholder","partnerAccountId":"p"}`, "error body-no-variant"},
		{"create-account", `{"type":"partner"}`, "error body-no-variant /name"},
		{"create-funding-source", `{"accountId":"a"}`, "error body-missing-field /fundingChannelId"},
		{"submit-simulator-clearing", `{` + strings.Replace(auth, `"123"`, `"12"`, 1) + `,"transactionAmount":"1"}`, "error body-invalid-value /cardCvv"},
		{ // an alternative that does not know the member takes any
			"create-funding-source", `{"accountId":"a","fundingChannelId":"b","fundingAddress":7}`, "warning body-wrong-type /fundingAddress",
		},
		{"submit-simulator-reversal", `{"transactionType":"purchase","transactionAmount":"1"}`, "error body-no-variant"},
		{
			"submit-kyc-statement",
			`{"idempotencyKey":"k","region":"NZ","claims":[{"claimType":"DBO","attributes":{"dateOfBirth":"1981-11-03"}},{"claimType":"ADDRESS","attributes":{"town":"x"}}],` +
				`"evidence":[{"evidenceType":"PASSPORT","documentId":"d","country":"NZ"},{"evidenceType":"NATIONAL_ID","documentId":"d","country":"BR"}]}`,
			lines("error body-invalid-value /claims/0/claimType", "error body-missing-field /claims/1/attributes/country", "error body-no-variant /evidence/0/expiry"),
		},
		{ // prose says that authType will do in place of authTypes
			"submit-3ds-challenge-outcome",
			`{"outcome":"approved","authType":"pin","authenticatedAt":"2026-01-01T00:00:00Z","metadata":{"appId":"a","deviceId":"b","ipAddress":"192.0.2.1"}}`,
			"warning body-no-variant /authTypes",
		},
		// unknown members, old names
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"1","redirectUrl":"https://a.b"}`, "warning body-unknown-field /redirectUrl"},
		{"create-card", `{` + card + `,"zzz":1}`, "warning body-unknown-field /zzz"},
		{"submit-simulator-authorization", `{` + auth + `,"fxAmount":"100"}`, lines("error body-missing-field /transactionAmount", "warning body-unknown-field /fxAmount")},
		{
			"create-funding-channel", `{"accountId":"a","fundingTypeName":"algorand-usdc","params":{"contractAddress":"X"}}`,
			lines("warning body-unknown-field /params/contractAddress", "warning body-missing-field /params/partnerChannelAddress"),
		},
		// placeholders
		{"create-card", `{"cardProgramId":"","fundingSourceId":"{{fundingSourceId}}"}`, lines("error body-placeholder /cardProgramId", "error body-placeholder /fundingSourceId")},
		{"create-card", `{"cardProgramId":"<card program>","fundingSourceId":"$FUNDING_SOURCE"}`, lines("error body-placeholder /cardProgramId", "error body-placeholder /fundingSourceId")},
		{"create-card", `{"cardProgramId":"undefined","fundingSourceId":"[object Object]"}`, lines("error body-placeholder /cardProgramId", "error body-placeholder /fundingSourceId")},
		{"create-card", `{"cardProgramId":":cardProgramId","fundingSourceId":"YOUR_FUNDING_SOURCE_ID"}`, lines("error body-placeholder /cardProgramId", "error body-placeholder /fundingSourceId")},
		{"complete-login", `{"loginRequestId":"string","signature":"paste signature here"}`, lines("error body-placeholder /loginRequestId", "error body-placeholder /signature")},
		{"create-webhook-listener", `{"accountId":"a","url":"https://${HOST}/hook"}`, "error body-placeholder /url"},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"$AMOUNT"}`, "error body-placeholder /spendableAmount"},
		{"initiate-login", `{"loginMethod":"{{method}}","address":"0x1","url":"https://a.b",` + login + `}`, "error body-placeholder /loginMethod"},
		// an empty or odd text is no placeholder where any text will do
		{"submit-residential-addresses", `[{"country":"NZ","unitNumber":"","town":"Todos Santos"}]`, ""},
		{"submit-residential-addresses", `[{"country":"NZ","unitNumber":"None"}]`, "warning body-placeholder /0/unitNumber"},
		// amounts
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"13.14"}`, "error amount-not-minor-units /spendableAmount"},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"1,000"}`, "error amount-not-minor-units /spendableAmount"},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"$13"}`, "error amount-not-minor-units /spendableAmount"},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":13.14}`, lines("error amount-not-minor-units /spendableAmount", "warning body-wrong-type /spendableAmount")},
		{"create-withdrawal-intent", `{"amount":13.14}`, "error amount-not-minor-units /amount"},
		{"create-withdrawal-intent", `{"amount":"300000000"}`, lines("error amount-not-minor-units /amount", "error body-wrong-type /amount")},
		{"submit-simulator-authorization", `{` + auth + `,"transactionAmount":1314}`, "error body-wrong-type /transactionAmount"},
		{"update-expected-spend-amount", `{"expectedSpendAmount":"a lot"}`, "error amount-not-minor-units /expectedSpendAmount"},
		{"create-withdrawal-intent", `{"amount":13140000000000000000}`, "warning body-invalid-value /amount"},
		{"create-withdrawal-intent", `{"amount":9007199254740992}`, ""},
		// what only prose says is a warning
		{"submit-simulator-authorization", `{` + auth + `,"transactionAmount":"100001"}`, "warning body-invalid-value /transactionAmount"},
		{"submit-simulator-authorization", `{` + strings.Replace(auth, "202712", "122027", 1) + `,"transactionAmount":"1"}`, "warning body-invalid-value /cardExpiry"},
		{"set-card-pin", `{"newPin":"1111"}`, "warning body-invalid-value /newPin"},
		{"set-card-pin", `{"newPin":"12345"}`, "warning body-invalid-value /newPin"},
		{"create-card", `{` + card + `,"shippingMethod":"standard-courier"}`, lines("warning body-missing-field /shippingAddress", "warning body-missing-field /language")},
		{
			"create-card", `{` + card + `,"language":"en","shippingMethod":"standard-courier","shippingAddress":{"country":"NZL","addressLine1":"` + strings.Repeat("3A Victoria ", 3) + `"}}`,
			lines("warning body-invalid-value /shippingAddress/country", "warning body-invalid-value /shippingAddress/addressLine1"),
		},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"1","kycHiddenSteps":["region"]}`, "warning body-missing-field /kycRegion"},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"0","kycRegion":"UK"}`, lines("warning body-invalid-value /spendableAmount", "warning body-invalid-value /kycRegion")},
		{"create-account", `{"type":"cardholder","partnerAccountId":"a","parentAccountId":"b","ownerUserId":"c"}`, "warning body-invalid-value /parentAccountId"},
		{"create-funding-source", `{"accountId":"a","fundingChannelId":"b","fundingAddress":"c","challengeId":"d"}`, "warning body-missing-field /signature"},
		{"update-contact-details", `{"email":{"emailAddress":"joe"},"phone":{"phoneNumber":"021 123"}}`, lines("warning body-invalid-value /email/emailAddress", "warning body-invalid-value /phone/phoneNumber")},
		{"update-allowed-origins", `{"allowedOrigins":["localhost","https://a.b/"]}`, lines("warning body-invalid-value /allowedOrigins/0", "warning body-invalid-value /allowedOrigins/1")},
		{"create-webhook-listener", `{"accountId":"65a7e8ef0d230d0a6bf755e07d39eb0","url":"http://a.b"}`, lines("warning body-invalid-value /accountId", "warning body-invalid-value /url")},
		{"add-webhook-topic-subscription", `{"topic":"card-cancelled"}`, "warning body-invalid-value /topic"},
		{"execute-simulator-deposit", `{}`, lines("warning body-missing-field /amount", "warning body-missing-field /fundingSourceId")},
		// what parsers read differently
		{"create-card", `{` + card + `,"fundingSourceId":"c"}`, "warning body-invalid-value /fundingSourceId"},
		// no JSON
		{"create-card", `{` + card + `,}`, "error body-invalid-json"},
		{"create-card", `"{\"cardProgramId\":\"a\",\"fundingSourceId\":\"b\"}"`, "error body-invalid-json"},
		{"create-card", `cardProgramId=a&fundingSourceId=b`, "error body-invalid-json"},
		{"create-card", `{'cardProgramId': 'a', 'fundingSourceId': None}`, lines("error body-invalid-json", "error body-invalid-json", "warning body-wrong-type /fundingSourceId")},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":1000,}`, lines("warning body-wrong-type /spendableAmount", "error body-invalid-json")},
		// no body is documented
		{"freeze-card", `{"reason":"lost"}`, "warning body-unexpected"},
		{"freeze-card", `{ }`, ""},
		{"get-card", `x`, "warning body-unexpected"},
	} {
		in := bodyInput(t, tc.operation, "application/json", tc.body, 400)
		got := bodyFindingsOf(in)
		if d := cmp.Diff(tc.want, briefs(got)); d != "" {
			t.Errorf("%s %s\n(-want +got)\n%s", tc.operation, tc.body, d)
		}
		for _, f := range got {
			if f.Title == "" || f.Evidence == "" || f.Location.Line == 0 && f.Location.Part == RequestBody || strings.HasSuffix(f.Title, ".") {
				t.Errorf("%s: an incomplete finding %+v", tc.operation, f)
			}
		}
	}
}

// soundBodies holds at least one body per operation that takes one, as the
// documentation's reference has it.
func soundBodies() map[string][]string {
	const (
		evm     = "0xA3058369d6A481B1ff08F62B352409c3D709De9b"
		account = "65a7e8ef0d230d0a6bf755e07d39eb02"
		meta    = `"metadata":{"appId":"com.example.wallet","deviceId":"FBDDF7E1-7A11-4D4E-9C9B-3D8E5C2F1A4B","ipAddress":"192.0.2.1"}`
		address = `"shippingAddress":{"companyName":"Immersve","country":"NZ","state":"AKL","town":"Auckland","postalCode":"1050","addressLine1":"3A Victoria Avenue"}`
		message = `"<?xml version=\"1.0\"?><Document xmlns=\"urn:iso\"><a/></Document>"`
	)
	siwe := `{"loginMethod":"siwe","network":"polygon-amoy","clientApplicationId":"29097f50d221858223a17633e36716f9","scopes":["cardholder-partner"],"address":"` + evm + `","url":"https://app.immersve.com"`
	return map[string][]string{
		"add-webhook-topic-subscription":    {`{"topic":"kyc-pending"}`},
		"remove-webhook-topic-subscription": {`{"topic":"card-canceled"}`},
		"complete-login":                    {`{"loginRequestId":"49ae8f3a3928491","signature":"0xa91fd3b8bf"}`},
		"complete-siwe-login":               {`{"message":"app.immersve.com wants you to sign in:\n0x1\n\nURI: https://a.b","signature":"0x1","createCardholderAccount":true}`},
		"configure-partner-profile":         {`{"attributeName":"logoUrl","attributeValue":"https://example.com/logo.png"}`, `{"attributeName":"email.kyc.enabled","attributeValue":true}`},
		"create-account": {
			`{"type":"cardholder","partnerAccountId":"12fff060a9550622e86a7a962f548c1d","ownerUserId":"9c4010f2946be546c716add4bf479410"}`,
			`{"type":"cardholder","parentAccountId":"12fff060a9550622e86a7a962f548c1d"}`, `{"type":"partner","name":"Todor & Söhne <x>"}`,
		},
		"create-card": {
			`{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae9","fundingSourceId":"315bad4e81ce0f26966a41b9d451638b"}`,
			`{"cardProgramId":"a","fundingSourceId":"b","language":"en","shippingMethod":"premium-courier",` + address + `}`,
		},
		"create-challenge": {`{"purpose":"claim-web3-address","network":"ethereum-sepolia","address":"0x123"}`},
		"create-funding-channel": {
			`{"accountId":"` + account + `","fundingTypeName":"simulator-usdc","params":{}}`,
			`{"accountId":"` + account + `","fundingTypeName":"polygon-amoy-usdc-universal-evm-test","purpose":"card-funding","params":{"storageAddress":"` + evm + `"}}`,
			`{"accountId":"` + account + `","fundingTypeName":"custodial-test-usdc","params":{"billingFundingSourceId":"dbc410b86ba0c6000662c7aff7d8fc75","webhookBaseUrl":"https://example.com"}}`,
			`{"accountId":"` + account + `","fundingTypeName":"algorand-usdc","params":{"partnerChannelAddress":"HGXCLM6NLGQ3SSSESMQNLC53ADPHHPDVHIEMYV7F4MHQFPKZEZI5PAZUPE"}}`,
		},
		"create-funding-source": {
			`{"accountId":"a","fundingChannelId":"b","fundingAddress":"` + evm + `"}`, `{"accountId":"a","fundingChannelId":"b"}`,
			`{"accountId":"a","fundingChannelId":"b","fundingAddress":"` + evm + `","challengeId":"d","signature":"0xfa"}`, `{"accountId":"a","fundingChannelId":"b","externalId":"my_user_17"}`,
		},
		"create-support-session":       {`{"accountId":"` + account + `"}`},
		"create-webhook-listener":      {`{"accountId":"` + account + `","url":"https://example.com/webhooks"}`},
		"create-withdrawal-intent":     {`{"amount":300000000}`},
		"exchange-auth-token":          {`{"refreshToken":"eyJhbGciOiJSUzI1NiIsI.eyJh.sig","clientApplicationId":"29097f50d221858223a17633e36716f9"}`},
		"execute-simulator-deposit":    {`{"amount":"300000000","fundingSourceId":"91ad6fea3b52ca58d60d7fd310f789ec"}`},
		"execute-simulator-withdrawal": {`{"amount":"300000000","fundingSourceId":"91ad6fea3b52ca58d60d7fd310f789ec","id":"057aa15913a57f50577234c8426534c0","expiresAt":"2026-01-01T00:00:00Z"}`},
		"get-spending-prerequisites": {
			`{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae9","fundingSourceId":"91ad6fea3b52ca58d60d7fd310f789ec","spendableAmount":"1000","spendableCurrency":"USD","kycType":"immersve-conducted"}`,
			`{"cardProgramId":"a","fundingSourceId":"b","spendableAmount":"1000","spendableCurrency":"USD","kycType":"partner-conducted","kycRegion":"NZ","kycRedirectUrl":"https://your.domain/immersve-redirect","kycHiddenSteps":["region","expected-spend"]}`,
		},
		"initiate-login": {
			siwe + `}`, siwe + `,"autoSignup":true}`,
			`{"loginMethod":"algorand","network":"algorand-testnet","clientApplicationId":"c","scopes":["cardholder-partner"],"address":"EY434UKQU4EX2M63RXFIKZUUKZG4GY5GWV"}`,
			`{"loginMethod":"xrpl","network":"xahau-testnet","clientApplicationId":"c","scopes":["cardholder-partner"],"publicKey":"EDA2F521129EC961DABA759DA"}`,
		},
		"sign-up":                     {siwe + `}`},
		"initiate-siwe-login":         {`{"walletAddress":"` + evm + `","chainId":80002,"clientApplicationId":"c","scopes":["cardholder-partner"],"url":"https://example.service"}`},
		"provision-card-to-apple-pay": {`{"certChain":["MIIEdjCCBBugAwIBAgIIWz","MIIDFjCCArygAwIBAgIIflF"],"nonce":"Tn9aZ0qkPp4xWvE","nonceSignature":"MEUCIQDk3jX"}`},
		"reissue-card":                {`{"reissuanceType":"standard-renewal"}`, `{"reissuanceType":"standard-renewal","language":"en","shippingMethod":"standard-courier",` + address + `}`},
		"send-webhook-test-notification": {
			`{"topic":"async-test","accountId":"` + account + `"}`, `{"topic":"transactional-test","accountId":"` + account + `","listenerId":"` + account + `"}`,
		},
		"set-card-pin":     {`{"newPin":"1337"}`},
		"set-fault-config": {`{"value":"true"}`},
		"submit-3ds-challenge-outcome": {
			`{"outcome":"approved","authTypes":["face-id"],"authenticatedAt":"2024-01-01T12:00:00Z",` + meta + `}`, `{"outcome":"declined",` + meta + `}`,
		},
		"submit-kyc-statement": {`{"idempotencyKey":"21ede8ef0d230d0a6bf755e07d39la54","region":"NZ","claims":[{"claimType":"DOB","attributes":{"dateOfBirth":"1981-11-03"}},` +
			`{"claimType":"FULL_NAME","attributes":{"honorific":"Mr","givenName":"Null","familyName":"Doe"}},{"claimType":"ADDRESS","attributes":{"addressType":"RESIDENTIAL","fullAddress":"1 Way","country":"NZ"}}],` +
			`"evidence":[{"evidenceType":"NATIONAL_ID","documentId":"S1234567A","country":"BR"},{"evidenceType":"PASSPORT","documentId":"DS230475","country":"NZ","expiry":"2028-10-12"},` +
			`{"evidenceType":"RESIDENCE_PERMIT","documentId":"d","country":"CO"},{"evidenceType":"DRIVERS_LICENSE","documentId":"DS230475","country":"NZ","version":"978"}],"attachments":[{"fileId":"f4b8e8ef0d230d0a6bf755e07d39ab12","type":"passport"}]}`},
		"submit-residential-addresses": {`[{"unitNumber":"1","streetNumber":"3A","streetName":"Victoria","town":"Auckland","country":"NZ"}]`, `[{"fullAddress":"1 Way","country":"NZ"}]`},
		"submit-simulator-authorization": {
			`{` + auth + `,"transactionAmount":"100000"}`, `{` + auth + `,"transactionAmount":"1","currencyCode":"JPY","forcePost":true,"authorizationRequestMsg":` + message + `,"securityChallenge":{"ref":"r","outcome":"o"}}`,
		},
		"submit-simulator-clearing":    {`{` + auth + `,"transactionAmount":"5","clearingMode":"final"}`, `{` + auth + `,"transactionAmount":"5","authorizationRequestMsg":` + message + `,"authorizationResponseMsg":` + message + `}`},
		"submit-simulator-reversal":    {`{"transactionType":"purchase","authorizationRequestMsg":` + message + `}`, `{"transactionType":"refund","transactionAmount":"5","clearingRequestMsg":` + message + `}`},
		"unfreeze-card":                {`{}`, `{"message":"Found the card."}`},
		"update-allowed-origins":       {`{"allowedOrigins":["https://develop-app.com","http://localhost:3000"]}`},
		"update-contact-details":       {`{"email":{"emailAddress":"joe@joecardholder.com"}}`, `{"phone":{"phoneNumber":"+1234567890"}}`},
		"update-expected-spend-amount": {`{"expectedSpendAmount":"50000"}`},
	}
}

// shortID is an ID that the bodies above abbreviate.
var shortID = regexp.MustCompile(`Id":"[a-z]"`)

// TestSoundBodiesAreSilent is the promise not to accuse: nothing is found in a
// body that is as documented, whatever the answer was.
func TestSoundBodiesAreSilent(t *testing.T) {
	sound := soundBodies()
	for _, r := range api.Routes() {
		op, _ := api.Lookup(r.ID)
		if op.RequestBody != nil && op.RequestBody.ContentType == jsonMedia && len(sound[r.ID]) == 0 {
			t.Errorf("%s has no sound body in this test", r.ID)
		}
		for _, body := range sound[r.ID] {
			body = shortID.ReplaceAllString(body, `Id":"65a7e8ef0d230d0a6bf755e07d39eb02"`)
			for _, status := range []int{0, 200, 400, 403, 500} {
				for _, media := range []string{"application/json", "Application/JSON; charset=UTF-8"} {
					if got := bodyFindingsOf(bodyInput(t, r.ID, media, body, status)); len(got) > 0 {
						t.Errorf("%s %d %s\n%s: %s", r.ID, status, body, briefs(got), got[0].Title)
					}
				}
			}
		}
	}
}

func TestASuccessDisprovesErrors(t *testing.T) {
	for _, body := range []string{`{}`, `{"cardProgramId":1}`, `{,}`, `{"cardProgramId":"{{x}}","fundingSourceId":"a","x":1}`, ``} {
		for _, f := range bodyFindingsOf(bodyInput(t, "create-card", "text/plain", body, 200)) {
			if f.Severity != Info {
				t.Errorf("%s: %s", body, brief(f))
			}
		}
	}
}

func TestBodyPresence(t *testing.T) {
	for _, tc := range []struct{ operation, want string }{
		{"create-card", "error body-missing"},
		{"add-webhook-topic-subscription", "warning body-missing"}, // marked optional, its member required
		{"unfreeze-card", ""},
		{"freeze-card", ""},
		{"get-card", ""},
	} {
		in := bodyInput(t, tc.operation, "", "", 400)
		if got := briefs(bodyFindingsOf(in)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.operation, got, tc.want)
		}
		in.Exchange.Request.Body = exchange.Body{}
		if got := bodyFindingsOf(in); len(got) > 0 {
			t.Errorf("%s: what was not captured is not missing: %s", tc.operation, briefs(got))
		}
	}
	in := bodyInput(t, "create-card", "", "", 400)
	in.Exchange.Request = nil
	if got := bodyFindingsOf(in); len(got) > 0 {
		t.Errorf("no request was captured: %s", briefs(got))
	}
}

func TestContentType(t *testing.T) {
	sound := `{` + card + `}`
	for _, tc := range []struct{ operation, media, body, want string }{
		{"create-card", "", sound, "error content-type-missing"},
		{"create-card", "application/x-www-form-urlencoded", sound, "error content-type-mismatch"},
		{"create-card", "text/plain;charset=UTF-8", sound, "error content-type-mismatch"},
		{"create-card", "application/jsn", sound, "error content-type-mismatch"},
		{"create-card", "application/problem+json", sound, ""},
		{"create-card", "text/json", sound, "error content-type-mismatch"},
		{"create-card", "application/json; charset=utf-16", sound, "warning content-type-mismatch"},
		{"create-card", "application/x-www-form-urlencoded", "cardProgramId=a&fundingSourceId=b", lines("warning content-type-mismatch", "error body-invalid-json")},
		{"freeze-card", "", `{}`, ""},
		{"upload-file", "application/json", `{}`, "error content-type-mismatch"},
	} {
		in := bodyInput(t, tc.operation, tc.media, tc.body, 400)
		if got := briefs(bodyFindingsOf(in)); got != tc.want {
			t.Errorf("%s %q: %q, want %q", tc.operation, tc.media, got, tc.want)
		}
		in.Exchange.Request.HeaderCaptured = false // a header that shows was sent, one that doesn't may have been
		if tc.media == "" {
			tc.want = ""
		}
		if got := briefs(bodyFindingsOf(in)); got != tc.want {
			t.Errorf("%s %q, if not all headers show: %q, want %q", tc.operation, tc.media, got, tc.want)
		}
	}
	// curl -v shows the header section and not the content
	for length, want := range map[string]string{"78": "error content-type-mismatch", "0": "error body-missing", "": ""} {
		in := bodyInput(t, "create-card", "application/x-www-form-urlencoded", "", 400)
		in.Exchange.Request.Body = exchange.Body{}
		if length != "" {
			in.Exchange.Request.Header.Add("Content-Length", length)
		}
		if got := briefs(bodyFindingsOf(in)); got != want {
			t.Errorf("content-length %q: %q, want %q", length, got, want)
		}
	}
	in := bodyInput(t, "create-card", "", sound, 400)
	in.Exchange.Source.Kind = exchange.KindCurlCommand
	got := bodyFindingsOf(in)
	if briefs(got) != "error content-type-mismatch" || !strings.Contains(got[0].Title, "curl") {
		t.Errorf("curl labels -d as a form: %s", briefs(got))
	}
	if d := cmp.Diff([]Repair{{Kind: RepairHeader, Name: "content-type", Value: "application/json"}}, got[0].Repairs); d != "" {
		t.Error(d)
	}
}

// TestWhatACaptureStandsInFor: neither @file of a curl command nor compressed
// content is what was sent.
func TestWhatACaptureStandsInFor(t *testing.T) {
	in := bodyInput(t, "create-card", "application/json", "@body.json", 0)
	if got := briefs(bodyFindingsOf(in)); got != "error body-invalid-json" {
		t.Errorf("sent as it stands: %q", got)
	}
	in.Exchange.Source.Kind = exchange.KindCurlCommand
	if got := bodyFindingsOf(in); len(got) > 0 {
		t.Errorf("curl reads the file: %s", briefs(got))
	}
	in = bodyInput(t, "create-card", "application/json", "\x1f\x8b\x08\x00", 400)
	in.Exchange.Request.Header.Add("Content-Encoding", "gzip")
	if got := bodyFindingsOf(in); len(got) > 0 {
		t.Errorf("compressed, as its header says: %s", briefs(got))
	}
}

// TestBodyOfAnUnknownRoute is judged by its syntax alone.
func TestBodyOfAnUnknownRoute(t *testing.T) {
	for body, want := range map[string]string{`{"a":1,}`: "error body-invalid-json", `{"a":1}`: "", `a=b`: "", ``: ""} {
		in := bodyInput(t, "create-card", "application/json", body, 404)
		in.Operation = nil
		if got := briefs(bodyFindingsOf(in)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// form writes a multipart body with CRLF.
func form(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--XyZ\r\nContent-Disposition: form-data; " + strings.ReplaceAll(p, "\n", "\r\n") + "\r\n")
	}
	return b.String() + "--XyZ--\r\n"
}

func TestMultipart(t *testing.T) {
	const (
		purpose = "name=\"purpose\"\n\nkyc-doc-upload"
		account = "name=\"accountId\"\n\n65a7e8ef0d230d0a6bf755e07d39eb02"
		file    = "name=\"file\"; filename=\"p.pdf\"\nContent-Type: application/pdf\n\n%PDF-1.4"
	)
	for name, tc := range map[string]struct{ media, body, want string }{
		"sound":             {"multipart/form-data; boundary=XyZ", form(purpose, account, file), ""},
		"quoted boundary":   {`multipart/form-data; boundary="XyZ"`, form(purpose, account, file), ""},
		"no boundary":       {"multipart/form-data", form(purpose, account, file), "error content-type-mismatch"},
		"other boundary":    {"multipart/form-data; boundary=abc", form(purpose, account, file), "error content-type-mismatch"},
		"no content type":   {"", form(purpose, account, file), "error content-type-missing"},
		"no purpose":        {"multipart/form-data; boundary=XyZ", form(account, file), "error body-missing-field"},
		"file not last":     {"multipart/form-data; boundary=XyZ", form(file, purpose, account), "warning body-invalid-value"},
		"wrong purpose":     {"multipart/form-data; boundary=XyZ", form(strings.Replace(purpose, "kyc", "kyb", 1), account, file), "error body-invalid-value"},
		"empty account":     {"multipart/form-data; boundary=XyZ", form(purpose, "name=\"accountId\"\n\n", file), "error body-placeholder"},
		"account variable":  {"multipart/form-data; boundary=XyZ", form(purpose, "name=\"accountId\"\n\n$ACCOUNT", file), "error body-placeholder"},
		"unknown part":      {"multipart/form-data; boundary=XyZ", form("name=\"note\"\n\nx", purpose, account, file), "warning body-unknown-field"},
		"untyped file":      {"multipart/form-data; boundary=XyZ", form(purpose, account, "name=\"file\"; filename=\"p\"\n\nx"), "warning body-invalid-value"},
		"JSON in its place": {"multipart/form-data; boundary=XyZ", `{"purpose":"kyc-doc-upload"}`, "error content-type-mismatch"},
		"only the file":     {"multipart/form-data; boundary=XyZ", "%PDF-1.4", ""},
		"cut":               {"multipart/form-data; boundary=XyZ", form(purpose, account, file)[:150], ""},
	} {
		if got := briefs(bodyFindingsOf(bodyInput(t, "upload-file", tc.media, tc.body, 400))); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// TestRepairedBody wants one body with all determined fixes in it.
func TestRepairedBody(t *testing.T) {
	for _, tc := range []struct{ operation, body, want string }{
		{"create-card", `{"cardProgramID":"a","funding_source_id":"b"}`, `{"cardProgramId":"a","fundingSourceId":"b"}`},
		{"create-card", `{"cardProgramId":1,"fundingSourceId":2,}`, `{"cardProgramId":"1","fundingSourceId":"2"}`},
		{
			"get-spending-prerequisites", `{` + strings.Replace(prereq, "USD", "usd", 1) + `,"spendableAmount":1000,"redirectUrl":"https://a.b"}`,
			`{` + prereq + `,"spendableAmount":"1000","kycRedirectUrl":"https://a.b"}`,
		},
		{"submit-simulator-authorization", `{` + strings.Replace(auth, "4111111111111111", "4111-1111 11111111", 1) + `,"fxAmount":"1"}`, `{` + auth + `,"transactionAmount":"1"}`},
		{"sign-up", `{"loginMethod":"siwe","address":"0x1","URL":"https://a.b","autoSignup":"true",` + login + `}`, `{"loginMethod":"siwe","address":"0x1","url":"https://a.b","autoSignup":true,` + login + `}`},
		{"update-contact-details", `{"phone":"+6421234567"}`, `{"phone":{"phoneNumber": "+6421234567"}}`},
		{"submit-residential-addresses", `{"country":"NZ"}`, `[{"country":"NZ"}]`},
		{"create-card", `"{\"cardProgramId\":\"a\"}"`, `{"cardProgramId":"a"}`},
		{"create-card", `cardProgramId=a&fundingSourceId=b%20c`, `{"cardProgramId": "a", "fundingSourceId": "b c"}`},
		{"get-spending-prerequisites", `{` + prereq + `,"spendableAmount":"13.14"}`, ""}, // cents or dollars: not ours to say
		{"create-card", `{"cardProgramId":"a"}`, ""},
		{"create-card", `{"cardProgramId":"{{a}}","fundingSourceId":"b"}`, ""},
	} {
		got := ""
		for _, f := range bodyFindingsOf(bodyInput(t, tc.operation, "application/json", tc.body, 400)) {
			for _, r := range f.Repairs {
				if r.Kind != RepairBody || got != "" && got != r.Value {
					t.Errorf("%s: two repairs that differ", tc.body)
				}
				got = r.Value
			}
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s %s\n%s", tc.operation, tc.body, d)
		}
	}
}

func TestPlaces(t *testing.T) {
	const body = "{\n  \"cardProgramId\": \"é\",\n  \"fundingSourceID\": \"b\",\n  \"shippingAddress\": {\n    \"country\": 1\n  },\n}"
	var got []string
	for _, f := range bodyFindingsOf(bodyInput(t, "create-card", "application/json", body, 400)) {
		got = append(got, fmt.Sprintf("%d:%d %s %q", f.Location.Line, f.Location.Column, brief(f), f.Hint))
	}
	want := []string{
		`1:1 warning body-missing-field /shippingMethod ""`,
		`1:1 warning body-missing-field /language ""`,
		`3:3 warning body-missing-field /fundingSourceId "write fundingSourceId here"`,
		`3:3 warning body-unknown-field /fundingSourceID "write fundingSourceId here"`,
		`5:16 warning body-wrong-type /shippingAddress/country "write a string here"`,
		`6:4 error body-invalid-json "remove the comma before the closing brace"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestACutCaptureAccusesNobody(t *testing.T) {
	for _, body := range soundBodies()["submit-kyc-statement"] {
		for i := 1; i < len(body); i++ {
			in := bodyInput(t, "submit-kyc-statement", "application/json", body[:i], 400)
			in.Exchange.Request.Body.Truncated = true
			if got := bodyFindingsOf(in); len(got) > 0 {
				t.Fatalf("%s\n%s %s", body[:i], briefs(got), got[0].Title)
			}
		}
	}
	in := bodyInput(t, "create-card", "application/json", "{'a': 1, 'b': \"xxxxxxxx", 400)
	in.Exchange.Request.Body.Truncated = true
	if got := briefs(bodyFindingsOf(in)); got != "error body-invalid-json" {
		t.Errorf("a slip before the cut stays one: %q", got)
	}
}

// TestMaskedCapturesAccuseNobody reads what our own saved captures hold.
func TestMaskedCapturesAccuseNobody(t *testing.T) {
	for id, bodies := range soundBodies() {
		for _, body := range bodies {
			masked := exchange.NewBody([]byte(body)).String()
			if got := bodyFindingsOf(bodyInput(t, id, "application/json", masked, 400)); len(got) > 0 {
				t.Errorf("%s %s\n%s", id, masked, briefs(got))
			}
		}
	}
	if got := bodyFindingsOf(bodyInput(t, "set-card-pin", "application/json", `{"newPin": …}`, 400)); len(got) > 0 {
		t.Errorf("a masked number: %s", briefs(got))
	}
}

// TestSecretsStayHidden puts secrets where something is wrong with them.
func TestSecretsStayHidden(t *testing.T) {
	secrets := []string{"4111111111111112", "4111111111111111", "7391", "739", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "imm-secret-test-0123456789abcdef0123456789abcdef"}
	for _, tc := range []struct{ operation, body string }{
		{"submit-simulator-authorization", `{"transactionType":"purchase","cardPan":4111111111111111,"cardExpiry":"20271","cardCvv":739,"cardNumber":"4111111111111112","cvc":"7391"}`},
		{"submit-simulator-authorization", `{"cardPan":"41111111111111112","cardCvv":"7391","cardCVV":"739"}`},
		{"set-card-pin", `{"newPin":7391}`},
		{"set-card-pin", `{"newPin":"7391x","pin":"7391"}`},
		{"set-card-pin", `{"newPin":7391,}`},
		{"submit-simulator-authorization", `{"cardPan":"41111111111111112","cardCvv":"739",}`},
		{"exchange-auth-token", `{"refreshToken":["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"],"token":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"}`},
		{"exchange-auth-token", `{'refreshToken':'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'`},
		{"exchange-auth-token", `{"refreshToken": eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl, clientApplicationId: x}`},
		{"submit-simulator-authorization", `{cardCvv: 7391, "cardPan": 41111111111111112x, cardPan: 4111 111 111 111}`},
		{"create-card", `{"x-api-secret":"imm-secret-test-0123456789abcdef0123456789abcdef"`},
	} {
		for _, f := range bodyFindingsOf(bodyInput(t, tc.operation, "application/json", tc.body, 400)) {
			said := f.Title + f.Evidence + f.Fix + f.Hint + f.Location.Name + f.Location.Pointer
			for _, s := range secrets {
				if strings.Contains(said, s) {
					t.Errorf("%s tells %q: %s", brief(f), s, said)
				}
			}
		}
	}
}

// checkFindings holds any findings to what every finding promises.
func checkFindings(t *testing.T, in *Input) {
	t.Helper()
	ids := finding.Family("body")
	list := bodyFindingsOf(in)
	if len(list) > maxBodyFindings {
		t.Errorf("%d findings", len(list))
	}
	for _, f := range list {
		if !slices.Contains(ids, f.ID) || f.Title == "" || len(f.Title) > 2000 || len(f.Evidence) > 3000 || len(f.Location.Pointer) > 400 {
			t.Errorf("an unfit finding: %+v", f)
		}
		if strings.ContainsFunc(f.Title+f.Evidence+f.Fix+f.Hint, func(r rune) bool { return r < ' ' }) {
			t.Errorf("a control character in %q", f.Title+f.Evidence+f.Fix+f.Hint)
		}
		for _, r := range f.Repairs {
			if r.Kind == RepairBody && !json.Valid([]byte(r.Value)) {
				t.Errorf("a repair that is no JSON: %q", r.Value)
			}
		}
		if f.Severity == Error && in.Class == Success {
			t.Errorf("an error on a success: %s", brief(f))
		}
	}
	if again := briefs(bodyFindingsOf(in)); again != briefs(list) {
		t.Errorf("same input, other output:\n%s\n%s", briefs(list), again)
	}
	invalid := slices.ContainsFunc(list, func(f Finding) bool { return f.ID == "body-invalid-json" })
	text := in.Request().Body.Bytes()
	if jsonDue := in.Operation.RequestBody != nil && in.Operation.RequestBody.ContentType == jsonMedia; jsonDue && in.Class != Success {
		_, twice := doubleEncoded(strings.TrimSpace(string(text)))
		if invalid && json.Valid(text) && !twice && !strings.HasPrefix(strings.TrimSpace(string(text)), `"`) {
			t.Errorf("valid JSON called invalid: %q", text)
		}
		if !invalid && len(text) > 0 && !json.Valid(text) && !strings.Contains(string(text), "…") && !strings.Contains(string(text), "...") {
			t.Errorf("invalid JSON passed over: %q", text)
		}
	}
}

func TestHostileBodies(t *testing.T) {
	for name, body := range map[string]string{
		"50 MB of text":    `{"cardProgramId":"` + strings.Repeat("x", 50_000_000) + `"}`,
		"invalid UTF-8":    "{\"cardProgramId\":\"\xff\xfe\",\"fundingSourceId\":\"\xc3\"}",
		"NUL":              "{\"cardProgramId\":\"\x00\"}",
		"control in names": "{\"a\\u0000\\u001b[31m\":1}",
	} {
		t.Run(name, func(t *testing.T) { checkFindings(t, bodyInput(t, "create-card", "application/json", body, 400)) })
	}
}

func TestHugeBodies(t *testing.T) {
	for name, body := range map[string]func(n int) string{
		"text":            func(n int) string { return `{"cardProgramId":"` + strings.Repeat("x", 20*n) + `"}` },
		"slips":           func(n int) string { return `{` + strings.Repeat(`'a':1,`, n) },
		"brackets":        func(n int) string { return strings.Repeat("[", n) },
		"deep and closed": func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) },
		"many members":    func(n int) string { return `{` + strings.Repeat(`"a":1,`, n) + `"b":1}` },
		"many unknown":    func(n int) string { return `{` + manyMembers(n) + `"b":1}` },
		"long name":       func(n int) string { return `{"` + strings.Repeat("n", n) + `":1}` },
		"huge numbers": func(n int) string {
			return `{"cardProgramId":` + strings.Repeat("9", n) + `,"fundingSourceId":1e999999999}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			growth.Linear(t, 20_000, func(n int) { checkFindings(t, bodyInput(t, "create-card", "application/json", body(n), 400)) })
		})
	}
}

func manyMembers(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `"m%d":1,`, i)
	}
	return b.String()
}

func FuzzBody(f *testing.F) {
	ids := []string{}
	for _, r := range api.Routes() {
		ids = append(ids, r.ID)
	}
	for i, id := range ids {
		for _, body := range soundBodies()[id] {
			f.Add(i, "application/json", []byte(body), 400)
		}
	}
	for _, tc := range slipCases() {
		f.Add(slices.Index(ids, "create-card"), "application/json", []byte(strings.ReplaceAll(tc.text, "^", "")), 0)
	}
	f.Add(slices.Index(ids, "upload-file"), "multipart/form-data; boundary=XyZ", []byte(form("name=\"file\"\n\nx")), 400)
	f.Fuzz(func(t *testing.T, index int, media string, body []byte, status int) {
		if index < 0 || index >= len(ids) || status < 0 || status > 999 {
			return
		}
		checkFindings(t, bodyInput(t, ids[index], media, string(body), status))
	})
}

// BenchmarkBody judges a sound KYC statement of 2 KB, the hardest body there is.
func BenchmarkBody(b *testing.B) {
	body := soundBodies()["submit-kyc-statement"][0]
	const file = `{"fileId":"f4b8e8ef0d230d0a6bf755e07d39ab12","type":"passport"}`
	body = strings.Replace(body, file, strings.Repeat(file+",", 15)+file, 1)
	in := bodyInput(b, "submit-kyc-statement", "application/json", body, 400)
	if got := bodyFindingsOf(in); len(got) > 0 {
		b.Fatal(briefs(got))
	}
	const rounds = 2000
	begin := time.Now()
	for range rounds {
		json.Valid([]byte(body))
	}
	valid := float64(time.Since(begin).Nanoseconds()) / rounds
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		bodyFindingsOf(in)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/valid, "times-json.Valid")
}

// mutation is a sound body with one known fault.
type mutation struct{ operation, pointer, kind, body string }

func bodyMutations(t testing.TB) []mutation {
	var list []mutation
	for _, r := range api.Routes() {
		for _, body := range soundBodies()[r.ID] {
			op, _ := api.Lookup(r.ID)
			s, err := schema.ForRequest(op)
			if err != nil {
				t.Fatal(err)
			}
			s.Walk(schema.Parse([]byte(body)), func(p *schema.Place) {
				n := p.Node
				add := func(kind string, start, end int, with string) {
					list = append(list, mutation{r.ID, p.Pointer(), kind, body[:start] + with + body[end:]})
				}
				if n.Kind == schema.String {
					add("number", n.Start, n.End(), "7.5")
					add("placeholder", n.Start, n.End(), `"{{value}}"`)
					add("quote lost", n.Start, n.Start+1, "")
				}
				if n.Kind == schema.Object || n.Kind == schema.Array {
					add("string", n.Start, n.End(), `"text"`)
					add("trailing comma", n.End()-1, n.End()-1, ",")
					add("bracket lost", n.End()-1, n.End(), "")
				}
				if p.Listed() && n.Kind == schema.String {
					add("value", n.Start, n.End(), `"`+n.Text()+`-x"`)
				}
				if p.Required() && n.IsMember() {
					add("name", n.NameStart, n.Start, `"zzqq":`)
				}
			})
		}
	}
	return list
}

// TestKnownFaultsAreNamed puts one fault into every place of every sound body
// and wants it named: by an error where the schema proves it, at the place or at
// the alternative around it.
func TestKnownFaultsAreNamed(t *testing.T) {
	named, weak, silent := map[string]int{}, map[string]int{}, map[string]int{}
	for _, m := range bodyMutations(t) {
		list := bodyFindingsOf(bodyInput(t, m.operation, "application/json", m.body, 400))
		switch {
		case slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == Error && explains(f, m) }):
			named[m.kind]++
		case slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == Warning && explains(f, m) }):
			weak[m.kind]++
		default:
			silent[m.kind]++
			t.Errorf("silent: %s %s %s\n%s\n%s", m.kind, m.operation, m.pointer, m.body, briefs(list))
		}
		for _, f := range list {
			if f.Severity == Error && !explains(f, m) {
				t.Errorf("%s of %s at %s: accuses %s\n%s", m.kind, m.operation, m.pointer, brief(f), m.body)
			}
		}
	}
	t.Logf("named %v, by a warning %v, silent %v", named, weak, silent)
	if len(silent) > 0 || weak["number"] > 20 || len(weak) > 1 {
		t.Errorf("faults that went unnamed, or named too weakly")
	}
}

func explains(f Finding, m mutation) bool {
	switch m.kind {
	case "quote lost", "trailing comma", "bracket lost":
		return f.ID == "body-invalid-json"
	case "placeholder":
		return f.ID == "body-placeholder" && f.Location.Pointer == m.pointer
	}
	return f.Location.Pointer == m.pointer || strings.HasPrefix(m.pointer, f.Location.Pointer) && f.ID == "body-no-variant"
}
