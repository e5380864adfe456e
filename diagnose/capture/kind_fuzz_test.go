package capture_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

// fuzzKind reads any text as one kind of capture: nothing panics or hangs, every
// exchange holds something and knows where it began, and the summary counts them.
func fuzzKind(f *testing.F, kind exchange.Kind) {
	addCaptures(f, captures+"/"+string(kind)+"/*.in")
	addCaptures(f, captures+"/err/*.in")
	variables := map[string]string{"baseUrl": "https://test.immersve.com", "a": "{{b}}", "b": "{{a}}", "empty": ""}
	f.Fuzz(func(t *testing.T, text []byte) {
		count := 0
		o := capture.Options{Kind: kind, Variables: variables, MaxBytes: 256 << 10}
		summary, err := capture.Each(bytes.NewReader(text), "-", o, func(ex *exchange.Exchange) bool {
			count++
			if ex.Request == nil && ex.Response == nil && ex.Failure == nil {
				t.Error("an exchange holds nothing")
			}
			if r := ex.Response; r != nil && (r.Status < 0 || r.Status > 999) {
				t.Errorf("status %d", r.Status)
			}
			if last := lastLine(text); ex.Source.Line < 1 || ex.Source.Line > last {
				t.Errorf("line %d of %d in %q", ex.Source.Line, last, text)
			}
			return true
		})
		if count != summary.Exchanges || count == 0 && err == nil || count > 0 && errors.Is(err, capture.ErrNothing) {
			t.Errorf("%d exchanges, summary %+v, %v", count, summary, err)
		}
	})
}

func addCaptures(f *testing.F, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("no captures are called %s: %v", pattern, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 32<<10 {
			f.Add(text)
		}
	}
}

// lastLine bounds the number of a line: UTF-16 has a zero byte behind each line
// feed, and of what is compressed nothing is known.
func lastLine(text []byte) int {
	if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) || bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return math.MaxInt
	}
	return bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\n\x00")) + 2
}

func FuzzHAR(f *testing.F) { fuzzKind(f, exchange.KindHAR) }

func FuzzCurlTrace(f *testing.F) { fuzzKind(f, exchange.KindCurlTrace) }

func FuzzHTTPFile(f *testing.F) { fuzzKind(f, exchange.KindHTTPFile) }

func FuzzPostman(f *testing.F) { fuzzKind(f, exchange.KindPostman) }

func FuzzHTTPie(f *testing.F) { fuzzKind(f, exchange.KindHTTPie) }

func FuzzWget(f *testing.F) { fuzzKind(f, exchange.KindWget) }

func FuzzClientError(f *testing.F) { fuzzKind(f, exchange.KindClientError) }

func FuzzFetch(f *testing.F) { fuzzKind(f, exchange.KindFetch) }

func FuzzHTTPClient(f *testing.F) { fuzzKind(f, exchange.KindHTTPClient) }

func FuzzOkHTTP(f *testing.F) { fuzzKind(f, exchange.KindOkHTTP) }

func FuzzPowerShell(f *testing.F) { fuzzKind(f, exchange.KindPowerShell) }

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
