package planted_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
)

// mistake is one way to go wrong, and what has to come of it.
type mistake struct {
	name  string
	wants []string                    // ids of which one has to be the first finding
	needs part                        // what a capture has to show
	plant func(m maker, c *call) bool // false if this call can't have it
}

// part is what of a call a capture shows.
type part int

const (
	line   part = iota // request line and response
	fields             // all request headers
	body               // the request body
)

func mistakes() []mistake {
	return slices.Concat(bodyMistakes(), credentialMistakes(), routeMistakes(), responseMistakes())
}

// fields400 is what the response says of a field, or nothing.
func (m maker) rejected(c *call, message, path string) {
	more := ""
	if m.IntN(2) == 0 {
		more = fmt.Sprintf(`,"errors":[{"message":%q,"path":%q}]`, message, path)
	}
	c.answer(400, "Bad Request", "INVALID_REQUEST_INPUT", more)
}

// field picks a field of the body for which ok holds.
func (m maker) field(c *call, ok func(name string, schema map[string]any, required bool) bool) (string, map[string]any) {
	object, isObject := c.body.(map[string]any)
	properties, _ := c.schema["properties"].(map[string]any)
	if !isObject {
		return "", nil
	}
	var whole map[string]any
	if json.Unmarshal(c.op.RequestBody.Schema, &whole) != nil {
		return "", nil
	}
	required := demanded(whole)
	var names []string
	for name := range object {
		if schema, isMap := properties[name].(map[string]any); isMap && ok(name, schema, slices.Contains(required, name)) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	slices.Sort(names)
	return m.pick(names...), object
}

func isText(schema map[string]any) bool { return schema["type"] == "string" && schema["anyOf"] == nil }

func isAmount(name string) bool {
	return slices.Contains([]string{"amount", "spendableAmount", "expectedSpendAmount", "transactionAmount"}, name)
}

func bodyMistakes() []mistake {
	return []mistake{
		{"a missing field", []string{"body-missing-field", "body-no-variant"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(_ string, _ map[string]any, required bool) bool { return required })
			if name == "" {
				return false
			}
			delete(object, name)
			m.encode(c)
			m.rejected(c, "Required", name)
			return true
		}},
		{"a renamed field", []string{"body-missing-field", "body-no-variant"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(name string, _ map[string]any, required bool) bool { return required && len(name) > 4 })
			if name == "" {
				return false
			}
			other := m.pick(snake(name), strings.ToUpper(name[:1])+name[1:], name[:len(name)-2]+name[len(name)-1:])
			if other == name {
				return false
			}
			object[other] = object[name]
			delete(object, name)
			m.encode(c)
			m.rejected(c, "Required", name)
			return true
		}},
		{"a text as another type", []string{"body-wrong-type", "body-no-variant"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(name string, schema map[string]any, _ bool) bool {
				_, number := schema["example"].(float64)
				return isText(schema) && !isAmount(name) && !number && schema["enum"] == nil
			})
			if name == "" {
				return false
			}
			object[name] = []any{m.IntN(1000), true, []any{object[name]}, map[string]any{"value": object[name]}}[m.IntN(4)]
			m.encode(c)
			m.rejected(c, "Expected string", name)
			return true
		}},
		{"a value that isn't listed", []string{"body-invalid-value", "body-no-variant"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(_ string, schema map[string]any, _ bool) bool { return schema["enum"] != nil && isText(schema) })
			if name == "" || c.op.ID == "create-challenge" {
				return false // a network has its own errorCode
			}
			text := fmt.Sprint(object[name])
			other := m.pick(strings.ToUpper(text), text+"s", "something-else")
			if other == text {
				return false
			}
			object[name] = other
			m.encode(c)
			m.rejected(c, "Invalid enum value", name)
			return true
		}},
		{"a decimal amount", []string{"amount-not-minor-units"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(name string, _ map[string]any, _ bool) bool { return isAmount(name) })
			if name == "" {
				return false
			}
			amount := fmt.Sprintf("%d.%02d", 1+m.IntN(1000), 1+m.IntN(98))
			object[name] = amount
			if m.IntN(2) == 0 {
				object[name] = json.Number(amount)
			}
			m.encode(c)
			m.rejected(c, "Invalid", name)
			return true
		}},
		{"a field left empty", []string{"body-placeholder"}, body, func(m maker, c *call) bool {
			name, object := m.field(c, func(_ string, schema map[string]any, required bool) bool { return required && isText(schema) })
			if name == "" {
				return false
			}
			object[name] = m.pick("", "${"+strings.ToUpper(snake(name))+"}", "<"+snake(name)+">", "{{"+name+"}}")
			m.encode(c)
			m.rejected(c, "Invalid", name)
			return true
		}},
		{"broken JSON", []string{"body-invalid-json"}, body, func(m maker, c *call) bool {
			object, ok := c.body.(map[string]any)
			if !ok || len(object) == 0 {
				return false
			}
			end := strings.TrimRight(strings.TrimSuffix(c.text, "}"), "\n ")
			c.text = []string{end + ",}", end, strings.ReplaceAll(c.text, `"`, "'"), strings.Replace(c.text, ":", "", 1)}[m.IntN(4)]
			m.rejected(c, "Invalid JSON", "")
			return true
		}},
		{"no body", []string{"body-missing"}, body, func(m maker, c *call) bool {
			if c.body == nil || !c.op.RequestBody.Required {
				return false
			}
			c.body, c.text = nil, ""
			c.drop("Content-Type")
			c.set("Content-Length", "0")
			m.rejected(c, "Required", "")
			return true
		}},
		{"the wrong content type", []string{"content-type-mismatch"}, body, func(m maker, c *call) bool {
			if c.body == nil {
				return false
			}
			c.set("Content-Type", m.pick("text/plain", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8"))
			m.rejected(c, "Required", "")
			return true
		}},
	}
}

func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// refused makes a credential's mistake: a change of headers that ends in a 401.
func refused(name, id string, change func(m maker, c *call) bool) mistake {
	return mistake{name, []string{id}, fields, func(m maker, c *call) bool {
		if c.op.Security == api.SecurityNone || !change(m, c) {
			return false
		}
		c.answer(401, "Unauthorized", "", "")
		return true
	}}
}

func withKey(change func(m maker, c *call)) func(m maker, c *call) bool {
	return func(m maker, c *call) bool {
		if c.get("x-api-key") == "" {
			return false
		}
		change(m, c)
		return true
	}
}

func withToken(change func(m maker, c *call)) func(m maker, c *call) bool {
	return func(m maker, c *call) bool {
		if c.get("Authorization") == "" {
			return false
		}
		change(m, c)
		return true
	}
}

func credentialMistakes() []mistake {
	return []mistake{
		refused("no credentials", "credentials-missing", func(_ maker, c *call) bool {
			for _, name := range []string{"Authorization", "x-api-key", "x-api-secret"} {
				c.drop(name)
			}
			return true
		}),
		refused("no secret", "api-secret-missing", withKey(func(_ maker, c *call) { c.drop("x-api-secret") })),
		refused("no key", "api-key-missing", withKey(func(_ maker, c *call) { c.drop("x-api-key") })),
		refused("key and secret swapped", "api-key-swapped", withKey(func(_ maker, c *call) {
			key, secret := c.get("x-api-key"), c.get("x-api-secret")
			c.set("x-api-key", secret)
			c.set("x-api-secret", key)
		})),
		refused("a test key on live", "environment-mismatch", func(m maker, c *call) bool {
			if c.get("x-api-key") == "" || m.environment(c.host) == "test" {
				return false
			}
			key, secret := m.keys("test")
			c.set("x-api-key", key)
			c.set("x-api-secret", secret)
			return true
		}),
		refused("an expired token", "token-expired", withToken(func(m maker, c *call) {
			c.set("Authorization", "Bearer "+m.token(now.Add(-time.Duration(1+m.IntN(600))*time.Minute)))
		})),
		refused("no Bearer", "bearer-prefix-missing", withToken(func(_ maker, c *call) {
			c.set("Authorization", strings.TrimPrefix(c.get("Authorization"), "Bearer "))
		})),
		refused("no value in the program", "credential-placeholder", withToken(func(m maker, c *call) {
			c.set("Authorization", "Bearer "+m.pick("undefined", "null", "None", "[object Object]", "<token>", "{{accessToken}}"))
		})),
		refused("quotes around the token", "credential-whitespace", withToken(func(_ maker, c *call) {
			c.set("Authorization", `Bearer "`+strings.TrimPrefix(c.get("Authorization"), "Bearer ")+`"`)
		})),
		refused("half a token", "token-malformed", withToken(func(m maker, c *call) { c.set("Authorization", "Bearer "+m.hex(40)) })),
		{"no Origin", []string{"origin-missing"}, fields, func(_ maker, c *call) bool {
			if c.get("Origin") == "" {
				return false
			}
			c.drop("Origin")
			c.answer(403, "Forbidden", "ORIGIN_NOT_ALLOWED", `,"reason":"Origin not allowed"`)
			return true
		}},
	}
}

func missing(c *call) bool {
	c.answer(404, "Not Found", "", "")
	return true
}

func routeMistakes() []mistake {
	return []mistake{
		{"the wrong method", []string{"wrong-method"}, line, func(m maker, c *call) bool {
			c.method = m.pick("GET", "POST", "PUT", "DELETE", "PATCH")
			for _, r := range api.Routes() {
				if r.Method == c.method && sameShape(r.Path, c.op.Path) {
					return false
				}
			}
			return missing(c)
		}},
		{"a misspelt path", []string{"unknown-route"}, line, func(m maker, c *call) bool {
			parts := strings.Split(c.path, "/")
			last := len(parts) - 1
			switch m.IntN(3) {
			case 0:
				parts = append([]string{"", "v1"}, parts[1:]...)
			case 1:
				if strings.HasPrefix(strings.Split(c.op.Path, "/")[last], "{") {
					return false
				}
				parts[last] += "x"
			default:
				parts = append(parts, "details")
			}
			c.path = strings.Join(parts, "/")
			if slices.ContainsFunc(api.Routes(), func(r api.Route) bool { return sameShape(r.Path, c.path) }) {
				return false
			}
			return missing(c)
		}},
		{"a placeholder in the path", []string{"path-placeholder"}, line, func(m maker, c *call) bool {
			parts, documented := strings.Split(c.path, "/"), strings.Split(c.op.Path, "/")
			for i, part := range documented {
				if strings.HasPrefix(part, "{") && part != "{faultTypeName}" {
					parts[i] = m.pick("undefined", "null", part, "%7B"+strings.Trim(part, "{}")+"%7D", ":"+strings.Trim(part, "{}"))
					c.path = strings.Join(parts, "/")
					if m.IntN(2) == 0 {
						c.answer(403, "Forbidden", "FORBIDDEN", `,"reason":"Unauthorized"`)
						return true
					}
					return missing(c)
				}
			}
			return false
		}},
		{"a simulator endpoint on live", []string{"simulator-not-live", "wrong-host"}, line, func(_ maker, c *call) bool {
			if slices.Contains(c.op.Hosts, "api.immersve.com") || !slices.Contains(c.op.Hosts, "test.immersve.com") {
				return false
			}
			c.host = "api.immersve.com"
			for _, name := range []string{"Authorization", "x-api-key", "x-api-secret"} {
				c.drop(name)
			}
			return missing(c)
		}},
		{"the host for card data", []string{"wrong-host"}, line, func(_ maker, c *call) bool {
			if slices.ContainsFunc(c.op.Hosts, func(h string) bool { return strings.Contains(h, "-sec.") }) {
				return false
			}
			c.host = strings.Replace(c.host, ".immersve", "-sec.immersve", 1)
			return missing(c)
		}},
		{"a required query parameter left out", []string{"query-missing"}, line, func(m maker, c *call) bool {
			for _, p := range c.op.Parameters {
				if p.In == "query" && p.Required {
					c.query.Del(p.Name)
					m.rejected(c, "Required", p.Name)
					return true
				}
			}
			return false
		}},
		{"a query value that isn't listed", []string{"query-invalid-value"}, line, func(m maker, c *call) bool {
			for _, p := range c.op.Parameters {
				if p.In == "query" && len(p.Enum) > 1 {
					c.query.Set(p.Name, m.pick("none-of-them", strings.ToUpper(p.Enum[0])))
					m.rejected(c, "Invalid enum value", p.Name)
					return true
				}
			}
			return false
		}},
	}
}

// sameShape reports whether two paths differ in the names of their parameters only.
func sameShape(a, b string) bool {
	left, right := strings.Split(a, "/"), strings.Split(b, "/")
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		if left[i] != right[i] && !strings.HasPrefix(left[i], "{") && !strings.HasPrefix(right[i], "{") {
			return false
		}
	}
	return true
}

func responseMistakes() []mistake {
	return []mistake{
		{"a business rule", []string{"error-code"}, line, func(m maker, c *call) bool {
			codes := c.op.ErrorCodes(403)
			codes = slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return code == "FORBIDDEN" })
			if len(codes) == 0 {
				return false
			}
			c.answer(403, "Forbidden", m.pick(codes...), `,"reason":"not allowed"`)
			return true
		}},
		{"too many requests", []string{"rate-limited"}, line, func(m maker, c *call) bool {
			c.answer(429, "Too Many Requests", "", "")
			c.fields = append(c.fields, header{"Retry-After", fmt.Sprint(1 + m.IntN(59))})
			return true
		}},
		{"an error of the server", []string{"server-error"}, line, func(_ maker, c *call) bool {
			c.answer(500, "Internal Server Error", "", "")
			return true
		}},
		{"a gateway's page", []string{"gateway-error"}, line, func(_ maker, c *call) bool {
			c.status, c.reply = 502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
			return true
		}},
		{"no response", []string{"dns-failure", "connection-refused", "timeout", "tls-failure"}, line, func(m maker, c *call) bool {
			c.status = 0
			c.failure = m.pick(
				"curl: (6) Could not resolve host: "+c.host,
				"curl: (7) Failed to connect to "+c.host+" port 443 after 4 ms: Could not connect to server",
				"curl: (28) Operation timed out after 10001 milliseconds with 0 bytes received",
				"curl: (60) SSL certificate problem: self-signed certificate",
			)
			return true
		}},
	}
}
