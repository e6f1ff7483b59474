package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/check"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/finding"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrack-spec/internal/source"
)

func checkCommand() command {
	return command{
		name:      "check",
		arguments: "FILE...",
		summary:   "Check OpenAPI 3.0 documents: structure, examples, and the rules that protect callers.",
		detail: `
A FILE is a YAML or JSON document, or REV:PATH for the file as it is in a git revision. Files that it
refers to by relative references are read with it.

A place may be allowed to break a rule by a comment in its line or above it, which must give a reason:
    # mtrack-spec:allow RULE reason`,
		prepare: func(fs *flag.FlagSet) action {
			format := outputFlag(fs, finding.Formats()...)
			options := sourceFlags(fs)
			disable := fs.String("disable", "", "Leave out these `RULES`, separated by commas.")
			envelope := fs.String("envelope", "", "Component schema `NAME` that every error body has to follow. Without it the document is asked: "+
				"a schema with x-error-envelope: true, else the shape that most of its errors share.")
			level := choiceValue{value: string(finding.Warning), allowed: []string{string(finding.Error), string(finding.Warning)}}
			fs.Var(&level, "level", "Exit with 1 for findings of this `LEVEL` or worse: error, warning.")
			return func(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
				disabled, err := ruleList(*disable)
				if err != nil {
					return exitUnusable, err
				}
				if len(args) == 0 {
					return exitUnusable, errors.New("name at least one document")
				}
				report := finding.Report{Tool: tool, Version: version(), Rules: check.Rules()}
				for _, arg := range args {
					doc, err := load(ctx, arg, *options)
					if err != nil {
						return exitUnusable, err
					}
					if *envelope != "" && doc.Spec != nil && (doc.Spec.Components == nil || doc.Spec.Components.Schemas[*envelope] == nil) {
						return exitUnusable, fmt.Errorf("%s has no schema %s, which --envelope names", doc.Root.Display, *envelope)
					}
					report.Files = append(report.Files, doc.Root.Display)
					report.Findings = append(report.Findings, check.Document(ctx, doc, check.Options{Disable: disabled, Envelope: *envelope})...)
				}
				report.Subject = plural(len(args), "document")
				if err := finding.Write(stdout, format.format, report); err != nil {
					return exitUnusable, err
				}
				if finding.Worst(report.Findings).AtLeast(finding.Level(level.value)) {
					return exitFindings, nil
				}
				return exitClean, nil
			}
		},
	}
}

// load reads a document from disk or, as REV:PATH, from a git revision.
func load(ctx context.Context, arg string, options source.Options) (*source.Document, error) {
	// Annotations are matched with the changed files by their plain path.
	name := filepath.ToSlash(filepath.Clean(arg))
	if rev, path, ok := strings.Cut(arg, ":"); ok && !isWindowsPath(arg) {
		local, relative := strings.CutPrefix(path, "./")
		options.Reader, name = source.Revision{Rev: rev, Relative: relative}, local
		if rev == "" || path == "" {
			return nil, fmt.Errorf("%s: write a git revision as REV:PATH", arg)
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
			return nil, fmt.Errorf("unknown rule %q: `%s rules` lists the rules", id, tool)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
