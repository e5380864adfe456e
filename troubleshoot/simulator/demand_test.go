package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

func ordered(op, order string) call {
	return call{op: op, fields: []string{demandField, order}, path: []string{"x", "x"}[:parameters(op)]}
}

func parameters(op string) int {
	i := slices.IndexFunc(api.Routes(), func(r api.Route) bool { return r.ID == op })
	return strings.Count(api.Routes()[i].Path, "{")
}

// TestEveryDocumentedErrorOnDemand orders every errorCode of every operation,
// with its status code and without.
func TestEveryDocumentedErrorOnDemand(t *testing.T) {
	w, orders := newWorld(t), 0
	for _, code := range api.Codes() {
		for _, place := range code.Operations {
			orders++
			w.do(ordered(place.Operation, strconv.Itoa(place.Status)+":"+code.Name)).refused(place.Status, code.Name)
			w.do(ordered(place.Operation, code.Name)).refused(place.Status, code.Name)
		}
	}
	if orders < 100 {
		t.Errorf("only %d errors were ordered", orders)
	}
	for _, r := range api.Routes() {
		for status, code := range plainStatuses() {
			w.do(ordered(r.ID, strconv.Itoa(status))).refused(status, code)
		}
	}
}

func TestOrders(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		op, order  string
		status     int
		code       string
		retryAfter string
	}{
		{"create-card", "403", 403, "FORBIDDEN", ""},
		{"create-card", "403:FORBIDDEN", 403, "FORBIDDEN", ""},
		{"list-currencies", "403:FORBIDDEN", 403, "FORBIDDEN", ""},
		{"create-card", "429", 429, "TOO_MANY_REQUESTS", "2"},
		{"create-card", "retry-after=7", 429, "TOO_MANY_REQUESTS", "7"},
		{"create-card", "429, retry-after=Wed, 21 Oct 2026 07:28:00 GMT", 400, "INVALID_REQUEST_INPUT", ""}, // a comma ends it
		{"create-card", "429, retry-after=soon", 429, "TOO_MANY_REQUESTS", "soon"},
		{"create-card", "429,retry-after=none", 429, "TOO_MANY_REQUESTS", ""},
		{"create-card", "retry-after=3, 503", 503, "SERVICE_UNAVAILABLE", "3"},
		{"provision-card-to-apple-pay", "503:PAYMENT_BRIDGE_ERROR", 503, "PAYMENT_BRIDGE_ERROR", ""},
		{"create-withdrawal-intent", "403:INSUFFICIENT_FUNDS", 403, "INSUFFICIENT_FUNDS", ""},
		{"list-currencies", "403:KYC_REQUIRED", 400, "INVALID_REQUEST_INPUT", ""},
		{"create-card", "400:KYC_REQUIRED", 400, "INVALID_REQUEST_INPUT", ""},
		{"create-card", "200", 400, "INVALID_REQUEST_INPUT", ""},
		{"create-card", "403, 404", 400, "INVALID_REQUEST_INPUT", ""},
		{"create-card", "", 400, "INVALID_REQUEST_INPUT", ""},
		{"create-card", "nonsense", 400, "INVALID_REQUEST_INPUT", ""},
	}
	for _, c := range cases {
		t.Run(c.op+" "+c.order, func(t *testing.T) {
			w.T = t
			answer := w.do(ordered(c.op, c.order)).refused(c.status, c.code)
			if got := answer.header.Get("Retry-After"); got != c.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
			}
			explained := strings.Contains(answer.text("errors.0.message"), "timeout")
			if explained != (c.code == "INVALID_REQUEST_INPUT") {
				t.Errorf("what can be ordered is told: %v; %s", explained, answer.body)
			}
		})
	}
	if got := w.do(ordered("create-card", "nonsense")).text("errors.0.message"); !strings.Contains(got, "403:KYC_REQUIRED") {
		t.Errorf("the explanation lacks the operation's codes: %s", got)
	}
	if got := w.do(ordered("create-card", "html-502")); got.status != http.StatusBadGateway || !strings.Contains(got.body, "<html>") {
		t.Errorf("html-502 gives %d %s", got.status, got.body)
	}
}
