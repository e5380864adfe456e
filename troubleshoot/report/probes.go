package report

import (
	"strconv"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
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

// probes shows the calls that were made, each with its response and what it proves.
func (w *writer) probes() {
	var rows []row
	for i := range w.p.Probes {
		probe := &w.p.Probes[i]
		switch {
		case w.style.Verbose || probe.State != diagnose.OK && !w.said(probe.Proves):
			rows = append(rows, row{kind: item, state: probe.State, text: probeWords(probe) + ": " + probe.Proves})
		default:
			rows = append(rows, row{kind: inline, state: probe.State, text: probeWords(probe)})
		}
	}
	w.add("probed", rows...)
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
