package simulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

// response is a documented response: status, and errorCode where it has one.
type response struct {
	op     string
	status int
	code   string // "" for a success
}

// documentedResponses lists every response of every operation. A 400 or 403 that
// lists no errorCode has the default one.
func documentedResponses(t *testing.T) []response {
	t.Helper()
	var list []response
	for _, r := range api.Routes() {
		op, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(op.Responses)) {
			status, err := strconv.Atoi(key)
			if err != nil {
				t.Fatal(err)
			}
			codes := op.ErrorCodes(status)
			if len(codes) == 0 {
				codes = []string{map[int]string{400: "INVALID_REQUEST_INPUT", 403: "FORBIDDEN"}[status]}
			}
			for _, code := range codes {
				list = append(list, response{r.ID, status, code})
			}
		}
	}
	return list
}

// nothingToGetWrong are the operations that document 400 although their request
// has nothing but an id in the path.
func nothingToGetWrong() []string {
	return []string{
		"cancel-card", "freeze-card", "get-card", "get-card-token", "get-client-application", "get-contact-details", "get-inquiry",
		"get-report", "get-transaction", "list-funding-sources",
	}
}

// conformance collects the responses that were driven.
type conformance struct {
	driven map[response]string // how: "by state", "on demand"
	calls  map[string]call     // a call of each operation that succeeds
}

func (c *conformance) note(a answer, how string) {
	code := ""
	if a.status >= 300 {
		code = a.text("errorCode")
	}
	a.fits()
	key := response{a.op.ID, a.status, code}
	if c.driven[key] == "" {
		c.driven[key] = how
	}
}

// TestConformance drives every documented response of every operation, holds each
// answer to its documented schema, and counts.
func TestConformance(t *testing.T) {
	c := &conformance{driven: map[response]string{}, calls: map[string]call{}}
	c.successes(t)
	c.rules(t)
	c.wrongRequests(t)
	c.orders(t)
	operations, inReference, byState := map[string]bool{}, 0, 0
	list := documentedResponses(t)
	for _, r := range list {
		how := c.driven[r]
		switch how {
		case "":
			t.Errorf("%s: %d %s was not driven", r.op, r.status, r.code)
		case "by state":
			byState++
		case "on demand":
			pair := r.code + " " + r.op
			if onDemandOnly()[pair] == "" && !(r.status == 400 && slices.Contains(nothingToGetWrong(), r.op)) {
				t.Errorf("%s: %d %s came on demand only, and no reason is given", r.op, r.status, r.code)
			}
		}
		if op, err := api.Lookup(r.op); err == nil && !operations[r.op] && !op.UndocumentedRoute {
			inReference++
		}
		operations[r.op] = true
	}
	if inReference != 77 {
		t.Errorf("%d operations of the reference, want 77", inReference)
	}
	t.Logf("%d operations (%d of the API reference), %d documented responses: %d by state, %d on demand only",
		len(operations), inReference, len(list), byState, len(list)-byState)
}

// successes tells the story of TestEveryOperationSucceeds.
func (c *conformance) successes(t *testing.T) {
	w := newWorld(t)
	do := func(next call) answer {
		t.Helper()
		a := w.do(next).ok()
		if _, told := c.calls[next.op]; !told {
			c.calls[next.op] = next
		}
		c.note(a, "by state")
		return a
	}
	w.tellPartner(do)
	w.tellLogin(do)
	w.tellCardholder(do)
	w.tellCards(do)
	w.tellFunding(do)
	w.tellPayments(do)
	w.tellReading(do)
}

// rules brings every errorCode about that has a rule.
func (c *conformance) rules(t *testing.T) {
	for _, r := range rules() {
		w := newWorld(t)
		if r.arrange != nil {
			r.arrange(w)
		}
		c.note(w.do(r.call(w)), "by state")
	}
}

// wrongRequests takes the calls that succeeded, and has each made for an account
// that the credentials do not reach, and with a body or a query that is wrong.
func (c *conformance) wrongRequests(t *testing.T) {
	w := newWorld(t)
	for _, id := range slices.Sorted(maps.Keys(c.calls)) {
		good := c.calls[id]
		op, err := api.Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		if op.Security != api.SecurityNone {
			stranger := good
			stranger.as, stranger.fields = w.issuerFor(w.d.ForeignAccountID), good.fields
			if op.Security == api.SecurityToken {
				stranger.as = append(w.user(), "X-Account-Id", w.d.ForeignAccountID)
			}
			c.note(w.do(stranger), "by state")
		}
		wrong := good
		wrong.as = w.forHolder()
		if op.RequestBody != nil {
			wrong.body = "{" // cut off
			c.note(w.do(wrong), "by state")
		}
		for _, p := range op.Parameters {
			if p.In != "query" {
				continue
			}
			wrong.body, wrong.query = good.body, p.Name+"=%00"
			if a := w.do(wrong); a.status == 400 {
				c.note(a, "by state")
			}
		}
	}
}

// orders asks for every documented response on demand, whether or not a state
// brings it about.
func (c *conformance) orders(t *testing.T) {
	w := newWorld(t)
	for _, r := range documentedResponses(t) {
		if r.status >= 300 {
			c.note(w.do(ordered(r.op, strconv.Itoa(r.status)+":"+r.code)).refused(r.status, r.code), "on demand")
		}
	}
}

// TestUndocumentedCodes: three codes are known from elsewhere in the
// documentation, and no operation lists them.
func TestUndocumentedCodes(t *testing.T) {
	w := newWorld(t)
	w.do(call{op: "create-card", as: w.user(), body: "{}"}).refused(400, "INVALID_REQUEST_INPUT") // a guide: the default of 400
	w.do(ordered("create-withdrawal-intent", "403:INSUFFICIENT_FUNDS")).refused(403, "INSUFFICIENT_FUNDS")
	// INVALID_BODY belongs to retired operations that have no path any more.
	if got := w.do(ordered("create-card", "400:INVALID_BODY")).text("errors.0.message"); strings.Contains(got, "INVALID_BODY") {
		t.Errorf("INVALID_BODY can be ordered: %s", got)
	}
}
