package capture

import (
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// fetch reads calls of fetch (Fetch Standard, section 5.6): what browsers copy of a
// request, for themselves and for Node.js, and what people write, as far as it is
// literal.
func fetch() format {
	return format{
		kind: exchange.KindFetch,
		sure: func(head string) int {
			c := (&fetches{in: &input{}, c: newCursor(head), wasted: maxWasted - 1<<20}).next()
			switch {
			case c == nil:
				return 0
			case anyLine(head, func(l string) bool { return isStatusLine(l) || isSent(l) || isReceived(l) }):
				return 40 // the answer is there too
			}
			return 66
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			r := &fetches{in: in, c: newCursor(in.text), leave: true}
			for ex := r.next(); ex != nil; {
				following := r.next()
				if !yield(ex) {
					return
				}
				ex = following
			}
		},
	}
}

// fetches walks over the calls of a text.
type fetches struct {
	in     *input
	c      *cursor
	leave  bool
	wasted int                // bytes looked through for calls that never close
	misses int                // objects that were no answers after all
	last   *exchange.Exchange // the call before, which an answer may follow
}

// next returns the next call that says something, nil when there is none.
func (r *fetches) next() *exchange.Exchange {
	for {
		at := fetchCall(r.c.text, r.c.pos)
		if at < 0 {
			r.between(len(r.c.text))
			return nil
		}
		begin := at - len("fetch(")
		r.between(begin)
		window := r.room(r.c.text[at:])
		s := &script{text: window}
		call, ok := readFetchCall(s)
		if !ok {
			r.wasted += s.at
			r.leaveTo(at)
			continue
		}
		line := r.c.line
		r.c.to(at + s.at)
		if ex := call.exchange(); ex != nil {
			ex.Source.Line = line
			r.last = ex
			return ex
		}
	}
}

// room bounds the text in which a call may end.
func (r *fetches) room(text string) string {
	if r.wasted > maxWasted {
		return text[:min(len(text), maxTail)]
	}
	return text[:min(len(text), maxShellLine)]
}

// fetchCall returns the offset behind the next "fetch(" that calls the global
// function, -1 when there is none.
func fetchCall(text string, from int) int {
	for {
		i := strings.Index(text[from:], "fetch(")
		if i < 0 {
			return -1
		}
		i += from
		from = i + len("fetch(")
		before := text[max(0, i-32):i]
		if object, ok := strings.CutSuffix(before, "."); ok {
			if slices.ContainsFunc([]string{"window", "self", "globalThis"}, func(name string) bool { return strings.HasSuffix(object, name) }) {
				return from
			}
			continue
		}
		if before == "" || !isScriptName(before[len(before)-1]) && before[len(before)-1] != '#' {
			return from
		}
	}
}

// between takes the text up to a call: an error body that answers the one before,
// and what is left over.
func (r *fetches) between(end int) {
	for r.c.pos < end {
		start := r.c.pos
		line := r.c.text[start : start+lineLength(r.c.text[start:end])]
		if r.answer(line, end) {
			continue
		}
		if r.leave && !isFetchScaffold(line) {
			r.in.leave(r.c.line, 1, line)
		}
		r.c.to(min(start+len(line)+1, end))
	}
}

// leaveTo leaves the text up to an offset.
func (r *fetches) leaveTo(end int) {
	if r.leave {
		r.in.leave(r.c.line, 1, r.c.text[r.c.pos:end])
	}
	r.c.to(end)
}

// answer takes the error body that begins in a line behind a call.
func (r *fetches) answer(line string, end int) bool {
	trimmed := strings.TrimLeft(line, " \t")
	if r.last == nil || r.last.Response != nil || r.misses > maxMisses || !strings.HasPrefix(trimmed, "{") {
		return false
	}
	start := r.c.pos + len(line) - len(trimmed)
	text := r.c.text[start:min(end, start+headSize)]
	if !looksLikeError(text[:min(len(text), 4<<10)]) {
		return false
	}
	size := objectEnd(text)
	answer := bodyExchange(text[:size])
	if answer == nil || !exchange.ValidJSON([]byte(text[:size])) {
		r.misses++
		return false
	}
	r.last.Response = answer.Response
	r.c.to(start + size)
	return true
}

// maxMisses bounds how many objects of a text are looked at that are no error
// bodies.
const maxMisses = 500

// isFetchScaffold knows what holds calls together: signs, and the beginning of the
// statement that calls.
func isFetchScaffold(line string) bool {
	line = strings.TrimSpace(line)
	if strings.Trim(line, ";,(){}[] ") == "" || strings.HasPrefix(line, "//") || line == "await" || line == "return" || line == "return await" {
		return true
	}
	return strings.HasSuffix(line, "=") || strings.HasSuffix(line, "= await") || strings.HasSuffix(line, "(await") || strings.HasPrefix(line, "```") || line == ">" || line == "> await"
}

// call is a call of fetch.
type fetchArguments struct {
	url, options value
}

// readFetchCall reads the arguments of a call; ok is false where they never end or
// the text is no call.
func readFetchCall(s *script) (call fetchArguments, ok bool) {
	if s.takeWord("new Request") {
		if !s.take('(') {
			return call, false
		}
		call, ok = readFetchCall(s)
		if !ok {
			return call, false
		}
		if s.take(',') && s.peek() != ')' {
			s.value()
			call.options.open = true
			s.take(',')
		}
		return call, s.take(')') && !s.bad
	}
	call.url = s.value()
	call.options = value{kind: valueObject}
	if s.take(',') && s.peek() != ')' {
		call.options = s.value()
		s.take(',')
	}
	return call, s.take(')') && !s.bad
}

// exchange is the request that a call makes, nil where nothing is known of it.
func (c *fetchArguments) exchange() *exchange.Exchange {
	if c.url.kind != valueText && (c.url.kind != valueUnknown || c.options.kind != valueObject || len(c.options.members) == 0) {
		return nil
	}
	if c.url.kind == valueText && !isFetchTarget(c.url.text) {
		return nil
	}
	ex := &exchange.Exchange{Request: &exchange.Request{}}
	r := ex.Request
	if c.url.kind == valueText {
		r.URL = fetchURL(c.url.text)
	}
	opaque := slices.Clone(c.url.opaque)
	known := c.options.kind == valueObject && !c.options.open
	r.Method = c.method(known)
	opaque = append(opaque, c.header(ex, known)...)
	opaque = append(opaque, c.body(ex, known)...)
	if !known {
		ex.Notes = append(ex.Notes, "not all arguments of fetch are in the input")
	}
	takesValues(ex, opaque, "the program")
	return ex
}

// isFetchTarget tells a URL from any other text.
func isFetchTarget(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "/") || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "${") || strings.Contains(text, "://") && looksLikeURL(text)
}

// fetchURL splits a URL; a path alone stays one, for the page that it belongs to is
// not known.
func fetchURL(text string) exchange.URL {
	text = strings.TrimSpace(text)
	text, _, _ = strings.Cut(text, "#")
	if end := strings.IndexByte(text, '}') + 1; strings.HasPrefix(text, "${") && end > 0 && strings.HasPrefix(text[end:]+"/", "/") {
		u := exchange.ParseURL(text[end:])
		u.Host = text[:end] // all that is known of scheme and host
		return u
	}
	if strings.Contains(text, "://") || strings.HasPrefix(text, "${") {
		return parseCurlURL(text, "", false)
	}
	return exchange.ParseURL(text)
}

// method is that of the options, in capitals where fetch writes it so.
func (c *fetchArguments) method(known bool) exchange.Method {
	m, ok := c.options.member("method")
	switch {
	case ok && (m.kind == valueText && len(m.opaque) == 0):
		if upper := strings.ToUpper(m.text); slices.Contains([]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}, upper) {
			return exchange.Method(upper)
		}
		return exchange.Method(strings.TrimSpace(m.text))
	case ok && !m.isNothing() || !known:
		return ""
	}
	return "GET"
}

// header reads the header fields, and whether they are all there: a browser leaves
// cookies out of a copy.
func (c *fetchArguments) header(ex *exchange.Exchange, known bool) []string {
	r := ex.Request
	headers, given := c.options.member("headers")
	whole := known
	switch {
	case headers.kind == valueObject || headers.kind == valueList:
		whole = headers.addFields(&r.Header) && known
	case given && !headers.isNothing():
		whole = false
	}
	if len(r.Header) == 0 && c.isCopy() {
		whole = false // a browser always sends some
	}
	r.HeaderCaptured = whole && (!c.isCopy() || showsCredentials(r.Header) || hasField(r.Header, "x-api-key") || hasField(r.Header, "x-api-secret"))
	r.Sanitised = whole && !r.HeaderCaptured
	return headers.all()
}

func hasField(h exchange.Header, name string) bool {
	_, ok := h.Get(name)
	return ok
}

// isCopy reports whether a browser wrote the call: people leave out what it does
// without being told.
func (c *fetchArguments) isCopy() bool {
	n := 0
	for _, name := range []string{"referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect"} {
		if _, ok := c.options.member(name); ok {
			n++
		}
	}
	headers, _ := c.options.member("headers")
	for _, m := range headers.members {
		if strings.HasPrefix(strings.ToLower(m.name), "sec-") {
			n += 2
		}
	}
	return n > 1
}

// body reads the content, and adds the type that fetch gives it.
func (c *fetchArguments) body(ex *exchange.Exchange, known bool) []string {
	r := ex.Request
	body, given := c.options.member("body")
	switch {
	case !given && !known:
		return nil
	case !given || body.isNothing():
		r.Body = exchange.NewBody(nil)
		return nil
	case body.kind == valueObject:
		body = value{kind: valueText, text: "[object Object]"} // fetch makes a text of it
	case body.kind == valueWord:
		body = value{kind: valueText, text: body.text}
	}
	if body.kind != valueText || body.open {
		ex.Notes = append(ex.Notes, "the request body isn't in the input")
		return nil
	}
	r.Body = exchange.NewBody([]byte(body.text))
	if r.HeaderCaptured && !hasField(r.Header, "content-type") {
		r.Header.Add("content-type", fetchType(body))
	}
	return body.opaque
}

// fetchType is the type that fetch gives a content without one.
func fetchType(body value) string {
	if len(body.members) == 1 && body.members[0].name == formMark {
		return formMark
	}
	return "text/plain;charset=UTF-8"
}
