package cmd

import (
	"slices"
	"strings"

	"immersve-doctor/diagnose/api"
)

// place is where a request takes a value: a parameter, or a field of the body.
type place struct {
	name     string
	in       string // "path", "query", "header" or "body"
	kind     string // JSON Schema types, such as "integer"
	required bool
	enum     []string
	example  string
}

// placesOf returns the parameters and body fields of an operation, in the order in
// which the documentation has them.
func placesOf(op *api.Operation) []place {
	var list []place
	for _, p := range op.Parameters {
		q := place{name: p.Name, in: p.In, kind: p.Type, required: p.Required || p.In == "path", enum: p.Enum}
		if p.Items != nil {
			q.enum = p.Items.Enum
		}
		if text, ok := p.Example.(string); ok {
			q.example = text
		}
		list = append(list, q)
	}
	for _, f := range op.Fields() {
		list = append(list, place{name: f.Name, in: "body", kind: f.Type, required: f.Required, enum: f.Enum, example: f.Example})
	}
	return list
}

// sign returns the sign between name and value, as "call" takes it.
func (p *place) sign() string {
	switch {
	case p.in == "query":
		return "=="
	case p.in == "header":
		return ":"
	case p.in == "path", p.kind == "", strings.HasPrefix(p.kind, "string"):
		return "="
	}
	return ":="
}

// words describe a place: its type, where it goes unless that's the body, whether it
// is required, and its values.
func (p *place) words() string {
	words := p.typeWords()
	if p.in == "body" {
		return words
	}
	kind, rest, _ := strings.Cut(words, ",")
	if rest != "" {
		rest = "," + rest
	}
	return kind + ", " + p.in + rest
}

// typeWords are the words without the part of the request.
func (p *place) typeWords() string {
	words := p.kind
	if words == "" {
		words = "any type"
	}
	if p.required {
		words += ", required"
	}
	if len(p.enum) > 0 {
		words += ": " + strings.Join(p.enum, " | ")
	}
	return words
}

// sample is a value of the place's type, for an example.
func (p *place) sample() string {
	switch {
	case len(p.enum) > 0:
		return p.enum[0]
	case p.example != "":
		return p.example
	case p.kind == "array":
		return "[]"
	case p.sign() == ":=":
		return "1"
	}
	return "100"
}

// isID reports whether a place takes an ID. The documentation's sample IDs open
// nothing, so they are no examples.
func (p *place) isID() bool {
	return strings.HasSuffix(p.name, "Id") || strings.HasSuffix(p.name, "Ids[]")
}

// givenIn reports whether a draft has a value for the place.
func (p *place) givenIn(items []item) bool {
	return slices.ContainsFunc(items, func(it item) bool {
		switch p.in {
		case "header":
			return it.sign == ":" && strings.EqualFold(it.name, p.name)
		case "query":
			return (it.sign == "==" || it.sign == "=") && it.name == p.name
		}
		return it.inBody() && (it.name == p.name || it.name == outer(p.name))
	})
}

// outer returns the name before the first bracket.
func outer(name string) string {
	head, _, _ := strings.Cut(name, "[")
	return head
}
