package webhook

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"immersve-doctor/diagnose/api/schema"
)

// A body is a text that may have been signed, with the changes that turn it into the
// one that was received.
type body struct {
	changes []string
	text    []byte
}

// bodies yields what may have been signed if this body was received, the likeliest
// first. It doesn't yield the body itself.
func bodies(received []byte) iter.Seq[body] {
	return func(yield func(body) bool) {
		starts := []body{{nil, received}}
		for b := range texts(received) {
			starts = append(starts, b)
			if !yield(b) {
				return
			}
		}
		for _, b := range starts {
			for styled := range styles(b.text) {
				for _, end := range []string{"", "\n", "\r\n"} {
					changes := append(slices.Clone(b.changes), differences(b.text, styled)...)
					if end != "" {
						changes = append(changes, "end-removed")
					}
					if !yield(body{changes, append(slices.Clone(styled), end...)}) {
						return
					}
				}
			}
		}
	}
}

// maxUnpacked bounds a decompressed body.
const maxUnpacked = 16 << 20

// texts yields the body with a change of its text undone.
func texts(received []byte) iter.Seq[body] {
	return func(yield func(body) bool) {
		put := func(change string, text []byte) bool {
			return len(text) == 0 || bytes.Equal(text, received) || yield(body{[]string{change}, text})
		}
		bom, crlf, lf := []byte("\ufeff"), []byte("\r\n"), []byte("\n")
		trimmed := bytes.TrimSpace(received)
		undone := []struct {
			change string
			text   func() []byte
		}{
			{"end-added", func() []byte { return bytes.TrimRight(received, "\r\n") }},
			{"end-removed", func() []byte { return append(slices.Clone(received), '\n') }},
			{"end-removed", func() []byte { return append(slices.Clone(received), crlf...) }},
			{"space-added", func() []byte { return trimmed }},
			{"lf-to-crlf", func() []byte { return bytes.ReplaceAll(received, crlf, lf) }},
			{"crlf-to-lf", func() []byte { return bytes.ReplaceAll(bytes.ReplaceAll(received, crlf, lf), lf, crlf) }},
			{"bom-added", func() []byte { return bytes.TrimPrefix(received, bom) }},
			{"bom-removed", func() []byte { return append(slices.Clone(bom), received...) }},
			{"charset-twice", func() []byte { return narrow(received) }},
			{"charset-latin1", func() []byte { return widen(received) }},
			{"quoted", func() []byte { return unquoted(trimmed) }},
			{"base64", func() []byte { return unbase64(trimmed) }},
			{"percent", func() []byte { return unescaped(trimmed) }},
			{"gzip", func() []byte { return gunzipped(received) }},
		}
		for _, u := range undone {
			if !put(u.change, u.text()) {
				return
			}
		}
	}
}

// narrow undoes reading UTF-8 as Latin-1 and writing it as UTF-8. It returns nil if
// that can't have happened.
func narrow(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r > 0xff {
			return nil
		}
		out = append(out, byte(r))
	}
	if !utf8.Valid(out) {
		return nil
	}
	return out
}

// widen undoes writing a text in Latin-1.
func widen(text []byte) []byte {
	if utf8.Valid(text) {
		return nil
	}
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
	}
	return []byte(string(runes))
}

// unquoted returns the text of a JSON string, or of a text in single quotes.
func unquoted(text []byte) []byte {
	var s string
	if len(text) > 1 && text[0] == '"' && json.Unmarshal(text, &s) == nil {
		return []byte(s)
	}
	if len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\'' {
		return text[1 : len(text)-1]
	}
	return nil
}

func unbase64(text []byte) []byte {
	out, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil
	}
	return out
}

// unescaped returns the text of a body that a parser of forms has escaped.
func unescaped(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte("%7B")) && !bytes.HasPrefix(text, []byte("%7b")) {
		return nil
	}
	out, err := url.QueryUnescape(strings.TrimSuffix(string(text), "="))
	if err != nil {
		return nil
	}
	return []byte(out)
}

func gunzipped(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(r, maxUnpacked))
	if err != nil {
		return nil
	}
	return out
}

// A style is a way to write JSON.
type style struct {
	comma, colon, indent string
	sorted               bool
	slash                bool // escape slashes
	ascii                bool // escape what isn't ASCII
	html                 bool // escape < > and &
	numbers              int  // 0 as written, 1 as JavaScript writes them, 2 whole numbers with a fraction
}

// styles yields a JSON text as the usual libraries write it, nothing if it isn't JSON.
func styles(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		if !json.Valid(text) || !schema.Whole(text) {
			return
		}
		root := schema.Parse(text)
		if !complete(root) {
			return
		}
		choice := func(condition bool) []bool {
			if condition {
				return []bool{false, true}
			}
			return []bool{false}
		}
		var plain bytes.Buffer
		(&style{comma: ",", colon: ":"}).write(&plain, root, "")
		slashes, markup := choice(bytes.ContainsRune(plain.Bytes(), '/')), choice(bytes.ContainsAny(plain.Bytes(), "<>&"))
		foreign := choice(bytes.ContainsFunc(plain.Bytes(), func(r rune) bool { return r > 0x7e }))
		for _, spacing := range [...]style{
			{comma: ",", colon: ":"},
			{comma: ", ", colon: ": "},
			{comma: ",", colon: ": ", indent: "  "},
			{comma: ",", colon: ": ", indent: "    "},
			{comma: ",", colon: ": ", indent: "\t"},
			{comma: ", ", colon: ":"},
			{comma: ",", colon: ": "},
		} {
			for _, spacing.sorted = range []bool{false, true} {
				for _, spacing.slash = range slashes {
					for _, spacing.ascii = range foreign {
						for _, spacing.html = range markup {
							for spacing.numbers = range 3 {
								var b bytes.Buffer
								spacing.write(&b, root, "\n")
								if !bytes.Equal(b.Bytes(), text) && !yield(b.Bytes()) {
									return
								}
							}
						}
					}
				}
			}
		}
	}
}

// rewrite returns a JSON text in a style, or nil if it isn't JSON.
func (s *style) rewrite(text []byte) []byte {
	if !json.Valid(text) || !schema.Whole(text) {
		return nil
	}
	root := schema.Parse(text)
	if !complete(root) {
		return nil
	}
	var b bytes.Buffer
	s.write(&b, root, "\n")
	return b.Bytes()
}

// complete reports whether a tree was read to its leaves.
func complete(n *schema.Node) bool {
	if n == nil || n.Cut {
		return false
	}
	for c := range n.Children() {
		if !complete(c) {
			return false
		}
	}
	return true
}

func (s *style) write(b *bytes.Buffer, n *schema.Node, newline string) {
	switch n.Kind {
	case schema.Object, schema.Array:
		brackets := "{}"
		if n.Kind == schema.Array {
			brackets = "[]"
		}
		b.WriteByte(brackets[0])
		inner := newline + s.indent
		children := slices.Collect(n.Children())
		if s.sorted && n.Kind == schema.Object {
			slices.SortStableFunc(children, func(a, c *schema.Node) int { return strings.Compare(a.Name(), c.Name()) })
		}
		for i, c := range children {
			if i > 0 {
				b.WriteString(s.comma)
			}
			if s.indent != "" {
				b.WriteString(inner)
			}
			if n.Kind == schema.Object {
				s.quote(b, c.Name())
				b.WriteString(s.colon)
			}
			s.write(b, c, inner)
		}
		if s.indent != "" && len(children) > 0 {
			b.WriteString(newline)
		}
		b.WriteByte(brackets[1])
	case schema.String:
		s.quote(b, n.Text())
	case schema.Number:
		b.WriteString(s.number(string(n.Raw)))
	default:
		b.Write(n.Raw)
	}
}

func (s *style) number(raw string) string {
	v, err := strconv.ParseFloat(raw, 64)
	whole := err == nil && v == math.Trunc(v) && math.Abs(v) < 1e15
	switch {
	case s.numbers == 1 && whole:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case s.numbers == 1 && err == nil && math.Abs(v) >= 1e-6 && math.Abs(v) < 1e21:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case s.numbers == 2 && whole:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return raw
}

func (s *style) quote(b *bytes.Buffer, text string) {
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\' || r == '/' && s.slash:
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < ' ', s.ascii && r > 0x7e, s.html && strings.ContainsRune("<>&\u2028\u2029", r):
			if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
				fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
			} else {
				fmt.Fprintf(b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// differences returns what was done to a JSON text that became another one.
func differences(received, signed []byte) []string {
	changes := []string{"json"}
	lines := func(b []byte) bool { return bytes.ContainsRune(bytes.TrimSpace(b), '\n') }
	spaced := func(b []byte) bool { return bytes.Contains(b, []byte(`": `)) || bytes.Contains(b, []byte(`, "`)) }
	switch {
	case lines(received) != lines(signed):
		changes = append(changes, pick(lines(received), "json-indented", "json-joined"))
	case spaced(received) != spaced(signed):
		changes = append(changes, pick(spaced(received), "json-spaces-added", "json-spaces-removed"))
	}
	for _, escape := range []struct{ text, added, removed string }{
		{`\/`, "json-slashes-escaped", "json-slashes-unescaped"},
		{`\u003`, "json-html-escaped", "json-html-unescaped"},
	} {
		if has := bytes.Contains(received, []byte(escape.text)); has != bytes.Contains(signed, []byte(escape.text)) {
			changes = append(changes, pick(has, escape.added, escape.removed))
		}
	}
	foreign := func(b []byte) bool { return bytes.ContainsFunc(b, func(r rune) bool { return r > 0x7e }) }
	if foreign(received) != foreign(signed) {
		changes = append(changes, pick(foreign(signed), "json-unicode-escaped", "json-unicode-unescaped"))
	}
	if !slices.Equal(names(received), names(signed)) {
		changes = append(changes, "json-keys-reordered")
	}
	return changes
}

func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// names returns the names of a JSON document's fields in their order.
func names(text []byte) []string {
	var list []string
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		for c := range n.Children() {
			list = append(list, c.Name())
			walk(c)
		}
	}
	if root := schema.Parse(bytes.TrimPrefix(text, []byte("\ufeff"))); root != nil {
		walk(root)
	}
	return list
}
