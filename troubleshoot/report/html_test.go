package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

func scanHTML(t testing.TB, totals *scan.Totals) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.ScanHTML(&b, totals, report.Made{At: clock, Version: "0.1.0"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// incident is a log of an hour: card creation begins to fail, a gap, polling that
// is refused, and lines that hold nothing.
func incident() string {
	var b strings.Builder
	line := func(second int, method, url string, status int, code string) {
		at := clock.Add(time.Duration(second) * time.Second)
		fmt.Fprintf(&b, `{"time":%q,"method":%q,"url":%q,"statusCode":%d,"errorCode":%q,"ip":"203.0.113.9"}`+"\n", at.Format(time.RFC3339), method, url, status, code)
	}
	for second := 0; second < 3600; second += 5 {
		if second >= 1200 && second < 1800 {
			continue
		}
		line(second, "GET", "/api/currencies", 200, "")
		status, code := 200, ""
		if second > 2400 {
			status, code = 403, "KYC_REQUIRED"
		}
		line(second, "POST", "/api/cards", status, code)
	}
	for i := range 600 {
		status := 200
		if i > 500 {
			status = 429
		}
		line(3048+i/15, "POST", "/api/spending-prerequisites", status, "")
	}
	line(3601, "GET", "/api/transactions/17", 401, "")
	return b.String() + "Server started\n"
}

// pages are reports of many kinds of totals, by what is particular about them.
func pages(t testing.TB) map[string]string {
	list := map[string]string{"nothing": scanHTML(t, scan.NewTotals(1))}
	for name, log := range map[string]string{
		"incident":    incident(),
		"hostile":     hostileLog() + markupLog(),
		"one":         `{"time":"2026-11-23T10:00:00Z","statusCode":403,"method":"POST","url":"/api/cards","errorCode":"KYC_REQUIRED"}`,
		"no failure":  `{"time":"2026-11-23T10:00:00Z","statusCode":200,"method":"GET","url":"/api/currencies"}`,
		"no time":     `{"statusCode":500,"method":"GET","url":"/api/currencies"}`,
		"noise":       "nothing\nat all\n",
		"many causes": manyCauses(),
	} {
		list[name] = scanHTML(t, scanTotals("app \x1b[31m<b>.log", log))
	}
	list["standard input"] = scanHTML(t, scanTotals("-", incident()))
	return list
}

// markupLog holds text in every field that would do something in a browser.
func markupLog() string {
	var b strings.Builder
	for i, text := range []string{
		`<script>alert(1)</script>`, `\"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><style>*{display:none}`,
		`</title><script>alert(1)</script>`, `javascript:alert(1)`, `{{.Policy}}`, `{%s= x %}`, `nul\u0000 \ud800`, `<!--`, `]]>`, `</svg><iframe src=//evil.example>`, `&lt;b&gt;`,
	} {
		fmt.Fprintf(&b, `{"time":"2026-11-23T10:%02d:12Z","statusCode":403,"method":"POST%s","url":"/api/cards/%s?email=joe.soap@example.com","errorCode":"%s","ip":"%s"}`+"\n", i, text, text, text, text)
		fmt.Fprintf(&b, "noise %s\n", text)
	}
	return b.String()
}

func manyCauses() string {
	var b strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&b, `{"time":"2026-%02d-23T10:00:12Z","statusCode":403,"method":"POST","url":"/api/cards","errorCode":"CODE_%d"}`+"\n", 8+i%3, i)
	}
	return b.String()
}

// The page without its style and script, which are files of their own.
func TestScanHTMLGolden(t *testing.T) {
	got := scanHTML(t, scanTotals("app.log", incident()))
	for _, tag := range []string{"style", "script"} {
		got = regexp.MustCompile(`(?s)<`+tag+`>.*?</`+tag+`>`).ReplaceAllString(got, "<"+tag+">…</"+tag+">")
	}
	got = regexp.MustCompile(`sha256-.*?&#39;`).ReplaceAllString(got, "sha256-…&#39;")
	name := "../../testdata/scan/report.html"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// What the engineer on call looks for stands in the page.
func TestScanHTMLSays(t *testing.T) {
	page := pages(t)["incident"]
	for _, want := range []string{
		`<title>339 of 1,801 requests failed (18.8 %), 239 of them with 403 KYC_REQUIRED on create-card`,
		`Have the cardholder finish KYC, then create the card.</p>`,
		`This cause was first seen at 2026-11-23 11:24:17`,
		`lines or elements without a request`,
		`>Failed requests over time, by class</h2>`,
		`One period has no requests.`,
		`At most 600 requests per minute`, `120.0 % of the documented limit of 500`,
		`600 × get-spending-prerequisites`,
		`href="https://docs.immersve.com/api-reference/create-card" rel="noreferrer"`,
		`1,802: Server started`,
		`Made 2026-11-23 10:44:12 UTC by immersve-doctor 0.1.0`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// Totals that were merged from parts give the page of the whole.
func TestScanHTMLOfMergedTotals(t *testing.T) {
	lines := strings.SplitAfter(incident(), "\n")
	whole := scanTotals("b.log", strings.Join(lines, ""))
	parts := scan.NewTotals(2)
	for i := 0; i < len(lines); i += 100 {
		var b bytes.Buffer
		if err := report.ScanJSON(&b, scanTotals(fmt.Sprintf("%d.log", i), strings.Join(lines[i:min(i+100, len(lines))], ""))); err != nil {
			t.Fatal(err)
		}
		part, err := scan.ReadTotals(&b)
		if err != nil {
			t.Fatal(err)
		}
		parts.Merge(part)
	}
	chart := regexp.MustCompile(`(?s)<section id="time".*?</section>`)
	if diff := cmp.Diff(chart.FindString(scanHTML(t, whole)), chart.FindString(scanHTML(t, parts))); diff != "" {
		t.Error(diff)
	}
}

// Style and script are allowed by the hash of exactly what stands in the page,
// and nothing else is allowed.
func TestScanHTMLPolicy(t *testing.T) {
	for name, page := range pages(t) {
		policy := html.UnescapeString(between(page, `http-equiv="Content-Security-Policy" content="`, `"`))
		want := "default-src 'none'"
		for _, tag := range []string{"style", "script"} {
			sum := sha256.Sum256([]byte(between(page, "<"+tag+">", "</"+tag+">")))
			want += fmt.Sprintf("; %s-src 'sha256-%s'", tag, base64.StdEncoding.EncodeToString(sum[:]))
			if n := strings.Count(page, "<"+tag); n != 1 {
				t.Errorf("%s: %d elements <%s>", name, n, tag)
			}
		}
		if want += "; base-uri 'none'; form-action 'none'"; policy != want {
			t.Errorf("%s: the policy is\n%s, want\n%s", name, policy, want)
		}
	}
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// Whatever a log holds is text in the page, without secrets and people.
func TestScanHTMLIsInert(t *testing.T) {
	for name, page := range pages(t) {
		inert(t, name, page)
		for _, e := range elements(t, name, page) {
			for attribute, value := range e.attributes {
				if strings.HasPrefix(attribute, "on") || attribute == "style" || attribute == "src" || attribute == "action" {
					t.Errorf("%s: <%s %s=%q>", name, e.name, attribute, value)
				}
				if attribute == "href" && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "https://docs.immersve.com/") {
					t.Errorf("%s: a link to %q", name, value)
				}
			}
			if slices.Contains([]string{"iframe", "img", "object", "embed", "link", "form", "base"}, e.name) {
				t.Errorf("%s: there is <%s>", name, e.name)
			}
		}
		for _, secret := range []string{"c2lnbmF0dXJl", "joe.soap"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s shows %q", name, secret)
			}
		}
	}
}

// Every page is well-formed, and what it refers to within itself is there.
func TestScanHTMLIsWellFormed(t *testing.T) {
	for name, page := range pages(t) {
		ids := map[string]bool{}
		var references []string
		for _, e := range elements(t, name, page) {
			if id := e.attributes["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s: two elements have the id %q", name, id)
				}
				ids[id] = true
			}
			for _, attribute := range []string{"aria-labelledby", "aria-describedby"} {
				references = append(references, strings.Fields(e.attributes[attribute])...)
			}
			if id, ok := strings.CutPrefix(e.attributes["href"], "#"); ok {
				references = append(references, id)
			}
			if id, ok := strings.CutPrefix(e.attributes["fill"], "url(#"); ok {
				references = append(references, strings.TrimSuffix(id, ")"))
			}
			for _, attribute := range []string{"x", "y", "width", "height"} {
				if v := e.attributes[attribute]; strings.ContainsAny(v, "NI-e") {
					t.Errorf("%s: %s is %q", name, attribute, v)
				}
			}
		}
		for _, id := range references {
			if !ids[id] {
				t.Errorf("%s: there is no element with the id %q", name, id)
			}
		}
	}
}

type element struct {
	name       string
	attributes map[string]string
}

var (
	tagForm       = regexp.MustCompile(`^<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<]*")?)*)\s*(/?)>`)
	attributeForm = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?`)
)

// elements reads a page, and complains of what is not well-formed: tags that do
// not fit, attributes without quotes, a bare "<".
func elements(t testing.TB, name, page string) []element {
	t.Helper()
	void := []string{"meta", "link", "br", "hr", "img", "input"}
	var list []element
	var open []string
	rest, ok := strings.CutPrefix(page, "<!doctype html>")
	if !ok {
		t.Errorf("%s begins %.20q", name, page)
	}
	for {
		at := strings.IndexByte(rest, '<')
		if at < 0 {
			break
		}
		rest = rest[at:]
		m := tagForm.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("%s: no tag: %.60q", name, rest)
		}
		rest = rest[len(m[0]):]
		switch {
		case m[1] == "/":
			if len(open) == 0 || open[len(open)-1] != m[2] {
				t.Fatalf("%s: </%s> in %v", name, m[2], open)
			}
			open = open[:len(open)-1]
			continue
		case m[4] == "" && !slices.Contains(void, m[2]):
			open = append(open, m[2])
		}
		e := element{m[2], map[string]string{}}
		for _, a := range attributeForm.FindAllStringSubmatch(m[3], -1) {
			e.attributes[a[1]] = html.UnescapeString(a[2])
		}
		list = append(list, e)
		if m[2] == "style" || m[2] == "script" { // their content is no markup
			rest = rest[strings.Index(rest, "</"+m[2]):]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: not closed: %v", name, open)
	}
	return list
}

// The same totals give the same bytes.
func TestScanHTMLIsTheSameEachTime(t *testing.T) {
	want := pages(t)
	for range 2 {
		if diff := cmp.Diff(want, pages(t)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// Words can be read on what they stand on, in both themes: WCAG 2's contrast of 4.5.
func TestScanHTMLContrast(t *testing.T) {
	style, err := os.ReadFile("html/scan.css")
	if err != nil {
		t.Fatal(err)
	}
	light := colours(between(string(style), ":root {", "}"))
	dark := colours(between(string(style), ":root {", "}"))
	_, rest, _ := strings.Cut(string(style), "prefers-color-scheme: dark")
	for name, colour := range colours(between(rest, ":root {", "}")) {
		dark[name] = colour
	}
	for theme, c := range map[string]map[string]float64{"light": light, "dark": dark} {
		for _, pair := range [][2]string{
			{"text", "page"}, {"text", "card"}, {"text", "code"}, {"soft", "page"}, {"soft", "card"}, {"link", "page"}, {"link", "card"}, {"problem", "page"}, {"problem", "card"}, {"ok", "page"},
		} {
			if got := contrast(c[pair[0]], c[pair[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", theme, pair[0], pair[1], got)
			}
		}
		for _, bar := range []string{"bar", "passed", "server-error", "resource-or-permission", "no-response"} {
			if got := contrast(c[bar], c["card"]); got < 3 {
				t.Errorf("%s: %s on card has a contrast of %.2f", theme, bar, got)
			}
		}
	}
}

// colours are the relative luminances of a style's colours by name.
func colours(style string) map[string]float64 {
	list := map[string]float64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(style, -1) {
		luminance := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, _ := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8) // the expression above holds digits only
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			luminance += weight * v
		}
		list[m[1]] = luminance
	}
	return list
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// A browser shows every page without an error, breaks no rule of its policy, and
// runs its script. Skipped where there is no Chromium.
func TestScanHTMLInABrowser(t *testing.T) {
	browser := chromium()
	if browser == "" || testing.Short() {
		t.Skip("no Chromium here, or -short")
	}
	all := pages(t)
	for _, name := range []string{"incident", "hostile", "nothing"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "report.html")
			if err := os.WriteFile(file, []byte(all[name]), 0o600); err != nil {
				t.Fatal(err)
			}
			dom, log := browse(t, browser, file)
			for line := range strings.SplitSeq(log, "\n") {
				if strings.Contains(line, ":CONSOLE") {
					t.Errorf("the console says %s", line)
				}
			}
			if !strings.Contains(dom, "</html>") || name == "incident" && !strings.Contains(dom, `class="copy"`) {
				t.Errorf("the script did not run; the page is %.200s", dom)
			}
		})
	}
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browse loads a file, and returns the document after its script and what the
// browser logged.
func browse(t *testing.T, browser, file string) (dom, log string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(
		ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--dump-dom", "file://"+file,
	)
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr, c.WaitDelay = &out, &errors, time.Second
	if err := c.Run(); err != nil {
		t.Skipf("Chromium does not run here: %v", err)
	}
	return out.String(), errors.String()
}
