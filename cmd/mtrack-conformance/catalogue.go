package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

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
type patterns []string

// String implements flag.Value.
func (p *patterns) String() string { return strings.Join(*p, ",") }

// Set implements flag.Value.
func (p *patterns) Set(value string) error {
	*p = append(*p, value)
	return nil
}

// expand reads files and splits lists.
func (p *patterns) expand(option string) ([]string, error) {
	var all []string
	for _, value := range *p {
		some, err := conformance.ExpandPatterns(option, value)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// level returns the level of a case.
func level(c conformance.Case, requirements map[string]conformance.Requirement) conformance.Level {
	return requirements[c.Requirements[0]].Level
}

// catalogue returns the requirements by id.
func catalogue() map[string]conformance.Requirement {
	byID := map[string]conformance.Requirement{}
	for _, r := range conformance.Requirements() {
		byID[r.ID] = r
	}
	return byID
}

// listed is a case as list --json shows it.
type listed struct {
	ID           string                `json:"id"`
	Title        string                `json:"title"`
	Level        conformance.Level     `json:"level"`
	Operation    conformance.Operation `json:"operation"`
	Requirements []string              `json:"requirements"`
	Statuses     []int                 `json:"statuses"`
	Needs        []conformance.Feature `json:"needs"`
}

func runList(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "list", "", "List the cases that a run would have, in the order of reports.")
	var s selection
	s.define(fs)
	asJSON := fs.Bool("json", false, "write JSON")
	if _, status, done := fs.parse(args); done {
		return status
	}
	cases, err := s.cases()
	if err != nil {
		return fs.refuse(err.Error())
	}
	requirements := catalogue()
	if *asJSON {
		list := make([]listed, 0, len(cases))
		for _, c := range cases {
			list = append(list, listed{c.ID, c.Title, level(c, requirements), c.Operation, c.Requirements, append([]int{}, c.Statuses...), append([]conformance.Feature{}, c.Needs...)})
		}
		e := json.NewEncoder(env.stdout)
		e.SetIndent("", "  ")
		e.Encode(list)
		return exitOK
	}
	w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	for _, c := range cases {
		fmt.Fprintf(w, "%s\t%s\t%s\n", level(c, requirements), c.ID, c.Title)
	}
	w.Flush()
	fmt.Fprintf(env.stdout, "\n%d cases. \"mtrack-conformance explain ID\" tells more of one.\n", len(cases))
	return exitOK
}

func runExplain(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "explain", "ID…", "Tell what a case sends and expects and which requirements it proves, or what a requirement asks for, where that is from,\nwhy it matters, and which cases prove it.")
	ids, status, done := fs.parse(args)
	if done {
		return status
	}
	if len(ids) == 0 {
		return fs.refuse("name a case or a requirement")
	}
	for i, id := range ids {
		if i > 0 {
			fmt.Fprintln(env.stdout)
		}
		if !explain(env.stdout, id) {
			return fs.refuse(fmt.Sprintf("no case and no requirement %q; \"mtrack-conformance list\" lists the cases", id))
		}
	}
	return exitOK
}

// explain writes what there is to say of an id, and reports whether it is one.
func explain(w io.Writer, id string) bool {
	requirements := catalogue()
	if r, ok := requirements[id]; ok {
		explainRequirement(w, r)
		fmt.Fprintln(w, "Cases:")
		for _, c := range conformance.Cases() {
			if slices.Contains(c.Requirements, id) {
				fmt.Fprintf(w, "  %s  %s\n", c.ID, c.Title)
			}
		}
		return true
	}
	for _, c := range conformance.Cases() {
		if c.ID != id {
			continue
		}
		fmt.Fprintf(w, "%s\n%s\n\nOperation: %s\nSends: %s\nExpects: %s\n", c.ID, c.Title, c.Operation, c.Sends, c.Expects)
		if len(c.Needs) > 0 {
			fmt.Fprintf(w, "Needs of the provisioner: %v\n", c.Needs)
		}
		for _, requirement := range c.Requirements {
			fmt.Fprintln(w)
			explainRequirement(w, requirements[requirement])
		}
		return true
	}
	return false
}

func explainRequirement(w io.Writer, r conformance.Requirement) {
	fmt.Fprintf(w, "%s (%s)\n  %s\n  Why: %s\n  From: %s, %s: %s", r.ID, r.Level, r.Statement, r.Why, r.Source.Page, r.Source.Section, r.Source.Quote)
	if r.Source.Inferred {
		fmt.Fprint(w, " (inferred: no documentation page says it)")
	}
	fmt.Fprintln(w)
}

func runScenes(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "scenes", "", "Print the scenes that the selected cases ask for, one for each, in the format of --scenes, with ids and keys left empty to\nfill in.")
	var s selection
	s.define(fs)
	if _, status, done := fs.parse(args); done {
		return status
	}
	cases, err := s.cases()
	if err != nil {
		return fs.refuse(err.Error())
	}
	var requests []conformance.SceneRequest
	for _, c := range cases {
		if !reflect.ValueOf(c.Scene).IsZero() {
			requests = append(requests, c.Scene)
		}
	}
	if err := conformance.WriteScenes(env.stdout, requests); err != nil {
		fmt.Fprintln(env.stderr, "mtrack-conformance scenes:", err)
		return exitUsage
	}
	return exitOK
}
