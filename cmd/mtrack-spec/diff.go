package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func diffCommand() command.Command {
	return command.Command{
		Name:    "diff",
		Syntax:  "OLD NEW | --against REV FILE…",
		Summary: "compare two versions of a contract",
		About: `
Compare two versions of a contract: what breaks, for whom, and what is newly asked of implementations.

OLD and NEW are documents, or REV:PATH for a file as it is in a git revision:
    mtrack-spec diff v1.2.0:openapi/music.yaml openapi/music.yaml

With --against each FILE is compared with what it was in the revision; one that the revision does not have is new:
    mtrack-spec diff --against origin/main openapi/music.yaml openapi/provisioning.yaml

Errors and warnings break callers. Notes break no caller, but a server that kept the old contract may not
keep the new one: they are what a conformance suite has to learn.`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			against := fs.String("against", "", "git `REV` with which each document is compared")
			failOn := choiceValue{value: "breaking", allowed: []string{"breaking", "requirement", "none"}}
			fs.Var(&failOn, "fail-on", "`KIND` of changes for which the exit status is 1: breaking, requirement (and breaking), none")
			return func(ctx context.Context, env command.Environment, args []string) error {
				c := comparison{ctx: ctx, options: *options, report: finding.Report{Tool: tool, Version: version(), Rules: diff.Rules()}}
				var err error
				switch {
				case *against != "":
					err = c.against(*against, args, env.Stderr)
				case len(args) != 2:
					err = command.Misused("name two documents, the old one and the new one, or a revision with --against")
				default:
					err = c.pair(args[0], args[1])
				}
				if err != nil {
					return err
				}
				c.report.Locate = checkout(env, c.after...)
				if err := finding.Write(env.Stdout, format.format, c.report); err != nil {
					return err
				}
				if failOn.value != "none" && c.breaking > 0 || failOn.value == "requirement" && c.requirements > 0 {
					return errFindings
				}
				return nil
			}
		},
	}
}

// comparison collects what one command line compares.
type comparison struct {
	ctx                    context.Context
	options                source.Options
	report                 finding.Report
	after                  []*source.Document // what the findings stand in
	breaking, requirements int
}

// pair compares two documents.
func (c *comparison) pair(older, newer string) error {
	before, err := sound(c.ctx, older, c.options)
	if err != nil {
		return err
	}
	after, err := sound(c.ctx, newer, c.options)
	if err != nil {
		return err
	}
	c.report.Subject = before.Root.Display + " -> " + after.Root.Display
	return c.documents(before, after)
}

func (c *comparison) documents(before, after *source.Document) error {
	result, err := diff.Documents(before, after)
	if err != nil {
		return err
	}
	c.after = append(c.after, after)
	c.report.Files = append(c.report.Files, after.Root.Display)
	c.report.Findings = append(append(c.report.Findings, result.Breaking...), result.Requirements...)
	c.breaking += len(result.Breaking)
	c.requirements += len(result.Requirements)
	return nil
}

// against compares documents with what they were in a revision.
func (c *comparison) against(rev string, names []string, stderr io.Writer) error {
	if len(names) == 0 {
		return command.Misused("name at least one document to compare with %s", rev)
	}
	old := source.Revision{Rev: rev, Relative: true}
	for _, name := range names {
		if filepath.IsAbs(name) {
			return fmt.Errorf("%s: name it relative to the working directory, as git does", name)
		}
		after, err := sound(c.ctx, name, c.options)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(filepath.Clean(name))
		earlier, err := old.Earlier(c.ctx, name)
		switch {
		case err != nil:
			return err
		case earlier == "":
			fmt.Fprintf(stderr, "%s is new since %s: nothing to compare\n", name, rev)
			continue
		case earlier != name:
			fmt.Fprintf(stderr, "%s was %s in %s\n", name, earlier, rev)
		}
		options := c.options
		options.Reader = old
		before, err := whole(source.Load(c.ctx, earlier, options))
		if err != nil {
			return err
		}
		if err := c.documents(before, after); err != nil {
			return err
		}
	}
	c.report.Subject = fmt.Sprintf("%s since %s", finding.Plural(len(names), "document"), rev)
	return nil
}

// sound loads a document that has to be understood as a whole.
func sound(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	return whole(load(ctx, arg, options))
}

// whole turns the problems of a document into an error.
func whole(doc *source.Document, err error) (*source.Document, error) {
	if err != nil {
		return nil, err
	}
	if len(doc.Problems) > 0 {
		first := doc.Problems[0]
		return nil, fmt.Errorf("%s: %s; `%s check` shows all faults", first.Position, first.Message, tool)
	}
	return doc, nil
}
