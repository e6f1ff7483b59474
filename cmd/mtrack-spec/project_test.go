package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// document is a document without findings in preset strict, which refers to a part.
const document = `openapi: 3.0.3
info: {title: Pets, version: '1', description: Pets of all kinds.}
servers: [{url: https://pets.example.com}]
security: []
paths:
  /pets:
    get:
      operationId: listPets
      summary: List the pets
      responses:
        '200':
          description: The pets.
          content:
            application/json:
              schema: {$ref: parts/pet.yaml}
        '400':
          description: The request is wrong.
          content:
            application/json:
              schema: {type: object, description: An error., required: [code], properties: {code: {type: string, description: What is wrong.}}}
`

const part = `type: object
description: A pet.
properties:
  name: {type: string, description: What it is called.}
`

// repository is a git checkout in which the test works. Its files are committed.
func repository(t *testing.T, files map[string]string) {
	t.Helper()
	testenv.Need(t, "git")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	git(t, "init", "-q", "-b", "main")
	for name, text := range files {
		put(t, name, text)
	}
	git(t, "add", ".")
	git(t, "commit", "-qm", "first")
}

func git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// configured runs a command with the configuration that it finds.
func configured(t *testing.T, args ...string) outcome {
	t.Helper()
	return executeWith(t, map[string]string{"MTRACK_SPEC_CONFIG": ""}, args...)
}

// want checks an outcome: its exit status, and the whole of what it wrote.
func (o outcome) want(t *testing.T, code int, stdout, stderr string) {
	t.Helper()
	if o.code != code || o.stdout != stdout || o.stderr != stderr {
		t.Errorf("exit status %d, want %d\nstdout:\n%s\nwant:\n%s\nstderr:\n%s\nwant:\n%s", o.code, code, o.stdout, stdout, o.stderr, stderr)
	}
}

// holds checks an outcome: its exit status, and parts of what it wrote to both streams.
func (o outcome) holds(t *testing.T, code int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if o.code != code || !strings.Contains(o.stdout+o.stderr, text) {
			t.Errorf("exit status %d, want %d and %q\nstdout:\n%s\nstderr:\n%s", o.code, code, text, o.stdout, o.stderr)
		}
	}
}

func TestProject_Documents(t *testing.T) {
	repository(t, map[string]string{
		".mtrack-spec.yaml": "preset: strict\ndocuments: [api/*.yaml]\n",
		"api/pets.yaml":     document, "api/other.yaml": strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string}", 1),
		"api/parts/pet.yaml": part, "api/parts/unused.yaml": part, "loose.yaml": document[:strings.Index(document, "paths:")] + "paths: {}\n",
	})
	configured(t, "check").want(t, exitClean, "2 documents: no findings\n", "")
	configured(t, "check", ".mtrack-spec.yaml").want(t, exitClean, "2 documents: no findings\n", "")
	configured(t, "check", "api/other.yaml").want(t, exitClean, "1 document: no findings\n", "")
	// A part stands for the documents that use it, and is never no OpenAPI document.
	configured(t, "check", "api/parts/pet.yaml").want(t, exitClean, "1 document: no findings\n", "")
	configured(t, "check", "api/parts/pet.yaml", "./api/pets.yaml", "api/other.yaml").want(t, exitClean, "2 documents: no findings\n", "")
	configured(t, "check", "api/parts/unused.yaml").want(t, exitClean, "0 documents: no findings\n", "api/parts/unused.yaml is used by no document that .mtrack-spec.yaml lists\n")
	configured(t, "check", "loose.yaml").want(t, exitClean, "1 document: no findings\n", "")
	put(t, "api/parts/pet.yaml", strings.Replace(part, "{type: string,", "{type: string, default: 1,", 1))
	configured(t, "check", "api/parts/pet.yaml").holds(t, exitFindings, "api/parts/pet.yaml:4:33: error: ", "[default-invalid]", "1 document: 1 error")
	git(t, "checkout", "-q", ".")
	t.Chdir("api/parts")
	configured(t, "check", "pet.yaml").want(t, exitClean, "1 document: no findings\n", "")
	configured(t, "check").want(t, exitClean, "2 documents: no findings\n", "")
	t.Chdir("../..")
	configured(t, "check", "--config", "none").holds(t, exitUnusable, "name at least one document, or list documents in .mtrack-spec.yaml")
	configured(t, "check", "--config", "none", "api/parts/pet.yaml").holds(t, exitUnusable, "is not an OpenAPI document", "if other documents refer to it, list those in .mtrack-spec.yaml")
	// A hook that is run on all files names a document and its parts.
	configured(t, "check", "--config", "none", "api/parts/pet.yaml", "api/pets.yaml").holds(t, exitClean, "1 document: no findings\n")
	// A glob may match parts too, of which none is a document, and one may be unused.
	put(t, ".mtrack-spec.yaml", "documents: ['api/**']\n")
	const unused = "api/parts/unused.yaml is no OpenAPI document, and no document that was named refers to it\n"
	configured(t, "check").want(t, exitClean, "2 documents: no findings\n", unused)
	configured(t, "check", "--config", "none", "api/**").want(t, exitClean, "2 documents: no findings\n", unused)
	configured(t, "check", "api/parts/pet.yaml").want(t, exitClean, "1 document: no findings\n", "")
	configured(t, "check", "api/parts/unused.yaml").holds(t, exitClean, "is used by no document that .mtrack-spec.yaml lists")
	configured(t, "check", "--config", "none", "api/parts/*.yaml").holds(t, exitUnusable, "is not an OpenAPI document")
	put(t, ".mtrack-spec.yaml", "documents: [api/pets.yaml, api/parts/unused.yaml]\n")
	configured(t, "check").holds(t, exitUnusable, "1 document: no findings\n", "unused.yaml:1:1: this is not an OpenAPI document")
	put(t, ".mtrack-spec.yaml", "documents: [api/*.yml]\n")
	configured(t, "check").want(t, exitUnusable, "", "mtrack-spec check: .mtrack-spec.yaml: below documents: api/*.yml matches no file\n")
	put(t, ".mtrack-spec.yaml", "documents: [api/*.yml, api/*.json]\n")
	configured(t, "check").holds(t, exitUnusable, ".mtrack-spec.yaml: below documents: api/*.json matches no file\n")
	configured(t, "check", "api/other.yaml").want(t, exitClean, "1 document: no findings\n", "")
	for _, documents := range []string{"api/*.yml, api/pets.yaml", "api/pets.yaml, api/*.yml"} {
		put(t, ".mtrack-spec.yaml", "documents: ["+documents+"]\n")
		configured(t, "check").want(t, exitClean, "1 document: no findings\n", ".mtrack-spec.yaml: below documents: api/*.yml matches no file\n")
		configured(t, "check", "api/other.yaml").want(t, exitClean, "1 document: no findings\n", "")
		configured(t, "check", "api/parts/pet.yaml").want(t, exitClean, "1 document: no findings\n", "")
		configured(t, "diff", "--against", "HEAD").holds(t, exitClean, ".mtrack-spec.yaml: below documents: api/*.yml matches no file\n")
	}
	put(t, ".mtrack-spec.yaml", "documents: [api/pets.yaml, api/gone.yaml]\n")
	configured(t, "check").want(t, exitUnusable, "", "mtrack-spec check: .mtrack-spec.yaml: below documents: api/gone.yaml matches no file\n")
	configured(t, "check", "api/other.yaml").want(t, exitClean, "1 document: no findings\n", "")
	put(t, ".mtrack-spec.yaml", "presets: spec\n")
	configured(t, "check", "api/pets.yaml").want(t, exitUnusable, "", "mtrack-spec check: .mtrack-spec.yaml:1:1: unknown key \"presets\": did you mean preset?\n")
	put(t, ".mtrack-spec.yaml", "preset: spec\n")
	configured(t, "check", ".mtrack-spec.yaml").holds(t, exitUnusable, "lists no documents")
}

// What the command line says wins over the environment, and that over the configuration.
func TestProject_Precedence(t *testing.T) {
	untagged := strings.Replace(document, "responses:", "tags: [pets]\n      responses:", 1) + "tags: [{name: pets}]\n"
	repository(t, map[string]string{"pets.yaml": untagged, "parts/pet.yaml": part})
	environment := map[string]string{}
	run := func(args ...string) outcome {
		return executeWith(t, environment, append([]string{"check", "pets.yaml"}, args...)...)
	}
	run().want(t, exitClean, "1 document: no findings\n1 more in preset recommended\n", "")
	environment["MTRACK_SPEC_CONFIG"] = ""
	put(t, ".mtrack-spec.yaml", "preset: recommended\n")
	run().holds(t, exitClean, ": warning: ", "[description-tag]")
	environment["MTRACK_SPEC_PRESET"] = "strict"
	run().holds(t, exitFindings, ": error: ")
	run("--preset", "spec").want(t, exitClean, "1 document: no findings\n1 more in preset recommended\n", "")
	put(t, ".mtrack-spec.yaml", "rules: {description-tag: note}\n")
	run().holds(t, exitClean, ": note: ")
	run("--disable", "description-tag").want(t, exitClean, "1 document: no findings\n", "")
	put(t, ".mtrack-spec.yaml", "rules: {description-tag: off}\n")
	run().want(t, exitClean, "1 document: no findings\n", "")
	put(t, ".mtrack-spec.yaml", "rules: {description-tag: off}\npaths: [{files: ['p*.yaml'], rules: {description-tag: error}}]\n")
	run().holds(t, exitFindings, ": error: ")
	put(t, ".mtrack-spec.yaml", "rules: {description-tag: off}\npaths: [{files: [other.yaml], rules: {description-tag: error}}]\n")
	run().want(t, exitClean, "1 document: no findings\n", "")
	delete(environment, "MTRACK_SPEC_PRESET")
	put(t, ".mtrack-spec.yaml", "preset: strict\nenvelope: Pet\npaths: [{files: ['**'], preset: spec}]\n")
	run().want(t, exitClean, "1 document: no findings\n1 more in preset recommended\n", "")
}

// The formats for machines tell what fails from what does not.
func TestProject_JUnit(t *testing.T) {
	untagged := strings.Replace(document, "responses:", "tags: [pets]\n      responses:", 1) + "tags: [{name: pets}]\n"
	repository(t, map[string]string{"pets.yaml": untagged, "parts/pet.yaml": part})
	run := func(level string) outcome {
		return execute(t, "check", "pets.yaml", "--preset", "recommended", "--format", "junit", "--level", level)
	}
	run("error").holds(t, exitClean, `failures="0"`, "[description-tag]"[1:16])
	run("warning").holds(t, exitFindings, `failures="1"`)
}

func TestProject_Accepted(t *testing.T) {
	wrong := strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string, default: 1}", 1)
	accepted := func(where, more string) string {
		return fmt.Sprintf("documents: ['*.yaml']\naccepted:\n  - {rule: default-invalid, where: %q, reason: Clients rely on it.%s}\n", where, more)
	}
	repository(t, map[string]string{"pets.yaml": wrong})
	configured(t, "check", "pets.yaml").holds(t, exitFindings, "[default-invalid]")
	for _, where := range []string{"pets.yaml", "*.yaml#/paths/~1pets/get", "GET /pets"} {
		put(t, ".mtrack-spec.yaml", accepted(where, ""))
		configured(t, "check").want(t, exitClean, "1 document: no findings\n", "")
	}
	put(t, ".mtrack-spec.yaml", accepted("pets.yaml#/paths/~1dogs", ""))
	configured(t, "check").holds(t, exitFindings, "[default-invalid]", ".mtrack-spec.yaml:3:5: warning: the acceptance of default-invalid at pets.yaml#/paths/~1dogs accepts nothing [exception-stale]")
	put(t, ".mtrack-spec.yaml", accepted("pets.yaml", ", until: 2020-01-31"))
	configured(t, "check").holds(t, exitFindings, "[default-invalid]", "the acceptance of default-invalid at pets.yaml ended on 2020-01-31")
	// What was not looked at says nothing about what it needs.
	put(t, "other.yaml", document)
	put(t, "parts/pet.yaml", part)
	put(t, ".mtrack-spec.yaml", accepted("pets.yaml", ""))
	configured(t, "check", "other.yaml").want(t, exitClean, "1 document: no findings\n", "")
	put(t, "pets.yaml", document)
	put(t, ".mtrack-spec.yaml", strings.Replace(accepted("pets.yaml", ""), "'*.yaml'", "'**'", 1)) // parts too
	configured(t, "check", "other.yaml").want(t, exitClean, "1 document: no findings\n", "")
	configured(t, "check").holds(t, exitClean, "2 documents: 1 warning")
	configured(t, "check", "--preset", "strict").holds(t, exitFindings, "2 documents: 1 error")
}

// The baseline of today's findings only shrinks.
func TestProject_Baseline(t *testing.T) {
	wrong := strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: object, properties: {a: {type: string, default: 1}, b: {type: array}}}", 1)
	repository(t, map[string]string{"api/pets.yaml": wrong})
	const baseline = ".mtrack-spec-baseline.yaml"
	configured(t, "check", "api/pets.yaml").holds(t, exitFindings, "2 errors")
	configured(t, "check", "--write-baseline", "api/pets.yaml").want(t, exitClean, "1 document: no findings\n2 more in preset recommended\n", baseline+": 2 findings accepted\n")
	text, err := os.ReadFile(baseline)
	want := `- {file: "api/pets.yaml", rule: default-invalid, at: "/paths/~1pets/get/responses/200/content/application~1json/schema/properties/a/default", count: 1}
- {file: "api/pets.yaml", rule: items-missing, at: "/paths/~1pets/get/responses/200/content/application~1json/schema/properties/b/type", count: 1}
`
	if err != nil || !strings.HasSuffix(string(text), "\n"+want) {
		t.Errorf("%v\ngot  %s\nwant %s", err, text, want)
	}
	configured(t, "check", "api/pets.yaml").want(t, exitClean, "1 document: no findings\n2 more in preset recommended\n", "")
	// It is found from wherever the configuration is.
	put(t, ".mtrack-spec.yaml", "documents: [api/*.yaml]\n")
	t.Chdir("api")
	configured(t, "check", "pets.yaml").holds(t, exitClean, "no findings")
	t.Chdir("..")
	configured(t, "check", "--write-baseline", "api/pets.yaml").holds(t, exitUnusable, "--write-baseline takes no FILE here")
	// What comes later is found, and not added.
	put(t, "api/pets.yaml", strings.Replace(wrong, "b: {type: array}", "b: {type: array}, c: {type: integer, default: x}", 1))
	configured(t, "check", "--write-baseline").holds(t, exitFindings, "[default-invalid]", "1 error", baseline+": 2 findings left of 2")
	// What is fixed is told, and taken out.
	put(t, "api/pets.yaml", strings.Replace(wrong, "b: {type: array}", "b: {type: string}", 1))
	configured(t, "check").holds(t, exitClean, baseline+":4:3: warning: the baseline has 1 finding of items-missing at api/pets.yaml#", "[exception-stale]")
	configured(t, "check", "--preset", "strict").holds(t, exitFindings, baseline+":4:3: error: ")
	configured(t, "check", "--write-baseline").holds(t, exitClean, "1 document: no findings", baseline+": 1 finding left of 2")
	// A document that cannot be understood has not been fixed.
	put(t, "api/pets.yaml", "openapi: 3.0.3\na: [\n")
	if got := configured(t, "check"); strings.Contains(got.stdout, "exception-stale") {
		t.Errorf("a document that is not understood counts as fixed:\n%s", got.stdout)
	}
	put(t, "api/pets.yaml", strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string, description: A pet.}", 1))
	configured(t, "check", "--write-baseline").holds(t, exitClean, "1 document: no findings", baseline+": 0 findings left of 1")
	if exists(baseline) {
		t.Error("a baseline of nothing is left")
	}
	put(t, baseline, "- {file: a, rules: b}\n")
	configured(t, "check").holds(t, exitUnusable, baseline+`:1:13: unknown key "rules" in an entry of the baseline: did you mean rule?`)
}

// A document that cannot be understood fails, whatever is accepted: the faults behind it are not
// looked for.
func TestProject_Unfinished(t *testing.T) {
	faults := map[string]string{
		"ref-unresolved":     "components: {schemas: {A: {$ref: '#/components/schemas/Nope'}}}\n",
		"ref-cycle":          "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}\n",
		"yaml-duplicate-key": "security: []\n",
		"structure":          "components: {schemas: {A: {properties: [a]}}}\n",
	}
	for rule, fault := range faults {
		const rest = "pets.yaml:1:1: error: the rest of this document was not checked: "
		broken := strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string, default: 1}", 1) + fault
		repository(t, map[string]string{"pets.yaml": broken})
		configured(t, "check", "pets.yaml").holds(t, exitFindings, "["+rule+"]", rest)
		configured(t, "check", "--disable", rule+",check-unfinished", "pets.yaml").holds(t, exitFindings, rest, "1 document: 1 error")
		put(t, ".mtrack-spec.yaml", "rules: {"+rule+": off, check-unfinished: off}\n")
		configured(t, "check", "pets.yaml").holds(t, exitFindings, rest, "1 document: 1 error")
		put(t, ".mtrack-spec.yaml", "accepted: [{rule: "+rule+", where: '**', reason: a}, {rule: check-unfinished, where: '**', reason: b}]\n")
		configured(t, "check", "pets.yaml").holds(t, exitFindings, rest, "1 document: 1 error")
		put(t, ".mtrack-spec.yaml", "documents: [pets.yaml]\n")
		configured(t, "check", "--write-baseline").holds(t, exitFindings, rest, "1 finding accepted")
		configured(t, "check").holds(t, exitFindings, rest, "1 document: 1 error")
		put(t, "pets.yaml", "# mtrack-spec:allow check-unfinished it is known\n"+broken)
		configured(t, "check").holds(t, exitFindings, rest)
	}
}

// A finding that moves in a list, or is one of several equal ones, is still that of the baseline.
func TestProject_BaselineOfLists(t *testing.T) {
	parameters := func(names ...string) string {
		list := ""
		for _, name := range names {
			list += "        - {name: " + name + ", in: query, description: One., schema: {type: string, default: 1}}\n"
		}
		return strings.Replace(strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string}", 1), "      responses:", "      parameters:\n"+list+"      responses:", 1)
	}
	repository(t, map[string]string{"pets.yaml": parameters("a", "b")})
	configured(t, "check", "--write-baseline", "pets.yaml").holds(t, exitClean, "2 findings accepted")
	put(t, "pets.yaml", strings.Replace(parameters("a", "b"), "      parameters:\n", "      parameters:\n        - {name: c, in: query, description: One., schema: {type: string}}\n", 1))
	configured(t, "check", "pets.yaml").want(t, exitClean, "1 document: no findings\n", "")
	put(t, "pets.yaml", parameters("a", "b", "c"))
	configured(t, "check", "pets.yaml").holds(t, exitFindings, "1 document: 1 error")
	// One that is fixed makes no room for another one.
	put(t, "pets.yaml", parameters("a", "x/y"))
	configured(t, "check", "pets.yaml").holds(t, exitFindings, "1 document: 1 error, 1 warning", "parameters/query:b/schema/default more than there are")
	// A baseline that was written before parameters had names holds.
	put(t, ".mtrack-spec-baseline.yaml", "- {file: pets.yaml, rule: default-invalid, at: /paths/~1pets/get/parameters/*/schema/default, count: 2}\n")
	configured(t, "check", "pets.yaml").want(t, exitClean, "1 document: no findings\n", "")
}

// A comparison takes the same documents as a check, and those that have been deleted.
func TestProject_Diff(t *testing.T) {
	other := strings.Replace(document, "{$ref: parts/pet.yaml}", "{type: string}", 1)
	repository(t, map[string]string{
		".mtrack-spec.yaml": "documents: [api/*.yaml]\n", "api/pets.yaml": document, "api/parts/pet.yaml": part, "api/other.yaml": other,
	})
	configured(t, "diff", "--against", "HEAD").want(t, exitClean, "2 documents since HEAD: no findings\n", "")
	configured(t, "diff", "--against", "HEAD", "api/p*.yaml").want(t, exitClean, "1 document since HEAD: no findings\n", "")
	put(t, "api/parts/pet.yaml", strings.Replace(part, "type: string", "type: integer", 1))
	configured(t, "diff", "--against", "HEAD", "api/parts/pet.yaml").holds(t, exitFindings, "response-property-type-changed", "1 document since HEAD")
	git(t, "checkout", "-q", ".")
	// A document that was moved is not deleted.
	git(t, "mv", "api/other.yaml", "api/moved.yaml")
	configured(t, "diff", "--against", "HEAD").want(t, exitClean, "2 documents since HEAD: no findings\n", "api/moved.yaml was api/other.yaml in HEAD\n")
}
