package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outcome is what a run of the command left.
type outcome struct {
	code           int
	stdout, stderr string
}

func execute(t *testing.T, args ...string) outcome {
	t.Helper()
	return executeWith(t, nil, args...)
}

// executeWith runs a command in an environment with the variables and nothing
// else.
func executeWith(t *testing.T, variables map[string]string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), command.Environment{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string {
			// The configuration of this repository is not that of the tests.
			if _, set := variables[name]; name == "MTRACK_SPEC_CONFIG" && !set {
				return "none"
			}
			return variables[name]
		},
	}, args)
	return outcome{code, stdout.String(), stderr.String()}
}

// file writes a file into a directory of the test's and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func music(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(string(openapi.Music), old) {
		t.Fatalf("the contract does not hold %q", old)
	}
	return file(t, "music.yaml", strings.Replace(string(openapi.Music), old, new, 1))
}

func TestRun_ExitStatus(t *testing.T) {
	const contract = "../../openapi/music.yaml"
	broken := music(t, "summary: Get a track\n", "summary: ''\n")
	untagged := music(t, "  - name: tracks\n    description: Tracks of an organization, and the caller's library of them.\n", "  - name: tracks\n")
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"nothing", nil, exitUnusable, "", "Usage: mtrack-spec COMMAND"},
		{"help", []string{"help"}, exitClean, "Usage: mtrack-spec COMMAND", ""},
		{"help of a command", []string{"help", "diff"}, exitClean, "Usage: mtrack-spec diff", ""},
		{"version", []string{"version"}, exitClean, "mtrack-spec", ""},
		{"unknown command", []string{"lint"}, exitUnusable, "", `no command "lint"; "mtrack-spec help"`},
		{"unknown flag", []string{"check", "--fast", contract}, exitUnusable, "", "flag provided but not defined: --fast\nSee: mtrack-spec check --help"},

		{"both contracts", []string{"check", contract, "../../openapi/provisioning.yaml"}, exitClean, "2 documents: no findings", ""},
		{"no document", []string{"check"}, exitUnusable, "", "name at least one document"},
		{"missing document", []string{"check", "none.yaml"}, exitUnusable, "", "none.yaml: cannot be read: no such file or directory"},
		{"one of two is missing", []string{"check", contract, "none.yaml"}, exitUnusable, "1 document: no findings", "none.yaml"},
		{"one of three is no text", []string{"check", file(t, "a.yaml", "a: 'b\n"), contract, file(t, "b.json", `{"openapi": }`)}, exitFindings, "b.json:1:13: error: not valid JSON", ""},
		{"a reference out of the root", []string{"check", "--root", "testdata", file(t, "a.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: b.yaml}}\n")}, exitFindings, "is outside of", ""},
		{"too many files", []string{"check", "--max-files", "1", file(t, "a.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: b.yaml}}\n")}, exitUnusable, "", "more than 1 files. Bundle it into fewer files (--max-files)"},
		{"Swagger 2.0", []string{"check", file(t, "a.yaml", "swagger: '2.0'\n")}, exitUnusable, "", "Swagger 2.0"},
		{"OpenAPI 3.1", []string{"check", file(t, "a.yaml", "openapi: 3.1.0\n")}, exitUnusable, "", "OpenAPI 3.1.0"},
		{"finding", []string{"check", music(t, "operationId: getTrack", "operationId: deleteTrack")}, exitFindings, "[operation-id-duplicate]", ""},
		{"advice", []string{"check", untagged}, exitClean, "1 document: no findings\n1 more in preset recommended\n", ""},
		{"advice in the preset that gives it", []string{"check", "--preset", "recommended", untagged}, exitClean, ": warning: the tag tracks has no description [description-tag]", ""},
		{"advice that counts", []string{"check", "--preset", "recommended", "--level", "warning", untagged}, exitFindings, "[description-tag]", ""},
		{"advice in the preset that asks for it", []string{"check", "--preset", "strict", untagged}, exitFindings, ": error: the tag tracks has no description [description-tag]", ""},
		{"disabled rule", []string{"check", "--preset", "strict", "--disable", "description-tag, tag-undefined", untagged}, exitClean, "1 document: no findings\n", ""},
		{"a glob", []string{"check", "../../openapi/*.yaml"}, exitClean, "2 documents: no findings", ""},
		{"an absolute glob", []string{"check", filepath.Dir(untagged) + "/*.yaml"}, exitClean, "1 document: no findings", ""},
		{"a glob of nothing", []string{"check", "../../openapi/*.yml"}, exitUnusable, "", "../../openapi/*.yml matches no file"},
		{"unknown rule", []string{"check", "--disable", "nonsense", contract}, exitUnusable, "", `unknown rule "nonsense": ` + "`mtrack-spec rules`"},
		{"unknown format", []string{"check", "--format", "html", contract}, exitUnusable, "", "use one of text, json, github, sarif, junit"},
		{"unknown level", []string{"check", "--level", "note", contract}, exitUnusable, "", "use one of error, warning"},
		{"too large", []string{"check", "--max-size", "1KiB", contract}, exitUnusable, "", "larger than the limit of 1024 bytes. Raise the limit if the document is meant to be that large (--max-size)"},
		{"no size", []string{"check", "--max-size", "much", contract}, exitUnusable, "", "give a number of bytes"},
		{"flags after the document", []string{"check", broken, "--format=json", "--level", "error"}, exitClean, `"findings": []`, ""},
		{"envelope that does not exist", []string{"check", "--envelope", "Problem", contract}, exitUnusable, "", "has no schema Problem"},
		{"envelope by name", []string{"check", "--envelope", "InternalEnvelope", contract}, exitClean, "no findings", ""},
		{"envelope that no error follows", []string{"check", "--preset", "strict", "--envelope", "Acknowledgement", contract}, exitFindings, "[error-envelope]", ""},
		{"a file with a colon in its name", []string{"check", file(t, "a:b.yaml", "openapi: 3.1.0\n")}, exitUnusable, "", "a:b.yaml:1:10: this is an OpenAPI 3.1.0 document"},
		{"revision without a path", []string{"check", "HEAD:"}, exitUnusable, "", "REV:PATH"},

		{"no change", []string{"diff", contract, contract}, exitClean, "no findings", ""},
		{"one document to compare", []string{"diff", contract}, exitUnusable, "", "name two documents"},
		{"breaking change", []string{"diff", contract, music(t, "            maximum: 100\n            default: 50", "            maximum: 90\n            default: 50")}, exitFindings, "[request-parameter-max-decreased]", ""},
		{"breaking change that is borne", []string{"diff", "--fail-on", "none", contract, music(t, "            maximum: 100\n            default: 50", "            maximum: 90\n            default: 50")}, exitClean, "[request-parameter-max-decreased]", ""},
		{"requirement", []string{"diff", contract, music(t, "            maximum: 100\n            default: 50", "            maximum: 200\n            default: 50")}, exitClean, "note: ", ""},
		{"requirement that is refused", []string{"diff", "--fail-on", "requirement", contract, music(t, "            maximum: 100\n            default: 50", "            maximum: 200\n            default: 50")}, exitFindings, "[request-parameter-max-increased]", ""},
		{"comparison with nonsense", []string{"diff", contract, file(t, "a.yaml", "nonsense\n")}, exitUnusable, "", "not an OpenAPI document"},
		{"comparison with a faulty document", []string{"diff", contract, music(t, "$ref: '#/components/schemas/Mode'", "$ref: '#/components/schemas/Mood'")}, exitUnusable, "", "`mtrack-spec check` shows all findings"},

		{"rules", []string{"rules"}, exitClean, "error-envelope", ""},
		{"rules with an argument", []string{"rules", "error-envelope"}, exitUnusable, "", `unexpected argument "error-envelope"`},
		{"explain", []string{"explain", "error-envelope"}, exitClean, "Fix:", ""},
		{"explain nothing", []string{"explain"}, exitUnusable, "", "name one rule"},
		{"explain nonsense", []string{"explain", "nonsense"}, exitUnusable, "", `unknown rule "nonsense"`},

		{"trace with an argument", []string{"trace", "a"}, exitUnusable, "", `unexpected argument "a"`},
		{"trace without generated code", []string{"trace", "--generated", "nowhere"}, exitUnusable, "", "no generated code in nowhere"},
		{"coverage of nothing", []string{"coverage"}, exitUnusable, "", "name one conformance report"},
		{"coverage of a missing report", []string{"coverage", "none.json"}, exitUnusable, "", "none.json"},
		{"coverage of nonsense", []string{"coverage", file(t, "r.json", "{}")}, exitUnusable, "", "is not a conformance report"},
		{"coverage of another contract", []string{"coverage", file(t, "r.json", `{"report_version": 1, "suite": {"contract_sha256": "00"}}`)}, exitUnusable, "", "name it with --contract"},
		{"coverage of a report that is cut off", []string{"coverage", file(t, "r.json", `{"report_version": 1, "sui`)}, exitUnusable, "", "it is not JSON from byte 26 on, or is cut off there"},
		{"coverage of a list", []string{"coverage", file(t, "r.json", "[]")}, exitUnusable, "", "is not a conformance report: write one with"},
		{"coverage of a report without a contract", []string{"coverage", file(t, "r.json", `{"report_version": 1}`)}, exitUnusable, "", "does not say which contract it is about"},
		{"coverage under no number", []string{"coverage", "--fail-under", "NaN", "r.json"}, exitUnusable, "", "a percentage from 0 to 100"},
		{"coverage without no status", []string{"coverage", "--exclude-status", "503,4XX", "r.json"}, exitUnusable, "", `"4XX" is not a status`},
		{"coverage with nonsense", []string{"coverage", "--fail-under", "101", "r.json"}, exitUnusable, "", "a percentage from 0 to 100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := execute(t, tt.args...)
			if got.code != tt.code {
				t.Errorf("exit status %d, want %d", got.code, tt.code)
			}
			if !strings.Contains(got.stdout, tt.stdout) || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("stdout:\n%s\nstderr:\n%s\nwant %q and %q", got.stdout, got.stderr, tt.stdout, tt.stderr)
			}
			if tt.code == exitUnusable && tt.stdout == "" && got.stdout != "" {
				t.Errorf("unusable input, and yet on stdout: %s", got.stdout)
			}
			if tt.code != exitUnusable && got.stderr != "" {
				t.Errorf("on stderr: %s", got.stderr)
			}
		})
	}
}

// A signal ends a command at once, whatever its libraries are doing.
func TestRun_Interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	entered, forever := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(forever) })
	busy := func(*command.FlagSet) command.Action {
		return func(context.Context, command.Environment, []string) error {
			close(entered)
			<-forever
			return nil
		}
	}
	go func() {
		<-entered
		cancel()
	}()
	err := interruptible(busy)(nil)(ctx, command.Environment{}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Every format of every command is one document of that format.
func TestRun_Formats(t *testing.T) {
	contract := "../../openapi/music.yaml"
	broken := music(t, "operationId: getTrack", "operationId: deleteTrack")
	report := file(t, "report.json", coverageReport())
	for _, args := range [][]string{{"check", broken}, {"check", contract}, {"diff", contract, broken}, {"coverage", report}, {"trace", "--generated", "none"}} {
		for _, format := range []string{"json", "sarif", "junit", "github"} {
			got := execute(t, append(args, "--format", format)...)
			if got.code == exitUnusable {
				t.Errorf("%v as %s: %s", args, format, got.stderr)
			}
			switch format {
			case "json", "sarif":
				if !json.Valid([]byte(got.stdout)) {
					t.Errorf("%v as %s is not JSON", args, format)
				}
			case "junit":
				if !strings.HasPrefix(got.stdout, "<?xml") {
					t.Errorf("%v as %s is not XML", args, format)
				}
			}
		}
	}
	if got := execute(t, "trace", "--format", "markdown"); !strings.HasPrefix(got.stdout, "# Traceability") {
		t.Errorf("not Markdown: %.80s", got.stdout)
	}
}

func coverageReport() string {
	sum := sha256.Sum256(openapi.Music)
	return fmt.Sprintf(`{"report_version": 1, "suite": {"contract_sha256": %q}, "coverage": [
		{"operation": "deleteTrack", "status": 200, "exchanges": 2, "cases": ["a"], "parameters": ["path:track_id", "path:organization_id"],
		 "response_headers": ["X-Request-Id"], "properties": ["success", "id", "detail"]}]}`, hex.EncodeToString(sum[:]))
}

func TestRun_Coverage(t *testing.T) {
	report := file(t, "report.json", coverageReport())
	got := execute(t, "coverage", report)
	if got.code != exitClean || !strings.Contains(got.stdout, "operation  1 of 4") || !strings.Contains(got.stdout, "status     deleteTrack 404") ||
		strings.Contains(got.stdout, "deleteTrack 200 detail") {
		t.Errorf("exit status %d:\n%s", got.code, got.stdout)
	}
	if !strings.Contains(got.stdout, "status     getTrack 503, and its ") || strings.Contains(got.stdout, "getTrack 503 error") {
		t.Errorf("what a status has that never came is listed:\n%s", got.stdout)
	}
	if got := execute(t, "coverage", "--fail-under", "50", report); got.code != exitFindings || !strings.Contains(got.stderr, "is below the 50% of --fail-under") {
		t.Errorf("exit status %d below the limit: %s", got.code, got.stderr)
	}
	if got := execute(t, "coverage", "--fail-under", "50", "--format", "github", report); !strings.Contains(got.stdout, "::error file=openapi/music.yaml,line=1,col=1,title=coverage-limit::") {
		t.Errorf("no annotation says why it fails:\n%s", got.stdout)
	}
	if got := execute(t, "coverage", "--fail-under", "1", report); got.code != exitClean {
		t.Errorf("exit status %d above the limit", got.code)
	}
	if got := execute(t, "coverage", "--exclude-status", "404,500", report); strings.Contains(got.stdout, "deleteTrack 404") {
		t.Errorf("the excluded status is counted:\n%s", got.stdout)
	}
	if got := execute(t, "coverage", "--contract", "../../openapi/provisioning.yaml", report); got.code != exitUnusable {
		t.Errorf("exit status %d for another contract", got.code)
	}
}

func TestRun_Environment(t *testing.T) {
	variables := map[string]string{"MTRACK_SPEC_FORMAT": "json"}
	if got := executeWith(t, variables, "check", "../../openapi/music.yaml"); !json.Valid([]byte(got.stdout)) {
		t.Errorf("the environment is not read: %s%s", got.stdout, got.stderr)
	}
	if got := executeWith(t, variables, "check", "--format", "text", "../../openapi/music.yaml"); !strings.Contains(got.stdout, "no findings") {
		t.Errorf("the flag does not win: %s%s", got.stdout, got.stderr)
	}
	html := map[string]string{"MTRACK_SPEC_FORMAT": "html"}
	if got := executeWith(t, html, "check", "../../openapi/music.yaml"); got.code != exitUnusable || !strings.Contains(got.stderr, "MTRACK_SPEC_FORMAT") {
		t.Errorf("a wrong value: exit status %d, %s", got.code, got.stderr)
	}
}

func TestRun_GitRevision(t *testing.T) {
	testenv.Need(t, "git")
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(context.Background(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	t.Chdir(dir)
	git("init", "-q")
	if err := os.WriteFile("api.yaml", openapi.Music, 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", ".")
	git("commit", "-qm", "first")
	changed := strings.Replace(string(openapi.Music), "operationId: getTrack", "operationId: fetchTrack", 1)
	if err := os.WriteFile("api.yaml", []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, "diff", "--fail-on", "warning", "HEAD:api.yaml", "api.yaml")
	if got.code != exitFindings || !strings.Contains(got.stdout, "api.yaml:") || !strings.Contains(got.stdout, "[api-operation-id-removed]") {
		t.Errorf("exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	if err := os.MkdirAll("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("sub/new.yaml", openapi.Music, 0o600); err != nil {
		t.Fatal(err)
	}
	got = execute(t, "diff", "--fail-on", "warning", "--against", "HEAD", "--format", "github", "./api.yaml", "sub/new.yaml")
	if got.code != exitFindings || !strings.Contains(got.stdout, "::warning file=") || got.stderr != "sub/new.yaml is new since HEAD: nothing to compare\n" {
		t.Errorf("exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	wantLine := 1 + strings.Count(changed[:strings.Index(changed, "operationId: fetchTrack")], "\n")
	if want := fmt.Sprintf("file=api.yaml,line=%d,", wantLine); !strings.Contains(got.stdout, want) {
		t.Errorf("the annotation is not at %s:\n%s", want, got.stdout)
	}
	for _, args := range [][]string{{"nowhere", "api.yaml"}, {"HEAD"}, {"HEAD", filepath.Join(dir, "api.yaml")}, {"HEAD", "none.yaml"}} {
		if got := execute(t, append([]string{"diff", "--against"}, args...)...); got.code != exitUnusable || got.stderr == "" {
			t.Errorf("--against %q: exit status %d", args, got.code)
		}
	}
	// CI shows annotations in the whole checkout, whatever directory the command runs in.
	for _, tt := range []struct{ dir, document, want string }{
		{".", "HEAD:./api.yaml", "file=api.yaml,"}, {".", "HEAD:api.yaml", "file=api.yaml,"}, {"sub", "HEAD:../api.yaml", "file=api.yaml,"},
		{"sub", "new.yaml", "file=sub/new.yaml,"}, {".", filepath.Join(dir, "sub/new.yaml"), "file=sub/new.yaml,"},
	} {
		t.Chdir(filepath.Join(dir, tt.dir))
		got := executeWith(t, map[string]string{"GITHUB_WORKSPACE": dir}, "check", "--format", "github", "--preset", "strict", "--envelope", "Acknowledgement", tt.document)
		if got.code != exitFindings || !strings.Contains(got.stdout, tt.want) {
			t.Errorf("%s in %s: exit status %d, want %q:\n%.300s%s", tt.document, tt.dir, got.code, tt.want, got.stdout, got.stderr)
		}
	}
	t.Chdir(dir)
	// A document that was moved is compared with what it was.
	git("mv", "api.yaml", "sub/moved.yaml")
	if got := execute(t, "diff", "--fail-on", "warning", "--against", "HEAD", "sub/moved.yaml"); got.code != exitFindings || !strings.Contains(got.stderr, "sub/moved.yaml was api.yaml") {
		t.Errorf("moved: exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	t.Chdir("sub")
	if got := execute(t, "diff", "--fail-on", "warning", "--against", "HEAD", "moved.yaml"); got.code != exitFindings || !strings.Contains(got.stderr, "moved.yaml was ../api.yaml") {
		t.Errorf("moved, from its directory: exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	t.Chdir("..")
	git("mv", "sub/moved.yaml", "api.yaml")
	t.Chdir("sub")
	if got := execute(t, "diff", "--fail-on", "warning", "--against", "HEAD", "../api.yaml"); got.code != exitFindings {
		t.Errorf("from below: exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	t.Chdir("..")
	if got := execute(t, "diff", "--fail-on", "warning", "HEAD~1:api.yaml", "api.yaml"); got.code != exitUnusable || got.stderr == "" {
		t.Errorf("a revision that does not exist: exit status %d", got.code)
	}
}

// The help of every command is pinned: it is where flags are documented.
func TestRun_Help(t *testing.T) {
	var all bytes.Buffer
	all.WriteString(execute(t, "help").stdout)
	for _, c := range program().Commands {
		got := execute(t, c.Name, "--help")
		if got.code != exitClean || got.stderr != "" {
			t.Errorf("%s --help: exit status %d, %s", c.Name, got.code, got.stderr)
		}
		fmt.Fprintf(&all, "\n-- %s --\n%s", c.Name, got.stdout)
	}
	const golden = "testdata/help.golden"
	if *update {
		if err := os.WriteFile(golden, all.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(want) {
		t.Errorf("the help is not that of %s; if that is meant, run the test with -update. Got:\n%s", golden, all.String())
	}
}

func TestSizeValue(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "12B": 12, "3KiB": 3 << 10, "10MiB": 10 << 20, "2GiB": 2 << 30} {
		var v sizeValue
		if err := v.Set(text); err != nil || int64(v) != want {
			t.Errorf("%s: %d %v", text, v, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "MiB", "1.5MiB", "1MB", "9999999999GiB", "10 MiB"} {
		var v sizeValue
		if err := v.Set(text); err == nil {
			t.Errorf("%q is taken for %d", text, v)
		}
	}
	if v := sizeValue(10 << 20); v.String() != "10MiB" {
		t.Errorf("written as %s", v.String())
	}
}
