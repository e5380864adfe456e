package compare

import (
	"strconv"
	"strings"
)

// sameNumber compares two JSON numbers (RFC 8259 section 6) by value and exactly,
// because amounts with 18 decimals don't fit in a float.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := parseDecimal(a)
	y, okY := parseDecimal(b)
	return okX && okY && x == y
}

// decimal is 0.digits × 10^exponent. Zero has no digits and no sign.
type decimal struct {
	negative bool
	digits   string // without zeros at either end
	exponent int
}

// maxExponent prevents overflow. Numbers with larger exponents are compared as
// strings.
const maxExponent = 1 << 30

// parseDecimal normalizes a number.
func parseDecimal(raw string) (decimal, bool) {
	var d decimal
	raw, d.negative = strings.CutPrefix(raw, "-")
	if i := strings.IndexAny(raw, "eE"); i >= 0 {
		e, err := strconv.Atoi(raw[i+1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return decimal{}, false
		}
		raw, d.exponent = raw[:i], e
	}
	whole, fraction, _ := strings.Cut(raw, ".")
	d.exponent += len(whole)
	digits := whole + fraction
	d.digits = strings.TrimLeft(digits, "0")
	d.exponent -= len(digits) - len(d.digits)
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, strings.Trim(digits, "0") == "" && digits != ""
	}
	return d, strings.Trim(d.digits, "0123456789") == ""
}
