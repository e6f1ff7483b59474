package finding

import (
	"path/filepath"
	"strings"
)

// Checkout returns how files are named in the checkout that a CI system shows, for
// Report.Locate: relative to its root, whatever the working directory is, and without
// the git revisions that they were read from, each written "REV:".
func Checkout(root string, revisions ...string) func(file string) string {
	return func(file string) string {
		for _, revision := range revisions {
			name, ok := strings.CutPrefix(file, revision)
			if !ok {
				continue
			}
			if !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") {
				return name // as git counts, from the root
			}
			file = filepath.ToSlash(filepath.Clean(name))
		}
		absolute, err := filepath.Abs(filepath.FromSlash(file))
		if root == "" || err != nil {
			return file
		}
		if relative, err := filepath.Rel(root, absolute); err == nil && filepath.IsLocal(relative) {
			return filepath.ToSlash(relative)
		}
		return file
	}
}
