package cmd_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// A capture isn't overwritten by what is made of it, whatever its names are.
func TestSaveNeverOverwritesItsInput(t *testing.T) {
	const capture = "curl -i http://127.0.0.1:9/api/currencies\nHTTP/1.1 403 Forbidden\n\n{}"
	dir := t.TempDir()
	t.Chdir(dir)
	input := write(dir, "in.txt", capture)
	if err := os.Symlink(input, filepath.Join(dir, "symlink")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(input, filepath.Join(dir, "hardlink")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	names := []string{input, "in.txt", "./in.txt", "sub/../in.txt", "symlink", "hardlink", "folder/in.txt"}
	lines := func(read, written string) [][]string {
		return [][]string{
			{read, "--save", written},
			{"diagnose", "--save=" + written, read},
			{"diagnose", "--at", read + ":1", "--save", written},
			{"replay", "--env", "local", "--save", written, read},
			{"call", "POST", "/api/cards", "--env", "local", "-d", "@" + read, "--save", written},
			{"call", "POST", "/api/cards", "--env", "local", "name=@" + read, "--save", written},
			{"--save", written, "--env", "local", "curl", "https://test.immersve.com/api/cards", "-d@" + read},
			{"scan", read, "--html", written},
			{"support", read, "--out", written, "--force", "--yes"},
		}
	}
	run := func(args []string, stdin string) (int, string) {
		f, err := os.Open(stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var out, said bytes.Buffer
		status := cmd.Run(t.Context(), args, cmd.Environment{
			In: f, Out: &out, Err: &said, ConfigDir: dir, Getenv: func(string) string { return "" }, Now: time.Now,
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		})
		return status, said.String()
	}
	check := func(args []string, stdin string) {
		t.Helper()
		status, said := run(args, stdin)
		if content, err := os.ReadFile(input); status != 5 || err != nil || string(content) != capture {
			t.Errorf("%q: status %d, %s\n%s%v", args, status, said, content, err)
		}
	}
	for _, read := range names {
		for _, written := range names {
			for _, args := range lines(read, written) {
				check(args, os.DevNull)
			}
		}
	}
	for _, written := range names {
		check([]string{"--save", written}, input)
		check([]string{"-", "--save", written}, "symlink")
	}
	for _, args := range lines("in.txt", "out.html") { // another file is written
		if status, said := run(args, os.DevNull); status == 5 {
			t.Errorf("%q: %s", args, said)
		}
	}
	if content, err := os.ReadFile("out.html"); err != nil || len(content) == 0 {
		t.Errorf("nothing was written: %v", err)
	}
}
