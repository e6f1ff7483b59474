package testenv_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// double stands for the test that asks, and notes how it ended.
type double struct {
	testing.TB
	skipped, failed string
}

// errEnded is what ends a double, as the real one ends its goroutine.
type errEnded struct{}

func (d *double) Helper()                  {}
func (d *double) Context() context.Context { return d.TB.Context() }

func (d *double) Skip(args ...any) {
	d.skipped = fmt.Sprint(args...)
	panic(errEnded{})
}

func (d *double) Skipf(format string, args ...any) { d.Skip(fmt.Sprintf(format, args...)) }

func (d *double) Fatalf(format string, args ...any) {
	d.failed = fmt.Sprintf(format, args...)
	panic(errEnded{})
}

// ask runs f as a test and returns how that ended.
func ask(t *testing.T, f func(t testing.TB)) (skipped, failed string) {
	t.Helper()
	d := &double{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(errEnded{}) {
				panic(r)
			}
		}()
		f(d)
	}()
	return d.skipped, d.failed
}

// program makes an executable in a directory of its own and returns that.
func program(t *testing.T, name, body string) string {
	t.Helper()
	testenv.POSIX(t)
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

// TestMissing: what is missing skips, and fails with CI=true.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CC", "")
	t.Setenv("MTRACK_TEST_PYTHON", filepath.Join(t.TempDir(), "python"))
	for want, f := range map[string]func(testing.TB){
		"redis-server is not on the path: install Redis": func(t testing.TB) { testenv.Need(t, "redis-server") },
		"docker is not on the path: install Docker":      func(t testing.TB) { testenv.Need(t, "docker") },
		"git is not on the path: install git":            func(t testing.TB) { testenv.Need(t, "git") },
		"cc is not on the path: install gcc or clang":    func(t testing.TB) { testenv.Need(t, "cc") },
		"no Python with yaml: run make judges-deps":      func(t testing.TB) { testenv.Python(t, "yaml") },
		"no tracks: make some":                           func(t testing.TB) { testenv.Missing(t, "no %s: make some", "tracks") },
	} {
		for _, ci := range []string{"", "false", "true"} {
			t.Setenv("CI", ci)
			skipped, failed := ask(t, f)
			got, other := skipped, failed
			if ci == "true" {
				got, other = failed, skipped
			}
			if !strings.HasPrefix(got, want) || other != "" {
				t.Errorf("CI=%s: skipped %q, failed %q; want %q", ci, skipped, failed, want)
			}
		}
	}
}

// TestNeed_Found returns where the program is.
func TestNeed_Found(t *testing.T) {
	for name, body := range map[string]string{"redis-server": "", "clang": "", "docker": "echo 29.0"} {
		directory := program(t, name, body)
		t.Setenv("PATH", directory)
		t.Setenv("CC", "")
		asked := name
		if name == "clang" {
			asked = "cc"
		}
		skipped, failed := ask(t, func(d testing.TB) {
			if got, want := testenv.Need(d, asked), filepath.Join(directory, name); got != want {
				t.Errorf("%s: got %q, want %q", asked, got, want)
			}
		})
		if skipped+failed != "" {
			t.Errorf("%s: skipped %q, failed %q", asked, skipped, failed)
		}
	}
}

// TestNeed_CC takes the compiler that CC names, without its flags.
func TestNeed_CC(t *testing.T) {
	t.Setenv("PATH", program(t, "my-cc", ""))
	t.Setenv("CC", "my-cc -O0")
	t.Setenv("CI", "")
	if skipped, _ := ask(t, func(t testing.TB) { testenv.Need(t, "cc") }); skipped != "" {
		t.Errorf("skipped: %q", skipped)
	}
	t.Setenv("CC", "other-cc")
	if skipped, _ := ask(t, func(t testing.TB) { testenv.Need(t, "cc") }); skipped == "" {
		t.Error("a compiler that CC does not name was taken")
	}
}

// TestNeed_DockerWithoutEngine: the client alone is not enough.
func TestNeed_DockerWithoutEngine(t *testing.T) {
	t.Setenv("PATH", program(t, "docker", "echo 'no daemon' >&2; exit 1"))
	t.Setenv("CI", "")
	if skipped, _ := ask(t, func(t testing.TB) { testenv.Need(t, "docker") }); !strings.Contains(skipped, "no Docker engine answers") || !strings.Contains(skipped, "no daemon") {
		t.Errorf("skipped: %q", skipped)
	}
}

// TestPython asks the interpreter for each module.
func TestPython(t *testing.T) {
	t.Setenv("CI", "")
	interpreter := filepath.Join(program(t, "python", `[ "$2" = "import json" ] || { echo "No module" >&2; exit 1; }`), "python")
	t.Setenv("MTRACK_TEST_PYTHON", interpreter)
	skipped, _ := ask(t, func(d testing.TB) {
		if got := testenv.Python(d, "json"); got != interpreter {
			t.Errorf("got %q, want %q", got, interpreter)
		}
	})
	if skipped != "" {
		t.Errorf("skipped: %q", skipped)
	}
	if skipped, _ = ask(t, func(t testing.TB) { testenv.Python(t, "json", "yaml") }); !strings.Contains(skipped, "no Python with yaml") {
		t.Errorf("skipped: %q", skipped)
	}
}

func TestSlow(t *testing.T) {
	t.Setenv("CI", "true") // what is left out on purpose is not missing
	skipped, failed := ask(t, testenv.Slow)
	if (skipped != "") != testing.Short() || failed != "" {
		t.Errorf("-short %v: skipped %q, failed %q", testing.Short(), skipped, failed)
	}
}
