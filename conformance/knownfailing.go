package conformance

import (
	"fmt"
	"strings"
)

// KnownFailure is an entry of an implementer's list of known failures: cases that must fail until the list says otherwise.
type KnownFailure struct {
	// Pattern is a case id or a glob. It has to match a case of the suite.
	Pattern string
	// Reason is for people: why it fails, or where that is tracked.
	Reason string
}

// ReadKnownFailing reads a list of known failures: one pattern on each line. The reason is the comment behind it, or the
// comment lines right above it.
func ReadKnownFailing(path string) ([]KnownFailure, error) {
	lines, err := readLines("--known-failing", path)
	if err != nil {
		return nil, err
	}
	var known []KnownFailure
	var above []string
	for _, l := range lines {
		switch {
		case l.text == "" && l.comment == "":
			above = nil
		case l.text == "":
			above = append(above, l.comment)
		default:
			reason := l.comment
			if reason == "" {
				reason = strings.Join(above, " ")
			}
			known = append(known, KnownFailure{Pattern: l.text, Reason: reason})
		}
	}
	if len(known) == 0 {
		return nil, &OptionError{"--known-failing", fmt.Sprintf("%s lists nothing: leave the option out when nothing is known to fail", path)}
	}
	return known, nil
}

// knownFailures is a list that was checked against the suite.
type knownFailures struct {
	patterns []pattern
	entries  []KnownFailure
}

func parseKnownFailures(entries []KnownFailure, cases []Case) (*knownFailures, error) {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = e.Pattern
	}
	patterns, err := parsePatterns("--known-failing", texts, cases)
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
			r.Outcome, r.KnownReason = KnownFailing, entry.Reason
		case Passed:
			r.Outcome, r.KnownReason = Failed, entry.Reason
			r.Reason = fmt.Sprintf("it passed, and %q is listed as known to fail: remove the entry", entry.Pattern)
			r.Expected, r.Actual = "a failure, as the list of known failures says", fmt.Sprintf("a pass: remove the entry %q", entry.Pattern)
		}
		return
	}
}
