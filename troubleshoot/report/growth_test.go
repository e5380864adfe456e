package report_test

import (
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/growth"
)

// Every output costs time in proportion to its input, whatever is repeated in it and
// wherever: in a header, in the request's body, in the response's.
func TestOutputsAreLinear(t *testing.T) {
	for _, unit := range []string{
		"`", "``` ", "~", "*", "_a", "[", "](", "<", "&", "&lt;", "#1 ", "@a ", "www. ", "|", `\`, `\\`, `"`, `'`, "$(", "${", "a ", " ", "\t", "\n", "\r\n", "- ", "1. ",
		"{", "[{", `{"a":`, `"a",`, `{"a":1},`, ",", ",}", "//", "/*", "é", "\u0301", "\u202e", "\x1b[31m", "\x00", "\xff", "%", "%41", "4", "a=", "a=b&", "eyJ", "…", "\U0001f600",
	} {
		t.Run(fmt.Sprintf("%q", unit), func(t *testing.T) {
			growth.Linear(t, 32<<10, func(n int) {
				piled := strings.Repeat(unit, n/len(unit))
				header := strings.NewReplacer("\r", "", "\n", "").Replace(piled)
				outputs(t, []byte("POST /api/cards HTTP/1.1\r\nHost: test.immersve.com\r\nX-Note: "+header+"\r\nContent-Type: application/json\r\n\r\n"+piled+
					"\r\n\r\nHTTP/1.1 400 Bad Request\r\nX-Note: "+header+"\r\n\r\n"+`{"statusCode":400,"reason":"`+piled+"\"}\n"))
			})
		})
	}
}
