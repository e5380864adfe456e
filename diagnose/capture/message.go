package capture

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
)

// This file reads HTTP messages (RFC 9112): start lines, header sections, bodies.

// maxFields bounds the fields of one header section that are kept.
const maxFields = 10_000

// isStatusLine reports whether a line is "HTTP/1.1 403 Forbidden" and its like.
func isStatusLine(line string) bool {
	_, ok := parseStatusLine(line)
	return ok
}

func parseStatusLine(line string) (exchange.Response, bool) {
	rest, ok := strings.CutPrefix(line, "HTTP/")
	if !ok {
		return exchange.Response{}, false
	}
	version, rest, ok := strings.Cut(rest, " ")
	if !ok || !isVersion(version) || len(rest) < 3 {
		return exchange.Response{}, false
	}
	status, err := strconv.Atoi(rest[:3])
	if err != nil || status < 100 || len(rest) > 3 && rest[3] != ' ' && rest[3] != '\r' {
		return exchange.Response{}, false
	}
	return exchange.Response{Status: status, Phrase: phraseOf(rest[3:]), Proto: "HTTP/" + version, HeaderCaptured: true}, true
}

// phraseOf keeps of a reason phrase what a person reads.
func phraseOf(text string) string { return shorten(strings.TrimSpace(text), maxPhrase) }

const maxPhrase = 80

func isVersion(s string) bool {
	switch s {
	case "0.9", "1.0", "1.1", "2", "2.0", "3", "3.0":
		return true
	}
	return false
}

// isRequestLine reports whether a line is "POST /api/cards HTTP/1.1".
func isRequestLine(line string) bool {
	_, _, _, ok := parseRequestLine(line)
	return ok
}

func parseRequestLine(line string) (method, target, proto string, ok bool) {
	line = strings.TrimRight(line, " \r")
	i := strings.LastIndex(line, " HTTP/")
	if i < 0 || !isVersion(line[i+len(" HTTP/"):]) {
		return "", "", "", false
	}
	method, target, ok = strings.Cut(line[:i], " ")
	if !ok || !isToken(method) || target == "" {
		return "", "", "", false
	}
	return method, strings.TrimSpace(target), line[i+1:], true
}

// isToken reports whether a method is one by its letters; methods are
// case-sensitive, and a wrong case is a finding, not another format.
func isToken(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") == ""
}

// fields reads header fields up to the empty line that ends the section.
// take returns the next line of the section, ok false at its end.
func fields(take func() (string, bool), notes *[]string) exchange.Header {
	var h exchange.Header
	skipped := 0
	for {
		line, ok := take()
		if !ok {
			break
		}
		name, value, colon := strings.Cut(line, ":")
		switch {
		case (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) && len(h) > 0: // obs-fold, RFC 9112 section 5.2
			last := &h[len(h)-1]
			last.Value = exchange.NewValue(last.Name, last.Value.Reveal()+" "+strings.TrimSpace(line))
		case !colon || !isFieldName(name) || len(h) >= maxFields:
			skipped++
		default:
			h = append(h, exchange.Field{Name: name, Value: exchange.NewValue(name, strings.Trim(value, " \t\r"))})
		}
	}
	if skipped > 0 {
		addNote(notes, fmt.Sprintf("%d header lines were skipped (not headers, or more than %d)", skipped, maxFields))
	}
	return h
}

// Bounds of what is kept of one exchange besides its messages: no client goes on as
// long as that.
const (
	maxSteps = 100 // responses on the way to the answer
	maxNotes = 20
)

// addStep notes a response on the way to the answer. Of very many, the first ones
// and the latest are kept: it says what the answer follows.
func addStep(ex *exchange.Exchange, reason string, r exchange.Response) {
	step := exchange.Step{Reason: reason, Response: r}
	if len(ex.Earlier) < maxSteps {
		ex.Earlier = append(ex.Earlier, step)
		return
	}
	ex.Earlier[maxSteps-1] = step
	addNote(&ex.Notes, fmt.Sprintf("more than %d responses preceded the final one, so those between the first %d and the last were skipped", maxSteps, maxSteps-1))
}

// addNote notes something once.
func addNote(notes *[]string, text string) {
	if len(*notes) < maxNotes && !slices.Contains(*notes, text) {
		*notes = append(*notes, text)
	}
}

// isFieldName knows a token (RFC 9110 section 5.6.2).
func isFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', strings.IndexByte("!#$%&'*+.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 256
}

// setTarget fills the URL of a request from its target and its Host field.
func setTarget(r *exchange.Request, target, scheme string) {
	if r.Method == "CONNECT" { // authority form, RFC 9112 section 3.2.3
		r.URL.SetHost(target)
		if r.URL.Scheme = "https"; r.URL.Port == "80" { // what goes through the tunnel
			r.URL.Scheme = "http"
		}
		return
	}
	r.URL = exchange.ParseURL(target)
	if r.URL.Host != "" || r.URL.Scheme != "" {
		return
	}
	if host := r.Header.Text("host"); host != "" {
		r.URL.SetHost(host)
		r.URL.Scheme = scheme
		if scheme == "" {
			r.URL.Scheme = schemeOf(r.URL.Host)
		}
	}
}

// schemeOf is the scheme that a raw message does not show: https, except on this
// machine, where tests speak plain HTTP.
func schemeOf(host string) string {
	if api.IsLocalhost(host) {
		return "http"
	}
	return "https"
}

// hasContent reports whether a request's header says that content follows
// (RFC 9112 section 6.3).
func hasContent(h exchange.Header) bool {
	_, chunked := h.Get("transfer-encoding")
	length := h.Text("content-length")
	return chunked || length != "" && length != "0"
}

// mayHaveBody reports whether a response of this status has content
// (RFC 9110 section 6.4.1).
func mayHaveBody(status int) bool { return status >= 200 && status != 204 && status != 304 }

// finish decodes the response's content and says whether all of it is there.
func finish(ex *exchange.Exchange, in *input) {
	ex.Source.Line = in.lineOf(ex.Source.Line)
	r := ex.Response
	if r == nil || !r.Body.Present() {
		return
	}
	r.Body = unbroken(r.Body)
	if !r.HeaderCaptured {
		return
	}
	content := r.Body.Bytes()
	cut := r.Body.Truncated
	if strings.EqualFold(r.Header.Text("transfer-encoding"), "chunked") {
		if decoded, complete, ok := dechunk(content); ok {
			content, cut = decoded, cut || !complete
		}
	}
	declared, err := strconv.ParseInt(r.Header.Text("content-length"), 10, 64)
	head := ex.Request != nil && ex.Request.Method == "HEAD"
	reshaped := ex.Source.Kind == exchange.KindHTTPie && exchange.ValidJSON(content) // its lengths are not those of the wire
	if err == nil && !head && !reshaped && !isDecoded(r.Header, content) && declared > int64(len(content)+in.dropped+1) {
		cut = true
	}
	content = decompress(content, r.Header.Text("content-encoding"), &ex.Notes)
	r.Body = exchange.NewBody(content)
	r.Body.Truncated = cut
}

// unbroken joins the lines of a JSON body that a screen's width broke, where only
// that makes it JSON.
func unbroken(b exchange.Body) exchange.Body {
	text := bytes.TrimSpace(b.Bytes())
	if len(text) == 0 || text[0] != '{' && text[0] != '[' || !bytes.Contains(text, []byte("\n")) || exchange.ValidJSON(text) {
		return b
	}
	joined := bytes.ReplaceAll(text, []byte("\n"), nil)
	if !exchange.ValidJSON(joined) {
		return b
	}
	return exchange.NewBody(joined)
}

// isDecoded reports whether a capture shows text where the header declares a
// compressed body (curl --compressed): Content-Length counts other bytes then.
func isDecoded(h exchange.Header, content []byte) bool {
	coding := h.Text("content-encoding")
	return coding != "" && !strings.EqualFold(coding, "identity") && looksLikeText(content)
}

// dechunk decodes the chunked transfer coding (RFC 9112 section 7.1), which only
// raw captures show. ok is false for what is not chunked.
func dechunk(content []byte) (decoded []byte, complete, ok bool) {
	rest := content
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		size, _, _ := strings.Cut(strings.TrimSpace(string(line[:min(len(line), 64)])), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if err != nil || !found && n > 0 {
			return decoded, false, len(decoded) > 0
		}
		if n == 0 {
			return decoded, true, true
		}
		if uint64(len(after)) < n {
			return append(decoded, after...), false, true
		}
		decoded = append(decoded, after[:n]...)
		rest = bytes.TrimPrefix(bytes.TrimPrefix(after[n:], []byte("\r")), []byte("\n"))
	}
}

// Decode undoes the content coding of a response's body that was received as it was
// sent.
func Decode(ex *exchange.Exchange) {
	r := ex.Response
	if r == nil || !r.Body.Present() {
		return
	}
	cut := r.Body.Truncated
	r.Body = exchange.NewBody(decompress(r.Body.Bytes(), r.Header.Text("content-encoding"), &ex.Notes))
	r.Body.Truncated = cut
}

// maxInflated bounds what a compressed body may grow to.
const maxInflated = 8 << 20

// decompress undoes a content coding that curl without --compressed leaves in
// place. What it cannot undo stays, with a note.
func decompress(content []byte, coding string, notes *[]string) []byte {
	var r io.Reader
	var err error
	switch {
	case bytes.HasPrefix(content, []byte{0x1f, 0x8b}):
		r, err = gzip.NewReader(bytes.NewReader(content))
	case len(content) > 2 && content[0]&0x0f == 8 && (int(content[0])<<8|int(content[1]))%31 == 0 && (coding != "" || !utf8.Valid(content)):
		r, err = zlib.NewReader(bytes.NewReader(content))
	case strings.EqualFold(coding, "deflate") && !looksLikeText(content): // as some servers write it, without zlib's header
		r = flate.NewReader(bytes.NewReader(content))
	case bytes.HasPrefix(content, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var z *zstd.Decoder
		if z, err = zstd.NewReader(bytes.NewReader(content), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8*maxInflated)); err == nil {
			defer z.Close()
			r = z
		}
	case coding != "" && !strings.EqualFold(coding, "identity") && !looksLikeText(content):
		*notes = append(*notes, fmt.Sprintf("the body is compressed (%s) and wasn't decoded (add --compressed to curl)", shorten(exchange.MaskText(coding), 20)))
		return content
	default:
		return content
	}
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("the body is compressed and can't be decoded: %v (add --compressed to curl)", err))
		return content
	}
	inflated, err := io.ReadAll(io.LimitReader(r, maxInflated))
	if err != nil {
		*notes = append(*notes, fmt.Sprintf("the compressed body is cut off (%v)", err))
	}
	if len(inflated) == 0 {
		return content
	}
	return inflated
}

func looksLikeText(content []byte) bool {
	trimmed := bytes.TrimSpace(content)
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[' || trimmed[0] == '<' || trimmed[0] == '"')
}

func isAlnum(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' }
