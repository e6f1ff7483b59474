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

// markdown is the format of docs/traceability.md.
const markdown finding.Format = "markdown"

func traceCommand() command.Command {
	return command.Command{
		Name:    "trace",
		Summary: "trace documentation, contract and cases of this project",
		About: `
Trace this project's documentation page through requirements, contract and conformance cases.

Fails where the chain is broken: a statement of the page that became no requirement, a requirement without a
place in the contract or without a case, a status or field of the page that the contract lacks, an example of the
page that is not valid, a status without a case, generated code that is stale.

Page, contract and cases are those that this program was built with. The generated code is that of --generated,
in the working directory.`,
		Prepare: func(fset *command.FlagSet) command.Action {
			format := outputFlag(fset, finding.Text, markdown, finding.JSON, finding.GitHub, finding.SARIF, finding.JUnit)
			generated := fset.String("generated", "gen", "`DIRECTORY` of which the code is generated anew and compared; none leaves it out")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				result, err := trace.Run(ctx, trace.Project())
				if err != nil {
					return err
				}
				if format.format == markdown {
					if err := result.WriteMarkdown(env.Stdout); err != nil {
						return err
					}
					if len(result.Findings) > 0 {
						return errFindings
					}
					return nil
				}
				note, err := addGenerated(ctx, result, *generated)
				if err != nil {
					return err
				}
				fmt.Fprintln(env.Stderr, note)
				if format.format == finding.JSON {
					if err := result.WriteJSON(env.Stdout); err != nil {
						return err
					}
				} else {
					if format.format == finding.Text {
						if err := result.WriteText(env.Stdout); err != nil {
							return err
						}
					}
					report := finding.Report{
						Tool: tool, Version: version(), Rules: trace.Rules(), Findings: result.Findings,
						Subject: fmt.Sprintf("%s, %s, %s", finding.Plural(len(result.Statements), "statement"), finding.Plural(len(result.Requirements), "requirement"), fmt.Sprintf("%d statuses", len(result.Statuses))),
						Files:   trace.Files(),
					}
					if err := finding.Write(env.Stdout, format.format, report); err != nil {
						return err
					}
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
		return "", fmt.Errorf("no generated code in %s: run in the project's root, or name the directory with --generated, or --generated none", dir)
	case err != nil:
		return "", err
	}
	result.Findings = append(result.Findings, g.Findings...)
	return fmt.Sprintf("generated code: %s compared", finding.Plural(len(g.Files), "file")), nil
}
