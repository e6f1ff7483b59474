package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/check"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/finding"
)

func rulesCommand() command {
	return command{
		name:    "rules",
		summary: "List the rules of check.",
		prepare: func(fs *flag.FlagSet) action {
			format := outputFlag(fs, finding.Text, finding.JSON)
			return func(_ context.Context, args []string, stdout, _ io.Writer) (int, error) {
				if len(args) > 0 {
					return exitUnusable, errors.New("rules takes no arguments; `explain RULE` shows one rule")
				}
				if format.format == finding.JSON {
					enc := json.NewEncoder(stdout)
					enc.SetEscapeHTML(false)
					enc.SetIndent("", "  ")
					return exitClean, enc.Encode(check.Rules())
				}
				for _, r := range check.Rules() {
					fmt.Fprintf(stdout, "%-28s %-8s %s\n", r.ID, r.Level, r.Title)
				}
				return exitClean, nil
			}
		},
	}
}

func explainCommand() command {
	return command{
		name:      "explain",
		arguments: "RULE",
		summary:   "Explain a rule: what it asks for, why, and how to mend a finding.",
		prepare: func(*flag.FlagSet) action {
			return func(_ context.Context, args []string, stdout, _ io.Writer) (int, error) {
				if len(args) != 1 {
					return exitUnusable, fmt.Errorf("name one rule; `%s rules` lists them", tool)
				}
				r, ok := check.Lookup(args[0])
				if !ok {
					return exitUnusable, fmt.Errorf("unknown rule %q: `%s rules` lists the rules", args[0], tool)
				}
				fmt.Fprintf(stdout, "%s (%s)\n\n%s.\n\nWhy:   %s\nMend:  %s\nAllow: # %s %s REASON\n", r.ID, r.Level, r.Title, r.Why, r.Mend, "mtrack-spec:allow", r.ID)
				return exitClean, nil
			}
		},
	}
}
