package troubleshoot

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"immersve-doctor/diagnose/api"
)

var docsLink = regexp.MustCompile(`docs\.immersve\.com/((?:guides|api-reference)/[A-Za-z0-9/_-]*)`)

// docsPages returns the pages of the docs that a link may point to.
func docsPages(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, row := range columns(t, "testdata/guides.txt") {
		pages = append(pages, "guides/"+row[0])
	}
	for _, r := range api.Routes() {
		o, err := api.Lookup(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, page, ok := strings.Cut(o.Docs, "docs.immersve.com/"); ok {
			pages = append(pages, page)
		}
	}
	return pages
}

// No page, message or help text links to a page that the docs don't have.
func TestDocsLinksAreAlive(t *testing.T) {
	pages := docsPages(t)
	links := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(name, "_test.go") || !slices.Contains([]string{".go", ".md", ".txt", ".yaml", ".toml"}, filepath.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range docsLink.FindAllSubmatch(text, -1) {
			links++
			if page := strings.TrimSuffix(string(m[1]), "/"); page != "guides" && page != "api-reference" && !slices.Contains(pages, page) {
				t.Errorf("%s: the docs have no page %q", name, page)
			}
		}
		return nil
	})
	if err != nil || links < 280 {
		t.Errorf("%d links, %v", links, err)
	}
}
