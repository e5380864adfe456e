package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// item is one request item of the command line, in HTTPie's notation.
type item struct {
	name, value string
	sign        string // "=" text, ":=" JSON, "==" query, ":" header field, "@" file of a multipart body
}

// signs, longest first where one begins another.
var signs = [...]string{":=", "==", "=", ":", "@"}

// parseItem splits an item at its first sign. A backslash keeps the next
// character from being one.
func parseItem(word string) (item, error) {
	var name strings.Builder
	for i := 0; i < len(word); i++ {
		if word[i] == '\\' && i+1 < len(word) {
			i++
			name.WriteByte(word[i])
			continue
		}
		for _, sign := range signs {
			if strings.HasPrefix(word[i:], sign) {
				if name.Len() == 0 {
					return item{}, fmt.Errorf("%q has no name before %q", word, sign)
				}
				return item{name: name.String(), value: word[i+len(sign):], sign: sign}, nil
			}
		}
		name.WriteByte(word[i])
	}
	return item{}, fmt.Errorf("not an item: %q", word)
}

// inBody reports whether an item may become a part of the body.
func (it item) inBody() bool { return it.sign == "=" || it.sign == ":=" || it.sign == "@" }

// validJSON refuses a := whose value is no JSON.
func (it item) validJSON() error {
	if it.sign == ":=" && !json.Valid([]byte(it.value)) {
		return fmt.Errorf("the value of %s:= isn't JSON", it.name)
	}
	return nil
}

// fromFile replaces a value "@file" by the file's content, as = and := allow.
func (it *item) fromFile() error {
	name, ok := strings.CutPrefix(it.value, "@")
	if !ok || it.sign != "=" && it.sign != ":=" {
		return nil
	}
	content, err := readFile(name, maxBody)
	if err != nil {
		return fmt.Errorf("read the value of %s from %s: %w", it.name, name, err)
	}
	it.value = strings.TrimRight(string(content), "\r\n")
	return nil
}

// document is a JSON object that keeps the order in which its members were given.
type document struct {
	members []member
}

type member struct {
	name  string
	value any // json.RawMessage, *document or *list
}

type list struct{ values []any }

// set puts a value at a name such as "email[emailAddress]" or "scopes[]"
// (HTTPie's nested notation).
func (d *document) set(name string, value json.RawMessage) error {
	head, path, err := splitName(name)
	if err != nil {
		return err
	}
	return d.put(head, path, value)
}

func splitName(name string) (head string, path []string, err error) {
	head, rest, nested := strings.Cut(name, "[")
	if !nested {
		return name, nil, nil
	}
	for part := range strings.SplitSeq(rest, "[") {
		inner, tail, closed := strings.Cut(part, "]")
		if !closed || tail != "" {
			return "", nil, fmt.Errorf("%q isn't of the form name[field] or name[]", name)
		}
		path = append(path, inner)
	}
	return head, path, nil
}

func (d *document) put(name string, path []string, value json.RawMessage) error {
	if len(path) == 0 {
		d.members = append(d.members, member{name, value})
		return nil
	}
	child := d.child(name, path[0])
	switch c := child.(type) {
	case *document:
		return c.put(path[0], path[1:], value)
	case *list:
		if len(path) > 1 {
			return fmt.Errorf("%q: use := with JSON for a field inside a list", name)
		}
		c.values = append(c.values, value)
		return nil
	}
	return fmt.Errorf("%q already has a value", name)
}

func (d *document) child(name, next string) any {
	for _, m := range d.members {
		if m.name == name {
			return m.value
		}
	}
	var child any = &document{}
	if next == "" {
		child = &list{}
	}
	d.members = append(d.members, member{name, child})
	return child
}

// MarshalJSON writes the members in order.
func (d *document) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range d.members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(m.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON writes the values in order.
func (l *list) MarshalJSON() ([]byte, error) { return encode(l.values) }

func encode(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		return raw, nil // as given, even when it is broken: diagnosing it is our work
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// jsonText writes a text as a JSON string.
func jsonText(s string) json.RawMessage {
	encoded, err := encode(s)
	if err != nil {
		return json.RawMessage(`""`) // a string always encodes
	}
	return encoded
}

// content turns the document into a body; no members make no body.
func (d *document) content() (exchange.Body, error) {
	if len(d.members) == 0 {
		return exchange.NewBody(nil), nil
	}
	encoded, err := d.MarshalJSON()
	if err != nil {
		return exchange.Body{}, fmt.Errorf("write the body: %w", err)
	}
	return exchange.NewBody(encoded), nil
}
