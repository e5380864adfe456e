package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// DiagnosisSchema names the form of the JSON document.
const DiagnosisSchema = "immersve-doctor/diagnosis/v1"

type document struct {
	Schema    string        `json:"schema"`
	Source    sourceJSON    `json:"source"`
	Request   requestJSON   `json:"request"`
	Response  *responseJSON `json:"response"`
	Class     string        `json:"class"`
	Summary   string        `json:"summary"`
	Findings  []findingJSON `json:"findings"`
	Checklist []itemJSON    `json:"checklist"`
	Corrected string        `json:"corrected"`
	Retry     retryJSON     `json:"retry"`
	Notes     []string      `json:"notes,omitempty"`
	Probes    []probeJSON   `json:"probes,omitempty"`
}

type sourceJSON struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Index int    `json:"index"`
	Line  int    `json:"line,omitempty"`
}

type requestJSON struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	Environment string `json:"environment"`
	Endpoint    string `json:"endpoint"`
	Auth        string `json:"auth"`
}

type responseJSON struct {
	Status    int    `json:"status"`
	ErrorCode string `json:"errorCode"`
	Reason    string `json:"reason"`
}

type findingJSON struct {
	ID       string       `json:"id"`
	Severity string       `json:"severity"`
	Title    string       `json:"title"`
	Evidence string       `json:"evidence"`
	Location locationJSON `json:"location"`
	Fix      string       `json:"fix"`
	Docs     string       `json:"docs"`
}

type locationJSON struct {
	Part    string `json:"part"`
	Name    string `json:"name"`
	Pointer string `json:"pointer"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

type itemJSON struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Verdict string `json:"verdict"`
	Because string `json:"because"`
	Finding string `json:"finding"`
	Verify  string `json:"verify"`
}

type retryJSON struct {
	Advice       string `json:"advice"`
	AfterSeconds int    `json:"afterSeconds"`
	Safe         bool   `json:"safe"`
	Why          string `json:"why"`
}

// JSON writes the plan of one exchange as one line of JSON.
func JSON(w io.Writer, p *troubleshoot.Plan) error {
	return WriteJSON(w, documentOf(p))
}

// WriteJSON writes a value as one line of JSON that is inert on a terminal:
// control and formatting characters are escaped.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err := w.Write(escapeHidden(b.Bytes()))
	return err
}

// escapeHidden escapes what encoding/json leaves as it is: C1 controls, formatting
// characters such as bidirectional overrides, and marks that pile up.
func escapeHidden(text []byte) []byte {
	var out []byte
	last, marks := 0, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if marks = piled(marks, r); r != '\n' && exchange.Hidden(r) || marks > maxMarks {
			out = append(out, text[last:i]...)
			if r > 0xffff {
				r -= 0x10000
				out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			last = i + size
		}
		i += size
	}
	if last == 0 {
		return text
	}
	return append(out, text[last:]...)
}

func documentOf(p *troubleshoot.Plan) document {
	ex := p.Exchange
	d := document{
		Schema:    DiagnosisSchema,
		Source:    sourceJSON{string(ex.Source.Kind), ex.Source.Name, ex.Source.Index, ex.Source.Line},
		Request:   requestJSON{Environment: string(p.Environment), Endpoint: p.OperationID(), Auth: string(p.Auth)},
		Class:     string(p.Class),
		Summary:   p.Summary,
		Findings:  []findingJSON{},
		Checklist: []itemJSON{},
		Corrected: p.Corrected,
		Retry:     retryJSON{p.Retry.Advice, p.Retry.AfterSeconds, p.Retry.Safe, p.Retry.Why},
		Probes:    probesJSON(p.Probes),
	}
	for _, n := range ex.Notes {
		d.Notes = append(d.Notes, exchange.MaskForms(n))
	}
	if ex.Request != nil {
		d.Request.Method, d.Request.URL = ex.Request.Method.String(), ex.Request.URL.String()
	}
	if ex.Response != nil {
		d.Response = &responseJSON{ex.Response.Status, maskedCode(p), maskedReason(p)}
	}
	for _, a := range p.Advice {
		l := a.Location
		d.Findings = append(d.Findings, findingJSON{
			a.ID, a.Severity.String(), a.Title, a.Evidence,
			locationJSON{string(l.Part), l.Name, l.Pointer, l.Line, l.Column},
			a.Fix, a.Docs,
		})
	}
	for _, c := range p.Checklist {
		d.Checklist = append(d.Checklist, itemJSON{c.ID, c.Text, c.State.String(), c.Because, c.Finding, c.Verify})
	}
	return d
}
