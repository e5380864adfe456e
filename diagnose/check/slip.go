package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// A slip is one reason why a text is not JSON (RFC 8259), with the edits that
// would mend it.
type slip struct {
	kind  string // what sort of slip, "trailing comma"; findings are grouped by it
	at    int    // byte offset
	says  string // completes "the body isn't valid JSON: …"
	hint  string // stands under the caret
	edits []edit
	sure  bool // the edits are what was meant, not a guess
}

// edit replaces a range of bytes.
type edit struct {
	start, end int
	text       string
}

const (
	maxSlipKinds = 10
	maxSlips     = 1000
	maxNesting   = 10_000 // encoding/json and most parsers refuse more
)

// jsonSpace is all that JSON knows as white space (RFC 8259 section 2), which is
// less than Unicode does.
const jsonSpace = " \t\r\n"

// Kinds of slip that the check treats apart.
const (
	slipForm      = "form encoding"
	slipMasked    = "masked value"
	slipTruncated = "truncated"
	slipNoValue   = "no value"
	slipFile      = "file reference"
)

// findSlips says why a text is not JSON. For a text that is JSON there is no
// slip; for any other there is at least one. repaired is the mended text, nil
// unless every slip is one whose mending is certain and the result is JSON;
// edits are what led to it.
func findSlips(text []byte) (slips []slip, repaired []byte, edits []edit) {
	if json.Valid(text) {
		return nil, nil, nil
	}
	slips = scanSlips(text)
	if len(slips) == 0 {
		slips = []slip{unexplained(text)}
	}
	for _, s := range slips {
		if !s.sure {
			return slips, nil, nil
		}
		edits = append(edits, s.edits...)
	}
	repaired = applyEdits(text, edits)
	if !json.Valid(repaired) {
		return slips, nil, nil
	}
	return slips, repaired, edits
}

// unexplained is the slip of last resort: where the parser stopped.
func unexplained(text []byte) slip {
	var syntax *json.SyntaxError
	at := 0
	if err := json.Unmarshal(text, new(json.RawMessage)); errors.As(err, &syntax) {
		at = max(0, int(syntax.Offset)-1)
	}
	return slip{kind: "unexpected character", at: at, says: "this isn't expected here", hint: "remove or replace this"}
}

// applyEdits returns the text with the edits made, nil when they overlap.
func applyEdits(text []byte, edits []edit) []byte {
	sortEdits(edits)
	var b bytes.Buffer
	last := 0
	for _, e := range edits {
		if e.start < last || e.end < e.start || e.end > len(text) {
			return nil
		}
		b.Write(text[last:e.start])
		b.WriteString(e.text)
		last = e.end
	}
	b.Write(text[last:])
	return b.Bytes()
}

func sortEdits(edits []edit) {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
}

// originalOffset returns the place in the text as captured of a place in the
// mended one. The edits are sorted.
func originalOffset(edits []edit, offset int) int {
	shift := 0 // of the mended text against the original
	for _, e := range edits {
		begin := e.start + shift
		if offset < begin {
			break
		}
		if offset < begin+len(e.text) {
			return min(e.start+(offset-begin), e.end)
		}
		shift += len(e.text) - (e.end - e.start)
	}
	return offset - shift
}

func scanSlips(text []byte) []slip {
	trimmed := bytes.Trim(text, jsonSpace)
	start := len(text) - len(bytes.TrimLeft(text, jsonSpace))
	if len(bytes.TrimSpace(text)) == 0 {
		return []slip{{kind: "empty", says: "it contains only whitespace", hint: "send JSON here"}}
	}
	for _, look := range wholeTextSlips() {
		if s, ok := look(trimmed); ok {
			s.at += start
			for i := range s.edits {
				s.edits[i].start += start
				s.edits[i].end += start
			}
			return []slip{s}
		}
	}
	s := slipScanner{text: text, comma: -1}
	s.openEnvelope()
	s.run()
	return s.slips
}

// wholeTextSlips returns the looks at a text as a whole: what is no JSON at all
// is not worth a list of its characters.
func wholeTextSlips() []func([]byte) (slip, bool) {
	return []func([]byte) (slip, bool){
		utf16Slip, compressedSlip, printedObjectSlip, fileReferenceSlip, markupSlip, multipartSlip, formSlip, escapedSlip, placeholderSlip,
	}
}

func utf16Slip(text []byte) (slip, bool) {
	big := bytes.HasPrefix(text, []byte{0xFE, 0xFF})
	if !big && !bytes.HasPrefix(text, []byte{0xFF, 0xFE}) {
		return slip{}, false
	}
	s := slip{kind: "UTF-16", says: "it's encoded in UTF-16 instead of UTF-8", hint: "save the file as UTF-8", sure: true}
	var units []uint16
	for i := 2; i+1 < len(text) && i < 1<<20; i += 2 {
		hi, lo := text[i], text[i+1]
		if !big {
			hi, lo = lo, hi
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	s.edits = []edit{{0, len(text), string(utf16.Decode(units))}}
	return s, true
}

func compressedSlip(text []byte) (slip, bool) {
	return slip{kind: "compressed", says: "it's compressed (gzip)", hint: "send it uncompressed"}, bytes.HasPrefix(text, []byte{0x1F, 0x8B})
}

func printedObjectSlip(text []byte) (slip, bool) {
	return slip{
		kind: "printed object", says: "JavaScript converted an object to a string, not to JSON",
		hint: "send JSON.stringify(object)",
	}, bytes.HasPrefix(text, []byte("[object "))
}

// fileReferenceSlip finds curl's @file where the file's content belongs: only
// -d and its like read it, --data-raw and other clients send it as it stands.
func fileReferenceSlip(text []byte) (slip, bool) {
	ok := text[0] == '@' && len(text) > 1 && len(text) < 512 && !bytes.ContainsAny(text, "\n{\"")
	return slip{kind: slipFile, says: "it's a file name, not the file's content", hint: "send the file's content here"}, ok
}

func markupSlip(text []byte) (slip, bool) {
	if text[0] != '<' || template(string(text[:min(len(text), 80)])) != "" {
		return slip{}, false
	}
	what := "XML"
	head := bytes.ToLower(text[:min(len(text), 256)])
	if bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype")) {
		what = "HTML"
	}
	ok := bytes.IndexByte(text, '>') > 0
	return slip{kind: what, says: "it's " + what, hint: "send JSON here"}, ok
}

func multipartSlip(text []byte) (slip, bool) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	ok := bytes.HasPrefix(line, []byte("--")) && len(line) > 6 && bytes.Contains(bytes.ToLower(rest[:min(len(rest), 200)]), []byte("content-disposition"))
	return slip{kind: "multipart", says: "it's a multipart form", hint: "send JSON here"}, ok
}

// formSlip finds name=value pairs (application/x-www-form-urlencoded).
func formSlip(text []byte) (slip, bool) {
	if !looksLikeForm(text) {
		return slip{}, false
	}
	s := slip{kind: slipForm, says: "it's form-encoded (name=value)", hint: "write JSON here"}
	if mended, ok := formToJSON(string(text)); ok {
		s.edits = []edit{{0, len(text), mended}}
		s.sure = true
	}
	return s, true
}

func looksLikeForm(text []byte) bool {
	if len(text) > 1<<20 || bytes.IndexByte(text, '=') <= 0 {
		return false
	}
	for pair := range bytes.SplitSeq(text, []byte("&")) {
		name, value, ok := bytes.Cut(pair, []byte("="))
		if !ok || len(name) == 0 || len(name) > 100 || bytes.IndexByte(value, '\n') >= 0 && value[0] != '{' {
			return false
		}
		for _, c := range name {
			if !isWordByte(c) && !strings.ContainsRune("-.[]%+", rune(c)) {
				return false
			}
		}
	}
	return true
}

// formToJSON writes flat pairs as an object of strings; a single pair whose
// value is JSON gives that value. Nested names and repeated ones stay open.
func formToJSON(text string) (string, bool) {
	pairs, more := exchange.First(exchange.ParseQuery(text), maxParameters)
	if more {
		return "", false
	}
	if len(pairs) == 1 && strings.HasPrefix(strings.TrimSpace(pairs[0].Value), "{") && json.Valid([]byte(pairs[0].Value)) {
		return pairs[0].Value, true
	}
	seen := map[string]bool{}
	var b strings.Builder
	for i, p := range pairs {
		if seen[p.Name] || strings.ContainsAny(p.Name, "[].") {
			return "", false
		}
		seen[p.Name] = true
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoteJSON(p.Name) + ": " + quoteJSON(p.Value))
	}
	return "{" + b.String() + "}", len(pairs) > 0
}

// escapedSlip finds a text whose quotes all carry a backslash, as it stands in
// a program's source or after one shell too many.
func escapedSlip(text []byte) (slip, bool) {
	i := 0
	for i < len(text) && strings.IndexByte(" \t\r\n{[", text[i]) >= 0 {
		i++
	}
	if i == 0 || !bytes.HasPrefix(text[i:], []byte(`\"`)) && !bytes.HasPrefix(text[i:], []byte(`\n`)) {
		return slip{}, false
	}
	mended := strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\/`, `/`).Replace(string(text))
	s := slip{kind: "escaped quotes", at: i, says: `its quotes are escaped (\") as in a string`, hint: "remove the backslashes before the quotes"}
	if json.Valid([]byte(mended)) {
		s.sure, s.edits = true, []edit{{0, len(text), mended}}
	}
	return s, true
}

func placeholderSlip(text []byte) (slip, bool) {
	if len(text) > 200 || text[0] == '"' || text[0] == '[' {
		return slip{}, false
	}
	what := template(string(text))
	return slip{kind: "unexpanded variable", says: "it's " + what + ", not JSON", hint: "send JSON here"}, what != ""
}

// quoteJSON writes a string as JSON without escaping what needs none.
func quoteJSON(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// doubleEncoded returns the JSON that a string holds, when it holds an object or
// array: a value that was encoded twice.
func doubleEncoded(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '{' && s[0] != '[' || !exchange.ValidJSON([]byte(s)) {
		return "", false
	}
	return s, true
}

func isWordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_'
}

func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }

// showRune names a character for a title: itself, and its code point where it
// cannot be seen.
func showRune(text []byte) string {
	r, _ := utf8.DecodeRune(text)
	if r == utf8.RuneError {
		return fmt.Sprintf("the byte 0x%02X", text[0])
	}
	if r < 0x21 || r >= 0x7F {
		return fmt.Sprintf("the character U+%04X", r)
	}
	return fmt.Sprintf("the character %c", r)
}
