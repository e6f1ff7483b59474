// Package testenv says what the tests of this module do where something is
// missing that is not part of it, such as redis-server. It is for this
// module's own tests and for nobody else, and may change at any time.
//
// There is one rule: such a test is skipped, with what is missing and how to
// get it, and it fails where CI=true says that everything has to be there. Its
// one exception is [ListenIPv6].
package testenv

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The variables of the environment that this package reads.
const (
	envCI     = "CI"
	envPython = "MTRACK_TEST_PYTHON"
)

// install says how to get a program, where that is not to install what is
// named like it.
var install = map[string]string{
	"cc":           "install gcc or clang",
	"docker":       "install Docker and start it, or run eval \"$(.ci/docker)\"",
	"go":           "install Go from https://go.dev/dl/",
	"node":         "install Node.js (Debian: nodejs)",
	"python3":      "install Python 3 (Debian: python3 python3-venv)",
	"redis-server": "install Redis (Debian: redis-server)",
}

// Need returns the path of a program. Where there is none the test ends by
// [Missing]. Two names stand for more than a program: "cc" is any C compiler,
// and "docker" is one whose engine answers.
func Need(t testing.TB, program string) string {
	t.Helper()
	hint := install[program]
	if hint == "" {
		hint = "install " + program
	}
	path, err := find(program)
	if err != nil {
		Missing(t, "%s is not on the path: %s", program, hint)
	}
	if program == "docker" {
		if output, err := exec.CommandContext(t.Context(), path, "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
			Missing(t, "no Docker engine answers: %s (%v: %s)", hint, err, strings.TrimSpace(string(output)))
		}
	}
	return path
}

// find looks for a program on the path.
func find(program string) (string, error) {
	names := []string{program}
	if program == "cc" {
		names = []string{"cc", "gcc", "clang"}
		if chosen := strings.Fields(os.Getenv("CC")); len(chosen) > 0 {
			names = chosen[:1]
		}
	}
	var err error
	for _, name := range names {
		var path string
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

// Python returns the interpreter that has these modules: the one that
// MTRACK_TEST_PYTHON names, or that of `make judges-deps` in .build/venv.
// Where a module is missing the test ends by [Missing].
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	interpreter := os.Getenv(envPython)
	if interpreter == "" {
		interpreter = filepath.Join(root(t), ".build", "venv", "bin", "python")
	}
	interpreter, err := filepath.Abs(interpreter)
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		if output, err := exec.CommandContext(t.Context(), interpreter, "-c", "import "+module).CombinedOutput(); err != nil {
			Missing(t, "no Python with %s: run make judges-deps, or set %s (%v) %s", module, envPython, err, strings.TrimSpace(string(output)))
		}
	}
	return interpreter
}

// root returns the directory of go.mod: tests run in that of their package.
func root(t testing.TB) string {
	t.Helper()
	directory, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			return directory
		}
		above := filepath.Dir(directory)
		if above == directory {
			t.Fatal("no go.mod here or above")
		}
		directory = above
	}
}

// POSIX ends the test by [Missing] on systems without signals, permissions of
// files and /bin/sh.
func POSIX(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
		Missing(t, "%s has no POSIX signals, permissions and shell: run this on Linux or macOS", runtime.GOOS)
	}
}

// ListenIPv6 listens on a free port of the IPv6 loopback address. It is the one
// exception to the rule: without IPv6 the test is skipped even where CI=true,
// since a container often has none and nothing can be installed to get it.
func ListenIPv6(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 on this machine: %v", err)
	}
	return listener
}

// Missing skips the test for want of something that is not part of this
// module, and fails it where CI=true. The format says what is missing and what
// to do about it.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(envCI) == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Slow skips a test that takes seconds where -short asks for the quick ones.
func Slow(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds: run without -short")
	}
}
