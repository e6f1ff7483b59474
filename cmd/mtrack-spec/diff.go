package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/diff"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/finding"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/source"
)

func diffCommand() command {
	return command{
		name:      "diff",
		arguments: "OLD NEW",
		summary:   "Compare two versions of a contract: what breaks, for whom, and what is newly asked of implementations.",
		detail: `
OLD and NEW are documents, or REV:PATH for a file as it is in a git revision:
    mtrack-spec diff origin/main:openapi/music.yaml openapi/music.yaml

Errors and warnings break callers. Notes break no caller, but a server that kept the old contract may not
keep the new one: they are what a conformance suite has to learn.`,
		prepare: func(fs *flag.FlagSet) action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			failOn := choiceValue{value: "breaking", allowed: []string{"breaking", "requirement", "none"}}
			fs.Var(&failOn, "fail-on", "Exit with 1 for changes of this `KIND`: breaking, requirement (and breaking), none.")
			return func(ctx context.Context, args []string, stdout, _ io.Writer) (int, error) {
				if len(args) != 2 {
					return exitUnusable, errors.New("name two documents, the old one and the new one")
				}
				before, err := sound(ctx, args[0], *options)
				if err != nil {
					return exitUnusable, err
				}
				after, err := sound(ctx, args[1], *options)
				if err != nil {
					return exitUnusable, err
				}
				result, err := diff.Documents(before, after)
				if err != nil {
					return exitUnusable, err
				}
				report := finding.Report{
					Tool: tool, Version: version(), Rules: diff.Rules(), Files: []string{after.Root.Display},
					Subject:  before.Root.Display + " -> " + after.Root.Display,
					Findings: append(result.Breaking, result.Requirements...),
				}
				if err := finding.Write(stdout, format.format, report); err != nil {
					return exitUnusable, err
				}
				if failOn.value != "none" && len(result.Breaking) > 0 || failOn.value == "requirement" && len(result.Requirements) > 0 {
					return exitFindings, nil
				}
				return exitClean, nil
			}
		},
	}
}

// sound loads a document that has to be understood as a whole.
func sound(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	doc, err := load(ctx, arg, options)
	if err != nil {
		return nil, err
	}
	if len(doc.Problems) > 0 {
		first := doc.Problems[0]
		return nil, fmt.Errorf("%s: %s; `%s check` shows all faults", first.Position, first.Message, tool)
	}
	return doc, nil
}
