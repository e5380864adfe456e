package compare

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// line compares the method, scheme, host and path.
func (c *comparer) line() {
	f, w := c.requests()
	if f.Method != w.Method && f.Method != "" && w.Method != "" {
		c.add(Difference{Part: check.RequestLine, Name: "method", Failed: present(masked(string(f.Method))), Worked: present(masked(string(w.Method))), topic: topicMethod})
	}
	c.host()
	c.path()
}

func (c *comparer) host() {
	f, w := c.requests()
	if f.URL.Host == "" && f.URL.Scheme == "" || w.URL.Host == "" && w.URL.Scheme == "" {
		return
	}
	if f.URL.Scheme != w.URL.Scheme && schemeShown(c.failed) && schemeShown(c.worked) {
		c.add(Difference{Part: check.RequestLine, Name: "scheme", Failed: present(f.URL.Scheme), Worked: present(w.URL.Scheme), topic: topicHost})
	}
	if authority(f.URL) == authority(w.URL) {
		return
	}
	d := Difference{Part: check.RequestLine, Name: "host", Failed: hostText(c.failed), Worked: hostText(c.worked), topic: topicHost}
	if c.failed.Environment != c.worked.Environment && c.failed.Environment != api.EnvironmentUnknown && c.worked.Environment != api.EnvironmentUnknown {
		d.note = fmt.Sprintf("%s environment, but %s in WORKED", c.failed.Environment, c.worked.Environment)
	}
	c.add(d)
}

// schemeShown reports whether the input shows the scheme. A raw message doesn't, so
// its scheme is assumed.
func schemeShown(d *diagnose.Diagnosis) bool {
	return d.Exchange.Request.URL.Scheme != "" && d.Exchange.Source.Kind != exchange.KindRawHTTP
}

// authority returns the host, and the port unless it's the scheme's default.
func authority(u exchange.URL) string {
	host := strings.TrimSuffix(u.Host, ".")
	if u.Port == "" || u.Scheme == "https" && u.Port == "443" || u.Scheme == "http" && u.Port == "80" {
		return host
	}
	return host + ":" + u.Port
}

func hostText(d *diagnose.Diagnosis) Text {
	text := masked(d.Exchange.Request.URL.Authority())
	if d.Environment != api.EnvironmentUnknown {
		text += " (" + string(d.Environment) + ")"
	}
	return maybe(d.Exchange.Request.URL.Host != "", text)
}

// path compares the path parameters if both paths match the same template, otherwise
// the whole paths.
func (c *comparer) path() {
	f, w := c.requests()
	if !targetShown(f) || !targetShown(w) {
		return
	}
	sent, other := f.URL.PathSegments(), w.URL.PathSegments()
	if slices.Equal(sent, other) {
		return
	}
	if names, a, b, ok := sameTemplate(c.failed, c.worked, sent, other); ok {
		for i, name := range names {
			c.pathParameter(name, a[i], b[i])
		}
		return
	}
	from := commonPrefix(sent, other)
	c.add(Difference{
		Part: check.RequestLine, Name: "path", topic: topicPath, note: slashNote(f.URL.Path, w.URL.Path),
		Failed: present(pathText(f.URL.Path, from)), Worked: present(pathText(w.URL.Path, from)),
	})
}

// targetShown reports whether the input shows the request line. A host alone may be
// from the client's log of its connection.
func targetShown(r *exchange.Request) bool {
	return r.URL.Path != "" || r.URL.Host != "" && r.Method != ""
}

// sameTemplate returns both paths' parameters if one route's template matches both,
// whatever their methods.
func sameTemplate(f, w *diagnose.Diagnosis, sent, other []string) (names, failed, worked []string, ok bool) {
	for _, route := range []api.Route{w.Route.Route, f.Route.Route} {
		if route.ID == "" {
			continue
		}
		a, b := api.MatchRoute(route.Method, sent), api.MatchRoute(route.Method, other)
		if a.Route.ID == route.ID && b.Route.ID == route.ID {
			return a.Names, a.Parameters, b.Parameters, true
		}
	}
	return nil, nil, nil, false
}

func (c *comparer) pathParameter(name, failed, worked string) {
	if failed == worked || c.hides(check.RequestPath, name, failed, worked) {
		return
	}
	d := Difference{Part: check.RequestPath, Name: name, Failed: present(orEmpty(masked(failed))), Worked: present(orEmpty(masked(worked))), topic: topicID}
	if name == "faultTypeName" {
		d.topic = topicQuery
	}
	c.add(d)
}

// orEmpty makes an empty string visible.
func orEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// hides records a value that can't be compared because it's a variable in WORKED, or
// in FAILED without being a finding there.
func (c *comparer) hides(part check.Part, name, failed, worked string) bool {
	const why = "it's a variable, and the input doesn't have its value"
	switch {
	case isVariable(worked):
		c.hide(SideWorked, part, clipName(name), why)
		return true
	case isVariable(failed) && !accusedAt(c.failed, part, name):
		c.hide(SideFailed, part, clipName(name), why)
		return true
	}
	return false
}

func commonPrefix(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// pathText returns a path to show. It starts a long one shortly before the first
// segment that differs.
func pathText(path string, from int) string {
	text := masked(path)
	if text == "" {
		return "/"
	}
	if len([]rune(text)) <= maxText || from < 2 {
		return text
	}
	segments := strings.SplitN(strings.TrimPrefix(text, "/"), "/", from)
	if from-1 >= len(segments) {
		return text
	}
	return "…/" + strings.Join(segments[from-1:], "/")
}

func slashNote(failed, worked string) string {
	switch {
	case failed == worked+"/" && worked != "":
		return "a slash at the end, but not in WORKED"
	case worked == failed+"/" && failed != "":
		return "no slash at the end, but one in WORKED"
	case strings.EqualFold(failed, worked):
		return "only the case differs"
	case strings.ReplaceAll(failed, "//", "/") == worked:
		return "an extra slash"
	}
	return ""
}

// query compares the parameters by their decoded names. Order matters only for values
// of the same name.
func (c *comparer) query() {
	f, w := c.requests()
	if !targetShown(f) || !targetShown(w) {
		return
	}
	c.parameters(check.RequestQuery, topicQuery, f.URL.Query(), w.URL.Query())
}

// maxParameters limits the number of query or form parameters that are compared.
const maxParameters = 1000

// parameters compares name=value pairs of a query or of a form.
func (c *comparer) parameters(part check.Part, about topic, queryF, queryW iter.Seq[exchange.Parameter]) {
	failed, moreF := exchange.First(queryF, maxParameters)
	worked, moreW := exchange.First(queryW, maxParameters)
	c.cut = c.cut || moreF || moreW
	a, b := byName(failed), byName(worked)
	for _, name := range namesOf(failed, worked) {
		av, inA := a[name]
		bv, inB := b[name]
		if inA && inB && slices.Equal(av, bv) {
			continue
		}
		left, right := strings.Join(av, ", "), strings.Join(bv, ", ")
		if c.hides(part, name, left, right) {
			continue
		}
		d := Difference{
			Part: part, Name: clipName(name), topic: about,
			Failed: maybe(inA, orEmpty(maskedPair(name, left))), Worked: maybe(inB, orEmpty(maskedPair(name, right))),
		}
		if isIDName(name) {
			d.topic = topicID
		}
		d.optional = part == check.RequestQuery && c.optionalParameter(name)
		d.note = maskNote(d)
		c.add(d)
	}
}

// maskNote returns a note if two different values look the same when masked, or "".
func maskNote(d Difference) string {
	if d.Failed == d.Worked && d.Failed.Present {
		return "different values that look the same when masked"
	}
	return ""
}

func byName(list []exchange.Parameter) map[string][]string {
	values := map[string][]string{}
	for _, p := range list {
		values[p.Name] = append(values[p.Name], p.Value)
	}
	return values
}

// namesOf returns each name once, in order of appearance.
func namesOf(lists ...[]exchange.Parameter) []string {
	var names []string
	seen := map[string]bool{}
	for _, list := range lists {
		for _, p := range list {
			if !seen[p.Name] {
				seen[p.Name] = true
				names = append(names, p.Name)
			}
		}
	}
	return names
}

// operation returns FAILED's documented operation if its route is right, otherwise
// WORKED's.
func (c *comparer) operation() *api.Operation {
	if c.failed.Operation != nil {
		return c.failed.Operation
	}
	return c.worked.Operation
}

func (c *comparer) optionalParameter(name string) bool {
	op := c.operation()
	if op == nil {
		return false
	}
	p := op.Parameter("query", name)
	return p != nil && !p.Required
}

// isIDName reports whether a field or parameter name is that of a resource ID.
func isIDName(name string) bool {
	name = lastWord(name)
	if secretName(name) {
		return false
	}
	return name == "id" || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "Ids") || strings.HasSuffix(name, "ID")
}
