package send

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// DefaultMaxRetryDelay is the longest wait between two attempts by default.
const DefaultMaxRetryDelay = 60 * time.Second

// firstDelay is the wait before the second attempt. It doubles from then on.
const firstDelay = time.Second

// Retry configures whether and how to retry temporary failures. Its zero value sends
// once.
type Retry struct {
	Times    int           // attempts after the first one
	MaxDelay time.Duration // the longest wait, or 0 for DefaultMaxRetryDelay; a longer Retry-After ends the attempts
	Refused  string        // why the request must not be sent again, or ""
	Now      func() time.Time
	Random   func() float64                             // from [0, 1), for jitter
	Sleep    func(context.Context, time.Duration) error // returns early if the context ends
	Say      func(string)                               // receives one line about each decision, or nil
}

// Do sends until the response is final, the attempts are used up, or the context ends.
// It returns the last exchange, with a note about the earlier ones, or once's error.
func (r Retry) Do(ctx context.Context, once func(context.Context) (*exchange.Exchange, error)) (*exchange.Exchange, error) {
	delays := r.delays()
	var before []string
	for attempt := 1; ; attempt++ {
		ex, err := once(ctx)
		if err != nil {
			return nil, err
		}
		cause := passing(ex)
		if cause == "" || attempt > r.Times || ctx.Err() != nil {
			return noted(ex, before), nil
		}
		if r.Refused != "" {
			r.say("%s: not retried, because %s", cause, r.Refused)
			return noted(ex, before), nil
		}
		delay, ok := r.delay(ex, delays)
		if !ok {
			r.say("%s: not retried, because Retry-After is %s, longer than %s", cause, delay, r.maxDelay())
			return noted(ex, before), nil
		}
		r.say("attempt %d of %d in %s: %s", attempt+1, r.Times+1, spoken(delay), cause)
		before = append(before, cause)
		if r.Sleep(ctx, delay) != nil {
			return noted(ex, before[:len(before)-1]), nil
		}
	}
}

// delays grows from firstDelay by doubling. Its own randomness is off, because
// jitter comes from Random.
func (r Retry) delays() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.Multiplier, b.RandomizationFactor = firstDelay, 2, 0
	b.MaxInterval = r.maxDelay()
	b.Reset()
	return b
}

func (r Retry) maxDelay() time.Duration {
	if r.MaxDelay <= 0 {
		return DefaultMaxRetryDelay
	}
	return r.MaxDelay
}

// delay returns the wait that the server asks for, otherwise the next of the increasing
// delays, plus or minus half of it, so that clients don't retry at the same time. ok is
// false if the server asks for more than MaxDelay.
func (r Retry) delay(ex *exchange.Exchange, delays *backoff.ExponentialBackOff) (d time.Duration, ok bool) {
	grown := time.Duration(float64(delays.NextBackOff()) * (0.5 + r.Random()))
	grown = min(grown, r.maxDelay())
	asked := RetryAfter(ex.Response, r.Now())
	switch {
	case asked > r.maxDelay():
		return asked, false
	case asked > 0:
		return asked, true
	}
	return grown, true
}

func (r Retry) say(format string, values ...any) {
	if r.Say != nil {
		r.Say(fmt.Sprintf(format, values...))
	}
}

// spoken rounds a delay for people.
func spoken(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
	}
	return strconv.Itoa(int(d.Round(time.Second)/time.Second)) + " s"
}

// passing returns the name of a failure that may be temporary ("503", "timeout"), or ""
// for a final response, a success, and a DNS or certificate failure.
func passing(ex *exchange.Exchange) string {
	if f := ex.Failure; f != nil {
		switch f.Kind {
		case exchange.FailureReset, exchange.FailureTimeout, exchange.FailureRefused:
			return string(f.Kind)
		}
		return ""
	}
	if ex.Response == nil {
		return ""
	}
	switch status := ex.Response.Status; status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return strconv.Itoa(status)
	}
	return ""
}

// noted adds the results of earlier attempts to the exchange's notes.
func noted(ex *exchange.Exchange, before []string) *exchange.Exchange {
	if len(before) > 0 {
		ex.Notes = append(ex.Notes, fmt.Sprintf("%s before this one: %s", attempts(len(before)), strings.Join(before, ", ")))
	}
	return ex
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

// RetryAfter returns how long a response asks to wait (RFC 9110 section 10.2.3), in
// seconds or until an HTTP date, which it compares with the response's Date if there
// is one. It returns 0 if the header is missing or invalid.
func RetryAfter(r *exchange.Response, now time.Time) time.Duration {
	if r == nil {
		return 0
	}
	text := strings.TrimSpace(r.Header.Text("retry-after"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(r.Header.Text("date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now))
}

// Unrepeatable returns why it isn't safe to send a request twice, or "" if it is. That
// depends on the operation or, if it's unknown, on the method (RFC 9110 section 9.2.1).
func Unrepeatable(request *exchange.Request) string {
	match := api.MatchRoute(string(request.Method), request.URL.PathSegments())
	if op, err := api.Lookup(match.Route.ID); match.Found() && err == nil {
		if op.Repeat.Safe() {
			return ""
		}
		return op.ID + " " + harm(op.Repeat)
	}
	if api.ReadOnly(string(request.Method)) {
		if api.Consumes(request.URL.PathSegments()) {
			return fmt.Sprintf("%s on this path %s", request.Method, harm(api.RepeatSpends))
		}
		return ""
	}
	return fmt.Sprintf("a second %s may take effect twice", request.Method)
}

func harm(r api.Repeat) string {
	switch r {
	case api.RepeatActsTwice:
		return "takes effect twice if it's sent twice"
	case api.RepeatSpends:
		return "may have used up its one-time value"
	}
	return "may take effect twice if it's sent twice"
}
