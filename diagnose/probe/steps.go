package probe

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
)

// steps asks what settles the steps of an errorCode's page.
func (w *walk) steps() {
	for _, r := range rulesOf(w.Diagnosis.Error.Code) {
		state, because := w.step(r)
		w.settle(fmt.Sprintf("%d.%s.%d", w.Diagnosis.Status(), r.code, r.step), state, "", "%s", because)
	}
}

func (w *walk) step(r rule) (diagnose.State, string) {
	id, why := w.idFor(r)
	if why != "" {
		return diagnose.Unknown, why
	}
	if r.many != nil {
		return w.listStep(r, id)
	}
	answer := w.lookUp(r.get, id, r.query)
	if answer.kind == coded && strings.HasSuffix(answer.code, "_DOES_NOT_EXIST") {
		answer.body = gjson.Result{} // the API says that there is none, which settles something
		return w.judged(r, answer)
	}
	if answer.kind == granted || answer.kind == refused && r.reading {
		return w.judged(r, answer)
	}
	return diagnose.Unknown, fmt.Sprintf("%s, %s", w.words(answer), whyNot(answer))
}

// whyNot says why an answer settles nothing.
func whyNot(r reply) string {
	if r.kind == refused {
		return "so these credentials cannot show it"
	}
	return r.why
}

// judged applies a rule, and notes beside the answer what it said first.
func (w *walk) judged(r rule, answer reply) (diagnose.State, string) {
	state, because := r.one(w, answer, r.path)
	w.note(answer, state, because)
	return state, because
}

// note writes beside an answer what it settles: of several steps each.
func (w *walk) note(answer reply, state diagnose.State, because string) {
	if answer.index < 0 {
		return
	}
	old := w.reading[answer.index]
	switch {
	case old.proves == plainReading(answer).proves:
	case strings.Contains(old.proves, because):
		return
	default:
		because = old.proves + "; " + because
		if old.state == diagnose.Problem || state == diagnose.Unknown {
			state = old.state
		}
	}
	w.reading[answer.index] = reading{state, because}
}

func (w *walk) listStep(r rule, id string) (diagnose.State, string) {
	account := w.Account
	items, last, why := w.all(r.get, id, r.query, account)
	if last.kind == refused && account == "" {
		if name := w.cardholder(); name != "" {
			items, last, why = w.all(r.get, id, r.query, name)
		}
	}
	if why != "" {
		return diagnose.Unknown, fmt.Sprintf("%s: %s", w.words(last), why)
	}
	state, because := r.many(w, items)
	w.note(last, state, because)
	return state, because
}

// lookUp asks as the call was made, and where that named no account and is
// refused, in the cardholder's name.
func (w *walk) lookUp(operation, id, query string) reply {
	request, valid := get(operation, id, query, w.Account)
	answer := w.ask(request, valid)
	if answer.kind != refused || w.Account != "" {
		return answer
	}
	if name := w.cardholder(); name != "" {
		request.Account = name
		if named := w.ask(request, valid); named.kind == granted || named.kind == coded {
			return named
		}
	}
	return answer
}

// idFor returns the id that a rule's call takes, or why it is not known.
func (w *walk) idFor(r rule) (id, why string) {
	op, err := api.Lookup(r.get)
	if err != nil {
		return "", err.Error() // a test holds the rules and the operations together
	}
	_, rest, ok := strings.Cut(op.Path, "{")
	if !ok {
		return "", ""
	}
	name, _, _ := strings.Cut(rest, "}")
	if r.of != "" {
		name = r.of
	}
	if id = w.known(name, op); id == "" {
		return "", fmt.Sprintf("the call does not show %s", name)
	}
	return id, ""
}

// known returns an id from the request, or from what other answers tell.
func (w *walk) known(name string, op *api.Operation) string {
	switch {
	case op.AccountKind == api.AccountPartner && strings.HasSuffix(strings.ToLower(name), "accountid"):
		return w.partner()
	case op.ID == "get-account" && name == "accountId":
		return w.anyAccount()
	case name == "accountId", name == "cardholderAccountId", name == "cardholderId":
		return w.cardholder()
	}
	if id := w.parameter(name); id != "" {
		return id
	}
	if name == "fundingChannelId" {
		return w.memberOf("get-funding-source", "fundingSourceId", name)
	}
	return ""
}

// anyAccount is the account that a call works on, of whatever type.
func (w *walk) anyAccount() string {
	if at := w.Diagnosis.Operation.Account; at != nil {
		if id := w.parameter(at.Name); id != "" {
			return id
		}
	}
	if id := w.memberOf("get-webhook-listener", "listenerId", "accountId"); id != "" {
		return id
	}
	return w.cardholder()
}

// cardholder is the cardholder's account: path, body or x-account-id name it, or
// the card or funding source of the request belongs to it.
func (w *walk) cardholder() string {
	op := w.Diagnosis.Operation
	if op.Account != nil && op.AccountKind != api.AccountPartner {
		if id := w.parameter(op.Account.Name); id != "" {
			return id
		}
	}
	if w.Account != "" {
		return w.Account
	}
	if id := w.memberOf("get-funding-source", "fundingSourceId", "accountId"); id != "" {
		return id
	}
	if id := w.memberOf("get-card", "cardId", "accountId"); id != "" {
		return id
	}
	return w.Candidate
}

// partner is the partner's account: the request names it, or it is above the
// cardholder's.
func (w *walk) partner() string {
	if id := w.parameter("partnerAccountId"); id != "" {
		return id
	}
	op := w.Diagnosis.Operation
	if op.Account != nil && op.AccountKind == api.AccountPartner {
		return w.parameter(op.Account.Name)
	}
	account := w.cardholder()
	if account == "" {
		return ""
	}
	request, valid := get("get-account", account, "", w.Account)
	answer := w.ask(request, valid)
	if answer.kind == refused && w.Account == "" {
		request.Account = account
		answer = w.ask(request, valid)
	}
	if answer.get("type").String() == "partner" {
		return answer.get("id").String()
	}
	return answer.get("partnerAccountId").String()
}

// memberOf returns a member of the resource that a parameter of the request
// names.
func (w *walk) memberOf(operation, parameter, member string) string {
	id := w.parameter(parameter)
	if id == "" {
		return ""
	}
	request, valid := get(operation, id, "", w.Account)
	if answer := w.ask(request, valid); answer.kind == granted {
		return answer.get(member).String()
	}
	return ""
}
