package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/capture"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/scan"
	"immersve-doctor/troubleshoot/report"
)

// captureOptions are the flags of every command that reads captures, and how it
// reads them.
type captureOptions struct {
	variableOptions
	request  string
	kind     string
	maxBytes int64

	values map[string]string // of {{variables}}, once they are read
	beside *exchange.Request // what --request holds, once they are read
	names  bool              // stdin may hold names of pages instead of an exchange
	words  []string          // all of stdin, if these are names or it's short and holds no exchange
}

func (o *captureOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.kind, "kind", "", "Kind of input, if it is not recognized")
	f.Int64Var(&o.maxBytes, "max-bytes", capture.DefaultMaxBytes, "Limit for each input, or each entry of a HAR")
	o.variableOptions.flags(f)
}

func (o *captureOptions) requestFlag(f *pflag.FlagSet) {
	f.StringVar(&o.request, "request", "", "Add the request (curl command or raw HTTP)")
}

// readFiles reads the files that --environment and --request name.
func (o *captureOptions) readFiles(env Environment) (err error) {
	if o.values, err = o.variables(); err == nil {
		o.beside, err = o.requestBeside(env)
	}
	return err
}

// each hands over the exchanges of a file, or of standard input ("-"), until show
// returns false, and says on standard error what was left over. The label is what
// errors call the input. A context that ended is no error: the caller knows.
func (o *captureOptions) each(ctx context.Context, env Environment, name, label string, show func(*exchange.Exchange) bool) error {
	r, closeInput, err := openCapture(ctx, env, name)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	defer closeInput()
	options := capture.Options{MaxBytes: o.maxBytes, Kind: exchange.Kind(o.kind), Variables: o.values, Hidden: o.hidden}
	start := &beginning{r: interruptible{ctx, r}}
	take := func(ex *exchange.Exchange) bool {
		if words := start.words(); o.names && name == "-" && o.beside == nil && areNames(words) {
			o.words = words // a status alone
			return false
		}
		join(ex, o.beside)
		if o.request != "" {
			ex.Source.Flags = " --request " + exchange.QuoteFile(o.request)
		}
		env.hidden.add(ex)
		return show(ex) && ctx.Err() == nil
	}
	summary, err := capture.Each(start, name, options, take)
	remains(env.Err, name, summary, env.hidden)
	switch {
	case err == nil || ctx.Err() != nil:
		return nil
	case errors.Is(err, capture.ErrNothing):
		if o.kind == "" && eachOfLog(ctx, env, name, start, take) {
			return nil
		}
		if name == "-" {
			o.words = start.words()
		}
		return &statusError{code: exitNothing, err: fmt.Errorf("%s: %w", label, err), hint: understood(name, summary)}
	}
	return usage("", "read %s: %w", label, err)
}

// eachOfLog hands over the calls that a log records, and reports whether there are any.
// start is what was read of the input when no format of captures fit.
func eachOfLog(ctx context.Context, env Environment, name string, start *beginning, take func(*exchange.Exchange) bool) bool {
	var r io.Reader = io.MultiReader(bytes.NewReader(start.kept), start.r)
	if start.more {
		if name == "-" {
			return false
		}
		again, closeInput, err := openCapture(ctx, env, name)
		if err != nil {
			return false
		}
		defer closeInput()
		r = interruptible{ctx, again}
	}
	exchanges, unrecognised, err := scan.Each(ctx, name, r, take)
	if exchanges == 0 {
		return false
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(env.Err, "immersve-doctor: %s: %s\n", inputName(name), report.Plain(err.Error()))
	}
	if unrecognised > 0 {
		fmt.Fprintf(env.Err, "immersve-doctor: %s: %s recognized\n", inputName(name), linesNot(int(unrecognised)))
	}
	return true
}

// linesNot returns "1 line wasn't" or "3 lines weren't".
func linesNot(n int) string {
	if n == 1 {
		return "1 line wasn't"
	}
	return fmt.Sprintf("%d lines weren't", n)
}

// beginning keeps the first bytes that are read.
type beginning struct {
	r    io.Reader
	kept []byte
	more bool // there were more than it keeps
}

// Read reads from the input.
func (b *beginning) Read(p []byte) (int, error) {
	const most = 1 << 20
	n, err := b.r.Read(p)
	if b.more = b.more || len(b.kept)+n > most; !b.more {
		b.kept = append(b.kept, p[:n]...)
	}
	return n, err
}

// words returns the words of a short input, or nil.
func (b *beginning) words() []string {
	if b.more || len(b.kept) > 200 {
		return nil
	}
	return strings.Fields(string(b.kept))
}

// understood says what can be read, or, if a pipe was empty, where its content went.
func understood(name string, s capture.Summary) string {
	if name == "-" && s.Bytes == 0 {
		return "curl writes to stderr what -v shows, and its error messages; add 2>&1 to pipe them, too\n" +
			"try: curl -v https://test.immersve.com/api/currencies 2>&1 | immersve-doctor"
	}
	return "supported: curl -v or -i output, HAR, Postman, .http, logs and more (immersve-doctor help formats)"
}

// inputName is what an input is called where it is shown.
func inputName(name string) string {
	if name == "-" {
		return "stdin"
	}
	return report.Plain(name)
}

// openWaiting opens what stands there. A named pipe makes that wait for its other
// end; it waits no longer than the context lasts.
func openWaiting(ctx context.Context, name string, flag int) (*os.File, error) {
	if info, err := os.Stat(name); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return os.OpenFile(name, flag, 0)
	}
	type opening struct {
		f   *os.File
		err error
	}
	opened := make(chan opening, 1)
	go func() {
		f, err := os.OpenFile(name, flag, 0)
		opened <- opening{f, err}
	}()
	const atOnce = 100 * time.Millisecond // an end that is open already is taken even then
	select {
	case o := <-opened:
		return o.f, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-opened:
		return o.f, o.err
	case <-time.After(atOnce):
		return nil, errInterrupted
	}
}

// fileWords are the names of inputs as a command line takes them.
func fileWords(names []string) string {
	var list []string
	for _, n := range names {
		if n != "-" {
			n = exchange.QuoteFile(n)
		}
		list = append(list, n)
	}
	return strings.Join(list, " ")
}

// openCapture opens a file, or standard input.
func openCapture(ctx context.Context, env Environment, name string) (io.Reader, func(), error) {
	boundMemory()
	if name == "-" {
		return env.In, func() {}, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, usage("", "open %s: %w", name, plainCause(err))
	}
	if info.IsDir() {
		return nil, nil, usage("to scan all files in it: immersve-doctor scan "+exchange.QuoteFile(name), "%s is a folder", name)
	}
	f, err := openWaiting(ctx, name, os.O_RDONLY)
	if err != nil {
		return nil, nil, usage("", "open %s: %w", name, plainCause(err))
	}
	return f, func() { _ = f.Close() }, nil // closing a file that was only read loses nothing
}

// remains says what was left over of an input.
func remains(w io.Writer, name string, s capture.Summary, declared *hidden) {
	if s.Truncated {
		fmt.Fprintf(w, "immersve-doctor: %s: only the first %d bytes were read (raise the limit with --max-bytes)\n", inputName(name), s.Bytes)
	}
	if s.Exchanges == 0 {
		return
	}
	if s.LeftEntries > 0 {
		fmt.Fprintf(w, "immersve-doctor: %s: %s\n", inputName(name), leftEntries(s))
	}
	if s.Broken != "" {
		fmt.Fprintf(w, "immersve-doctor: %s: %s\n", inputName(name), report.Plain(s.Broken))
	}
	if s.LeftLines == 0 {
		return
	}
	var places []string
	for _, l := range s.Left[:min(3, len(s.Left))] {
		places = append(places, fmt.Sprintf("line %d %s", l.Line, report.Plain(fmt.Sprintf("%.40q", declared.hide(l.Sample)))))
	}
	fmt.Fprintf(w, "immersve-doctor: %s: %s recognized (%s)\n", inputName(name), linesNot(s.LeftLines), strings.Join(places, ", "))
}

// leftEntries says which entries of a HAR were not read, and why.
func leftEntries(s capture.Summary) string {
	var places []string
	for _, l := range s.Left[:min(3, len(s.Left))] {
		places = append(places, fmt.Sprintf("entry %d, line %d, byte %d: %s", l.Entry, l.Line, l.Offset, report.Plain(l.Why)))
	}
	if s.LeftEntries == 1 {
		return "1 entry wasn't read (" + places[0] + ")"
	}
	return fmt.Sprintf("%d entries weren't read (%s)", s.LeftEntries, strings.Join(places, "; "))
}

// requestBeside reads the request that --request names.
func (o *captureOptions) requestBeside(env Environment) (*exchange.Request, error) {
	if o.request == "" {
		return nil, nil
	}
	r, closeInput, err := openCapture(context.Background(), env, o.request)
	if err != nil {
		return nil, err
	}
	defer closeInput()
	var request *exchange.Request
	_, err = capture.Each(r, o.request, capture.Options{MaxBytes: o.maxBytes, Variables: o.values, Hidden: o.hidden}, func(ex *exchange.Exchange) bool {
		request = ex.Request
		return request == nil
	})
	if request == nil {
		return nil, usage("use a file with a curl command or a raw HTTP request", "--request: no request found in %s%s", o.request, because(err))
	}
	return request, nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// join puts a request beside a response whose capture shows none, and its body
// beside a request whose capture shows all but that, as curl -v does.
func join(ex *exchange.Exchange, request *exchange.Request) {
	switch {
	case request == nil:
	case ex.Request == nil || ex.Request.URL.IsZero():
		copied := *request
		ex.Request = &copied
	case ex.Request.Body.State() != exchange.BodyNotCaptured:
	case ex.Request.Method == request.Method && ex.Request.URL.Path == request.URL.Path:
		joined := *ex.Request
		joined.Body = request.Body
		joined.Conceal(request.Known())
		ex.Request = &joined
	default:
		ex.Notes = append(ex.Notes, fmt.Sprintf("--request was ignored: %s %s isn't this request",
			request.Method.String(), exchange.MaskText(request.URL.Path)))
	}
}

// interruptible ends reading when the context ends, also while the reader waits.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if i.ctx.Done() == nil {
		return i.r.Read(p)
	}
	if err := i.ctx.Err(); err != nil {
		return 0, err // an abandoned read may still use the reader
	}
	type result struct {
		content []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		own := make([]byte, min(len(p), 64<<10)) // an abandoned read must not write into p
		n, err := i.r.Read(own)
		done <- result{own[:n], err}
	}()
	select {
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	case r := <-done:
		return copy(p, r.content), r.err
	}
}
