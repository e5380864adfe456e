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

// walk goes through the questions of a case with the answers that are there.
type walk struct {
	Case
	answers  []Answer
	reading  []reading // beside answers: what each proves
	next     *Request  // the first question without an answer
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

// run asks nothing about a request that isn't an endpoint's, such as one for
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

// kind is how a question was answered.
type kind int

// The kinds of answer. The zero value claims nothing.
const (
	open    kind = iota // not asked, or the answer proves nothing
	granted             // 2xx
	refused             // 403 without a code of its own
	coded               // 403 with a code, or 400 with a business one
	denied              // 401
)

// reply is the answer to a question.
type reply struct {
	kind  kind
	index int // in the walk's answers, -1 when it was not asked
	asked Request
	body  gjson.Result
	code  string
	why   string // why it is open, a clause
}

// get returns a member of the answer.
func (r reply) get(path string) gjson.Result { return r.body.Get(path) }

// words say what was asked and what came: "GET /api/currencies → 200".
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

// With says how a request differs from the failing call's header.
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

// ask looks up the answer to a question. Without one the question is the next
// to be asked, unless an earlier one is.
func (w *walk) ask(r Request, valid bool) reply {
	if !valid {
		return reply{index: -1, why: "its id is none that a path can hold"}
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
	return reply{index: -1, asked: r, why: "it was not asked: " + why}
}

// read turns an answer into a reply, and says what it proves by itself; later
// questions may say it better.
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
		return denied, "the credentials were refused (401)"
	case a.Status == http.StatusForbidden && (code == "" || code == "FORBIDDEN"):
		return refused, "it was refused (403)"
	case a.Status == http.StatusForbidden:
		return coded, clip(code)
	}
	return open, fmt.Sprintf("the answer was %d", a.Status)
}

func plainReading(r reply) reading {
	switch r.kind {
	case granted:
		return reading{diagnose.OK, "it can be read"}
	case refused:
		return reading{diagnose.Unknown, "it does not exist, or may not be read"}
	case coded:
		return reading{diagnose.OK, "the API says " + r.why}
	case denied:
		return reading{diagnose.Problem, "the credentials are refused"}
	}
	return reading{diagnose.Unknown, "nothing: " + r.why}
}

// proves says what an answer proves in its place.
func (w *walk) proves(r reply, state diagnose.State, format string, args ...any) {
	if r.index >= 0 {
		w.reading[r.index] = reading{state, fmt.Sprintf(format, args...)}
	}
}

// settle gives a point of the checklist its verdict, in place of an earlier one.
func (w *walk) settle(item string, state diagnose.State, id, format string, args ...any) {
	v := diagnose.Verdict{Item: item, State: state, Because: fmt.Sprintf(format, args...), Finding: id}
	if old := w.verdict(item); old != nil {
		*old = v
		return
	}
	w.verdicts = append(w.verdicts, v)
}

// verdict returns what was settled about a point, nil when nothing was.
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
			Status: a.Status, State: r.state, Proves: r.proves,
		})
	}
	return p
}

// maxCursor bounds a cursor, in bytes. It is opaque, and comes from outside.
const maxCursor = 2048

// all reads every page of a list. why says what is missing of it, "" when it is
// complete; last is the last page. Bare arrays and lists without a cursor are one
// page.
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
			return items, last, "the answer holds no list"
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
	return items, last, "the list does not end"
}

// entriesOf returns the entries of a list in any of its documented forms.
func entriesOf(body gjson.Result) (entries []gjson.Result, good bool) {
	for _, list := range []gjson.Result{body, body.Get("items"), body.Get("regions")} {
		if list.IsArray() {
			return list.Array(), true
		}
	}
	return nil, false
}
