package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that a flag names is read up to a bound: a device or a film given by
// mistake does not fill the memory.
func TestFilesOfFlagsAreBounded(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long")
	if err := os.WriteFile(long, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		size int64
		args []string
		want string
	}{
		{64<<10 + 1, []string{"call", "list-currencies", "--env", "local", "--token", "@" + long}, "larger than 64.0 KiB"},
		{8<<20 + 1, []string{"call", "list-currencies", "--env", "local", "--cacert", long}, "larger than 8.0 MiB"},
		{64<<20 + 1, []string{"call", "create-card", "--env", "local", "--dry-run", "-d", "@" + long}, "larger than 64.0 MiB"},
		{64<<20 + 1, []string{"call", "create-card", "--env", "local", "--dry-run", "x=@" + long}, "larger than 64.0 MiB"},
		{8<<20 + 1, []string{"diagnose", "--environment", long}, "larger than 8.0 MiB"},
	} {
		if err := os.Truncate(long, c.size); err != nil { // a file with a hole takes no room
			t.Fatal(err)
		}
		if shown := invoke(dir, "", c.args...); !strings.Contains(shown, c.want) {
			t.Errorf("%q: %q is not said: %s", c.args, c.want, shown)
		}
	}
}
