// Package report turns a Plan into what the user gets: text, JSON, Markdown.
// There is one file per output. Everything that comes from a capture or a server
// passes through Plain before it is written.
package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
)

// Plain makes a text inert: control characters, escape sequences, bidirectional
// overrides, what is not seen, and invalid UTF-8 are shown as what they are instead
// of doing what they do. Marks that pile up on one letter beyond all writing are,
// too: they would cover the lines around.
func Plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		marks = piled(marks, r)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case exchange.Hidden(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case exchange.Hidden(r) || marks > maxMarks:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

func isPlain(s string) bool {
	marks := 0
	for _, r := range s {
		if marks = piled(marks, r); r == utf8.RuneError || exchange.Hidden(r) || marks > maxMarks {
			return false
		}
	}
	return true
}

// maxMarks is how many combining marks may stand on one letter; no language writes
// more than a few.
const maxMarks = 8

// piled counts the combining marks in a row.
func piled(before int, r rune) int {
	if r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	return before + 1
}

// target returns method and URL of the request, "" when nothing is known.
func target(p *troubleshoot.Plan) string {
	request := p.Exchange.Request
	if request == nil {
		return ""
	}
	return strings.TrimSpace(request.Method.String() + " " + request.URL.String())
}

// authWords says in words which credentials were sent.
func authWords(auth diagnose.Auth) string {
	switch auth {
	case diagnose.AuthBearer:
		return "bearer token"
	case diagnose.AuthKey:
		return "API key"
	case diagnose.AuthBoth:
		return "bearer token and API key"
	case diagnose.AuthNone:
		return "no credentials"
	}
	return ""
}

// circumstances are the environment and the credentials, as far as known.
func circumstances(p *troubleshoot.Plan) string {
	var words []string
	if p.Environment != api.EnvironmentUnknown {
		words = append(words, string(p.Environment))
	}
	credentials := authWords(p.Auth)
	if len(p.Exchange.Conceal()) > 0 {
		credentials = strings.TrimSpace(credentials + " (masked)")
	}
	if credentials != "" {
		words = append(words, credentials)
	}
	if r := p.Exchange.Response; r != nil && r.Elapsed > 0 {
		words = append(words, max(r.Elapsed.Round(time.Millisecond), time.Millisecond).String())
	}
	return strings.Join(words, " · ")
}

// occurrences says where an exchange was read, and how often the same failure was.
func occurrences(p *troubleshoot.Plan, s Style) string {
	source := p.Exchange.Source
	place := sourceName(source)
	switch n := len(p.Again); {
	case n > 0:
		var lines []string
		for _, line := range append([]int{source.Line}, p.Again...)[:min(n+1, maxPlaces)] {
			lines = append(lines, strconv.Itoa(line))
		}
		if n+1 > maxPlaces {
			lines = append(lines, "…")
		}
		place = fmt.Sprintf("%d times, lines %s", n+1, strings.Join(lines, ", "))
		if s.Sources {
			place = sourceName(exchange.Source{Name: source.Name}) + ": " + place
		}
	case !s.Sources && source.Index == 0, source.Name == "": // a call that was sent is at no place
		return ""
	}
	return fmt.Sprintf("%s (%s)", place, source.Kind)
}

// maxPlaces bounds the lines that are listed of identical failures.
const maxPlaces = 10

// place says where a finding is, in words.
func place(f *troubleshoot.Advice) string {
	l := f.Location
	if l.Part == "" {
		return ""
	}
	words := string(l.Part)
	if l.Part != check.RequestLine {
		words = strings.TrimPrefix(words, "request.")
	}
	words = strings.ReplaceAll(words, ".", " ")
	switch {
	case l.Line > 0 && l.Pointer != "":
		words += fmt.Sprintf(" %s, line %d, column %d", l.Pointer, l.Line, l.Column)
	case l.Line > 0:
		words += fmt.Sprintf(", line %d, column %d", l.Line, l.Column)
	case l.Pointer != "":
		words += " " + l.Pointer
	case l.Name != "":
		words += " " + l.Name
	}
	return exchange.MaskText(words)
}

// sourceName names the input that an exchange was read from.
func sourceName(s exchange.Source) string {
	name := s.Name
	if name == "-" {
		name = "stdin"
	}
	if s.Line > 1 && name != "" {
		return fmt.Sprintf("%s, line %d", name, s.Line)
	}
	return name
}

// maskedCode and maskedReason are the server's own words, secrets masked.
func maskedCode(p *troubleshoot.Plan) string { return exchange.MaskText(p.Error.Code) }

func maskedReason(p *troubleshoot.Plan) string { return exchange.MaskText(p.Error.Reason) }
