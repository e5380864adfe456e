package capture_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/capture/tools"
	"immersve-doctor/diagnose/exchange"
)

// readsOf is what was read of a text, in the form of a sample's expectations.
func readsOf(ex *exchange.Exchange, want []string) []string {
	part := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	method, url := "", ""
	if q := ex.Request; q != nil {
		method, url = string(q.Method), cmp.Or(q.URL.Reveal(), q.URL.Host)
	}
	first := part(method) + " " + part(url) + " "
	switch {
	case ex.Response != nil:
		first += fmt.Sprint(ex.Response.Status)
	case ex.Failure != nil:
		first += part(string(ex.Failure.Kind))
	default:
		first += "-"
	}
	has := func(mark string) bool {
		for _, w := range want {
			if strings.HasPrefix(w, mark) {
				return true
			}
		}
		return false
	}
	if r := ex.Response; r != nil && r.Elapsed != 0 {
		first += " " + r.Elapsed.String()
	}
	if !ex.Started.IsZero() && strings.Contains(strings.Join(want, "\n"), " at ") {
		first += " at " + ex.Started.Format(time.RFC3339Nano)
	}
	list := []string{first}
	if q := ex.Request; q != nil {
		for _, f := range q.Header {
			if has("> ") {
				list = append(list, "> "+f.Name+": "+f.Value.Reveal())
			}
		}
		if q.Body.Present() && has(">> ") {
			list = append(list, ">> "+string(q.Body.Bytes()))
		}
	}
	if r := ex.Response; r != nil {
		for _, f := range r.Header {
			if has("< ") {
				list = append(list, "< "+f.Name+": "+f.Value.Reveal())
			}
		}
		if r.Body.Present() && has("<< ") {
			list = append(list, "<< "+string(r.Body.Bytes()))
		}
	}
	return list
}

// Every sample of every tool is read as it says, through the reader that everybody uses.
func TestToolSamples(t *testing.T) {
	for _, tool := range tools.Load().Tools {
		for _, s := range tool.Samples {
			t.Run(tool.Name+"/"+s.About, func(t *testing.T) {
				var got []string
				_, _ = readInto(strings.NewReader(s.Text), func(ex *exchange.Exchange) {
					got = append(got, readsOf(ex, s.Reads)...)
				}) // a sample may be one that holds no exchange
				if strings.Join(got, "\n") != strings.Join(s.Reads, "\n") {
					t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(s.Reads, "\n"))
				}
			})
		}
	}
}

func readInto(r io.Reader, take func(*exchange.Exchange)) (capture.Summary, error) {
	return capture.Each(r, "-", capture.Options{}, func(ex *exchange.Exchange) bool {
		take(ex)
		return true
	})
}

// Start-up logs, stack traces, prose, diffs, SQL and CI logs hold no exchange: a number
// is a status only if a tool says so.
func TestNothingIsInvented(t *testing.T) {
	text, err := os.ReadFile("testdata/nothing.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, parts, _ := strings.Cut(string(text), "\n-- ")
	list := strings.Split(parts, "\n-- ")
	if len(list) < 300 {
		t.Errorf("%d texts; want 300 or more", len(list))
	}
	for _, part := range list {
		name, body, _ := strings.Cut(part, " --\n")
		_, _ = readInto(strings.NewReader(body), func(ex *exchange.Exchange) { // that nothing was found is an error
			t.Errorf("%s is read as %q:\n%s", name, readsOf(ex, nil), body)
		})
	}
}
