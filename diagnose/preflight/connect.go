package preflight

import (
	"fmt"
	"net"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// Connection describes each step of connecting to a host. Through a proxy, the name and
// connection are the proxy's.
type Connection struct {
	Host       string
	Proxy      string   // host and port of the proxy, or ""
	Addresses  []string // what the name resolves to
	DNSError   string   // or "" if it resolved
	LookedUp   time.Duration
	Dialed     time.Duration // TCP connect time
	DialError  string
	ProxyError string // why the proxy rejects the connection
	Unfollowed string // the kind of proxy, if nothing after it was checked
	Plain      bool   // http, without TLS
	TLSError   string
	Mistrust   Mistrust
	Shaken     time.Duration // time of the TLS handshake
	Version    string        // "TLS 1.3"
	Protocol   string        // ALPN, "h2"
	Chain      []Certificate // the leaf first, even if it isn't trusted
	Unverified bool          // -k: the certificate was not verified
}

// Certificate describes a server's certificate.
type Certificate struct {
	Subject, Issuer     string
	NotBefore, NotAfter time.Time
	Names               []string
}

// Mistrust is why a certificate wasn't accepted.
type Mistrust int

// The reasons. The zero value claims nothing.
const (
	MistrustUnknown Mistrust = iota
	MistrustExpired
	MistrustName
	MistrustAuthority
	MistrustProtocol
)

// soon is how long before its expiry a certificate gets a warning.
const soon = 14 * 24 * time.Hour

// Network checks each step of a connection, as far as it got.
func Network(c Connection, now time.Time) []Item {
	var items []Item
	if c.Proxy != "" {
		items = append(items, Item{ID: "network.proxy", Title: "proxy", State: OK, Detail: fmt.Sprintf("requests go through %s (NO_PROXY excludes hosts)", clip(c.Proxy))})
	}
	if c.DNSError != "" || net.ParseIP(strings.Trim(c.target(), "[]")) == nil {
		items = append(items, name(c))
	}
	if c.DNSError != "" {
		return items
	}
	items = append(items, dial(c))
	switch {
	case c.DialError != "" || c.Plain:
	case c.ProxyError != "":
		items = append(items, Item{
			ID: "network.tls", Title: "TLS", State: Problem, Detail: "the proxy rejected the connection: " + c.ProxyError,
			Fix: "Have the proxy allow " + c.Host + ", or add it to NO_PROXY.",
		})
	case c.Unfollowed != "":
		items = append(items, Item{
			ID: "network.tls", Title: "TLS", State: Unknown,
			Detail: fmt.Sprintf("not checked through a proxy of the kind %s, but the requests below use it", clip(c.Unfollowed)),
		})
	default:
		items = append(items, secure(c, now))
	}
	return items
}

// target returns the host that was looked up.
func (c *Connection) target() string {
	if c.Proxy == "" {
		return c.Host
	}
	host, _, err := net.SplitHostPort(c.Proxy)
	if err != nil {
		return c.Proxy
	}
	return host
}

func name(c Connection) Item {
	item := Item{ID: "network.name", Title: "DNS lookup of " + c.target(), State: OK}
	item.Detail = fmt.Sprintf("%s, in %s", strings.Join(c.Addresses[:min(len(c.Addresses), 3)], ", "), span(c.LookedUp))
	if c.DNSError != "" {
		item.State, item.Detail, item.Fix = Problem, clip(c.DNSError), "Check the spelling of the host, then DNS and VPN: immersve-doctor explain dns-failure"
	}
	return item
}

func dial(c Connection) Item {
	item := Item{ID: "network.connect", Title: "connection", State: OK, Detail: "in " + span(c.Dialed)}
	if c.Proxy != "" {
		item.Title = "connection to the proxy"
	}
	if c.DialError == "" {
		return item
	}
	item.State, item.Detail = Problem, clip(c.DialError)
	item.Fix = "Check the firewall, VPN and proxy: immersve-doctor explain connection-refused"
	if c.Proxy != "" {
		item.Fix = "The proxy can't be reached. Correct or unset HTTPS_PROXY."
	}
	return item
}

func secure(c Connection, now time.Time) Item {
	item := Item{ID: "network.tls", Title: "TLS", State: OK}
	if c.TLSError != "" {
		item.State = Problem
		item.Detail, item.Fix = mistrusted(c, now)
		return item
	}
	item.Detail = fmt.Sprintf("%s, %s, in %s", c.Version, protocol(c.Protocol), span(c.Shaken))
	if len(c.Chain) == 0 {
		return item
	}
	leaf := c.Chain[0]
	item.Detail += fmt.Sprintf(", certificate of %s by %s until %s, %s, chain of %d", text(leaf.Subject), text(leaf.Issuer),
		leaf.NotAfter.UTC().Format("2006-01-02"), left(leaf.NotAfter, now), len(c.Chain))
	switch {
	case c.Unverified:
		item.State, item.Fix = Warning, "Remove -k. The certificate wasn't verified, so anyone could have presented it."
	case leaf.NotAfter.Sub(now) < soon:
		item.State, item.Fix = Warning, "The server's certificate expires soon. You don't have to do anything."
	}
	return item
}

func left(until, now time.Time) string {
	if !until.After(now) {
		return "expired"
	}
	return ago(until.Sub(now)) + " left"
}

// mistrusted returns why a certificate wasn't accepted, and what to do.
func mistrusted(c Connection, now time.Time) (detail, fix string) {
	const see = ": immersve-doctor explain tls-failure"
	if len(c.Chain) == 0 {
		if c.Mistrust == MistrustProtocol {
			return "the port doesn't use TLS", "Check the scheme and port of the base URL" + see
		}
		return clip(c.TLSError), "See: immersve-doctor explain tls-failure"
	}
	leaf := c.Chain[0]
	switch c.Mistrust {
	case MistrustExpired:
		for _, one := range c.Chain {
			if now.After(one.NotAfter) {
				return fmt.Sprintf("the certificate of %s expired on %s, %s ago", text(one.Subject), one.NotAfter.UTC().Format("2006-01-02"), ago(now.Sub(one.NotAfter))),
					"Check this machine's clock. If it's right, the server's certificate has to be renewed" + see
			}
			if now.Before(one.NotBefore) {
				return fmt.Sprintf("the certificate of %s is valid only from %s", text(one.Subject), moment(one.NotBefore)),
					"Set this machine's clock, which is probably late" + see
			}
		}
		return "a certificate in the chain is out of date", "Check this machine's clock" + see
	case MistrustName:
		names := strings.Join(leaf.Names[:min(len(leaf.Names), 3)], ", ")
		return fmt.Sprintf("the certificate is for %s, not for %s", text(names), c.Host), "The name points to a different server. Check the hosts file, DNS and tunnels" + see
	case MistrustAuthority:
		return fmt.Sprintf("the certificate of %s is from %s, which this machine doesn't trust", text(leaf.Subject), text(leaf.Issuer)),
			"If that's your company's proxy, use --cacert FILE. If not, leave this network" + see
	}
	return clip(c.TLSError), "See: immersve-doctor explain tls-failure"
}

// text masks and shortens a string from a certificate.
func text(s string) string {
	if s == "" {
		return "nobody"
	}
	return clipTo(s, 60)
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

// span formats a duration on the network.
func span(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1 ms"
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// slow is how long a response may need without a warning.
const slow = 3 * time.Second

// Reached checks whether the API responded to the first request, and how fast.
func Reached(ex *exchange.Exchange) Item {
	item := Item{ID: "network.answer", Title: "response of the API"}
	switch {
	case ex == nil:
		item.Detail = "not checked"
	case ex.Response == nil && ex.Failure != nil:
		item.State = Problem
		item.Detail = fmt.Sprintf("%s (phase: %s)", clip(ex.Failure.Text), ex.Failure.Phase)
		item.Fix = "See: immersve-doctor explain " + string(ex.Failure.Kind)
		if ex.Failure.Kind == exchange.FailureUnknown {
			item.Fix = "Check the network between this machine and the host."
		}
	case ex.Response == nil:
		item.Detail = "no response"
	default:
		answered(&item, ex)
	}
	return item
}

func answered(item *Item, ex *exchange.Exchange) {
	r := ex.Response
	item.State, item.Detail = OK, fmt.Sprintf("status %d over %s in %s", r.Status, r.Proto, span(r.Elapsed))
	_, isJSON := jsonOf(ex)
	switch {
	case r.Status == 200 && !isJSON:
		item.State, item.Fix = Problem, "Check the base URL, then portals and proxies: immersve-doctor explain response-not-json"
		item.Detail += ", but the body isn't the API's JSON, so something else responded"
	case r.Status >= 500:
		item.State, item.Fix = Problem, "Try again later: immersve-doctor explain 5xx"
	case r.Status == 404 || r.Status >= 300 && r.Status < 400:
		item.State, item.Fix = Problem, "Check the base URL. It doesn't have a path that every Immersve host has."
	case r.Elapsed > slow:
		item.State, item.Fix = Warning, "Check the network and the proxy, because the response is slow."
	}
}

// maxSkew is the largest difference between the clocks without a warning.
const maxSkew = 2 * time.Minute

// Clock compares this machine's clock with the server's Date.
func Clock(ex *exchange.Exchange) Item {
	item := Item{ID: "clock.skew", Title: "this machine's clock"}
	if ex == nil || ex.Response == nil {
		item.Detail = "no response to compare it with"
		return item
	}
	date, err := time.Parse(time.RFC1123, ex.Response.Header.Text("date"))
	if err != nil {
		item.Detail = "the response has no Date header"
		return item
	}
	skew := date.Sub(ex.Started.Add(ex.Response.Elapsed)).Round(time.Second)
	if skew.Abs() > maxSkew {
		direction := "behind"
		if skew < 0 {
			direction = "ahead of"
		}
		item.State, item.Fix = Problem, "Synchronize the clock (NTP), because the expiry of tokens depends on it."
		item.Detail = fmt.Sprintf("%s %s the server's clock (%s here, %s there)", ago(skew), direction, moment(ex.Started.Add(ex.Response.Elapsed)), moment(date))
		return item
	}
	item.State, item.Detail = OK, fmt.Sprintf("within %s of the server's Date", max(skew.Abs(), time.Second))
	return item
}
