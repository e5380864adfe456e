package capture

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// The oracle of the curl commands is curl: every command of the testdata whose
// name begins with "posix-" is run against a server on the loopback interface,
// and what arrives there must be what was understood. Nothing leaves the machine,
// because every name is connected to that server.
func TestCurlItselfAgrees(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	server := newOracle(t)
	dir := oracleFiles(t, curl, server.address)
	names, _ := filepath.Glob("../../testdata/capture/curl-command/posix-*.in")
	compared := 0
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".in"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := server.arrivals(func() { runCommands(t, bash, dir, string(text)) })
			got := understood(t, dir, string(text))
			compared += len(want)
			for i := range max(len(got), len(want)) {
				a, b := at(got, i), at(want, i)
				if a != b {
					t.Errorf("request %d:\nunderstood\n%s\nsent by curl\n%s", i, a, b)
				}
			}
		})
	}
	if compared < 120 {
		t.Errorf("%d requests were compared; want at least 120", compared)
	}
}

func at(list []string, i int) string {
	if i >= len(list) {
		return "(none)"
	}
	return list[i]
}

// oracleFiles makes a directory with a curl that reaches the server alone, and
// with the files that the commands name.
func oracleFiles(t *testing.T, curl, address string) string {
	t.Helper()
	dir := t.TempDir()
	fixed := "-q -k -s -o /dev/null --noproxy '*' --max-time 10 --connect-to ::" + address
	shim := "#!/bin/sh\nn=$#\nwhile [ $n -gt 0 ]; do\n  a=$1; shift; n=$((n-1)); set -- \"$@\" \"$a\"\n" +
		"  case $a in --next|-:) set -- \"$@\" " + strings.TrimPrefix(fixed, "-q ") + ";; esac\ndone\nexec " + curl + " " + fixed + " \"$@\"\n"
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "curl"), []byte(shim), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range oracleContents() {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func oracleContents() map[string][]byte {
	return map[string][]byte{
		"body.json":   []byte("{\n  \"amount\": 100\n}\r\n"),
		"fields.txt":  []byte("x-api-key: imm-key-test-1\nX-Trace: a b\n"),
		"token.txt":   []byte("a b&c\n"),
		"photo.png":   []byte("\x89PNG\r\n\x1a\n"),
		"report.csv":  []byte("a,b\n"),
		"tag.txt":     []byte("\"abc\"\n"),
		"targets.txt": []byte("https://test.immersve.com/api/a\nhttps://test.immersve.com/api/b\n"),
	}
}

func runCommands(t *testing.T, bash, dir, text string) {
	t.Helper()
	c := exec.Command(bash, "-c", text)
	c.Dir = dir
	c.Env = []string{"PATH=" + filepath.Join(dir, "bin") + ":/usr/bin:/bin", "HOME=" + dir, "LC_ALL=C.UTF-8"}
	out, err := c.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Logf("%v: %s", err, out)
	}
}

// understood is what this package makes of the same text, as lines.
func understood(t *testing.T, dir, text string) []string {
	t.Helper()
	in := prepare([]byte(text))
	p := newPaste(in.text)
	p.leave = in.leave
	p.shell.files = oracleContents()
	var list []string
	for _, c := range p.read() {
		command, err := c.parse()
		if err != nil {
			t.Log(err)
		}
		for _, r := range command.Requests {
			if err == nil {
				list = append(list, requestLines(r))
			}
		}
	}
	return list
}

func requestLines(r *exchange.Request) string {
	target := r.URL.Path
	if r.URL.HasQuery {
		target += "?" + r.URL.RawQuery
	}
	var fields []string
	for _, f := range r.Header {
		fields = append(fields, f.Name+": "+f.Value.Reveal())
	}
	return normal(string(r.Method)+" "+target, fields, r.Body.Bytes())
}

// normal drops what depends on curl's version and build, not on the command.
func normal(line string, fields []string, body []byte) string {
	boundary := ""
	for _, f := range fields {
		if _, after, ok := strings.Cut(f, "; boundary="); ok {
			boundary = after
		}
	}
	var kept []string
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ":")
		f = name + ": " + strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "host":
			f = strings.ToLower(f) // names of hosts are kept in lower case
		case "user-agent":
			if strings.HasPrefix(strings.TrimSpace(value), "curl/") {
				continue
			}
		case "accept-encoding":
			f = name
		case "upgrade", "http2-settings", "expect":
			continue
		case "connection":
			if strings.Contains(value, "Upgrade") {
				continue
			}
		case "content-length":
			if boundary != "" {
				continue
			}
		}
		kept = append(kept, f)
	}
	slices.Sort(kept)
	text := upperEscapes(line) + "\n" + strings.Join(kept, "\n") + "\n\n" + string(body)
	if boundary != "" {
		text = strings.ReplaceAll(text, boundary, "BOUNDARY")
	}
	return text
}

// upperEscapes makes "%2f" and "%2F" the same (RFC 3986 section 2.1); versions of
// curl differ.
func upperEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' && digit(b[i+1]) < 16 && digit(b[i+2]) < 16 {
			copy(b[i+1:], bytes.ToUpper(b[i+1:i+3]))
		}
	}
	return string(b)
}

// oracle is the server that notes what arrives, with TLS and without.
type oracle struct {
	address string
	config  *tls.Config
	mu      sync.Mutex
	seen    []string
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o := &oracle{address: l.Addr().String(), config: &tls.Config{Certificates: []tls.Certificate{certificate(t)}, NextProtos: []string{"http/1.1", "http/1.0"}}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(c)
		}
	}()
	return o
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// arrivals returns what arrives while a function runs.
func (o *oracle) arrivals(run func()) []string {
	o.mu.Lock()
	o.seen = nil
	o.mu.Unlock()
	run()
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.seen)
}

// peeked is a connection whose first bytes were read to tell TLS from plain text.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

func (o *oracle) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	first := &peeked{c, bufio.NewReader(c)}
	var conn net.Conn = first
	if b, err := first.r.Peek(1); err == nil && b[0] == 0x16 {
		conn = tls.Server(first, o.config)
	}
	r := bufio.NewReader(conn)
	for {
		lines, body, err := readMessage(r, conn)
		if err != nil {
			return
		}
		method, _, _ := strings.Cut(lines[0], " ")
		line := lines[0][:strings.LastIndex(lines[0], " ")]
		o.mu.Lock()
		o.seen = append(o.seen, normal(line, lines[1:], body))
		o.mu.Unlock()
		reply := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
		if method != http.MethodHead {
			reply += "{}"
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return
		}
	}
}

// readMessage reads start line, fields and content as they come.
func readMessage(r *bufio.Reader, w io.Writer) (lines []string, body []byte, err error) {
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, nil, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		lines = append(lines, line)
		name, value, _ := strings.Cut(strings.ToLower(line), ":")
		switch name {
		case "content-length":
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		case "transfer-encoding":
			chunked = strings.Contains(value, "chunked")
		case "expect":
			if _, err := io.WriteString(w, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(lines) == 0 || strings.Count(lines[0], " ") < 2 {
		return nil, nil, fmt.Errorf("no request: %q", lines)
	}
	if !chunked {
		body = make([]byte, length)
		_, err = io.ReadFull(r, body)
		return lines, body, err
	}
	var all bytes.Buffer
	for {
		size, err := r.ReadString('\n')
		if err != nil {
			return nil, nil, err
		}
		n, _ := strconv.ParseInt(strings.TrimSpace(size), 16, 32)
		if _, err := io.CopyN(&all, r, n); err != nil {
			return nil, nil, err
		}
		if _, err := r.ReadString('\n'); err != nil {
			return nil, nil, err
		}
		if n == 0 {
			return lines, all.Bytes(), nil
		}
	}
}
