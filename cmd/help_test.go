package cmd_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/cmd"
	"immersve-doctor/troubleshoot"
)

// helpOf returns the help of a command.
func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, said strings.Builder
	status := cmd.Run(context.Background(), append(args, "--help"), cmd.Environment{
		In: strings.NewReader(""), Out: &out, Err: &said, Getenv: func(string) string { return "" }, InTTY: true,
	})
	if status != 0 || said.Len() > 0 {
		t.Fatalf("%v --help: exit status %d, %s", args, status, said.String())
	}
	return out.String()
}

// Help fits a terminal of 80 columns, and shows every flag with its description.
func TestHelpFitsTheTerminal(t *testing.T) {
	root := cmd.NewRoot(cmd.Environment{Getenv: func(string) string { return "" }})
	for _, c := range append(root.Commands(), root) {
		if c.Name() == "completion" || c.Hidden {
			continue
		}
		args := []string{c.Name()}
		if c == root {
			args = nil
		}
		shown := helpOf(t, args...)
		for line := range strings.SplitSeq(shown, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("help of %q has a line of %d columns: %s", c.Name(), n, line)
			}
			if strings.Contains(line, "…") || strings.HasSuffix(line, " ") {
				t.Errorf("help of %q: %q", c.Name(), line)
			}
		}
		if c == root {
			continue
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { checkFlag(t, c, f, shown) })
	}
}

func checkFlag(t *testing.T, c *cobra.Command, f *pflag.Flag, shown string) {
	t.Helper()
	if !strings.Contains(shown, "--"+f.Name) {
		t.Errorf("help of %s doesn't show --%s: add it to the headings of help.go", c.Name(), f.Name)
	}
	if isSwitch := f.NoOptDefVal != ""; isSwitch != (cmd.ValueName(f.Name) == "") {
		t.Errorf("%s --%s: the headings of help.go name its value %q", c.Name(), f.Name, cmd.ValueName(f.Name))
	}
	if f.Name != "help" && (f.Usage == "" || strings.HasSuffix(f.Usage, ".") || len(f.Usage) > 52) {
		t.Errorf("%s --%s: description %q", c.Name(), f.Name, f.Usage)
	}
}

// The help of the whole program names every command and topic.
func TestHelpNamesAll(t *testing.T) {
	shown := helpOf(t)
	words := map[string]bool{}
	for word := range strings.FieldsSeq(shown) {
		words[strings.TrimRight(word, ",.")] = true
	}
	for _, c := range cmd.NewRoot(cmd.Environment{}).Commands() {
		if !c.Hidden && !words[c.Name()] {
			t.Errorf("--help doesn't name %s", c.Name())
		}
	}
	for _, topic := range troubleshoot.List("help") {
		if !words[topic] {
			t.Errorf("--help doesn't name the topic %s", topic)
		}
		p, err := troubleshoot.Help(topic)
		if err != nil || len(p.Title) > 60 || p.Body == "" {
			t.Errorf("help topic %s: %+v, %v", topic, p, err)
		}
	}
}
