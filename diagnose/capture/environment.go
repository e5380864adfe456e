package capture

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/exchange"
)

// ErrEnvironment says that a file gives no variables. The errors that wrap it say
// why.
var ErrEnvironment = errors.New("no environment")

// ParseEnvironment reads the values of variables from what people have: Postman's
// environment or globals, JetBrains' http-client.env.json, REST Client's settings,
// a JSON object of texts, or lines of NAME=value. The name chooses one of several
// environments; it may be "" where there is only one.
func ParseEnvironment(content []byte, name string) (map[string]string, error) {
	text := strings.TrimSpace(prepare(slices.Clone(content)).text)
	switch {
	case text == "":
		return nil, fmt.Errorf("%w: the file is empty", ErrEnvironment)
	case isBinary(text):
		return nil, fmt.Errorf("%w: the file is binary data", ErrEnvironment)
	case text[0] != '{':
		return dotenv(text)
	case !exchange.ValidJSON([]byte(text)):
		return nil, fmt.Errorf("%w: the file starts like JSON but isn't valid", ErrEnvironment)
	}
	root := gjson.Parse(text)
	if values := root.Get("values"); values.IsArray() {
		return postmanVariables(values), nil
	}
	if settings := root.Get(`rest-client\.environmentVariables`); settings.IsObject() {
		root = settings
	}
	return chosenEnvironment(root, name)
}

// postmanVariables reads [{"key", "value", "enabled"}], of environments, globals
// and collections; what is switched off is left out.
func postmanVariables(list gjson.Result) map[string]string {
	values := map[string]string{}
	if !list.IsArray() {
		return values
	}
	list.ForEach(func(_, v gjson.Result) bool {
		key := v.Get("key").String()
		if key == "" {
			key = v.Get("id").String() // v2.0
		}
		off := v.Get("enabled").Raw == "false" || v.Get("disabled").Raw == "true"
		if value, ok := scalar(v.Get("value")); v.IsObject() && key != "" && !off && (ok || !v.Get("value").Exists()) {
			values[key] = value
		}
		return true
	})
	return values
}

// HiddenVariables returns which variables of a file that ParseEnvironment reads are
// declared to be secrets: Postman knows such a type.
func HiddenVariables(content []byte) map[string]bool {
	text := prepare(slices.Clone(content)).text
	if !exchange.ValidJSON([]byte(text)) {
		return nil
	}
	return hiddenVariables(nil, gjson.Get(text, "values"))
}

// hiddenVariables adds those of a list to those of others.
func hiddenVariables(others map[string]bool, list gjson.Result) map[string]bool {
	hidden := maps.Clone(others)
	if !list.IsArray() {
		return hidden
	}
	list.ForEach(func(_, v gjson.Result) bool {
		if v.Get("type").String() == "secret" {
			if hidden == nil {
				hidden = map[string]bool{}
			}
			hidden[v.Get("key").String()] = true
		}
		return true
	})
	return hidden
}

// scalar is the text of a JSON string, number or truth value.
func scalar(v gjson.Result) (string, bool) {
	switch v.Type {
	case gjson.String:
		return v.Str, true
	case gjson.Number, gjson.True, gjson.False:
		return v.Raw, true
	}
	return "", false
}

// chosenEnvironment takes an object of texts, or one of several such objects.
// REST Client's $shared is part of each.
func chosenEnvironment(root gjson.Result, name string) (map[string]string, error) {
	values, named := map[string]string{}, map[string]gjson.Result{}
	root.ForEach(func(key, v gjson.Result) bool {
		if text, ok := scalar(v); ok {
			values[key.String()] = text
		} else if v.IsObject() {
			named[key.String()] = v
		}
		return true
	})
	shared := named["$shared"]
	delete(named, "$shared")
	names := slices.Sorted(maps.Keys(named))
	switch {
	case name == "" && len(values) > 0:
		return values, nil
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "" && len(names) > 1:
		return nil, fmt.Errorf("%w: the file has several (%s), so choose one with FILE:NAME", ErrEnvironment, quotedNames(names))
	case len(names) == 0 && len(values) == 0 && !shared.Exists():
		return nil, fmt.Errorf("%w: the file has no variables", ErrEnvironment)
	}
	chosen, ok := named[name]
	if !ok && (name != "" || !shared.Exists()) {
		return nil, fmt.Errorf("%w: unknown environment %q, use %s", ErrEnvironment, name, quotedNames(names))
	}
	for _, part := range []gjson.Result{shared, chosen} {
		part.ForEach(func(key, v gjson.Result) bool {
			if text, ok := scalar(v); ok {
				values[key.String()] = text
			}
			return true
		})
	}
	return values, nil
}

func quotedNames(names []string) string {
	if len(names) == 0 {
		return "no others"
	}
	var list []string
	for _, n := range names[:min(len(names), maxNamed)] {
		list = append(list, fmt.Sprintf("%q", shorten(exchange.MaskText(n), 40)))
	}
	return strings.Join(list, ", ")
}

// dotenv reads lines of NAME=value: "export" before them, quotes around the
// value, comments.
func dotenv(text string) (map[string]string, error) {
	values := map[string]string{}
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, " \t\"'{}<>") {
			return nil, fmt.Errorf("%w: line %d isn't NAME=value", ErrEnvironment, number)
		}
		values[name] = dotenvValue(strings.TrimSpace(value))
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%w: the file has no variables", ErrEnvironment)
	}
	return values, nil
}

func dotenvValue(value string) string {
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			return value[1 : 1+end]
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
