package capture

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// httpFile reads the files of request editors, .http and .rest, as VS Code's REST
// Client and JetBrains' HTTP Client understand them: requests parted by "###",
// variables, scripts around them. Nothing is run and no file is read.
func httpFile() format {
	return format{kind: exchange.KindHTTPFile, sure: sureOfHTTPFile, read: readHTTPFile}
}

// sureOfHTTPFile looks for what only these files hold. A request message alone is
// raw HTTP, a block that holds nothing but a curl command is one.
func sureOfHTTPFile(head string) int {
	if anyLine(head, func(l string) bool { return isSent(l) || isReceived(l) }) {
		return 0
	}
	blocks := httpBlocks(head)
	parted := anyLine(head, func(l string) bool { return strings.HasPrefix(l, "###") })
	if !parted && isRawMessages(head) {
		return 0
	}
	requests, marks := 0, 0
	for i, b := range blocks {
		marks += len(b.variables)
		switch line, found := b.start(); {
		case !found:
		case isEditorRequest(line):
			requests++
			marks += b.marks(line)
		case i == 0 && !callsCurl(line):
			return 0 // something else stands first
		}
	}
	switch {
	case requests == 0:
		return 0
	case marks > 0, requests > 1:
		return 96
	case parted && !anyLine(head, isStatusLine):
		return 96
	case !parted && bareURL(blocks[0]):
		return 45
	}
	return 0
}

// isRawMessages reports whether a text holds an answer, or more than one request
// message, without anything that parts them.
func isRawMessages(text string) bool {
	requests := 0
	return anyLine(text, func(line string) bool {
		if isRequestLine(line) {
			requests++
		}
		return requests > 1 || isStatusLine(line)
	})
}

// marks counts what tells an editor's request from a message: no version, a
// variable, a name, a script, a query on lines of its own.
func (b *httpBlock) marks(line string) int {
	n := 0
	if !isRequestLine(line) && strings.Contains(line, " ") {
		n++
	}
	if start, _ := reference(b.text()); start >= 0 {
		n++
	}
	for _, l := range b.lines {
		l = strings.TrimSpace(l)
		for _, mark := range []string{"# @", "// @", "> {%", "< {%", "?", "&", "< ./", "<> "} {
			if strings.HasPrefix(l, mark) {
				n++
			}
		}
	}
	return n
}

// bareURL reports whether a block is a URL with nothing but header fields, the
// shortest request there is.
func bareURL(b httpBlock) bool {
	line, _ := b.start()
	return !strings.Contains(strings.TrimSpace(line), " ") && strings.Contains(line, "://")
}

// httpBlock is the lines between two "###", or between the fences of Markdown.
type httpBlock struct {
	first     int // number of its first line, from 1
	lines     []string
	variables []fileVariable
	more      int // lines that were not kept: there are more than maxFileLines
}

// maxFileLines bounds the lines of a file that are kept. A request that has more is
// not read: half of one would be judged for what is missing.
const maxFileLines = 500_000

// fileVariable is one "@name = value".
type fileVariable struct {
	name, value string
	line        int
}

func (b *httpBlock) text() string { return strings.Join(b.lines, "\n") }

// httpBlocks parts a file.
func httpBlocks(text string) []httpBlock {
	var list []httpBlock
	now := httpBlock{first: 1}
	number, kept := 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimRight(line, "\r")
		if strings.HasPrefix(line, "###") || strings.HasPrefix(line, "```") {
			list = append(list, now)
			now = httpBlock{first: number + 1}
			continue
		}
		if v, ok := parseFileVariable(line); ok {
			v.line = number
			now.variables = append(now.variables, v)
		}
		if kept++; kept > maxFileLines {
			now.more++
			continue
		}
		now.lines = append(now.lines, line)
	}
	return append(list, now)
}

// parseFileVariable reads "@name = value". JetBrains and REST Client both let
// blanks stand around the sign.
func parseFileVariable(line string) (fileVariable, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), "@")
	name, value, assigned := strings.Cut(rest, "=")
	name = strings.TrimSpace(name)
	if !ok || !assigned || name == "" || len(name) > maxReference || strings.ContainsAny(name, " \t\"'{}") {
		return fileVariable{}, false
	}
	return fileVariable{name: name, value: strings.TrimSpace(value)}, true
}

// start returns the line that begins the request, found false when the block
// holds none.
func (b *httpBlock) start() (line string, found bool) {
	i := b.startIndex()
	if i < 0 {
		return "", false
	}
	return b.lines[i], true
}

func (b *httpBlock) startIndex() int {
	for i := 0; i < len(b.lines); i++ {
		line := strings.TrimSpace(b.lines[i])
		_, assigns := parseFileVariable(line)
		switch {
		case line == "", assigns, isEditorComment(line):
		case strings.HasPrefix(line, "< {%"):
			i = scriptEnd(b.lines, i)
		case strings.HasPrefix(line, "< "), strings.HasPrefix(line, "import "), strings.HasPrefix(line, "run "):
		default:
			return i
		}
	}
	return -1
}

// isEditorComment knows "#" and "//", with or without something behind them.
func isEditorComment(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")
}

// scriptEnd returns the index of the line that ends the script that begins at
// one, the last line when it never does.
func scriptEnd(lines []string, at int) int {
	for i := at; i < len(lines); i++ {
		if strings.Contains(lines[i], "%}") {
			return i
		}
	}
	return len(lines) - 1
}

// editorMethod begins a request line. REST Client takes a method of any case;
// unknown words are part of a URL, so the list is closed.
func editorMethod(word string) bool {
	switch strings.ToUpper(word) {
	case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE":
		return true
	}
	return false
}

// isEditorRequest knows "POST https://host/path HTTP/1.1", without the method,
// without the version, with a variable in front.
func isEditorRequest(line string) bool {
	method, target, _ := parseEditorRequest(line)
	if target == "" || strings.ContainsAny(target, "\"`") {
		return false
	}
	if method == "" {
		return !strings.ContainsAny(target, " \t") && (strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") || strings.HasPrefix(target, "{{"))
	}
	if i := strings.IndexAny(target, " \t"); i >= 0 {
		if after := strings.TrimSpace(target[i:]); isDigitByte(after[0]) || isToolLine(line) {
			return false // "GET https://host/path 403" is a line of a log
		}
		return strings.HasPrefix(target, "/") || strings.HasPrefix(target, "{{") || strings.Contains(target, "://")
	}
	if target == "{" {
		return false // it opens a block: "post {"
	}
	return strings.ContainsAny(target, "/.{") || strings.HasPrefix(target, "localhost:")
}

// parseEditorRequest parts a request line; method and proto are "" where the line
// has none.
func parseEditorRequest(line string) (method, target, proto string) {
	target = strings.TrimSpace(line)
	if word, rest, ok := strings.Cut(target, " "); ok && editorMethod(word) {
		method, target = word, strings.TrimSpace(rest)
	}
	if i := strings.LastIndex(target, " HTTP/"); i >= 0 && isVersion(strings.TrimSpace(target[i+len(" HTTP/"):])) {
		proto, target = strings.TrimSpace(target[i+1:]), strings.TrimSpace(target[:i])
	}
	return method, target, proto
}

// httpFileReader is the state of reading a file.
type httpFileReader struct {
	in       *input
	blocks   []httpBlock
	template *template
	setters  []string // variables that scripts set
	scripts  bool     // there are some, and that was not said yet
	at       int      // line of the request under way, for the variables in force
}

func readHTTPFile(in *input, yield func(*exchange.Exchange) bool) {
	r := &httpFileReader{in: in, blocks: httpBlocks(in.text)}
	r.setters, r.scripts = scriptSetters(in.text), strings.Contains(in.text, "{%")
	r.template = newTemplate(in.variables, r.variable())
	r.template.hidden = in.hidden
	for i := range r.blocks {
		for _, ex := range r.block(&r.blocks[i]) {
			if !yield(ex) {
				return
			}
		}
	}
}

// variable finds the value in force at the request under way: the last definition
// above the end of its block, else the first below.
func (r *httpFileReader) variable() func(string) (string, bool) {
	all := map[string][]fileVariable{}
	for _, b := range r.blocks {
		for _, v := range b.variables {
			all[v.name] = append(all[v.name], v)
		}
	}
	return func(name string) (string, bool) {
		list := all[name]
		if len(list) == 0 {
			return "", false
		}
		below, _ := slices.BinarySearchFunc(list, r.at+1, func(v fileVariable, line int) int { return v.line - line })
		return list[max(below-1, 0)].value, true
	}
}

// scriptSetters finds the variables that scripts set: client.global.set("name",
// pm.environment.set("name" and their like.
func scriptSetters(script string) []string {
	var names []string
	for {
		_, after, ok := strings.Cut(script, ".set(")
		if !ok || len(names) >= maxSetters {
			return names
		}
		script = after
		after = strings.TrimLeft(after, " \t\n")
		if after == "" || strings.IndexByte("\"'`", after[0]) < 0 {
			continue
		}
		if end := strings.IndexByte(after[1:min(len(after), maxReference)], after[0]); end > 0 && !slices.Contains(names, after[1:1+end]) {
			names = append(names, after[1:1+end])
		}
	}
}

const maxSetters = 1000

// block reads the request of one block, with the response that is pasted below it
// if there is one.
func (r *httpFileReader) block(b *httpBlock) []*exchange.Exchange {
	start := b.startIndex()
	if b.more > 0 {
		r.in.saw = fmt.Sprintf("a request after line %d, the limit for a file", maxFileLines)
		r.in.leave(b.first, len(b.lines)+b.more, r.in.saw)
		return nil
	}
	if start < 0 {
		return nil
	}
	r.template.forget()
	r.at = b.first + len(b.lines)
	line := b.lines[start]
	switch {
	case isStatusLine(line):
		return r.pasted(b, start, &exchange.Exchange{Source: exchange.Source{Line: b.first + start}})
	case callsCurl(line):
		return r.command(b, start)
	case !isEditorRequest(line):
		rest := strings.TrimRight(strings.Join(b.lines[start:], "\n"), "\n \t")
		r.in.leave(b.first+start, strings.Count(rest, "\n")+1, line)
		return nil
	}
	ex := &exchange.Exchange{Source: exchange.Source{Line: b.first + start}}
	at := r.request(b, start, ex)
	ex.Notes = append(ex.Notes, r.notes()...)
	if at < len(b.lines) {
		return r.pasted(b, at, ex)
	}
	return []*exchange.Exchange{ex}
}

// notes says what was not filled in; that scripts are not run is said once.
func (r *httpFileReader) notes() []string {
	notes := r.template.notes(isAnswerReference, r.setters)
	if r.scripts {
		r.scripts = false
		notes = append(notes, "the file's scripts aren't run")
	}
	return notes
}

// isAnswerReference knows REST Client's "login.response.body.$.token".
func isAnswerReference(name string) bool {
	return strings.Contains(name, ".response.") || strings.Contains(name, ".request.")
}

// pasted reads the responses that stand below a request.
func (r *httpFileReader) pasted(b *httpBlock, at int, ex *exchange.Exchange) []*exchange.Exchange {
	c := newCursor(strings.Join(b.lines[at:], "\n"))
	for {
		skipBlank(c)
		line, ok := c.peek()
		if !ok || !isStatusLine(line) {
			lastStepAnswers(ex)
			return []*exchange.Exchange{ex}
		}
		response, notes := readRawResponse(c)
		for _, n := range notes {
			addNote(&ex.Notes, n)
		}
		if reason := stepReason(&response, c); reason != "" {
			addStep(ex, reason, response)
			continue
		}
		ex.Response = &response
		return []*exchange.Exchange{ex}
	}
}

// command reads a curl command in a block, which REST Client allows.
func (r *httpFileReader) command(b *httpBlock, start int) []*exchange.Exchange {
	lines := b.lines[start:]
	for i, line := range lines {
		if isHandler(line) {
			lines = lines[:i]
			break
		}
	}
	p := newPaste(r.template.fill(strings.Join(lines, "\n")))
	p.leave = func(line, n int, text string) { r.in.leave(b.first+start+line-1, n, r.template.secrets.Hide(text)) }
	p.inherited = r.template.secrets
	var list []*exchange.Exchange
	for _, c := range p.read() {
		for _, ex := range c.exchanges(r.in) {
			ex.Source.Line = b.first + start
			ex.Notes = append(ex.Notes, r.notes()...)
			list = append(list, ex)
		}
	}
	if p.failure != nil && r.in.saw == "" {
		r.in.saw, r.in.cause = "a curl command that can't be parsed: "+p.failure.Error(), p.failure
	}
	return list
}

// isHandler knows the lines behind a request that are not of it: "> {% … %}",
// "> handler.js", ">> file", "<> response.http".
func isHandler(line string) bool {
	return strings.HasPrefix(line, "> ") || strings.HasPrefix(line, ">>") || strings.HasPrefix(line, "<> ")
}

// request reads request line, header and body, and returns the index of the line
// at which a pasted response begins.
func (r *httpFileReader) request(b *httpBlock, start int, ex *exchange.Exchange) int {
	target, at := joinTarget(b.lines, start)
	method, target, proto := parseEditorRequest(target)
	q := &exchange.Request{Method: exchange.Method(strings.ToUpper(method)), Proto: proto, HeaderCaptured: true}
	if method == "" {
		q.Method = "GET"
	}
	target = strings.TrimSpace(r.template.fill(target))
	at = r.header(b.lines, at, q, &ex.Notes)
	setEditorTarget(q, target)
	ex.Request = q
	at = r.body(b, at, ex)
	q.Conceal(r.template.secrets)
	return at
}

// joinTarget joins the lines of a query, or of a path, that goes on on indented
// lines.
func joinTarget(lines []string, start int) (target string, next int) {
	target = strings.TrimSpace(lines[start])
	for next = start + 1; next < len(lines); next++ {
		line := lines[next]
		trimmed := strings.TrimSpace(line)
		indented := line != strings.TrimLeft(line, " \t")
		switch {
		case trimmed == "":
			return target, next
		case isEditorComment(line):
		case trimmed[0] == '?', trimmed[0] == '&', indented && !strings.Contains(trimmed, ": "):
			target += trimmed
		default:
			return target, next
		}
	}
	return target, next
}

// setEditorTarget fills the URL: an origin form takes its host from the header,
// anything else is a URL as curl understands it.
func setEditorTarget(q *exchange.Request, target string) {
	if strings.HasPrefix(target, "/") || target == "*" {
		setTarget(q, target, "")
		return
	}
	q.URL = openURL(target)
}

// header reads the fields up to the blank line.
func (r *httpFileReader) header(lines []string, at int, q *exchange.Request, notes *[]string) int {
	q.Header = fields(func() (string, bool) {
		for at < len(lines) {
			line := strings.TrimRight(lines[at], " \t")
			if isHandler(line) || strings.HasPrefix(line, "< ") || isStatusLine(line) {
				return "", false
			}
			at++
			if line == "" {
				return "", false
			}
			if !isEditorComment(line) {
				return r.template.fill(unindentField(line)), true
			}
		}
		return "", false
	}, notes)
	encodeBasic(&q.Header)
	return at
}

// unindentField takes the indentation of a field away, which REST Client allows;
// what is no field of its own goes on with the one above.
func unindentField(line string) string {
	trimmed := strings.TrimLeft(line, " \t")
	if name, _, ok := strings.Cut(trimmed, ": "); ok && isFieldName(name) {
		return trimmed
	}
	return line
}

// encodeBasic does what both editors do to "Authorization: Basic user password"
// and "Basic user:password".
func encodeBasic(h *exchange.Header) {
	scheme, rest, _ := strings.Cut(h.Text("authorization"), " ")
	user, password, two := strings.Cut(strings.TrimSpace(rest), " ")
	if !strings.EqualFold(scheme, "basic") || strings.Contains(rest, "{{") {
		return
	}
	if two {
		h.Set("authorization", basic(user+":"+strings.TrimSpace(password)))
	} else if strings.Contains(rest, ":") {
		h.Set("authorization", basic(user))
	}
}

// body reads the content, and returns the index of the line at which a pasted
// response begins.
func (r *httpFileReader) body(b *httpBlock, at int, ex *exchange.Exchange) int {
	var kept strings.Builder
	file := ""
	for ; at < len(b.lines) && !isStatusLine(b.lines[at]); at++ {
		line := b.lines[at]
		switch {
		case strings.HasPrefix(line, "> {%"):
			at = scriptEnd(b.lines, at)
		case isHandler(line), isEditorComment(line):
		case isBodyFile(line):
			_, file, _ = strings.Cut(line, " ")
		default:
			kept.WriteString(line + "\n")
		}
	}
	content := strings.TrimSuffix(kept.String(), "\n")
	for content != "" {
		last := strings.LastIndexByte(content, '\n')
		if !isNoContent(content[last+1:]) {
			break
		}
		content = content[:max(0, last)]
	}
	if file != "" {
		ex.Notes = append(ex.Notes, fmt.Sprintf("the body is from %s, which wasn't read", place(r.template.fill(strings.TrimSpace(file)))))
		return at
	}
	text := r.template.fill(strings.Trim(content, "\n"))
	ex.Request.Body = exchange.NewBody([]byte(asSent(text, ex.Request.Header.Text("content-type"))))
	return at
}

// isNoContent knows what may stand behind a body: nothing, and variables of the
// file.
func isNoContent(line string) bool {
	_, assigns := parseFileVariable(line)
	return assigns || strings.TrimSpace(line) == ""
}

// isBodyFile knows "< file", "<@ file" and "<@latin1 file".
func isBodyFile(line string) bool {
	rest, ok := strings.CutPrefix(line, "<")
	if !ok {
		return false
	}
	word, file, two := strings.Cut(rest, " ")
	return two && strings.TrimSpace(file) != "" && (word == "" || word[0] == '@' && !strings.Contains(word, ">"))
}

// asSent does to a body what the editors do: the lines of a form are joined, those
// of multipart content end with CRLF.
func asSent(text, contentType string) string {
	contentType = strings.ToLower(contentType)
	switch {
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		var b strings.Builder
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString(strings.TrimSpace(line))
		}
		return b.String()
	case strings.HasPrefix(contentType, "multipart/"):
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}
