package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/exception"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

func rulesCommand() command.Command {
	return command.Command{
		Name:    "rules",
		Summary: "list the rules of check",
		About: `
List the rules of check, each with its level in the presets spec, recommended and strict.
"mtrack-spec explain RULE" says more about one.`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Text, finding.JSON)
			return func(_ context.Context, env command.Environment, _ []string) error {
				if format.format == finding.JSON {
					return finding.WriteJSON(env.Stdout, rulesInPresets())
				}
				return writeRules(env.Stdout)
			}
		},
	}
}

// ruleInPresets is a rule, with its level in every preset. Its Level is that in the default.
type ruleInPresets struct {
	finding.Rule
	Presets map[config.Preset]finding.Level `json:"presets"`
}

func rulesInPresets() []ruleInPresets {
	var list []ruleInPresets
	for _, r := range check.Rules() {
		in := ruleInPresets{r, map[config.Preset]finding.Level{}}
		for _, preset := range config.Presets() {
			in.Presets[preset] = check.Level(preset, r.ID)
		}
		list = append(list, in)
	}
	return list
}

// writeRules writes the rules as a table.
func writeRules(w io.Writer) error {
	const row = "%-28s %-8s %-12s %-7s %s\n"
	fmt.Fprintf(w, row, "RULE", config.Spec, config.Recommended, config.Strict, "ASKS FOR")
	for _, r := range rulesInPresets() {
		if _, err := fmt.Fprintf(w, row, r.ID, r.Presets[config.Spec], r.Presets[config.Recommended], r.Presets[config.Strict], r.Title); err != nil {
			return err
		}
	}
	return nil
}

func explainCommand() command.Command {
	return command.Command{
		Name:    "explain",
		Syntax:  "RULE",
		Summary: "explain a rule",
		About:   "Explain a rule of check, or a kind of change that diff tells: what it asks for, its level, why, and\nhow to fix a finding.",
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, args []string) error {
				if len(args) != 1 {
					return command.Misused("name one rule; `%s rules` lists them", tool)
				}
				r, ok := check.Lookup(args[0])
				if !ok {
					return explainChange(env.Stdout, args[0])
				}
				_, err := fmt.Fprintf(env.Stdout, "%s\n\n%s.\n\nLevel: %s in preset spec, %s in recommended, %s in strict\nWhy:   %s\nFix:   %s\nAllow: # %s %s REASON\n",
					r.ID, r.Title, check.Level(config.Spec, r.ID), check.Level(config.Recommended, r.ID), check.Level(config.Strict, r.ID),
					r.Why, r.Fix, exception.Mark, r.ID)
				return err
			}
		},
	}
}

// explainChange explains a rule of diff.
func explainChange(w io.Writer, id string) error {
	rules := diff.Rules()
	i := slices.IndexFunc(rules, func(r finding.Rule) bool { return r.ID == id })
	if i < 0 {
		return command.Misused("unknown rule %q: `%s rules` lists the rules", id, tool)
	}
	r := rules[i]
	reason := "REASON"
	if diff.Removal(r.ID) {
		reason = "GET /path REASON"
	}
	_, err := fmt.Fprintf(w, "%s\n\nA change: %s.\n\nLevel: %s\nWhy:   %s\nFix:   %s\nAllow: # %s %s %s\n",
		r.ID, r.Title, r.Level, r.Why, r.Fix, exception.Mark, r.ID, reason)
	return err
}
