package probe

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
)

// steps probes the steps on an errorCode's page.
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
		answer.body = gjson.Result{} // the API says there is none, which is a result
		return w.judged(r, answer)
	}
	if answer.kind == granted || answer.kind == refused && r.reading {
		return w.judged(r, answer)
	}
	return diagnose.Unknown, fmt.Sprintf("%s, %s", w.words(answer), whyNot(answer))
}

// whyNot returns why an answer doesn't answer a step.
func whyNot(r reply) string {
	if r.kind == refused {
		return "so these credentials can't read it"
	}
	return r.why
}

// judged applies a rule and adds its result to what the answer proves.
func (w *walk) judged(r rule, answer reply) (diagnose.State, string) {
	state, because := r.one(w, answer, r.path)
	w.note(answer, state, because)
	return state, because
}

// note adds a result to what an answer proves. An answer can have several.
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

// lookUp sends the request with the failed call's x-account-id. If there was none and
// the API returns 403, it tries the cardholder's account ID.
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

// idFor returns the ID for a rule's request, or why it's unknown.
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
		return "", fmt.Sprintf("the input doesn't show %s", name)
	}
	return id, ""
}

// known returns an ID from the request or from other answers.
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

// anyAccount returns the account that a call works on, of any type.
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

// cardholder returns the cardholder's account from the path, the body or
// x-account-id, otherwise the owner of the request's card or funding source.
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

// partner returns the partner's account from the request, otherwise the one that the
// cardholder's account belongs to.
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

// memberOf returns a field of the resource that a parameter of the request names.
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
