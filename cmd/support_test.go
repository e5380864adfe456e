package cmd_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

const failedCapture = `GET /api/currencies HTTP/1.1
Host: test.immersve.com
x-api-key: imm-key-test-00
x-api-secret: imm-secret-test-fedcba9876543210fedcba9876543210

HTTP/1.1 401 Unauthorized
Content-Type: application/json

{"statusCode":401}
`

// bundled runs "support" on a terminal that answers as told.
func bundled(t *testing.T, answer string, args ...string) (status int, stderr string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "failed.http")
	if err := os.WriteFile(name, []byte(failedCapture), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	env := cmd.Environment{
		In: strings.NewReader(answer), InTTY: true, ErrTTY: true, Out: &out, Err: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now, Interrupts: context.WithCancel,
	}
	status = cmd.Run(t.Context(), append([]string{"support", name}, args...), env)
	return status, errs.String()
}

func TestSupportZip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bundle.zip")
	if status, stderr := bundled(t, "y\n", "--out", file); status != 0 || !strings.Contains(stderr, "Write it to "+file) {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the bundle is readable by others: %v %v", info.Mode(), err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		content, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Error(err)
		}
		if bytes.Contains(content, []byte("fedcba9876543210fedcba")) {
			t.Errorf("%s holds a secret", f.Name)
		}
		if f.Name == "MANIFEST.txt" && !bytes.Contains(content, []byte("x-api-secret (1)")) {
			t.Errorf("the manifest does not say what was masked: %s", content)
		}
	}
	if want := []string{"MANIFEST.txt", "summary.md", "diagnosis.md", "tried.md", "about.txt", "exchange.har"}; !slices.Equal(names, want) {
		t.Errorf("it holds %q, want %q", names, want)
	}
}

// What is not agreed to, or may not be, leaves nothing behind and nothing changed.
func TestSupportLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "bundle.md")
	for _, answer := range []string{"", "n\n", "\n", "yesterday\n"} {
		if status, stderr := bundled(t, answer, "--out", file); status != 5 || !strings.Contains(stderr, "nothing was written") {
			t.Errorf("%q: exit status %d: %s", answer, status, stderr)
		}
	}
	if status, _ := bundled(t, "", "--out", file, "--yes"); status != 0 {
		t.Errorf("with --yes the exit status is %d", status)
	}
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, _ := bundled(t, "y\n", "--out", file); status != 5 {
		t.Errorf("over a file that is there the exit status is %d", status)
	}
	if content, err := os.ReadFile(file); string(content) != "mine" {
		t.Errorf("the file was changed: %s %v", content, err)
	}
	if status, _ := bundled(t, "y\n", "--out", file, "--force"); status != 0 {
		t.Errorf("with --force the exit status is %d", status)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// A file that appears while the question is open is not written over.
func TestSupportRace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bundle.md")
	late := &lateAnswer{do: func() {
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Error(err)
		}
	}}
	capture := filepath.Join(t.TempDir(), "failed.http")
	if err := os.WriteFile(capture, []byte(failedCapture), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	status := cmd.Run(t.Context(), []string{"support", capture, "--out", file}, cmd.Environment{
		In: late, InTTY: true, ErrTTY: true, Out: io.Discard, Err: &errs,
		Getenv: func(string) string { return "" }, Now: time.Now, Interrupts: context.WithCancel,
	})
	content, err := os.ReadFile(file)
	if status != 5 || string(content) != "mine" || err != nil {
		t.Errorf("exit status %d, %q %v: %s", status, content, err, errs.String())
	}
}

type lateAnswer struct {
	do   func()
	done bool
}

func (l *lateAnswer) Read(p []byte) (int, error) {
	if l.done {
		return 0, io.EOF
	}
	l.done = true
	l.do()
	return copy(p, "y\n"), nil
}
