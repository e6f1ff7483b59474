package cmd_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A flag, in a text or by itself; not the "---" of YAML or of a heading.
var flagPattern = regexp.MustCompile(`(?:^|[^-\w])(--[a-z][-a-z0-9.]*)`)

// otherPrograms are the sources outside of cmd that may have flags in strings:
// those that run another program, and what they pass to it.
var otherPrograms = map[string]string{
	"conformance/chain/trace/generated.go":    "--config", // of an oapi-codegen line
	"conformance/container/implementation.go": "--bind --protected-mode --save --appendonly",
	"conformance/internal/evidence/curl.go":   "--path-as-is --head --http1.0 --data-binary",
	"conformance/testenv/testenv.go":          "--format", // of docker
	"impl/internal/redistest/cluster.go":      "--cluster-enabled --cluster-port --cluster-node-timeout --cluster-require-full-coverage --repl-diskless-sync-delay",
	"impl/internal/redistest/redistest.go":    "--port --bind --dir --save --appendonly --logfile --replicaof --repl-diskless-sync-delay",
	"impl/internal/redistest/sentinel.go":     "--sentinel",
	"openapi/gate/internal/beside/tool.go":    "--format --max-problems --quiet --ruleset --version",
	"openapi/gate/source/reader.go":           "--verify --quiet --end-of-options --show-prefix --find-renames --diff-filter --name-status --no-relative --no-textconv",
	"openapi/gate/source/base.go":             "--end-of-options",
	"openapi/gate/source/tree.go":             "--name-only --end-of-options",
}

// flagsIn returns the flags that the strings of a Go source name, by line.
func flagsIn(source []byte) map[string]int {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	found := map[string]int{}
	for {
		position, kind, text := s.Scan()
		if kind == token.EOF {
			return found
		}
		if kind != token.STRING {
			continue
		}
		for _, match := range flagPattern.FindAllStringSubmatch(strings.Trim(text, "\"`"), -1) {
			found[match[1]] = file.Line(position)
		}
	}
}

// TestNoFlagsBelowCmd makes sure that libraries name their own options and
// arguments: whoever calls them in Go has no flags.
func TestNoFlagsBelowCmd(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, root := range []string{"conformance", "openapi", "impl"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && filepath.Dir(path) == filepath.Join("..", "impl", "internal") &&
				slices.Contains([]string{"bench", "process", "reliability"}, entry.Name()) {
				return filepath.SkipDir // programs, which start others by their flags
			}
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			name, err := filepath.Rel("..", path)
			if err != nil {
				return err
			}
			allowed := strings.Fields(otherPrograms[filepath.ToSlash(name)])
			for flag, line := range flagsIn(source) {
				if !slices.Contains(allowed, flag) {
					t.Errorf("%s:%d names the flag %s: name the option or argument of the package, or, where it is of a program that the package runs, add it to otherPrograms",
						name, line, flag)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 200 {
		t.Errorf("only %d sources were looked at: is the folder wrong?", looked)
	}
}

func TestFlagsIn(t *testing.T) {
	t.Parallel()
	found := flagsIn([]byte("package a\n\nconst (\n\tb = \"pass --redis URL\"\n\tc = `--seed`\n\td = \"---\\n# -- no\" // --comment\n\te = i--x\n)\n"))
	if len(found) != 2 || found["--redis"] != 4 || found["--seed"] != 5 {
		t.Errorf("found %v", found)
	}
}
