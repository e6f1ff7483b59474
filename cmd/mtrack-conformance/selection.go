package main

import (
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
)

// selection is the flags that choose cases.
type selection struct {
	profile   string
	run, skip command.List
}

func (s *selection) define(fs *command.FlagSet) {
	fs.StringVar(&s.profile, "profile", string(conformance.ProfileFull), "`NAME` of what the target claims to serve: full, or delete for the documentation page alone")
	fs.Var(&s.run, "run", "`GLOBS` of the cases to run, separated by commas: * within a segment, ** across; @FILE reads them from a file")
	fs.Var(&s.skip, "skip", "`GLOBS` of the cases to leave out, likewise")
}

// cases returns the selected cases.
func (s *selection) cases() ([]conformance.Case, error) {
	profile := conformance.Profile(s.profile)
	if !slices.Contains(conformance.Profiles(), profile) {
		return nil, &conformance.OptionError{Option: "--profile", Reason: fmt.Sprintf("%q is none: give one of %q", s.profile, conformance.Profiles())}
	}
	run, err := expand("--run", s.run)
	if err != nil {
		return nil, err
	}
	skip, err := expand("--skip", s.skip)
	if err != nil {
		return nil, err
	}
	return conformance.Select(conformance.Cases(), profile, run, skip)
}

// expand reads the files of a list and splits its items.
func expand(option string, list command.List) ([]string, error) {
	var all []string
	for _, value := range list.Values {
		some, err := conformance.ExpandPatterns(option, value)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
