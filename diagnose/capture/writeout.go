package capture

import (
	"strconv"
	"strings"
)

// This file knows what curl -w writes behind a body: the status, alone, with a
// label or among times, sizes and addresses.

// written is one answer of curl -s -w: its body, and the status behind it.
type written struct {
	at     int // where it begins in the text
	body   string
	status int // 0 when curl wrote 000: no response came
}

// maxTail bounds what is looked at behind a body.
const maxTail = 2 << 10

// isWrittenOut reports whether a text is nothing but bodies and the statuses
// behind them; of the beginning of a long one, whether it begins so.
func isWrittenOut(text string) bool {
	found := false
	end := writtenOut(text, func(written) bool {
		found = true
		return true
	})
	return found && (end == len(text) || len(text) >= headSize)
}

// writtenOut hands over bodies and the statuses behind them, until yield returns
// false, and returns where it stopped: at the end, or at what is neither. A body
// is an object, an array, a page or nothing; a number behind any other text
// proves nothing.
func writtenOut(text string, yield func(written) bool) int {
	for at := 0; ; {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r\n"))
		if meter := meterLines(text[at:]); meter > 0 {
			at += meter
			continue
		}
		if at >= len(text) {
			return at
		}
		body := bodyLength(text[at:])
		tail := tailLength(text[at+body:])
		status, ok := statusIn(withoutMeter(text[at+body : at+body+tail]))
		if !ok || body == 0 && !beginsWithStatus(text[at:at+tail]) {
			return at
		}
		w := written{at, withoutMeter(strings.TrimRight(text[at:at+body], "\n")), status}
		at += body + tail
		if !yield(w) {
			return at
		}
	}
}

// beginsWithStatus reports whether nothing but names of a status stands before the
// status in its line. Without a body above it, a number in any other line is a port, the
// number of a line or an exit status.
func beginsWithStatus(tail string) bool {
	for line := range strings.SplitSeq(tail, "\n") {
		if _, ok := statusIn(line); !ok {
			continue
		}
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r:=[]\"'", r) }) {
			if _, ok := statusWord(strings.TrimRight(word, ",;)")); ok {
				return true
			}
			if lower := strings.ToLower(word); !namesStatus(word) && lower != "response" && lower != "code" && lower != "result" && lower != "return" {
				return false
			}
		}
	}
	return false
}

// meterLines returns the length of the lines at the beginning of a text that
// hold nothing but the progress meter.
func meterLines(text string) int {
	at := 0
	for at < len(text) && isMeter(text[at:at+lineLength(text[at:])]) {
		at = min(at+lineLength(text[at:])+1, len(text))
	}
	return at
}

// bodyLength returns how much of a text is a body: an object or array to its last
// bracket, a page to its last tag; 0 for anything else.
func bodyLength(text string) int {
	if text == "" {
		return 0
	}
	switch text[0] {
	case '{', '[':
		return objectEnd(text)
	case '<':
		if end := pageEnd(text); end > 0 {
			return end
		}
		return strings.LastIndexByte(text, '>') + 1
	}
	return 0
}

// pageEnd returns the end of the tag that ends a page, 0 when there is none. Lower
// case of the whole text would not do: it has another length where the text is no
// UTF-8.
func pageEnd(text string) int {
	const tag = "</html>"
	for at := 0; ; at++ {
		i := strings.IndexByte(text[at:], '<')
		if i < 0 || at+i+len(tag) > len(text) {
			return 0
		}
		if at += i; strings.EqualFold(text[at:at+len(tag)], tag) {
			return at + len(tag)
		}
	}
}

// tailLength returns how much of a text belongs to the answer before it: up to
// the next body, or the next line with a status of its own.
func tailLength(text string) int {
	found := false
	for at := 0; at < min(len(text), maxTail); {
		line := text[at : at+lineLength(text[at:])]
		if at > 0 && line != "" && strings.IndexByte("{[<", line[0]) >= 0 {
			return at
		}
		_, status := statusIn(line)
		if status && found {
			return at
		}
		found = found || status
		at = min(at+len(line)+1, len(text))
	}
	return len(text)
}

// statusIn finds the status in what -w wrote: "403", "HTTP 403", "[403]",
// "status=403 time=0.1", "403 application/json 0.1s". 000 gives 0.
func statusIn(tail string) (status int, ok bool) {
	if len(tail) > maxTail || strings.Contains(tail, "{") {
		return 0, false
	}
	words := strings.FieldsFunc(tail, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;|[](){}\"'", r) })
	before := ""
	for i, word := range words {
		label, number := "", word
		if at := strings.LastIndexAny(word, ":="); at >= 0 {
			label, number = word[:at], word[at+1:]
		}
		n, isStatus := statusWord(number)
		switch {
		case isStatus && label != "" && namesStatus(label), isStatus && label == "" && namesStatus(before):
			return n, true
		case isStatus && i == 0 && label == "" && !isProse(words[1:]):
			return n, true
		}
		before = word
	}
	return 0, false
}

func statusWord(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && len(s) == 3 && (n == 0 || n >= 100 && n <= 599)
}

// namesStatus knows the words that people put before a status. There are other
// codes: a card's securityCode is none.
func namesStatus(label string) bool {
	label = strings.ToLower(strings.TrimRight(label, ":="))
	label = strings.TrimPrefix(label, "http_")
	if kind, ok := strings.CutSuffix(label, "code"); ok {
		switch strings.TrimRight(kind, "_-") {
		case "", "status", "response", "result", "return", "http", "http_status", "http_response":
			return true
		}
	}
	return label == "http" || strings.HasPrefix(label, "http/") || strings.HasSuffix(label, "status") && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz_-") == ""
}

// isProse reports whether a word is neither a number, a time, a type, an address
// nor a method.
func isProse(words []string) bool {
	for _, w := range words {
		if !strings.ContainsAny(w, "0123456789/:=") && (strings.ToUpper(w) != w || !isToken(w)) {
			return true
		}
	}
	return false
}

// isStatusAlone reports whether a line is nothing but a status that -w wrote.
func isStatusAlone(line string) bool {
	_, ok := statusWord(strings.TrimSpace(line))
	return ok
}
