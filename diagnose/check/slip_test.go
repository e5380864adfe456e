package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"immersve-doctor/diagnose/growth"

	"github.com/google/go-cmp/cmp"
)

// slipCase writes a text with ^ before each place where a slip should be found.
type slipCase struct {
	text     string
	kinds    string // in order, joined by "; "
	repaired string // "" where the mending is not certain
}

func slipCases() []slipCase {
	return []slipCase{
		// commas and semicolons
		{`{"a": 1^, }`, "trailing comma", `{"a": 1 }`},
		{`[1, 2^,]`, "trailing comma", `[1, 2]`},
		{"{\n  \"a\": {\"b\": 1^,},\n  \"c\": [1^,]^,\n}", "trailing comma; trailing comma; trailing comma", "{\n  \"a\": {\"b\": 1},\n  \"c\": [1]\n}"},
		{`{"a": 1}^,`, "trailing comma", `{"a": 1}`},
		{`{"a": 1^ "b": 2}`, "missing comma", `{"a": 1, "b": 2}`},
		{"{\n \"a\": \"x\"^\n \"b\": true^\n \"c\": []\n}", "missing comma; missing comma", "{\n \"a\": \"x\",\n \"b\": true,\n \"c\": []\n}"},
		{`[{"a": 1}^ {"a": 2}]`, "missing comma", `[{"a": 1}, {"a": 2}]`},
		{`["a"^ "b"]`, "missing comma", `["a", "b"]`},
		{`{"a": 1,^, "b": 2}`, "doubled comma", `{"a": 1, "b": 2}`},
		{`[^,1]`, "doubled comma", `[1]`},
		{`{"a": 1^; "b": 2^;}`, "semicolon; semicolon", `{"a": 1, "b": 2}`},
		// colons
		{`{"a"^ 1}`, "missing colon", `{"a": 1}`},
		{`{"a" ^=> "b", "c" ^= 1}`, "wrong colon; wrong colon", `{"a" : "b", "c" : 1}`},
		{`{"a":^: 1}`, "doubled colon", `{"a": 1}`},
		// quotes
		{`{^'a': ^'b'}`, "single quotes; single quotes", `{"a": "b"}`},
		{`{^'a': ^'it''s "so"', ^'n': ^None, ^'t': ^True}`, "single quotes; single quotes; single quotes; Python literal; single quotes; Python literal", `{"a": "it''s \"so\"", "n": null, "t": true}`},
		{`{^“a”: ^“b”}`, "smart quotes; smart quotes", `{"a": "b"}`},
		{`{"a": "b^”, "c": 1}`, "smart quotes", `{"a": "b", "c": 1}`},
		{`{"a": ^‘b’}`, "smart quotes", `{"a": "b"}`},
		{"{\"a\": ^`b`}", "backquotes", `{"a": "b"}`},
		{`{^a: 1, ^b-c: "d"}`, "unquoted name; unquoted name", `{"a": 1, "b-c": "d"}`},
		{`{^accountId:^abc123,^amount:5}`, "unquoted name; unquoted value; unquoted name", `{"accountId":"abc123","amount":5}`},
		{`{"id": ^315bad4e81ce0f26966a41b9d451638b}`, "unquoted value", `{"id": "315bad4e81ce0f26966a41b9d451638b"}`},
		{`{"on": ^2024-01-01, "url": ^https://a.b/c}`, "unquoted value; unquoted value", `{"on": "2024-01-01", "url": "https://a.b/c"}`},
		{`{"kycRedirectUrl^: "https://your.domain", "a": 1}`, "missing quote", `{"kycRedirectUrl": "https://your.domain", "a": 1}`},
		{"{\n \"amount^: 100,\n \"b\": 1\n}", "missing quote", "{\n \"amount\": 100,\n \"b\": 1\n}"},
		{`{"amount^: 100, "b": 1}`, "missing quote", `{"amount": 100, "b": 1}`},
		{`{"a": "foo^, "b": 1}`, "missing quote", `{"a": "foo", "b": 1}`},
		{"{\"a\": \"foo^,\n \"b\": 1}", "missing quote", "{\"a\": \"foo\",\n \"b\": 1}"},
		{"{\"a\": \"foo^\n}", "missing quote", "{\"a\": \"foo\"\n}"},
		{"{\"a\": \"foo^\n \"b\": 1}", "missing quote; missing comma", "{\"a\": \"foo\",\n \"b\": 1}"},
		{`{"a": "foo^}`, "missing quote", `{"a": "foo"}`},
		{`{^a": 1, "b": ^c"}`, "missing quote; missing quote", `{"a": 1, "b": "c"}`},
		{`{"m": "He said ^"hi" there", "b": 1}`, "quote in a string", `{"m": "He said \"hi\" there", "b": 1}`},
		{`{"m": "<a b=^"c"/>"}`, "quote in a string", `{"m": "<a b=\"c\"/>"}`},
		// strings
		{"{\"a\": \"x^\ny\"}", "newline in a string", `{"a": "x\ny"}`},
		{"{\"a\": \"x^\r\ny\"}", "newline in a string", `{"a": "x\ny"}`},
		{"{\"a\": \"x^\ty\"}", "control character", `{"a": "x\ty"}`},
		{`{"a": "C:^\Dir"}`, "unknown escape", `{"a": "C:\\Dir"}`},
		{`{"a": "it^\'s ^\x41"}`, "unknown escape; unknown escape", `{"a": "it's \u0041"}`},
		// comments
		{"{\"a\": 1, ^// why\n \"b\": 2}", "comment", "{\"a\": 1,  \n \"b\": 2}"},
		{`{"a": ^/* x */ 1}`, "comment", `{"a":   1}`},
		{"{\"a\": 1 ^# why\n}", "comment", "{\"a\": 1  \n}"},
		// literals
		{`{"a": ^undefined, "b": ^NaN, "c": ^-Infinity}`, "JavaScript literal; JavaScript literal; JavaScript literal", ""},
		{`{"a": ^TRUE}`, "capital letters", `{"a": true}`},
		{`[^nil]`, "Ruby literal", `[null]`},
		// numbers
		{`{"a": ^0123}`, "leading zero", ""},
		{`{"a": ^+5, "b": ^.5, "c": ^5.}`, "plus sign; bare decimal point; bare decimal point", `{"a": 5, "b": 0.5, "c": 5}`},
		{`{"a": ^0x1F}`, "hexadecimal number", ""},
		{`{"a": ^0xA3058369d6A481B1ff08F62B352409c3D709De9b}`, "unquoted value", `{"a": "0xA3058369d6A481B1ff08F62B352409c3D709De9b"}`},
		{`{"a": ^1_000}`, "digit separator", `{"a": 1000}`},
		{`{"a": 1^,000, "b": 2}`, "thousands separator", `{"a": 1000, "b": 2}`},
		{`{"a": 1^,000,000.50}`, "thousands separator", `{"a": 1000000.50}`},
		{`{"a": 1^ 000}`, "thousands separator", `{"a": 1000}`},
		{`{"a": ^13.14 USD}`, "unquoted value", `{"a": "13.14 USD"}`},
		// variables
		{`{"a": ^$AMOUNT}`, "unexpanded variable", ""},
		{`{"a": ^${AMOUNT}, "b": ^{{amount}}, "c": ^<amount>, "d": ^{amount}}`, "unexpanded variable; unexpanded variable; unexpanded variable; unexpanded variable", ""},
		{`{"a": ^process.env.AMOUNT, "b": ^Date.now()}`, "expression; expression", ""},
		{`{"a": ^, "b": 1}`, "no value", ""},
		{`{"a": ^}`, "no value", ""},
		{`{"a"^, "b": 1}`, "no value", ""},
		// brackets and ends
		{`{"a": {"b": 1}^`, "missing bracket", `{"a": {"b": 1}}`},
		{`{"a": ["b"^}`, "missing bracket", `{"a": ["b"]}`},
		{`{"a": [{"b": "c"^`, "missing bracket", `{"a": [{"b": "c"}]}`},
		{`{"a": 1^]`, "wrong bracket", `{"a": 1}`},
		{`{"a": 1}^}`, "surplus bracket", `{"a": 1}`},
		{`{"a": 12^`, "missing bracket", ""},
		{`{"a":^`, "truncated", ""},
		{`{"a": 1,^`, "truncated", ""},
		{`{"a": ^"abc`, "truncated", ""},
		{`{"a": 1}^'`, "stray character", `{"a": 1}`},
		{`{"a": 1}^{"a": 2}`, "two documents", ""},
		{`{"a": 1}^&{"a": 2}`, "two documents", ""},
		{`{"a": 1} ^HTTP/1.1 200`, "text after the end", ""},
		{`{"a": 1, ^...}`, "ellipsis", ""},
		// the whole text
		{"^\uFEFF{\"a\": 1}", "byte-order mark", `{"a": 1}`},
		{`^'{"a": 1}'`, "shell quotes", `{"a": 1}`},
		{`^'{^a:1}'`, "shell quotes; unquoted name", `{"a":1}`},
		{`{^\"a\": \"b\"}`, "escaped quotes", `{"a": "b"}`},
		{`^accountId=abc&amount=5`, "form encoding", `{"accountId": "abc", "amount": "5"}`},
		{`^data=%7B%22a%22%3A1%7D`, "form encoding", `{"a":1}`},
		{`^scopes[]=x`, "form encoding", ""},
		{`^@body.json`, "file reference", ""},
		{`^<?xml version="1.0"?><a/>`, "XML", ""},
		{`^<!DOCTYPE html><html></html>`, "HTML", ""},
		{`^[object Object]`, "printed object", ""},
		{`^undefined`, "unexpanded variable", ""},
		{`^$BODY`, "unexpanded variable", ""},
		{`^hello world`, "no JSON", ""},
		{"^   \n", "empty", ""},
		{"^--boundary123\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--boundary123--", "multipart", ""},
		{"^\xff\xfe{\x00}\x00", "UTF-16", "{}"},
		{"{\"a\":^\u00a01}", "odd space", `{"a": 1}`},
		{"0^\u0085", "odd space", "0 "},
		{"^\f\u0085", "empty", ""},
		{"^\u2028", "empty", ""},
	}
}

func TestFindSlips(t *testing.T) {
	for _, tc := range slipCases() {
		text, want := marked(tc)
		slips, repaired, _ := findSlips([]byte(text))
		var got []string
		for _, s := range slips {
			got = append(got, fmt.Sprintf("%d %s", s.at, s.kind))
			if s.says == "" || s.hint == "" {
				t.Errorf("%s: %q has no words", text, s.kind)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s\n(-want +got)\n%s", text, d)
		}
		if string(repaired) != tc.repaired {
			t.Errorf("%s\nrepaired %s\nwant     %s", text, repaired, tc.repaired)
		}
	}
}

// marked takes the marks out of a case's text and returns what should be found.
func marked(tc slipCase) (text string, want []string) {
	parts := strings.Split(tc.text, "^")
	text = parts[0]
	kinds := strings.Split(tc.kinds, "; ")
	for i, part := range parts[1:] {
		want = append(want, fmt.Sprintf("%d %s", len(text), kinds[min(i, len(kinds)-1)]))
		text += part
	}
	for len(want) < len(kinds) { // two slips at one place share a mark
		at, _, _ := strings.Cut(want[len(want)-1], " ")
		want = append(want, at+" "+kinds[len(want)])
	}
	return text, want
}

// TestTheDocumentationsOwnSlips holds the samples that fail as printed.
func TestTheDocumentationsOwnSlips(t *testing.T) {
	const prerequisites = `{
  "cardProgramId": "7dfa2e3ed390493ab307fac622f05ae9",
  "fundingSourceId": "91ad6fea3b52ca58d60d7fd310f789ec",
  "spendableAmount": 1000,
  "spendableCurrency": "USD",
  "kycType": "immersve-conducted",
  "kycRedirectUrl: "https://your.domain/immersve-redirect",
}`
	slips, repaired, edits := findSlips([]byte(prerequisites))
	if len(slips) != 2 || slips[0].kind != "missing quote" || slips[1].kind != "trailing comma" {
		t.Fatalf("found %v", slips)
	}
	want := strings.NewReplacer(`Url: "`, `Url": "`, "redirect\",\n", "redirect\"\n").Replace(prerequisites)
	if string(repaired) != want {
		t.Errorf("repaired\n%s", repaired)
	}
	at := strings.Index(string(repaired), "https")
	if got := originalOffset(edits, at); !strings.HasPrefix(prerequisites[got:], "https") {
		t.Errorf("offset %d of the repaired text is %d in the original", at, got)
	}
}

func checkSlips(t *testing.T, text []byte) {
	t.Helper()
	slips, repaired, edits := findSlips(text)
	if valid := json.Valid(text); valid != (len(slips) == 0) {
		t.Errorf("valid is %v, and there are %d slips: %q", valid, len(slips), text)
	}
	if repaired != nil && !json.Valid(repaired) {
		t.Errorf("the repaired text is no JSON: %q", repaired)
	}
	for _, s := range slips {
		if s.at < 0 || s.at > len(text) || s.says == "" || s.kind == "" {
			t.Errorf("a slip without place or words: %+v", s)
		}
	}
	for i := range repaired {
		if o := originalOffset(edits, i); o < 0 || o > len(text) {
			t.Errorf("offset %d of the repaired text is at %d of %d", i, o, len(text))
		}
	}
}

// TestEveryCutOfATextIsExplained cuts, doubles and drops bytes everywhere.
func TestEveryCutOfATextIsExplained(t *testing.T) {
	for _, tc := range slipCases() {
		text := []byte(strings.ReplaceAll(tc.text, "^", ""))
		for i := range text {
			checkSlips(t, text[:i])
			checkSlips(t, append(append([]byte(nil), text[:i]...), text[i+1:]...))
			checkSlips(t, append(append(append([]byte(nil), text[:i]...), '"'), text[i:]...))
		}
	}
}

// hostileTexts are made of n times something that no person writes.
func hostileTexts() map[string]func(n int) []byte {
	return map[string]func(n int) []byte{
		"open brackets":    func(n int) []byte { return bytes.Repeat([]byte("["), n) },
		"open braces":      func(n int) []byte { return bytes.Repeat([]byte("{"), n) },
		"balanced":         func(n int) []byte { return append(bytes.Repeat([]byte("["), n), bytes.Repeat([]byte("]"), n)...) },
		"quotes":           func(n int) []byte { return bytes.Repeat([]byte(`"a"`), n) },
		"inner quotes":     func(n int) []byte { return append([]byte(`{"a":"`), bytes.Repeat([]byte(`x" `), n)...) },
		"names":            func(n int) []byte { return bytes.Repeat([]byte(`{"a:`), n) },
		"lines in strings": func(n int) []byte { return append([]byte(`["`), bytes.Repeat([]byte("x\n"), n)...) },
		"single quotes":    func(n int) []byte { return append([]byte(`{`), bytes.Repeat([]byte(`'a':'b',`), n)...) },
		"unclosed single":  func(n int) []byte { return append([]byte(`{`), bytes.Repeat([]byte(`'a`), n)...) },
		"trailing commas":  func(n int) []byte { return append(append([]byte(`[`), bytes.Repeat([]byte(`[1,],`), n)...), ']') },
		"comments":         func(n int) []byte { return bytes.Repeat([]byte("//\n"), n) },
		"backslashes":      func(n int) []byte { return append([]byte(`{"a":"`), bytes.Repeat([]byte(`\q`), n)...) },
		"one long line":    func(n int) []byte { return append([]byte(`{"a":"`), bytes.Repeat([]byte(`x`), n)...) },
		"invalid UTF-8":    func(n int) []byte { return append([]byte(`{`), bytes.Repeat([]byte{0xFF}, n)...) },
		"form":             func(n int) []byte { return bytes.Repeat([]byte("a=b&"), n) },
	}
}

func TestHostileTexts(t *testing.T) {
	for name, text := range hostileTexts() {
		t.Run(name, func(t *testing.T) {
			growth.Linear(t, 200_000, func(n int) {
				if slips, _, _ := findSlips(text(n)); len(slips) == 0 || len(slips) > maxSlips+2 {
					t.Errorf("%d slips", len(slips))
				}
			})
		})
	}
}

func FuzzSlips(f *testing.F) {
	for _, tc := range slipCases() {
		f.Add([]byte(strings.ReplaceAll(tc.text, "^", "")))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkSlips(t, text) })
}
