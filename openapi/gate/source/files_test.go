package source_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// place writes files into a directory.
func place(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Schemas of two files that contain each other are one schema each, by whichever of their
// names, and over however many references, they are reached.
func TestLoad_OneIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place(t, dir, map[string]string{
		"api/openapi.yaml": minimal + `components:
  schemas:
    Category: {$ref: schemas/Category.yaml}
    Alias: {$ref: '#/components/schemas/Category'}
    Other: {$ref: '../link/Category.yaml'}
    Inner: {$ref: '#/components/schemas/Alias/properties/name'}
`,
		"api/schemas/Category.yaml": `type: object
properties:
  parent: {$ref: ../openapi.yaml#/components/schemas/Category}
  sibling: {$ref: ../../api/schemas/../schemas/Category.yaml#}
  self: {$ref: '#'}
  name: {type: string}
`,
	})
	if err := os.Symlink("api/schemas", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	doc, err := source.LoadComplete(t.Context(), filepath.ToSlash(filepath.Join(dir, "api/openapi.yaml")), source.Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Files) != 2 {
		t.Errorf("two files were read as %d", len(doc.Files))
	}
	schemas := doc.Spec.Components.Schemas
	category := schemas["Category"].Value
	for name, ref := range map[string]*openapi3.SchemaRef{
		"Alias": schemas["Alias"], "Other": schemas["Other"],
		"parent": category.Properties["parent"], "sibling": category.Properties["sibling"], "self": category.Properties["self"],
	} {
		if ref.Value != category {
			t.Errorf("%s is another schema than Category", name)
		}
	}
	if schemas["Inner"].Value != category.Properties["name"].Value {
		t.Error("a pointer that leads over a reference leads elsewhere")
	}
	to := doc.Target(doc.RootPlace("components", "schemas", "Alias"))
	if !strings.HasSuffix(to.File, "schemas/Category.yaml") || len(to.Pointer) > 0 {
		t.Errorf("Alias leads to %v", to)
	}
}

// References read regular files of one directory: nothing else of the machine, and nothing
// that blocks.
func TestLoad_Boundary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	document := func(ref string) string {
		return minimal + "components: {schemas: {A: {$ref: '" + ref + "'}}}\n"
	}
	place(t, dir, map[string]string{
		"secret.yaml": "A: {type: string}\n", "repo/.git/HEAD": "", "repo/parts.yaml": "A: {type: string}\n",
		"repo/api/openapi.yaml": document("../parts.yaml#/A"), "repo/api/out.yaml": document("../../secret.yaml#/A"),
		"repo/api/linked.yaml": document("link.yaml#/A"), "repo/api/fifo.yaml": document("pipe#/A"), "repo/api/proc.yaml": document("/proc/kmsg"),
		"repo/api/dir.yaml": document("../api"),
	})
	api := filepath.Join(dir, "repo/api")
	if err := os.Symlink("../../secret.yaml", filepath.Join(api, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(api, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, root, want string }{
		{"openapi.yaml", "", ""},
		{"openapi.yaml", api, "is outside of"},
		{"out.yaml", "", "is outside of"},
		{"out.yaml", dir, ""},
		{"linked.yaml", "", "is outside of"},
		{"fifo.yaml", "", "no regular file"},
		{"proc.yaml", "", "is outside of"},
		{"dir.yaml", "", "a directory"},
	} {
		_, err := source.LoadComplete(t.Context(), filepath.ToSlash(filepath.Join(api, tt.name)), source.Options{Root: tt.root})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s within %q: %v, want %q", tt.name, tt.root, err, tt.want)
		}
	}
}

// A document of thousands of files is one document.
func TestLoad_ManyFiles(t *testing.T) {
	t.Parallel()
	files := source.Memory{}
	text := minimal + "components:\n  schemas:\n"
	for i := range 2900 {
		text += fmt.Sprintf("    S%d: {$ref: s/%d.yaml}\n", i, i)
		files[fmt.Sprintf("s/%d.yaml", i)] = fmt.Appendf(nil, "type: object\nproperties: {next: {$ref: %d.yaml}}\n", (i+1)%2900)
	}
	files["api.yaml"] = []byte(text)
	doc, err := load(t, files, source.Options{})
	if err != nil || len(doc.Problems) > 0 || len(doc.Fragments) != 2900 {
		t.Fatalf("%v %+v", err, doc)
	}
}

// YAML has the types of JSON: what only YAML 1.1 takes for something else is a string.
func TestLoad_Types(t *testing.T) {
	t.Parallel()
	text := "%YAML 1.2\n---\n" + minimal + `components:
  schemas:
    A: {enum: [2020-01-01, yes, off, 1_000, 0b1, 1:30, .5, 010, 0o10, 1e3, ~, true, '7', 2001-12-14T21:59:43Z]}
`
	doc, err := load(t, source.Memory{"api.yaml": []byte(text)}, source.Options{})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatalf("%v %+v", err, doc)
	}
	want := []any{"2020-01-01", "yes", "off", "1_000", "0b1", "1:30", .5, 10.0, 8.0, 1000.0, nil, true, "7", "2001-12-14T21:59:43Z"}
	if got := doc.Spec.Components.Schemas["A"].Value.Enum; !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

// DEL stands in a text as any other character, in JSON and within the quotes of YAML.
func TestLoad_DEL(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"api.json": "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"T\x7f\ue000\",\"version\":\"1\"},\"paths\":{}}",
		"api.yaml": "openapi: 3.0.3\ninfo: {title: \"T\x7f\ue000\", version: '1\x7f'}\npaths: {}\n",
	} {
		doc, err := source.LoadComplete(t.Context(), name, source.Options{Reader: source.Memory{name: []byte(text)}})
		if err != nil {
			t.Error(err)
		} else if got := doc.Spec.Info.Title; got != "T\x7f\ue000" {
			t.Errorf("%s: the title is %q", name, got)
		}
	}
}

// JSON is read as JSON, whatever the file is called, and every place in it is exact.
func TestLoad_JSON(t *testing.T) {
	t.Parallel()
	text := "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"T\\/\\ud83d\\ude00 \\u0007\",\"version\":\"1\"},\n\t\"paths\":{}, \"x-é\": [1, {\"a\": 2.5}]}"
	for _, name := range []string{"api.json", "api.yaml"} {
		doc, err := source.LoadComplete(t.Context(), name, source.Options{Reader: source.Memory{name: []byte(text)}})
		if err != nil {
			t.Error(err)
			continue
		}
		if got := doc.Spec.Info.Title; got != "T/😀 \a" {
			t.Errorf("%s: the title is %q", name, got)
		}
		for pointer, want := range map[string]string{"/info/version": "1:71", "/paths": "2:2", "/x-é/1/a": "2:31"} {
			p, _ := source.ParsePointer(pointer)
			if at := doc.Position(doc.RootPlace(p...)); at.String() != name+":"+want {
				t.Errorf("%s stands at %s, want %s", pointer, at, want)
			}
		}
	}
}
