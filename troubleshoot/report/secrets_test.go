package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// planted finds the secrets of a capture by forms of its own, not by those of
// the masking: what follows a secret's name or prefix, cut so that the edges
// that masks keep are left out.
func planted(text string) []string {
	var secrets []string
	for _, form := range []string{
		`imm-secret-[a-zA-Z-]*-?([0-9a-f]{24,})`,
		`(?i)bearer\s+["']?([A-Za-z0-9._~+/=-]{24,})`,
		`"(?:refreshToken|accessToken|token)"\s*:\s*"([^"$<{]{24,})"`,
		`(?i)(?:set-)?cookie:\s*[^=\s]+=([^;\s]{12,})`,
		`(?:"pan"\s*:\s*")(\d{16})`,
		`tokenId=([A-Za-z0-9-]{20,})`,
	} {
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(text, -1) {
			if s := m[1]; len(s) >= 12 {
				secrets = append(secrets, s[4:len(s)-4])
			}
		}
	}
	return secrets
}

// No secret of any capture of testdata is in any output.
func TestNoSecretLeaves(t *testing.T) {
	var files []string
	for _, pattern := range []string{"capture/*/*.in", "finding/*/*.in", "corpus/*/*.in"} {
		found, err := filepath.Glob("../../testdata/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	count := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		secrets := planted(string(text))
		if len(secrets) == 0 {
			continue
		}
		count += len(secrets)
		for output, shown := range outputs(t, text) {
			for _, s := range secrets {
				if strings.Contains(shown, s) {
					t.Errorf("%s: %s shows …%s…", strings.TrimPrefix(name, "../../testdata/"), output, s[:8])
				}
			}
		}
	}
	if count < 500 {
		t.Errorf("only %d secrets were looked for", count)
	}
}
