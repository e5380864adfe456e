package capture

import (
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// This file takes away what programs add to a text that they pass on: a time or a
// name before every line, the entities of HTML, no-break spaces, blanks up to the
// width of a screen, a blank line behind every line. Each is looked for by what no
// capture has, and taken away everywhere once it is found.

// uncopied returns a text as it was before it was passed on. spaced tells that a
// blank line stood behind every line.
func uncopied(text string) (plain string, spaced bool) {
	text = unescapedHTML(plainSpaces(unquotedString(text)))
	text = printedBodies(straightQuotes(unpadded(unprefixed(text))))
	return singleSpaced(withoutHeaderJSON(text))
}

// showsMessage reports whether a line begins a message in curl's output.
func showsMessage(line string) bool {
	line = contentOf(line)
	return isSent(line) || isReceived(line) || isStatusLine(line)
}

// head is what of a text is looked at to learn how it was passed on.
func head(text string) string { return text[:min(len(text), headSize)] }

// unquotedString undoes the quotes of a text that is one JSON string.
func unquotedString(text string) string {
	trimmed := strings.TrimSpace(text)
	if len(trimmed) < 2 || trimmed[0] != '"' || !exchange.ValidJSON([]byte(trimmed)) {
		return text
	}
	inner := strings.ReplaceAll(gjson.Parse(trimmed).String(), "\r\n", "\n")
	if anyLine(head(inner), func(l string) bool { return showsMessage(l) || isRequestLine(l) }) || looksLikeError(head(inner)) {
		return inner
	}
	return text
}

// plainSpaces undoes no-break spaces where they stand in the first lines of
// messages: elsewhere they may be content.
func plainSpaces(text string) string {
	const wide = "\u00a0"
	if !strings.Contains(text, wide) {
		return text
	}
	if !anyLine(head(text), func(l string) bool {
		return strings.Contains(l, wide) && !showsMessage(l) && showsMessage(strings.ReplaceAll(l, wide, " "))
	}) {
		return text
	}
	return strings.ReplaceAll(text, wide, " ")
}

// unescapedHTML undoes entities where they stand for curl's signs or for the
// quotes of an error body.
func unescapedHTML(text string) string {
	if !strings.Contains(text, "&gt;") && !strings.Contains(text, "&lt;") && !strings.Contains(text, "&quot;") {
		return text
	}
	entities := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&apos;", "'", "&nbsp;", " ", "&amp;", "&")
	sign := anyLine(head(text), func(l string) bool {
		return (strings.HasPrefix(l, "&gt; ") || strings.HasPrefix(l, "&lt; ")) && showsMessage(entities.Replace(l))
	})
	if !sign && (looksLikeError(text) || !looksLikeError(entities.Replace(head(text)))) {
		return text
	}
	return entities.Replace(text)
}

// straightQuotes undoes the quotes of word processors in an error body: what came
// from the API had straight ones.
func straightQuotes(text string) string {
	for _, name := range []string{"errorCode", "statusCode", "errorMessage"} {
		if strings.Contains(text, "“"+name+"”") || strings.Contains(text, "”"+name+"”") {
			return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "‟", `"`).Replace(text)
		}
	}
	return text
}

// unpadded drops the blanks behind lines that all fill the same width.
func unpadded(text string) string {
	width, lines := -1, 0
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if lines++; width < 0 {
			width = len(line)
		}
		if len(line) < width || !strings.HasSuffix(line, " ") && lines == 1 {
			return text
		}
	}
	if lines < 3 {
		return text
	}
	return eachLine(text, func(line string) string { return strings.TrimRight(line, " ") })
}

// singleSpaced drops the blank line behind every line of a message.
func singleSpaced(text string) (single string, spaced bool) {
	if !strings.Contains(text, "\n\n") || !anyLine(head(text), showsMessage) {
		return text, false
	}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		if n%2 == 1 && strings.TrimSpace(line) != "" {
			return text, false
		}
		n++
	}
	if n < 8 {
		return text, false
	}
	n = 0
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if n%2 == 0 {
			b.WriteString(line + "\n")
		}
		n++
	}
	return strings.TrimSuffix(b.String(), "\n"), true
}

// withoutHeaderJSON blanks the object that curl -w '%{header_json}' writes: every
// member an array of texts, one of them a field that every answer has.
func withoutHeaderJSON(text string) string {
	for range maxStreams {
		at := strings.Index(text, `":["`)
		if at < 0 || !strings.Contains(text, `"date":["`) && !strings.Contains(text, `"content-type":["`) {
			return text
		}
		start := strings.LastIndexByte(text[:at], '{')
		if start < 0 {
			return text
		}
		end := start + objectEnd(text[start:])
		if !isHeaderJSON(text[start:end]) {
			return text
		}
		text = text[:start] + strings.Repeat("\n", strings.Count(text[start:end], "\n")) + text[end:]
	}
	return text
}

func isHeaderJSON(object string) bool {
	if !exchange.ValidJSON([]byte(object)) {
		return false
	}
	all := true
	gjson.Parse(object).ForEach(func(_, value gjson.Result) bool {
		all = value.IsArray() && !strings.ContainsAny(value.Raw, "{") && value.Get("0").Type == gjson.String
		return all
	})
	return all
}

// isTiming knows a line of times, sizes and speeds that curl -w wrote.
func isTiming(line string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
	value = strings.TrimSuffix(strings.TrimSpace(value), "s")
	if !ok || value == "" || strings.Trim(value, "0123456789.") != "" {
		return strings.Trim(line, " -=") == "" && len(line) >= 4
	}
	for _, start := range []string{"time_", "size_", "speed_", "num_"} {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// isClock knows what the shell's word time writes.
func isClock(line string) bool {
	name, value, ok := strings.Cut(line, "\t")
	return ok && (name == "real" || name == "user" || name == "sys") && strings.HasSuffix(value, "s")
}

// eachLine puts another line in the place of each.
func eachLine(text string, change func(string) string) string {
	var b strings.Builder
	b.Grow(len(text) + 1)
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(change(line))
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// unprefixed drops what stands before every line: a time, the name of a container.
// It is learnt from the first line that shows a message behind it.
func unprefixed(text string) string {
	start := head(text)
	if anyLine(start, func(l string) bool { return showsMessage(l) || isTraceMark(l) }) {
		return text
	}
	shape := ""
	anyLine(start, func(l string) bool {
		shape = shapeBefore(l)
		return shape != ""
	})
	if shape == "" {
		return text
	}
	lines, shaped := 0, 0
	for line := range strings.SplitSeq(start, "\n") {
		if strings.TrimSpace(line) != "" {
			lines++
		}
		if shapeLength(line, shape) > 0 {
			shaped++
		}
	}
	if shaped < 2 || shaped*2 < lines {
		return text
	}
	return eachLine(text, func(line string) string { return line[shapeLength(line, shape):] })
}

func isTraceMark(line string) bool {
	return strings.Contains(line, "=> Send ") || strings.Contains(line, "<= Recv ")
}

// maxPrefix bounds what stands before a line.
const maxPrefix = 160

// shapeBefore returns the shape of what stands before a message's first line, ""
// where none stands in this line, or nothing before it, or a sentence or content.
func shapeBefore(line string) string {
	at := messageIn(line)
	if at <= 0 {
		return ""
	}
	prefix := line[:at]
	if strings.ContainsAny(prefix, "\"'{}<>*`") || strings.Trim(prefix, " \t") == "" || !strings.ContainsAny(prefix, "0123456789|]:") {
		return ""
	}
	return shapeOf(prefix)
}

// messageIn finds where in a line a message begins.
func messageIn(line string) int {
	part := line[:min(len(line), maxPrefix+200)]
	for _, sign := range []string{"> ", "< ", "HTTP/"} {
		if i := strings.Index(part, sign); i >= 0 && i <= maxPrefix && (i == 0 || line[i-1] != '-') && showsMessage(line[i:]) {
			return i
		}
	}
	return -1
}

// shapeOf is a text with every number written 0 and every gap as one blank.
func shapeOf(prefix string) string {
	var b strings.Builder
	for i := 0; i < len(prefix); i++ {
		c := kindOf(prefix[i])
		if (c == '0' || c == ' ') && i > 0 && kindOf(prefix[i-1]) == c {
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func kindOf(c byte) byte {
	if '0' <= c && c <= '9' {
		return '0'
	}
	return c
}

// shapeLength returns how much of the beginning of a line has a shape; 0 for none.
// The last blank is one only, what follows it is content, and is missing where the
// line had none.
func shapeLength(line, shape string) int {
	at := 0
	for i := 0; i < len(shape); i++ {
		last := i == len(shape)-1
		if at == len(line) {
			if last && shape[i] == ' ' {
				return at
			}
			return 0
		}
		if kindOf(line[at]) != shape[i] {
			return 0
		}
		for at++; !last && (shape[i] == '0' || shape[i] == ' ') && at < len(line) && kindOf(line[at]) == shape[i]; {
			at++
		}
	}
	return at
}
