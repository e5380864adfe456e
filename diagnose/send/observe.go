package send

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"immersve-doctor/diagnose/crash"
	"immersve-doctor/diagnose/exchange"
)

// Observer is an http.RoundTripper that watches calls without changing, delaying or
// repeating them. It hands each call to Observe when the response has been read, or
// when there won't be one. An Observer must not be copied after its first call.
type Observer struct {
	// Base sends the requests, or http.DefaultTransport if it is nil.
	Base http.RoundTripper
	// Observe receives one exchange at a time on a goroutine of the Observer's own. A
	// panic in it is ignored, and so is the exchange.
	Observe func(*exchange.Exchange)
	// All is set if Observe receives the calls that succeeded, too (2xx and 3xx).
	All bool
	// MaxBody is how many bytes of each body are kept, or DefaultObservedBody if it is 0.
	MaxBody int
	// Now returns the current time, or time.Now does if it is nil.
	Now func() time.Time

	start   sync.Once
	mu      sync.RWMutex // held for reading while something is put into queue
	closed  bool
	queue   chan *exchange.Exchange
	done    chan struct{}
	waiting atomic.Int64 // bytes of the bodies in queue
	dropped atomic.Int64
}

const (
	// DefaultObservedBody is how many bytes of each body an Observer keeps.
	DefaultObservedBody = 1 << 20
	// maxQueued is how many exchanges wait for Observe, and maxWaiting how many bytes
	// of bodies. More are dropped, because waiting for it would delay the calls.
	maxQueued  = 1 << 14
	maxWaiting = 32 << 20
)

// Dropped returns how many exchanges Observe was too slow for.
func (o *Observer) Dropped() int64 { return o.dropped.Load() }

// Close waits until Observe has seen every call that is complete, and ends observing.
// Later calls still pass.
func (o *Observer) Close() error {
	o.start.Do(o.begin)
	o.mu.Lock()
	if !o.closed {
		o.closed = true
		close(o.queue)
	}
	o.mu.Unlock()
	<-o.done
	return nil
}

func (o *Observer) begin() {
	o.queue, o.done = make(chan *exchange.Exchange, maxQueued), make(chan struct{})
	go func() {
		defer close(o.done)
		for ex := range o.queue {
			o.waiting.Add(-int64(ex.Size()))
			o.show(ex)
		}
	}()
}

func (o *Observer) show(ex *exchange.Exchange) {
	defer func() { _ = crash.Of(recover()) }() // observing must not end the program that is observed
	o.Observe(ex)
}

// hand puts an exchange into the queue, or drops it if the queue is full.
func (o *Observer) hand(ex *exchange.Exchange) {
	if r := ex.Response; !o.All && ex.Failure == nil && r != nil && r.Status < 400 {
		return
	}
	o.start.Do(o.begin)
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return
	}
	size := int64(ex.Size())
	if o.waiting.Add(size) <= maxWaiting {
		select {
		case o.queue <- ex:
			return
		default:
		}
	}
	o.waiting.Add(-size)
	o.dropped.Add(1)
}

func (o *Observer) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// RoundTrip sends the request with Base.
func (o *Observer) RoundTrip(request *http.Request) (*http.Response, error) {
	base := o.Base
	if base == nil {
		base = http.DefaultTransport
	}
	call := &observed{o: o, started: o.now(), sent: keeper{limit: cmp.Or(o.MaxBody, DefaultObservedBody)}, got: keeper{limit: cmp.Or(o.MaxBody, DefaultObservedBody)}}
	wire := request.Clone(httptrace.WithClientTrace(request.Context(), call.trace.hooks()))
	if request.Body != nil && request.Body != http.NoBody {
		wire.Body = keptBody{request.Body, &call.sent}
		if get := request.GetBody; get != nil {
			wire.GetBody = func() (io.ReadCloser, error) {
				body, err := get()
				if err != nil {
					return nil, err
				}
				call.sent.reset()
				return keptBody{body, &call.sent}, nil
			}
		}
	}
	call.request = wire
	response, err := base.RoundTrip(wire)
	if err != nil {
		call.finish(nil, err)
		return response, err
	}
	if response.StatusCode == http.StatusSwitchingProtocols || response.Body == nil { // such a body is a connection
		call.finish(response, nil)
		return response, nil
	}
	response.Body = &watchedBody{ReadCloser: response.Body, call: call, response: response}
	return response, nil
}

// observed is a call that is being made.
type observed struct {
	o         *Observer
	request   *http.Request
	started   time.Time
	trace     phases
	sent, got keeper
	once      sync.Once
}

// finish makes the exchange and hands it over. err is why the response, or the rest of
// it, didn't come.
func (c *observed) finish(response *http.Response, err error) {
	c.once.Do(func() {
		elapsed := c.o.now().Sub(c.started)
		ex := &exchange.Exchange{Source: exchange.Source{Kind: exchange.KindLive}, Started: c.started, Request: c.exchangeRequest()}
		if response != nil {
			ex.Response = &exchange.Response{
				Status: response.StatusCode, Phrase: phrase(response), Proto: response.Proto, HeaderCaptured: true,
				Elapsed: elapsed, Header: headerOf(response.Header), Body: c.got.body(err != nil),
			}
		}
		if err != nil && !errors.Is(err, errNotRead) {
			ex.Failure = failureOf(err, &c.trace, elapsed)
		}
		c.o.hand(ex)
	})
}

func (c *observed) exchangeRequest() *exchange.Request {
	r := c.request
	request := &exchange.Request{
		Method: exchange.Method(r.Method), URL: exchange.ParseURL(r.URL.String()), Proto: r.Proto,
		Header: headerOf(r.Header), HeaderCaptured: true, Body: c.sent.body(false),
	}
	if r.Host != "" && r.Host != r.URL.Host {
		request.Header.Set("host", r.Host)
	}
	return request
}

func headerOf(h http.Header) exchange.Header {
	var header exchange.Header
	for _, name := range sortedNames(h) {
		for _, v := range h[name] {
			header.Add(strings.ToLower(name), v)
		}
	}
	return header
}

// keeper keeps the first bytes of a body. A transport may still read a request's body
// when it has returned the response.
type keeper struct {
	mu    sync.Mutex
	limit int
	kept  []byte
	cut   bool
}

func (k *keeper) add(p []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := min(len(p), k.limit-len(k.kept))
	k.kept = append(k.kept, p[:n]...)
	k.cut = k.cut || n < len(p)
}

func (k *keeper) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept, k.cut = nil, false
}

func (k *keeper) body(broken bool) exchange.Body {
	k.mu.Lock()
	defer k.mu.Unlock()
	body := exchange.NewBody(append([]byte(nil), k.kept...))
	body.Truncated = k.cut || broken
	return body
}

// keptBody is a request's body that is kept while it's sent.
type keptBody struct {
	io.ReadCloser
	keeper *keeper
}

func (b keptBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.keeper.add(p[:n])
	return n, err
}

// errNotRead is why the rest of a response isn't known that the program closed.
var errNotRead = errors.New("the response was closed before its end")

// watchedBody is a response's body that is kept while it's read.
type watchedBody struct {
	io.ReadCloser
	call     *observed
	response *http.Response
	size     int64
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.size += int64(n)
	b.call.got.add(p[:n])
	switch {
	case errors.Is(err, io.EOF):
		b.call.finish(b.response, nil)
	case err != nil:
		b.call.finish(b.response, err)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	var unread error
	if b.size < b.response.ContentLength {
		unread = errNotRead
	}
	b.call.finish(b.response, unread)
	return err
}
