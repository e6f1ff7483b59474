package output_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/output"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// contents returns the names in a folder, and what its files hold.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		held[e.Name()] = string(text)
	}
	return held
}

func TestReplace(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "report")
	for _, text := range []string{"first", "second"} {
		if err := output.Replace(name, 0o600, writeText(text)); err != nil {
			t.Fatal(err)
		}
		if held := contents(t, folder); len(held) != 1 || held["report"] != text {
			t.Errorf("got %q", held)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	broken := errors.New("broken")
	err := output.Replace(name, 0o600, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	if held := contents(t, folder); !errors.Is(err, broken) || len(held) != 1 || held["report"] != "second" {
		t.Errorf("after a failure: %v, %q", err, held)
	}
}

// A link that somebody has put where a file is to be, or under a name that can be guessed, leads
// nowhere.
func TestReplace_links(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	victim := filepath.Join(elsewhere, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "report")
	for _, link := range []string{name, name + ".tmp", filepath.Join(folder, ".report.tmp")} {
		if err := os.Symlink(victim, link); err != nil {
			testenv.Missing(t, "no links here: %v", err)
		}
	}
	if err := output.Replace(name, 0o600, writeText("report")); err != nil {
		t.Fatal(err)
	}
	if held := contents(t, elsewhere); held["victim"] != "precious" {
		t.Errorf("the link was followed: %q", held)
	}
	if held := contents(t, folder); held["report"] != "report" {
		t.Errorf("got %q", held)
	}
}

// A pipe is written to, not replaced by a file.
func TestReplace_pipe(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	name := "/dev/fd/" + fmt.Sprint(w.Fd())
	if _, err := os.Stat(name); err != nil {
		testenv.Missing(t, "no /dev/fd here: %v", err)
	}
	if err := output.Replace(name, 0o600, writeText("report")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if text, err := io.ReadAll(r); err != nil || string(text) != "report" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := output.Replace(os.DevNull, 0o600, writeText("report")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s: %v, %v", os.DevNull, info, err)
	}
}
