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
	switch {
	case wrapped(s, "{{", "}}"):
		return "a template variable that was never filled in"
	case wrapped(s, "${", "}"), s[0] == '$' && isIdentifier(s[1:]):
		return "a shell variable that was never expanded"
	case wrapped(s, "{", "}"), wrapped(s, "<", ">"), s[0] == ':' && isIdentifier(s[1:]), wrapped(s, "[", "]"):
		return "a placeholder of the documentation"
	case wrapped(s, "%", "%"):
		return "a variable of cmd.exe that was never expanded"
	case shouted(s):
		return "a placeholder"
	}
	return ""
}

// wrapped reports whether s is a name between two brackets.
func wrapped(s, open, end string) bool {
	if len(s) <= len(open)+len(end) || !strings.HasPrefix(s, open) || !strings.HasSuffix(s, end) {
		return false
	}
	inner := strings.TrimSpace(s[len(open) : len(s)-len(end)])
	return inner != "" && len(inner) <= 64 && strings.Trim(inner, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ") == ""
}

func isIdentifier(s string) bool {
	return s != "" && !('0' <= s[0] && s[0] <= '9') &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// shouted reports whether s is written as samples write a blank: YOUR_ACCOUNT_ID,
// your-account-id, ACCOUNT_ID, "paste signature here".
func shouted(s string) bool {
	lower := strings.ToLower(s)
	for _, start := range []string{"your_", "your-", "your ", "<your", "paste ", "replace_", "replace-", "insert_", "insert-", "xxxx"} {
		if strings.HasPrefix(lower, start) {
			return true
		}
	}
	if lower == "todo" || lower == "changeme" || strings.HasPrefix(lower, "todo:") || strings.HasPrefix(lower, "my_") && endsLikeSecretOrID(lower) {
		return true
	}
	return s == strings.ToUpper(s) && endsLikeSecretOrID(lower)
}

// endsLikeSecretOrID reports whether a lower-case name ends as names of ids and
// credentials do.
func endsLikeSecretOrID(lower string) bool {
	for _, end := range []string{"_id", "_token", "_key", "_secret", "_address", "_signature"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return false
}
