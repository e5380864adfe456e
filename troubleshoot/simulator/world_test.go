package simulator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/exchange"
)

// world is a simulator with a clock that stands still until it is moved.
type world struct {
	*testing.T
	s   *Simulator
	d   Demo
	now time.Time
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)}
	o := Options{Now: func() time.Time { return w.now }, Seed: DemoSeed}
	for _, f := range change {
		f(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.s, w.d = s, s.Demo()
	return w
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// call is a request to an operation.
type call struct {
	op     string
	as     []string // header fields, name and value in turn
	path   []string // path parameters in template order
	query  string
	body   string
	fields []string // more header fields
}

type answer struct {
	*world
	op     *api.Operation
	status int
	header http.Header
	body   string
}

// The credentials that calls are made with.
func (w *world) user() []string { return []string{"Authorization", "Bearer " + w.d.AccessToken} }

func (w *world) issuer() []string {
	return []string{"X-Api-Key", w.d.APIKey, "X-Api-Secret", w.d.APISecret}
}

func (w *world) admin() []string {
	return []string{"X-Api-Key", w.d.AdminKey, "X-Api-Secret", w.d.AdminSecret}
}

func (w *world) issuerFor(account string) []string {
	return append(w.issuer(), "X-Account-Id", account)
}
func (w *world) forHolder() []string { return w.issuerFor(w.d.CardholderAccountID) }
func (w *world) forNew() []string    { return w.issuerFor(w.d.NewCardholderAccountID) }

func (w *world) do(c call) answer {
	w.Helper()
	op, err := api.Lookup(c.op)
	if err != nil {
		w.Fatal(err)
	}
	path := op.Path
	for _, value := range c.path {
		begin, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:begin] + url.PathEscape(value) + path[end+1:]
	}
	if c.query != "" {
		path += "?" + c.query
	}
	r := httptest.NewRequest(op.Method, "http://127.0.0.1:4010"+path, strings.NewReader(c.body))
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	fields := append(append([]string{}, c.as...), c.fields...)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	recorder := httptest.NewRecorder()
	w.s.ServeHTTP(recorder, r)
	return answer{w, op, recorder.Code, recorder.Header(), recorder.Body.String()}
}

// get returns a member of the answer's body.
func (a answer) get(path string) gjson.Result { return gjson.Get(a.body, path) }

func (a answer) text(path string) string { return a.get(path).String() }

// ok demands the documented success, in status code and shape.
func (a answer) ok() answer {
	a.Helper()
	if a.status != a.op.SuccessStatus() {
		a.Fatalf("%s: status %d, the documented one is %d; body %s", a.op.ID, a.status, a.op.SuccessStatus(), a.body)
	}
	a.fits()
	return a
}

// fits demands that the body has the documented shape of its status code.
func (a answer) fits() {
	a.Helper()
	if a.body != "" && strings.HasPrefix(a.header.Get("Content-Type"), "application/json") && !exchange.ValidJSON([]byte(a.body)) {
		a.Fatalf("%s: the body isn't JSON: %s", a.op.ID, a.body)
	}
	documented, err := schema.ForResponse(a.op, a.status)
	if err != nil {
		a.Fatal(err)
	}
	if documented == nil || a.header.Get("Content-Type") == "text/plain; charset=utf-8" {
		return
	}
	violations, err := schema.Response(a.op, a.status, []byte(a.body))
	if err != nil {
		a.Fatal(err)
	}
	for _, v := range violations {
		a.Errorf("%s %d: the body breaks the documented schema: %s %s %s %v; body %s",
			a.op.ID, a.status, v.Pointer, v.Keyword, v.Member, v.Allowed, a.body)
	}
}

// refused demands a failure with an errorCode, in the documented shape.
func (a answer) refused(status int, code string) answer {
	a.Helper()
	if a.status != status || a.text("errorCode") != code {
		a.Errorf("%s: %d %s, want %d %s; body %s", a.op.ID, a.status, a.text("errorCode"), status, code, a.body)
	}
	if int(a.get("statusCode").Int()) != status || a.text("statusName") != http.StatusText(status) {
		a.Errorf("%s: the body says %s %s", a.op.ID, a.text("statusCode"), a.text("statusName"))
	}
	if a.header.Get("Content-Type") != "application/json" {
		a.Errorf("%s: content type %q", a.op.ID, a.header.Get("Content-Type"))
	}
	a.fits()
	return a
}

// get opens a page and returns the status code.
func (w *world) get(link string) int {
	recorder := httptest.NewRecorder()
	w.s.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, link, nil))
	return recorder.Code
}
