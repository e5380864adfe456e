package probe

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/finding"
)

// The checklist items that the probe sequence answers.
const (
	resourceItem   = "403.resource-id"
	membershipItem = "403.membership"
	roleItem       = "403.roles"
)

// ground is what the probes have found out so far.
type ground struct {
	proven bool   // the credentials are valid, and a call without them is refused
	target string // account that the request works on, or "" if unknown
	place  string // the parameter, field or header that names it
	fixed  bool   // the path or body names it, so it's certain
	acting string // x-account-id that reaches target
	member bool   // proven
	owner  string // the target's partner, or the target itself if it's a partner
	reach  bool   // the role can read resources of the endpoint's level
}

// ladder probes the possible causes of a generic 403: the credentials, the account,
// the role, the resource. It stops at the first failure that would make later
// probes meaningless.
func (w *walk) ladder() {
	g := &ground{acting: w.Account}
	g.target, g.place, g.fixed = w.target()
	if !w.credentials(g) {
		return
	}
	if g.target != "" && !w.account(g) {
		return
	}
	if g.target != "" && !w.role(g) {
		return
	}
	w.resources(g)
	w.remember(g)
}

// target returns the account that a request works on, from the path or body if they
// name it, otherwise from x-account-id.
func (w *walk) target() (id, place string, fixed bool) {
	if at := w.Diagnosis.Operation.Account; at != nil {
		if id := w.parameter(at.Name); id != "" {
			return id, at.Name, true
		}
	}
	return w.Account, "x-account-id", false
}

// credentials sends a request that doesn't need a resource. A second one, without
// credentials, shows whether the first proves anything.
func (w *walk) credentials(g *ground) bool {
	root := w.currencies(w.Account)
	switch {
	case root.kind == refused && w.Account != "":
		return w.outsider(g, root)
	case root.kind == refused:
		w.proves(root, diagnose.Unknown, "nothing, because even this returns 403")
		w.unsettled("even list-currencies returns 403, although it doesn't need a resource")
		return false
	case root.kind == denied:
		w.unsettled("the credentials now get 401, so the probes can't explain the failed call")
		return false
	case root.kind == granted:
		w.control(g, root)
	}
	return true
}

func (w *walk) currencies(account string) reply {
	request, valid := get("list-currencies", "", "", account)
	return w.ask(request, valid)
}

func (w *walk) control(g *ground, root reply) {
	request, valid := get("list-currencies", "", "", "")
	request.Anonymous = true
	bare := w.ask(request, valid)
	switch bare.kind {
	case denied, refused, coded:
		g.proven = true
		w.proves(root, diagnose.OK, "the credentials are valid")
		w.proves(bare, diagnose.OK, "the 200 with credentials means they're valid")
	case granted:
		w.proves(root, diagnose.Unknown, "nothing, because it also returns 200 without credentials")
		w.proves(bare, diagnose.Unknown, "this request can't test credentials")
	}
}

// outsider is the next step if x-account-id makes even a request without a resource
// fail. If the request succeeds without the header, the account is the cause.
func (w *walk) outsider(g *ground, root reply) bool {
	plain := w.currencies("")
	if plain.kind != granted {
		w.unsettled("even list-currencies returns 403, although it doesn't need a resource")
		return false
	}
	w.control(g, plain)
	read := w.getAccount(w.Account, w.Account)
	bare := w.getAccount(w.Account, "")
	if !g.proven || read.kind != refused || bare.kind != refused {
		w.unsettled("requests with x-account-id return 403, but reading the account doesn't confirm why")
		return false
	}
	w.proves(root, diagnose.Problem, "you can't act for %s", shorten(w.Account))
	w.stranger(w.Account, "x-account-id", []reply{plain, root, read, bare})
	return false
}

func (w *walk) getAccount(id, acting string) reply {
	request, valid := get("get-account", id, "", acting)
	return w.ask(request, valid)
}

// stranger records that the caller isn't a member of an account.
func (w *walk) stranger(account, place string, replies []reply) {
	part := check.RequestHeader
	if at := w.Diagnosis.Operation.Account; at != nil && place == at.Name {
		part = check.Part("request." + at.In)
	}
	w.findings = append(w.findings, check.Finding{
		ID: finding.MembershipMissing, Severity: check.Error,
		Title:    fmt.Sprintf("you aren't a member of the account %s", shorten(account)),
		Evidence: w.evidence(replies...),
		Location: check.Location{Part: part, Name: place},
	})
	w.settle(membershipItem, diagnose.Problem, finding.MembershipMissing, "%s; it would look the same if the account didn't exist or the role had no access", w.evidence(replies...))
	w.settle(resourceItem, diagnose.Unknown, "", "only members can look up an account's resources")
	w.settle(roleItem, diagnose.Unknown, "", "only members have a role")
}

// evidence lists the requests and their responses.
func (w *walk) evidence(replies ...reply) string {
	var list []string
	for _, r := range replies {
		if r.index >= 0 {
			list = append(list, w.words(r))
		}
	}
	return strings.Join(list, ", ")
}

// unsettled sets all three checklist items to unknown.
func (w *walk) unsettled(why string) {
	for _, item := range []string{resourceItem, membershipItem, roleItem} {
		w.settle(item, diagnose.Unknown, "", "%s", why)
	}
}

// account reads the account, first with the failed call's x-account-id and, if that
// returns 403, with the account's own ID.
func (w *walk) account(g *ground) bool {
	asSent := w.getAccount(g.target, w.Account)
	switch {
	case asSent.kind == granted:
		w.member(g, asSent)
		w.proves(asSent, diagnose.OK, "you're a member of the account")
		return w.accountType(g, asSent)
	case asSent.kind != refused:
		w.settle(membershipItem, diagnose.Unknown, "", "can't tell from %s: %s", w.words(asSent), asSent.why)
		return true
	}
	if g.target != w.Account {
		named := w.getAccount(g.target, g.target)
		if named.kind == granted {
			return w.headerWrong(g, asSent, named)
		}
		if named.kind != refused {
			w.settle(membershipItem, diagnose.Unknown, "", "can't tell from %s: %s", w.words(named), named.why)
			return true
		}
	}
	return w.unreadableAccount(g, asSent)
}

// member records that the caller is a member of the account.
func (w *walk) member(g *ground, r reply) {
	g.member = true
	note := ""
	if active := r.get("isActive"); active.Exists() && !active.Bool() {
		note = "; the account isn't active"
	}
	w.settle(membershipItem, diagnose.OK, "", "%s%s", w.words(r), note)
}

// headerWrong records that x-account-id doesn't match the account that the call
// works on.
func (w *walk) headerWrong(g *ground, asSent, named reply) bool {
	g.acting, g.member = g.target, true
	w.proves(asSent, diagnose.Problem, "403 with the failed call's x-account-id")
	w.proves(named, diagnose.OK, "you're a member if x-account-id names the account")
	w.accused(g.target, brief(asSent.asked.Path))
	return w.accountType(g, named)
}

// accused adds an error about x-account-id, because path returned 403 with the
// failed call's header and 200 with this account's ID.
func (w *walk) accused(account, path string) {
	f := check.Finding{
		ID: finding.TargetAccountMissing, Severity: check.Error,
		Title:    "x-account-id is missing, and these credentials need it here",
		Evidence: fmt.Sprintf("GET %s returns 403 without x-account-id and 200 with it", path),
		Location: check.Location{Part: check.RequestHeader, Name: "x-account-id"},
		Fix:      fmt.Sprintf("Add x-account-id: %s.", clip(account)),
		Repairs:  []check.Repair{{Kind: check.RepairHeader, Name: "x-account-id", Value: account}},
	}
	if w.Account != "" {
		f.ID = finding.TargetAccountMismatch
		f.Title = "x-account-id doesn't match the account that the call works on"
		f.Evidence = fmt.Sprintf("GET %s returns 403 with x-account-id %s and 200 with %s", path, shorten(w.Account), shorten(account))
		f.Fix = fmt.Sprintf("Send x-account-id: %s.", clip(account))
	}
	w.findings = append(w.findings, f)
	w.settle(membershipItem, diagnose.Problem, f.ID, "you're a member, but x-account-id doesn't name this account: %s", f.Evidence)
}

// unreadableAccount distinguishes an account that the caller isn't a member of from
// one that the role can't read, with a request that needs only the account.
func (w *walk) unreadableAccount(g *ground, read reply) bool {
	inName := w.currencies(g.target)
	if inName.kind == refused && g.proven {
		w.proves(inName, diagnose.Problem, "you can't act for %s", shorten(g.target))
		plain := w.currencies(w.Account)
		w.stranger(g.target, g.place, []reply{plain, inName, read})
		return false
	}
	if inName.kind != granted {
		w.unsettled(fmt.Sprintf("%s: %s", w.words(inName), inName.why))
		return false
	}
	control := w.currencies(nobody)
	if control.kind != refused && control.kind != denied {
		w.proves(control, diagnose.Unknown, "nothing, because any x-account-id is accepted here")
		w.unsettled(fmt.Sprintf("%s: you aren't a member, the role isn't enough, or the account doesn't exist", w.words(read)))
		return false
	}
	g.acting, g.member = g.target, true
	w.proves(inName, diagnose.OK, "you can act for the account")
	w.proves(control, diagnose.OK, "the API checks x-account-id here")
	w.settle(membershipItem, diagnose.OK, "", "%s, but 403 for an invented account", w.words(inName))
	return true
}

// accountType compares the account's type with the one that the endpoint works on.
func (w *walk) accountType(g *ground, r reply) bool {
	op, kind := w.Diagnosis.Operation, r.get("type").String()
	g.owner = r.get("partnerAccountId").String()
	if kind == "partner" {
		g.owner = r.get("id").String()
	}
	if op.AccountKind == api.AccountAny || kind == "" || kind == string(op.AccountKind) {
		return true
	}
	if !g.fixed && op.AccountKind == api.AccountPartner {
		return true // acting for one of the partner's cardholders: later probes decide
	}
	why := fmt.Sprintf("%s names an account of type %q, but %s needs a %s account", g.place, clip(kind), op.ID, op.AccountKind)
	w.proves(r, diagnose.Problem, "the account's type is %q, but %s needs a %s account", clip(kind), op.ID, op.AccountKind)
	w.settle(roleItem, diagnose.Unknown, "", "can't tell without an account of the right type")
	if g.fixed {
		w.settle(resourceItem, diagnose.Problem, "", "%s", why)
		w.remark = why
		return false
	}
	w.settle(resourceItem, diagnose.Unknown, "", "%s", why)
	w.settle(membershipItem, diagnose.Unknown, finding.TargetAccountMismatch, "%s", why)
	w.findings = append(w.findings, check.Finding{
		ID: finding.TargetAccountMismatch, Severity: check.Warning,
		Title:    fmt.Sprintf("x-account-id names a %s account, but the resource belongs to a %s", clip(kind), op.AccountKind),
		Evidence: fmt.Sprintf("%s, type %q", w.words(r), clip(kind)),
		Location: check.Location{Part: check.RequestHeader, Name: "x-account-id"},
		Fix:      fmt.Sprintf("Set x-account-id to the %s account that owns the resource.", op.AccountKind),
	})
	return false
}

// role probes the role with two lists of the endpoint's level. One that succeeds
// is enough.
func (w *walk) role(g *ground) bool {
	account, first, second := w.levelCalls(g)
	if first == "" {
		return true
	}
	a := w.level(first, account, g.acting)
	if a.kind == refused && g.acting != account {
		if named := w.level(first, account, account); named.kind == granted {
			g.acting = account
			w.accused(account, brief(a.asked.Path))
			a = named
		}
	}
	switch a.kind {
	case granted:
		w.reaches(g, a)
		return true
	case refused:
		return w.smallRole(g, a, w.level(second, account, g.acting))
	}
	w.settle(roleItem, diagnose.Unknown, "", "%s: %s", w.words(a), a.why)
	return true
}

// reaches records that the role can read resources of the endpoint's level, so the
// caller is also a member.
func (w *walk) reaches(g *ground, r reply) {
	g.reach = true
	if !g.member {
		w.member(g, r)
	}
	if g.acting == w.Account {
		w.cleared = append(w.cleared, finding.TargetAccountMissing, finding.TargetAccountMismatch)
	}
	words := levelWords(w.Diagnosis.Operation)
	w.proves(r, diagnose.OK, "the role can read %s", words)
	w.settle(roleItem, diagnose.OK, "", "%s, so it can read %s", w.words(r), words)
}

func levelWords(op *api.Operation) string {
	if op.AccountKind == api.AccountPartner {
		return "the partner's own resources"
	}
	return "cardholders' resources"
}

func (w *walk) level(operation, account, acting string) reply {
	query := ""
	if operation == "list-cards" || operation == "list-funding-channels" {
		query = "limit=1"
	}
	request, valid := get(operation, account, query, acting)
	return w.ask(request, valid)
}

// levelCalls returns two operations that need the same role as the failed one, but
// not the operation itself, and the account to send them for.
func (w *walk) levelCalls(g *ground) (account, first, second string) {
	op := w.Diagnosis.Operation
	var calls []string
	switch {
	case op.ID == "get-supported-regions":
		return "", "", "" // any role reads it
	case op.AccountKind == api.AccountCardholder:
		account, calls = g.target, []string{"list-funding-sources", "get-contact-details", "list-cards"}
	case op.AccountKind == api.AccountPartner && g.owner != "":
		account, calls = g.owner, []string{"list-funding-channels", "list-webhook-listeners", "get-partner-profile"}
	default:
		return "", "", ""
	}
	calls = slices.DeleteFunc(calls, func(id string) bool { return id == op.ID })
	return account, calls[0], calls[1]
}

// smallRole interprets the level's second probe after the first one returned 403.
func (w *walk) smallRole(g *ground, a, b reply) bool {
	switch {
	case b.kind == granted:
		g.reach = true
		w.settle(roleItem, diagnose.Unknown, "", "%s, which doesn't match any single role", w.evidence(a, b))
		return true
	case b.kind != refused:
		w.settle(roleItem, diagnose.Unknown, "", "%s: %s", w.words(b), b.why)
		return true
	case !g.member || !g.proven:
		w.settle(roleItem, diagnose.Unknown, "", "%s, but it's unknown whether you're a member", w.evidence(a, b))
		return true
	case !wantsLevel(w.Diagnosis.Operation):
		w.settle(roleItem, diagnose.Unknown, "", "%s; the docs don't say which role %s needs", w.evidence(a, b), w.Diagnosis.OperationID())
		return true
	}
	for _, r := range []reply{a, b} {
		w.proves(r, diagnose.Problem, "the role can't read %s", levelWords(w.Diagnosis.Operation))
	}
	w.roleInsufficient(a, b)
	return false
}

// wantsLevel reports whether the documentation says which role an operation needs:
// in its rules for a cardholder's resources, in its samples for a partner's.
func wantsLevel(op *api.Operation) bool {
	if op.AccountKind == api.AccountCardholder {
		return true
	}
	admin := false
	for _, sample := range op.SampleCredentials {
		if !strings.HasPrefix(sample, "account-admin-key") {
			return false
		}
		admin = true
	}
	return admin
}

func (w *walk) roleInsufficient(a, b reply) {
	op := w.Diagnosis.Operation
	fix := "Use the card-issuer key or the cardholder's own session for this call."
	if op.AccountKind == api.AccountPartner {
		fix = "Use the account-admin key for this call."
	}
	w.findings = append(w.findings, check.Finding{
		ID: finding.RoleInsufficient, Severity: check.Error,
		Title:    fmt.Sprintf("your role doesn't have access to %s", levelWords(op)),
		Evidence: fmt.Sprintf("you're a member of the account (%s), but %s", w.verdict(membershipItem).Because, w.evidence(a, b)),
		Location: check.Location{Part: check.RequestHeader, Name: w.credentialField()},
		Fix:      fix,
	})
	w.cleared = append(w.cleared, finding.TargetAccountMissing, finding.TargetAccountMismatch)
	w.settle(roleItem, diagnose.Problem, finding.RoleInsufficient, "%s", w.evidence(a, b))
	w.settle(resourceItem, diagnose.Unknown, "", "this role can't look up the account's resources")
}

// credentialField returns the name of the header with the caller's credentials.
func (w *walk) credentialField() string {
	if w.Diagnosis.Auth == diagnose.AuthBearer {
		return "authorization"
	}
	return "x-api-key"
}
