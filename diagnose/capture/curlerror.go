package capture

import (
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
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
	switch code {
	case 5, 6:
		return exchange.FailureDNS, exchange.PhaseDNS
	case 7:
		if strings.Contains(text, "timed out") || strings.Contains(text, "timeout") {
			return exchange.FailureTimeout, exchange.PhaseConnect
		}
		return exchange.FailureRefused, exchange.PhaseConnect
	case 28:
		return exchange.FailureTimeout, timeoutPhase(text)
	case 35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98:
		if code == 35 && (strings.Contains(text, "reset by peer") || strings.Contains(text, "errno 104") || strings.Contains(text, "errno 54")) {
			return exchange.FailureReset, exchange.PhaseTLS
		}
		return exchange.FailureTLS, exchange.PhaseTLS
	case 52:
		return exchange.FailureReset, exchange.PhaseWait
	case 18:
		return exchange.FailureReset, exchange.PhaseTransfer
	case 55:
		return exchange.FailureReset, exchange.PhaseSend
	case 56:
		if strings.Contains(text, "proxy") || strings.Contains(text, "connect tunnel") {
			return exchange.FailureUnknown, exchange.PhaseConnect
		}
		return exchange.FailureReset, exchange.PhaseTransfer
	case 16, 92, 95, 96:
		return exchange.FailureReset, exchange.PhaseTransfer
	}
	return exchange.FailureUnknown, exchange.PhaseUnknown
}

func timeoutPhase(text string) exchange.Phase {
	switch {
	case strings.Contains(text, "resolving"):
		return exchange.PhaseDNS
	case strings.Contains(text, "ssl"), strings.Contains(text, "tls"):
		return exchange.PhaseTLS
	case strings.Contains(text, "connection timed out"), strings.Contains(text, "connection timeout"), strings.Contains(text, "failed to connect"), strings.Contains(text, "connect to"):
		return exchange.PhaseConnect
	case strings.Contains(text, "out of"):
		return exchange.PhaseTransfer
	}
	return exchange.PhaseWait
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
