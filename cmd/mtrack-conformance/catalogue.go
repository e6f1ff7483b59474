package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// catalogue returns the requirements by id.
func catalogue() map[requirement.ID]requirement.Requirement {
	byID := map[requirement.ID]requirement.Requirement{}
	for _, r := range requirement.All() {
		byID[r.ID] = r
	}
	return byID
}

// listed is a case in the output of list --json.
type listed struct {
	ID           string                `json:"id"`
	Title        string                `json:"title"`
	Level        requirement.Level     `json:"level"`
	Operation    requirement.Operation `json:"operation"`
	Requirements []requirement.ID      `json:"requirements"`
	Statuses     []int                 `json:"statuses"`
	Needs        []provision.Feature   `json:"needs"`
	Sends        string                `json:"sends"`
	Expects      string                `json:"expects"`
}

func listCommand() command.Command {
	return command.Command{
		Name:    "list",
		Summary: "list the cases",
		About:   "List the cases that a run would have, in the order of reports.",
		Prepare: func(flags *command.FlagSet) command.Action {
			var s selection
			s.define(flags)
			asJSON := flags.Bool("json", false, "write JSON")
			return func(_ context.Context, env command.Environment, _ []string) error {
				cases, err := s.cases()
				if err != nil {
					return command.Misused("%v", err)
				}
				if *asJSON {
					return writeCasesJSON(env.Stdout, cases)
				}
				return writeCases(env.Stdout, cases)
			}
		},
	}
}

func writeCasesJSON(w io.Writer, cases []conformance.Case) error {
	list := make([]listed, 0, len(cases))
	for _, c := range cases {
		list = append(list, listed{
			c.ID, c.Title, c.Level, c.Operation, c.Requirements,
			append([]int{}, c.Statuses...), append([]provision.Feature{}, c.Needs...),
			c.Sends, c.Expects,
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func writeCases(w io.Writer, cases []conformance.Case) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range cases {
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Level, c.ID, c.Title)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d cases. \"mtrack-conformance explain ID\" explains one.\n", len(cases))
	return err
}
