package check

import (
	"fmt"
	"slices"
	"strings"

	"immersve-doctor/diagnose/exchange"
)

// placeholder says what a value is when it is no value but the place where one
// belongs, in the words of a title: "an unexpanded shell variable". It returns
// "" for a value that may be real. Ids hold no such characters; free text may,
// so callers decide what follows from it.
func placeholder(value string) string {
	if isProgramText(strings.TrimSpace(value)) {
		return "program code that wasn't evaluated"
	}
	return template(value)
}

// template is placeholder without program text, which the check of JSON reports
// as an expression.
func template(value string) string {
	s := strings.TrimSpace(value)
	switch s {
	case "":
		return ""
	case "undefined", "null", "NaN", "None", "nil":
		return "the word " + s + ", which a program writes if it has no value"
	case "[object Object]", "[object Promise]":
		return "an object that JavaScript converted to a string"
	case "%s", "%d", "%v", "%i", "%@":
		return "a format verb that wasn't filled in"
	}
	switch s[0] {
	case '{':
		if wrapped(s, "{{", "}}") || isTemplateReference(s) {
			return "a template variable that wasn't filled in"
		}
		if wrapped(s, "{", "}") {
			return "a placeholder from the docs"
		}
	case '$':
		name, _, _ := strings.Cut(s, ":") // ${NAME:-default}
		if wrapped(s, "${", "}") || name != s && wrapped(name+"}", "${", "}") && strings.HasSuffix(s, "}") || isIdentifier(s[1:]) {
			return "a shell variable that wasn't expanded"
		}
		if wrapped(s, "$(", ")") {
			return "a shell command that wasn't run"
		}
	case '#', '_':
		if wrapped(s, "#{", "}") || wrapped(s, "__", "__") {
			return "a template variable that wasn't filled in"
		}
	case '<', '[':
		if wrapped(s, "<%=", "%>") {
			return "a template variable that wasn't filled in"
		}
		if wrapped(s, "<", ">") || wrapped(s, "[", "]") {
			return "a placeholder from the docs"
		}
	case ':':
		if isIdentifier(s[1:]) {
			return "a placeholder from the docs"
		}
	case '%':
		if wrapped(s, "%", "%") {
			return "a cmd.exe variable that wasn't expanded"
		}
	}
	if shouted(s) {
		return "a placeholder"
	}
	return ""
}

// isProgramText reports whether s is how a program refers to a setting:
// process.env.TOKEN, os.environ["TOKEN"].
func isProgramText(s string) bool {
	for _, start := range [...]string{
		"process.env.", "process.env[", "import.meta.env.", "Deno.env.", "Bun.env.", "os.environ", "os.getenv(", "os.Getenv(", "getenv(", "System.getenv(",
		"System.getProperty(", "Environment.GetEnvironmentVariable(", "ENV[", "ENV.fetch(", "env(", "config(", "std::env::var(", "Platform.environment[",
		"settings.", "secrets.", "vars.", "Rails.application.credentials", "$env:", "$_ENV[",
	} {
		if strings.HasPrefix(s, start) && len(s) <= 128 {
			return true
		}
	}
	return isSetting(s)
}

// isSetting reports whether s is a path of names that ends with the name of a
// credential: config.apiKey, self.api_secret.
func isSetting(s string) bool {
	names := strings.Split(s, ".")
	last := strings.ToLower(names[len(names)-1])
	return len(names) > 1 && len(s) <= 64 && !slices.ContainsFunc(names, func(n string) bool { return !isIdentifier(n) }) &&
		(strings.HasSuffix(last, "secret") || strings.HasSuffix(last, "key") || strings.HasSuffix(last, "token"))
}

// Placeholder says what a value is when it is no value but the place where one
// belongs, "" for one that may be real.
func Placeholder(value string) string { return placeholder(value) }

// wrapped reports whether s is a name between two brackets.
func wrapped(s, open, end string) bool {
	if len(s) <= len(open)+len(end) || !strings.HasPrefix(s, open) || !strings.HasSuffix(s, end) {
		return false
	}
	inner := strings.TrimSpace(s[len(open) : len(s)-len(end)])
	return inner != "" && len(inner) <= 64 && strings.Trim(inner, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ") == ""
}

// isTemplateReference reports whether s is one {{…}} with what request editors write in
// them: "{{$processEnv NAME}}", "{{login.response.body.$.token}}".
func isTemplateReference(s string) bool {
	inner, ok := strings.CutPrefix(s, "{{")
	inner, closed := strings.CutSuffix(inner, "}}")
	return ok && closed && strings.TrimSpace(inner) != "" && len(inner) <= 128 && !strings.ContainsAny(inner, "{}\"\n")
}

func isIdentifier(s string) bool {
	return s != "" && !('0' <= s[0] && s[0] <= '9') &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// shouted reports whether s is written as samples write a blank: YOUR_ACCOUNT_ID,
// your-account-id, ACCOUNT_ID, "paste signature here".
func shouted(s string) bool {
	if s[len(s)-1] >= 'A' && s[len(s)-1] <= 'Z' && namesCredential(s) && s == strings.ToUpper(s) {
		return true
	}
	var starts []string
	switch s[0] | 0x20 {
	case 'y':
		starts = []string{"your_", "your-", "your "}
	case 'p':
		starts = []string{"paste "}
	case 'r':
		starts = []string{"replace_", "replace-"}
	case 'i':
		starts = []string{"insert_", "insert-"}
	case 'x':
		starts = []string{"xxxx"}
		if strings.EqualFold(s, "xxx") {
			return true
		}
	case 't':
		return strings.EqualFold(s, "todo") || hasPrefixFold(s, "todo:")
	case 'c':
		return strings.EqualFold(s, "changeme")
	case 'm':
		return hasPrefixFold(s, "my_") && namesCredential(strings.ToUpper(s))
	}
	for _, start := range starts {
		if hasPrefixFold(s, start) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// namesCredential reports whether a name in capitals ends as names of ids and
// credentials do.
func namesCredential(s string) bool {
	for _, end := range []string{"_ID", "_TOKEN", "_KEY", "_SECRET", "_ADDRESS", "_SIGNATURE"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// fromShell suspects a value that only the user's shell knows: whether it is set
// shows nowhere. Of a request that was sent there is nothing to say.
func fromShell(in *Input, id string, at Location, name, text string) (Finding, bool) {
	if in.Class != NotSent {
		return Finding{}, false
	}
	return Finding{
		ID: id, Severity: Warning, Location: at, Title: name + " is a variable that " + filler(in) + " fills in",
		Evidence: fmt.Sprintf("%s is %.60q, or empty if the variable isn't set", name, exchange.MaskText(text)),
		Fix:      fillerFix(in),
	}, true
}

// filler names what fills in the variables of a request: the shell that a command
// is for, or the program that a call was taken from.
func filler(in *Input) string {
	if in.Exchange.Source.Kind == exchange.KindFetch {
		return "the program"
	}
	return "the shell"
}

func fillerFix(in *Input) string {
	if in.Exchange.Source.Kind == exchange.KindFetch {
		return "Set the variable before the program calls fetch."
	}
	return "Set the variable in the shell that runs the command."
}

// masked reports whether a value is a copy in which a person or a program put
// dots, stars or a word in the place of what it holds, as logs and people who ask
// for help do. What was sent is then not known.
func masked(value string) bool {
	s := strings.TrimSpace(value)
	for _, mark := range []string{"…", "...", "***", "•", "●", "█"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	if len(s) >= 3 && strings.Trim(s, "xX") == "" || strings.HasPrefix(s, "imm-") && strings.HasSuffix(strings.ToLower(s), "xxx") {
		return true
	}
	switch strings.ToLower(strings.Trim(s, "[]<>(){}*-_ ")) {
	case "redacted", "masked", "hidden", "removed", "filtered", "omitted", "censored", "sanitized", "stripped":
		return true
	}
	return false
}

// maskSeverity is how strongly a mask may be held against a request: one that is
// not sent yet cannot be sent like this; of one that was sent, only the capture
// may be masked.
func maskSeverity(in *Input) Severity {
	if in.Class == NotSent {
		return Error
	}
	return Warning
}
