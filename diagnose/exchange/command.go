package exchange

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// CurlCommand returns the request as a curl command that a POSIX shell runs.
// Credentials appear as the environment variables that hold them, other secrets as
// variables or masked, so that the command can be shown. Variables of the user's own
// command stay. A body that was not captured stands
// as @body.json when content says so.
//
// Own says that the credentials belong to the host: to any other, the command holds
// them masked. A capture would else have the user's own key sent where it says.
func (r *Request) CurlCommand(bodyExpected, own bool) string {
	return r.curlCommand(bodyExpected, own, false)
}

// RevealedCurlCommand is CurlCommand with everything unmasked.
func (r *Request) RevealedCurlCommand() string { return r.curlCommand(false, false, true) }

// commandWidth is how wide the lines of a command's headers are. Indented and with a
// backslash at the end, they fit a terminal of 80 columns.
const commandWidth = 64

func (r *Request) curlCommand(bodyExpected, own, reveal bool) string {
	var b strings.Builder
	b.WriteString("curl -i")
	if !(r.Method == "GET" && !r.Body.Present() || r.Method == "" || r.Method == "POST" && r.Body.Present()) {
		method := r.Method.String()
		if reveal {
			method = string(r.Method)
		}
		b.WriteString(" -X " + Quote(method))
	}
	variables := r.expandable(own)
	b.WriteString(targetWords(r.URL, reveal, variables))
	used := commandWidth // the first header begins a line
	for _, f := range r.Header {
		if derived(f.Name) || !isToken(f.Name) {
			continue
		}
		option := "-H " + fieldWord(f, own, reveal, variables)
		size := utf8.RuneCountInString(option) + 1
		if used += size; used > commandWidth {
			b.WriteString(" \\\n ")
			used = size
		}
		b.WriteString(" " + option)
	}
	switch {
	case r.Body.Present() && reveal:
		b.WriteString(" \\\n  " + dataWords(string(r.Body.Bytes()), variables))
	case r.Body.Present() && own:
		body, secrets := secretVariables(r.Body.String())
		b.WriteString(" \\\n  " + dataWords(body, append(secrets, variables...)))
	case r.Body.Present():
		b.WriteString(" \\\n  " + dataWords(r.Body.String(), variables))
	case r.Body.State() == BodyNotCaptured && bodyExpected:
		b.WriteString(" \\\n  --data @body.json")
	}
	return b.String()
}

// targetWords are the URL, and the options without which curl would read it
// otherwise: it makes many of one with braces and brackets, and takes dot segments
// away. What no URL holds (RFC 3986 section 2) is percent-encoded.
func targetWords(u URL, reveal bool, variables []string) string {
	target, options := u.text(reveal), ""
	if !reveal {
		var secrets []string
		target, secrets = secretParameters(target)
		variables = append(secrets, variables...)
	}
	target = percentEncode(target)
	literal, _ := cutVariables(target, variables)
	if slices.ContainsFunc(literal, func(s string) bool { return strings.ContainsAny(s, "[]{}") }) {
		options += " -g"
	}
	if slices.ContainsFunc(u.PathSegments(), func(s string) bool { return s == "." || s == ".." }) {
		options += " --path-as-is"
	}
	if strings.HasPrefix(target, "-") {
		options += " --url"
	}
	return options + " " + expandedWord(target, variables)
}

func percentEncode(target string) string {
	var b strings.Builder
	for i := 0; i < len(target); {
		r, size := utf8.DecodeRuneInString(target[i:])
		if acts := r == utf8.RuneError && size == 1 || r == ' ' || Hidden(r); acts {
			for _, c := range []byte(target[i : i+size]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(target[i : i+size])
		}
		i += size
	}
	return b.String()
}

// isToken reports whether curl sends a field of this name: another than a token
// (RFC 9110 section 5.6.2) is none, and "@" names a file to curl.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// fieldWord is a header field as curl's -H takes it. Line breaks and NUL in its
// value are spaces to every recipient (RFC 9110 section 5.5).
func fieldWord(f Field, own, reveal bool, variables []string) string {
	name, value := f.Value.known.mask(f.Name), f.Value.String()
	if reveal {
		name, value = f.Name, f.Value.Reveal()
	} else if v := variableFor(f.Name); v != "" && own {
		return `"` + f.Name + ": " + v + `"`
	}
	if value == "" {
		return Quote(name + ";") // with a colon, curl sends none
	}
	return expandedWord(name+": "+strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(value), variables)
}

// dataWords are the option that sends a body. JSON is written so that all of it is
// seen; what no command line holds is in a file.
func dataWords(body string, variables []string) string {
	if strings.Contains(body, "\x00") {
		return "--data-binary @body.bin"
	}
	if strings.ContainsFunc(body, Hidden) && utf8.ValidString(body) && ValidJSON([]byte(body)) {
		body = visibleJSON(body)
	}
	return "--data-raw " + expandedWord(body, variables)
}

// visibleJSON escapes the hidden characters of JSON (RFC 8259 section 7). Outside of
// strings that is only a carriage return, which is white space.
func visibleJSON(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		switch {
		case r == '\r':
			b.WriteByte('\n')
		case r == '\n' || r == '\t' || !Hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// derived reports whether a field is the client's own work, which curl writes
// by itself.
func derived(name string) bool {
	switch strings.ToLower(name) {
	case "host", "content-length", "connection", "user-agent", "accept", "accept-encoding", "transfer-encoding", "expect", "cookie", "date":
		return true
	}
	return false
}

// variableFor returns the variable that the tool reads a field's secret from, as a
// shell expands it within double quotes; "" for fields that hold none.
func variableFor(name string) string {
	switch strings.ToLower(name) {
	case "authorization":
		return "Bearer $IMMERSVE_ACCESS_TOKEN"
	case "x-api-key":
		return "$IMMERSVE_API_KEY"
	case "x-api-secret":
		return "$IMMERSVE_API_SECRET"
	}
	return ""
}

// QuoteFile quotes the name of a file for a POSIX shell, so that it is never taken
// for an option or for standard input.
func QuoteFile(name string) string {
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return QuoteLine(name)
}

// QuoteLine is Quote for where a command has to stay on its line. Line feeds at the
// end of a word are then written as only newer shells know them (POSIX.1-2024).
func QuoteLine(word string) string {
	if strings.ContainsAny(word, "\n\t") {
		return printed(word, func(end string) string { return "$'" + strings.Repeat(`\n`, len(end)) + "'" })
	}
	return Quote(word)
}

// Quote quotes a word for a POSIX shell, only where it must. What would act on the
// terminal is written as printf's octal escapes, which all shells know.
func Quote(word string) string {
	switch {
	case word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_") == "":
		return word
	case !utf8.ValidString(word) || strings.ContainsFunc(word, func(r rune) bool { return r != '\n' && r != '\t' && Hidden(r) }):
		return printed(word, func(end string) string { return "'" + end + "'" })
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// printed is a word that the shell has printf write. Line feeds at its end, which a
// command substitution drops, stand behind it.
func printed(word string, behind func(lineFeeds string) string) string {
	kept := strings.TrimRight(word, "\n")
	var b strings.Builder
	for i := 0; i < len(kept); {
		r, size := utf8.DecodeRuneInString(kept[i:])
		switch {
		case r == utf8.RuneError && size == 1, r == '\'', r == '!', r == '-' && i == 0, Hidden(r):
			for _, c := range []byte(kept[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		case r == '\\' || r == '%':
			b.WriteString(strings.Repeat(string(r), 2))
		default:
			b.WriteString(kept[i : i+size])
		}
		i += size
	}
	shown := `"$(printf '` + b.String() + `')"`
	if kept != word {
		shown += behind(word[len(kept):])
	}
	return shown
}

// Hidden reports whether a character acts on the terminal or on the order of the
// text, or is not seen at all, instead of being seen.
func Hidden(r rune) bool {
	if ' ' <= r && r < 0x7f {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
