package capture

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// curlWriteOut reads a body that curl -w '%{http_code}' or '%{json}' wrote a
// status behind.
func curlWriteOut() format {
	return format{
		kind: exchange.KindCurlWriteOut,
		sure: func(head string) int {
			if isWriteOutJSON(head) {
				return 80
			}
			if _, status := splitStatus(head[behindCommand(head):]); status != 0 {
				return 60
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			if isWriteOutJSON(in.text) {
				readWriteOutJSON(in, yield)
				return
			}
			begin := behindCommand(in.text)
			body, status := splitStatus(in.text[begin:])
			if status == 0 {
				return
			}
			ex := &exchange.Exchange{Source: exchange.Source{Line: 1}, Response: &exchange.Response{Status: status}}
			ex.Response.Body = exchange.NewBody([]byte(withoutMeter(body)))
			askedBy(ex, in.text, 0, begin)
			yield(ex)
		},
	}
}

// splitStatus parts "…}403", "…\n403" and "…\nHTTP 403" into body and status.
// The body is an object, an array, a page or nothing; a number behind any other
// text proves nothing.
func splitStatus(text string) (body string, status int) {
	trimmed := strings.TrimSpace(text)
	if len(trimmed) < 3 {
		return "", 0
	}
	code := trimmed[len(trimmed)-3:]
	n, err := strconv.Atoi(code)
	if err != nil || n < 100 || n > 599 {
		return "", 0
	}
	rest := strings.TrimRight(trimmed[:len(trimmed)-3], " \t")
	for _, label := range []string{"HTTP", "http", "status:", "Status:", "status", "code:", "http_code:", "http_code=", "HTTP_STATUS:", "HTTPSTATUS:", "HTTP code:", "Response code:", "response_code:"} {
		if without, ok := strings.CutSuffix(rest, label); ok {
			rest = without
			break
		}
	}
	rest = strings.TrimSpace(rest)
	if rest == "" && trimmed != code || rest != "" && strings.IndexByte("}]>", rest[len(rest)-1]) < 0 {
		return "", 0
	}
	if rest != "" && strings.IndexByte("{[<", strings.TrimSpace(withoutMeter(rest))[0]) < 0 {
		return "", 0
	}
	return rest, n
}

func isWriteOutJSON(text string) bool {
	return strings.Contains(text, `"http_code":`) && strings.Contains(text, `"url_effective":`) || strings.Contains(text, `"http_code":`) && strings.Contains(text, `"curl_version":`)
}

// readWriteOutJSON reads bodies each followed by the object of %{json}.
func readWriteOutJSON(in *input, yield func(*exchange.Exchange) bool) {
	c := newCursor(in.text)
	for c.pos < len(c.text) {
		rest := c.text[c.pos:]
		at := strings.Index(rest, `"http_code":`)
		if at < 0 {
			leaveRest(c, in, len(c.text))
			return
		}
		start := strings.LastIndexByte(rest[:at], '{')
		if start < 0 {
			c.to(c.pos + at + 1)
			continue
		}
		end := start + objectEnd(rest[start:])
		ex := writeOutExchange(strings.TrimSpace(rest[:start]), rest[start:end])
		ex.Source.Line = c.line
		c.to(c.pos + end)
		if !yield(ex) {
			return
		}
	}
}

func writeOutExchange(body, object string) *exchange.Exchange {
	w := gjson.Parse(object)
	ex := &exchange.Exchange{Request: &exchange.Request{Method: w.Get("method").String()}}
	ex.Request.URL = exchange.ParseURL(w.Get("url_effective").String())
	if status := int(w.Get("http_code").Int()); status >= 100 {
		ex.Response = &exchange.Response{Status: status, Body: exchange.NewBody([]byte(withoutMeter(body)))}
		if proto := w.Get("http_version").String(); proto != "" && proto != "0" {
			ex.Response.Proto = "HTTP/" + proto
		}
		if kind := w.Get("content_type").String(); kind != "" {
			ex.Response.Header.Add("content-type", kind)
		}
		ex.Response.Elapsed = time.Duration(w.Get("time_total").Float() * float64(time.Second))
	}
	if code := int(w.Get("exitcode").Int()); code != 0 {
		text := w.Get("errormsg").String()
		ex.Failure = &exchange.Failure{CurlCode: code, Text: shorten(text, 300)}
		ex.Failure.Kind, ex.Failure.Phase = failureOf(code, strings.ToLower(text))
	}
	return ex
}
