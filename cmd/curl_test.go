package cmd

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
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
