package cmd_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"immersve-doctor/cmd"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// BenchmarkProxy compares what the proxy adds to a call with what a bare
// httputil.ReverseProxy adds. They are called in turns, so that the machine's load is the
// same for both.
func BenchmarkProxy(b *testing.B) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[]") }))
	defer api.Close()
	target, err := url.Parse(api.URL)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ErrorLog: log.New(io.Discard, "", 0)})
	defer bare.Close()
	calls := 0
	observer := &send.Observer{Base: http.DefaultTransport, All: true, Observe: func(*exchange.Exchange) { calls++ }}
	ours := httptest.NewServer(cmd.NewRelay(exchange.ParseURL(api.URL), observer))
	defer ours.Close()
	var spent [3]time.Duration
	for b.Loop() {
		for i, base := range []string{api.URL, bare.URL, ours.URL} {
			start := time.Now()
			response, err := http.Get(base + "/api/currencies")
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			spent[i] += time.Since(start)
		}
	}
	_ = observer.Close()
	if calls == 0 {
		b.Fatal("nothing was observed")
	}
	b.ReportMetric(float64(spent[2]-spent[0])/float64(spent[1]-spent[0]), "times-bare")
}
