package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// serving is a proxy command that runs in this process.
type serving struct {
	url      string
	out, err *lines
	status   chan int
	stop     context.CancelFunc
}

// startProxy runs the command on a free port until the test ends.
func startProxy(t *testing.T, args ...string) *serving {
	t.Helper()
	return start(t, append([]string{"proxy"}, args...)...)
}

func start(t *testing.T, args ...string) *serving {
	t.Helper()
	s, err := newServing(args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

func newServing(args ...string) (*serving, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{out: new(lines), err: new(lines), status: make(chan int, 1), stop: cancel}
	env := cmd.Environment{
		In: strings.NewReader(""), Out: s.out, Err: s.err, Now: time.Now, Getenv: func(name string) string { return map[string]string{"LANG": "C.UTF-8"}[name] },
		Interrupts: func(context.Context) (context.Context, context.CancelFunc) { return ctx, cancel },
	}
	go func() {
		s.status <- cmd.Run(context.Background(), append(args, "--listen", "127.0.0.1:0"), env)
	}()
	for deadline := time.Now().Add(20 * time.Second); s.url == ""; time.Sleep(time.Millisecond) {
		if m := regexp.MustCompile(`http://127\.0\.0\.1:\d+ (passes|accepts)`).FindString(s.err.String()); m != "" {
			s.url, _, _ = strings.Cut(m, " ")
		}
		select {
		case status := <-s.status:
			return nil, fmt.Errorf("the command ended with status %d: %s", status, s.err)
		default:
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the command doesn't start: %s", s.err)
		}
	}
	return s, nil
}

// through sends the specimen through a command that passes it on, and returns all that
// the command wrote.
func (s *specimen) through(dir string, args ...string) string {
	name := filepath.Join(dir, "session.har")
	p, err := newServing(append(args, "--verbose", "--save", name)...)
	if err != nil {
		panic(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://")); err == nil {
		_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", s.method, s.target(), strings.ReplaceAll(headerLines(s.reqHeader), "\n", "\r\n"), len(s.reqBody), s.reqBody)
		_, _ = io.Copy(io.Discard, conn) // what isn't HTTP is answered by 400
		_ = conn.Close()
	}
	p.end()
	return p.out.String() + errorMark + p.err.String() + fileMark + take(name)
}

// waitFor waits until the command has written a text.
func (s *serving) waitFor(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.out.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q doesn't appear in\n%s", text, s.out)
		}
	}
}

// end interrupts the command and returns its exit status.
func (s *serving) end() int {
	s.stop()
	return <-s.status
}

// wire sends bytes to an address and returns what comes back until the connection is
// closed.
func wire(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(response)
}

// What a program sends arrives as it was, and so does the response.
func TestProxyChangesNothing(t *testing.T) {
	arrived := make(chan string, 1)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s %s %d %v\n", r.Method, r.RequestURI, r.ContentLength, r.TransferEncoding)
		_ = r.Header.Write(&b)
		b.Write(body)
		arrived <- b.String()
		w.Header().Set("X-Own", "value")
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "<html>")
	}))
	defer upstream.Close()
	p := startProxy(t, "--env", upstream.URL)
	address := strings.TrimPrefix(p.url, "http://")
	for _, c := range []struct{ name, request, arrives string }{
		{
			"a body with its length, and a query that can't be parsed",
			"POST /api/cards/a%2Fb?x=1;y=%zz&z HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Forwarded-For: 10.0.0.1\r\nContent-Length: 5\r\n\r\n{\"\x00\xff}",
			"POST /api/cards/a%2Fb?x=1;y=%zz&z 5 []\nContent-Length: 5\r\nX-Forwarded-For: 10.0.0.1\r\n{\"\x00\xff}",
		},
		{
			"chunks, and the program's own encodings",
			"PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUser-Agent: own/1\r\nAccept-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"PUT /x -1 [chunked]\nAccept-Encoding: br\r\nUser-Agent: own/1\r\nabc",
		},
		{"no body", "GET /y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET /y 0 []\n"},
	} {
		response := wire(t, address, c.request)
		if got := <-arrived; got != c.arrives {
			t.Errorf("%s: upstream received\n%q, want\n%q", c.name, got, c.arrives)
		}
		if want := "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 6\r\nX-Own: value\r\nConnection: close\r\n\r\n<html>"; response != want {
			t.Errorf("%s: the client received\n%q, want\n%q", c.name, response, want)
		}
	}
	if status := p.end(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(p.err.String(), "3 calls, 3 failed") {
		t.Errorf("the end is %s", p.err)
	}
}

// A stream reaches the client while it's being written.
func TestProxyStreams(t *testing.T) {
	seen := make(chan bool)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-seen
		_, _ = io.WriteString(w, "last")
	}))
	defer upstream.Close()
	p := startProxy(t, "--env", upstream.URL)
	response, err := http.Get(p.url + "/api/currencies")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, first); err != nil || string(first) != "first" {
		t.Fatalf("got %q, %v", first, err)
	}
	close(seen)
	if rest, err := io.ReadAll(response.Body); err != nil || string(rest) != "last" {
		t.Errorf("got %q, %v", rest, err)
	}
}

// A failure is reported when it happens, and the HAR can be read at any time. What is
// the same again takes one line.
func TestProxyReports(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/currencies" {
			_, _ = io.WriteString(w, "[]")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"statusCode":403,"errorCode":"KYC_REQUIRED"}`)
	}))
	defer upstream.Close()
	const secret = "imm-secret-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	saved := filepath.Join(t.TempDir(), "session.har")
	p := startProxy(t, "--env", upstream.URL, "--save", saved, "--fail-over", "1")
	call := func(method, path string) {
		t.Helper()
		request, _ := http.NewRequest(method, p.url+path, nil)
		request.Header.Set("X-Api-Secret", secret)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	entries := func() int {
		t.Helper()
		text, err := os.ReadFile(saved)
		if err != nil {
			t.Fatal(err)
		}
		var har struct {
			Log struct{ Entries []any }
		}
		if err := json.Unmarshal(text, &har); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if strings.Contains(string(text), secret) {
			t.Error("the HAR has the secret")
		}
		return len(har.Log.Entries)
	}
	if n := entries(); n != 0 {
		t.Errorf("%d entries before the first call", n)
	}
	call("GET", "/api/currencies")
	p.waitFor(t, "✓ 200 on list-currencies")
	call("POST", "/api/cards")
	p.waitFor(t, "✗ 403 KYC_REQUIRED on create-card: ")
	if n := entries(); n < 1 {
		t.Error("the HAR has no entry after two calls")
	}
	call("POST", "/api/cards")
	p.waitFor(t, " again\n")
	if status := p.end(); status != 1 {
		t.Errorf("exit status %d with 2 failures and --fail-over 1", status)
	}
	if n := entries(); n != 3 {
		t.Errorf("%d entries, want 3", n)
	}
	if out := p.out.String(); strings.Contains(out, secret) || strings.Count(out, "  check ") != 1 {
		t.Errorf("the output is\n%s", out)
	}
}

// A browser's preflight passes, and isn't reported.
func TestProxyPassesPreflights(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer upstream.Close()
	p := startProxy(t, "--env", upstream.URL, "-o", "json")
	request, _ := http.NewRequest(http.MethodOptions, p.url+"/api/cards", nil)
	request.Header.Set("Origin", "http://localhost:3000")
	request.Header.Set("Access-Control-Request-Method", "POST")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != "http://localhost:3000" {
		t.Errorf("allowed origin %q", got)
	}
	if p.end(); p.out.String() != "" {
		t.Errorf("the output is %s", p.out)
	}
}

// An HTTP proxy's requests are told what this is.
func TestProxyIsABaseURL(t *testing.T) {
	p := startProxy(t, "--env", "local")
	address := strings.TrimPrefix(p.url, "http://")
	for _, request := range []string{
		"CONNECT test.immersve.com:443 HTTP/1.1\r\nHost: test.immersve.com:443\r\nConnection: close\r\n\r\n",
		"GET http://test.immersve.com/api/currencies HTTP/1.1\r\nHost: test.immersve.com\r\nConnection: close\r\n\r\n",
	} {
		if got := wire(t, address, request); !strings.HasPrefix(got, "HTTP/1.1 405 ") || !strings.Contains(got, "Set your client's base URL to "+p.url) {
			t.Errorf("%q is answered by %q", request, got)
		}
	}
}

// An API that doesn't respond is a 502 for the program, and a diagnosis.
func TestProxyWithoutAPI(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := (&url.URL{Scheme: "http", Host: listener.Addr().String()}).String()
	_ = listener.Close()
	p := startProxy(t, "--env", gone, "--fail-over", "0%")
	response, err := http.Get(p.url + "/api/currencies")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadGateway {
		t.Errorf("status %d", response.StatusCode)
	}
	if status := p.end(); status != 1 || !strings.Contains(p.out.String(), "connection-refused") {
		t.Errorf("exit status %d, output\n%s", status, p.out)
	}
}

func TestProxyRefuses(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--listen", "0.0.0.0:4040", "--env", "local"}, 5, "loopback only"},
		{[]string{"--listen", "example.test:4040", "--env", "local"}, 5, "loopback only"},
		{[]string{"--env", "http://test.immersve.com"}, 5, "plain http"},
		{[]string{"--env", "https://example.test"}, 5, "--allow-host example.test"},
		{[]string{"--listen", "nowhere", "--env", "local"}, 2, "HOST:PORT"},
		{[]string{"--env", "local", "--fail-over", "many"}, 2, "--fail-over"},
		{[]string{"--env", "local", "--save", "-"}, 2, "file name"},
		{[]string{"--env", "https://test.immersve.com", "--scenario", "kyc-pending"}, 2, "--env local"},
		{[]string{"--env", "local", "-o", "har"}, 2, "-o har"},
	} {
		var out, complaints bytes.Buffer
		env := cmd.Environment{
			In: strings.NewReader(""), Out: &out, Err: &complaints, Now: time.Now, Getenv: func(string) string { return "" },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, 0) },
		}
		if status := cmd.Run(context.Background(), append([]string{"proxy"}, c.args...), env); status != c.status || !strings.Contains(complaints.String(), c.says) {
			t.Errorf("%q: exit status %d, %s", c.args, status, &complaints)
		}
	}
}
