package cmd_test

import (
	"runtime"
	"strings"
	"testing"
)

// What is taken apart into a million pieces costs many times what it measures.
// Counted is all that a run allocates, which does not depend on when it is cleared.
func TestMillionsOfPieces(t *testing.T) {
	const size, most = 2 << 20, 42 // most: bytes allocated for one of the input; 30 now, 48 to 10,000 when pieces were kept
	request := func(target, fields, body string) string {
		return "POST " + target + " HTTP/1.1\nHost: test.immersve.com\n" + fields + "\n" + body + "\n\nHTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{}"
	}
	answer := `{"statusCode":400,"errorCode":"INVALID_REQUEST_INPUT","errors":[{"message":"m","path":"` + strings.Repeat("a.", size/2) + `"}]}`
	utf16 := []byte("\xff\xfe")
	for _, c := range []byte(request("/api/cards", "", strings.Repeat("a", size/2))) {
		utf16 = append(utf16, c, 0)
	}
	for name, input := range map[string]string{
		"segments":        request("/api/"+strings.Repeat("a/", size/2), "", ""),
		"parameters":      request("/api/cards?"+strings.Repeat("a=b&", size/4), "", ""),
		"cookies":         request("/api/cards", "Cookie: "+strings.Repeat("a=;", size/3)+"\n", ""),
		"labels":          strings.ReplaceAll(request("/api/cards", "", ""), "test.immersve.com", "127."+strings.Repeat("1.", size/2)),
		"lines":           request("/api/cards", "", `{"a":1,`+strings.Repeat("\n", size)+"}"),
		"slashes":         request("/api/cards", "", strings.Repeat("/", size)),
		"steps":           strings.Repeat("HTTP/1.1 100 Continue\n\n", size/23) + "HTTP/1.1 403 Forbidden\n\n{}",
		"path of errors":  strings.TrimSuffix(request("/api/cards", "", "{}"), "{}") + answer,
		"UTF-16":          string(utf16),
		"lines of .http":  "### a\nPOST https://test.immersve.com/api/cards\n\n" + strings.Repeat("{\n", size/2),
		"words of curl":   "curl https://test.immersve.com/api/cards" + strings.Repeat(" -d a", size/5-20),
		"path of Postman": `{"info":{"name":"x","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"item":[{"request":{"method":"GET","url":{"host":"test.immersve.com","path":["a"` + strings.Repeat(`,"a"`, size/4) + `]}}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			shown := invoke(t.TempDir(), input)
			runtime.ReadMemStats(&after)
			if strings.Contains(shown, "panic: ") {
				t.Fatal(shown)
			}
			n := (after.TotalAlloc - before.TotalAlloc) / uint64(len(input))
			t.Logf("%d bytes for one", n)
			if n > most {
				t.Errorf("%d bytes are allocated for one of the input, want at most %d", n, most)
			}
		})
	}
}
