package cmd_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
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
	table                               string      // of a capture that is one
	vars                                [][2]string // name and value; what refers to them is marked
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
	all := map[string]func(*specimen) string{
		"curl-include": func(s *specimen) string { return s.response("") + s.respBody },
		"curl-verbose": func(s *specimen) string {
			return "* Connected to " + s.host + " (127.0.0.1) port 443\n" + s.request("> ") + "* upload completely sent off\n" + s.response("< ") + s.respBody
		},
		"curl-command-and-answer": func(s *specimen) string { return "$ " + s.curl() + "\n" + s.response("") + s.respBody },
		"curl-command":            (*specimen).curl,
		"curl-error":              func(s *specimen) string { return "curl: (6) Could not resolve host: " + s.host + s.target() + "\n" },
		"curl-write-out":          func(s *specimen) string { return s.respBody + fmt.Sprint(s.status) },
		"curl-trace":              func(s *specimen) string { return s.trace(64) },
		"curl-trace-hex":          func(s *specimen) string { return s.trace(16) },
		"body":                    func(s *specimen) string { return s.respBody },
		"client-error":            (*specimen).clientError,
		"fetch":                   func(s *specimen) string { return s.fetch(scriptDouble) },
		"fetch-by-hand":           func(s *specimen) string { return s.fetch(scriptSingle) },
		"fetch-template":          func(s *specimen) string { return s.fetch(scriptTemplate) },
		"fetch-cut":               func(s *specimen) string { return strings.TrimRight(s.fetch(scriptDouble), ");}\n") },
		"http-client":             func(s *specimen) string { return s.httpClient("") + s.respBody + "\n" },
		"http-client-printed":     func(s *specimen) string { return s.httpClient("DEBUG:http.client:") + pythonBytes(s.respBody) + "\n" },
		"okhttp":                  func(s *specimen) string { return s.okHTTP("") },
		"okhttp-logcat":           func(s *specimen) string { return s.okHTTP("11-28 10:00:00.123  1234  5678 D OkHttp  : ") },
		"okhttp-basic": func(s *specimen) string {
			return fmt.Sprintf("I/okhttp.OkHttpClient( 1234): --> %s %s (%d-byte body)\nI/okhttp.OkHttpClient( 1234): <-- %d %s %s (12ms, %d-byte body)\n", s.method, s.url(), len(s.reqBody), s.status, s.phrase, s.url(), len(s.respBody))
		},
		"insomnia": func(s *specimen) string {
			return marshal(map[string]any{"_type": "export", "__export_format": 4, "resources": []any{map[string]any{"_type": "request", "url": s.url(), "method": s.method, "headers": named(s.reqHeader, "name"), "body": map[string]any{"text": s.reqBody}}}})
		},
		"hoppscotch": func(s *specimen) string {
			return marshal(map[string]any{"v": 2, "requests": []any{map[string]any{"preRequestScript": "", "testScript": "", "endpoint": s.url(), "method": s.method, "headers": named(s.reqHeader, "key"), "body": map[string]any{"body": s.reqBody}}}})
		},
		"thunder-client": func(s *specimen) string {
			return marshal(map[string]any{"client": "Thunder Client", "requests": []any{map[string]any{"url": s.url(), "method": s.method, "headers": named(s.reqHeader, "name"), "body": map[string]any{"type": "json", "raw": s.reqBody}}}})
		},
		"bruno": func(s *specimen) string {
			return marshal([]any{map[string]any{"iterationIndex": 0, "results": []any{map[string]any{
				"request":  map[string]any{"method": s.method, "url": s.url(), "headers": pairs(s.reqHeader), "data": s.reqBody},
				"response": map[string]any{"status": s.status, "statusText": s.phrase, "headers": pairs(s.respHeader), "data": s.respBody},
			}}}})
		},
		"vcr": func(s *specimen) string {
			return marshal(map[string]any{"http_interactions": []any{map[string]any{
				"request":  map[string]any{"method": s.method, "uri": s.url(), "headers": pairs(s.reqHeader), "body": map[string]any{"string": s.reqBody}},
				"response": map[string]any{"status": map[string]any{"code": s.status, "message": s.phrase}, "headers": pairs(s.respHeader), "body": map[string]any{"string": s.respBody}},
			}}})
		},
		"otlp": func(s *specimen) string {
			attribute := func(key, kind, value string) map[string]any {
				return map[string]any{"key": key, "value": map[string]any{kind: value}}
			}
			return marshal(map[string]any{"resourceSpans": []any{map[string]any{"scopeSpans": []any{map[string]any{"spans": []any{map[string]any{"spanId": "1", "attributes": []any{
				attribute("http.request.method", "stringValue", s.method), attribute("url.full", "stringValue", s.url()), attribute("http.response.status_code", "intValue", fmt.Sprint(s.status)),
			}}}}}}}})
		},
		"postman-console": func(s *specimen) string {
			return fmt.Sprintf("%s %s\n%d\n312 ms\nNetwork\nRequest Headers\n%sRequest Body\n%s\nResponse Headers\n%sResponse Body\n%s\n", s.method, s.url(), s.status, headerLines(s.reqHeader), s.reqBody, headerLines(s.respHeader), s.respBody)
		},
		"client-log": func(s *specimen) string { // Feign at its level FULL
			const prefix = "2026-11-23 10:44:12.123 DEBUG 1 --- [exec-1] c.e.C : [C#call] "
			text := fmt.Sprintf("---> %s %s HTTP/1.1\n%s\n%s\n---> END HTTP (%d-byte body)\n<--- HTTP/1.1 %d %s (12ms)\n%s\n%s\n<--- END HTTP (%d-byte body)\n",
				s.method, s.url(), headerLines(s.reqHeader), s.reqBody, len(s.reqBody), s.status, s.phrase, headerLines(s.respHeader), s.respBody, len(s.respBody))
			return prefix + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+prefix) + "\n"
		},
		"powershell":           func(s *specimen) string { return s.powerShell(powerDouble) },
		"powershell-by-hand":   func(s *specimen) string { return s.powerShell(powerSingle) },
		"powershell-variables": (*specimen).powerShellVariables,
		"powershell-cut":       func(s *specimen) string { return strings.TrimSuffix(s.powerShell(powerDouble), "\"\n"+s.respBody+"\n") },
		"http-client-pieces":   func(s *specimen) string { return s.httpClientPieces() },
		"urllib3": func(s *specimen) string {
			return fmt.Sprintf("DEBUG:urllib3.connectionpool:https://%s:443 \"%s %s HTTP/1.1\" %d 60\n%s\n", s.host, s.method, s.target(), s.status, s.respBody)
		},
		"request-body": func(s *specimen) string { return s.reqBody },
		"raw-http":     func(s *specimen) string { return s.request("") + s.reqBody + "\n\n" + s.response("") + s.respBody },
		"webhook": func(s *specimen) string {
			return `{"messageId":"m-1","topic":"card-created","listenerId":"l-1","payload":` + s.reqBody + "}\n"
		},
		"har":                 (*specimen).har,
		"http-file":           (*specimen).httpFile,
		"http-file-variables": (*specimen).httpFileVariables,
		"postman":             (*specimen).postman,
		"postman-saved":       (*specimen).postmanSaved,
		"postman-variables":   (*specimen).postmanVariables,
		"newman":              (*specimen).newman,
		"httpie":              func(s *specimen) string { return s.request("") + s.reqBody + "\n\n\n" + s.response("") + s.respBody },
		"httpie-colours":      (*specimen).httpie,
		"wget":                (*specimen).wget,
		"wget-debug":          (*specimen).wgetDebug,
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
	maps.Copy(all, shapesOfLogs())
	all["broken-verbose"] = func(s *specimen) string { return broken(all["curl-verbose"](s)) }
	all["broken-log"] = func(s *specimen) string {
		return broken("INFO starting\n" + headerLines(s.reqHeader) + s.reqBody + "\n" + s.respBody + "\n")
	}
	maps.Copy(all, withVariables())
	all["table"] = func(s *specimen) string { return s.table }
	return all
}

// broken is a text as a screen of eighty columns breaks it.
func broken(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		for len(line) > 80 {
			b.WriteString(line[:80] + "\n")
			line = line[80:]
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// clientError is what Node prints of an error of axios.
func (s *specimen) clientError() string {
	literal := func(text string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`).Replace(text) + "'"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "AxiosError: Request failed with status code %d\n    at settle (settle.js:19:12) {\n  config: {\n    headers: Object [AxiosHeaders] {\n", s.status)
	for _, f := range s.reqHeader {
		fmt.Fprintf(&b, "      %s: %s,\n", literal(f[0]), literal(f[1]))
	}
	fmt.Fprintf(&b, "    },\n    method: %s,\n    url: %s,\n    data: %s\n  },\n  response: {\n    status: %d,\n    data: %s\n  }\n}\n",
		literal(strings.ToLower(s.method)), literal(s.url()), literal(s.reqBody), s.status, s.respBody)
	return b.String()
}

// The three ways in which JavaScript writes a text.
func scriptDouble(text string) string { return marshal(text) }

func scriptSingle(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`).Replace(text) + "'"
}

func scriptTemplate(text string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`", "${", "\\${").Replace(text) + "`"
}

// pythonBytes writes a text as Python prints bytes.
func pythonBytes(text string) string {
	quote := "'"
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = `"`
	}
	var b strings.Builder
	b.WriteString("b" + quote)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' || string(c) == quote:
			b.WriteString("\\" + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + quote
}

// httpClient is what Python's http.client prints of an exchange at debuglevel 1.
func (s *specimen) httpClient(prefix string) string {
	var b strings.Builder
	head := strings.ReplaceAll(s.request(""), "\n", "\r\n")
	fmt.Fprintf(&b, "%ssend: %s\n%ssend: %s\n%sreply: 'HTTP/1.1 %d %s\\r\\n'\n", prefix, pythonBytes(head), prefix, pythonBytes(s.reqBody), prefix, s.status, s.phrase)
	for _, f := range s.respHeader {
		fmt.Fprintf(&b, "%sheader: %s: %s\n", prefix, f[0], f[1])
	}
	return b.String()
}

// httpClientPieces is the same of a body that goes out in blocks.
func (s *specimen) httpClientPieces() string {
	whole, half := s.httpClient(""), len(s.reqBody)/2
	pieces := "send: " + pythonBytes(s.reqBody[:half]) + "\nsend: " + pythonBytes(s.reqBody[half:]) + "\n"
	return strings.Replace(whole, "send: "+pythonBytes(s.reqBody)+"\n", pieces, 1) + s.respBody + "\n"
}

// okHTTP is what OkHttp logs of an exchange at its level BODY.
func (s *specimen) okHTTP(prefix string) string {
	text := fmt.Sprintf("--> %s %s http/1.1\n%s\n%s\n--> END %s (%d-byte body)\n<-- %d %s %s (12ms)\n%s\n%s\n<-- END HTTP (%d-byte body)\n",
		s.method, s.url(), headerLines(s.reqHeader), s.reqBody, s.method, len(s.reqBody), s.status, s.phrase, s.url(), headerLines(s.respHeader), s.respBody, len(s.respBody))
	return prefix + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+prefix) + "\n"
}

// The two ways in which PowerShell writes a text.
func powerDouble(text string) string {
	return `"` + strings.NewReplacer("`", "``", "$", "`$", `"`, "`\"").Replace(text) + `"`
}

func powerSingle(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// powerShell is what a browser copies of a request for PowerShell.
func (s *specimen) powerShell(text func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Invoke-WebRequest -UseBasicParsing -Uri %s `\n-Method %s `\n-Headers @{\n", text(s.url()), text(s.method))
	for _, f := range s.reqHeader {
		fmt.Fprintf(&b, "%s=%s\n  ", text(f[0]), text(f[1]))
	}
	fmt.Fprintf(&b, "\n} `\n-Body %s\n%s\n", text(s.reqBody), s.respBody)
	return b.String()
}

// powerShellVariables is the same as a person writes it.
func (s *specimen) powerShellVariables() string {
	var b strings.Builder
	b.WriteString("$headers = @{\n")
	for _, f := range s.reqHeader {
		fmt.Fprintf(&b, "  %s = %s\n", powerSingle(f[0]), powerSingle(f[1]))
	}
	fmt.Fprintf(&b, "}\n$body = @'\n%s\n'@\nInvoke-RestMethod %s -Method %s -Headers $headers -Body $body\n", s.reqBody, powerSingle(s.url()), s.method)
	return b.String()
}

// fetch is what a browser copies of a request, with texts as a person may write
// them.
func (s *specimen) fetch(text func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "await fetch(%s, {\n  headers: {\n", text(s.url()))
	for _, f := range s.reqHeader {
		fmt.Fprintf(&b, "    %s: %s,\n", scriptSingle(f[0]), text(f[1]))
	}
	fmt.Fprintf(&b, "  },\n  body: %s,\n  method: %s,\n  mode: \"cors\"\n});\n%s\n", text(s.reqBody), text(s.method), s.respBody)
	return b.String()
}

// shapesOfLogs are what logging libraries, proxies and gateways make of an
// exchange, a line each.
func shapesOfLogs() map[string]func(*specimen) string {
	object := func(make func(s *specimen) map[string]any) func(*specimen) string {
		return func(s *specimen) string { return marshal(make(s)) + "\n" }
	}
	return map[string]func(*specimen) string{
		"log-pino": object(func(s *specimen) map[string]any {
			return map[string]any{"level": 30, "time": 1795430652000, "req": map[string]any{"id": 1, "method": s.method, "url": s.target(), "headers": pairs(s.reqHeader), "body": s.reqBody}, "res": map[string]any{"statusCode": s.status, "headers": pairs(s.respHeader), "body": raw(s.respBody)}, "msg": "request errored"}
		}),
		"log-ecs": object(func(s *specimen) map[string]any {
			return map[string]any{"@timestamp": "2026-11-23T10:44:12.000Z", "http": map[string]any{"request": map[string]any{"method": s.method, "body": map[string]string{"content": s.reqBody}}, "response": map[string]any{"status_code": s.status, "body": map[string]string{"content": s.respBody}}}, "url": map[string]string{"full": s.url()}, "message": s.respBody}
		}),
		"log-opentelemetry": object(func(s *specimen) map[string]any {
			return map[string]any{"name": s.method, "startTimeUnixNano": "1795430652000000000", "attributes": map[string]any{"http.request.method": s.method, "http.response.status_code": s.status, "url.full": s.url(), "error.message": s.respBody}}
		}),
		"log-api-gateway": object(func(s *specimen) map[string]any {
			return map[string]any{"requestTime": "23/Nov/2026:10:44:12 +0000", "httpMethod": s.method, "path": s.target(), "status": fmt.Sprint(s.status), "error": s.respBody}
		}),
		"log-caddy": object(func(s *specimen) map[string]any {
			headers := map[string]any{}
			for _, f := range s.reqHeader {
				headers[f[0]] = []string{f[1]}
			}
			return map[string]any{"ts": 1795430652.0, "logger": "http.log.access", "msg": "handled request", "request": map[string]any{"method": s.method, "host": s.host, "uri": s.target(), "headers": headers}, "status": s.status}
		}),
		"log-traefik": object(func(s *specimen) map[string]any {
			return map[string]any{"DownstreamStatus": s.status, "RequestHost": s.host, "RequestMethod": s.method, "RequestPath": s.target(), "StartUTC": "2026-11-23T10:44:12.0Z", "request_X-Debug": headerLines(s.reqHeader)}
		}),
		"log-nginx": object(func(s *specimen) map[string]any {
			return map[string]any{"time_iso8601": "2026-11-23T10:44:12+00:00", "request": s.method + " " + s.target() + " HTTP/1.1", "status": fmt.Sprint(s.status), "request_body": s.reqBody}
		}),
		"log-google-cloud": object(func(s *specimen) map[string]any {
			return map[string]any{"httpRequest": map[string]any{"requestMethod": s.method, "requestUrl": s.url(), "status": s.status}, "timestamp": "2026-11-23T10:44:12Z", "jsonPayload": map[string]string{"body": s.respBody}}
		}),
		"log-axios": object(func(s *specimen) map[string]any {
			return map[string]any{"level": "error", "time": "2026-11-23T10:44:12Z", "err": map[string]any{"name": "AxiosError", "config": map[string]any{"method": "post", "url": s.target(), "baseURL": "https://" + s.host, "headers": pairs(s.reqHeader), "data": s.reqBody}, "response": map[string]any{"status": s.status, "data": raw(s.respBody)}}}
		}),
		"log-docker": object(func(s *specimen) map[string]any {
			return map[string]any{"log": captures()["log"](s), "stream": "stdout", "time": "2026-11-23T10:44:13.000Z"}
		}),
		"log-no-answer": object(func(s *specimen) map[string]any {
			return map[string]any{"time": "2026-11-23T10:44:12Z", "method": "GET", "url": s.url(), "err": map[string]string{"code": "ECONNREFUSED", "message": s.respBody}}
		}),
	}
}

// raw is a body as JSON where it is JSON.
func raw(body string) any {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	return v
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

// named is a header section as a list of objects.
func named(h [][2]string, name string) []map[string]string {
	list := []map[string]string{}
	for _, f := range h {
		list = append(list, map[string]string{name: f[0], "value": f[1]})
	}
	return list
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
