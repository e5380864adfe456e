package cmd

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

// bundle is what the support gets: parts in their order.
type bundle struct {
	parts   []part
	subject string
	made    time.Time
	masked  []string // what was masked, each with how often
	left    []string // what was left out
	open    string   // what was not masked
	hidden  *hidden
}

type part struct{ name, about, content string }

func (b *bundle) add(name, about, content string) {
	b.parts = append(b.parts, part{name, about, b.hidden.hideWhole(content)})
}

// manifest lists what the bundle includes, what's masked and what was omitted.
func (b *bundle) manifest() string {
	var m strings.Builder
	for _, p := range b.parts {
		fmt.Fprintf(&m, "  %-14s %6d bytes  %s\n", p.name, len(p.content), p.about)
	}
	masked := "nothing (no secrets found)"
	if len(b.masked) > 0 {
		masked = strings.Join(b.masked, ", ")
	}
	fmt.Fprintf(&m, "  masked         %s\n", masked)
	if len(b.left) > 0 {
		fmt.Fprintf(&m, "  omitted        %s\n", strings.Join(b.left, ", "))
	}
	fmt.Fprintf(&m, "  not masked     %s\n", b.open)
	return m.String()
}

// note records for the manifest what's masked and what was omitted.
func (b *bundle) note(list []diagnose.Diagnosis, o *supportOptions) {
	counts := map[string]int{}
	for i := range list {
		countSecrets(list[i].Exchange, counts)
	}
	for name, n := range counts {
		b.masked = append(b.masked, fmt.Sprintf("%s (%d)", report.Plain(name), n))
	}
	slices.Sort(b.masked)
	if o.strangers > 0 {
		b.left = append(b.left, fmt.Sprintf("requests to other hosts (%d)", o.strangers))
	}
	if o.succeeded > 0 {
		b.left = append(b.left, fmt.Sprintf("requests that succeeded (%d)", o.succeeded))
	}
	b.open = "IDs, amounts and free text in bodies, so check it before you send it (--without-bodies omits bodies)"
	if o.bodiless {
		b.left = append(b.left, "bodies")
		b.open = "IDs and the diagnosis's quotes from bodies, so check it before you send it"
	}
}

// countSecrets counts what the types of an exchange mask: fields by name, and
// what is found in other places.
func countSecrets(ex *exchange.Exchange, counts map[string]int) {
	header := func(h exchange.Header) {
		for _, f := range h {
			if f.Value.Secret() != exchange.SecretNone {
				counts[strings.ToLower(f.Name)]++
			}
		}
	}
	text := func(where, s string) {
		if n := len(exchange.HoldsSecret(s)); n > 0 {
			counts["secrets in "+where] += n
		}
	}
	if r := ex.Request; r != nil {
		header(r.Header)
		text("URLs", r.URL.Path+"?"+r.URL.RawQuery)
		text("request bodies", string(r.Body.Bytes()))
	}
	if r := ex.Response; r != nil {
		header(r.Header)
		text("response bodies", string(r.Body.Bytes()))
	}
}

// fit makes a text fit to leave the house: without secrets, and without what is
// about people.
func fit(text string) string { return exchange.MaskShared(text) }

// subjectOf is the subject of the mail: "403 FORBIDDEN on create-card, test".
func subjectOf(d *diagnose.Diagnosis) string {
	words := "no response"
	if d.Status() != 0 {
		words = fmt.Sprint(d.Status())
	}
	if d.Error.Code != "" {
		words += " " + fit(d.Error.Code)
	}
	if id := d.OperationID(); id != "" {
		words += " on " + id
	}
	return fmt.Sprintf("%s, %s", words, d.Environment)
}

// overviewOf is a table of what the support asks for first: method, path, time in
// UTC, status, environment, account.
func overviewOf(list []diagnose.Diagnosis) string {
	var b strings.Builder
	b.WriteString("## Summary\n\n| | time (UTC) | request | response | endpoint | environment | account |\n|---|---|---|---|---|---|---|\n")
	for i := range list {
		d := &list[i]
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s | %s |\n", i+1, timeOf(d), report.Escape(requestLine(d)), report.Escape(answerOf(d)),
			known(d.OperationID(), "not documented"), d.Environment, report.Escape(known(accountOf(d), "not shown")))
	}
	return b.String()
}

func known(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// timeOf is when the exchange took place: by the server's Date, else by the
// capture.
func timeOf(d *diagnose.Diagnosis) string {
	at, shown := dateOf(d.Exchange)
	if !shown {
		at = d.Exchange.Started
	}
	if at.IsZero() {
		return "not captured"
	}
	return at.UTC().Format("2006-01-02 15:04:05")
}

// dateOf reads the response's Date (RFC 9110 section 6.6.1).
func dateOf(ex *exchange.Exchange) (time.Time, bool) {
	if ex.Response == nil {
		return time.Time{}, false
	}
	at, err := http.ParseTime(ex.Response.Header.Text("date"))
	return at, err == nil
}

func requestLine(d *diagnose.Diagnosis) string {
	r := d.Exchange.Request
	if r == nil || r.Method == "" && r.URL.IsZero() {
		return "not captured"
	}
	return strings.TrimSpace(fit(string(r.Method)) + " " + fit(r.URL.String()))
}

func answerOf(d *diagnose.Diagnosis) string {
	ex := d.Exchange
	if ex.Response == nil {
		if ex.Failure != nil {
			return known(string(ex.Failure.Kind), "no response")
		}
		return "not captured"
	}
	words := fmt.Sprint(ex.Response.Status)
	if d.Error.Code != "" {
		words += " " + fit(d.Error.Code)
	}
	if ex.Response.Elapsed > 0 {
		words += fmt.Sprintf(" after %d ms", ex.Response.Elapsed.Milliseconds())
	}
	return words
}

// accountOf returns the account that a request was made for, from x-account-id or, if
// it's missing, from the path or query.
func accountOf(d *diagnose.Diagnosis) string {
	r := d.Exchange.Request
	if r == nil {
		return ""
	}
	if id := r.Header.Text(fieldAccount); id != "" {
		return fit(id)
	}
	if d.Operation != nil && d.Operation.Account != nil {
		return fit(d.Route.Parameter(d.Operation.Account.Name))
	}
	return ""
}

// triedWords lists what was tried, in the user's words and by probes.
func triedWords(tried []string, list []diagnose.Diagnosis) string {
	var b strings.Builder
	b.WriteString("## What was tried\n\n")
	for _, t := range tried {
		b.WriteString("- " + report.Escape(fit(t)) + "\n")
	}
	probes := 0
	for i := range list {
		probes += len(list[i].Probes)
	}
	switch {
	case probes > 0:
		fmt.Fprintf(&b, "- %d read-only requests with the same credentials (see the diagnosis for their results)\n", probes)
	case len(tried) == 0:
		b.WriteString("Not given.\n")
	}
	return b.String()
}

// about describes this machine. It includes only the names of variables.
func (o *supportOptions) about() string {
	now := o.env.Now()
	var set []string
	for _, name := range [...]string{
		"IMMERSVE_API_KEY", "IMMERSVE_API_SECRET", "IMMERSVE_ACCESS_TOKEN", "IMMERSVE_ACCOUNT_ID", "IMMERSVE_ENV", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY",
	} {
		if o.env.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	return fmt.Sprintf("immersve-doctor %s, commit %s\n%s on %s/%s\nclock %s, local zone %s\nvariables set: %s\n",
		Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		now.UTC().Format(time.RFC3339), now.Format("-07:00"), known(strings.Join(set, ", "), "none"))
}

// markdown writes the bundle as one document, its manifest last.
func (b *bundle) markdown(w io.Writer) error {
	for _, p := range append(slices.Clone(b.parts), part{name: "MANIFEST.txt", content: b.manifest()}) {
		text := p.content
		if !strings.HasSuffix(p.name, ".md") {
			text = "## " + p.name + "\n\n" + report.Fence("", strings.TrimRight(text, "\n"))
		}
		if _, err := fmt.Fprintf(w, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// zip writes the bundle as an archive, its manifest first.
func (b *bundle) zip(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range append([]part{{name: "MANIFEST.txt", content: b.manifest()}}, b.parts...) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: b.made.UTC()})
		if err == nil {
			_, err = io.WriteString(f, p.content)
		}
		if err != nil {
			return fmt.Errorf("add %s to the bundle: %w", p.name, err)
		}
	}
	return z.Close()
}
