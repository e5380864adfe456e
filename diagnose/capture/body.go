package capture

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/webhook"
)

// bareBody reads error bodies without any header: what curl -s prints, or what a
// client's log line quotes. Several may follow one another.
func bareBody() format {
	return format{
		kind: exchange.KindBody,
		sure: func(head string) int {
			i := strings.IndexByte(head, '{')
			if i < 0 || !looksLikeError(head[i:]) {
				return 0
			}
			return 50
		},
		read: readBodies,
	}
}

// looksLikeError knows the members of the documented error bodies and of the
// legacy one.
func looksLikeError(text string) bool {
	return strings.Contains(text, `"errorCode"`) || strings.Contains(text, `"statusCode"`) || strings.Contains(text, `"errorMessage"`)
}

// bareDelivery reads the bodies of webhooks without any header, as a handler logs them.
func bareDelivery() format {
	return format{
		kind: exchange.KindWebhook,
		sure: func(head string) int {
			if !strings.Contains(head, `"messageId"`) || !strings.Contains(head, `"payload"`) && !strings.Contains(head, `"messageType"`) {
				return 0
			}
			return 50
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) { readObjects(in, yield, deliveryExchange) },
	}
}

// deliveryExchange makes an exchange of a webhook's body, or returns nil if it isn't one.
func deliveryExchange(object string) *exchange.Exchange {
	if _, ok := webhook.ReadMessage([]byte(object)); !ok {
		return nil
	}
	return &exchange.Exchange{Request: &exchange.Request{Method: "POST", Body: exchange.NewBody([]byte(object))}}
}

func readBodies(in *input, yield func(*exchange.Exchange) bool) { readObjects(in, yield, bodyExchange) }

// readObjects reads the JSON objects in a text from which makeExchange makes an exchange.
func readObjects(in *input, yield func(*exchange.Exchange) bool, makeExchange func(object string) *exchange.Exchange) {
	c := newCursor(in.text)
	from := 0
	for c.pos < len(c.text) {
		i := objectStart(c.text, c.pos)
		if i < 0 {
			leaveRest(c, in, len(c.text))
			return
		}
		leaveRest(c, in, i)
		line, start := c.line, c.pos
		end := start + objectEnd(c.text[start:])
		object := c.text[start:end]
		c.to(end)
		ex := makeExchange(object)
		if ex == nil {
			in.leave(line, strings.Count(object, "\n")+1, object)
			continue
		}
		ex.Source.Line = line
		askedBy(ex, c.text, from, start)
		from = c.pos
		if !yield(ex) {
			return
		}
	}
}

// leaveRest notes the lines up to an offset and goes there.
func leaveRest(c *cursor, in *input, offset int) {
	part := c.text[c.pos:offset]
	switch {
	case anyLine(part, callsCurl):
		p, line := newPaste(part), c.line
		p.leave = func(at, lines int, text string) { in.leave(line+at-1, lines, text) }
		p.read()
	default:
		leaveLines(in, c.line, part)
	}
	c.to(offset)
}

// leaveLines notes the lines that are no chatter, those next to one another
// together.
func leaveLines(in *input, line int, part string) {
	for text := range strings.SplitSeq(part, "\n") {
		if !isChatter(text) {
			in.leave(line, 1, text)
		}
		line++
	}
}

// objectEnd returns where the object that begins a text ends, or the text's end
// when it never does. It looks at growing parts, so that many small objects in a
// long text cost no more than their own length.
func objectEnd(text string) int {
	for size := 4 << 10; size < len(text); size *= 4 {
		if n := exchange.Brackets(text[:size]); n.End < size {
			return n.End
		}
	}
	return exchange.Brackets(text).End
}

// bodyExchange makes an exchange of an error body, nil when it is none.
func bodyExchange(object string) *exchange.Exchange {
	if !looksLikeError(object) {
		return nil
	}
	status := statusOf(object)
	r := &exchange.Response{Status: status, Body: exchange.NewBody([]byte(object))}
	if !exchange.ValidJSON([]byte(object)) {
		r.Body.Truncated = objectEnd(object) == len(object) && !strings.HasSuffix(object, "}")
	}
	ex := &exchange.Exchange{Response: r}
	if status == 0 {
		return nil
	}
	return ex
}

// statusOf reads the body's statusCode, or takes the status that its errorCode
// is documented with, where that is one only. gjson reads broken JSON as far as
// it goes.
func statusOf(object string) int {
	if exchange.Depth([]byte(object)) > exchange.MaxDepth {
		return 0
	}
	if status := int(gjson.Get(object, "statusCode").Int()); status >= 100 && status <= 599 {
		return status
	}
	code := gjson.Get(object, "errorCode").String()
	switch code {
	case "FORBIDDEN", "INSUFFICIENT_FUNDS":
		return 403
	case "INVALID_REQUEST_INPUT", "INVALID_BODY":
		return 400
	}
	known, _ := api.FindCode(code)
	var statuses []int
	for _, p := range known.Operations {
		if !slices.Contains(statuses, p.Status) {
			statuses = append(statuses, p.Status)
		}
	}
	if len(statuses) == 1 {
		return statuses[0]
	}
	if gjson.Get(object, "success").Raw == "false" && gjson.Get(object, "errorCode").Exists() {
		return 400 // the legacy shape tells no status; its one documented code is about the body
	}
	if status, err := strconv.Atoi(gjson.Get(object, "status").String()); err == nil && status >= 400 && status <= 599 {
		return status
	}
	return 0
}
