package pattern

import (
	"bytes"
	"strconv"
	"time"
)

// ParseTime returns the time that a {time} says, in nanoseconds since 1970, or 0.
func ParseTime(text string) int64 { return Moment([]byte(text)) }

// TimeIn returns the first date with its time in a prefix, in nanoseconds since 1970,
// or 0.
func TimeIn(prefix string) int64 {
	for i := 0; i < len(prefix); i++ {
		if i > 0 && !separates(prefix[i-1]) || !isDigit(prefix[i]) && prefix[i] < 'A' {
			continue
		}
		if when := timeAt(prefix[i:]); when != "" {
			return ParseTime(when)
		}
	}
	return 0
}

// Earliest and Latest bound what is believed to be a time: 1990 to 2100.
const (
	Earliest = 631_152_000
	Latest   = 4_102_444_800
)

// Moment returns the time that a text says, in nanoseconds since 1970: RFC 3339 and its relatives, the time of the Common Log Format,
// and numbers of seconds, milliseconds, microseconds or nanoseconds since 1970.
// It is 0 for anything else.
func Moment(text []byte) int64 {
	switch {
	case len(text) < 9:
		return 0
	case len(text) >= 16 && text[4] == '-' && text[7] == '-':
		return rfc3339(text)
	case len(text) >= 17 && (text[2] == '/' || text[1] == '/'):
		return commonLogTime(text)
	case len(text) >= 16 && text[4] == '/' && text[7] == '/':
		return rfc3339(dashed(text))
	case isDigit(text[0]):
		return sinceEpoch(text)
	}
	if t, err := time.Parse(time.RFC1123, string(text)); err == nil {
		return Believable(t.Unix(), 0)
	}
	return 0
}

// Believable returns nanoseconds since 1970, or 0 for a time before 1990 or after 2100.
func Believable(seconds, nanos int64) int64 {
	if seconds < Earliest || seconds > Latest {
		return 0
	}
	return seconds*1e9 + nanos
}

func sinceEpoch(text []byte) int64 {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	n, err := strconv.ParseInt(string(whole), 10, 64)
	if err != nil || bytes.ContainsAny(fraction, "eE") {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil || f < Earliest || f > Latest*1e9 {
			return 0
		}
		n, fraction = int64(f), nil
	}
	for _, unit := range []int64{1, 1e3, 1e6, 1e9} {
		if s := n / unit; s >= Earliest && s <= Latest {
			return s*1e9 + n%unit*(1e9/unit) + nanosOf(fraction)/unit
		}
	}
	return 0
}

// nanosOf reads the digits behind a decimal point as parts of a second.
func nanosOf(digits []byte) int64 {
	n, scale := int64(0), int64(1e9)
	for _, c := range digits {
		if !isDigit(c) || scale == 1 {
			break
		}
		scale /= 10
		n += int64(c-'0') * scale
	}
	return n
}

// rfc3339 reads 2006-01-02T15:04:05.999Z07:00; a space for the T, a comma for
// the point, seconds or the zone left out (then UTC) are all met in logs.
func rfc3339(b []byte) int64 {
	year, ok1 := number(b[0:4])
	month, ok2 := number(b[5:7])
	day, ok3 := number(b[8:10])
	hour, ok4 := number(b[11:13])
	minute, ok5 := number(b[14:16])
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || b[13] != ':' || !validDate(year, month, day, hour, minute) {
		return 0
	}
	second, rest := int64(0), b[16:]
	if len(rest) >= 3 && rest[0] == ':' {
		var ok bool
		if second, ok = number(rest[1:3]); !ok || second > 60 {
			return 0
		}
		rest = rest[3:]
	}
	nanos := int64(0)
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		nanos = nanosOf(rest[1:])
		i := 1
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		rest = rest[i:]
	}
	offset, ok := zone(bytes.TrimLeft(rest, " "))
	if !ok {
		return 0
	}
	return Believable(daysFromCivil(year, month, day)*86400+hour*3600+minute*60+second-offset, nanos)
}

func validDate(year, month, day, hour, minute int64) bool {
	return year >= 1990 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60
}

// zone reads Z, +07:00, +0700 or nothing, as seconds east of UTC.
func zone(b []byte) (int64, bool) {
	if len(b) == 0 || b[0] == 'Z' || b[0] == 'z' || b[0] == 'U' {
		return 0, true
	}
	if (b[0] != '+' && b[0] != '-') || len(b) < 3 {
		return 0, false
	}
	hours, ok := number(b[1:3])
	rest := bytes.TrimPrefix(b[3:], []byte(":"))
	minutes := int64(0)
	if ok && len(rest) >= 2 {
		minutes, ok = number(rest[:2])
	}
	offset := hours*3600 + minutes*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, ok
}

// commonLogTime reads 02/Jan/2006:15:04:05 -0700, with or without a fraction.
func commonLogTime(b []byte) int64 {
	if b[1] == '/' {
		b = append([]byte("0"), b...)
	}
	if len(b) < 20 || b[6] != '/' || b[11] != ':' && b[11] != ' ' {
		return 0
	}
	day, ok1 := number(b[0:2])
	year, ok2 := number(b[7:11])
	hour, ok3 := number(b[12:14])
	minute, ok4 := number(b[15:17])
	second, ok5 := number(b[18:20])
	month := monthOf(b[3:6])
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || !validDate(year, month, day, hour, minute) || second > 60 {
		return 0
	}
	nanos, rest := int64(0), b[20:]
	if len(rest) > 1 && rest[0] == '.' {
		nanos = nanosOf(rest[1:])
		rest = bytes.TrimLeft(rest[1:], "0123456789")
	}
	offset, ok := zone(bytes.TrimLeft(rest, " "))
	if !ok {
		return 0
	}
	return Believable(daysFromCivil(year, month, day)*86400+hour*3600+minute*60+second-offset, nanos)
}

// dashed writes Go's 2006/01/02 15:04:05, and gin's with " - " between, like RFC 3339.
func dashed(text []byte) []byte {
	date := append([]byte{}, text[:10]...)
	date[4], date[7] = '-', '-'
	return append(append(date, ' '), bytes.TrimLeft(text[10:], " -")...)
}

func monthOf(name []byte) int64 {
	switch string(name) {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}

func number(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// daysFromCivil counts the days since 1970-01-01 of the proleptic Gregorian
// calendar, years beginning in March so that leap days come last.
func daysFromCivil(year, month, day int64) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	era := year / 400
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}
