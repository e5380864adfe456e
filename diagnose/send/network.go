package send

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"immersve-doctor/diagnose/api"
)

// Network resolves names and makes connections.
type Network interface {
	// LookupHost returns the addresses of a name.
	LookupHost(ctx context.Context, host string) ([]string, error)
	// Dial connects to "host:port". It calls admit with each IP address and port
	// before it connects there, and doesn't connect if admit returns an error.
	Dial(ctx context.Context, address string, timeout time.Duration, admit func(address string) error) (net.Conn, error)
}

// System returns the operating system's network.
func System() Network { return system{} }

type system struct{}

func (system) LookupHost(ctx context.Context, host string) ([]string, error) {
	return net.DefaultResolver.LookupHost(ctx, host)
}

func (system) Dial(ctx context.Context, address string, timeout time.Duration, admit func(string) error) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: timeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return admit(address) }}
	return dialer.DialContext(ctx, "tcp", address)
}

func (o Options) network() Network {
	if o.Network == nil {
		return System()
	}
	return o.Network
}

// lookUp returns the addresses of a host. Names of this machine aren't resolved: a
// server of somebody else's would decide where they lead (RFC 6761 section 6.3).
func (o Options) lookUp(ctx context.Context, host string) ([]string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, nil
	}
	if api.IsLoopback(host) {
		return []string{"127.0.0.1", "::1"}, nil
	}
	return o.network().LookupHost(ctx, host)
}

// dialer returns a function that dials what the way says. It connects to a name or
// address of this machine on loopback only.
func (o Options) dialer(w way) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		if w.instead != "" {
			address = w.instead
		}
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if !api.IsLoopback(host) {
			return o.network().Dial(ctx, address, o.connectTimeout(), func(string) error { return nil })
		}
		own, err := o.lookUp(ctx, host)
		for _, ip := range own {
			conn, failed := o.network().Dial(ctx, net.JoinHostPort(ip, port), o.connectTimeout(), admitLoopback)
			if failed == nil {
				return conn, nil
			}
			err = cmp.Or(err, failed) // the first says most: a machine may lack IPv6
		}
		return nil, err
	}
}

// admitLoopback returns a *GuardError for an address on another machine.
func admitLoopback(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return refusal(address, "%q isn't a loopback address")
	}
	return nil
}
