package check_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
)

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
}

// An exception from a rule of another command is none of check's business.
func TestDocument_ExceptionElsewhere(t *testing.T) {
	text := replaced(t, correct(t, "catalogue.yaml"), "  - name: books\n", "  - name: books # mtrack-spec:allow api-removed nobody called it\n")
	if got := checkText(t, text, check.Options{Elsewhere: []string{"api-removed"}}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	if got := checkText(t, text, check.Options{}); len(got) != 1 || got[0].Rule != "exception-stale" {
		t.Errorf("an unknown rule: %+v", got)
	}
}
