package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/typo"
)

func explainCommand() command.Command {
	return command.Command{
		Name:    "explain",
		Syntax:  "ID…",
		Summary: "explain a case, or a requirement",
		About: `Explain a case: what it sends, what it expects, and which requirements it proves.
Or explain a requirement: what it asks for, its source, why it matters, and which cases prove it.`,
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, ids []string) error {
				if len(ids) == 0 {
					return command.Misused("name a case or a requirement")
				}
				for i, id := range ids {
					if i > 0 {
						fmt.Fprintln(env.Stdout)
					}
					if !explain(env.Stdout, id) {
						const unknown = `no case and no requirement %q%s; "mtrack-conformance list" lists the cases`
						return command.Misused(unknown, id, similar(id))
					}
				}
				return nil
			}
		},
	}
}

// explain writes what an id stands for, and reports whether it stands for anything.
func explain(w io.Writer, id string) bool {
	requirements := catalogue()
	if r, ok := requirements[requirement.ID(id)]; ok {
		explainRequirement(w, r)
		fmt.Fprintln(w, "\nProved by:")
		for _, c := range conformance.Cases() {
			if slices.Contains(c.Requirements, r.ID) {
				fmt.Fprintf(w, "  %s  %s\n", c.ID, c.Title)
			}
		}
		return true
	}
	for _, c := range conformance.Cases() {
		if c.ID == id {
			explainCase(w, c, requirements)
			return true
		}
	}
	return false
}

func explainCase(w io.Writer, c conformance.Case, requirements map[requirement.ID]requirement.Requirement) {
	fmt.Fprintf(w, "%s (%s)\n  %s\n\n", c.ID, c.Level, c.Title)
	field := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, text)
		}
	}
	field("Operation", cmp.Or(string(c.Operation), "every one"))
	field("Sends", c.Sends)
	field("Expects", c.Expects)
	var needs []string
	for _, f := range c.Needs {
		needs = append(needs, string(f))
	}
	field("Needs", strings.Join(needs, ", "))
	for _, f := range c.Needs {
		field("Without it", "the case is skipped, and nobody sees "+f.Unseen())
	}
	if c.Slow {
		field("Takes", "a moment, since it waits for time to pass")
	}
	if c.Alone {
		field("Runs", "last and alone, since it measures time")
	}
	if !c.Scene.Empty() {
		scene, err := json.MarshalIndent(c.Scene, "             ", "  ")
		if err == nil {
			field("Scene", string(scene))
		}
	}
	field("Source", c.Where)
	field("Repeat", "mtrack-conformance run --replay "+c.ID+" --target URL --provision URL")
	fmt.Fprintln(w, "\nProves:")
	for _, id := range c.Requirements {
		explainRequirement(w, requirements[id])
	}
}

func explainRequirement(w io.Writer, r requirement.Requirement) {
	fmt.Fprintf(w, "%s (%s)\n  %s\n  Why:  %s\n  From: %s\n", r.ID, r.Level, r.Statement, r.Why, r.Source)
}

// similar names the ids that may have been meant, as a clause to append: those that contain what
// was typed, or are nearest to it.
func similar(typed string) string {
	var ids []string
	for _, c := range conformance.Cases() {
		ids = append(ids, c.ID)
	}
	for _, r := range requirement.All() {
		ids = append(ids, string(r.ID))
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		return cmp.Compare(typo.Distance(typed, a), typo.Distance(typed, b))
	})
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return !strings.Contains(id, typed) && typo.Distance(typed, id) > len(typed)/3
	})
	switch ids = ids[:min(len(ids), 3)]; len(ids) {
	case 0:
		return ""
	default:
		return " (did you mean " + strings.Join(ids, ", ") + "?)"
	}
}
