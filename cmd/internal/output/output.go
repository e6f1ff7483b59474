// Package output writes the files that a command was asked for, each whole or
// not at all.
package output

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Replace writes a file anew, with perm less the umask. Whatever goes wrong,
// the name stands for the old contents or for all of the new ones, and nobody
// can foresee the name under which they are written, or have a link there. A
// link that the name is itself is replaced, not followed. What is no file, such
// as /dev/stdout or a pipe, is written as it stands there.
func Replace(name string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	if isDevice(name) {
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(file), file.Close())
	}
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text())
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}

// isDevice reports whether a name stands for something to write to, not for a
// file that can be replaced. What /dev/stdout is a link to may be a file, which
// the caller of the program has opened and goes on to write.
func isDevice(name string) bool {
	if absolute, err := filepath.Abs(name); err == nil {
		name = absolute
	}
	if strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/") || name == "/dev/stdout" || name == "/dev/stderr" {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}
