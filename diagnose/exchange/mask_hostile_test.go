package exchange

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/growth"
)

// Texts made to be read again and again cost no more than their length.
func TestMaskingHostileTexts(t *testing.T) {
	gap := strings.Repeat(" ", 40) // a value stands far behind its name
	for _, unit := range []string{
		"a-", "a/", "eyJ", "eyJ-", "aeyJaeyJ", "a b c ", "abc ", "4", "4 ", "4-", "pin:", "pin=", `"pin":[`, `"value":[`, "value=", `"value":"`, `"key":"pin","value":`,
		"://a", "://a:b/", " -u", ` -u "`, "-----BEGIN PRIVATE KEY", "-----BEGIN ", `form-data; name="pin"` + "\n\n", "<pin>", "<", ">", "%", "%2", "%25", "%2525", `\`, `\\`, `\"`, `\u005c`,
		"&", "&amp;", "&amp;amp;", "~0", "~1", "bearer ", "=", ":", "%=", `\u0070=`, "YWJj", "YWJjZGVmZ2hpamtsbW5vcA==/", `{"a":`, "cookie: a=\"", "authorization: x ",
		"-----BEGIN PRIVATE KEY-----end-----\n", `"token":[`, `{"token":`, `{"key":"token","value":[`, "authorization:{", "token:{{", "cookie:" + gap, "pin:" + gap + "[", "-u" + gap + "a:b,", `"name":{`, `"city":{`, "city:{",
	} {
		t.Run(unit, func(t *testing.T) {
			growth.Linear(t, 64<<10, func(n int) { MaskText(strings.Repeat(unit, n/len(unit))) })
			growth.Linear(t, 64<<10, func(n int) { Veil{}.Hide(MaskShared(strings.Repeat(unit, n/len(unit)))) })
		})
	}
}
