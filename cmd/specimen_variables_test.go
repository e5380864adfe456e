package cmd_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// This file has the secrets that a variable brings to a place that says nothing of
// them, and the captures that have variables.

// varMark stands around the name of a variable in a specimen.
const varMark = "\x01"

// filled is the specimen with each reference to a variable in a notation.
func (s *specimen) filled(reference func(name string) string) *specimen {
	if len(s.vars) == 0 {
		return s
	}
	put := func(text string) string {
		for _, v := range s.vars {
			text = strings.ReplaceAll(text, varMark+v[0]+varMark, reference(v[0]))
		}
		return text
	}
	c := *s
	c.path, c.query, c.reqBody = put(c.path), put(c.query), put(c.reqBody)
	c.reqHeader = slices.Clone(c.reqHeader)
	for i := range c.reqHeader {
		c.reqHeader[i][1] = put(c.reqHeader[i][1])
	}
	return &c
}

func braces(name string) string { return "{{" + name + "}}" }

// variableName is a name under which people keep such a secret.
func variableName(r *rand.Rand, p plant) string {
	name := strings.ReplaceAll(oneOfThem(r, p.names), "-", "_")
	if name == "number" || name == "key" || name == "pem" {
		return "cardPan"
	}
	return name
}

// variablePlaces put a variable where nothing but its name tells what it holds.
func variablePlaces() []place {
	with := func(put func(s *specimen, reference string)) func(*rand.Rand, *specimen, plant) bool {
		return func(r *rand.Rand, s *specimen, p plant) bool {
			name := variableName(r, p)
			if strings.Contains(p.value, "\n") {
				return false // no line of a file of variables holds a key in PEM
			}
			s.vars = [][2]string{{name, p.value}}
			put(s, varMark+name+varMark)
			return true
		}
	}
	return []place{
		{"variable in a field", with(func(s *specimen, v string) { s.reqHeader = append(s.reqHeader, [2]string{"X-P", v}) })},
		{"variable in the query", with(func(s *specimen, v string) { s.query += "&t=" + v })},
		{"variable in the path", with(func(s *specimen, v string) { s.path = "/api/cards/" + v })},
		{"variable in a member", with(func(s *specimen, v string) { s.reqBody = `{"note":"` + v + `","cardProgramId":"x"}` })},
		{"variable in an id", with(func(s *specimen, v string) { s.reqBody = `{"cardProgramId":"` + v + `",}` })},
	}
}

// hasVariables knows the captures that have variables, and the commands that read
// the text of one.
func hasVariables(kind, command string) bool {
	if command == "diagnose --environment" {
		return true
	}
	for _, other := range []string{"curl", "call", "support", "diagnose --request", "simulate", "words", "profiles", "wrong words", "check"} {
		if command == other || strings.HasPrefix(command, other+" -") || strings.HasPrefix(command, other+" words") {
			return command == "support --out" && strings.HasPrefix(kind, "variables-")
		}
	}
	return command != "replay" && strings.HasPrefix(kind, "variables-")
}

// withVariables are captures that hold variables beside the requests.
func withVariables() map[string]func(*specimen) string {
	return map[string]func(*specimen) string{
		"variables-http-file": func(s *specimen) string {
			var b strings.Builder
			for _, v := range s.vars {
				b.WriteString("@" + v[0] + " = " + v[1] + "\n")
			}
			f := s.filled(braces)
			return b.String() + "### card\n" + f.method + " " + f.url() + "\n" + headerLines(f.reqHeader) + "\n" + f.reqBody + "\n\n" + f.response("") + f.respBody + "\n"
		},
		"variables-postman": func(s *specimen) string {
			f := s.filled(braces)
			return collection(map[string]any{"name": "create", "request": f.postmanRequest(), "response": []any{f.postmanResponse()}}, postmanValues(s.vars))
		},
		"variables-postman-api-key": func(s *specimen) string {
			f := s.filled(func(string) string { return "x" })
			request := f.postmanRequest()
			for _, v := range s.vars {
				request["auth"] = map[string]any{"type": "apikey", "apikey": []any{map[string]string{"key": "key", "value": "X-Key"}, map[string]string{"key": "value", "value": v[1]}, map[string]string{"key": "in", "value": []string{"query", "header"}[len(v[1])%2]}}}
			}
			return collection(map[string]any{"name": "create", "request": request}, nil)
		},
		"variables-postman-declared": func(s *specimen) string {
			neutral := func(string) string { return "{{value0}}" }
			f := s.filled(neutral)
			var list []any
			for i, v := range s.vars {
				list = append(list, map[string]any{"key": fmt.Sprintf("value%d", i), "value": v[1], "type": "secret"})
			}
			return collection(map[string]any{"name": "create", "request": f.postmanRequest()}, list)
		},
		"variables-shell": func(s *specimen) string {
			var b strings.Builder
			for _, v := range s.vars {
				b.WriteString("export " + v[0] + "=" + quoted(v[1]) + "\n")
			}
			f := s.filled(func(name string) string { return "'\"$" + name + "\"'" })
			words := []string{"curl"}
			for _, a := range f.arguments() {
				words = append(words, "'"+a+"'")
			}
			return b.String() + strings.Join(words, " ") + "\n" + f.response("") + f.respBody
		},
		"variables-powershell": func(s *specimen) string {
			var b strings.Builder
			for _, v := range s.vars {
				b.WriteString("$" + v[0] + " = '" + strings.ReplaceAll(v[1], "'", "''") + "'\n")
			}
			f := s.filled(func(name string) string { return "${" + name + "}" })
			return b.String() + "curl.exe -X " + f.method + ` "` + f.url() + `" -H "` + strings.Join(f.reqHeader[len(f.reqHeader)-1][:], ": ") + "\"\n"
		},
		"variables-curl": func(s *specimen) string {
			words := []string{"curl"}
			for _, v := range s.vars {
				words = append(words, "--variable", quoted(v[0]+"="+v[1]))
			}
			f := s.filled(braces)
			words = append(words, "-X", f.method, "--expand-url", quoted(f.url()))
			for _, h := range f.reqHeader {
				words = append(words, "--expand-header", quoted(h[0]+": "+h[1]))
			}
			return strings.Join(append(words, "--expand-data", quoted(f.reqBody)), " ") + "\n"
		},
	}
}
