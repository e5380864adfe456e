package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"os"
	"sync"
	"syscall"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// phases records how far an exchange got. Its hooks run on other goroutines.
type phases struct {
	mu    sync.Mutex
	phase exchange.Phase
}

func (p *phases) reached(phase exchange.Phase) {
	p.mu.Lock()
	p.phase = phase
	p.mu.Unlock()
}

func (p *phases) last() exchange.Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase
}

func (p *phases) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { p.reached(exchange.PhaseDNS) },
		ConnectStart:         func(string, string) { p.reached(exchange.PhaseConnect) },
		TLSHandshakeStart:    func() { p.reached(exchange.PhaseTLS) },
		GotConn:              func(httptrace.GotConnInfo) { p.reached(exchange.PhaseSend) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.reached(exchange.PhaseWait) },
		GotFirstResponseByte: func() { p.reached(exchange.PhaseTransfer) },
	}
}

// failureOf classifies a transport's error by its types, never by its text.
func failureOf(err error, trace *phases, elapsed time.Duration) *exchange.Failure {
	return &exchange.Failure{
		Kind: failureKind(err), Phase: trace.last(), Elapsed: elapsed, Text: exchange.MaskText(err.Error()),
	}
}

func failureKind(err error) exchange.FailureKind {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && !dns.IsTimeout:
		return exchange.FailureDNS
	case isTLS(err):
		return exchange.FailureTLS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return exchange.FailureTimeout
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return exchange.FailureRefused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return exchange.FailureReset
	}
	return exchange.FailureUnknown
}

func isTLS(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		host         x509.HostnameError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
		alert        tls.AlertError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.As(err, &alert)
}
