package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// rule describes how to answer a step on an errorCode's page: which GET to send, and
// what its response must contain for the step's statement to be true. A test keeps
// the rules and the pages in step.
type rule struct {
	code  string
	step  int    // of the page, from 1
	get   string // operationId
	of    string // the parameter with the ID, or "" for the operation's own
	path  string // field of the response (gjson)
	one   judge  // for a response
	many  judges // for a complete list, instead of one
	query string
	// reading is true for a step that asks whether a resource can be read at all.
	reading bool
}

// judge checks whether a step's statement is true of a field in a response. If the API
// says that the resource doesn't exist, the body is empty.
type judge func(w *walk, r reply, path string) (diagnose.State, string)

// judges checks a statement against the entries of a list.
type judges func(w *walk, entries []gjson.Result) (diagnose.State, string)

func rulesOf(code string) []rule {
	var list []rule
	for _, part := range [][]rule{accountRules(), cardRules(), cardLifeRules(), fundingRules(), kycRules()} {
		for _, r := range part {
			if r.code == code {
				list = append(list, r)
			}
		}
	}
	return list
}

// Rule names the operation that answers a step on an errorCode's page.
type Rule struct {
	Code      string
	Step      int
	Operation string
}

// Rules returns the steps that probes can answer.
func Rules() []Rule {
	var list []Rule
	for _, r := range slices.Concat(accountRules(), cardRules(), cardLifeRules(), fundingRules(), kycRules()) {
		list = append(list, Rule{r.code, r.step, r.get})
	}
	return list
}

const (
	allCards    = "excludeExpired=false&limit=100"
	withdrawals = "limit=100&type=Withdrawal"
	firstPages  = "limit=100"
)

func accountRules() []rule {
	const application, origins = "get-client-application", "allowedOrigins"
	return []rule{
		{code: "ACCOUNT_TYPE_INVALID", step: 1, get: "get-account", path: "type", one: is("partner")},
		{code: "ACCOUNT_TYPE_INVALID", step: 2, get: "get-webhook-listener", path: "accountId", one: show},
		{code: "INVALID_PARTNER_ACCOUNT", step: 1, get: "get-account", of: "partnerAccountId", path: "type", one: is("partner")},
		{code: "INVALID_PARENT_ACCOUNT", step: 1, get: "get-account", of: "parentAccountId", path: "type", one: is("partner")},
		{code: "LIVENESS_MISMATCH", step: 1, get: "get-account", path: "liveness", one: livenessOfHost},
		{code: "LIVENESS_MISMATCH", step: 3, get: "get-funding-source", one: readable},
		{code: "LIVENESS_MISMATCH", step: 4, get: "get-card", one: readable},
		{code: "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", step: 1, get: application, path: origins, one: hostAllowed},
		{code: "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", step: 2, get: application, path: origins, one: originAllowed},
		{code: "CLIENT_APPLICATION_DOMAIN_NOT_ALLOWED", step: 3, get: application, path: "accountId", one: show},
		{code: "CLIENT_APPLICATION_MISMATCH", step: 2, get: application, one: readable},
		{code: "ORIGIN_NOT_ALLOWED", step: 1, get: application, path: origins, one: originField},
	}
}

// cardRules returns the rules for creating cards.
func cardRules() []rule {
	const source, channel, account, kyc = "get-funding-source", "get-funding-channel", "get-account", "get-kyc-profile"
	return []rule{
		{code: "BETA_ACCESS_DENIED", step: 1, get: source, path: "externalId", one: show},
		{code: "CARD_PROGRAM_INVALID", step: 1, get: account, path: "partnerAccountId", one: show},
		{code: "CARD_PROGRAM_INVALID", step: 2, get: "list-cards", query: allCards, many: sameProgram},
		{code: "CARD_REGION_NOT_SUPPORTED", step: 1, get: kyc, path: "region", one: show},
		{code: "CARD_REGION_NOT_SUPPORTED", step: 2, get: "get-supported-regions", many: profileRegionAvailable},
		{code: "CARD_REGION_NOT_SUPPORTED", step: 3, get: account, path: "partnerAccountId", one: show},
		{code: "CONTACT_EMAIL_REQUIRED", step: 1, get: "get-contact-details", path: "email.emailAddress", one: onRecord("email address")},
		{code: "CONTACT_EMAIL_REQUIRED", step: 2, get: "get-contact-details", path: "phone.phoneNumber", one: onRecord("phone number")},
		{code: "CONTACT_PHONE_REQUIRED", step: 1, get: "get-contact-details", path: "phone.phoneNumber", one: onRecord("phone number")},
		{code: "CONTACT_PHONE_REQUIRED", step: 2, get: "get-contact-details", path: "email.emailAddress", one: onRecord("email address")},
		{code: "EXPECTED_SPEND_PREREQ_REQUIRED", step: 1, get: "get-expected-spend-amount", path: "expectedSpendAmount", one: onRecord("expectedSpendAmount")},
		{code: "EXPECTED_SPEND_PREREQ_REQUIRED", step: 2, get: "get-cardholder-blocks", query: firstPages, many: noOtherBlock},
		{code: "FUNDING_CHANNEL_INVALID", step: 1, get: source, path: "purpose", one: is("card-funding")},
		{code: "FUNDING_CHANNEL_INVALID", step: 2, get: channel, path: "fundingTypeName", one: channelKind},
		{code: "FUNDING_CHANNEL_INVALID", step: 3, get: "list-funding-sources", many: otherSources},
		{code: "KYC_REQUIRED", step: 1, get: kyc, path: "status", one: is("passed")},
		{code: "KYC_REQUIRED", step: 2, get: kyc, path: "region", one: show},
		{code: "MAX_ACTIVE_CARDS_EXCEEDED", step: 1, get: "list-cards", query: allCards, many: activeCards},
		{code: "MAX_ACTIVE_CARDS_EXCEEDED", step: 2, get: "list-cards", query: allCards, many: activeCards},
		{code: "MAX_CARDS_EXCEEDED", step: 1, get: "list-cards", query: allCards, many: noneUsable},
		{code: "MAX_CARDS_EXCEEDED", step: 2, get: "list-cards", query: allCards, many: noBurst},
		{code: "PAYMENT_BRIDGE_ERROR", step: 2, get: "list-currencies", one: readable},
		{code: "PHYSICAL_CARD_CONFIGURATION_INVALID", step: 2, get: kyc, path: "region", one: show},
		{code: "SHIPPING_ADDRESS_REQUIRED", step: 4, get: "list-cards", query: allCards, many: physicalProgram},
	}
}

// cardLifeRules returns the rules for existing cards.
func cardLifeRules() []rule {
	const card, blocks = "get-card", "get-cardholder-blocks"
	return []rule{
		{code: "CARD_ACTIVATION_FORBIDDEN", step: 1, get: card, path: "type", one: is("physical")},
		{code: "CARD_ACTIVATION_FORBIDDEN", step: 2, get: card, path: "status", one: is("shipped")},
		{code: "CARD_ACTIVATION_FORBIDDEN", step: 3, get: card, path: "isBlocked", one: is("false")},
		{code: "CARD_ACTIVATION_FORBIDDEN", step: 4, get: card, path: "expiresAt", one: ahead},
		{code: "CARD_ALREADY_FROZEN", step: 1, get: card, path: "isBlocked", one: is("true")},
		{code: "CARD_NOT_FOUND", step: 1, get: card, reading: true, one: readable},
		{code: "CARD_NOT_FOUND", step: 2, get: "list-cards", query: allCards, many: idAmong},
		{code: "CARD_NOT_FROZEN", step: 1, get: card, path: "isBlocked", one: is("false")},
		{code: "CARD_NOT_FROZEN", step: 2, get: blocks, query: firstPages, many: noCardholderBlock},
		{code: "CARD_PROGRAMS_NOT_CONFIGURED", step: 1, get: "get-account", path: "type", one: is("partner")},
		{code: "CARD_REISSUE_NOT_ALLOWED", step: 1, get: card, path: "status", one: is("active")},
		{code: "CARD_REISSUE_NOT_ALLOWED", step: 2, get: card, path: "successorCardId", one: absent},
		{code: "CARD_REISSUE_NOT_ALLOWED", step: 3, get: card, path: "isBlocked", one: is("false")},
		{code: "CARD_REISSUE_NOT_ALLOWED", step: 4, get: blocks, query: firstPages, many: noCardholderBlock},
		{code: "CARD_REISSUE_NOT_ALLOWED", step: 5, get: "list-cards", query: allCards, many: newestOfSeries},
		{code: "CARD_SET_PIN_FORBIDDEN", step: 1, get: card, path: "status", one: is("active")},
		{code: "CARD_SET_PIN_FORBIDDEN", step: 2, get: card, path: "isBlocked", one: is("false")},
		{code: "CARD_SET_PIN_FORBIDDEN", step: 3, get: card, path: "expiresAt", one: ahead},
		{code: "CARD_UNFREEZE_NOT_ALLOWED", step: 1, get: card, path: "unfreezeAllowed", one: is("true")},
		{code: "CARD_UNFREEZE_NOT_ALLOWED", step: 2, get: blocks, query: firstPages, many: ownBlock},
		{code: "INVALID_PIN_FORMAT", step: 4, get: card, path: "panLast4", one: notThePIN},
	}
}

func fundingRules() []rule {
	const source, channel, moves = "get-funding-source", "get-funding-channel", "list-funding-source-interactions"
	return []rule{
		{code: "FUNDING_CHANNEL_EXISTS", step: 1, get: "list-funding-channels", query: firstPages, many: otherParams},
		{code: "FUNDING_SOURCE_INVALID", step: 1, get: source, path: "accountId", one: ofCardholder},
		{code: "FUNDING_SOURCE_INVALID", step: 2, get: source, path: "purpose", one: is("card-funding")},
		{code: "FUNDING_SOURCE_INVALID", step: 3, get: channel, path: "fundingTypeName", one: channelKind},
		{code: "FUNDING_STRATEGY_NOT_SUPPORTED", step: 1, get: source, path: "balance", one: show},
		{code: "FUNDING_STRATEGY_NOT_SUPPORTED", step: 2, get: channel, path: "mode", one: show},
		{code: "FUNDING_STRATEGY_NOT_SUPPORTED", step: 3, get: channel, path: "fundingTypeName", one: notCustodial},
		{code: "INSUFFICIENT_BALANCE", step: 1, get: source, path: "balance", one: covers},
		{code: "INSUFFICIENT_BALANCE", step: 2, get: moves, query: withdrawals, many: noneHolds},
		{code: "INSUFFICIENT_FUNDS", step: 1, get: source, path: "balance", one: covers},
		{code: "INSUFFICIENT_FUNDS", step: 2, get: moves, query: withdrawals, many: noneHolds},
		{code: "INVALID_FUNDING_SOURCE_TYPE", step: 1, get: source, path: "fundingChannelId", one: show},
		{code: "INVALID_FUNDING_SOURCE_TYPE", step: 2, get: channel, path: "fundingTypeName", one: is("simulator-usdc")},
		{code: "TOO_MANY_PENDING_WITHDRAWALS", step: 1, get: moves, query: withdrawals, many: fewerThanTen},
	}
}

func kycRules() []rule {
	const kyc, statement, account, profile = "get-kyc-profile", "get-kyc-statement", "get-account", "get-partner-profile"
	const allowed = "isKycStatementsSubmissionAllowed"
	return []rule{
		{code: "ATTACHMENT_ACCOUNT_MISMATCH", step: 1, get: "get-file-upload", of: "attachments.0.fileId", path: "accountId", one: filesOfCardholder},
		{code: "ATTACHMENT_ACCOUNT_MISMATCH", step: 2, get: account, path: "type", one: is("cardholder")},
		{code: "KYC_ALREADY_PASSED", step: 1, get: kyc, path: "status", one: isNot("passed")},
		{code: "KYC_ALREADY_PASSED", step: 2, get: "get-residential-addresses", many: countAddresses},
		{code: "KYC_PROFILE_DOES_NOT_EXIST", step: 1, get: account, path: "type", one: is("cardholder")},
		{code: "KYC_PROFILE_DOES_NOT_EXIST", step: 2, get: statement, path: "createdAt", one: submitted},
		{code: "KYC_PROFILE_REGION_MISMATCH", step: 1, get: kyc, path: "region", one: equals("kycRegion")},
		{code: "KYC_STATEMENTS_NOT_ALLOWED", step: 1, get: profile, path: allowed, one: is("true")},
		{code: "KYC_STATEMENTS_NOT_ALLOWED", step: 2, get: account, path: "partnerAccountId", one: show},
		{code: "KYC_STATEMENT_DOES_NOT_EXIST", step: 1, get: profile, path: allowed, one: is("true")},
		{code: "KYC_STATEMENT_DOES_NOT_EXIST", step: 2, get: account, path: "type", one: is("cardholder")},
		{code: "KYC_STATEMENT_REGION_MISMATCH", step: 1, get: statement, path: "region", one: equals("kycRegion")},
		{code: "KYC_STATEMENT_REGION_MISMATCH", step: 2, get: kyc, path: "region", one: noRegionSettled},
		{code: "UNSUPPORTED_KYC_REGION", step: 1, get: "get-supported-regions", many: askedRegionAvailable},
	}
}

// seen describes a field of a response: status is "pending".
func seen(path string, v gjson.Result) string {
	switch {
	case !v.Exists():
		return "the response doesn't have " + path
	case v.Type == gjson.String && len(v.String()) >= 20:
		return fmt.Sprintf("%s is %s", path, shorten(v.String()))
	case v.Type == gjson.String:
		return fmt.Sprintf("%s is %q", path, clip(v.String()))
	}
	return fmt.Sprintf("%s is %s", path, clip(v.Raw))
}

// truth returns OK if the statement is true, otherwise Problem.
func truth(holds bool, because string) (diagnose.State, string) {
	if holds {
		return diagnose.OK, because
	}
	return diagnose.Problem, because
}

// none describes a response that says the resource doesn't exist.
func none(r reply) string { return "it doesn't exist (" + clip(r.code) + ")" }

func is(want string) judge {
	return func(_ *walk, r reply, path string) (diagnose.State, string) {
		v := r.get(path)
		switch {
		case r.kind == coded:
			return diagnose.Problem, none(r)
		case !v.Exists():
			return diagnose.Unknown, seen(path, v)
		}
		return truth(v.String() == want, seen(path, v))
	}
}

func isNot(other string) judge {
	return func(_ *walk, r reply, path string) (diagnose.State, string) {
		v := r.get(path)
		switch {
		case r.kind == coded:
			return diagnose.OK, none(r)
		case !v.Exists():
			return diagnose.Unknown, seen(path, v)
		}
		return truth(v.String() != other, seen(path, v))
	}
}

// show only shows the value, for the reader to compare. IDs aren't shortened.
func show(_ *walk, r reply, path string) (diagnose.State, string) {
	v := r.get(path)
	switch {
	case r.kind == coded:
		return diagnose.Unknown, none(r)
	case v.Type == gjson.String && plausible(v.String()):
		return diagnose.Unknown, fmt.Sprintf("seen: %s is %s", path, exchange.MaskText(v.String()))
	}
	return diagnose.Unknown, "seen: " + seen(path, v)
}

// onRecord checks only whether a value exists, because it's personal data.
func onRecord(what string) judge {
	return func(_ *walk, r reply, path string) (diagnose.State, string) {
		if r.kind == coded || r.get(path).String() == "" {
			return diagnose.Problem, fmt.Sprintf("no %s is set", what)
		}
		return diagnose.OK, fmt.Sprintf("the %s is set", what)
	}
}

func absent(_ *walk, r reply, path string) (diagnose.State, string) {
	v := r.get(path)
	if v.String() == "" {
		return diagnose.OK, path + " isn't set"
	}
	return diagnose.Problem, seen(path, v)
}

func ahead(w *walk, r reply, path string) (diagnose.State, string) {
	v := r.get(path)
	at, err := time.Parse(time.RFC3339, v.String())
	if err != nil {
		return diagnose.Unknown, seen(path, v)
	}
	return truth(at.After(w.Now), fmt.Sprintf("%s is %s", path, at.UTC().Format("2006-01-02 15:04 UTC")))
}

// equals compares the value with a field of the request body.
func equals(member string) judge {
	return func(w *walk, r reply, path string) (diagnose.State, string) {
		asked := w.content(member).String()
		v := r.get(path)
		switch {
		case r.kind == coded:
			return diagnose.Unknown, none(r)
		case asked == "" || !v.Exists():
			return diagnose.Unknown, "seen: " + seen(path, v)
		}
		return truth(v.String() == asked, fmt.Sprintf("%s, and the request's %s is %q", seen(path, v), member, clip(asked)))
	}
}

// readable checks whether a resource can be read. A 403 counts only for a step that
// asks exactly that.
func readable(_ *walk, r reply, _ string) (diagnose.State, string) {
	if r.kind == granted {
		return diagnose.OK, "you can read it"
	}
	return diagnose.Problem, "you can't read it (403)"
}

func submitted(_ *walk, r reply, _ string) (diagnose.State, string) {
	if r.kind == coded {
		return diagnose.Unknown, "no statement was submitted, which is right if Immersve conducts KYC"
	}
	return diagnose.OK, "a statement was submitted"
}

func noRegionSettled(_ *walk, r reply, path string) (diagnose.State, string) {
	v := r.get(path)
	switch {
	case r.kind == coded:
		return diagnose.OK, "there's no KYC profile yet"
	case r.get("status").String() == "passed" && v.String() != "":
		return diagnose.Problem, seen(path, v) + ", set by a KYC that passed"
	}
	return diagnose.Unknown, fmt.Sprintf("seen: %s, %s", seen(path, v), seen("status", r.get("status")))
}

func livenessOfHost(w *walk, r reply, path string) (diagnose.State, string) {
	v, environment := r.get(path), string(w.Diagnosis.Environment)
	switch {
	case !v.Exists() || environment == "unknown":
		return diagnose.Unknown, "seen: " + seen(path, v)
	case environment == "local":
		environment = "test" // the simulator plays that environment
	}
	return truth(v.String() == environment, fmt.Sprintf("%s, and the host is %s", seen(path, v), environment))
}

// notThePIN compares without showing the digits.
func notThePIN(w *walk, r reply, path string) (diagnose.State, string) {
	pin, last := w.content("newPin").String(), r.get(path).String()
	if pin == "" || last == "" {
		return diagnose.Unknown, "the input doesn't show newPin, or the card doesn't have " + path
	}
	if pin == last {
		return diagnose.Problem, "newPin is the end of the card number"
	}
	return diagnose.OK, "newPin isn't the end of the card number"
}

// filesOfCardholder checks the account of each attached file.
func filesOfCardholder(w *walk, _ reply, path string) (diagnose.State, string) {
	const most = 4 // the rest of the limit
	cardholder := w.cardholder()
	ids := w.content("attachments.#.fileId").Array()
	for i, id := range ids {
		if i == most {
			return diagnose.Unknown, fmt.Sprintf("seen: the first %d of %d files are the cardholder's", most, len(ids))
		}
		file := w.lookUp("get-file-upload", id.String(), "")
		if file.kind != granted {
			return diagnose.Unknown, fmt.Sprintf("%s, %s", w.words(file), whyNot(file))
		}
		if owner := file.get(path).String(); owner != cardholder {
			w.proves(file, diagnose.Problem, "the file belongs to account %s", shorten(owner))
			return diagnose.Problem, fmt.Sprintf("file %s belongs to account %s, but the path names %s", shorten(id.String()), shorten(owner), shorten(cardholder))
		}
	}
	return truth(len(ids) > 0, fmt.Sprintf("each file belongs to account %s", shorten(cardholder)))
}

// containsFold reports whether an array contains a value, ignoring case.
func containsFold(list gjson.Result, want string) bool {
	return slices.ContainsFunc(list.Array(), func(v gjson.Result) bool { return strings.EqualFold(v.String(), want) })
}
