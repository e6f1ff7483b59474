package main

import (
	"fmt"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// selection are the flags that select cases.
type selection struct {
	profile   string
	run, skip command.List
}

func (s *selection) define(fs *command.FlagSet) {
	fs.StringVar(&s.profile, "profile", string(requirement.ProfileFull),
		"`NAME` of what the target claims to serve: full, or delete for the documentation page alone")
	fs.Var(&s.run, "run",
		"`GLOBS` of the cases to run, separated by commas: * matches within a segment, ** across;\n"+
			"@FILE reads them from a file")
	fs.Var(&s.skip, "skip",
		"`GLOBS` of the cases to leave out, in the form of --run")
}

// cases returns the selected cases. The error is one of usage.
func (s *selection) cases() ([]conformance.Case, error) {
	run, err := expand("--run", s.run)
	if err != nil {
		return nil, err
	}
	skip, err := expand("--skip", s.skip)
	if err != nil {
		return nil, err
	}
	chosen := conformance.Selection{Profile: requirement.Profile(s.profile), Run: run, Skip: skip}
	cases, err := conformance.Select(chosen)
	if err != nil {
		return nil, inFlags(err)
	}
	return cases, nil
}

// expand returns the globs of a flag.
func expand(flag string, list command.List) ([]string, error) {
	patterns, err := readPatterns(flag, list)
	if err != nil {
		return nil, err
	}
	globs := make([]string, len(patterns))
	for i, p := range patterns {
		globs[i] = p.Glob
	}
	return globs, nil
}

// readPatterns splits the values of a flag at commas, and reads the files that they name with @.
func readPatterns(flag string, list command.List) ([]conformance.Pattern, error) {
	var all []conformance.Pattern
	for _, value := range list.Values {
		before := len(all)
		for item := range strings.SplitSeq(value, ",") {
			item = strings.TrimSpace(item)
			path, isFile := strings.CutPrefix(item, "@")
			switch {
			case item == "":
			case isFile:
				patterns, err := conformance.ReadPatterns(path)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", flag, err)
				}
				all = append(all, patterns...)
			default:
				all = append(all, conformance.Pattern{Glob: item})
			}
		}
		if len(all) == before {
			return nil, fmt.Errorf("%s: %q has no pattern", flag, value)
		}
	}
	return all, nil
}
