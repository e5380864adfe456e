package cmd_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart measures whole processes against curl, run in turns: a median
// below 0.5 of "curl --version" for what reads, and below 0.6 of the same request
// for call. Absolute times of a shared machine say nothing; run it on a quiet one:
//
//	go test ./cmd -run '^$' -bench Start -benchtime 50x
func BenchmarkStart(b *testing.B) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Skip("curl is the measure, and it is not installed")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		_, _ = io.WriteString(w, `[{"symbol":"USD","label":"US DOLLAR"}]`)
	}))
	b.Cleanup(server.Close)
	capture := filepath.Join(b.TempDir(), "capture")
	content := "HTTP/2 403 \r\ncontent-type: application/json\r\n\r\n" + `{"statusCode":403,"errorCode":"KYC_REQUIRED"}`
	if err := os.WriteFile(capture, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	config := filepath.Join(b.TempDir(), "none.toml")
	for _, c := range []struct {
		name       string
		ours, peer []string
		input      string
		status     int
	}{
		{"explain", []string{"explain", "403", "INSUFFICIENT_FUNDS"}, []string{"--version"}, os.DevNull, 0},
		{"diagnose", nil, []string{"--version"}, capture, 1},
		{
			"call",
			[]string{"call", "list-currencies", "--env", server.URL, "--api-key", "imm-key-test-0", "--api-secret", "@" + secretFile(b)},
			[]string{"-s", server.URL + "/api/currencies", "-H", "x-api-key: imm-key-test-0", "-H", "x-api-secret: imm-secret-test-0"},
			os.DevNull, 0,
		},
	} {
		b.Run(c.name, func(b *testing.B) {
			binary := builtOnce(b)
			b.Setenv("IMMERSVE_DOCTOR_CONFIG", config)
			var ours, peer []time.Duration
			for b.Loop() {
				ours = append(ours, runTimed(b, c.input, c.status, binary, c.ours...))
				peer = append(peer, runTimed(b, os.DevNull, 0, curl, c.peer...))
			}
			b.ReportMetric(float64(median(ours))/float64(median(peer)), "of-curl")
		})
	}
}

func secretFile(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("imm-secret-test-0"), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}

// builtOnce builds the program. It is copied, because the linker writes in no
// order, and the system then holds the file in small pieces, which costs each
// start a fifth: after the next boot, or once installed from an archive, no file
// lies so.
func builtOnce(b *testing.B) string {
	b.Helper()
	linked := filepath.Join(b.TempDir(), "linked")
	if out, err := exec.Command("go", "build", "-o", linked, "immersve-doctor").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	content, err := os.ReadFile(linked)
	if err != nil {
		b.Fatal(err)
	}
	binary := filepath.Join(b.TempDir(), "immersve-doctor")
	if err := os.WriteFile(binary, content, 0o700); err != nil {
		b.Fatal(err)
	}
	return binary
}

// runTimed runs a process to its end and returns how long that took.
func runTimed(b *testing.B, input string, status int, name string, args ...string) time.Duration {
	b.Helper()
	in, err := os.Open(input)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	c := exec.Command(name, args...)
	c.Stdin = in
	begun := time.Now()
	_ = c.Run() // its status is looked at
	taken := time.Since(begun)
	if got := c.ProcessState.ExitCode(); got != status {
		b.Fatalf("%s %q: exit status %d, want %d", name, args, got, status)
	}
	return taken
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
