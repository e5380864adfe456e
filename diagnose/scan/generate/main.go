// Command generate writes logs to measure "scan" by: JSON lines of 1 to 4 KB as
// pino-http writes them, combined access logs, or a HAR document. The same
// arguments give the same bytes.
//
//	go run ./diagnose/scan/generate -form ndjson -size 1GB > big.ndjson
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	form := flag.String("form", "ndjson", "ndjson, access or har")
	size := flag.Int64("size", 100<<20, "bytes to write, about")
	count := flag.Int64("count", 0, "exchanges to write, or 0 to write -size bytes")
	failing := flag.Float64("failing", 0.04, "share of exchanges that fail")
	flag.Parse()
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	g := &generator{r: rand.New(rand.NewPCG(1, 2)), failing: *failing, now: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), w: w}
	g.write(*form, *size, *count)
	if err := w.Flush(); err != nil {
		log.Fatalf("generate: %v", err)
	}
}

type generator struct {
	r       *rand.Rand
	failing float64
	now     time.Time
	w       io.Writer
	written int64
}

func (g *generator) write(form string, size, count int64) {
	one := map[string]func(exchange) string{"ndjson": pino, "access": combined, "har": entry}[form]
	if one == nil {
		log.Fatalf("generate: unknown format %q", form)
	}
	if form == "har" {
		g.put(`{"log":{"version":"1.2","creator":{"name":"generate","version":"1"},"entries":[` + "\n")
	}
	for n := int64(0); count > 0 && n < count || count == 0 && g.written < size; n++ {
		if form == "har" && n > 0 {
			g.put(",\n")
		}
		g.put(one(g.next()))
	}
	if form == "har" {
		g.put("\n]}}\n")
	}
}

func (g *generator) put(s string) {
	g.written += int64(len(s))
	if _, err := io.WriteString(g.w, s); err != nil {
		log.Fatalf("generate: %v", err)
	}
}

// exchange is what a line is made of.
type exchange struct {
	when                       time.Time
	method, path               string
	status                     int
	request, response, account string
	key                        string
	ms                         int
}

func (g *generator) hex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[g.r.IntN(16)]
	}
	return string(b)
}

// failure is an answer that calls of an operation get.
type failure struct {
	status int
	code   string
}

func (g *generator) next() exchange {
	g.now = g.now.Add(time.Duration(g.r.IntN(160)) * time.Millisecond)
	account := g.hex(32)
	e := exchange{when: g.now, status: 200, account: account, ms: 20 + g.r.IntN(400), key: "imm-key-test-" + strings.Repeat(string("abcdef"[g.r.IntN(3)]), 64)}
	var failures []failure
	switch n := g.r.IntN(100); {
	case n < 30:
		e.method, e.path = "GET", "/api/accounts/"+account+"/cards?limit=20"
		e.response = g.list(1 + g.r.IntN(8))
		failures = []failure{{401, "UNAUTHORIZED"}, {403, "FORBIDDEN"}}
	case n < 55:
		e.method, e.path = "POST", "/api/spending-prerequisites"
		e.request = fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q,"spendableAmount":"%d","spendableCurrency":"USD","kycType":"immersve-conducted","kycRedirectUrl":"https://example.com/done"}`, g.hex(32), g.hex(32), g.r.IntN(99999))
		e.response = `{"prerequisites":[` + strings.Repeat(`{"stage":"card","type":"kyc_check","status":"ok","description":"The cardholder has passed the check."},`, 4+g.r.IntN(12)) + `{"stage":"payment"}]}`
		failures = []failure{{429, ""}, {429, ""}, {400, "INVALID_REQUEST_INPUT"}}
	case n < 75:
		e.method, e.path = "POST", "/api/cards"
		e.request = fmt.Sprintf(`{"cardProgramId":%q,"fundingSourceId":%q}`, g.hex(32), g.hex(32))
		e.response = g.list(1 + g.r.IntN(3))
		failures = []failure{{403, "KYC_REQUIRED"}, {403, "KYC_REQUIRED"}, {403, "CARD_PROGRAM_INVALID"}, {500, ""}}
	default:
		e.method, e.path = "GET", "/api/transactions/"+g.hex(32)
		e.response = g.list(2)
		failures = []failure{{404, ""}, {503, ""}}
	}
	if g.r.Float64() < g.failing {
		f := failures[g.r.IntN(len(failures))]
		e.status, e.response = f.status, fmt.Sprintf(`{"statusCode":%d,"statusName":"Forbidden","errorCode":%q,"reason":"The request was rejected."}`, f.status, f.code)
	}
	return e
}

func (g *generator) list(n int) string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%q,"cardProgramId":%q,"status":"active","panLast4":"%04d","expiry":"2029-11","network":"mastercard","createdAt":"2026-10-0%dT10:11:12.000Z","holder":{"name":"Ada Example","region":"NZ"}}`, g.hex(32), g.hex(32), g.r.IntN(10000), 1+g.r.IntN(9))
	}
	b.WriteString(`],"pagination":{"total":120}}`)
	return b.String()
}

func pino(e exchange) string {
	request := "null"
	if e.request != "" {
		request = e.request
	}
	return fmt.Sprintf(`{"level":30,"time":%d,"pid":17,"hostname":"backend-7f9c","req":{"id":%d,"method":%q,"url":%q,"query":{},"headers":{"host":"test.immersve.com","user-agent":"backend/4.2 (node 22)","accept":"application/json","content-type":"application/json","x-api-key":%q,"x-api-secret":"[Redacted]","x-account-id":%q,"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},"body":%s},"res":{"statusCode":%d,"headers":{"content-type":"application/json; charset=utf-8","date":%q,"server":"cloudfront","x-cache":"Miss"},"body":%q},"responseTime":%d,"msg":"request completed"}`+"\n",
		e.when.UnixMilli(), e.when.UnixMilli()%100000, e.method, e.path, e.key, e.account, request, e.status, e.when.Format("Mon, 02 Jan 2006 15:04:05 GMT"), e.response, e.ms)
}

func combined(e exchange) string {
	return fmt.Sprintf("203.0.113.%d - - [%s] \"%s %s HTTP/1.1\" %d %d \"-\" \"backend/4.2 (node 22)\"\n", e.ms%250, e.when.Format("02/Jan/2006:15:04:05 -0700"), e.method, e.path, e.status, len(e.response))
}

func entry(e exchange) string {
	return fmt.Sprintf(`{"startedDateTime":%q,"time":%d,"request":{"method":%q,"url":%q,"httpVersion":"HTTP/2","cookies":[],"headers":[{"name":"accept","value":"application/json"},{"name":"x-api-key","value":%q}],"queryString":[],"headersSize":-1,"bodySize":-1},"response":{"status":%d,"statusText":"","httpVersion":"HTTP/2","cookies":[],"headers":[{"name":"content-type","value":"application/json"}],"content":{"size":%d,"mimeType":"application/json","text":%q},"redirectURL":"","headersSize":-1,"bodySize":-1},"cache":{},"timings":{"send":0,"wait":%d,"receive":0}}`,
		e.when.Format(time.RFC3339Nano), e.ms, e.method, "https://test.immersve.com"+e.path, e.key, e.status, len(e.response), e.response, e.ms)
}
