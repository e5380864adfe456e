package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/exchange"
)

// shared are the options that every command has.
type shared struct {
	env         Environment
	output      string // text, json, markdown, har
	colour      string // auto, always, never
	width       int
	verbose     bool
	showSecrets bool
	inputs      int // how many inputs are diagnosed
}

const rootLong = `immersve-doctor reads a failed exchange with the Immersve API, finds the cause
on evidence, and works through the documentation's checklist.

  curl -i … | immersve-doctor            diagnose what curl received
  curl -v … 2>&1 | immersve-doctor       better: it sees the request, too
  immersve-doctor FILE…                  diagnose captures in files
  immersve-doctor call list-currencies   send a request and diagnose the answer
  immersve-doctor explain KYC_REQUIRED   the reference, offline`

// commands are all commands but help and completion, in no order.
var commands = [...]struct {
	name string
	make func(*shared) *cobra.Command
}{
	{"call", newCall},
	{"check", newCheck},
	{"compare", newCompare},
	{"curl", newCurl},
	{"diagnose", newDiagnose},
	{"explain", newExplain},
	{"man", newMan},
	{"replay", newReplay},
	{"scan", newScan},
	{"simulate", newSimulate},
	{"support", newSupport},
	{"version", newVersion},
}

// newRoot makes the command line with all its commands.
func newRoot(env Environment) *cobra.Command {
	s := &shared{env: env}
	root := newBareRoot(s)
	newRootDiagnosis(s, root)
	root.SetHelpCommand(newHelp())
	root.CompletionOptions.HiddenDefaultCmd = false
	for _, c := range commands {
		root.AddCommand(c.make(s))
	}
	return root
}

// newRootFor makes as much of the command line as the arguments need: making all
// commands takes longer than most of them run. Help, completion, flags before a
// command and names that are none need all of it; the manual does, too.
func newRootFor(env Environment, args []string) *cobra.Command {
	s := &shared{env: env}
	switch i := commandAt(args); {
	case len(args) == 0 && !env.InTTY:
		root := newBareRoot(s)
		newRootDiagnosis(s, root)
		return root
	case i >= 0 && commands[i].name != "man":
		root := newBareRoot(s)
		root.CompletionOptions.DisableDefaultCmd = true
		root.AddCommand(commands[i].make(s))
		return root
	}
	return newRoot(env)
}

// commandAt returns which command the first argument names, -1 for none.
func commandAt(args []string) int {
	if len(args) == 0 {
		return -1
	}
	for i, c := range commands {
		if c.name == args[0] {
			return i
		}
	}
	return -1
}

func newBareRoot(s *shared) *cobra.Command {
	root := &cobra.Command{
		Use:               "immersve-doctor [FILE…]",
		Short:             "Diagnose failed exchanges with the Immersve API",
		Long:              rootLong,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return s.check(c.Name()) },
	}
	s.flags(root.PersistentFlags())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &statusError{code: exitUsage, err: err, hint: flagHint(c, err)}
	})
	return root
}

// newRootDiagnosis lets the root command without a command's name diagnose.
func newRootDiagnosis(s *shared, root *cobra.Command) {
	d := &diagnoseOptions{shared: s}
	version := false
	root.RunE = func(c *cobra.Command, args []string) error {
		if version {
			return s.showVersion()
		}
		if len(args) == 0 && len(d.at) == 0 && s.env.InTTY {
			return c.Help()
		}
		if err := mistyped(c, args); err != nil {
			return err
		}
		return runDiagnose(c.Context(), d, args)
	}
	d.flags(root.Flags())
	root.Flags().BoolVar(&version, "version", false, "the version")
}

func (s *shared) flags(f *pflag.FlagSet) {
	f.StringVarP(&s.output, "output", "o", "text", "text, json, markdown or har")
	f.StringVar(&s.colour, "color", "auto", "auto, always or never")
	f.IntVar(&s.width, "width", 0, "columns of text output (default the terminal's, else 80)")
	f.BoolVar(&s.verbose, "verbose", false, "every finding with its evidence")
	f.BoolVar(&s.showSecrets, "show-secrets", false, "do not mask secrets in HAR and in corrected requests")
}

// check judges the values of the shared options.
func (s *shared) check(command string) error {
	if !oneOf(s.output, "text", "json", "markdown", "har") && (s.output != "short" || command != "check") {
		return usage("use -o text, -o json, -o markdown or -o har", "there is no output called %q", s.output)
	}
	if !oneOf(s.colour, "auto", "always", "never") {
		return usage("use --color auto, --color always or --color never", "there is no colour mode called %q", s.colour)
	}
	if s.width < 0 {
		return usage("0 takes the terminal's, else 80", "--width counts columns, and %d are none", s.width)
	}
	return nil
}

// newHelp replaces cobra's help command, which answers an unknown name with exit
// status 0.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "How to use a command",
		ValidArgsFunction: func(c *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, sub := range c.Root().Commands() {
				if len(args) == 0 && !sub.Hidden && strings.HasPrefix(sub.Name(), start) {
					names = append(names, sub.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || about == c.Root() && len(rest) > 0 {
				return noCommand(c.Root(), "immersve-doctor help", args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// noCommand says which command a misspelt name most likely means.
func noCommand(root *cobra.Command, before string, args []string) error {
	names := commandNames(root)
	if near := nearest(args[0], names); near != "" {
		return usage(fmt.Sprintf("did you mean: %s %s", before, near), "there is no command called %q", args[0])
	}
	return usage("commands: "+strings.Join(names, ", "), "there is no command called %q", args[0])
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return names
}

// shells are what completion is written for.
var shells = [...]string{"bash", "fish", "powershell", "zsh"}

// knownShell refuses a shell that cobra would answer with help and exit status 0.
func knownShell(args []string) error {
	if len(args) < 2 || args[0] != "completion" || strings.HasPrefix(args[1], "-") || oneOf(args[1], shells[:]...) {
		return nil
	}
	return usage("there are "+strings.Join(shells[:], ", "), "there is no shell called %q", args[1])
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}

// mistyped recognises a first word that is neither file nor command but nearly
// a command.
func mistyped(root *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "-" || exists(args[0]) {
		return nil
	}
	names := commandNames(root)
	if near := nearest(args[0], names); near != "" {
		return usage("did you mean: immersve-doctor "+strings.Join(append([]string{near}, quoteAll(args[1:])...), " "),
			"there is no file and no command called %q", args[0])
	}
	return usage("commands: "+strings.Join(names, ", "), "there is no file and no command called %q", args[0])
}

// quoteAll writes words as a shell takes them.
func quoteAll(words []string) []string {
	var list []string
	for _, w := range words {
		list = append(list, exchange.QuoteLine(w))
	}
	return list
}

// nearest returns the name that a misspelt word most likely means, "" for none.
func nearest(word string, names []string) string {
	best, bestDistance := "", 1<<20
	if len(word) > 64 {
		return ""
	}
	for _, n := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), n); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	if bestDistance > max(2, len(best)/3) {
		return ""
	}
	return best
}

// nearestFlag takes a single letter for the beginning of a name.
func nearestFlag(name string, names []string) string {
	if len(name) > 1 {
		return nearest(name, names)
	}
	for _, n := range names {
		if strings.HasPrefix(n, name) {
			return n
		}
	}
	return ""
}

// otherwise knows flags by the names that other tools give them.
func otherwise(name string) string {
	switch name {
	case "access-token", "bearer", "bearer-token", "jwt":
		return "token"
	case "account-id", "x-account-id":
		return "account"
	case "key", "x-api-key":
		return "api-key"
	case "secret", "x-api-secret":
		return "api-secret"
	case "environment", "host", "base-url", "url":
		return "env"
	case "format", "json":
		return "output"
	case "colour":
		return "color"
	}
	return ""
}

// flagHint says which flag an unknown one most likely means.
func flagHint(c *cobra.Command, err error) string {
	help := fmt.Sprintf("see: %s --help", c.CommandPath())
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return help
	}
	var names []string
	visit := func(f *pflag.Flag) { names = append(names, f.Name) }
	c.Flags().VisitAll(visit)
	c.InheritedFlags().VisitAll(visit)
	if near := otherwise(unknown.GetSpecifiedName()); near != "" && oneOf(near, names...) {
		return fmt.Sprintf("did you mean --%s? %s", near, help)
	}
	if unknown.GetSpecifiedName() == "X" && c.Name() == "call" {
		return "the method stands first: immersve-doctor call POST PATH"
	}
	if near := nearestFlag(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Sprintf("did you mean --%s? %s", near, help)
	}
	return help
}
