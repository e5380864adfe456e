package cmd

import (
	"fmt"
	"strings"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

// unsentText is the request of a dry run as it would be sent, as HTTP and as a curl
// command, secrets masked. It returns "" if the output is for programs.
func (s *shared) unsentText(ex *exchange.Exchange) string {
	if s.output == "markdown" { // it is passed on
		ex = ex.Shared()
	}
	message := strings.Join(httpLines(ex.Request), "\n")
	command := ""
	if ex.Source.Local == "" { // the simulator ends with the process, curl can't reach it
		command = ex.Request.CurlCommand(false, api.FindHost(ex.Request.URL.Host).Ours())
	}
	switch s.output {
	case "markdown":
		text := "\n" + report.Fence("http", message)
		if command != "" {
			text += "\n" + report.Fence("sh", command)
		}
		return text
	case "text":
		text := "\n" + labelled("sends", message)
		if command != "" {
			text += "\n" + labelled("curl", command)
		}
		return text
	}
	return ""
}

// labelled writes lines beside a label.
func labelled(label, text string) string {
	var b strings.Builder
	for l := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight(fmt.Sprintf("  %-10s%s", label, report.Plain(l)), " ") + "\n")
		label = ""
	}
	return b.String()
}

// httpLines are the request line, headers and body of a request.
func httpLines(r *exchange.Request) []string {
	target := r.URL
	path := strings.TrimPrefix(target.String(), target.Scheme+"://"+target.Authority())
	lines := []string{r.Method.String() + " " + path + " HTTP/1.1", "host: " + exchange.MaskText(target.Authority())}
	for _, f := range r.Header {
		if !strings.EqualFold(f.Name, "host") {
			lines = append(lines, strings.ToLower(exchange.MaskText(f.Name))+": "+f.Value.String())
		}
	}
	if r.Body.Present() {
		lines = append(append(lines, ""), bodyLines(r.Body)...)
	}
	return lines
}
