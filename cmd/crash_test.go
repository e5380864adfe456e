package cmd_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// An internal error costs one line, which quotes nothing, and status 70.
func TestPanicsBecomeOneLine(t *testing.T) {
	const secret = "imm-secret-test-0123456789abcdef"
	file := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(file, []byte(`{"status":403,"method":"GET","url":"/api/cards"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"scan", file}, {"call", "list-currencies", "--env", "local"}, {"check", "--env", "local"}} {
		var out, said bytes.Buffer
		status := cmd.Run(t.Context(), args, cmd.Environment{
			In: strings.NewReader("HTTP/1.1 403 Forbidden\n\n{}"), Out: &out, Err: &said, Getenv: func(string) string { return "" },
			Now:        func() time.Time { panic(secret) },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		})
		line := regexp.MustCompile(`^immersve-doctor: internal error in cmd_test\.\S+ \(crash_test\.go:\d+\) of version .*\. Report this line where you got immersve-doctor, without the input, because that may contain secrets\.\n$`)
		if status != 70 || !line.MatchString(said.String()) || strings.Contains(out.String()+said.String(), secret) {
			t.Errorf("%q: status %d, said %q", args, status, said.String())
		}
	}
}
