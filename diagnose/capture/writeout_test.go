package capture

import "testing"

func TestPageEnd(t *testing.T) {
	for text, want := range map[string]int{
		"":                          0,
		"<html>":                    0,
		"<html></HTML>403":          13,
		"<p>\xff\xfe\xc0</html>":    13,
		"<p>\u0130</html>\n":        12,
		"<</html>":                  8,
		"</html":                    0,
		"<title>a</title></html>x<": 23,
	} {
		if got := pageEnd(text); got != want {
			t.Errorf("pageEnd(%q) = %d, want %d", text, got, want)
		}
		if got := bodyLength("<" + text); got > len(text)+1 {
			t.Errorf("bodyLength(%q) = %d", "<"+text, got)
		}
	}
}

// What stands before a status says so; other codes are none.
func TestStatusIn(t *testing.T) {
	for tail, want := range map[string]int{
		"403": 403, "status: 403": 403, "http_code=403": 403, "response_code: 403": 403, "code: 403": 403,
		"securityCode: 555": 0, "export SECURITYCODE=\"555\"\nsecurityCode: 555": 0, "pin_code=555": 0,
	} {
		if got, _ := statusIn(tail); got != want {
			t.Errorf("statusIn(%q) = %d, want %d", tail, got, want)
		}
	}
}
