package main

import (
	"path/filepath"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// checkout returns how files of the documents are called in the checkout that
// GitHub Actions shows: relative to its root, whatever directory the command runs
// in, and without the revision that they were read from.
func checkout(env command.Environment, docs ...*source.Document) func(file string) string {
	root := env.Getenv("GITHUB_WORKSPACE")
	var revisions []string
	for _, doc := range docs {
		if at, ok := strings.CutSuffix(doc.Root.Display, doc.Root.Name); ok && at != "" {
			revisions = append(revisions, strings.TrimSuffix(at, "./"))
		}
	}
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
