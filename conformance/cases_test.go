package conformance

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// What is printed for an implementer is read again, once it is filled in, and not before.
func TestNeededScenesAreReadAgain(t *testing.T) {
	all, err := Select(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := provision.WriteScenes(&b, NeededScenes(all, requirement.ProfileDelete)); err != nil {
		t.Fatal(err)
	}
	if _, err := provision.ReadScenes(bytes.NewReader(b.Bytes()), "f.json"); err == nil || !strings.Contains(err.Error(), "f.json: scene 1: scene.organizations.home.id is missing or empty") {
		t.Errorf("the empty form: %v", err)
	}
	n := 0
	text := regexp.MustCompile(`""`).ReplaceAllStringFunc(b.String(), func(string) string {
		n++
		return fmt.Sprintf(`"id_%d"`, n)
	})
	s, err := provision.ReadScenes(strings.NewReader(text), "f.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range NeededScenes(all, requirement.ProfileDelete) {
		if _, err := s.CreateScene(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}
