package runner

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// KnownFailure is an entry in a list of cases that are known to fail, and therefore must.
type KnownFailure struct {
	Glob   string // which has to match a case of the suite
	Reason string
}

// knownFailures is a list whose globs were checked.
type knownFailures struct {
	patterns []pattern
	entries  []KnownFailure
}

// parseKnownFailures checks a list. The error is a [*UsageError].
func parseKnownFailures(entries []KnownFailure, cases []suite.Case) (*knownFailures, error) {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.Glob
	}
	patterns, err := ParsePatterns("WithKnownFailing", texts, cases)
	if err != nil {
		return nil, err
	}
	return &knownFailures{patterns, entries}, nil
}

// apply changes the outcome of a case that is listed: failing is known, and passing is a failure.
func (k *knownFailures) apply(r *report.Case) {
	for i, p := range k.patterns {
		if !p.matches(r.ID) {
			continue
		}
		entry := k.entries[i]
		switch r.Outcome {
		case report.Failed, report.Warning:
			r.Outcome, r.KnownReason = report.KnownFailing, entry.Reason
		case report.Passed:
			r.Outcome, r.KnownReason = report.Failed, entry.Reason
			r.Reason = fmt.Sprintf("it passed, and %q is listed as known to fail: remove the entry", entry.Glob)
			r.Finding = "" // its own, whatever others found
			r.Expected = "a failure, as the list of known failures says"
			r.Actual = fmt.Sprintf("a pass: remove the entry %q", entry.Glob)
		}
		return
	}
}
