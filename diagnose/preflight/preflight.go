// Package preflight checks whether this machine, its credentials and its account are
// ready to call Immersve. It takes what package cmd observed (settings, a connection,
// responses) and returns items with a state and a fix, without any I/O. Start at Item,
// then read the exported functions, one for each group of checks.
package preflight

import (
	"fmt"

	"immersve-doctor/diagnose/exchange"
)

// State is the result of a check. Its zero value claims nothing.
type State int

// The states. Reports show them as ? ✓ ! ✗.
const (
	Unknown State = iota
	OK
	Warning
	Problem
)

// String returns the state's name in JSON.
func (s State) String() string { return [...]string{"unknown", "ok", "warning", "problem"}[s] }

// Item is one check.
type Item struct {
	ID     string // "credentials.accepted"
	Title  string
	State  State
	Detail string // what was seen
	Fix    string // what to do, or ""
}

// Report is the result of all checks.
type Report struct {
	Environment string // test, live, local or unknown
	Base        string // where the requests went
	Items       []Item
	Reached     bool // the API responded
}

// Worst returns the worst state of items, problems first.
func Worst(items []Item) State {
	worst := OK
	for _, i := range items {
		if i.State == Problem {
			return Problem
		}
		if i.State == Warning {
			worst = Warning
		}
	}
	return worst
}

// Count returns the number of items with a state.
func Count(items []Item, s State) int {
	n := 0
	for _, i := range items {
		if i.State == s {
			n++
		}
	}
	return n
}

// statusOf returns a response's status code, or 0 if there was no response.
func statusOf(ex *exchange.Exchange) int {
	if ex == nil || ex.Response == nil {
		return 0
	}
	return ex.Response.Status
}

// jsonOf returns the body of a 200 if it's JSON.
func jsonOf(ex *exchange.Exchange) ([]byte, bool) {
	if statusOf(ex) != 200 || ex.Response.Body.Truncated || !exchange.ValidJSON(ex.Response.Body.Bytes()) {
		return nil, false
	}
	return ex.Response.Body.Bytes(), true
}

// whyNot returns why a response can't be checked.
func whyNot(ex *exchange.Exchange) string {
	switch s := statusOf(ex); {
	case ex == nil:
		return "not checked"
	case s == 0 && ex.Failure != nil && ex.Failure.Kind != exchange.FailureUnknown:
		return fmt.Sprintf("no response (%s)", ex.Failure.Kind)
	case s == 0:
		return "no response"
	case s == 200:
		return "the response isn't JSON"
	case s == 403:
		return "status 403: these credentials can't read it"
	case s == 429:
		return "status 429: the rate limit is reached"
	default:
		return fmt.Sprintf("status %d", s)
	}
}

// clip masks and shortens a string from outside.
func clip(s string) string { return clipTo(s, 120) }

// clipTo masks before it cuts, because half a secret isn't recognized as one.
func clipTo(s string, most int) string {
	s = exchange.MaskText(s)
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
