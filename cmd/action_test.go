package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The scripts of the GitHub Action run as a runner would run them, with its inputs as
// variables.
func TestAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	text, err := os.ReadFile("../.github/actions/diagnose/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	const failed, passed = "HTTP/1.1 403 Forbidden\n\n{\"statusCode\":403,\"errorCode\":\"KYC_REQUIRED\"}\n", "HTTP/1.1 200 OK\n\n[]\n"
	dir := t.TempDir()
	for name, content := range map[string]string{"failed one.txt": failed, "passed.txt": passed, "prose.txt": "nothing\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	built := false
	run := func(inputs map[string]string) (int, string) {
		output := filepath.Join(dir, "output")
		env := append(os.Environ(), "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"), "GITHUB_ACTION_PATH="+abs(t, "../.github/actions/diagnose"))
		_ = os.Remove(output) // of the run before
		for _, step := range action.Runs.Steps {
			if step.Run == "" || step.Env == nil && built {
				continue
			}
			built = true
			c := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
			c.Dir = dir
			for name, expression := range step.Env {
				input := strings.TrimSuffix(strings.TrimPrefix(expression, "${{ inputs."), " }}")
				value, given := inputs[input]
				if !given {
					value = action.Inputs[input].Default
				}
				env = append(env, name+"="+value)
			}
			c.Env = env
			if out, err := c.CombinedOutput(); err != nil {
				if _, exited := err.(*exec.ExitError); !exited {
					t.Fatal(err)
				}
				return c.ProcessState.ExitCode(), string(out)
			}
		}
		status, _ := os.ReadFile(output)
		return 0, string(status)
	}
	for _, c := range []struct {
		name   string
		inputs map[string]string
		status int
		says   string
	}{
		{"a failure fails the step", map[string]string{"files": "failed one.txt\npassed.txt\n"}, 1, "::error file=failed one.txt,line=1,title=403 KYC_REQUIRED"},
		{"unless it shouldn't", map[string]string{"files": "failed one.txt", "fail": "false", "junit": "out.xml", "sarif": "out.sarif"}, 0, "status=1\n"},
		{"no call failed", map[string]string{"files": "passed.txt"}, 0, "status=0\n"},
		{"no call at all", map[string]string{"files": "prose.txt"}, 0, "status=3\n"},
		{"totals", map[string]string{"files": "failed one.txt", "command": "scan"}, 1, "::error file=failed one.txt"},
		{"an unknown command", map[string]string{"files": "passed.txt", "command": "dignose"}, 2, "dignose"},
	} {
		status, says := run(c.inputs)
		if status != c.status || !strings.Contains(says, c.says) {
			t.Errorf("%s: exit status %d, %s", c.name, status, says)
		}
	}
	for _, name := range []string{"out.xml", "out.sarif", "summary"} {
		if content, _ := os.ReadFile(filepath.Join(dir, name)); !strings.Contains(string(content), "KYC") {
			t.Errorf("%s is %q", name, content)
		}
	}
}

func abs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
