package scan

import (
	"bytes"

	"immersve-doctor/diagnose/capture/pattern"
)

// This file reads what stands around a record on its line.

// before adds what stands before a record on its line: the time that Docker,
// Kubernetes and loggers put there, and the request that a message names.
func (e *entry) before(text []byte) {
	if e.when == 0 {
		e.when = timeIn(text)
	}
	if len(e.method) > 0 || len(e.target) > 0 {
		return
	}
	words := bytes.Fields(text)
	for i, word := range words[:max(len(words)-1, 0)] {
		if target := bytes.TrimRight(words[i+1], ":,;)"); word[0] < 'a' && isMethod(word) && isTarget(target) {
			e.method, e.target = word, target
		}
	}
}

// timeIn finds a date with its time among the first words of a text.
func timeIn(text []byte) int64 { return pattern.TimeIn(string(text[:min(len(text), maxPrefix)])) }

// unprefixed returns what follows the words that Kubernetes, container runtimes
// and Docker Compose put before each line of a log, nil when there are none.
func unprefixed(line []byte) (prefix, rest []byte) {
	head := line[:min(len(line), maxPrefix)]
	for _, mark := range []string{" stdout F ", " stderr F ", " | ", "] "} {
		if i := bytes.Index(head, []byte(mark)); i > 0 && isPrintable(head[:i]) {
			return line[:i], bytes.TrimLeft(line[i+len(mark):], " ")
		}
	}
	if i := bytes.IndexByte(head, ' '); i > 0 && timeIn(head[:i]) != 0 {
		return line[:i], line[i+1:]
	}
	return nil, nil
}

// codeIn finds the errorCode in a message that quotes the answer's body, whole
// or as a string in a string. A body that tells another status is another
// answer's.
func codeIn(text []byte, status int) []byte {
	i := bytes.Index(text, []byte(`errorCode`))
	if i < 0 {
		return nil
	}
	code := bytes.TrimLeft(text[i+len(`errorCode`):], `\": `)
	end := 0
	for end < len(code) && (code[end] == '_' || 'A' <= code[end] && code[end] <= 'Z' || isDigit(code[end])) {
		end++
	}
	if !isCode(code[:end]) {
		return nil
	}
	if j := bytes.Index(text, []byte(`statusCode`)); j >= 0 {
		told := bytes.TrimLeft(text[j+len(`statusCode`):], `\": `)
		if n, ok := statusOf(told[:min(3, len(told))]); ok && n != status {
			return nil
		}
	}
	return code[:end]
}
