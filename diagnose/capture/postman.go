package capture

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// postman reads Postman's collections (v2.1, and v2.0 as far as they agree): the
// requests as they would be sent, and the saved responses; and the JSON report of
// newman, which holds what was sent and what came. Scripts are not run.
func postman() format {
	return format{kind: exchange.KindPostman, sure: sureOfPostman, read: readPostman}
}

func sureOfPostman(head string) int {
	if !strings.HasPrefix(strings.TrimSpace(head), "{") {
		return 0
	}
	has := func(word string) bool { return strings.Contains(head, word) }
	switch {
	case has(`schema.getpostman.com`), has(`"_postman_id"`), has(`"_postman_variable_scope"`):
		return 97
	case has(`"run"`) && has(`"executions"`), has(`"info"`) && has(`"item"`) && has(`"request"`):
		return 97
	}
	return 0
}

const (
	maxFolders     = 32     // folders in folders that are looked into
	maxPostmanItem = 50_000 // requests of one input
)

// postmanReader is the state of reading a collection or a report.
type postmanReader struct {
	in       *input
	yield    func(*exchange.Exchange) bool
	template *template
	setters  []string
	scripts  bool // there are some, and that was not said yet
	count    int
	stopped  bool
	hidden   map[string]bool // variables that are declared to be secrets
	place    *cursor         // for the lines of items, which come in their order
}

// postmanScope is what a request inherits from its folders and its collection.
type postmanScope struct {
	variables []map[string]string // the nearest first
	auth      gjson.Result
}

func readPostman(in *input, yield func(*exchange.Exchange) bool) {
	r := &postmanReader{in: in, yield: yield, place: newCursor(in.text)}
	if exchange.Depth([]byte(in.text)) > exchange.MaxDepth {
		in.saw = fmt.Sprintf("JSON nested more than %d levels deep", exchange.MaxDepth)
		return
	}
	root := gjson.Parse(in.text)
	executions := root.Get("run.executions")
	if inner := root.Get("collection"); !root.Get("item").Exists() && inner.IsObject() && !executions.Exists() {
		root = inner
	}
	if executions.IsArray() {
		r.report(executions)
	} else {
		r.collection(root)
	}
	r.brokenOff()
	in.saw = postmanSaw(root)
}

// postmanSaw says what a file of Postman's is that holds no request.
func postmanSaw(root gjson.Result) string {
	switch {
	case root.Get("values").IsArray():
		return "a Postman environment, which has only variables (use it with a collection: --environment FILE)"
	case root.Get("requests").IsArray():
		return "a Postman collection of version 1 (export it as v2.1)"
	case root.Get("item").Exists() && !root.Get("item").IsArray():
		return "a Postman collection without an item array"
	}
	return "a Postman collection or report without requests"
}

// brokenOff says where JSON ends that is none.
func (r *postmanReader) brokenOff() {
	if r.stopped || exchange.ValidJSON([]byte(r.in.text)) {
		return
	}
	lines := strings.Count(strings.TrimRight(r.in.text, "\n"), "\n") + 1
	last := r.in.text[strings.LastIndexByte(strings.TrimRight(r.in.text, "\n"), '\n')+1:]
	r.in.leave(lines, 1, "JSON that's invalid or cut off: "+last)
}

// line is where a value stands.
func (r *postmanReader) line(v gjson.Result) int {
	at := min(max(v.Index, 0), len(r.in.text))
	if at < r.place.pos {
		return 1 + strings.Count(r.in.text[:at], "\n")
	}
	r.place.to(at)
	return r.place.line
}

func (r *postmanReader) hand(ex *exchange.Exchange) {
	if r.count++; r.count > maxPostmanItem {
		r.stopped = true
		return
	}
	r.stopped = r.stopped || !r.yield(ex)
}

func (r *postmanReader) collection(root gjson.Result) {
	r.findScripts(root.Raw)
	scope := postmanScope{auth: root.Get("auth")}
	scope.variables = append(scope.variables, postmanVariables(root.Get("variable")))
	r.hidden = hiddenVariables(r.in.hidden, root.Get("variable"))
	r.items(root.Get("item"), scope, 0)
}

// findScripts looks at the whole text once: which scripts there are matters only
// for the variables that they set. The quotes in them are escaped.
func (r *postmanReader) findScripts(raw string) {
	r.scripts = strings.Contains(raw, `"exec"`)
	if r.scripts {
		r.setters = scriptSetters(strings.ReplaceAll(raw, `\"`, `"`))
	}
}

// items reads the requests and folders of a list.
func (r *postmanReader) items(list gjson.Result, scope postmanScope, depth int) {
	if !list.IsArray() {
		return
	}
	list.ForEach(func(_, item gjson.Result) bool {
		switch {
		case !item.IsObject():
			r.in.leave(r.line(item), 1, item.Raw)
		case item.Get("item").Exists():
			r.folder(item, scope, depth+1)
		case item.Get("request").Exists() && !exchange.Brackets(item.Raw).Open:
			r.item(item, scope)
		default:
			r.in.leave(r.line(item), 1, item.Raw)
		}
		return !r.stopped
	})
}

func (r *postmanReader) folder(item gjson.Result, scope postmanScope, depth int) {
	if depth > maxFolders {
		r.in.leave(r.line(item), 1, fmt.Sprintf("folders nested more than %d levels deep", maxFolders))
		return
	}
	if variables := item.Get("variable"); variables.IsArray() {
		scope.variables = append([]map[string]string{postmanVariables(variables)}, scope.variables...)
		r.hidden = hiddenVariables(r.hidden, variables)
	}
	scope.auth = inherited(item.Get("auth"), scope.auth)
	r.items(item.Get("item"), scope, depth)
}

// inherited returns the nearest authorization that is given.
func inherited(own, above gjson.Result) gjson.Result {
	if own.IsObject() && own.Get("type").String() != "inherit" {
		return own
	}
	return above
}

// item reads a request, then its saved responses.
func (r *postmanReader) item(item gjson.Result, scope postmanScope) {
	r.begin(scope)
	ex := &exchange.Exchange{Source: exchange.Source{Line: r.line(item)}}
	ex.Request = r.request(item, scope, &ex.Notes)
	if ex.Request.URL.IsZero() {
		r.in.leave(ex.Source.Line, 1, "a request without a URL: "+item.Raw)
		return
	}
	ex.Request.Conceal(r.template.secrets)
	ex.Notes = append(ex.Notes, r.notes()...)
	r.hand(ex)
	responses := item.Get("response")
	if !responses.IsArray() {
		return
	}
	responses.ForEach(func(_, saved gjson.Result) bool {
		if saved.IsObject() && !r.stopped {
			r.saved(saved, scope)
		}
		return !r.stopped
	})
}

// begin makes the variables of a scope the ones in force.
func (r *postmanReader) begin(scope postmanScope) {
	value := func(name string) (string, bool) {
		for _, level := range scope.variables {
			if v, ok := level[name]; ok {
				return v, true
			}
		}
		return "", false
	}
	if r.template == nil {
		r.template = newTemplate(r.in.variables, value)
	}
	r.template.value, r.template.hidden = value, r.hidden
	r.template.forget()
}

func (r *postmanReader) notes() []string {
	notes := r.template.notes(func(string) bool { return false }, r.setters)
	if r.scripts {
		r.scripts = false
		text := "the collection's scripts aren't run"
		if len(r.setters) > 0 {
			text += "; they set " + references(r.setters)
		}
		notes = append(notes, text)
	}
	return notes
}

// saved reads a response that was saved beside its request. What the variables
// were then is not in the file: what has no value now is not captured.
func (r *postmanReader) saved(v gjson.Result, scope postmanScope) {
	response := postmanResponse(v)
	if response == nil {
		r.in.leave(r.line(v), 1, v.Raw)
		return
	}
	r.begin(scope)
	ex := &exchange.Exchange{Source: exchange.Source{Line: r.line(v)}, Response: response}
	if original := v.Get("originalRequest"); original.Exists() {
		var notes []string // of a request that was sent: what could be wrong with it was filled in
		ex.Request = r.sent(original, &notes)
		ex.Request.Conceal(r.template.secrets)
		ex.Request.HeaderCaptured = false // Postman saves it without the fields that it adds
		forgetTemplates(ex.Request)
	}
	r.hand(ex)
}

// forgetTemplates drops what a request holds of variables without a value, where
// the request was sent with their values.
func forgetTemplates(q *exchange.Request) {
	open := func(s string) bool { return strings.Contains(s, "{{") }
	if open(q.URL.Host) {
		q.URL.Host, q.URL.Port, q.URL.Scheme = "", "", ""
	}
	if open(q.URL.Reveal()) || strings.Contains(q.URL.Path, "/:") || strings.Contains(q.URL.Path, "//") {
		q.URL = exchange.URL{}
	}
	if open(string(q.Body.Bytes())) {
		q.Body = exchange.Body{}
	}
	q.Header = slices.DeleteFunc(q.Header, func(f exchange.Field) bool { return open(f.Name + f.Value.Reveal()) })
}

// postmanResponse reads a response of a collection or of a report, nil when it is
// none.
func postmanResponse(v gjson.Result) *exchange.Response {
	status := int(v.Get("code").Int())
	if status < 100 || status > 999 {
		return nil
	}
	phrase := v.Get("status").String()
	r := &exchange.Response{Status: status, Phrase: phraseOf(phrase)}
	if header := v.Get("header"); header.IsArray() {
		r.HeaderCaptured = true
		r.Header = postmanHeader(header, func(s string) string { return s })
	}
	switch body, stream := v.Get("body"), v.Get("stream"); {
	case body.Type == gjson.String:
		r.Body = exchange.NewBody([]byte(body.Str))
	case stream.Exists():
		r.Body = exchange.NewBody(streamBytes(stream))
	}
	r.Elapsed = time.Duration(max(0, min(v.Get("responseTime").Float(), 1e9)) * float64(time.Millisecond))
	return r
}

// streamBytes reads {"type":"Buffer","data":[123,34,…]}, as Node writes bytes.
func streamBytes(stream gjson.Result) []byte {
	if stream.Type == gjson.String {
		return []byte(stream.Str)
	}
	data := stream.Get("data")
	if !data.IsArray() {
		return nil
	}
	var content []byte
	data.ForEach(func(_, n gjson.Result) bool {
		content = append(content, byte(n.Int()))
		return true
	})
	return content
}

// postmanHeader reads [{"key", "value", "disabled"}], or one text of lines.
func postmanHeader(v gjson.Result, fill func(string) string) exchange.Header {
	var h exchange.Header
	if v.Type == gjson.String {
		for line := range strings.SplitSeq(v.Str, "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok && isFieldName(strings.TrimSpace(name)) {
				h.Add(strings.TrimSpace(name), fill(strings.TrimSpace(value)))
			}
		}
		return h
	}
	if !v.IsArray() {
		return nil
	}
	v.ForEach(func(_, f gjson.Result) bool {
		name := strings.TrimSpace(fill(f.Get("key").String()))
		value, _ := scalar(f.Get("value"))
		if f.Get("disabled").Raw != "true" && isFieldName(name) && len(h) < maxFields {
			h.Add(name, strings.TrimSpace(fill(value)))
		}
		return true
	})
	return h
}

// report reads newman's executions: what was sent, with all variables filled in.
func (r *postmanReader) report(executions gjson.Result) {
	executions.ForEach(func(_, run gjson.Result) bool {
		if !run.IsObject() || !run.Get("request").IsObject() || exchange.Brackets(run.Raw).Open {
			r.in.leave(r.line(run), 1, run.Raw)
			return true
		}
		r.begin(postmanScope{})
		r.template.given = nil
		ex := &exchange.Exchange{Source: exchange.Source{Line: r.line(run)}}
		ex.Request = r.sent(run.Get("request"), &ex.Notes)
		if !hasContent(ex.Request.Header) {
			ex.Request.Body = exchange.NewBody(nil)
		}
		ex.Response = postmanResponse(run.Get("response"))
		if failure := run.Get("requestError"); failure.Exists() && ex.Response == nil {
			ex.Failure = nodeFailure(failure)
		}
		r.hand(ex)
		return !r.stopped
	})
}

// nodeFailure sorts the errors of Node's network calls by their code.
func nodeFailure(v gjson.Result) *exchange.Failure {
	code := v.Get("code").String()
	words := []string{v.Get("message").String()}
	if words[0] == "" {
		words = []string{v.Get("syscall").String(), code, v.Get("address").String() + v.Get("hostname").String()}
		if port := v.Get("port").String(); port != "" {
			words[2] += ":" + port
		}
	}
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	f := &exchange.Failure{Text: shorten(text, 300)}
	f.Kind, f.Phase = failureOf(0, text+" "+code)
	return f
}

// postmanNumber is a port, which files write as text or as a number.
func postmanNumber(v gjson.Result) string {
	if n, err := strconv.Atoi(v.String()); err == nil && n > 0 {
		return strconv.Itoa(n)
	}
	return v.String()
}

// quoteJSON writes a text as a JSON string.
func quoteJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return `""` // text always marshals
	}
	return string(quoted)
}
