package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"immersve-doctor/cmd"
)

// running is a simulate command that a script has started.
type running struct {
	cancel context.CancelFunc
	status chan int
	out    *lines
	err    *lines
}

// lines collects what is written and lets the first line with a text be waited
// for.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// simulators are the commands that one script has running, by name.
type simulators struct{ running map[string]*running }

const simulatorsKey = "simulators"

// simulate starts the command on a free port, in this process, and sets the
// variables that it announces, and NAME to its URL: simulate SIM --scenario x. Files in
// its arguments are written with $WORK. halt ends it.
func simulate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: simulate NAME [FLAG…]")
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{cancel: cancel, status: make(chan int, 1), out: new(lines), err: new(lines)}
	env := cmd.Environment{
		In: strings.NewReader(""), Out: r.out, Err: r.err, Now: time.Now, Getenv: func(string) string { return "" },
		Interrupts: func(context.Context) (context.Context, context.CancelFunc) { return ctx, cancel },
	}
	go func() {
		r.status <- cmd.Run(context.Background(), append([]string{"simulate", "--addr", "127.0.0.1:0"}, args[1:]...), env)
	}()
	ts.Value(simulatorsKey).(*simulators).running[args[0]] = r
	ts.Defer(cancel)
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(r.out.String(), "# Try:"); time.Sleep(5 * time.Millisecond) {
		select {
		case status := <-r.status:
			ts.Fatalf("simulate ended with status %d: %s", status, r.err)
		default:
		}
		if time.Now().After(deadline) {
			ts.Fatalf("simulate does not start: %s%s", r.out, r.err)
		}
	}
	scanner := bufio.NewScanner(strings.NewReader(r.out.String()))
	for scanner.Scan() {
		assignment, isExport := strings.CutPrefix(scanner.Text(), "export ")
		name, value, _ := strings.Cut(assignment, "=")
		if isExport {
			ts.Setenv(name, value)
		}
		if name == "IMMERSVE_ENV" {
			ts.Setenv(args[0], value)
		}
	}
}

// halt ends a command that simulate has started, as Ctrl-C does, demands its exit
// status, and writes what it wrote to NAME.out and NAME.err: halt 0 SIM.
func halt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: halt STATUS NAME")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	r := ts.Value(simulatorsKey).(*simulators).running[args[1]]
	if r == nil {
		ts.Fatalf("no simulator is called %s", args[1])
	}
	r.cancel()
	got := <-r.status
	write := func(name, text string) { ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600)) }
	write(args[1]+".out", r.out.String())
	write(args[1]+".err", r.err.String())
	if got != want {
		ts.Fatalf("exit status %d, want %d: %s", got, want, r.err)
	}
}
