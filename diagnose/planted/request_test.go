package planted_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
)

// now is when everything is sent and diagnosed.
var now = time.Date(2026, 11, 23, 10, 44, 12, 0, time.UTC)

// call is a request as the documentation has it, and the response to it.
type call struct {
	op      *api.Operation
	method  string
	scheme  string
	host    string
	path    string
	query   url.Values
	headers []header
	body    any            // of a request with JSON, nil for none
	schema  map[string]any // of the body: the alternative that was chosen
	text    string         // the body as sent
	status  int            // 0: no response came
	reply   string
	fields  []header // of the response
	failure string   // what curl printed if no response came
}

type header struct{ name, value string }

func (c *call) set(name, value string) {
	for i, h := range c.headers {
		if h.name == name {
			c.headers[i].value = value
			return
		}
	}
	c.headers = append(c.headers, header{name, value})
}

func (c *call) get(name string) string {
	for _, h := range c.headers {
		if h.name == name {
			return h.value
		}
	}
	return ""
}

func (c *call) drop(name string) {
	c.headers = slices.DeleteFunc(c.headers, func(h header) bool { return h.name == name })
}

func (c *call) target() string {
	if len(c.query) == 0 {
		return c.path
	}
	return c.path + "?" + c.query.Encode()
}

func (c *call) url() string { return c.scheme + "://" + c.host + c.target() }

// answer sets a response of the form that the docs give for 400 and 403.
func (c *call) answer(status int, name, code, more string) {
	c.status = status
	c.reply = fmt.Sprintf(`{"statusCode":%d,"statusName":%q`, status, name)
	if code != "" {
		c.reply += fmt.Sprintf(`,"errorCode":%q`, code)
	}
	c.reply += more + "}"
}

// maker makes calls of documented facts, by one source of chance.
type maker struct{ *rand.Rand }

func (m maker) pick(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[m.IntN(16)]
	}
	return string(b)
}

// sound makes a request that keeps all that is documented, and the documented success.
func (m maker) sound(op *api.Operation) *call {
	c := &call{op: op, method: op.Method, scheme: "https", query: url.Values{}}
	c.host = op.Hosts[m.IntN(len(op.Hosts))]
	c.path = op.Path
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			c.path = strings.Replace(c.path, "{"+p.Name+"}", m.parameter(p), 1)
		case p.In == "query" && (p.Required || m.IntN(3) == 0):
			c.query.Set(p.Name, m.parameter(p))
		case p.In == "header" && strings.EqualFold(p.Name, "origin"):
			c.set("Origin", "https://app.example.com")
		}
	}
	c.set("Accept", "application/json")
	m.credentials(c)
	if op.RequestBody != nil {
		var schema map[string]any
		if json.Unmarshal(op.RequestBody.Schema, &schema) == nil {
			c.schema = m.resolve(schema)
			c.body = m.value(c.schema, "", 0)
			m.encode(c)
			c.set("Content-Type", op.RequestBody.ContentType)
		}
	}
	c.status = op.SuccessStatus()
	if c.status != 204 {
		c.reply = "{}"
		var schema map[string]any
		if raw := op.Responses[fmt.Sprint(c.status)].Schema; len(raw) > 0 && json.Unmarshal(raw, &schema) == nil {
			data, err := json.Marshal(m.value(schema, "", 0))
			if err == nil {
				c.reply = string(data)
			}
		}
	}
	return c
}

// encode writes the body as clients do.
func (m maker) encode(c *call) {
	data, err := json.Marshal(c.body)
	if err == nil && m.IntN(3) == 0 {
		data, err = json.MarshalIndent(c.body, "", "  ")
	}
	if err == nil {
		c.text = string(data)
	}
}

func (m maker) environment(host string) string {
	if strings.HasPrefix(host, "test") {
		return "test"
	}
	return "live"
}

func (m maker) keys(environment string) (key, secret string) {
	if environment == "test" {
		return "imm-key-test-" + m.hex(64), "imm-secret-test-" + m.hex(64)
	}
	return "imm-key-prod-LIVE-" + m.hex(32), "imm-secret-prod-LIVE-" + m.hex(32)
}

func (m maker) credentials(c *call) {
	if c.op.Security == api.SecurityNone {
		return
	}
	if c.op.Security == api.SecurityToken || m.IntN(2) == 0 {
		c.set("Authorization", "Bearer "+m.token(now.Add(time.Duration(2+m.IntN(15))*time.Minute)))
		return
	}
	key, secret := m.keys(m.environment(c.host))
	c.set("x-api-key", key)
	c.set("x-api-secret", secret)
}

// token makes an access token that is valid for 20 minutes until a time.
func (m maker) token(until time.Time) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"RS256","typ":"JWT"}`) + "." +
		part(fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, m.hex(32), until.Add(-20*time.Minute).Unix(), until.Unix())) + "." + part(m.hex(96))
}

func (m maker) parameter(p api.Parameter) string {
	example, _ := p.Example.(string)
	switch {
	case len(p.Enum) > 0:
		return m.pick(p.Enum...)
	case p.Items != nil && len(p.Items.Enum) > 0:
		return m.pick(p.Items.Enum...)
	case p.Name == "limit":
		return fmt.Sprint(1 + m.IntN(50))
	case p.Type == "boolean":
		return m.pick("true", "false")
	case p.Name == "amount":
		return fmt.Sprint(100 + m.IntN(100_000))
	case p.Name == "currency", p.Name == "targetCurrency":
		return m.pick("USD", "NZD", "EUR")
	case p.Name == "reportId":
		return "01JPMK5BGDY7G2PQXYZ" + fmt.Sprint(1_000_000+m.IntN(8_999_999))
	case strings.HasSuffix(p.Name, "Id") && p.Name != "tokenId", p.Name == "cursor":
		return m.hex(32)
	case example != "":
		return example
	}
	return now.Add(-time.Duration(m.IntN(1000)) * time.Hour).Format(time.RFC3339)
}

// value makes a value that a documented schema allows.
func (m maker) value(schema map[string]any, name string, depth int) any {
	schema = m.resolve(schema)
	if enum, ok := schema["enum"].([]any); ok && len(enum) > 0 {
		return enum[m.IntN(len(enum))]
	}
	kind, _ := schema["type"].(string)
	if kinds, ok := schema["type"].([]any); ok && len(kinds) > 0 {
		kind, _ = kinds[0].(string)
	}
	switch kind {
	case "object":
		return m.object(schema, depth)
	case "array":
		list := []any{}
		if items, ok := schema["items"].(map[string]any); ok && depth < 5 {
			for range 1 + m.IntN(2) {
				list = append(list, m.value(items, "", depth+1))
			}
		} else if example, ok := schema["example"].([]any); ok {
			list = example
		}
		return list
	case "boolean":
		return m.IntN(2) == 0
	case "number", "integer":
		return 1 + m.IntN(100_000)
	}
	return m.text(schema, name)
}

// resolve joins what a schema says with its allOf and with one of its alternatives.
func (m maker) resolve(schema map[string]any) map[string]any {
	all := map[string]any{}
	for key, v := range schema {
		if key != "allOf" && key != "anyOf" {
			all[key] = v
		}
	}
	for _, part := range schemas(schema["allOf"]) {
		join(all, m.resolve(part))
	}
	if alternatives := schemas(schema["anyOf"]); len(alternatives) > 0 {
		join(all, m.resolve(alternatives[m.IntN(len(alternatives))]))
	}
	return all
}

func schemas(list any) []map[string]any {
	var out []map[string]any
	entries, _ := list.([]any)
	for _, e := range entries {
		if s, ok := e.(map[string]any); ok {
			out = append(out, s)
		}
	}
	return out
}

// join adds what a part says to what is known.
func join(all, part map[string]any) {
	for key, v := range part {
		switch have := all[key].(type) {
		case map[string]any:
			both := maps.Clone(have)
			if more, ok := v.(map[string]any); ok {
				maps.Copy(both, more)
			}
			all[key] = both
		case []any:
			if more, ok := v.([]any); ok {
				all[key] = slices.Concat(have, more)
			}
		default:
			all[key] = v
		}
	}
}

// demanded returns the fields that a schema requires, whatever alternative is chosen.
func demanded(schema map[string]any) []string {
	var names []string
	required, _ := schema["required"].([]any)
	for _, n := range required {
		names = append(names, fmt.Sprint(n))
	}
	for _, part := range schemas(schema["allOf"]) {
		names = append(names, demanded(part)...)
	}
	alternatives := schemas(schema["anyOf"])
	if len(alternatives) == 0 {
		return names
	}
	common := demanded(alternatives[0])
	for _, other := range alternatives[1:] {
		list := demanded(other)
		common = slices.DeleteFunc(common, func(n string) bool { return !slices.Contains(list, n) })
	}
	return append(names, common...)
}

// object makes an object with all required fields and some of the others.
func (m maker) object(schema map[string]any, depth int) any {
	object := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	names := make([]string, 0, len(properties))
	for n := range properties {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if p, ok := properties[n].(map[string]any); ok && (slices.Contains(required, any(n)) || depth < 4 && m.IntN(2) == 0) {
			object[n] = m.value(p, n, depth+1)
		}
	}
	return object
}

// text makes a string like the documented example.
func (m maker) text(schema map[string]any, name string) string {
	example := fmt.Sprint(schema["example"])
	pattern, _ := schema["pattern"].(string)
	switch {
	case schema["format"] == "date-time":
		return now.Add(-time.Duration(m.IntN(1000)) * time.Minute).Format(time.RFC3339)
	case strings.HasPrefix(pattern, "^[0-9]{") && schema["example"] == nil:
		var n int
		_, _ = fmt.Sscanf(pattern, "^[0-9]{%d}", &n)
		return strings.Repeat("4", n)
	case schema["format"] == "uri" && schema["example"] == nil:
		return "https://app.example.com"
	case strings.HasSuffix(name, "Id") && name != "externalId":
		return m.hex(32)
	case schema["example"] == nil && strings.HasSuffix(name, "Amount"):
		return fmt.Sprint(100 + m.IntN(10_000))
	case schema["example"] == nil:
		return "Text " + m.hex(6)
	case strings.Contains(example, "..."):
		return "0x" + m.hex(130)
	}
	return example
}
