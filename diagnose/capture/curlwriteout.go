package capture

import (
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
			if isWrittenOut(head[behindCommand(head):]) {
				return 60
			}
			if len(head) == headSize && bodyLength(strings.TrimSpace(head)) > 0 {
				return 10 // what -w writes stands behind a body that goes on
			}
			return 0
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			if isWriteOutJSON(in.text) {
				readWriteOutJSON(in, yield)
				return
			}
			readWriteOut(in, yield)
		},
	}
}

// readWriteOut reads bodies each followed by what -w made of the status.
func readWriteOut(in *input, yield func(*exchange.Exchange) bool) {
	begin := behindCommand(in.text)
	c := newCursor(in.text)
	stopped := false
	end := writtenOut(in.text[begin:], func(w written) bool {
		ex := &exchange.Exchange{}
		if c.pos == 0 {
			askedBy(ex, in.text, 0, begin)
		}
		if w.status > 0 {
			ex.Response = w.response()
		} else {
			ex.Failure = &exchange.Failure{Text: "curl wrote status 000, so there was no response"}
		}
		ex.Source.Line = 1
		if c.pos > 0 {
			c.to(begin + w.at)
			ex.Source.Line = c.line
		}
		c.to(begin + w.at + max(1, len(w.body)))
		stopped = !yield(ex)
		return !stopped
	})
	if !stopped {
		c.to(max(c.pos, begin+end))
		leaveRest(c, in, len(c.text))
	}
}

// response is the answer that was written. A status without a body comes of
// -o FILE: the body is somewhere else.
func (w *written) response() *exchange.Response {
	r := &exchange.Response{Status: w.status}
	if w.body != "" {
		r.Body = exchange.NewBody([]byte(w.body))
	}
	return r
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
	ex := &exchange.Exchange{Request: &exchange.Request{Method: exchange.Method(w.Get("method").String())}}
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
