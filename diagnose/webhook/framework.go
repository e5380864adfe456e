package webhook

import (
	"bytes"
	_ "embed"
	"strings"

	"github.com/tidwall/gjson"
)

//go:embed frameworks.json
var frameworks string

// Framework is one that a partner's endpoint may be built with.
type Framework struct {
	Name string
	Raw  string // the expression that gives the raw body
}

// FrameworkOf returns the framework that a response's headers show, or none.
func FrameworkOf(header func(name string) string) (found Framework) {
	gjson.Parse(frameworks).ForEach(func(_, f gjson.Result) bool {
		if strings.Contains(header(f.Get("header").Str), f.Get("contains").Str) {
			found = Framework{Name: f.Get("name").Str, Raw: f.Get("raw").Str}
			return false
		}
		return true
	})
	return found
}

// ChangedBy returns the usual functions that would change a body if it was parsed and
// serialized again with them.
func ChangedBy(body []byte) []string {
	var names []string
	for _, f := range [...]struct {
		name string
		style
	}{
		{"JSON.stringify", style{comma: ",", colon: ":", numbers: 1}},
		{"Python's json.dumps", style{comma: ", ", colon: ": ", ascii: true}},
		{"PHP's json_encode", style{comma: ",", colon: ":", slash: true, ascii: true}},
		{"Go's json.Marshal", style{comma: ",", colon: ":", sorted: true, html: true, numbers: 1}},
	} {
		if text := f.rewrite(body); text != nil && !bytes.Equal(text, body) {
			names = append(names, f.name)
		}
	}
	return names
}
