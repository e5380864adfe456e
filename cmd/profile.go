package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// profile is one set of settings of the config file.
type profile struct {
	Env         string `toml:"env"`
	APIKey      string `toml:"api_key"`
	APISecret   string `toml:"api_secret"`
	AccessToken string `toml:"access_token"`
	AccountID   string `toml:"account_id"`

	name string // or ""
}

// config is the config file: a default profile's name, and the profiles.
type config struct {
	Profile  string             `toml:"profile"`
	Profiles map[string]profile `toml:"profiles"`
}

// configPath returns the config file's path: IMMERSVE_DOCTOR_CONFIG, otherwise a file in
// the user's configuration folder.
func configPath(env Environment) string {
	if path := env.Getenv("IMMERSVE_DOCTOR_CONFIG"); path != "" {
		return path
	}
	if env.ConfigDir == "" {
		return ""
	}
	return filepath.Join(env.ConfigDir, "immersve-doctor", "config.toml")
}

// readProfile returns the named profile, or the default one. A missing file is an error
// only if a profile was named.
func readProfile(env Environment, name string) (profile, error) {
	path := configPath(env)
	c, err := readConfig(path)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		if name != "" {
			return profile{}, usage("see: immersve-doctor help config", "unknown profile %q: there's no config file %s", name, path)
		}
		return profile{}, nil
	}
	if err != nil {
		return profile{}, err
	}
	if name == "" {
		name = c.Profile
	}
	if name == "" {
		return profile{}, nil
	}
	p, ok := c.Profiles[name]
	if !ok {
		return profile{}, usage("profiles: "+strings.Join(profileNames(c), ", "), "unknown profile %q in %s", name, path)
	}
	p.name = name
	return p, nil
}

// readConfig parses a config file. An unknown setting is an error, because it's probably
// a typo.
func readConfig(path string) (config, error) {
	var c config
	content, err := readFile(path, maxConfig)
	if err != nil {
		return c, usage("", "read %s: %w", path, err)
	}
	err = toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields().Decode(&c)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		return c, usage("settings: profile, and in [profiles.NAME] env, api_key, api_secret, access_token, account_id", "%s: unknown setting %q", path, strings.Join(unknown.Errors[0].Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return c, usage("", "read %s: line %d column %d: %w", path, line, column, err)
	}
	if err != nil {
		return c, usage("", "read %s: %w", path, err)
	}
	return c, nil
}

func profileNames(c config) []string {
	names := make([]string, 0, len(c.Profiles))
	for n := range c.Profiles {
		names = append(names, n)
	}
	sort.Strings(names)
	return slices.Compact(names)
}

// secretFlag reads the flag of a secret. "@file" and "-" (stdin) keep it out of the
// shell's history. A plain value works, with a warning.
func secretFlag(env Environment, flag, value string) (string, error) {
	switch {
	case value == "":
		return "", nil
	case value == "-":
		content, err := readLimited(env.In, 64<<10)
		return strings.TrimSpace(string(content)), err
	case strings.HasPrefix(value, "@"):
		content, err := readFile(value[1:], maxSecret)
		if err != nil {
			return "", usage("", "read --%s from %s: %w", flag, value[1:], err)
		}
		return strings.TrimSpace(string(content)), nil
	}
	fmt.Fprintf(env.Err, "immersve-doctor: warning: the value of --%s is now in your shell's history (use --%s @FILE, --%s - or a variable)\n", flag, flag, flag)
	return value, nil
}

// exposed reports whether other users can read a secret of the profile in the file.
func (p *profile) exposed(env Environment, path string) bool {
	info, err := os.Stat(path)
	if err != nil || env.Windows || info.Mode().Perm()&0o044 == 0 {
		return false
	}
	for _, s := range settings() {
		if value := *s.of(p); s.secret && value != "" && value != inKeyring {
			return true
		}
	}
	return false
}
