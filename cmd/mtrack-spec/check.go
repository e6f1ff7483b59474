package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func checkCommand() command.Command {
	return command.Command{
		Name:    "check",
		Syntax:  "FILE…",
		Summary: "check OpenAPI 3.0 documents",
		About: `
Check OpenAPI 3.0 documents: structure, examples, and the rules that protect callers.

A FILE is a YAML or JSON document, or REV:PATH for the file as it is in a git revision. Files that
it refers to by relative references are read with it.

To allow one finding, put a comment with a reason at the end of its line, or on the line above:
    # mtrack-spec:allow RULE reason`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options, limit := sourceFlags(fs), limitFlags(fs)
			disable := fs.String("disable", "", "`RULES` to leave out, separated by commas")
			envelope := fs.String("envelope", "", "`NAME` of the component schema that every error body has to follow; default: the schema of\n"+
				"the document with x-error-envelope: true, or else the shape that most of its errors share")
			level := choiceValue{value: string(finding.Warning), allowed: []string{string(finding.Error), string(finding.Warning)}}
			fs.Var(&level, "level", "lowest `LEVEL` of findings, error or warning, for which the exit status is 1")
			return func(ctx context.Context, env command.Environment, args []string) error {
				disabled, err := ruleList(*disable)
				if err != nil {
					return err
				}
				if len(args) == 0 {
					return command.Misused("name at least one document")
				}
				report := finding.Report{Tool: tool, Version: version(), Rules: check.Rules()}
				var docs []*source.Document
				var unusable []error
				for _, arg := range args {
					doc, err := load(ctx, arg, *options)
					if err != nil {
						// It hides nothing of what the other documents have.
						unusable = append(unusable, err)
						continue
					}
					if *envelope != "" && doc.Spec != nil && (doc.Spec.Components == nil || doc.Spec.Components.Schemas[*envelope] == nil) {
						return fmt.Errorf("%s has no schema %s, which --envelope names", doc.Root.Display, *envelope)
					}
					docs = append(docs, doc)
					report.Files = append(report.Files, doc.Root.Display)
					report.Findings = append(report.Findings, check.Document(ctx, doc, check.Options{Disable: disabled, Envelope: *envelope, Limit: *limit})...)
				}
				if len(docs) == 0 {
					return errors.Join(unusable...)
				}
				report.Subject, report.Locate = finding.Plural(len(docs), "document"), checkout(env, docs...)
				if err := finding.Write(env.Stdout, format.format, report); err != nil {
					return err
				}
				if len(unusable) > 0 {
					return errors.Join(unusable...)
				}
				if finding.HighestLevel(report.Findings).AtLeast(finding.Level(level.value)) {
					return errFindings
				}
				return nil
			}
		},
	}
}

// ruleList reads a list of ids of rules.
func ruleList(list string) ([]string, error) {
	var ids []string
	for _, id := range strings.Split(list, ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		if _, ok := check.Lookup(id); !ok {
			return nil, command.Misused("unknown rule %q: `%s rules` lists the rules", id, tool)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
