package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
)

// setting is a setting of a profile.
type setting struct {
	name   string // on the command line: "api-secret"
	key    string // in the file: "api_secret"
	secret bool
	of     func(*profile) *string
}

// settings are those that a profile can have.
func settings() []setting {
	return []setting{
		{"env", "env", false, func(p *profile) *string { return &p.Env }},
		{"api-key", "api_key", false, func(p *profile) *string { return &p.APIKey }},
		{"api-secret", "api_secret", true, func(p *profile) *string { return &p.APISecret }},
		{"access-token", "access_token", true, func(p *profile) *string { return &p.AccessToken }},
		{"account-id", "account_id", false, func(p *profile) *string { return &p.AccountID }},
	}
}

// settingNames are the names on the command line.
func settingNames() []string {
	var names []string
	for _, s := range settings() {
		names = append(names, s.name)
	}
	return names
}

func findSetting(name string) (setting, error) {
	for _, s := range settings() {
		if s.name == name || s.key == name {
			return s, nil
		}
	}
	return setting{}, usage("use "+listed(settingNames(), "or"), "unknown setting %q", name)
}

type configOptions struct {
	*shared
	profile string
}

func newConfig(s *shared) *cobra.Command {
	o := &configOptions{shared: s}
	c := &cobra.Command{
		Use:   "config",
		Short: "Show and change profiles with credentials",
		Long: `Show and change the profiles of the config file. Secrets go to the operating
system's keyring if there is one, otherwise to the file, which only you can read.`,
		Example: `  immersve-doctor config path
  immersve-doctor config list`,
		Annotations: map[string]string{noteUsage: `immersve-doctor config path
immersve-doctor config list
immersve-doctor config use PROFILE
immersve-doctor config set [--profile PROFILE] KEY [VALUE]
immersve-doctor config unset [--profile PROFILE] KEY`},
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	profileFlag := func(c *cobra.Command) *cobra.Command {
		c.Flags().StringVar(&o.profile, "profile", "", "Profile to change (default the one in use)")
		return c
	}
	c.AddCommand(
		&cobra.Command{Use: "path", Short: "Print the path of the config file", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return o.path() }},
		&cobra.Command{Use: "list", Short: "List the profiles, with secrets masked", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return o.list() }},
		&cobra.Command{Use: "use PROFILE", Short: "Choose the profile to use", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error { return o.use(c.Context(), args[0]) }},
		profileFlag(&cobra.Command{
			Use: "set KEY [VALUE]", Short: "Store a setting; secrets are read from stdin", Args: cobra.RangeArgs(1, 2), ValidArgs: settingNames(),
			RunE: func(c *cobra.Command, args []string) error { return o.set(c.Context(), args) },
		}),
		profileFlag(&cobra.Command{
			Use: "unset KEY", Short: "Remove a setting", Args: cobra.ExactArgs(1), ValidArgs: settingNames(),
			RunE: func(c *cobra.Command, args []string) error { return o.unset(c.Context(), args[0]) },
		}),
	)
	return c
}

// file returns the path of the config file.
func (o *configOptions) file() (string, error) {
	if path := configPath(o.env); path != "" {
		return path, nil
	}
	return "", usage("set IMMERSVE_DOCTOR_CONFIG to a file name", "this system has no configuration folder")
}

func (o *configOptions) path() error {
	path, err := o.file()
	if err == nil {
		_, err = fmt.Fprintln(o.env.Out, path)
	}
	return err
}

// read returns the config file's content, "" if there is no file, and what it says.
func (o *configOptions) read() (path, text string, c config, err error) {
	if path, err = o.file(); err != nil {
		return path, "", c, err
	}
	content, err := readFile(path, maxConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return path, "", c, nil
	}
	if err != nil {
		return path, "", c, usage("", "read %s: %w", path, err)
	}
	c, err = readConfig(path)
	return path, string(content), c, err
}

// shownSetting is a setting as list shows it.
type shownSetting struct {
	Value string `json:"value"`
	In    string `json:"in"` // file or keyring
}

func (o *configOptions) list() error {
	path, _, c, err := o.read()
	if err != nil {
		return err
	}
	shown := map[string]map[string]shownSetting{}
	for name, p := range c.Profiles {
		shown[name] = map[string]shownSetting{}
		for _, s := range settings() {
			switch value := *s.of(&p); {
			case value == "":
			case value == inKeyring:
				shown[name][s.key] = shownSetting{"…", "keyring"}
			case s.secret:
				shown[name][s.key] = shownSetting{exchange.NewValue("x-api-secret", value).String(), "file"}
			default:
				shown[name][s.key] = shownSetting{exchange.MaskText(value), "file"}
			}
		}
	}
	if o.output == "json" {
		return report.WriteJSON(o.env.Out, map[string]any{"path": path, "profile": c.Profile, "profiles": shown})
	}
	var b bytes.Buffer
	if len(shown) == 0 {
		fmt.Fprintf(&b, "No profiles in %s.\nTo add one: immersve-doctor config set api-key\n", report.Plain(path))
	}
	for _, name := range profileNames(c) {
		fmt.Fprint(&b, report.Plain(name))
		if name == c.Profile {
			b.WriteString(" (in use)")
		}
		b.WriteByte('\n')
		for _, s := range settings() {
			if v, ok := shown[name][s.key]; ok {
				where := ""
				if v.In == "keyring" {
					where = " (in the keyring)"
				}
				fmt.Fprintf(&b, "  %-13s %s%s\n", s.name, report.Plain(v.Value), where)
			}
		}
	}
	_, err = o.env.Out.Write(b.Bytes())
	return err
}

func (o *configOptions) use(ctx context.Context, name string) error {
	path, text, c, err := o.read()
	if err != nil {
		return err
	}
	if _, ok := c.Profiles[name]; !ok {
		return usage("profiles: "+cmpEmpty(strings.Join(profileNames(c), ", "), "none yet"), "unknown profile %q in %s", name, path)
	}
	if err := saveConfig(ctx, path, editTOML(text, "", "profile", name)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.env.Out, "Using the profile %s.\n", report.Plain(name))
	return err
}

func cmpEmpty(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// profileName is what a profile's name looks like: what TOML takes without quotes.
var profileName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// target returns the profile to change.
func (o *configOptions) target(c config) (string, error) {
	name := o.profile
	if name == "" {
		name = cmpEmpty(c.Profile, "default")
	}
	if !profileName.MatchString(name) {
		return "", usage("use letters, digits, - and _", "invalid profile name %q", name)
	}
	return name, nil
}

func (o *configOptions) set(ctx context.Context, args []string) error {
	s, err := findSetting(args[0])
	if err != nil {
		return err
	}
	path, text, c, err := o.read()
	if err != nil {
		return err
	}
	name, err := o.target(c)
	if err != nil {
		return err
	}
	value, err := o.value(s, args)
	if err != nil {
		return err
	}
	where := path
	stored := value
	if s.secret {
		if failed := o.keyring().Set(keyringService, name+"/"+s.key, value); failed == nil {
			stored, where = inKeyring, "the system's keyring"
		} else if !errors.Is(failed, errNoKeyring) {
			fmt.Fprintf(o.env.Err, "immersve-doctor: warning: the keyring rejects the secret (%s), so it goes to the file\n", report.Plain(failed.Error()))
		}
	}
	text = editTOML(text, name, s.key, stored)
	if c.Profile == "" {
		text = editTOML(text, "", "profile", name)
	}
	if err := saveConfig(ctx, path, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.env.Out, "Stored %s of the profile %s in %s.\n", s.name, name, report.Plain(where))
	return err
}

// value returns the value to store: the argument, or what is typed or piped in. A secret
// isn't taken as an argument, because the shell keeps it in its history.
func (o *configOptions) value(s setting, args []string) (string, error) {
	if len(args) == 2 {
		if s.secret {
			return "", usage(fmt.Sprintf("leave the value out to type it, or pipe it in: immersve-doctor config set %s < FILE", s.name), "a value of %s on the command line ends up in your shell's history", s.name)
		}
		return checkValue(s, args[1])
	}
	if o.env.InTTY {
		fmt.Fprintf(o.env.Err, "%s: ", s.name)
	}
	text, err := o.typed(s.secret)
	if err != nil {
		return "", usage("", "read %s: %w", s.name, err)
	}
	return checkValue(s, strings.TrimSpace(text))
}

func checkValue(s setting, value string) (string, error) {
	switch {
	case value == "":
		return "", usage("immersve-doctor config unset "+s.name+" removes it", "no value for %s", s.name)
	case strings.ContainsAny(value, "\r\n"):
		return "", usage("", "the value of %s has more than one line", s.name)
	case s.name == "env" && !oneOf(value, "test", "live", "local") && !strings.Contains(value, "://"):
		return "", usage("use test, live, local, or a URL such as http://127.0.0.1:4010", "unknown environment %q", value)
	case s.name == "api-key" && strings.HasPrefix(value, "imm-secret-"):
		return "", usage("use api-secret for it", "this is an API secret, not an API key")
	case s.name == "api-secret" && strings.HasPrefix(value, "imm-key-"):
		return "", usage("use api-key for it", "this is an API key, not an API secret")
	}
	return value, nil
}

// typed reads a line, from a terminal without showing it if it's secret.
func (o *configOptions) typed(secret bool) (string, error) {
	if o.env.InTTY && secret && o.env.ReadSecret != nil {
		text, err := o.env.ReadSecret()
		fmt.Fprintln(o.env.Err)
		return text, err
	}
	if o.env.InTTY {
		return readTypedLine(o.env.In)
	}
	content, err := readLimited(o.env.In, maxSecret)
	return string(content), err
}

// readTypedLine reads up to the end of a line.
func readTypedLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < maxSecret {
		n, err := r.Read(one)
		if n > 0 && one[0] == '\n' || errors.Is(err, io.EOF) && len(line) > 0 {
			return string(line), nil
		}
		if err != nil {
			return "", err
		}
		line = append(line, one[:n]...)
	}
	return string(line), nil
}

func (o *configOptions) unset(ctx context.Context, key string) error {
	s, err := findSetting(key)
	if err != nil {
		return err
	}
	path, text, c, err := o.read()
	if err != nil {
		return err
	}
	name, err := o.target(c)
	if err != nil {
		return err
	}
	p := c.Profiles[name]
	if *s.of(&p) == "" {
		return usage("", "the profile %q has no %s", name, s.name)
	}
	if *s.of(&p) == inKeyring {
		if err := o.keyring().Delete(keyringService, name+"/"+s.key); err != nil {
			return usage("", "remove %s from the keyring: %w", s.name, err)
		}
	}
	if err := saveConfig(ctx, path, editTOML(text, name, s.key, "")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.env.Out, "Removed %s from the profile %s.\n", s.name, name)
	return err
}

// editTOML returns a config file with a setting changed, added, or removed if the value
// is "". Everything else stays, comments included. table is a profile's name, or "" for
// the top.
func editTOML(text, table, key, value string) string {
	quoted, _ := json.Marshal(value) // a JSON string is a basic string of TOML
	assignment := key + " = " + string(quoted)
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	header := "[profiles." + table + "]"
	from, to := 0, len(lines)
	isHeader := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "[") }
	if table != "" {
		from = 1 + slices.IndexFunc(lines, func(line string) bool {
			name, _, _ := strings.Cut(line, "#")
			name = strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "").Replace(name)
			return name == header
		})
		if from == 0 {
			if value == "" {
				return text
			}
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			return strings.Join(append(lines, header, assignment), "\n") + "\n"
		}
	}
	if next := slices.IndexFunc(lines[from:], isHeader); next >= 0 {
		to = from + next
	}
	own := regexp.MustCompile(`^\s*["']?` + regexp.QuoteMeta(key) + `["']?\s*=`)
	at := slices.IndexFunc(lines[from:to], own.MatchString)
	switch {
	case at >= 0 && value == "":
		lines = slices.Delete(lines, from+at, from+at+1)
	case at >= 0:
		lines[from+at] = assignment
	case value != "":
		for to > from && strings.TrimSpace(lines[to-1]) == "" {
			to--
		}
		lines = slices.Insert(lines, to, assignment)
		if table == "" && to+1 < len(lines) && isHeader(lines[to+1]) {
			lines = slices.Insert(lines, to+1, "")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// saveConfig writes the config file so that only its owner can read it.
func saveConfig(ctx context.Context, path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return usage("", "make the folder of %s: %w", path, plainCause(err))
	}
	return writeWhole(ctx, path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
