package simulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"immersve-doctor/diagnose/api"
)

// checkQuery judges the query parameters that the operation documents; unknown
// ones are passed over.
func (rq *request) checkQuery() []fieldFailure {
	var list []fieldFailure
	for i := range rq.op.Parameters {
		p := &rq.op.Parameters[i]
		if p.In != "query" {
			continue
		}
		values := rq.query[p.Name]
		if p.Required && (len(values) == 0 || values[0] == "") {
			list = append(list, fieldFailure{"Required", p.Name})
			continue
		}
		for _, value := range values {
			if message := judge(p, value); message != "" {
				list = append(list, fieldFailure{message, p.Name})
				break
			}
		}
	}
	return list
}

// judge returns what is wrong with a parameter's value, "" for nothing.
func judge(p *api.Parameter, value string) string {
	allowed := p.Enum
	if p.Items != nil {
		allowed = p.Items.Enum
	}
	switch {
	case len(allowed) > 0 && !slices.Contains(allowed, value):
		return "Must be one of " + strings.Join(allowed, ", ")
	case p.Type == "boolean" && value != "true" && value != "false":
		return "Must be true or false"
	case p.Type == "number" || p.Type == "integer":
		return judgeNumber(value)
	case isDateParameter(p.Name):
		if _, ok := parseDate(value); !ok {
			return "Must be a date"
		}
	}
	return ""
}

func judgeNumber(value string) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return "Must be a number"
	}
	if n < 1 || n != math.Trunc(n) {
		return "Must be a whole number above zero"
	}
	return ""
}

func isDateParameter(name string) bool {
	switch name {
	case "createdFrom", "createdTo", "fromUTC", "toUTC", "expiresAfter":
		return true
	}
	return false
}

// parseDate reads a moment as the documentation's samples write it: RFC 3339,
// the same without a zone (taken as UTC), or a date alone.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// within reports whether a moment lies in the range that two query parameters
// span; checkQuery has judged their form.
func (rq *request) within(t time.Time, from, to string) bool {
	if begin, ok := parseDate(rq.query.Get(from)); ok && t.Before(begin) {
		return false
	}
	if end, ok := parseDate(rq.query.Get(to)); ok && t.After(end) {
		return false
	}
	return true
}
