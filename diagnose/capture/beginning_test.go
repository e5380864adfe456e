package capture_test

import (
	"strings"
	"testing"
)

// A request line of any length is one.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("a", 300<<10)
	for name, text := range map[string]string{
		"the target of curl -v":       "* Connected\n> GET /api/cards?x=" + long + " HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 414 URI Too Long\n< \n",
		"at the beginning":            "> GET /api/cards?x=" + long + " HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 414 URI Too Long\n< \n",
		"a field of curl -v":          "> GET /api/cards HTTP/1.1\n> Host: test.immersve.com\n> x: " + long + "\n> \n< HTTP/1.1 414 URI Too Long\n< \n",
		"the target of a raw message": "GET /api/cards?x=" + long + " HTTP/1.1\nHost: test.immersve.com\n\nHTTP/1.1 414 URI Too Long\n\n",
	} {
		list, _, err := readAll("-", strings.NewReader(text))
		if err != nil || len(list) != 1 || list[0].Request == nil || list[0].Response == nil || list[0].Response.Status != 414 {
			t.Errorf("%s: %d exchanges, %v", name, len(list), err)
		}
	}
}
