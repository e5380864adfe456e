package capture

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/exchange"
)

// curlTransfer is what a command line asks for up to its end or to --next.
type curlTransfer struct {
	options CurlOptions
	notes   []string

	urls   []string
	scheme string // --proto-default
	method string // -X
	target string // --request-target
	query  []string
	proto  string

	get, head, globOff, pathAsIs     bool
	compressed, transferEncoding     bool
	formEscape, isJSON               bool
	user, agent, referer, bearer     string
	hasUser, hasAgent                bool
	partial                          bool // the header may hold more than is known
	otherAuth                        bool // --digest and its like: curl waits for a challenge
	byteRange, condition, conditions string
	cookies                          []string
	headers                          []string // as written: "Name: value", "Name;", "Name:"

	data    []byte // of all -d and their like, joined as curl joins them
	hasData bool
	unread  string // what the body needs and was not read: "file.json", "stdin"
	uploads []string
	form    []formPart
}

func (t *curlTransfer) note(format string, values ...any) {
	if len(t.notes) < maxCurlNotes {
		t.notes = append(t.notes, fmt.Sprintf(format, values...))
	}
}

// read returns the content of a file or of standard input; ok is false when it is
// not to be read.
func (t *curlTransfer) read(name string) (content []byte, ok bool, err error) {
	if name == "-" || name == "." {
		if t.options.Stdin == nil {
			return nil, false, nil
		}
		content, err = t.options.Stdin()
		if err != nil {
			return nil, false, fmt.Errorf("stdin: %w", err)
		}
		return content, true, nil
	}
	if t.options.ReadFile == nil {
		return nil, false, nil
	}
	content, err = t.options.ReadFile(name)
	if errors.Is(err, errNotRead) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("the command line uses the file %q: %w", name, err)
	}
	return content, true, nil
}

// isOpaque reports whether a word is nothing but what only the user's shell knows.
func (t *curlTransfer) isOpaque(word string) bool {
	return word != "" && slices.Contains(t.options.opaque, word)
}

// place names a file for a note.
func place(name string) string {
	if name == "-" || name == "." {
		return "stdin"
	}
	return fmt.Sprintf("the file %q", shorten(name, 60))
}

func (t *curlTransfer) addURL(value string) error {
	name, ok := strings.CutPrefix(value, "@")
	if !ok {
		t.urls = append(t.urls, value)
		return nil
	}
	content, ok, err := t.read(name)
	if err != nil {
		return err
	}
	if !ok {
		t.note("URLs are from %s, which wasn't read", place(name))
		return nil
	}
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && len(t.urls) < maxCurlRequests {
			t.urls = append(t.urls, line)
		}
	}
	return nil
}

func (t *curlTransfer) addHeader(value string) error {
	if t.isOpaque(value) {
		t.partial = true
		return nil
	}
	name, ok := strings.CutPrefix(value, "@")
	if !ok {
		t.headers = append(t.headers, value)
		return nil
	}
	content, ok, err := t.read(name)
	if err != nil {
		return err
	}
	if !ok {
		t.partial = true
		t.note("headers are from %s, which wasn't read", place(name))
		return nil
	}
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "#") {
			t.headers = append(t.headers, line)
		}
	}
	return nil
}

// addCookie takes "name=value; …"; anything without "=" is the name of a file.
func (t *curlTransfer) addCookie(value string) {
	if !strings.Contains(value, "=") {
		if value != "" {
			t.partial = true
			t.note("cookies are from %s, which wasn't read", place(value))
		}
		return
	}
	t.cookies = append(t.cookies, value)
}

// rangeOf completes a range without a hyphen, as curl does.
func rangeOf(value string) string {
	if value != "" && strings.Trim(value, "0123456789") == "" {
		return value + "-"
	}
	return value
}

func (t *curlTransfer) continueAt(value string) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 0 {
		if n > 0 {
			t.byteRange = value + "-"
		}
		return
	}
	t.note("--continue-at depends on a file, which wasn't read")
}

// timeCondition takes a date, "-" before it for the reverse.
func (t *curlTransfer) timeCondition(value string) {
	field := "If-Modified-Since"
	if bare, ok := strings.CutPrefix(value, "-"); ok {
		field, value = "If-Unmodified-Since", bare
	}
	value = strings.TrimPrefix(value, "+")
	for _, layout := range []string{http.TimeFormat, time.RFC1123Z, time.RFC850, time.ANSIC, "2 Jan 2006 15:04:05 MST", "2 Jan 2006", "20060102"} {
		if when, err := time.Parse(layout, value); err == nil {
			t.condition, t.conditions = field, when.UTC().Format(http.TimeFormat)
			return
		}
	}
	t.note("the date %q of --time-cond is invalid", shorten(value, 40))
}

func (t *curlTransfer) compareTag(name string) error {
	content, ok, err := t.read(name)
	if err != nil {
		return err
	}
	if !ok {
		t.partial = true
		t.note("the entity tag is from %s, which wasn't read", place(name))
		return nil
	}
	tag := strings.TrimSpace(string(content))
	if tag == "" {
		tag = `""`
	}
	t.headers = append(t.headers, "If-None-Match: "+tag)
	return nil
}

// conflict says why curl refuses to send what the options ask for together.
func (t *curlTransfer) conflict() error {
	kinds := 0
	for _, asked := range []bool{t.hasData && !t.get, len(t.form) > 0, t.head, len(t.uploads) > 0} {
		if asked {
			kinds++
		}
	}
	if kinds > 1 {
		return fmt.Errorf("%w: only one of -d, -F, -I and -T is possible", ErrCurlUsage)
	}
	return nil
}

// requests adds the requests of a transfer to the command.
func (t *curlTransfer) requests(c *CurlCommand) error {
	conflict := t.conflict()
	for i, written := range t.urls {
		list, err := t.expandURL(written)
		if err != nil {
			list, conflict = []string{written}, err // what was meant, all the same
		}
		if strings.ContainsAny(strings.TrimSpace(written), " \t\n") {
			t.note("curl rejects a URL with a space (write %%20 in a path, and + or %%20 in a query)")
		}
		for _, target := range list {
			if len(c.Requests) >= maxCurlRequests {
				t.note("only the first %d requests were read", maxCurlRequests)
				break
			}
			c.Requests = append(c.Requests, t.request(target, i))
		}
	}
	c.Notes = append(c.Notes, t.notes...)
	return conflict
}

// request builds the request for one URL. nth counts the URLs of the transfer,
// because each takes an upload of its own.
func (t *curlTransfer) request(target string, nth int) *exchange.Request {
	r := &exchange.Request{Method: exchange.Method(t.methodOf()), Proto: t.proto, HeaderCaptured: !t.partial}
	b := t.body(nth)
	user := t.setURL(r, target, b)
	h := t.ownFields(r, user)
	for _, f := range b.fields {
		if !t.mentions(f.Name) {
			h = append(h, f)
		}
	}
	r.Header = append(h, t.writtenFields(b)...)
	if r.Method == http.MethodHead && t.method == "" {
		b.content = exchange.NewBody(nil)
	}
	r.Body = b.content
	return r
}

func (t *curlTransfer) methodOf() string {
	switch {
	case t.isOpaque(t.method):
		return ""
	case t.method != "":
		return t.method
	case t.head:
		return http.MethodHead
	case len(t.uploads) > 0:
		return http.MethodPut
	case t.hasData && !t.get, len(t.form) > 0:
		return http.MethodPost
	}
	return http.MethodGet
}

// setURL fills the URL and returns the user info that it held.
func (t *curlTransfer) setURL(r *exchange.Request, target string, b curlBody) (user string) {
	r.URL = parseCurlURL(target, t.scheme, t.pathAsIs)
	if b.fileName != "" && strings.HasSuffix(r.URL.Path, "/") {
		r.URL.Path += escapeData(b.fileName)
	}
	t.appendQuery(&r.URL)
	if t.target != "" {
		written := exchange.ParseURL(t.target)
		r.URL.Path, r.URL.RawQuery, r.URL.HasQuery = written.Path, written.RawQuery, written.HasQuery
	}
	user = r.URL.UserInfo.Reveal()
	r.URL.UserInfo = exchange.Value{}
	return user
}

func (t *curlTransfer) appendQuery(u *exchange.URL) {
	added := t.query
	if t.get && t.unread != "" {
		t.note("query parameters are from %s, which wasn't read", t.unread)
	}
	if t.get && t.hasData {
		added = []string{string(t.data)} // it takes the place of --url-query
	}
	for _, part := range added {
		if part == "" {
			continue
		}
		if u.RawQuery != "" && !strings.HasSuffix(u.RawQuery, "&") {
			u.RawQuery += "&"
		}
		u.RawQuery, u.HasQuery = u.RawQuery+part, true
	}
}

// ownFields are the fields that curl writes by itself, in its order.
func (t *curlTransfer) ownFields(r *exchange.Request, user string) exchange.Header {
	var h exchange.Header
	add := func(name, value string) {
		if value != "" && !t.mentions(name) {
			h.Add(name, value)
		}
	}
	add("Host", hostField(r.URL))
	add("Authorization", t.authorization(user))
	if t.byteRange != "" {
		add("Range", "bytes="+t.byteRange)
	}
	if t.hasAgent {
		add("User-Agent", t.agent)
	}
	if !t.isJSON {
		add("Accept", "*/*")
	}
	if t.transferEncoding {
		add("Connection", "TE")
		add("TE", "gzip")
	}
	if t.compressed {
		add("Accept-Encoding", "deflate, gzip, br, zstd")
	}
	add("Referer", t.referer)
	add("Cookie", strings.Join(t.cookies, ";"))
	add(t.condition, t.conditions)
	return h
}

func hostField(u exchange.URL) string {
	if u.Port == "443" && u.Scheme == "https" || u.Port == "80" && u.Scheme == "http" {
		return u.Host
	}
	return u.Authority()
}

// authorization is the field's value for -u, --oauth2-bearer or the URL's user.
func (t *curlTransfer) authorization(user string) string {
	switch {
	case t.otherAuth:
		return ""
	case t.bearer != "":
		return "Bearer " + t.bearer
	case t.hasUser:
		if !strings.Contains(t.user, ":") {
			t.note("-u has no password, so curl would ask for one")
		}
		return basic(t.user)
	case user != "":
		name, password, _ := strings.Cut(user, ":")
		return basic(unescape(name) + ":" + unescape(password))
	}
	return ""
}

func basic(user string) string {
	if !strings.Contains(user, ":") {
		user += ":"
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user))
}

func unescape(s string) string {
	segments := exchange.URL{Path: "/" + strings.ReplaceAll(s, "/", "%2F")}.PathSegments()
	return segments[0]
}

// mentions reports whether a -H speaks of a field, be it only to leave it out.
func (t *curlTransfer) mentions(name string) bool {
	for _, written := range t.headers {
		if field, _, ok := splitField(written); ok && strings.EqualFold(field, name) {
			return true
		}
	}
	return false
}

// splitField parts "Name: value", "Name;" and "Name:". ok is false for what curl
// drops without a word.
func splitField(written string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(written, ":")
	if ok {
		return name, strings.TrimSpace(value), name != ""
	}
	name, value, ok = strings.Cut(written, ";")
	return name, "", ok && name != "" && strings.TrimSpace(value) == ""
}

// writtenFields are the fields of -H, in their order.
func (t *curlTransfer) writtenFields(b curlBody) exchange.Header {
	var h exchange.Header
	for _, written := range t.headers {
		name, value, ok := splitField(written)
		switch {
		case !ok:
			t.note("-H %q isn't a header, because the colon is missing, so curl omits it", shorten(exchange.MaskHeader(written), 60))
		case value == "" && strings.Contains(written, ":"): // "Name:" takes a field of curl's own away
		case b.boundary != "" && strings.EqualFold(name, "Content-Type"):
			h.Add(name, value+"; boundary="+b.boundary)
		default:
			h.Add(strings.TrimSpace(name), value)
		}
	}
	if t.isJSON {
		for _, name := range []string{"Content-Type", "Accept"} {
			if !t.mentions(name) {
				h.Add(name, "application/json")
			}
		}
	}
	return h
}
