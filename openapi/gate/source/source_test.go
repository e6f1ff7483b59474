package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

const minimal = `openapi: 3.0.3
info: {title: T, version: '1'}
paths: {}
`

func load(t *testing.T, files source.Memory, opts source.Options) (*source.Document, error) {
	t.Helper()
	opts.Reader = files
	return source.Load(t.Context(), "api.yaml", opts)
}

// bomb is the classic: each level stands for ten of the one before.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String() + minimal
}

func TestLoad_UnusableInput(t *testing.T) {
	deep := minimal + "x-deep: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "\n"
	chain := minimal + "x-a0: &a0 [1]\n"
	for i := 1; i < 2000; i++ {
		chain += fmt.Sprintf("x-a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	wide := minimal + "x-wide:\n"
	for i := range 10_001 {
		wide += fmt.Sprintf("  k%d: 1\n", i)
	}
	tests := []struct {
		name, text string
		want       []string // parts of the error, in this order
	}{
		{"empty", "", []string{"api.yaml", "the file is empty"}},
		{"only comments", "# nothing\n", []string{"nothing but comments"}},
		{"a list", "- 1\n", []string{"api.yaml:1:1", "its top is a list"}},
		{"a word", "hello\n", []string{"its top is a single value"}},
		{"two documents", minimal + "---\n" + minimal, []string{"more than one YAML document"}},
		{"not OpenAPI", "title: T\n", []string{"the field openapi is missing", "Start the document with"}},
		{"Swagger", "swagger: '2.0'\ninfo: {}\n", []string{"api.yaml:1:1", "Swagger 2.0", "Convert it to OpenAPI 3.0"}},
		{"OpenAPI 3.1", "openapi: 3.1.0\n", []string{"api.yaml:1:10", "OpenAPI 3.1.0", "only 3.0 is supported", "openapi: 3.0.3"}},
		{"OpenAPI 3.2", "openapi: 3.2.0\n", []string{"OpenAPI 3.2.0"}},
		{"OpenAPI 4", "openapi: 4.0.0\n", []string{`version "4.0.0" is not supported`}},
		{"incomplete version", "openapi: 3.0\n", []string{"incomplete", "3.0.3"}},
		{"version as a list", "openapi: [3]\n", []string{"does not contain a version"}},
		{"bomb", bomb(), []string{"aliases stand for more than 2000000 values", "Use $ref"}},
		{"anchor in itself", minimal + "x: &x [*x]\n", []string{`the YAML anchor "x" contains itself`}},
		{"merge of itself", minimal + "x: &x\n  <<: *x\n", []string{`the YAML anchor "x" contains itself`}},
		{"deep", deep, []string{"nested more than 250 levels deep"}},
		{"deep by aliases", chain, []string{"nested more than 250 levels deep"}},
		{"wide", wide, []string{"a mapping has more than 10000 entries"}},
		{"remote reference", minimal + "components: {schemas: {A: {$ref: 'https://example.com/a.yaml#/A'}}}\n",
			[]string{"refers to https://example.com/a.yaml", "nothing is fetched", "allow the fetch"}},
		{"reference to a file URL", minimal + "components: {schemas: {A: {$ref: 'file:///etc/passwd'}}}\n", []string{"references by file: are not supported"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, source.Memory{"api.yaml": []byte(tt.text)}, source.Options{})
			var unusable *source.UnusableError
			if !errors.As(err, &unusable) {
				t.Fatalf("got error %v, want an UnusableError", err)
			}
			text := err.Error()
			for _, want := range tt.want {
				i := strings.Index(text, want)
				if i < 0 {
					t.Fatalf("the error does not say %q:\n%s", want, err)
				}
				text = text[i:]
			}
		})
	}
}

func TestLoad_Size(t *testing.T) {
	large := []byte(minimal + "x-data: " + strings.Repeat("a", 50<<20) + "\n")
	_, err := load(t, source.Memory{"api.yaml": large}, source.Options{})
	if err == nil || !strings.Contains(err.Error(), "larger than the limit of 10485760 bytes") {
		t.Errorf("50 MB: got %v", err)
	}
	// The limit counts all files together, so that many small ones do not pass it.
	files := source.Memory{
		"api.yaml":   []byte(minimal + "components: {schemas: {A: {$ref: 'other.yaml#/A'}}}\n"),
		"other.yaml": []byte("A: {type: string, description: " + strings.Repeat("a", 1000) + "}\n"),
	}
	if _, err := load(t, files, source.Options{MaxBytes: 1000}); err == nil || !strings.Contains(err.Error(), "other.yaml: the document is larger than the limit of 1000 bytes") {
		t.Errorf("two files: got %v", err)
	}
	if doc, err := load(t, files, source.Options{MaxBytes: 2000}); err != nil || len(doc.Problems) > 0 {
		t.Errorf("within the limit: %v %v", doc, err)
	}
}

// An error about a limit names the option that sets it, for programs that can say how.
func TestLoad_Option(t *testing.T) {
	for option, tt := range map[string]struct {
		text string
		opts source.Options
	}{
		"":            {"nonsense", source.Options{}},
		"MaxFiles":    {minimal + "components: {schemas: {A: {$ref: 'a.yaml'}}}\n", source.Options{MaxFiles: 1}},
		"MaxBytes":    {minimal, source.Options{MaxBytes: 10}},
		"AllowRemote": {minimal + "components: {schemas: {A: {$ref: 'https://example.com/a.yaml#/A'}}}\n", source.Options{}},
	} {
		_, err := load(t, source.Memory{"api.yaml": []byte(tt.text)}, tt.opts)
		var unusable *source.UnusableError
		if !errors.As(err, &unusable) || unusable.Option != option {
			t.Errorf("%q: %+v", option, err)
		}
	}
}

func TestLoadComplete(t *testing.T) {
	complete := func(text string) (*source.Document, error) {
		return source.LoadComplete(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": []byte(text)}})
	}
	if doc, err := complete(minimal); err != nil || doc.Spec == nil {
		t.Errorf("a document that is understood: %v", err)
	}
	_, err := complete(minimal + "components: {schemas: {A: {$ref: '#/none'}}}\n")
	var problem *source.ProblemError
	if !errors.As(err, &problem) || problem.Rule != source.RuleRefUnresolved || !strings.HasPrefix(err.Error(), "api.yaml:4:34: the reference") {
		t.Errorf("a document with a problem: %v", err)
	}
}

func TestLoad_Files(t *testing.T) {
	files := source.Memory{
		"api.yaml": []byte(minimal + `components:
  schemas:
    A: {$ref: 'parts/a.yaml#/A'}
`),
		"parts/a.yaml": []byte("A:\n  type: object\n  properties:\n    b: {$ref: 'b.yaml#/B'}\n    back: {$ref: '../api.yaml#/components/schemas/A'}\n"),
		"parts/b.yaml": []byte("B: {type: string}\n"),
	}
	doc, err := load(t, files, source.Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err, doc)
	}
	if got := doc.Spec.Components.Schemas["A"].Value.Properties["b"].Value.Type; !got.Is("string") {
		t.Errorf("the type of b is %v", got)
	}
	at := doc.Position(source.Place{File: "parts/a.yaml", Pointer: source.Pointer{"A", "properties", "b"}})
	if at.String() != "parts/a.yaml:4:5" {
		t.Errorf("b stands at %v", at)
	}
}

func TestLoad_Remote(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.yaml" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintln(w, "A: {type: string}")
	}))
	defer server.Close()
	text := func(path string) source.Memory {
		return source.Memory{"api.yaml": []byte(minimal + "components: {schemas: {A: {$ref: '" + server.URL + path + "#/A'}}}\n")}
	}
	if _, err := load(t, text("/a.yaml"), source.Options{}); err == nil {
		t.Error("fetched without being allowed to")
	}
	doc, err := load(t, text("/a.yaml"), source.Options{AllowRemote: true})
	if err != nil || len(doc.Problems) > 0 || !doc.Spec.Components.Schemas["A"].Value.Type.Is("string") {
		t.Errorf("allowed: %v %+v", err, doc)
	}
	doc, err = load(t, text("/b.yaml"), source.Options{AllowRemote: true})
	if err != nil || len(doc.Problems) != 1 || !strings.Contains(doc.Problems[0].Message, "404") {
		t.Errorf("missing: %v %+v", err, doc)
	}
}

func TestLoad_JSONIndentedWithTabs(t *testing.T) {
	text := "{\n\t\"openapi\": \"3.0.3\",\n\t\"info\": {\"title\": \"T\", \"version\": \"1\"},\n\t\"paths\": {}\n}\n"
	doc, err := load(t, source.Memory{"api.yaml": []byte(text)}, source.Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err, doc)
	}
	if at := doc.Position(source.Place{File: "api.yaml", Pointer: source.Pointer{"info", "title"}}); at.Line != 3 || at.Column != 20 {
		t.Errorf("the title stands at %v", at)
	}
}

func TestLoad_RecursiveSchemasAreNoCycle(t *testing.T) {
	text := minimal + `components:
  schemas:
    Tree:
      type: object
      properties:
        left: {$ref: '#/components/schemas/Tree'}
        $ref: {type: string, description: A property that is called so.}
        example: {$ref: '#/components/schemas/Tree'}
      example: {$ref: not a reference}
`
	doc, err := load(t, source.Memory{"api.yaml": []byte(text)}, source.Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Errorf("got %v %+v", err, doc.Problems)
	}
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "api.yaml")
	if err := os.WriteFile(file, []byte(minimal), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Load(t.Context(), filepath.ToSlash(file), source.Options{}); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{filepath.Join(dir, "none.yaml"): "no such file", dir: "is a directory"} {
		if _, err := source.Load(t.Context(), filepath.ToSlash(name), source.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

func TestRevision(t *testing.T) {
	testenv.Need(t, "git")
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(context.Background(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write("api.yaml", minimal+"components: {schemas: {A: {$ref: 'a.yaml#/A'}}}\n")
	write("a.yaml", "A: {type: string}\n")
	if err := os.Mkdir(filepath.Join(dir, "parts"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("parts/b.yaml", "B: {}\n")
	git("add", ".")
	git("commit", "-qm", "first")
	write("a.yaml", "A: {type: integer}\n")
	t.Chdir(dir)
	doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Revision{Rev: "HEAD"}})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err, doc)
	}
	if got := doc.Spec.Components.Schemas["A"].Value.Type; !got.Is("string") {
		t.Errorf("the referenced file is not of the revision: %v", got)
	}
	if relative := (source.Revision{Rev: "HEAD", Relative: true}); relative.Display("api.yaml") != "HEAD:./api.yaml" || relative.Display("../api.yaml") != "HEAD:../api.yaml" {
		t.Errorf("relative names are displayed as %s and %s", relative.Display("api.yaml"), relative.Display("../api.yaml"))
	}
	if doc.Root.Display != "HEAD:api.yaml" {
		t.Errorf("displayed as %s", doc.Root.Display)
	}
	for rev, want := range map[string]string{"HEAD:b.yaml": "does not exist", "HEAD:parts": "is a directory", "nowhere:api.yaml": "nowhere", "--help:api.yaml": "cannot be read"} {
		name, path, _ := strings.Cut(rev, ":")
		_, err := source.Load(t.Context(), path, source.Options{Reader: source.Revision{Rev: name}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", rev, err, want)
		}
	}
	if _, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Revision{Rev: "HEAD"}, MaxBytes: 10}); err == nil || !strings.Contains(err.Error(), "larger than the limit of 10 bytes") {
		t.Errorf("the size of a revision is not limited: %v", err)
	}
}

// A document of thousands of references is read in time that grows with its size.
func TestLoad_ManyReferences(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(minimal + "components:\n  schemas:\n    S0: {type: string}\n")
	for i := 1; i < 4000; i++ {
		fmt.Fprintf(&b, "    S%d: {type: object, properties: {a: {$ref: '#/components/schemas/S%d'}}}\n", i, i-1)
	}
	doc, err := load(t, source.Memory{"api.yaml": b.Bytes()}, source.Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		minimal, bomb(), "swagger: '2.0'\n", "openapi: 3.1.0\n", "{}", "a: &a\n  <<: *a\n",
		minimal + "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}\n",
		minimal + "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}\n",
		minimal + "components: {schemas: {A: {$ref: '#/paths'}}}\n",
		minimal + "components: {responses: {A: {description: x, content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}}}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": data}, MaxBytes: 1 << 20})
		var unusable *source.UnusableError
		switch {
		case err != nil && !errors.As(err, &unusable):
			t.Fatalf("the error is not an UnusableError: %v", err)
		case err == nil && (doc.Spec == nil) == (len(doc.Problems) == 0):
			t.Fatalf("a document is understood or has problems: %+v", doc.Problems)
		}
	})
}

// What the OpenAPI library rejects is shown fault by fault, each at its own place.
func TestLoad_ProblemsFromParser(t *testing.T) {
	schemas := "components:\n  schemas:\n"
	for name, tt := range map[string]struct {
		files source.Memory
		want  []string
	}{
		"several faults": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A: {maxLength: '7'}\n    B:\n      required: true\n      properties: [a]\n")},
			[]string{"api.yaml:6:20 expected a whole number of at least 0, got a string",
				"api.yaml:8:17 expected a list of strings, got a boolean", "api.yaml:9:7 expected a mapping, got a list"}},
		"kinds that the YAML package names": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A: {enum: {a: 1}}\n    B: {discriminator: {propertyName: a, mapping: {a: {b: c}}}}\n")},
			[]string{"api.yaml:6:9 expected a list, got a mapping", "api.yaml:7:52 expected a string, got a mapping"}},
		"no number": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A: {maxLength: !!int x}\n    B: {maximum: 1e999}\n    C: {example: !!binary '%'}\n")},
			[]string{"api.yaml:6:20 this cannot be read as a number", "api.yaml:7:18 this cannot be read as a number", "api.yaml:8:18 !!binary value contains invalid base64 data"}},
		"a field of a text": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A:\n      type: string\n      description: 5\n")},
			[]string{"api.yaml:8:20 expected a string, got a number"}},
		"in another file": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A: {$ref: a.yaml}\n"), "a.yaml": []byte("type: object\nallOf: {}\n")},
			[]string{"a.yaml:2:1 expected a list, got a mapping"}},
		"in a part of another file": {source.Memory{"api.yaml": []byte("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a: {$ref: 'a.yaml#/A'}\n"), "a.yaml": []byte("A:\n  get: {parameters: {a: b}}\n")},
			[]string{"a.yaml:2:9 expected a list, got a mapping"}},
		"a reference to another kind": {source.Memory{"api.yaml": []byte(minimal + schemas + "    A: {$ref: '#/components/responses/R'}\n  responses:\n    R: {description: R.}\n")},
			[]string{"api.yaml:6:15 the reference leads to something of the wrong kind"}},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := load(t, tt.files, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range doc.Problems {
				got = append(got, p.Position.String()+" "+p.Message)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// A fault of the text is a problem with a place, like any other, and hides nothing of the
// other files.
func TestLoad_Syntax(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // parts of the problem, in this order
	}{
		{"not YAML", "a: b: c\n", []string{"api.yaml:1", "not valid YAML"}},
		{"binary", "\x00\x01\x02", []string{"not valid YAML"}},
		{"invalid UTF-8", "openapi: 3.0.3\ninfo: \"é\xff\xfe\"\n", []string{"api.yaml:2:9: the file is not UTF-8", "Save it as UTF-8"}},
		{"a control character", minimal + "x-a: \x01\n", []string{"api.yaml:4:6", "control character U+0001", "Remove it"}},
		{"DEL outside of quotes", minimal + "x-a: a\x7f\n", []string{"api.yaml:4:6", "control character U+007F", "Remove it"}},
		{"indented with a tab", "openapi: 3.0.3\ninfo:\n\ttitle: T\n", []string{"api.yaml:3", "Indent with spaces"}},
		{"an alias before its anchor", minimal + "x-a: *b\nx-b: &b 1\n", []string{"api.yaml:4:6", "unknown anchor 'b'", "move it up"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := load(t, source.Memory{"api.yaml": []byte(tt.text)}, source.Options{})
			if err != nil || len(doc.Problems) != 1 || doc.Problems[0].Rule != source.RuleSyntax {
				t.Fatalf("got %v %+v, want one problem of the syntax", err, doc)
			}
			text := doc.Problems[0].Position.String() + ": " + doc.Problems[0].Message
			for _, want := range tt.want {
				i := strings.Index(text, want)
				if i < 0 {
					t.Fatalf("the problem does not say %q:\n%s", want, text)
				}
				text = text[i:]
			}
		})
	}
	files := source.Memory{
		"api.yaml": []byte(minimal + "components: {schemas: {A: {$ref: 'a.yaml#/A'}, B: {$ref: 'b.json#/B'}, C: {$ref: '#/none'}}}\n"),
		"a.yaml":   []byte("A: 'x\n"), "b.json": []byte(`{"B": }`),
	}
	doc, err := load(t, files, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range doc.Problems {
		got = append(got, p.Position.File+" "+p.Rule)
	}
	if want := []string{"a.yaml syntax", "b.json syntax", "api.yaml ref-unresolved"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A file that is named .json is read as every JSON parser reads it.
func TestLoad_JSONSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"{\"openapi\": \"3.0.3\",\n \"é\": 1 2}": "api.json:2:9: not valid JSON",
		"{\"openapi\": \"3.0.3\",}":              "api.json:1:21: not valid JSON",
		"{\"openapi\": \"3.0.3\"":                "api.json:1:20: not valid JSON",
		"\ufeff{\"openapi\": \"3.0.3\"} x":       "api.json:1:21: not valid JSON",
		"openapi: 3.0.3\n":                       "name the file .yaml if it is YAML",
	} {
		_, err := source.LoadComplete(t.Context(), "api.json", source.Options{Reader: source.Memory{"api.json": []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
