package troubleshoot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// literals returns the sentences in a Go file's string literals, each at its line.
func literals(t *testing.T, name string) string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			s, err := strconv.Unquote(n.Value)
			if n.Kind != token.STRING || err != nil || !strings.Contains(s, " ") {
				return true
			}
			for line := files.Position(n.Pos()).Line; len(lines) < line; {
				lines = append(lines, "")
			}
			lines[files.Position(n.Pos()).Line-1] += strings.ReplaceAll(s, "\n", " ") + "\x00"
		}
		return true
	})
	return strings.Join(lines, "\n")
}

// What the program prints is in plain English, too.
func TestMessagesAreInPlainEnglish(t *testing.T) {
	v := readVoice(t, false)
	files := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		name = filepath.ToSlash(strings.TrimPrefix(name, ".."+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_gen.go"):
			return nil
		}
		files++
		if odd := v.oddWords(name, literals(t, filepath.Join("..", name))); len(odd) > 0 {
			t.Error(strings.Join(odd, "\n"))
		}
		return nil
	})
	if err != nil || files < 300 {
		t.Errorf("%d files, %v", files, err)
	}
}
