package send_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// script answers one attempt after another: "503", "429 7" (with Retry-After),
// "reset".
func script(t *testing.T, answers ...string) func(context.Context) (*exchange.Exchange, error) {
	next := 0
	return func(context.Context) (*exchange.Exchange, error) {
		if next == len(answers) {
			t.Fatalf("attempt %d was not expected", next+1)
		}
		status, after, hasAfter := strings.Cut(answers[next], " ")
		next++
		ex := &exchange.Exchange{}
		code, err := strconv.Atoi(status)
		if err != nil {
			ex.Failure = &exchange.Failure{Kind: exchange.FailureKind(status)}
			return ex, nil
		}
		ex.Response = &exchange.Response{Status: code}
		if hasAfter {
			ex.Response.Header.Add("retry-after", after)
		}
		return ex, nil
	}
}

func TestRetry(t *testing.T) {
	tests := []struct {
		name    string
		answers []string
		retry   send.Retry
		want    string // status or failure of the last exchange
		slept   []time.Duration
		said    []string
	}{
		{"success is final", []string{"200"}, send.Retry{Times: 3}, "200", nil, nil},
		{"a refusal is final", []string{"403"}, send.Retry{Times: 3}, "403", nil, nil},
		{"400, 401, 404 and redirects are final", []string{"307"}, send.Retry{Times: 3}, "307", nil, nil},
		{"501 says never", []string{"501"}, send.Retry{Times: 3}, "501", nil, nil},
		{"nothing is repeated unasked", []string{"503"}, send.Retry{}, "503", nil, nil},
		{
			"delays double, give or take a half",
			[]string{"503", "502", "500", "200"},
			send.Retry{Times: 3},
			"200",
			[]time.Duration{1250 * time.Millisecond, 2500 * time.Millisecond, 5 * time.Second},
			[]string{"attempt 2 of 4 in 1.3 s: 503", "attempt 3 of 4 in 2.5 s: 502", "attempt 4 of 4 in 5 s: 500"},
		},
		{
			"the number is a bound",
			[]string{"504", "504"},
			send.Retry{Times: 1},
			"504",
			[]time.Duration{1250 * time.Millisecond},
			[]string{"attempt 2 of 2 in 1.3 s: 504"},
		},
		{
			"failures of the moment",
			[]string{"connection-reset", "timeout", "connection-refused", "200"},
			send.Retry{Times: 3},
			"200",
			[]time.Duration{1250 * time.Millisecond, 2500 * time.Millisecond, 5 * time.Second},
			[]string{"attempt 2 of 4 in 1.3 s: connection-reset", "attempt 3 of 4 in 2.5 s: timeout", "attempt 4 of 4 in 5 s: connection-refused"},
		},
		{"a wrong name stays wrong", []string{"dns-failure"}, send.Retry{Times: 3}, "dns-failure", nil, nil},
		{"so does a wrong certificate", []string{"tls-failure"}, send.Retry{Times: 3}, "tls-failure", nil, nil},
		{
			"Retry-After in seconds",
			[]string{"429 7", "200"},
			send.Retry{Times: 1},
			"200",
			[]time.Duration{7 * time.Second},
			[]string{"attempt 2 of 2 in 7 s: 429"},
		},
		{
			"Retry-After as a date",
			[]string{"503 Mon, 23 Nov 2026 12:00:20 GMT", "200"},
			send.Retry{Times: 1},
			"200",
			[]time.Duration{20 * time.Second},
			[]string{"attempt 2 of 2 in 20 s: 503"},
		},
		{
			"Retry-After in the past asks for nothing",
			[]string{"503 Mon, 23 Nov 2026 11:00:00 GMT", "200"},
			send.Retry{Times: 1},
			"200",
			[]time.Duration{1250 * time.Millisecond},
			[]string{"attempt 2 of 2 in 1.3 s: 503"},
		},
		{
			"Retry-After that nobody can read",
			[]string{"429 soon", "200"},
			send.Retry{Times: 1},
			"200",
			[]time.Duration{1250 * time.Millisecond},
			[]string{"attempt 2 of 2 in 1.3 s: 429"},
		},
		{
			"Retry-After beyond the limit",
			[]string{"429 61"},
			send.Retry{Times: 3},
			"429", nil,
			[]string{"429: not retried, because Retry-After is 1m1s, longer than 1m0s"},
		},
		{
			"Retry-After beyond a limit of one's own",
			[]string{"429 7"},
			send.Retry{Times: 3, MaxDelay: 5 * time.Second},
			"429", nil,
			[]string{"429: not retried, because Retry-After is 7s, longer than 5s"},
		},
		{
			"no delay grows beyond the limit",
			[]string{"503", "503", "503", "200"},
			send.Retry{Times: 3, MaxDelay: 2 * time.Second},
			"200",
			[]time.Duration{1250 * time.Millisecond, 2 * time.Second, 2 * time.Second},
			[]string{"attempt 2 of 4 in 1.3 s: 503", "attempt 3 of 4 in 2 s: 503", "attempt 4 of 4 in 2 s: 503"},
		},
		{
			"what acts twice is sent once",
			[]string{"503"},
			send.Retry{Times: 3, Refused: "create-card acts twice"},
			"503", nil,
			[]string{"503: not retried, because create-card acts twice"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var slept []time.Duration
			var said []string
			r := tt.retry
			r.Now = func() time.Time { return noon }
			r.Random = func() float64 { return 0.75 }
			r.Sleep = func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }
			r.Say = func(s string) { said = append(said, s) }
			ex, err := r.Do(context.Background(), script(t, tt.answers...))
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome(ex); got != tt.want {
				t.Errorf("the last exchange is %s, want %s", got, tt.want)
			}
			if !slices.Equal(slept, tt.slept) {
				t.Errorf("slept %v, want %v", slept, tt.slept)
			}
			if !slices.Equal(said, tt.said) {
				t.Errorf("said %q\nwant %q", said, tt.said)
			}
		})
	}
}

func outcome(ex *exchange.Exchange) string {
	if ex.Failure != nil {
		return string(ex.Failure.Kind)
	}
	return strconv.Itoa(ex.Response.Status)
}

func TestRetryNotesWhatCameBefore(t *testing.T) {
	r := instant(2)
	ex, err := r.Do(context.Background(), script(t, "503", "429", "200"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"2 attempts before this one: 503, 429"}; !slices.Equal(ex.Notes, want) {
		t.Errorf("notes %q, want %q", ex.Notes, want)
	}
}

// An interrupted wait gives the exchange that there is, without a claim about an
// attempt that was never made.
func TestRetryStopsWhenInterrupted(t *testing.T) {
	r := instant(5)
	r.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	ex, err := r.Do(context.Background(), script(t, "503"))
	if err != nil || ex.Response.Status != 503 || len(ex.Notes) > 0 {
		t.Errorf("Do = %+v, %v", ex, err)
	}
}

func TestRetryHandsOnTheGuardsError(t *testing.T) {
	refused := errors.New("refused")
	_, err := instant(5).Do(context.Background(), func(context.Context) (*exchange.Exchange, error) { return nil, refused })
	if !errors.Is(err, refused) {
		t.Errorf("Do = %v", err)
	}
}

func instant(times int) send.Retry {
	return send.Retry{
		Times: times, Now: func() time.Time { return noon }, Random: func() float64 { return 0 },
		Sleep: func(context.Context, time.Duration) error { return nil },
	}
}

// The response's own Date counts: the server's clock set the moment.
func TestRetryAfterIsMeasuredByTheServersClock(t *testing.T) {
	r := &exchange.Response{Status: 503}
	r.Header.Add("date", "Mon, 23 Nov 2026 10:00:00 GMT")
	r.Header.Add("retry-after", "Mon, 23 Nov 2026 10:00:05 GMT")
	if got := send.RetryAfter(r, noon); got != 5*time.Second {
		t.Errorf("RetryAfter = %s, want 5s", got)
	}
	if got := send.RetryAfter(nil, noon); got != 0 {
		t.Errorf("RetryAfter of no response = %s", got)
	}
}

func TestUnrepeatable(t *testing.T) {
	const host = "https://test.immersve.com"
	tests := []struct{ method, target, want string }{
		{"GET", host + "/api/currencies", ""},
		{"GET", "https://example.com/anything", ""},
		{"HEAD", "https://example.com/anything", ""},
		{"DELETE", "https://example.com/anything", "a second DELETE may take effect twice"},
		{"POST", host + "/api/nothing", "a second POST may take effect twice"},
		{"POST", host + "/api/cards", "create-card takes effect twice if it's sent twice"},
		{"POST", host + "/auth/token", "exchange-auth-token may have used up its one-time value"},
		{"POST", host + "/api/spending-prerequisites", ""},
		{"GET", host + "/api/cards/secure?tokenId=x", "get-secure-card-details may have used up its one-time value"},
		{"POST", host + "/api/accounts/x/residential-addresses", "submit-residential-addresses may take effect twice if it's sent twice"},
	}
	for _, tt := range tests {
		request := get(tt.target)
		request.Method = exchange.Method(tt.method)
		if got := send.Unrepeatable(request); got != tt.want {
			t.Errorf("Unrepeatable(%s %s) = %q, want %q", tt.method, tt.target, got, tt.want)
		}
	}
}
