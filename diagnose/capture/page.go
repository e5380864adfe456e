package capture

import (
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// gatewayPage reads the error pages of servers in between as curl without -i shows
// them: an HTML page whose title or heading begins with the status, and the one
// line that Cloudflare writes. The kind is that of any body without a header.
func gatewayPage() format {
	return format{
		kind: exchange.KindBody,
		sure: func(head string) int {
			switch {
			case statusOfPage(head) == 0:
				return 0
			case strings.HasPrefix(head[pageStart(head):], "error code: "):
				return 62 // no status that -w wrote, though it looks like one
			}
			return 48
		},
		read: func(in *input, yield func(*exchange.Exchange) bool) {
			c := newCursor(in.text)
			start := pageStart(in.text)
			leaveRest(c, in, start)
			line, end := c.line, len(in.text)
			if n := pageEnd(in.text[start:]); n > 0 {
				end = start + n
			}
			ex := &exchange.Exchange{Source: exchange.Source{Line: line}, Response: &exchange.Response{Status: statusOfPage(in.text)}}
			ex.Response.Body = exchange.NewBody([]byte(strings.TrimSpace(in.text[start:end])))
			askedBy(ex, in.text, 0, start)
			c.to(end)
			if yield(ex) {
				leaveRest(c, in, len(in.text))
			}
		},
	}
}

// pageStart returns where a page begins, or the line of Cloudflare's.
func pageStart(text string) int {
	lower := strings.ToLower(head(text))
	for _, start := range []string{"<!doctype html", "<html", "<head", "error code: "} {
		if i := strings.Index(lower, start); i >= 0 && i <= len(text) && (i == 0 || lower[i-1] == '\n') {
			return i
		}
	}
	return 0
}

// blockPages are what is unmistakable in Cloudflare's pages, of which people paste a
// fragment, with the status that the page is sent with.
func blockPages() map[string]int {
	return map[string]int{
		"blocked_why_headline": 403, "sorry, you have been blocked": 403, "error code: 1020": 403, "error code: 1010": 403, "error code: 1006": 403,
		"error code: 1015": 429, "you are being rate limited": 429,
	}
}

// fragmentOfPage returns the status of a fragment of Cloudflare's block page, or 0.
func fragmentOfPage(text string) int {
	lower := strings.ToLower(head(text))
	if !strings.Contains(lower, "cloudflare") && !strings.Contains(lower, "error code: 10") {
		return 0
	}
	for sign, status := range blockPages() {
		if strings.Contains(lower, sign) {
			return status
		}
	}
	return 0
}

// statusOfPage returns the status that a page tells in its title or heading, 0 for
// none: "502 Bad Gateway", "403 ERROR", "error code: 522".
func statusOfPage(text string) int {
	text = head(text)
	if status := fragmentOfPage(text); status != 0 {
		return status
	}
	text = text[min(pageStart(text), len(text)):]
	if rest, ok := strings.CutPrefix(text, "error code: "); ok {
		word := strings.TrimSpace(rest)
		if n, ok := statusWord(word); ok && n >= 500 {
			return n
		}
		return 0
	}
	lower := strings.ToLower(text)
	if !strings.HasPrefix(lower, "<") {
		return 0
	}
	for _, tag := range []string{"<title>", "<h1>"} {
		_, after, ok := strings.Cut(lower, tag)
		words := strings.Fields(after[:min(len(after), 80)])
		if !ok || len(words) == 0 {
			continue
		}
		word, _, _ := strings.Cut(strings.TrimPrefix(words[0], "http"), "<")
		if n, ok := statusWord(word); ok && n >= 400 {
			return n
		}
	}
	return 0
}
