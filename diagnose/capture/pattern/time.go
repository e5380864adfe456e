package pattern

import (
	"strconv"
	"strings"
	"time"
)

// timeForms are the dates with times that programs print, 0 for a digit, a for a
// letter, and _ for a T or a blank. What follows (seconds, a fraction, a zone) is optional.
func timeForms() []string {
	return []string{"0000-00-00_00:00", "00/aaa/0000:00:00", "00/aaa/0000 00:00", "0000/00/00 - 00:00", "0000/00/00 00:00", "aaa, 00 aaa 0000 00:00"}
}

// timeAt returns the date with its time that begins a text, or "" if there is none.
func timeAt(text string) string {
	if len(text) < len("0000-00-00_00:00") || !isDigit(text[0]) && !isLetter(text[0]) {
		return ""
	}
	for _, form := range timeForms() {
		if fits(text, form) {
			return text[:timeTail(text, len(form))]
		}
	}
	return ""
}

func fits(text, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		c := text[i]
		switch form[i] {
		case '0':
			if !isDigit(c) {
				return false
			}
		case 'a':
			if !isLetter(c) {
				return false
			}
		case '_':
			if c != 'T' && c != ' ' && c != 't' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// timeTail returns the end of a time whose minutes end at an offset.
func timeTail(text string, at int) int {
	if fits(text[at:], ":00") {
		at += len(":00")
		if at+1 < len(text) && (text[at] == '.' || text[at] == ',') && isDigit(text[at+1]) {
			at = while(text, at+1, len(text), isDigit)
		}
	}
	for _, zone := range [...]string{"Z", " GMT", " UTC", "+00:00", "-00:00", "+0000", "-0000", " +00:00", " -00:00", " +0000", " -0000"} {
		if len(text)-at >= len(zone) && fits(text[at:], zone) && (zone[0] != 'Z' || at+1 == len(text) || !isWord(text[at+1])) {
			return at + len(zone)
		}
	}
	return at
}

// clockLength returns the length of the time without a date that begins a text.
func clockLength(text string) int {
	if !fits(text, "00:00:00") {
		return 0
	}
	n := len("00:00:00")
	if n+1 < len(text) && (text[n] == '.' || text[n] == ',') && isDigit(text[n+1]) {
		n = while(text, n+1, len(text), isDigit)
	}
	return n
}

// unitOf returns how long a unit of time is.
func unitOf(unit string) (time.Duration, bool) {
	switch unit {
	case "ns":
		return time.Nanosecond, true
	case "us", "µs", "μs":
		return time.Microsecond, true
	case "ms", "msec", "millis", "milliseconds", "millisecond":
		return time.Millisecond, true
	case "s", "sec", "secs", "seconds", "second":
		return time.Second, true
	case "m", "min":
		return time.Minute, true
	case "h":
		return time.Hour, true
	}
	return 0, false
}

// ParseDuration returns how long a {duration} or {millis} is, or 0.
func ParseDuration(text string) time.Duration {
	total := 0.0
	for text != "" {
		n := numberEnd(text, 0, len(text))
		value, err := strconv.ParseFloat(strings.Replace(text[:n], ",", ".", 1), 64)
		if err != nil {
			return 0
		}
		text = strings.TrimLeft(text[n:], " ")
		end := while(text, 0, len(text), func(c byte) bool { return isLetter(c) || c >= 0x80 })
		unit, ok := unitOf(text[:end])
		if !ok {
			unit = time.Millisecond
		}
		total += value * float64(unit)
		text = text[end:]
	}
	if total < 0 || total > float64(24*365*time.Hour) {
		return 0
	}
	return time.Duration(total)
}
