package capture

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// This file holds values as the source of a program writes them, as far as they
// are literal: what JavaScript's fetch and PowerShell's cmdlets are called with.

// valueKind is what a value is. Its zero value claims nothing.
type valueKind int

const (
	valueUnknown valueKind = iota // an expression that only the running program knows
	valueText
	valueWord // a number, true, false, null or undefined
	valueObject
	valueList
)

// value is a value of a program. text is the content of a text, a word as JSON has
// it, and what stands for an expression, which opaque lists.
type value struct {
	kind    valueKind
	text    string
	opaque  []string
	members []valueMember
	open    bool // an object has members that are not written here
}

// valueMember is a member of an object, or, without a name, of a list.
type valueMember struct {
	name string
	value
}

// isNothing reports whether a value is null or undefined.
func (v value) isNothing() bool {
	return v.kind == valueWord && (v.text == "null" || v.text == "undefined")
}

// isPlain reports whether a value can be put into a text.
func (v value) isPlain() bool { return v.kind != valueObject && v.kind != valueList }

// all lists the expressions in a value.
func (v value) all() []string {
	list := slices.Clone(v.opaque)
	for _, m := range v.members {
		list = append(list, m.all()...)
	}
	return list
}

// isWhole reports whether no object in a value has members that are not written.
func (v value) isWhole() bool {
	return !v.open && !slices.ContainsFunc(v.members, func(m valueMember) bool { return !m.isWhole() })
}

// levels counts how deep lists and objects nest.
func (v value) levels() int {
	if v.isPlain() {
		return 0
	}
	deepest := 0
	for _, m := range v.members {
		deepest = max(deepest, m.levels())
	}
	return deepest + 1
}

// member returns the last member of that name, by its exact letters.
func (v value) member(name string) (value, bool) {
	for _, m := range slices.Backward(v.members) {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

// put adds a member in the place of an earlier one of the same name.
func (v *value) put(name string, member value, seen map[string]int) {
	if i, ok := seen[name]; ok {
		v.members[i].value = member
		return
	}
	seen[name] = len(v.members)
	v.members = append(v.members, valueMember{name, member})
}

// writeJSON writes a value as JSON. An expression stands there without quotes: it
// may be of any type, and the text is no JSON then.
func (v value) writeJSON(b *strings.Builder) {
	switch v.kind {
	case valueText:
		b.WriteString(quotedJSON(v.text))
	case valueWord:
		if v.text == "undefined" {
			b.WriteString("null")
			return
		}
		b.WriteString(v.text)
	case valueObject:
		b.WriteByte('{')
		n := 0
		for _, m := range v.members {
			if m.kind == valueWord && m.text == "undefined" {
				continue
			}
			if n++; n > 1 {
				b.WriteByte(',')
			}
			b.WriteString(quotedJSON(m.name) + ":")
			m.writeJSON(b)
		}
		b.WriteByte('}')
	case valueList:
		b.WriteByte('[')
		for i, m := range v.members {
			if i > 0 {
				b.WriteByte(',')
			}
			m.writeJSON(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(v.text)
	}
}

// asJSON is a value as a text of JSON.
func (v value) asJSON() value {
	var b strings.Builder
	v.writeJSON(&b)
	return value{kind: valueText, text: b.String(), opaque: v.all(), open: !v.isWhole()}
}

func quotedJSON(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// asForm is an object as application/x-www-form-urlencoded has it.
func (v value) asForm() value {
	var b strings.Builder
	for i, m := range v.members {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escapeData(m.name) + "=")
		switch {
		case !m.isPlain():
			return value{open: true}
		case len(m.opaque) > 0:
			b.WriteString(m.text)
		default:
			b.WriteString(escapeData(m.text))
		}
	}
	return value{kind: valueText, text: b.String(), opaque: v.all(), open: v.open}
}

// plus joins two values as texts are joined; ok is false for what is none.
func (v value) plus(other value) (joined value, ok bool) {
	if !v.isPlain() || !other.isPlain() || v.kind == valueWord && other.kind != valueText {
		return value{}, false
	}
	return value{kind: valueText, text: v.text + other.text, opaque: append(slices.Clone(v.opaque), other.opaque...)}, true
}

// addFields adds the members of an object, or the pairs of a list, to a header.
// whole is false where not all of them are written there.
func (v value) addFields(h *exchange.Header) (whole bool) {
	whole = !v.open
	for _, m := range v.members {
		name, content := m.name, m.value
		if v.kind == valueList {
			if m.kind != valueList || len(m.members) != 2 || m.members[0].kind != valueText {
				return false
			}
			name, content = m.members[0].text, m.members[1].value
		}
		if !isFieldName(name) || !content.isPlain() || len(*h) >= maxFields {
			whole = false
			continue
		}
		h.Add(name, strings.Trim(content.text, " \t\r\n"))
	}
	return whole
}

// placeholder is what stands for an expression: the expression itself where it is a
// name that masking knows for no secret, for it is shown to people and looked for in
// texts.
func placeholder(expression, before, behind string) value {
	expression = strings.TrimSpace(expression)
	if expression == "" || len(expression) > maxPlaceholder || strings.Trim(expression, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:$") != "" {
		expression = "expression"
	}
	written := before + expression + behind
	return value{text: written, opaque: []string{written}}
}

// maxPlaceholder bounds the name of an expression; maxValueDepth how deep values
// nest that a person wrote.
const (
	maxPlaceholder = 40
	maxValueDepth  = 64
)

// unique drops what was listed before.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		before := seen[s]
		seen[s] = true
		return before
	})
}

// takesValues says of a request that a running program fills something in.
func takesValues(ex *exchange.Exchange, opaque []string, who string) {
	names := unique(opaque)
	if len(names) == 0 {
		return
	}
	if len(names) > maxUnexpanded {
		ex.Request = &exchange.Request{Method: ex.Request.Method}
		ex.Notes = append(ex.Notes, "the request has more values from "+who+" than can be distinguished, so it was skipped")
		return
	}
	ex.Request.Unexpanded = names
	shown := names[:min(len(names), 6)]
	text := exchange.MaskText(strings.Join(shown, ", "))
	if len(names) > len(shown) {
		text += ", …"
	}
	ex.Notes = append(ex.Notes, "only "+who+" knows "+text+"; "+nothingPutIn)
}

// maxUnexpanded bounds how many expressions of one request are told apart: each is
// looked for in each of its parts.
const maxUnexpanded = 200

// size is about how many bytes a value takes.
func (v value) size() int {
	n := len(v.text) + 16
	for _, m := range v.members {
		n += len(m.name) + m.size()
	}
	return n
}
