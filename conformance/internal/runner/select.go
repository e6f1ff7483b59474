package runner

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// pattern is a glob over case ids: * stands for anything within a segment, ** for anything at all.
type pattern struct {
	text   string
	regexp *regexp.Regexp
}

// parsePattern reads a glob. The option is for messages.
func parsePattern(option, text string) (pattern, error) {
	if strings.TrimSpace(text) == "" {
		return pattern{}, &UsageError{option, "an empty pattern selects nothing: give a case id or a glob such as 'delete-track/*'"}
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

// ParsePatterns reads globs, of which each has to match a case of the suite: no typing error silently changes a run.
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

func (p pattern) matches(id string) bool { return p.regexp.MatchString(id) }

func (p pattern) matchesAny(cases []suite.Case) bool {
	for _, c := range cases {
		if p.matches(c.ID()) {
			return true
		}
	}
	return false
}

func AnyMatches(patterns []pattern, id string) bool {
	for _, p := range patterns {
		if p.matches(id) {
			return true
		}
	}
	return false
}

// Select returns the cases that belong to a profile, match one of the run globs (all where there are none), and match none
// of the skip globs. It is a *usageError when nothing is left, or when a glob matches no case at all.
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

// UsageError says that an option or a part of the target cannot be used, and what to give instead. Nothing was sent.
type UsageError struct {
	Option string // "WithRun", "Target.URL"
	Reason string
}

// Error names the option.
func (u *UsageError) Error() string { return u.Option + ": " + u.Reason }
