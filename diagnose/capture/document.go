package capture

import (
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
)

// documents reads exports and reports in JSON or YAML of which a tool's file says where
// an exchange has what: of one kind.
func documents(kind exchange.Kind) format {
	return format{
		kind: kind,
		sure: func(head string) int {
			if t := documentTool(head); t != nil && t.Kind == kind {
				return 98
			}
			return 0
		},
		read: readDocument,
	}
}

// documentTool returns the tool whose document a text is, or nil.
func documentTool(text string) *tools.Tool {
	text = strings.TrimLeft(text, " \t\r\n")
	if text == "" {
		return nil
	}
	isJSON := text[0] == '{' || text[0] == '['
	if isJSON {
		text = text[:objectEnd(text)] // what follows may be another log's lines
	}
	for _, t := range tools.Load().Tools {
		for _, sign := range t.Document {
			if isJSON == (sign[0] == '"') && (isJSON && strings.Contains(text, sign) || strings.HasPrefix(text, sign) || strings.Contains(text, "\n"+sign)) {
				return t
			}
		}
	}
	return nil
}

// IsDocument reports whether a text begins a document that a tool's file describes.
func IsDocument(head []byte) bool { return documentTool(string(head)) != nil }

// maxDocumentDepth is how deep folders may be nested.
const maxDocumentDepth = 24

// document is the state of reading one.
type document struct {
	in    *input
	tool  *tools.Tool
	at    int // in the text, after the last exchange
	yield func(*exchange.Exchange) bool
}

func readDocument(in *input, yield func(*exchange.Exchange) bool) {
	t := documentTool(head(in.text))
	if t == nil {
		return
	}
	text := in.text
	if trimmed := strings.TrimSpace(text); trimmed[0] != '{' && trimmed[0] != '[' {
		decoded, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			in.saw = "the input looks like YAML, but it can't be read: " + shorten(yaml.FormatError(err, false, false), 120)
			return
		}
		text = string(decoded)
	}
	if exchange.Depth([]byte(text)) > exchange.MaxDepth {
		return
	}
	d := &document{in, t, 0, yield}
	for value := range topValues(text) {
		if !d.walk(value, 0) {
			return
		}
	}
}

// topValues returns the JSON values of a text, of which there may be one per line.
func topValues(text string) func(yield func(gjson.Result) bool) {
	return func(yield func(gjson.Result) bool) {
		for text = strings.TrimLeft(text, " \t\r\n"); text != "" && (text[0] == '{' || text[0] == '['); text = strings.TrimLeft(text, " \t\r\n,") {
			end := objectEnd(text)
			if !yield(gjson.Parse(text[:end])) {
				return
			}
			text = text[end:]
		}
	}
}

// walk hands over the exchanges in a value; false to stop.
func (d *document) walk(v gjson.Result, depth int) bool {
	if depth > maxDocumentDepth || !v.IsObject() && !v.IsArray() {
		return true
	}
	if v.IsObject() && d.isItem(v) {
		return d.yield(d.call(v).Exchange())
	}
	on := true
	v.ForEach(func(_, inner gjson.Result) bool {
		on = d.walk(inner, depth+1)
		return on
	})
	return on
}

func (d *document) isItem(v gjson.Result) bool {
	for _, path := range d.tool.Item {
		if !member(v, path).Exists() {
			return false
		}
	}
	return true
}

// member returns the value at a path. NAME[KEY] is the value of the object with that key
// in a list of attributes, as OpenTelemetry has them.
func member(v gjson.Result, path string) gjson.Result {
	list, key, ok := strings.Cut(path, "[")
	if !ok {
		return v.Get(path)
	}
	key = strings.TrimSuffix(key, "]")
	var found gjson.Result
	v.Get(list).ForEach(func(_, pair gjson.Result) bool {
		if pair.Get("key").String() != key {
			return true
		}
		pair.Get("value").ForEach(func(_, value gjson.Result) bool {
			found = value
			return false
		})
		return false
	})
	return found
}

// call makes a call of an object.
func (d *document) call(v gjson.Result) *Call {
	c := &Call{Tool: d.tool}
	c.request.size, c.response.size = -1, -1
	for i := range d.tool.Members {
		mb := &d.tool.Members[i]
		value := member(v, mb.Path)
		text := value.String()
		if !value.Exists() || text == "" {
			continue
		}
		name := mb.Path[strings.LastIndexByte(mb.Path, '.')+1:]
		c.value(d.tool, mb, name, text, value.Type == gjson.String)
	}
	for _, h := range d.tool.Headers {
		d.headers(c, h, member(v, h.Path))
	}
	if token := member(v, d.tool.Bearer).String(); d.tool.Bearer != "" && token != "" && !hasField(c.request.fields, "authorization") {
		c.request.fields.Add("authorization", "Bearer "+token)
	}
	c.Line = d.lineOf(v)
	c.request.ended = len(c.request.fields) > 0
	return c
}

func (d *document) headers(c *Call, h tools.Headers, list gjson.Result) {
	side := &c.response
	if h.Request {
		side = &c.request
	}
	add := func(name, value string) {
		if isFieldName(name) && len(side.fields) < maxFields {
			side.fields.Add(name, value)
		}
	}
	list.ForEach(func(key, value gjson.Result) bool {
		switch {
		case h.Name == "" && value.IsArray():
			for _, v := range value.Array() {
				add(key.String(), v.String())
			}
		case h.Name == "":
			add(key.String(), value.String())
		case value.Get("disabled").Bool() || value.Get("active").Raw == "false" || value.Get("isDisabled").Bool() || value.Get("enabled").Raw == "false":
		default:
			add(value.Get(h.Name).String(), value.Get(h.Value).String())
		}
		return true
	})
}

// lineOf returns the line at which an object begins that is found by its URL.
func (d *document) lineOf(v gjson.Result) int {
	for _, mb := range d.tool.Members {
		if !mb.IsURL() {
			continue
		}
		url := member(v, mb.Path).String()
		if i := strings.Index(d.in.text[d.at:], url); url != "" && i >= 0 {
			d.at += i
			return 1 + strings.Count(d.in.text[:d.at], "\n")
		}
	}
	return 0
}
