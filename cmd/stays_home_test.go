package cmd_test

import (
	"io"
	"log"
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
		if name != "curl, redirect" && name != "curl, trusted" && !strings.Contains(shown, "credentials go to Immersve hosts and loopback only") {
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
	const warning = "the server's certificate is not verified"
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
