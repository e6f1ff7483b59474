package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/exception"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	documentRemoved = finding.Rule{
		ID: "document-removed", Level: finding.Error, Title: "document removed", Why: "Breaks every caller of the API.",
		Fix: "Keep the document for as long as the API is served.",
	}
	documentUnreadable = finding.Rule{
		ID: "document-unreadable", Level: finding.Error, Title: "the new version of a document cannot be read",
		Why: "What it breaks cannot be told, and its readers cannot use it either.",
		Fix: "Repair it; `mtrack-spec check` shows all findings.",
	}
	baseUnreadable = finding.Rule{
		ID: "base-unreadable", Level: finding.Warning, Title: "the old version of a document cannot be read",
		Why: "What the new version breaks cannot be told, once: the next comparison has this one as its base.",
		Fix: "Look through the change by hand, or compare with an older version that can be read.",
	}
	diffUnfinished = finding.Rule{
		ID: "diff-unfinished", Level: finding.Error, Title: "the comparison was given up",
		Why: "Changes that nobody looked at may break callers.",
		Fix: "Raise the limit of time or memory if the document is meant to be like that, or divide it.",
	}
	exceptionStale = finding.Rule{
		ID: "exception-stale", Level: finding.Note, Title: "exception stale",
		Why: "An exception that outlives its change hides the next one in the same place.",
		Fix: "Remove the exception.",
	}
)

// stale tells of an exception that holds for nothing. It does not fail: what it was
// for has often become part of the old version.
func (r *Result) stale(at finding.Position, message string) {
	r.Notes = append(r.Notes, by(exceptionStale, at, message, "nobody"))
}

// all returns the lists of findings.
func (r *Result) all() []*[]finding.Finding {
	return []*[]finding.Finding{&r.Breaking, &r.Requirements, &r.Notes}
}

// accept drops what comments in the new document allow. A comment is for the change that it
// comes with: one that the old document has already allows nothing.
func (r *Result) accept(before, after *source.Document) {
	type words struct{ rule, reason string }
	spent := map[words]bool{}
	for _, e := range exception.Of(before) {
		spent[words{e.Rule, e.Reason}] = true
	}
	known := Rules()
	for _, e := range exception.Of(after) {
		if e.Reason == "" || !slices.ContainsFunc(known, func(rule finding.Rule) bool { return rule.ID == e.Rule }) {
			continue // check tells of those
		}
		if spent[words{e.Rule, e.Reason}] {
			r.stale(e.Position, fmt.Sprintf("the exception from %s stands in the old version already, and allows nothing new", e.Rule))
			continue
		}
		used := false
		for _, list := range r.all() {
			*list = slices.DeleteFunc(*list, func(f finding.Finding) bool {
				covered := e.Covers(f) && (!Removal(f.Rule) || names(e.Reason, f.Operation))
				used = used || covered
				return covered
			})
		}
		switch {
		case !used && Removal(e.Rule):
			r.stale(e.Position, fmt.Sprintf("the exception from %s allows nothing: name the operation that may go, as in `%s %s GET /path reason`", e.Rule, exception.Mark, e.Rule))
		case !used:
			r.stale(e.Position, fmt.Sprintf("the exception from %s allows nothing", e.Rule))
		}
	}
}

// Removal reports whether a rule is about a whole operation or path that went. It has left no line
// in the document: all that go are shown at the same one, so a comment there has to name its own.
func Removal(rule string) bool {
	return strings.HasPrefix(rule, "api-path-removed-") || strings.HasPrefix(rule, "api-removed-")
}

// names reports whether the reason of an exception begins with an operation, "GET /a", or with its
// path, and says more than that. Findings write an operation "GET /a (id)".
func names(reason, operation string) bool {
	method, rest, _ := strings.Cut(operation, " ")
	path, _, _ := strings.Cut(rest, " (")
	for _, name := range []string{method + " " + path, path} {
		why, ok := strings.CutPrefix(reason, name)
		if ok && strings.TrimLeft(why, ": ") != why && strings.Trim(why, ": ") != "" {
			return true
		}
	}
	return false
}

// Accept drops what a configuration accepts, and adds a note for each acceptance that holds for
// nothing. Locate returns the path of a finding's file relative to the configuration.
func (c *Comparison) Accept(accepted []config.Acceptance, locate func(string) string, now time.Time) {
	unused := map[config.Acceptance]int{}
	lists := c.all()
	for _, list := range lists {
		rest, left := config.Accept(*list, accepted, locate, now)
		*list = rest
		for _, a := range left {
			unused[a]++
		}
	}
	for _, a := range accepted {
		switch {
		case unused[a] < len(lists):
		case a.Ended(now):
			c.stale(a.Position, fmt.Sprintf("the acceptance of %s at %s ended on %s", a.Rule, a.Where, a.Until.Format(time.DateOnly)))
		default:
			c.stale(a.Position, fmt.Sprintf("the acceptance of %s at %s holds for nothing", a.Rule, a.Where))
		}
	}
}
