package capture

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"path"
	"strconv"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// curlBody is the content of a request with the fields that come with it.
type curlBody struct {
	content  exchange.Body
	fields   exchange.Header
	boundary string // of multipart content
	fileName string // of -T, which a URL that ends in "/" takes over
}

// body is what the transfer sends to its nth URL.
func (t *curlTransfer) body(nth int) curlBody {
	var b curlBody
	switch {
	case len(t.uploads) > 0:
		return t.uploadBody(t.uploads[min(nth, len(t.uploads)-1)])
	case len(t.form) > 0:
		b = t.formBody()
	case t.hasData && !t.get && t.unread == "":
		b.content = exchange.NewBody(t.data)
		b.fields.Add("Content-Length", strconv.Itoa(len(t.data)))
	case t.hasData && !t.get:
		t.noteUnread()
	default:
		b.content = exchange.NewBody(nil)
		return b
	}
	if len(t.form) == 0 && !t.isJSON {
		b.fields.Add("Content-Type", "application/x-www-form-urlencoded")
	}
	return b
}

func (t *curlTransfer) noteUnread() {
	text := fmt.Sprintf("the body is from %s, which wasn't read", t.unread)
	if len(t.notes) == 0 || t.notes[len(t.notes)-1] != text {
		t.note("%s", text)
	}
}

func (t *curlTransfer) uploadBody(name string) curlBody {
	var b curlBody
	if name != "-" && name != "." {
		b.fileName = path.Base(name)
	}
	content, ok, err := t.read(name)
	if err != nil || !ok {
		t.unread = place(name)
		t.noteUnread()
		return b
	}
	b.content = exchange.NewBody(content)
	if b.fileName != "" {
		b.fields.Add("Content-Length", strconv.Itoa(len(content)))
	} else {
		b.fields.Add("Transfer-Encoding", "chunked")
	}
	return b
}

// addData joins one more -d or one of its like.
func (t *curlTransfer) addData(name, value string) error {
	t.isJSON = t.isJSON || name == "json"
	content := []byte(value)
	file, isFile := strings.CutPrefix(value, "@")
	switch {
	case t.isOpaque(value):
		t.unread = "your shell's " + shorten(value, 40)
	case name == "data-urlencode":
		encoded, err := t.urlencode(value)
		if err != nil {
			return err
		}
		content = []byte(encoded)
	case isFile && name != "data-raw":
		read, ok, err := t.read(file)
		if err != nil {
			return err
		}
		if !ok {
			t.unread = place(file)
		}
		if name == "data" || name == "data-ascii" {
			read = bytes.Map(withoutLineEnds, read)
		}
		content = read
	}
	if len(t.data) > 0 && name != "json" {
		t.data = append(t.data, '&')
	}
	t.data, t.hasData = append(t.data, content...), true
	return nil
}

func withoutLineEnds(r rune) rune {
	if r == '\r' || r == '\n' || r == 0 {
		return -1
	}
	return r
}

// urlencode does the forms of --data-urlencode: "content", "=content",
// "name=content", "@file", "name@file".
func (t *curlTransfer) urlencode(value string) (string, error) {
	name, content, ok := strings.Cut(value, "=")
	if !ok {
		var file string
		name, file, ok = strings.Cut(value, "@")
		if !ok {
			return escapeData(value), nil
		}
		read, known, err := t.read(file)
		if err != nil {
			return "", err
		}
		if !known {
			t.unread = place(file)
		}
		content = string(read)
	}
	if name == "" {
		return escapeData(content), nil
	}
	return name + "=" + escapeData(content), nil
}

// escapeData percent-encodes all but the unreserved characters (RFC 3986 section
// 2.3); a blank becomes "+".
func escapeData(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isNameByte(c), c == '.', c == '~':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isNameByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '-'
}

// addQuery does --url-query: as --data-urlencode, or as written behind "+".
func (t *curlTransfer) addQuery(value string) error {
	if raw, ok := strings.CutPrefix(value, "+"); ok {
		t.query = append(t.query, raw)
		return nil
	}
	encoded, err := t.urlencode(value)
	if err != nil {
		return err
	}
	t.query = append(t.query, encoded)
	return nil
}

// formPart is one -F (RFC 7578).
type formPart struct {
	name, content      string
	file               string // name on the disk; "" when the content is given
	fileName, mimeType string
	headers            []string
	readOnly           bool // "<file": the content of a file, without its name
}

// addForm reads "name=content", "name=@file;type=…;filename=…" and "name=<file".
func (t *curlTransfer) addForm(option, value string) error {
	name, rest, ok := strings.Cut(value, "=")
	if !ok {
		return fmt.Errorf("%w: -F %q has no \"=\"", ErrCurlUsage, shorten(exchange.MaskText(value), 60))
	}
	p := formPart{name: name, content: rest}
	if option == "form" {
		p.parse(rest)
	}
	t.form = append(t.form, p)
	return nil
}

func (p *formPart) parse(rest string) {
	kind := byte(0)
	if rest != "" && (rest[0] == '@' || rest[0] == '<') {
		kind, rest = rest[0], rest[1:]
	}
	words := splitForm(rest)
	p.content = words[0]
	if kind != 0 {
		p.file, p.content = words[0], ""
		p.readOnly = kind == '<'
		if kind == '@' {
			p.fileName = path.Base(p.file)
		}
	}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		switch strings.ToLower(key) {
		case "type":
			p.mimeType = value
		case "filename":
			p.fileName = unquoteForm(value)
		case "headers":
			p.headers = append(p.headers, unquoteForm(value))
		default: // curl keeps what it does not know as content
			if kind == 0 {
				p.content += ";" + word
			}
		}
	}
}

// splitForm splits at semicolons outside double quotes.
func splitForm(s string) []string {
	var words []string
	start, quoted := 0, strings.HasPrefix(s, `"`)
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"' && (i > 0 && s[i-1] == '=' || quoted && i > start):
			quoted = !quoted
		case s[i] == ';' && !quoted:
			words = append(words, s[start:i])
			start = i + 1
		}
	}
	words = append(words, s[start:])
	words[0] = unquoteForm(words[0])
	return words
}

func unquoteForm(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}

// formBody writes the parts as multipart/form-data. Its boundary comes from the
// content, so that the same command gives the same bytes.
func (t *curlTransfer) formBody() curlBody {
	var b curlBody
	sum := fnv.New64a()
	var parts [][]byte
	for _, p := range t.form {
		part, known := t.partOf(p)
		if !known {
			t.unread = place(p.file)
		}
		_, _ = sum.Write(part) // a hash never fails
		parts = append(parts, part)
	}
	b.boundary = fmt.Sprintf("------------------------%016x", sum.Sum64())
	if !t.mentions("Content-Type") {
		b.fields.Add("Content-Type", "multipart/form-data; boundary="+b.boundary)
	}
	if t.unread != "" {
		t.noteUnread()
		return b
	}
	var content bytes.Buffer
	for _, part := range parts {
		content.WriteString("--" + b.boundary + "\r\n")
		content.Write(part)
		content.WriteString("\r\n")
	}
	content.WriteString("--" + b.boundary + "--\r\n")
	b.content = exchange.NewBody(content.Bytes())
	b.fields = append(exchange.Header{{Name: "Content-Length", Value: exchange.NewValue("Content-Length", strconv.Itoa(content.Len()))}}, b.fields...)
	return b
}

// partOf writes header and content of a part; known is false when its file was
// not read.
func (t *curlTransfer) partOf(p formPart) (part []byte, known bool) {
	content, known := []byte(p.content), true
	if p.file != "" {
		var err error
		content, known, err = t.read(p.file)
		known = known && err == nil
	}
	var b bytes.Buffer
	b.WriteString("Content-Disposition: " + t.disposition())
	if p.name != "" {
		b.WriteString(`; name="` + t.escapeForm(p.name) + `"`)
	}
	if p.fileName != "" {
		b.WriteString(`; filename="` + t.escapeForm(p.fileName) + `"`)
	}
	b.WriteString("\r\n")
	if kind := p.contentType(); kind != "" {
		b.WriteString("Content-Type: " + kind + "\r\n")
	}
	for _, h := range p.headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(content)
	return b.Bytes(), known
}

// disposition is how curl calls the parts of what is no form.
func (t *curlTransfer) disposition() string {
	for _, written := range t.headers {
		if name, value, ok := splitField(written); ok && strings.EqualFold(name, "Content-Type") && value != "" && !strings.HasPrefix(strings.ToLower(value), "multipart/form-data") {
			return "attachment"
		}
	}
	return "form-data"
}

// escapeForm escapes a name as browsers do, or with backslashes on demand.
func (t *curlTransfer) escapeForm(s string) string {
	if !strings.ContainsAny(s, "\\\"\r\n") {
		return s
	}
	if t.formEscape {
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
	}
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(s)
}

// contentType is what was asked for, or what curl guesses by the name's end.
func (p *formPart) contentType() string {
	switch {
	case p.mimeType != "":
		return p.mimeType
	case p.fileName == "":
		return ""
	}
	switch strings.ToLower(path.Ext(p.fileName)) {
	case ".gif":
		return "image/gif"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain"
	case ".htm", ".html":
		return "text/html"
	case ".pdf":
		return "application/pdf"
	case ".xml":
		return "application/xml"
	}
	return "application/octet-stream"
}
