// Package simulator is the Immersve API on this machine, as far as its
// documentation tells: every documented operation with its routes, credentials,
// request schemas, status codes, errorCodes and response shapes, on top of an
// account tree with cards, balances and KYC that lives in memory.
//
// # What is documented and what is made up
//
// Shapes, codes, roles and life cycles follow https://docs.immersve.com. Where
// the documentation is silent the simulator had to choose, and a client should
// not build on the choice: the bodies of 401, 404, 429 and 5xx have the shape of
// the documented 403; the claims of its tokens beyond exp and sub; the limits on
// cards per cardholder; the order in which several reasons for a refusal are
// looked at; that a spent refresh token answers FORBIDDEN.
//
// What takes the API minutes to days takes seconds here, by the clock of Options.
// kycUrl and downloadUrl lead to pages of the simulator's own below /_simulator/;
// opening a kycUrl passes the check.
//
// Pages of web applications may call it from loopback origins and from those that
// a client application allows; see cors.go.
//
// Three things differ on purpose. A wallet's signature is only looked at for its
// form, because no wallet takes part. Webhook notifications are recorded and
// never delivered, because nothing here uses the network. Card numbers begin
// with 999999, which no card scheme issues.
//
// # A memory, and stories
//
// WriteState saves everything that the simulator remembers, and Restore goes on
// from there. A Scenario changes the demo accounts, and adds to them, before the
// first request.
//
// # Errors on demand
//
// The request field x-immersve-simulate orders an answer instead of the true
// one, for instance "403:KYC_REQUIRED", "503", "timeout" or "429, retry-after=7".
// An order that cannot be met is answered with 400 and the list of what can.
package simulator

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"immersve-doctor/diagnose/api"
)

// Options set up a Simulator. Only Now is required.
type Options struct {
	Now    func() time.Time // the clock for tokens, expiry and rate limits
	Random io.Reader        // source of ids and credentials where Seed is empty; 32 bytes are read
	// Seed makes ids and credentials the same at every start. Where Seed is empty
	// and Random nil it is DemoSeed.
	Seed                   string
	TokenTTL               time.Duration // life of an access token; 0 for 20 minutes
	RateLimit              int           // requests per minute and consumer; 0 for the documented 2000
	RateLimitPrerequisites int           // the same for get-spending-prerequisites; 0 for the documented 500
	// Log is called once for every answer, from several goroutines, with the path
	// still percent-encoded and without its query; status is 0 where no response
	// was sent. It may be nil.
	Log          func(method, path string, status int)
	AllowedHosts []string // host names besides the loopback ones that the Host field may hold
	// Scenario is set up on top of the demo accounts; nil for none. Its limits
	// hold where the ones above are 0.
	Scenario *Scenario
}

// DemoSeed is the seed whose ids are those of the API's public sandbox.
const DemoSeed = "demo"

// The defaults of Options.
const (
	accessTokenLife  = 20 * time.Minute
	refreshTokenLife = 30 * 24 * time.Hour
)

// Simulator answers as the Immersve API does. It is an http.Handler and safe for
// concurrent use.
type Simulator struct {
	now       func() time.Time
	log       func(method, path string, status int)
	hosts     []string
	demoToken func() (access, refresh string)
	// storyTokens signs the scenario's sessions, once.
	storyTokens func() []StoryName

	mu    sync.Mutex // guards what follows
	base  string     // set by Start
	open  bool       // other machines may reach it; set by Start
	seed  string
	demo  Demo
	story Story
	store *store
	limit limiter
}

// New returns a simulator with its demo accounts and the scenario. It opens
// nothing and starts no goroutine. The error is a *ScenarioError, or for a missing
// clock or a source of random bytes that fails.
func New(o Options) (*Simulator, error) {
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	s.demo = s.store.seed(o.Now(), sandboxIDs(o))
	if o.Scenario != nil {
		if s.story, err = s.store.tell(o.Scenario, &s.demo, o.Now()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// prepare returns a simulator with empty tables.
func prepare(o Options) (*Simulator, error) {
	if o.Now == nil {
		return nil, errors.New("set up simulator: no clock was given")
	}
	chance, err := newChance(o)
	if err != nil {
		return nil, err
	}
	limits := scenarioLimits{}
	if o.Scenario != nil {
		limits = o.Scenario.Limits
	}
	s := &Simulator{
		now: o.Now, log: o.Log, hosts: lowerCase(o.AllowedHosts), seed: o.Seed,
		store: newStore(chance, orDefault(o.TokenTTL, orDefault(limits.TokenTTL, accessTokenLife))),
		limit: newLimiter(orDefault(o.RateLimit, orDefault(limits.RateLimit, api.RateLimit)),
			orDefault(o.RateLimitPrerequisites, orDefault(limits.RateLimitPrerequisites, api.RateLimitPrerequisites))),
	}
	s.demoToken = sync.OnceValues(s.signDemo)
	s.storyTokens = sync.OnceValue(s.signStory)
	return s, nil
}

func lowerCase(names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, strings.ToLower(name))
	}
	return list
}

func orDefault[N int | time.Duration](value, otherwise N) N {
	if value <= 0 {
		return otherwise
	}
	return value
}

// Seed returns what the ids and credentials were made of, "" for random ones.
func (s *Simulator) Seed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seed
}

// ServeHTTP answers one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Server", "immersve-doctor-simulator")
	status := s.serve(w, r, now)
	if s.log != nil {
		s.log(r.Method, r.URL.EscapedPath(), status)
	}
}

// serve answers and returns the status code that was sent, 0 for none.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, now time.Time) int {
	if !s.knowsHost(r) {
		return refuseHost(w, r.Host)
	}
	shared := s.shareWith(w.Header(), r.Header.Get("Origin"))
	if token, ok := pageToken(r); ok {
		return s.servePage(w, r, token, now)
	}
	match, op := route(r)
	if shared && isPreflight(r) && len(match.Methods) > 0 {
		return answerPreflight(w, r, match.Methods)
	}
	if words := r.Header.Values(demandField); len(words) > 0 {
		return serveDemand(w, r, words, op)
	}
	if op == nil {
		return notFound(match).write(w)
	}
	rq := &request{op: op, match: match, http: r, now: now, query: r.URL.Query()}
	rq.read(w)
	return s.answer(rq).write(w)
}

// answer takes a request through the gates in the order in which the API is
// taken to have them: credentials, rate, form, role, and then the operation.
// What is returned is encoded, so that it shares nothing with the state.
func (s *Simulator) answer(rq *request) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.progress(rq.now)
	rq.base = s.baseFor(rq.http.Host)
	unauthorized := s.store.authenticate(rq)
	if limited := s.limit.take(rq); limited != nil {
		return limited.encode()
	}
	refusal := cmp.Or(unauthorized, rq.malformed)
	if refusal == nil {
		refusal = s.store.admit(rq) // needs the actor that authenticate found
	}
	if refusal != nil {
		return refusal.encode()
	}
	if rq.changes() {
		s.store.changes++
	}
	return s.store.handle(rq).encode()
}

// changes reports whether the operation may change the state.
func (rq *request) changes() bool {
	return rq.http.Method != http.MethodGet || rq.op.Consumes()
}

// baseFor is the simulator's URL as the client knows it: by the Host field,
// which knowsHost has let in.
func (s *Simulator) baseFor(host string) string {
	if host == "" { // HTTP/1.0
		return s.base
	}
	return "http://" + host
}
