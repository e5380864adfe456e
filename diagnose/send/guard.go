package send

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// GuardError reports that a request wasn't sent, because a host would have received
// or read what it must not.
type GuardError struct {
	Host string // the host in question
	Why  string
	Hint string // how to send it nevertheless
}

func (e *GuardError) Error() string { return e.Why }

// refusal returns the GuardError for a host that --allow-host lifts.
func refusal(host, format string) error {
	return &GuardError{Host: host, Why: fmt.Sprintf(format, host), Hint: "if you trust that host: --allow-host " + exchange.QuoteLine(host)}
}

// way is how a request reaches its host. Only the guard makes one, and the transport
// uses nothing else, so what was checked is what is dialed.
type way struct {
	proxy   *url.URL // nil for none
	noProxy error    // why the proxy can't be used, which is a failure of the request
	instead string   // host:port that is dialed instead of the host's or the proxy's own, or ""
}

// Guard returns a *GuardError if Do wouldn't send the request, or another error if
// it can't be put on the wire at all.
func Guard(request *exchange.Request, o Options) error {
	wire, err := newWire(context.Background(), request, o)
	if err == nil {
		_, err = o.admit(request, wire)
	}
	return err
}

// admit is the one guard. Credentials go to Immersve hosts over https with a verified
// certificate, whatever lies between, and to loopback addresses. Every other host that
// receives them, or could read them on the way, must be named by --allow-host.
func (o Options) admit(request *exchange.Request, wire *http.Request) (way, error) {
	w, name, plain := o.way(wire), wire.URL.Hostname(), wire.URL.Scheme != "https"
	to := api.FindHost(name)
	immersve := to.Role == api.HostAPI || to.Role == api.HostSecure
	switch {
	case !strings.EqualFold(wire.URL.Host, request.URL.Authority()):
		return w, &GuardError{
			Host: wire.URL.Host, Why: fmt.Sprintf("the URL is ambiguous, and %q may not be the intended host", wire.URL.Host),
			Hint: "write the URL as https://HOST/PATH",
		}
	case immersve && plain:
		return w, &GuardError{
			Host: name, Why: fmt.Sprintf("plain http to %s isn't sent, because anyone on the network path could read it", name),
			Hint: "use https://" + name,
		}
	case !CarriesCredentials(request):
		return w, nil
	case to.Role != api.HostLoopback && !immersve && !o.allows(name):
		return w, refusal(name, "not sending credentials to %q, because it's not an Immersve or loopback host")
	case immersve && o.Insecure && !o.allows(name):
		return w, refusal(name, "without a verified certificate, nothing proves that %q is Immersve's (trust its CA with --cacert FILE)")
	}
	if host := hostOf(wire.Host); !strings.EqualFold(host, name) {
		if !api.FindHost(host).Ours() && !o.allows(host) || w.proxy != nil && plain {
			return w, refusal(host, "the host header would send the credentials to %q")
		}
	}
	if !plain && !o.Insecure && to.Role != api.HostLoopback {
		return w, nil
	}
	if w.proxy != nil {
		if hop := w.proxy.Hostname(); !o.allows(hop) && (to.Role != api.HostLoopback || !api.IsLoopback(hop)) {
			return w, refusal(hop, "the proxy %q could read the credentials")
		}
	}
	if hop := hostOf(w.instead); w.instead != "" && !strings.EqualFold(hop, name) && !api.IsLoopback(hop) && !o.allows(hop) {
		return w, refusal(hop, "the connection goes to %q instead of the host, which could read the credentials")
	}
	return w, nil
}

// allows reports whether --allow-host names a host.
func (o Options) allows(host string) bool {
	return slices.ContainsFunc(o.AllowHosts, func(allowed string) bool { return strings.EqualFold(strings.Trim(allowed, "[]"), host) })
}

// hostOf returns the host of "host", "host:port" or "[::1]:port", without brackets.
func hostOf(authority string) string {
	return (&url.URL{Host: authority}).Hostname()
}

// way applies the proxy, or else --connect-to, and then --resolve, as curl does.
func (o Options) way(wire *http.Request) (w way) {
	host, port := strings.ToLower(wire.URL.Hostname()), portOf(wire.URL.Scheme, wire.URL.Port())
	if o.Proxy != nil {
		w.proxy, w.noProxy = o.Proxy(wire)
	}
	if w.proxy != nil {
		host, port = strings.ToLower(w.proxy.Hostname()), portOf(w.proxy.Scheme, w.proxy.Port())
	}
	own := net.JoinHostPort(host, port)
	for _, key := range []string{own, host + ":", ":" + port, ":"} {
		if target, ok := o.ConnectTo[key]; ok && w.proxy == nil {
			i := strings.LastIndexByte(target, ':')
			host, port = cmp.Or(strings.Trim(target[:i], "[]"), host), cmp.Or(target[i+1:], port)
			break
		}
	}
	dialed := net.JoinHostPort(host, port)
	dialed = cmp.Or(o.Resolve[dialed], dialed)
	if dialed != own {
		w.instead = dialed
	}
	return w
}

// CarriesCredentials reports whether a request contains anything that a stranger
// must not see: credential headers, user info, or a secret anywhere else.
func CarriesCredentials(request *exchange.Request) bool {
	u := request.URL
	if !u.UserInfo.IsZero() || slices.ContainsFunc(request.Header, isCredential(request)) {
		return true
	}
	return isSecret(request, string(request.Method)+" "+u.Host+u.Path+"?"+u.RawQuery) || isSecret(request, string(request.Body.Bytes()))
}

// isCredential returns a function that reports whether a header contains a
// credential or another secret.
func isCredential(request *exchange.Request) func(exchange.Field) bool {
	return func(f exchange.Field) bool {
		return f.Value.Secret() != exchange.SecretNone || strings.EqualFold(f.Name, "x-api-key") || isSecret(request, f.Name+": "+f.Value.Reveal())
	}
}

// isSecret reports whether a text contains a secret by its form, or by what the
// variables of the request are known to be.
func isSecret(request *exchange.Request, text string) bool {
	return len(exchange.HoldsSecret(text)) > 0 || request.Known().Hide(text) != text
}
