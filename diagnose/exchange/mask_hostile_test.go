package exchange

import (
	"strings"
	"testing"

	"immersve-doctor/diagnose/growth"
)

// Texts made to be read again and again cost no more than their length.
func TestMaskingHostileTexts(t *testing.T) {
	for _, unit := range []string{
		"a-", "a/", "eyJ", "eyJ-", "aeyJaeyJ", "a b c ", "abc ", "4", "4 ", "4-", "pin:", "pin=", `"pin":[`, `"value":[`, "value=", `"value":"`, `"key":"pin","value":`,
		"://a", "://a:b/", " -u", ` -u "`, "-----BEGIN PRIVATE KEY", "-----BEGIN ", `form-data; name="pin"` + "\n\n", "<pin>", "<", ">", "%", "%2", "%25", "%2525", `\`, `\\`, `\"`, `\u005c`,
		"&", "&amp;", "&amp;amp;", "~0", "~1", "bearer ", "=", ":", "%=", `\u0070=`, "YWJj", "YWJjZGVmZ2hpamtsbW5vcA==/", `{"a":`, "cookie: a=\"", "authorization: x ",
	} {
		t.Run(unit, func(t *testing.T) {
			growth.Linear(t, 64<<10, func(n int) { MaskText(strings.Repeat(unit, n/len(unit))) })
		})
	}
}
