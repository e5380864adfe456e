package preflight

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// Accepted checks the credentials with a request that doesn't need an ID. Its success
// proves them only if the same request fails without credentials.
func Accepted(with, without *exchange.Exchange) Item {
	item := Item{ID: "credentials.accepted", Title: "authentication"}
	_, isJSON := jsonOf(with)
	switch a, b := statusOf(with), statusOf(without); {
	case a == 401:
		item.State, item.Detail = Problem, "status 401: missing, invalid or expired"
		item.Fix = "See: immersve-doctor explain 401"
	case a == 403:
		item.State, item.Detail = Problem, "status 403 on a request that needs no resource, so x-account-id or the role is wrong"
		item.Fix = "Try without IMMERSVE_ACCOUNT_ID: immersve-doctor explain 403"
	case isJSON && b == 401:
		item.State, item.Detail = OK, "accepted, and rejected without credentials"
	case isJSON && b == 0:
		item.Detail = "accepted, but there was no response without credentials to compare"
	case isJSON:
		item.Detail = fmt.Sprintf("accepted, but the same request without credentials returns %d too, so it proves nothing", b)
	default:
		item.Detail = whyNot(with)
	}
	return item
}

// Account checks the response of get-account.
func Account(ex *exchange.Exchange, environment api.Environment) []Item {
	item := Item{ID: "account.readable", Title: "account"}
	body, good := jsonOf(ex)
	switch s := statusOf(ex); {
	case ex == nil:
		item.Detail, item.Fix = "no account ID is set", "Set IMMERSVE_ACCOUNT_ID, or use --account."
		return []Item{item}
	case s == 403:
		item.State, item.Detail = Problem, "status 403: the account doesn't exist in this environment, or you aren't a member"
		item.Fix = "Compare the account ID and its environment with those from Immersve."
		return []Item{item}
	case !good:
		item.Detail = whyNot(ex)
		return []Item{item}
	}
	kind, liveness := AccountType(ex), gjson.GetBytes(body, "liveness").String()
	item.State, item.Detail = OK, exchange.MaskText(fmt.Sprintf("you're a member, type %.20q, liveness %.20q", kind, liveness))
	if active := gjson.GetBytes(body, "isActive"); active.Exists() && !active.Bool() {
		item.State, item.Fix = Warning, "The account isn't active. Write to support@immersve.com."
		item.Detail += ", not active"
	}
	if liveness != "" && (environment == api.EnvironmentTest || environment == api.EnvironmentLive) && liveness != string(environment) {
		item.State, item.Fix = Problem, "Use an account of the environment that the requests go to."
	}
	return []Item{item}
}

// AccountType returns the account's type from the response of get-account, or "".
func AccountType(ex *exchange.Exchange) string {
	body, _ := jsonOf(ex)
	return gjson.GetBytes(body, "type").String()
}

// Partner returns a cardholder account's partner from the response of get-account, or
// "" if there is none.
func Partner(ex *exchange.Exchange) string {
	body, _ := jsonOf(ex)
	return gjson.GetBytes(body, "partnerAccountId").String()
}

// Role infers the caller's role from the lists that it can read, because responses
// don't include roles.
func Role(own, list *exchange.Exchange) Item {
	item := Item{ID: "credentials.role", Title: "role"}
	kind := AccountType(own)
	words := map[string][2]string{
		"partner":    {"can read the partner's own resources, like account-admin", "can't read the partner's own resources, so it's card-issuer at most. To check that, set IMMERSVE_ACCOUNT_ID to a cardholder's account"},
		"cardholder": {"can read the cardholder's resources, like card-issuer and account-owner", "can't read the cardholder's resources, which needs card-issuer or account-owner"},
	}[kind]
	switch s := statusOf(list); {
	case words[0] == "" || list == nil:
		item.Detail = "not checked, because the account is unknown"
	case s == 200:
		item.State, item.Detail = OK, words[0]
	case s == 403 && kind == "cardholder":
		item.State, item.Detail = Warning, words[1]
		item.Fix = "Use the card-issuer key, or the cardholder's own session."
	case s == 403:
		item.Detail = words[1]
	default:
		item.Detail = whyNot(list)
	}
	return item
}

// Listed checks a list that the account should be able to read, and whether it's empty.
func Listed(id, title, role string, ex *exchange.Exchange, empty State, emptyFix string) Item {
	item := Item{ID: id, Title: title}
	list, good := entries(ex)
	switch s := statusOf(ex); {
	case ex == nil:
		item.Detail = "not checked, because the account is unknown"
	case s == 403:
		item.Detail = "status 403: these credentials can't read it (it usually needs the " + role + ")"
	case !good:
		item.Detail = whyNot(ex)
	case len(list) == 0:
		item.State, item.Detail, item.Fix = empty, "none", emptyFix
	default:
		item.State, item.Detail = OK, found(len(list), ex)
	}
	return item
}

// found returns the number of entries, with "at least" if there are more pages.
func found(n int, ex *exchange.Exchange) string {
	if gjson.GetBytes(ex.Response.Body.Bytes(), "pageInfo.nextCursor").String() != "" {
		return fmt.Sprintf("at least %d", n)
	}
	return fmt.Sprintf("%d", n)
}

// Listeners checks the webhook listeners. One that's inactive or without a subscription
// receives nothing.
func Listeners(ex *exchange.Exchange) Item {
	item := Listed("account.listeners", "webhook listeners", "account-admin key", ex, Warning, "Without one you have to poll: immersve-doctor explain create-webhook-listener")
	list, good := entries(ex)
	if !good || len(list) == 0 {
		return item
	}
	deaf := 0
	for _, l := range list {
		if topics := l.Get("topicSubscriptions"); l.Get("status").String() == "inactive" || topics.IsArray() && len(topics.Array()) == 0 {
			deaf++
		}
	}
	if deaf > 0 {
		item.State = Warning
		item.Detail += fmt.Sprintf(", %d of them inactive or without a topic, so they receive nothing", deaf)
		item.Fix = "Subscribe topics: immersve-doctor explain add-webhook-topic-subscription"
	}
	return item
}

// Faults checks the fault configurations of the account and its partner, because a
// forgotten one causes failures that look like the API's.
func Faults(lists ...*exchange.Exchange) Item {
	item := Item{ID: "faults.configured", Title: "fault configurations"}
	var names []string
	asked, open := 0, ""
	for _, ex := range lists {
		list, good := entries(ex)
		switch {
		case ex == nil:
			continue
		case !good:
			open = whyNot(ex)
		}
		asked++
		for _, f := range list {
			names = append(names, fmt.Sprintf("%s = %s", clip(f.Get("faultTypeName").String()), clip(f.Get("value").String())))
		}
	}
	switch {
	case len(names) > 0:
		item.State = Warning
		item.Detail = "active: " + strings.Join(names[:min(len(names), 5)], ", ")
		item.Fix = "Requests fail on purpose. Remove it: immersve-doctor explain delete-fault-config"
	case asked == 0:
		item.Detail = "not checked, because no account ID is set"
	case open != "":
		item.Detail = open
	default:
		item.State, item.Detail = OK, "none"
	}
	return item
}

// Origins checks a client application's allowed origins.
func Origins(ex *exchange.Exchange) Item {
	item := Item{ID: "application.origins", Title: "allowed origins of the client application"}
	body, good := jsonOf(ex)
	switch {
	case ex == nil:
		item.Detail = "not checked (use --client-application ID)"
	case statusOf(ex) == 403:
		item.Detail = "status 403: the ID is wrong, or this needs the account-admin key"
		item.Fix = "Compare the ID and its environment with those from Immersve, and use the account-admin key."
	case !good:
		item.Detail = whyNot(ex)
	default:
		origins := gjson.GetBytes(body, "allowedOrigins").Array()
		item.State, item.Detail = OK, strings.Join(shown(origins), ", ")
		if len(origins) == 0 {
			item.State, item.Detail, item.Fix = Problem, "none", "Set them: immersve-doctor explain update-allowed-origins"
		}
	}
	return item
}

func shown(origins []gjson.Result) []string {
	const most = 5
	var list []string
	for i, o := range origins {
		if i == most {
			return append(list, fmt.Sprintf("%d more", len(origins)-most))
		}
		list = append(list, clipTo(o.String(), 60))
	}
	return list
}

// Rate reports whether the checks reached the rate limit. Responses don't show what's
// left.
func Rate(calls []*exchange.Exchange) Item {
	item := Item{ID: "rate.budget", Title: "rate budget", State: Unknown}
	made := 0
	for _, ex := range calls {
		if ex == nil || ex.Response == nil {
			continue
		}
		made++
		if ex.Response.Status == 429 {
			item.State = Warning
			item.Detail = "status 429: used up"
			if wait := ex.Response.Header.Text("retry-after"); wait != "" {
				item.Detail += ", Retry-After " + clip(wait)
			}
			item.Fix = "Find out who else uses this partner's keys, because they share one limit: immersve-doctor explain rate-limited"
			return item
		}
	}
	if made > 0 {
		item.State = OK
		item.Detail = fmt.Sprintf("%s passed, ", counted(made, "call"))
	}
	item.Detail += fmt.Sprintf("the limit is %d requests per minute and consumer, %d for prerequisites (responses don't show what is left)", api.RateLimit, api.RateLimitPrerequisites)
	return item
}

// entries returns the entries of a list response, {items} or a bare array.
func entries(ex *exchange.Exchange) ([]gjson.Result, bool) {
	body, good := jsonOf(ex)
	if !good {
		return nil, false
	}
	list := gjson.ParseBytes(body)
	if list.IsObject() {
		list = list.Get("items")
	}
	return list.Array(), list.IsArray()
}
