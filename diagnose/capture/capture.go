// Package capture reads what people have of an HTTP exchange, curl's output, raw
// messages, error bodies and more, and turns it into exchanges. There is one file
// per format; formats.go lists them and asks each how sure it is.
package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"immersve-doctor/diagnose/exchange"
)

// DefaultMaxBytes is how much of an input is read when Options say nothing. It
// keeps the heap below 64 MiB whatever comes.
const DefaultMaxBytes = 8 << 20

// Options bound and steer reading.
type Options struct {
	MaxBytes int64         // bytes that are read at most, of a HAR of each entry; 0 for DefaultMaxBytes
	Kind     exchange.Kind // the kind of capture; "" to recognise it

	// Variables are the values of {{names}} in .http files and Postman collections,
	// as ParseEnvironment reads them; they go before those of the capture itself.
	Variables map[string]string
	Hidden    map[string]bool // variables that are declared to be secrets
}

// Leftover is a part of the input that no format recognised.
type Leftover struct {
	Line   int    // its first line, from 1
	Lines  int    // how many lines
	Sample string // its beginning: at most 80 characters, secrets masked

	Entry  int    // of a HAR: the number of the entry that was not read, from 1
	Offset int64  // the byte at which it begins
	Why    string // why it was not read
}

// Summary says what became of an input.
type Summary struct {
	Kind      exchange.Kind
	Exchanges int
	Left      []Leftover // the first ten
	LeftLines int        // lines that were not recognised, in all
	Truncated bool       // the limit was reached
	Bytes     int64      // bytes read, decompressed

	LeftEntries int    // entries of a HAR that were not read, in all
	Broken      string // where a HAR stops to be readable, in words; "" when it does not
}

// ErrNothing says that an input holds no exchange. The error that wraps it says
// what was seen instead.
var ErrNothing = errors.New("no HTTP request or response found")

// NothingError is the ErrNothing of one input.
type NothingError struct {
	Saw   string
	Cause error // why what looked like an exchange could not be read, as a *QuoteError; nil when nothing did
}

// Error says what was seen.
func (e *NothingError) Error() string { return fmt.Sprintf("%v (%s)", ErrNothing, e.Saw) }

// Unwrap makes errors.Is(err, ErrNothing) true.
func (e *NothingError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrNothing}
	}
	return []error{ErrNothing, e.Cause}
}

// Each reads the exchanges of an input and hands them to yield, one after
// another, until it returns false. gzip and zstd are undone. The error is a
// *NothingError, or what the reader failed with; what was read before is handed
// over all the same.
func Each(r io.Reader, name string, o Options, yield func(*exchange.Exchange) bool) (Summary, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	plain, err := Decompressed(r)
	if err != nil {
		return Summary{}, err
	}
	defer plain.Close()
	begun := bufio.NewReaderSize(plain, headSize)
	head, _ := begun.Peek(headSize) // a failure comes back with the first Read
	if f, ok := chooseStream(head, o.Kind); ok {
		return eachStreamed(begun, name, f, o, yield)
	}
	return eachOfText(begun, name, o, yield)
}

// eachStreamed reads an input entry by entry.
func eachStreamed(r io.Reader, name string, f format, o Options, yield func(*exchange.Exchange) bool) (Summary, error) {
	in, counted := &input{limit: o.MaxBytes}, &counter{r: r}
	summary := Summary{Kind: f.kind}
	failure := f.stream(counted, in, numberer(name, f.kind, &summary, yield))
	summary.Bytes = counted.n
	summary.take(in)
	switch {
	case failure != nil:
		return summary, fmt.Errorf("reading stopped after %d bytes: %w", counted.n, failure)
	case summary.Exchanges == 0:
		return summary, nothing(in)
	}
	return summary, nil
}

// eachOfText reads an input whole, up to the limit.
func eachOfText(r io.Reader, name string, o Options, yield func(*exchange.Exchange) bool) (Summary, error) {
	raw, readError := read(r, o.MaxBytes)
	summary := Summary{Bytes: int64(len(raw)), Truncated: int64(len(raw)) > o.MaxBytes}
	if summary.Truncated {
		raw = raw[:o.MaxBytes]
		summary.Bytes = o.MaxBytes
	}
	in := prepare(raw)
	in.truncated = summary.Truncated
	in.variables, in.hidden = o.Variables, o.Hidden
	f, err := choose(in, o.Kind)
	if readError != nil && err != nil {
		return summary, readError // what the rest would have held is not known
	}
	if err != nil {
		return summary, err
	}
	summary.Kind = f.kind
	if summary.Truncated || readError != nil {
		readCut(in, f, collector(name, f, in, &summary, yield))
	} else {
		f.read(in, collector(name, f, in, &summary, yield))
	}
	summary.take(in)
	if summary.Exchanges == 0 && readError == nil {
		return summary, nothing(in)
	}
	return summary, readError
}

// nothing says what an input held instead of an exchange.
func nothing(in *input) *NothingError {
	if in.saw != "" {
		return &NothingError{Saw: in.saw, Cause: in.cause}
	}
	return &NothingError{Saw: describe(in.text)}
}

// take notes what was left of an input.
func (s *Summary) take(in *input) {
	s.Left, s.LeftLines, s.LeftEntries, s.Broken = in.left, in.leftLines, in.leftEntries, in.broken
}

// collector completes each exchange of a text on its way to the caller. What is
// read entry by entry is complete already.
func collector(name string, f format, in *input, summary *Summary, yield func(*exchange.Exchange) bool) func(*exchange.Exchange) bool {
	number := numberer(name, f.kind, summary, yield)
	return func(ex *exchange.Exchange) bool {
		if f.stream == nil {
			finish(ex, in)
		}
		return number(ex)
	}
}

// numberer says of each exchange where it comes from.
func numberer(name string, kind exchange.Kind, summary *Summary, yield func(*exchange.Exchange) bool) func(*exchange.Exchange) bool {
	stopped := false
	return func(ex *exchange.Exchange) bool {
		if stopped {
			return false
		}
		if ex.Source.Kind == "" {
			ex.Source.Kind = kind
		}
		if r := ex.Request; r != nil && !r.HeaderCaptured && printsHeaders(ex.Source.Kind) {
			r.Printed = len(r.Header) > 1
		}
		ex.Source.Name, ex.Source.Index = name, summary.Exchanges
		summary.Exchanges++
		stopped = !yield(ex)
		return !stopped
	}
}

// printsHeaders reports whether the tools of a kind print every header that the
// program set.
func printsHeaders(kind exchange.Kind) bool {
	return kind == exchange.KindOkHTTP || kind == exchange.KindHTTPClient || kind == exchange.KindClientError
}

// read returns at most limit+1 bytes, so that the caller sees that there is more.
func read(r io.Reader, limit int64) ([]byte, error) {
	raw := make([]byte, 0, 64<<10)
	for {
		if len(raw) == cap(raw) {
			grown := make([]byte, len(raw), min(int64(cap(raw))*2, limit+1))
			copy(grown, raw)
			raw = grown
		}
		n, err := r.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		if errors.Is(err, io.EOF) || int64(len(raw)) > limit {
			return raw, nil
		}
		if err != nil {
			return raw, fmt.Errorf("reading stopped after %d bytes: %w", len(raw), err)
		}
	}
}

// describe says in a clause what an input is that holds no exchange.
func describe(text string) string {
	trimmed := strings.TrimSpace(text)
	lower := strings.ToLower(trimmed[:min(len(trimmed), 256)])
	switch {
	case trimmed == "":
		return "the input is empty"
	case isBinary(text):
		return "the input is binary data"
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return "the input is an HTML page without response headers (curl -i shows them)"
	case trimmed[0] == '{' || trimmed[0] == '[':
		return fmt.Sprintf("the input is JSON, but not an error body of the API: %s", sample(trimmed))
	}
	return fmt.Sprintf("it starts with %s", sample(trimmed))
}

// sample shows the beginning of a text, quoted and masked.
func sample(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return fmt.Sprintf("%q", shorten(exchange.MaskShared(line[:min(len(line), 4096)]), 60))
}

// shorten cuts a text that is longer than a limit, in characters. It masks before it
// cuts: of half a secret nobody can tell that it was one.
func shorten(s string, limit int) string {
	s = strings.ToValidUTF8(s, "?")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	s = exchange.MaskText(s)
	if cut := exchange.Characters(s, 0, limit); len(cut) < len(s) {
		return cut + "…"
	}
	return s
}

// isBinary looks at the beginning for what text never holds.
func isBinary(text string) bool {
	head := text[:min(len(text), 4096)]
	odd := 0
	for i, r := range head {
		if r == 0 || r == utf8.RuneError && i < len(head)-3 || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b {
			odd++
		}
	}
	return odd*20 > len(head) || strings.Count(head, "\x00") > 2
}
