package send

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// DefaultMaxRedirects is the default limit for redirects.
const DefaultMaxRedirects = 10

// Follow sends a request and follows at most limit redirects (RFC 9110 section 15.4).
// Earlier responses become steps, and the exchange's request is the last one that was
// sent. Follow calls allow before each further request and stops if it returns an
// error. A nil allow allows all. The exchange's notes say what was changed and why it
// stopped early. Options.Timeout applies to all requests together.
func Follow(ctx context.Context, request *exchange.Request, o Options, limit int, allow func(*exchange.Request) error) (*exchange.Exchange, error) {
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	ex, err := Do(ctx, request, o)
	for n := 0; isRedirect(ex); n++ {
		next, notes, stop := target(ex, o)
		switch {
		case stop != "":
		case n == limit:
			stop = fmt.Sprintf("not followed further: more than %d redirects", limit)
		case allow != nil:
			if refusal := allow(next); refusal != nil {
				stop = fmt.Sprintf("not followed: %v", refusal)
			}
		}
		if stop != "" {
			ex.Notes = append(ex.Notes, stop)
			return ex, nil
		}
		after, err := Do(ctx, next, o)
		if err != nil {
			ex.Notes = append(ex.Notes, fmt.Sprintf("not followed: %v", err))
			return ex, nil
		}
		ex = joined(ex, after, notes)
	}
	return ex, err
}

// joined combines a redirect and the exchange that followed.
func joined(ex, after *exchange.Exchange, notes []string) *exchange.Exchange {
	after.Earlier = append(ex.Earlier, exchange.Step{Reason: "redirect", Response: *ex.Response})
	after.Notes = slices.Concat(ex.Notes, notes, after.Notes)
	after.Started = ex.Started
	if after.Response != nil {
		after.Response.Elapsed += ex.Response.Elapsed
	}
	return after
}

// isRedirect reports whether a response redirects to a different URL.
func isRedirect(ex *exchange.Exchange) bool {
	if ex == nil || ex.Response == nil || ex.Failure != nil {
		return false
	}
	switch ex.Response.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		_, ok := ex.Response.Header.Get("location")
		return ok
	}
	return false
}

// target returns the request for a redirect. stop says why there is none, and notes say
// what the new request omits.
func target(ex *exchange.Exchange, o Options) (next *exchange.Request, notes []string, stop string) {
	old := ex.Request
	place, err := resolve(old.URL.Reveal(), ex.Response.Header.Text("location"))
	if err != nil {
		return nil, nil, "not followed: the location header isn't an http or https URL"
	}
	request := *old
	request.Header = slices.Clone(old.Header)
	request.URL = place
	request.Header.Del("host")
	rewriteMethod(&request, ex.Response.Status)
	if staysHome(old.URL, request.URL) || request.URL.Scheme == "https" && o.allows(request.URL.Host) {
		return &request, nil, ""
	}
	if dropped := dropCredentials(&request); len(dropped) > 0 {
		notes = append(notes, fmt.Sprintf("dropped %s on the redirect to %s", strings.Join(dropped, ", "), request.URL.Authority()))
	}
	if CarriesCredentials(&request) {
		return nil, nil, fmt.Sprintf("not followed: the body or URL contains a secret, and the redirect goes to %s", request.URL.Authority())
	}
	return &request, notes, ""
}

// resolve parses a Location, absolute or relative to the request's URL (RFC 3986 section
// 5). It drops user info, which isn't a credential of the API.
func resolve(from, location string) (exchange.URL, error) {
	base, err := url.Parse(from)
	if err != nil {
		return exchange.URL{}, err
	}
	place, err := base.Parse(strings.TrimSpace(location))
	if err != nil {
		return exchange.URL{}, err
	}
	if place.Scheme != "http" && place.Scheme != "https" || place.Host == "" {
		return exchange.URL{}, fmt.Errorf("%q isn't an http or https URL", place.Scheme)
	}
	sameHost := place.Host == base.Host && place.User == base.User
	if !sameHost {
		place.User = nil
	}
	place.Fragment = ""
	return exchange.ParseURL(place.String()), nil
}

// rewriteMethod changes the method as curl and browsers do: to GET on a 303, except for
// HEAD, and on a 301 or 302 for POST (RFC 9110 sections 15.4.2 to 15.4.4). On a 307 or
// 308 the method stays.
func rewriteMethod(r *exchange.Request, status int) {
	switch {
	case status == http.StatusSeeOther && r.Method != http.MethodHead:
	case (status == http.StatusMovedPermanently || status == http.StatusFound) && r.Method == http.MethodPost:
	default:
		return
	}
	r.Method = http.MethodGet
	r.Body = exchange.NewBody(nil)
	for _, name := range []string{"content-type", "content-length", "content-encoding", "transfer-encoding", "expect"} {
		r.Header.Del(name)
	}
}

// staysHome reports whether a redirect keeps the scheme, host and port, or only changes
// from HTTP to HTTPS on their default ports.
func staysHome(from, to exchange.URL) bool {
	if !strings.EqualFold(from.Host, to.Host) {
		return false
	}
	if from.Scheme == to.Scheme {
		return portOf(from.Scheme, from.Port) == portOf(to.Scheme, to.Port)
	}
	return from.Scheme == "http" && to.Scheme == "https" && portOf("http", from.Port) == "80" && portOf("https", to.Port) == "443"
}

// dropCredentials removes all headers that may contain credentials and returns their
// names.
func dropCredentials(r *exchange.Request) []string {
	var kept exchange.Header
	var dropped []string
	credential := isCredential(r)
	for _, f := range r.Header {
		if !credential(f) {
			kept = append(kept, f)
			continue
		}
		if name := strings.ToLower(f.Name); !slices.Contains(dropped, name) {
			dropped = append(dropped, name)
		}
	}
	r.Header = kept
	if !r.URL.UserInfo.IsZero() {
		r.URL.UserInfo = exchange.Value{}
		dropped = append(dropped, "user info")
	}
	return dropped
}
