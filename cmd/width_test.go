package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

const (
	// widest is how many columns the lines of comments and of help texts have
	// at most, a tab being four.
	widest = 100
	helps  = "*/testdata/help*"
)

// commentLine matches a line that is a comment; directives cannot be broken.
var commentLine = regexp.MustCompile(`^\t*//(?:[^a-z]|$)`)

// TestWidth holds comments and help texts to the width of a page.
func TestWidth(t *testing.T) {
	t.Parallel()
	check := func(name string, counts func(line string) bool) {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if n := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); n > widest && counts(line) {
				t.Errorf("%s:%d has %d columns: break the line before column %d", name, i+1, n, widest)
			}
		}
	}
	sources := 0
	for _, name := range listFiles(t, "*.go") {
		if !strings.HasSuffix(name, ".gen.go") {
			sources++
			check(filepath.Join("..", name), commentLine.MatchString)
		}
	}
	if sources < 400 {
		t.Errorf("only %d sources were looked at: is the folder wrong?", sources)
	}
	texts, err := filepath.Glob(helps)
	if err != nil {
		t.Fatal(err)
	}
	below, err := filepath.Glob(helps + "/*")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range append(texts, below...) {
		if filepath.Ext(name) != "" {
			looked++
			check(name, func(string) bool { return true })
		}
	}
	if looked < 10 {
		t.Errorf("only %d help texts were looked at: do they still lie in testdata?", looked)
	}
}

// listFiles returns the files of the repository that match a pattern of git.
func listFiles(t *testing.T, pattern string) []string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), testenv.Need(t, "git"), "-C", "..", "ls-files",
		"--cached", "--others", "--exclude-standard", pattern).Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for name := range strings.Lines(string(output)) {
		name = strings.TrimSuffix(name, "\n")
		if _, err := os.Stat(filepath.Join("..", name)); err == nil { // else it was deleted and not yet committed
			files = append(files, name)
		}
	}
	return files
}
