package api

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Field is a field of an operation's JSON request body.
type Field struct {
	Name     string   // nested as in "email[emailAddress]", entries of lists as in "scopes[]"
	Type     string   // JSON Schema types, such as "string" or "string or null"
	Required bool     // without it, no documented alternative accepts the body
	Enum     []string // the documented values, or nil if any value goes
	Example  string   // a documented value, or "" if there is none
}

// Fields returns the fields of the request body in the order of the documentation.
// A field of several alternatives is listed once.
func (o *Operation) Fields() []Field {
	if o.RequestBody == nil {
		return nil
	}
	return fieldsOf(gjson.ParseBytes(o.RequestBody.Schema), "", o.RequestBody.Required)
}

// fieldsOf returns the fields of an object schema, or those that the alternatives
// have.
func fieldsOf(schema gjson.Result, prefix string, required bool) []Field {
	var list []Field
	for _, part := range schema.Get("allOf").Array() {
		list = merge(list, fieldsOf(part, prefix, required))
	}
	names := valuesOf(schema.Get("required"))
	schema.Get("properties").ForEach(func(name, property gjson.Result) bool {
		full := name.String()
		if prefix != "" {
			full = prefix + "[" + full + "]"
		}
		list = merge(list, fieldOf(full, property, required && slices.Contains(names, name.String())))
		return true
	})
	alternatives := schema.Get("anyOf").Array()
	var each []Field
	for i, alternative := range alternatives {
		found := fieldsOf(alternative, prefix, required)
		if i == 0 {
			each = found
			continue
		}
		each = either(each, found)
	}
	return merge(list, each)
}

// fieldOf returns a property: its own fields if it's an object that has some.
func fieldOf(name string, property gjson.Result, required bool) []Field {
	if nested := fieldsOf(property, name, required); len(nested) > 0 {
		return nested
	}
	f := Field{Name: name, Type: strings.Join(valuesOf(property.Get("type")), " or "), Required: required, Enum: valuesOf(property.Get("enum"))}
	if f.Enum == nil && property.Get("const").Exists() {
		f.Enum = valuesOf(property.Get("const"))
	}
	example := property.Get("example")
	if items := property.Get("items"); f.Type == "array" && oneType(items) {
		f.Name, f.Type, f.Enum = name+"[]", items.Get("type").String(), valuesOf(items.Get("enum"))
		example = example.Get("0")
	}
	f.Example = example.String()
	return []Field{f}
}

// oneType reports whether a list's entries are plain values.
func oneType(items gjson.Result) bool {
	return slices.Contains([]string{"string", "integer", "number", "boolean"}, items.Get("type").String())
}

// merge adds fields that aren't listed yet. A field is required if either says so.
func merge(list, more []Field) []Field {
	for _, f := range more {
		i := slices.IndexFunc(list, func(known Field) bool { return known.Name == f.Name })
		if i < 0 {
			list = append(list, f)
			continue
		}
		list[i].Required = list[i].Required || f.Required
	}
	return list
}

// either joins the fields of two alternatives. A field is required if both say so.
func either(a, b []Field) []Field {
	var list []Field
	for _, f := range a {
		i := slices.IndexFunc(b, func(other Field) bool { return other.Name == f.Name })
		f.Required = f.Required && i >= 0 && b[i].Required
		if i >= 0 {
			f.Enum = eitherEnum(f.Enum, b[i].Enum)
		}
		list = append(list, f)
	}
	for _, f := range b {
		if !slices.ContainsFunc(a, func(other Field) bool { return other.Name == f.Name }) {
			f.Required = false
			list = append(list, f)
		}
	}
	return list
}

// eitherEnum joins the values of two alternatives, or returns nil if one allows any.
func eitherEnum(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	list := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// valuesOf returns the entries of a list, or a single value, as written; nil if
// there are none.
func valuesOf(v gjson.Result) []string {
	var list []string
	for _, e := range v.Array() {
		list = append(list, e.String())
	}
	return list
}
