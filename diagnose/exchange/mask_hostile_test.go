package exchange

import (
	"strings"
	"testing"
	"time"
)

// Texts made to be read again and again end in time: a megabyte of each takes no
// more than some hundred milliseconds.
func TestMaskingHostileTextsEnds(t *testing.T) {
	const size = 1 << 20
	for _, unit := range []string{
		"a-", "a/", "eyJ", "eyJ-", "aeyJaeyJ", "a b c ", "abc ", "4", "4 ", "4-", "pin:", "pin=", `"pin":[`, `"value":[`, "value=", `"value":"`, `"key":"pin","value":`,
		"://a", "://a:b/", " -u", ` -u "`, "-----BEGIN PRIVATE KEY", "-----BEGIN ", `form-data; name="pin"` + "\n\n", "<pin>", "<", ">", "%", "%2", "%25", "%2525", `\`, `\\`, `\"`, `\u005c`,
		"&", "&amp;", "&amp;amp;", "~0", "~1", "bearer ", "=", ":", "%=", `\u0070=`, "YWJj", "YWJjZGVmZ2hpamtsbW5vcA==/", `{"a":`, "cookie: a=\"", "authorization: x ",
	} {
		text := strings.Repeat(unit, size/len(unit))
		start := time.Now()
		MaskText(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q repeated takes %v", unit, took)
		} else if testing.Verbose() {
			t.Logf("%-28q %v", unit, took.Round(time.Millisecond))
		}
	}
}
