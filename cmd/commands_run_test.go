package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mvdan.cc/sh/v3/shell"

	"immersve-doctor/cmd"
	"immersve-doctor/diagnose/send"
	"immersve-doctor/troubleshoot"
)

// loopback is a network of this machine only. A command that needs another has not been
// given --env local.
type loopback struct{ send.Network }

func (l loopback) LookupHost(_ context.Context, host string) ([]string, error) {
	return nil, fmt.Errorf("a test looks up %s", host)
}

func (l loopback) Dial(ctx context.Context, address string, timeout time.Duration, admit func(string) error) (net.Conn, error) {
	if host, _, _ := net.SplitHostPort(address); host != "127.0.0.1" {
		return nil, fmt.Errorf("a test connects to %s", address)
	}
	return l.Network.Dial(ctx, address, timeout, admit)
}

// ran is what a command did.
type ran struct {
	status      int
	out, errors string
}

func (r ran) String() string {
	return fmt.Sprintf("exit status %d\n%.1500s%.1500s", r.status, r.errors, r.out)
}

// runWords runs a command in this process. One that waits for requests is stopped.
func runWords(stdin string, args ...string) ran {
	ctx := context.Background()
	if isServer(args) {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, 50*time.Millisecond)
		defer stop()
	}
	var out, said bytes.Buffer
	status := cmd.Run(ctx, args, cmd.Environment{
		In: strings.NewReader(stdin), Out: &out, Err: &said, ConfigDir: ".", Network: loopback{send.System()},
		Getenv:     func(string) string { return "" },
		Now:        func() time.Time { return time.Date(2026, 11, 23, 10, 44, 30, 0, time.UTC) },
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
	})
	return ran{status, out.String(), said.String()}
}

// failure is what a user has whose call failed.
const failure = `> GET /api/accounts/c36fbad1c8d1c7bb6ed31ced97a1cb6f/cards HTTP/1.1
> Host: test.immersve.com
> x-api-key: imm-key-test-0000
> x-api-secret: imm-secret-test-0000
>
< HTTP/1.1 403 Forbidden
< content-type: application/json
<
{"statusCode":403,"errorCode":"FORBIDDEN"}
`

// printed finds the commands in an output: in a line of its own or at its end, or in
// backquotes.
var printed = regexp.MustCompile("(?m)`((?:curl [^`\\n]*\\| )?immersve-doctor [^`\\n]*)`|^(?:[^`\\n]* )?(immersve-doctor(?: [^`\\n]*)?)$")

// inSentence is prose that begins with the program's name.
var inSentence = regexp.MustCompile(`^immersve-doctor (masks|has|do|in|is|reads|sets|uses|can|doesn't|shows|sends|version|and|on|or|as|to)\b`)

// commandsIn returns the commands of an output.
func commandsIn(out string) []string {
	var list []string
	for _, m := range printed.FindAllStringSubmatch(out, -1) {
		c := strings.TrimRight(strings.TrimSpace(m[1]+m[2]), ".")
		if c != "" && !inSentence.MatchString(c) {
			list = append(list, c)
		}
	}
	return list
}

// wordsOf returns the words of the last command of a pipe as a shell splits them, and
// what the command before it prints.
func wordsOf(t *testing.T, line string) (args []string, stdin string) {
	t.Helper()
	before, last, _ := strings.Cut(line, "immersve-doctor")
	if strings.HasSuffix(before, "| ") || last == "" || last == " --probe" {
		stdin = failure // "pipe the same curl command into immersve-doctor --probe"
	}
	for _, end := range []string{" | ", " || ", " > ", " &", " 2>"} { // its output goes elsewhere
		last, _, _ = strings.Cut(last, end)
	}
	last = "immersve-doctor" + strings.ReplaceAll(last, "https://api.immersve.com/.well-known/jwks.json", "jwks.json")
	args, err := shell.Fields(strings.TrimSpace(last), func(name string) string { return "06dbb318637d419fa944b12cffbf8f57" })
	if err != nil || len(args) == 0 || args[0] != "immersve-doctor" {
		t.Errorf("not a command that a shell runs: %s (%v)", line, err)
		return nil, ""
	}
	return args[1:], stdin
}

// local puts --env local where a command says test, live or nothing.
func local(args []string) []string {
	args = slices.Clone(args)
	name := slices.IndexFunc(args, func(a string) bool {
		return slices.Contains([]string{"call", "curl", "replay", "check", "proxy"}, a)
	})
	if name < 0 {
		return args
	}
	for i := range args {
		if args[i] == "--env" && i+1 < len(args) {
			args[i+1] = "local"
			return args
		}
	}
	if args[name] == "curl" {
		return slices.Insert(args, name, "--env", "local")
	}
	return append(args, "--env", "local")
}

// Every command that a report proposes runs in the user's situation.
func TestCommandsOfReportsRun(t *testing.T) {
	var inputs []string
	for folder, each := range map[string]int{"finding": 3, "corpus": 12, "capture": 6} { // all of them propose the same kinds
		names, _ := filepath.Glob("../testdata/" + folder + "/*/*.in")
		for i := 0; i < len(names); i += each {
			inputs = append(inputs, names[i])
		}
	}
	texts := map[string][]byte{}
	for _, name := range inputs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.NewReplacer("../testdata/", "", "/", "-").Replace(name)] = text
	}
	t.Chdir(t.TempDir())
	from := map[string]string{} // command -> input
	jwks := runWords("", "call", "get-webhook-jwks", "--env", "local", "--body").out
	if err := os.WriteFile("jwks.json", []byte(jwks), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := os.WriteFile(name, texts[name], 0o600); err != nil {
			t.Fatal(err)
		}
		var out string
		for _, r := range []ran{runWords("", "--verbose", "--width", "100000", name), runWords(string(texts[name]), "--width", "100000")} {
			if r.status > 3 {
				t.Errorf("%s: %v", name, r)
			}
			out += r.out + r.errors
		}
		for _, c := range commandsIn(out) {
			if strings.Contains(c, " explain ") {
				from[c] = name
			}
			// The same command for another input does the same.
			if kind := strings.ReplaceAll(hexID.ReplaceAllString(c, "ID"), name, "NAME"); from[kind] == "" {
				from[kind], from[c] = c, name
			}
		}
	}
	ran := 0
	for _, c := range slices.Sorted(maps.Keys(from)) {
		if name := from[c]; texts[name] != nil {
			ran++
			checkProposal(t, name, c)
		}
	}
	if ran < 100 {
		t.Errorf("only %d commands were found", ran)
	}
}

var hexID = regexp.MustCompile(`[0-9a-f]{32}`)

// checkProposal runs a command of a report, whose IDs the simulator doesn't have.
func checkProposal(t *testing.T, input, c string) {
	t.Helper()
	if strings.Contains(c, "…") {
		t.Errorf("%s: holds three dots: %s", input, c)
		return
	}
	args, stdin := wordsOf(t, c)
	if args == nil {
		return
	}
	r := runWords(stdin, local(args)...)
	allowed := []int{0, 1}
	if isServer(args) {
		allowed = []int{130}
	}
	if slices.Contains([]string{"explain", "support", "help"}, first(args)) {
		allowed = []int{0}
	}
	if !slices.Contains(allowed, r.status) {
		t.Errorf("%s proposes: %s\n%v", input, c, r)
	}
	if slices.Contains(args, "--corrected") && strings.Contains(r.out, "SAME ") {
		t.Errorf("%s: %s changes nothing:\n%v", input, c, r)
	}
}

// Every command that pages, help and README show works as shown.
func TestCommandsOfPagesRun(t *testing.T) {
	from := map[string]string{}
	add := func(where, out string) {
		for _, c := range commandsIn(out) {
			if from[c] == "" {
				from[c] = where
			}
		}
	}
	for _, folder := range []string{"statuses", "codes", "findings", "operations", "topics", "values"} {
		for _, id := range troubleshoot.List(folder) {
			for _, format := range []string{"text", "markdown"} {
				r := runWords("", "explain", id, "--width", "100000", "-o", format)
				if r.status != 0 {
					t.Errorf("explain %s: %v", id, r)
				}
				add(folder+"/"+id, r.out)
			}
		}
	}
	for _, topic := range troubleshoot.List("help") {
		add("help "+topic, runWords("", "help", topic, "--width", "100000").out)
	}
	for _, c := range append(cmd.NewRoot(cmd.Environment{Getenv: func(string) string { return "" }}).Commands(), nil) {
		args := []string{"--help", "--width", "100000"}
		if c != nil {
			args = append([]string{c.Name()}, args...)
		}
		_, examples, _ := strings.Cut(runWords("", args...).out, "Examples:\n")
		examples, _, _ = strings.Cut(examples, "\n\n")
		for line := range strings.SplitSeq(examples, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "   ")
			if _, after, ok := strings.Cut(line, "immersve-doctor"); ok {
				piped := ""
				if strings.Contains(line, "| immersve-doctor") {
					piped = "curl | "
				}
				from[piped+"immersve-doctor"+strings.TrimSuffix(after, `)"`)] = "--help"
			}
		}
	}
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	testdata, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(readme), "\n") {
		if line, ok := strings.CutPrefix(line, "$ immersve-doctor"); ok { // with its output, which another test compares
			line, _, _ = strings.Cut(line, " 2>")
			line = "immersve-doctor" + strings.ReplaceAll(line, " testdata/", " "+testdata+"/")
			from[line] = "README"
			continue
		}
		add("README", strings.ReplaceAll(line, `\|`, "|"))
	}
	t.Chdir(t.TempDir())
	files(t)
	for _, c := range slices.Sorted(maps.Keys(from)) {
		checkShown(t, from[c], c)
	}
}

// checkShown runs a command of a page, with the files that a user has.
func checkShown(t *testing.T, where, c string) {
	t.Helper()
	if strings.Contains(c, "…") {
		t.Errorf("%s: holds three dots: %s", where, c)
		return
	}
	args, stdin := wordsOf(t, c)
	if args == nil {
		return
	}
	for i := range args { // what the example assumes of the user's machine
		args[i] = strings.NewReplacer("/var/log/backend/", "backend/", "cardId=0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6", "cardId=06dbb318637d419fa944b12cffbf8f57").Replace(args[i])
	}
	_ = os.Remove("case.zip") // of an earlier example
	r := runWords(stdin, local(args)...)
	want := []int{0}
	switch first(args) {
	case "simulate", "proxy", "listen", "mcp":
		want = []int{0, 130}
	case "explain", "help", "support", "man", "version", "completion", "config":
	case "call":
		answered := strings.Contains(r.out, "_DOES_NOT_EXIST") // that is what a step asks for
		if answered || slices.Contains(args, "--simulate") || slices.Contains(args, "--probe") || fails[args[1]] {
			want = []int{1}
		}
	default: // it diagnoses what failed
		want = []int{0, 1}
	}
	if !slices.Contains(want, r.status) {
		t.Errorf("%s shows: %s\n%v", where, c, r)
	}
}

// fails are the endpoints whose success needs what an earlier call returned once.
var fails = map[string]bool{"get-secure-card-details": true, "upload-file": true, "complete-siwe-login": true}

// isServer reports whether a command waits for requests.
func isServer(args []string) bool {
	return slices.Contains([]string{"simulate", "proxy", "listen", "mcp"}, first(args))
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// files writes what examples name.
func files(t *testing.T) {
	t.Helper()
	save := func(name, content string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	worked := strings.NewReplacer("403 Forbidden", "200 OK", `{"statusCode":403,"errorCode":"FORBIDDEN"}`, `{"items":[]}`, "x-api-secret: imm-secret-test-0000\n", "x-api-secret: imm-secret-test-0000\n> x-account-id: c36fbad1c8d1c7bb6ed31ced97a1cb6f\n").Replace(failure)
	log := strings.Repeat(`{"time":"2026-11-23T10:00:00Z","method":"GET","url":"https://test.immersve.com/api/currencies","status":429}`+"\n", 1100)
	for name, content := range map[string]string{
		"failed.txt": failure, "FILE": failure, "worked.txt": worked, "app.log": log, "access.log": log, "backend/a.log": log, "traffic.log": failure,
		"request.http": "GET https://test.immersve.com/api/currencies\n", "body.json": "{}",
		"request.txt": "curl https://test.immersve.com/api/currencies -H 'x-api-key: imm-key-test-0000' -H 'x-api-secret: imm-secret-test-0000'\n", "response.txt": "HTTP/1.1 403 Forbidden\n\n",
		"card.json":                   `{"cardProgramId":"7dfa2e3ed390493ab307fac622f05ae9","fundingSourceId":"2b8261a106b76f9e74d0be5980237718"}`,
		"test.json":                   `{"values":[]}`,
		"story.yaml":                  "title: A story\n",
		"immersve-doctor/config.toml": "[profiles.production]\nenv = \"live\"\n",
	} {
		save(name, content)
	}
	save("jwks.json", runWords("", "call", "get-webhook-jwks", "--env", "local", "--body").out)
	wrong := strings.NewReplacer("GET /api/accounts/c36fbad1c8d1c7bb6ed31ced97a1cb6f/cards", "POST /api/currencies", "403 Forbidden", "404 Not Found", "FORBIDDEN", "NOT_FOUND").Replace(failure)
	save("failed.har", runWords(failure+failure+wrong+wrong, "-o", "har").out)
	save("cards.json", runWords(failure+failure+wrong+wrong, "-o", "har").out)
	save("all.har", runWords(strings.Repeat(failure, 3)+strings.Repeat(worked, 5), "-o", "har").out)
	for _, name := range []string{"today.json", "monday.json", "tuesday.json"} {
		save(name, runWords("", "scan", "-o", "json", "app.log").out)
	}
}
