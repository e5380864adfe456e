package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// uses maps a value to the places that list it ("request field type"), and a place
// to the endpoints that have it.
type uses map[string]map[string][]string

// writeUses adds the function that returns the fields with a value in their enum,
// and the endpoints that the samples of the docs call with the key of a role.
func writeUses(b *bytes.Buffer, folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	found := uses{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := found.addOperation(data); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	b.WriteString("func usesOf(value string) []string {\n\tswitch value {\n")
	for _, value := range slices.Sorted(maps.Keys(found)) {
		var lines []string
		for _, place := range slices.Sorted(maps.Keys(found[value])) {
			lines = append(lines, place+": "+strings.Join(slices.Compact(found[value][place]), ", "))
		}
		fmt.Fprintf(b, "\tcase %q:\n\t\treturn %#v\n", value, lines)
	}
	b.WriteString("\t}\n\treturn nil\n}\n\n")
	return nil
}

// operation is what the uses need of an operation's file.
type operation struct {
	ID                string
	SampleCredentials []string
	Parameters        []struct {
		Name, In string
		Enum     []string
		Items    struct{ Enum []string }
	}
	RequestBody struct{ Schema json.RawMessage }
	Responses   map[string]struct{ Schema json.RawMessage }
}

func (u uses) addOperation(data []byte) error {
	var op operation
	if err := json.Unmarshal(data, &op); err != nil {
		return err
	}
	for _, p := range op.Parameters {
		for _, v := range slices.Concat(p.Enum, p.Items.Enum) {
			u.add(v, p.In+" parameter "+p.Name, op.ID)
		}
	}
	for _, sample := range op.SampleCredentials {
		for _, role := range []string{"card-issuer", "account-admin"} {
			if strings.HasPrefix(sample, role) {
				u.add(role, "the docs' samples", op.ID)
			}
		}
	}
	if err := u.addSchema(op.RequestBody.Schema, "request field ", op.ID); err != nil {
		return err
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if err := u.addSchema(op.Responses[status].Schema, "response field ", op.ID); err != nil {
			return err
		}
	}
	return nil
}

func (u uses) add(value, place, operation string) {
	if u[value] == nil {
		u[value] = map[string][]string{}
	}
	if list := u[value][place]; len(list) == 0 || list[len(list)-1] != operation {
		u[value][place] = append(list, operation)
	}
}

func (u uses) addSchema(text json.RawMessage, place, operation string) error {
	if len(text) == 0 {
		return nil
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	u.walk(schema, place, "", operation)
	return nil
}

// walk adds the enums of a schema. The fields of a list's entries are named like
// those of a single object: status of get-card and of list-cards is one line.
func (u uses) walk(schema map[string]any, place, path, operation string) {
	values, _ := schema["enum"].([]any)
	if c, ok := schema["const"]; ok {
		values = append(values, c)
	}
	for _, v := range values {
		if v != nil {
			u.add(fmt.Sprint(v), place+strings.TrimPrefix(path, "."), operation)
		}
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		variants, _ := schema[key].([]any)
		for _, v := range variants {
			if variant, ok := v.(map[string]any); ok {
				u.walk(variant, place, path, operation)
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if member, ok := properties[name].(map[string]any); ok {
			u.walk(member, place, path+"."+name, operation)
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		if path == ".items" {
			path = ""
		} else if path != "" {
			path += "[]"
		}
		u.walk(items, place, path, operation)
	}
}

// writeExamples adds the function that returns what to type after "call" for an
// operation, from a file of one line for each operation that needs more than its
// name.
func writeExamples(b *bytes.Buffer, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var examples map[string]string
	if err := yaml.UnmarshalWithOptions(data, &examples, yaml.Strict()); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	b.WriteString("func exampleArguments(operation string) string {\n\tswitch operation {\n")
	for _, op := range slices.Sorted(maps.Keys(examples)) {
		fmt.Fprintf(b, "\tcase %q:\n\t\treturn %q\n", op, examples[op])
	}
	b.WriteString("\t}\n\treturn \"\"\n}\n\n")
	return nil
}
