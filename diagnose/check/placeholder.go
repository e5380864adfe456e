package check

import "strings"

// placeholder says what a value is when it is no value but the place where one
// belongs, in the words of a title: "an unexpanded shell variable". It returns
// "" for a value that may be real. Ids hold no such characters; free text may,
// so callers decide what follows from it.
func placeholder(value string) string {
	s := strings.TrimSpace(value)
	switch s {
	case "":
		return ""
	case "undefined", "null", "NaN", "None", "nil":
		return "the word " + s + " that a program wrote where it had no value"
	case "[object Object]":
		return "an object that JavaScript turned into text"
	}
	switch s[0] {
	case '{':
		if wrapped(s, "{{", "}}") || isTemplateReference(s) {
			return "a template variable that was never filled in"
		}
		if wrapped(s, "{", "}") {
			return "a placeholder of the documentation"
		}
	case '$':
		if wrapped(s, "${", "}") || isIdentifier(s[1:]) {
			return "a shell variable that was never expanded"
		}
	case '<', '[':
		if wrapped(s, "<", ">") || wrapped(s, "[", "]") {
			return "a placeholder of the documentation"
		}
	case ':':
		if isIdentifier(s[1:]) {
			return "a placeholder of the documentation"
		}
	case '%':
		if wrapped(s, "%", "%") {
			return "a variable of cmd.exe that was never expanded"
		}
	}
	if shouted(s) {
		return "a placeholder"
	}
	return ""
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
