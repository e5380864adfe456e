package cmd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// typing runs a command on a terminal on which the lines are typed, and returns
// standard output, standard error and the exit status.
func typing(lines string, variables map[string]string, args ...string) (out, said string, status int) {
	var stdout, stderr strings.Builder
	status = cmd.Run(context.Background(), args, cmd.Environment{
		In: strings.NewReader(lines), Out: &stdout, Err: &stderr, InTTY: true, OutTTY: true, ErrTTY: true,
		Getenv:     func(name string) string { return variables[name] },
		Now:        func() time.Time { return time.Date(2026, 11, 23, 10, 44, 30, 0, time.UTC) },
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
	})
	return stdout.String(), stderr.String(), status
}

// On a terminal, call lets the user choose an operation and asks for what it needs.
func TestCallAsks(t *testing.T) {
	const account = "c36fbad1c8d1c7bb6ed31ced97a1cb6f"
	for _, tt := range []struct {
		name   string
		lines  string
		args   []string
		status int
		out    []string
		said   []string
	}{
		{
			"a part of the name, then a number", "nosuchword\nwithdrawal\n1\n",
			[]string{"call", "--env", "local", "--simulate", "503"},
			1,
			[]string{"503"},
			[]string{"Which operation?", "No operation has that in its name", "  1  create-withdrawal-intent", "Number, or a longer part"},
		},
		{
			"one match is taken at once", "list-curr\n", []string{"call", "--env", "local"}, 0, []string{"200 on list-currencies"}, nil,
		},
		{
			"a value of the wrong type is asked for again", "\nmuch\n100\n",
			[]string{"call", "create-withdrawal-intent", "--env", "local"},
			0,
			[]string{"200 on create-withdrawal-intent"},
			[]string{"amount (number, required), such as 300000000: ", "a value is required", "not a number", "amount:=100 --env local\n"},
		},
		{
			"an enum, and its nearest value", "pruchase\npurchase\n100\n",
			[]string{"call", "submit-simulator-authorization", "--env", "local", "cardPan=1", "cardExpiry=1", "cardCvv=1"},
			1,
			nil,
			[]string{"transactionType (string, required: purchase | refund): ", "did you mean purchase?"},
		},
		{
			"the configured account is suggested", "\n",
			[]string{"call", "list-cards", "--env", "http://127.0.0.1:9"},
			4,
			nil,
			[]string{"accountId (string, path, required) [" + account + "]: ", "call list-cards accountId=" + account},
		},
		{
			"no more input", "", []string{"call", "create-card"}, 2, nil, []string{"the input ended before the last question"},
		},
		{
			"no more input while choosing", "", []string{"call"}, 2, nil, []string{"the input ended before the last question"},
		},
		{
			"a dry run asks for nothing but the path", "", []string{"call", "create-card", "--dry-run", "cardProgramId=x"}, 1, []string{"fundingSourceId"}, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, said, status := typing(tt.lines, map[string]string{"IMMERSVE_ACCOUNT_ID": account}, tt.args...)
			if status != tt.status {
				t.Errorf("exit status %d, want %d", status, tt.status)
			}
			for _, want := range tt.out {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in the output", want)
				}
			}
			for _, want := range tt.said {
				if !strings.Contains(said, want) {
					t.Errorf("no %q on the terminal", want)
				}
			}
			if t.Failed() {
				t.Logf("stdout:\n%s\nstderr:\n%s", out, said)
			}
		})
	}
}
