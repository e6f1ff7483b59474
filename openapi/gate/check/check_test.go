package check_test

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
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

// Every rule has a place among the presets, and each preset asks for no less than the one before.
func TestLevel(t *testing.T) {
	t.Parallel()
	gravity := map[finding.Level]int{finding.Off: 0, finding.Warning: 1, finding.Error: 2}
	for _, r := range check.Rules() {
		if r.Level != check.Level(config.Spec, r.ID) {
			t.Errorf("%s: the catalogue says %s", r.ID, r.Level)
		}
		spec, recommended, strict := check.Level(config.Spec, r.ID), check.Level(config.Recommended, r.ID), check.Level(config.Strict, r.ID)
		if strict != finding.Error || gravity[recommended] == 0 || gravity[spec] > gravity[recommended] {
			t.Errorf("%s: %s, %s, %s: give it a weight in presets.go", r.ID, spec, recommended, strict)
		}
	}
	if got := check.Level(config.Strict, "no-such-rule"); got != finding.Off {
		t.Errorf("a rule that does not exist: %s", got)
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

// A fault at the end of several references is told once, at its place, and can be allowed there.
func TestDocument_References(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"recursive": {"schemas/Category.yaml:5:70 default-invalid"},
		"chain":     {"schemas/Cat.yaml:11:67 format-type", "schemas/Name.yaml:3:10 pattern-invalid"},
		"whole":     nil,
		"mapped":    nil,
		"operations": {
			"openapi.yaml:9:11 unknown-field", "resources/get.yaml:1:14 operation-id-duplicate", "resources/get.yaml:6:70 description-property",
		},
	} {
		dir := "testdata/files/" + name + "/"
		doc, err := source.Load(t.Context(), dir+"openapi.yaml", source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range check.Document(t.Context(), doc, check.Options{}) {
			got = append(got, strings.TrimPrefix(f.Position.String(), dir)+" "+f.Rule)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

// An enum whose values are all of another type has one fault.
func TestDocument_EnumOfAnotherType(t *testing.T) {
	t.Parallel()
	text := replaced(t, correct(t, "catalogue.yaml"), "      type: string\n      enum: [novel, poetry, essay]\n", "      type: integer\n      enum: ['1', '2', '3', '4']\n")
	count := 0
	for _, f := range checkText(t, text, check.Options{}) {
		if f.Rule == "enum-type" {
			count++
			if !strings.Contains(f.Message, "3 more values of this enum") {
				t.Errorf("got %q", f.Message)
			}
		}
	}
	if count != 1 {
		t.Errorf("%d findings", count)
	}
}

// What a text of the specification forbids is told once, at its place, and nothing else is.
func TestDocument_Faults(t *testing.T) {
	t.Parallel()
	const head, boolean = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n", " has to be true or false"
	parameter := func(text string) string {
		return head + "paths:\n  /a: {get: {responses: {'200': {description: A.}}, parameters: [\n" + text + "]}}\n"
	}
	schema := func(text string) string { return parameter("{name: a, in: query, schema: {" + text + "}}") }
	const invalid = "default-invalid: the default does not satisfy its schema: "
	for text, want := range map[string][]string{
		// A text is no boolean, whichever YAML 1.1 took for one.
		parameter("{name: a, in: query, required: yes, schema: {}}"):                                 {"5:32 structure: the field required" + boolean},
		parameter(`{"name": "a", "in": "query", "deprecated": "no", "schema": {"nullable": "off"}}`): {"5:44 structure: the field deprecated" + boolean, "5:73 structure: the field nullable" + boolean},
		parameter("{name: a, in: query, explode: on, allowReserved: 'on', schema: {}}"):              {"5:31 structure: the field explode" + boolean, "5:50 structure: the field allowReserved" + boolean},
		schema("type: array, uniqueItems: y, items: {readOnly: 'on'}"):                               {"5:57 structure: the field uniqueItems" + boolean, "5:78 structure: the field readOnly" + boolean},
		schema("additionalProperties: 'no'"):                                                         {"5:53 structure: the field additionalProperties has to be true, false or a schema"},
		schema("type: boolean, default: yes"):                                                        {"5:55 " + invalid + "value must be a boolean"},
		// Of schemas.
		schema("multipleOf: 0"):                                                          {"5:43 structure: the field multipleOf has to be above 0"},
		schema("type: number, multipleOf: -1"):                                           {"5:57 structure: the field multipleOf has to be above 0"},
		schema("type: string, format: date, default: today"):                             {`5:68 default-format: the default does not satisfy its schema: string doesn't match the format "date"`},
		schema("type: integer, format: int32, default: 3000000000"):                      {`5:70 default-format: the default does not satisfy its schema: integer doesn't match the format "int32"`},
		schema("oneOf: [{type: string, format: date}, {type: boolean}], default: today"): {`5:96 default-format: the default does not satisfy its schema: string doesn't match the format "date"`},
		schema("oneOf: [{type: integer}, {type: boolean}], default: a"):                  {"5:83 " + invalid + "it matches no schema of oneOf: value must be an integer, or value must be a boolean"},
		schema("oneOf: [{type: integer}, {type: number}], default: 1"):                   {"5:82 " + invalid + "it matches more than one schema of oneOf, those at 0, 1"},
		schema("anyOf: [{type: integer}, {type: boolean}], default: a"):                  {"5:83 " + invalid + "it matches no schema of anyOf"},
		schema("not: {type: string}, default: a"):                                        {"5:61 " + invalid + "it matches the schema of not"},
		schema("type: integer, default: null"):                                           {"5:55 " + invalid + "it is null, which the schema does not allow"},
		schema("type: object, additionalProperties: false, default: {b: 1}"):             {"5:74 " + invalid + `it has the property "b", which the schema does not allow`},
		schema("type: array, items: {oneOf: [{type: array, items: {}}, {type: object}]}, default: [{}, 1]"): {
			"5:118 default-invalid: the default does not satisfy its schema at /1: it matches no schema of oneOf: value must be an array, or value must be an object"},
		// Of others.
		"openapi: 3.0.3\ninfo: {title: T, version: 1.0}\npaths: {}\ncomponents: {schemas: {A: {type: string, description: yes, title: true, default: 1}}}\n": {
			"2:27 structure: expected a string, got a number", "4:67 structure: expected a string, got a boolean",
			"4:82 " + invalid + "value must be a string",
		},
		parameter("{name: a, in: query, schema: {type: integer, default: b}, content: {a/b: {}}}"): {
			"5:1 structure: the parameter has both a schema and content", "5:55 " + invalid + "value must be an integer"},
		head + "jsonSchemaDialect: a\npaths: {}\n":                                             {"3:20 structure: the field jsonSchemaDialect is one of OpenAPI 3.1"},
		head + "paths: {}\ntags: [{name: a}, {name: a}]\n":                                     {"4:26 structure: the tag a is declared twice"},
		head + "paths: {}\nservers: [{url: '{a}', variables: {a: {enum: [b]}}}]\n":             {"4:39 structure: the field default is missing"},
		head + "paths: {}\ncomponents: {links: {A: {}}}\n":                                     {"4:25 structure: the link needs operationId or operationRef"},
		head + "paths: {}\ncomponents: {examples: {A: {summary: A.}}}\n":                       nil,
		head + "paths: {}\ncomponents: {headers: {A: {schema: {}, allowEmptyValue: false}}}\n": nil,
	} {
		var got []string
		for _, f := range checkText(t, text, check.Options{}) {
			if level := check.Level(config.Spec, f.Rule); level != finding.Off {
				got = append(got, strings.TrimPrefix(f.Position.String(), "api.yaml:")+" "+f.Rule+": "+f.Message)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
	var got []string
	for _, f := range checkText(t, schema("type: array, items: {type: integer}, default: [a, b, c, d, e, f, g]"), check.Options{}) {
		if f.Rule == "default-invalid" {
			got = append(got, f.Message)
		}
	}
	if len(got) != 5 || !strings.Contains(got[4], "/4: value must be an integer (and 2 more of its faults)") {
		t.Errorf("what is beyond the most is not told: %q", got)
	}
}

// Beyond the limit the check says so, where no comment can allow it.
func TestDocument_Limit(t *testing.T) {
	runtime.GC() // memory is what the last collection found in use
	findings := checkText(t, correct(t, "catalogue.yaml"), check.Options{Limit: budget.Limit{Memory: 1}})
	if len(findings) != 1 || findings[0].Rule != "check-unfinished" || !strings.Contains(findings[0].Message, "more than 0 MiB") {
		t.Errorf("got %+v", findings)
	}
}

// Schemas that combine one another many times over cost no more than their text.
func TestDocument_FanOut(t *testing.T) {
	t.Parallel()
	const depth, width = 12, 12
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: T, version: '1', description: D.}\npaths: {}\ncomponents:\n  schemas:\n" +
		"    Top: {description: The top., type: object, properties: {a: {$ref: '#/components/schemas/S0_0'}}}\n")
	for i := range depth {
		for j := range width {
			fmt.Fprintf(&b, "    S%d_%d: {allOf: [{}", i, j)
			for k := range width {
				fmt.Fprintf(&b, ", {$ref: '#/components/schemas/S%d_%d'}", i+1, k)
			}
			b.WriteString("]}\n")
		}
	}
	for j := range width {
		fmt.Fprintf(&b, "    S%d_%d: {type: object}\n", depth, j)
	}
	for _, f := range checkText(t, b.String(), check.Options{}) {
		if f.Rule == "check-unfinished" {
			t.Errorf("%+v", f)
		}
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
