package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	layoutPattern = regexp.MustCompile("(?ms)^## Layout\n+```\n(.*?)^```$")
	rowPattern    = regexp.MustCompile(`^( *)([a-z.]\S*/) +(.*)$`)
	insidePattern = regexp.MustCompile(`\b([a-z]+/)`)
)

// readLayout returns the folders that the README's layout names: those with a
// line of their own, and those that the text of such a line names.
func readLayout(t *testing.T) (rows, inside map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	layout := layoutPattern.FindSubmatch(text)
	if layout == nil {
		t.Fatal("the README has no layout")
	}
	rows, inside = map[string]bool{}, map[string]bool{}
	var above []string // the folder of each level
	for line := range strings.Lines(string(layout[1])) {
		row := rowPattern.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if row == nil {
			t.Errorf("not a line of the layout: %q", line)
			continue
		}
		depth := len(row[1]) / 2
		if depth > len(above) {
			t.Fatalf("too deep: %q", line)
		}
		folder := row[2]
		if depth > 0 {
			folder = above[depth-1] + folder
		}
		above = append(above[:depth], folder)
		rows[strings.TrimSuffix(folder, "/")] = true
		for _, name := range insidePattern.FindAllString(row[3], -1) {
			inside[strings.TrimSuffix(folder+name, "/")] = true
		}
	}
	return rows, inside
}

// TestLayout holds the README's layout to the tree: every package is named, and
// every folder with a line of its own is there.
func TestLayout(t *testing.T) {
	t.Parallel()
	rows, inside := readLayout(t)
	for folder := range rows {
		if _, err := os.Stat(filepath.Join("..", folder)); err != nil {
			t.Errorf("the README's layout names %s: %v", folder, err)
		}
	}
	for path := range listPackages(t, "linux") {
		folder, ours := strings.CutPrefix(path, module+"/")
		if ours && !rows[folder] && !inside[folder] && !strings.HasPrefix(folder, "cmd/mtrack") {
			t.Errorf("the README's layout has no line for package %s", folder)
		}
	}
}
