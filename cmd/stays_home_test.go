package cmd_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// stranger is a server that no credential may reach. It listens on loopback and is
// given a foreign name by --resolve.
type stranger struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

const credential = "imm-secret-test-0123456789abcdef0123456789abcdef"

func newStranger(t *testing.T) *stranger {
	t.Helper()
	s := &stranger{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var all strings.Builder
		_ = r.Write(&all) // what comes of it is looked at; a body that breaks off is none
		s.seen = append(s.seen, all.String())
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stranger) port() string {
	return s.Listener.Addr().String()[strings.LastIndexByte(s.Listener.Addr().String(), ':')+1:]
}

// Whatever a command line says, a foreign host gets no credential: it is refused
// with the flag that would allow it, or gets the request without.
func TestCommandsKeepCredentialsHome(t *testing.T) {
	s := newStranger(t)
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://stranger.example:"+s.port()+"/from"+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	t.Cleanup(home.Close)
	dir := t.TempDir()
	resolve := "stranger.example:" + s.port() + ":127.0.0.1"
	foreign := "http://stranger.example:" + s.port()
	secret := write(dir, "secret", credential)
	capture := write(dir, "capture.txt", "curl --resolve "+resolve+" -H 'x-api-key: imm-key-test-1' -H 'x-api-secret: "+credential+"' "+foreign+"/api/cards")
	for name, args := range map[string][]string{
		"absolute URL":     {"call", "GET", foreign + "/api/cards", "--api-key", "imm-key-test-1", "--api-secret", "@" + secret},
		"another base":     {"call", "list-currencies", "--env", foreign, "--api-key", "imm-key-test-1", "--api-secret", "@" + secret},
		"curl":             {"curl", "--resolve", resolve, "-H", "x-api-secret: " + credential, foreign + "/x"},
		"curl, user info":  {"curl", "--resolve", resolve, "http://user:" + credential + "@stranger.example:" + s.port() + "/x"},
		"curl, -u":         {"curl", "--resolve", resolve, "-u", "user:" + credential, foreign + "/x"},
		"curl, body":       {"curl", "--resolve", resolve, "-d", `{"refreshToken":"` + credential + `"}`, foreign + "/x"},
		"curl, query":      {"curl", "--resolve", resolve, foreign + "/x?token=" + credential},
		"curl, redirect":   {"curl", "-L", "--resolve", resolve, "-H", "x-api-secret: " + credential, home.URL + "/x"},
		"curl, trusted":    {"curl", "-L", "--location-trusted", "--resolve", resolve, "-H", "x-api-secret: " + credential, home.URL + "/x"},
		"curl, Host field": {"curl", "--resolve", resolve, "-H", "Host: test.immersve.com", "-H", "x-api-secret: " + credential, foreign + "/x"},
		"curl, connect-to": {"curl", "--connect-to", "test.immersve.com:80:stranger.example:" + s.port(), "-H", "x-api-secret: " + credential, "http://test.immersve.com/x"},
		"curl, elsewhere":  {"curl", "--resolve", "test.immersve.com:80:192.0.2.1", "-H", "x-api-secret: " + credential, "http://test.immersve.com/x"},
		"curl, proxy":      {"curl", "-x", "http://stranger.example:" + s.port(), "-H", "x-api-secret: " + credential, "http://test.immersve.com/x"},
		"replay":           {"replay", capture},
		"replay, kept":     {"replay", "--keep-credentials", capture},
	} {
		shown := invoke(dir, "", args...)
		why := "not an Immersve or loopback host"
		if args[len(args)-1] == "http://test.immersve.com/x" {
			why = "plain http to test.immersve.com isn't sent"
		}
		if name != "curl, redirect" && name != "curl, trusted" && !strings.Contains(shown, why) {
			t.Errorf("%s was not refused: %s", name, shown)
		}
		if strings.Contains(shown, credential) {
			t.Errorf("%s shows the credential: %s", name, shown)
		}
	}
	for _, seen := range s.seen {
		if strings.Contains(seen, "0123456789abcdef") || strings.Contains(seen, "imm-key") {
			t.Errorf("the stranger got %s", seen)
		}
	}
}

// The same holds for what captures and files of variables say where to send, and for
// the calls that --probe and check make on their own.
func TestCapturesKeepCredentialsHome(t *testing.T) {
	s := newStranger(t)
	dir := t.TempDir()
	foreign := "http://stranger.example:" + s.port()
	secret := write(dir, "secret", credential)
	given := []string{"--api-key", "imm-key-test-1", "--api-secret", "@" + secret}
	call := newSpecimen()
	call.path, call.method, call.reqBody, call.reqHeader = "/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "GET", "", [][2]string{{"x-api-key", "imm-key-test-1"}, {"x-api-secret", credential}}
	elsewhere := *call
	elsewhere.host = strings.TrimPrefix(foreign, "http://")
	answered := write(dir, "answered.txt", captures()["curl-verbose"](&elsewhere))
	for name, args := range map[string][]string{
		".http file":             {"replay", write(dir, "a.http", elsewhere.httpFile())},
		".http file, given":      append([]string{"replay", write(dir, "b.http", "GET "+foreign+"/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n")}, given...),
		".http file, variable":   append([]string{"replay", write(dir, "c.http", "@base = "+foreign+"\n\nGET {{base}}/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n")}, given...),
		".http file, two hosts":  append([]string{"replay", write(dir, "d.http", "@h = test.immersve.com@stranger.example:"+s.port()+"\n\nGET http://{{h}}/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n")}, given...),
		"environment":            append([]string{"replay", "--environment", write(dir, "env.json", `{"base":"`+foreign+`"}`), write(dir, "e.http", "GET {{base}}/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n")}, given...),
		"environment, its key":   {"replay", "--environment", write(dir, "env2.json", `{"base":"`+foreign+`","secret":"`+credential+`"}`), write(dir, "f.http", "GET {{base}}/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\nx-api-secret: {{secret}}\n")},
		"Postman":                {"replay", write(dir, "p.json", elsewhere.postmanVariables())},
		"Postman, environment":   {"replay", "--environment", write(dir, "penv.json", elsewhere.environment()), write(dir, "q.json", call.postmanVariables())},
		"HAR":                    {"replay", "--entry", "1", write(dir, "h.har", elsewhere.har())},
		"HAR, given":             append([]string{"replay", "--entry", "1", filepath.Join(dir, "h.har")}, given...),
		"HTTPie":                 {"replay", write(dir, "i.txt", captures()["httpie"](&elsewhere))},
		"wget":                   {"replay", write(dir, "w.txt", elsewhere.wgetDebug())},
		"trace":                  {"replay", write(dir, "t.txt", elsewhere.trace(64))},
		"curl --next":            {"curl", "--resolve", "stranger.example:" + s.port() + ":127.0.0.1", s.URL + "/x", "--next", "-H", "x-api-secret: " + credential, foreign + "/x"},
		"--env":                  append([]string{"replay", "--env", foreign, write(dir, "g.http", "GET https://test.immersve.com/api/cards/0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6\n")}, given...),
		"--env with user":        append([]string{"call", "list-currencies", "--env", "http://user:" + credential + "@stranger.example:" + s.port()}, given...),
		"--env that looks right": append([]string{"call", "list-currencies", "--env", "http://test.immersve.com@stranger.example:" + s.port()}, given...),
		"check":                  append([]string{"check", "--env", foreign}, given...),
		"check --env with user":  append([]string{"check", "--env", "http://test.immersve.com:x@stranger.example:" + s.port()}, given...),
		"diagnose --probe":       append([]string{"--probe", answered}, given...),
		"support --probe":        append([]string{"support", "--probe", answered}, given...),
		"probe of its own":       {"--probe", answered},
	} {
		shown := invoke(dir, "", args...)
		if strings.Contains(shown, "0123456789abcdef") {
			t.Errorf("%s shows the credential: %s", name, shown)
		}
		if !strings.Contains(shown, "not an Immersve or loopback host") {
			t.Errorf("%s was not refused: %s", name, shown)
		}
	}
	for _, seen := range s.seen {
		if strings.Contains(seen, "0123456789abcdef") || strings.Contains(seen, "imm-key") {
			t.Errorf("the stranger got %s", seen)
		}
	}
}

// A redirect to another name or address of this machine is one to another host.
func TestRedirectsToOtherAddressesOfLoopback(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("there is no IPv6 here:", err)
	}
	var seen string
	other := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var all strings.Builder
		_ = r.Write(&all) // as above
		seen += all.String()
	})}}
	other.Start()
	t.Cleanup(other.Close)
	for _, to := range []string{other.URL, strings.Replace(other.URL, "http://", "http://user@", 1), strings.Replace(other.URL, "http://", "//", 1)} {
		home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to+"/x")
			w.WriteHeader(http.StatusPermanentRedirect)
		}))
		t.Cleanup(home.Close)
		for _, flag := range []string{"-L", "--location-trusted"} {
			seen = ""
			shown := invoke(t.TempDir(), "", "curl", flag, "-H", "x-api-key: imm-key-test-1", "-H", "x-api-secret: "+credential, "-u", "user:"+credential, "-b", "sid="+credential, home.URL+"/x")
			if strings.Contains(seen, "imm-key") || strings.Contains(seen, "0123456789abcdef") || strings.Contains(shown, "0123456789abcdef") {
				t.Errorf("%s to %s got %s", flag, to, seen)
			}
			if to == other.URL && !strings.Contains(seen, "GET /x") {
				t.Errorf("%s was not followed: %s", flag, shown)
			}
		}
	}
}

// A certificate that nobody vouches for ends the call. Only a flag accepts it, and
// then it is said.
func TestCertificatesAreVerified(t *testing.T) {
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of each refused handshake
	dir := t.TempDir()
	for _, args := range [][]string{
		{"call", "GET", server.URL + "/api/currencies"},
		{"curl", server.URL},
		{"replay", write(dir, "c.txt", "curl "+server.URL)},
	} {
		shown := invoke(dir, "", args...)
		if asked > 0 {
			t.Fatalf("%v reached the server: %s", args, shown)
		}
	}
	const warning = "the server's certificate isn't verified"
	for _, args := range [][]string{
		{"call", "-k", "GET", server.URL + "/api/currencies"},
		{"curl", "-k", server.URL},
		{"replay", "-k", filepath.Join(dir, "c.txt")},
	} {
		before := asked
		_, said, _ := strings.Cut(invoke(dir, "", args...), errorMark)
		if asked != before+1 || !strings.Contains(said, warning) {
			t.Errorf("%v: asked %d times, said %s", args, asked-before, said)
		}
	}
	// A -k of a capture that is replayed was asked for by no flag of this run.
	before := asked
	invoke(dir, "", "replay", write(dir, "k.txt", "curl -k "+server.URL))
	if asked != before {
		t.Error("replay took -k from a capture")
	}
}
