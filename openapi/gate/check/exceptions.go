package check

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
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

// ExceptionMark starts a comment that lets the same or the next line break a rule:
// `# mtrack-spec:allow RULE reason`.
const ExceptionMark = "mtrack-spec:allow"

// applyExceptions drops the findings that the document's own comments allow. An
// exception without a reason, of an unknown rule, or that no longer suppresses
// anything is itself a finding: it would otherwise outlive what it was written for.
func applyExceptions(c *rule.Checker) {
	for _, name := range c.Doc.FileNames() {
		file := c.Doc.Files[name]
		lines := strings.Split(string(file.Data), "\n")
		for i, line := range lines {
			before, comment, ok := strings.Cut(line, "#")
			text, marked := strings.CutPrefix(strings.TrimSpace(comment), ExceptionMark)
			if !ok || !marked {
				continue
			}
			stale := func(message string) {
				at := finding.Position{File: file.Display, Line: i + 1, Column: utf8.RuneCountInString(before) + 1}
				c.Add(exceptionStale, at, "", message)
			}
			fields := strings.Fields(text)
			if len(fields) < 2 {
				stale("the exception does not name a rule and a reason")
				continue
			}
			id, covered := fields[0], coveredLine(lines, i)
			if _, known := Lookup(id); !known {
				stale("the exception names an unknown rule: " + id)
				continue
			}
			count := len(c.Findings)
			c.Findings = slices.DeleteFunc(c.Findings, func(f finding.Finding) bool {
				return f.Rule == id && f.File == file.Display && f.Line == covered
			})
			if len(c.Findings) == count {
				stale("the exception from " + id + " suppresses nothing")
			}
		}
	}
}

// coveredLine returns the number of the line that an exception in line i, counted
// from zero, is about: its own, or the next one that is not a comment.
func coveredLine(lines []string, i int) int {
	if !strings.HasPrefix(strings.TrimSpace(lines[i]), "#") {
		return i + 1
	}
	for i++; i < len(lines); i++ {
		if text := strings.TrimSpace(lines[i]); text != "" && !strings.HasPrefix(text, "#") {
			return i + 1
		}
	}
	return 0
}
