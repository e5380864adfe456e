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
	body    string // Markdown
}

// Reference writes a page of the reference for people.
func Reference(w io.Writer, r troubleshoot.Reference, s Style) error {
	t := newText(s)
	sh := sheetOf(r)
	t.block()
	for _, l := range Wrap(t.ascii(Plain(sh.head)), t.style.Width) {
		t.line(t.bold.Sprint(l))
	}
	t.flow(sh.title, "")
	if sh.note != "" {
		t.flow("Note: "+sh.note, "")
	}
	t.block()
	for _, e := range sh.entries {
		t.entry(e)
	}
	t.markdown(sh.body)
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (t *text) flow(s, indent string) {
	for _, l := range Wrap(t.ascii(Plain(s)), t.style.Width-len(indent)) {
		t.line(indent + l)
	}
}

// paragraph writes running text; an entry of a list hangs behind its dash.
func (t *text) paragraph(s string) {
	entry, isEntry := strings.CutPrefix(s, "- ")
	if !isEntry {
		t.flow(s, "")
		return
	}
	for i, l := range Wrap(t.ascii(Plain(entry)), t.style.Width-2) {
		t.line([...]string{"- ", "  "}[min(i, 1)] + l)
	}
}

// column is the width of the label column of reference pages.
const column = 12

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
	content = t.ascii(Plain(content))
	if code {
		return []string{content}
	}
	return Wrap(content, t.style.Width-column-2)
}

// markdown writes the body of a page: paragraphs and lists wrapped, headings
// bold, fenced blocks as they stand.
func (t *text) markdown(body string) {
	if strings.TrimSpace(body) == "" {
		return
	}
	t.block()
	fenced := false
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			t.paragraph(strings.ReplaceAll(strings.Join(paragraph, " "), "`", ""))
			paragraph = nil
		}
	}
	for l := range strings.SplitSeq(body, "\n") {
		trimmed := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			flush()
			fenced = !fenced
		case fenced:
			t.line("    " + t.ascii(truncate(Plain(l), t.style.Width-4, "…")))
		case trimmed == "":
			flush()
			t.b.WriteByte('\n')
		case strings.HasPrefix(trimmed, "#"):
			flush()
			t.line(t.bold.Sprint(t.ascii(Plain(strings.TrimLeft(trimmed, "# ")))))
		case strings.HasPrefix(trimmed, "- "):
			flush()
			paragraph = append(paragraph, trimmed)
		default:
			paragraph = append(paragraph, trimmed)
		}
	}
	flush()
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
	case troubleshoot.KindValue:
		sh = valueSheet(r)
	}
	sh.note = r.Note
	return sh
}

func statusSheet(p *troubleshoot.StatusPage) sheet {
	sh := sheet{head: p.Status + " · " + p.Title, title: p.Means, body: p.Body}
	if !p.Documented && p.Status != "no-response" && p.Status != "not-sent" {
		sh.head += " · not named by the API's documentation"
	}
	var points []string
	for _, class := range check.Classes() { // in the documentation's order
		for _, item := range p.Checklists[string(class)] {
			points = append(points, "? "+item.Text)
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
	words := map[string]string{"none": "no", "after-fix": "after the fix", "after-delay": "later", "backoff": "a few times, with growing delay"}
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
		steps = append(steps, "? "+s.Text)
		if s.Verify != "" && !slices.Contains(commands, s.Verify) {
			commands = append(commands, s.Verify)
		}
	}
	return sheet{head: head, title: p.Title, body: p.Body, entries: []entry{
		{"Means", meanings, false},
		{"Usually", p.Causes, false},
		{"Check", steps, false},
		{"Settle it", blanks(commands), true},
		{"Fix", p.Fix, false},
		{"Retry", []string{retryLine(p.Retry)}, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Docs", []string{p.Docs}, true},
	}}
}

// blanks shows a command's {placeholders} as blanks to fill in.
func blanks(commands []string) []string {
	var list []string
	for _, c := range commands {
		list = append(list, troubleshoot.Replace(c, func(string) string { return "" }))
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
		{"Answers", answerLines(f), false},
		{"Traps", p.Traps, false},
		{"Twice", []string{p.Repeat}, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Try it", []string{"immersve-doctor call " + f.ID + exampleArguments(f) + " --env local"}, true},
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

// answerLines lists the documented responses: status and errorCodes.
func answerLines(f *api.Operation) []string {
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

func exampleArguments(f *api.Operation) string {
	var b strings.Builder
	for _, p := range f.Parameters {
		switch {
		case p.In == "path":
			b.WriteString(" " + p.Name + "=…")
		case p.In == "query" && p.Required:
			b.WriteString(" " + p.Name + "==…")
		}
	}
	return b.String()
}

func findingSheet(p *troubleshoot.FindingPage) sheet {
	var steps []string
	for _, s := range p.Steps {
		steps = append(steps, "? "+s.Text)
	}
	return sheet{head: fmt.Sprintf("%s · %s · %s", p.ID, p.Severity, p.Family), title: p.Title + ".", body: p.Body, entries: []entry{
		{"Fix", []string{p.Fix}, false},
		{"Check", steps, false},
		{"Related", nonEmpty(strings.Join(p.Related, ", ")), false},
		{"Docs", []string{p.Docs}, true},
	}}
}

func valueSheet(r troubleshoot.Reference) sheet {
	sh := sheet{head: r.ID + " · a coded value, not an errorCode", title: "It is no HTTP error code of the API; it travels elsewhere:"}
	for _, page := range r.Values {
		var lines []string
		for _, v := range page.Values {
			if strings.EqualFold(v.Value, r.ID) || page.Family == r.ID {
				lines = append(lines, v.Value+": "+v.Means)
			}
		}
		sh.entries = append(sh.entries,
			entry{"Family", []string{page.Family + ", " + page.Title}, false},
			entry{"Where", []string{page.Where}, false},
			entry{"Means", lines, false},
			entry{"Docs", []string{page.Docs}, true})
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
	d["text"] = sh.body
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
	}
	return d
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
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", sh.head, sh.title)
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
	if sh.body != "" {
		b.WriteString(strings.ReplaceAll(sh.body, "```capture", "```text") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
