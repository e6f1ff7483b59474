package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
)

// asCommand makes the test binary the command itself, so that the scripts of CI
// can be tried without building it again.
const asCommand = "MTRACK_SPEC_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ci is a repository with a base commit, and a directory of commands for the gate.
type ci struct {
	dir, bin string
	// suiteLog is where the stand-in for the suite writes its arguments.
	suiteLog string
}

func newCI(t *testing.T) ci {
	t.Helper()
	for _, tool := range []string{"bash", "git"} {
		testenv.Need(t, tool)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := ci{dir: t.TempDir(), bin: t.TempDir()}
	c.suiteLog = filepath.Join(c.bin, "suite.log")
	script(t, filepath.Join(c.bin, "mtrack-spec"), asCommand+"=1 exec '"+self+"' \"$@\"")
	c.write(t, "openapi.yaml", string(openapi.Music))
	c.git(t, "init", "-q", "-b", "main")
	c.git(t, "add", ".")
	c.git(t, "commit", "-qm", "base")
	return c
}

func script(t *testing.T, name, body string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("#!/usr/bin/env bash\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (c ci) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c ci) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", c.dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// suite puts a stand-in for the conformance suite into place, which ends with the
// given exit status and leaves a report.
func (c ci) suite(t *testing.T, status string) {
	t.Helper()
	script(t, filepath.Join(c.bin, "mtrack-conformance"), `printf '%s\n' "$@" >'`+c.suiteLog+`'
printf '%s' '`+coverageReport()+`' >"$GATE_REPORTS/report.json"
exit `+status)
}

// gate runs the script of the action.
func (c ci) gate(t *testing.T, environment ...string) (output string, code int) {
	t.Helper()
	path, err := filepath.Abs("../../.ci/gate")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), append([]string{"GATE_BIN=" + c.bin, "RUNNER_TEMP=" + c.bin, "GATE_REPORTS=" + filepath.Join(c.bin, "reports")}, environment...)...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestGate_Clean(t *testing.T) {
	c := newCI(t)
	out, code := c.gate(t, "GATE_DOCUMENTS=\n  openapi.yaml  \n\n", "GATE_BASE=main")
	if code != 0 || strings.Contains(out, "::") || !strings.Contains(out, "1 document: no findings") || !strings.Contains(out, "1 document since main: no findings") {
		t.Errorf("exit status %d:\n%s", code, out)
	}
}

// A pull request that repairs a document passes, though there is nothing to compare it with.
func TestGate_Repair(t *testing.T) {
	c := newCI(t)
	c.write(t, "openapi.yaml", strings.Replace(string(openapi.Music), "#/components/", "#/nowhere/", 1))
	c.git(t, "commit", "-qam", "broken")
	c.write(t, "openapi.yaml", string(openapi.Music))
	out, code := c.gate(t, "GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=main")
	if code != 0 || !strings.Contains(out, "::warning file=openapi.yaml,line=1,col=1,title=base-unreadable::") {
		t.Errorf("exit status %d:\n%s", code, out)
	}
}

// Annotations stand at the lines at which the pull request is wrong.
func TestGate_Annotations(t *testing.T) {
	c := newCI(t)
	text := strings.Replace(string(openapi.Music), "            maximum: 100\n            default: 50", "            maximum: 10\n            default: 50", 1)
	c.write(t, "openapi.yaml", text)
	sarif := filepath.Join(c.bin, "out.sarif")
	out, code := c.gate(t, "GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=main", "GATE_SARIF="+sarif)
	if code != 1 {
		t.Errorf("exit status %d", code)
	}
	lines := strings.Split(text, "\n")
	for rule, want := range map[string]string{"default-invalid": "default: 50", "request-parameter-max-decreased": "maximum: 10"} {
		m := regexp.MustCompile(`::error file=openapi\.yaml,line=(\d+),col=\d+,title=` + rule + `::`).FindStringSubmatch(out)
		if m == nil {
			t.Errorf("%s is not annotated:\n%s", rule, out)
			continue
		}
		var n int
		if err := yaml.Unmarshal([]byte(m[1]), &n); err != nil || !strings.Contains(lines[n-1], want) {
			t.Errorf("%s is annotated at %q, want %q", rule, lines[n-1], want)
		}
	}
	if data, err := os.ReadFile(sarif); err != nil || !strings.Contains(string(data), `"ruleId": "default-invalid"`) {
		t.Errorf("the SARIF file: %v", err)
	}
}

// Documents are named by globs too, and those that the configuration lists by its name. Inputs win
// over the configuration.
func TestGate_Documents(t *testing.T) {
	c := newCI(t)
	c.write(t, "second.yaml", string(openapi.Provisioning))
	c.write(t, ".mtrack-spec.yaml", "preset: strict\ndocuments: [openapi.yaml]\n")
	for documents, want := range map[string]string{
		"*.yaml":                              "2 documents: no findings",
		".mtrack-spec.yaml":                   "1 document: no findings",
		"second.*\n.mtrack-spec.yaml\n*.yaml": "2 documents: no findings",
	} {
		if out, code := c.gate(t, "GATE_DOCUMENTS="+documents); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q: exit status %d, want %q:\n%s", documents, code, want, out)
		}
	}
	if out, code := c.gate(t, "GATE_DOCUMENTS=*.json"); code != 1 || !strings.Contains(out, "*.json matches no file") {
		t.Errorf("a glob of nothing: exit status %d:\n%s", code, out)
	}
	c.write(t, "openapi.yaml", strings.Replace(string(openapi.Music), "    description: Tracks of an organization, and the caller's library of them.\n", "", 1))
	if out, code := c.gate(t, "GATE_DOCUMENTS=*.yaml"); code != 1 || !strings.Contains(out, "::error file=openapi.yaml") {
		t.Errorf("the configuration is not read: exit status %d:\n%s", code, out)
	}
	if out, code := c.gate(t, "GATE_DOCUMENTS=*.yaml", "GATE_PRESET=recommended"); code != 0 || !strings.Contains(out, "::warning file=openapi.yaml") {
		t.Errorf("the input does not win: exit status %d:\n%s", code, out)
	}
	if out, code := c.gate(t, "GATE_DOCUMENTS=*.yaml", "GATE_PRESET=recommended", "GATE_LEVEL=warning"); code != 1 {
		t.Errorf("the level does not count: exit status %d:\n%s", code, out)
	}
}

// A checkout of depth 1 has to fetch the base first.
func TestGate_ShallowCheckout(t *testing.T) {
	origin := newCI(t)
	origin.write(t, "openapi.yaml", strings.Replace(string(openapi.Music), "operationId: getTrack", "operationId: fetchTrack", 1))
	origin.git(t, "checkout", "-qb", "change")
	origin.git(t, "commit", "-qam", "change")
	clone := origin
	clone.dir = filepath.Join(t.TempDir(), "clone")
	origin.git(t, "clone", "-q", "--depth=1", "--branch=change", "file://"+origin.dir, clone.dir)
	out, code := clone.gate(t, "GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=main")
	if code != 1 || !strings.Contains(out, "title=api-operation-id-removed") {
		t.Errorf("exit status %d:\n%s", code, out)
	}
}

func TestGate_Trouble(t *testing.T) {
	c := newCI(t)
	for name, tt := range map[string]struct {
		environment []string
		code        int
		want        string
	}{
		"nothing to do":     {nil, 2, "there is nothing to do"},
		"missing document":  {[]string{"GATE_DOCUMENTS=none.yaml"}, 1, "::error title=mtrack check::the check could not be done"},
		"hostile document":  {[]string{"GATE_DOCUMENTS=--help"}, 1, "the check could not be done"},
		"hostile text":      {[]string{"GATE_DOCUMENTS=openapi.yaml", "GATE_DISABLE=$(touch pwned); touch pwned"}, 1, "unknown rule"},
		"base of no commit": {[]string{"GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=nowhere"}, 1, "::error title=mtrack diff::there is no revision nowhere"},
		"base of commands":  {[]string{"GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=no\n::error::\u202ewhere%0A"}, 1, "::error title=mtrack diff::there is no revision no???error?????where?0A here"},
		"every part runs":   {[]string{"GATE_DOCUMENTS=openapi.yaml", "GATE_BASE=nowhere", "GATE_TARGET=http://127.0.0.1:1"}, 1, "mtrack: conformance"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := c.gate(t, tt.environment...)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("exit status %d, want %d and %q:\n%s", code, tt.code, tt.want, out)
			}
			if _, err := os.Stat(filepath.Join(c.dir, "pwned")); err == nil {
				t.Error("an input was run as shell")
			}
		})
	}
}

func TestGate_Suite(t *testing.T) {
	c := newCI(t)
	c.suite(t, "0")
	out, code := c.gate(t, "GATE_TARGET=http://127.0.0.1:1", "GATE_PROVISION=http://127.0.0.1:2", "GATE_PROFILE=delete", "GATE_STRICT=true", "GATE_KNOWN_FAILING=known.txt")
	if code != 0 || !strings.Contains(out, "operation  1 of 4") {
		t.Errorf("exit status %d:\n%s", code, out)
	}
	arguments, err := os.ReadFile(c.suiteLog)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"run\n--target\nhttp://127.0.0.1:1\n--profile\ndelete\n", "--provision\nhttp://127.0.0.1:2\n", "--known-failing\n@known.txt\n", "--strict\n"} {
		if !strings.Contains(string(arguments), want) {
			t.Errorf("the suite was not given %q:\n%s", want, arguments)
		}
	}
	if out, code := c.gate(t, "GATE_TARGET=http://127.0.0.1:1", "GATE_COVERAGE=90"); code != 1 || !strings.Contains(out, "::error title=mtrack coverage::") {
		t.Errorf("too little coverage: exit status %d:\n%s", code, out)
	}
	c.suite(t, "1")
	if out, code := c.gate(t, "GATE_TARGET=http://127.0.0.1:1"); code != 1 || !strings.Contains(out, "::error title=mtrack conformance::the implementation does not conform") {
		t.Errorf("not conforming: exit status %d:\n%s", code, out)
	}
	// The report of a run before is not counted where a run leaves none.
	script(t, filepath.Join(c.bin, "mtrack-conformance"), "exit 2")
	if out, code := c.gate(t, "GATE_TARGET=http://127.0.0.1:1"); code != 1 || strings.Contains(out, "mtrack: coverage") {
		t.Errorf("no report: exit status %d:\n%s", code, out)
	}
	c.suite(t, "2")
	if out, code := c.gate(t, "GATE_TARGET=http://127.0.0.1:1"); code != 1 || !strings.Contains(out, "the conformance could not be done") {
		t.Errorf("no run: exit status %d:\n%s", code, out)
	}
}

// actionFile is the part of action.yml that is tested.
type actionFile struct {
	Inputs map[string]struct{ Description, Default string }
	Runs   struct {
		Steps []struct {
			Env map[string]string
			Run string
		}
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// Every input of the action reaches the gate, through the environment and never
// through the text of a script, and the gate reads no other.
func TestAction(t *testing.T) {
	var a actionFile
	readYAML(t, "action.yml", &a)
	gate, err := os.ReadFile("../../.ci/gate")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	variables := map[string]bool{"GATE_BIN": true}
	for _, step := range a.Runs.Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("a script holds an expression: %s", step.Run)
		}
		for name, value := range step.Env {
			variables[name] = true
			if m := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`).FindStringSubmatch(value); m != nil {
				used[m[1]] = true
				if want := "GATE_" + strings.ToUpper(strings.ReplaceAll(m[1], "-", "_")); name != want {
					t.Errorf("the input %s is in %s, want %s", m[1], name, want)
				}
			}
			if !strings.Contains(string(gate), "${"+name) && !strings.Contains(string(gate), "$"+name) {
				t.Errorf("the gate does not read %s", name)
			}
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("the input %s is not used or not described", name)
		}
	}
	for _, name := range regexp.MustCompile(`GATE_[A-Z_]+`).FindAllString(string(gate), -1) {
		if !variables[name] {
			t.Errorf("the gate reads %s, which the action does not set", name)
		}
	}
}

// hook is an entry of .pre-commit-hooks.yaml.
type hook struct {
	ID, Name, Description, Entry, Language, Files string
	Args                                          []string
}

func TestPreCommitHooks(t *testing.T) {
	var hooks []hook
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 2 {
		t.Fatalf("%d hooks", len(hooks))
	}
	c := newCI(t)
	for _, h := range hooks {
		files := regexp.MustCompile(h.Files)
		for name, want := range map[string]bool{
			"openapi.yaml": true, "openapi.json": true, "api/openapi-v2.yml": true, "openapi/music.yaml": true,
			"openapi/parts/schemas/pet.yaml": true,
			"openapi/openapi.go":             false, "docs/openapi.md": false, "compose.yaml": false,
		} {
			if files.MatchString(name) != want {
				t.Errorf("%s: %s matches %t", h.ID, name, !want)
			}
		}
		// pre-commit runs the entry with the arguments and then the file names.
		words := append(strings.Fields(h.Entry), append(h.Args, "openapi.yaml")...)
		cmd := exec.CommandContext(t.Context(), filepath.Join(c.bin, words[0]), words[1:]...)
		cmd.Dir = c.dir
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "no findings") {
			t.Errorf("%s: %v\n%s", h.ID, err, out)
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The guide's workflow files use the action and the hooks as they are, and its
// table of rules is the catalogue.
func TestGuide(t *testing.T) {
	const guide = "../../docs/spec-gate.md"
	data, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	var a actionFile
	readYAML(t, "action.yml", &a)
	var hooks []hook
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	blocks := yamlBlock.FindAllStringSubmatch(string(data), -1)
	actions, configured := 0, 0
	for _, block := range blocks {
		var doc struct {
			Jobs map[string]struct {
				Steps []struct {
					Uses string
					With map[string]string
				}
			}
			Repos []struct{ Hooks []hook }
		}
		if err := yaml.Unmarshal([]byte(block[1]), &doc); err != nil {
			t.Errorf("a block is not YAML: %v\n%s", err, block[1])
		}
		for _, job := range doc.Jobs {
			for _, step := range job.Steps {
				if !strings.HasPrefix(step.Uses, "seed-5ec2a705/mtrack@") {
					continue
				}
				actions++
				for name := range step.With {
					if _, ok := a.Inputs[name]; !ok {
						t.Errorf("the guide gives the action the unknown input %s", name)
					}
				}
			}
		}
		for _, repo := range doc.Repos {
			for _, h := range repo.Hooks {
				configured++
				if !slices.ContainsFunc(hooks, func(known hook) bool { return known.ID == h.ID }) {
					t.Errorf("the guide names the unknown hook %s", h.ID)
				}
			}
		}
	}
	if actions < 2 || configured < 2 {
		t.Errorf("the guide uses the action %d times and %d hooks", actions, configured)
	}

	before, rest, _ := strings.Cut(string(data), "<!-- rules -->\n")
	_, after, found := strings.Cut(rest, "<!-- /rules -->\n")
	if !found {
		t.Fatal("the guide has no place for the rules")
	}
	var table strings.Builder
	table.WriteString("| Rule | `spec` | `recommended` | Asks for |\n|---|---|---|---|\n")
	for _, r := range check.Rules() {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", r.ID, check.Level(config.Spec, r.ID), check.Level(config.Recommended, r.ID), strings.ReplaceAll(r.Title, "|", `\|`))
	}
	want := before + "<!-- rules -->\n" + table.String() + "<!-- /rules -->\n" + after
	if *update {
		if err := os.WriteFile(guide, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(data) {
		t.Error("the guide's table of rules is not current; write it with\n\tgo test ./cmd/mtrack-spec -run Guide -update")
	}
}
