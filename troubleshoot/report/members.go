package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/api"
)

// bodyLines lists the members of an operation's request body: name, type,
// whether it is required, enum. Alternatives are listed one after another.
func bodyLines(f *api.Operation) []string {
	if f.RequestBody == nil {
		return []string{"none"}
	}
	schema := gjson.ParseBytes(f.RequestBody.Schema)
	lines := memberLines(schema, "")
	if f.RequestBody.ContentType != "application/json" {
		lines = append([]string{f.RequestBody.ContentType}, lines...)
	}
	return lines
}

func memberLines(schema gjson.Result, prefix string) []string {
	if any := schema.Get("anyOf"); any.IsArray() && !schema.Get("properties").Exists() {
		var lines []string
		for i, variant := range any.Array() {
			lines = append(lines, fmt.Sprintf("either (%d)", i+1))
			lines = append(lines, memberLines(variant, prefix)...)
		}
		return lines
	}
	if schema.Get("type").String() == "array" {
		return memberLines(schema.Get("items"), prefix+"[].")
	}
	var required []string
	for _, r := range schema.Get("required").Array() {
		required = append(required, r.String())
	}
	var lines []string
	for _, all := range schema.Get("allOf").Array() {
		lines = append(lines, memberLines(all, prefix)...)
	}
	schema.Get("properties").ForEach(func(name, member gjson.Result) bool {
		lines = append(lines, memberLine(prefix+name.String(), member, slices.Contains(required, name.String())))
		if strings.Count(prefix, ".") < 1 && member.Get("properties").Exists() {
			lines = append(lines, memberLines(member, prefix+name.String()+".")...)
		}
		return true
	})
	return lines
}

func memberLine(name string, member gjson.Result, required bool) string {
	kind := member.Get("type").String()
	if member.Get("type").IsArray() {
		var kinds []string
		for _, k := range member.Get("type").Array() {
			kinds = append(kinds, k.String())
		}
		kind = strings.Join(kinds, " or ")
	}
	if kind == "" {
		kind = "any"
	}
	if required {
		kind += ", required"
	}
	line := fmt.Sprintf("%s (%s)", name, kind)
	enum := member.Get("enum")
	if !enum.Exists() {
		enum = member.Get("items.enum")
	}
	if enum.IsArray() {
		var values []string
		for _, v := range enum.Array() {
			values = append(values, v.String())
		}
		line += ": " + strings.Join(values, " | ")
	}
	return line
}
