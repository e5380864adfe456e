package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"

	"immersve-doctor/diagnose/api/words"
)

// schema is what is needed of a JSON Schema to list the fields of a body.
type schema struct {
	Properties map[string]json.RawMessage
	AnyOf      []schema
	Items      *schema
}

// fields adds the names of a body's fields to set.
func (s schema) fields(set map[string]bool) {
	for name := range s.Properties {
		set[name] = true
	}
	for _, alternative := range s.AnyOf {
		alternative.fields(set)
	}
	if s.Items != nil {
		s.Items.fields(set)
	}
}

// vocabulary is words.json: the words that tell what a request intends, and those
// that tell nothing.
type vocabulary struct {
	Intents  map[string][]string
	Fillers  []string
	Prefixes []string          // words that people write between /api and a resource
	Absent   map[string]string // what the API has no endpoint for, by path
}

func readVocabulary(name string) (vocabulary, error) {
	var v vocabulary
	data, err := os.ReadFile(name)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return v, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// intentOf returns the intent that a word declares, or "" if it declares none.
func (v vocabulary) intentOf(word string) string {
	for _, intent := range slices.Sorted(maps.Keys(v.Intents)) {
		if slices.Contains(v.Intents[intent], word) {
			return intent
		}
	}
	return ""
}

// intent returns what an operation does: its "intent" member, otherwise what its
// method or the first word of its ID says.
func (v vocabulary) intent(op operation) string {
	if op.Intent != "" {
		return op.Intent
	}
	if op.Method == http.MethodGet {
		return "read"
	}
	if intent := v.intentOf(words.Split(op.ID)[0]); intent != "" {
		return intent
	}
	return "act"
}

// stems returns the stems of the words that name something: no verbs, no fillers.
func (v vocabulary) stems(text string) []string {
	var list []string
	for _, word := range words.Split(text) {
		if v.intentOf(word) == "" && !slices.Contains(v.Fillers, word) {
			list = append(list, words.Stem(word))
		}
	}
	return list
}

// phrase is one way to write an operation's path.
type phrase struct {
	operation int
	intent    string // that the request must have, or "" for any
	stems     []string
}

func (v vocabulary) phrases(list []operation) []phrase {
	var out []phrase
	for i, op := range list {
		var literals []string
		for part := range strings.SplitSeq(op.Path, "/") {
			if !strings.HasPrefix(part, "{") {
				literals = append(literals, part)
			}
		}
		seen := map[string]bool{}
		for _, text := range append([]string{strings.Join(literals, "/"), op.ID}, op.Aliases...) {
			p := v.phrase(i, text)
			if key := p.intent + " " + strings.Join(p.stems, " "); len(p.stems) > 0 && !seen[key] {
				seen[key] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// phrase parses an alias: a path without IDs, after the method that the request
// must have if it holds for one only.
func (v vocabulary) phrase(operation int, text string) phrase {
	p := phrase{operation: operation}
	if method, rest, ok := strings.Cut(text, " "); ok {
		p.intent, text = map[string]string{http.MethodDelete: "remove", http.MethodGet: "read", http.MethodPost: "post"}[method], rest
	}
	p.stems = slices.Compact(v.stems(text))
	return p
}

// render writes the tables that the search for the endpoint meant needs.
func (v vocabulary) render(list []operation) []byte {
	var b bytes.Buffer
	b.WriteString("\nvar profiles = [...]profile{\n")
	for _, op := range list {
		fields := map[string]bool{}
		op.RequestBody.Schema.fields(fields)
		var query []string
		for _, p := range op.Parameters {
			if p.In == "query" {
				query = append(query, p.Name)
			}
		}
		slices.Sort(query)
		var owners []string
		parts := strings.Split(op.Path, "/")
		for i, part := range parts {
			if strings.HasPrefix(part, "{") {
				owners = append(owners, words.Key(parts[i-1]))
			}
		}
		fmt.Fprintf(&b, "\t{%q, %q, %q, %#v},\n", v.intent(op), strings.Join(slices.Sorted(maps.Keys(fields)), " "), strings.Join(query, " "), owners)
	}
	b.WriteString("}\n\nvar absences = [...]string{\n")
	phrases := v.phrases(list)
	for i, path := range slices.Sorted(maps.Keys(v.Absent)) {
		fmt.Fprintf(&b, "\t%q,\n", v.Absent[path])
		phrases = append(phrases, v.phrase(len(list)+i, path))
	}
	operations := map[string]map[int]bool{} // by stem
	for _, p := range phrases {
		for _, stem := range p.stems {
			if operations[stem] == nil {
				operations[stem] = map[int]bool{}
			}
			operations[stem][p.operation] = true
		}
	}
	stems := slices.Sorted(maps.Keys(operations))
	b.WriteString("}\n\nvar vocabulary = [...]term{\n")
	for _, stem := range stems {
		fmt.Fprintf(&b, "\t{%q, %.2f},\n", stem, math.Log(float64(len(list)+1)/(float64(len(operations[stem]))+0.5)))
	}
	b.WriteString("}\n\nvar phrases = [...]phrase{\n")
	for _, p := range phrases {
		fmt.Fprintf(&b, "\t{%d, %q, []uint16{", p.operation, p.intent)
		for _, stem := range p.stems {
			i, _ := slices.BinarySearch(stems, stem)
			fmt.Fprintf(&b, "%d,", i)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("}\n\nvar verbs = [...]verb{\n")
	for _, intent := range slices.Sorted(maps.Keys(v.Intents)) {
		for _, word := range v.Intents[intent] {
			fmt.Fprintf(&b, "\t{%q, %q},\n", word, intent)
		}
	}
	fmt.Fprintf(&b, "}\n\nvar prefixes = %#v", v.Prefixes)
	b.WriteString("\n\nvar fillers = [...]string{")
	for _, word := range v.Fillers {
		fmt.Fprintf(&b, "%q,", word)
	}
	b.WriteString("}\n")
	return b.Bytes()
}
