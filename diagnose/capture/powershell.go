package capture

import (
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// powerShellCall reads calls of PowerShell's Invoke-WebRequest and
// Invoke-RestMethod: what browsers copy of a request, and what people write, as far
// as it is literal. Nothing is run.
func powerShellCall() format {
	return format{
		kind: exchange.KindPowerShell,
		sure: func(head string) int {
			ex := (&powerCalls{in: &input{}, c: newCursor(head), wasted: maxWasted - 1<<20}).next()
			switch {
			case ex == nil:
				return 0
			case anyLine(head, func(l string) bool { return isStatusLine(l) || isSent(l) || isReceived(l) || callsCurl(l) }):
				return 40
			}
			return 67
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			r := &powerCalls{in: in, c: newCursor(in.text), leave: true}
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

// powerCalls walks over the statements of a text.
type powerCalls struct {
	in      *input
	c       *cursor
	leave   bool
	wasted  int // bytes looked through for what never ends
	misses  int
	values  map[string]value  // of variables, by lower-case name
	texts   map[string]string // those that are texts
	kept    int               // bytes of them
	agent   map[string]value  // of sessions, by the variable's name
	cookies map[string]value
	last    *exchange.Exchange
}

// next returns the next call, nil when there is none.
func (r *powerCalls) next() *exchange.Exchange {
	for {
		line, ok := r.c.peek()
		if !ok {
			return nil
		}
		if start := powerCallIn(line); start >= 0 {
			if ex := r.call(start); ex != nil {
				r.last = ex
				return ex
			}
			continue
		}
		if r.session(line) || r.assignment(line) || r.answer(line) {
			continue
		}
		if r.leave && !isPowerScaffold(line) {
			r.in.leave(r.c.line, 1, line)
		}
		r.c.next()
	}
}

// powerCallIn returns the offset behind the name of a cmdlet that a line calls, -1
// when it calls none.
func powerCallIn(line string) int {
	part := line[:min(len(line), 4<<10)]
	lower := smallASCII(part)
	for _, name := range []string{"invoke-webrequest", "invoke-restmethod", "iwr", "irm"} {
		at := strings.Index(lower, name)
		end := at + len(name)
		if at < 0 || end < len(lower) && strings.IndexByte(" \t`", lower[end]) < 0 {
			continue
		}
		if powerCommandMayFollow(part[:at]) {
			return end
		}
	}
	return -1
}

// smallASCII is strings.ToLower for what leaves every byte in its place.
func smallASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// powerCommandMayFollow reports whether a command begins behind a text: at the
// beginning, behind a prompt, in an assignment or a block.
func powerCommandMayFollow(before string) bool {
	trimmed := strings.TrimSpace(before)
	if trimmed == "" || strings.HasPrefix(trimmed, "PS ") && strings.HasSuffix(trimmed, ">") || trimmed == ">>" {
		return true
	}
	switch trimmed[len(trimmed)-1] {
	case '{', ';', '(', '|':
		return !strings.ContainsAny(trimmed, `"'`)
	case '=':
		return strings.Contains(trimmed, "$")
	}
	return false
}

// isPowerScaffold knows the lines that hold calls together.
func isPowerScaffold(line string) bool {
	line = strings.TrimSpace(line)
	return strings.Trim(line, "{}();>") == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "```") || strings.HasPrefix(line, "try") && strings.HasSuffix(line, "{")
}

// room bounds the text in which what begins may end.
func (r *powerCalls) room(text string) string {
	if r.wasted > maxWasted {
		return text[:min(len(text), maxTail)]
	}
	return text[:min(len(text), maxShellLine)]
}

func (r *powerCalls) script(at int) *powerScript {
	return &powerScript{text: r.room(r.c.text[at:]), values: r.values, texts: r.texts}
}

// call reads the call whose parameters begin at a column of the line at hand; nil
// where it says nothing of a request.
func (r *powerCalls) call(column int) *exchange.Exchange {
	at, line := r.c.pos+column, r.c.line
	s := r.script(at)
	p := &powerParameters{script: s, values: map[string]value{}}
	p.read()
	var ex *exchange.Exchange
	if !s.bad {
		ex = r.exchange(p)
	} else {
		r.wasted += len(s.text)
	}
	if ex == nil {
		text, _ := r.c.peek()
		if r.leave {
			r.in.leave(line, 1, text)
		}
		r.c.next()
		return nil
	}
	ex.Source.Line = line
	r.c.to(at + s.at)
	if rest, ok := r.c.peek(); ok { // a pipe, a comment, the end of a block
		if r.leave && !isPowerScaffold(rest) && !strings.HasPrefix(strings.TrimSpace(rest), "|") {
			r.in.leave(r.c.line, 1, rest)
		}
		r.c.next()
	}
	return ex
}

// answer takes the error body that stands behind a call.
func (r *powerCalls) answer(line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	if r.last == nil || r.last.Response != nil || r.misses > maxMisses || !strings.HasPrefix(trimmed, "{") {
		return false
	}
	start := r.c.pos + len(line) - len(trimmed)
	text := r.c.text[start:min(len(r.c.text), start+headSize)]
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

// maxPowerValues bounds the variables of a text, maxCookies the cookies of a session.
const (
	maxPowerValues = 1000
	maxCookies     = 16 << 10
)

// assignment reads "$name = value". Where the value cannot be read, the variable is
// not known any more.
func (r *powerCalls) assignment(line string) bool {
	trimmed := strings.TrimLeft(line, " \t")
	trimmed = strings.TrimPrefix(trimmed, ">> ")
	if prompt := strings.Index(trimmed[:min(len(trimmed), maxPrefix)], "> $"); strings.HasPrefix(trimmed, "PS ") && prompt > 0 {
		trimmed = trimmed[prompt+2:]
	}
	if !strings.HasPrefix(trimmed, "$") {
		return false
	}
	name, end := powerName(trimmed, 0)
	value, ok := strings.CutPrefix(strings.TrimLeft(trimmed[end:], " \t"), "=")
	if name == "" || !ok || strings.HasPrefix(value, "=") {
		return false
	}
	start := r.c.pos + len(line) - len(value)
	s := r.script(start)
	v := s.expression(false)
	name = strings.ToLower(name)
	if s.bad {
		r.wasted += len(s.text)
		delete(r.values, name)
		delete(r.texts, name)
		return false
	}
	r.remember(name, v, s.at)
	r.c.to(start + s.at)
	if rest, ok := r.c.peek(); ok && strings.Trim(rest, " \t;") == "" {
		r.c.next()
	} else if ok && start+s.at == r.c.pos && strings.HasPrefix(strings.TrimLeft(rest, " \t"), ";") {
		r.c.to(r.c.pos + strings.IndexByte(rest, ';') + 1)
	} else if ok {
		r.c.next()
	}
	return true
}

// remember notes the value of a variable. Values hold what other variables brought
// into them, so that their size is bounded in all.
func (r *powerCalls) remember(name string, v value, size int) {
	if r.values == nil {
		r.values, r.texts = map[string]value{}, map[string]string{}
	}
	delete(r.values, name)
	delete(r.texts, name)
	size = max(size, v.size())
	if v.kind == valueUnknown || v.open || len(r.values) >= maxPowerValues || size > maxShellValue || r.kept+size > maxShellBytes {
		return
	}
	r.kept += size
	r.values[name] = v
	if v.kind == valueText && len(v.opaque) == 0 {
		r.texts[name] = v.text
	}
}

// session reads what browsers write of a session: its agent and its cookies.
func (r *powerCalls) session(line string) bool {
	trimmed := strings.TrimSpace(line)
	if !strings.HasPrefix(trimmed, "$") {
		return false
	}
	name, end := powerName(trimmed, 0)
	rest := trimmed[end:]
	if r.agent == nil {
		r.agent, r.cookies = map[string]value{}, map[string]value{}
	}
	name = strings.ToLower(name)
	if text, ok := strings.CutPrefix(rest, ".UserAgent = "); ok && len(r.agent) < maxPowerValues {
		s := &powerScript{text: text, values: r.values, texts: r.texts}
		r.agent[name] = s.expression(false)
		r.c.next()
		return true
	}
	text, ok := strings.CutPrefix(rest, ".Cookies.Add((New-Object System.Net.Cookie(")
	if !ok || len(r.cookies) >= maxPowerValues {
		if strings.HasPrefix(strings.TrimLeft(rest, " "), "= New-Object Microsoft.PowerShell.Commands.WebRequestSession") {
			delete(r.agent, name)
			r.cookies[name] = value{kind: valueText}
			r.c.next()
			return true
		}
		return false
	}
	s := &powerScript{text: text, values: r.values, texts: r.texts}
	cookie := s.list(true)
	if !s.bad && len(cookie.members) > 1 && len(r.cookies[name].text) < maxCookies {
		jar := r.cookies[name]
		if jar.text != "" {
			jar.text += "; "
		}
		jar.kind = valueText
		jar.text += cookie.members[0].text + "=" + cookie.members[1].text
		jar.opaque = append(jar.opaque, cookie.all()...)
		r.cookies[name] = jar
	}
	r.c.next()
	return true
}

// powerParameters are those of one call.
type powerParameters struct {
	script *powerScript
	values map[string]value // by the parameter's name in small letters
	vars   string           // the name of the variable that WebSession is
	open   bool             // some are not written there
}

// powerParameterNames lists the parameters that take a value; a person may cut a
// name short.
func powerParameterNames() []string {
	return []string{
		"uri", "method", "custommethod", "headers", "body", "contenttype", "useragent", "websession", "sessionvariable", "outfile", "infile",
		"timeoutsec", "connectiontimeoutseconds", "operationtimeoutseconds", "credential", "certificate", "certificatethumbprint", "authentication",
		"token", "form", "proxy", "proxycredential", "maximumredirection", "maximumretrycount", "retryintervalsec", "transferencoding", "sslprotocol",
		"httpversion", "statuscodevariable", "responseheadersvariable", "erroraction", "errorvariable", "outvariable",
		"maximumfollowrellink", "unixsocket",
	}
}

// read reads the parameters up to the end of the command.
func (p *powerParameters) read() {
	s := p.script
	for !s.bad {
		c := s.peek(false)
		rest := s.text[s.at:]
		switch {
		case c == 0 || strings.IndexByte("\n;|)}", c) >= 0:
			return
		case c == '-' && len(rest) > 1 && isLetter(rest[1]):
			p.named()
		case c == '@' && len(rest) > 1 && isScriptName(rest[1]):
			p.splat()
		default:
			v := p.argument()
			if _, known := p.values["uri"]; !known {
				p.values["uri"] = v
			} else {
				p.open = true
			}
		}
	}
}

// named reads -Name value. A switch has none.
func (p *powerParameters) named() {
	s := p.script
	s.at++
	start := s.at
	for s.at < len(s.text) && isAlnum(s.text[s.at]) {
		s.at++
	}
	written := strings.ToLower(s.text[start:s.at])
	glued := s.at < len(s.text) && s.text[s.at] == ':'
	if glued {
		s.at++
	}
	name := ""
	for _, full := range powerParameterNames() {
		if full == written || name == "" && len(written) > 1 && strings.HasPrefix(full, written) {
			name = full
		}
	}
	if name == "" && !glued {
		return // a switch, as -UseBasicParsing
	}
	if name == "websession" && s.peek(false) == '$' {
		p.vars, _ = powerName(s.text, s.at)
		p.vars = strings.ToLower(p.vars)
	}
	v := p.argument()
	if name != "" {
		p.values[name] = v
	}
}

// splat reads @name, a table of parameters.
func (p *powerParameters) splat() {
	s := p.script
	start := s.at + 1
	for s.at++; s.at < len(s.text) && isScriptName(s.text[s.at]); {
		s.at++
	}
	table, ok := s.values[strings.ToLower(s.text[start:s.at])]
	if !ok || table.kind != valueObject {
		p.open = true
		return
	}
	for _, m := range table.members {
		name := strings.ToLower(m.name)
		if name == "websession" {
			p.open = true
		}
		if _, given := p.values[name]; !given {
			p.values[name] = m.value
		}
	}
}

// argument reads one value behind a parameter: an expression as it is in a command,
// or a bare word.
func (p *powerParameters) argument() value {
	s := p.script
	c := s.peek(false)
	if c == 0 || strings.IndexByte("\n;|)}", c) >= 0 {
		return value{}
	}
	rest := s.text[s.at:]
	bare := strings.IndexByte(`'"$(@[`, c) < 0
	if bare || c == '[' {
		return p.word()
	}
	v := s.primary()
	if s.at < len(s.text) && !s.bad && strings.IndexByte(" \t\r\n;|)}`,", s.text[s.at]) < 0 { // "a"$b, $base/api
		glued := p.word()
		joined, ok := v.plus(glued)
		if !ok || rest[0] == '@' {
			return placeholder("expression", "${", "}")
		}
		return joined
	}
	for !s.bad && s.peek(false) == ',' {
		s.at++
		s.peek(true)
		s.primary()
		v = placeholder("expression", "${", "}")
	}
	return v
}

// word reads a word without quotes, in which variables are filled in.
func (p *powerParameters) word() value {
	s := p.script
	start := s.at
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n;|)}'\"", s.text[s.at]) < 0 {
		if s.text[s.at] == '`' {
			s.at++
		}
		s.at++
	}
	s.at = min(s.at, len(s.text))
	if s.at == start {
		s.fail()
		return value{}
	}
	if s.at < len(s.text) && strings.IndexByte(`'"`, s.text[s.at]) >= 0 {
		s.fail() // a word in which a quote opens
		return value{}
	}
	l := &powerShellLine{vars: s.texts}
	text := l.expand(s.text[start:s.at])
	return withoutCommands(value{kind: valueText, text: text, opaque: l.opaque})
}

// exchange is the request of a call, nil where nothing is known of it.
func (r *powerCalls) exchange(p *powerParameters) *exchange.Exchange {
	uri := p.values["uri"]
	if !uri.isPlain() || uri.text == "" || uri.kind == valueText && len(uri.opaque) == 0 && !looksLikeURL(uri.text) {
		return nil
	}
	if uri.kind == valueUnknown && len(p.values) < 2 {
		return nil
	}
	ex := &exchange.Exchange{Request: &exchange.Request{HeaderCaptured: !p.open}}
	q := ex.Request
	opaque := uri.all()
	if uri.kind == valueText {
		q.URL = powerURL(uri.text)
	}
	q.Method = p.method()
	opaque = append(opaque, p.header(q)...)
	opaque = append(opaque, r.sessionHeader(p, q)...)
	opaque = append(opaque, p.body(ex)...)
	if q.HeaderCaptured && isPowerCopy(q.Header) && !showsCredentials(q.Header) && !hasField(q.Header, "x-api-key") && !hasField(q.Header, "x-api-secret") {
		q.HeaderCaptured, q.Sanitised = false, true // a browser may have left them out
	}
	if p.open {
		ex.Notes = append(ex.Notes, "not all parameters of the call are in the input")
	}
	takesValues(ex, opaque, "your shell")
	return ex
}

// isPowerCopy reports whether a browser wrote the header: people write no fields of
// its own.
func isPowerCopy(h exchange.Header) bool {
	return slices.ContainsFunc(h, func(f exchange.Field) bool { return strings.HasPrefix(strings.ToLower(f.Name), "sec-") })
}

// powerURL splits a URL, which may begin with a variable.
func powerURL(text string) exchange.URL {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "#")
	if i := strings.IndexByte(text, '/'); strings.HasPrefix(text, "$") && i > 0 {
		u := exchange.ParseURL(text[i:])
		u.Host = text[:i] // all that is known of scheme and host
		return u
	}
	return parseCurlURL(text, "", false)
}

func (p *powerParameters) method() exchange.Method {
	m, ok := p.values["method"]
	if custom, given := p.values["custommethod"]; given {
		m, ok = custom, true
	}
	switch {
	case ok && m.kind == valueText && len(m.opaque) == 0:
		return exchange.Method(strings.ToUpper(strings.TrimSpace(m.text)))
	case ok || p.open:
		return ""
	}
	return "GET"
}

// header reads -Headers and the parameters that become fields.
func (p *powerParameters) header(q *exchange.Request) []string {
	var opaque []string
	if headers, given := p.values["headers"]; given {
		whole := headers.kind == valueObject && headers.addFields(&q.Header)
		q.HeaderCaptured = q.HeaderCaptured && whole
		opaque = append(opaque, headers.all()...)
	}
	for _, f := range []struct{ parameter, field string }{{"useragent", "User-Agent"}, {"contenttype", "Content-Type"}} {
		if v, given := p.values[f.parameter]; given && v.isPlain() && v.text != "" {
			q.Header.Set(f.field, v.text)
			opaque = append(opaque, v.opaque...)
		}
	}
	if scheme, given := p.values["authentication"]; given && strings.EqualFold(scheme.text, "Bearer") || given && strings.EqualFold(scheme.text, "OAuth") {
		token := placeholder("expression", "${", "}")
		if v := p.values["token"]; v.kind == valueUnknown && v.text != "" {
			token = v
		}
		q.Header.Set("Authorization", "Bearer "+token.text)
		opaque = append(opaque, token.opaque...)
	}
	for _, name := range []string{"credential", "certificate", "form", "infile"} {
		if _, given := p.values[name]; given {
			q.HeaderCaptured = false
		}
	}
	return opaque
}

// sessionHeader adds what a session brings.
func (r *powerCalls) sessionHeader(p *powerParameters, q *exchange.Request) []string {
	if _, given := p.values["websession"]; !given {
		return nil
	}
	jar, known := r.cookies[p.vars]
	if !known {
		q.HeaderCaptured = false
		return nil
	}
	opaque := slices.Clone(jar.opaque)
	if agent := r.agent[p.vars]; agent.kind == valueText && !hasField(q.Header, "user-agent") {
		q.Header.Add("User-Agent", agent.text)
		opaque = append(opaque, agent.opaque...)
	}
	if jar.text != "" {
		q.Header.Add("Cookie", jar.text)
	}
	return opaque
}

// body reads -Body: a text, or a table, which becomes a form, or, with GET, a query.
func (p *powerParameters) body(ex *exchange.Exchange) []string {
	q := ex.Request
	body, given := p.values["body"]
	_, file := p.values["infile"]
	_, form := p.values["form"]
	switch {
	case file || form || !given && p.open:
		ex.Notes = append(ex.Notes, "the request body isn't in the input")
		return nil
	case !given || body.isNothing():
		q.Body = exchange.NewBody(nil)
		return nil
	case body.kind == valueObject && q.Method == "GET":
		return addToQuery(q, body.asForm())
	case body.kind == valueObject:
		body = body.asForm()
	}
	if body.kind != valueText || body.open {
		ex.Notes = append(ex.Notes, "the request body isn't in the input")
		q.HeaderCaptured = q.HeaderCaptured && hasField(q.Header, "content-type")
		return nil
	}
	q.Body = exchange.NewBody([]byte(body.text))
	if !hasField(q.Header, "content-type") {
		if q.Method == "POST" && q.HeaderCaptured {
			q.Header.Add("Content-Type", "application/x-www-form-urlencoded")
		} else {
			q.HeaderCaptured = false // what it is sent as depends on the version
		}
	}
	return body.opaque
}

// addToQuery puts a form behind the query.
func addToQuery(q *exchange.Request, form value) []string {
	q.Body = exchange.NewBody(nil)
	if form.kind != valueText || form.text == "" {
		return nil
	}
	if q.URL.RawQuery != "" {
		form.text = q.URL.RawQuery + "&" + form.text
	}
	q.URL.RawQuery = form.text
	return form.opaque
}
