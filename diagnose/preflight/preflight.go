// Package preflight judges, before anything failed, whether this machine, these
// credentials and this account are ready to call Immersve. It is pure: what was
// seen goes in, items come out; package cmd does the looking.
package preflight

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
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

// Setting is one configured value: its name, and where it came from.
type Setting struct {
	Name   string
	Value  exchange.Value
	Source string // "flag", "environment", "profile"
}

// Configuration judges the settings without asking anybody.
func Configuration(environment api.Environment, settings []Setting) []Item {
	var items []Item
	for _, s := range settings {
		items = append(items, setting(environment, s))
	}
	return append(items, pair(settings)...)
}

func setting(environment api.Environment, s Setting) Item {
	item := Item{ID: "configuration." + s.Name, Title: s.Name, State: OK, Detail: fmt.Sprintf("%s, from the %s", s.Value, s.Source)}
	raw := s.Value.Reveal()
	of, certain := api.KeyEnvironment(raw)
	switch {
	case raw == "":
		item.State, item.Detail = Unknown, "not set"
	case strings.TrimSpace(raw) != raw, strings.ContainsAny(raw, "\"'\n\r\t "):
		item.State, item.Fix = Problem, "Remove the quotes, spaces or line breaks around the value."
		item.Detail += "; it carries quotes or white space"
	case strings.HasPrefix(raw, "$"), strings.HasPrefix(raw, "{{"), strings.HasPrefix(raw, "<"):
		item.State, item.Fix = Problem, "Set the real value; this is a placeholder."
	case of != api.EnvironmentUnknown && of != environment && (environment == api.EnvironmentTest || environment == api.EnvironmentLive):
		item.State = Warning
		if certain {
			item.State = Problem
		}
		item.Detail += fmt.Sprintf("; it is of the %s environment, the calls go to %s", of, environment)
		item.Fix = "Take key and host from one environment."
	case s.Name == "api-key" && strings.HasPrefix(raw, "imm-secret-"), s.Name == "api-secret" && strings.HasPrefix(raw, "imm-key-"):
		item.State, item.Fix = Problem, "Exchange the values of API key and API secret."
	}
	return item
}

// pair judges that there is something to call with.
func pair(settings []Setting) []Item {
	has := map[string]bool{}
	for _, s := range settings {
		has[s.Name] = s.Value.Reveal() != ""
	}
	item := Item{ID: "configuration.credentials", Title: "credentials", State: OK, Detail: "API key and secret"}
	switch {
	case has["api-key"] && has["api-secret"]:
	case has["access-token"]:
		item.Detail = "access token"
	case has["api-key"] || has["api-secret"]:
		item.State, item.Detail, item.Fix = Problem, "one half of an API key", "Set both IMMERSVE_API_KEY and IMMERSVE_API_SECRET."
	default:
		item.State, item.Detail, item.Fix = Problem, "none are set", "Set IMMERSVE_API_KEY and IMMERSVE_API_SECRET, or IMMERSVE_ACCESS_TOKEN."
	}
	return []Item{item}
}

// Token judges an access token's expiry against the clock.
func Token(token exchange.Value, now time.Time) []Item {
	if token.Reveal() == "" {
		return nil
	}
	item := Item{ID: "credentials.expiry", Title: "the access token's expiry"}
	until, ok := check.TokenExpiry(exchange.NewValue("authorization", "Bearer "+token.Reveal()))
	switch {
	case !ok:
		item.Detail = "its exp claim cannot be read"
	case until.Before(now):
		item.State = Problem
		item.Detail = fmt.Sprintf("expired at %s", until.UTC().Format("2006-01-02 15:04:05 UTC"))
		item.Fix = "Exchange the refresh token for a new pair, or log in again."
	default:
		item.State, item.Detail = OK, fmt.Sprintf("valid until %s", until.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return []Item{item}
}

// Reached judges the first call: whether anything answered, and how fast.
func Reached(ex *exchange.Exchange) Item {
	item := Item{ID: "network.answer", Title: "the API answers"}
	switch {
	case ex == nil:
		item.Detail = "it was not asked"
	case ex.Response == nil && ex.Failure != nil:
		item.State = Problem
		item.Detail = fmt.Sprintf("%s, in the phase %q", exchange.MaskText(ex.Failure.Text), ex.Failure.Phase)
		item.Fix = "See: immersve-doctor explain " + string(ex.Failure.Kind)
		if ex.Failure.Kind == exchange.FailureUnknown {
			item.Fix = "Look at the network between this machine and the host."
		}
	default:
		item.State = OK
		item.Detail = fmt.Sprintf("status %d over %s in %s", ex.Response.Status, ex.Response.Proto, ex.Response.Elapsed.Round(time.Millisecond))
	}
	return item
}

// maxSkew is how far the clocks may be apart.
const maxSkew = 2 * time.Minute

// Clock compares this machine's clock with the server's Date.
func Clock(ex *exchange.Exchange) Item {
	item := Item{ID: "clock.skew", Title: "this machine's clock"}
	if ex == nil || ex.Response == nil {
		item.Detail = "there is no answer to compare it with"
		return item
	}
	date, err := time.Parse(time.RFC1123, ex.Response.Header.Text("date"))
	if err != nil {
		item.Detail = "the answer carries no Date"
		return item
	}
	skew := date.Sub(ex.Started).Round(time.Second)
	if skew.Abs() > maxSkew {
		item.State, item.Fix = Problem, "Set the clock, best by NTP; tokens are judged by it."
		item.Detail = fmt.Sprintf("it is %s away from the server's Date", skew.Abs())
		return item
	}
	item.State, item.Detail = OK, fmt.Sprintf("within %s of the server's Date", max(skew.Abs(), time.Second))
	return item
}

// Accepted judges the same id-free call with and without credentials: only when
// the call is refused without them does its success prove them.
func Accepted(with, without *exchange.Exchange) Item {
	item := Item{ID: "credentials.accepted", Title: "the credentials are accepted"}
	switch a, b := statusOf(with), statusOf(without); {
	case a == 0:
		item.Detail = "there was no answer"
	case a == 401:
		item.State, item.Detail = Problem, "status 401: missing, invalid or expired"
		item.Fix = "See: immersve-doctor explain 401"
	case a == 403:
		item.State, item.Detail = Problem, "status 403 on a call that needs no resource: x-account-id or the role is wrong"
		item.Fix = "Try without IMMERSVE_ACCOUNT_ID; see: immersve-doctor explain 403"
	case a >= 200 && a < 300 && b == 401:
		item.State, item.Detail = OK, "accepted, and refused without them"
	case a >= 200 && a < 300:
		item.Detail = fmt.Sprintf("accepted, but the same call without credentials answers %d, so it proves nothing", b)
	default:
		item.Detail = fmt.Sprintf("status %d", a)
	}
	return item
}

func statusOf(ex *exchange.Exchange) int {
	if ex == nil || ex.Response == nil {
		return 0
	}
	return ex.Response.Status
}

// Account judges the answer of get-account.
func Account(ex *exchange.Exchange, environment api.Environment) []Item {
	item := Item{ID: "account.readable", Title: "the account"}
	switch s := statusOf(ex); {
	case ex == nil:
		item.Detail, item.Fix = "no account id is set", "Set IMMERSVE_ACCOUNT_ID, or use --account."
		return []Item{item}
	case s == 403:
		item.State, item.Detail = Problem, "status 403: no such account here, or the credentials are no member of it"
		item.Fix = "Compare the account id and its environment with what Immersve gave you."
		return []Item{item}
	case s != 200:
		item.Detail = fmt.Sprintf("status %d", s)
		return []Item{item}
	}
	body := ex.Response.Body.Bytes()
	if !exchange.ValidJSON(body) {
		item.Detail = "the answer is not JSON"
		return []Item{item}
	}
	kind, liveness := gjson.GetBytes(body, "type").String(), gjson.GetBytes(body, "liveness").String()
	item.State, item.Detail = OK, exchange.MaskText(fmt.Sprintf("type %.20q, liveness %.20q", kind, liveness))
	if liveness != "" && (environment == api.EnvironmentTest || environment == api.EnvironmentLive) && liveness != string(environment) {
		item.State, item.Fix = Problem, "Use the account of the environment that the calls go to."
	}
	if active := gjson.GetBytes(body, "isActive"); active.Exists() && !active.Bool() {
		item.State, item.Fix = Warning, "The account is not active; ask support@immersve.com."
		item.Detail += ", not active"
	}
	return []Item{item}
}

// Listed judges a list that the account should be able to read: its role, and
// whether there is anything in it.
func Listed(id, title, role string, ex *exchange.Exchange, empty State, emptyFix string) Item {
	item := Item{ID: id, Title: title}
	switch s := statusOf(ex); {
	case ex == nil:
		item.Detail = "not asked, because no account id is set"
	case s == 403:
		item.Detail = "status 403: these credentials may not read it; it usually takes the " + role
	case s != 200:
		item.Detail = fmt.Sprintf("status %d", s)
	default:
		n := count(ex.Response.Body)
		item.State, item.Detail = OK, fmt.Sprintf("%d found", n)
		if n == 0 {
			item.State, item.Detail, item.Fix = empty, "none", emptyFix
		}
	}
	return item
}

// Faults judges the fault configurations: one that was forgotten makes failures
// that look like the API's own.
func Faults(ex *exchange.Exchange) Item {
	item := Item{ID: "faults.configured", Title: "no fault is configured"}
	switch s := statusOf(ex); {
	case ex == nil:
		item.Detail = "not asked, because no account id is set"
	case s != 200:
		item.Detail = fmt.Sprintf("status %d", s)
	case count(ex.Response.Body) > 0:
		item.State = Warning
		item.Detail = fmt.Sprintf("%d fault configurations are in force", count(ex.Response.Body))
		item.Fix = "See: immersve-doctor call list-fault-configs accountId=…; remove by delete-fault-config."
	default:
		item.State, item.Detail = OK, "none"
	}
	return item
}

// count returns the number of entries of a list answer: {items} or a bare array.
func count(body exchange.Body) int {
	if !exchange.ValidJSON(body.Bytes()) {
		return 0
	}
	list := gjson.ParseBytes(body.Bytes())
	if list.IsObject() {
		list = list.Get("items")
	}
	return len(list.Array())
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

// Origins judges a client application's allowed origins.
func Origins(ex *exchange.Exchange) Item {
	item := Item{ID: "application.origins", Title: "allowed origins"}
	switch s := statusOf(ex); {
	case s == 403:
		item.Detail = "status 403: the id is wrong, or it takes the account-admin key"
	case s != 200 || !exchange.ValidJSON(ex.Response.Body.Bytes()):
		item.Detail = fmt.Sprintf("status %d", s)
	default:
		var origins []string
		for _, o := range gjson.GetBytes(ex.Response.Body.Bytes(), "allowedOrigins").Array() {
			origins = append(origins, exchange.MaskText(fmt.Sprintf("%.60q", o.String())))
		}
		item.State, item.Detail = OK, strings.Join(origins[:min(len(origins), 5)], ", ")
		if len(origins) == 0 {
			item.State, item.Detail, item.Fix = Problem, "none", "Set them: immersve-doctor explain update-allowed-origins"
		}
	}
	return item
}
