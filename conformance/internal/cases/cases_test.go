package cases

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

var updateIDs = flag.Bool("update-ids", false, "rewrite testdata/case-ids.txt and testdata/requirement-ids.txt")

// TestIDsAreStable holds ids to a list: lists of known failures and reports of others name them.
func TestIDsAreStable(t *testing.T) {
	var cases, requirements []string
	for _, c := range All() {
		cases = append(cases, c.ID())
	}
	for _, r := range requirement.All() {
		requirements = append(requirements, string(r.Level)+" "+string(r.ID))
	}
	for name, ids := range map[string][]string{"case-ids.txt": cases, "requirement-ids.txt": requirements} {
		slices.Sort(ids)
		path, text := filepath.Join("testdata", name), strings.Join(ids, "\n")+"\n"
		if *updateIDs {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(golden) != text {
			t.Errorf("ids differ from %s: an id may be added (run with -update-ids), and never be renamed or taken away", path)
		}
	}
}

func TestCatalogueIsSound(t *testing.T) {
	wellFormedCase := regexp.MustCompile(`^[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	wellFormedRequirement := regexp.MustCompile(`^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`)
	requirements := map[requirement.ID]requirement.Requirement{}
	for _, r := range requirement.All() {
		if requirements[r.ID].ID != "" {
			t.Errorf("requirement %s stands twice", r.ID)
		}
		if !wellFormedRequirement.MatchString(string(r.ID)) {
			t.Errorf("requirement %q is not well-formed", r.ID)
		}
		if slices.Contains([]string{r.Statement, r.Why, r.Source.Page, r.Source.Section, r.Source.Quote}, "") ||
			r.Level != requirement.Must && r.Level != requirement.Should {
			t.Errorf("requirement %s lacks something", r.ID)
		}
		requirements[r.ID] = r
	}
	proved := map[requirement.ID]bool{}
	for _, c := range All() {
		if !wellFormedCase.MatchString(c.ID()) {
			t.Errorf("case %q is not well-formed", c.ID())
		}
		if c.Title == "" || c.Sends == "" || c.Expects == "" || c.Run == nil {
			t.Errorf("case %s lacks something", c.ID())
		}
		for _, f := range c.Scene.Features() {
			if !slices.Contains(c.Needs, f) {
				t.Errorf("case %s has %s in its scene, and does not say that it needs it", c.ID(), f)
			}
		}
		for _, id := range c.Requirements {
			proved[id] = true
		}
	}
	// Each requirement that a case names exists, and the levels of a case agree.
	if _, err := Music().Catalog(); err != nil {
		t.Error(err)
	}
	for id, r := range requirements {
		if !proved[id] {
			t.Errorf("%s requirement %s has no case", r.Level, id)
		}
	}
}

// TestEveryDocumentedStatusHasACase leaves out what no request can bring about.
func TestEveryDocumentedStatusHasACase(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	unprovokable := []int{429, 500, 503}
	proved := map[requirement.Operation]map[int]bool{}
	for _, c := range All() {
		if proved[c.Operation] == nil {
			proved[c.Operation] = map[int]bool{}
		}
		for _, status := range c.Statuses {
			proved[c.Operation][status] = true
		}
	}
	seen := 0
	for _, item := range document.Paths.Map() {
		for _, o := range item.Operations() {
			for text := range o.Responses.Map() {
				status, err := strconv.Atoi(text)
				if err != nil {
					t.Fatal(err)
				}
				seen++
				if !proved[requirement.Operation(o.OperationID)][status] && !slices.Contains(unprovokable, status) {
					t.Errorf("%s %d has no case", o.OperationID, status)
				}
			}
		}
	}
	if seen == 0 {
		t.Fatal("no status found")
	}
}

// TestEveryCaseIsFoundByItsSlug makes sure that searching the sources for a slug leads to its case,
// and to nothing else.
func TestEveryCaseIsFoundByItsSlug(t *testing.T) {
	for _, c := range All() {
		places := candidatesFor(c.Area, c.Slug)
		if len(places) != 1 || c.Where != places[0].String() {
			t.Errorf("%s stands at %v and says %q: write its slug as a literal, once for each area", c.ID(), places, c.Where)
			continue
		}
		text, err := os.ReadFile(places[0].file)
		if err != nil {
			t.Fatal(err)
		}
		line := strings.Split(string(text), "\n")[places[0].line-1]
		if !strings.Contains(line, strconv.Quote(c.Slug)) {
			t.Errorf("%s is not at %s, where it says %q", c.ID(), c.Where, line)
		}
	}
}

// TestGuideNamesWhatExists keeps docs/writing-cases.md current: its files, and the verbs of package oracle.
func TestGuideNamesWhatExists(t *testing.T) {
	const root = "../../.."
	guide, err := os.ReadFile(filepath.Join(root, "docs", "writing-cases.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range regexp.MustCompile("`([a-z_]+\\.go)`").FindAllSubmatch(guide, -1) {
		name := string(file[1])
		found, err := filepath.Glob(filepath.Join(root, "conformance", "*", name))
		if _, missing := os.Stat(name); err != nil || missing != nil && found == nil {
			t.Errorf("the guide names %s, which is not there", name)
		}
	}
	var oracle strings.Builder
	sources, err := filepath.Glob("../oracle/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		oracle.Write(text)
	}
	verbs := regexp.MustCompile(`\boracle\.([A-Z]\w+)`).FindAllSubmatch(guide, -1)
	for _, verb := range verbs {
		if !strings.Contains(oracle.String(), "func "+string(verb[1])+"(") {
			t.Errorf("the guide names %s, which is not there", verb[0])
		}
	}
	if len(verbs) == 0 {
		t.Error("the guide names no verb of package oracle")
	}
}
