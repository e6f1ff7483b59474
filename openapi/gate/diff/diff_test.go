package diff_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// minBreaking is the promise on the size of the corpus: it may grow, not shrink.
const minBreaking = 20

// change is an entry of testdata/changes.yaml.
type change struct {
	Name, Kind, Rule, Operation, At string
	// Before is applied to both versions, Cut and Edits to the new one.
	Before []edit
	Cut    struct{ From, To string }
	Edits  []edit
	Also   []string
}

type edit struct{ Find, Replace string }

func apply(t *testing.T, text string, edits []edit) string {
	t.Helper()
	for _, e := range edits {
		if n := strings.Count(text, e.Find); n != 1 {
			t.Fatalf("the text to replace stands %d times:\n%s", n, e.Find)
		}
		text = strings.Replace(text, e.Find, e.Replace, 1)
	}
	return text
}

// versions returns the old and the new document.
func (c change) versions(t *testing.T) (before, after string) {
	t.Helper()
	data, err := os.ReadFile("../check/testdata/correct/catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before = apply(t, string(data), c.Before)
	after = before
	if c.Cut.From != "" {
		from := strings.Index(after, c.Cut.From)
		to := strings.Index(after[from+1:], c.Cut.To)
		if from < 0 || to < 0 {
			t.Fatalf("there is nothing to cut from %q to %q", c.Cut.From, c.Cut.To)
		}
		after = after[:from] + after[from+1+to:]
	}
	return before, apply(t, after, c.Edits)
}

func compare(t *testing.T, before, after string) diff.Result {
	t.Helper()
	var documents []*source.Document
	for _, text := range []string{before, after} {
		name := []string{"old.yaml", "new.yaml"}[len(documents)]
		doc, err := source.Load(t.Context(), name, source.Options{Reader: source.Memory{name: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		if len(doc.Problems) > 0 {
			t.Fatalf("%s: %+v", name, doc.Problems)
		}
		documents = append(documents, doc)
	}
	result, err := diff.Documents(documents[0], documents[1])
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func corpus(t *testing.T) []change {
	t.Helper()
	data, err := os.ReadFile("testdata/changes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []change
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestChanges(t *testing.T) {
	breaking := 0
	for _, c := range corpus(t) {
		if c.Kind == "breaking" {
			breaking++
		}
		t.Run(c.Name, func(t *testing.T) {
			before, after := c.versions(t)
			result := compare(t, before, after)
			wanted, kind := result.Breaking, "breaking"
			if c.Kind != "breaking" {
				wanted, kind = result.Requirements, "requirement"
				for _, f := range result.Breaking {
					t.Errorf("breaks callers: %s [%s]", f.Message, f.Rule)
				}
			}
			lines := strings.Split(after, "\n")
			caught := false
			for _, f := range slices.Concat(result.Breaking, result.Requirements) {
				if f.Line < 1 || f.Line > len(lines) || f.File != "new.yaml" || f.Affects == "" || f.Fix == "" {
					t.Errorf("incomplete finding: %+v", f)
				}
				if f.Rule != c.Rule && !slices.Contains(c.Also, f.Rule) {
					t.Errorf("surprise: %s: %s: %s [%s] in %q", f.Position, f.Level, f.Message, f.Rule, lines[f.Line-1])
				}
			}
			for _, f := range wanted {
				if f.Rule == c.Rule && f.Operation == c.Operation {
					if strings.Contains(lines[f.Line-1], c.At) {
						caught = true
					} else {
						t.Logf("%s stands at %q", f.Rule, lines[f.Line-1])
					}
				}
			}
			if c.Kind != "none" && !caught {
				t.Errorf("%s is not reported as %s for %q at a line with %q: %+v", c.Rule, kind, c.Operation, c.At, wanted)
			}
		})
	}
	if breaking < minBreaking {
		t.Errorf("the corpus holds %d breaking changes, fewer than %d", breaking, minBreaking)
	}
}

func TestNoChange(t *testing.T) {
	for name, document := range map[string][]byte{"music": openapi.Music, "provisioning": openapi.Provisioning} {
		if r := compare(t, string(document), string(document)); len(r.Breaking)+len(r.Requirements) > 0 {
			t.Errorf("%s differs from itself: %+v", name, r)
		}
	}
}

// Every rule of the library is in the catalogue with all that a report shows.
func TestRules(t *testing.T) {
	rules := diff.Rules()
	if len(rules) < 300 {
		t.Errorf("only %d rules", len(rules))
	}
	for _, r := range rules {
		if r.ID == "" || r.Title == "" || r.Why == "" || r.Fix == "" || !slices.Contains([]finding.Level{finding.Error, finding.Warning, finding.Note}, r.Level) {
			t.Errorf("incomplete rule: %+v", r)
		}
	}
}
