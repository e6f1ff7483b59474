package runner

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// pattern is a glob over case ids: * matches within a segment, ** across segments, ? one character.
type pattern struct {
	text   string
	regexp *regexp.Regexp
}

// parsePattern parses a glob. The option is for messages.
func parsePattern(option, text string) (pattern, error) {
	if strings.TrimSpace(text) == "" {
		return pattern{}, &UsageError{option,
			"an empty pattern selects nothing: give a case id, or a glob such as 'area/*'"}
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "**"):
			b.WriteString(".*")
			i++
		case text[i] == '*':
			b.WriteString("[^/]*")
		case text[i] == '?':
			b.WriteString("[^/]")
		default:
			b.WriteString(regexp.QuoteMeta(text[i : i+1]))
		}
	}
	b.WriteString("$")
	compiled, err := regexp.Compile(b.String())
	if err != nil {
		return pattern{}, &UsageError{option, fmt.Sprintf("%q is not a pattern: %v", text, err)}
	}
	return pattern{text, compiled}, nil
}

func (p pattern) matches(id string) bool { return p.regexp.MatchString(id) }

// matchesAny reports whether the pattern matches one of the cases.
func (p pattern) matchesAny(cases []suite.Case) bool {
	for _, c := range cases {
		if p.matches(c.ID()) {
			return true
		}
	}
	return false
}

// ParsePatterns parses globs. Each has to match a case of the suite, so that a typing error does
// not silently change a run.
func ParsePatterns(option string, texts []string, cases []suite.Case) ([]pattern, error) {
	var patterns []pattern
	for _, text := range texts {
		p, err := parsePattern(option, text)
		if err != nil {
			return nil, err
		}
		if !p.matchesAny(cases) {
			return nil, &UsageError{option, fmt.Sprintf("%q matches no case of the suite", text)}
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// AnyMatches reports whether one of the patterns matches an id.
func AnyMatches(patterns []pattern, id string) bool {
	for _, p := range patterns {
		if p.matches(id) {
			return true
		}
	}
	return false
}

// Select returns the cases of a profile that match one of the run globs, or any if there are none,
// and none of the skip globs. The error is a [*UsageError] if a glob matches no case of the suite,
// or if no case is left.
func Select(cases []suite.Case, profile requirement.Profile, run, skip []string) ([]suite.Case, error) {
	runs, err := ParsePatterns("WithRun", run, cases)
	if err != nil {
		return nil, err
	}
	skips, err := ParsePatterns("WithSkip", skip, cases)
	if err != nil {
		return nil, err
	}
	var selected []suite.Case
	for _, c := range cases {
		if profile.Includes(c.Operation) && (len(runs) == 0 || AnyMatches(runs, c.ID())) && !AnyMatches(skips, c.ID()) {
			selected = append(selected, c)
		}
	}
	if len(selected) == 0 {
		option := "WithRun"
		if len(run) == 0 {
			option = "WithSkip"
		}
		return nil, &UsageError{option, fmt.Sprintf("no case of profile %s is left to run", profile)}
	}
	return selected, nil
}
