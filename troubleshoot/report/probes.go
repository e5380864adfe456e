package report

import (
	"fmt"
	"strconv"
	"strings"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// probeJSON is a read-only call that was made to settle more. Status is 0 when no
// response came; with says how its header differed from the failing call's.
type probeJSON struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	With   string `json:"with"`
	Status int    `json:"status"`
	State  string `json:"verdict"` // ok, problem, unknown
	Proves string `json:"proves"`
}

func probesJSON(probes []diagnose.Probe) []probeJSON {
	var list []probeJSON
	for i := range probes {
		p := &probes[i]
		list = append(list, probeJSON{p.Method, exchange.MaskText(p.URL), p.With, p.Status, p.State.String(), p.Proves})
	}
	return list
}

// probes shows the calls that were made, each with its answer and what it proves.
func (t *text) probes(p *troubleshoot.Plan) {
	if len(p.Probes) == 0 {
		return
	}
	t.block()
	label := "probed"
	for i := range p.Probes {
		t.probe(label, &p.Probes[i])
		label = ""
	}
}

func (t *text) probe(label string, p *diagnose.Probe) {
	mark := t.mark(p.State)
	width := columns(mark) + 1
	indent := strings.Repeat(" ", margin+width)
	words := t.ascii(Plain(probeWords(p) + ": " + p.Proves))
	for i, l := range Wrap(words, t.style.Width-margin-width) {
		if i == 0 {
			t.line(t.label(label) + mark + " " + l)
		} else {
			t.line(indent + t.faint.Sprint(l))
		}
	}
}

// probeWords is a call with its answer: "GET /api/currencies → 200".
func probeWords(p *diagnose.Probe) string {
	url := exchange.ParseURL(p.URL)
	target := url.Path
	if url.HasQuery {
		target += "?" + url.RawQuery
	}
	words := p.Method + " " + shortIDs(exchange.MaskText(target))
	if p.With != "" {
		words += " with " + p.With
	}
	status := "no response"
	if p.Status != 0 {
		status = strconv.Itoa(p.Status)
	}
	return words + " → " + status
}

func markdownProbes(b *strings.Builder, p *troubleshoot.Plan) {
	if len(p.Probes) == 0 {
		return
	}
	b.WriteString("### Probed\n\n")
	for i := range p.Probes {
		fmt.Fprintf(b, "- %s: %s\n", Code(probeWords(&p.Probes[i])), Escape(p.Probes[i].Proves))
	}
	b.WriteString("\n")
}
