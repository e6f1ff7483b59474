package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// levelIn has rule a as what the specification forbids, and b as advice.
func levelIn(preset config.Preset, rule string) finding.Level {
	switch {
	case preset == config.Strict || rule == "a":
		return finding.Error
	case preset == config.Recommended:
		return finding.Warning
	}
	return finding.Off
}

func found(file, rule string, line int) finding.Finding {
	return finding.Finding{Position: finding.Position{File: file, Line: line, Column: 1}, Rule: rule, Message: "wrong", Pointer: "/a/7/b"}
}

func seenAll(files ...string) config.Seen {
	return config.Seen{Files: files, All: true, Locate: func(file string) string { return file }, Now: time.Now()}
}

func TestPolicy_Judge(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		config  string
		preset  config.Preset
		disable []string
		// a and b are the levels of the rules in the file x/y.yaml.
		a, b   finding.Level
		hidden int
	}{
		{"", "", nil, finding.Error, finding.Off, 1},
		{"preset: recommended", "", nil, finding.Error, finding.Warning, 0},
		{"preset: strict", "", nil, finding.Error, finding.Error, 0},
		{"preset: strict", config.Spec, nil, finding.Error, finding.Off, 1},
		{"rules: {a: note, b: error}", "", nil, finding.Note, finding.Error, 0},
		{"rules: {a: off, b: off}", "", nil, finding.Off, finding.Off, 1},
		{"preset: recommended\nrules: {b: off}", "", nil, finding.Error, finding.Off, 0},
		{"rules: {b: error}", "", []string{"b"}, finding.Error, finding.Off, 0},
		{"paths: [{files: ['x/*'], preset: strict}]", "", nil, finding.Error, finding.Error, 0},
		{"paths: [{files: ['z/*', '**/y.yaml'], preset: strict}]", "", nil, finding.Error, finding.Error, 0},
		{"paths: [{files: ['y.yaml'], preset: strict}]", "", nil, finding.Error, finding.Off, 1},
		{"paths: [{files: ['**'], preset: strict}, {files: ['x/**'], preset: recommended}]", "", nil, finding.Error, finding.Warning, 0},
		{"paths: [{files: ['**'], preset: strict}]", config.Spec, nil, finding.Error, finding.Off, 1},
		{"rules: {b: error}\npaths: [{files: ['**'], preset: recommended}]", "", nil, finding.Error, finding.Warning, 0},
		{"rules: {b: error}\npaths: [{files: ['**'], rules: {a: off}}]", "", nil, finding.Off, finding.Error, 0},
		{"rules: {b: error}\npaths: [{files: ['**'], rules: {b: note}}]", "", nil, finding.Error, finding.Note, 0},
	} {
		policy := config.Policy{Config: parse(t, row.config), Preset: row.preset, Disable: row.disable, LevelIn: levelIn}
		judged := policy.Judge([]finding.Finding{found("x/y.yaml", "a", 1), found("x/y.yaml", "b", 2)}, seenAll("x/y.yaml"))
		got := map[string]finding.Level{"a": finding.Off, "b": finding.Off}
		for _, f := range judged.Findings {
			got[f.Rule] = f.Level
		}
		if got["a"] != row.a || got["b"] != row.b || judged.Hidden != row.hidden {
			t.Errorf("%q, preset %q, without %q: a %s, b %s, %d hidden", row.config, row.preset, row.disable, got["a"], got["b"], judged.Hidden)
		}
	}
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), config.BaselineName)
	if b, err := config.LoadBaseline(name); b != nil || err != nil {
		t.Fatalf("there is none: %v, %v", b, err)
	}
	const odd = "a\u202e\"\n\x7f: #.yaml"
	three := []finding.Finding{found("x.yaml", "a", 1), found("x.yaml", "a", 5), found(odd, "a", 1)}
	seen := seenAll("x.yaml", odd)
	if err := config.NewBaseline(three, seen).Write(name, "the command"); err != nil {
		t.Fatal(err)
	}
	b, err := config.LoadBaseline(name)
	if err != nil || b.Len() != 3 {
		t.Fatalf("%v, %v", b, err)
	}
	policy := config.Policy{Config: config.Default("/"), LevelIn: levelIn, Baseline: b, Stale: finding.Rule{ID: "a"}, Shrink: "the command"}
	judge := func(seen config.Seen, findings ...finding.Finding) []string {
		var list []string
		for _, f := range policy.Judge(findings, seen).Findings {
			list = append(list, filepath.Base(f.Position.String())+" "+f.Message)
		}
		return list
	}
	if got := judge(seen, three...); len(got) > 0 {
		t.Errorf("what is in it is found: %q", got)
	}
	if got := judge(seen, append(slices.Clone(three), found("x.yaml", "a", 9))...); !slices.Equal(got, []string{"x.yaml:9:1 wrong"}) {
		t.Errorf("one more than there were: %q", got)
	}
	if got := judge(seen, three[1:]...); !slices.Equal(got, []string{config.BaselineName + ":4:3 the baseline has 1 finding of a at x.yaml#/a/*/b more than there are"}) {
		t.Errorf("one has been fixed: %q", got)
	}
	other := seen
	other.All, other.Files = false, []string{odd}
	if got := judge(other, three[2]); len(got) > 0 {
		t.Errorf("a file that was not looked at: %q", got)
	}
	if left := b.Shrunk(three[1:], seen); left.Len() != 2 {
		t.Errorf("%d are left", left.Len())
	}
	if left := b.Shrunk(three[2:], other); left.Len() != 3 {
		t.Errorf("%d are left where one file was looked at", left.Len())
	}
	// After a merge of two versions an entry may stand twice.
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if err := os.WriteFile(name, []byte(string(text)+lines[len(lines)-2]), 0o600); err != nil {
		t.Fatal(err)
	}
	if policy.Baseline, err = config.LoadBaseline(name); err != nil {
		t.Fatal(err)
	}
	if got := judge(seen, three...); len(got) != 1 {
		t.Errorf("an entry that stands twice: %q", got)
	}
	for text, want := range map[string]string{
		"{}": "expected a list", "- {count: 0}": "expected a number from 1 on", "- {count: x}": "expected a number", "- {line: 1}": "unknown key",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.LoadBaseline(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
