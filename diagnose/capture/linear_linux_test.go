package capture

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/growth"
)

var long = flag.Bool("long", false, "repeat captures to four times the size")

// piled is what reads slowly where a reader looks at the rest of the text once for
// each message: many small messages, on one line or many.
func piled() map[exchange.Kind][]string {
	return map[exchange.Kind][]string{
		exchange.KindBody:         {`{"statusCode":403,"errorCode":"KYC_REQUIRED"}`, "$ curl https://test.immersve.com/a\n{\"statusCode\":403}"},
		exchange.KindCurlInclude:  {"HTTP/1.1 200 OK\ncontent-length: 1\n\nx", "HTTP/1.1 302 Found\nlocation: /\n\n"},
		exchange.KindCurlWriteOut: {"403\n", "{\"a\":1}403\n", "[]200 "},
		exchange.KindCurlCommand:  {"$ curl https://test.immersve.com/a \\\n> -X POST\n", "curl \"https://test.immersve.com\n", "BASE+=/v1\n", "$body = @'\n"},
		exchange.KindHTTPie:       {"HTTP/1.0 302 Found\nlocation: /\n\n", "http: error: refused\n"},
		exchange.KindRawHTTP:      {"GET /a HTTP/1.1\nhost: a\n\n", "HTTP/1.1 200 OK\n\n"},
		exchange.KindHTTPFile:     {"###\nGET https://test.immersve.com/{{a}}\n", "GET https://test.immersve.com/a\n\n"},
		exchange.KindCurlVerbose:  {"> GET / HTTP/1.1\n> host: a\n>\n< HTTP/1.1 200 OK\n<\n", "< HTTP/1.1 200 OK\n"},
		exchange.KindCurlTrace:    {"=> Send header, 20 bytes (0x14)\n0000: GET / HTTP/1.1\n0010: \n", "<= Recv data, 2 bytes (0x2)\n0000: {}\n{}\n"},
		exchange.KindWget:         {"--2026-11-27 20:04:02--  http://a/\n  HTTP/1.1 200 OK\n", "wget: bad address 'a'\n"},
		exchange.KindCurlError:    {"curl: (28) timed out\n"},
		exchange.KindFetch:        {"fetch(", "fetch(\"a\n", "fetch(`", "fetch(`${", "fetch('/a', {", "fetch('/a', [", "fetch('/a', {a: b + \n", "fetch(/*", "fetch('/a', {a: '", "fetch('/a', x => {\n", "fetch('/a');{\"statusCode\":403}", "fetch('/a', {body: JSON.stringify(", "{\"errorCode\":\n", "fetch('/a', {\"errorCode\":\n"},
		exchange.KindHTTPClient:   {"send: b'GET / HTTP/1.1\\r\\n\\r\\n'\n", "send: b'a'\n", "send: b'", "reply: 'HTTP/1.1 100 \\r\\n'\n", "reply: 'HTTP/1.1 200 \\r\\n'\nheader: a: b\n", "send: b'GET / HTTP/1.1\\r\\n'\nreply: 'HTTP/1.1 200 \\r\\n'\n{\"errorCode\":\n", "{\"errorCode\":\n", "urllib3.connectionpool http://a \"GET / HTTP/1.1\" 200 1\n"},
		exchange.KindOkHTTP:       {"--> GET http://a/\n", "--> GET http://a/\na: b\n\nx\n", "<-- 200 http://a/ (1ms)\n", "--> GET http://a/\n<-- 200 http://a/ (1ms, 1-byte body)\n", "<-- HTTP FAILED: a\n", "a 1: --> GET http://a/\n", "--> END GET\n", "x\n", "\n"},
		exchange.KindPowerShell:   {"irm http://a/ -Body @{\n", "irm http://a/ -Body \"\n", "irm http://a/ -Body @'\n", "irm http://a/ -Body ((\n", "irm http://a/ -Headers @{a='b'}\n", "$a = 'b'\n", "$a = @{\n", "$a = \"$a$a\"\n", "$a = $a,$a\n", "$a = 'b';", "$s.UserAgent = 'a'\n", "$s.Cookies.Add((New-Object System.Net.Cookie('a', 'b')))\n", "irm http://a/;", "{\"errorCode\":\n"},
		exchange.KindHAR:          {`{"request":{"method":"GET","url":"https://test.immersve.com/a"},"response":{"status":403}},`},
		exchange.KindPostman:      {`{"name":"a","request":{"method":"GET","url":"https://test.immersve.com/{{a}}"}},`},
	}
}

// opening is what stands once before all that is repeated.
func opening(kind exchange.Kind, piece string) string {
	switch {
	case kind == exchange.KindFetch && strings.HasPrefix(piece, "{"):
		return "fetch('/a')\n"
	case kind == exchange.KindPowerShell && strings.HasPrefix(piece, "{"):
		return "irm http://a/\n"
	case kind == exchange.KindHTTPClient && (strings.HasPrefix(piece, "{") || strings.HasPrefix(piece, "reply") || strings.HasPrefix(piece, "send: b'a")):
		return "send: b'GET / HTTP/1.1\\r\\n\\r\\n'\n" + map[bool]string{true: "reply: 'HTTP/1.1 200 \\r\\n'\n"}[piece[0] == '{']
	case kind == exchange.KindHAR && strings.HasPrefix(piece, `{"request"`):
		return `{"log":{"version":"1.2","entries":[`
	case kind == exchange.KindPostman && strings.HasPrefix(piece, `{"name"`):
		return `{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"item":[`
	}
	return ""
}

// Reading costs time in proportion to the input's size, whatever capture it repeats.
// -long repeats them until they are four times as large: .ci/run does.
func TestReadingIsLinear(t *testing.T) {
	size := 32 << 10
	if *long {
		size *= 4
	}
	for _, f := range formats() {
		for name, piece := range smallCaptures(t, f.kind) {
			for _, between := range []string{"\n", ""} {
				t.Run(fmt.Sprintf("%s/%s%q", f.kind, name, between), func(t *testing.T) {
					growth.Linear(t, size, func(n int) {
						text := opening(f.kind, piece) + strings.Repeat(piece+between, n/len(piece+between)+1)
						_, _ = Each(strings.NewReader(text), "-", Options{Kind: f.kind}, func(*exchange.Exchange) bool { return true }) // what it reads is not the matter
					})
				})
			}
		}
	}
}

// smallCaptures are the captures of a kind, and what is piled up of it.
func smallCaptures(t *testing.T, kind exchange.Kind) map[string]string {
	t.Helper()
	pieces := map[string]string{}
	for _, piece := range piled()[kind] {
		pieces[piece] = piece
	}
	files, err := filepath.Glob(filepath.Join("../../testdata/capture", string(kind), "*.in"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 0 && len(text) < 8<<10 {
			pieces[filepath.Base(name)] = string(text)
		}
	}
	for _, tool := range tools.Load().Tools {
		for i, sample := range tool.Samples {
			if tool.Kind == kind {
				pieces[fmt.Sprintf("%s %d", tool.Name, i)] = sample.Text
			}
		}
	}
	if len(pieces) == 0 {
		t.Fatalf("no captures of %s", kind)
	}
	return pieces
}
