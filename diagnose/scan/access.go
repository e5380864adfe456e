package scan

import (
	"bytes"

	"immersve-doctor/diagnose/capture/pattern"
)

// This file reads the access logs that are no JSON: the common and the combined
// format of Apache and nginx, with a virtual host before and anything behind;
// Envoy's, Traefik's; those of AWS load balancers; and CloudFront's.

// access reads an access-log line; ok is false when it is none.
func access(line []byte, e *entry) bool {
	quote := bytes.IndexByte(line, '"')
	if quote < 0 {
		return cloudFront(line, e)
	}
	if quote == 0 {
		return false
	}
	end := quote + 1
	for end < len(line) && line[end] != '"' {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(line) {
		return false
	}
	method, target, ok := requestLine(line[quote+1 : end])
	if !ok {
		return garbled(line[:quote], line[end+1:], e)
	}
	*e = entry{method: method, target: target}
	if balancer(line[:quote], e) {
		return true
	}
	return accessHead(line[:quote], e) && accessStatus(line[end+1:], e)
}

// requestLine reads "GET /api/cards HTTP/1.1"; HTTP/0.9 is not met any more, so
// the version must be there.
func requestLine(text []byte) (method, target []byte, ok bool) {
	first := bytes.IndexByte(text, ' ')
	if first < 0 || !isMethod(text[:first]) {
		return nil, nil, false
	}
	rest := text[first+1:]
	last := bytes.LastIndexByte(rest, ' ')
	if last < 1 || !hasPrefix(rest[last+1:], "HTTP/") {
		return nil, nil, false
	}
	return text[:first], rest[:last], true
}

// garbled accepts the line of a request that the server could not read ("-", or
// bytes of TLS): it has a time and a status all the same.
func garbled(head, tail []byte, e *entry) bool {
	*e = entry{}
	return accessHead(head, e) && e.when != 0 && accessStatus(tail, e)
}

// accessHead reads what stands before the request: addresses, and the time in
// brackets.
func accessHead(head []byte, e *entry) bool {
	open := bytes.IndexByte(head, '[')
	if open < 0 {
		return false
	}
	shut := bytes.IndexByte(head[open:], ']')
	if shut < 0 {
		return false
	}
	if e.when = pattern.Moment(head[open+1 : open+shut]); e.when == 0 {
		return false
	}
	first := bytes.IndexByte(head, ' ')
	if open == 0 || first < 0 {
		return true
	}
	word := head[:first]
	rest := head[first+1:]
	if second := bytes.IndexByte(rest, ' '); second > 0 && rest[0] != '-' && isAddress(rest[:second]) && !isAddress(word) {
		e.host, word = word, rest[:second] // the virtual host goes first
	}
	if isAddress(word) {
		e.address = word
	}
	return true
}

// isAddress knows IPv4 and IPv6 addresses by their characters.
func isAddress(word []byte) bool {
	marks := 0
	for _, c := range word {
		switch {
		case c == '.' || c == ':':
			marks++
		case isDigit(c), 'a' <= c|0x20 && c|0x20 <= 'f':
		default:
			return false
		}
	}
	return marks >= 2
}

func accessStatus(tail []byte, e *entry) bool {
	tail = bytes.TrimLeft(tail, " ")
	if len(tail) < 3 || len(tail) > 3 && tail[3] != ' ' {
		return false
	}
	status, ok := statusOf(tail[:3])
	e.status = status
	return ok
}

// balancer reads the head of a line of an AWS application load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html):
// type, time, balancer, client, target, three times, status, target's status.
func balancer(head []byte, e *entry) bool {
	var words [9][]byte
	for i := range words {
		space := bytes.IndexByte(head, ' ')
		if space < 0 {
			return false
		}
		words[i], head = head[:space], head[space+1:]
	}
	switch string(words[0]) {
	case "http", "https", "h2", "ws", "wss", "grpcs":
	default:
		return false
	}
	status, ok := statusOf(words[8])
	e.when = pattern.Moment(words[1])
	if !ok || e.when == 0 {
		return false
	}
	e.status, e.address = status, words[3]
	return true
}

// cloudFront reads a line of a CloudFront standard log: tabs between date, time,
// edge, bytes, address, method, host, path, status.
func cloudFront(line []byte, e *entry) bool {
	var words [9][]byte
	for i := range words {
		tab := bytes.IndexByte(line, '\t')
		if tab < 0 {
			return false
		}
		words[i], line = line[:tab], line[tab+1:]
	}
	if len(words[0]) != 10 || !isMethod(words[5]) {
		return false
	}
	status, ok := statusOf(words[8])
	when := pattern.Moment(append(append(append(make([]byte, 0, 20), words[0]...), 'T'), words[1]...))
	if !ok || when == 0 {
		return false
	}
	*e = entry{status: status, when: when, method: words[5], target: words[7], host: words[6], address: words[4]}
	return true
}
