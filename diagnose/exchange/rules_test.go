package exchange

import (
	"encoding/base64"
	"strings"
	"testing"
)

// What is no secret stays as it is, however much it looks like one.
func TestMaskTextMisses(t *testing.T) {
	for _, text := range []string{
		`{"cardId":"0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6","id":"41111111-1a11-4111-8111-111111111111","ulid":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}`,
		`{"token":"0x8ba1f109551bD432803012645Ac136ddd64DBA72","symbol":"USDC"}`, `{"token":"USDC"}`, `{"token":"usdc-base-sepolia"}`, `{"nextToken":"page-2-of-0123456789"}`,
		"2026-11-30T22:16:11.123456789Z 5/11/2026 10:11:12.345", "52.12.13.101:443", `{"lat":52.12345678901234,"at":1764540971123}`, `[52,49,49,49,49,49,49,49]`,
		`{"path":"name","value":"Joe"}`, `{"path":"/pin","received":"undefined"}`, `{"credentials":"include","auth":"bearer"}`,
		"id,name\n1,Joe\n", "name: Joe\nvalue: 8402\n", "<name>Joe</name><value>8402</value>", `{"pinStatus":"SET","passwordPolicy":"strong","cvvResult":"M"}`,
		"accept, cookie, origin, host, date, server, allow, vary, via, age, etag, link", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
	} {
		if got := MaskText(text); got != text {
			t.Errorf("MaskText(%q) = %q", text, got)
		}
	}
}

// The notations in which a name and its value are apart.
func TestMaskTextOfPairs(t *testing.T) {
	const secret = "Zq7vXw93kLmPtR5nB2dH"
	for _, text := range []string{
		`{"path":"pin","message":"is {wrong}","value":"V"}`, `{"received":"V","path":"/cvv"}`, `{"loc":["body","pin"],"input":"V"}`, `{"instancePath":"/pin/0","data":"V"}`, `field=pin value=V`,
		"?password[]=V", "?password%5B%5D=V", "?token[0]=V", "?user[password][]=V", "pin.value=V", "X-Original-Cookie: sid=V", "X-Api-Secrets: V",
		"<member><name>x-api-secret</name><value><string>V</string></value></member>", "<password><value>V</value></password>", `<param name="password">V</param>`, "<tr><th>password</th><td>V</td></tr>",
		"password: |\n  V", "passwords:\n  - V", "password:\n  V", "id,password\n1,V", "| password | V |", "| id | password |\n|--|--|\n| 1 | V |",
		"[('x-api-secret', 'V')]", "[b'x-api-secret', b'V']", `http.Header{"X-Api-Secret":[]string{"V"}}`, "array(1) {\n  [\"password\"]=>\n  string(20) \"V\"\n}", `Login { password: Some("V") }`, "“password”: “V”", "data: {\"password\":\ndata: \"V\"}",
		"$ http -a u:V https://a", "sshpass -p V ssh a", "tool --client-secret V",
	} {
		if got := MaskText(strings.ReplaceAll(text, "V", secret)); strings.Contains(got, secret[:12]) {
			t.Errorf("%q shows: %q", text, got)
		}
	}
}

func TestMaskTextOfForms(t *testing.T) {
	wide := func(s string) string { return strings.Map(func(r rune) rune { return r - '0' + '０' }, s) }
	for _, text := range []string{
		"4111\u00a01111\u00a01111\u00a01111", "4111–1111–1111–1111", "4111.1111.1111.1111", "4111 - 1111 - 1111 - 1111", "4111&nbsp;1111&nbsp;1111&nbsp;1111", "4111%C2%A01111%C2%A01111%C2%A01111", "4111<br>1111<br>1111<br>1111",
		"4,111,111,111,111,111", "3782_822463_10005", wide("4111111111111111"), "4111111111111111L", "4111111111111111n", "%B4111111111111111^DOE/J^2512101?", ";4111111111111111=25121010000012300000?", "4111111111111111D25121010000",
		"legal, winner, thank, year, wave, sausage, worth, useful, legal, winner, thank, yellow", "1. legal 2. winner 3. thank 4. year 5. wave 6. sausage 7. worth 8. useful 9. legal 10. winner 11. thank 12. yellow",
		"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9.XFBoMYUZodetZdvTiFvSkQ",
		base64.RawURLEncoding.EncodeToString([]byte("{\n \"alg\":\"HS256\"}")) + ".eyJzdWIiOiIzMTU5In0.dBjftJeZ4CVPmB92K27uhbUJU1p1rUwW1gFWFOEjXkA",
		base64.StdEncoding.EncodeToString([]byte("\x0a\x50" + secret + "\x12\x03abc")), base64.StdEncoding.EncodeToString([]byte("\xff\x00{\"pin_code\":\"5876\"}")),
	} {
		got := MaskText("for " + text + " declined")
		if strings.Contains(got, text[len(text)/4:len(text)*3/4]) || !strings.HasPrefix(got, "for ") || !strings.HasSuffix(got, " declined") {
			t.Errorf("%q shows: %q", text, got)
		}
	}
}
