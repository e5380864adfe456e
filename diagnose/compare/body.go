package compare

import (
	"bytes"
	"fmt"
	"mime"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api/schema"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// body compares the request bodies: JSON by value, forms by field, and anything else
// byte by byte.
func (c *comparer) body() {
	f, w := c.requests()
	a, b := contentState(f), contentState(w)
	switch {
	case !targetShown(f) || !targetShown(w):
		return // no part of the message is shown, and that's recorded already
	case a == exchange.BodyAbsent && b == exchange.BodyAbsent:
		return
	case a != b && (a == exchange.BodyAbsent || b == exchange.BodyAbsent) && a != exchange.BodyNotCaptured && b != exchange.BodyNotCaptured:
		c.wholeBody(maybe(a == exchange.BodyPresent, contentText(f)), maybe(b == exchange.BodyPresent, contentText(w)), "")
		return
	}
	if !c.bodyShown(c.failed.Exchange, SideFailed) || !c.bodyShown(c.worked.Exchange, SideWorked) || bytes.Equal(f.Body.Bytes(), w.Body.Bytes()) {
		return
	}
	c.contents(f, w)
}

func (c *comparer) contents(f, w *exchange.Request) {
	jsonF, jsonW := formOf(f), formOf(w)
	switch {
	case jsonF == formJSON && jsonW == formJSON:
		c.json(f.Body.Bytes(), w.Body.Bytes())
	case jsonF == formFields && jsonW == formFields:
		c.parameters(check.RequestBody, topicBody, exchange.ParseQuery(string(f.Body.Bytes())), exchange.ParseQuery(string(w.Body.Bytes())))
	case jsonF == formBroken || jsonW == formBroken:
		c.wholeBody(present(contentText(f)), present(contentText(w)), "")
	case jsonF != jsonW:
		c.wholeBody(present(contentText(f)), present(contentText(w)), fmt.Sprintf("%s, in WORKED %s", jsonF, jsonW))
	case jsonF == formParts && bytes.Equal(withoutBoundary(f), withoutBoundary(w)):
	default:
		c.wholeBody(present(contentText(f)), present(contentText(w)), firstChange(f.Body, w.Body))
	}
}

func (c *comparer) wholeBody(failed, worked Text, note string) {
	c.add(Difference{Part: check.RequestBody, Failed: failed, Worked: worked, topic: topicBody, note: note})
}

// contentState returns whether a request has a body, as the input shows it or as the
// request headers say (RFC 9112 section 6.3).
func contentState(r *exchange.Request) exchange.BodyState {
	if state := r.Body.State(); state != exchange.BodyNotCaptured || !r.HeaderCaptured {
		return state
	}
	switch length := strings.TrimSpace(r.Header.Text("content-length")); {
	case length == "0", length == "" && (r.Method == "GET" || r.Method == "HEAD" || r.Method == "DELETE"):
		return exchange.BodyAbsent
	case length != "" && strings.Trim(length, "0123456789") == "":
		return exchange.BodyPresent
	}
	return exchange.BodyNotCaptured
}

// bodyShown reports whether the input has the whole body. If not, it records why.
func (c *comparer) bodyShown(ex *exchange.Exchange, side Side) bool {
	body := ex.Request.Body
	switch {
	case contentState(ex.Request) == exchange.BodyAbsent:
		return true
	case !body.Present():
		c.hide(side, check.RequestBody, "", bodyHint(ex.Source.Kind))
		return false
	case body.Truncated:
		c.hide(side, check.RequestBody, "", "the input has only the beginning of the body")
		return false
	}
	return true
}

func bodyHint(kind exchange.Kind) string {
	if kind == exchange.KindCurlVerbose {
		return "curl -v doesn't show the request body, so use curl --trace-ascii - or the raw request"
	}
	return "use the raw request, a HAR or curl --trace-ascii -"
}

// form is the format of a body.
type form string

const (
	formJSON   form = "JSON"
	formFields form = "a form"
	formParts  form = "multipart"
	formOther  form = "other content"
	formBroken form = "broken JSON"
)

func formOf(r *exchange.Request) form {
	text := bytes.TrimSpace(r.Body.Bytes())
	media := mediaType(r.Header)
	switch {
	case exchange.ValidJSON(text):
		return formJSON
	case strings.HasPrefix(media, "multipart/"):
		return formParts
	case len(text) > 0 && (text[0] == '{' || text[0] == '['), isJSONMedia(media):
		return formBroken
	case media == "application/x-www-form-urlencoded":
		return formFields
	}
	return formOther
}

// contentText describes a body in a few words.
func contentText(r *exchange.Request) string {
	if !r.Body.Present() {
		return r.Header.Text("content-length") + " bytes"
	}
	text := r.Body.Bytes()
	switch formOf(r) {
	case formJSON:
		if n := schema.Parse(text); n != nil {
			return shownNode(n, nil)
		}
	case formFields, formOther:
		if shown := masked(strings.Join(strings.Fields(string(text[:min(len(text), maxMasked+1)])), " ")); len(shown) <= maxText && isText(text) {
			return shown
		}
	}
	if formOf(r) == formBroken {
		return counted(len(text), "byte") + " of invalid JSON"
	}
	return fmt.Sprintf("%s of %s", formOf(r), counted(len(text), "byte"))
}

func isText(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xfffd }) < 0
}

// withoutBoundary replaces the boundary with a fixed word, because clients generate a
// new one for each request (RFC 2046 section 5.1.1).
func withoutBoundary(r *exchange.Request) []byte {
	_, parameters, err := mime.ParseMediaType(r.Header.Text("content-type"))
	boundary := parameters["boundary"]
	if err != nil || boundary == "" {
		return r.Body.Bytes()
	}
	return bytes.ReplaceAll(r.Body.Bytes(), []byte("--"+boundary), []byte("--boundary"))
}

// firstChange returns where two bodies start to differ.
func firstChange(a, b exchange.Body) string {
	x, y := a.Bytes(), b.Bytes()
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	line, column := a.Position(i)
	return fmt.Sprintf("the first difference is at line %d, column %d", line, column)
}

// json compares two JSON bodies by value.
func (c *comparer) json(failed, worked []byte) {
	j := jsonComparer{comparer: c}
	j.values(schema.Parse(failed), schema.Parse(worked), &place{})
	j.judge(failed, worked)
	for _, d := range j.found {
		c.add(d)
	}
	c.cut = c.cut || j.cut
}

// pointers returns where two JSON values differ, sorted by name and limited to the
// number that a comparison keeps.
func pointers(a, b []byte) []string {
	j := jsonComparer{comparer: &comparer{}}
	j.values(schema.Parse(a), schema.Parse(b), &place{})
	var list []string
	for _, d := range j.found {
		list = append(list, d.Pointer)
	}
	return list
}

// jsonComparer walks two documents in parallel. It visits fields in the order of their
// names, so that the limit applies at the same place if the two are swapped.
type jsonComparer struct {
	*comparer
	found []Difference
	cut   bool
}

// place is the path from the root to a value. Its pointer is built only if something
// differs there.
type place struct {
	parent *place
	token  string
	member bool // token is a field's name, otherwise an index
}

func (p *place) pointer() string {
	var tokens []string
	for ; p.parent != nil; p = p.parent {
		tokens = append(tokens, "/"+pointerToken(p.token))
	}
	slices.Reverse(tokens)
	return strings.Join(tokens, "")
}

func (p *place) names() []string {
	var names []string
	for ; p.parent != nil; p = p.parent {
		if p.member {
			names = append(names, p.token)
		}
	}
	return names
}

// pointerToken escapes a name for an RFC 6901 pointer.
func pointerToken(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// values compares two values. nil means there is none.
func (j *jsonComparer) values(a, b *schema.Node, at *place) {
	if j.cut || a == nil && b == nil {
		return
	}
	switch {
	case a == nil || b == nil || a.Kind != b.Kind:
		j.differ(a, b, at)
	case a.Kind == schema.Object:
		j.members(a, b, at)
	case a.Kind == schema.Array:
		j.items(a, b, at)
	case !sameScalar(a, b):
		j.differ(a, b, at)
	}
}

func sameScalar(a, b *schema.Node) bool {
	if a.Kind == schema.Number {
		return sameNumber(string(a.Raw), string(b.Raw))
	}
	return a.Text() == b.Text()
}

// sameText reports whether two JSON strings are equal by value.
func sameText(a, b string) bool {
	return a == b || a != "" && b != "" && len(pointers([]byte(a), []byte(b))) == 0
}

func (j *jsonComparer) members(a, b *schema.Node, at *place) {
	left, right := membersOf(a), membersOf(b)
	for _, name := range sortedNames(left, right) {
		x, y := left[name], right[name]
		if x == nil && a.Cut || y == nil && b.Cut {
			j.cut = true // it may be after the limit of what was parsed
			return
		}
		j.values(x, y, &place{at, name, true})
	}
}

// membersOf maps names to values. For duplicates the last one wins, as in most
// parsers.
func membersOf(n *schema.Node) map[string]*schema.Node {
	members := make(map[string]*schema.Node)
	for child := range n.Children() {
		members[child.Name()] = child
	}
	return members
}

func sortedNames(a, b map[string]*schema.Node) []string {
	names := make([]string, 0, len(a))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if a[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (j *jsonComparer) items(a, b *schema.Node, at *place) {
	left, right := slices.Collect(a.Children()), slices.Collect(b.Children())
	for i := range max(len(left), len(right)) {
		var x, y *schema.Node
		if i < len(left) {
			x = left[i]
		}
		if i < len(right) {
			y = right[i]
		}
		if x == nil && a.Cut || y == nil && b.Cut {
			j.cut = true
			return
		}
		j.values(x, y, &place{at, fmt.Sprint(i), false})
	}
}

func (j *jsonComparer) differ(a, b *schema.Node, at *place) {
	if len(j.found) == maxDifferences {
		j.cut = true
		return
	}
	name, pointer := "", at.pointer()
	if names := at.names(); len(names) > 0 {
		name = names[0]
	}
	if a != nil && b != nil && a.Kind == schema.String && b.Kind == schema.String && j.unknown(pointer, name, a.Text(), b.Text()) {
		return
	}
	d := Difference{
		Part: check.RequestBody, Name: clipName(name), Pointer: clipPointer(pointer), topic: topicBody,
		Failed: nodeText(a, at), Worked: nodeText(b, at),
	}
	if at.member && isIDName(name) {
		d.topic = topicID
	}
	switch {
	case a != nil && b != nil && a.Kind != b.Kind:
		d.note = fmt.Sprintf("%s, in WORKED %s", typeOf(a), typeOf(b))
	case a != nil && b != nil && d.Failed == d.Worked:
		d.note = "different values that look the same when masked"
	}
	j.found = append(j.found, d)
}

// unknown records two strings that can't be compared because one is masked or a
// variable.
func (j *jsonComparer) unknown(pointer, name, a, b string) bool {
	if j.failed == nil {
		return false
	}
	accusedHere := accused(j.failed, func(f *check.Finding) bool {
		return f.Location.Part == check.RequestBody && f.Location.Pointer == pointer
	}) >= 0
	side, why := SideWorked, "it's a variable, and the input doesn't have its value"
	switch _, known := sameSecret(a, b); {
	case isVariable(b):
	case isVariable(a) && !accusedHere:
		side = SideFailed
	case secretName(name) && !known && !accusedHere:
		why = "it's masked in the input, so it may or may not be the same"
		if _, _, isMask := cutMask(b); !isMask {
			side = SideFailed
		}
	default:
		return false
	}
	j.hide(side, check.RequestBody, clipPointer(pointer), why)
	return true
}

func nodeText(n *schema.Node, at *place) Text {
	if n == nil {
		return absent()
	}
	return present(shownNode(n, at.names()))
}

func typeOf(n *schema.Node) string {
	switch n.Kind {
	case schema.Null:
		return "null"
	case schema.Object, schema.Array:
		return "an " + n.Kind.String()
	}
	return "a " + n.Kind.String()
}

// judge records which of the differing fields the documentation requires. A field
// with a different type stays suspicious even if it's optional.
func (j *jsonComparer) judge(failed, worked []byte) {
	s, err := schema.ForRequest(j.operation())
	if s == nil || err != nil || len(j.found) == 0 {
		return
	}
	status := map[string]*standing{}
	for i := range j.found {
		status[j.found[i].Pointer] = &standing{}
	}
	for _, text := range [][]byte{failed, worked} {
		s.Walk(schema.Parse(text), func(p *schema.Place) {
			if st := status[p.Pointer()]; st != nil {
				st.required = st.required || p.Required()
				st.documented = st.documented || p.Documented
			}
		})
	}
	for i := range j.found {
		d := &j.found[i]
		st := status[d.Pointer]
		retyped := d.Failed.Present && d.Worked.Present && d.note != ""
		d.optional = st.documented && !st.required && !retyped
		d.unknown = !st.documented
	}
}

// standing says whether the schema requires or documents a field.
type standing struct{ required, documented bool }
