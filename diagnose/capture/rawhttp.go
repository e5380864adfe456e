package capture

import (
	"bytes"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// rawHTTP reads request messages, each with the response that follows it or
// alone (RFC 9112).
func rawHTTP() format {
	return format{
		kind: exchange.KindRawHTTP,
		sure: func(head string) int {
			if anyLine(head, isRequestLine) {
				return 90
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			c := newCursor(in.text)
			for skipTo(c, in, isStartLine) {
				if !yield(readRaw(c)) {
					return
				}
			}
		},
	}
}

func isStartLine(line string) bool { return isRequestLine(line) || isStatusLine(line) }

// readRaw reads a request and the responses to it.
func readRaw(c *cursor) *exchange.Exchange {
	ex := &exchange.Exchange{Source: exchange.Source{Line: c.line}}
	if line, _ := c.peek(); isRequestLine(line) {
		ex.Request = readRequest(c, &ex.Notes)
	}
	for {
		skipBlank(c)
		line, ok := c.peek()
		if !ok || !isStatusLine(line) {
			return ex
		}
		r, notes := readRawResponse(c)
		for _, n := range notes {
			addNote(&ex.Notes, n)
		}
		if reason := stepReason(&r, c); reason != "" {
			addStep(ex, reason, r)
			continue
		}
		ex.Response = &r
		ex.Failure = errorAfter(c)
		return ex
	}
}

func skipBlank(c *cursor) {
	for {
		line, ok := c.peek()
		if !ok || strings.TrimSpace(line) != "" {
			return
		}
		c.next()
	}
}

func readRequest(c *cursor, notes *[]string) *exchange.Request {
	line, _ := c.next()
	method, target, proto, _ := parseRequestLine(line)
	r := &exchange.Request{Method: exchange.Method(method), Proto: proto, HeaderCaptured: true}
	r.Header = fields(func() (string, bool) {
		l, ok := c.peek()
		if !ok || isStartLine(l) {
			return "", false
		}
		c.next()
		return strings.TrimRight(l, "\r"), strings.TrimSpace(l) != ""
	}, notes)
	setTarget(r, target, "")
	r.Body = exchange.NewBody([]byte(strings.Trim(untilStartLine(c), "\n")))
	return r
}

// readRawResponse reads a response that a request may follow.
func readRawResponse(c *cursor) (exchange.Response, []string) {
	part := cursor{text: c.text[:c.requestBehind()], pos: c.pos, line: c.line}
	r, notes := readResponse(&part)
	r.Body = trimmed(r.Body)
	c.to(part.pos)
	return r, notes
}

// requestBehind returns the offset of the first request line behind the line at
// the cursor, that of the end when there is none. It is looked for once, however
// many responses stand before it.
func (c *cursor) requestBehind() int {
	if c.request > c.pos || c.request == len(c.text) && c.request > 0 {
		return c.request
	}
	probe := *c
	for {
		probe.next()
		line, more := probe.peek()
		if !more || isRequestLine(line) {
			c.request = probe.pos
			return c.request
		}
	}
}

// trimmed drops the blank lines that separate messages.
func trimmed(b exchange.Body) exchange.Body {
	return exchange.NewBody(bytes.Trim(b.Bytes(), "\n"))
}

// lastStepAnswers makes the last response the answer where the capture breaks off
// after a step: it is all there is.
func lastStepAnswers(ex *exchange.Exchange) {
	if n := len(ex.Earlier); n > 0 && ex.Response == nil {
		last := ex.Earlier[n-1].Response
		ex.Response, ex.Earlier = &last, ex.Earlier[:n-1]
	}
}

// untilStartLine takes the text up to the next message.
func untilStartLine(c *cursor) string {
	from := c.pos
	for {
		line, ok := c.peek()
		if !ok || isStartLine(line) {
			return c.text[from:c.pos]
		}
		c.next()
	}
}
