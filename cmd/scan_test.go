package cmd_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// buffer can be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// waits until an output says something.
func (b *buffer) waitFor(t *testing.T, text string) {
	t.Helper()
	for range 600 {
		if strings.Contains(b.String(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no %q in 30 s; the output is\n%s", text, b.String())
}

// scanning starts the command in this process; the status comes when stop is called.
func scanning(in *os.File, out *buffer, arguments ...string) (stop func() int) {
	ctx, cancel := context.WithCancel(context.Background())
	env := cmd.Environment{
		In: in, Out: out, Err: out, Getenv: func(string) string { return "" }, Now: time.Now,
		Interrupts: func(context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} },
	}
	status := make(chan int)
	go func() { status <- cmd.Run(context.Background(), arguments, env) }()
	return func() int {
		cancel()
		return <-status
	}
}

// A file that grows is followed through truncation and rotation; an interrupt
// prints what was counted.
func TestScanFollows(t *testing.T) {
	const line = `{"statusCode":500,"method":"GET","url":"/api/currencies"}` + "\n"
	name := filepath.Join(t.TempDir(), "app.log")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(line + line[:20])
	out := new(buffer)
	stop := scanning(os.Stdin, out, "scan", "--follow", "--every", "100ms", "-o", "json", name)
	out.waitFor(t, `"exchanges":1,`)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(line[20:] + line); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out.waitFor(t, `"exchanges":3,`)
	write(line) // shorter than before
	out.waitFor(t, `"exchanges":4,`)
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	write(line + line + line)
	out.waitFor(t, `"exchanges":7,`)
	if status := stop(); status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
	documents := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := documents[len(documents)-1]; !strings.Contains(last, `"exchanges":7,"failed":7,"unrecognised":0,`) {
		t.Errorf("the last document is %s", last)
	}
}

// An interrupt ends a scan that waits for a pipe.
func TestScanOfAPipeIsInterrupted(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	out := new(buffer)
	stop := scanning(r, out, "scan", "-o", "json")
	// More than a pipe holds, so that some of it has been read when this returns.
	if _, err := w.WriteString(strings.Repeat(`{"statusCode":500,"method":"GET","url":"/api/currencies"}`+"\n", 20000)); err != nil {
		t.Fatal(err)
	}
	if status := stop(); status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
	if text := out.String(); !strings.Contains(text, `"unrecognised":0,`) || strings.Contains(text, `"exchanges":0,"failed"`) {
		t.Errorf("what was counted is not printed: %s", text)
	}
}
