package probe

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// parameter returns the value of a path parameter or, if there is none, of a string
// field in the body.
func (w *walk) parameter(name string) string {
	if v := w.Diagnosis.Route.Parameter(name); v != "" {
		return v
	}
	if v := w.content(name); v.Type == gjson.String {
		return v.String()
	}
	return ""
}

// resources looks up each resource ID in the request.
func (w *walk) resources(g *ground) {
	var good, open []string
	wrong := false
	if g.fixed && g.member {
		good = append(good, fmt.Sprintf("%s %s exists", g.place, shorten(g.target)))
	}
	for _, r := range resources() {
		id := w.parameter(r.parameter)
		if id == "" {
			continue
		}
		state, why := w.resource(g, r, id)
		switch state {
		case diagnose.OK:
			good = append(good, why)
		case diagnose.Problem:
			wrong = true
		default:
			open = append(open, why)
		}
	}
	for _, name := range unreadable() {
		if w.parameter(name) != "" {
			open = append(open, fmt.Sprintf("no endpoint can read %s", name))
		}
	}
	switch {
	case wrong: // resource has recorded it
	case len(open) > 0:
		w.settle(resourceItem, diagnose.Unknown, "", "%s", strings.Join(append(good, open...), "; "))
	case len(good) > 0:
		w.settle(resourceItem, diagnose.OK, "", "%s", strings.Join(good, "; "))
	case g.target == "":
		w.settle(resourceItem, diagnose.NotApplicable, "", "the request has no resource ID")
	}
}

// resource looks up one resource and, if that returns 403, searches its parent's list.
func (w *walk) resource(g *ground, r resource, id string) (diagnose.State, string) {
	what := fmt.Sprintf("%s %s", r.parameter, shorten(id))
	acting := g.actingFor(r)
	request, valid := get(r.get, id, "", acting)
	read := w.ask(request, valid)
	if read.kind == refused && g.target == "" && w.Candidate != "" && w.Candidate != w.Account {
		request.Account = w.Candidate
		if named := w.ask(request, valid); named.kind == granted {
			g.target, g.acting, g.member = w.Candidate, w.Candidate, true
			w.accused(w.Candidate, brief(read.asked.Path))
			read = named
		}
	}
	switch read.kind {
	case granted:
		w.proves(read, diagnose.OK, "the %s exists", r.word)
		if r.of == w.Diagnosis.Operation.AccountKind && !g.reach {
			w.reaches(g, read)
		}
		w.rememberState(r, read)
		return diagnose.OK, what + " exists"
	case refused:
		return w.listed(g, r, id, read)
	}
	return diagnose.Unknown, fmt.Sprintf("%s: %s", what, read.why)
}

// actingFor returns the x-account-id for reading a resource.
func (g *ground) actingFor(r resource) string {
	if r.of == api.AccountPartner && g.acting != "" && g.owner != "" {
		return g.owner
	}
	return g.acting
}

// listed looks for a resource that returned 403 in its parent's complete list. From
// outside, another account's resource looks like one that doesn't exist.
func (w *walk) listed(g *ground, r resource, id string, read reply) (diagnose.State, string) {
	what := fmt.Sprintf("%s %s", r.parameter, shorten(id))
	parent := g.target
	if r.of == api.AccountPartner {
		parent = g.owner
	}
	switch {
	case parent == "":
		return diagnose.Unknown, what + " returns 403, which also means not found, and without x-account-id the owner is unknown"
	case r.list == "":
		return diagnose.Unknown, fmt.Sprintf("%s returns 403, which also means not found, and no endpoint lists %s", what, plural(r.word))
	}
	items, last, why := w.all(r.list, parent, r.query, g.actingFor(r))
	if slices.ContainsFunc(items, func(item gjson.Result) bool { return item.Get("id").String() == id }) {
		w.proves(last, diagnose.OK, "the %s is in the list", r.word)
		return diagnose.OK, fmt.Sprintf("%s is one of the %s of account %s", what, plural(r.word), shorten(parent))
	}
	if why != "" {
		return diagnose.Unknown, fmt.Sprintf("%s returns 403, and the list of %s is incomplete: %s", what, plural(r.word), why)
	}
	w.proves(last, diagnose.Problem, "the list is complete (%d) and doesn't include the ID", len(items))
	w.missing(r, id, parent, len(items), read, last)
	return diagnose.Problem, ""
}

func (w *walk) missing(r resource, id, parent string, count int, read, last reply) {
	evidence := fmt.Sprintf("%s, and GET %s lists %s on all its pages, but not this one", w.words(read), brief(last.asked.Path), counted(count, r.word))
	location := check.Location{Part: check.RequestPath, Name: r.parameter}
	if w.Diagnosis.Route.Parameter(r.parameter) == "" {
		location = check.Location{Part: check.RequestBody, Name: r.parameter, Pointer: "/" + r.parameter}
	}
	w.findings = append(w.findings, check.Finding{
		ID: finding.ResourceMissing, Severity: check.Error,
		Title:    fmt.Sprintf("the account %s doesn't have a %s %s", shorten(parent), r.word, shorten(id)),
		Evidence: evidence,
		Location: location,
		Fix:      fmt.Sprintf("Use an ID from that list, or set x-account-id to the account that owns the %s.", r.word),
	})
	w.settle(resourceItem, diagnose.Problem, finding.ResourceMissing, "%s", evidence)
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %s", n, plural(word))
}

func plural(word string) string {
	if stem, ok := strings.CutSuffix(word, "y"); ok {
		return stem + "ies"
	}
	return word + "s"
}

// rememberState keeps a resource's state that may explain why an action failed.
func (w *walk) rememberState(r resource, read reply) {
	status := read.get("status").String()
	switch {
	case w.Diagnosis.OperationID() == "create-report-download-url" && r.get == "get-report" && status != "" && status != "completed":
		w.proves(read, diagnose.Problem, "its status is %q, so there's nothing to download yet", clip(status))
		w.remark = fmt.Sprintf("the IDs, membership and role are fine, but the report's status is %q, and only completed reports can be downloaded", clip(status))
	case r.get == "get-card" && w.Diagnosis.Operation.Method != http.MethodGet && status != "":
		blocked := ""
		if read.get("isBlocked").Bool() {
			blocked = ", and it's blocked"
		}
		w.remark = fmt.Sprintf("the IDs, membership and role are fine, so the API rejects the action itself; the card's status is %q%s", clip(status), blocked)
	}
}

// remember adds the conclusion if all three items are fine. A failed GET is sent
// again for that, because the cause may be gone.
func (w *walk) remember(g *ground) {
	if !w.inOrder(resourceItem, true) || !w.inOrder(membershipItem, false) {
		w.remark = ""
		return
	}
	self := w.itself(g)
	if self.kind == granted && w.verdict(roleItem) == nil {
		w.settle(roleItem, diagnose.OK, "", "the same request now succeeds")
	}
	switch {
	case !w.inOrder(roleItem, false):
		w.remark = ""
	case self.kind == granted:
		w.proves(self, diagnose.OK, "the same request now succeeds")
		w.remark = "the same request now succeeds, so the cause is gone"
	case w.remark == "":
		w.remark = "the IDs, membership and role are fine, so the API rejects the action itself"
	}
}

// inOrder reports whether an item is ok or, if pointless is true, doesn't apply.
func (w *walk) inOrder(item string, pointless bool) bool {
	v := w.verdict(item)
	return v != nil && (v.State == diagnose.OK || pointless && v.State == diagnose.NotApplicable)
}

// itself sends a failed GET again unchanged, if it's one of the requests that this
// package sends.
func (w *walk) itself(g *ground) reply {
	op := w.Diagnosis.Operation
	required := slices.ContainsFunc(op.Parameters, func(p api.Parameter) bool { return p.In == "query" && p.Required })
	if op.Method != http.MethodGet || required || len(w.Diagnosis.Route.Names) > 1 || g.acting != w.Account {
		return reply{index: -1}
	}
	query, id := "", ""
	if op.Parameter("query", "limit") != nil {
		query = "limit=1"
	}
	if names := w.Diagnosis.Route.Names; len(names) == 1 {
		id = w.Diagnosis.Route.Parameter(names[0])
	}
	request, valid := get(op.ID, id, query, g.acting)
	return w.ask(request, valid)
}

// content returns a field of the request body.
func (w *walk) content(path string) gjson.Result {
	request := w.Diagnosis.Exchange.Request
	if request == nil || !request.Body.Present() || request.Body.Truncated || !exchange.ValidJSON(request.Body.Bytes()) {
		return gjson.Result{}
	}
	return gjson.GetBytes(request.Body.Bytes(), path)
}
