package capture

import (
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// curlInclude reads what curl -i writes: response messages, one block after
// another. Blocks that are steps of one exchange lead to the last of them.
func curlInclude() format {
	return format{
		kind: exchange.KindCurlInclude,
		sure: func(head string) int {
			if anyLine(head, func(l string) bool { return isStatusLine(contentOf(l)) }) {
				return 85
			}
			return 0
		},
		read: readInclude,
	}
}

func readInclude(in *input, yield func(*exchange.Exchange) bool) {
	c := newCursor(in.text)
	before := &exchange.Exchange{} // the steps on the way to the answer
	began, from, start := 0, 0, 0
	for {
		if !skipTo(c, in, func(l string) bool { return isStatusLine(contentOf(l)) }) {
			break
		}
		line := c.line
		if began == 0 {
			began, start = line, c.pos
		}
		r, notes := readResponse(c)
		if reason := stepReason(&r, c); reason != "" {
			addStep(before, reason, r)
			continue
		}
		ex := &exchange.Exchange{Source: exchange.Source{Line: began}, Response: &r, Earlier: before.Earlier, Notes: append(before.Notes, notes...)}
		ex.Failure = errorAfter(c)
		askedBy(ex, c.text, from, start)
		if !yield(ex) {
			return
		}
		before, began, from = &exchange.Exchange{}, 0, c.pos
	}
	if len(before.Earlier) > 0 { // the exchange breaks off after a step: its last response is all there is
		before.Source.Line, before.Failure = began, errorAfter(c)
		lastStepAnswers(before)
		yield(before)
	}
}

// skipTo goes to the next line that passes the test and notes what lies between,
// except what curl, shells and Markdown put there. ok is false at the end.
func skipTo(c *cursor, in *input, test func(string) bool) bool {
	for {
		line, ok := c.peek()
		if !ok {
			return false
		}
		if test(line) {
			return true
		}
		if lines := commandLines(c.text[c.pos:]); lines > 0 {
			for range lines {
				c.next()
			}
			continue
		}
		if !isChatter(line) && !isCurlOwn(line) {
			in.leave(c.line, 1, line)
		}
		c.next()
	}
}

// isChatter knows lines that belong to no message: progress meters, prompts,
// fences.
func isChatter(line string) bool {
	trimmed := strings.TrimSpace(line)
	return trimmed == "" || isMeter(line) || strings.HasPrefix(trimmed, "```") || isPrompt(trimmed) || isWaiting(trimmed) || isTiming(trimmed) || isClock(trimmed)
}

// isCurlOwn knows curl's own lines of -v, its word about --fail, and a status that
// -w wrote: each says nothing that the message beside it does not.
func isCurlOwn(line string) bool {
	line = contentOf(line)
	return strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "curl: (22) ") || isTransferNote(line) || isStatusAlone(line)
}

// isWaiting knows a shell's line without a command, and what zsh and fish put
// behind output that has no line break at its end.
func isWaiting(line string) bool {
	if len(line) > 100 {
		return false
	}
	for _, sign := range []string{"$", "%", "#", ">", "❯", "✗", "⏎"} {
		if strings.HasSuffix(line, sign) {
			return len(line) == len(sign) || !strings.ContainsAny(line, "{}\"<") && strings.ContainsAny(line, "@~:/\\")
		}
	}
	return strings.HasPrefix(line, "➜ ")
}

// isPrompt knows a shell's line with the command that wrote the capture.
func isPrompt(line string) bool {
	for _, sign := range []string{"$ ", "% ", "# ", "> ", "❯ ", "➜ "} {
		if rest, ok := strings.CutPrefix(line, sign); ok && strings.Contains(rest, "curl") {
			return true
		}
	}
	i := strings.Index(line, "curl ")
	if i < 0 {
		return false
	}
	before := strings.TrimSpace(line[:i])
	return before == "" || strings.HasSuffix(before, "$") || strings.HasSuffix(before, "%") || strings.HasSuffix(before, ">") || strings.HasSuffix(before, "#")
}

// readResponse reads the message at the cursor: status line, header, body.
func readResponse(c *cursor) (exchange.Response, []string) {
	var notes []string
	line, _ := c.next()
	r, _ := parseStatusLine(contentOf(line))
	r.Header = fields(func() (string, bool) {
		l, ok := c.peek()
		if !ok {
			return "", false
		}
		if strings.TrimSpace(l) == "" {
			c.next()
			return "", false
		}
		if isStatusLine(l) || strings.HasPrefix(l, "curl: (") {
			return "", false
		}
		c.next()
		return strings.TrimRight(l, "\r"), true
	}, &notes)
	if mayHaveBody(r.Status) {
		r.Body = readBody(c, &r)
	} else {
		r.Body = exchange.NewBody(nil)
	}
	return r, notes
}

// readBody takes the content at the cursor: as long as Content-Length says where
// what follows fits to that, else up to the next message.
func readBody(c *cursor, r *exchange.Response) exchange.Body {
	rest := c.text[c.pos:]
	end := contentEnd(rest, r)
	content := strings.TrimSuffix(rest[:end], "\n")
	c.to(c.pos + end)
	return exchange.NewBody([]byte(withoutTail(withoutMeter(content), r)))
}

// contentEnd returns where the content ends that begins a text. What Content-Length
// says is asked first: it saves looking for the next message in all that follows.
func contentEnd(rest string, r *exchange.Response) int {
	n, err := strconv.Atoi(r.Header.Text("content-length"))
	declared := err == nil && n >= 0 && n <= len(rest) && !isDecoded(r.Header, []byte(rest[:min(len(rest), 64)]))
	if declared && isBoundary(rest[n:], true) {
		return n
	}
	end := bodyEnd(rest)
	if declared && isBoundary(rest[n:], n > end) {
		return n
	}
	if n := strayEnd(rest[:end], r); n > 0 {
		return n
	}
	return end
}

// strayEnd returns where a complete JSON body ends that something else follows
// than curl's own words: the shell's next prompt, the words of whoever pasted it.
// It is 0 where nothing does.
func strayEnd(content string, r *exchange.Response) int {
	if content == "" || content[0] != '{' && content[0] != '[' {
		return 0
	}
	end := bodyLength(content)
	if strings.TrimSpace(content[end:]) == "" || !exchange.ValidJSON([]byte(content[:end])) {
		return 0
	}
	copied := *r
	if withoutTail(withoutMeter(content), &copied) != withoutMeter(content) {
		return 0 // a trailer, or what -w writes
	}
	return end
}

// isBoundary reports whether a message may end before this text; surely asks for
// more than a line break, since the content before it looks like messages itself.
func isBoundary(rest string, surely bool) bool {
	next := strings.TrimLeft(rest, "\n")
	switch {
	case next == "", isStatusLine(next[:lineLength(next)]), isCurlError(next):
		return true
	}
	return !surely && (rest[0] == '\n' || rest[0] == '{') // curl --parallel puts a body behind another's
}

// withoutTail parts a body from what curl writes behind it: the trailer section
// (RFC 9110 section 6.5), which goes to the response, and what -w reports.
func withoutTail(content string, r *exchange.Response) string {
	end := bodyLength(content)
	if end == 0 || strings.TrimSpace(content[end:]) == "" {
		return content
	}
	tail := strings.TrimSpace(content[end:])
	if status, ok := statusIn(tail); ok && status == r.Status {
		return content[:end]
	}
	var trailer exchange.Header
	for line := range strings.SplitSeq(tail, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isFieldName(name) {
			return content
		}
		trailer.Add(name, strings.TrimSpace(value))
	}
	r.Trailer = trailer
	return content[:end]
}

// bodyEnd returns the offset at which the next message or curl's own words
// begin: at the start of a line, or glued to the body's last character, because
// bodies seldom end with a line break.
func bodyEnd(rest string) int {
	end := len(rest)
	if i := indexBoundary(rest, "HTTP/", func(at string) bool {
		line, _, _ := strings.Cut(at, "\n")
		return isStatusLine(line)
	}); i >= 0 {
		end = i
	}
	if i := indexBoundary(rest[:end], "curl: (", isCurlError); i >= 0 {
		end = i
	}
	if i := promptedCall(rest[:end]); i >= 0 {
		end = i
	}
	return end
}

// indexBoundary finds a word that begins a line or follows a closing bracket.
func indexBoundary(text, word string, test func(string) bool) int {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		if (i == 0 || strings.IndexByte("\n}]>", text[i-1]) >= 0) && test(text[i:]) {
			return i
		}
		from = i + len(word)
	}
}

// stepReason says why a response is a step on the way to another, "" when it is
// the exchange's answer.
func stepReason(r *exchange.Response, c *cursor) string {
	next, more := c.peek()
	follows := more && isStatusLine(contentOf(next))
	_, location := r.Header.Get("location")
	_, challenge := r.Header.Get("www-authenticate")
	_, proxyChallenge := r.Header.Get("proxy-authenticate")
	switch {
	case r.Status < 200:
		return "informational"
	case !follows || r.Body.Present():
		return ""
	case r.Status == 200 && strings.EqualFold(r.Phrase, "connection established"):
		return "connect"
	case r.Status >= 300 && r.Status < 400 && location:
		return "redirect"
	case r.Status == 401 && challenge, r.Status == 407 && proxyChallenge:
		return "authentication"
	}
	return ""
}
