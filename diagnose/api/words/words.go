// Package words splits paths and names into words and compares them regardless
// of number and inflection. The generator of package api's tables and the search
// for the endpoint that a request means share it.
package words

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Split returns the lower-case words of a path segment or name: "fundingSources",
// "funding_sources" and "funding-sources" are all "funding", "sources".
func Split(s string) []string {
	var list []string
	start := 0
	add := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(s[start:end]))
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case !isWordByte(c):
			add(i)
			start = i + 1
		case 'A' <= c && c <= 'Z' && i > 0 && 'a' <= s[i-1] && s[i-1] <= 'z':
			add(i)
			start = i
		}
	}
	add(len(s))
	return list
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

// endings are the inflections that Stem removes, longer ones first.
var endings = [...]string{"ations", "ation", "ances", "ance", "ments", "ment", "ions", "ion", "ings", "ing", "ies", "als", "al", "es", "ed", "ers", "er", "s", "e", "y"}

// Key returns what the forms of a name have in common: the stems of its words.
func Key(s string) string {
	list := Split(s)
	for i, word := range list {
		list[i] = Stem(word)
	}
	return strings.Join(list, " ")
}

// minStem is the length that a stem keeps at least.
const minStem = 3

// Stem returns a word without its ending: "authorizations" and "authorize" share
// "authoriz". It returns short words unchanged.
func Stem(word string) string {
	for _, ending := range endings {
		if stem, ok := strings.CutSuffix(word, ending); ok && len(stem) >= minStem {
			return stem
		}
	}
	return word
}

// Similar returns how much two stems resemble each other: 1 if they are the same,
// 0 if they aren't forms or misspellings of one word.
func Similar(a, b string) float64 {
	const form, typo = 0.9, 0.8
	if a == b {
		return 1
	}
	short, long := min(len(a), len(b)), max(len(a), len(b))
	switch {
	case long > 32 || long-short > 4:
		return 0
	case short >= 5 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)):
		return form
	case short < 4 || long-short > 2:
		return 0
	}
	switch d := levenshtein.ComputeDistance(a, b); {
	case d == 1:
		return typo
	case d == 2 && short >= 7:
		return typo
	}
	return 0
}
