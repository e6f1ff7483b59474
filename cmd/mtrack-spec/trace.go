package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/chain/trace"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

func traceCommand() command.Command {
	return command.Command{
		Name:    "trace",
		Summary: "trace documentation, contract and cases of this project",
		About: `
Trace this project's documentation page through requirements, contract and conformance cases.

It is a finding if a link of this chain is missing: a statement of the page without a requirement,
a requirement without a place in the contract or without a case, a status or field of the page that
the contract lacks, an invalid example on the page, a status without a case, or generated code that
is out of date.

Page, contract and cases are those that this program was built with. The generated code is read
from the directory of --generated. --format markdown prints the whole chain as a document.`,
		Prepare: func(fset *command.FlagSet) command.Action {
			format := outputFlag(fset, finding.Text, trace.Markdown, finding.JSON, finding.GitHub, finding.SARIF, finding.JUnit)
			generated := fset.String("generated", "gen", "`DIRECTORY` of the generated code, which is generated again and compared; \"none\" skips that")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				result, err := trace.Run(ctx, trace.Project())
				if err != nil {
					return err
				}
				if format.format != trace.Markdown { // a document does not depend on the working directory
					note, err := addGenerated(ctx, result, *generated)
					if err != nil {
						return err
					}
					fmt.Fprintln(env.Stderr, note)
				}
				if err := result.Write(env.Stdout, format.format, tool, version()); err != nil {
					return err
				}
				if len(result.Findings) > 0 {
					return errFindings
				}
				return nil
			}
		},
	}
}

// addGenerated adds what is wrong with the generated code, and says what was looked at.
func addGenerated(ctx context.Context, result *trace.Result, dir string) (string, error) {
	if dir == "none" {
		return "generated code: not compared, as asked", nil
	}
	g, err := trace.CheckGenerated(ctx, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("no generated code in %s: run in the project's root, or name the directory with --generated, "+
			"or --generated none", dir)
	case err != nil:
		return "", err
	}
	result.Findings = append(result.Findings, g.Findings...)
	return fmt.Sprintf("generated code: %s compared", finding.Plural(len(g.Files), "file")), nil
}
