package main

import (
	"context"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

func rulesCommand() command.Command {
	return command.Command{
		Name:    "rules",
		Summary: "list the rules of check",
		About:   "List the rules of check; \"mtrack-spec explain RULE\" says more about one.",
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Text, finding.JSON)
			return func(_ context.Context, env command.Environment, _ []string) error {
				return finding.WriteRules(env.Stdout, format.format, check.Rules())
			}
		},
	}
}

func explainCommand() command.Command {
	return command.Command{
		Name:    "explain",
		Syntax:  "RULE",
		Summary: "explain a rule",
		About:   "Explain a rule: what it asks for, why, and how to fix a finding.",
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, args []string) error {
				if len(args) != 1 {
					return command.Misused("name one rule; `%s rules` lists them", tool)
				}
				r, ok := check.Lookup(args[0])
				if !ok {
					return command.Misused("unknown rule %q: `%s rules` lists the rules", args[0], tool)
				}
				_, err := fmt.Fprintf(env.Stdout, "%s (%s)\n\n%s.\n\nWhy:   %s\nFix:   %s\nAllow: # %s %s REASON\n",
					r.ID, r.Level, r.Title, r.Why, r.Fix, check.ExceptionMark, r.ID)
				return err
			}
		},
	}
}
