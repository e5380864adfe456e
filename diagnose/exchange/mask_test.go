package exchange

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	jwt    = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1YjJmIiwiZXhwIjoxNzk1NDI5ODY1fQ.c2lnbmF0dXJlc2lnbmF0dXJl"
	secret = "imm-secret-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	pan    = "5555555555554444"
)

func TestMaskText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing secret", `{"cardId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`, `{"cardId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"}`},
		{"a JWT anywhere", "got " + jwt + ".", "got eyJ…XJl."},
		{"a JWT broken in its signature", "got " + jwt[:len(jwt)-9] + "\n" + jwt[len(jwt)-9:] + " x", "got eyJ…XJl x"},
		{"a JWT broken by a screen", jwt[:40] + "\n" + jwt[40:80] + "\r\n" + jwt[80:] + "\nHTTP/1.1 403", "eyJ…XJl\nHTTP/1.1 403"},
		{"a field's JWT broken by a screen", "Authorization: Bearer " + jwt[:60] + "\n" + jwt[60:100] + "\n" + jwt[100:] + "\nHost: b", "Authorization: Bearer eyJ…XJl\nHost: b"},
		{"a member's JWT broken by a screen", `{"accessToken":"` + jwt[:60] + "\n" + jwt[60:] + `","x":1}`, `{"accessToken":"eyJ…XJl","x":1}`},
		{"an API secret broken by a screen", "x-api-secret: " + secret[:50] + "\n" + secret[50:] + "\nHost: b", "x-api-secret: imm-secret-test-…cdef\nHost: b"},
		{"an API secret and an id on the next line", secret + "\n0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "imm-secret-test-…cdef\n0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"},
		{"a field behind a JWT", "Authorization: Bearer " + jwt + "\nx-API2Key: a\nHost: b", "Authorization: Bearer eyJ…XJl\nx-API2Key: a\nHost: b"},
		{"words behind a JWT", jwt + "\nthe next line\n" + jwt + "\nPOST /api/cards", "eyJ…XJl\nthe next line\neyJ…XJl\nPOST /api/cards"},
		{"a bearer header line", "Authorization: Bearer " + jwt, "Authorization: Bearer eyJ…XJl"},
		{"an opaque bearer", "authorization: Bearer 0123456789abcdef0123", "authorization: Bearer 012…123"},
		{"an API secret by its form", "x-api-key: " + secret, "x-api-key: imm-secret-test-…cdef"},
		{"an API secret in capitals", "x-api-key: " + strings.ToUpper(secret), "x-api-key: …CDEF"},
		{"an API secret by its field", "x-api-secret: 0123456789abcdef0123456789abcdef", "x-api-secret: …cdef"},
		{"a short secret", `x-api-secret: hunter2`, `x-api-secret: …`},
		{"JSON members", `{"refreshToken": "abcdefghijklmnopqrstuv", "x": 1}`, `{"refreshToken": "abc…tuv", "x": 1}`},
		{"JSON in JSON", `{"body":"{\"accessToken\":\"abcdefghijklmnopqrstuv\"}"}`, `{"body":"{\"accessToken\":\"abc…tuv\"}"}`},
		{"a value on the next line", "{\"password\":\n  \"hunter2\", \"pin\"\n:\n\"0000\"}", "{\"password\":\n  \"…\", \"pin\"\n:\n\"…\"}"},
		{"comments around", `{"password"/*x*/:"hunter2","pin": /*y*/ "0000"}`, `{"password"/*x*/:"…","pin": /*y*/ "…"}`},
		{"a field without a value, then a text", "pin:\nx-other: \"a\"", "pin:\nx-other: \"a\""},
		{"Python's strings", `{'password': u'hunter2', "pin": b"0000"}`, `{'password': u'…', "pin": b"…"}`},
		{"octal escapes of printf", `"$(printf 'export A="b"\012passcode: 856568\012')"`, `"$(printf 'export A="b"\012passcode: …\012')"`},
		{"three quotes", `password = """hunter2"""`, `password = """…"""`},
		{"a secret in an object of its own", `{"token":{"value":"abcdefghijklmnopqrstuv"},"cvv":{"value":"123"}}`, `{"token":{"value":"abc…tuv"},"cvv":…}`},
		{"broken JSON", `{'refreshToken': 'abcdefghijklmnopqrstuv',}`, `{'refreshToken': 'abc…tuv',}`},
		{"a card number", `{"pan":"5555555555554444"}`, `{"pan":"…4444"}`},
		{"a card number in text", "card 5555 5555 5555 4444 declined", "card …4444 declined"},
		{"a card number as a float", `{"x":4111111111111111.0,"y":4.111111111111111e15,"z":4.111111111111111E+15}`, `{"x":…,"y":…1e15,"z":…}`},
		{"a card number below one", `[0.4111111111111111e16, 41111111111111110e-1]`, `[…1e16, …0e-1]`},
		{"floats that are no card number", `{"x":4.5e15,"y":4111111111111.25,"z":4.111111111111112e15}`, `{"x":4.5e15,"y":4111111111111.25,"z":4.111111111111112e15}`},
		{"digits that are no card number", "amount 13140000000000000000", "amount 13140000000000000000"},
		{"a wrong check digit", "ref 5555555555554443", "ref 5555555555554443"},
		{"a CVV", `{"cvv":"123","cvv2": 456}`, `{"cvv":"…","cvv2": …}`},
		{"a PIN", `{"pin":"0000"}`, `{"pin":"…"}`},
		{"a query parameter", "/api/cards/secure?tokenId=1E2426184B3676720F36E43A22649AFF-1000041153&x=1", "/api/cards/secure?tokenId=1E2…153&x=1"},
		{"cookies", "Cookie: session=abcdef; theme=dark", "Cookie: …"},
		{"a form", "password=hunter2&user=a", "password=…&user=a"},
		{"an environment file", "IMMERSVE_API_SECRET=0123456789abcdef0123456789abcdef", "IMMERSVE_API_SECRET=…cdef"},
		{"a PEM key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\nafter", "…\nafter"},
		{"PowerShell's variable of the environment is one", "x-api-secret: $env:IMMERSVE_API_SECRET", "x-api-secret: $env:IMMERSVE_API_SECRET"},
		{"a placeholder is evidence", "Authorization: Bearer $TOKEN", "Authorization: Bearer $TOKEN"},
		{"so is what an editor fills in", "Authorization: Bearer {{$processEnv TOKEN}}", "Authorization: Bearer {{$processEnv TOKEN}}"},
		{"and another answer's token", "Authorization: Bearer {{login.response.body.$.token}}", "Authorization: Bearer {{login.response.body.$.token}}"},
		{"JSON in a cell of CSV", `1,"{""refreshToken"": ""abcdefghijklmnopqrstuv"", ""x"": """"}"`, `1,"{""refreshToken"": ""abc…tuv"", ""x"": """"}"`},
		{"JSON in YAML", `body: '{''cvv'': ''123''}'`, `body: '{''cvv'': ''…''}'`},
		{"an empty value is none", `{"pin":"","x":"1"} {'pin':'', 'x': '1'}`, `{"pin":"","x":"1"} {'pin':'', 'x': '1'}`},
		{"a KYC page anywhere", `nothing is called "https://verify.test.immersve.com/s/UVbJ9x?y=1"`, `nothing is called "https://verify.test.immersve.com/…"`},
		{"a KYC page without its path", "see https://verify.immersve.com/ first", "see https://verify.immersve.com/ first"},
		{"null is no secret", `{"accessToken":null}`, `{"accessToken":null}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := MaskText(tt.text); got != tt.want {
				t.Errorf("MaskText(%q)\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestMaskSharedPart(t *testing.T) {
	tests := []struct{ name, text, part, want string }{
		{"a name on an earlier line", "Content-Disposition: form-data; name=\"pin\"\n\n0000\n--x", "0000", "…"},
		{"a line of a key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", "MIIB", "…"},
		{"what begins in the part", "x\nBearer 0123456789abcdef0123 y", "Bearer 0123456789abcdef", "Bearer …"},
		{"what ends in the part", "pin=0000, ok", "0, ok", "…, ok"},
		{"a whole secret", "a pin=0000, ok", "pin=0000, ok", "pin=…, ok"},
		{"none", "pin=0000, ok", "ok", "ok"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := strings.LastIndex(tt.text, tt.part)
			if got := MaskSharedPart(tt.text, at, at+len(tt.part)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The words of this tool know no names, but a link's form.
func TestMaskFormsKnowsLinks(t *testing.T) {
	const link = "open https://test-sec.immersve.com/api/cards/secure?tokenId=1E2426184B3676720F36E43A22649AFF once"
	if got := MaskForms(link); got != "open https://test-sec.immersve.com/api/cards/secure?… once" {
		t.Errorf("got %q", got)
	}
}

func TestValueMasksItselfInEveryVerb(t *testing.T) {
	for _, raw := range []struct{ name, value string }{
		{"authorization", "Bearer " + jwt},
		{"x-api-secret", secret},
		{"cookie", "session=" + secret},
		{"x-api-key", secret},
		{"x-custom", "Bearer " + jwt},
	} {
		v := NewValue(raw.name, raw.value)
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{fmt.Sprint(v), fmt.Sprintf("%s %v %+v %#v %q %x %d", v, v, v, v, v, v, v), string(asJSON), fmt.Sprintf("%v", Field{raw.name, v})} {
			if strings.Contains(shown, "0123456789abcdef") || strings.Contains(shown, "c2lnbmF0dXJl") {
				t.Errorf("%s: a secret shows in %q", raw.name, shown)
			}
		}
	}
}

func TestBodyLineKeepsColumns(t *testing.T) {
	b := NewBody([]byte("{\n  \"refreshToken\": \"" + jwt + "\",,\n}"))
	line, ok := b.Line(2)
	if !ok || len([]rune(line)) != len("  \"refreshToken\": \""+jwt+"\",,") || strings.Contains(line, "c2ln") {
		t.Errorf("Line(2) = %q, %v", line, ok)
	}
	if _, ok := b.Line(9); ok {
		t.Error("Line(9) of three lines is there")
	}
	if l, c := b.Position(strings.Index(string(b.Bytes()), ",,") + 1); l != 2 || c != len([]rune(line)) {
		t.Errorf("Position = %d, %d", l, c)
	}
}

// Masking never panics, never lengthens past reason, and never lets a planted
// secret through.
func FuzzMaskText(f *testing.F) {
	for _, seed := range []string{"", "a", `{"x":"`, "Authorization: ", "?tokenId=", `{\"accessToken\":\"`, "-----BEGIN "} {
		f.Add(seed, " tail")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		got := MaskText(before + " " + jwt + " " + after)
		if strings.Contains(got, "c2lnbmF0dXJlc2ln") {
			t.Errorf("the token survives in %q", got)
		}
		if masked := maskInPlace([]byte(before+after), nil); len([]rune(string(masked))) != len([]rune(before+after)) {
			t.Errorf("masking in place moved columns of %q", before+after)
		}
	})
}

func TestParseURL(t *testing.T) {
	tests := []struct {
		target string
		want   URL
	}{
		{"https://test.immersve.com/api/cards?limit=1", URL{Scheme: "https", Host: "test.immersve.com", Path: "/api/cards", RawQuery: "limit=1", HasQuery: true}},
		{"HTTP://Test.Immersve.com:8080", URL{Scheme: "http", Host: "test.immersve.com", Port: "8080"}},
		{"/api/cards/{cardId}", URL{Path: "/api/cards/{cardId}"}},
		{"https:///api/cards", URL{Scheme: "https", Path: "/api/cards"}},
		{"http://[::1]:4010/x", URL{Scheme: "http", Host: "[::1]", Port: "4010", Path: "/x"}},
		{"$HOST/api", URL{Path: "$HOST/api"}},
	}
	for _, tt := range tests {
		if got := ParseURL(tt.target); got != tt.want {
			t.Errorf("ParseURL(%q) = %#v, want %#v", tt.target, got, tt.want)
		}
	}
	if got := ParseURL("https://user:hunter2@api.immersve.com/x").String(); strings.Contains(got, "hunter2") {
		t.Errorf("user info shows: %s", got)
	}
}

// Targets come from anywhere: splitting one ends, and what has no secret is given
// back as it was, but for the case of scheme and host.
func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"https://test.immersve.com/api/cards?limit=1", "https:///api", "$HOST/x", "http://[::1]:4010/", "a://b@c:d/e?f#g", "//", "?", "#", "%zz/%41"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u := ParseURL(target)
		_ = u.Query()
		_ = u.PathSegments()
		if again := ParseURL(u.Reveal()); again.Path != u.Path || again.RawQuery != u.RawQuery {
			t.Errorf("%q is %q the second time", target, u.Reveal())
		}
	})
}

// Masking reads every byte of what is shown: it is measured against the parser
// that reads the same bytes.
func BenchmarkMaskText(b *testing.B) {
	var body strings.Builder
	body.WriteString(`{"items":[`)
	for i := 0; body.Len() < 2000; i++ {
		fmt.Fprintf(&body, `{"id":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5%02x","status":"active","balance":"1000000","createdAt":"2026-11-23T10:44:12.000Z","name":"Groceries and more"},`, i)
	}
	text := strings.TrimSuffix(body.String(), ",") + "]}"
	b.Run("MaskText", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			MaskText(text)
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			json.Valid([]byte(text))
		}
	})
}

// Options of clients hold credentials in every way that their command lines allow.
func TestMaskTextOfOptions(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"curl -su me:hunter2secret https://a", "curl -su me:… https://a"},
		{"curl -sSiu 'me:hunter2 secret' https://a", "curl -sSiu 'me:…' https://a"},
		{"curl -ume:hunter2secret https://a", "curl -ume:… https://a"},
		{"curl -bsid=hunter2secret https://a", "curl -b… https://a"},
		{"curl -x me:hunter2secret@proxy:1 https://a", "curl -x me:…@proxy:1 https://a"},
		{"curl --socks5 me:hunter2secret@proxy https://a", "curl --socks5 me:…@proxy https://a"},
		{"curl --tlspassword hunter2secret https://a", "curl --tlspassword … https://a"},
		{"wget --password hunter2secret https://a", "wget --password … https://a"},
		{"curl -H 'Cookie2: sid=hunter2secret'", "curl -H 'Cookie2: …'"},
		{"java -user:home -bar=5 -xms:1@2", "java -user:home -bar=5 -xms:1@2"},
		{"curl -x proxy:3128 -su $CREDENTIALS https://a", "curl -x proxy:3128 -su $CREDENTIALS https://a"},
	} {
		if got := MaskText(tt.text); got != tt.want {
			t.Errorf("MaskText(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Lists of names and values, and elements with character data, name their secrets
// as members do.
func TestMaskTextOfListsAndElements(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{"rawHeaders":["Authorization","Bearer opaque0123456789abcdef","Cookie","sid=0a1b2c3d4e","x-api-secret","0123456789abcdef0123456789abcdef"]}`, `{"rawHeaders":["Authorization","Bearer opa…def","Cookie","…","x-api-secret","…cdef"]}`},
		{`[["password", "hunter2secret"]]`, `[["password", "…"]]`},
		{`["{\"h\":[\"password\",\"hunter2secret\"]}"]`, `["{\"h\":[\"password\",\"…\"]}"]`},
		{`{"required":["password","addressLine1","pin","cvv2"]}`, `{"required":["password","…","pin","cvv2"]}`},
		{`{"type":"password","identifier1":7}`, `{"type":"password","identifier1":7}`},
		{`["x-api-key","x-api-secret","authorization"]`, `["x-api-key","x-api-secret","authorization"]`},
		{`<password><![CDATA[hunter2secret]]></password>`, `<password><![CDATA[…]]></password>`},
	} {
		if got := MaskText(tt.text); got != tt.want {
			t.Errorf("MaskText(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
