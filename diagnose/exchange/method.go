package exchange

// Method is the method of a request (RFC 9110 section 9), "" when not captured. A
// capture may hold anything in its place, so that it masks itself wherever it is
// written; string(m) is what was sent.
type Method string

// String returns the method with every secret in it masked. What looks like a
// method holds none.
func (m Method) String() string {
	if len(m) <= len("OPTIONS") && isLetters(string(m)) {
		return string(m)
	}
	return MaskText(string(m))
}

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
