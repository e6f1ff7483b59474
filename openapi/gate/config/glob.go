package config

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// leftOut is the directory in which no glob looks for documents: it holds those of others.
const leftOut = "node_modules"

// IsGlob reports whether a text has characters that mean more than themselves in a glob.
func IsGlob(text string) bool { return strings.ContainsAny(text, "*?[{") }

// Glob returns the files that a glob matches, sorted, with forward slashes. Relative globs, and
// what they match, are relative to dir. As in a shell, hidden files have to be named.
func Glob(dir, glob string) ([]string, error) {
	base, pattern := doublestar.SplitPattern(filepath.ToSlash(glob))
	at := filepath.FromSlash(base)
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	found, err := doublestar.Glob(documentFS{os.DirFS(at)}, pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithNoHidden())
	if err != nil {
		return nil, err
	}
	for i, name := range found {
		found[i] = path.Join(base, name)
	}
	slices.Sort(found)
	return found, nil
}

// Match reports whether a glob matches a path with forward slashes.
func Match(glob, path string) bool {
	matched, err := doublestar.Match(glob, path)
	return err == nil && matched
}

// Selects reports whether [Glob] would find a file, of which only the path is left.
func Selects(glob, path string) bool {
	hidden := func(path string) bool { return strings.HasPrefix(path, ".") || strings.Contains(path, "/.") }
	return Match(glob, path) && (!hidden(path) || hidden(glob)) && !slices.Contains(strings.Split(path, "/"), leftOut)
}

// documentFS is a file system without the directory that is left out.
type documentFS struct{ fs.FS }

// ReadDir implements [fs.ReadDirFS].
func (f documentFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.FS, name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == leftOut }), err
}

// Stat implements [fs.StatFS].
func (f documentFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.FS, name) }
