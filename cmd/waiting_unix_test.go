//go:build unix

package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endsBySIGINT starts the program, interrupts it and reports how it ends.
func endsBySIGINT(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := program(t, args...)
	c.Dir = dir
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("%v ended before: %v", args, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		_ = c.Process.Kill()
		t.Errorf("%v does not end", args)
		return
	}
	status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || c.ProcessState.ExitCode() != 130 && !(status.Signaled() && status.Signal() == syscall.SIGINT) {
		t.Errorf("%v: %v, %s", args, c.ProcessState, said.String())
	}
}

// A named pipe without another end, or whose other end writes nothing, is waited for;
// SIGINT ends that.
func TestInterruptsOfWaiting(t *testing.T) {
	capture, err := filepath.Abs(capturedFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []bool{false, true} {
		for _, args := range [][]string{
			{"pipe"},
			{"pipe", "--save", "x.har"},
			{"pipe", "-o", "har"},
			{capture, "--save", "pipe"},
			{"--at", "pipe:1"},
			{"scan", "pipe"},
			{"scan", "--follow", "pipe"},
			{"scan", "--explain-format", "pipe"},
			{"support", "pipe"},
			{"support", "--out", "pipe.zip", "--force", capture},
			{"check", "--env", "local", "--scenario", "pipe"},
			{"replay", "--env", "local", "--scenario", "pipe", capture},
			{"simulate", "--addr", "127.0.0.1:0", "--scenario", "pipe"},
		} {
			dir := t.TempDir()
			name := filepath.Join(dir, "pipe")
			for _, n := range []string{name, name + ".zip"} {
				if err := syscall.Mkfifo(n, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if held {
				if strings.Contains(strings.Join(args, " "), "--save pipe") || args[0] == "support" && args[1] == "--out" {
					continue // it would be written
				}
				end, err := os.OpenFile(name, os.O_RDWR, 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = end.Close() })
			}
			endsBySIGINT(t, dir, args...)
		}
	}
}

// What cannot be put aside for --save is said, where no temporary file can be made.
func TestSavingWithoutTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", "/nonexistent")
	shown := invoke(dir, "", capturedFile, "--save", filepath.Join(dir, "x.har"))
	if !strings.HasPrefix(shown, "✗ ") && !strings.HasPrefix(shown, "FAIL ") || !strings.Contains(shown, "x.har: no temporary file in /nonexistent: no such file") {
		t.Errorf("%s", shown)
	}
	c := program(t, capturedFile, "--save", filepath.Join(dir, "x.har"))
	_ = c.Run() // its status is looked at
	if code := c.ProcessState.ExitCode(); code != 2 {
		t.Errorf("exit status %d", code)
	}
}

// A link to what is not there yet, or to itself, is not replaced by a file.
func TestSavingBehindLinks(t *testing.T) {
	dir := t.TempDir()
	link := func(target, name string) string {
		name = filepath.Join(dir, name)
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	link("second", "first")
	link("target.har", "second")
	for name, want := range map[string]string{"first": "", link("no/such", "dangling"): "no such file", link("loop", "loop"): "too many levels"} {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		shown := invoke(dir, "", capturedFile, "--save", name)
		if !strings.Contains(shown, want) {
			t.Errorf("%s: not %q: %s", name, want, shown)
		}
		if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s was replaced: %v, %v", name, info, err)
		}
	}
	if info, err := os.Lstat(filepath.Join(dir, "target.har")); err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		t.Errorf("the target was not written: %v, %v", info, err)
	}
}
