package check_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func correct(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/correct/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func replaced(t *testing.T, text, old, new string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands %d times", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, new, 1)
}

func ruleIDs(findings []finding.Finding) []string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestDocument_Disable(t *testing.T) {
	text := replaced(t, correct(t, "catalogue.yaml"), "    description: Books and their copies.\n", "")
	if got := ruleIDs(checkText(t, text, check.Options{})); !slices.Equal(got, []string{"description-tag"}) {
		t.Fatalf("got %q", got)
	}
	if got := checkText(t, text, check.Options{Disable: []string{"description-tag"}}); len(got) > 0 {
		t.Errorf("the rule is left out, and yet: %+v", got)
	}
	// A rule that a library reports can be left out too.
	text = replaced(t, correct(t, "catalogue.yaml"), "enum: [novel, poetry, essay]", "enum: [novel, poetry, novel]")
	if got := checkText(t, text, check.Options{Disable: []string{"enum-duplicate"}}); len(got) > 0 {
		t.Errorf("the rule is left out, and yet: %+v", got)
	}
}

func TestDocument_Exceptions(t *testing.T) {
	text := replaced(t, correct(t, "catalogue.yaml"), "    description: Books and their copies.\n", "")
	for name, tt := range map[string]struct{ old, new string }{
		"above":           {"  - name: books\n", "  # mtrack-spec:allow description-tag the name says it\n  - name: books\n"},
		"beside":          {"  - name: books\n", "  - name: books # mtrack-spec:allow description-tag the name says it\n"},
		"above a comment": {"  - name: books\n", "  # mtrack-spec:allow description-tag the name says it\n  # and more\n\n  - name: books\n"},
	} {
		if got := checkText(t, replaced(t, text, tt.old, tt.new), check.Options{}); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// An exception is about one place, not about the rule.
	both := replaced(t, text, "  - name: books\n", "  - name: books # mtrack-spec:allow description-tag the name says it\n  - name: more\n")
	if got := checkText(t, both, check.Options{}); len(got) != 1 || got[0].Rule != "description-tag" {
		t.Errorf("another place: %+v", got)
	}
	// Columns count characters.
	if got := checkText(t, replaced(t, correct(t, "catalogue.yaml"), "  - name: books\n", "  - name: books # mtrack-spec:allow description-tag short\n    x-note: é # mtrack-spec:allow description-tag short\n"),
		check.Options{}); len(got) != 2 || got[1].Column != 15 {
		t.Errorf("a stale exception: %+v", got)
	}
	// One whose rule is left out altogether has nothing to except, and is no finding.
	if got := checkText(t, replaced(t, correct(t, "catalogue.yaml"), "  - name: books\n", "  - name: books # mtrack-spec:allow description-tag short\n"),
		check.Options{Disable: []string{"description-tag"}}); len(got) > 0 {
		t.Errorf("a disabled rule: %+v", got)
	}
}

// What the envelope is comes from the document, and nobody is failed for having another one.
func TestDocument_Envelope(t *testing.T) {
	odd := `                type: object
                required: [oops]
                properties:
                  oops: {type: string, description: Why.}
`
	catalogue := correct(t, "catalogue.yaml")
	from := strings.Index(catalogue, "                allOf:\n                  - $ref: '#/components/schemas/Problem'\n                  - type: object\n                    properties:\n                      code:\n                        type: string\n                        enum: [not_found]")
	to := from + strings.Index(catalogue[from:], "        '500':")
	other := catalogue[:from] + odd + catalogue[to:]

	if got := ruleIDs(checkText(t, other, check.Options{})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("the odd one out of seven: %q", got)
	}
	excepted := replaced(t, other, "          description: No such book.\n", "          description: No such book.\n          x-error-envelope: false\n")
	if got := checkText(t, excepted, check.Options{}); len(got) > 0 {
		t.Errorf("the odd one is excepted: %+v", got)
	}
	// Named by option, only that schema counts.
	if got := ruleIDs(checkText(t, catalogue, check.Options{Envelope: "Genre"})); len(got) > 0 {
		t.Errorf("an envelope that asks for nothing: %q", got)
	}
	if got := ruleIDs(checkText(t, catalogue, check.Options{Envelope: "Paper"})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("an envelope that no error follows: %q", got)
	}
	marked := replaced(t, catalogue, "    Cloth:\n", "    Cloth:\n      x-error-envelope: true\n")
	if got := ruleIDs(checkText(t, marked, check.Options{})); !slices.Equal(got, []string{"error-envelope"}) {
		t.Errorf("a marked schema that no error follows: %q", got)
	}
	// Errors that have nothing in common have no envelope to keep.
	plain := correct(t, "plain-error.yaml")
	diverse := replaced(t, plain, "          description: Not now.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}",
		"          description: Not now.\n          content:\n            application/json:\n              schema: {type: object, required: [reason], properties: {reason: {type: string, description: Why.}}}")
	diverse = replaced(t, diverse, "          description: The form was not a form.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}",
		"          description: The form was not a form.\n          content:\n            application/json:\n              schema: {type: object, required: [fault], properties: {fault: {type: string, description: Why.}}}")
	if got := checkText(t, diverse, check.Options{}); len(got) > 0 {
		t.Errorf("errors without a common shape: %+v", got)
	}
}

// A document of several files is checked in all of them.
func TestDocument_Files(t *testing.T) {
	files := source.Memory{
		"api.yaml": []byte(`openapi: 3.0.3
info: {title: T, version: '1', description: A test.}
security: []
paths:
  /a:
    get:
      operationId: getA
      summary: Get
      responses:
        '200': {$ref: 'parts/responses.yaml#/Good'}
        default: {$ref: 'parts/responses.yaml#/Bad'}
`),
		"parts/responses.yaml": []byte(`Good:
  description: Good.
  content:
    application/json:
      schema: {$ref: 'schemas.yaml#/Thing'}
      example: {id: 7}
Bad:
  description: Bad.
  content:
    application/json:
      schema: {type: object, properties: {error: {type: string}}}
`),
		"parts/schemas.yaml": []byte(`Thing:
  type: object
  properties:
    id: {type: string}
`),
	}
	doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: files})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range check.Document(t.Context(), doc, check.Options{}) {
		got = append(got, f.Position.String()+" "+f.Rule)
	}
	want := []string{
		"parts/responses.yaml:11:43 description-property",
		"parts/responses.yaml:6:21 example-invalid",
		"parts/schemas.yaml:4:5 description-property",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRules_AreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range check.Rules() {
		if seen[r.ID] || r.ID == "" || r.Title == "" || !strings.HasSuffix(r.Why, ".") || !strings.HasSuffix(r.Fix, ".") || strings.HasSuffix(r.Title, ".") {
			t.Errorf("incomplete or repeated: %+v", r)
		}
		seen[r.ID] = true
	}
	if _, ok := check.Lookup("no-such-rule"); ok {
		t.Error("a rule that does not exist is found")
	}
}

func FuzzDocument(f *testing.F) {
	for _, name := range []string{"catalogue.yaml", "problem-json.yaml", "plain-error.yaml", "nested-error.json"} {
		data, err := os.ReadFile("testdata/correct/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("openapi: 3.0.3\npaths: {/a: {get: {parameters: [{}], responses: {x: {}}}}}\n"))
	f.Add([]byte("openapi: 3.0.3\ncomponents: {schemas: {A: {allOf: [{}, {nullable: true, items: {}}], discriminator: {}}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": data}, MaxBytes: 1 << 18})
		if err != nil {
			return
		}
		for _, f := range check.Document(t.Context(), doc, check.Options{}) {
			if f.File != "api.yaml" || f.Line < 1 || f.Column < 1 || f.Message == "" || f.Fix == "" {
				t.Fatalf("incomplete finding: %+v", f)
			}
		}
	})
}

// mutationStride keeps the test of mutations short: every so many lines one is
// changed. FuzzDocument goes further.
const mutationStride = 13

// A document in which a line is missing, emptied or of another type is reported on
// completely, whatever the libraries make of it.
func TestDocument_Mutations(t *testing.T) {
	lines := strings.Split(correct(t, "catalogue.yaml"), "\n")
	value := regexp.MustCompile(`:( .*)?$`)
	for i := 1; i < len(lines); i += mutationStride {
		for name, line := range map[string]string{
			"missing": "", "null": value.ReplaceAllString(lines[i], ":"), "a list": value.ReplaceAllString(lines[i], ": []"),
			"a mapping": value.ReplaceAllString(lines[i], ": {}"), "a number": value.ReplaceAllString(lines[i], ": 7"),
		} {
			mutated := slices.Clone(lines)
			mutated[i] = line
			doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": []byte(strings.Join(mutated, "\n"))}})
			if err != nil {
				continue
			}
			for _, f := range check.Document(t.Context(), doc, check.Options{}) {
				if f.File != "api.yaml" || f.Line < 1 || f.Column < 1 || f.Message == "" || f.Fix == "" || strings.Contains(f.Message, "cannot work with") {
					t.Errorf("line %d %s: %+v", i+1, name, f)
				}
			}
		}
	}
}
