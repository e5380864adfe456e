package exchange

import (
	"strings"
	"unicode/utf8"
)

// CurlCommand returns the request as a curl command that a POSIX shell runs.
// Credentials appear as the environment variables that hold them, other secrets
// masked, so that the command can be shown. A body that was not captured stands
// as @body.json when content says so.
func (r *Request) CurlCommand(bodyExpected bool) string { return r.curlCommand(bodyExpected, false) }

// RevealedCurlCommand is CurlCommand with everything unmasked.
func (r *Request) RevealedCurlCommand() string { return r.curlCommand(false, true) }

func (r *Request) curlCommand(bodyExpected, reveal bool) string {
	var b strings.Builder
	b.WriteString("curl -i")
	if !(r.Method == "GET" && !r.Body.Present() || r.Method == "" || r.Method == "POST" && r.Body.Present()) {
		method := r.Method.String()
		if reveal {
			method = string(r.Method)
		}
		b.WriteString(" -X " + Quote(method))
	}
	b.WriteString(" " + Quote(r.URL.text(reveal)))
	for _, f := range r.Header {
		if derived(f.Name) {
			continue
		}
		if reveal {
			b.WriteString(" \\\n  -H " + Quote(f.Name+": "+f.Value.Reveal()))
			continue
		}
		b.WriteString(" \\\n  -H " + QuoteExpanding(MaskText(f.Name)+": "+variableFor(f)))
	}
	switch {
	case r.Body.Present() && reveal:
		b.WriteString(" \\\n  --data-raw " + Quote(string(r.Body.Bytes())))
	case r.Body.Present():
		b.WriteString(" \\\n  --data-raw " + Quote(r.Body.String()))
	case r.Body.State() == BodyNotCaptured && bodyExpected:
		b.WriteString(" \\\n  --data @body.json")
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

// variableFor returns a field's value with its secret replaced by the variable
// that the tool reads it from.
func variableFor(f Field) string {
	switch strings.ToLower(f.Name) {
	case "authorization":
		return "Bearer $IMMERSVE_ACCESS_TOKEN"
	case "x-api-key":
		return "$IMMERSVE_API_KEY"
	case "x-api-secret":
		return "$IMMERSVE_API_SECRET"
	}
	return f.Value.String()
}

// Quote quotes a word for a POSIX shell, only where it must.
func Quote(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_") == "" {
		return word
	}
	if utf8.ValidString(word) && !strings.ContainsAny(word, "'") {
		return "'" + word + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// QuoteExpanding quotes a word in which only $IMMERSVE_ variables may expand.
func QuoteExpanding(word string) string {
	if !strings.Contains(word, "$IMMERSVE_") {
		return Quote(word)
	}
	const mark = "\x00"
	word = strings.ReplaceAll(word, "$IMMERSVE_", mark)
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(word)
	return `"` + strings.ReplaceAll(word, mark, "$IMMERSVE_") + `"`
}
