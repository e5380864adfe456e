package cmd_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"immersve-doctor/cmd"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"immersve-doctor": func() {
			os.Exit(cmd.Run(context.Background(), os.Args[1:], cmd.System()))
		},
	})
}

// Whole commands: argv, standard input, output, error, and the exact exit status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "C.UTF-8")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			env.Values[simulatorsKey] = &simulators{map[string]*running{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "serve": serve, "simulate": simulate, "halt": halt, "gzip": gzipFile,
		},
	})
}

// exits runs a command and compares its exit status, which testscript's exec
// knows only as zero or not: exits 2 immersve-doctor explain 999.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		var status interface{ ExitCode() int }
		if !asExit(err, &status) {
			ts.Fatalf("%v", err)
		}
		got = status.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func asExit(err error, target *interface{ ExitCode() int }) bool {
	status, ok := err.(interface{ ExitCode() int })
	*target = status
	return ok
}

// gzipFile compresses a file: gzip FILE COMPRESSED.
func gzipFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gzip FILE COMPRESSED")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}

// serve starts a server on loopback that answers one request after another as the
// script says, and names its URL in $NAME, host and port in $NAME_HOST: serve API 503 '429 Retry-After: 1'
// '200 {"ok":true}'. The last answer stands for all further requests. What the
// server saw is written to NAME.log, a line for each request.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: serve NAME ANSWER…")
	}
	var mu sync.Mutex
	n := 0
	log := ts.MkAbs(args[0] + ".log")
	ts.Check(os.WriteFile(log, nil, 0o600))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		n++
		if err := appendLine(log, seen(r)); err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
		answer(w, args[min(n, len(args)-1)])
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
	ts.Setenv(args[0]+"_HOST", server.Listener.Addr().String())
}

// answer writes "STATUS [Name: value] [{body}]".
func answer(w http.ResponseWriter, text string) {
	text, body, hasBody := strings.Cut(text, " {")
	status, field, hasField := strings.Cut(text, " ")
	if name, value, ok := strings.Cut(field, ": "); hasField && ok {
		w.Header().Set(name, value)
	}
	code, err := strconv.Atoi(status)
	if err != nil {
		code = http.StatusTeapot
	}
	if hasBody {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(code)
	if hasBody {
		fmt.Fprint(w, "{"+body)
	}
}

// seen is a request in a line: method, target, credentials and other fields of
// interest, body.
func seen(r *http.Request) string {
	line := r.Method + " " + r.RequestURI
	for _, name := range []string{"Authorization", "X-Api-Key", "X-Api-Secret", "X-Account-Id", "Cookie", "Content-Type"} {
		if v := r.Header.Get(name); v != "" {
			line += " " + strings.ToLower(name) + "=" + v
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return line + " " + err.Error()
	}
	return strings.TrimSpace(line + " " + string(body))
}

func appendLine(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line)
	return errors.Join(err, f.Close())
}
