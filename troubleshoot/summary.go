package troubleshoot

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

// lineWidth is how long each sentence of the summary may be, so that it takes one
// line of a terminal with 80 columns.
const lineWidth = 78

// summarize writes the two sentences: what failed and why, and the first step.
func (p *Plan) summarize(status StatusPage, code *CodePage) error {
	d := &p.Diagnosis
	subject := subjectOf(d)
	if a := p.leading(); a != nil {
		page, err := Finding(a.ID)
		if err != nil {
			return err
		}
		clauses := []string{a.Title, page.Title}
		if a.ID == finding.ErrorCode && code != nil {
			clauses = clauses[:1] // the code's own
		}
		if a.Severity == check.Error || d.Class == check.Success || a.ID == finding.ErrorCodeUndocumented {
			p.Headline = headline(subject, ": ", clauses...)
		} else {
			p.Headline = headline(subject, ", probably because ", clauses...)
		}
		p.Step = firstStep(a.Fix, page.Fix)
		if effect(d) != "" && !p.Retry.Safe {
			p.Step = "First find out whether it took effect (" + d.Operation.FindOut + ")."
		}
		return nil
	}
	switch {
	case d.Class == check.Success:
		p.Headline = subject + ": the call succeeded."
		return nil
	case d.Class == check.Delivered:
		p.Headline = headline(subject, ": ", status.Cleared[string(d.Class)])
		if len(p.Checklist) > 0 && p.Checklist[0].State == diagnose.Unknown {
			p.Headline = headline(subject, ": ", status.Classes[string(d.Class)])
			p.Step = p.narrowDown(status)
		}
		return nil
	case d.Class == check.NotSent:
		p.Headline = subject + ": the request fits the docs."
		p.Step = sendStep(d.Exchange)
		return nil
	case d.Remark != "":
		p.Headline = headline(subject, ": ", d.Remark, status.Title)
	case d.Class == check.ResourceOrPermission && !codeIsKnown(d):
		p.Headline = subject + ": the body isn't in the input, and it may name the cause."
		p.Step = showBodyStep(d.Exchange.Source.Kind)
		return nil
	case d.Class == check.NoResponse && d.Exchange.Failure != nil:
		p.Headline = headline(subject, ": ", exchange.MaskText(d.Exchange.Failure.Text), status.Classes[string(d.Class)], status.Title)
	case status.Cleared[string(d.Class)] != "" && !p.open():
		p.Headline = headline(subject, ": ", status.Cleared[string(d.Class)])
		if status.ClearedStep != "" {
			p.Step = status.ClearedStep
			return nil
		}
	default:
		p.Headline = headline(subject, ": ", status.Classes[string(d.Class)], status.Title)
	}
	p.Step = p.narrowDown(status)
	return nil
}

// showBodyStep says how to get the response body that an input doesn't have.
func showBodyStep(kind exchange.Kind) string {
	switch kind {
	case exchange.KindLog, exchange.KindClientLog, exchange.KindClientError, exchange.KindOTLP:
		return "Log the response body, or at least its errorCode and reason."
	case exchange.KindCurlInclude, exchange.KindCurlVerbose, exchange.KindCurlTrace, exchange.KindCurlWriteOut, exchange.KindCurlError, exchange.KindCurlCommand:
		return "Add -i or -v to the curl command to see the response body."
	}
	return "Record the response body, too. It may name the cause."
}

// leading returns the finding that the summary speaks of: the cause, otherwise what
// would explain the response; nil if there is neither.
func (p *Plan) leading() *Advice {
	d := &p.Diagnosis
	cause := d.Cause()
	if cause == nil && d.Remark == "" {
		cause = d.Suspect()
	}
	for i := range p.Advice {
		a := &p.Advice[i]
		switch {
		case cause != nil && a.ID == cause.ID,
			cause == nil && i == 0 && a.ID == finding.ErrorCodeUndocumented && decidedByCode(d.Class),
			d.Class == check.Success && (a.ID == finding.ResponseNotJSON || a.ID == finding.ResponseTruncated || a.ID == finding.DeliveryFailed):
			return a
		}
	}
	return nil
}

// effect is the command that shows whether a request took effect that failed on the
// server or on the way back, or "" if that can't be or no endpoint shows it.
func effect(d *diagnose.Diagnosis) string {
	if d.Operation == nil || d.Operation.FindOut == "" || d.Operation.Repeat.Safe() || d.Class != check.ServerError && d.Class != check.NoResponse {
		return ""
	}
	if f := d.Exchange.Failure; d.Class == check.NoResponse && (f == nil || f.Kind != exchange.FailureTimeout && f.Kind != exchange.FailureReset || neverSent(f.Phase)) {
		return ""
	}
	find, err := api.Lookup(d.Operation.FindOut)
	if err != nil {
		return ""
	}
	command := "immersve-doctor call " + find.ID
	for _, p := range find.Parameters {
		if p.Required && p.In != "header" {
			command += " " + p.Name + map[string]string{"query": "=", "path": "="}[p.In] + "{" + p.Name + "}"
		}
	}
	return Fill(command, d)
}

// open reports whether an item of the checklist is not answered.
func (p *Plan) open() bool {
	return slices.ContainsFunc(p.Checklist, func(c Point) bool { return c.State != diagnose.OK && c.State != diagnose.NotApplicable })
}

// narrowDown is the first step if nothing is proven: the command that answers most.
func (p *Plan) narrowDown(status StatusPage) string {
	if len(p.Next) == 0 {
		return firstStep(status.Step, "Compare the request with the docs of the endpoint.")
	}
	command := p.Next[0]
	sentence := "To find out, run: " + command
	if !IsCommand(command) {
		sentence = upperFirst(command) + "."
	}
	if utf8.RuneCountInString(sentence) > lineWidth {
		return "To find out, run the command under next."
	}
	p.Next = p.Next[1:]
	return sentence
}

// headline joins the subject with the first clause that leaves it on one line, whole or
// its main part. If none does, the endpoint gives way: the request line shows it.
func headline(subject, link string, clauses ...string) string {
	short, _, _ := strings.Cut(subject, " on ")
	for _, s := range []string{subject, short} {
		for _, c := range clauses {
			for _, part := range []string{c, mainPart(c)} {
				line := s + link + LowerFirst(strings.TrimSuffix(part, ".")) + "."
				if part != "" && utf8.RuneCountInString(line) <= lineWidth {
					return line
				}
			}
		}
	}
	return cutWords(short+link+LowerFirst(clauses[0]), lineWidth)
}

// mainPart is a clause up to where it begins to explain itself.
func mainPart(clause string) string {
	end := len(clause)
	for _, mark := range []string{": ", "; ", " (", " because ", ", but ", ", which ", ", so ", ", and ", ", probably ", ", says "} {
		if i := strings.Index(clause, mark); i > 0 {
			end = min(end, i)
		}
	}
	return clause[:end]
}

// firstStep is the first of the sentences that takes one line, whole or in part.
func firstStep(sentences ...string) string {
	for _, s := range sentences {
		for _, candidate := range []string{s, firstSentence(s)} {
			if candidate != "" && utf8.RuneCountInString(candidate) <= lineWidth {
				return candidate
			}
		}
	}
	return "Apply the fix below."
}

func firstSentence(s string) string {
	first, _, _ := strings.Cut(s, ". ")
	return strings.TrimSuffix(first, ".") + "."
}

// sendStep says how to send a request that looks right.
func sendStep(ex *exchange.Exchange) string {
	source := ex.Source
	switch {
	case source.Kind == exchange.KindLive:
		return "Omit --dry-run to send it."
	case source.Name == "" || source.Name == "-", source.Kind == exchange.KindCurlCommand && len(ex.Request.Unexpanded) > 0:
		return "Put immersve-doctor in front of the curl command to send it."
	case ex.Request.Method == "" || plainWord(ex.Request.URL.Host) == "" || len(ex.Request.Unexpanded) > 0 || ex.Request.Body.Truncated:
		return "Fill in the values that the input doesn't show, then send it."
	}
	command := "immersve-doctor replay " + fileWords(source) + entryFlag(source)
	if utf8.RuneCountInString(command)+len("To send it: ") > lineWidth {
		return "Send it with replay and the name of the file."
	}
	return "To send it: " + command
}

// codeIsKnown reports whether the input shows if the response had an errorCode: a
// body that was there, or that the header says was never sent.
func codeIsKnown(d *diagnose.Diagnosis) bool {
	r := d.Exchange.Response
	return r.Body.Present() || r.Header.Text("content-length") == "0"
}

// decidedByCode reports whether the errorCode of a class's responses says what is
// wrong.
func decidedByCode(class check.Class) bool {
	return class == check.BusinessRule || class == check.MalformedRequest
}

// Subject names what a diagnosis is about: "403 KYC_REQUIRED on create-card", or
// "card-created delivery (200)".
func Subject(d *diagnose.Diagnosis) string { return subjectOf(d) }

// subjectOf names what failed: "403 KYC_REQUIRED on create-card".
func subjectOf(d *diagnose.Diagnosis) string {
	if d.Class == check.NotSent {
		name := d.OperationID()
		if name == "" && d.Exchange.Request != nil {
			name = cutWords(d.Exchange.Request.Method.String()+" "+exchange.MaskText(d.Exchange.Request.URL.Path), lineWidth/2)
		}
		return strings.TrimSpace(name + " (not sent)")
	}
	what := strconv.Itoa(d.Status())
	if d.Class == check.Delivered {
		return deliverySubject(d)
	}
	switch {
	case d.Class == check.NoResponse:
		what = "No response"
	case d.Status() == 0:
		what = "No status"
	case namesCause(d):
		what += " " + cutWords(exchange.MaskText(d.Error.Code), lineWidth/2)
	}
	if id := d.OperationID(); id != "" {
		return what + " on " + id
	}
	return what
}

// deliverySubject names a webhook: "card-created delivery, 401 returned".
func deliverySubject(d *diagnose.Diagnosis) string {
	what := "webhook delivery"
	if topic := check.TopicOf(d.Exchange); topic != nil {
		what = topic.Name + " delivery"
	}
	if d.Status() > 0 {
		what += fmt.Sprintf(" (%d)", d.Status())
	}
	return what
}

// namesCause reports whether the errorCode says more than the status.
func namesCause(d *diagnose.Diagnosis) bool {
	cause := d.Cause()
	return plainWord(d.Error.Code) != "" && (d.Class == check.BusinessRule ||
		cause != nil && strings.HasPrefix(cause.ID, finding.ErrorCode) && !IsGeneric(d.Status(), d.Error.Code))
}

// generalCode is the errorCode of every 400 without a more specific one.
const generalCode = "INVALID_REQUEST_INPUT"

// IsGeneric reports whether an errorCode says no more than the status: it is the
// status in capitals (RFC 9110 section 15), such as NOT_FOUND, or the general one of 400.
func IsGeneric(status int, code string) bool {
	return code == generalCode || code == strings.ToUpper(strings.ReplaceAll(http.StatusText(status), " ", "_"))
}

// LowerFirst lowers the first letter of a word that isn't a name.
func LowerFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if word == "A" {
		return "a" + s[1:]
	}
	if len(word) < 2 || strings.ToUpper(word[1:]) == word[1:] || strings.ContainsAny(word, "_-./{0123456789") {
		return s
	}
	switch word {
	case "Immersve", "Immersve's", "Origin", "Apple", "Bearer", "Basic", "JSON", "KYC", "PIN", "TLS", "DNS":
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func upperFirst(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

// cutWords cuts a masked text between words.
func cutWords(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	s = exchange.Characters(s, 0, width-1)
	if i := strings.LastIndexByte(s, ' '); i > width/2 {
		s = s[:i]
	}
	return s + "…"
}
