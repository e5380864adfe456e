package exchange

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// This file writes variables into commands: those that the user's own command has, and
// one for each secret that a shown command must not contain.

// expandable returns the variables of a request that a shown command may contain for
// the shell to fill in: the user's own, if they can't send a secret of the environment
// to a host that the input names.
func (r *Request) expandable(own bool) []string {
	if !own && !r.URL.OpenBase() && !slices.ContainsFunc(r.Unexpanded, func(v string) bool { return strings.EqualFold(v, r.URL.Host) }) {
		return nil
	}
	var list []string
	for _, v := range r.Unexpanded {
		name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(v, "$"), "{"), "}")
		if (v == "$"+name || v == "${"+name+"}") && isName(name) && (own || !strings.HasPrefix(name, "IMMERSVE_")) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return list
}

func isName(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// expandedWord is Quote for a word in which the shell fills in variables. A host is in
// lower case, and so is its variable: as written, it goes back.
func expandedWord(word string, variables []string) string {
	literal, found := cutVariables(word, variables)
	if len(found) == 0 {
		return Quote(word)
	}
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_?&{}[];<>()~#* "
	if !slices.ContainsFunc(literal, func(s string) bool { return strings.Trim(s, safe) != "" }) {
		var b strings.Builder
		b.WriteByte('"')
		for i, s := range literal {
			b.WriteString(s)
			if i < len(found) {
				b.WriteString(found[i])
			}
		}
		b.WriteByte('"')
		return b.String()
	}
	var b strings.Builder
	for i, s := range literal {
		if s != "" {
			b.WriteString(Quote(s))
		}
		if i < len(found) {
			b.WriteString(`"` + found[i] + `"`)
		}
	}
	return b.String()
}

// cutVariables returns the variables of a word in their order, and the text around them.
func cutVariables(word string, variables []string) (literal, found []string) {
	for {
		at, which := -1, ""
		for _, v := range variables {
			i := strings.Index(word, v)
			if i < 0 && strings.HasPrefix(strings.ToLower(word), "https://"+strings.ToLower(v)) {
				i = len("https://")
			}
			if next := i + len(v); i >= 0 && (v[1] == '{' || next == len(word) || !isName("_"+word[next:next+1])) && (at < 0 || i < at) {
				at, which = i, v
			}
		}
		if at < 0 {
			return append(literal, word), found
		}
		literal, found = append(literal, word[:at]), append(found, which)
		word = word[at+len(which):]
	}
}

// secretVariables returns JSON with a variable in the place of each string that masking
// has left out characters of, and the variables: $NEW_PIN for newPin.
func secretVariables(body string) (text string, variables []string) {
	if !strings.Contains(body, "…") || !ValidJSON([]byte(body)) {
		return body, nil
	}
	var b strings.Builder
	name := ""
	for i := 0; i < len(body); {
		if body[i] != '"' {
			b.WriteByte(body[i])
			i++
			continue
		}
		end := i + 1
		for end < len(body) && body[end] != '"' {
			if body[end] == '\\' {
				end++
			}
			end++
		}
		value, rest := body[i+1:min(end, len(body))], strings.TrimLeft(body[min(end+1, len(body)):], " \t\r\n")
		switch {
		case strings.HasPrefix(rest, ":"):
			name = value
		case strings.Contains(value, "…"):
			if v := variableName(name); v != "" {
				value = v
				variables = append(variables, v)
			}
		}
		b.WriteString(`"` + value + `"`)
		i = end + 1
	}
	return b.String(), variables
}

// secretParameters is secretVariables for a URL's query.
func secretParameters(target string) (text string, variables []string) {
	path, query, ok := strings.Cut(target, "?")
	if !ok || !strings.Contains(query, "…") {
		return target, nil
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if v := variableName(name); v != "" && strings.Contains(value, "…") {
			pairs[i] = name + "=" + v
			variables = append(variables, v)
		}
	}
	return path + "?" + strings.Join(pairs, "&"), variables
}

// variableName returns the shell variable for a field: $NEW_PIN for newPin, "" if the
// field's name can't be one.
func variableName(field string) string {
	if !isName(field) || len(field) > 64 {
		return ""
	}
	var b strings.Builder
	b.WriteByte('$')
	lower := false
	for _, c := range field {
		if unicode.IsUpper(c) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}
