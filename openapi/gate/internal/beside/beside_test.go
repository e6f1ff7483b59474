package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	subjects, err := load("testdata", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := subjects[0]
	at := s.faults[0]
	hits, wrong := s.judge([]found{
		{at.file, at.line + near, false}, {at.file, at.line, true}, {at.file, at.line + near + 1, true}, {at.file, at.line + near + 1, false}, {"other", at.line, true},
	})
	if hits != 1 || wrong != 2 {
		t.Errorf("%d hits, %d wrong", hits, wrong)
	}
	changes, err := loadChanges("testdata/versions")
	if err != nil || !slices.Contains(changes.broken, "DELETE /gone") {
		t.Errorf("got %q, %v", changes.broken, err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	want := []found{{"/d/a.yaml", 7, true}}
	for name, test := range map[string]struct {
		parse func([]byte, string) ([]found, error)
		text  string
	}{
		"gate":     {parseGate, `{"findings": [{"file": "a.yaml", "line": 7, "level": "error"}]}`},
		"redocly":  {parseCheckstyle, `<checkstyle><file name="a.yaml"><error line="7" severity="error"/></file></checkstyle>`},
		"spectral": {parseSpectral, `[{"source": "/d/a.yaml", "severity": 0, "range": {"start": {"line": 6}}}]`},
		"oasdiff":  {parseOasdiff, `[{"level": 3, "source": {"file": "a.yaml", "line": 7}}]`},
	} {
		if got, err := test.parse([]byte(test.text), "/d"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if _, err := test.parse([]byte("nonsense"), "/d"); err == nil {
			t.Errorf("%s reads nonsense", name)
		}
	}
	for name, test := range map[string]struct {
		parse func([]byte) ([]string, error)
		text  string
	}{
		"gate":    {gateChanges, `{"findings": [{"operation": "GET /a (getA)", "level": "error"}, {"operation": "GET /b", "level": "note"}]}`},
		"oasdiff": {oasdiffChanges, `[{"operation": "GET", "path": "/a"}]`},
	} {
		if got, err := test.parse([]byte(test.text)); err != nil || !slices.Equal(got, []string{"GET /a"}) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// The marks as they stand in the page.
const (
	tableBegin = "<!-- make gate-table: begin -->\n"
	tableEnd   = "<!-- make gate-table: end -->\n"
)

// A tool that is not there is left out, and the table says so.
func TestRewrite(t *testing.T) {
	t.Parallel()
	if _, ok := (tool{name: "no-such-tool"}).find(t.TempDir(), t.TempDir()); ok {
		t.Error("a tool is found that does not exist")
	}
	text := render([]row{{document: "a", tool: "b", found: 1, planted: 2}}, []string{"c"})
	if !strings.Contains(text, "| a | b | fails | 1 of 2 | 0 |") || !strings.Contains(text, "left out: c.") {
		t.Error(text)
	}
	name := filepath.Join(t.TempDir(), "a.md")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + tableBegin + "old\n" + tableEnd + "after\n")
	if err := rewrite(name, "new"); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(name)
	if want := "before\n" + tableBegin + "\nnew\n" + tableEnd + "after\n"; string(got) != want {
		t.Errorf("got %q", got)
	}
	write("no marks")
	if err := rewrite(name, "new"); err == nil {
		t.Error("a file without marks is written")
	}
}
