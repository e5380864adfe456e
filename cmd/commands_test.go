package cmd_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"immersve-doctor/cmd"
	"immersve-doctor/diagnose/capture"
)

// command runs one command line over a capture and returns all that it wrote.
type command struct {
	name string
	run  func(dir string, s *specimen, text string) string
}

// commands are all commands with all outputs. What a command does not know yet
// it complains of, and complaints are searched, too.
func commands() []command {
	var list []command
	add := func(name string, run func(string, *specimen, string) string) { list = append(list, command{name, run}) }
	addReading(add)
	addSending(add)
	addWriting(add)
	return list
}

type adder func(name string, run func(dir string, s *specimen, text string) string)

// addReading adds the commands that read captures.
func addReading(add adder) {
	for _, o := range []string{"text", "json", "markdown", "har", "junit", "sarif", "github", "csv"} {
		add("diagnose -o "+o, func(dir string, _ *specimen, text string) string { return invoke(dir, text, "-o", o) })
		add("compare -o "+o, func(dir string, _ *specimen, text string) string {
			name := write(dir, "worked.txt", captures()["curl-verbose"](newSpecimen()))
			return invoke(dir, text, "compare", "-o", o, "-", name)
		})
		add("scan -o "+o, func(dir string, _ *specimen, text string) string {
			return invoke(dir, text, "scan", "-o", o, "-")
		})
		add("replay --dry-run -o "+o, func(dir string, _ *specimen, text string) string {
			return invoke(dir, text, "replay", "--dry-run", "-o", o, "-")
		})
		add("diagnose --at -o "+o, func(dir string, _ *specimen, text string) string {
			name := write(dir, "app.log", text)
			return invoke(dir, "", "-o", o, "--at", name+":1") + invoke(dir, "", "-o", o, "--at", name+"#1")
		})
		add("scan --merge -o "+o, func(dir string, _ *specimen, text string) string {
			totals, _, _ := strings.Cut(invoke(dir, text, "scan", "-o", "json", "-"), errorMark)
			name := write(dir, "totals.json", totals)
			return invoke(dir, "", "scan", "--merge", "-o", o, name, name)
		})
		add("curl --dry-run -o "+o, func(dir string, s *specimen, _ string) string {
			return invoke(dir, "", append([]string{"--dry-run", "-o", o, "curl"}, s.arguments()...)...)
		})
	}
	add("diagnose --verbose", func(dir string, _ *specimen, text string) string {
		return invoke(dir, text, "--verbose", "--width", "40")
	})
	add("diagnose --request", func(dir string, s *specimen, text string) string {
		return invoke(dir, text, "--request", write(dir, "request.txt", s.curl()), "--verbose")
	})
	add("diagnose --save", func(dir string, _ *specimen, text string) string {
		name := filepath.Join(dir, "saved.har")
		return invoke(dir, text, "--save", name) + fileMark + take(name)
	})
	add("support", func(dir string, s *specimen, text string) string {
		return invoke(dir, text, "support", "--tried", s.reqBody[:min(len(s.reqBody), 2000)]) // what people paste there: no dump
	})
	add("support --out", func(dir string, _ *specimen, text string) string {
		name := filepath.Join(dir, "bundle.zip")
		return invoke(dir, text, "support", "--out", name) + fileMark + unzip(name)
	})
	add("diagnose --environment", func(dir string, s *specimen, _ string) string {
		return invoke(dir, "### x\n"+s.references(), "--environment", write(dir, "environment.json", s.environment()), "--verbose")
	})
	add("diagnose --kind", func(dir string, s *specimen, text string) string {
		kinds := capture.Kinds()
		return invoke(dir, text, "--kind", string(kinds[len(text)%len(kinds)]), "-") // what is not of that kind is left over
	})
	add("scan --explain-format", func(dir string, _ *specimen, text string) string {
		return invoke(dir, text, "scan", "--explain-format", "-") + invoke(dir, text, "scan", "--explain-format", "--map", "status=$.a", "-")
	})
	add("scan --html", func(dir string, _ *specimen, text string) string {
		name := filepath.Join(dir, "report.html")
		return invoke(dir, text, "scan", "--html", name, "-") + fileMark + take(name)
	})
	add("scan --verbose", func(dir string, _ *specimen, text string) string {
		return invoke(dir, text+text+text, "scan", "--verbose", "--sample", "3", "-")
	})
}

// addSending adds the commands that send, or would.
func addSending(add adder) {
	add("call --dry-run", func(dir string, s *specimen, _ string) string {
		args := []string{"call", "--dry-run", s.method, s.target(), "-d", s.reqBody}
		for _, f := range s.reqHeader {
			args = append(args, "-H", f[0]+": "+f[1])
		}
		return invoke(dir, "", args...)
	})
	add("curl words", func(dir string, s *specimen, _ string) string {
		return invoke(dir, "", "--dry-run", "curl", "-u", s.userInfo, "--json", s.reqBody, "-b", headerLines(s.reqHeader), "--oauth2-bearer", s.respBody, s.url(), "--no-such", "-F", s.reqBody)
	})
	for _, o := range []string{"text", "json", "markdown", "har", "short"} {
		add("call -o "+o, func(dir string, s *specimen, _ string) string {
			return s.served(func(url string) string {
				return invoke(dir, "", "call", "GET", "/api/cards", "--env", url, "-o", o)
			})
		})
		add("check -o "+o, func(dir string, s *specimen, _ string) string {
			return s.served(func(url string) string { return invoke(dir, "", "check", "--env", url, "-o", o) })
		})
	}
	add("listen --save", func(dir string, s *specimen, _ string) string {
		return s.served(func(url string) string { return s.through(dir, "listen", "--forward", url) })
	})
	add("mcp", func(dir string, s *specimen, text string) string {
		call := func(tool string, arguments map[string]any) string {
			return marshal(map[string]any{"jsonrpc": "2.0", "id": tool, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": arguments}}) + "\n"
		}
		return invoke(dir, mcpHello+call("diagnose", map[string]any{"text": text, "request": s.curl()})+call("check_request", map[string]any{"request": s.curl()})+
			call("compare", map[string]any{"failed": text, "worked": text})+text, "mcp")
	})
	add("proxy --save", func(dir string, s *specimen, _ string) string {
		return s.served(func(url string) string { return s.through(dir, "proxy", "--env", url) })
	})
	add("call --body", func(dir string, s *specimen, _ string) string {
		return s.served(func(url string) string { return invoke(dir, "", "call", "GET", "/api/cards", "--env", url, "--body") })
	})
	add("replay", func(dir string, s *specimen, text string) string {
		return s.served(func(url string) string { return invoke(dir, text, "replay", "--env", url, "-") })
	})
	add("simulate --scenario", func(dir string, s *specimen, _ string) string {
		story := write(dir, "story.yaml", "title: "+yamlText(s.respBody)+"\ncardholders:\n  - name: "+yamlText(s.path)+"\n    email: "+yamlText(s.reqBody)+"\n")
		return invoke(dir, "", "simulate", "--print", "--scenario", story) + invoke(dir, "", "simulate", "--print", "--scenario", write(dir, "story.yaml", s.reqBody)) +
			invoke(dir, "", "call", "list-currencies", "--env", "local", "--scenario", story)
	})
}

// wordsOnly are the commands that take nothing but words.
func wordsOnly() []string {
	return []string{"explain", "help", "man", "version", "completion", "config"}
}

// yamlText quotes a text for YAML and leaves what it can as it is.
func yamlText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// addWriting adds the commands that take words and print.
func addWriting(add adder) {
	add("words", func(dir string, s *specimen, _ string) string {
		var all strings.Builder
		for _, c := range append(wordsOnly(), "diagnose", "scan", "compare", "check", "simulate") {
			all.WriteString(invoke(dir, "", c, s.reqBody) + invoke(dir, "", c, "--"+s.respBody))
		}
		return all.String()
	})
	add("profiles", func(dir string, s *specimen, _ string) string {
		home := filepath.Join(dir, "immersve-doctor")
		if err := os.MkdirAll(home, 0o700); err != nil {
			panic(err)
		}
		defer take(write(home, "config.toml", "profile = "+marshal(s.respBody)+"\n[profiles."+marshal(s.reqBody)+"]\nenv = "+marshal(s.path)+"\n"))
		return invoke(dir, "", "call", "list-currencies", "--dry-run") + invoke(dir, "", "check", "--profile", s.reqBody) + invoke(dir, "", "check", "--profile", s.path)
	})
	add("wrong words", func(dir string, s *specimen, _ string) string {
		return invoke(dir, "", "diagnoze", s.reqBody) + invoke(dir, "", "explain", s.respBody) + invoke(dir, "", "explain", s.path) +
			invoke(dir, "", "call", s.url(), s.reqBody) + invoke(dir, "", s.url()) + invoke(dir, "", "--kind", s.reqBody, "-") + invoke(dir, "", "curl", s.curl()) +
			invoke(dir, "", "call", "list-currencies", "--env", s.url()) + invoke(dir, "", "-o", s.reqBody)
	})
}

// served answers with the specimen's response while run runs.
func (s *specimen) served(run func(url string) string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, f := range s.respHeader {
			w.Header()[f[0]] = append(w.Header()[f[0]], f[1])
		}
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.respBody) // a client that went away is none of the test's
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer server.Close()
	return run(server.URL)
}

// invoke runs a command line in this process and returns all that it wrote.
func invoke(dir, stdin string, args ...string) (shown string) {
	var out, said bytes.Buffer
	status := cmd.Run(context.Background(), args, cmd.Environment{
		In: strings.NewReader(stdin), Out: &out, Err: &said, ConfigDir: dir,
		Getenv:     func(string) string { return "" },
		Now:        func() time.Time { return time.Date(2026, 11, 23, 10, 44, 30, 0, time.UTC) },
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
	})
	shown = out.String() + errorMark + said.String()
	if status == 70 {
		shown += "\npanic: " + said.String()
	}
	return shown
}

// written are the files that the commands write themselves.
func written() []string {
	return []string{"worked.txt", "request.txt", "app.log", "totals.json", "environment.json", "story.yaml", "immersve-doctor", "config.toml"}
}

func write(dir, name, content string) string {
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		panic(err)
	}
	return name
}

// take reads a file and removes it.
func take(name string) string {
	content, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	_ = os.Remove(name)
	return string(content)
}

func unzip(name string) string {
	content := take(name)
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		return content
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(&all, f.Name)
		if _, err := io.Copy(&all, r); err != nil {
			panic(err)
		}
	}
	return all.String()
}

// writesFile knows the flags that write a file of what was read or received.
func writesFile(f *pflag.Flag) bool {
	usage := strings.ToLower(f.Usage)
	return cmd.ValueName(f.Name) == "FILE" && (strings.Contains(usage, "write") || strings.Contains(usage, "save"))
}

// Each command is among those whose outputs the tests of trust look at, and each
// kind of capture among the specimens.
func TestTheTestsOfTrustKnowAll(t *testing.T) {
	var runs strings.Builder
	for _, c := range commands() {
		runs.WriteString(c.name + "\n")
	}
	for _, c := range cmd.NewRoot(cmd.Environment{}).Commands() {
		if !strings.Contains(runs.String(), c.Name()) && !slices.Contains(wordsOnly(), c.Name()) {
			t.Errorf("no case runs the command %s: add it to commands()", c.Name())
		}
	}
	for _, c := range append(cmd.NewRoot(cmd.Environment{}).Commands(), cmd.NewRoot(cmd.Environment{})) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if writesFile(f) && !strings.Contains(runs.String(), " --"+f.Name+"\n") {
				t.Errorf("no case looks at the file that %s --%s writes: add it to commands()", c.Name(), f.Name)
			}
		})
	}
	kinds := sortedKeys(captures())
	for _, k := range capture.Kinds() {
		if !slices.Contains(kinds, string(k)) {
			t.Errorf("no specimen is a capture of kind %s: add it to captures()", k)
		}
	}
}
