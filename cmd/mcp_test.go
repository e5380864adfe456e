package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// mcpHello begins a session.
const mcpHello = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`

// reply is a line that the server writes.
type reply struct {
	ID     any `json:"id"`
	Result struct {
		IsError bool
		Content []struct{ Text string }
		Tools   []struct {
			Name        string
			Annotations struct{ ReadOnlyHint bool }
		}
		Resources []struct{ URI string }
		Contents  []struct{ Text string }
	}
	Error struct {
		Code    int
		Message string
	}
}

// talk runs a session and returns the replies by their ID. The client waits for each
// reply before it sends the next line.
func talk(t *testing.T, flags string, lines ...string) map[string]reply {
	t.Helper()
	in, input := io.Pipe()
	output, out := io.Pipe()
	var complaints lockedBuffer
	status := make(chan int, 1)
	go func() {
		status <- cmd.Run(context.Background(), append([]string{"mcp"}, strings.Fields(flags)...), cmd.Environment{
			In: in, Out: out, Err: &complaints, Now: time.Now, Getenv: func(string) string { return "" },
			Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
		})
		_ = out.Close()
	}()
	replies := map[string]reply{}
	decoder := json.NewDecoder(output)
	for _, line := range append(strings.SplitAfter(strings.TrimSuffix(mcpHello, "\n"), "\n"), lines...) {
		if _, err := io.WriteString(input, strings.TrimSuffix(line, "\n")+"\n"); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, "notifications/") {
			continue
		}
		var r reply
		if err := decoder.Decode(&r); err != nil {
			t.Fatalf("after %.80s: %v; %s", line, err, complaints.String())
		}
		replies[fmt.Sprint(r.ID)] = r
	}
	_ = input.Close()
	if got := <-status; got != 0 {
		t.Errorf("exit status %d: %s", got, complaints.String())
	}
	return replies
}

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer = lines

func toolCall(id int, tool string, arguments any) string {
	text, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": arguments}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestMCPTools(t *testing.T) {
	type fields = map[string]any
	const kyc = "HTTP/1.1 403 Forbidden\n\n{\"errorCode\":\"KYC_REQUIRED\"}\n"
	for _, c := range []struct {
		tool      string
		arguments fields
		wrong     bool
		says      string
	}{
		{"diagnose", fields{"text": kyc}, false, "✗ 403 KYC_REQUIRED: "},
		{"diagnose", fields{"text": kyc, "request": "curl -X POST https://test.immersve.com/api/cards"}, false, "403 KYC_REQUIRED on create-card"},
		{"diagnose", fields{"text": "prose"}, true, "no HTTP request or response found"},
		{"diagnose", fields{"txt": kyc}, true, "unknown field"},
		{"explain", fields{"words": "403 KYC_REQUIRED"}, false, "KYC_REQUIRED · 403"},
		{"explain", fields{"words": "--help"}, false, "help"},
		{"check_request", fields{"request": "curl -X POST https://test.immersve.com/api/cards -d '{\"a\":1,}'"}, false, "trailing comma"},
		{"compare", fields{"failed": kyc, "worked": "HTTP/1.1 200 OK\n\n{}\n"}, false, "403"},
		{"simulate_call", fields{"operation": "list-currencies"}, false, "✓ 200 on list-currencies"},
		{"simulate_call", fields{"operation": "create-card", "simulate": "403:KYC_REQUIRED"}, false, "✗ 403 KYC_REQUIRED on create-card"},
		{"simulate_call", fields{"operation": "create-crad"}, true, "unknown operation"},
		{"simulate_call", fields{"operation": "create-card", "fields": fields{"cardProgramId": "@/etc/passwd"}}, true, "begins with @"},
		{"simulate_call", fields{"operation": "create-card", "fields": fields{"--env": "live"}}, true, "invalid field name"},
		{"call", fields{"operation": "list-currencies", "environment": "local"}, false, "✓ 200 on list-currencies"},
		{"call", fields{"operation": "create-card", "environment": "local"}, true, "isn't a read-only endpoint"},
		{"call", fields{"operation": "get-secure-card-details", "environment": "local"}, true, ""},
		{"call", fields{"operation": "list-currencies", "environment": "live"}, true, "test or local"},
		{"call", fields{"operation": "list-currencies", "environment": "https://evil.test"}, true, "test or local"},
	} {
		r := talk(t, "--allow-calls", toolCall(1, c.tool, c.arguments))["1"]
		if len(r.Result.Content) != 1 || r.Result.IsError != c.wrong || !strings.Contains(r.Result.Content[0].Text, c.says) {
			t.Errorf("%s %v: %+v", c.tool, c.arguments, r)
		}
	}
}

// A line that isn't a message gets an error, and the session goes on.
func TestMCPSurvivesMalformedLines(t *testing.T) {
	replies := talk(t, "", `{"jsonrpc":"2.0","id":1,`, toolCall(1, "explain", map[string]any{"words": "401"}))
	if e := replies["<nil>"].Error; e.Code != -32700 {
		t.Errorf("a broken line gets %+v", e)
	}
	if !strings.Contains(replies["1"].Result.Content[0].Text, "401") {
		t.Errorf("after a broken line: %+v", replies["1"])
	}
	replies = talk(t, "", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, `{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	if e := replies["<nil>"].Error; e.Code != -32600 {
		t.Errorf("a batch gets %+v", e)
	}
	if replies["2"].Error.Code != 0 {
		t.Errorf("after a batch: %+v", replies["2"])
	}
}

func TestMCPListsAndReads(t *testing.T) {
	replies := talk(t, "", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, `{"jsonrpc":"2.0","id":2,"method":"resources/list"}`,
		`{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"immersve-doctor://explain/KYC_REQUIRED"}}`,
		`{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"immersve-doctor://explain/xyzzyqqfoo"}}`,
		toolCall(5, "call", map[string]any{"operation": "list-currencies", "environment": "local"}))
	var names []string
	for _, tool := range replies["1"].Result.Tools {
		names = append(names, tool.Name)
		if !tool.Annotations.ReadOnlyHint {
			t.Errorf("%s isn't marked as read-only", tool.Name)
		}
	}
	if got := strings.Join(names, " "); got != "check_request compare diagnose explain simulate_call" {
		t.Errorf("tools: %s", got)
	}
	if n := len(replies["2"].Result.Resources); n < 250 {
		t.Errorf("%d resources", n)
	}
	if c := replies["3"].Result.Contents; len(c) != 1 || !strings.HasPrefix(c[0].Text, "# KYC_REQUIRED") {
		t.Errorf("the page is %+v", c)
	}
	if replies["4"].Error.Code == 0 {
		t.Errorf("an unknown page is %+v", replies["4"])
	}
	if replies["5"].Error.Code == 0 {
		t.Errorf("call without --allow-calls: %+v", replies["5"])
	}
}

// A result has at most 16 KiB, and says how much is missing.
func TestMCPCapsResults(t *testing.T) {
	var text bytes.Buffer
	for n := range 100 {
		fmt.Fprintf(&text, "> GET /api/cards/%032x HTTP/1.1\n> Host: test.immersve.com\n> \n< HTTP/1.1 403 Forbidden\n< \n\n", n)
	}
	r := talk(t, "", toolCall(1, "diagnose", map[string]any{"text": text.String()}))["1"]
	if got := r.Result.Content[0].Text; len(got) > 16<<10 || !strings.Contains(got, "more bytes aren't shown") {
		t.Errorf("%d bytes, the last are %q", len(got), got[len(got)-80:])
	}
}
