package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// writeHAR writes a HAR of about so many bytes, as a browser of a partner's
// application would: of ten entries eight are pages and scripts, two are calls of
// the API, of which one failed. It is for measuring:
//
//	go run ./diagnose/capture/testserver har 1000000000 >big.har
//	/usr/bin/time -v immersve-doctor big.har -o json >/dev/null
func writeHAR(w io.Writer, size int64) error {
	b := bufio.NewWriterSize(w, 1<<20)
	n, _ := b.WriteString(`{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],"entries":[`) // Flush has the failure
	written := int64(n)
	for i := 0; written < size; i++ {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		n, _ := b.WriteString(harEntry(i))
		written += int64(n) + 1
	}
	_, _ = b.WriteString("]}}\n")
	return b.Flush()
}

func harEntry(i int) string {
	switch i % 10 {
	case 3:
		return entry("POST", "https://test.immersve.com/api/cards", 403, "application/json", forbidden, `{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae8","fundingSourceId":"315bad4e81ce0f26966a41b9d451638b"}`)
	case 7:
		return entry("GET", "https://test.immersve.com/api/currencies", 200, "application/json", `[{"code":"USD"}]`, "")
	}
	return entry("GET", fmt.Sprintf("https://app.example.com/chunk-%d.js", i), 200, "text/javascript", strings.Repeat("export const a = () => \"b\";\n", 50+i%400), "")
}

func entry(method, url string, status int, mimeType, content, sent string) string {
	post := ""
	if sent != "" {
		post = fmt.Sprintf(`,"postData":{"mimeType":"application/json","text":%s}`, strconv.Quote(sent))
	}
	return fmt.Sprintf(`{"_resourceType":"fetch","startedDateTime":"2026-11-23T10:44:12.345Z","time":12.5,"request":{"method":%q,"url":%q,"httpVersion":"h2","headers":[{"name":":authority","value":"x"},{"name":"accept","value":"*/*"},{"name":"content-type","value":"application/json"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":%d%s},`+
		`"response":{"status":%d,"statusText":"","httpVersion":"h2","headers":[{"name":"content-type","value":%q},{"name":"date","value":%q}],"cookies":[],"content":{"size":%d,"mimeType":%q,"text":%s},"redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":100,"_error":null},"cache":{},"timings":{}}`,
		method, url, len(sent), post, status, mimeType, date, len(content), mimeType, strconv.Quote(content))
}
