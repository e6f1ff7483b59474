package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/plain/plaintest"
)

// checkShown reports what in the outputs of a command is more than text.
func checkShown(t *testing.T, got outcome) {
	t.Helper()
	plaintest.Check(t, got.stdout+"\n"+got.stderr)
}

// Whatever is stored, or stands in a file, is text where a person sees it.
func TestHostile_stored(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	p := strings.ReplaceAll(plaintest.Printable, "/", "|")
	quoted, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	world := strings.NewReplacer(`"org_1"`, string(quoted), `"user_1"`, string(quoted), `"<Rain> & Ü"`, string(quoted), `"first"`, string(quoted),
		"mtrack_1", strings.Trim(string(quoted), `"`)).Replace(smallWorld)
	world = strings.ReplaceAll(world, `"track_id":"`, `"track_id":"mtrack_`)
	world = strings.ReplaceAll(world, `"track":{"id":"`, `"track":{"id":"mtrack_`)
	folder := t.TempDir()
	name := strings.NewReplacer("/", "|", "\x00", "").Replace(plaintest.Hostile)
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := d.run(t, "", "import", path)
	checkShown(t, imported)
	if imported.status != exitOK {
		t.Fatal(imported.stderr)
	}
	exported := d.run(t, "", "export")
	checkShown(t, exported)
	var line struct{ Organization struct{ ID string } }
	first, _, _ := strings.Cut(exported.stdout, "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.Organization.ID != p {
		t.Errorf("%v: %q", err, line.Organization.ID)
	}
	checkShown(t, d.run(t, "", "export", path))
	for _, args := range [][]string{
		{"history", "--organization", p, "--track", "mtrack_" + p}, {"history", "--organization", p, "--track", "mtrack_" + p, "--json"},
		{"key", "list", "--user", p}, {"key", "list", "--user", p, "--json"},
		{"key", "create", "--user", p, "--label", p},
	} {
		got := d.run(t, "", args...)
		checkShown(t, got)
		if got.status != exitOK || got.stdout == "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
	for _, bad := range []string{
		plaintest.Hostile, `{"` + p + `":1}`, `{"track":{"id":"` + p + `"}}`, `{"user":{"id":"u","member_of":["` + p + `"]}}`,
		`{"track":{"created_at":` + string(quoted) + `}}`, `{"user":{"id":"a\u001b[31m\n::error::x"}}`, "{\"user\":{\"id\":\"\xff\"}}",
		`{"user":{"id":"u","Keys\u202e":[]}}`, `{"a\u001b[31m\n::error::x":1,"a\u001b[31m\n::error::x":1}`,
	} {
		got := d.run(t, bad, "import", "--skip-bad", "-")
		checkShown(t, got)
		if got.status != exitFailed {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

// Whatever is typed is text in the error that it makes.
func TestHostile_arguments(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	h := plaintest.Hostile
	for _, args := range [][]string{
		{h}, {"help", h}, {"version", h}, {"serve", h}, {"serve", "--" + h}, {"serve", "--listen", h}, {"serve", "--log-level", h},
		{"serve", "--log-format", h}, {"serve", "--redis", h}, {"serve", "--redis", "redis://" + h}, {"serve", "--media-url", h},
		{"serve", "--media-url", "http://x/?" + h}, {"serve", "--provision-listen", h}, {"serve", "--request-timeout", h},
		{"serve", "--redis", "unix:///" + plaintest.Printable},
		{"import", h}, {"import", "--redis", h, "-"}, {"export", filepath.Join(t.TempDir(), h, h)}, {"export", h, h},
		{"key", h}, {"key", "create", "--user", h}, {"key", "list", "--user", h}, {"key", "revoke", "--sha256", h},
		{"history", "--organization", h, "--track", h}, {"generate-demo", "--users", h},
	} {
		got := d.run(t, "", args...)
		checkShown(t, got)
		if got.status == exitOK || got.stderr == "" {
			t.Errorf("%.30q: %+v", args, got)
		}
	}
	got := carryOut(t.Context(), []string{"MTRACK_REQUEST_TIMEOUT", h}, "serve")
	checkShown(t, got)
}

// In GitHub Actions nothing in an error is a command.
func TestHostile_actions(t *testing.T) {
	t.Parallel()
	got := carryOut(t.Context(), []string{"GITHUB_ACTIONS", "true"}, "key", plaintest.Hostile)
	checkShown(t, got)
	got = carryOut(t.Context(), []string{"GITHUB_ACTIONS", "true"}, "import", "no-such-file\n::error::x", "--redis", "redis://127.0.0.1:1")
	lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
	token, ok := strings.CutPrefix(lines[0], "::stop-commands::")
	if !ok || len(token) < 20 || lines[len(lines)-1] != "::"+token+"::" {
		t.Errorf("got %q", got.stderr)
	}
}
