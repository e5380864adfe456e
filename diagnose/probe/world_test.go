package probe_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/probe"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/simulator"
)

// world is the simulator with its demo accounts, and a clock that tests move.
type world struct {
	*testing.T
	d   simulator.Demo
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)}
	s, err := simulator.New(simulator.Options{Now: func() time.Time { return w.now }, Seed: simulator.DemoSeed})
	if err != nil {
		t.Fatal(err)
	}
	server, err := s.Start(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.d = s.Demo()
	return w
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// call is a request to an operation.
type call struct {
	op    string
	as    []string // header fields, name and value in turn
	path  []string // path parameters in template order
	body  string
	order string // the answer that the simulator is told to give, "" for the true one
}

func (w *world) user() []string { return []string{"authorization", "Bearer " + w.d.AccessToken} }

func (w *world) issuer() []string {
	return []string{"x-api-key", w.d.APIKey, "x-api-secret", w.d.APISecret}
}

func (w *world) admin() []string {
	return []string{"x-api-key", w.d.AdminKey, "x-api-secret", w.d.AdminSecret}
}

func in(account string, as []string) []string {
	return append(append([]string{}, as...), "x-account-id", account)
}

func (w *world) forHolder() []string { return in(w.d.CardholderAccountID, w.issuer()) }

// options send to the simulator. A response's time is by the clock of the test.
func (w *world) options() send.Options {
	return send.Options{Timeout: 5 * time.Second, Now: func() time.Time { return w.now }}
}

func requestOf(t testing.TB, base string, c call) *exchange.Request {
	t.Helper()
	op, err := api.Lookup(c.op)
	if err != nil {
		t.Fatal(err)
	}
	path := op.Path
	for _, value := range c.path {
		begin, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:begin] + value + path[end+1:]
	}
	r := &exchange.Request{Method: exchange.Method(op.Method), URL: exchange.ParseURL(base + path), HeaderCaptured: true, Body: exchange.NewBody([]byte(c.body))}
	for i := 0; i < len(c.as); i += 2 {
		r.Header.Add(c.as[i], c.as[i+1])
	}
	if c.body != "" {
		r.Header.Add("content-type", "application/json")
	}
	if c.order != "" {
		r.Header.Add("x-immersve-simulate", c.order)
	}
	return r
}

func (w *world) send(c call) *exchange.Exchange {
	w.Helper()
	ex, err := send.Do(context.Background(), requestOf(w.T, w.d.BaseURL, c), w.options())
	if err != nil {
		w.Fatal(err)
	}
	return ex
}

// ok makes a call that has to succeed, and returns its content.
func (w *world) ok(c call) gjson.Result {
	w.Helper()
	ex := w.send(c)
	if ex.Response == nil || ex.Response.Status >= 300 {
		w.Fatalf("%s was to succeed: %+v", c.op, ex.Response)
	}
	return gjson.ParseBytes(ex.Response.Body.Bytes())
}

// credentialFields are what a probe takes over from the failing call.
func credentials(r *exchange.Request) exchange.Header {
	var h exchange.Header
	for _, name := range []string{"authorization", "x-api-key", "x-api-secret"} {
		if v := r.Header.Text(name); v != "" {
			h.Add(name, v)
		}
	}
	return h
}

// walk probes behind an exchange as package cmd does, with more to say about the
// case where a test has it.
func (w *world) walk(ex *exchange.Exchange, header exchange.Header, candidate string) diagnose.Diagnosis {
	w.Helper()
	d := diagnose.Diagnose(ex, w.now)
	if err := probe.ErrorOf(&d); err != nil {
		w.Fatalf("not worth probing: %v", err)
	}
	c := probe.Case{Diagnosis: &d, Base: w.d.BaseURL, Account: ex.Request.Header.Text("x-account-id"), Candidate: candidate, Now: w.now}
	var answers []probe.Answer
	for {
		r, more := probe.Next(c, answers)
		if !more {
			break
		}
		if len(answers) == probe.Limit {
			w.Fatalf("a ninth probe: %s", r.Target())
		}
		request := &exchange.Request{Method: http.MethodGet, URL: exchange.ParseURL(w.d.BaseURL + r.Target())}
		if !r.Anonymous {
			request.Header = append(request.Header, header...)
		}
		if r.Account != "" {
			request.Header.Add("x-account-id", r.Account)
		}
		answer, err := send.Do(context.Background(), request, w.options())
		if err != nil {
			w.Fatal(err)
		}
		answers = append(answers, probe.AnswerOf(r, answer))
	}
	proven := d.With(probe.Judge(c, answers))
	if len(proven.Probes) != len(answers) {
		w.Errorf("%d probes are shown, %d were made", len(proven.Probes), len(answers))
	}
	return proven
}

// probed makes a failing call and probes behind it.
func (w *world) probed(c call) diagnose.Diagnosis {
	w.Helper()
	ex := w.send(c)
	return w.walk(ex, credentials(ex.Request), "")
}

// states are the verdicts of the three points of a plain 403, in a word:
// "ok problem unknown".
func states(d *diagnose.Diagnosis) string {
	var list []string
	for _, v := range d.Verdicts {
		list = append(list, v.State.String())
	}
	return strings.Join(list, " ")
}

// errorsOf are the ids of the findings that accuse.
func errorsOf(d *diagnose.Diagnosis) string {
	var list []string
	for _, f := range d.Findings {
		if f.Severity.String() == "error" {
			list = append(list, f.ID)
		}
	}
	return strings.Join(list, " ")
}

// shown lists the probes with their answers.
func shown(d *diagnose.Diagnosis) string {
	var b strings.Builder
	for _, p := range d.Probes {
		fmt.Fprintf(&b, "\n  %s [%s] %d %s: %s", exchange.ParseURL(p.URL).Path, p.With, p.Status, p.State, p.Proves)
	}
	for _, v := range append(d.Verdicts, d.Steps...) {
		fmt.Fprintf(&b, "\n  %s %s: %s", v.Item, v.State, v.Because)
	}
	return b.String()
}
