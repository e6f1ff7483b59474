package check_test

import (
	"os"
	"path/filepath"
	"slices"
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

// broken is an entry of testdata/broken.yaml.
type broken struct {
	Name  string
	Rule  string
	Base  string
	At    string
	Also  []string
	Edits []edit
}

type edit struct{ Find, Replace string }

func corpus(t *testing.T) []broken {
	t.Helper()
	data, err := os.ReadFile("testdata/broken.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []broken
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
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
	list := corpus(t)
	if len(list) < minBroken {
		t.Errorf("the corpus holds %d broken documents, fewer than %d", len(list), minBroken)
	}
	names := map[string]bool{}
	for _, b := range list {
		if names[b.Name] {
			t.Errorf("two broken documents are called %q", b.Name)
		}
		names[b.Name] = true
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			text := b.document(t)
			lines := strings.Split(text, "\n")
			caught := false
			for _, f := range checkText(t, text, check.Options{}) {
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
				default:
					t.Errorf("surprise: %s: %s [%s]\n\tin %q", f.Position, f.Message, f.Rule, line)
				}
			}
			if !caught {
				t.Errorf("%s is not reported at a line with %q", b.Rule, b.At)
				for _, f := range checkText(t, text, check.Options{}) {
					t.Logf("%s: %s [%s] in %q", f.Position, f.Message, f.Rule, lines[max(f.Line-1, 0)])
				}
			}
		})
	}
}

// A rule that no document of the corpus breaks is a rule that nothing proves.
func TestEveryRuleIsProved(t *testing.T) {
	proved := map[string]bool{}
	for _, b := range corpus(t) {
		proved[b.Rule] = true
		if _, ok := check.Lookup(b.Rule); !ok {
			t.Errorf("%q names the unknown rule %s", b.Name, b.Rule)
		}
		for _, also := range b.Also {
			if _, ok := check.Lookup(also); !ok {
				t.Errorf("%q names the unknown rule %s", b.Name, also)
			}
		}
	}
	for _, r := range check.Rules() {
		if !proved[r.ID] {
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
