package capture_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// What shapes the sending is told beside the requests.
func TestCurlSendingOptions(t *testing.T) {
	const u = "https://test.immersve.com/a"
	for line, want := range map[string]capture.CurlCommand{
		"-L -k " + u:                      {FollowRedirects: true, Insecure: true},
		"-Lk --no-location " + u:          {Insecure: true},
		"-m 5 --connect-timeout 2.5 " + u: {MaxTime: 5 * time.Second, ConnectTimeout: 2500 * time.Millisecond},
		"-m5 --max-time=7 " + u:           {MaxTime: 7 * time.Second},
		"--max-time soon " + u:            {Notes: []string{`the value "soon" of --max-time isn't a number of seconds`}},
		"--cacert ca.pem -x http://proxy:8080 --noproxy a " + u: {CACert: "ca.pem", Proxy: "http://proxy:8080", NoProxy: "a"},
		"--http1.1 " + u:          {HTTP1: true},
		"--http2 " + u:            {HTTP2: true},
		"--http2 -0 " + u:         {HTTP1: true},
		"--compressed -A me " + u: {Compressed: true, UserAgent: "me"},
		"--resolve Test.immersve.com:443:127.0.0.1,::1 " + u: {Resolve: map[string]string{"test.immersve.com:443": "127.0.0.1:443"}},
		"--resolve h:1:::1 " + u:                             {Resolve: map[string]string{"h:1": "[::1]:1"}},
		"--connect-to ::127.0.0.1:8080 " + u:                 {ConnectTo: map[string]string{":": "127.0.0.1:8080"}},
		"--connect-to a:443:[::1]:8080 " + u:                 {ConnectTo: map[string]string{"a:443": "[::1]:8080"}},
		"--digest --netrc --digest " + u:                     {NotFollowed: []string{"--digest", "--netrc"}},
		"-K curlrc -E me.pem " + u:                           {NotFollowed: []string{"--config", "--cert"}},
		"-sSvifo out -D head -w %{http_code} -# -Z " + u:     {},
		"--locaton " + u:                                     {Notes: []string{"unknown curl option --locaton, the closest is --location"}},
		"--frobnicate 7 " + u:                                {Notes: []string{"unknown curl option --frobnicate"}},
		"--insec " + u:                                       {Insecure: true},
	} {
		got, err := capture.ParseCurlArgs(strings.Fields(line), capture.CurlOptions{})
		if err != nil || len(got.Requests) != 1 || got.Requests[0].URL.String() != u {
			t.Errorf("%s: %v, %v; want one request of %s", line, got.Requests, err, u)
			continue
		}
		got.Requests = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
}

// Files and standard input are read only where the caller offers to.
func TestCurlReads(t *testing.T) {
	offered := capture.CurlOptions{
		ReadFile: func(name string) ([]byte, error) {
			if name != "body.json" {
				return nil, fs.ErrNotExist
			}
			return []byte("{\r\n\"a\":1}\n"), nil
		},
		Stdin: func() ([]byte, error) { return []byte("in\n"), nil },
	}
	for _, test := range []struct {
		line   string
		o      capture.CurlOptions
		body   string
		state  exchange.BodyState
		failed error
	}{
		{"-d @body.json", offered, `{"a":1}`, exchange.BodyPresent, nil},
		{"--data-binary @body.json", offered, "{\r\n\"a\":1}\n", exchange.BodyPresent, nil},
		{"--json @-", offered, "in\n", exchange.BodyPresent, nil},
		{"-d @-", offered, "in", exchange.BodyPresent, nil},
		{"-T -", offered, "in\n", exchange.BodyPresent, nil},
		{"--data-urlencode q@-", offered, "q=in%0A", exchange.BodyPresent, nil},
		{"--data-raw @body.json", offered, "@body.json", exchange.BodyPresent, nil},
		{"-d @missing.json", offered, "", 0, fs.ErrNotExist},
		{"-d @body.json", capture.CurlOptions{}, "", exchange.BodyNotCaptured, nil},
		{"-d @-", capture.CurlOptions{}, "", exchange.BodyNotCaptured, nil},
		{"-T up.bin", capture.CurlOptions{}, "", exchange.BodyNotCaptured, nil},
		{"-F f=@up.bin", capture.CurlOptions{}, "", exchange.BodyNotCaptured, nil},
		{"-X POST", capture.CurlOptions{}, "", exchange.BodyAbsent, nil},
	} {
		got, err := capture.ParseCurlArgs(append(strings.Fields(test.line), "https://test.immersve.com/a"), test.o)
		if !errors.Is(err, test.failed) {
			t.Errorf("%s: %v, want %v", test.line, err, test.failed)
		}
		if err != nil {
			continue
		}
		body := got.Requests[0].Body
		if string(body.Bytes()) != test.body || body.State() != test.state {
			t.Errorf("%s: body %q, %v; want %q, %v", test.line, body.Bytes(), body.State(), test.body, test.state)
		}
		if noted := strings.Contains(strings.Join(got.Notes, " "), "wasn't read"); noted != (test.state == exchange.BodyNotCaptured) {
			t.Errorf("%s: notes %q", test.line, got.Notes)
		}
	}
}

// What curl refuses is refused, with what was meant where that is clear.
func TestCurlRefuses(t *testing.T) {
	for line, requests := range map[string]int{
		"":                                  0,
		"-X POST":                           0,
		"https://a/ -H":                     0,
		"https://a/ --header":               0,
		"-d a -F b=c https://a/":            1,
		"-d a -I https://a/":                1,
		"https://a/{b":                      1,
		"https://a/[b]":                     1,
		"https://a/[3-1]":                   1,
		"-F no-equals-sign https://a/":      0,
		"https://a/[99999999999999999999-]": 1,
	} {
		got, err := capture.ParseCurlArgs(strings.Fields(line), capture.CurlOptions{})
		if !errors.Is(err, capture.ErrCurlUsage) || len(got.Requests) != requests {
			t.Errorf("%q: %d requests, %v; want %d and ErrCurlUsage", line, len(got.Requests), err, requests)
		}
	}
}

// The options of the curl at hand are all known, each with what it takes.
func TestEveryOptionOfCurlIsKnown(t *testing.T) {
	help, err := exec.Command("curl", "--help", "all").Output()
	if err != nil {
		t.Skip("curl is not installed")
	}
	option := regexp.MustCompile(`^ *(?:-(.), )?--([a-z0-9.-]+) ([<[].*|)`)
	checked := 0
	for line := range strings.Lines(string(help)) {
		m := option.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		checked++
		spellings := []string{"--" + m[2]}
		if m[1] != "" {
			spellings = append(spellings, "-"+m[1])
		}
		for _, word := range spellings {
			if word == "--next" || word == "-:" {
				continue // it wants a URL before it
			}
			args := []string{word, "https://taken.example/", "https://left.example/"}
			got, err := capture.ParseCurlArgs(args, capture.CurlOptions{})
			if err != nil && m[3] == "" {
				t.Errorf("%s: %v", word, err)
			}
			for _, n := range got.Notes {
				if strings.Contains(n, "unknown curl option") {
					t.Errorf("%s: %s", word, n)
				}
			}
			left := len(got.Requests)
			if takes := m[3] != ""; takes && left != 1 && m[2] != "url" && !errors.Is(err, capture.ErrCurlUsage) || !takes && left != 2 {
				t.Errorf("%s %s: %d URLs are left", word, m[3], left)
			}
		}
	}
	if checked < 200 {
		t.Errorf("%d options were checked", checked)
	}
}

// A quote that never closes is named with its place, as an error to look for.
func TestCurlUnclosedQuotes(t *testing.T) {
	for text, want := range map[string]capture.QuoteError{
		"curl https://a/ -d 'x":                                 {Quote: "'", Line: 1, Column: 20},
		"curl https://a/ \\\n  -d \"x\n y":                      {Quote: `"`, Line: 2, Column: 6},
		"$ curl https://ä/ -d $'x\\'":                           {Quote: "$'", Line: 1, Column: 22},
		"text before\n\ncurl \"https://a/$(date":                {Quote: "$(", Line: 3, Column: 17},
		"curl https://a/ -d `date":                              {Quote: "`", Line: 1, Column: 20},
		"curl.exe https://a/ -d 'x":                             {Quote: "'", Line: 1, Column: 24},
		"curl.exe https://a/ -d @'\nx":                          {Quote: "@'", Line: 1, Column: 24},
		"curl https://a/ ^\n -d \"x":                            {Quote: `"`, Line: 2, Column: 5},
		"curl https://a/ -d '{\"a\":\"it's\"}' -H 'X: 1' -d 'y": {Quote: `"`, Line: 1, Column: 31, Guess: "the ' at line 1, column 29 looks like an apostrophe, but it closes the '…' around it (write '\\'' instead)"},
	} {
		_, err := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true })
		var got *capture.QuoteError
		if !errors.As(err, &got) || !errors.Is(err, capture.ErrNothing) {
			t.Errorf("%q: %v; want a QuoteError in an ErrNothing", text, err)
			continue
		}
		if *got != want {
			t.Errorf("%q: %+v, want %+v", text, *got, want)
		}
		if !strings.Contains(err.Error(), got.Error()) {
			t.Errorf("%q: the message %q lacks the place", text, err)
		}
	}
}

// What no person writes is refused or read, and ends.
func TestCurlHostileInput(t *testing.T) {
	const head = "curl https://test.immersve.com/a "
	for name, text := range map[string]string{
		"1 MB of data":        head + "-d '" + strings.Repeat("x", 1<<20) + "'",
		"1 MB of words":       head + strings.Repeat("-H x:1 ", 150_000),
		"1 MB of URLs":        "curl " + strings.Repeat("http://a/ ", 100_000),
		"zero bytes":          head + "-d 'a\x00b' -H 'X\x00: 1'",
		"nested quotes":       head + strings.Repeat("\"$(", 300_000),
		"nested parentheses":  head + strings.Repeat("$((", 300_000),
		"nested braces":       head + strings.Repeat("{a,", 300_000),
		"nested keywords":     head + ";" + strings.Repeat("if ", 300_000),
		"nested expansions":   head + "\"" + strings.Repeat("${a:-", 200_000),
		"pipes":               head + strings.Repeat("|a", 500_000),
		"braces":              head + strings.Repeat("{1..99}", 1000),
		"globs":               "curl 'https://a/" + strings.Repeat("[1-99]", 1000) + "'",
		"doubling variables":  "A=xxxxxxxxxxxxxxxx\n" + strings.Repeat("A=$A$A\n", 60) + "curl https://a/ -d \"$A\"",
		"doubling files":      "echo xxxxxxxxxxxxxx > f\n" + strings.Repeat("cat f f > g; cat g > f\n", 60) + "curl https://a/ -d @f",
		"here-documents":      strings.Repeat("cat <<A <<B <<C\n", 50_000) + head,
		"unclosed quotes":     strings.Repeat(head+"'\n\n", 20_000),
		"prompts in one line": strings.Repeat("$ curl ", 200_000),
		"nested substitution": "curl https://a/ -d " + strings.Repeat("$(echo ", 150) + strings.Repeat(")", 150),
		"options":             head + "-" + strings.Repeat("s", 1<<20),
		"forms":               head + strings.Repeat("-F 'a=b;c;d' ", 70_000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true })
			if err != nil && !errors.Is(err, capture.ErrNothing) {
				t.Error(err)
			}
		})
	}
}

// A sentence about curl is no command.
func TestCurlInProse(t *testing.T) {
	for _, text := range []string{
		"curl is a tool that everybody has.",
		"curl -i shows the header of the response.",
		"We use libcurl, see https://curl.se/docs/ for more.",
		"Run curl and tell us what it says.",
		"The user agent is curl/8.7.1 here.",
		"curl",
		"curling https://example.com is fun",
	} {
		_, err := capture.Each(strings.NewReader(text+"\n"), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
			t.Errorf("%q was read as %s", text, ex.Request.URL)
			return true
		})
		if !errors.Is(err, capture.ErrNothing) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzCurlCommand(f *testing.F) {
	files, _ := filepath.Glob(captures + "/curl-command/*.in")
	for _, name := range files {
		text := readFile(f, name)
		f.Add(text)
		for line := range strings.Lines(text) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := capture.Options{Kind: exchange.KindCurlCommand}
		if _, err := capture.Each(strings.NewReader(text), "-", o, func(ex *exchange.Exchange) bool {
			if ex.Request == nil || ex.Response != nil {
				t.Errorf("%q gives %+v", text, ex)
			}
			if ex.Source.Line < 1 || ex.Source.Line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d of %q", ex.Source.Line, text)
			}
			return true
		}); err != nil && !errors.Is(err, capture.ErrNothing) {
			t.Error(err)
		}
		words := strings.Fields(text)
		command, err := capture.ParseCurlArgs(words, capture.CurlOptions{})
		if err == nil && len(command.Requests) == 0 {
			t.Errorf("%q gives neither a request nor an error", words)
		}
		if len(command.Requests) > 100 || slices.Contains(command.Requests, nil) {
			t.Errorf("%q gives %d requests", words, len(command.Requests))
		}
	})
}

func readFile(f *testing.F, name string) string {
	f.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	return string(text)
}
