package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := []string{".hidden.yaml", "a.yaml", "b.yml", "b/c.yaml", "b/d/e.yaml", "node_modules/x/f.yaml", ".github/g.yaml", "we[ird/h.yaml"}
	for _, name := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for glob, want := range map[string][]string{
		"*.yaml":         {"a.yaml"},
		"./*.yaml":       {"a.yaml"},
		"*.{yaml,yml}":   {"a.yaml", "b.yml"},
		"**/*.yaml":      {"a.yaml", "b/c.yaml", "b/d/e.yaml", "we[ird/h.yaml"},
		"b/**":           {"b/c.yaml", "b/d/e.yaml"},
		"a.yaml":         {"a.yaml"},
		"none.yaml":      nil,
		".github/*.yaml": {".github/g.yaml"},
		"none/*.yaml":    nil,
	} {
		got, err := config.Glob(dir, glob)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", glob, got, err, want)
		}
		// What has been deleted is found by its name alone.
		for _, name := range files {
			if config.Selects(filepath.Clean(glob), name) != slices.Contains(want, name) {
				t.Errorf("%s selects %s: %t", glob, name, !slices.Contains(want, name))
			}
		}
	}
	if got, err := config.Glob(filepath.Join(dir, "b"), "../*.yaml"); err != nil || !slices.Equal(got, []string{"../a.yaml"}) {
		t.Errorf("from below: %q, %v", got, err)
	}
	if got, err := config.Glob("/nowhere", filepath.ToSlash(dir)+"/*.yaml"); err != nil || !slices.Equal(got, []string{filepath.ToSlash(dir) + "/a.yaml"}) {
		t.Errorf("an absolute one: %q, %v", got, err)
	}
}
