package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

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
	Sends        string                `json:"sends"`
	Expects      string                `json:"expects"`
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
			list = append(list, listed{c.ID, c.Title, level(c, requirements), c.Operation, c.Requirements, append([]int{}, c.Statuses...), append([]conformance.Feature{}, c.Needs...), c.Sends, c.Expects})
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
