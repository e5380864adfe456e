package cmd_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// What one exchange or the environment declares to be secret is in no output, also where
// another exchange holds it under a name that says nothing.
func TestDeclaredSecretsReachNoOutput(t *testing.T) {
	const secret = "Wq7zTb2kXc9vLm4nRd8s"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"errorCode":"FORBIDDEN","message":"denied for ` + secret + ` today"}`))
	}))
	defer server.Close()
	dir := t.TempDir()
	input, saved := filepath.Join(dir, "in.http"), filepath.Join(dir, "saved.har")
	capture := "GET " + server.URL + "/api/cards\nx-api-secret: " + secret + "\n\n###\nGET " + server.URL + "/api/accounts\nx-note: see " + secret + "\n"
	if err := os.WriteFile(input, []byte(capture), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"diagnose", input},
		{"diagnose", input, "-o", "har"},
		{"diagnose", input, "-o", "json"},
		{"diagnose", input, "--save", saved},
		{"support", input},
		{"replay", input, "--dry-run"},
		{"call", "GET", "/api/cards", "--env", server.URL, "--token", "t0ken-of-nobody-17"},
		{"call", "GET", "/api/cards", "--env", server.URL, "--token", "t0ken-of-nobody-17", "-o", "har"},
		{"call", "GET", "/api/cards", "--env", server.URL, "--token", "t0ken-of-nobody-17", "--save", saved},
	} {
		var out, said bytes.Buffer
		status := cmd.Run(t.Context(), args, cmd.Environment{
			In: strings.NewReader(""), Out: &out, Err: &said, Now: time.Now,
			Getenv:     func(name string) string { return map[string]string{"IMMERSVE_API_SECRET": secret}[name] },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		})
		file, _ := os.ReadFile(saved) // there is none without --save
		_ = os.Remove(saved)
		if all := out.String() + said.String() + string(file); strings.Contains(all, secret) || len(all) < 100 || status > 1 {
			t.Errorf("%q: status %d shows the secret:\n%s", args, status, all)
		}
		if args[len(args)-2] == "--save" && len(file) == 0 {
			t.Errorf("%q saves nothing", args)
		}
	}
}
