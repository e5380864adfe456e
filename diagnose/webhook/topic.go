package webhook

import (
	"bytes"
	"embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

//go:embed topics/*.json
var topicFiles embed.FS

//go:embed envelope.json
var envelope string

// EnvelopeSchema returns the JSON Schema of what surrounds the payload of a listener's
// topic.
func EnvelopeSchema() json.RawMessage { return json.RawMessage(envelope) }

// Topic is a message that Immersve sends. Each has its file in topics.
type Topic struct {
	Name      string          // "card-created"; the messageType of a custodial one: "auth-request"
	Path      string          // the last segment of the URL: "card-created", "authorize", "notify"
	Custodial bool            // the message has no envelope: Payload describes the whole body
	Payload   json.RawMessage // JSON Schema
	Response  json.RawMessage // JSON Schema of the body that the response needs; nil if it needs none
	Status    int             // the status that the response needs; 0 for any 2xx
	Limit     time.Duration   // the time for the response; 0 if the docs give none
}

// Topics returns the names of all topics, in alphabetical order.
func Topics() []string {
	files, err := topicFiles.ReadDir("topics")
	if err != nil {
		return nil // the folder is embedded
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".json")
	}
	return names
}

// Lookup returns the topic with a name.
func Lookup(name string) (*Topic, bool) {
	if strings.Contains(name, "/") {
		return nil, false
	}
	data, err := topicFiles.ReadFile("topics/" + name + ".json")
	if err != nil {
		return nil, false
	}
	v := gjson.ParseBytes(data)
	t := &Topic{
		Name: v.Get("name").Str, Path: v.Get("path").Str, Custodial: v.Get("custodial").Bool(),
		Payload: json.RawMessage(v.Get("payload").Raw), Status: int(v.Get("status").Int()),
		Limit: time.Duration(v.Get("limitMs").Int()) * time.Millisecond,
	}
	if r := v.Get("response"); r.Exists() {
		t.Response = json.RawMessage(r.Raw)
	}
	return t, true
}

// Sample returns a payload with the examples of the topic's schema. The first value of
// an enum is its example if it has no other.
func (t *Topic) Sample() []byte {
	var b bytes.Buffer
	sample(&b, gjson.ParseBytes(t.Payload))
	return b.Bytes()
}

// SampleResponse returns a response body with the examples of the topic's schema, or nil
// if the topic needs none.
func (t *Topic) SampleResponse() []byte {
	if t.Response == nil {
		return nil
	}
	var b bytes.Buffer
	sample(&b, gjson.ParseBytes(t.Response))
	return b.Bytes()
}

func sample(b *bytes.Buffer, schema gjson.Result) {
	if example := schema.Get("example"); example.Exists() {
		b.WriteString(example.Raw)
		return
	}
	if first := schema.Get("enum.0"); first.Exists() {
		b.WriteString(first.Raw)
		return
	}
	switch schema.Get("type").Str {
	case "object":
		b.WriteByte('{')
		separator := ""
		schema.Get("properties").ForEach(func(name, property gjson.Result) bool {
			b.WriteString(separator + strconv.Quote(name.Str) + ":")
			sample(b, property)
			separator = ","
			return true
		})
		b.WriteByte('}')
	case "array":
		b.WriteByte('[')
		sample(b, schema.Get("items"))
		b.WriteByte(']')
	case "boolean":
		b.WriteString("false")
	case "number", "integer":
		b.WriteByte('0')
	default:
		b.WriteString(`""`)
	}
}
