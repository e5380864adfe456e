package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"immersve-doctor/troubleshoot/page"
)

// writeIndexes adds the functions that return the page with other words for it, and
// the families that have a value. If two folders have the same words, the first wins.
func writeIndexes(b *bytes.Buffer, root string) error {
	pages := map[string]string{}
	families := map[string][]string{}
	for _, folder := range []string{"topics", "findings", "statuses", "values"} {
		names, err := filepath.Glob(filepath.Join(root, folder, "*.md"))
		if err != nil {
			return err
		}
		for _, name := range names {
			also, values, err := wordsOf(name, folder == "values")
			if err != nil {
				return err
			}
			id := strings.TrimSuffix(filepath.Base(name), ".md")
			if folder == "topics" {
				also = append(also, id)
			}
			for _, words := range also {
				if w := page.Bare(words); pages[w] == "" {
					pages[w] = folder + "/" + id
				}
			}
			for _, v := range values {
				key := page.Fold(v.Value)
				families[key] = append(families[key], id)
			}
		}
	}
	b.WriteString("func pageAlsoCalled(words string) string {\n\tswitch words {\n")
	for _, words := range slices.Sorted(maps.Keys(pages)) {
		fmt.Fprintf(b, "\tcase %q:\n\t\treturn %q\n", words, pages[words])
	}
	b.WriteString("\t}\n\treturn \"\"\n}\n\nfunc familiesOf(value string) []string {\n\tswitch value {\n")
	for _, value := range slices.Sorted(maps.Keys(families)) {
		fmt.Fprintf(b, "\tcase %q:\n\t\treturn %#v\n", value, families[value])
	}
	b.WriteString("\t}\n\treturn nil\n}\n\n")
	return nil
}

// wordsOf returns the other words for a page, and its values if it's a family.
func wordsOf(name string, isFamily bool) ([]string, []page.Coded, error) {
	if isFamily {
		p, err := read(name, func(p *page.Values, _ string) string { return p.Family })
		return p.Also, p.Values, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	front, _, err := split(string(data))
	if err != nil {
		return nil, nil, fmt.Errorf("read page %s: %w", name, err)
	}
	var p struct {
		Also []string `yaml:"also"`
	}
	err = yaml.Unmarshal([]byte(front), &p)
	return p.Also, nil, err
}
