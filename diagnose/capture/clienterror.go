package capture

import (
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// clientError reads what HTTP libraries and browsers print of a call that failed:
// the message of an exception, with the dump of the error behind it where there is
// one.
func clientError() format {
	return format{
		kind: exchange.KindClientError,
		sure: func(head string) int {
			if anyLine(head, func(l string) bool { return refusalIn(l).status > 0 }) || printedStatus(head) {
				return 75
			}
			if anyLine(head, func(l string) bool { return brokenIn(l) != nil }) {
				return 68
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			r := &clientErrors{in: in, c: newCursor(in.text), yield: yield}
			r.read()
		},
	}
}

// refusal is what a line of an error says of the answer and of what was asked.
type refusal struct {
	status      int
	method, url string
}

// refusalSign is how a library words that an answer was an error: the status
// follows one text, or stands between two.
type refusalSign struct{ before, after string }

// refusalSigns lists the wordings: axios and got, .NET and PowerShell 7, Windows
// PowerShell, Guzzle, Faraday, requests, httpx, urllib, aiohttp, Spring, Feign,
// RestClient, the network panel and the console of browsers, undici's Response.
func refusalSigns() [21]refusalSign {
	return [...]refusalSign{
		{"Request failed with status code ", ""},
		{"Response status code does not indicate success: ", " "},
		{"The remote server returned an error: (", ")"},
		{" resulted in a `", " "},
		{"the server responded with status ", ""},
		{"HTTPError: ", " Client Error: "},
		{"HTTPError: ", " Server Error: "},
		{"Client error '", " "},
		{"Server error '", " "},
		{"Redirect response '", " "},
		{"HTTP Error ", ": "},
		{"ClientResponseError: ", ", message="},
		{"HttpClientErrorException", " "},
		{"HttpServerErrorException", " "},
		{"WebClientResponseException", " "},
		{"FeignException", " "},
		{"StatusCode: ", ", ReasonPhrase: "},
		{"Status Code: ", " "},
		{"status: ", ", statusText: "},
		{"[HTTP/2 ", " "},
		{"[HTTP/1.1 ", " "},
	}
}

// refusalIn reads a line that tells of an answer; its status is 0 for any other.
func refusalIn(line string) refusal {
	line = line[:min(len(line), 4<<10)]
	for _, sign := range refusalSigns() {
		at := strings.Index(line, sign.before)
		if at < 0 {
			continue
		}
		rest := line[at+len(sign.before):]
		if strings.HasSuffix(sign.before, "Exception") { // "$Forbidden: 403 …", "$Forbidden: [403 …"
			_, rest, _ = strings.Cut(rest, ": ")
			rest = strings.TrimPrefix(rest, "[")
		}
		if status, ok := statusWord(rest[:min(3, len(rest))]); ok && status > 0 && behindStatus(rest[3:], sign.after) {
			method, url := askedIn(line)
			return refusal{status, method, url}
		}
	}
	return loggedRefusal(line)
}

// printedStatus reports whether a text holds a printed response: its status, and
// the phrase on the next line.
func printedStatus(text string) bool {
	at := strings.Index(text, "statusText: '")
	if at < 0 {
		return false
	}
	before := strings.TrimRight(text[:at], " \n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	return statusPrinted(before) > 0
}

// statusPrinted reads "status: 403,".
func statusPrinted(line string) int {
	value, ok := strings.CutPrefix(strings.TrimSpace(line), "status: ")
	status, ok2 := statusWord(strings.TrimSuffix(value, ","))
	if !ok || !ok2 {
		return 0
	}
	return status
}

// behindStatus reports whether what stands behind a status is what a wording has
// there; anything but a letter or a digit where it does not say.
func behindStatus(rest, want string) bool {
	if want != "" && want != " " {
		return strings.HasPrefix(rest, want)
	}
	return rest == "" || !isAlnum(rest[0])
}

func isAlnum(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' }

// loggedRefusal reads a line of a program's own: "POST /api/cards -> 403
// KYC_REQUIRED", a method, a path, and the status behind them.
func loggedRefusal(line string) refusal {
	method, url := askedIn(line)
	if method == "" || url == "" || strings.Contains(line, `"`) || isRequestLine(line) {
		return refusal{}
	}
	_, rest, _ := strings.Cut(line, url)
	for i, word := range strings.Fields(rest) {
		word = strings.Trim(word, "()[],;:")
		if status, ok := statusWord(word); ok && status >= 300 {
			return refusal{status, method, url}
		}
		if i > 4 {
			break
		}
	}
	return refusal{}
}

// askedIn finds a method and the URL or path that follows it in a line.
func askedIn(line string) (method, url string) {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t`'\"[]<>,", r) })
	for i, w := range words {
		w = strings.TrimSuffix(w, ":")
		if !isMethod(w) || i+1 >= len(words) {
			continue
		}
		for _, next := range words[i+1 : min(len(words), i+3)] {
			if isPlainURL(next) {
				return w, strings.TrimRight(next, ".;)")
			}
		}
	}
	for _, w := range words {
		if w = strings.TrimPrefix(w, "url="); strings.Contains(w, "://") && looksLikeURL(w) {
			return "", strings.TrimRight(w, ".,;:)(")
		}
	}
	return "", ""
}

func isMethod(word string) bool {
	return slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}, word)
}

func isPlainURL(word string) bool {
	return strings.HasPrefix(word, "/") && len(word) > 1 || strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://")
}

// brokenSign is how a runtime words that no answer came.
type brokenSign struct {
	text  string
	kind  exchange.FailureKind
	phase exchange.Phase
}

// brokenSigns lists the wordings of Node, undici, Go, Python, Java and .NET.
func brokenSigns() [44]brokenSign {
	return [...]brokenSign{
		{"connect ECONNREFUSED", exchange.FailureRefused, exchange.PhaseConnect},
		{"getaddrinfo ENOTFOUND", exchange.FailureDNS, exchange.PhaseDNS},
		{"getaddrinfo EAI_AGAIN", exchange.FailureDNS, exchange.PhaseDNS},
		{"connect ETIMEDOUT", exchange.FailureTimeout, exchange.PhaseConnect},
		{"ConnectTimeoutError", exchange.FailureTimeout, exchange.PhaseConnect},
		{"HeadersTimeoutError", exchange.FailureTimeout, exchange.PhaseWait},
		{"BodyTimeoutError", exchange.FailureTimeout, exchange.PhaseTransfer},
		{"AxiosError: timeout of ", exchange.FailureTimeout, exchange.PhaseWait},
		{"read ECONNRESET", exchange.FailureReset, exchange.PhaseTransfer},
		{"Error: socket hang up", exchange.FailureReset, exchange.PhaseWait},
		{"code: 'UND_ERR_SOCKET'", exchange.FailureReset, exchange.PhaseTransfer},
		{"UNABLE_TO_VERIFY_LEAF_SIGNATURE", exchange.FailureTLS, exchange.PhaseTLS},
		{"UNABLE_TO_GET_ISSUER_CERT_LOCALLY", exchange.FailureTLS, exchange.PhaseTLS},
		{"SELF_SIGNED_CERT_IN_CHAIN", exchange.FailureTLS, exchange.PhaseTLS},
		{"DEPTH_ZERO_SELF_SIGNED_CERT", exchange.FailureTLS, exchange.PhaseTLS},
		{"CERT_HAS_EXPIRED", exchange.FailureTLS, exchange.PhaseTLS},
		{"ERR_TLS_CERT_ALTNAME_INVALID", exchange.FailureTLS, exchange.PhaseTLS},
		{": connect: connection refused", exchange.FailureRefused, exchange.PhaseConnect},
		{": no such host", exchange.FailureDNS, exchange.PhaseDNS},
		{`": context deadline exceeded`, exchange.FailureTimeout, exchange.PhaseWait},
		{": i/o timeout", exchange.FailureTimeout, exchange.PhaseConnect},
		{"tls: failed to verify certificate", exchange.FailureTLS, exchange.PhaseTLS},
		{`": EOF`, exchange.FailureReset, exchange.PhaseWait},
		{"read: connection reset by peer", exchange.FailureReset, exchange.PhaseTransfer},
		{"[Errno 111] Connection refused", exchange.FailureRefused, exchange.PhaseConnect},
		{"[Errno 61] Connection refused", exchange.FailureRefused, exchange.PhaseConnect},
		{"NameResolutionError", exchange.FailureDNS, exchange.PhaseDNS},
		{"Name or service not known", exchange.FailureDNS, exchange.PhaseDNS},
		{"nodename nor servname provided", exchange.FailureDNS, exchange.PhaseDNS},
		{"Read timed out.", exchange.FailureTimeout, exchange.PhaseWait},
		{"httpx.ReadTimeout", exchange.FailureTimeout, exchange.PhaseWait},
		{"ConnectTimeout", exchange.FailureTimeout, exchange.PhaseConnect},
		{"CERTIFICATE_VERIFY_FAILED", exchange.FailureTLS, exchange.PhaseTLS},
		{"RemoteDisconnected", exchange.FailureReset, exchange.PhaseWait},
		{"java.net.ConnectException", exchange.FailureRefused, exchange.PhaseConnect},
		{"java.net.UnknownHostException", exchange.FailureDNS, exchange.PhaseDNS},
		{"HttpConnectTimeoutException", exchange.FailureTimeout, exchange.PhaseConnect},
		{"HttpTimeoutException", exchange.FailureTimeout, exchange.PhaseWait},
		{"SocketTimeoutException", exchange.FailureTimeout, exchange.PhaseWait},
		{"SSLHandshakeException", exchange.FailureTLS, exchange.PhaseTLS},
		{"net::ERR_CONNECTION_REFUSED", exchange.FailureRefused, exchange.PhaseConnect},
		{"net::ERR_NAME_NOT_RESOLVED", exchange.FailureDNS, exchange.PhaseDNS},
		{"net::ERR_CONNECTION_TIMED_OUT", exchange.FailureTimeout, exchange.PhaseConnect},
		{"net::ERR_CERT_", exchange.FailureTLS, exchange.PhaseTLS},
	}
}

// brokenIn reads a line that tells why no answer came, nil for any other.
func brokenIn(line string) *exchange.Failure {
	line = line[:min(len(line), 4<<10)]
	for _, sign := range brokenSigns() {
		if strings.Contains(line, sign.text) {
			return &exchange.Failure{Kind: sign.kind, Phase: sign.phase, Text: shorten(strings.TrimSpace(line), 300)}
		}
	}
	return nil
}

// clientErrors is the state of reading: the exchange under way, and where in a dump
// the line at the cursor stands.
type clientErrors struct {
	in      *input
	c       *cursor
	yield   func(*exchange.Exchange) bool
	ex      *exchange.Exchange
	path    []dumped
	start   int // offset at which the exchange under way begins
	stopped bool
}

// dumped is a member of a dumped object that is open: its name and indentation.
type dumped struct {
	name   string
	indent int
}

func (r *clientErrors) read() {
	for !r.stopped {
		line, ok := r.c.peek()
		if !ok {
			break
		}
		if r.body(line) {
			continue
		}
		said := refusalIn(line)
		if said.status == 0 && printedStatus(r.c.text[r.c.pos:min(len(r.c.text), r.c.pos+200)]) {
			said.status = statusPrinted(line)
		}
		switch {
		case said.status > 0 && !r.repeats(line, said.status):
			r.begin()
			r.ex.Response = &exchange.Response{Status: said.status}
			r.asked(said.method, said.url)
			if r.body(line) {
				continue
			}
		case said.status > 0:
		case brokenIn(line) != nil && (r.ex == nil || r.ex.Response == nil):
			r.broken(line)
		default:
			r.member(line)
		}
		r.c.next()
	}
	r.flush()
}

// begin hands over the exchange under way and starts another.
func (r *clientErrors) begin() {
	r.flush()
	r.ex = &exchange.Exchange{Source: exchange.Source{Line: r.c.line}}
	r.start, r.path = r.c.pos, nil
}

func (r *clientErrors) flush() {
	if r.ex != nil && !r.stopped {
		r.stopped = !r.yield(r.ex)
	}
	r.ex = nil
}

// repeats reports whether a line tells of the answer under way once more: in the
// error's own dump, or in what is said to have caused it.
func (r *clientErrors) repeats(line string, status int) bool {
	trimmed := strings.TrimSpace(line)
	return r.ex != nil && r.ex.Response != nil && r.ex.Response.Status == status &&
		(trimmed != line || strings.HasPrefix(trimmed, "Caused by") || strings.HasPrefix(trimmed, "... "))
}

// broken notes why no answer came. Causes of causes say the same again.
func (r *clientErrors) broken(line string) {
	f := brokenIn(line)
	method, url := askedIn(line)
	if r.ex == nil || r.ex.Failure == nil || r.ex.Failure.Kind != f.Kind {
		r.begin()
		r.ex.Failure = f
	}
	if url == "" {
		url = poolIn(line)
	}
	r.asked(method, url)
	authority := authorityIn(line)
	switch {
	case authority == "" || r.ex.Request != nil && !r.ex.Request.URL.IsZero():
		return
	case r.ex.Request == nil:
		r.ex.Request = &exchange.Request{}
	}
	r.ex.Request.URL.SetHost(authority)
}

// authorityIn reads the host that Node names alone, behind the code of the error:
// "getaddrinfo ENOTFOUND test.immersve.com", "connect ECONNREFUSED 127.0.0.1:4299".
func authorityIn(line string) string {
	for _, code := range []string{"getaddrinfo ENOTFOUND ", "getaddrinfo EAI_AGAIN ", "connect ECONNREFUSED ", "connect ETIMEDOUT "} {
		_, after, ok := strings.Cut(line, code)
		if words := strings.Fields(after); ok && len(words) > 0 && strings.Count(words[0], ":") < 2 { // "::1:4299" can be read two ways
			return strings.Trim(words[0], `'"),;`)
		}
	}
	return ""
}

// poolIn reads the host, port and path of urllib3's words:
// HTTPSConnectionPool(host='…', port=443): Max retries exceeded with url: /….
func poolIn(line string) string {
	before, after, ok := strings.Cut(line, "ConnectionPool(host='")
	host, after, ok2 := strings.Cut(after, "', port=")
	port, after, ok3 := strings.Cut(after, ")")
	if !ok || !ok2 || !ok3 {
		return ""
	}
	scheme := "http"
	if strings.HasSuffix(before, "HTTPS") {
		scheme = "https"
	}
	if _, err := strconv.Atoi(port); err != nil {
		return ""
	}
	url := scheme + "://" + host
	if scheme == "http" && port != "80" || scheme == "https" && port != "443" {
		url += ":" + port
	}
	_, path, _ := strings.Cut(after, "exceeded with url: ")
	path, _, _ = strings.Cut(path, " ")
	return url + path
}

// asked notes what was asked, as far as it is not known yet.
func (r *clientErrors) asked(method, url string) {
	if method == "" && url == "" {
		return
	}
	if r.ex.Request == nil {
		r.ex.Request = &exchange.Request{}
	}
	if r.ex.Request.Method == "" {
		r.ex.Request.Method = exchange.Method(strings.ToUpper(method))
	}
	if url != "" && r.ex.Request.URL.Path == "" {
		r.ex.Request.URL = exchange.ParseURL(url)
	}
}

// body takes the error body that begins in the line at the cursor.
func (r *clientErrors) body(line string) bool {
	i := strings.IndexByte(line, '{')
	if i < 0 || r.ex == nil || r.ex.Response == nil || r.ex.Response.Body.Present() {
		return false
	}
	rest := r.c.text[r.c.pos+i:]
	if !looksLikeError(rest[:min(len(rest), 4<<10)]) {
		return false
	}
	end := objectEnd(rest[:min(len(rest), headSize)])
	if object := rest[:end]; looksLikeError(object) && exchange.ValidJSON([]byte(object)) {
		r.ex.Response.Body = exchange.NewBody([]byte(object))
		r.c.to(r.c.pos + i + end)
		return true
	}
	return false
}

// member reads a line of a dump, "method: 'post'," or "\"url\": \"…\",".
func (r *clientErrors) member(line string) {
	trimmed := strings.TrimLeft(line, " \t")
	indent := len(line) - len(trimmed)
	for len(r.path) > 0 && r.path[len(r.path)-1].indent >= indent {
		r.path = r.path[:len(r.path)-1]
	}
	name, value, ok := strings.Cut(trimmed, ": ")
	if !ok || r.ex == nil {
		return
	}
	name = strings.Trim(name, `'"`)
	if value = strings.TrimSuffix(strings.TrimSpace(value), ","); strings.HasSuffix(value, "{") {
		r.path = append(r.path, dumped{name, indent})
		return
	}
	text := unquotedLiteral(value)
	if r.within("response") && !r.within("config") && !r.within("request") && r.ex.Response != nil {
		r.answered(name, text, text != value)
		return
	}
	r.known(name, text)
}

// answered takes what the dump of a response says of it: its header, and a body that
// was no JSON and is printed as the text it was.
func (r *clientErrors) answered(name, value string, quoted bool) {
	response := r.ex.Response
	switch {
	case r.within("data"):
	case r.within("headers"):
		if isFieldName(name) && len(response.Header) < maxFields {
			response.Header.Add(name, value)
		}
	case name == "data" && quoted && value != "" && !response.Body.Present():
		response.Body = exchange.NewBody([]byte(value))
	}
}

// within reports whether a member of that name is open.
func (r *clientErrors) within(name string) bool {
	return slices.ContainsFunc(r.path, func(d dumped) bool { return d.name == name })
}

// known takes what the dump of a configuration says of the request.
func (r *clientErrors) known(name, value string) {
	switch {
	case r.within("headers") && r.within("config") && r.ex.Request != nil:
		r.addField(name, value)
	case r.within("headers") && r.within("config"):
		r.ex.Request = &exchange.Request{}
		r.addField(name, value)
	case r.within("request") || r.within("headers"):
	case (name == "method" || name == "Request Method") && isMethod(strings.ToUpper(value)):
		r.asked(value, "")
	case (name == "url" || name == "Request URL") && isPlainURL(value):
		r.asked("", value)
	case name == "data" && r.within("config") && isDumpedBody(value) && r.ex.Request != nil && !r.ex.Request.Body.Present():
		r.ex.Request.Body = exchange.NewBody([]byte(value))
	}
}

func (r *clientErrors) addField(name, value string) {
	if isFieldName(name) && len(r.ex.Request.Header) < maxFields {
		r.ex.Request.Header.Add(name, value)
	}
}

// isDumpedBody reports whether the data of a configuration is the text that was sent,
// not an object or a list that a program printed.
func isDumpedBody(value string) bool {
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") && exchange.ValidJSON([]byte(value))
}
