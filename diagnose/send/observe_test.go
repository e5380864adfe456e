package send_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

// observing returns a client whose calls are collected.
func observing(o *send.Observer) (client *http.Client, ended func() []*exchange.Exchange) {
	var list []*exchange.Exchange
	o.Observe = func(ex *exchange.Exchange) { list = append(list, ex) }
	return &http.Client{Transport: o}, func() []*exchange.Exchange {
		_ = o.Close()
		return list
	}
}

func TestObserver(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Echo", "yes")
		if r.URL.Path == "/ok" {
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write(body)
	}))
	defer server.Close()
	client, ended := observing(&send.Observer{})
	for _, path := range []string{"/ok", "/api/cards?a=b"} {
		response, err := client.Post(server.URL+path, "application/json", strings.NewReader(`{"x":1}`))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		if err != nil || path != "/ok" && string(got) != `{"x":1}` {
			t.Errorf("%s: the program received %q, %v", path, got, err)
		}
		_ = response.Body.Close()
	}
	list := ended()
	if len(list) != 1 {
		t.Fatalf("%d exchanges, want the failure alone", len(list))
	}
	ex := list[0]
	if ex.Request.Method != "POST" || ex.Request.URL.Path != "/api/cards" || ex.Request.URL.RawQuery != "a=b" || ex.Request.Header.Text("content-type") != "application/json" || string(ex.Request.Body.Bytes()) != `{"x":1}` {
		t.Errorf("the request is %+v", ex.Request)
	}
	if ex.Response.Status != 403 || ex.Response.Header.Text("x-echo") != "yes" || string(ex.Response.Body.Bytes()) != `{"x":1}` || ex.Response.Body.Truncated {
		t.Errorf("the response is %+v", ex.Response)
	}
}

// A call without a response is a failure with its kind, and the program gets its error.
func TestObserverWithoutResponse(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	client, ended := observing(&send.Observer{})
	if _, err := client.Get(server.URL); !errors.Is(err, io.EOF) {
		t.Errorf("the program received %v", err)
	}
	if list := ended(); len(list) != 1 || list[0].Response != nil || list[0].Failure == nil || list[0].Failure.Kind != exchange.FailureReset {
		t.Errorf("got %+v", list)
	}
}

// A body that is longer than what is kept, or that the program doesn't read to its end,
// is incomplete.
func TestObserverBounds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
	}))
	defer server.Close()
	client, ended := observing(&send.Observer{MaxBody: 10})
	for _, read := range []int64{100, 5} {
		response, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.CopyN(io.Discard, response.Body, read); n != read || err != nil {
			t.Errorf("read %d bytes, %v", n, err)
		}
		_ = response.Body.Close()
	}
	list := ended()
	if len(list) != 2 {
		t.Fatalf("%d exchanges", len(list))
	}
	for i, ex := range list {
		if !ex.Response.Body.Truncated || len(ex.Response.Body.Bytes()) > 10 {
			t.Errorf("call %d: %d bytes, cut %t", i, len(ex.Response.Body.Bytes()), ex.Response.Body.Truncated)
		}
		if ex.Failure != nil {
			t.Errorf("call %d: a failure, though the program stopped reading: %+v", i, ex.Failure)
		}
	}
}

// Neither a slow observer nor one that panics gets in the way of calls.
func TestObserverStaysOutOfTheWay(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	hold, body := make(chan bool), make([]byte, 1<<20)
	var once sync.Once
	o := &send.Observer{Observe: func(*exchange.Exchange) {
		once.Do(func() { <-hold })
		panic("a bug in the program's callback")
	}}
	client := &http.Client{Transport: o}
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for range 10 {
				response, err := client.Post(server.URL, "text/plain", bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
	calls.Wait()
	if o.Dropped() == 0 {
		t.Error("80 calls of 1 MiB fit into the queue of an observer that waits")
	}
	close(hold)
	_ = o.Close()
	if response, err := client.Get(server.URL); err != nil || response.Body.Close() != nil {
		t.Errorf("after Close: %v", err)
	}
}
