package simulator

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"time"
)

// limiter holds every consumer to a number of requests per minute: a bucket that
// is full at first and refills evenly. Whether the tighter limit of
// get-spending-prerequisites is a budget of its own is not documented; here such
// a call draws on both.
type limiter struct {
	perMinute, prerequisites int
	buckets                  map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxConsumers bounds the buckets that are kept.
const maxConsumers = 4096

func newLimiter(perMinute, prerequisites int) limiter {
	return limiter{perMinute: perMinute, prerequisites: prerequisites, buckets: map[string]*bucket{}}
}

// take counts the request; it refuses when the consumer's budget is spent.
func (l *limiter) take(rq *request) *reply {
	consumer := rq.consumer()
	wait := l.draw(consumer, l.perMinute, rq.now)
	if rq.op.ID == "get-spending-prerequisites" {
		wait = max(wait, l.draw(consumer+" prerequisites", l.prerequisites, rq.now))
	}
	if wait == 0 {
		return nil
	}
	return tooMany(strconv.Itoa(wait))
}

// consumer says whose budget a request draws on: the key's account, the
// session's user, or the IP address where there are no credentials.
func (rq *request) consumer() string {
	switch {
	case rq.actor.user != "":
		return "user " + rq.actor.user
	case rq.actor.own != nil:
		return "account " + rq.actor.own.ID
	}
	host, _, err := net.SplitHostPort(rq.http.RemoteAddr)
	if err != nil {
		host = rq.http.RemoteAddr
	}
	return "address " + host
}

// draw takes one from a bucket and returns 0, or the seconds until it may.
func (l *limiter) draw(name string, perMinute int, now time.Time) int {
	b := l.buckets[name]
	if b == nil {
		l.forget(now)
		b = &bucket{left: float64(perMinute), at: now}
		l.buckets[name] = b
	}
	perSecond := float64(perMinute) / 60
	b.left = min(float64(perMinute), b.left+max(0, now.Sub(b.at).Seconds())*perSecond)
	b.at = now
	if b.left < 1 {
		return int(math.Ceil((1 - b.left) / perSecond))
	}
	b.left--
	return 0
}

// forget drops buckets that a minute without requests has filled again, and all
// of them rather than grow without bound.
func (l *limiter) forget(now time.Time) {
	if len(l.buckets) < maxConsumers {
		return
	}
	for name, b := range l.buckets {
		if now.Sub(b.at) > time.Minute {
			delete(l.buckets, name)
		}
	}
	if len(l.buckets) >= maxConsumers {
		clear(l.buckets)
	}
}

func tooMany(retryAfter string) *reply {
	r := fail(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "the limit of requests per minute is reached")
	if retryAfter != "" {
		r.header = map[string]string{"Retry-After": retryAfter}
	}
	return r
}
