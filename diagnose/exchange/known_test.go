package exchange

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/growth"
)

func TestKnownHides(t *testing.T) {
	const long = "Tr0ub4dor-horse-staple"
	tests := []struct{ name, variable, value, text, want string }{
		{"a password in a field", "password", long, long, "…"},
		{"in a sentence", "password", long, "x-p is \"" + long + "\"", "x-p is \"…\""},
		{"cut by a sentence", "password", long, "x-p is \"" + long[:14] + "\"…", "x-p is \"…\"…"},
		{"cut at both ends", "password", long, "x" + long[3:16] + "x", "x…x"},
		{"written with escapes", "password", "a b/c!d\"e f", `{"note":"a b\/c!d\"e f"}`, `{"note":"…"}`},
		{"in a query", "secret", "a b/c!d+e fgh", "?t=a%20b%2Fc%21d%2Be%20fgh&x=1", "?t=…&x=1"},
		{"in another case", "apiSecret", "imm-secret-test-0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123.example.com", "….example.com"},
		{"with its scheme", "token", "Bearer 0123456789abcdef0123", "0123456789abcdef0123", "…"},
		{"a PIN that is a value", "pin", "4821", `{"note":"4821"} /cards/4821?t=4821`, `{"note":"…"} /cards/…?t=…`},
		{"a PIN's digits elsewhere", "pin", "4821", "x48210 14821 4821-11-03 a.4821", "x48210 14821 4821-11-03 a.4821"},
		{"a PIN in a sentence", "pin", "4821", "no PIN 4821.", "no PIN …."},
		{"a coin is no token", "token", "USD", `{"currency":"USD"}`, `{"currency":"USD"}`},
		{"nor is a number", "token", "1", "1", "1"},
		{"nor an address", "token", "0x8ba1f109551bD432803012645Ac136ddd64DBA72", "0x8ba1f109551bD432803012645Ac136ddd64DBA72", "0x8ba1f109551bD432803012645Ac136ddd64DBA72"},
		{"a word is no password", "password", "test", "https://test.immersve.com/test", "https://test.immersve.com/test"},
		{"words in a host are none", "password", "immersve", "https://test.immersve.com/", "https://test.immersve.com/"},
		{"a URL is hidden without its host", "callbackUrl", "https://app.example.com/done/9f8e7d6c5b4a3210", "https://api.immersve.com/ and app.example.com/done/9f8e7d6c5b4a3210", "https://api.immersve.com/ and app.example.com/…"},
		{"a placeholder", "token", "{{otherToken}}", "{{otherToken}}", "{{otherToken}}"},
		{"a neutral name", "cardId", "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var k Known
			k.Learn(tt.variable, tt.value, false)
			if got := k.Hide(tt.text); got != tt.want {
				t.Errorf("Hide(%q)\n got %q\nwant %q", tt.text, got, tt.want)
			}
		})
	}
}

// What a request's variables brought is hidden in its parts and in those of its
// answer, and what is compared stays as it was sent.
func TestConceal(t *testing.T) {
	const secret = "Tr0ub4dor-horse-staple"
	var k Known
	k.Learn("password", secret, false)
	ex := &Exchange{
		Request:  &Request{URL: ParseURL("https://test.immersve.com/api/cards/" + secret), Body: NewBody([]byte(`{"note":"` + secret + `"}`))},
		Response: &Response{Body: NewBody([]byte("no " + secret))}, Notes: []string{"see " + secret},
	}
	ex.Request.Header.Add("X-P", secret)
	ex.Request.Conceal(&k)
	ex.Conceal()
	line, _ := ex.Request.Body.Line(1)
	shown := []string{ex.Request.CurlCommand(false, true), ex.Request.URL.Shared(), ex.Request.Body.Shared(), ex.Request.Header[0].Value.Shared(), ex.Response.Body.String(), ex.Notes[0], line}
	if all := strings.Join(shown, "\n"); strings.Contains(all, "horse") {
		t.Errorf("the secret shows in %s", all)
	}
	if got := ex.Request.Header.Text("x-p"); got != secret {
		t.Errorf("what was sent is %q", got)
	}
}

func TestKnownIsLinear(t *testing.T) {
	var k Known
	k.Learn("password", strings.Repeat("aB3", 4000), false)
	k.Learn("pin", "4821", false)
	for _, unit := range []string{"aB3", "4821/", "%61", "a%42", `"4821"`} {
		growth.Linear(t, 64<<10, func(n int) { k.Hide(strings.Repeat(unit, n/len(unit))) })
	}
}
