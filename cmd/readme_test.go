package cmd_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the program prints into the README")

const readmeFile = "../README.md"

// The README's examples show what the program prints; -update makes them.
func TestReadmeShowsRealOutput(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	renewed := string(readme)
	binary := filepath.Join(t.TempDir(), "immersve-doctor")
	if out, err := exec.Command("go", "build", "-o", binary, "immersve-doctor").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	examples := strings.Split(string(readme), "```console\n$ ")[1:]
	if n := strings.Count(string(readme), "\n"); n > 240 {
		t.Errorf("the README has %d lines, and 240 are enough", n)
	}
	if len(examples) < 4 {
		t.Fatalf("the README has %d examples", len(examples))
	}
	for _, example := range examples {
		block, _, _ := strings.Cut(example, "\n```")
		command, want, _ := strings.Cut(block, "\n")
		c := exec.Command("sh", "-c", command)
		c.Dir = ".."
		c.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+t.TempDir())
		out, _ := c.CombinedOutput() // its exit status is what the example is about
		got := settle(string(out))
		renewed = strings.Replace(renewed, block+"\n```", command+"\n"+got+"\n```", 1)
		if got != want && !*update {
			t.Errorf("$ %s\n got %s\nwant %s", command, got, want)
		}
	}
	if *update && renewed != string(readme) {
		if err := os.WriteFile(readmeFile, []byte(renewed), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// settle replaces what differs from run to run: ports and times.
func settle(out string) string {
	out = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out, "127.0.0.1:4010")
	out = regexp.MustCompile(` · \d+(\.\d+)?m?s\b`).ReplaceAllString(out, " · 1ms") // a loaded machine takes seconds
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}
