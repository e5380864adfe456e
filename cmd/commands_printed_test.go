package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Commands that are proposed hold the words of the command line as a shell takes
// them, whatever files are called.
func TestProposedCommandsAreQuoted(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	content := strings.Repeat("$ curl -i https://test.immersve.com/api/currencies\nHTTP/1.1 500 Internal Server Error\ncontent-length: 0\n\n", 60)
	for _, name := range []string{"-$(touch x).log", "b c.log"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := invoke(dir, "", "--", "-$(touch x).log", "b c.log")
	if want := "immersve-doctor scan './-$(touch x).log' 'b c.log'\n"; !strings.Contains(shown, want) {
		t.Errorf("the proposal to scan is not %q: …%s", want, shown[max(0, len(shown)-200):])
	}
	for name, content := range map[string]string{"scan": "HTTP/1.1 500 Internal Server Error\n\n", "worked": "HTTP/1.1 200 OK\n\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown = invoke(dir, "", "compare", "scan", "worked")
	if want := "immersve-doctor ./scan\n"; !strings.Contains(shown, want) {
		t.Errorf("the proposal to look at a file called scan is not %q: %s", want, shown)
	}
	shown = invoke(dir, "", "repaly", "$(touch x) .har")
	if want := "immersve-doctor replay '$(touch x) .har'"; !strings.Contains(shown, want) {
		t.Errorf("the proposal to replay is not %q: %s", want, shown)
	}
}
