package check_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// minBroken is the promise on the size of the corpus: it may grow, not shrink.
const minBroken = 60

// broken is an entry of a file X_broken.yaml: a document that breaks a rule of X.go.
type broken struct {
	Name string
	// Rule has to report it, at a line that contains At. Also names rules that the same
	// fault breaks too; any other finding fails the test.
	Rule string
	At   string
	Also []string
	// The document is that of testdata/correct called Base, or catalogue.yaml, with
	// Edits. A text to find appears exactly once in it.
	Base  string
	Edits []edit
}

type edit struct{ Find, Replace string }

// corpus returns the broken documents by the name of the file with their rules.
func corpus(t *testing.T) map[string][]broken {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*_broken.yaml", "schemas/*_broken.yaml"} {
		list, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	all := map[string][]broken{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list []broken
		dec := yaml.NewDecoder(bytes.NewReader(data))
		dec.KnownFields(true)
		if err := dec.Decode(&list); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(file, "_broken.yaml")] = list
	}
	return all
}

// document returns the base with the edits applied.
func (b broken) document(t *testing.T) string {
	t.Helper()
	base := b.Base
	if base == "" {
		base = "catalogue.yaml"
	}
	data, err := os.ReadFile(filepath.Join("testdata", "correct", base))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, e := range b.Edits {
		if n := strings.Count(text, e.Find); n != 1 {
			t.Fatalf("the text to replace stands %d times in %s:\n%s", n, base, e.Find)
		}
		text = strings.Replace(text, e.Find, e.Replace, 1)
	}
	return text
}

func checkText(t *testing.T, text string, opts check.Options) []finding.Finding {
	t.Helper()
	doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": []byte(text)}})
	if err != nil {
		t.Fatalf("the document cannot be looked at: %v", err)
	}
	return check.Document(t.Context(), doc, opts)
}

// Every broken document is caught by the rule named for it, at the right line, and
// by no surprise.
func TestBrokenDocuments(t *testing.T) {
	count := 0
	names := map[string]bool{}
	for file, list := range corpus(t) {
		count += len(list)
		for _, b := range list {
			if names[b.Name] {
				t.Errorf("two broken documents are called %q", b.Name)
			}
			names[b.Name] = true
			t.Run(file+"/"+b.Name, func(t *testing.T) {
				t.Parallel()
				b.prove(t)
			})
		}
	}
	if count < minBroken {
		t.Errorf("the corpus has %d broken documents, fewer than %d", count, minBroken)
	}
}

func (b broken) prove(t *testing.T) {
	text := b.document(t)
	lines := strings.Split(text, "\n")
	caught := false
	findings := checkText(t, text, check.Options{})
	for _, f := range findings {
		line := ""
		if f.Line >= 1 && f.Line <= len(lines) {
			line = lines[f.Line-1]
		}
		if f.Message == "" || f.Fix == "" || f.Column < 1 || f.Line < 1 {
			t.Errorf("incomplete finding: %+v", f)
		}
		switch {
		case f.Rule == b.Rule && strings.Contains(line, b.At):
			caught = true
		case f.Rule == b.Rule || slices.Contains(b.Also, f.Rule):
		case f.Rule == "check-unfinished" && strings.Contains(f.Message, "the rest of this document was not checked"):
			if line != lines[0] || !slices.Contains([]string{"syntax", "yaml-duplicate-key", "ref-unresolved", "ref-cycle", "structure"}, b.Rule) {
				t.Errorf("%s keeps no document from being understood: %s", b.Rule, f.Message)
			}
		default:
			t.Errorf("surprise: %s: %s [%s]\n\tin %q", f.Position, f.Message, f.Rule, line)
		}
	}
	if !caught {
		t.Errorf("%s is not reported at a line with %q", b.Rule, b.At)
		for _, f := range findings {
			t.Logf("%s: %s [%s] in %q", f.Position, f.Message, f.Rule, lines[max(f.Line-1, 0)])
		}
	}
}

// A rule that no document breaks is a rule that nothing proves, and the documents
// stand beside the file with the rule.
func TestEveryRuleIsProved(t *testing.T) {
	proved := map[string]string{}
	for file, list := range corpus(t) {
		code, err := os.ReadFile(file + ".go")
		if err != nil {
			t.Errorf("%s_broken.yaml stands beside no file with rules: %v", file, err)
		}
		for _, b := range list {
			r, ok := check.Lookup(b.Rule)
			if !ok {
				t.Errorf("%q names the unknown rule %s", b.Name, b.Rule)
			}
			if !bytes.Contains(code, []byte(strconv.Quote(r.Title))) {
				t.Errorf("%q breaks %s, which is not a rule of %s.go", b.Name, b.Rule, file)
			}
			proved[b.Rule] = file
			for _, also := range b.Also {
				if _, ok := check.Lookup(also); !ok {
					t.Errorf("%q names the unknown rule %s", b.Name, also)
				}
			}
		}
	}
	for _, r := range check.Rules() {
		if proved[r.ID] == "" && r.ID != "check-unfinished" { // TestDocument_Limit proves it
			t.Errorf("no broken document proves the rule %s", r.ID)
		}
	}
}

func TestCorrectDocumentsHaveNoFindings(t *testing.T) {
	documents := map[string]string{"music.yaml": string(openapi.Music), "provisioning.yaml": string(openapi.Provisioning)}
	files, err := filepath.Glob("testdata/correct/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents[filepath.Base(file)] = string(data)
	}
	if len(documents) < 6 {
		t.Fatalf("only %d correct documents", len(documents))
	}
	for name, text := range documents {
		t.Run(name, func(t *testing.T) {
			for _, f := range checkText(t, text, check.Options{}) {
				t.Errorf("%s: %s [%s]", f.Position, f.Message, f.Rule)
			}
		})
	}
}
