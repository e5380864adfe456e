package exchange

import (
	"encoding/base64"
	"strings"
	"testing"
)

// What is encoded in base64 is read as it would be outside of it: without the escapes
// of HTML, JSON and URLs, and in a second layer of base64.
func TestSecretsInsideBase64(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, text := range []string{
		`{"pin_code": "8555"}`,
		"<html><pre>{&quot;pin_code&quot;: &quot;8555&quot;}</pre></html>",
		`"{\"pin_code\":\"8555\"}"`,
		"https://example.com/?next=a%26pin_code%3D8555",
		encode("<pre>{&quot;pin_code&quot;: &quot;8555&quot;}</pre>"),
	} {
		if got := MaskText(`{"text":"` + encode(text) + `"}`); strings.Contains(got, encode(text)) {
			t.Errorf("%s shows in base64", text)
		}
	}
	for _, text := range []string{"<html><pre>{&quot;title&quot;: &quot;8555&quot;}</pre></html>", "plain words, nothing else"} {
		if got := MaskText(encode(text)); got != encode(text) {
			t.Errorf("%s is masked in base64", text)
		}
	}
}
