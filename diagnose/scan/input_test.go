package scan

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func scanOf(t *testing.T, r io.Reader, o Options) *Totals {
	t.Helper()
	o.Now = clock
	s := New(o)
	s.Read(context.Background(), "in", r)
	return s.Totals()
}

const good = `{"statusCode":200,"method":"GET","url":"/api/currencies"}` + "\n"

func har(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"pages":[{"id":"p","title":"entries"}],"entries":[` + strings.Join(entries, ",") + `]}}`
}

func utf16Of(text string) string {
	out := "\xff\xfe"
	for _, c := range []byte(text) {
		out += string([]byte{c, 0})
	}
	return out
}

// What cannot be read is counted and named, and the rest is read.
func TestBadInput(t *testing.T) {
	entry := lines()[19].line
	big := strings.Repeat("x", maxLine+10)
	pretty := "{\n  \"statusCode\": 403,\n  \"errorCode\": \"KYC_REQUIRED\"\n}\n"
	tests := []struct {
		name                    string
		input                   string
		exchanges, unrecognised int64
		problem                 string
	}{
		{"nothing", "", 0, 0, ""},
		{"no line end at the end", good + strings.TrimSpace(good), 2, 0, ""},
		{"a line cut at the end", good + good[:20], 1, 1, ""},
		{"mixed formats", good + lines()[24].line + "\n" + "noise\n" + lines()[28].line + "\n", 3, 1, ""},
		{"a byte-order mark and CRLF", "\xef\xbb\xbf" + strings.ReplaceAll(good, "\n", "\r\n"), 1, 0, ""},
		{"a line that is too long", good + `{"a":"` + big + `"}` + "\n" + good, 2, 1, ""},
		{"a last line that is too long", good + big, 1, 1, ""},
		{"binary", "\x00\x01\x02\x03{\xff\n" + good, 1, 1, ""},
		{"a program", "\x7fELF" + strings.Repeat("\x00\x01\x02", 99) + "\n" + good, 0, 1, "binary data"},
		{"words of a program before a body", good + "\x01 x\x02" + good, 1, 1, ""},
		{"utf-16", utf16Of(good + good), 2, 0, ""},
		{"gzip with a broken tail", string(gzipped(t, []byte(strings.Repeat(good, 20000))))[:500], -1, -1, "reading stopped: decompress gzip: unexpected EOF"},
		{"gzip that is none", "\x1f\x8b\x08garbage garbage", 0, 0, "gzip"},
		{"zstd with a broken tail", string(zstandard(t, []byte(strings.Repeat(good, 20000))))[:60], -1, -1, "EOF"},
		{"a HAR document", har(entry, entry, entry), 3, 0, ""},
		{"a HAR document of nothing", har(), 0, 0, ""},
		{"a HAR document cut short", har(entry, entry, entry)[:len(har(entry, entry))+10], 2, 1, ""},
		{"a HAR document with a broken entry", har(entry, `{"request":{"a":[}}`, entry), -1, -1, ""},
		{"a HAR document with a long entry", har(entry, `{"a":"`+big+`"}`, entry), 2, 1, ""},
		{"a HAR document without entries", `{"log":{"version":"1.2","creator":{}}}`, 0, 0, "no such field"},
		{"a HAR document whose log is not its first member", `{"comment":{"saved":[1,2]},` + har(entry, entry)[1:], 2, 0, ""},
		{"a HAR's log alone", strings.TrimSuffix(strings.TrimPrefix(har(entry, entry), `{"log":`), "}"), 2, 0, ""},
		{"a HAR document in UTF-16", utf16Of(har(entry, entry)), 2, 0, ""},
		{"a table", "status,method,path,time\n200,GET,/api/currencies,2026-11-26T00:00:00Z\n\"403\",POST,\"/api/cards\",2026-11-26T00:00:01Z\n", 2, 0, ""},
		{"a table with semicolons, CRLF and names in capitals", "Time;Status Code;Request Path\r\n2026-11-26 00:00:00;403;/api/cards\r\n2026-11-26 00:00:00;200;/api/currencies;more\r\nx\r\n", 1, 2, ""},
		{"a table of log lines", "\"Date\",\"Line\"\n\"2026-11-26T00:00:00Z\",\"" + strings.ReplaceAll(strings.TrimSpace(good), `"`, `""`) + "\"\n\"2026-11-26T00:00:00Z\",\"started\"\n", 1, 1, ""},
		{"two tables, one after another", "status,method,path\n200,GET,/api/currencies\nstatus,method,path\n200,GET,/api/currencies\n", 2, 0, ""},
		{"CloudWatch's events", "{\n \"events\": [\n  {\"timestamp\":1795651200123,\"message\":\"method=GET path=/api/currencies status=200\"},\n  {\"timestamp\":1795651200123,\"message\":\"started\"}\n ]\n}\n", 1, 1, ""},
		{"Datadog's data on one line", `{"meta":{"page":{}},"data":[{"attributes":{"status":"info","attributes":{"http":{"status_code":200,"method":"GET"}}}}]}`, 1, 0, ""},
		{"lines that have lists", strings.Repeat(`{"statusCode":200,"method":"GET","url":"/api/currencies","events":[{"a":1}]}`+"\n", 3), 3, 0, ""},
		{"stack traces between lines", good + "TypeError: x\n    at f (/app/a.js:1:2) {\n  code: 'ERR_BAD_REQUEST'\n}\n" + good, 2, 4, ""},
		{"an array of records", "[\n " + strings.TrimSpace(good) + ",\n " + strings.TrimSpace(good) + "\n]\n", 2, 0, ""},
		{"records over several lines", pretty + pretty, 2, 0, ""},
		{"curl's output", "HTTP/2 403 \ncontent-type: application/json\n\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}\n", 1, 0, ""},
		{"a log after noise", strings.Repeat("starting up\n", 9000) + good, 1, 9000, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			readers := []io.Reader{strings.NewReader(tt.input)}
			if len(tt.input) < 1<<16 {
				readers = append(readers, iotest.OneByteReader(strings.NewReader(tt.input)))
			}
			for _, r := range readers {
				got := scanOf(t, r, Options{Workers: 2})
				if tt.exchanges >= 0 && (got.Exchanges != tt.exchanges || got.Unrecognised != tt.unrecognised) {
					t.Errorf("%d exchanges and %d unrecognised, want %d and %d", got.Exchanges, got.Unrecognised, tt.exchanges, tt.unrecognised)
				}
				if got.Inputs[0].Exchanges != got.Exchanges || got.Inputs[0].Unrecognised != got.Unrecognised {
					t.Errorf("the input says %+v", got.Inputs[0])
				}
				if p := got.Inputs[0].Problem; (tt.problem == "") != (p == "") || !strings.Contains(p, tt.problem) {
					t.Errorf("problem %q, want %q", p, tt.problem)
				}
			}
		})
	}
}

// What was read before an error counts, and the error is told.
func TestReaderThatFails(t *testing.T) {
	got := scanOf(t, io.MultiReader(strings.NewReader(good+good), iotest.ErrReader(errors.New("stale file handle"))), Options{})
	if got.Exchanges != 2 || !strings.Contains(got.Inputs[0].Problem, "stale file handle") {
		t.Errorf("%d exchanges, problem %q", got.Exchanges, got.Inputs[0].Problem)
	}
}

// An interrupt ends reading; what was read is counted and nothing is a problem.
func TestInterrupt(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	s := New(Options{Workers: 2, Block: 256})
	n := 0
	s.Read(ctx, "in", readerFunc(func(p []byte) (int, error) {
		if n++; n == 20000 {
			stop()
		}
		return copy(p, good), nil
	}))
	got := s.Totals()
	if got.Exchanges == 0 || got.Inputs[0].Problem != "" {
		t.Errorf("%d exchanges, problem %q", got.Exchanges, got.Inputs[0].Problem)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Memory depends on no input's size.
func TestMemoryIsBounded(t *testing.T) {
	line := []byte(lines()[0].line + "\n")
	left := int64(96 << 20)
	scanner := New(Options{Workers: 2, Now: clock})
	var most uint64
	var m runtime.MemStats
	scanner.Read(context.Background(), "in", readerFunc(func(p []byte) (int, error) {
		if left <= 0 {
			return 0, io.EOF
		}
		n := 0
		for n+len(line) <= len(p) {
			n += copy(p[n:], line)
		}
		if n == 0 {
			n = copy(p, bytes.Repeat([]byte("\n"), len(p)))
		}
		if left -= int64(n); left%(16<<20) < int64(n) {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		return n, nil
	}))
	if most > 40<<20 {
		t.Errorf("%d MiB of heap are in use", most>>20)
	}
}

// No secret of a log is in the totals.
func TestTotalsHoldNoSecret(t *testing.T) {
	var input strings.Builder
	for _, line := range []string{
		`{"res":{"statusCode":403,"body":{"errorCode":"orbit accident absorb action absent action absent achieve vessel achieve absorb orbit"}},"req":{"method":"GET","url":"/api/cards"}}`,
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"/api/cards/secure?tokenId=1E2426184B3676720F36E43A22649AFF-1000041153","headers":{"authorization":"Bearer ` + testToken + `","x-api-secret":"` + testSecret + `"}}}`,
		`{"res":{"statusCode":401},"req":{"method":"GET","url":"https://joe:hunter2@test.immersve.com/api/currencies","headers":{"x-api-key":"` + testSecret + `"}}}`,
		`{"statusCode":403,"method":"GET","url":"/x","errorCode":"KYC_REQUIRED","apiKey":"` + testToken + `"}`,
		`{"status":"x","token":"` + testToken + `","pan":"5555555555554444","note":"unrecognised"}`,
		`nonsense Bearer ` + testToken,
		`203.0.113.9 - - [23/Nov/2026:10:44:12 +0000] "GET /api/x?access_token=` + testToken + ` HTTP/1.1" 404 1`,
	} {
		input.WriteString(line + "\n")
	}
	text := marshal(t, scanOf(t, strings.NewReader(input.String()), Options{Samples: 9}))
	for _, secret := range []string{testSecret[20:60], "c2lnbmF0dXJl", "hunter2", "absent action absent", "555555555555", "1E2426184B3676720F36"} {
		if strings.Contains(text, secret) {
			t.Errorf("the totals show %q:\n%s", secret, text)
		}
	}
}

// The beginning of a line that was not recognised is kept, of a log and of a
// capture, and totals are passed on: it shows nothing about people, also where what
// tells so was cut off.
func TestSamplesOfPlacesAreFitForSharing(t *testing.T) {
	const line = `1: {"variable":[{"value":"1973-02-12","enabled":true,"note":"nothing of interest, only long","name":"dateOfBirth"}]}`
	for name, input := range map[string]string{
		"log":     "{\"status\":200,\"method\":\"GET\",\"url\":\"/api/cards\"}\n" + line + "\n",
		"capture": line + "\nHTTP/1.1 404 Not Found\nContent-Type: application/json\n\n{}\n",
	} {
		text := marshal(t, scanOf(t, strings.NewReader(input), Options{}))
		if !strings.Contains(text, "enabled") {
			t.Errorf("%s: no sample is kept:\n%s", name, text)
		}
		if strings.Contains(text, "1973-02-12") {
			t.Errorf("%s: the totals show a birth date:\n%s", name, text)
		}
	}
}

// A key spreads over lines, and each of them comes alone.
func TestSamplesOfPlacesShowNoKey(t *testing.T) {
	input := `{"status":200,"method":"GET","url":"/api/cards"}
2026-11-23 <a><key>-----BEGIN PRIVATE KEY-----
BOxKzKX/KunrXJKAPirYt/DQj7Lm7MIwEv6jmEcM
6XhIr/cmR/QWEE1baIQJKQFic==</key>
-----END PRIVATE KEY-----
InvalidArgument at line 3
`
	text := marshal(t, scanOf(t, strings.NewReader(input), Options{}))
	for _, part := range []string{"BOxKzKX", "mR/QWEE1b"} {
		if strings.Contains(text, part) {
			t.Errorf("the totals show %q of a key:\n%s", part, text)
		}
	}
	if !strings.Contains(text, "InvalidArgument") {
		t.Errorf("a sentence is not shown:\n%s", text)
	}
}

// Entries of a HAR without a response count as diagnose takes them, and those of
// other hosts do not count: one by one, whatever stands beside them.
func TestHAREntries(t *testing.T) {
	entry := func(url, response string) string {
		return `{"startedDateTime":"2026-11-26T00:00:00Z","request":{"method":"GET","url":"` + url + `","httpVersion":"HTTP/2","headers":[]},"response":` + response + `}`
	}
	const ok, none = `{"status":200}`, `{"status":0,"statusText":"","headers":[],"content":{},"_error":"net::ERR_CONNECTION_REFUSED"}`
	tests := []struct {
		name                         string
		entries                      []string
		exchanges, failed, strangers int64
	}{
		{"no response", []string{entry("https://test.immersve.com/api/currencies", none)}, 1, 1, 0},
		{"the API's hosts and this machine", []string{entry("https://test.immersve.com/api/currencies", ok), entry("https://api.immersve.com/x", ok), entry("http://localhost:8080/x", ok), entry("http://[::1]:8080/x", ok)}, 4, 0, 0},
		{"a documented path behind a proxy", []string{entry("https://proxy.example.com/api/currencies?a=b", ok)}, 1, 0, 0},
		{"other hosts", []string{entry("https://fonts.example.com/a.woff2", ok), entry("https://fonts.example.com/a.woff2", `{"status":404}`), entry("https://u:p@fonts.example.com:443/api/nothing", none)}, 0, 0, 3},
		{"both", []string{entry("https://fonts.example.com/a", ok), entry("https://test.immersve.com/api/currencies", ok), entry("https://fonts.example.com/a", ok)}, 1, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := scanOf(t, strings.NewReader(har(tt.entries...)), Options{})
			if got.Exchanges != tt.exchanges || got.Failed != tt.failed || got.Strangers != tt.strangers || got.Unrecognised != 0 {
				t.Errorf("%d exchanges, %d failed, %d strangers, %d unrecognised; want %d, %d, %d, 0", got.Exchanges, got.Failed, got.Strangers, got.Unrecognised, tt.exchanges, tt.failed, tt.strangers)
			}
			all := scanOf(t, strings.NewReader(har(tt.entries...)), Options{Strangers: true})
			if all.Exchanges != tt.exchanges+tt.strangers || all.Strangers != 0 {
				t.Errorf("with all hosts %d exchanges, %d strangers", all.Exchanges, all.Strangers)
			}
		})
	}
}
