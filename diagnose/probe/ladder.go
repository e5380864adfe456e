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

// The points of the checklist that the ladder settles.
const (
	resourceItem   = "403.resource-id"
	membershipItem = "403.membership"
	roleItem       = "403.roles"
)

// ground is what the ladder stands on, rung by rung.
type ground struct {
	proven bool   // the credentials are valid, and a call without them is refused
	target string // account that the request works on, "" when it is not known
	place  string // the parameter, member or field that names it
	fixed  bool   // path or body name it, so that there is no doubt
	acting string // x-account-id that reaches target
	member bool   // proven
	owner  string // the partner above the target, or the target when it is one
	reach  bool   // the role reads what is of the operation's level
}

// ladder asks what a plain 403 hides: the credentials, the account, the role,
// the resource. A rung that fails ends it where the rungs above would prove
// nothing.
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

// target returns the account that a request works on: by path or body, else by
// its x-account-id.
func (w *walk) target() (id, place string, fixed bool) {
	if at := w.Diagnosis.Operation.Account; at != nil {
		if id := w.parameter(at.Name); id != "" {
			return id, at.Name, true
		}
	}
	return w.Account, "x-account-id", false
}

// credentials is the first rung: a call that needs no resource. It needs a second
// one without credentials, to know that it proves something.
func (w *walk) credentials(g *ground) bool {
	root := w.currencies(w.Account)
	switch {
	case root.kind == refused && w.Account != "":
		return w.outsider(g, root)
	case root.kind == refused:
		w.proves(root, diagnose.Unknown, "nothing: even what needs no resource is refused")
		w.unsettled("even list-currencies, which needs no resource, is refused")
		return false
	case root.kind == denied:
		w.unsettled("the credentials are refused now (401), so the probes show nothing about the call")
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
		w.proves(bare, diagnose.OK, "the 200 with credentials means that they are valid")
	case granted:
		w.proves(root, diagnose.Unknown, "nothing: it answers without credentials, too")
		w.proves(bare, diagnose.Unknown, "that this call says nothing of credentials")
	}
}

// outsider follows when even a call that needs no resource is refused in the
// name of the account. When it passes without the account, the account is what
// is refused.
func (w *walk) outsider(g *ground, root reply) bool {
	plain := w.currencies("")
	if plain.kind != granted {
		w.unsettled("even list-currencies, which needs no resource, is refused")
		return false
	}
	w.control(g, plain)
	read := w.getAccount(w.Account, w.Account)
	bare := w.getAccount(w.Account, "")
	if !g.proven || read.kind != refused || bare.kind != refused {
		w.unsettled("x-account-id is refused, yet the account's own answers do not bear it out")
		return false
	}
	w.proves(root, diagnose.Problem, "the caller may not act for %s", shorten(w.Account))
	w.stranger(w.Account, "x-account-id", []reply{plain, root, read, bare})
	return false
}

func (w *walk) getAccount(id, acting string) reply {
	request, valid := get("get-account", id, "", acting)
	return w.ask(request, valid)
}

// stranger settles that the caller is no member of an account.
func (w *walk) stranger(account, place string, replies []reply) {
	part := check.RequestHeader
	if at := w.Diagnosis.Operation.Account; at != nil && place == at.Name {
		part = check.Part("request." + at.In)
	}
	w.findings = append(w.findings, check.Finding{
		ID: finding.MembershipMissing, Severity: check.Error,
		Title:    fmt.Sprintf("the caller is no member of the account %s", shorten(account)),
		Evidence: w.evidence(replies...),
		Location: check.Location{Part: part, Name: place},
	})
	w.settle(membershipItem, diagnose.Problem, finding.MembershipMissing, "%s; an account that does not exist, or a role that reaches nothing in it, would look the same", w.evidence(replies...))
	w.settle(resourceItem, diagnose.Unknown, "", "what belongs to an account can be looked up by its members only")
	w.settle(roleItem, diagnose.Unknown, "", "a role is had by members only")
}

// evidence names the calls and their answers.
func (w *walk) evidence(replies ...reply) string {
	var list []string
	for _, r := range replies {
		if r.index >= 0 {
			list = append(list, w.words(r))
		}
	}
	return strings.Join(list, ", ")
}

// unsettled leaves all three points open.
func (w *walk) unsettled(why string) {
	for _, item := range []string{resourceItem, membershipItem, roleItem} {
		w.settle(item, diagnose.Unknown, "", "%s", why)
	}
}

// account is the rung of the account: as the call was made, and if that is
// refused, in the account's own name.
func (w *walk) account(g *ground) bool {
	asSent := w.getAccount(g.target, w.Account)
	switch {
	case asSent.kind == granted:
		w.member(g, asSent)
		w.proves(asSent, diagnose.OK, "the caller is a member of the account")
		return w.accountType(g, asSent)
	case asSent.kind != refused:
		w.settle(membershipItem, diagnose.Unknown, "", "%s was to show it: %s", w.words(asSent), asSent.why)
		return true
	}
	if g.target != w.Account {
		named := w.getAccount(g.target, g.target)
		if named.kind == granted {
			return w.headerWrong(g, asSent, named)
		}
		if named.kind != refused {
			w.settle(membershipItem, diagnose.Unknown, "", "%s was to show it: %s", w.words(named), named.why)
			return true
		}
	}
	return w.unreadableAccount(g, asSent)
}

// member settles that the caller is a member of the account.
func (w *walk) member(g *ground, r reply) {
	g.member = true
	note := ""
	if active := r.get("isActive"); active.Exists() && !active.Bool() {
		note = "; the account is not active"
	}
	w.settle(membershipItem, diagnose.OK, "", "%s%s", w.words(r), note)
}

// headerWrong settles that the call was made in another account's name than the
// one it works on.
func (w *walk) headerWrong(g *ground, asSent, named reply) bool {
	g.acting, g.member = g.target, true
	w.proves(asSent, diagnose.Problem, "as the call was made, the account is refused")
	w.proves(named, diagnose.OK, "the caller is a member, when x-account-id says for which account it acts")
	w.accused(g.target, brief(asSent.asked.Path))
	return w.accountType(g, named)
}

// accused raises the suspicion about x-account-id to an error: path was refused
// as the call was made, and is granted in this account's name.
func (w *walk) accused(account, path string) {
	f := check.Finding{
		ID: finding.TargetAccountMissing, Severity: check.Error,
		Title:    "the call does not say in x-account-id for which account it is made",
		Evidence: fmt.Sprintf("GET %s 403 without, 200 with x-account-id", path),
		Location: check.Location{Part: check.RequestHeader, Name: "x-account-id"},
		Fix:      fmt.Sprintf("Add x-account-id: %s.", clip(account)),
		Repairs:  []check.Repair{{Kind: check.RepairHeader, Name: "x-account-id", Value: account}},
	}
	if w.Account != "" {
		f.ID = finding.TargetAccountMismatch
		f.Title = "x-account-id names another account than the one that the call works on"
		f.Evidence = fmt.Sprintf("GET %s 403 with x-account-id %s, 200 with %s", path, shorten(w.Account), shorten(account))
		f.Fix = fmt.Sprintf("Send x-account-id: %s.", clip(account))
	}
	w.findings = append(w.findings, f)
	w.settle(membershipItem, diagnose.Problem, f.ID, "a member, but the call is not made in this account's name: %s", f.Evidence)
}

// unreadableAccount tells a stranger's account from one that the role does not
// let read: a call that needs no resource is made in its name.
func (w *walk) unreadableAccount(g *ground, read reply) bool {
	inName := w.currencies(g.target)
	if inName.kind == refused && g.proven {
		w.proves(inName, diagnose.Problem, "the caller may not act for %s", shorten(g.target))
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
		w.proves(control, diagnose.Unknown, "nothing: any x-account-id is accepted here")
		w.unsettled(fmt.Sprintf("%s: no membership, too small a role, or no such account", w.words(read)))
		return false
	}
	g.acting, g.member = g.target, true
	w.proves(inName, diagnose.OK, "the caller may act for the account")
	w.proves(control, diagnose.OK, "the call looks at x-account-id")
	w.settle(membershipItem, diagnose.OK, "", "%s, while an invented account is refused there", w.words(inName))
	return true
}

// accountType compares what the account is with what the operation works on.
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
		return true // acting for a cardholder below the partner: the next rungs decide
	}
	why := fmt.Sprintf("%s names an account of type %q, and %s works on a %s account", g.place, clip(kind), op.ID, op.AccountKind)
	w.proves(r, diagnose.Problem, "the account is of type %q, and %s works on a %s account", clip(kind), op.ID, op.AccountKind)
	w.settle(roleItem, diagnose.Unknown, "", "it shows only on an account of the right type")
	if g.fixed {
		w.settle(resourceItem, diagnose.Problem, "", "%s", why)
		w.remark = why
		return false
	}
	w.settle(resourceItem, diagnose.Unknown, "", "%s", why)
	w.settle(membershipItem, diagnose.Unknown, finding.TargetAccountMismatch, "%s", why)
	w.findings = append(w.findings, check.Finding{
		ID: finding.TargetAccountMismatch, Severity: check.Warning,
		Title:    fmt.Sprintf("x-account-id names a %s account on a %s resource", clip(kind), op.AccountKind),
		Evidence: fmt.Sprintf("%s, type %q", w.words(r), clip(kind)),
		Location: check.Location{Part: check.RequestHeader, Name: "x-account-id"},
		Fix:      fmt.Sprintf("Send the %s account that the resource belongs to in x-account-id.", op.AccountKind),
	})
	return false
}

// role is the rung of the role: two lists of the level that the operation works
// on. One that is granted is enough.
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

// reaches settles that the role reads what is of the operation's level, and with
// it that the caller is a member.
func (w *walk) reaches(g *ground, r reply) {
	g.reach = true
	if !g.member {
		w.member(g, r)
	}
	if g.acting == w.Account {
		w.cleared = append(w.cleared, finding.TargetAccountMissing, finding.TargetAccountMismatch)
	}
	words := levelWords(w.Diagnosis.Operation)
	w.proves(r, diagnose.OK, "the role reaches %s", words)
	w.settle(roleItem, diagnose.OK, "", "%s, so it reaches %s", w.words(r), words)
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

// levelCalls returns two operations that show the role of the operation's level,
// neither of them the operation itself, and the account that they are asked of.
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

// smallRole judges a level whose first call was refused.
func (w *walk) smallRole(g *ground, a, b reply) bool {
	switch {
	case b.kind == granted:
		g.reach = true
		w.settle(roleItem, diagnose.Unknown, "", "%s, which does not fit one role", w.evidence(a, b))
		return true
	case b.kind != refused:
		w.settle(roleItem, diagnose.Unknown, "", "%s: %s", w.words(b), b.why)
		return true
	case !g.member || !g.proven:
		w.settle(roleItem, diagnose.Unknown, "", "%s, but the membership is not settled", w.evidence(a, b))
		return true
	case !wantsLevel(w.Diagnosis.Operation):
		w.settle(roleItem, diagnose.Unknown, "", "%s; which role %s wants is not documented", w.evidence(a, b), w.Diagnosis.OperationID())
		return true
	}
	for _, r := range []reply{a, b} {
		w.proves(r, diagnose.Problem, "the role does not reach %s", levelWords(w.Diagnosis.Operation))
	}
	w.roleInsufficient(a, b)
	return false
}

// wantsLevel reports whether the documentation says which role an operation
// wants: for a cardholder's resources by its rules, for a partner's by its
// samples.
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
		Title:    fmt.Sprintf("the caller's role does not reach %s", levelWords(op)),
		Evidence: fmt.Sprintf("a member of the account (%s), and yet %s", w.verdict(membershipItem).Because, w.evidence(a, b)),
		Location: check.Location{Part: check.RequestHeader, Name: w.credentialField()},
		Fix:      fix,
	})
	w.cleared = append(w.cleared, finding.TargetAccountMissing, finding.TargetAccountMismatch)
	w.settle(roleItem, diagnose.Problem, finding.RoleInsufficient, "%s", w.evidence(a, b))
	w.settle(resourceItem, diagnose.Unknown, "", "with this role nothing of the account can be looked up")
}

// credentialField names the field that holds the caller's credentials.
func (w *walk) credentialField() string {
	if w.Diagnosis.Auth == diagnose.AuthBearer {
		return "authorization"
	}
	return "x-api-key"
}
