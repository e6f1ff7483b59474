package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

A FILE is a YAML or JSON document, or REV:PATH for the file as it is in a git revision. Files that it
refers to by relative references are read with it.

A place may be allowed to break a rule by a comment in its line or above it, which must give a reason:
    # mtrack-spec:allow RULE reason`,
		Prepare: func(fs *command.FlagSet) command.Action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			disable := fs.String("disable", "", "`RULES` to leave out, separated by commas")
			envelope := fs.String("envelope", "", "`NAME` of the component schema that every error body has to follow; absent: the document is asked,\n"+
				"a schema with x-error-envelope: true, else the shape that most of its errors share")
			level := choiceValue{value: string(finding.Warning), allowed: []string{string(finding.Error), string(finding.Warning)}}
			fs.Var(&level, "level", "`LEVEL` of findings, error or warning, from which on the exit status is 1")
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
				for _, arg := range args {
					doc, err := load(ctx, arg, *options)
					if err != nil {
						return err
					}
					if *envelope != "" && doc.Spec != nil && (doc.Spec.Components == nil || doc.Spec.Components.Schemas[*envelope] == nil) {
						return fmt.Errorf("%s has no schema %s, which --envelope names", doc.Root.Display, *envelope)
					}
					docs = append(docs, doc)
					report.Files = append(report.Files, doc.Root.Display)
					report.Findings = append(report.Findings, check.Document(ctx, doc, check.Options{Disable: disabled, Envelope: *envelope})...)
				}
				report.Subject, report.Locate = finding.Plural(len(args), "document"), checkout(env, docs...)
				if err := finding.Write(env.Stdout, format.format, report); err != nil {
					return err
				}
				if finding.Worst(report.Findings).AtLeast(finding.Level(level.value)) {
					return errFindings
				}
				return nil
			}
		},
	}
}

// load reads a document from disk or, as REV:PATH, from a git revision.
func load(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	// Annotations are matched with the changed files by their plain path.
	name := filepath.ToSlash(filepath.Clean(arg))
	rev, path, ok := strings.Cut(arg, ":")
	if _, err := os.Stat(arg); err != nil && ok && !isWindowsPath(arg) {
		local, relative := strings.CutPrefix(path, "./")
		options.Reader, name = source.Revision{Rev: rev, Relative: relative}, local
		if rev == "" || path == "" {
			return nil, command.Misused("%s: write a git revision as REV:PATH", arg)
		}
	}
	return source.Load(ctx, name, options)
}

// isWindowsPath reports whether arg begins with a drive, as C:\api.yaml does.
func isWindowsPath(arg string) bool {
	return len(arg) > 2 && arg[1] == ':' && (arg[2] == '\\' || arg[2] == '/')
}

// ruleList splits and verifies ids of rules.
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
