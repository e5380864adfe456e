package scan

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/exchange"
)

// Explanation is what is understood of one line or element.
type Explanation struct {
	Number  int64  // of the line or element, from 1
	Shape   string // "pino-http", "access log", …; "" when it is no exchange
	Fields  []FieldFound
	Lead    diagnose.Lead
	Sample  string   // its beginning, secrets masked
	Members []string // of a JSON line that is no exchange: what it has
	JSON    bool     // it is one JSON object, whole
}

// FieldFound is a field and where it was found.
type FieldFound struct {
	Field string
	Value string // secrets masked
	Path  string // the member's path; "" in an access log
}

// Explain shows what is understood of the first lines of an input, at most as
// many as wanted of those that are exchanges and of those that are not.
func (s *Scanner) Explain(ctx context.Context, name string, r io.Reader, wanted int) ([]Explanation, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l := s.lanes[0]
	var list []Explanation
	understood, other := 0, 0
	l.visit = func(number int64, text []byte) {
		understands := l.parse(text)
		counter := &other
		if understands {
			counter = &understood
		}
		if *counter++; *counter <= wanted {
			list = append(list, l.explain(number, text, understands))
		}
		if understood >= wanted && other >= wanted {
			stop()
		}
	}
	l.visitEx = func(number, _ int64, ex *exchange.Exchange) {
		if understood++; understood <= wanted {
			list = append(list, Explanation{Number: number, Shape: cmp.Or(ex.Source.Tool, "capture"), Lead: shownLead(ex, s.options.Now)})
		}
	}
	defer func() { l.visit, l.visitEx = nil, nil }()
	lanes := s.lanes
	s.lanes = s.lanes[:1]
	defer func() { s.lanes = lanes }()
	l.begin(name)
	err := s.read(ctx, name, r)
	if len(list) > 0 || ctx.Err() != nil {
		err = nil
	}
	return list, err
}

// explain describes a line that parse has just read, or didn't understand.
func (l *lane) explain(number int64, text []byte, understood bool) Explanation {
	e := Explanation{Number: number, Sample: l.placeSample(text)}
	if !understood {
		e.JSON = text[0] == '{' && exchange.ValidJSON(text)
		if e.JSON {
			e.Members = memberPaths(gjson.ParseBytes(text), "", nil)
		}
		return e
	}
	e.Lead = shownLead(l.entry.exchange(), l.scanner.options.Now)
	r := l.entry.record
	if r == nil {
		e.Shape = "access log"
		e.Fields = l.entry.fields()
		return e
	}
	e.Shape = r.shape(l.scanner.options.Map)
	if form := cmp.Or(l.record.form, r.form); form != "" {
		e.Shape = form
	}
	for f, name := range fieldNames() {
		if f == 0 || !r.at[f].ok() || field(f) == fieldNested {
			continue
		}
		e.Fields = append(e.Fields, FieldFound{name, fieldValue(r, field(f)), r.path(r.at[f])})
	}
	return e
}

// shownLead is the lead of an exchange, fit to be shown.
func shownLead(ex *exchange.Exchange, now time.Time) diagnose.Lead {
	lead := diagnose.LeadOf(ex, now)
	lead.Code = limited(exchange.MaskText(lead.Code), 80)
	return lead
}

// fieldValue shows a value; of a time it says what it was read as.
func fieldValue(r *record, f field) string {
	value := limited(exchange.MaskText(string(r.text(f))), 60)
	switch f {
	case fieldTime:
		if when := r.time(); when != 0 {
			return stamp(when)
		}
		return value + " (no time)"
	case fieldKey:
		return shortKey(string(r.text(f)))
	case fieldAuthorization:
		return exchange.NewValue("authorization", string(r.text(f))).String()
	case fieldRequestHeaders, fieldResponseHeaders, fieldRequestBody, fieldResponseBody:
		return fmt.Sprintf("%d bytes", r.at[f].end-r.at[f].start)
	}
	return value
}

// fields are those of an access-log line.
func (e *entry) fields() []FieldFound {
	var list []FieldFound
	for _, f := range []struct {
		field field
		value string
	}{
		{fieldStatus, fmt.Sprint(e.status)},
		{fieldMethod, string(e.method)},
		{fieldURL, string(e.target)},
		{fieldHost, string(e.host)},
		{fieldTime, time.Unix(0, e.when).UTC().Format(time.RFC3339)},
		{fieldAddress, string(e.address)},
	} {
		if f.value != "" {
			list = append(list, FieldFound{Field: fieldNames()[f.field], Value: limited(exchange.MaskText(f.value), 60)})
		}
	}
	return list
}

// shape names the shape that has most of the members that were found.
func (r *record) shape(m Mapping) string {
	best, most := "JSON", 0
	for i, s := range append([]shape{{name: "--map", sure: m.places}}, shapes()...) {
		n := 0
		for _, p := range append(append([]place{}, s.sure...), s.weak...) {
			if r.at[p.field].ok() && strings.HasSuffix("."+r.path(r.at[p.field]), "."+p.path) {
				n++
			}
		}
		if n > most || i == 0 && n > 0 {
			best, most = s.name, n
		}
		if i == 0 && n > 0 {
			most = 1 << 20
		}
	}
	return best
}

// path finds the member whose value lies at a place.
func (r *record) path(at span) string {
	return pathTo(gjson.ParseBytes(r.line), 0, int(at.start), "")
}

func pathTo(value gjson.Result, base, target int, path string) string {
	found := ""
	if !value.IsObject() {
		return path
	}
	value.ForEach(func(name, inner gjson.Result) bool {
		start := base + inner.Index
		if inner.Index == 0 || target < start || target >= start+len(inner.Raw) {
			return true
		}
		full := strings.TrimPrefix(path+"."+name.String(), ".")
		if target == start {
			found = full
			return false
		}
		found = pathTo(gjson.Parse(inner.Raw), start, target, full)
		return false
	})
	return found
}

// maxMembers bounds how many members are named.
const maxMembers = 24

// memberPaths names the members of an object and what they hold, in depth.
func memberPaths(object gjson.Result, path string, list []string) []string {
	object.ForEach(func(name, value gjson.Result) bool {
		full := strings.TrimPrefix(path+"."+name.String(), ".")
		if value.IsObject() && strings.Count(full, ".") < 3 {
			list = memberPaths(value, full, list)
		} else {
			list = append(list, limited(exchange.MaskText(full), 60))
		}
		return len(list) < maxMembers
	})
	return list[:min(len(list), maxMembers)]
}
