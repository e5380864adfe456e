package capture

import "strings"

// This file knows curl's progress meter, which standard error mixes into
// captures: two lines of headings, then one line that carriage returns rewrite.

// isMeter reports whether a line is nothing but the meter.
func isMeter(line string) bool { return strings.TrimSpace(line) != "" && contentOf(line) == "" }

// contentOf returns what a line holds besides the meter.
func contentOf(line string) string {
	if !strings.Contains(line, "  ") && !strings.Contains(line, "\r") {
		return line
	}
	if i := strings.LastIndexByte(strings.TrimRight(line, "\r"), '\r'); i >= 0 {
		line = line[i+1:]
	}
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "% Total    % Received") || strings.HasPrefix(trimmed, "Dload  Upload") {
		return ""
	}
	return behindMeter(line)
}

// behindMeter returns the text behind the meter's twelve columns, the whole line
// where there is no meter.
func behindMeter(line string) string {
	rest := strings.TrimLeft(line, " ")
	for column := range 12 {
		word, after, _ := strings.Cut(rest, " ")
		last := column == 11
		if last {
			word = leadingNumber(rest)
			after = rest[len(word):]
		}
		if !isMeterWord(word, column) {
			return line
		}
		rest = after
		if !last {
			rest = strings.TrimLeft(rest, " ")
		}
	}
	return strings.TrimLeft(rest, " ")
}

// isMeterWord knows a column of the meter: sizes and percents, or the three
// times in columns 8 to 10 (from 0).
func isMeterWord(word string, column int) bool {
	if column >= 8 && column <= 10 {
		return strings.Contains(word, ":") && strings.Trim(word, "0123456789:-d") == "" || column == 8 && strings.Trim(word, "0123456789-:dh") == "" && word != ""
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
	if !strings.Contains(body, "--:--:--") && !strings.Contains(body, "% Received") && !strings.Contains(body, " 0:00:") {
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
