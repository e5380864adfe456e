package preflight

import (
	"fmt"
	"strings"
	"time"
)

// Connection is what was seen on the way to a host.
type Connection struct {
	Host      string
	Addresses []string      // what the name resolves to
	DNSError  string        // "" when it resolved
	Dialed    time.Duration // TCP connect time; 0 when not tried
	DialError string
	Plain     bool // http: no TLS is spoken
	TLSError  string
	Version   string    // "TLS 1.3"
	Protocol  string    // ALPN, "h2"
	Issuer    string    // of the leaf certificate
	NotAfter  time.Time // of the leaf certificate
	Proxy     string    // host of the proxy that HTTP calls take, "" for none
}

// soon is how early an expiring certificate is worth a warning.
const soon = 14 * 24 * time.Hour

// Network judges a connection.
func Network(c Connection, now time.Time) []Item {
	items := []Item{name(c)}
	if c.DNSError != "" {
		return items
	}
	dial := Item{ID: "network.connect", Title: "a connection", State: OK, Detail: fmt.Sprintf("in %s", c.Dialed.Round(time.Millisecond))}
	if c.DialError != "" {
		dial.State, dial.Detail, dial.Fix = Problem, c.DialError, "Look at firewall, VPN and proxy; see: immersve-doctor explain connection-refused"
	}
	items = append(items, dial)
	if c.DialError == "" && !c.Plain {
		items = append(items, secure(c, now))
	}
	if c.Proxy != "" {
		items = append(items, Item{ID: "network.proxy", Title: "proxy", State: Warning, Detail: "calls go through " + c.Proxy, Fix: "Unset HTTPS_PROXY, or list the host in NO_PROXY, if that is not meant."})
	}
	return items
}

func name(c Connection) Item {
	item := Item{ID: "network.name", Title: "the name " + c.Host, State: OK, Detail: strings.Join(c.Addresses[:min(len(c.Addresses), 3)], ", ")}
	if c.DNSError != "" {
		item.State, item.Detail, item.Fix = Problem, c.DNSError, "See: immersve-doctor explain dns-failure"
	}
	return item
}

func secure(c Connection, now time.Time) Item {
	item := Item{ID: "network.tls", Title: "TLS", State: OK}
	if c.TLSError != "" {
		item.State, item.Detail, item.Fix = Problem, c.TLSError, "See: immersve-doctor explain tls-failure"
		return item
	}
	item.Detail = fmt.Sprintf("%s, %s; certificate of %s until %s", c.Version, protocol(c.Protocol), c.Issuer, c.NotAfter.UTC().Format("2006-01-02"))
	if c.NotAfter.Sub(now) < soon {
		item.State, item.Fix = Warning, "The server's certificate expires soon; nothing to do on this side."
	}
	return item
}

func protocol(alpn string) string {
	switch alpn {
	case "h2":
		return "HTTP/2"
	case "":
		return "HTTP/1.1"
	}
	return alpn
}
