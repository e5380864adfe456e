package capture

import (
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/transport"
)

// curlError reads "curl: (28) Operation timed out …": all that is left when no
// response came.
func curlError() format {
	return format{
		kind: exchange.KindCurlError,
		sure: func(head string) int {
			if anyLine(head, func(l string) bool { return isCurlError(contentOf(l)) }) {
				return 70
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			c := newCursor(in.text)
			from := 0
			for skipTo(c, in, func(l string) bool { return isCurlError(contentOf(l)) }) {
				line, start := c.line, c.pos
				text, _ := c.next()
				ex := &exchange.Exchange{Source: exchange.Source{Line: line}, Failure: parseCurlError(contentOf(text))}
				if r := refusedByFail(ex.Failure); r != nil {
					r.Body = bodyBeside(c)
					ex.Response, ex.Failure = r, nil
					askedBy(ex, c.text, from, start)
					if !yield(ex) {
						return
					}
					from = c.pos
					continue
				}
				if host := hostInError(ex.Failure.Text); host != "" {
					ex.Request = &exchange.Request{}
					ex.Request.URL.SetHost(host)
				}
				askedBy(ex, c.text, from, start)
				from = c.pos
				if !yield(ex) {
					return
				}
			}
		},
	}
}

// refusedByFail reads the status in what --fail says: "curl: (22) The requested
// URL returned error: 403". It is an answer, of which curl kept the body back. It
// returns nil for any other words.
func refusedByFail(f *exchange.Failure) *exchange.Response {
	if f.CurlCode != 22 {
		return nil
	}
	_, after, ok := strings.Cut(f.Text, "returned error: ")
	status, isStatus := statusWord(after[:min(3, len(after))])
	if !ok || !isStatus || status == 0 {
		return nil
	}
	return &exchange.Response{Status: status}
}

// bodyBeside takes the body that --fail-with-body wrote into the same file.
func bodyBeside(c *cursor) exchange.Body {
	rest := strings.TrimLeft(c.text[c.pos:], "\n")
	n := bodyLength(rest)
	if n == 0 {
		return exchange.Body{}
	}
	c.to(len(c.text) - len(rest) + n)
	return exchange.NewBody([]byte(rest[:n]))
}

func isCurlError(line string) bool {
	rest, ok := strings.CutPrefix(line, "curl: (")
	if !ok {
		return false
	}
	number, _, ok := strings.Cut(rest, ") ")
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

// errorAfter reads curl's own words where they follow a response.
func errorAfter(c *cursor) *exchange.Failure {
	line, ok := c.peek()
	for ok && (strings.TrimSpace(line) == "" || isMeter(line)) {
		c.next()
		line, ok = c.peek()
	}
	if !ok || !isCurlError(contentOf(line)) {
		return nil
	}
	c.next()
	return parseCurlError(contentOf(line))
}

// parseCurlError sorts curl's exit status (man curl, EXIT CODES) into kind and
// phase; the text decides where one status has several meanings.
func parseCurlError(line string) *exchange.Failure {
	number, text, _ := strings.Cut(strings.TrimPrefix(line, "curl: ("), ") ")
	code, _ := strconv.Atoi(number) // isCurlError has read it before
	f := &exchange.Failure{CurlCode: code, Text: shorten(strings.TrimSpace(text), 300)}
	f.Kind, f.Phase = failureOf(code, strings.ToLower(text))
	return f
}

func failureOf(code int, text string) (exchange.FailureKind, exchange.Phase) {
	cause := transport.Classify(text, code)
	return cause.Kind, cause.Phase
}

// hostInError finds the host that curl's words name.
func hostInError(text string) string {
	for _, before := range []string{"Could not resolve host: ", "Failed to connect to ", "Could not connect to ", "connection to "} {
		if _, after, ok := strings.Cut(text, before); ok {
			host, _, _ := strings.Cut(after, " ")
			port := ""
			if _, p, ok := strings.Cut(after, " port "); ok {
				port, _, _ = strings.Cut(p, " ")
			}
			host = strings.TrimRight(host, ".,;:")
			if port != "" && port != "443" && port != "80" && !strings.Contains(host, ":") && strings.Trim(port, "0123456789") == "" {
				host += ":" + port
			}
			return host
		}
	}
	return ""
}
