package probe

import (
	"net/http"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// nobody is an account id that was made up: what is accepted in its name is
// accepted in anybody's.
const nobody = "00000000000000000000000000000000"

// get makes the request of an operation whose path takes at most one id. It
// fails for an id that cannot be one, and for whatever would not be the
// documented GET: an id such as "secure" would turn get-card into the call that
// spends a card token.
func get(operation, id, query, account string) (Request, bool) {
	op, err := api.Lookup(operation)
	if err != nil || op.Method != http.MethodGet || op.Security == api.SecurityNone {
		return Request{}, false
	}
	path := op.Path
	if before, rest, ok := strings.Cut(path, "{"); ok {
		_, after, _ := strings.Cut(rest, "}")
		if !plausible(id) {
			return Request{}, false
		}
		path = before + id + after
	}
	match := api.MatchRoute(http.MethodGet, exchange.ParseURL(path).PathSegments())
	if match.Route.ID != operation || account != "" && !plausible(account) {
		return Request{}, false
	}
	return Request{Operation: operation, Path: path, Query: query, Account: account}, true
}

// plausible reports whether a text can stand in a path or a field as it is. No
// documented id has another character.
func plausible(id string) bool {
	if len(id) < 4 || len(id) > 128 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if c := id[i] | 0x20; (c < 'a' || c > 'z') && (id[i] < '0' || id[i] > '9') && id[i] != '-' && id[i] != '_' {
			return false
		}
	}
	return true
}

// resource is a kind of thing that a request names by id.
type resource struct {
	parameter string // of a path, or member of a body
	word      string
	get       string          // the operation that reads one
	list      string          // the operation that lists the parent's, "" for none
	query     string          // what makes that list complete
	of        api.AccountKind // whose it is
}

// resources are the kinds of resource that can be read.
func resources() []resource {
	const cardholder, partner = api.AccountCardholder, api.AccountPartner
	return []resource{
		{"cardId", "card", "get-card", "list-cards", "excludeExpired=false&limit=100", cardholder},
		{"fundingSourceId", "funding source", "get-funding-source", "list-funding-sources", "", cardholder},
		{"fundingChannelId", "funding channel", "get-funding-channel", "list-funding-channels", "limit=100", partner},
		{"transactionId", "transaction", "get-transaction", "list-transactions", "limit=100&statuses=all", cardholder},
		{"inquiryId", "inquiry", "get-inquiry", "list-inquiries", "limit=100", cardholder},
		{"messageId", "payment notification", "get-payment-notification", "list-account-payment-notifications", "limit=100", partner},
		{"reportId", "report", "get-report", "list-reports-by-account", "limit=100", partner},
		{"fileUploadId", "file", "get-file-upload", "", "", cardholder},
		{"clientApplicationId", "client application", "get-client-application", "", "", partner},
		{"listenerId", "webhook listener", "get-webhook-listener", "list-webhook-listeners", "", partner},
	}
}

// unreadable are ids that no operation reads.
func unreadable() []string { return []string{"cardProgramId", "challengeId"} }
