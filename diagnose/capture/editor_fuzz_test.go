package capture_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// fuzzKind reads any text as one kind of capture: nothing panics or hangs, every
// exchange holds something and knows where it began, and the summary counts them.
func fuzzKind(f *testing.F, kind exchange.Kind) {
	files, _ := filepath.Glob(captures + "/" + string(kind) + "/*.in")
	if len(files) < 8 {
		f.Fatalf("%d captures of kind %s", len(files), kind)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 8<<10 {
			f.Add(text)
		}
	}
	variables := map[string]string{"baseUrl": "https://test.immersve.com", "a": "{{b}}", "b": "{{a}}", "empty": ""}
	f.Fuzz(func(t *testing.T, text []byte) {
		count := 0
		o := capture.Options{Kind: kind, Variables: variables}
		summary, err := capture.Each(bytes.NewReader(text), "-", o, func(ex *exchange.Exchange) bool {
			count++
			if ex.Request == nil && ex.Response == nil && ex.Failure == nil {
				t.Error("an exchange holds nothing")
			}
			if lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\n\x00")) + 2; ex.Source.Line < 1 || ex.Source.Line > lines {
				t.Errorf("line %d of %d in %q", ex.Source.Line, lines, text)
			}
			return true
		})
		if count != summary.Exchanges || (count == 0) != errors.Is(err, capture.ErrNothing) {
			t.Errorf("%d exchanges, summary %+v, %v", count, summary, err)
		}
	})
}

func FuzzHTTPFile(f *testing.F) { fuzzKind(f, exchange.KindHTTPFile) }

func FuzzPostman(f *testing.F) { fuzzKind(f, exchange.KindPostman) }

func FuzzHTTPie(f *testing.F) { fuzzKind(f, exchange.KindHTTPie) }

func FuzzWget(f *testing.F) { fuzzKind(f, exchange.KindWget) }

// Whatever file is given for variables, the answer is variables or an error.
func FuzzParseEnvironment(f *testing.F) {
	for _, tt := range environments {
		f.Add([]byte(tt.content), tt.name)
	}
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		values, err := capture.ParseEnvironment(content, name)
		if err != nil && !errors.Is(err, capture.ErrEnvironment) || (err == nil) != (values != nil) {
			t.Errorf("%v, %v", values, err)
		}
	})
}
