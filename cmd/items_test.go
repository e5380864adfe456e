package cmd

import (
	"encoding/json"
	"testing"
)

func TestParseItem(t *testing.T) {
	tests := []struct {
		word string
		want item
	}{
		{"name=value", item{"name", "value", "="}},
		{"name:=1", item{"name", "1", ":="}},
		{"name==value", item{"name", "value", "=="}},
		{"Origin:https://a.example:3000", item{"Origin", "https://a.example:3000", ":"}},
		{"url=https://a.example", item{"url", "https://a.example", "="}},
		{"email=a@b.example", item{"email", "a@b.example", "="}},
		{"file@passport.pdf", item{"file", "passport.pdf", "@"}},
		{"scopes[]=cardholder-partner", item{"scopes[]", "cardholder-partner", "="}},
		{`a\=b=c`, item{"a=b", "c", "="}},
		{"empty=", item{"empty", "", "="}},
	}
	for _, tt := range tests {
		if got, err := parseItem(tt.word); err != nil || got != tt.want {
			t.Errorf("parseItem(%q) = %+v, %v; want %+v", tt.word, got, err, tt.want)
		}
	}
	for _, word := range []string{"", "limit", "=value", `\`} {
		if got, err := parseItem(word); err == nil {
			t.Errorf("parseItem(%q) = %+v, want an error", word, got)
		}
	}
}

func TestDocumentKeepsItsOrder(t *testing.T) {
	var d document
	for _, m := range [][2]string{{"b", `"1"`}, {"a", "2"}, {"email[emailAddress]", `"x"`}, {"scopes[]", `"s"`}, {"scopes[]", `"t"`}, {"email[kind]", `"home"`}} {
		if err := d.set(m[0], json.RawMessage(m[1])); err != nil {
			t.Fatal(err)
		}
	}
	body, err := d.content()
	const want = `{"b":"1","a":2,"email":{"emailAddress":"x","kind":"home"},"scopes":["s","t"]}`
	if err != nil || string(body.Bytes()) != want {
		t.Errorf("content = %s, %v; want %s", body.Bytes(), err, want)
	}
	for _, name := range []string{"b[x]", "a[", "a]b", "c[d]e"} {
		if err := d.set(name, json.RawMessage("1")); err == nil && name != "a]b" {
			t.Errorf("set(%q) was accepted", name)
		}
	}
}

// Whatever is typed, reading an item ends, and a body of text items is JSON.
func FuzzItems(f *testing.F) {
	for _, seed := range []string{"name=value", "a[b]=c", "a[]=c", `a\=b=c`, "Origin:x", "x:=1", "a[b][c]=d", "[=", "a[[]]=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		it, err := parseItem(word)
		if err != nil || it.sign != "=" {
			return
		}
		var d document
		if d.set(it.name, jsonText(it.value)) != nil {
			return
		}
		if body, err := d.content(); err != nil || !json.Valid(body.Bytes()) {
			t.Errorf("%q makes the body %q, %v", word, body.Bytes(), err)
		}
	})
}
