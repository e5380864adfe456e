package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/api"
)

// demandField is the request field that orders an answer.
const demandField = "X-Immersve-Simulate"

// demand is an order: one of status and fault.
type demand struct {
	status     int
	code       string
	fault      string // one of faults
	retryAfter string
}

// faults are the orders that are no status code.
func faults() []string { return []string{"timeout", "reset", "truncated", "html-502"} }

// plainStatuses can be ordered of every operation, with the errorCode that they
// have without one.
func plainStatuses() map[int]string {
	return map[int]string{
		400: "INVALID_REQUEST_INPUT", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS",
		500: "INTERNAL_SERVER_ERROR", 502: "BAD_GATEWAY", 503: "SERVICE_UNAVAILABLE", 504: "GATEWAY_TIMEOUT",
	}
}

// serveDemand answers as ordered; op is nil where the request names none.
func serveDemand(w http.ResponseWriter, r *http.Request, words []string, op *api.Operation) int {
	d, ok := readDemand(strings.Join(words, ","), op)
	switch {
	case !ok:
		return invalid(demandField, "It can be "+strings.Join(Demands(op), ", ")).write(w)
	case d.fault != "":
		return d.interfere(w, r)
	case d.status == http.StatusTooManyRequests:
		return tooMany(d.retryAfter).write(w)
	}
	answer := fail(d.status, d.code, "simulated on demand")
	if d.status == http.StatusUnauthorized {
		answer = unauthorized("simulated on demand")
	}
	if d.retryAfter != "" {
		answer.header = map[string]string{"Retry-After": d.retryAfter}
	}
	return answer.write(w)
}

// readDemand reads "403:KYC_REQUIRED", "KYC_REQUIRED", "429, retry-after=7" and
// the like.
func readDemand(text string, op *api.Operation) (demand, bool) {
	d := demand{retryAfter: "default"}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if value, ok := strings.CutPrefix(word, "retry-after="); ok {
			d.retryAfter = value
			continue
		}
		if d.status != 0 || d.fault != "" || !d.readWord(word, op) {
			return d, false
		}
	}
	return d.complete(), d.status != 0 || d.fault != "" || d.retryAfter != "default"
}

func (d *demand) readWord(word string, op *api.Operation) bool {
	if slices.Contains(faults(), word) {
		d.fault = word
		return true
	}
	number, code, _ := strings.Cut(word, ":")
	status, err := strconv.Atoi(number)
	if err != nil {
		status, code = statusOf(word, op), word
	}
	plain, known := plainStatuses()[status]
	switch {
	case !known:
		return false
	case code == "" || code == plain:
		d.status, d.code = status, plain
		return true
	}
	d.status, d.code = status, code
	return slices.Contains(codesOf(op, status), code)
}

// complete fills in what the order left open: the order of a Retry-After alone
// means 429, and "none" is the way to a 429 without one.
func (d demand) complete() demand {
	if d.status == 0 && d.fault == "" && d.retryAfter != "default" {
		d.status, d.code = http.StatusTooManyRequests, plainStatuses()[http.StatusTooManyRequests]
	}
	switch {
	case d.retryAfter == "none", d.retryAfter == "default" && d.status != http.StatusTooManyRequests:
		d.retryAfter = ""
	case d.retryAfter == "default":
		d.retryAfter = "2"
	}
	return d
}

// codesOf returns the errorCodes that can be ordered of an operation: those that
// it documents, and on withdrawals the one of the status code guide's sample.
func codesOf(op *api.Operation, status int) []string {
	if op == nil {
		return nil
	}
	codes := op.ErrorCodes(status)
	if op.ID == "create-withdrawal-intent" && status == http.StatusForbidden {
		codes = append(slices.Clone(codes), "INSUFFICIENT_FUNDS")
	}
	return codes
}

// statusOf finds the status code of an errorCode that was ordered without one.
func statusOf(code string, op *api.Operation) int {
	for _, status := range slices.Sorted(maps.Keys(plainStatuses())) {
		if slices.Contains(codesOf(op, status), code) || code == plainStatuses()[status] {
			return status
		}
	}
	return 0
}

// CanReturn reports whether the text orders a response that an operation can be made
// to return; op is nil if the request names none.
func CanReturn(text string, op *api.Operation) bool {
	_, ok := readDemand(text, op)
	return ok
}

// Demands lists what can be ordered of an operation with --simulate or the header
// x-immersve-simulate; op is nil if the request names none.
func Demands(op *api.Operation) []string {
	var list []string
	for _, status := range slices.Sorted(maps.Keys(plainStatuses())) {
		list = append(list, strconv.Itoa(status))
		for _, code := range codesOf(op, status) {
			if code != plainStatuses()[status] {
				list = append(list, strconv.Itoa(status)+":"+code)
			}
		}
	}
	return append(append(list, faults()...), "retry-after=SECONDS (with 429 or 503)")
}
