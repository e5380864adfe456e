package tools

import (
	"os"
	"strings"
	"testing"
)

// Every file is a tool with samples, at least one of which has an exchange.
func TestFilesAreTools(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".tool")
		if !ok {
			continue
		}
		n++
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		tool, err := Parse(name, string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		reads := 0
		for _, s := range tool.Samples {
			reads += len(s.Reads)
		}
		if reads == 0 {
			t.Errorf("%s has no sample with something to read", f.Name())
		}
		if !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s doesn't begin with a comment", f.Name())
		}
	}
	if got := len(Load().Tools); got != n {
		t.Errorf("%d of %d tools are loaded", got, n)
	}
}

// A file without samples, without a kind or with a pattern that nothing finds isn't a tool.
func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"kind client-error\n",
		"exchange status code {status}\n",
		"kind client-error\nexchange {status}\n",
		"kind client-error\nexchange HTTP error {statsu}\n",
		"kind client-error\nexchnage HTTP error {status}\n",
		"kind client-error\nexchange HTTP error {?{status}\n",
	} {
		if _, err := Parse("x", text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
