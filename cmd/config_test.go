package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"immersve-doctor/cmd"
)

// memory is a keyring in memory. If broken is set, it takes nothing.
type memory struct {
	secrets map[string]string
	broken  bool
}

func (m *memory) Set(service, user, secret string) error {
	if m.broken {
		return errors.New("locked")
	}
	m.secrets[service+" "+user] = secret
	return nil
}

func (m *memory) Get(service, user string) (string, error) {
	secret, ok := m.secrets[service+" "+user]
	if !ok {
		return "", errors.New("not found")
	}
	return secret, nil
}

func (m *memory) Delete(service, user string) error {
	delete(m.secrets, service+" "+user)
	return nil
}

// configured runs command lines with one configuration folder and keyring.
type configured struct {
	dir     string
	keyring cmd.Keyring
}

func (c *configured) run(stdin string, args ...string) (status int, out, complaints string) {
	var o, e bytes.Buffer
	status = cmd.Run(context.Background(), args, cmd.Environment{
		In: strings.NewReader(stdin), Out: &o, Err: &e, Now: time.Now, Getenv: func(string) string { return "" }, ConfigDir: c.dir, Keyring: c.keyring,
		Interrupts: func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithCancel(ctx) },
	})
	return status, o.String(), e.String()
}

const anyAPISecret = "imm-secret-test-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestConfig(t *testing.T) {
	for _, keyring := range []cmd.Keyring{nil, &memory{secrets: map[string]string{}}, &memory{broken: true}} {
		c := &configured{t.TempDir(), keyring}
		path := filepath.Join(c.dir, "immersve-doctor", "config.toml")
		if _, out, _ := c.run("", "config", "path"); out != path+"\n" {
			t.Errorf("the path is %q", out)
		}
		for _, step := range []struct {
			stdin  string
			args   string
			status int
			says   string
		}{
			{"", "list", 0, "No profiles"},
			{"", "set env test", 0, "Stored env of the profile default"},
			{anyAPISecret + "\n", "set api-secret", 0, "Stored api-secret of the profile default in "},
			{"imm-key-test-1\n", "set api_key", 0, "Stored api-key"},
			{"", "set --profile prod env live", 0, "of the profile prod"},
			{"", "use prod", 0, "Using the profile prod."},
			{"", "list", 0, "prod (in use)"},
			{"", "list -o json", 0, `"profile":"prod"`},
			{"", "use nowhere", 2, "profiles: default, prod"},
			{"", "set env production", 2, "test, live, local"},
			{"", "set api-secret " + anyAPISecret, 2, "shell's history"},
			{"", "set api-secret", 2, "no value"},
			{anyAPISecret, "set api-key", 2, "this is an API secret"},
			{"", "set colour red", 2, `unknown setting "colour"`},
			{"", "set --profile a.b env test", 2, "invalid profile name"},
			{"", "unset account-id", 2, "has no account-id"},
			{"", "use default", 0, "default"},
		} {
			status, out, complaints := c.run(step.stdin, append([]string{"config"}, strings.Fields(step.args)...)...)
			if status != step.status || !strings.Contains(out+complaints, step.says) {
				t.Errorf("%T: config %s: exit status %d, %s%s", keyring, step.args, status, out, complaints)
			}
			if strings.Contains(out+complaints, anyAPISecret) {
				t.Errorf("config %s shows the secret", step.args)
			}
		}
		// What is stored is used.
		status, out, complaints := c.run("", "call", "list-currencies", "--dry-run", "--verbose")
		if status != 0 || !strings.Contains(out, "x-api-secret: imm-secret-test-…cdef") || !strings.Contains(out, "x-api-key: imm-key-test-1") {
			t.Errorf("%T: the dry run: exit status %d\n%s%s", keyring, status, out, complaints)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := keyring.(*memory)
		if inFile, kept := strings.Contains(string(text), anyAPISecret), m != nil && !m.broken; inFile == kept {
			t.Errorf("%T: the file is\n%s", keyring, text)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("the mode is %v, %v", info.Mode(), err)
		}
		if status, _, complaints := c.run("", "config", "unset", "api-secret"); status != 0 || m != nil && len(m.secrets) != 0 {
			t.Errorf("%T: unset: %d %s", keyring, status, complaints)
		}
		if _, out, _ := c.run("", "config", "list"); strings.Contains(out, "api-secret") {
			t.Errorf("after unset:\n%s", out)
		}
	}
}

// A secret that is gone from the keyring is an error that says how to store it again.
func TestConfigWithoutItsKeyring(t *testing.T) {
	c := &configured{t.TempDir(), &memory{secrets: map[string]string{}}}
	c.run("imm-key-test-1", "config", "set", "api-key")
	c.run(anyAPISecret, "config", "set", "api-secret")
	c.keyring = nil
	if status, _, complaints := c.run("", "call", "list-currencies", "--dry-run"); status != 2 || !strings.Contains(complaints, "immersve-doctor config set --profile default") {
		t.Errorf("exit status %d: %s", status, complaints)
	}
	if status, _, complaints := c.run("", "call", "list-currencies", "--env", "local"); status != 0 {
		t.Errorf("--env local needs no keyring, exit status %d: %s", status, complaints)
	}
}

func TestEditTOML(t *testing.T) {
	for _, c := range []struct{ name, text, table, key, value, want string }{
		{"an empty file", "", "", "profile", "a", "profile = \"a\"\n"},
		{"a new profile", "profile = \"a\"\n", "b", "env", "test", "profile = \"a\"\n\n[profiles.b]\nenv = \"test\"\n"},
		{"a new key", "[profiles.a]\nenv = \"test\"\n\n[profiles.b]\n", "a", "api_key", "k", "[profiles.a]\nenv = \"test\"\napi_key = \"k\"\n\n[profiles.b]\n"},
		{"another value", "# mine\n[profiles.a]\nenv = \"test\" # was live\n# end\n", "a", "env", "live", "# mine\n[profiles.a]\nenv = \"live\"\n# end\n"},
		{"a removed key", "[profiles.a]\nenv = \"test\"\napi_key = \"k\"\n", "a", "env", "", "[profiles.a]\napi_key = \"k\"\n"},
		{"a quoted name", "[profiles.\"a\"]\nenv = \"test\"\n", "a", "env", "live", "[profiles.\"a\"]\nenv = \"live\"\n"},
		{"a top setting before tables", "[profiles.a]\nenv = \"test\"\n", "", "profile", "a", "profile = \"a\"\n\n[profiles.a]\nenv = \"test\"\n"},
		{"quotes in a value", "", "", "profile", "a\"b\\", "profile = \"a\\\"b\\\\\"\n"},
		{"what isn't there", "[profiles.a]\n", "b", "env", "", "[profiles.a]\n"},
	} {
		if got := cmd.EditTOML(c.text, c.table, c.key, c.value); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
}
