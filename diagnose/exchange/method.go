package exchange

// Method is the method of a request (RFC 9110 section 9), "" when not captured. A
// capture may hold anything in its place, so that it masks itself wherever it is
// written; string(m) is what was sent.
type Method string

// String returns the method with every secret in it masked. What looks like a
// method holds none.
func (m Method) String() string {
	switch {
	case len(m) <= len("OPTIONS") && isLetters(string(m)):
		return string(m)
	case len(m) > longestMethod: // it may have been a token, before something wrote it in capitals
		return "…"
	}
	return MaskText(string(m))
}

// longestMethod is the length of the longest registered one, UPDATEREDIRECTREF.
const longestMethod = 17

// MarshalText is what JSON shows.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}
