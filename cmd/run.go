// Package cmd is the command line: the only package that knows cobra, the
// operating system and exit statuses. There is one file per command.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"immersve-doctor/diagnose/crash"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot/report"
)

// Environment is everything that a command takes from outside.
type Environment struct {
	In       io.Reader
	Out, Err io.Writer
	InTTY    bool // standard input is a terminal
	OutTTY   bool
	ErrTTY   bool
	Width    int // columns of the terminal, 0 when there is none
	Height   int
	Getenv   func(string) string
	Now      func() time.Time
	Windows  bool
	// Interrupts makes a context that ends with SIGINT or SIGTERM. Only commands
	// that have something left to do then ask for it: watching signals costs a
	// fifth of the start-up time, and without it SIGINT ends the process, after
	// what was finished has been printed.
	Interrupts func(context.Context) (context.Context, context.CancelFunc)
	ConfigDir  string                                // the user's configuration folder, "" when unknown
	Keyring    Keyring                               // nil for none
	ReadSecret func() (string, error)                // reads a line from the terminal without showing it
	Network    send.Network                          // nil for the operating system's
	Proxy      func(*http.Request) (*url.URL, error) // of the environment's variables; nil for none

	hidden *hidden // what no output may show
}

// System returns the environment of the running process.
func System() Environment {
	env := Environment{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTTY: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTTY: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv: os.Getenv, Now: time.Now, Windows: runtime.GOOS == "windows",
		Interrupts: interrupts, Proxy: http.ProxyFromEnvironment, Keyring: systemKeyring{},
		ReadSecret: func() (string, error) {
			text, err := term.ReadPassword(int(os.Stdin.Fd()))
			return string(text), err
		},
	}
	if env.OutTTY {
		if w, h, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			env.Width, env.Height = w, h
		}
	}
	if dir, err := os.UserConfigDir(); err == nil {
		env.ConfigDir = dir
	}
	return env
}

// errInterrupted is why a context ended that SIGINT ended.
var errInterrupted = errors.New("interrupted")

// interrupts is what Environment.Interrupts does. The cause tells SIGINT from
// SIGTERM, which those of package signal do in words only. A second signal ends the
// process, whatever it waits for.
func interrupts(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			if s == os.Interrupt {
				end(errInterrupted)
			}
			end(context.Canceled)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		end(nil)
	}
}

// The exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1 // an exchange failed and was diagnosed
	exitUsage       = 2 // the command line was wrong
	exitNothing     = 3 // no exchange in the input
	exitNoResponse  = 4 // call, curl, replay: no response was received
	exitRefused     = 5 // a guard refused
	exitInternal    = 70
	exitInterrupted = 130
)

// statusError is an error that decides the exit status. Hint says what would be
// right; both may be empty when everything was already said.
type statusError struct {
	code int
	err  error
	hint string
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// exit returns an error that only sets the exit status; nil for exitOK.
func exit(code int) error {
	if code == exitOK {
		return nil
	}
	return &statusError{code: code}
}

// usage returns the error of a wrong command line.
func usage(hint, format string, args ...any) error {
	return &statusError{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// Run executes the command line and returns the exit status.
func Run(ctx context.Context, args []string, env Environment) int {
	env.hidden = new(hidden)
	env.Err = maskingWriter{env.Err, env.hidden}
	out := &outWriter{w: env.Out}
	hiding := &hidingWriter{w: out, hidden: env.hidden}
	env.Out = hiding
	status := run(ctx, args, env)
	hiding.flush()
	if out.err != nil {
		complain(env.Err, &statusError{err: fmt.Errorf("write to stdout: %w", plainCause(out.err)), hint: "the output is incomplete"})
		if status == exitOK || status == exitFailed {
			return exitUsage
		}
	}
	return status
}

func run(ctx context.Context, args []string, env Environment) (exitStatus int) {
	defer func() {
		if c := crash.Of(recover()); c != nil {
			fmt.Fprintf(env.Err, "immersve-doctor: internal error in %s of version %s (commit %s, %s, %s/%s). Report this line where you got immersve-doctor, without the input, because that may contain secrets.\n",
				c.Where, Version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			exitStatus = exitInternal
		}
	}()
	root := newRootFor(env, args)
	root.SetArgs(curlArguments(root, args))
	root.SetIn(env.In)
	root.SetOut(env.Out)
	if len(args) > 0 && args[0] == "completion" {
		root.SetOut(scriptWriter{env.Out}) // cobra writes a script at once
	}
	root.SetErr(env.Err)
	command, err := root, knownShell(args)
	if err == nil {
		command, err = root.ExecuteContextC(ctx)
	}
	if ctx.Err() != nil && !isStatus(err) {
		return exitInterrupted
	}
	if err == nil {
		return exitOK
	}
	var unwritten *writeError
	if errors.As(err, &unwritten) {
		return exitUsage // Run says so
	}
	var status *statusError
	if !errors.As(err, &status) {
		status = &statusError{code: exitUsage, err: err, hint: flagHint(command, err)}
	}
	complain(env.Err, status)
	return status.code
}

func isStatus(err error) bool {
	var status *statusError
	return errors.As(err, &status)
}

// complain writes error and hint, each on lines of its own. Both may quote a
// command line, which holds whatever was pasted.
func complain(w io.Writer, e *statusError) {
	if e.err == nil {
		return
	}
	for _, text := range []string{e.err.Error(), e.hint} {
		text = strings.TrimRight(exchange.MaskText(text), "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" {
				fmt.Fprintf(w, "immersve-doctor: %s\n", report.Plain(line))
			}
		}
	}
}

// outWriter is standard output. It remembers that it failed: not every writer
// looks.
type outWriter struct {
	w   io.Writer
	err error
}

// writeError says that standard output takes no more.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }

func (e *writeError) Unwrap() error { return e.err }

func (o *outWriter) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil {
		o.err = err
		err = &writeError{err}
	}
	return n, err
}

// maskingWriter is standard error: what is said there may quote command lines,
// file names and other programs' words, which no type masks and nothing made inert.
type maskingWriter struct {
	w      io.Writer
	hidden *hidden
}

func (m maskingWriter) Write(p []byte) (int, error) {
	lines := strings.Split(exchange.MaskText(m.hidden.hideWhole(string(p))), "\n")
	for i, line := range lines {
		lines[i] = report.Plain(line)
	}
	if _, err := io.WriteString(m.w, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// drawing returns the writer behind standard error, for what is redrawn in place and
// holds no word from outside.
func drawing(stderr io.Writer) io.Writer {
	if m, ok := stderr.(maskingWriter); ok {
		return m.w
	}
	return stderr
}
