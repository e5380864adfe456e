package capture

import "strings"

// This file knows curl's progress meter, which standard error mixes into
// captures: headings, then one line that carriage returns rewrite. curl --parallel
// has a meter of its own.

// isMeter reports whether a line is nothing but the meter.
func isMeter(line string) bool { return strings.TrimSpace(line) != "" && contentOf(line) == "" }

// contentOf returns what a line holds besides the meter.
func contentOf(line string) string {
	if !strings.Contains(line, "  ") && !strings.Contains(line, "\r") {
		return line
	}
	trimmed := strings.TrimSpace(line)
	for _, heading := range []string{"% Total    % Received", "Dload  Upload", "DL% UL%  Dled"} {
		if strings.HasPrefix(trimmed, heading) {
			return ""
		}
	}
	if !strings.Contains(line, "\r") {
		return behindMeter(line)
	}
	var kept strings.Builder
	for part := range strings.SplitSeq(strings.TrimRight(line, "\r"), "\r") {
		kept.WriteString(behindMeter(part))
	}
	if kept.Len() == len(line)-strings.Count(line, "\r") { // no meter: its carriage returns are content
		return line
	}
	return kept.String()
}

// The columns of the two meters: p a percentage, n a number or a size, t a time.
const (
	meterColumns    = "nnnnnnnntttn"
	parallelColumns = "ppnnnntttn"
)

// behindMeter returns the text behind the columns of a meter, the whole line
// where there is no meter.
func behindMeter(line string) string {
	for _, columns := range []string{meterColumns, parallelColumns} {
		if rest, ok := behindColumns(line, columns); ok {
			return rest
		}
	}
	return line
}

func behindColumns(line, columns string) (rest string, ok bool) {
	rest = strings.TrimLeft(line, " ")
	for i := range columns {
		word, after, _ := strings.Cut(rest, " ")
		last := i == len(columns)-1
		if last {
			word = leadingNumber(rest)
			after = rest[len(word):]
		}
		if !isMeterWord(word, columns[i]) {
			return "", false
		}
		rest = after
		if !last {
			rest = strings.TrimLeft(rest, " ")
		}
	}
	return strings.TrimLeft(rest, " "), true
}

// isMeterWord knows what stands in a column.
func isMeterWord(word string, column byte) bool {
	switch column {
	case 'p':
		return word == "--" || word != "" && strings.Trim(word, "0123456789") == ""
	case 't':
		return strings.ContainsAny(word, ":d") && strings.Trim(word, "0123456789:-dh") == ""
	}
	number := leadingNumber(word)
	return number != "" && number == word
}

// leadingNumber returns the number with its unit that a text begins with: "0",
// "1234", "12.3k".
func leadingNumber(s string) string {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	if i > 0 && i < len(s) && strings.IndexByte("kMGTP", s[i]) >= 0 {
		i++
	}
	return s[:i]
}

// withoutMeter drops meter lines from a body.
func withoutMeter(body string) string {
	if !strings.Contains(body, "--:--:--") && !strings.Contains(body, "% Received") && !strings.Contains(body, " 0:00:") && !strings.Contains(body, "DL% UL%") {
		return body
	}
	var kept []string
	for line := range strings.SplitSeq(body, "\n") {
		content := contentOf(line)
		if content == "" && strings.TrimSpace(line) != "" {
			continue
		}
		kept = append(kept, content)
	}
	return strings.TrimSuffix(strings.Join(kept, "\n"), "\n")
}
