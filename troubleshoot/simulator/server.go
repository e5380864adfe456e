package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/crash"
)

// NotLoopbackError says that an address is reachable from other machines.
type NotLoopbackError struct {
	Addr string // as given
}

func (e *NotLoopbackError) Error() string {
	return fmt.Sprintf("refusing to listen on %s: other machines could reach it", e.Addr)
}

// The limits of the server. holdTime is how long the order "timeout" keeps a
// client waiting; an answer must not be cut off before.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	holdTime          = 2 * time.Minute
	writeTimeout      = holdTime + readTimeout
	idleTimeout       = 2 * time.Minute
	maxHeader         = 64 << 10 // bytes
	shutdownTime      = 300 * time.Millisecond
)

// Server is a simulator that listens.
type Server struct {
	URL  string // "http://127.0.0.1:4010"
	http *http.Server
	stop context.CancelFunc
	done chan struct{}
	err  error // why serving ended; to be read after done
}

// Start listens on addr ("127.0.0.1:4010", port 0 for any free one) and serves
// until the context ends or the server is closed. The error is a
// *NotLoopbackError for an address beyond loopback, unless anywhere is true, or
// the listener's (errors.Is with syscall.EADDRINUSE for a taken port).
func (s *Simulator) Start(ctx context.Context, addr string, anywhere bool) (*Server, error) {
	if !anywhere && !isLoopbackAddr(addr) {
		return nil, &NotLoopbackError{Addr: addr}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start simulator: %w", err)
	}
	bound, isTCP := listener.Addr().(*net.TCPAddr)
	if !anywhere && (!isTCP || !bound.IP.IsLoopback()) { // a name may resolve to anything
		_ = listener.Close()
		return nil, &NotLoopbackError{Addr: addr}
	}
	server := s.serveOn(ctx, listener)
	s.mu.Lock()
	s.base, s.open = server.URL, anywhere
	s.mu.Unlock()
	return server, nil
}

func isLoopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && api.IsLocalhost(host)
}

func (s *Simulator) serveOn(ctx context.Context, listener net.Listener) *Server {
	ctx, stop := context.WithCancel(ctx)
	server := &Server{URL: "http://" + reachable(listener.Addr()), stop: stop, done: make(chan struct{})}
	server.http = &http.Server{
		Handler:           survivor{s},
		ErrorLog:          log.New(io.Discard, "", 0), // net/http writes stacks and clients' bytes to it
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		BaseContext:    func(net.Listener) context.Context { return ctx }, // ends what "timeout" holds
	}
	served := make(chan error, 1)
	go func() { served <- server.http.Serve(listener) }()
	go server.watch(ctx, served)
	return server
}

// survivor returns 500 for a request on which the simulator panics.
type survivor struct{ s *Simulator }

func (h survivor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if c := crash.Of(recover()); c != nil {
			fail(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "the simulator failed in "+c.Where+", which is a bug in immersve-doctor").write(w)
			if h.s.log != nil {
				h.s.log(r.Method, r.URL.EscapedPath(), http.StatusInternalServerError)
			}
		}
	}()
	h.s.ServeHTTP(w, r)
}

// reachable gives the address that a client on this machine uses.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func (s *Server) watch(ctx context.Context, served <-chan error) {
	defer close(s.done)
	defer s.stop()
	select {
	case s.err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		if s.http.Shutdown(grace) != nil {
			_ = s.http.Close()
		}
		s.err = <-served
	}
	if errors.Is(s.err, http.ErrServerClosed) {
		s.err = nil
	}
}

// Wait returns when the server has ended: nil after the context's end or Close.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// Close ends the server and waits for it.
func (s *Server) Close() error {
	s.stop()
	return s.Wait()
}

// knowsHost guards against DNS rebinding: a page of a foreign site may reach a
// loopback port through a name of its own, but not under a loopback name. Where
// other machines may come, they may by the address as well, which no page can
// take for its own name. HTTP/1.0 knows requests without the field, and no
// browser sends those.
func (s *Simulator) knowsHost(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	switch {
	case api.IsLocalhost(host) || slices.Contains(s.hosts, host):
		return true
	case host == "":
		return !r.ProtoAtLeast(1, 1)
	}
	return net.ParseIP(strings.Trim(host, "[]")) != nil && s.isOpen()
}

func (s *Simulator) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

func refuseHost(w http.ResponseWriter, host string) int {
	const shown = 120
	return (&reply{status: http.StatusForbidden, body: fmt.Sprintf(
		"the simulator accepts only the hosts localhost, 127.0.0.1 and [::1], not %.*q (to add one: simulate --allow-host NAME)\n", shown, host)}).write(w)
}
