//go:build unix

package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const capturedFile = "../testdata/capture/curl-verbose/get.in"

// program is the program in a process of its own: this test program, called by its
// name, becomes it (testscript.Main).
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Args[0] = "immersve-doctor"
	return c
}

// A file is written whole or not at all, readable by its owner only, and what
// stands in its place stays what it is.
func TestSavedFiles(t *testing.T) {
	dir := t.TempDir()
	save := func(name string) string { return invoke(dir, "", capturedFile, "--save", name) }
	regular := filepath.Join(dir, "a.har")
	save(regular)
	if info, err := os.Stat(regular); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("saved: %v, %v", info, err)
	}
	if said := save(dir); !strings.Contains(said, "it's a folder") {
		t.Errorf("a folder: %s", said)
	}
	if said := save("-"); !strings.Contains(said, "-o har") {
		t.Errorf("standard output: %s", said)
	}
	if said := save(filepath.Join(dir, "no", "such")); !strings.Contains(said, "no such file") {
		t.Errorf("no folder: %s", said)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".immersve-doctor-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	link := filepath.Join(dir, "link.har")
	if err := os.Symlink(regular, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(regular, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	save(link)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
	if info, err := os.Stat(regular); err != nil || info.Size() == 0 {
		t.Errorf("the link's file was not written: %v, %v", info, err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go save(pipe)
	if content, err := os.ReadFile(pipe); err != nil || !json.Valid(content) {
		t.Errorf("a pipe got %.60q, %v", content, err)
	}
}

// Runs that save into the same file at the same time leave one whole file.
func TestSavingAtTheSameTime(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "shared.har")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { invoke(dir, "", capturedFile, "--save", name) })
	}
	wg.Wait()
	content, err := os.ReadFile(name)
	if err != nil || !json.Valid(content) {
		t.Errorf("the file is not whole: %.60q, %v", content, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// A full disk is said, and is no success.
func TestAFullDisk(t *testing.T) {
	for _, args := range [][]string{
		{capturedFile},
		{capturedFile, "-o", "json"},
		{capturedFile, "-o", "har"},
		{capturedFile, "-o", "markdown"},
		{"explain", "403"},
		{"explain", "--list", "-o", "json"},
		{"version"},
		{"--help"},
		{"man"},
		{"completion", "bash"},
		{"support", capturedFile},
		{"compare", capturedFile, capturedFile},
		{"call", "list-currencies", "--dry-run"},
		{"curl", "http://127.0.0.1:9/"},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("no /dev/full here")
		}
		c := program(t, args...)
		var said bytes.Buffer
		c.Stdout, c.Stderr = full, &said
		_ = c.Run()
		_ = full.Close()
		if code := c.ProcessState.ExitCode(); code != 2 && code != 4 || !strings.Contains(said.String(), "write to stdout: no space left") {
			t.Errorf("%v: exit status %d, %s", args, code, said.String())
		}
	}
	said := invoke(t.TempDir(), "", capturedFile, "--save", "/dev/full")
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() || !strings.Contains(said, "no space left") {
		t.Errorf("--save /dev/full: %v, %v, %s", info, err, said)
	}
}

// A reader that has seen enough ends the program without a word.
func TestAClosedPipe(t *testing.T) {
	c := program(t, "explain", "--list", "-o", "json")
	var said bytes.Buffer
	c.Stderr = &said
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	c.Stdout = w
	_ = c.Run()
	_ = w.Close()
	status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGPIPE || said.Len() > 0 {
		t.Errorf("%v, said %q", c.ProcessState, said.String())
	}
}

// SIGINT interrupts the simulator, SIGTERM tells it to stop; its state is saved
// either way.
func TestSimulateEndsBySignal(t *testing.T) {
	for sent, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 0} {
		state := filepath.Join(t.TempDir(), "state.json")
		c := program(t, "simulate", "--addr", "127.0.0.1:0", "--state", state)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // it serves from here on
			t.Fatal(err)
		}
		if err := os.Remove(state); err != nil {
			t.Fatal(err)
		}
		if err := c.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, out) // until it ends
		_ = c.Wait()                    // the exit status is looked at below
		if got := c.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: exit status %d, want %d", sent, got, want)
		}
		if _, err := os.Stat(state); err != nil {
			t.Errorf("%v: the state was not saved: %v", sent, err)
		}
	}
}

// SIGINT ends a run whose input is still open, with 130 or by the signal itself;
// what was read till then is diagnosed where something is written at the end.
func TestInterrupts(t *testing.T) {
	for _, args := range [][]string{{"-"}, {"-", "-o", "har"}, {"-", "--save", filepath.Join(t.TempDir(), "x.har")}, {"support", "-"}, {"replay", "-", "--dry-run"}} {
		c := program(t, args...)
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(in, "HTTP/1.1 401 Unauthorized\n\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = c.Process.Kill()
			t.Errorf("%v does not end", args)
			continue
		}
		status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || c.ProcessState.ExitCode() != 130 && !(status.Signaled() && status.Signal() == syscall.SIGINT) {
			t.Errorf("%v: %v", args, c.ProcessState)
		}
	}
}

// A stream that never ends is read up to the limit, and the limit is said.
func TestAnEndlessStream(t *testing.T) {
	c := program(t)
	r, w := io.Pipe()
	c.Stdin = r
	go func() {
		b := bufio.NewWriter(w)
		for {
			if _, err := b.WriteString("y\n"); err != nil {
				return
			}
		}
	}()
	var said bytes.Buffer
	c.Stderr = &said
	c.WaitDelay = time.Second
	done := make(chan struct{})
	go func() { _ = c.Run(); close(done) }()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		t.Fatal("it does not end")
	}
	_ = r.Close()
	if code := c.ProcessState.ExitCode(); code != 3 || !strings.Contains(said.String(), "no HTTP request or response found") {
		t.Errorf("exit status %d, %s", code, said.String())
	}
}
