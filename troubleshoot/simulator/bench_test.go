package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkStart is what `call --env local` pays before its request.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := New(Options{Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		server, err := s.Start(context.Background(), "127.0.0.1:0", false)
		if err != nil {
			b.Fatal(err)
		}
		if s.DemoKeys().APIKey == "" {
			b.Fatal("no key")
		}
		_ = server.Close()
	}
}

func BenchmarkDemoTokens(b *testing.B) {
	for b.Loop() {
		s, err := New(Options{Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		if s.Demo().AccessToken == "" {
			b.Fatal("no token")
		}
	}
}

func BenchmarkGetCard(b *testing.B) {
	s, err := New(Options{Now: time.Now, RateLimit: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	d := s.Demo()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/api/cards/"+d.CardID, nil)
		r.Header.Set("Authorization", "Bearer "+d.AccessToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		_, _ = io.Copy(io.Discard, w.Body)
	}
}
