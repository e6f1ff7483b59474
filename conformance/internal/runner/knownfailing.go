package conformance

import (
	"fmt"
)

// knownFailure is an entry of an implementer's list of known failures: cases that must fail until the list says otherwise.
type knownFailure struct {
	glob   string // it has to match a case of the suite
	reason string
}

// knownFailures is a list that was checked against the suite.
type knownFailures struct {
	patterns []pattern
	entries  []knownFailure
}

func parseKnownFailures(entries []knownFailure, cases []Case) (*knownFailures, error) {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.glob
	}
	patterns, err := parsePatterns("WithKnownFailing", texts, cases)
	if err != nil {
		return nil, err
	}
	return &knownFailures{patterns, entries}, nil
}

// apply turns the outcome of a listed case round: it is to fail.
func (k *knownFailures) apply(r *CaseReport) {
	for i, p := range k.patterns {
		if !p.matches(r.ID) {
			continue
		}
		entry := k.entries[i]
		switch r.Outcome {
		case Failed, Warning:
			r.Outcome, r.KnownReason = KnownFailing, entry.reason
		case Passed:
			r.Outcome, r.KnownReason = Failed, entry.reason
			r.Reason = fmt.Sprintf("it passed, and %q is listed as known to fail: remove the entry", entry.glob)
			r.Expected, r.Actual = "a failure, as the list of known failures says", fmt.Sprintf("a pass: remove the entry %q", entry.glob)
		}
		return
	}
}
