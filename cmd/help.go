package cmd

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

// headings are the headings under which --help lists flags, in order, each flag
// with the name of its value. A flag that isn't here is listed last.
var headings = [...]struct {
	name  string
	flags []string
}{
	{"Input", []string{
		"request FILE", "environment FILE", "at FILE:LINE", "map FIELDS", "kind KIND", "max-bytes N", "all-hosts", "jwks FILE|URL", "merge", "follow", "every TIME", "workers N",
	}},
	{"Choose", []string{
		"entry N", "entry-failed N", "entry-worked N", "status STATUS", "operation NAME", "code CODE", "since TIME", "until TIME", "all",
	}},
	{"Request", []string{
		"data TEXT", `header "NAME: VALUE"`, "account ID", "corrected", "keep-credentials", "client-application ID", "dry-run", "simulate CODE",
	}},
	{"Credentials", []string{"api-key KEY", "api-secret @FILE", "token @FILE", "profile NAME"}},
	{"Where and how", []string{
		"addr ADDRESS", "listen ADDRESS", "listen-anywhere", "env ENV", "scenario NAME", "allow-host HOST", "timeout TIME", "connect-timeout TIME",
		"retry N", "retry-max-delay TIME", "retry-unsafe", "yes", "insecure", "cacert FILE",
	}},
	{"Simulated API", []string{
		"state FILE", "seed TEXT", "token-ttl TIME", "rate-limit N", "rate-limit-prerequisites N",
	}},
	{"Result", []string{
		"probe", "body", "save FILE", "forward URL", "out FILE", "tried WORDS", "without-bodies", "force", "html FILE", "sample N", "fail-over LIMIT",
		"explain-format", "list", "print", "shell SHELL", "quiet",
	}},
	{"Other", []string{"version", "help", "output FORMAT", "color WHEN", "width COLUMNS", "verbose", "show-secrets"}},
}

// valueName returns what help calls a flag's value, or "" if the flag is a switch.
func valueName(name string) string {
	for _, h := range headings {
		for _, f := range h.flags {
			if flag, value, _ := strings.Cut(f, " "); flag == name {
				return value
			}
		}
	}
	return ""
}

// notes on a command that cobra has no field for.
const (
	noteUsage = "usage" // command lines instead of Use, one a line
	noteMore  = "more"  // sections between usage and examples
	noteFlags = "flags" // the only flags that are shown
)

// help writes a command's help: what it does, how it is called, examples, flags
// under their headings.
func (s *shared) help(c *cobra.Command) error {
	bold := color.New(color.Bold)
	if s.coloured() {
		bold.EnableColor()
	} else {
		bold.DisableColor()
	}
	h := &helpText{width: s.helpWidth(), bold: bold}
	if op, _ := namedOperation(c.Flags().Args()); op != nil && c.Name() == "call" {
		if err := s.operationHelp(h, op); err != nil {
			return err
		}
		_, err := io.WriteString(c.OutOrStdout(), h.b.String())
		return err
	}
	about := c.Long
	if about == "" {
		about = c.Short + "."
	}
	for i, paragraph := range strings.Split(about, "\n\n") {
		h.lines(strings.Repeat("\n", min(i, 1)) + strings.Join(report.Wrap(paragraph, h.width), "\n"))
	}
	h.heading("Usage")
	for _, line := range usageLines(c) {
		h.lines("  " + line)
	}
	if c.Example != "" && !c.HasParent() {
		h.heading("Examples")
		h.lines(c.Example)
	}
	if more := c.Annotations[noteMore]; more != "" {
		h.sections(more)
	}
	if !c.HasParent() {
		h.commands(c)
	}
	if c.Example != "" && c.HasParent() {
		h.heading("Examples")
		h.lines(c.Example)
	}
	h.flags(c)
	h.end(c)
	_, err := io.WriteString(c.OutOrStdout(), h.b.String())
	return err
}

// operationHelp writes the help of one operation: its parameters, body, error codes
// and examples.
func (s *shared) operationHelp(h *helpText, op *api.Operation) error {
	sim, err := newSimulator(simulator.Options{Now: s.env.Now, Seed: simulator.DemoSeed}, "")
	if err != nil {
		return err
	}
	lent := &local{demo: sim.DemoKeys()}
	h.lines(op.ID + ": " + pageTitle("operations", op.ID) + "\n" + op.Method + " " + op.Path)
	usage, example := "immersve-doctor call "+op.ID, "immersve-doctor call "+op.ID
	places := placesOf(op)
	column := 0
	for _, p := range places {
		column = min(34, max(column, len(p.name+p.sign())+4))
		if !p.required || p.in == "header" {
			continue
		}
		usage += " " + p.name + p.sign() + "VALUE"
		if lent.value(op, p.name) == "" {
			example += " " + exchange.QuoteLine(p.name+p.sign()+p.sample())
		}
	}
	h.heading("Usage")
	for i, l := range report.Wrap(usage+" [ITEM...]", h.width-6) {
		h.lines("  " + strings.Repeat("    ", min(i, 1)) + l)
	}
	for _, in := range [...]string{"path", "query", "header", "body"} {
		begun := false
		for _, p := range places {
			if p.in != in {
				continue
			}
			if !begun {
				h.heading(strings.ToUpper(in[:1]) + in[1:])
				begun = true
			}
			h.row("  "+p.name+p.sign(), p.typeWords(), column)
		}
	}
	h.errorCodes(op)
	h.heading("Examples")
	h.lines("  " + example + " --env local")
	if codes := simulator.Demands(op); len(codes) > 0 {
		h.lines("  immersve-doctor call " + op.ID + " --env local --simulate " + ownCode(op, codes))
	}
	h.lines("\nSee also: immersve-doctor explain " + op.ID)
	return nil
}

// ownCode returns the first simulated response with an errorCode of the operation,
// or a 403.
func ownCode(op *api.Operation, all []string) string {
	for _, code := range op.ErrorCodes(http.StatusForbidden) {
		if d := "403:" + code; slices.Contains(all, d) {
			return d
		}
	}
	return "403"
}

// errorCodes lists the documented errorCodes by status.
func (h *helpText) errorCodes(op *api.Operation) {
	begun := false
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		codes := op.Responses[status].ErrorCodes
		if len(codes) == 0 {
			continue
		}
		if !begun {
			h.heading("Error codes")
			begun = true
		}
		h.row("  "+status, strings.Join(codes, ", "), 7)
	}
}

// helpWidth is how wide help may be: as wide as the terminal, at most 80 columns.
func (s *shared) helpWidth() int {
	if s.width > 0 {
		return s.width
	}
	if s.env.Width > 0 {
		return min(s.env.Width, 80)
	}
	return 80
}

type helpText struct {
	b     strings.Builder
	width int
	bold  *color.Color
}

func (h *helpText) lines(text string) { h.b.WriteString(strings.TrimRight(text, "\n") + "\n") }

func (h *helpText) heading(name string) { h.b.WriteString("\n" + h.bold.Sprint(name+":") + "\n") }

// sections writes text whose lines that end in a colon, at the left, are headings.
func (h *helpText) sections(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		switch name, isHeading := strings.CutSuffix(line, ":"); {
		case isHeading && !strings.HasPrefix(line, " "):
			h.heading(name)
		case line != "":
			h.lines(line)
		}
	}
}

// row writes a term and its description, which continues below itself.
func (h *helpText) row(term, description string, column int) {
	lines := report.Wrap(description, max(20, h.width-column))
	gap := column - len([]rune(term))
	if gap < 2 {
		h.lines(term)
		term, gap = "", column
	}
	for _, l := range lines {
		h.lines(term + strings.Repeat(" ", gap) + l)
		term, gap = "", column
	}
}

func usageLines(c *cobra.Command) []string {
	if lines := c.Annotations[noteUsage]; lines != "" {
		return strings.Split(lines, "\n")
	}
	return []string{strings.TrimSuffix(c.UseLine(), " [flags]")}
}

// commands lists the commands in their groups.
func (h *helpText) commands(root *cobra.Command) {
	for _, group := range commandGroups {
		h.heading(group)
		for _, c := range commands() {
			if c.group != group {
				continue
			}
			if sub, _, err := root.Find([]string{c.name}); err == nil && sub != root {
				h.row("  "+c.name, sub.Short, 14)
			}
		}
		if group == groupSetup {
			h.row("  completion", "Set up completion with the Tab key in your shell", 14)
		}
	}
}

// flags lists the command's own flags, and of those that all commands have what the
// command names.
func (h *helpText) flags(c *cobra.Command) {
	shown := strings.Fields(c.Annotations[noteFlags])
	flags := map[string]*pflag.Flag{}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		isCommon := c.Root().PersistentFlags().Lookup(f.Name) != nil
		if !f.Hidden && (len(shown) == 0 && !isCommon || slices.Contains(shown, f.Name)) {
			flags[f.Name] = f
		}
	})
	column := 0
	for _, f := range flags {
		column = max(column, len(flagTerm(f))+2)
	}
	column = min(column, 30)
	if len(shown) > 0 {
		h.heading("Flags")
		for _, name := range shown {
			h.row(flagTerm(flags[name]), flagWords(flags[name]), column)
		}
		return
	}
	for _, group := range headings {
		begun := false
		for _, entry := range group.flags {
			name, _, _ := strings.Cut(entry, " ")
			f := flags[name]
			if f == nil {
				continue
			}
			if !begun {
				h.heading(group.name)
				begun = true
			}
			h.row(flagTerm(f), flagWords(f), column)
		}
	}
}

// flagTerm writes a flag with its short form and the name of its value.
func flagTerm(f *pflag.Flag) string {
	term := "      --" + f.Name
	if f.Shorthand != "" {
		term = "  -" + f.Shorthand + ", --" + f.Name
	}
	return strings.TrimRight(term+" "+valueName(f.Name), " ")
}

// flagWords is a flag's description with its default.
func flagWords(f *pflag.Flag) string {
	usage := f.Usage
	if f.Name == "help" {
		usage = "Show this help"
	}
	if oneOf(f.DefValue, "", "0", "[]", "false") || strings.Contains(usage, "(default") {
		return usage
	}
	return fmt.Sprintf("%s (default %s)", usage, shortDuration(f.DefValue))
}

// shortDuration writes 20m0s as 20m; what isn't such a duration is left unchanged.
func shortDuration(s string) string {
	if head, ok := strings.CutSuffix(s, "m0s"); ok {
		return head + "m"
	}
	return s
}

func (h *helpText) end(c *cobra.Command) {
	if c.HasParent() {
		h.lines("\nFor --output, --verbose, --color and others, see: immersve-doctor help output")
		return
	}
	h.heading("Exit status")
	h.lines("  0 success   1 a request failed   2 wrong usage    3 no request found\n" +
		"  4 no response received           5 refused for safety; the message says why")
	h.b.WriteString("\n")
	for _, l := range report.Wrap(`Run "immersve-doctor COMMAND --help" for details, or "immersve-doctor help TOPIC" for `+listed(troubleshoot.List("help"), "or")+
		". The API's documentation: https://docs.immersve.com", h.width) {
		h.lines(l)
	}
}

// listed writes "a, b or c".
func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// newHelp replaces cobra's help command, which answers an unknown name with exit
// status 0, and has no topics.
func newHelp(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Show help for a command or a topic",
		ValidArgsFunction: func(c *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var words []cobra.Completion
			for _, sub := range c.Root().Commands() {
				if !sub.Hidden {
					words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			for _, topic := range troubleshoot.List("help") {
				if p, err := troubleshoot.Help(topic); err == nil {
					words = append(words, cobra.CompletionWithDesc(topic, p.Title))
				}
			}
			return startingWith(words, start), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if p, err := troubleshoot.Help(strings.ToLower(args[0])); err == nil {
					return report.Help(s.env.Out, p, s.style(), s.output)
				}
			}
			about, rest, err := c.Root().Find(args)
			if err != nil || about == c.Root() && len(rest) > 0 {
				return noHelp(c.Root(), args[0])
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// noHelp names the command or topic that a misspelt name most likely means.
func noHelp(root *cobra.Command, name string) error {
	topics := troubleshoot.List("help")
	hint := "topics: " + strings.Join(topics, ", ")
	if near := nearest(name, append(commandNames(root), topics...)); near != "" {
		hint = "did you mean: immersve-doctor help " + near
	}
	return usage(hint, "unknown command or help topic %q", name)
}
