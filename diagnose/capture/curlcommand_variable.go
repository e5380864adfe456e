package capture

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// curlVariable is one --variable (curl 8.3). Those of the environment are not
// known here.
type curlVariable struct {
	name, value string
	known       bool
}

// setVariable reads "name=content", "name@file", "%NAME" and "%NAME=default".
func (p *curlParser) setVariable(value string) error {
	value, environment := strings.CutPrefix(value, "%")
	name, content, ok := strings.Cut(value, "=")
	v := curlVariable{name: name, value: content, known: ok}
	if file, isFile := "", false; !ok && !environment {
		v.name, file, isFile = strings.Cut(value, "@")
		read, known, err := p.now.read(file)
		if err != nil {
			return err
		}
		v.value, v.known = string(read), isFile && known
	}
	if environment {
		p.note("the variable %q may be from the environment, which is unknown here", shorten(v.name, 40))
	}
	p.variables = append(p.variables, v)
	return nil
}

// expand replaces {{name}} and {{name:function:…}}; what is not known stays.
func (p *curlParser) expand(value string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(value, "{{")
		inner, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			b.WriteString(value)
			return b.String()
		}
		b.WriteString(before)
		if text, known := p.valueOf(inner); known {
			b.WriteString(text)
		} else {
			b.WriteString("{{" + inner + "}}")
		}
		value = after
	}
}

func (p *curlParser) valueOf(inner string) (string, bool) {
	parts := strings.Split(inner, ":")
	for i := len(p.variables) - 1; i >= 0; i-- {
		if v := p.variables[i]; v.name == parts[0] && v.known {
			text, ok := transform(v.value, parts[1:])
			p.options.secrets.Learn(v.name, v.value, false)
			p.options.secrets.Learn(v.name, text, false)
			return text, ok
		}
	}
	return "", false
}

// transform applies the functions of an expansion in order.
func transform(value string, functions []string) (string, bool) {
	for _, f := range functions {
		switch f {
		case "trim":
			value = strings.TrimSpace(value)
		case "json":
			quoted, err := json.Marshal(value)
			if err != nil {
				return "", false
			}
			value = string(quoted[1 : len(quoted)-1])
		case "url":
			value = strings.ReplaceAll(escapeData(value), "+", "%20")
		case "b64":
			value = base64.StdEncoding.EncodeToString([]byte(value))
		case "64dec":
			decoded, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return "", false
			}
			value = string(decoded)
		default:
			return "", false
		}
	}
	return value, true
}
