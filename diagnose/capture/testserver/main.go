// Command testserver makes the captures of testdata/capture anew: it serves the
// API's kinds of answers on loopback and lets the installed curl receive them.
//
//	go run ./diagnose/capture/testserver testdata/capture
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) == 3 && os.Args[1] == "har" {
		size, err := strconv.ParseInt(os.Args[2], 10, 64)
		if err == nil {
			err = writeHAR(os.Stdout, size)
		}
		if err != nil {
			log.Fatalf("testserver: write a HAR: %v", err)
		}
		return
	}
	if len(os.Args) != 2 {
		log.Fatal("usage: testserver FOLDER | testserver har BYTES")
	}
	if err := makeAll(os.Args[1]); err != nil {
		log.Fatalf("testserver: %v", err)
	}
}

const (
	forbidden = `{"statusCode":403,"statusName":"Forbidden","errorCode":"KYC_REQUIRED","reason":"Cardholder has not passed KYC"}`
	key       = "imm-key-test-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
	secret    = "imm-secret-test-1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e"
)

// date keeps the captures the same from one making to the next.
const date = "Mon, 23 Nov 2026 10:44:12 GMT"

func handler() http.Handler {
	mux := http.NewServeMux()
	answer := func(path string, status int, header map[string]string, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // so that 100 Continue is sent
			w.Header().Set("Date", date)
			w.Header().Set("Content-Type", "application/json")
			for name, value := range header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	answer("/api/cards", 403, nil, forbidden)
	answer("/api/currencies", 200, nil, `[{"code":"USD"}]`+"\n")
	answer("/api/accounts/", 401, nil, `{"statusCode":401,"statusName":"Unauthorized"}`)
	answer("/api/limited", 429, map[string]string{"Retry-After": "13"}, `{"statusCode":429,"statusName":"Too Many Requests"}`)
	answer("/api/page", 502, map[string]string{"Content-Type": "text/html", "Server": "awselb/2.0"}, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n")
	answer("/api/empty", 204, nil, "")
	answer("/moved", 307, map[string]string{"Location": "/api/cards"}, "")
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, forbidden[:40])
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, forbidden[40:])
	})
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusForbidden)
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, forbidden)
		_ = z.Close()
	})
	mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { time.Sleep(2 * time.Second) })
	mux.HandleFunc("/hangup", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 403 Forbidden\r\nDate: "+date+"\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"statusCode\":403,\"errorCode\":\"KYC_")
	})
	return mux
}

func hijack(w http.ResponseWriter, text string) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return // HTTP/2 has no connection to take over; no capture asks for it
	}
	_, _ = io.WriteString(c, text)
	_ = c.Close()
}

// proxy is a forward proxy that only knows CONNECT.
func proxy() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(there, here) }()
		_, _ = io.Copy(here, there)
	}))
}

// making is one capture: the file it goes to and curl's arguments. mixed sends
// standard error into the same file, as 2>&1 does.
type making struct {
	file  string
	mixed bool
	args  string
}

func makeAll(folder string) error {
	plain := httptest.NewServer(handler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(handler())
	secure.EnableHTTP2 = true
	secure.StartTLS()
	defer secure.Close()
	forward := proxy()
	defer forward.Close()
	post := `-X POST -H 'Content-Type: application/json' -H 'x-api-key: ` + key + `' -H 'x-api-secret: ` + secret + `' -d '{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae8","fundingSourceId":"315bad4e81ce0f26966a41b9d451638b"}'`
	for _, m := range []making{
		{"curl-include/http1", false, "-si PLAIN/api/cards"},
		{"curl-include/http2", false, "-sik SECURE/api/cards"},
		{"curl-include/http10", false, "-si0 PLAIN/api/cards"},
		{"curl-include/success", false, "-si PLAIN/api/currencies"},
		{"curl-include/no-content", false, "-si PLAIN/api/empty"},
		{"curl-include/head", false, "-sI PLAIN/api/cards"},
		{"curl-include/redirect", false, "-siL PLAIN/moved"},
		{"curl-include/redirect-not-followed", false, "-si PLAIN/moved"},
		{"curl-include/continue", false, "-si -H 'Expect: 100-continue' -d '{}' PLAIN/api/cards"},
		{"curl-include/proxy", false, "-sik --proxytunnel --proxy PROXY SECURE/api/cards"},
		{"curl-include/several", false, "-si PLAIN/api/cards PLAIN/api/currencies PLAIN/api/limited"},
		{"curl-include/meter", true, "-i PLAIN/api/cards"},
		{"curl-include/cut", true, "-si PLAIN/cut"},
		{"curl-include/gzip", false, "-si PLAIN/gzip"},
		{"curl-include/chunked", false, "-si PLAIN/chunked"},
		{"curl-include/html", false, "-si PLAIN/api/page"},
		{"curl-include/limited", false, "-si PLAIN/api/limited"},
		{"curl-verbose/http1", true, "-sv " + post + " PLAIN/api/cards"},
		{"curl-verbose/http2", true, "-svk " + post + " SECURE/api/cards"},
		{"curl-verbose/get", true, "-sv -H 'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTU0Mjk4NjV9.c2lnbmF0dXJlc2ln' PLAIN/api/accounts/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"},
		{"curl-verbose/meter", true, "-v " + post + " PLAIN/api/cards"},
		{"curl-verbose/include", true, "-svi " + post + " PLAIN/api/cards"},
		{"curl-verbose/redirect", true, "-svL PLAIN/moved"},
		{"curl-verbose/continue", true, "-sv -H 'Expect: 100-continue' " + post + " PLAIN/api/cards"},
		{"curl-verbose/proxy", true, "-svk --proxytunnel --proxy PROXY " + post + " SECURE/api/cards"},
		{"curl-verbose/several", true, "-sv PLAIN/api/cards PLAIN/api/currencies"},
		{"curl-verbose/timeout", true, "-v -m 1 PLAIN/silent"},
		{"curl-verbose/hangup", true, "-sSv PLAIN/hangup"},
		{"curl-verbose/cut", true, "-sSv PLAIN/cut"},
		{"curl-verbose/refused", true, "-sSv http://127.0.0.1:9/api/cards"},
		{"curl-verbose/no-such-name", true, "-sSv https://tset.immersve.invalid/api/cards"},
		{"curl-verbose/untrusted", true, "-sSv SECURE/api/cards"},
		{"curl-error/timeout", true, "-sS -m 1 PLAIN/silent"},
		{"curl-error/refused", true, "-sS http://127.0.0.1:9/api/cards"},
		{"curl-error/no-such-name", true, "-sS https://tset.immersve.invalid/api/cards"},
		{"curl-error/untrusted", true, "-sS SECURE/api/cards"},
		{"curl-error/hangup", true, "-sS PLAIN/hangup"},
		{"curl-error/meter", true, "-m 1 PLAIN/silent"},
		{"curl-write-out/code", false, "-s -w '%{http_code}' PLAIN/api/cards"},
		{"curl-write-out/line", false, `-s -w '\n%{http_code}\n' PLAIN/api/cards`},
		{"curl-write-out/words", false, `-s -w '\nHTTP %{http_code}\n' PLAIN/api/cards`},
		{"curl-write-out/json", false, "-s -w '%{json}' " + post + " PLAIN/api/cards"},
		{"curl-write-out/json-failure", false, "-s -w '%{json}' http://127.0.0.1:9/api/cards"},
		{"curl-trace/hex", false, "-s -o /dev/null --trace - --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/hex-time", false, "-s -o /dev/null --trace - --trace-time --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/ascii", false, "-s -o /dev/null --trace-ascii - --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/ascii-time", false, "-s -o /dev/null --trace-ascii - --trace-time --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/ascii-beside-body", false, "-s --trace-ascii - --trace-time --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/ascii-lines", false, `-s -o /dev/null --trace-ascii - --connect-to ::TO_PLAIN -H 'Content-Type: application/json' --data-binary '` + "{\n\t\"cardProgramId\": \"7dfa2e3ed390493ab307fac622f05ae8\",\n\t\"rate\": 1.5,\n\t\"name\": \"Zoë A. Smith\"\n}\n" + `' http://test.immersve.com/api/cards`},
		{"curl-trace/http2", false, "-sk -o /dev/null --trace - --connect-to ::TO_SECURE " + post + " https://test.immersve.com/api/cards"},
		{"curl-trace/http2-ascii", false, "-sk -o /dev/null --trace-ascii - --connect-to ::TO_SECURE " + post + " https://test.immersve.com/api/cards"},
		{"curl-trace/redirect", false, "-sL -o /dev/null --trace-ascii - --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/moved"},
		{"curl-trace/proxy", false, "-sk -o /dev/null --trace-ascii - --proxytunnel --proxy PROXY " + post + " SECURE/api/cards"},
		{"curl-trace/continue", false, "-s -o /dev/null --trace-ascii - -H 'Expect: 100-continue' --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/api/cards"},
		{"curl-trace/chunked", false, "-s -o /dev/null --trace - -H 'Transfer-Encoding: chunked' --connect-to ::TO_PLAIN " + post + " http://test.immersve.com/chunked"},
		{"curl-trace/gzip", false, "-s -o /dev/null --trace - --connect-to ::TO_PLAIN http://test.immersve.com/gzip"},
		{"curl-trace/several", false, "-s -o /dev/null -o /dev/null --trace-ascii - --connect-to ::TO_PLAIN http://test.immersve.com/api/cards http://test.immersve.com/api/currencies"},
		{"curl-trace/cut", true, "-sS -o /dev/null --trace-ascii - --connect-to ::TO_PLAIN http://test.immersve.com/cut"},
		{"curl-trace/refused", true, "-sS --trace-ascii - http://127.0.0.1:9/api/cards"},
		{"curl-trace/timeout", true, "-sS -m 1 --trace - --connect-to ::TO_PLAIN http://test.immersve.com/silent"},
		{"curl-trace/no-such-name", true, "-sS --trace - https://tset.immersve.invalid/api/cards"},
		{"curl-trace/untrusted", true, "-sS --trace-ascii - --connect-to ::TO_SECURE https://test.immersve.com/api/cards"},
		{"body/forbidden", false, "-s PLAIN/api/cards"},
		{"body/unauthorized", false, "-s PLAIN/api/accounts/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6"},
	} {
		args := strings.NewReplacer("TO_PLAIN", address(plain), "TO_SECURE", address(secure), "PLAIN", plain.URL, "SECURE", secure.URL, "PROXY", forward.URL).Replace(m.args)
		text := run(args, m.mixed)
		if !strings.HasPrefix(m.file, "curl-trace/") { // a trace counts its bytes, and the ports differ in length
			text = withFixedPorts(text, plain, secure, forward)
		}
		if err := write(filepath.Join(folder, m.file+".in"), text); err != nil {
			return err
		}
	}
	return nil
}

// withFixedPorts keeps the captures the same from one making to the next.
func withFixedPorts(text string, plain, secure, forward *httptest.Server) string {
	return strings.NewReplacer(address(plain), "127.0.0.1:4010", address(secure), "127.0.0.1:4011", address(forward), "127.0.0.1:4012",
		port(plain), "4010", port(secure), "4011", port(forward), "4012").Replace(text)
}

func address(s *httptest.Server) string { return s.Listener.Addr().String() }

func port(s *httptest.Server) string {
	_, p, _ := net.SplitHostPort(address(s))
	return p
}

// run lets curl write; that it fails is what some captures are for.
func run(args string, mixed bool) string {
	var out bytes.Buffer
	c := exec.Command("sh", "-c", "curl "+args)
	c.Stdout = &out
	if mixed {
		c.Stderr = &out
	}
	var failed *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &failed) {
		log.Fatalf("testserver: run curl %s: %v", args, err)
	}
	return out.String()
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
