package capture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
)

var update = flag.Bool("update", false, "write the golden files anew")

const captures = "../../testdata/capture"

// view is what the golden files show of an exchange, secrets masked.
type view struct {
	Kind     exchange.Kind
	Line     int
	Request  *requestView  `json:",omitempty"`
	Response *responseView `json:",omitempty"`
	Failure  *failureView  `json:",omitempty"`
	Earlier  []string      `json:",omitempty"`
	Notes    []string      `json:",omitempty"`
}

type requestView struct {
	Line   string
	Proto  string   `json:",omitempty"`
	Header []string `json:",omitempty"`
	Body   string   `json:",omitempty"`
}

type responseView struct {
	Status int
	Phrase string   `json:",omitempty"`
	Proto  string   `json:",omitempty"`
	Header []string `json:",omitempty"`
	Body   string   `json:",omitempty"`
}

type failureView struct {
	Kind     exchange.FailureKind
	Phase    exchange.Phase
	Text     string
	CurlCode int
}

func viewOf(ex *exchange.Exchange) view {
	v := view{Kind: ex.Source.Kind, Line: ex.Source.Line, Notes: ex.Notes}
	if r := ex.Request; r != nil {
		v.Request = &requestView{strings.TrimSpace(r.Method.String() + " " + r.URL.String()), r.Proto, headerView(r.Header), bodyView(r.Body)}
	}
	if r := ex.Response; r != nil {
		v.Response = &responseView{r.Status, r.Phrase, r.Proto, headerView(r.Header), bodyView(r.Body)}
	}
	if f := ex.Failure; f != nil {
		v.Failure = &failureView{f.Kind, f.Phase, f.Text, f.CurlCode}
	}
	for _, s := range ex.Earlier {
		v.Earlier = append(v.Earlier, s.Reason)
	}
	return v
}

func headerView(h exchange.Header) []string {
	var list []string
	for _, f := range h {
		list = append(list, f.Name+": "+f.Value.String())
	}
	return list
}

func bodyView(b exchange.Body) string {
	switch {
	case b.State() == exchange.BodyNotCaptured:
		return "(not captured)"
	case b.Truncated:
		return b.String() + " (cut)"
	}
	return b.String()
}

func readAll(name string, r io.Reader) ([]view, capture.Summary, error) {
	var list []view
	summary, err := capture.Each(r, name, capture.Options{}, func(ex *exchange.Exchange) bool {
		list = append(list, viewOf(ex))
		return true
	})
	return list, summary, err
}

// Every capture of testdata is read as its golden file says. The folder is the
// kind that it must be recognised as; in err/ lies what holds no exchange.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob(captures + "/*/*.in")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d captures, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimPrefix(name, captures+"/"), func(t *testing.T) {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			list, summary, err := readAll(name, f)
			kind := filepath.Base(filepath.Dir(name))
			if kind == "err" {
				if !errors.Is(err, capture.ErrNothing) {
					t.Fatalf("read %d exchanges, %v; want ErrNothing", len(list), err)
				}
				golden(t, strings.TrimSuffix(name, ".in")+".err", []byte(err.Error()+"\n"))
				return
			}
			if err != nil || string(summary.Kind) != kind {
				t.Fatalf("recognised as %q, %v; want %q", summary.Kind, err, kind)
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(list); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(name, ".in")+".json", b.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// CRLF or LF, indented or not, coloured or not: it is the same capture.
func TestDisguisesChangeNothing(t *testing.T) {
	const text = "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}\n"
	want, _, err := readAll("-", strings.NewReader(text))
	if err != nil || len(want) != 1 {
		t.Fatalf("%v, %v", want, err)
	}
	for name, disguise := range map[string]string{
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"byte-order mark": "\xef\xbb\xbf" + text,
		"UTF-16":          utf16(text),
		"colours":         strings.Replace(text, "403", "\x1b[31m403\x1b[0m", 1),
		"indentation":     "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n",
	} {
		got, _, err := readAll("-", strings.NewReader(disguise))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: got %s, want %s", name, b, a)
		}
	}
}

func utf16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

// repeat is an endless stream of one text.
type repeat struct {
	text string
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], r.text[r.at:])
		n += c
		r.at = (r.at + c) % len(r.text)
	}
	return n, nil
}

// What is too large or never ends is read up to the limit, in bounded memory.
func TestHugeInputs(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"endless body":    io.MultiReader(strings.NewReader("HTTP/1.1 403 Forbidden\r\n\r\n"), &repeat{text: "x"}),
		"endless headers": io.MultiReader(strings.NewReader("HTTP/1.1 403 Forbidden\r\n"), &repeat{text: "a: b\r\n"}),
		"endless verbose": io.MultiReader(strings.NewReader("> GET / HTTP/1.1\n> \n< HTTP/1.1 403 Forbidden\n"), &repeat{text: "< a: b\n"}),
		"endless blocks":  &repeat{text: "HTTP/1.1 403 Forbidden\r\n\r\n{}"},
		"brackets":        io.MultiReader(strings.NewReader(`{"errorCode":`), &repeat{text: "["}),
		"zeros":           &repeat{text: "\x00"},
		"invalid UTF-8":   io.MultiReader(strings.NewReader("HTTP/1.1 403 Forbidden\r\n\r\n"), &repeat{text: "\xff\xfe"}),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			summary, err := capture.Each(r, "-", capture.Options{}, func(*exchange.Exchange) bool { return true })
			runtime.ReadMemStats(&after)
			if err != nil && !errors.Is(err, capture.ErrNothing) {
				t.Fatal(err)
			}
			if !summary.Truncated || summary.Bytes != capture.DefaultMaxBytes {
				t.Errorf("summary %+v: want it cut at the limit", summary)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 160<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

func FuzzEach(f *testing.F) {
	files, _ := filepath.Glob(captures + "/*/*.in")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) < 8<<10 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		count := 0
		summary, err := capture.Each(bytes.NewReader(text), "-", capture.Options{}, func(ex *exchange.Exchange) bool {
			count++
			if ex.Request == nil && ex.Response == nil && ex.Failure == nil {
				t.Error("an exchange holds nothing")
			}
			if ex.Source.Line < 0 || ex.Source.Line > bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\n\x00"))+2 {
				t.Errorf("line %d of %q", ex.Source.Line, text)
			}
			return true
		})
		// Of a damaged gzip nothing can be read, which is an error of its own.
		if count != summary.Exchanges || count == 0 && err == nil || count > 0 && errors.Is(err, capture.ErrNothing) {
			t.Errorf("%d exchanges, summary %+v, %v", count, summary, err)
		}
	})
}

func BenchmarkEach(b *testing.B) {
	text := "HTTP/2 403 \r\ncontent-type: application/json\r\ndate: Mon, 23 Nov 2026 10:44:12 GMT\r\n\r\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\",\"reason\":\"" + strings.Repeat("x", 2000) + "\"}"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := capture.Each(strings.NewReader(text), "-", capture.Options{}, func(*exchange.Exchange) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}

// A line that is left over is masked as it shows in the whole input: what names its
// value stands above it.
func TestLeftoversAreMaskedInTheirPlace(t *testing.T) {
	tests := []struct{ name, text, secret string }{
		{"a part of a form", "--b\nContent-Disposition: form-data; name=\"privateKey\"\n\n0x3c75aa11\n--b--\nHTTP/1.1 403 Forbidden\n\n", "0x3c75"},
		{"a line of a key", "-----BEGIN PRIVATE KEY-----\n\nMIIBaa11\n-----END PRIVATE KEY-----\nHTTP/1.1 403 Forbidden\n\n", "MIIB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			summary, err := capture.Each(strings.NewReader(tt.text), "", capture.Options{}, func(*exchange.Exchange) bool { return true })
			if err != nil || len(summary.Left) < 2 {
				t.Fatalf("left %v, %v", summary.Left, err)
			}
			for _, l := range summary.Left {
				if strings.Contains(l.Sample, tt.secret) {
					t.Errorf("line %d shows %q", l.Line, l.Sample)
				}
			}
		})
	}
}
