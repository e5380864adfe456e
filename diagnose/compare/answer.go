package compare

import (
	"fmt"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// answer compares the responses, briefly, because they're the effect and not the
// cause.
func (c *comparer) answer() {
	f, w := c.failed.Exchange, c.worked.Exchange
	if f.Failure != nil || w.Failure != nil {
		c.transport(f, w)
	}
	if f.Response == nil || w.Response == nil {
		return
	}
	if f.Response.Status != w.Response.Status {
		c.effect(check.ResponseLine, "status", "", present(strconv.Itoa(f.Response.Status)), present(strconv.Itoa(w.Response.Status)))
	}
	if a, b := c.failed.Error.Code, c.worked.Error.Code; a != b && shown(f.Response) && shown(w.Response) {
		c.effect(check.ResponseBody, "errorCode", "/errorCode", maybe(a != "", masked(a)), maybe(b != "", masked(b)))
	}
	if f.Response.HeaderCaptured && w.Response.HeaderCaptured {
		if a, b := mediaType(f.Response.Header), mediaType(w.Response.Header); a != b && f.Response.Body.Present() && w.Response.Body.Present() {
			c.effect(check.ResponseHeader, "content-type", "", maybe(a != "", masked(a)), maybe(b != "", masked(b)))
		}
	}
	if c.failed.Class == check.Success && c.worked.Class == check.Success {
		c.members(f.Response, w.Response)
	}
}

func shown(r *exchange.Response) bool { return r.Body.State() != exchange.BodyNotCaptured }

func (c *comparer) effect(part check.Part, name, pointer string, failed, worked Text) {
	c.add(Difference{Part: part, Name: name, Pointer: pointer, Failed: failed, Worked: worked, topic: topicAnswer})
}

// transport compares how far each call got.
func (c *comparer) transport(f, w *exchange.Exchange) {
	a, b := outcomeText(f), outcomeText(w)
	if a == b || f.Failure == nil && f.Response == nil || w.Failure == nil && w.Response == nil {
		return
	}
	phase := ""
	if f.Failure != nil {
		phase = string(f.Failure.Phase)
	}
	c.effect(check.Transport, phase, "", present(a), present(b))
}

func outcomeText(ex *exchange.Exchange) string {
	if ex.Failure == nil {
		if ex.Response == nil {
			return "no response in the input"
		}
		return fmt.Sprintf("status %d", ex.Response.Status)
	}
	text := string(ex.Failure.Kind)
	if text == "" {
		return masked(ex.Failure.Text)
	}
	if ex.Failure.Elapsed > 0 {
		text += " after " + ex.Failure.Elapsed.Round(1e6).String()
	}
	return text
}

// members lists the top-level fields that only one of the responses has.
func (c *comparer) members(f, w *exchange.Response) {
	if !exchange.ValidJSON(f.Body.Bytes()) || !exchange.ValidJSON(w.Body.Bytes()) {
		return
	}
	a, b := schema.Parse(f.Body.Bytes()), schema.Parse(w.Body.Bytes())
	if a == nil || b == nil || a.Kind != schema.Object && a.Kind == b.Kind {
		return
	}
	if a.Kind != b.Kind {
		c.effect(check.ResponseBody, "", "", present(kindOf(a)), present(kindOf(b)))
		return
	}
	left, right := membersOf(a), membersOf(b)
	var onlyA, onlyB []string
	for _, name := range sortedNames(left, right) {
		switch {
		case right[name] == nil:
			onlyA = append(onlyA, clipName(name))
		case left[name] == nil:
			onlyB = append(onlyB, clipName(name))
		}
	}
	if len(onlyA)+len(onlyB) > 0 {
		c.effect(check.ResponseBody, "", "", alone(onlyA), alone(onlyB))
	}
}

func alone(names []string) Text {
	if len(names) == 0 {
		return present("no other fields")
	}
	return present("also has " + strings.Join(names[:min(len(names), 10)], ", "))
}

// captures records which requests and responses are missing from the inputs.
func (c *comparer) captures() {
	for _, s := range []struct {
		side Side
		d    *diagnose.Diagnosis
	}{{SideFailed, c.failed}, {SideWorked, c.worked}} {
		ex := s.d.Exchange
		if ex.Response == nil && ex.Failure == nil {
			c.unseen = append(c.unseen, Unseen{Side: s.side, Part: "response", Why: "the input has only a request"})
		}
		switch {
		case ex.Request == nil:
			c.unseen = append(c.unseen, Unseen{Side: s.side, Part: "request", Why: requestHint(ex.Source.Kind)})
		case !targetShown(ex.Request):
			c.hide(s.side, check.RequestLine, "", requestHint(ex.Source.Kind))
		}
		if ex.Request != nil && !ex.Request.HeaderCaptured {
			c.hide(s.side, check.RequestHeader, "", requestHint(ex.Source.Kind))
		}
	}
}

func requestHint(kind exchange.Kind) string {
	switch kind {
	case exchange.KindCurlInclude:
		return "curl -i shows only the response, so use curl -v 2>&1"
	case exchange.KindCurlWriteOut, exchange.KindBody:
		return "the input has only a response body, so use curl -v 2>&1"
	case exchange.KindCurlError:
		return "the input has only curl's error, so use curl -v 2>&1"
	}
	return "use curl -v 2>&1, a HAR or the raw request"
}
