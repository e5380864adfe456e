package cmd

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/capture"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/simulator"
)

// completed is what a completion function returns: the words, and what the shell
// does with them.
type completed func(c *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective)

// anywhere are the lines of cobra's completion scripts that accept only what begins
// as typed, and lines that accept the typed text anywhere, in any case.
var anywhere = [...][2]string{
	{`[[ $comp == "$cur"* ]] || continue`, `[[ ${comp,,} == *"${cur,,}"* ]] || continue`},
	{`"completions" completions $flagPrefix $noSpace; then`, `"completions" completions $flagPrefix $noSpace -M "'m:{a-z}={A-Z} l:|=* r:|=*'"; then`},
	{`$_.Name -like "$WordToComplete*"`, `$_.Name -like "*$WordToComplete*"`},
}

// scriptWriter changes a completion script on its way to standard output.
type scriptWriter struct{ w io.Writer }

func (s scriptWriter) Write(p []byte) (int, error) {
	script := string(p)
	for _, line := range anywhere {
		script = strings.ReplaceAll(script, line[0], line[1])
	}
	if _, err := io.WriteString(s.w, script); err != nil {
		return 0, err
	}
	return len(p), nil
}

// startingWith returns the words that begin as typed, whatever their case.
func startingWith(words []cobra.Completion, start string) []cobra.Completion {
	return slices.DeleteFunc(words, func(w cobra.Completion) bool {
		return len(w) < len(start) || !strings.EqualFold(w[:len(start)], start)
	})
}

// described returns words with a description each.
func described(pairs ...string) []cobra.Completion {
	var words []cobra.Completion
	for i := 0; i+1 < len(pairs); i += 2 {
		words = append(words, cobra.CompletionWithDesc(pairs[i], pairs[i+1]))
	}
	return words
}

// fixed completes one of a few words.
func fixed(words func() []cobra.Completion) completed {
	return func(_ *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return startingWith(words(), start), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlags registers how a command's flags are completed. Flags that aren't
// here take a file's name.
func (s *shared) completeFlags(c *cobra.Command) {
	for name, complete := range map[string]completed{
		"env": fixed(func() []cobra.Completion {
			return described("test", api.BaseURL(api.EnvironmentTest), "live", api.BaseURL(api.EnvironmentLive), "local", "the simulator")
		}),
		"profile": fixed(s.profileWords),
		"scenario": func(_ *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return startingWith(scenarioWords(), start), cobra.ShellCompDirectiveDefault
		},
		"simulate": completeSimulate,
		"output":   completeOutput,
		"color":    fixed(func() []cobra.Completion { return described("auto", "on a terminal", "always", "", "never", "") }),
		"kind":     fixed(kindWords),
		"shell": fixed(func() []cobra.Completion {
			return described("sh", "bash, zsh and others", "fish", "", "powershell", "")
		}),
		"status": fixed(func() []cobra.Completion { return pageWords("statuses") }),
		"code":   fixed(func() []cobra.Completion { return pageWords("codes") }),
		"operation": func(_ *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return operationWords(start), cobra.ShellCompDirectiveNoFileComp
		},
	} {
		if c.Flag(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, complete) // it fails only if that was done before
		}
	}
}

func completeOutput(c *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	for _, f := range formats {
		if slices.Contains(formatNames(c.Name()), f.name) {
			words = append(words, described(f.name, f.about)...)
		}
	}
	return startingWith(words, start), cobra.ShellCompDirectiveNoFileComp
}

func (s *shared) profileWords() []cobra.Completion {
	file, err := readConfig(configPath(s.env))
	if err != nil {
		return nil
	}
	var words []cobra.Completion
	for _, name := range profileNames(file) {
		words = append(words, cobra.CompletionWithDesc(name, file.Profiles[name].Env))
	}
	return words
}

func scenarioWords() []cobra.Completion {
	var words []cobra.Completion
	for _, sc := range simulator.Scenarios() {
		words = append(words, cobra.CompletionWithDesc(sc.Name, sc.Title))
	}
	return words
}

func kindWords() []cobra.Completion {
	var words []cobra.Completion
	for _, k := range capture.Kinds() {
		words = append(words, string(k))
	}
	return words
}

// pageWords are the pages of a folder, with their titles.
func pageWords(folder string) []cobra.Completion {
	var words []cobra.Completion
	for _, id := range troubleshoot.List(folder) {
		words = append(words, cobra.CompletionWithDesc(id, pageTitle(folder, id)))
	}
	return words
}

func pageTitle(folder, id string) string {
	switch folder {
	case "statuses":
		p, _ := troubleshoot.Status(id)
		return p.Title
	case "codes":
		p, _ := troubleshoot.Code(id)
		return p.Title
	case "operations":
		p, _ := troubleshoot.Operation(id)
		return p.Title
	case "findings":
		p, _ := troubleshoot.Finding(id)
		return p.Title
	}
	return ""
}

// completeSimulate offers what the simulator can return for the operation that was
// typed.
func completeSimulate(_ *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var op *api.Operation
	if len(args) > 0 {
		op, _ = namedOperation(args)
	}
	var words []cobra.Completion
	for _, d := range simulator.Demands(op) {
		_, code, _ := strings.Cut(d, ":")
		words = append(words, cobra.CompletionWithDesc(d, pageTitle("codes", code)))
	}
	return startingWith(words, start), cobra.ShellCompDirectiveNoFileComp
}

// operationWords are the operations with the typed text in their name; those that
// begin with it come first. If some begin with it, a shell that compares the typed
// text itself (bash) still shows the right ones.
func operationWords(typed string) []cobra.Completion {
	var first, others []cobra.Completion
	lower := strings.ToLower(typed)
	for _, id := range troubleshoot.List("operations") {
		word := cobra.CompletionWithDesc(id, pageTitle("operations", id))
		switch {
		case strings.HasPrefix(id, lower):
			first = append(first, word)
		case strings.Contains(id, lower):
			others = append(others, word)
		}
	}
	return append(first, others...)
}

// namedOperation returns the operation that the first words of "call" name, and the
// words after it.
func namedOperation(args []string) (*api.Operation, []string) {
	if len(args) == 0 {
		return nil, nil
	}
	if op, err := api.Lookup(args[0]); err == nil {
		return op, args[1:]
	}
	if isTarget(args[0]) {
		return documented("GET", args[0]), args[1:]
	}
	if len(args) > 1 {
		return documented(strings.ToUpper(args[0]), args[1]), args[2:]
	}
	return nil, nil
}

// completeCall completes operations, methods and their paths, and then the items
// that the operation takes and hasn't got yet.
func (s *shared) completeCall(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const done = cobra.ShellCompDirectiveNoFileComp
	switch {
	case len(args) == 0:
		return append(operationWords(typed), startingWith(methodWords(), typed)...), done
	case len(args) == 1 && isMethod(strings.ToUpper(args[0])):
		return startingWith(pathWords(strings.ToUpper(args[0])), typed), done | cobra.ShellCompDirectiveNoSpace
	}
	op, given := namedOperation(args)
	if op == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	words, isValue := itemWords(op, given, typed)
	if isValue {
		return startingWith(words, typed), done
	}
	return startingWith(words, typed), done | cobra.ShellCompDirectiveNoSpace
}

func methodWords() []cobra.Completion {
	return described("GET", "and a path", "POST", "and a path", "PUT", "and a path", "PATCH", "and a path", "DELETE", "and a path")
}

// pathWords are the paths of a method.
func pathWords(method string) []cobra.Completion {
	var words []cobra.Completion
	for _, id := range troubleshoot.List("operations") {
		if op, err := api.Lookup(id); err == nil && op.Method == method {
			words = append(words, cobra.CompletionWithDesc(op.Path, pageTitle("operations", id)))
		}
	}
	return words
}

// itemWords are the items of an operation that aren't given yet. If the typed word
// names one with documented values, they are these values.
func itemWords(op *api.Operation, given []string, typed string) (words []cobra.Completion, isValue bool) {
	for _, p := range placesOf(op) {
		head := p.name + p.sign()
		if strings.HasPrefix(typed, head) {
			for _, v := range p.enum {
				words = append(words, cobra.CompletionWithDesc(head+v, p.kind))
			}
			return words, true
		}
		if !slices.ContainsFunc(given, func(word string) bool { return strings.HasPrefix(word, head) && !strings.HasSuffix(p.name, "[]") }) {
			words = append(words, cobra.CompletionWithDesc(head, p.words()))
		}
	}
	return words, false
}

// completeExplain completes the names of pages, whatever their case.
func completeExplain(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	words := append(operationWords(typed), startingWith(slices.Concat(pageWords("statuses"), pageWords("codes"), pageWords("findings")), typed)...)
	return words, cobra.ShellCompDirectiveNoFileComp
}
