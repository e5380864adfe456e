package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/troubleshoot"
)

// ReferenceSchema names the form of the JSON document of "explain".
const ReferenceSchema = "immersve-doctor/reference/v1"

// entry is one labelled paragraph of a reference page.
type entry struct {
	label string
	lines []string
	code  bool // lines are commands or tables: written unwrapped
}

// sheet is a reference page in the order in which it is read.
type sheet struct {
	head    string // "KYC_REQUIRED · 403 · create-card, reissue-card"
	title   string
	note    string
	entries []entry
	table   [][]string // header, nil, rows
	body    string     // Markdown
}

// Reference writes a page of the reference for people.
func Reference(w io.Writer, r troubleshoot.Reference, s Style) error {
	t := newText(s)
	sh := sheetOf(r)
	t.block()
	for _, l := range Wrap(t.plain(sh.head), t.style.Width) {
		t.line(t.bold.Sprint(l))
	}
	t.flow(sh.title)
	if sh.note != "" {
		t.flow("Note: " + sh.note)
	}
	t.block()
	for _, e := range sh.entries {
		t.entry(e)
	}
	if len(sh.table) > 0 {
		t.block()
		t.table(sh.table)
	}
	t.prose(sh.body)
	for _, h := range r.List {
		t.hit(h)
	}
	if len(r.List) > 0 {
		t.block()
		t.line("To read one: immersve-doctor explain " + r.List[0].ID)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (t *text) flow(s string) { t.passage(passage{words: s}) }

// hit writes an entry of a list of pages on one line.
func (t *text) hit(h troubleshoot.Hit) {
	name := h.ID + strings.Repeat(" ", max(2, 34-len(h.ID)))
	t.line(name + t.faint.Sprint(truncate(t.plain(h.Title), max(10, t.style.Width-len(name)), t.ascii("…"))))
}

// column is the width of the label column of reference pages.
const column = 15

func (t *text) entry(e entry) {
	if len(e.lines) == 0 {
		return
	}
	label := e.label
	for _, content := range e.lines {
		for i, l := range t.fold(content, e.code) {
			head := strings.Repeat(" ", column)
			if label != "" {
				head = t.cyan.Sprint(label) + strings.Repeat(" ", max(1, column-len(label)))
				label = ""
			} else if i > 0 && !e.code && len(e.lines) > 1 {
				head += "  "
			}
			t.line(head + l)
		}
	}
}

func (t *text) fold(content string, code bool) []string {
	if code {
		return []string{t.ascii(Plain(content))}
	}
	return Wrap(t.inline(content), t.style.Width-column-2)
}

func sheetOf(r troubleshoot.Reference) sheet {
	sh := sheet{}
	switch r.Kind {
	case troubleshoot.KindStatus:
		sh = statusSheet(r.Status)
	case troubleshoot.KindCode:
		sh = codeSheet(r.Code)
	case troubleshoot.KindEndpoint:
		sh = operationSheet(r.Operation, r.Facts)
	case troubleshoot.KindFinding:
		sh = findingSheet(r.Finding)
	case troubleshoot.KindTopic:
		sh = topicSheet(r.Topic)
	case troubleshoot.KindValue, troubleshoot.KindWebhook:
		sh = valueSheet(r)
	case troubleshoot.KindList:
		sh.head = fmt.Sprintf("%d pages for %q", len(r.List), r.ID)
	}
	sh.note = r.Note
	return sh
}

func statusSheet(p *troubleshoot.StatusPage) sheet {
	sh := sheet{head: p.Status + " · " + p.Title, title: p.Means, body: p.Body}
	if !p.Documented && p.Status != "no-response" && p.Status != "not-sent" {
		sh.head += " · not in the API docs"
	}
	var points []string
	for _, class := range check.Classes() { // in the documentation's order
		for _, item := range p.Checklists[string(class)] {
			points = append(points, item.Text)
		}
	}
	sh.entries = []entry{
		{"Check", points, false},
		{"Retry", []string{retryLine(p.Retry)}, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Docs", []string{p.Docs}, true},
	}
	return sh
}

func retryLine(r troubleshoot.Retry) string {
	words := map[string]string{"none": "no", "after-fix": "yes, after the fix", "after-delay": "yes, later", "backoff": "yes, with backoff (a few attempts)"}
	return words[r.Advice] + ": " + strings.TrimSuffix(r.Why, ".")
}

func codeSheet(p *troubleshoot.CodePage) sheet {
	head := p.Code
	if statuses := troubleshoot.StatusesOf(p.Code); len(statuses) > 0 {
		head += " · " + strings.Join(statuses, ", ")
	}
	operations := slices.Sorted(maps.Keys(p.Operations))
	if len(operations) > 0 && len(operations) <= 4 {
		head += " · " + strings.Join(operations, ", ")
	}
	var meanings, steps, commands []string
	for _, op := range operations {
		meanings = append(meanings, op+": "+p.Operations[op])
	}
	for _, s := range p.Steps {
		steps = append(steps, s.Text)
		if s.Verify != "" {
			commands = append(commands, s.Verify)
		}
	}
	commands = runnable(commands)
	onYours := ""
	if slices.ContainsFunc(commands, func(c string) bool { return strings.HasSuffix(c, " --env local") }) {
		onYours = "the same commands with your IDs, without --env local"
	}
	return sheet{head: head, title: p.Title, body: p.Body, entries: []entry{
		{"Meaning", meanings, false},
		{"Common causes", p.Causes, false},
		{"Check", steps, false},
		{"To check", commands, true},
		{"On your data", nonEmpty(onYours), false},
		{"Fix", p.Fix, false},
		{"Retry", []string{retryLine(p.Retry)}, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Docs", []string{p.Docs}, true},
	}}
}

// runnable returns the commands that succeed as printed: calls go to the simulator,
// because a page knows no IDs of the reader's. Commands that need an input are left
// out.
func runnable(commands []string) []string {
	var list []string
	for _, c := range commands {
		if call, ok := strings.CutPrefix(c, "immersve-doctor call "); ok {
			operation, _, _ := strings.Cut(call, " ")
			c = troubleshoot.Example(operation)
		} else if strings.Contains(c, "{") || strings.Contains(c, "FILE") {
			continue
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func operationSheet(p *troubleshoot.OperationPage, f *api.Operation) sheet {
	sh := sheet{head: fmt.Sprintf("%s · %s %s", f.ID, f.Method, f.Path), title: p.Title + ". " + p.About, body: p.Body}
	if f.Deprecated {
		sh.head += " · deprecated"
	}
	if f.UndocumentedRoute {
		sh.head += " · not in the API reference"
	}
	sh.entries = []entry{
		{"Hosts", []string{strings.Join(f.Hosts, ", ")}, false},
		{"Credentials", []string{securityWords(f.Security)}, false},
		{"Caller", []string{p.Caller}, false},
		{"Path", parameterLines(f, "path"), false},
		{"Query", parameterLines(f, "query"), false},
		{"Header", parameterLines(f, "header"), false},
		{"Body", bodyLines(f), false},
		{"Responses", responseLines(f), false},
		{"Traps", p.Traps, false},
		{"If you retry", []string{p.Repeat}, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Try it", []string{troubleshoot.Example(f.ID)}, true},
		{"Docs", []string{p.Docs}, true},
	}
	return sh
}

func securityWords(s api.Security) string {
	switch s {
	case api.SecurityNone:
		return "none"
	case api.SecurityToken:
		return "access token (Authorization: Bearer)"
	}
	return "access token, or x-api-key with x-api-secret; x-account-id optional"
}

func parameterLines(f *api.Operation, in string) []string {
	var lines []string
	for _, p := range f.Parameters {
		if p.In != in {
			continue
		}
		line := p.Name + " (" + p.Type
		if p.Required && in != "path" {
			line += ", required"
		}
		line += ")"
		enum := p.Enum
		if p.Items != nil {
			enum = p.Items.Enum
		}
		if len(enum) > 0 {
			line += ": " + strings.Join(enum, " | ")
		}
		if p.DocumentedMaximum > 0 {
			line += fmt.Sprintf(", at most %g", p.DocumentedMaximum)
		}
		lines = append(lines, line)
	}
	return lines
}

// responseLines lists the documented responses: status and errorCodes.
func responseLines(f *api.Operation) []string {
	var lines []string
	for _, status := range slices.Sorted(maps.Keys(f.Responses)) {
		line := status
		if codes := f.Responses[status].ErrorCodes; len(codes) > 0 {
			line += " " + strings.Join(slices.Sorted(slices.Values(codes)), ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

func findingSheet(p *troubleshoot.FindingPage) sheet {
	var steps []string
	for _, s := range p.Steps {
		steps = append(steps, s.Text)
	}
	return sheet{head: fmt.Sprintf("%s · %s · %s", p.ID, p.Severity, p.Family), title: p.Title + ".", body: p.Body, entries: []entry{
		{"Fix", []string{p.Fix}, false},
		{"Check", steps, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Docs", []string{p.Docs}, true},
	}}
}

func topicSheet(p *troubleshoot.TopicPage) sheet {
	pages := func(ids []string) []string { return nonEmpty(strings.Join(ids, ", ")) }
	return sheet{head: p.Topic + " · " + p.Title, title: p.About, body: p.Body, entries: []entry{
		{"Error codes", pages(p.Codes), false},
		{"Findings", pages(p.Findings), false},
		{"Endpoints", pages(p.Endpoints), false},
		{"Webhooks", pages(p.Webhooks), false},
		{"Values", pages(p.Values), false},
		{"Try it", p.Try, true},
		{"Related", pages(p.Related), false},
		{"Docs", []string{p.Docs}, true},
	}}
}

// valueSheet is the page of a value in all its families, or of a whole family.
func valueSheet(r troubleshoot.Reference) sheet {
	if len(r.Values) == 1 && r.Values[0].Family == r.ID {
		page := r.Values[0]
		sh := sheet{head: page.Family + " · values", title: page.Title + ".", body: page.Body, table: [][]string{{"Value", "Meaning"}, nil}}
		sh.entries = []entry{{"Where", []string{page.Where}, false}, {"Docs", []string{page.Docs}, true}}
		for _, v := range page.Values {
			sh.table = append(sh.table, []string{v.Value, v.Means})
		}
		return sh
	}
	var families []string
	for _, page := range r.Values {
		families = append(families, page.Family)
	}
	sh := sheet{head: r.ID + " · value of " + strings.Join(families, ", ")}
	if r.Kind == troubleshoot.KindWebhook {
		sh.head = r.ID + " · webhook"
	}
	for _, page := range r.Values {
		v := page.Values[0]
		meaning := "Meaning"
		if len(v.Payload) > 0 {
			meaning = "Sent"
		}
		sh.entries = append(sh.entries,
			entry{meaning, []string{v.Means}, false},
			entry{"Payload", v.Payload, false},
			entry{"Your response", nonEmpty(v.Answer), false},
			entry{"Time limit", nonEmpty(v.Limit), false},
			entry{"Where", []string{page.Where}, false},
			entry{"All values", []string{"immersve-doctor explain " + page.Family}, true},
			entry{"Docs", []string{page.Docs}, true})
	}
	sh.entries = append(sh.entries, entry{"Used in", r.Uses, false})
	if len(r.Values) == 1 {
		sh.body = r.Values[0].Body
	}
	return sh
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// ReferenceJSON writes a page of the reference as one line of JSON.
func ReferenceJSON(w io.Writer, r troubleshoot.Reference) error {
	return WriteJSON(w, referenceDocument(r))
}

func referenceDocument(r troubleshoot.Reference) map[string]any {
	d := map[string]any{"schema": ReferenceSchema, "kind": string(r.Kind), "id": r.ID}
	sh := sheetOf(r)
	d["title"] = sh.title
	if r.Note != "" {
		d["note"] = r.Note
	}
	for _, e := range sh.entries {
		if len(e.lines) > 0 {
			d[jsonName(e.label)] = e.lines
		}
	}
	if sh.body != "" {
		d["text"] = sh.body
	}
	switch r.Kind {
	case troubleshoot.KindCode:
		d["statuses"] = numbers(troubleshoot.StatusesOf(r.ID))
		d["operations"] = r.Code.Operations
		d["retry"] = map[string]string{"advice": r.Code.Retry.Advice, "why": r.Code.Retry.Why}
		d["docs"] = r.Code.Docs
		d["title"] = r.Code.Title
	case troubleshoot.KindStatus:
		d["retry"] = map[string]string{"advice": r.Status.Retry.Advice, "why": r.Status.Retry.Why}
		d["checklists"] = checklistDocument(r.Status)
		d["docs"] = r.Status.Docs
		d["title"], d["means"] = r.Status.Title, r.Status.Means
		d["documented"] = r.Status.Documented
	case troubleshoot.KindEndpoint:
		d["method"], d["path"], d["hosts"], d["security"] = r.Facts.Method, r.Facts.Path, r.Facts.Hosts, string(r.Facts.Security)
		d["responses"] = responsesDocument(r.Facts)
		d["docs"] = r.Operation.Docs
		d["title"] = r.Operation.Title
		if r.Facts.RequestBody != nil {
			d["requestSchema"] = r.Facts.RequestBody.Schema
		}
	case troubleshoot.KindFinding:
		d["severity"], d["family"], d["docs"] = r.Finding.Severity, r.Finding.Family, r.Finding.Docs
		d["title"], d["fix"] = r.Finding.Title, r.Finding.Fix
	case troubleshoot.KindTopic:
		d["title"], d["about"], d["docs"] = r.Topic.Title, r.Topic.About, r.Topic.Docs
	case troubleshoot.KindValue, troubleshoot.KindWebhook:
		d["title"] = r.ID
		if len(r.Values) > 0 {
			d["title"] = r.Values[0].Title
		}
		d["families"] = familiesDocument(r.Values)
	case troubleshoot.KindList:
		d["title"] = sh.head
		d["pages"] = pagesDocument(r.List)
	}
	return d
}

func familiesDocument(pages []troubleshoot.ValuePage) []map[string]any {
	var list []map[string]any
	for _, p := range pages {
		var values []map[string]any
		for _, v := range p.Values {
			d := map[string]any{"value": v.Value, "means": v.Means}
			if len(v.Payload) > 0 {
				d["payload"], d["response"], d["limit"] = v.Payload, v.Answer, v.Limit
			}
			values = append(values, d)
		}
		list = append(list, map[string]any{"family": p.Family, "title": p.Title, "where": p.Where, "values": values, "docs": p.Docs})
	}
	return list
}

func pagesDocument(hits []troubleshoot.Hit) []map[string]string {
	list := []map[string]string{}
	for _, h := range hits {
		list = append(list, map[string]string{"kind": string(h.Kind), "id": h.ID, "title": h.Title})
	}
	return list
}

func jsonName(label string) string {
	words := strings.Fields(strings.ToLower(label))
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	return strings.Join(words, "")
}

func numbers(list []string) []int {
	out := []int{}
	for _, s := range list {
		if n, err := strconv.Atoi(s); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func checklistDocument(p *troubleshoot.StatusPage) map[string][]map[string]string {
	d := map[string][]map[string]string{}
	for class, items := range p.Checklists {
		for _, item := range items {
			d[class] = append(d[class], map[string]string{"id": item.ID, "text": item.Text, "verify": item.Verify})
		}
	}
	return d
}

func responsesDocument(f *api.Operation) map[string][]string {
	d := map[string][]string{}
	for status, r := range f.Responses {
		d[status] = append([]string{}, r.ErrorCodes...)
	}
	return d
}

// ReferenceMarkdown writes a page of the reference as Markdown. Its text is the
// project's own, so it is not escaped.
func ReferenceMarkdown(w io.Writer, r troubleshoot.Reference) error {
	var b strings.Builder
	sh := sheetOf(r)
	fmt.Fprintf(&b, "# %s\n\n", sh.head)
	if sh.title != "" {
		fmt.Fprintf(&b, "%s\n\n", sh.title)
	}
	if sh.note != "" {
		fmt.Fprintf(&b, "> %s\n\n", Escape(sh.note))
	}
	for _, e := range sh.entries {
		if len(e.lines) == 0 {
			continue
		}
		fmt.Fprintf(&b, "**%s**\n\n", e.label)
		for _, l := range e.lines {
			if e.code && !strings.HasPrefix(l, "http") {
				l = "`" + l + "`"
			}
			fmt.Fprintf(&b, "- %s\n", l)
		}
		b.WriteString("\n")
	}
	for i, row := range sh.table {
		switch {
		case row != nil:
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		case i == 1:
			b.WriteString("|---|---|\n")
		}
	}
	if len(sh.table) > 0 {
		b.WriteString("\n")
	}
	for _, h := range r.List {
		fmt.Fprintf(&b, "- `%s`: %s\n", h.ID, h.Title)
	}
	if sh.body != "" {
		b.WriteString(strings.ReplaceAll(sh.body, "```capture", "```text") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
