package check

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/finding"
)

// rateCheck reads a 429 (https://docs.immersve.com/guides/rate-limiting).
func rateCheck() Check {
	return Check{
		Family: "rate",
		Skip:   func(c Class) bool { return c != RateLimited && c != ServerError },
		Run: func(in *Input) []Finding {
			var list []Finding
			if in.Class == RateLimited {
				list = append(list, rateLimited(in))
			}
			return append(list, retryAfterFindings(in)...)
		},
	}
}

func rateLimited(in *Input) Finding {
	limit := api.RateLimit
	if in.Operation != nil && in.Operation.ID == "get-spending-prerequisites" {
		limit = api.RateLimitPrerequisites
	}
	f := Finding{
		ID: finding.RateLimited, Severity: Error, Title: "the rate limit was reached",
		Evidence: fmt.Sprintf("status 429; the limit is %d requests per minute for each consumer (%s)", limit, consumer(in)),
		Location: Location{Part: ResponseLine, Name: "status"},
	}
	if _, sent := in.Response().Header.Get("retry-after"); !sent && in.Response().HeaderCaptured {
		f.Fix = "Wait a minute before the next request, and send fewer requests per minute."
	}
	if seconds, ok := RetryAfter(in); ok {
		f.Evidence += fmt.Sprintf("; Retry-After is %d s", seconds)
		f.Fix = fmt.Sprintf("Wait %d s before the next request, and send fewer requests per minute.", seconds)
	}
	return f
}

// consumer says whose budget was used up.
func consumer(in *Input) string {
	if !in.Request().HeaderCaptured {
		return "partner account, user, or IP address"
	}
	if _, key := field(in, keyField); key {
		return "the partner account, because all its keys share the limit"
	}
	if _, bearer := field(in, authorizationField); bearer {
		return "the logged-in user"
	}
	return "the IP address, because no credentials were sent"
}

// RetryAfter returns the seconds of the Retry-After field: a number (RFC 9110
// section 10.2.3), or an HTTP date measured against Date or the clock.
func RetryAfter(in *Input) (seconds int, ok bool) {
	text := strings.TrimSpace(in.Response().Header.Text("retry-after"))
	if text == "" {
		return 0, false
	}
	if isDigits(text) {
		n, err := strconv.Atoi(text)
		return n, err == nil && n < 1<<31
	}
	at, err := time.Parse(time.RFC1123, text)
	if err != nil {
		return 0, false
	}
	now, _, _ := callTime(in)
	return max(0, int(at.Sub(now)/time.Second)), true
}

func retryAfterFindings(in *Input) []Finding {
	response := in.Response()
	value, sent := response.Header.Get("retry-after")
	location := Location{Part: ResponseHeader, Name: "retry-after"}
	if !sent {
		if in.Class != RateLimited || !response.HeaderCaptured {
			return nil
		}
		return []Finding{{
			ID: finding.RetryAfterMissing, Severity: Warning, Title: "the 429 doesn't have a Retry-After header",
			Evidence: "the docs say the API sends it, so a proxy may have removed it", Location: location,
		}}
	}
	if _, ok := RetryAfter(in); ok {
		return nil
	}
	return []Finding{{
		ID: finding.RetryAfterInvalid, Severity: Warning, Title: "Retry-After isn't valid",
		Evidence: fmt.Sprintf("it's %.40q instead of a whole number of seconds", value.String()), Location: location,
	}}
}
