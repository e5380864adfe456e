package compare

import (
	"mime"
	"slices"
	"strings"

	"immersve-doctor/diagnose/check"
	"immersve-doctor/diagnose/exchange"
)

// header compares the headers that can matter, by lower-case name and by meaning.
func (c *comparer) header() {
	f, w := c.requests()
	for _, name := range fieldNames(f.Header, w.Header) {
		if !matters(name) || slices.Contains(credentialFields(), name) {
			continue
		}
		a, inA := fieldText(f.Header, name)
		b, inB := fieldText(w.Header, name)
		if inA != inB && (!inA && !f.HeaderCaptured || !inB && !w.HeaderCaptured) {
			continue // the input has only some of the headers, so others may exist
		}
		if inA == inB && a == b || sameMeaning(name, a, b) || c.hides(check.RequestHeader, name, a, b) {
			continue
		}
		c.field(name, a, b, inA, inB)
	}
}

func (c *comparer) field(name, a, b string, inA, inB bool) {
	d := Difference{
		Part: check.RequestHeader, Name: clipName(name), topic: fieldTopic(name),
		Failed: maybe(inA, orEmpty(exchange.NewValue(name, a).String())), Worked: maybe(inB, orEmpty(exchange.NewValue(name, b).String())),
	}
	d.note = maskNote(d)
	c.add(d)
}

func fieldTopic(name string) topic {
	switch name {
	case "content-type", "content-encoding":
		return topicContentType
	case accountField:
		return topicAccount
	case "origin":
		return topicOrigin
	case "accept":
		return topicAccept
	}
	return topicOther
}

// matters reports whether a header can affect the response. It excludes headers that
// clients, browsers and proxies add, and those that the API isn't known to use.
func matters(name string) bool {
	switch name {
	case "host", // the URL has it
		"date", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "expect", "upgrade", "http2-settings", "priority", "alt-used",
		"user-agent", "accept-encoding", "accept-language", "referer", "dnt", "cache-control", "pragma", "upgrade-insecure-requests", "x-requested-with",
		"traceparent", "tracestate", "baggage", "b3", "sentry-trace", "newrelic", "uber-trace-id", "x-request-id", "x-correlation-id", "x-amzn-trace-id", "postman-token",
		"via", "forwarded", "x-real-ip", "true-client-ip", "cdn-loop":
		return false
	}
	for _, prefix := range [...]string{":", "cf-", "x-amzn-", "x-amz-", "x-b3-", "x-datadog-", "x-forwarded-", "sec-", "x-envoy-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

// maxFields limits the number of headers that are compared.
const maxFields = 1000

// fieldNames returns each header name once, in lower case and in order of appearance.
func fieldNames(headers ...exchange.Header) []string {
	var names []string
	seen := map[string]bool{}
	for _, h := range headers {
		for _, f := range h[:min(len(h), maxFields)] {
			if name := strings.ToLower(f.Name); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// fieldText joins the lines of a header (RFC 9110 section 5.3).
func fieldText(h exchange.Header, name string) (text string, ok bool) {
	var lines []string
	for _, v := range h.Values(name) {
		lines = append(lines, strings.Trim(v.Reveal(), " \t"))
	}
	return strings.Join(lines, ", "), len(lines) > 0
}

// sameMeaning reports whether two values that are spelled differently mean the same.
func sameMeaning(name, a, b string) bool {
	switch name {
	case "content-type":
		return a != "" && b != "" && mediaOf(a) == mediaOf(b)
	case "accept":
		return takesJSON(a) && takesJSON(b)
	case "content-encoding":
		return strings.EqualFold(strings.Trim(a, " "), strings.Trim(b, " ")) || isIdentity(a) && isIdentity(b)
	}
	return a == b && a != "" // the caller distinguishes an empty header from a missing one
}

func isIdentity(coding string) bool { return coding == "" || strings.EqualFold(coding, "identity") }

// takesJSON reports whether an Accept header allows JSON (RFC 9110 section 12.5.1). A
// missing header allows anything.
func takesJSON(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(strings.ToLower(accept), ",") {
		media, _, _ := strings.Cut(part, ";")
		switch strings.TrimSpace(media) {
		case "*/*", "application/*", "application/json":
			return true
		}
	}
	return false
}

// mediaOf reduces a Content-Type to its media type and charset. It drops UTF-8, which
// JSON always uses (RFC 8259 section 8.1), and the boundary, which the client chooses.
func mediaOf(contentType string) string {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	charset := strings.ToLower(parameters["charset"])
	if charset == "" || charset == "utf-8" || charset == "utf8" {
		return media
	}
	return media + "; charset=" + charset
}

// mediaType returns a message's media type without parameters.
func mediaType(h exchange.Header) string {
	media, _, _ := strings.Cut(mediaOf(h.Text("content-type")), ";")
	return media
}

func isJSONMedia(media string) bool {
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
