package scan

import (
	"bytes"

	"immersve-doctor/diagnose/capture/pattern"
)

// This file reads what HTTP clients and servers write as text besides access
// logs: urllib3 (which requests uses), httpx, uvicorn, HAProxy; and what stands
// around a record on its line.

// client reads such a line.
func client(line []byte, e *entry) bool {
	quote := bytes.IndexByte(line, '"')
	if quote < 1 || quote > maxPrefix*2 {
		return false
	}
	head, rest := line[:quote], line[quote+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return false
	}
	text, tail := rest[:end], rest[end+1:]
	if hasPrefix(text, "HTTP/") {
		return httpx(head, text, e)
	}
	method, target, ok := requestLine(text)
	if !ok {
		return false
	}
	*e = entry{method: method, target: target}
	return haproxy(head, e) || caller(head, e) && accessStatus(tail, e)
}

// httpx reads `HTTP Request: POST https://host/path "HTTP/1.1 403 Forbidden"`.
func httpx(head, statusLine []byte, e *entry) bool {
	_, rest, _ := bytes.Cut(statusLine, []byte(" "))
	*e = entry{}
	if !accessStatus(rest, e) {
		return false
	}
	e.before(head)
	return len(e.method) > 0
}

// caller reads the head of a line of urllib3, which ends with the host, or of
// uvicorn, which ends with the client's address and a dash.
func caller(head []byte, e *entry) bool {
	words := bytes.Fields(head)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	switch {
	case bytes.Contains(last, []byte("://")):
		i := max(bytes.LastIndex(last, []byte("http://")), bytes.LastIndex(last, []byte("https://")))
		if i < 0 {
			return false
		}
		scheme, host, _ := bytes.Cut(last[i:], []byte("://"))
		e.scheme, e.host = scheme, host
	case len(last) == 1 && last[0] == '-' && len(words) > 1 && isAddress(words[len(words)-2]):
		e.address = words[len(words)-2]
	default:
		return false
	}
	e.when = timeIn(head)
	return true
}

// haproxy reads the head of a line of HAProxy's HTTP log: client, [time],
// frontend, backend/server, five times, status.
func haproxy(head []byte, e *entry) bool {
	open := bytes.IndexByte(head, '[')
	if i := bytes.Index(head, []byte("]: ")); i > open && open >= 0 { // syslog's haproxy[14389]:
		head = head[i+3:]
		open = bytes.IndexByte(head, '[')
	}
	shut := bytes.IndexByte(head, ']')
	if open < 1 || shut < open {
		return false
	}
	before, words := bytes.Fields(head[:open]), bytes.Fields(head[shut+1:])
	when := pattern.Moment(head[open+1 : shut])
	if when == 0 || len(before) == 0 || len(words) < 4 || bytes.Count(words[2], []byte("/")) != 4 {
		return false
	}
	status, ok := statusOf(words[3])
	if !ok {
		return false
	}
	e.status, e.when = status, when
	if last := before[len(before)-1]; isAddress(last) {
		e.address = last
	}
	return true
}

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
func timeIn(text []byte) int64 {
	for n, i := 0, 0; n < 6 && i < len(text); n++ {
		end := wordEnd(text, i)
		if word := text[i:end]; len(word) == len("2026-11-26") && word[4] == '-' && end < len(text) {
			end = wordEnd(text, end+1)
		}
		word := bytes.Trim(text[i:end], "[]()|,;:")
		if len(word) > 10 && (word[4] == '-' || word[2] == '/' || word[1] == '/') {
			if when := pattern.Moment(word); when != 0 {
				return when
			}
		}
		i = end + 1
	}
	return 0
}

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
