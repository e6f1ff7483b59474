package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var known = config.Known{
	Check: []string{"description-tag", "example-invalid", "security-undeclared", "syntax", "tag-undefined", "a", "b", "c", "d", "e", "f"},
	Diff:  []string{"api-removed", "response-property-removed"},
}

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("c.yaml", "/repo", []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse(t, `# a comment
preset: recommended
rules: {description-tag: off, tag-undefined: error}
paths:
  - files: [./legacy/**, old.yaml]
    preset: spec
    rules: {example-invalid: note}
documents: ["openapi/*.yaml"]
envelope: Problem
accepted:
  - rule: example-invalid
    where: api.yaml#/paths/~1pets
    reason: The example is that of the standard.
    until: 2027-01-31
diff:
  accepted:
    - {rule: api-removed, where: GET /pets, reason: Nobody called it.}
`)
	want := &config.Config{
		Dir: "/repo", File: "c.yaml", Preset: config.Recommended,
		Rules: map[string]finding.Level{"description-tag": finding.Off, "tag-undefined": finding.Error},
		Paths: []config.Override{{
			Files: []string{"legacy/**", "old.yaml"}, Preset: config.Spec, Rules: map[string]finding.Level{"example-invalid": finding.Note},
		}},
		Documents: []string{"openapi/*.yaml"}, Envelope: "Problem",
		Accepted: []config.Acceptance{{
			Rule: "example-invalid", Where: "api.yaml#/paths/~1pets", Reason: "The example is that of the standard.",
			Until:    time.Date(2027, 1, 31, 0, 0, 0, 0, time.Local),
			Position: finding.Position{File: "c.yaml", Line: 11, Column: 5},
		}},
		Diff: config.Diff{Accepted: []config.Acceptance{{
			Rule: "api-removed", Where: "GET /pets", Reason: "Nobody called it.", Position: finding.Position{File: "c.yaml", Line: 17, Column: 7},
		}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "null\n", "{}\n"} {
		if got := parse(t, text); !reflect.DeepEqual(got, &config.Config{Dir: "/repo", File: "c.yaml"}) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

// A mistake is told at its place, with what was meant.
func TestParse_Mistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"presets: strict":                           `c.yaml:1:1: unknown key "presets": did you mean preset?`,
		"preset: strickt":                           `c.yaml:1:9: unknown preset "strickt": did you mean strict?`,
		"preset: x":                                 `c.yaml:1:9: unknown preset "x": use one of spec, recommended, strict`,
		"preset:":                                   "c.yaml:1:8: expected a text, found nothing",
		"preset: [spec]":                            "c.yaml:1:9: expected a text, found a list",
		"rules:\n  description-tags: off":           `c.yaml:2:3: unknown rule "description-tags": did you mean description-tag?`,
		"rules:\n  zzzzzzzzz: off":                  "c.yaml:2:3: unknown rule \"zzzzzzzzz\": `mtrack-spec rules` lists them",
		"rules:\n  syntax: fatal":                   `c.yaml:2:11: unknown level "fatal": use one of error, warning, note, off`,
		"rules: [syntax]":                           "c.yaml:1:8: expected a mapping, found a list",
		"rules: {a: off, a: error}":                 `c.yaml:1:17: the key "a" appears twice: remove one of them`,
		"paths:\n  - preset: spec":                  "c.yaml:2:5: the entry of paths has no files",
		"paths:\n  - file: [a]":                     `c.yaml:2:5: unknown key "file" in an entry of paths: did you mean files?`,
		"documents: a.yaml":                         "c.yaml:1:12: expected a list, found a text",
		"documents: [../a.yaml]":                    `c.yaml:1:13: "../a.yaml" leads out of the directory of the configuration`,
		"documents: ['[']":                          `c.yaml:1:13: "[" is not a glob`,
		"a: &x 1\nenvelope: *x":                     "c.yaml:2:11: expected a text, found an alias: write it out",
		"accepted:\n  - rule: syntax\n    where: a": "c.yaml:2:5: the entry of accepted has no reason: it needs rule, where and reason",
		"accepted: [{rule: syntax, where: 'a#b', reason: x}]":              `"a#b" has no JSON pointer after the #`,
		"accepted: [{rule: syntax, where: a, reason: x, until: tomorrow}]": `"tomorrow" is not a day: write it as 2006-01-31`,
		"diff: {accepted: [{rule: api-remove, where: a, reason: x}]}":      `unknown kind of change "api-remove": did you mean api-removed?`,
		"diff: {rules: {}}": `c.yaml:1:8: unknown key "rules" in diff: use one of accepted`,
		"a: [":              "c.yaml: not valid YAML: line 1: did not find expected node content",
		"{}\n---\n{}":       "c.yaml: more than one YAML document",
	} {
		if _, err := config.Parse("c.yaml", "/repo", []byte(text), known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	_, err := config.Parse("c.yaml", "/repo", []byte("preset: x\nrules: {y: off}\n"), known)
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not both mistakes are told: %v", err)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sub := filepath.Join(dir, "checkout", "sub")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	find := func(from, want string) {
		t.Helper()
		got, err := config.Find(from)
		if err != nil || got != want {
			t.Errorf("from %s: %q, %v; want %q", from, got, err, want)
		}
	}
	write := func(at string) string {
		name := filepath.Join(at, config.FileName)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	find(sub, "")
	above := write(dir)
	find(sub, "") // it is another project's
	find(dir, above)
	if err := os.Mkdir(filepath.Join(dir, "checkout", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	find(sub, "")
	top := write(filepath.Join(dir, "checkout"))
	find(sub, top)
	find(sub, top)
	find(sub+"/..", top)
	find(sub, top)
	own := write(sub)
	find(sub, own)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, want := range map[string]string{dir: "is no regular file", filepath.Join(dir, "none"): "no such file", os.DevNull: "is no regular file"} {
		if _, err := config.Load(name, known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	at := func(file, pointer, operation string) finding.Finding {
		return finding.Finding{Position: finding.Position{File: file, Line: 1, Column: 1}, Rule: "syntax", Pointer: pointer, Operation: operation}
	}
	same := func(file string) string { return file }
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.Local)
	for _, row := range []struct {
		where   config.Where
		finding finding.Finding
		want    bool
	}{
		{"api.yaml", at("api.yaml", "/a", ""), true},
		{"api.yaml", at("sub/api.yaml", "/a", ""), false},
		{"**/*.yaml", at("sub/api.yaml", "/a", ""), true},
		{"*.yaml", at("sub/api.yaml", "/a", ""), false},
		{"api.yaml#/a", at("api.yaml", "/a", ""), true},
		{"api.yaml#/a", at("api.yaml", "/a/b", ""), true},
		{"api.yaml#/a", at("api.yaml", "/ab", ""), false},
		{"GET /a", at("api.yaml", "", "GET /a (getA)"), true},
		{"GET /a", at("api.yaml", "", "GET /a"), true},
		{"GET /a", at("api.yaml", "", "GET /a/b (getB)"), false},
		{"GET /a", at("api.yaml", "", "PUT /a"), false},
		{"GET /a", at("api.yaml", "/paths/~1a/get", ""), true},
		{"GET /a", at("api.yaml", "/paths/~1a/get/parameters/0/schema/default", ""), true},
		{"GET /a/{b~c}", at("api.yaml", "/paths/~1a~1{b~0c}/get/responses", ""), true},
		{"GET /a", at("api.yaml", "/paths/~1a/put/responses", ""), false},
		{"GET /a", at("api.yaml", "/paths/~1a~1b/get/responses", ""), false},
		{"GET /a", at("api.yaml", "/paths/~1a/parameters/0", ""), false},
	} {
		a := config.Acceptance{Rule: "syntax", Where: row.where, Until: time.Date(2026, 5, 1, 0, 0, 0, 0, time.Local)}
		rest, unused := config.Accept([]finding.Finding{row.finding}, []config.Acceptance{a}, same, now)
		if (len(rest) == 0) != row.want || (len(unused) == 0) != row.want {
			t.Errorf("%s: %+v: %d findings are left, %d acceptances unused", row.where, row.finding, len(rest), len(unused))
		}
		if rest, unused := config.Accept([]finding.Finding{row.finding}, []config.Acceptance{a}, same, now.AddDate(0, 0, 1)); len(rest) != 1 || len(unused) != 1 || !a.Ended(now.AddDate(0, 0, 1)) {
			t.Errorf("%s holds beyond its last day", row.where)
		}
		a.Rule = "tag-undefined"
		if rest, _ := config.Accept([]finding.Finding{row.finding}, []config.Acceptance{a}, same, now); len(rest) != 1 {
			t.Errorf("%s: the acceptance of one rule takes out findings of another", row.where)
		}
	}
}
