package check

import (
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/exception"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var exceptionStale = finding.Rule{
	ID:    "exception-stale",
	Title: "Every exception gives a reason and suppresses a finding",
	Why:   "An exception that outlives its reason hides the next fault in the same place.",
	Fix:   "Remove the exception, or write `# mtrack-spec:allow RULE reason` in the line or above it.",
}

// ExceptionStale is the rule on exceptions in documents, in a configuration and in a baseline.
func ExceptionStale() finding.Rule { return exceptionStale }

// exceptions has no Check: exceptions are applied once all rules have been.
var exceptions = rule.Family{Rules: []finding.Rule{exceptionStale}}

// applyExceptions drops the findings that the document's own comments allow. An
// exception without a reason, of an unknown rule, or that no longer suppresses
// anything is itself a finding: it would otherwise outlive what it was written for.
// Those from rules that are applied elsewhere are left to whoever applies them.
func applyExceptions(c *rule.Checker, elsewhere []string) {
	for _, e := range exception.Of(c.Doc) {
		stale := func(message string) { c.Add(exceptionStale, e.Position, "", message) }
		_, known := Lookup(e.Rule)
		switch {
		case e.Reason == "":
			stale("the exception does not name a rule and a reason")
			continue
		case !known && slices.Contains(elsewhere, e.Rule):
			continue
		case !known:
			stale("the exception names an unknown rule: " + e.Rule)
			continue
		}
		count := len(c.Findings)
		c.Findings = slices.DeleteFunc(c.Findings, e.Covers)
		if len(c.Findings) == count {
			stale("the exception from " + e.Rule + " suppresses nothing")
		}
	}
}
