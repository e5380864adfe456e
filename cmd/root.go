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

const rootLong = "Find out why a request to the Immersve API failed, and how to fix it."

const rootExample = `  curl -v ... 2>&1 | immersve-doctor     Diagnose a curl command's output
  immersve-doctor failed.har             Diagnose a file
  immersve-doctor call list-currencies   Send a request and diagnose it
  immersve-doctor explain KYC_REQUIRED   Look up an error code`

// The groups in which help lists the commands.
const (
	groupDiagnose = "Diagnose"
	groupSend     = "Send"
	groupLookUp   = "Look up and test"
	groupSetup    = "Set up"
)

var commandGroups = [...]string{groupDiagnose, groupSend, groupLookUp, groupSetup}

// commands are all commands but help and completion, in the order in which help
// lists them.
func commands() []commandEntry {
	return []commandEntry{
		{"diagnose", groupDiagnose, newDiagnose},
		{"compare", groupDiagnose, newCompare},
		{"scan", groupDiagnose, newScan},
		{"support", groupDiagnose, newSupport},
		{"call", groupSend, newCall},
		{"curl", groupSend, newCurl},
		{"replay", groupSend, newReplay},
		{"check", groupSend, newCheck},
		{"proxy", groupSend, newProxy},
		{"listen", groupSend, newListen},
		{"explain", groupLookUp, newExplain},
		{"simulate", groupLookUp, newSimulate},
		{"mcp", groupLookUp, newMCP},
		{"config", groupSetup, newConfig},
		{"man", groupSetup, newMan},
		{"version", groupSetup, newVersion},
	}
}

// commandEntry is a command with the group of help that lists it.
type commandEntry struct {
	name  string
	group string
	make  func(*shared) *cobra.Command
}

// newRoot makes the command line with all its commands.
func newRoot(env Environment) *cobra.Command {
	s := &shared{env: env}
	root := newBareRoot(s)
	newRootDiagnosis(s, root)
	root.SetHelpCommand(newHelp(s))
	root.CompletionOptions.HiddenDefaultCmd = false
	for _, c := range commands() {
		root.AddCommand(c.make(s))
	}
	for _, c := range append(root.Commands(), root) {
		s.completeFlags(c)
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
	case i >= 0 && commands()[i].name != "man":
		root := newBareRoot(s)
		root.CompletionOptions.DisableDefaultCmd = true
		root.AddCommand(commands()[i].make(s))
		return root
	}
	return newRoot(env)
}

// commandAt returns which command the first argument names, -1 for none.
func commandAt(args []string) int {
	if len(args) == 0 {
		return -1
	}
	for i, c := range commands() {
		if c.name == args[0] {
			return i
		}
	}
	return -1
}

func newBareRoot(s *shared) *cobra.Command {
	root := &cobra.Command{
		Use:     "immersve-doctor [FILE...]",
		Short:   "Find out why a request to the Immersve API failed",
		Long:    rootLong,
		Example: rootExample,
		Annotations: map[string]string{
			noteUsage: "immersve-doctor [FILE...]\nimmersve-doctor COMMAND [flags]",
			noteFlags: "output env probe request save verbose help",
		},
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, args []string) error {
			if err := refuseOverwriting(s.env, c, args); err != nil {
				return err
			}
			s.env.hidden.reveal(s.showSecrets)
			return s.check(c.Name())
		},
	}
	s.flags(root.PersistentFlags())
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		if err := s.help(c); err != nil {
			return // outWriter remembers it, and Run reports it
		}
	})
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
		if len(args) > 0 && !exists(args[0]) {
			if explained, err := s.explainNames(args); explained {
				return err
			}
		}
		if err := mistyped(c, args); err != nil {
			return err
		}
		return runDiagnose(c.Context(), d, args)
	}
	d.flags(root.Flags())
	root.Flags().BoolVar(&version, "version", false, "Show the version")
}

func (s *shared) flags(f *pflag.FlagSet) {
	f.StringVarP(&s.output, "output", "o", "text", "text, json, markdown, har, junit, sarif or github")
	f.StringVar(&s.colour, "color", "auto", "auto, always or never")
	f.IntVar(&s.width, "width", 0, "Width of text output (default terminal, or 80)")
	f.BoolVar(&s.verbose, "verbose", false, "Show every reason, header and link")
	f.BoolVar(&s.showSecrets, "show-secrets", false, "Don't mask secrets in HAR and fixed requests")
}

// check judges the values of the shared options.
func (s *shared) check(command string) error {
	if err := checkFormat(s.output, command); err != nil {
		return err
	}
	if !oneOf(s.colour, "auto", "always", "never") {
		return usage("use auto, always or never", "unknown color mode %q", s.colour)
	}
	if s.width < 0 {
		return usage("use a number of columns, or 0 for the terminal's width", "--width: invalid number %d", s.width)
	}
	return nil
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
	return usage("use "+listed(shells[:], "or"), "unknown shell %q", args[1])
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
			"no such file or command: %q", args[0])
	}
	hint := `run "immersve-doctor --help" for the commands`
	if command := lookUp(args); command != "" {
		hint = "to look it up: " + command + "\n" + hint
	}
	return usage(hint, "no such file or command: %q", args[0])
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
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(n)); d < bestDistance {
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

// otherwise returns the flag that has the given name in other tools, or "".
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
	name := unknown.GetSpecifiedName()
	if oneOf(name, formatNames(c.Name())...) {
		return "use -o " + name
	}
	switch name {
	case "format", "output-format", "out-format":
		return "use -o " + listed(formatNames(c.Name()), "or")
	case "X", "request-method", "method":
		if c.Name() == "call" {
			return "the method comes first: immersve-doctor call POST /api/cards"
		}
	}
	if near := otherwise(unknown.GetSpecifiedName()); near != "" && oneOf(near, names...) {
		return fmt.Sprintf("did you mean --%s? %s", near, help)
	}
	if near := nearestFlag(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Sprintf("did you mean --%s? %s", near, help)
	}
	return help
}
