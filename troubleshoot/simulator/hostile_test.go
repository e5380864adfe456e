package simulator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends bytes over a connection of its own and returns the answer's first
// line and body.
func raw(t *testing.T, server *Server, request string) (line, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, request) }() // the server may stop reading before the end
	answer, _ := io.ReadAll(bufio.NewReader(conn))
	line, rest, _ := strings.Cut(string(answer), "\r\n")
	_, body, _ = strings.Cut(rest, "\r\n\r\n")
	return line, body
}

// TestHostileClients sends over real connections what no client should.
func TestHostileClients(t *testing.T) {
	s, server := start(t, Options{})
	d := s.Demo()
	auth := "X-Api-Key: " + d.APIKey + "\r\nX-Api-Secret: " + d.APISecret + "\r\nX-Account-Id: " + d.CardholderAccountID + "\r\n"
	post := func(body string) string {
		return fmt.Sprintf("POST /api/cards HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", auth, len(body), body)
	}
	const get = "GET /api/currencies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	for _, c := range []struct{ name, request, line, body string }{
		{"HTTP/1.0 without Host", "GET /api/currencies HTTP/1.0\r\n" + auth + "\r\n", "HTTP/1.0 200 OK", `"symbol":"USD"`},
		{"HTTP/1.1 without Host", "GET /api/currencies HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request: missing required Host header", "missing required Host header"},
		{"two Hosts", get + "Host: evil.example\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
		{"absolute target of another host", "GET http://evil.example/api/currencies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.1 403 Forbidden", "the simulator accepts only the hosts"},
		{"CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.1 403 Forbidden", ""},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 403 Forbidden", "the simulator accepts only the hosts"},
		{"a flood of fields", get + strings.Repeat("X-Flood: y\r\n", 20_000) + "\r\n", "HTTP/1.1 431 Request Header Fields Too Large", ""},
		{"one long field", get + "X-Long: " + strings.Repeat("y", 200<<10) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large", ""},
		{"NUL in a field", get + "X-Api-Key: a\x00b\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
		{"malformed JSON", post(`{"cardProgramId":`), "HTTP/1.1 400 Bad Request", "The body isn't JSON"},
		{"10 MB of JSON", post(`{"a":"` + strings.Repeat("x", 10<<20) + `"}`), "HTTP/1.1 400 Bad Request", "larger than 64 KB"},
		{"13 MB of JSON", post(`{"a":"` + strings.Repeat("x", 13<<20) + `"}`), "HTTP/1.1 400 Bad Request", "longer than 12 MB or was cut off"},
		{"deep JSON", post(strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)), "HTTP/1.1 400 Bad Request", "INVALID_REQUEST_INPUT"},
		{"broken chunks", "POST /api/cards HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + auth + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 Bad Request", "cut off"},
		{"both lengths", "POST /api/cards HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 401 Unauthorized", ""},
		{"a path of 40 KB", "GET /" + strings.Repeat("a/", 20_000) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found", "no such path"},
		{"escapes in the path", "GET /api/cards/%1b%5b31m%0d%0aX-Evil:%20y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + auth + "\r\n", "HTTP/1.1 403 Forbidden", "FORBIDDEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, body := raw(t, server, c.request)
			if line != c.line || !strings.Contains(body, c.body) {
				t.Errorf("answer %q with the body %.200q, want %q with %q", line, body, c.line, c.body)
			}
		})
	}
	send(t, "GET", server.URL+"/api/cards/"+d.CardID, "", d) // and it still serves
}

// TestSlowClientsHinderNobody: clients that never finish their request keep no
// lock, and the others are served.
func TestSlowClientsHinderNobody(t *testing.T) {
	s, server := start(t, Options{})
	d := s.Demo()
	for i := range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		head := fmt.Sprintf("POST /api/cards HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nX-Api-Secret: %s\r\n", d.APIKey, d.APISecret)
		if i%2 == 0 {
			head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for range 20 {
		r := newRequest(t, "GET", server.URL+"/api/cards/"+d.CardID, "Authorization", "Bearer "+d.AccessToken).WithContext(ctx)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("status %d", response.StatusCode)
		}
	}
}

// TestOpenToOthers: where other machines may come they name this one by its
// address, or by a name that was allowed; a page's own name is refused still.
func TestOpenToOthers(t *testing.T) {
	s, err := New(Options{Now: time.Now, AllowedHosts: []string{"Build-Host"}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := s.Start(context.Background(), "0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for host, want := range map[string]int{
		"192.0.2.7:4010": 401, "192.0.2.7": 401, "[2001:db8::7]:4010": 401, "build-host:4010": 401, "evil.example": 403, "192.0.2.7.evil.example": 403,
	} {
		r := newRequest(t, "GET", server.URL+"/api/currencies")
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
	}
}
