package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

// selection is the flags that choose cases.
type selection struct {
	profile   string
	run, skip patterns
}

func (s *selection) define(fs *flagSet) {
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
	run, err := s.run.expand("--run")
	if err != nil {
		return nil, err
	}
	skip, err := s.skip.expand("--skip")
	if err != nil {
		return nil, err
	}
	return conformance.Select(conformance.Cases(), profile, run, skip)
}

// patterns is a flag that may be repeated.
type patterns struct {
	values      []string
	replaceable bool // the values are of the environment: the command line replaces them
}

// String implements flag.Value.
func (p *patterns) String() string { return strings.Join(p.values, ",") }

// Set implements flag.Value. The empty value empties the list.
func (p *patterns) Set(value string) error {
	if p.replaceable || value == "" {
		p.values, p.replaceable = nil, false
	}
	if value != "" {
		p.values = append(p.values, value)
	}
	return nil
}

// expand reads files and splits lists.
func (p *patterns) expand(option string) ([]string, error) {
	var all []string
	for _, value := range p.values {
		some, err := conformance.ExpandPatterns(option, value)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
