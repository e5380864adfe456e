// Package preflight judges, before anything failed, whether this machine, these
// credentials and this account are ready to call Immersve. It is pure: what was
// seen goes in, items come out; package cmd does the looking.
package preflight

import (
	"fmt"

	"immersve-doctor/diagnose/exchange"
)

// State is how an item stands. Its zero value claims nothing.
type State int

// The states, and the marks ? ✓ ! ✗ that show them.
const (
	Unknown State = iota
	OK
	Warning
	Problem
)

// String gives the state's name in JSON.
func (s State) String() string { return [...]string{"unknown", "ok", "warning", "problem"}[s] }

// Item is one thing that was looked at.
type Item struct {
	ID     string // "credentials.accepted"
	Title  string
	State  State
	Detail string // what was seen
	Fix    string // what to do, "" when nothing
}

// Report is all that was looked at.
type Report struct {
	Environment string // test, live, local or unknown
	Base        string // where the calls went
	Items       []Item
	Reached     bool // the API answered
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

// Count returns how many items have a state.
func Count(items []Item, s State) int {
	n := 0
	for _, i := range items {
		if i.State == s {
			n++
		}
	}
	return n
}

// statusOf is the status code of an answer, 0 when none came.
func statusOf(ex *exchange.Exchange) int {
	if ex == nil || ex.Response == nil {
		return 0
	}
	return ex.Response.Status
}

// jsonOf returns the body of a 200 that is JSON.
func jsonOf(ex *exchange.Exchange) ([]byte, bool) {
	if statusOf(ex) != 200 || ex.Response.Body.Truncated || !exchange.ValidJSON(ex.Response.Body.Bytes()) {
		return nil, false
	}
	return ex.Response.Body.Bytes(), true
}

// whyNot says why an answer cannot be judged.
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

// clip keeps a foreign text short and free of secrets.
func clip(s string) string { return clipTo(s, 120) }

// clipTo masks before it cuts: half a secret is not known for one.
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
