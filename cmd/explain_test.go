package cmd_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/shell"

	"immersve-doctor/cmd"
	"immersve-doctor/troubleshoot"
)

// runCommand runs a printed command as a shell would, and returns its exit status.
func runCommand(t *testing.T, command string) (status int, stdout, stderr string) {
	t.Helper()
	words, err := shell.Fields(command, nil)
	if err != nil || words[0] != "immersve-doctor" {
		t.Fatalf("not a command: %s (%v)", command, err)
	}
	var out, said bytes.Buffer
	status = cmd.Run(context.Background(), words[1:], cmd.Environment{
		In: strings.NewReader(""), Out: &out, Err: &said, ConfigDir: t.TempDir(),
		Getenv:     func(string) string { return "" },
		Now:        func() time.Time { return time.Date(2026, 11, 23, 10, 44, 30, 0, time.UTC) },
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
	})
	return status, out.String(), said.String()
}

// The command on an endpoint's page succeeds. Those that would need a value from an
// earlier response get the error that stands here instead.
func TestExamplesOfEndpoints(t *testing.T) {
	failing := map[string]string{
		"complete-login":               "403 CHALLENGE_EXPIRED",
		"complete-siwe-login":          "403",
		"exchange-auth-token":          "403 REFRESH_TOKEN_EXPIRED",
		"execute-simulator-withdrawal": "403 INVALID_FUNDING_SOURCE_TYPE",
		"get-secure-card-details":      "403",
		"get-kyc-statement":            "403 KYC_STATEMENT_DOES_NOT_EXIST",
		"upload-file":                  "403 FILE_TYPE_INVALID",
	}
	operations := troubleshoot.List("operations")
	if len(operations) < 79 {
		t.Errorf("only %d endpoints", len(operations))
	}
	for _, op := range operations {
		status, out, said := runCommand(t, troubleshoot.Example(op))
		want, fails := failing[op]
		switch {
		case fails && (status != 1 || !strings.HasPrefix(out, "FAIL "+want)):
			t.Errorf("%s: exit status %d, want 1 with %s: %s%s", troubleshoot.Example(op), status, want, out, said)
		case !fails && status != 0:
			t.Errorf("%s: exit status %d: %s%s", troubleshoot.Example(op), status, out, said)
		}
	}
}

// The commands on the pages of topics succeed.
func TestCommandsOfTopics(t *testing.T) {
	for _, id := range troubleshoot.List("topics") {
		page, err := troubleshoot.Topic(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range page.Try {
			if status, out, said := runCommand(t, command); status != 0 {
				t.Errorf("%s: %s: exit status %d: %s%s", id, command, status, out, said)
			}
		}
	}
}
