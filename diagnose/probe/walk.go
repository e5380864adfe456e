package probe

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
)

// walk goes through the probes of a case, using the answers it already has.
type walk struct {
	Case
	answers  []Answer
	reading  []reading // what each answer proves, at the same index
	next     *Request  // the first probe without an answer
	verdicts []diagnose.Verdict
	findings []check.Finding
	cleared  []string
	remark   string
}

type reading struct {
	state  diagnose.State
	proves string
}

func newWalk(c Case, answers []Answer) *walk {
	return &walk{Case: c, answers: answers, reading: make([]reading, len(answers))}
}

// run probes nothing for a request that doesn't match an endpoint, such as one for
// /api/cards/secure/freeze.
func (w *walk) run() {
	switch {
	case w.Diagnosis.Operation == nil:
	case w.Diagnosis.Class == check.ResourceOrPermission:
		w.ladder()
	default:
		w.steps()
	}
}

// kind is the kind of answer to a probe.
type kind int

// The kinds of answer. The zero value claims nothing.
const (
	open    kind = iota // not sent, or the response proves nothing
	granted             // 2xx
	refused             // generic 403
	coded               // 403 with a code, or 400 with a business one
	denied              // 401
)

// reply is the interpreted answer to a probe.
type reply struct {
	kind  kind
	index int // in the walk's answers, or -1 if it wasn't sent
	asked Request
	body  gjson.Result
	code  string
	why   string // why the kind is open, a clause
}

// get returns a field of the response.
func (r reply) get(path string) gjson.Result { return r.body.Get(path) }

// words returns the request and its result: "GET /api/currencies → 200".
func (w *walk) words(r reply) string {
	if r.index < 0 {
		return "GET " + brief(r.asked.Path)
	}
	answer := strconv.Itoa(w.answers[r.index].Status)
	if r.kind == open {
		answer = r.why
	}
	return fmt.Sprintf("GET %s%s → %s", brief(r.asked.Path), withWords(w.With(r.asked)), answer)
}

func withWords(with string) string {
	if with == "" {
		return ""
	}
	return " with " + with
}

// With returns how a request's headers differ from the failed call's, or "".
func (c Case) With(r Request) string {
	switch {
	case r.Anonymous:
		return "no credentials"
	case r.Account == nobody:
		return "an invented x-account-id"
	case r.Account == c.Account:
		return ""
	case r.Account == "":
		return "no x-account-id"
	}
	return "x-account-id " + shorten(r.Account)
}

// ask returns the answer to a probe. If there is none, the probe is the next to
// send, unless an earlier one is.
func (w *walk) ask(r Request, valid bool) reply {
	if !valid {
		return reply{index: -1, why: "its ID can't be used in a path"}
	}
	for i := range w.answers {
		if w.answers[i].Request == r {
			return w.read(i)
		}
	}
	why := w.stopped(w.answers)
	if why == "" && w.next == nil {
		w.next = &r
	}
	return reply{index: -1, asked: r, why: "not checked: " + why}
}

// read converts an answer to a reply and records what it proves on its own. Later
// probes may replace that.
func (w *walk) read(i int) reply {
	a := &w.answers[i]
	r := reply{index: i, asked: a.Request, why: a.Unclear}
	if a.Unclear == "" {
		r.body = gjson.ParseBytes(a.Body)
		r.kind, r.why = kindOf(a, r.body)
		r.code = r.body.Get("errorCode").String()
	}
	if w.reading[i].proves == "" {
		w.reading[i] = plainReading(r)
	}
	return r
}

func kindOf(a *Answer, body gjson.Result) (k kind, why string) {
	code := body.Get("errorCode").String()
	switch {
	case a.Status >= 200 && a.Status < 300:
		return granted, ""
	case a.Status == http.StatusUnauthorized:
		return denied, "the credentials got 401"
	case a.Status == http.StatusForbidden && (code == "" || code == "FORBIDDEN"):
		return refused, "it returned 403"
	case a.Status == http.StatusForbidden:
		return coded, clip(code)
	}
	return open, fmt.Sprintf("it returned %d", a.Status)
}

func plainReading(r reply) reading {
	switch r.kind {
	case granted:
		return reading{diagnose.OK, "you can read it"}
	case refused:
		return reading{diagnose.Unknown, "it doesn't exist, or you can't read it"}
	case coded:
		return reading{diagnose.OK, "the API says " + r.why}
	case denied:
		return reading{diagnose.Problem, "the credentials aren't valid"}
	}
	return reading{diagnose.Unknown, "nothing, because " + r.why}
}

// proves records what an answer proves.
func (w *walk) proves(r reply, state diagnose.State, format string, args ...any) {
	if r.index >= 0 {
		w.reading[r.index] = reading{state, fmt.Sprintf(format, args...)}
	}
}

// settle sets the result of a checklist item, replacing an earlier one.
func (w *walk) settle(item string, state diagnose.State, id, format string, args ...any) {
	v := diagnose.Verdict{Item: item, State: state, Because: fmt.Sprintf(format, args...), Finding: id}
	if old := w.verdict(item); old != nil {
		*old = v
		return
	}
	w.verdicts = append(w.verdicts, v)
}

// verdict returns the result of a checklist item, or nil if there is none.
func (w *walk) verdict(item string) *diagnose.Verdict {
	for i := range w.verdicts {
		if w.verdicts[i].Item == item {
			return &w.verdicts[i]
		}
	}
	return nil
}

func (w *walk) proof() diagnose.Proof {
	p := diagnose.Proof{Verdicts: w.verdicts, Findings: w.findings, Disproved: w.cleared, Remark: w.remark}
	for i := range w.answers {
		a, r := &w.answers[i], w.reading[i]
		p.Probes = append(p.Probes, diagnose.Probe{
			Method: http.MethodGet, URL: w.Base + a.Target(), With: w.With(a.Request),
			Status: a.Status, Operation: a.Operation, Body: a.Body, State: r.state, Proves: r.proves,
		})
	}
	return p
}

// maxCursor limits a cursor, in bytes. The server sends it, so it can't be trusted.
const maxCursor = 2048

// all reads every page of a list. why says why the list is incomplete, or is "".
// last is the last page. Bare arrays and lists without a cursor are one page.
func (w *walk) all(operation, id, query, account string) (items []gjson.Result, last reply, why string) {
	page := query
	for range Limit + 1 {
		request, valid := get(operation, id, page, account)
		last = w.ask(request, valid)
		if last.kind != granted {
			return items, last, last.why
		}
		entries, good := entriesOf(last.body)
		if !good {
			return items, last, "the response doesn't contain a list"
		}
		items = append(items, entries...)
		cursor := last.get("pageInfo.nextCursor").String()
		if cursor == "" {
			return items, last, ""
		}
		page = strings.TrimPrefix(query+"&cursor="+url.QueryEscape(cursor), "&")
		if len(cursor) > maxCursor {
			break
		}
	}
	return items, last, "the list has too many pages"
}

// entriesOf returns the entries of a list in any documented form.
func entriesOf(body gjson.Result) (entries []gjson.Result, good bool) {
	for _, list := range []gjson.Result{body, body.Get("items"), body.Get("regions")} {
		if list.IsArray() {
			return list.Array(), true
		}
	}
	return nil, false
}
