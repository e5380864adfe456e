package capture

import "testing"

// A printed string is read back as the string that was printed: an escape is the
// character that it stands for.
func TestUnquotedLiteral(t *testing.T) {
	for _, tc := range []struct{ printed, want string }{
		{`'plain'`, "plain"},
		{`bare`, "bare"},
		{`'{\n  "amount": 5,\n\t"b": 1\r\n}'`, "{\n  \"amount\": 5,\n\t\"b\": 1\r\n}"},
		{`"{\n  \"amount\": \"5\"\n}"`, "{\n  \"amount\": \"5\"\n}"},
		{`"\"Espa\u00f1a\""`, `"España"`},
		{`"\ud83d\ude00"`, "😀"},
		{`'\x1B\u{1F600}\0'`, "\x1b😀\x00"},
		{`'it\'s C:\\temp\/x \q'`, `it's C:\temp/x q`},
		{`'cut \u00'`, "cut u00"},
		{`'cut \u{zz} \xg0'`, "cut u{zz} xg0"},
		{`"\ud83d alone"`, "� alone"},
	} {
		if got := unquotedLiteral(tc.printed); got != tc.want {
			t.Errorf("unquotedLiteral(%s) = %q, want %q", tc.printed, got, tc.want)
		}
	}
}
