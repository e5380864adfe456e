package cmd

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// Flags before the word curl are ours, all after it is curl's.
func TestCurlArguments(t *testing.T) {
	tests := []struct{ in, want string }{
		{"curl -v https://x", "curl -- -v https://x"},
		{"--dry-run curl -o out", "curl --dry-run -- -o out"},
		{"-o json curl -o out", "curl -o json -- -o out"},
		{"-ojson curl", "curl -ojson --"},
		{"--output json --retry 2 --yes curl x", "curl --output json --retry 2 --yes -- x"},
		{"--output=json curl x", "curl --output=json -- x"},
		{"--save curl curl x", "curl --save curl -- x"},
		{"--unknown curl x", "curl --unknown -- x"},
		{"curl", "curl --"},
		{"explain curl", "explain curl"},
		{"help curl", "help curl"},
		{"-- curl", "-- curl"},
		{"failed.txt --request curl", "failed.txt --request curl"},
		{"-o json", "-o json"},
		{"- curl", "- curl"},
	}
	root := newRoot(Environment{})
	for _, tt := range tests {
		if got := strings.Join(curlArguments(root, strings.Fields(tt.in)), " "); got != tt.want {
			t.Errorf("%q became %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := curlArguments(root, nil); len(got) != 0 {
		t.Errorf("nothing became %q", got)
	}
}

func TestProxyOf(t *testing.T) {
	tests := []struct{ in, want string }{
		{"proxy.example:8080", "http://proxy.example:8080"},
		{"proxy.example", "http://proxy.example:1080"},
		{"http://proxy.example", "http://proxy.example:1080"},
		{"https://proxy.example", "https://proxy.example"},
		{"socks5h://127.0.0.1:9050", "socks5h://127.0.0.1:9050"},
		{"socks4://127.0.0.1:9050", ""},
		{"://", ""},
		{"http://", ""},
	}
	for _, tt := range tests {
		got, err := proxyOf(tt.in)
		if (err != nil) != (tt.want == "") || err == nil && got.String() != tt.want {
			t.Errorf("proxyOf(%q) = %v, %v, want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestExceptHosts(t *testing.T) {
	proxy := func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example:8080") }
	tests := []struct {
		list, target string
		proxied      bool
	}{
		{"*", "https://test.immersve.com/", false},
		{"immersve.com", "https://test.immersve.com/", false},
		{".immersve.com, example.com", "https://TEST.immersve.com:8443/", false},
		{"mersve.com", "https://test.immersve.com/", true},
		{"[::1]", "http://[::1]:4010/", false},
		{"example.com", "https://test.immersve.com/", true},
	}
	for _, tt := range tests {
		r, err := http.NewRequest(http.MethodGet, tt.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := exceptHosts(proxy, tt.list)(r)
		if err != nil || (got != nil) != tt.proxied {
			t.Errorf("--noproxy %q for %s: %v, %v", tt.list, tt.target, got, err)
		}
	}
}

func TestWithConnectTo(t *testing.T) {
	tests := []struct{ from, to, target, want string }{
		{"test.immersve.com:443", "127.0.0.1:4010", "https://test.immersve.com/", "test.immersve.com:443=127.0.0.1:4010"},
		{":", "127.0.0.1:4010", "https://test.immersve.com/", "test.immersve.com:443=127.0.0.1:4010"},
		{":80", "127.0.0.1:", "http://test.immersve.com/", "test.immersve.com:80=127.0.0.1:80"},
		{"test.immersve.com:", ":8443", "https://test.immersve.com/", "test.immersve.com:443=test.immersve.com:8443"},
		{"other.example:443", "127.0.0.1:4010", "https://test.immersve.com/", ""},
	}
	for _, tt := range tests {
		before := send.Options{Resolve: map[string]string{}}
		got := withConnectTo(before, map[string]string{tt.from: tt.to}, exchange.ParseURL(tt.target))
		var pairs []string
		for k, v := range got.Resolve {
			pairs = append(pairs, k+"="+v)
		}
		slices.Sort(pairs)
		if strings.Join(pairs, " ") != tt.want {
			t.Errorf("%s to %s for %s: %q, want %q", tt.from, tt.to, tt.target, pairs, tt.want)
		}
		if len(before.Resolve) > 0 {
			t.Error("the caller's map was changed")
		}
	}
}
