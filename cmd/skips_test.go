package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// skippers are the sources that may skip a test themselves: the place that
// decides when, and the product that shows a skipped case as a skipped test.
var skippers = map[string]bool{
	"conformance/testenv/testenv.go":                 true,
	"conformance/conformancetest/conformancetest.go": true,
}

// TestSkipsGoThroughTestenv makes sure that nothing is skipped where CI=true
// but by the one rule of package testenv.
func TestSkipsGoThroughTestenv(t *testing.T) {
	t.Parallel()
	looked := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		name, err := filepath.Rel("..", path)
		if err != nil || skippers[filepath.ToSlash(name)] {
			return err
		}
		files := token.NewFileSet()
		source, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		looked++
		for _, at := range skipsIn(source) {
			t.Errorf("%s:%d skips a test itself: use conformance/testenv, whose Missing fails it where CI=true",
				name, files.Position(at).Line)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 400 {
		t.Errorf("only %d sources were looked at: is the folder wrong?", looked)
	}
}

// skipsIn returns the calls in a source that skip a test: those of Skip, Skipf
// and SkipNow on t, b, f or tb.
func skipsIn(source *ast.File) []token.Pos {
	var found []token.Pos
	ast.Inspect(source, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		on, ok := method.X.(*ast.Ident)
		if !ok {
			return true
		}
		switch method.Sel.Name {
		case "Skip", "Skipf", "SkipNow":
			switch on.Name {
			case "t", "b", "f", "tb":
				found = append(found, call.Pos())
			}
		}
		return true
	})
	return found
}

func TestSkipsIn(t *testing.T) {
	t.Parallel()
	source, err := parser.ParseFile(token.NewFileSet(), "a_test.go", `package a
func TestA(t *testing.T) { t.Skipf("no %s", "Redis"); suite.Skip("a case"); t.Run("", nil); t.SkipNow() }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := skipsIn(source); len(found) != 2 {
		t.Errorf("found %d skips, want 2", len(found))
	}
}
