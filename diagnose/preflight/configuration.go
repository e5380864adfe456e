package preflight

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// Setting is one configured value: its name, and where it came from.
type Setting struct {
	Name   string // api-key, api-secret, access-token, account-id
	Value  exchange.Value
	Source string // "$IMMERSVE_API_KEY", "--api-key", "profile sandbox", "the simulator"
}

// Configuration checks the settings without sending a request.
func Configuration(environment api.Environment, settings []Setting) []Item {
	var items []Item
	for _, s := range settings {
		items = append(items, setting(environment, s))
	}
	return append(items, pair(settings)...)
}

// Target returns where requests go, and which setting says so.
func Target(environment api.Environment, base, source string) Item {
	item := Item{
		ID: "configuration.environment", Title: "environment", State: OK,
		Detail: fmt.Sprintf("%s, %s, from %s", environment, exchange.ParseURL(base), source),
	}
	url := exchange.ParseURL(base)
	switch {
	case environment == api.EnvironmentUnknown:
		item.State, item.Fix = Warning, "Use --env test or --env live, unless this is your own server."
		item.Detail = fmt.Sprintf("%s, from %s: not an Immersve host", url, source)
	case url.Scheme == "http" && environment != api.EnvironmentLocal:
		item.State, item.Fix = Problem, "Use https, because http sends the credentials unencrypted."
	}
	return item
}

// File returns which config file was read. problem says why it couldn't be, or is "".
// profile is the profile in use, or "". open is set if other users of the machine can
// read secrets in the file.
func File(path, profile string, exists, open bool, problem string) Item {
	item := Item{ID: "configuration.file", Title: "config file", State: OK}
	switch {
	case problem != "":
		item.State, item.Detail = Problem, problem
		item.Fix = "Fix the config file. Its settings were ignored."
	case path == "":
		item.State, item.Detail = Unknown, "this machine has no configuration folder"
	case !exists:
		item.Detail = path + " doesn't exist (optional)"
	case profile == "":
		item.Detail = path + ", no profile chosen"
	case open:
		item.State, item.Detail = Warning, path+" has secrets that other users of this machine can read"
		item.Fix = "Run: chmod 600 " + exchange.QuoteFile(path)
	default:
		item.Detail = fmt.Sprintf("%s, profile %s", path, profile)
	}
	return item
}

// Misnamed lists environment variables that look like the tool's but aren't, with the
// intended name.
func Misnamed(found map[string]string) []Item {
	var items []Item
	for name, meant := range found {
		items = append(items, Item{
			ID: "configuration.variable", Title: "environment variable", State: Warning, Detail: "$" + name + " is set but not used",
			Fix: fmt.Sprintf("Use %s instead.", meant),
		})
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Detail, b.Detail) })
	return items
}

func setting(environment api.Environment, s Setting) Item {
	item := Item{ID: "configuration." + s.Name, Title: s.Name, State: OK, Detail: fmt.Sprintf("%s, from %s", short(s.Value), s.Source)}
	raw := s.Value.Reveal()
	for _, judge := range []func(api.Environment, string, string) (State, string, string){blank, placeholder, masked, stray, swapped, crossed, shape} {
		state, what, fix := judge(environment, s.Name, raw)
		if state == OK {
			continue
		}
		item.State, item.Fix = state, fix
		if what != "" {
			item.Detail += ": " + what
		}
		return item
	}
	return item
}

// short shortens a long value that isn't secret so that it's still recognizable.
func short(v exchange.Value) string {
	shown := v.String()
	if len(shown) > 40 && !strings.ContainsAny(shown, "… ") {
		return shown[:17] + "…" + shown[len(shown)-4:]
	}
	return clip(shown)
}

func blank(_ api.Environment, _, raw string) (s State, what, fix string) {
	if strings.TrimSpace(raw) == "" {
		return Problem, "blank", "Set it or unset it."
	}
	return OK, "", ""
}

func placeholder(_ api.Environment, _, raw string) (s State, what, fix string) {
	bare := strings.Trim(raw, " \t\r\n\"'`")
	what = check.Placeholder(bare)
	if what == "" && (strings.HasPrefix(bare, "$") || strings.Contains(bare, "${") || strings.Contains(bare, "{{")) {
		what = "an unexpanded variable"
	}
	if what == "" {
		return OK, "", ""
	}
	return Problem, "this is " + what, "Set the real value. In a shell, single quotes don't expand variables."
}

func masked(_ api.Environment, _, raw string) (s State, what, fix string) {
	if strings.Contains(raw, "…") || strings.Contains(raw, "...") || strings.Contains(raw, "***") {
		return Problem, "a masked copy of the real value", "Set the complete value."
	}
	return OK, "", ""
}

func stray(_ api.Environment, name, raw string) (s State, what, fix string) {
	if name == "access-token" && len(raw) > 7 && strings.EqualFold(raw[:7], "bearer ") {
		return Problem, "it starts with Bearer", "Set only the token, because the tool adds Bearer."
	}
	for _, r := range raw {
		switch {
		case strings.ContainsRune("\"'`“”‘’", r):
			return Problem, "it contains quotes", "Remove the quotes, spaces or newlines around the value."
		case r <= ' ' || r == 0xa0 || r == 0x200b || r == 0xfeff:
			return Problem, "it contains whitespace", "Remove the quotes, spaces or newlines around the value."
		case r > 0x7e:
			return Problem, "it contains a character that credentials never have", "Copy the value again."
		}
	}
	return OK, "", ""
}

func swapped(_ api.Environment, name, raw string) (s State, what, fix string) {
	switch {
	case name == "api-key" && strings.HasPrefix(raw, "imm-secret-"), name == "api-secret" && strings.HasPrefix(raw, "imm-key-"):
		return Problem, "API key and API secret are swapped", "Swap them."
	case name == "access-token" && strings.HasPrefix(raw, "imm-"):
		return Problem, "this is an API key or secret, not a token", "Set IMMERSVE_API_KEY and IMMERSVE_API_SECRET instead."
	case (name == "api-key" || name == "api-secret") && strings.HasPrefix(raw, "eyJ") && strings.Count(raw, ".") == 2:
		return Problem, "this is an access token", "Set IMMERSVE_ACCESS_TOKEN instead."
	case name == "account-id" && (strings.HasPrefix(raw, "imm-") || strings.HasPrefix(raw, "eyJ")):
		return Problem, "this is a credential, not an account ID", "Set the account's ID, because x-account-id may be logged."
	}
	return OK, "", ""
}

// crossed finds settings from the other environment.
func crossed(environment api.Environment, name, raw string) (s State, what, fix string) {
	if environment != api.EnvironmentTest && environment != api.EnvironmentLive {
		return OK, "", ""
	}
	const oneEnvironment = "Use the host, key and account of one environment (--env, or IMMERSVE_ENV)."
	if name == "account-id" && environment == api.EnvironmentLive && api.IsSandboxID(raw) {
		return Problem, "it belongs to the public sandbox in test, but requests go to live", oneEnvironment
	}
	of, certain := api.KeyEnvironment(raw)
	if of == api.EnvironmentUnknown || of == environment {
		return OK, "", ""
	}
	s = Warning
	if certain {
		s = Problem
	}
	return s, fmt.Sprintf("it belongs to %s, but requests go to %s", of, environment), oneEnvironment
}

// shape warns about an account ID with an unusual format. The docs don't guarantee one.
func shape(_ api.Environment, name, raw string) (s State, what, fix string) {
	if name == "account-id" && (len(raw) != 32 || strings.Trim(raw, "0123456789abcdef") != "") {
		return Warning, "account IDs usually have 32 hex digits", "Compare it with the ID from Immersve."
	}
	return OK, "", ""
}

// pair checks that there are credentials to use.
func pair(settings []Setting) []Item {
	has := map[string]bool{}
	for _, s := range settings {
		has[s.Name] = s.Value.Reveal() != ""
	}
	item := Item{ID: "configuration.credentials", Title: "credentials", State: OK, Detail: "API key and secret"}
	switch {
	case (has["api-key"] || has["api-secret"]) && has["access-token"]:
		item.State, item.Detail = Warning, "both an API key and an access token are set (requests use the API key)"
		item.Fix = "Unset one of them, or use --token @FILE to use the token."
	case has["api-key"] && has["api-secret"]:
	case has["access-token"]:
		item.Detail = "access token"
	case has["api-key"] || has["api-secret"]:
		item.State, item.Detail, item.Fix = Problem, "only one half of an API key", "Set both IMMERSVE_API_KEY and IMMERSVE_API_SECRET."
	default:
		item.State, item.Detail, item.Fix = Problem, "not set", "Set IMMERSVE_API_KEY and IMMERSVE_API_SECRET, or IMMERSVE_ACCESS_TOKEN. You don't need any for --env local."
	}
	return []Item{item}
}

// nearExpiry is how long before its expiry an access token gets a warning.
const nearExpiry = 2 * time.Minute

// Token compares an access token's expiry with the clock.
func Token(token exchange.Value, now time.Time) []Item {
	if token.Reveal() == "" {
		return nil
	}
	item := Item{ID: "credentials.expiry", Title: "expiry of the access token"}
	until, ok := check.TokenExpiry(exchange.NewValue("authorization", "Bearer "+token.Reveal()))
	const renew = "Refresh the access token, or log in again: immersve-doctor explain token-expired"
	switch {
	case !ok:
		item.State, item.Detail = Warning, "its exp claim can't be read, so it's probably not an access token of the API"
		item.Fix = "See: immersve-doctor explain token-malformed"
	case !until.After(now):
		item.State, item.Fix = Problem, renew
		item.Detail = fmt.Sprintf("expired %s ago, at %s", ago(now.Sub(until)), moment(until))
	case until.Sub(now) < nearExpiry:
		item.State, item.Fix = Warning, renew
		item.Detail = fmt.Sprintf("%s left, until %s", ago(until.Sub(now)), moment(until))
	default:
		item.State, item.Detail = OK, fmt.Sprintf("%s left, until %s", ago(until.Sub(now)), moment(until))
	}
	return []Item{item}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// ago formats a duration in its largest useful unit.
func ago(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = d.Abs(); {
	case d >= 2*day:
		return counted(int(d.Round(day)/day), "day")
	case d >= 2*time.Hour:
		return counted(int(d.Round(time.Hour).Hours()), "hour")
	case d >= 2*time.Minute:
		return counted(int(d.Round(time.Minute).Minutes()), "minute")
	}
	return counted(int(d.Round(time.Second).Seconds()), "second")
}
