package report

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
	"immersve-doctor/troubleshoot"
)

// section is one labeled part of a report. The text and the Markdown report are two
// ways to write the same sections.
type section struct {
	label string
	rows  []row
}

// row is a line of a section. Its text comes from inputs and isn't inert yet.
type row struct {
	kind  rowKind
	text  string
	state diagnose.State // of an item
	id    string         // of a finding, in front of text
}

type rowKind int

const (
	words    rowKind = iota // a sentence, which may be wrapped
	item                    // an item of a checklist with its mark
	inline                  // the same, several on a line
	verbatim                // part of a body, which keeps its columns
	caret                   // what points into the line above
	command                 // can be pasted, so it isn't wrapped
	removed                 // a line that the fix takes away
	added                   // and its replacement
)

// The bounds of a report that isn't verbose.
const (
	maxCauses   = 3       // in full
	maxMinor    = 4       // warnings and notes
	maxEvidence = 3       // lines of one finding
	maxBody     = 5       // lines of a response's body
	maxFixed    = 200     // lines of a command
	maxCompared = 1 << 16 // bytes of a response's body that are compared with the report

	longCommand = 600 // bytes in which a change is hard to see
)

// writer collects the sections of one report.
type writer struct {
	p     *troubleshoot.Plan
	style Style
	list  []section
}

// sectionsOf returns what follows the request line, in the contract's order.
func sectionsOf(p *troubleshoot.Plan, s Style) []section {
	w := &writer{p: p, style: s}
	w.findings()
	w.notes()
	w.response()
	w.headers()
	w.checklist()
	w.probes()
	w.fixed()
	w.retry()
	w.next()
	return w.list
}

func (w *writer) add(label string, rows ...row) {
	if len(rows) > 0 {
		w.list = append(w.list, section{label, rows})
	}
}

// said reports whether a text is in the summary or in a section already.
func (w *writer) said(text string) bool {
	text = strings.ToLower(strings.Trim(text, " ."))
	if strings.Contains(strings.ToLower(w.p.Summary), text) {
		return true
	}
	for _, s := range w.list {
		for _, r := range s.rows {
			if strings.Contains(strings.ToLower(r.text), text) {
				return true
			}
		}
	}
	return false
}

// findings writes the causes with their evidence and the rest in a line each.
func (w *writer) findings() {
	causes, minor := w.split()
	for i := range causes {
		label := labelOf(causes[i].Severity)
		if i == 0 && causes[i].Severity == check.Error {
			label = "cause"
		}
		w.cause(label, &causes[i])
	}
	for i, a := range minor {
		if len(minor) > maxMinor && i == maxMinor-1 {
			w.add("note", row{text: fmt.Sprintf("%d more findings (--verbose)", len(minor)-i)})
			break
		}
		w.add(labelOf(a.Severity), row{id: a.ID, text: a.Title})
	}
}

func labelOf(severity check.Severity) string {
	return map[check.Severity]string{check.Error: "and", check.Warning: "warning", check.Info: "note"}[severity]
}

// split parts the causes that are shown in full from the rest. What every report of a
// file would say, what repeats the status, and what is wrong at the place of an earlier
// cause, is left out. If nothing is proven, the leading suspicion is shown in full.
func (w *writer) split() (causes, minor []troubleshoot.Advice) {
	suspect := w.p.Suspect()
	for i, a := range w.p.Advice {
		samePlace := func(earlier troubleshoot.Advice) bool {
			return earlier.Location == a.Location && a.Location.Pointer != ""
		}
		switch {
		case w.style.Verbose:
			causes = append(causes, a)
		case i == 0 && suspect != nil:
			causes = append(causes, a)
		case slices.ContainsFunc(causes, samePlace):
		case a.ID == finding.SecretInCapture: // the request line says that they are masked
		case a.ID == finding.ErrorCodeUndocumented && troubleshoot.IsGeneric(w.p.Status(), w.p.Error.Code):
		case a.Severity == check.Error && len(causes) < maxCauses:
			causes = append(causes, a)
		default:
			minor = append(minor, a)
		}
	}
	return causes, minor
}

// cause writes a finding in full: place, what was seen, the place in the body, and as
// much of the fix as the summary doesn't give.
func (w *writer) cause(label string, a *troubleshoot.Advice) {
	rows := []row{{id: a.ID, text: place(a)}}
	if !w.said(a.Title) {
		rows = append(rows, row{text: a.Title})
	}
	excerpt := w.excerpt(a)
	if evidence := w.unseen(a.Evidence, excerpt); evidence != "" {
		rows = append(rows, row{text: w.cut(evidence, maxEvidence)})
	}
	rows = append(rows, excerpt...)
	if w.style.Verbose && a.Docs != "" {
		rows = append(rows, row{kind: command, text: a.Docs})
	}
	w.add(label, rows...)
	var fixes []row
	for _, f := range slices.Concat([]string{a.Fix}, a.Others) {
		if a.Severity != check.Error && !w.style.Verbose {
			break
		}
		if !w.said(f) {
			fixes = append(fixes, row{text: strings.TrimSpace(strings.TrimPrefix(f, w.p.Step))})
		}
	}
	w.add("fix", fixes...)
}

// unseen leaves of a finding's evidence what the excerpt below it and the lines above
// don't show.
func (w *writer) unseen(evidence string, excerpt []row) string {
	if w.style.Verbose {
		return evidence
	}
	squeeze := strings.NewReplacer(" ", "", "…", "")
	var kept []string
	for part := range strings.SplitSeq(evidence, "; ") {
		shown := slices.ContainsFunc(excerpt, func(r row) bool {
			return r.kind == verbatim && strings.Contains(squeeze.Replace(r.text), squeeze.Replace(strings.TrimPrefix(part, "seen: ")))
		})
		if part != "" && !shown && !w.said(part) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "; ")
}

// cut shortens a text that would take more lines than it is worth.
func (w *writer) cut(text string, lines int) string {
	if w.style.Verbose {
		return text
	}
	return truncate(Plain(text), lines*(w.style.Width-diagnosisMargin), "…")
}

// excerpt is the line of a body that a finding is in, with a caret.
func (w *writer) excerpt(a *troubleshoot.Advice) []row {
	body, ok := bodyOf(w.p, a.Location.Part)
	if !ok || a.Location.Line == 0 || a.Hint == "" && a.Location.Line == 1 && a.Location.Column == 1 {
		return nil // the beginning of the whole body points at nothing
	}
	l, ok := body.Line(a.Location.Line)
	if !ok {
		return nil
	}
	var rows []row
	room := w.style.Width - diagnosisMargin - 7 // a caret after the end has room, too
	if before, ok := body.Line(a.Location.Line - 1); ok && a.Location.Line > 1 && strings.TrimSpace(before) != "{" {
		shown, _ := window(before, a.Location.Column, room)
		rows = append(rows, row{kind: verbatim, text: fmt.Sprintf("%3d │ %s", a.Location.Line-1, shown)})
	}
	shown, column := window(l, a.Location.Column, room)
	hint := "^"
	if a.Hint != "" && !w.said(a.Hint) {
		hint += " " + a.Hint
	}
	hint = Plain(hint)
	if over := column + utf8.RuneCountInString(hint) - room; over > 0 && hint != "^" && column > utf8.RuneCountInString(hint) {
		column -= utf8.RuneCountInString(hint) - 1
		hint = hint[2:] + " ^"
	}
	return append(rows, row{kind: verbatim, text: fmt.Sprintf("%3d │ %s", a.Location.Line, shown)},
		row{kind: caret, text: "    │ " + strings.Repeat(" ", max(0, column)) + hint})
}

func bodyOf(p *troubleshoot.Plan, part check.Part) (exchange.Body, bool) {
	switch {
	case part == check.RequestBody && p.Exchange.Request != nil:
		return p.Exchange.Request.Body, p.Exchange.Request.Body.Present()
	case part == check.ResponseBody && p.Exchange.Response != nil:
		return p.Exchange.Response.Body, p.Exchange.Response.Body.Present()
	}
	return exchange.Body{}, false
}

// window cuts a line to room columns around a column (from 1) and returns where
// in the cut that column is (from 0).
func window(line string, column, room int) (shown string, at int) {
	count, start := utf8.RuneCountInString(line), 0
	if count > room && column > room-20 {
		start = min(max(0, column-room/2), max(0, count-1))
	}
	end := min(count, start+room)
	cut := []rune(strings.ReplaceAll(exchange.Characters(line, start, end), "\t", " "))
	lead := []rune(Plain(string(cut[:max(0, min(column-1, end)-start)])))
	return Plain(string(cut)), len(lead)
}

// notes are what the reader said of the exchange.
func (w *writer) notes() {
	for _, n := range w.p.Exchange.Notes {
		w.add("note", row{text: exchange.MaskForms(n)})
	}
}

// response shows the server's own words if the lines above don't.
func (w *writer) response() {
	r := w.p.Exchange.Response
	if r == nil || !r.Body.Present() || w.p.Class == check.Success && w.p.Cause() == nil {
		return
	}
	code, reason := maskedCode(w.p), maskedReason(w.p)
	body := strings.TrimSpace(r.Body.String())
	if len(body) <= maxCompared && gjson.Valid(body) && w.repeats(gjson.Parse(body), code, reason) {
		w.add("response", w.codeRow(code, reason)...)
		return
	}
	if text := visible(body); text != body {
		if text != "" && !w.said(text) {
			w.add("response", row{text: w.cut(text, 2)})
		}
		return
	}
	var rows []row
	for l := range strings.SplitSeq(body, "\n") {
		if l = strings.TrimRight(l, " \t\r"); strings.TrimSpace(l) == "" {
			continue
		}
		for _, part := range folded(exchange.Characters(l, 0, 2000), w.style.Width-diagnosisMargin) {
			rows = append(rows, row{kind: verbatim, text: part})
		}
		if len(rows) > maxBody && !w.style.Verbose {
			rows = append(rows[:maxBody-1], row{kind: verbatim, text: "… (--verbose shows all of it)"})
			break
		}
	}
	w.add("response", rows...)
}

// visible is what a browser shows of a page, or the body itself if it isn't HTML.
func visible(body string) string {
	if !strings.HasPrefix(body, "<") {
		return body
	}
	var b strings.Builder
	for rest := exchange.Characters(body, 0, 4000); rest != ""; {
		text, tag, ok := strings.Cut(rest, "<")
		b.WriteString(text + " ")
		if !ok {
			break
		}
		_, rest, _ = strings.Cut(tag, ">")
		for _, hidden := range []string{"script", "style"} {
			if len(tag) > len(hidden) && strings.EqualFold(tag[:len(hidden)], hidden) {
				_, rest, _ = strings.Cut(rest, "</")
				_, rest, _ = strings.Cut(rest, ">")
			}
		}
	}
	return exchange.MaskText(html.UnescapeString(strings.Join(strings.Fields(b.String()), " ")))
}

// codeRow is errorCode and reason, as far as the lines above don't say them.
func (w *writer) codeRow(code, reason string) []row {
	if code != "" && (w.said(code) || troubleshoot.IsGeneric(w.p.Status(), code)) {
		code = ""
	}
	if reason != "" && (w.said(reason) || strings.EqualFold(reason, w.p.Exchange.Response.Phrase)) {
		reason = ""
	}
	switch {
	case reason != "" && code != "":
		return []row{{text: fmt.Sprintf("%s: %q", code, reason)}}
	case reason != "":
		return []row{{text: fmt.Sprintf("%q", reason)}}
	case code != "":
		return []row{{text: "errorCode " + code}}
	}
	return nil
}

// repeats reports whether every value of a body is in the lines above, or is the
// status, its name, errorCode or reason.
func (w *writer) repeats(value gjson.Result, known ...string) bool {
	same := true
	value.ForEach(func(key, v gjson.Result) bool {
		switch {
		case v.IsArray() || v.IsObject():
			same = w.repeats(v, known...)
		case v.Type == gjson.Null, v.Type == gjson.True, v.Type == gjson.False:
		case slices.Contains(known, v.String()), v.String() == fmt.Sprint(w.p.Status()), isStatusName(key.String()), w.said(v.String()):
		default:
			same = false
		}
		return same
	})
	return same && (value.IsObject() || value.IsArray())
}

// isStatusName reports whether a field of an error body repeats the status line.
func isStatusName(key string) bool {
	return slices.Contains([]string{"statusCode", "statusName", "status", "error", "timestamp", "requestId"}, key)
}

// folded cuts a line to a width without looking for spaces.
func folded(line string, width int) []string {
	var parts []string
	for line = strings.ReplaceAll(line, "\t", "  "); ; {
		head := truncate(Plain(line), width, "")
		if rest := Plain(line); len(head) < len(rest) && head != "" {
			parts, line = append(parts, head), rest[len(head):]
			continue
		}
		return append(parts, head)
	}
}

// headers are those of request and response.
func (w *writer) headers() {
	if !w.style.Verbose {
		return
	}
	var request, response []row
	if r := w.p.Exchange.Request; r != nil {
		for _, f := range r.Header {
			request = append(request, row{text: exchange.MaskText(f.Name) + ": " + f.Value.String()})
		}
	}
	if r := w.p.Exchange.Response; r != nil {
		for _, f := range r.Header {
			response = append(response, row{text: exchange.MaskText(f.Name) + ": " + f.Value.String()})
		}
	}
	w.add("sent", request...)
	w.add("received", response...)
}

// checklist shows every item: several on a line if the cause is proven, otherwise one
// on each with what is known of it.
func (w *writer) checklist() {
	proven := w.p.Cause() != nil || !w.p.Failed()
	var rows []row
	for _, c := range w.p.Checklist {
		switch text := itemText(&c); {
		case w.style.Verbose:
			rows = append(rows, row{kind: item, state: c.State, text: text + because(c.Because)})
			if c.Verify != "" {
				rows = append(rows, proposal(c.Verify))
			}
		case proven || c.State == diagnose.OK || c.State == diagnose.NotApplicable:
			rows = append(rows, row{kind: inline, state: c.State, text: text})
		case c.Because == troubleshoot.NotLookedUp || w.shared(c.Because) || w.said(c.Because):
			rows = append(rows, row{kind: item, state: c.State, text: text})
		default:
			rows = append(rows, row{kind: item, state: c.State, text: text + because(c.Because)})
		}
	}
	if why := w.unknown(proven); why != "" && !w.style.Verbose {
		rows = append(rows, row{text: why})
	}
	w.add("check", rows...)
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// itemText is an item's noun phrase. What is expected matters only while it is unknown.
func itemText(c *troubleshoot.Point) string {
	text := c.Text
	if i := strings.Index(text, " ("); i > 0 && c.State != diagnose.Unknown {
		text = text[:i]
	}
	return troubleshoot.LowerFirst(text)
}

// unknown says once why items are unknown.
func (w *writer) unknown(proven bool) string {
	var reasons []string
	for _, c := range w.p.Checklist {
		if c.State != diagnose.Unknown || c.Because == "" || c.Because == troubleshoot.NotLookedUp || w.said(c.Because) || slices.Contains(reasons, c.Because) {
			continue
		}
		if proven || w.shared(c.Because) {
			reasons = append(reasons, c.Because)
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return w.cut("unknown: "+strings.Join(reasons, "; "), 2)
}

// shared reports whether several items are unknown for the same reason.
func (w *writer) shared(because string) bool {
	n := 0
	for _, c := range w.p.Checklist {
		if c.State == diagnose.Unknown && c.Because == because {
			n++
		}
	}
	return n > 1
}

// fixed is the whole corrected request, after what it changes if that is hard to see.
func (w *writer) fixed() {
	if w.p.Corrected == "" {
		return
	}
	var rows []row
	if len(w.p.Corrected) > longCommand {
		rows = w.changes()
	}
	if n := strings.Count(w.p.Corrected, "\n") + 1; n > maxFixed {
		rows = append(rows, row{text: fmt.Sprintf("the command has %d lines; -o json has it", n)})
	} else {
		for l := range strings.SplitSeq(w.p.Corrected, "\n") {
			rows = append(rows, row{kind: command, text: l})
		}
	}
	w.add("fixed", rows...)
}

// changes are the parts of the request that the fix changes, before and after.
func (w *writer) changes() []row {
	var rows []row
	for _, r := range w.p.Repairs {
		before, after := change(w.p, r)
		if before != "" {
			rows = append(rows, row{kind: removed, text: before})
		}
		if after != "" {
			rows = append(rows, row{kind: added, text: after})
		}
	}
	return rows
}

// retry is one line.
func (w *writer) retry() {
	if w.p.Failed() {
		w.add("retry", row{text: retryWords(w.p, w.style.Verbose, w.style.Width-diagnosisMargin)})
	}
}

// next are the commands to continue with.
func (w *writer) next() {
	var rows []row
	for _, c := range w.p.Next {
		rows = append(rows, proposal(c))
	}
	w.add("next", rows...)
}

// proposal is a command, or how to get what answers an item.
func proposal(s string) row {
	if troubleshoot.IsCommand(s) {
		return row{kind: command, text: s}
	}
	return row{text: s}
}

// retryWords says whether to send the request again, and why if that fits.
func retryWords(p *troubleshoot.Plan, verbose bool, width int) string {
	r := p.Retry
	said := map[string]string{
		"none": "no", "after-fix": "yes, after the fix", "after-delay": "yes, later", "backoff": "yes, with backoff",
	}[r.Advice]
	if r.AfterSeconds > 0 {
		said = fmt.Sprintf("yes, after %d s", r.AfterSeconds)
		if r.Advice == "backoff" {
			said += ", then with backoff"
		}
	}
	if !r.Safe && (r.Advice == "backoff" || p.Class == check.ServerError) && p.Exchange.Request != nil {
		said = strings.Replace(said, "yes, ", "", 1) + ", but only if the first request had no effect"
		if !verbose {
			return said
		}
	}
	why := strings.TrimSuffix(r.Why, ".")
	if r.Advice == "after-fix" && !verbose && p.Class != check.BusinessRule || why == "" {
		return said
	}
	if whole := said + ": " + why; verbose || utf8.RuneCountInString(whole) <= width {
		return whole
	}
	return said
}
