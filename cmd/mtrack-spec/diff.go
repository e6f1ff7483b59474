package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func diffCommand() command.Command {
	return command.Command{
		Name:    "diff",
		Syntax:  "OLD NEW | --against REV [FILE…]",
		Summary: "compare two versions of a contract",
		About: `
Compare two versions of a contract: what breaks callers, and what implementations have to change.

OLD and NEW are documents, or REV:PATH for a file as it is in a git revision:
    mtrack-spec diff v1.2.0:openapi/music.yaml openapi/music.yaml

With --against each FILE is compared with its version in a git revision, or where the working
directory's branch left it. A file that does not exist there counts as new, and breaks nothing; one
that has been deleted since breaks all:
    mtrack-spec diff --against origin/main openapi/music.yaml openapi/provisioning.yaml

REV may be A...B, to compare B with where it left A, or A..B, to compare it with A.

FILE may be a glob, which also matches documents that have been deleted since. Without a FILE, the
documents are those that ` + config.FileName + ` lists; a FILE that is a part of some of them stands for
these.

Errors and warnings are changes that break callers. Notes break no caller, but a server that
satisfies the old contract may not satisfy the new one: a conformance suite should test them.

To accept one change, put a comment with a reason at the end of its line, or on the line above, or
list it in ` + config.FileName + `:
    # mtrack-spec:allow RULE reason`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options, limit := sourceFlags(fs), limitFlags(fs)
			open := configFlag(fs)
			against := fs.String("against", "", "git `REV` with which each document is compared")
			failOn := choiceValue{value: "breaking", allowed: []string{"breaking", "requirement", "none"}}
			fs.Var(&failOn, "fail-on", "`KIND` of changes for which the exit status is 1: breaking, requirement (and breaking), or\nnone")
			return func(ctx context.Context, env command.Environment, args []string) error {
				project, err := open()
				if err != nil {
					return err
				}
				c, err := compare(ctx, project, *against, args, *options, *limit, env.Stderr)
				if err != nil {
					return err
				}
				c.Accept(project.Diff.Accepted, project.Locate(revisions(c.After)...), time.Now())
				report := finding.Report{
					Tool: tool, Version: version(), Rules: diff.Rules(), Subject: c.Subject,
					Findings: c.Findings(), Locate: checkout(env, c.After...),
				}
				if format.format == finding.JSON {
					report.Findings = c.All() // for programs, which may ask for an operation
				}
				for _, doc := range c.After {
					report.Files = append(report.Files, doc.Root.Display)
				}
				report.Files = append(report.Files, c.Gone...)
				if err := finding.Write(env.Stdout, format.format, report); err != nil {
					return err
				}
				if failOn.value != "none" && len(c.Breaking) > 0 || failOn.value == "requirement" && len(c.Requirements) > 0 {
					return errFindings
				}
				return nil
			}
		},
	}
}

// compare compares two documents, or several with what they were in a revision.
func compare(ctx context.Context, project *project, rev string, args []string, options source.Options, limit budget.Limit, stderr io.Writer) (*diff.Comparison, error) {
	switch {
	case rev != "":
		note := func(text string) { fmt.Fprintln(stderr, text) }
		span, err := diff.ParseRange(ctx, rev, note)
		if err != nil {
			return nil, err
		}
		names := args
		switch {
		case span.After != "" && (len(args) == 0 || slices.ContainsFunc(args, isGlob)):
			return nil, command.Misused("name the documents to compare in %s: globs are for the working directory", rev)
		case span.After == "":
			selected, err := choose(ctx, project, args, span.Before, options)
			if err != nil {
				return nil, err
			}
			for _, text := range selected.notes {
				note(text)
			}
			names = selected.names
		}
		c, err := diff.Against(ctx, span, names, options, limit, note)
		return c, withHint(err)
	case len(args) != 2:
		return nil, command.Misused("name two documents, the old one and the new one, or a revision with --against")
	}
	before, err := loadComplete(ctx, args[0], options)
	if err != nil {
		return nil, err
	}
	after, err := loadComplete(ctx, args[1], options)
	if err != nil {
		return nil, err
	}
	c, err := diff.Versions(ctx, before, after, limit)
	return c, withHint(err)
}
