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
