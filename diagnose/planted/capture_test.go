package planted_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// form is a way to show a call.
type form struct {
	name   string
	shows  part
	render func(c *call) string
}

func forms() []form {
	return []form{
		{"raw HTTP", body, rawHTTP},
		{"HAR", body, har},
		{"curl and its -i", body, func(c *call) string { return command(c) + "\n" + response(c) }},
		{"curl -v", fields, verbose},
		{"a log line", line, logLine},
	}
}

func statusLine(c *call) string {
	return fmt.Sprintf("HTTP/1.1 %d %s", c.status, http.StatusText(c.status))
}

func responseFields(c *call) []header {
	list := []header{{"Date", now.Format(http.TimeFormat)}}
	if c.reply != "" {
		kind := "application/json; charset=utf-8"
		if strings.HasPrefix(c.reply, "<") {
			kind = "text/html"
		}
		list = append(list, header{"Content-Type", kind}, header{"Content-Length", fmt.Sprint(len(c.reply))})
	}
	return append(list, c.fields...)
}

func response(c *call) string {
	if c.failure != "" {
		return c.failure + "\n"
	}
	var b strings.Builder
	b.WriteString(statusLine(c) + "\n")
	for _, h := range responseFields(c) {
		fmt.Fprintf(&b, "%s: %s\n", h.name, h.value)
	}
	return b.String() + "\n" + c.reply + "\n"
}

func rawHTTP(c *call) string {
	if c.failure != "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\nHost: %s\n", c.method, c.target(), c.host)
	for _, h := range c.headers {
		fmt.Fprintf(&b, "%s: %s\n", h.name, h.value)
	}
	b.WriteString("\n")
	if c.text != "" {
		b.WriteString(c.text + "\n\n")
	}
	return b.String() + response(c)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func command(c *call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -i -X %s %s", c.method, quoted(c.url()))
	for _, h := range c.headers {
		fmt.Fprintf(&b, " \\\n  -H %s", quoted(h.name+": "+h.value))
	}
	if c.text != "" {
		fmt.Fprintf(&b, " \\\n  -d %s", quoted(c.text))
	}
	return b.String()
}

func verbose(c *call) string {
	var b strings.Builder
	if c.failure != "" {
		return command(c) + "\n" + c.failure + "\n"
	}
	fmt.Fprintf(&b, "* Connected to %s (203.0.113.7) port 443\n> %s %s HTTP/1.1\n> Host: %s\n> User-Agent: curl/8.9.1\n", c.host, c.method, c.target(), c.host)
	for _, h := range c.headers {
		fmt.Fprintf(&b, "> %s: %s\n", h.name, h.value)
	}
	if c.text != "" {
		fmt.Fprintf(&b, "> Content-Length: %d\n", len(c.text))
	}
	b.WriteString(">\n")
	fmt.Fprintf(&b, "< %s\n", statusLine(c))
	for _, h := range responseFields(c) {
		fmt.Fprintf(&b, "< %s: %s\n", h.name, h.value)
	}
	return b.String() + "<\n" + c.reply + "\n"
}

func har(c *call) string {
	if c.failure != "" {
		return ""
	}
	list := func(headers []header) []any {
		var out []any
		for _, h := range headers {
			out = append(out, map[string]string{"name": h.name, "value": h.value})
		}
		return out
	}
	request := map[string]any{
		"method": c.method, "url": c.url(), "httpVersion": "HTTP/1.1", "headers": list(append([]header{{"Host", c.host}}, c.headers...)),
		"queryString": []any{}, "cookies": []any{}, "headersSize": -1, "bodySize": len(c.text),
	}
	if c.text != "" {
		request["postData"] = map[string]any{"mimeType": c.get("Content-Type"), "text": c.text}
	}
	entry := map[string]any{
		"startedDateTime": now.Format(time.RFC3339), "time": 120, "request": request, "cache": map[string]any{}, "timings": map[string]any{"send": 1, "wait": 118, "receive": 1},
		"response": map[string]any{
			"status": c.status, "statusText": http.StatusText(c.status), "httpVersion": "HTTP/1.1", "headers": list(responseFields(c)), "cookies": []any{}, "redirectURL": "", "headersSize": -1, "bodySize": len(c.reply),
			"content": map[string]any{"size": len(c.reply), "mimeType": "application/json", "text": c.reply},
		},
	}
	data, _ := json.MarshalIndent(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]any{"name": "client", "version": "1"}, "entries": []any{entry}}}, "", " ")
	return string(data)
}

func logLine(c *call) string {
	if c.failure != "" {
		return ""
	}
	data, _ := json.Marshal(map[string]any{
		"time": now.Format(time.RFC3339), "level": "info", "msg": "request", "method": c.method, "url": c.url(), "status": c.status, "responseBody": c.reply,
		"responseHeaders": map[string]string{"retry-after": "", "date": now.Format(http.TimeFormat)},
	})
	if len(c.fields) > 0 {
		data = []byte(strings.Replace(string(data), `"retry-after":""`, fmt.Sprintf(`"retry-after":%q`, c.fields[0].value), 1))
	} else {
		data = []byte(strings.Replace(string(data), `,"retry-after":""`, "", 1))
	}
	return string(data) + "\n"
}
