package capture

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// request builds the request that Postman would send: with the credentials that it
// inherits, and without the body that Postman prunes.
func (r *postmanReader) request(item gjson.Result, scope postmanScope, notes *[]string) *exchange.Request {
	v := item.Get("request")
	q := r.bare(v)
	pruned := (q.Method == "GET" || q.Method == "HEAD") && item.Get("protocolProfileBehavior.disableBodyPruning").Raw != "true"
	if pruned {
		q.Body = exchange.NewBody(nil)
	} else {
		r.body(q, v.Get("body"), notes)
	}
	r.authorize(q, inherited(v.Get("auth"), scope.auth), notes)
	return q
}

// sent builds a request that was sent: its header stands as it was written down,
// but for the boundary of a form, which only the body knows.
func (r *postmanReader) sent(v gjson.Result, notes *[]string) *exchange.Request {
	q := r.bare(v)
	written := q.Header
	r.body(q, v.Get("body"), notes)
	if v.Get("body.mode").String() != "formdata" {
		q.Header = written
	}
	return q
}

// bare builds a request without a body and without credentials. A text stands for
// its URL.
func (r *postmanReader) bare(v gjson.Result) *exchange.Request {
	q := &exchange.Request{Method: "GET", HeaderCaptured: true}
	if v.Type == gjson.String {
		q.URL = r.url(v)
		return q
	}
	if v.Get("method").Type == gjson.String {
		if method := strings.TrimSpace(r.template.fill(v.Get("method").Str)); method != "" {
			q.Method = exchange.Method(strings.ToUpper(method))
		}
	}
	q.URL = r.url(v.Get("url"))
	q.Header = postmanHeader(v.Get("header"), r.template.fill)
	return q
}

// url reads a URL given as text, or in parts: the parts count where there are
// some.
func (r *postmanReader) url(v gjson.Result) exchange.URL {
	if v.Type == gjson.String {
		return r.written(v.Str)
	}
	host, path := postmanJoin(v.Get("host"), "."), v.Get("path")
	if host == "" && !path.IsArray() && path.Type != gjson.String {
		return r.written(v.Get("raw").String())
	}
	var b strings.Builder
	if scheme := v.Get("protocol").String(); scheme != "" {
		b.WriteString(strings.TrimSuffix(scheme, "://") + "://")
	}
	b.WriteString(host)
	if port := postmanNumber(v.Get("port")); port != "" {
		b.WriteString(":" + port)
	}
	if path.IsArray() || path.Type == gjson.String {
		values := pathVariables(v.Get("variable"))
		for name, value := range values {
			r.template.secrets.Learn(name, r.template.fill(value), false)
		}
		b.WriteString("/" + strings.TrimPrefix(postmanPath(path, values), "/"))
	}
	b.WriteString(r.query(v.Get("query")))
	return r.written(b.String())
}

// postmanJoin joins the parts of a host, which may be one text.
func postmanJoin(v gjson.Result, sign string) string {
	if v.Type == gjson.String {
		return v.Str
	}
	if !v.IsArray() {
		return ""
	}
	var b strings.Builder
	first := true
	v.ForEach(func(_, part gjson.Result) bool {
		text, ok := scalar(part)
		if !ok {
			text = part.Get("value").String()
		}
		if !first {
			b.WriteString(sign)
		}
		first = false
		b.WriteString(text)
		return true
	})
	return b.String()
}

// pathVariables are the values of ":name" in a path. One without a value, null, is
// none.
func pathVariables(v gjson.Result) map[string]string {
	values := map[string]string{}
	if !v.IsArray() {
		return values
	}
	v.ForEach(func(_, one gjson.Result) bool {
		name := one.Get("key").String()
		if name == "" {
			name = one.Get("id").String()
		}
		if value, ok := scalar(one.Get("value")); ok && name != "" && value != "" && one.Get("disabled").Raw != "true" {
			values[name] = value
		}
		return true
	})
	return values
}

// postmanPath joins the segments and puts the values of ":name" in.
func postmanPath(v gjson.Result, values map[string]string) string {
	path := postmanJoin(v, "/")
	if len(values) == 0 {
		return path
	}
	var b strings.Builder
	for s := range strings.SplitAfterSeq(path, "/") {
		segment, slash := strings.CutSuffix(s, "/")
		name, ok := strings.CutPrefix(segment, ":")
		if value, known := values[name]; ok && known {
			segment = value
		}
		if b.WriteString(segment); slash {
			b.WriteByte('/')
		}
	}
	return b.String()
}

// query writes the parameters that are switched on. A hash in them begins no
// fragment.
func (r *postmanReader) query(v gjson.Result) string {
	if !v.IsArray() {
		if text := v.String(); v.Type == gjson.String && text != "" {
			return "?" + text
		}
		return ""
	}
	var pairs []string
	v.ForEach(func(_, one gjson.Result) bool {
		if !one.IsObject() || one.Get("disabled").Raw == "true" {
			return true
		}
		pair := one.Get("key").String()
		if value, ok := scalar(one.Get("value")); ok {
			pair += "=" + value
		}
		pairs = append(pairs, pair)
		return true
	})
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.ReplaceAll(r.template.fill(strings.Join(pairs, "&")), "#", "%23")
}

// written is a URL with its variables filled in. What a URL cannot hold Postman
// encodes.
func (r *postmanReader) written(text string) exchange.URL {
	target := strings.TrimSpace(r.template.fill(text))
	if target == "" {
		return exchange.URL{}
	}
	return openURL(encodeTarget(target))
}

// encodeTarget percent-encodes blanks, quotes, angle brackets and what is not
// ASCII; variables that stayed keep their blanks.
func encodeTarget(target string) string {
	var b strings.Builder
	query := false
	for target != "" {
		start, end := reference(target)
		if start < 0 {
			start, end = len(target), len(target)
		}
		for i := range start {
			query = query || target[i] == '?'
			if c := target[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>`, c) >= 0 || query && c == '\'' {
				fmt.Fprintf(&b, "%%%02X", c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteString(target[start:end])
		target = target[end:]
	}
	return b.String()
}

// body reads the content by its mode, with the field that Postman adds for it.
func (r *postmanReader) body(q *exchange.Request, v gjson.Result, notes *[]string) {
	if !v.IsObject() || v.Get("disabled").Raw == "true" {
		q.Body = exchange.NewBody(nil)
		return
	}
	content, kind := "", ""
	switch mode := v.Get("mode").String(); mode {
	case "raw":
		content = r.template.fill(v.Get("raw").String())
		kind = rawKind(v.Get("options.raw.language").String())
	case "urlencoded":
		content, kind = r.urlencoded(v.Get("urlencoded")), "application/x-www-form-urlencoded"
	case "graphql":
		content, kind = r.graphql(v.Get("graphql")), "application/json"
	case "formdata":
		r.formData(q, v.Get("formdata"), notes)
		return
	case "file":
		name := v.Get("file.src").String()
		if name == "" {
			name = v.Get("file").String()
		}
		*notes = append(*notes, fmt.Sprintf("the body is from %s, which wasn't read", place(name)))
		return
	case "", "none":
	default:
		*notes = append(*notes, fmt.Sprintf("unknown body mode %q", shorten(mode, 40)))
		return
	}
	q.Body = exchange.NewBody([]byte(content))
	if _, there := q.Header.Get("content-type"); !there && kind != "" && content != "" {
		q.Header.Add("Content-Type", kind)
	}
}

// rawKind is the media type that Postman adds by the language of a raw body.
func rawKind(language string) string {
	switch language {
	case "json":
		return "application/json"
	case "xml":
		return "application/xml"
	case "html":
		return "text/html"
	case "javascript":
		return "application/javascript"
	}
	return "text/plain"
}

// urlencoded writes the pairs of a form that are switched on.
func (r *postmanReader) urlencoded(v gjson.Result) string {
	if v.Type == gjson.String {
		return r.template.fill(v.Str)
	}
	var pairs []string
	for _, one := range v.Array() {
		if one.IsObject() && one.Get("disabled").Raw != "true" {
			pairs = append(pairs, formWord(r.template.fill(one.Get("key").String()))+"="+formWord(r.template.fill(one.Get("value").String())))
		}
	}
	return strings.Join(pairs, "&")
}

// formWord percent-encodes a word of a form, blanks too, as newman does.
func formWord(s string) string { return strings.ReplaceAll(escapeData(s), "+", "%20") }

// graphql writes query and variables as the JSON that GraphQL servers take.
func (r *postmanReader) graphql(v gjson.Result) string {
	content := `{"query":` + quoteJSON(r.template.fill(v.Get("query").String()))
	variables := strings.TrimSpace(r.template.fill(v.Get("variables").String()))
	if exchange.ValidJSON([]byte(variables)) {
		content += `,"variables":` + variables
	}
	return content + "}"
}

// formData writes multipart content, unless a part comes from a file.
func (r *postmanReader) formData(q *exchange.Request, v gjson.Result, notes *[]string) {
	t := &curlTransfer{}
	for _, one := range v.Array() {
		if !one.IsObject() || one.Get("disabled").Raw == "true" {
			continue
		}
		p := formPart{name: r.template.fill(one.Get("key").String()), content: r.template.fill(one.Get("value").String()), mimeType: one.Get("contentType").String()}
		if one.Get("type").String() == "file" {
			p.file = r.template.fill(postmanJoin(one.Get("src"), ", "))
			p.fileName = p.file
		}
		t.form = append(t.form, p)
	}
	if len(t.form) == 0 {
		q.Body = exchange.NewBody(nil)
		return
	}
	b := t.formBody()
	q.Body = b.content
	*notes = append(*notes, t.notes...)
	q.Header.Del("content-type")
	for _, f := range b.fields {
		if strings.EqualFold(f.Name, "content-type") {
			q.Header = append(q.Header, f)
		}
	}
}

// authorize adds the credentials that a request has or inherits.
func (r *postmanReader) authorize(q *exchange.Request, auth gjson.Result, notes *[]string) {
	kind := auth.Get("type").String()
	attribute := func(name string) string { return r.template.fill(authAttribute(auth.Get(kind), name)) }
	switch kind {
	case "", "noauth", "inherit":
	case "bearer":
		tokenField(q, "Bearer", attribute("token"))
	case "basic":
		q.Header.Del("authorization")
		q.Header.Add("Authorization", basicUnlessOpen(attribute("username")+":"+attribute("password")))
	case "apikey":
		if key := attribute("key"); !strings.EqualFold(key, "x-api-key") { // which names a key's owner, and is shown
			r.template.secrets.Learn(key, attribute("value"), true)
		}
		r.apiKey(q, attribute("key"), attribute("value"), attribute("in"))
	case "oauth2":
		r.oauth2(q, auth.Get(kind))
	default:
		q.HeaderCaptured = false
		*notes = append(*notes, fmt.Sprintf("authorization with %q isn't supported", shorten(kind, 40)))
	}
}

// oauth2 puts a token that is there into the header or the query.
func (r *postmanReader) oauth2(q *exchange.Request, attributes gjson.Result) {
	token := r.template.fill(authAttribute(attributes, "accessToken"))
	prefix := "Bearer"
	if written, ok := findAttribute(attributes, "headerPrefix"); ok {
		prefix = r.template.fill(written)
	}
	if token != "" && authAttribute(attributes, "addTokenTo") == "queryParams" {
		r.apiKey(q, "access_token", token, "query")
		return
	}
	tokenField(q, prefix, token)
}

// tokenField sets the field; without a token Postman leaves the request alone.
func tokenField(q *exchange.Request, prefix, token string) {
	if token != "" {
		q.Header.Del("authorization")
		q.Header.Add("Authorization", strings.TrimSpace(strings.TrimSpace(prefix)+" "+token))
	}
}

// basicUnlessOpen leaves a variable without a value readable.
func basicUnlessOpen(user string) string {
	if strings.Contains(user, "{{") {
		return "Basic " + user
	}
	return basic(user)
}

func (r *postmanReader) apiKey(q *exchange.Request, name, value, in string) {
	switch {
	case name == "":
	case in == "query":
		if q.URL.RawQuery != "" {
			q.URL.RawQuery += "&"
		}
		q.URL.RawQuery, q.URL.HasQuery = q.URL.RawQuery+formWord(name)+"="+formWord(value), true
	default:
		q.Header.Del(name)
		q.Header.Add(name, value)
	}
}

// authAttribute reads one attribute: [{"key", "value"}] in v2.1, an object in
// v2.0.
func authAttribute(v gjson.Result, name string) string {
	text, _ := findAttribute(v, name)
	return text
}

func findAttribute(v gjson.Result, name string) (text string, ok bool) {
	if v.IsObject() {
		return scalar(v.Get(name))
	}
	for _, one := range v.Array() {
		if one.Get("key").String() == name {
			return scalar(one.Get("value"))
		}
	}
	return "", false
}
