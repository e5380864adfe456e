package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/growth"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/kaptinlin/jsonschema"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

func operation(t testing.TB, id string) *api.Operation {
	t.Helper()
	op, err := api.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func operations(t testing.TB) []*api.Operation {
	t.Helper()
	var list []*api.Operation
	for _, r := range api.Routes() {
		list = append(list, operation(t, r.ID))
	}
	return list
}

// TestEveryDocumentedSchemaCompiles holds the facts to the keywords that the
// walker knows.
func TestEveryDocumentedSchemaCompiles(t *testing.T) {
	requests, responses := 0, 0
	for _, op := range operations(t) {
		if s, err := ForRequest(op); err != nil {
			t.Errorf("%s: %v", op.ID, err)
		} else if s != nil {
			requests++
		}
		for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
			code, _ := strconv.Atoi(status)
			if s, err := ForResponse(op, code); err != nil {
				t.Errorf("%s %s: %v", op.ID, status, err)
			} else if s != nil {
				responses++
			}
		}
	}
	if requests != 36 || responses != 169 {
		t.Errorf("%d request and %d response schemas compiled; the facts hold 36 and 169", requests, responses)
	}
}

// breach is a violation as the table writes it: pointer, keyword, what is said.
func breach(v Violation) string {
	detail := v.Member + strings.Join(v.Types, "|") + strings.Join(v.Allowed, "|") + v.Limit
	if v.Keyword == "anyOf" {
		first := v.Variants[0]
		detail = first.Name
		if first.Certain {
			detail += "!"
		}
		for _, inner := range first.Violations {
			detail += " (" + breach(inner) + ")"
		}
	}
	if v.Keyword == "type" {
		detail += " got " + v.Got
	}
	return v.Pointer + " " + v.Keyword + " " + detail
}

func breaches(list []Violation) []string {
	var out []string
	for _, v := range list {
		out = append(out, breach(v))
	}
	return out
}

func TestRequest(t *testing.T) {
	for _, tc := range []struct {
		operation, body string
		want            []string
	}{
		{"create-card", `{"cardProgramId":"a","fundingSourceId":"b"}`, nil},
		{"create-card", `{}`, []string{" required cardProgramId", " required fundingSourceId"}},
		{"create-card", `[]`, []string{" type object got array"}},
		{
			"create-card", `{"fundingSourceId":1,"shippingMethod":"courier","shippingAddress":{"country":null}}`,
			[]string{
				" required cardProgramId", "/fundingSourceId type string got integer",
				"/shippingMethod enum standard-courier|premium-courier", "/shippingAddress/country type string got null",
			},
		},
		{"create-withdrawal-intent", `{"amount":1e3}`, nil},
		{"create-withdrawal-intent", `{"amount":"1"}`, []string{"/amount type number got string"}},
		{
			"get-spending-prerequisites",
			`{"cardProgramId":"a","fundingSourceId":"b","spendableAmount":1.5,"spendableCurrency":"usd","kycType":"immersve-conducted","kycHiddenSteps":["region","contact"]}`,
			[]string{
				"/spendableAmount type string got number", "/spendableCurrency enum USD",
				"/kycHiddenSteps/1 enum region|expected-spend|contact-channels|residential-address",
			},
		},
		{ // the naming member decides, however much else is missing
			"initiate-login", `{"loginMethod":"siwe"}`,
			[]string{` anyOf loginMethod "siwe"! ( required clientApplicationId) ( required scopes) ( required url) ( required network) ( required address)`},
		},
		{
			"initiate-login", `{"loginMethod":"xrpl","network":"xahau-testnet","clientApplicationId":"c","scopes":["cardholder-partner"],"address":"r"}`,
			[]string{` anyOf loginMethod "xrpl"! ( required publicKey)`},
		},
		{
			"initiate-login", `{"loginMethod":"seiw","network":"base-sepolia","clientApplicationId":"c","scopes":["cardholder-partner"],"address":"r","url":"https://a.b"}`,
			[]string{` anyOf loginMethod "siwe" (/loginMethod enum siwe)`},
		},
		{
			"initiate-login", `{"loginMethod":"siwe","network":"base-sepolia","clientApplicationId":"c","scopes":["cardholder-partner"],"address":"r","url":"app.example.com"}`,
			[]string{` anyOf loginMethod "siwe"! (/url format uri)`},
		},
		{"create-account", `{"type":"cardholder","partnerAccountId":"p"}`, []string{` anyOf type "cardholder" with partnerAccountId, ownerUserId ( required ownerUserId)`}},
		{"create-account", `{"type":"partner"}`, []string{` anyOf type "partner"! ( required name)`}},
		{"create-funding-source", `{"accountId":"a"}`, []string{` anyOf with nothing more ( required fundingChannelId)`}},
		{ // overlapping alternatives: valid against several is valid
			"create-funding-source", `{"accountId":"a","fundingChannelId":"b","fundingAddress":"c","challengeId":"d","signature":"e"}`, nil,
		},
		{"submit-residential-addresses", `[{"country":"NZ"},{"fullAddress":"x"}]`, []string{`/1 anyOf with fullAddress (/1 required country)`}},
		{
			"submit-kyc-statement",
			`{"idempotencyKey":"k","region":"NZ","claims":[{"claimType":"DOB","attributes":{}},{"claimType":"ADDRESS","attributes":{"town":"x"}}],"evidence":[{"evidenceType":"PASSPORT","documentId":"d","country":"NZ"}]}`,
			[]string{
				`/claims/0 anyOf claimType "DOB"! (/claims/0/attributes required dateOfBirth)`,
				`/claims/1 anyOf claimType "ADDRESS"! (/claims/1/attributes anyOf with unitNumber, streetNumber, streetName, streetType, … (/claims/1/attributes required country))`,
				`/evidence/0 anyOf evidenceType "PASSPORT"! (/evidence/0 required expiry)`,
			},
		},
		{
			"submit-simulator-clearing", `{"transactionType":"purchase","transactionAmount":"1","cardPan":"4","cardExpiry":"202701","cardCvv":"123"}`,
			[]string{` anyOf with nothing more (/cardPan pattern ^[0-9]{16}$)`},
		},
		{"configure-partner-profile", `{"attributeName":"logoUrl","attributeValue":1}`, []string{`/attributeValue anyOf string (/attributeValue type string got integer)`}},
		{"create-webhook-listener", `{"accountId":"a","url":"b","a/b~c":1}`, nil},
		{"get-card", `{"anything":1}`, nil},
	} {
		got, err := Request(operation(t, tc.operation), []byte(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tc.want, breaches(got)); d != "" {
			t.Errorf("%s %s\n(-want +got)\n%s", tc.operation, tc.body, d)
		}
	}
}

func TestResponse(t *testing.T) {
	for _, tc := range []struct {
		operation string
		status    int
		body      string
		want      []string
	}{
		{"create-card", 200, `{"cardId":"x"}`, nil},
		{"create-card", 200, `{"cardId":1}`, []string{"/cardId type string got integer"}},
		{"create-card", 403, `{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED"}`, nil},
		{"create-card", 400, `{"statusCode":"400","statusName":"Bad Request","errors":[{"path":1}]}`, []string{" required errorCode", "/statusCode type integer got string", "/errors/0/path type string got integer"}},
		{"create-card", 418, `1`, nil},
		{"cancel-card", 202, `1`, nil},
	} {
		got, err := Response(operation(t, tc.operation), tc.status, []byte(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tc.want, breaches(got)); d != "" {
			t.Errorf("%s %d %s\n(-want +got)\n%s", tc.operation, tc.status, tc.body, d)
		}
	}
}

func TestCompileNamesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                    "not JSON",
		`3`:                                    "type number instead of an object",
		`{"properties":{"a":{"type":"text"}}}`: `#/properties/a/type: unknown type "text"`,
		`{"items":{"patternProperties":{}}}`:   `unknown keyword "patternProperties"`,
		`{"anyOf":[]}`:                         "no schema",
		`{"pattern":"("}`:                      "#/pattern",
		`{"minLength":"3"}`:                    "isn't a number",
		`{"additionalProperties":{"type":["int"]}}`: `unknown type "int"`,
	} {
		if _, err := Compile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

func TestKeywords(t *testing.T) {
	for _, tc := range []struct{ schema, good, bad string }{
		{`{"type":"integer"}`, `1.0`, `1.5`},
		{`{"type":"integer"}`, `10e-1`, `15e-1`},
		{`{"type":"integer"}`, `1500e-2`, `1500e-3`},
		{`{"type":"integer"}`, `0e-9999999999`, `1e-9999999999`},
		{`{"type":"integer"}`, `1.50e1`, `1.55e1`},
		{`{"type":["string","null"]}`, `null`, `1`},
		{`{"enum":["a",1,null]}`, `1.0`, `"1"`},
		{`{"const":true}`, `true`, `"true"`},
		{`{"minimum":1,"maximum":2}`, `2`, `2.01`},
		{`{"exclusiveMinimum":1}`, `1.1`, `1`},
		{`{"exclusiveMaximum":1}`, `0`, `1`},
		{`{"minLength":2,"maxLength":2}`, `"éé"`, `"é"`},
		{`{"minItems":1,"maxItems":2}`, `[1]`, `[]`},
		{`{"format":"date-time"}`, `"2024-01-01t12:00:00z"`, `"2024-01-01 12:00"`},
		{`{"format":"date"}`, `"2024-02-29"`, `"2023-02-29"`},
		{`{"format":"uri"}`, `"https://a.b/c"`, `"a.b/c"`},
		{`{"format":"color","type":"string"}`, `"anything"`, `1`},
		{`{"properties":{"a":{}},"additionalProperties":false}`, `{"a":1}`, `{"b":1}`},
		{`{"additionalProperties":{"type":"string"}}`, `{"b":"x"}`, `{"b":1}`},
		{`{"allOf":[{"required":["a"]},{"required":["b"]}]}`, `{"a":1,"b":1}`, `{"a":1}`},
		{`{"oneOf":[{"type":"number"},{"type":"null"}]}`, `7`, `"x"`},
		{`{"properties":{"a\u0062":{"type":"string"}}}`, `{"\u0061b":"x"}`, `{"a\u0062":1}`},
	} {
		s, err := Compile([]byte(tc.schema))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Validate(Parse([]byte(tc.good))); len(got) > 0 {
			t.Errorf("%s does not take %s: %v", tc.schema, tc.good, breaches(got))
		}
		if len(s.Validate(Parse([]byte(tc.bad)))) == 0 {
			t.Errorf("%s takes %s", tc.schema, tc.bad)
		}
	}
}

// TestExamplesAssembleIntoAcceptedBodies builds a body of each alternative from
// the documentation's own examples.
func TestExamplesAssembleIntoAcceptedBodies(t *testing.T) {
	built := 0
	for _, op := range operations(t) {
		s, err := ForRequest(op)
		if err != nil || s == nil {
			continue
		}
		for variant := range max(1, len(s.anyOf)) {
			body := s.sample(variant)
			if op.ID == "create-funding-source" {
				// The documentation's example of externalId is a number, its type a string.
				body = strings.Replace(body, `"externalId":1234567890`, `"externalId":"1234567890"`, 1)
			}
			got, err := Request(op, []byte(body))
			if err != nil || len(got) > 0 {
				t.Errorf("%s: %v %v\n%s", op.ID, err, breaches(got), body)
			}
			built++
		}
	}
	if built < 45 {
		t.Errorf("only %d bodies were built", built)
	}
}

// sample writes a document that the schema should take: examples where there
// are some, else the plainest value of the type. Of anyOf it takes the numbered
// alternative at the top and the first below.
func (s *Schema) sample(variant int) string {
	switch {
	case len(s.enum) > 0:
		return s.enum[0].String()
	case s.pattern != nil:
		var digits int
		_, _ = fmt.Sscanf(s.pattern.String(), "^[0-9]{%d}$", &digits)
		return strconv.Quote(strings.Repeat("4", digits))
	case len(s.examples) > 0 && len(s.anyOf) == 0:
		return s.examples[0]
	case len(s.properties) == 0 && len(s.allOf) == 0 && len(s.anyOf) > 0:
		return s.anyOf[variant].sample(0)
	case s.items != nil:
		if len(s.items.anyOf) == 0 {
			return "[" + s.items.sample(0) + "]"
		}
		var items []string
		for i := range s.items.anyOf {
			items = append(items, s.items.sample(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	case slices.Contains(s.types, Boolean):
		return "true"
	case slices.Contains(s.types, Number):
		return "1"
	case slices.Contains(s.types, String):
		return `"text"`
	}
	var members []string
	for _, p := range s.members() {
		members = append(members, strconv.Quote(p.name)+":"+p.schema.sample(0))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// library validates with the reference library, oneOf as anyOf.
func library(t testing.TB, schema []byte) func(body []byte) bool {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().SetAssertFormat(true).RegisterFormat("binary", func(any) bool { return true }).
		Compile(bytes.ReplaceAll(schema, []byte(`"oneOf"`), []byte(`"anyOf"`)))
	if err != nil {
		t.Fatal(err)
	}
	return func(body []byte) bool {
		var v any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(v).IsValid()
	}
}

// TestAgreesWithTheLibrary breaks every sample in every way that the mutations
// below know, and wants the library's verdict on each.
func TestAgreesWithTheLibrary(t *testing.T) {
	compared, refused := 0, 0
	for _, op := range operations(t) {
		s, err := ForRequest(op)
		if err != nil || s == nil {
			continue
		}
		valid := library(t, op.RequestBody.Schema)
		for variant := range max(1, len(s.anyOf)) {
			for _, body := range mutations(s.sample(variant)) {
				got := len(s.Validate(Parse([]byte(body)))) == 0
				if want := valid([]byte(body)); got != want {
					t.Errorf("%s: the library says %v, the walker %v\n%s", op.ID, want, got, body)
				}
				compared++
				if !got {
					refused++
				}
			}
		}
	}
	t.Logf("%d bodies compared, %d of them refused", compared, refused)
	if compared < 2000 || refused < 500 {
		t.Errorf("only %d bodies compared, %d of them refused", compared, refused)
	}
}

// mutations returns a document with each of its values replaced or removed in turn.
func mutations(body string) []string {
	list := []string{body}
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, with := range []string{`null`, `true`, `7`, `7.5`, `"other"`, `""`, `[]`, `{}`, `["x"]`} {
			list = append(list, body[:n.Start]+with+body[n.End():])
		}
		var previous *Node
		for c := range n.Children() {
			visit(c)
			if n.Kind == Object {
				list = append(list, without(body, n, previous, c))
			}
			previous = c
		}
	}
	visit(Parse([]byte(body)))
	return list
}

func without(body string, object, previous, member *Node) string {
	if previous != nil {
		return body[:previous.End()] + body[member.End():]
	}
	rest := strings.TrimPrefix(body[member.End():], ",")
	return body[:object.Start+1] + rest
}

func TestParseKeepsTheTextsOrderAndPlaces(t *testing.T) {
	const text = ` {"b": [1, {"a\/b": "x\ny"}], "a": null, "b": true} `
	root := Parse([]byte(text))
	var got []string
	var visit func(n *Node)
	visit = func(n *Node) {
		got = append(got, fmt.Sprintf("%d %s %s=%s", n.Start, n.Kind, n.Name(), n.Text()))
		for c := range n.Children() {
			visit(c)
		}
	}
	visit(root)
	want := []string{
		`1 object =` + strings.TrimSpace(text), `7 array b=[1, {"a\/b": "x\ny"}]`, `8 number =1`, `11 object ={"a\/b": "x\ny"}`,
		"20 string a/b=x\ny", `35 null a=null`, `46 boolean b=true`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if m := root.Member("b"); m == nil || m.Kind != Boolean {
		t.Errorf("of duplicates, the last counts; got %v", m)
	}
}

func TestWalkTellsWhatIsDocumented(t *testing.T) {
	s, _ := ForRequest(operation(t, "initiate-login"))
	var got []string
	s.Walk(Parse([]byte(`{"loginMethod":"xrpl","address":"r","scopes":["a"],"publicKey":"","deep":{"x":1}}`)), func(p *Place) {
		got = append(got, fmt.Sprintf("%s documented=%v required=%v", p.Pointer(), p.Documented, p.Required()))
	})
	want := []string{
		" documented=true required=true",
		"/loginMethod documented=true required=true",
		"/address documented=false required=false", // another method's member
		"/scopes documented=true required=true",
		"/scopes/0 documented=true required=false",
		"/publicKey documented=true required=true",
		"/deep documented=false required=false",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestHostileDocuments wants an answer, and no more work than the size asks for.
func TestHostileDocuments(t *testing.T) {
	op := operation(t, "submit-kyc-statement")
	for name, body := range map[string]func(n int) string{
		"brackets":       func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) },
		"open brackets":  func(n int) string { return strings.Repeat("[", n) },
		"a huge array":   func(n int) string { return `{"claims":[` + strings.Repeat(`{"claimType":1},`, n) + `1]}` },
		"a huge object":  func(n int) string { return `{"claims":{` + strings.Repeat(`"a":1,`, n) + `"b":2},"region":1}` },
		"huge exponents": func(n int) string { return `{"claims":[` + strings.Repeat("1e999999999,", n) + `1]}` },
		"a long string":  func(n int) string { return `{"region":"` + strings.Repeat("x", 20*n) + `"}` },
		"nested escapes": func(n int) string { return `{"` + strings.Repeat(`\\`, n) + `":1}` },
	} {
		t.Run(name, func(t *testing.T) {
			growth.Linear(t, 50_000, func(n int) {
				got, err := Request(op, []byte(body(n)))
				if err != nil || len(got) == 0 || len(got) > maxViolations {
					t.Errorf("%d violations, error %v", len(got), err)
				}
			})
		})
	}
}

func TestOrderIsTheDocuments(t *testing.T) {
	op := operation(t, "submit-kyc-statement")
	body := []byte(`{"evidence":[{"evidenceType":"X"},1],"claims":{},"region":1}`)
	first, _ := Request(op, body)
	for range 20 {
		again, _ := Request(op, body)
		if d := cmp.Diff(first, again, cmpopts.IgnoreUnexported(Variant{}), cmpopts.IgnoreFields(Violation{}, "Node")); d != "" {
			t.Fatalf("same input, other output:\n%s", d)
		}
	}
	if !slices.IsSortedFunc(first, func(a, b Violation) int { return a.Offset - b.Offset }) {
		t.Errorf("not in document order: %v", breaches(first))
	}
}

// FuzzRequest holds the walker to the library's verdict on anything that is JSON.
func FuzzRequest(f *testing.F) {
	ops := []*api.Operation{}
	validators := []func([]byte) bool{}
	for _, op := range operations(f) {
		if s, err := ForRequest(op); err == nil && s != nil {
			for variant := range max(1, len(s.anyOf)) {
				f.Add(len(ops), []byte(s.sample(variant)))
			}
			ops = append(ops, op)
			validators = append(validators, library(f, op.RequestBody.Schema))
		}
	}
	f.Fuzz(func(t *testing.T, index int, body []byte) {
		if index < 0 || index >= len(ops) {
			return
		}
		got, err := Request(ops[index], body)
		if err != nil {
			t.Fatal(err)
		}
		if !exchange.ValidJSON(body) || !readAlike(body) {
			return
		}
		if want := validators[index](body); want != (len(got) == 0) {
			t.Errorf("%s: the library says %v, the walker %v", ops[index].ID, want, breaches(got))
		}
	})
}

// readAlike leaves out what the two read differently by design: duplicate
// members, of which the walker judges each, and invalid UTF-8. Exponents are
// left out because the library computes them.
func readAlike(body []byte) bool {
	if bytes.ContainsAny(body, "eE\\") && bytes.ContainsAny(body, "0123456789") && len(body) > 4096 {
		return false
	}
	unique := true
	var visit func(n *Node)
	visit = func(n *Node) {
		names := map[string]bool{}
		for c := range n.Children() {
			if n.Kind == Object {
				unique = unique && !names[c.Name()]
				names[c.Name()] = true
			}
			visit(c)
		}
		if n.Kind == Number && len(n.Raw) > 20 || n.Kind == Number && bytes.ContainsAny(n.Raw, "eE") {
			unique = false
		}
	}
	visit(Parse(body))
	return unique && bytes.Equal(bytes.ToValidUTF8(body, nil), body)
}

// kycStatement is a body of about 2 KB with nested alternatives, the hardest
// that the API has.
func kycStatement() []byte {
	const file = `{"fileId":"f4b8e8ef0d230d0a6bf755e07d39ab12","type":"proof-of-address"},`
	return []byte(`{"idempotencyKey":"21ede8ef0d230d0a6bf755e07d39aa54","region":"NZ","claims":[` +
		`{"claimType":"DOB","attributes":{"dateOfBirth":"1981-11-03"}},` +
		`{"claimType":"FULL_NAME","attributes":{"honorific":"Mr","givenName":"John","middleName":"Foo","familyName":"Doe"}},` +
		`{"claimType":"ADDRESS","attributes":{"addressType":"RESIDENTIAL","unitNumber":"1","streetNumber":"3A","streetName":"Victoria",` +
		`"streetType":"Avenue","town":"Auckland","suburb":"Epsom","state":"AKL","region":"AKL","postalCode":"1050","country":"NZ"}}],` +
		`"evidence":[{"evidenceType":"PASSPORT","documentId":"DS230475","country":"NZ","expiry":"2028-10-12"},` +
		`{"evidenceType":"DRIVERS_LICENSE","documentId":"DS230475","country":"NZ","version":"123"}],` +
		`"attachments":[` + strings.Repeat(file, 16) + strings.TrimSuffix(file, ",") + `]}`)
}

func BenchmarkRequest(b *testing.B) {
	op, body := operation(b, "submit-kyc-statement"), kycStatement()
	if got, err := Request(op, body); err != nil || len(got) > 0 {
		b.Fatal(err, breaches(got))
	}
	const rounds = 2000
	begin := time.Now()
	for range rounds {
		json.Valid(body)
	}
	valid := float64(time.Since(begin).Nanoseconds()) / rounds
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, _ = Request(op, body)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/valid, "times-json.Valid")
}

func BenchmarkFirstUse(b *testing.B) {
	schema := operation(b, "submit-kyc-statement").RequestBody.Schema
	for b.Loop() {
		if _, err := Compile(schema); err != nil {
			b.Fatal(err)
		}
	}
}
