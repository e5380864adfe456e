package api

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// decode reads an operation's file. encoding/json would do, and spend a third of
// a millisecond on reflection in every process that diagnoses one exchange; a test
// holds the two together.
func decode(data []byte) *Operation {
	op := new(Operation)
	gjson.ParseBytes(data).ForEach(func(name, v gjson.Result) bool {
		switch name.Str {
		case "id":
			op.ID = v.Str
		case "method":
			op.Method = v.Str
		case "path":
			op.Path = v.Str
		case "tag":
			op.Tag = v.Str
		case "hosts":
			op.Hosts = texts(v)
		case "security":
			op.Security = Security(v.Str)
		case "undocumentedRoute":
			op.UndocumentedRoute = v.Bool()
		case "deprecated":
			op.Deprecated = v.Bool()
		case "repeat":
			op.Repeat = Repeat(v.Str)
		case "findOut":
			op.FindOut = v.Str
		case "accountKind":
			op.AccountKind = AccountKind(v.Str)
		case "account":
			op.Account = &AccountPlace{In: v.Get("in").Str, Name: v.Get("name").Str}
		case "sampleCredentials":
			op.SampleCredentials = texts(v)
		case "parameters":
			op.Parameters = parameters(v)
		case "requestBody":
			op.RequestBody = &RequestBody{Required: v.Get("required").Bool(), ContentType: v.Get("contentType").Str, Schema: raw(v.Get("schema"))}
		case "rules":
			op.Rules = rules(v)
		case "responses":
			op.Responses = responses(v)
		case "docs":
			op.Docs = v.Str
		}
		return true
	})
	return op
}

func texts(v gjson.Result) []string {
	list := []string{}
	v.ForEach(func(_, text gjson.Result) bool {
		list = append(list, text.Str)
		return true
	})
	return list
}

func raw(v gjson.Result) json.RawMessage {
	if !v.Exists() {
		return nil
	}
	return json.RawMessage(v.Raw)
}

func responses(v gjson.Result) map[string]Response {
	list := map[string]Response{}
	v.ForEach(func(status, r gjson.Result) bool {
		response := Response{ContentType: r.Get("contentType").Str, Schema: raw(r.Get("schema")), Shape: r.Get("shape").Str}
		if codes := r.Get("errorCodes"); codes.Exists() {
			response.ErrorCodes = texts(codes)
		}
		list[status.Str] = response
		return true
	})
	return list
}

func parameters(v gjson.Result) []Parameter {
	list := []Parameter{}
	v.ForEach(func(_, p gjson.Result) bool {
		parameter := Parameter{
			Name: p.Get("name").Str, In: p.Get("in").Str, Required: p.Get("required").Bool(),
			Type: p.Get("type").Str, Format: p.Get("format").Str, Explode: p.Get("explode").Bool(),
			DocumentedMaximum: p.Get("documentedMaximum").Num, DocumentedDefault: p.Get("documentedDefault").Num,
			Example: p.Get("example").Value(),
		}
		if enum := p.Get("enum"); enum.Exists() {
			parameter.Enum = texts(enum)
		}
		if items := p.Get("items"); items.Exists() {
			parameter.Items = &Items{Type: items.Get("type").Str}
			if enum := items.Get("enum"); enum.Exists() {
				parameter.Items.Enum = texts(enum)
			}
		}
		list = append(list, parameter)
		return true
	})
	return list
}
