package report_test

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

// A template that is compiled escapes each value in the same way, wherever it
// stands. So each stands where this way is right.
func TestScanHTMLTemplate(t *testing.T) {
	source, err := os.ReadFile("html_scan.qtpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range templateFaults(string(source)) {
		t.Error(fault)
	}
	for _, raw := range []string{"{%s= scanStyle %}", "{%s= scanScript %}"} {
		if n := strings.Count(string(source), raw); n != 1 {
			t.Errorf("%s stands in the template %d times", raw, n)
		}
	}
}

// The test above sees what must not be written.
func TestTemplateFaults(t *testing.T) {
	for _, tt := range []struct{ source, fault string }{
		{`<p class="a {%s x %}">{%s x %}</p>{% if y -%}{%d 1 %}{% endif %}`, ""},
		{`<style>{%s= scanStyle %}</style><script>{%s= scanScript %}</script><b>{%= swatch(x) %}</b>`, ""},
		{`<a href="{%s p.Docs %}">{%s x %}</a><rect width="{%f x %}%"/>`, ""},
		{`<p>{%s= x %}</p>`, `{%s= x %}: "s=" is not known`},
		{`<p>{%s= scanStyle %}</p>`, `{%s= scanStyle %}: "s=" is not known`},
		{`<p>{%z= x %}</p>`, `{%z= x %}: "z=" is not known`},
		{`<p>{%v x %}</p>`, `{%v x %}: "v" is not known`},
		{`<p>{%=h f() %}</p>`, `{%=h f() %}: "=h" is not known`},
		{`<p>{%- s= x -%}</p>`, `{%- s= x -%}: "s=" is not known`},
		{`<p>{% code x() %}</p>`, `{% code x() %}: "code" is not known`},
		{`<p>{% cat "x.html" %}</p>`, `{% cat "x.html" %}: "cat" is not known`},
		{`<script>{%s x %}</script>`, `{%s x %}: a value in <script>`},
		{`<style>{%f x %}</style>`, `{%f x %}: a value in <style>`},
		{`<p class={%s x %}>`, `{%s x %}: a value in a tag, without quotes`},
		{`<p {%s x %}>`, `{%s x %}: a value in a tag, without quotes`},
		{`<p {%= f() %}>`, `{%= f() %}: a value in a tag, without quotes`},
		{`<{%s x %}>`, `{%s x %}: a value in a tag, without quotes`},
		{`<p class='{%s x %}'>`, `single quotes, or a comment`},
		{`<!-- {%s x %} -->`, `single quotes, or a comment`},
		{`<p onclick="{%s x %}">`, `{%s x %}: a value in the attribute onclick`},
		{`<p style="{%s x %}">`, `{%s x %}: a value in the attribute style`},
		{`<a href="{%s p.Title %}">`, `{%s p.Title %}: a value in the attribute href`},
		{`<a href="x{%s p.Docs %}">`, `{%s p.Docs %}: a value in the attribute href`},
		{`<rect width="{%s x %}">`, `{%s x %}: a value in the attribute width`},
		{`<p class="{%= f() %}">`, `{%= f() %}: a value in the attribute class`},
		{`<p class="{%s x %}`, `not closed at the end`},
	} {
		want := []string{tt.fault}
		if tt.fault == "" {
			want = nil
		}
		got := templateFaults("{% func f() %}" + tt.source + "{% endfunc %}")
		if diff := cmp.Diff(want, got[:min(len(got), 1)]); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("%s\n%s", tt.source, diff)
		}
	}
}

var templateTag = regexp.MustCompile(`(?s)\{%-?\s*([a-zA-Z0-9=.]*)\s*(.*?)\s*-?%\}`)

// templateFaults are the values of a template that stand where escaping for
// element text and quoted attributes is not enough.
func templateFaults(source string) []string {
	var faults []string
	var at markup
	inside, end := false, 0 // of a function; what stands between functions is not written
	for _, m := range templateTag.FindAllStringSubmatchIndex(source, -1) {
		if inside {
			at.read(source[end:m[0]])
		}
		tag, name, value := source[m[0]:m[1]], source[m[2]:m[3]], source[m[4]:m[5]]
		fault := at.fault(name, value)
		switch end = m[1]; name {
		case "func":
			inside, at = true, markup{}
		case "endfunc":
			inside = false
			if at.inTag || at.raw != "" {
				faults = append(faults, "not closed at the end")
			}
		}
		switch {
		case at.strange:
			faults = append(faults, "single quotes, or a comment")
		case fault != "":
			faults = append(faults, tag+": "+fault)
		}
	}
	return faults
}

// markup is a place in a page.
type markup struct {
	inTag, quoted bool
	name          string // of the element, in a tag
	word          string // the last in a tag: the name of an attribute, and its value so far
	attribute     string
	raw           string // style or script, whose content is no markup
	strange       bool
}

func (m *markup) read(text string) {
	for i, c := range text {
		switch {
		case m.quoted && c == '"':
			m.quoted, m.word = false, ""
		case m.quoted:
			m.word += string(c)
		case m.inTag && c == '"':
			m.quoted, m.attribute, m.word = true, strings.TrimSuffix(m.word, "="), ""
		case m.inTag && c == '>':
			m.inTag = false
			if m.name == "style" || m.name == "script" {
				m.raw = m.name
			}
		case m.inTag && (c == ' ' || c == '\n'):
			m.word = ""
		case m.inTag:
			m.word += string(c)
			m.strange = m.strange || c == '\''
		case c == '<' && (m.raw == "" || strings.HasPrefix(text[i:], "</"+m.raw+">")):
			m.strange = m.strange || strings.HasPrefix(text[i:], "<!--")
			m.inTag, m.raw, m.word = true, "", ""
			m.name = regexp.MustCompile(`^[a-z]*`).FindString(text[i+1:])
		}
	}
}

// fault says what is wrong with a tag of the template here.
func (m *markup) fault(name, value string) string {
	switch name {
	case "func", "endfunc", "if", "elseif", "else", "endif", "for", "endfor", "import":
		return ""
	case "s=":
		if value == "scanStyle" && m.raw == "style" || value == "scanScript" && m.raw == "script" {
			return ""
		}
		return fmt.Sprintf("%q is not known", name)
	case "s", "d", "dl", "f", "=":
	default:
		return fmt.Sprintf("%q is not known", name)
	}
	switch {
	case m.raw != "":
		return "a value in <" + m.raw + ">"
	case m.quoted && !m.takes(name, value):
		return "a value in the attribute " + m.attribute
	case m.inTag && !m.quoted:
		return "a value in a tag, without quotes"
	}
	return ""
}

// takes reports whether a value may stand in the attribute.
func (m *markup) takes(name, value string) bool {
	switch m.attribute {
	case "content", "class", "fill", "data-v", "d":
		return name != "="
	case "id", "aria-labelledby", "viewBox":
		return name == "d" || name == "dl"
	case "x", "y", "y1", "y2", "width", "height":
		return name == "f"
	case "href":
		return name == "s" && m.word == "" && strings.HasSuffix(value, ".Docs")
	}
	return false
}

// Whatever stands in a text, the page has the elements and attributes that it has
// with any other, and a browser reads the very text.
func TestScanHTMLHoldsAnyText(t *testing.T) {
	plain := report.DocumentOf("x")
	want := elements(t, "x", plain)
	for _, text := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `" onmouseover="alert(1)`, "` onmouseover=alert(1) `",
		`</title><script>alert(1)</script>`, `</style><style>*{display:none}`, `</script><script>alert(1)//`, `<!--`, `-->`, `<![CDATA[`, `]]>`, `</svg><iframe src=//evil.example>`,
		`javascript:alert(1)`, `&lt;b&gt;`, `&quot;&#39;&amp;`, `&`, `{{.Policy}}`, `{%s= x %}`, `url(#p-gap)`, `a=b+c/d e`, "line\nline\ttab", `0" x="0`, `\x3cscript\x3e`,
	} {
		text = "⟦" + text + "⟧" // unlike all that the template itself holds
		page := report.DocumentOf(text)
		got := elements(t, text, page)
		for _, e := range got {
			for name, value := range e.attributes {
				e.attributes[name] = strings.ReplaceAll(value, text, "x")
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(element{})); diff != "" {
			t.Errorf("%q changes the page:\n%s", text, diff)
		}
		if diff := cmp.Diff(html.UnescapeString(plain), strings.ReplaceAll(html.UnescapeString(page), text, "x")); diff != "" {
			t.Errorf("%q is not read as it is:\n%s", text, diff)
		}
		for line := range strings.SplitSeq(page, "\n") {
			if strings.Contains(line, text) && strings.ContainsAny(text, `<>"'`) {
				t.Errorf("%q is written as it is: %.200s", text, line)
			}
		}
	}
}

// A page refers to the documentation, whatever the advice holds.
func TestLink(t *testing.T) {
	for _, url := range []string{
		"https://docs.immersve.com/api-reference/create-card", "https://docs.immersve.com/", `https://docs.immersve.com/"><script>`, // the template escapes it
	} {
		if got := report.Link(url); got != url {
			t.Errorf("%q becomes %q", url, got)
		}
	}
	for _, url := range []string{
		"", "/relative", "relative", "#main", "javascript:alert(1)", "JavaScript:alert(1)//https://docs.immersve.com/", "\x01javascript:alert(1)", "java\nscript:alert(1)",
		"data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://docs.immersve.com/5b5d", "//docs.immersve.com/", "//evil.example/", `\\evil.example`,
		"http://docs.immersve.com/", "https:docs.immersve.com/", "https://evil.example/", "https://evil.example/?https://docs.immersve.com/", "https://docs.immersve.com",
		"https://docs.immersve.com.evil.example/", "https://docs.immersve.com@evil.example/", "https://docs.immersve.com:443@evil.example/", `https://docs.immersve.com\@evil.example/`,
		" https://docs.immersve.com/",
	} {
		if got := report.Link(url); got != "" {
			t.Errorf("%q becomes %q", url, got)
		}
	}
	if got := report.Link("https://docs.immersve.com/\x00"); got != `https://docs.immersve.com/\x00` {
		t.Errorf("NUL becomes %q", got)
	}
}

// Totals that somebody else counted may hold anything, also where our own hold
// one of few words.
func TestScanHTMLOfHostileTotals(t *testing.T) {
	var b bytes.Buffer
	if err := report.ScanJSON(&b, scanTotals("app.log", incident())); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"business-rule", "rate-limited", "create-card", "get-spending-prerequisites", "KYC_REQUIRED", "error-code", "app.log", "Server started", "POST", "203.0.113.9"} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("the document does not hold %q", word)
		}
		hostile := strings.ReplaceAll(b.String(), word, `\u0000\u001b[2J\u202e\ufffd\"><script>alert(1)</script>`+word)
		totals, err := scan.ReadTotals(strings.NewReader(hostile))
		if err != nil {
			t.Fatalf("%s: %v", word, err)
		}
		page := scanHTML(t, totals)
		inert(t, word, page)
		elements(t, word, page)
		if n := strings.Count(page, "<script"); n != 1 {
			t.Errorf("%s: %d elements <script>", word, n)
		}
	}
}

// No byte of a log reaches the page that is no text: NUL, which browsers drop or
// replace, and what is no UTF-8.
func TestScanHTMLIsText(t *testing.T) {
	strange := "\x00\xff\xc0\x80\xed\xa0\x80"
	log := `{"time":"2026-11-23T10:00:12Z","statusCode":403,"method":"POST\u0000","url":"/api/cards/\u0000\ud800` + strange + `","errorCode":"A\u0000` + strange + `","ip":"\u0000` + strange + `"}` + "\n" +
		`10.0.0.1` + strange + ` - - [23/Nov/2026:10:00:13 +0000] "GET /api/cards/` + strange + ` HTTP/1.1" 500 17 "-" "a` + strange + `"` + "\nnoise " + strange + "\n"
	page := scanHTML(t, scanTotals("name"+strange+".log", log))
	inert(t, "page", page)
	if page != strings.ToValidUTF8(page, "") || strings.ContainsRune(page, 0) {
		t.Errorf("the page holds what is no text: %q", page)
	}
}
