package cmd_test

import (
	"fmt"
	"strings"
)

// This file writes specimens as the tools write them that have more than one way
// of doing so, or much to write.

// trace is what curl --trace-ascii (width 64) or curl --trace (width 16) writes: the
// request's header section as one event, the response's line by line.
func (s *specimen) trace(width int) string {
	var b strings.Builder
	crlf := func(text string) string {
		return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	b.WriteString("== Info: Connected to " + s.host + " (127.0.0.1) port 443 (#0)\n")
	dump(&b, "=> Send header", crlf(s.request("")), width)
	dump(&b, "=> Send data", s.reqBody, width)
	for line := range strings.SplitAfterSeq(crlf(s.response("")), "\r\n") {
		if line != "" {
			dump(&b, "<= Recv header", line, width)
		}
	}
	dump(&b, "<= Recv data", s.respBody, width)
	b.WriteString("== Info: Connection #0 to host " + s.host + " left intact\n")
	return b.String()
}

// dump writes an event as curl does: sixteen bytes in hexadecimal with their
// characters, or 64 characters, where CRLF begins a new line. What cannot be printed
// is a dot.
func dump(b *strings.Builder, what, text string, width int) {
	fmt.Fprintf(b, "%s, %d bytes (0x%x)\n", what, len(text), len(text))
	for i := 0; i < len(text); {
		row := text[i:min(len(text), i+width)]
		next := i + width
		if at := strings.Index(text[i:min(len(text), i+width+2)], "\r\n"); width == 64 && at >= 0 {
			row, next = row[:min(at, len(row))], i+at+2
		}
		fmt.Fprintf(b, "%04x: ", i)
		if width == 16 {
			for j := range width {
				if j < len(row) {
					fmt.Fprintf(b, "%02x ", row[j])
				} else {
					b.WriteString("   ")
				}
			}
		}
		for j := range len(row) {
			if row[j] < ' ' || row[j] > '~' {
				b.WriteByte('.')
			} else {
				b.WriteByte(row[j])
			}
		}
		b.WriteByte('\n')
		i = next
	}
}

func (s *specimen) httpFile() string {
	return "### card\n@secret = x\n" + s.method + " " + s.url() + "\n" + headerLines(s.reqHeader) + "\n" + s.reqBody + "\n\n" + s.response("") + s.respBody + "\n"
}

// variables are a specimen's request in pieces, as people keep them in files of
// variables: under the names of the fields, the body as it is.
func (s *specimen) variables() [][2]string {
	s = s.filled(braces)
	list := [][2]string{{"base", strings.TrimSuffix(s.url(), s.target())}, {"target", s.target()}}
	for i, f := range s.reqHeader {
		list = append(list, [2]string{fmt.Sprintf("field%d", i), line(f[1])})
	}
	return append(append(list, [2]string{"content", line(s.reqBody)}), s.vars...)
}

func (s *specimen) references() string {
	var b strings.Builder
	b.WriteString(s.method + " {{base}}{{target}}\n")
	for i, f := range s.reqHeader {
		fmt.Fprintf(&b, "%s: {{field%d}}\n", f[0], i)
	}
	return b.String() + "\n{{content}}\n"
}

func (s *specimen) httpFileVariables() string {
	var b strings.Builder
	for _, v := range s.variables() {
		b.WriteString("@" + v[0] + " = " + v[1] + "\n")
	}
	return b.String() + "\n### card\n# @name card\n" + s.references()
}

// environment is a specimen's variables as Postman exports them.
func (s *specimen) environment() string {
	return marshal(map[string]any{"name": "test", "values": postmanValues(s.variables())})
}

func postmanValues(variables [][2]string) []any {
	var list []any
	for _, v := range variables {
		list = append(list, map[string]any{"key": v[0], "value": v[1], "enabled": true})
	}
	return list
}

func (s *specimen) postmanRequest() map[string]any {
	header := []any{}
	for _, f := range s.reqHeader {
		header = append(header, map[string]string{"key": f[0], "value": f[1]})
	}
	return map[string]any{"method": s.method, "url": map[string]any{"raw": s.url()}, "header": header, "body": map[string]any{"mode": "raw", "raw": s.reqBody}}
}

func (s *specimen) postmanResponse() map[string]any {
	header := []any{}
	for _, f := range s.respHeader {
		header = append(header, map[string]string{"key": f[0], "value": f[1]})
	}
	return map[string]any{"name": "x", "code": s.status, "status": s.phrase, "body": s.respBody, "header": header}
}

func collection(item, variables any) string {
	return marshal(map[string]any{
		"info": map[string]string{"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
		"item": []any{item}, "variable": variables,
	})
}

func (s *specimen) postman() string {
	return collection(map[string]any{"name": "create", "request": s.postmanRequest(), "response": []any{s.postmanResponse()}}, nil)
}

// postmanSaved has the request only where it was saved with its response.
func (s *specimen) postmanSaved() string {
	saved := s.postmanResponse()
	saved["originalRequest"] = s.postmanRequest()
	return collection(map[string]any{"name": "create", "request": map[string]any{"method": "GET", "url": "{{base}}/x"}, "response": []any{saved}}, nil)
}

func (s *specimen) postmanVariables() string {
	header := []any{}
	for i, f := range s.reqHeader {
		header = append(header, map[string]string{"key": f[0], "value": fmt.Sprintf("{{field%d}}", i)})
	}
	request := map[string]any{"method": s.method, "url": "{{base}}{{target}}", "header": header, "body": map[string]any{"mode": "raw", "raw": "{{content}}"}}
	return collection(map[string]any{"name": "create", "request": request, "response": []any{s.postmanResponse()}}, postmanValues(s.variables()))
}

// newman is the report of newman -r json.
func (s *specimen) newman() string {
	response := s.postmanResponse()
	response["stream"] = map[string]any{"type": "Buffer", "data": bytesOf(s.respBody)}
	delete(response, "body")
	request := s.postmanRequest()
	item := map[string]any{"id": "1", "name": "create", "request": request, "response": []any{}}
	return marshal(map[string]any{
		"collection": map[string]any{"info": map[string]string{"name": "c"}, "item": []any{item}},
		"run":        map[string]any{"executions": []any{map[string]any{"id": "1", "item": item, "request": request, "response": response}}},
	})
}

func bytesOf(text string) []int {
	list := []int{}
	for i := range len(text) {
		list = append(list, int(text[i]))
	}
	return list
}

// httpie is what HTTPie shows on a terminal, below the command.
func (s *specimen) httpie() string {
	coloured := func(message string) string {
		var b strings.Builder
		for row := range strings.SplitSeq(message, "\n") {
			if name, value, ok := strings.Cut(row, ": "); ok {
				row = "\x1b[36m" + name + "\x1b[39;49;00m: " + value
			}
			b.WriteString(row + "\n")
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
	return "$ http --verbose " + s.method + " " + quoted(s.url()) + "\n" + coloured(s.request("")) + "\x1b[33m" + s.reqBody + "\x1b[39;49;00m\n\n\n" + coloured(s.response("")) + s.respBody + "\n"
}

func (s *specimen) wget() string {
	return "$ wget -S --post-data=" + quoted(s.reqBody) + " " + quoted(s.url()) + "\n--2026-11-23 10:44:12--  " + s.url() + "\nConnecting to " + s.host + ":443... connected.\nHTTP request sent, awaiting response... \n" + s.response("  ") + s.respBody
}

func (s *specimen) wgetDebug() string {
	return "Setting --body-data (bodydata) to " + s.reqBody + "\nDEBUG output created by Wget 1.21.3 on linux-gnu.\n\n--2026-11-23 10:44:12--  " + s.url() + "\nConnecting to " + s.host + ":443... connected.\nCreated socket 3.\n\n---request begin---\n" + s.request("") + "---request end---\n[BODY data: " + s.reqBody + "]\nHTTP request sent, awaiting response... \n---response begin---\n" + s.response("") + "---response end---\n\n" + s.response("  ") + "Registered socket 3 for persistent reuse.\nSkipping 109 bytes of body: [" + s.respBody + "] done.\n\n2026-11-23 10:44:12 ERROR 403: " + s.phrase + ".\n"
}
