package cmd_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// specimen is an exchange before it becomes a capture: what the tests of trust
// plant into, in any of its places.
type specimen struct {
	method, userInfo, host, path, query string
	reqHeader                           [][2]string
	reqBody                             string
	status                              int
	phrase                              string
	respHeader                          [][2]string
	respBody                            string
}

func newSpecimen() *specimen {
	return &specimen{
		method: "POST", host: "test.immersve.com", path: "/api/cards", query: "limit=2",
		reqHeader:  [][2]string{{"accept", "*/*"}, {"content-type", "application/json"}, {"x-account-id", "d1bc97edfa4f7dc9b56726c7d82a9956"}},
		reqBody:    `{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae9","fundingSourceId":"aacde9b1aacde9b1aacde9b1aacde9b1"}`,
		status:     403,
		phrase:     "Forbidden",
		respHeader: [][2]string{{"content-type", "application/json"}, {"date", "Mon, 23 Nov 2026 10:44:12 GMT"}},
		respBody:   `{"statusCode":403,"errorCode":"KYC_REQUIRED","reason":"kyc is needed"}`,
	}
}

func (s *specimen) url() string {
	user := s.userInfo
	if user != "" {
		user += "@"
	}
	return "https://" + user + s.host + s.target()
}

func (s *specimen) target() string {
	if s.query == "" {
		return s.path
	}
	return s.path + "?" + s.query
}

func (s *specimen) request(prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s %s HTTP/1.1\n%sHost: %s\n", prefix, s.method, s.target(), prefix, s.host)
	for _, f := range s.reqHeader {
		fmt.Fprintf(&b, "%s%s: %s\n", prefix, f[0], f[1])
	}
	return b.String() + prefix + "\n"
}

func (s *specimen) response(prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sHTTP/1.1 %d %s\n", prefix, s.status, s.phrase)
	for _, f := range s.respHeader {
		fmt.Fprintf(&b, "%s%s: %s\n", prefix, f[0], f[1])
	}
	return b.String() + prefix + "\n"
}

// captures are the forms in which people have an exchange, one for each kind of
// the contract, whether this version reads it or not: an unread input is quoted
// in the message that says so.
func captures() map[string]func(*specimen) string {
	return map[string]func(*specimen) string{
		"curl-include": func(s *specimen) string { return s.response("") + s.respBody },
		"curl-verbose": func(s *specimen) string {
			return "* Connected to " + s.host + " (127.0.0.1) port 443\n" + s.request("> ") + "* upload completely sent off\n" + s.response("< ") + s.respBody
		},
		"curl-command-and-answer": func(s *specimen) string { return "$ " + s.curl() + "\n" + s.response("") + s.respBody },
		"curl-command":            (*specimen).curl,
		"curl-error":              func(s *specimen) string { return "curl: (6) Could not resolve host: " + s.host + s.target() + "\n" },
		"curl-write-out":          func(s *specimen) string { return s.respBody + fmt.Sprint(s.status) },
		"curl-trace":              (*specimen).trace,
		"body":                    func(s *specimen) string { return s.respBody },
		"request-body":            func(s *specimen) string { return s.reqBody },
		"raw-http":                func(s *specimen) string { return s.request("") + s.reqBody + "\n\n" + s.response("") + s.respBody },
		"har":                     (*specimen).har,
		"http-file": func(s *specimen) string {
			return "### card\n@secret = x\n" + s.method + " " + s.url() + "\n" + headerLines(s.reqHeader) + "\n" + s.reqBody + "\n"
		},
		"postman": (*specimen).postman,
		"httpie":  func(s *specimen) string { return s.request("") + s.reqBody + "\n\n\n" + s.response("") + s.respBody },
		"wget": func(s *specimen) string {
			return "--2026-11-23 10:44:12--  " + s.url() + "\nConnecting to " + s.host + ":443... connected.\nHTTP request sent, awaiting response... \n" + s.response("  ") + s.respBody
		},
		"log": func(s *specimen) string {
			return marshal(map[string]any{
				"time": "2026-11-23T10:44:12Z", "level": "error", "msg": "call failed: " + s.url(), "method": s.method, "url": s.url(), "status": s.status,
				"request": map[string]any{"headers": pairs(s.reqHeader), "body": s.reqBody}, "response": map[string]any{"headers": pairs(s.respHeader), "body": s.respBody},
			}) + "\n"
		},
		"access-log": func(s *specimen) string {
			return fmt.Sprintf("127.0.0.1 - - [23/Nov/2026:10:44:12 +0000] \"%s %s HTTP/1.1\" %d 12 \"%s\" \"curl/8\"\n", s.method, s.target(), s.status, s.url())
		},
		"text-log": func(s *specimen) string {
			return "2026-11-23T10:44:12Z ERROR " + s.method + " " + s.url() + " " + strings.ReplaceAll(headerLines(s.reqHeader), "\n", " ") + " body=" + s.reqBody + " -> " + fmt.Sprint(s.status) + " " + s.respBody + "\n"
		},
	}
}

func headerLines(h [][2]string) string {
	var b strings.Builder
	for _, f := range h {
		b.WriteString(f[0] + ": " + f[1] + "\n")
	}
	return b.String()
}

func pairs(h [][2]string) map[string]string {
	m := map[string]string{}
	for _, f := range h {
		m[f[0]] = f[1]
	}
	return m
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// arguments are the words of a curl command.
func (s *specimen) arguments() []string {
	args := []string{"-X", s.method, s.url()}
	for _, f := range s.reqHeader {
		args = append(args, "-H", f[0]+": "+f[1])
	}
	return append(args, "--data-raw", s.reqBody)
}

func (s *specimen) curl() string {
	words := []string{"curl"}
	for _, a := range s.arguments() {
		words = append(words, quoted(a))
	}
	return strings.Join(words, " ") + "\n"
}

// trace is what curl --trace-ascii writes: a line for each line of a header
// section, none longer than 64 characters, and dots for other control characters.
func (s *specimen) trace() string {
	var b strings.Builder
	dump := func(what, text string) {
		fmt.Fprintf(&b, "%s, %d bytes (0x%x)\n", what, len(text), len(text))
		at := 0
		for line := range strings.SplitAfterSeq(text, "\r\n") {
			shown := strings.NewReplacer("\n", ".", "\r", ".").Replace(strings.TrimSuffix(line, "\r\n"))
			for i := 0; i < max(len(shown), min(len(line), 1)); i += 64 {
				fmt.Fprintf(&b, "%04x: %s\n", at+i, shown[i:min(i+64, len(shown))])
			}
			at += len(line)
		}
	}
	header := func(text string) string {
		return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	dump("=> Send header", header(s.request("")))
	dump("=> Send data", s.reqBody)
	dump("<= Recv header", header(s.response("")))
	dump("<= Recv data", s.respBody)
	return b.String()
}

func (s *specimen) har() string {
	list := func(h [][2]string) []any {
		all := []any{}
		for _, f := range h {
			all = append(all, map[string]string{"name": f[0], "value": f[1]})
		}
		return all
	}
	return marshal(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]string{"name": "x", "version": "1"}, "entries": []any{map[string]any{
		"startedDateTime": "2026-11-23T10:44:12.000Z", "time": 12, "cache": map[string]any{}, "timings": map[string]int{"send": 0, "wait": 12, "receive": 0},
		"request":  map[string]any{"method": s.method, "url": s.url(), "httpVersion": "HTTP/1.1", "headers": list(s.reqHeader), "queryString": []any{}, "cookies": []any{}, "headersSize": -1, "bodySize": -1, "postData": map[string]any{"mimeType": "application/json", "text": s.reqBody}},
		"response": map[string]any{"status": s.status, "statusText": s.phrase, "httpVersion": "HTTP/1.1", "headers": list(s.respHeader), "cookies": []any{}, "redirectURL": "", "headersSize": -1, "bodySize": -1, "content": map[string]any{"size": len(s.respBody), "mimeType": "application/json", "text": base64.StdEncoding.EncodeToString([]byte(s.respBody)), "encoding": "base64"}},
	}}}})
}

func (s *specimen) postman() string {
	header := []any{}
	for _, f := range s.reqHeader {
		header = append(header, map[string]string{"key": f[0], "value": f[1]})
	}
	return marshal(map[string]any{
		"info": map[string]string{"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
		"item": []any{map[string]any{
			"name":    "create",
			"request": map[string]any{"method": s.method, "url": map[string]any{"raw": s.url()}, "header": header, "body": map[string]any{"mode": "raw", "raw": s.reqBody}},
			"response": []any{map[string]any{
				"code": s.status, "status": s.phrase, "body": s.respBody,
				"header": []any{map[string]string{"key": "content-type", "value": "application/json"}},
			}},
		}},
	})
}
